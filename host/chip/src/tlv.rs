//! Tag, length, value: the one encoding under every file, certificate and command of a chip
//! (ISO/IEC 7816-4 section 6, ITU-T X.690 section 8).
//!
//! Read totally and generously: lengths longer than they need be and BER's indefinite lengths occur in
//! documents that states have issued, and are read; what runs past its container is refused with its tag.

use std::borrow::Cow;
use std::fmt;

/// How deep indefinite lengths and constructed strings may nest; real objects stay below ten.
const DEPTH: usize = 24;

/// A tag as its bytes stand in the file: `0x30`, `0x5F1F`, `0x7F2E`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(pub u32);

impl Tag {
    /// BOOLEAN.
    pub const BOOLEAN: Self = Self(0x01);
    /// INTEGER.
    pub const INTEGER: Self = Self(0x02);
    /// BIT STRING.
    pub const BIT_STRING: Self = Self(0x03);
    /// OCTET STRING.
    pub const OCTET_STRING: Self = Self(0x04);
    /// NULL.
    pub const NULL: Self = Self(0x05);
    /// OBJECT IDENTIFIER.
    pub const OID: Self = Self(0x06);
    /// SEQUENCE.
    pub const SEQUENCE: Self = Self(0x30);
    /// SET.
    pub const SET: Self = Self(0x31);

    /// Whether the value is made of further objects (bit 6 of the first byte).
    #[must_use]
    pub fn is_constructed(self) -> bool {
        let mut first = self.0;
        while first > 0xFF {
            first >>= 8;
        }
        first & 0x20 != 0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

/// What is wrong with the bytes at a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The object runs past the end of what holds it.
    #[error("runs past the end of what holds it")]
    Truncated,
    /// Tag or length is longer than any that exists.
    #[error("has a tag or length of a form that is not used")]
    Form,
    /// Objects within objects beyond any real depth.
    #[error("is nested too deeply")]
    TooDeep,
    /// It must be there and is not.
    #[error("is missing")]
    Missing,
    /// It stands where something else must stand.
    #[error("stands where something else must")]
    Misplaced,
    /// The value cannot be what it must be.
    #[error("holds a value that it cannot hold: {0}")]
    Value(&'static str),
}

/// A fault and the tag that it was found at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tag {tag} {fault}")]
pub struct TlvError {
    /// The tag; `00` where the bytes ended before one.
    pub tag: Tag,
    /// What is wrong.
    pub fault: Fault,
}

impl TlvError {
    pub(crate) fn new(tag: Tag, fault: Fault) -> Self {
        Self { tag, fault }
    }
}

/// One object: its tag, its value, and the bytes of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value; for an indefinite length, without the end marker.
    pub value: &'a [u8],
    /// Tag, length and value as they stand.
    pub whole: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Reads the objects within.
    #[must_use]
    pub fn inside(&self) -> Reader<'a> {
        Reader { rest: self.value }
    }

    /// Refuses this object for its value.
    pub(crate) fn wrong(&self, why: &'static str) -> TlvError {
        TlvError::new(self.tag, Fault::Value(why))
    }

    /// The bytes of a non-negative INTEGER, without leading zeros; negative ones are refused.
    pub fn unsigned(&self) -> Result<&'a [u8], TlvError> {
        match self.value.first() {
            None => Err(self.wrong("an integer has at least one byte")),
            Some(first) if first & 0x80 != 0 => Err(self.wrong("a negative integer")),
            Some(_) => Ok(strip_zeros(self.value)),
        }
    }

    /// A small non-negative INTEGER.
    pub fn small(&self) -> Result<u32, TlvError> {
        let bytes = self.unsigned()?;
        if bytes.len() > 4 {
            return Err(self.wrong("an integer beyond reason"));
        }
        Ok(bytes.iter().fold(0, |n, b| (n << 8) | u32::from(*b)))
    }

    /// The bytes of a BIT STRING without unused bits.
    pub fn bits(&self) -> Result<&'a [u8], TlvError> {
        match self.value.split_first() {
            Some((0, rest)) => Ok(rest),
            _ => Err(self.wrong("a bit string of whole bytes is needed")),
        }
    }

    /// The bytes of an OCTET STRING, joined where BER sent it in pieces (`24`).
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, TlvError> {
        if !self.tag.is_constructed() {
            return Ok(Cow::Borrowed(self.value));
        }
        let mut joined = Vec::new();
        join(*self, &mut joined, 0)?;
        Ok(Cow::Owned(joined))
    }
}

