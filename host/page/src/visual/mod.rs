//! The printed zone against the visual zone above it (BSI TR-03135-1, optical checks; Doc 9303 parts 4 to 7
//! state each item in both).
//!
//! The visual zone is read by a recogniser of running text behind [`VisualReader`]. Such recognisers err
//! often, and documents caption and order their items as they like. So an item that is found where the
//! zone says the same is `Successful`; `Failed` needs a caption, another well-formed value under it, two
//! looks that read the same, and other items that agree; everything else is `Undetermined`.

mod caption;
mod dates;
mod field;
mod letters;
mod months;
mod region;
mod text;

pub use region::REGION_DPI;

use crate::{Picture, Rect, ZoneReading};
use field::{Field, Finding};
use image::GrayImage;
use rules::mrz::Format;
use rules::{Check, CheckId, Outcome};
use text::Text;

/// One word of running text as a recogniser reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Its characters.
    pub text: String,
    /// Where it stands in the picture that was given.
    pub at: Rect,
    /// How sure the recogniser is of it, 0 to 1.
    pub confidence: f32,
    /// Words of one line carry one number.
    pub line: u32,
}

/// In which of three ways a page is looked at, each with a picture of its own: what two see alike is hardly a
/// slip of the recogniser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// As a page of lines, faint print kept.
    First,
    /// As words scattered over a form, dark print only.
    Second,
    /// As a page of lines again, less of the faint print kept.
    Third,
}

/// Why the visual zone cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VisualUnavailable {
    /// There is no recogniser on this box: install one if the comparison is wanted.
    #[error("{0}")]
    Absent(String),
    /// It took longer than it may.
    #[error("the text recogniser took longer than it may")]
    TooSlow,
    /// It broke off or answered something that cannot be understood.
    #[error("the text recogniser broke off: {0}")]
    BrokeOff(String),
}

/// Something that reads running text.
///
/// Contract: words lie inside the picture; no text is an empty list; the call ends within seconds.
pub trait VisualReader: Send + Sync {
    /// The words of a rectified piece of a page at [`REGION_DPI`].
    ///
    /// # Errors
    /// [`VisualUnavailable`].
    fn words(&self, piece: &GrayImage, look: Look) -> Result<Vec<Word>, VisualUnavailable>;
}

/// The items that are compared.
const ASKED: [(CheckId, Field); 6] = [
    (CheckId::PageVisualDocumentNumber, Field::DocumentNumber),
    (CheckId::PageVisualDateOfBirth, Field::DateOfBirth),
    (CheckId::PageVisualDateOfExpiry, Field::DateOfExpiry),
    (CheckId::PageVisualName, Field::Name),
    (CheckId::PageVisualNationality, Field::Nationality),
    (CheckId::PageVisualSex, Field::Sex),
];
/// The items for whose sake another look is taken: the others are seldom worth one.
const CHIEF: usize = 4;
/// A character of the zone less sure than this speaks against nothing that is printed elsewhere.
const ZONE_SURE: f32 = 0.9;
/// So many other items must agree before one that differs speaks against the document: then the text
/// that was read is this document's, and was read well.
const AGREEING: usize = 2;
/// Or so many must differ at once: a zone that belongs to another page.
const DIFFERING: usize = 3;

/// One answer to every question of the comparison, where it could not be made.
#[must_use]
pub fn visual_unanswered(outcome: Outcome, why: &str) -> Vec<Check> {
    ASKED
        .iter()
        .map(|(check, _)| Check::new(*check, outcome, why).saying("detail-visual-unread", []))
        .collect()
}

