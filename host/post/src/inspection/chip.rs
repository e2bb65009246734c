//! The stage of the chip: from its files to answers, and to the portrait that its issuer signed.

use super::Equipment;
use chip::files::{FaceImage, PictureKind};
use chip::{Files, Policy};
use hayro_jpeg2000::{DecodeSettings, Image};
use image::{DynamicImage, ImageDecoder};
use jiff::civil::Date;
use page::Picture;
use rules::Check;
use rules::mrz::Zone;

/// The largest portrait that is decoded, in pixels: real ones are below two million.
const MAX_PIXELS: u64 = 16 * 1024 * 1024;

/// What the chip says.
#[derive(Debug, Default)]
pub struct ChipRead {
    /// Every question asked of it; none where there was no chip.
    pub checks: Vec<Check>,
    /// The portrait in DG2, where that file is the one that was signed and its picture can be decoded.
    pub portrait: Option<Picture>,
}

/// Judges a chip's files against the trust store and the zone on the page. Without files nothing is asked.
#[must_use]
pub(super) fn chip(
    files: Option<&Files>,
    printed: Option<&Zone>,
    equipment: &Equipment,
    today: Date,
) -> ChipRead {
    let Some(files) = files else {
        return ChipRead::default();
    };
    let judged = chip::judge(files, printed, equipment.trust(), today, &Policy::default());
    let portrait = judged.portrait.as_ref().and_then(|image| {
        decode(image)
            .inspect_err(|why| tracing::warn!("the chip's portrait: {why}"))
            .ok()
    });
    ChipRead {
        checks: judged.checks,
        portrait,
    }
}

/// The picture in a face record, of whichever kind it is.
///
/// # Errors
/// Why it cannot be decoded.
pub fn decode(image: &FaceImage) -> Result<Picture, String> {
    match image.kind {
        PictureKind::Jpeg2000 | PictureKind::Jpeg2000Codestream => jpeg_2000(&image.bytes),
        PictureKind::Jpeg | PictureKind::Png | PictureKind::Unknown => {
            Picture::decode(&image.bytes).map_err(|e| e.to_string())
        }
    }
}

fn jpeg_2000(bytes: &[u8]) -> Result<Picture, String> {
    let decoder = Image::new(bytes, &DecodeSettings::default()).map_err(|e| e.to_string())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!(
            "{width} by {height} pixels: no portrait is as large"
        ));
    }
    DynamicImage::from_decoder(decoder)
        .map(|image| Picture::from_rgb(image.into_rgb8()))
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip::files::FaceRecord;

    #[test]
    fn a_picture_that_is_none_is_refused_in_words() {
        for (kind, bytes) in [
            (PictureKind::Jpeg2000, &b"\0\0\0\x0CjP  \r\n\x87\n"[..]),
            (
                PictureKind::Jpeg2000Codestream,
                &[0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0xFF, 0xFF],
            ),
            (PictureKind::Jpeg, &[0xFF, 0xD8, 0xFF]),
            (PictureKind::Unknown, b"nothing"),
        ] {
            let image = FaceImage {
                record: FaceRecord::Iso19794,
                kind,
                bytes: bytes.to_vec(),
            };
            assert!(decode(&image).is_err(), "{kind:?}");
        }
    }
}