fn join(tlv: Tlv<'_>, into: &mut Vec<u8>, depth: usize) -> Result<(), TlvError> {
    if depth > DEPTH {
        return Err(TlvError::new(tlv.tag, Fault::TooDeep));
    }
    if !tlv.tag.is_constructed() {
        into.extend_from_slice(tlv.value);
        return Ok(());
    }
    let mut pieces = tlv.inside();
    while let Some(piece) = pieces.next()? {
        join(piece, into, depth + 1)?;
    }
    Ok(())
}

/// Leading zeros gone; zero itself is empty.
pub(crate) fn strip_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    &bytes[zeros..]
}

/// Reads objects one after another.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the first byte on.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next object, if there is one and it can be read.
    #[must_use]
    pub fn peek(&self) -> Option<Tag> {
        header(self.rest).ok().flatten().map(|h| h.tag)
    }

    /// The next object; `None` at the end.
    #[allow(clippy::should_implement_trait)] // it answers with a Result of an Option, as `?` wants it
    pub fn next(&mut self) -> Result<Option<Tlv<'a>>, TlvError> {
        let Some((tlv, rest)) = split(self.rest, 0)? else {
            return Ok(None);
        };
        self.rest = rest;
        Ok(Some(tlv))
    }

    /// The next object, which must have this tag.
    pub fn take(&mut self, tag: Tag) -> Result<Tlv<'a>, TlvError> {
        match self.next()? {
            Some(tlv) if tlv.tag == tag => Ok(tlv),
            Some(tlv) => Err(TlvError::new(tlv.tag, Fault::Misplaced)),
            None => Err(TlvError::new(tag, Fault::Missing)),
        }
    }

    /// The next object if it has this tag; otherwise nothing is read.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Tlv<'a>>, TlvError> {
        if self.peek() == Some(tag) {
            self.next()
        } else {
            Ok(None)
        }
    }

    /// The first object with this tag among those not yet read.
    pub fn find(&self, tag: Tag) -> Result<Option<Tlv<'a>>, TlvError> {
        let mut reader = *self;
        while let Some(tlv) = reader.next()? {
            if tlv.tag == tag {
                return Ok(Some(tlv));
            }
        }
        Ok(None)
    }

    /// The first object with this tag among those not yet read, which must be there.
    pub fn require(&self, tag: Tag) -> Result<Tlv<'a>, TlvError> {
        self.find(tag)?
            .ok_or_else(|| TlvError::new(tag, Fault::Missing))
    }
}

/// The object that the bytes begin with; what follows it is left alone (chips pad their files).
pub fn first(bytes: &[u8]) -> Result<Tlv<'_>, TlvError> {
    split(bytes, 0)?
        .map(|(tlv, _)| tlv)
        .ok_or_else(|| TlvError::new(Tag(0), Fault::Missing))
}

/// The length of the whole object that begins so, if its header is complete: how far to read a file.
#[must_use]
pub fn announced_length(start: &[u8]) -> Option<usize> {
    let head = header(start).ok().flatten()?;
    head.start.checked_add(head.length?)
}

struct Header {
    tag: Tag,
    /// Bytes of tag and length.
    start: usize,
    /// `None`: indefinite.
    length: Option<usize>,
}

fn header(bytes: &[u8]) -> Result<Option<Header>, TlvError> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let mut tag = u32::from(first);
    let mut at = 1;
    if first & 0x1F == 0x1F {
        loop {
            let cut = TlvError::new(Tag(tag), Fault::Truncated);
            let byte = *bytes.get(at).ok_or(cut)?;
            tag = (tag << 8) | u32::from(byte);
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
            if at == 4 {
                return Err(TlvError::new(Tag(tag), Fault::Form));
            }
        }
    }
    let tag = Tag(tag);
    let cut = TlvError::new(tag, Fault::Truncated);
    let byte = *bytes.get(at).ok_or(cut)?;
    at += 1;
    let length = match byte {
        0..=0x7F => Some(usize::from(byte)),
        0x80 => None,
        0x81..=0x84 => {
            let count = usize::from(byte & 0x7F);
            let digits = bytes.get(at..at + count).ok_or(cut)?;
            at += count;
            Some(digits.iter().fold(0, |n, b| (n << 8) | usize::from(*b)))
        }
        _ => return Err(TlvError::new(tag, Fault::Form)),
    };
    Ok(Some(Header {
        tag,
        start: at,
        length,
    }))
}

