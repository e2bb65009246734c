//! EF.DG2 (Doc 9303-10 section 4.7.2): the face, in ISO/IEC 19794-5:2005 or ISO/IEC 39794-5:2019.

use super::FileId;
use super::pictures::PictureKind;
use crate::error::ChipError;
use crate::tlv::{self, Fault, Reader, Tag, Tlv, TlvError};

/// The record format that a picture came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceRecord {
    /// ISO/IEC 19794-5:2005.
    Iso19794,
    /// ISO/IEC 39794-5:2019.
    Iso39794,
}

/// A picture of the holder's face, still encoded.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceImage {
    /// The record it came in.
    pub record: FaceRecord,
    /// How it is encoded.
    pub kind: PictureKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Says what it is and not whom it shows.
impl std::fmt::Debug for FaceImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "FaceImage({:?}, {:?}, {} bytes)",
            self.record,
            self.kind,
            self.bytes.len()
        )
    }
}

/// Biometric data block, in either of its tags.
const BLOCK: [Tag; 2] = [Tag(0x5F2E), Tag(0x7F2E)];

/// Reads the pictures in EF.DG2, in the order of the file; at least one, or an error.
pub fn parse(bytes: &[u8]) -> Result<Vec<FaceImage>, ChipError> {
    let at = FileId::Dg2.at();
    let group = FileId::Dg2
        .open(bytes)?
        .inside()
        .require(Tag(0x7F61))
        .map_err(&at)?;
    let mut images = Vec::new();
    let mut templates = group.inside();
    while let Some(template) = templates.next().map_err(&at)? {
        if template.tag != Tag(0x7F60) {
            continue;
        }
        let mut parts = template.inside();
        while let Some(part) = parts.next().map_err(&at)? {
            if BLOCK.contains(&part.tag) {
                images.extend(block(part).map_err(&at)?);
            }
        }
    }
    if images.is_empty() {
        // TR-03105 part 5.1 has chips whose DG2 says that it holds nothing.
        return Err(at(TlvError::new(BLOCK[0], Fault::Missing)));
    }
    Ok(images)
}

/// Reads the pictures of a bare face record of either standard, as tools exchange them beside chips.
///
/// # Errors
/// [`ChipError::Malformed`] with the tag at which it is not what it should be.
pub fn record(bytes: &[u8]) -> Result<Vec<FaceImage>, ChipError> {
    let whole = Tlv {
        tag: BLOCK[0],
        value: bytes,
        whole: bytes,
    };
    block(whole).map_err(FileId::Dg2.at())
}

/// The pictures of one biometric data block of either standard.
fn block(part: Tlv<'_>) -> Result<Vec<FaceImage>, TlvError> {
    if part.value.starts_with(b"FAC\0") {
        return iso19794(part);
    }
    // ISO/IEC 39794-5 stands alone in [1], or begins with its own tag.
    let outer = tlv::first(part.value)?;
    match outer.tag {
        Tag(0xA1) => iso39794(outer.inside().require(Tag(0x65))?),
        Tag(0x65) => iso39794(outer),
        Tag(tag) => Err(TlvError::new(
            Tag(tag),
            Fault::Value("neither ISO 19794-5 nor ISO 39794-5"),
        )),
    }
}

fn iso19794(part: Tlv<'_>) -> Result<Vec<FaceImage>, TlvError> {
    let number = |bytes: &[u8], at: usize, count: usize| -> Result<usize, TlvError> {
        bytes
            .get(at..at + count)
            .map(|b| b.iter().fold(0, |n, b| (n << 8) | usize::from(*b)))
            .ok_or(TlvError::new(part.tag, Fault::Truncated))
    };
    // Facial record header: FAC, version, length of the record, number of images.
    let record = part.value;
    let count = number(record, 12, 2)?;
    let mut rest = record.get(14..).unwrap_or_default();
    let mut images = Vec::new();
    for place in 0..count {
        if rest.is_empty() {
            break;
        }
        let length = number(rest, 0, 4)?;
        // Facial information (20 bytes), feature points (8 each), image information (12).
        let start = 32 + 8 * number(rest, 4, 2)?;
        // Some issuers write a wrong length into their only image's header.
        let end = if length > start && length <= rest.len() {
            length
        } else if place + 1 == count {
            rest.len()
        } else {
            return Err(part.wrong("an image longer than its record"));
        };
        let picture = rest
            .get(start..end)
            .filter(|p| !p.is_empty())
            .ok_or(part.wrong("an image without bytes"))?;
        images.push(FaceImage {
            record: FaceRecord::Iso19794,
            kind: PictureKind::of(picture),
            bytes: picture.to_vec(),
        });
        rest = &rest[end..];
    }
    Ok(images)
}

/// FaceImageDataBlock: [0] version, [1] representation blocks.
fn iso39794(block: Tlv<'_>) -> Result<Vec<FaceImage>, TlvError> {
    let mut images = Vec::new();
    let mut representations = block.inside().require(Tag(0xA1))?.inside();
    while let Some(representation) = representations.next()? {
        // [1] image representation › [0] base › [0] two-dimensional › [0] the picture's bytes.
        let image = representation.inside().require(Tag(0xA1))?;
        let base = image.inside().require(Tag(0xA0))?;
        let flat = base.inside().require(Tag(0xA0))?;
        let picture = Reader::new(flat.value).require(Tag(0x80))?;
        if picture.value.is_empty() {
            return Err(picture.wrong("an image without bytes"));
        }
        images.push(FaceImage {
            record: FaceRecord::Iso39794,
            kind: PictureKind::of(picture.value),
            bytes: picture.value.to_vec(),
        });
    }
    Ok(images)
}
