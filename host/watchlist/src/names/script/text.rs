//! A word in Latin letters or in sounds, held in place: a comparison of names asks for no memory.

use std::ops::Deref;

/// Longest word that is held; what follows distinguishes no names.
const MOST: usize = 31;

/// A short run of ASCII, cut at [`MOST`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    /// Zero after the end, so that equal words are equal bytes.
    bytes: [u8; MOST],
    length: u8,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; MOST],
            length: 0,
        }
    }

    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut text = Self::new();
        text.extend(bytes);
        text
    }

    pub(crate) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
            *place = byte;
            self.length += 1;
        }
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let start = usize::from(self.length);
        let bytes = &bytes[..bytes.len().min(MOST - start)];
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len() as u8;
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }
}

impl Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
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
