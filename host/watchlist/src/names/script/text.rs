//! A word in Latin letters or in sounds, held in place: a comparison of names asks for no memory.

use std::ops::Deref;

/// A short run of ASCII, cut at [`Text::ROOM`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    /// The word, zeros, and at the very end the word's length: equal words are equal bytes.
    bytes: [u8; Self::ROOM + 1],
}

impl Text {
    /// Longest word that is held; what follows distinguishes no names.
    pub(crate) const ROOM: usize = 31;

    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; Self::ROOM + 1],
        }
    }

    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut text = Self::new();
        text.extend(bytes);
        text
    }

    /// Writes an empty text in place; what does it tells how many bytes it has written.
    pub(crate) fn fill(&mut self, write: impl FnOnce(&mut [u8]) -> usize) {
        let (bytes, length) = self.bytes.split_at_mut(Self::ROOM);
        length[0] = write(bytes) as u8;
    }

    pub(crate) fn push(&mut self, byte: u8) {
        let length = self.len();
        if length < Self::ROOM {
            self.bytes[length] = byte;
            self.bytes[Self::ROOM] += 1;
        }
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let start = self.len();
        let end = (start + bytes.len()).min(Self::ROOM);
        self.bytes[start..end].copy_from_slice(&bytes[..end - start]);
        self.bytes[Self::ROOM] = end as u8;
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }
}

impl Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.bytes[Self::ROOM])]
    }
}

impl FromIterator<u8> for Text {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        let mut text = Self::new();
        for byte in bytes {
            text.push(byte);
        }
        text
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self))
    }
}