fn split(bytes: &[u8], depth: usize) -> Result<Option<(Tlv<'_>, &[u8])>, TlvError> {
    let Some(head) = header(bytes)? else {
        return Ok(None);
    };
    let Header { tag, start, length } = head;
    if depth > DEPTH {
        return Err(TlvError::new(tag, Fault::TooDeep));
    }
    let (end, after) = match length {
        Some(length) => {
            let end = start
                .checked_add(length)
                .filter(|end| *end <= bytes.len())
                .ok_or(TlvError::new(tag, Fault::Truncated))?;
            (end, end)
        }
        None => {
            if !tag.is_constructed() {
                return Err(TlvError::new(tag, Fault::Form));
            }
            let mut at = start;
            loop {
                let rest = &bytes[at..];
                if rest.starts_with(&[0, 0]) {
                    break (at, at + 2);
                }
                let (_, after) =
                    split(rest, depth + 1)?.ok_or(TlvError::new(tag, Fault::Truncated))?;
                at = bytes.len() - after.len();
            }
        }
    };
    Ok(Some((
        Tlv {
            tag,
            value: &bytes[start..end],
            whole: &bytes[..after],
        },
        &bytes[after..],
    )))
}

/// Tag, shortest length and value: what X.690's distinguished rules write.
#[must_use]
pub fn encode(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 8);
    let bytes = tag.0.to_be_bytes();
    out.extend_from_slice(strip_zeros(&bytes));
    let length = value.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let digits = strip_zeros(&bytes);
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    }
    out.extend_from_slice(value);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_forms_and_indefinite_lengths_are_read() {
        // X.690 8.1.3.6: SEQUENCE of indefinite length holding OCTET STRING in two pieces.
        let bytes = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 1, 2, 0x04, 0x83, 0, 0, 1, 3, 0, 0, 0, 0, 0xAA,
        ];
        let sequence = first(&bytes).unwrap();
        assert_eq!(sequence.whole.len(), bytes.len() - 1);
        let string = sequence.inside().take(Tag(0x24)).unwrap();
        assert_eq!(string.octets().unwrap().as_ref(), [1, 2, 3]);
    }

    #[test]
    fn what_runs_past_its_end_is_refused_with_its_tag() {
        for cut in [
            &[0x5F][..],
            &[0x5F, 0x1F],
            &[0x5F, 0x1F, 2, 1],
            &[0x04, 0x84, 255, 255, 255, 255],
        ] {
            let error = first(cut).unwrap_err();
            assert_eq!(error.fault, Fault::Truncated, "{cut:02X?}");
        }
        assert_eq!(first(&[0x5F, 0x1F, 2, 1]).unwrap_err().tag, Tag(0x5F1F));
        assert_eq!(first(&[]).unwrap_err().fault, Fault::Missing);
        let deep = [0x30, 0x80].repeat(200);
        assert_eq!(first(&deep).unwrap_err().fault, Fault::TooDeep);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&bytes);
            while let Ok(Some(tlv)) = reader.next() {
                let _ = (tlv.unsigned(), tlv.small(), tlv.bits(), tlv.octets());
                prop_assert!(tlv.whole.len() >= 2);
            }
        }

        #[test]
        fn what_is_written_is_read_back(value in proptest::collection::vec(any::<u8>(), 0..700), tag in prop_oneof![Just(0x30u32), Just(0x5F1F), Just(0x7F2E)]) {
            let bytes = encode(Tag(tag), &value);
            let tlv = first(&bytes).unwrap();
            prop_assert_eq!((tlv.tag, tlv.value, tlv.whole), (Tag(tag), &value[..], &bytes[..]));
            prop_assert_eq!(announced_length(&bytes), Some(bytes.len()));
        }
    }
}
