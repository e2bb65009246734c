//! The stage of the chip: from its files to answers, and to the portrait that its issuer signed.

use super::conversation::{Asked, Ended};
use super::{Equipment, Progress, leases};
use crate::devices::ReaderError;
use crate::sync::RoleAge;
use chip::examine::not_examined;
use chip::files::{FaceImage, PictureKind};
use chip::{AccessKey, Files, Judged, Policy, TrustStore};
use hayro_jpeg2000::{DecodeSettings, Image};
use image::{DynamicImage, ImageDecoder};
use jiff::ToSpan;
use jiff::civil::Date;
use page::Picture;
use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};
use std::sync::Arc;

/// The longest that a passport is valid, years.
const LONGEST_VALIDITY: i64 = 10;

/// The largest portrait that is decoded, in pixels: real ones are below two million.
const MAX_PIXELS: u64 = 16 * 1024 * 1024;

/// What the chip says.
#[derive(Debug, Default)]
pub struct ChipRead {
    /// Every question asked of it; none where there was no chip.
    pub checks: Vec<Check>,
    /// The portrait in DG2, where that file is the one that was signed and its picture can be decoded.
    pub portrait: Option<Picture>,
    /// The zone in DG1, where it was read.
    pub zone: Option<Zone>,
}

impl ChipRead {
    /// Whether the chip was opened and read.
    pub(super) fn is_opened(&self) -> bool {
        is_opened(&self.checks)
    }
}

/// Whether these answers are of a chip that was opened and read.
pub(super) fn is_opened(checks: &[Check]) -> bool {
    // A chip that was read has answered for its security object, whatever the answer.
    checks
        .iter()
        .any(|c| c.check == CheckId::ChipSecurityObject)
}

/// What is known of the chip beside the page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given<'a> {
    /// Its files, read elsewhere.
    Files(&'a Files),
    /// The access number printed on the card.
    Number(&'a AccessKey),
    /// Nothing.
    Nothing,
}

/// Judges a chip's files, or reads the chip in the field of the box's reader, against the trust store and the
/// zone on the page. Without files and without a reader nothing is asked.
#[must_use]
pub(super) fn chip(
    given: Given<'_>,
    printed: Option<&Zone>,
    equipment: &Equipment,
    today: Date,
    ages: &[RoleAge],
    progress: &dyn Progress,
) -> ChipRead {
    let store = equipment.trust(today);
    let policy = Policy::default();
    let number = match given {
        // Its reader looked, and nothing answered.
        Given::Files(files) if files.files.is_empty() && files.faults.is_empty() => {
            return silent(printed, &store, today);
        }
        Given::Files(files) => {
            return read_of(&chip::judge(files, printed, &store, today, &policy), ages);
        }
        Given::Number(number) => Some(number),
        Given::Nothing => None,
    };
    let Some(desk) = equipment.chip_desk() else {
        return ChipRead::default();
    };
    let of_zone = printed.and_then(|zone| key_of(zone, today));
    let Some(key) = number.or(of_zone.as_ref()) else {
        let why = "the zone was not read well enough to open the chip";
        return unread(Outcome::Aborted, why, "detail-chip-no-key");
    };
    let asked = Asked {
        key: key.clone(),
        printed: printed.cloned(),
        store: Arc::clone(&store),
        at: today,
    };
    match desk.converse(asked, progress) {
        Ended::Read(examined) => {
            for (name, fault) in &examined.files.faults {
                tracing::warn!("the chip's {name}: {fault}");
            }
            read_of(&examined.judged, ages)
        }
        Ended::Broken(error) => ChipRead {
            checks: vec![not_examined(&error)],
            ..ChipRead::default()
        },
        Ended::NotBegun(ReaderError::NoChip) => silent(printed, &store, today),
        Ended::NotBegun(error) => {
            unread(Outcome::Aborted, error.to_string(), "detail-reader-absent")
        }
        Ended::Hung => {
            let why = "the chip reader does not answer";
            unread(Outcome::Aborted, why, "detail-reader-hung")
        }
    }
}

fn read_of(judged: &Judged, ages: &[RoleAge]) -> ChipRead {
    let portrait = judged.portrait.as_ref().and_then(|image| {
        decode(image)
            .inspect_err(|why| tracing::warn!("the chip's portrait: {why}"))
            .ok()
    });
    ChipRead {
        checks: leases::of_chip(judged, ages),
        portrait,
        zone: judged.zone.clone(),
    }
}

/// No chip answered. Many documents in use have none; one that should have one is placed again. That it stays
/// silent is no evidence against its holder: chips break.
fn silent(printed: Option<&Zone>, store: &TrustStore, today: Date) -> ChipRead {
    if !printed.is_some_and(|zone| is_expected(zone, store, today)) {
        return unread(
            Outcome::NotSupported,
            "no chip answered",
            "detail-chip-none",
        );
    }
    let check = Check::new(
        CheckId::ChipAccess,
        Outcome::Undetermined,
        "a chip is expected and none answered",
    );
    ChipRead {
        checks: vec![check.saying("detail-chip-silent", [])],
        ..ChipRead::default()
    }
}

/// Whether the document should hold a chip: a passport of a state whose country signer this box believes, issued
/// when that signer was there already. Passports are valid for ten years at most, so one that expires later than
/// ten years after the signer's first day was issued after that day.
fn is_expected(zone: &Zone, store: &TrustStore, today: Date) -> bool {
    let fields = zone.fields();
    let Some(issued_from) = fields
        .expiry(today)
        .and_then(|expiry| expiry.checked_sub(LONGEST_VALIDITY.years()).ok())
    else {
        return false;
    };
    fields.document_code.starts_with('P')
        && store.country_signers().iter().any(|signer| {
            signer
                .country()
                .is_some_and(|country| chip::is_of_state(&fields.issuing_state, &country))
                && signer.not_before.date() <= issued_from
        })
}

fn unread(outcome: Outcome, why: impl Into<String>, said: &'static str) -> ChipRead {
    ChipRead {
        checks: vec![Check::new(CheckId::ChipAccess, outcome, why).saying(said, [])],
        ..ChipRead::default()
    }
}

/// The key in a zone; `None` where one of the three check digits that guard it does not fit.
fn key_of(zone: &Zone, today: Date) -> Option<AccessKey> {
    let guards = [
        CheckId::ZoneDigitDocumentNumber,
        CheckId::ZoneDigitDateOfBirth,
        CheckId::ZoneDigitDateOfExpiry,
    ];
    let is_wrong = |c: &Check| guards.contains(&c.check) && c.outcome == Outcome::Failed;
    if zone.checks(today).iter().any(is_wrong) {
        return None;
    }
    let fields = zone.fields();
    AccessKey::from_zone(
        &fields.document_number,
        &fields.date_of_birth,
        &fields.date_of_expiry,
    )
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
