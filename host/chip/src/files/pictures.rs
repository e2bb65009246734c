//! Kinds of pictures, and EF.DG7 (Doc 9303-10 section 4.7.7), the displayed signature.

use super::FileId;
use crate::error::ChipError;
use crate::tlv::Tag;

/// How a picture is encoded, told by its first bytes: what records say of it is often wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureKind {
    /// JPEG (ISO/IEC 10918-1).
    Jpeg,
    /// JPEG 2000 in its file format (ISO/IEC 15444-1 annex I).
    Jpeg2000,
    /// A bare JPEG 2000 codestream (ISO/IEC 15444-1 annex A).
    Jpeg2000Codestream,
    /// PNG; ISO/IEC 39794-5 allows it.
    Png,
    /// None of these.
    Unknown,
}

impl PictureKind {
    /// The kind of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Self::Jpeg
        } else if bytes.starts_with(b"\0\0\0\x0CjP  \r\n\x87\n") {
            Self::Jpeg2000
        } else if bytes.starts_with(&[0xFF, 0x4F, 0xFF, 0x51]) {
            Self::Jpeg2000Codestream
        } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            Self::Png
        } else {
            Self::Unknown
        }
    }
}

/// Reads the pictures in EF.DG7.
pub fn signatures(bytes: &[u8]) -> Result<Vec<(PictureKind, Vec<u8>)>, ChipError> {
    let at = FileId::Dg7.at();
    let mut fields = FileId::Dg7.open(bytes)?.inside();
    let mut pictures = Vec::new();
    while let Some(field) = fields.next().map_err(&at)? {
        if field.tag == Tag(0x5F43) {
            pictures.push((PictureKind::of(field.value), field.value.to_vec()));
        }
    }
    Ok(pictures)
}