/// Compares what the zone says with the print above it.
#[must_use]
pub fn compare_visual(
    picture: &Picture,
    reading: &ZoneReading,
    reader: &dyn VisualReader,
) -> Vec<Check> {
    let every = visual_unanswered;
    let Some(zone) = &reading.zone else {
        return every(
            Outcome::Undetermined,
            "the lines that were read form no zone to compare with",
        );
    };
    let piece = match region::rectified(picture, reading, zone.format()) {
        Ok(Some(piece)) => piece,
        Ok(None) => {
            return every(
                Outcome::Undetermined,
                "the picture shows too little of the print above the zone",
            );
        }
        Err(e) => return every(Outcome::Undetermined, &e.to_string()),
    };
    let fields = zone.fields();
    let mut texts: Vec<Text> = Vec::new();
    for look in [Look::First, Look::Second, Look::Third] {
        let words = region::inked(&piece, look)
            .map_err(|e| VisualUnavailable::BrokeOff(e.to_string()))
            .and_then(|inked| reader.words(&inked, look));
        match words {
            Ok(words) => texts.push(Text::of(words)),
            // What was seen before counts.
            Err(_) if !texts.is_empty() => break,
            Err(e @ VisualUnavailable::Absent(_)) => {
                return every(Outcome::NotSupported, &e.to_string());
            }
            Err(e) => return every(Outcome::Undetermined, &e.to_string()),
        }
        let settled = ASKED[..CHIEF].iter().all(|(_, field)| {
            field.agreement(&fields, &texts) != Finding::Open
                // The side with a card's zone need not repeat it: only another value is worth a second look.
                || zone.format() == Format::Td1 && !field.differs_at_a_look(&fields, &texts)
        });
        if settled {
            break;
        }
    }
    let findings = ASKED.map(|(_, field)| match field.agreement(&fields, &texts) {
        Finding::Open => field.difference(&fields, &texts),
        settled => settled,
    });
    // Where the zone itself was read with doubt, it may be the zone that was misread.
    let mut findings = findings;
    for (finding, (_, field)) in findings.iter_mut().zip(ASKED) {
        if matches!(finding, Finding::Differs(_)) && !is_sure(reading, zone.format(), field) {
            *finding = Finding::Open;
        }
    }
    answers(findings, &fields_of(zone), zone.format())
}

/// Whether every character of an item of the zone, and of its check digit, was surely read.
fn is_sure(reading: &ZoneReading, format: Format, field: Field) -> bool {
    field.elements().iter().all(|element| {
        let place = format.place(*element);
        let confidences =
            place.and_then(|p| reading.confidence.get(p.line)?.get(p.columns.clone()));
        confidences.is_some_and(|c| c.iter().all(|sure| *sure >= ZONE_SURE))
    })
}

/// What the zone says of each item, for the officer's eyes.
fn fields_of(zone: &rules::mrz::Zone) -> [String; 6] {
    let fields = zone.fields();
    ASKED.map(|(_, field)| field.of_zone(&fields))
}

fn answers(findings: [Finding; 6], zone: &[String; 6], format: Format) -> Vec<Check> {
    let count = |is: fn(&Finding) -> bool| findings.iter().filter(|f| is(f)).count();
    let agreeing = count(|f| *f == Finding::Agrees);
    let differing = count(|f| matches!(f, Finding::Differs(_)));
    let believed = agreeing >= AGREEING || differing >= DIFFERING;
    findings
        .iter()
        .zip(ASKED)
        .zip(zone)
        .map(|((finding, (check, field)), said)| match finding {
            Finding::Agrees => Check::new(check, Outcome::Successful, ""),
            Finding::NotStated => Check::new(
                check,
                Outcome::NotSupported,
                "the zone does not state it",
            )
            .saying("detail-not-stated", []),
            Finding::Differs(printed) if believed => Check::new(
                check,
                Outcome::Failed,
                format!("{}: the page says {printed}, the zone {said}", field.as_str()),
            )
            .saying(
                "detail-visual",
                [
                    ("printed", printed.as_str().into()),
                    ("zone", said.as_str().into()),
                ],
            ),
            Finding::Differs(printed) => Check::new(
                check,
                Outcome::Undetermined,
                format!(
                    "{}: the page seems to say {printed}, the zone {said}; too little else was legible",
                    field.as_str()
                ),
            )
            .saying(
                "detail-visual-doubtful",
                [
                    ("printed", printed.as_str().into()),
                    ("zone", said.as_str().into()),
                ],
            ),
            Finding::Open if format == Format::Td1 => Check::new(
                check,
                Outcome::NotSupported,
                "the side with a card's zone need not repeat it",
            )
            .saying("detail-not-repeated", []),
            Finding::Open => Check::new(
                check,
                Outcome::Undetermined,
                "it was not found in the printed text",
            )
            .saying("detail-not-found-printed", []),
        })
        .collect()
}

#[cfg(test)]
mod tests;
