//! The reading of a page: zone and portrait together.

use crate::bare::{self, BarePage};
use crate::combine::ZoneEvidence;
use crate::guidance::Guidance;
use crate::outline::{self, Located};
use crate::plane::Pyramid;
use crate::pose::ZonePlace;
use crate::seek::{self, SeenLine};
use crate::{FaceFinder, FacesUnavailable, LineReader, Picture, Rect, portrait};
use crate::{decode, guidance};
use rules::mrz::{Format, Zone};
use rules::{Check, CheckId, Outcome};

/// A zone as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneReading {
    /// The lines as read under the grammar.
    pub lines: Vec<String>,
    /// The lines as a zone of their format, ready to be checked.
    pub zone: Option<Zone>,
    /// The lines as the picture shows them, character by character, before any grammar.
    pub seen: Vec<String>,
    /// How sure each character of `lines` is, 0 to 1.
    pub confidence: Vec<Vec<f32>>,
    /// The zone's corners in the picture, in reading order of its text: upper left, upper right,
    /// lower right, lower left; x then y, in pixels.
    pub quad: [[f32; 2]; 4],
    /// What the picture shows of each place, for [`crate::Frames`] to add to other frames'.
    pub evidence: ZoneEvidence,
    /// The place of each character of `lines`: its cell's corners, as `quad` has them.
    pub places: Vec<Vec<[[f32; 2]; 4]>>,
}

/// What was found on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageReading {
    /// The zone, where there is one.
    pub zone: Option<ZoneReading>,
    /// The printed portrait, where a face was found.
    pub portrait: Option<Rect>,
    /// What the reading itself answers: zone present, evidence and grammar agree, portrait found.
    pub checks: Vec<Check>,
    /// How the page lies in the picture, where there is a zone to tell by.
    pub located: Option<Located>,
    /// Where the page's edges are, where there is no zone to tell by.
    pub bare: Option<BarePage>,
    /// What would make a better picture, the most urgent first.
    pub guidance: Vec<Guidance>,
}

/// Reads a page: finds the zone, reads it, and chooses the printed portrait among the faces that
/// `faces` finds (without a face finder the portrait is not asked for).
#[must_use]
pub fn read(
    picture: &Picture,
    reader: &dyn LineReader,
    faces: Option<&dyn FaceFinder>,
) -> PageReading {
    let mut checks = Vec::new();
    let grey = Pyramid::of(picture);
    let read = seek::zone(&grey, reader, decode::zone);
    let mut located = None;
    let zone = match read {
        Some((lines, (zone, evidence))) => {
            located = place(&zone, &lines).and_then(|place| outline::locate(&grey, place));
            checks.extend(located.iter().flat_map(guidance::checks));
            checks.push(Check::new(CheckId::ZonePresent, Outcome::Successful, ""));
            checks.push(evidence);
            Some(zone)
        }
        None => {
            checks.push(
                Check::new(
                    CheckId::ZonePresent,
                    Outcome::Undetermined,
                    "no zone was found in the picture",
                )
                .saying("zone-none", []),
            );
            None
        }
    };
    let bare = match zone {
        None => bare::find(&grey),
        Some(_) => None,
    };
    let corners = zone.as_ref().map(|z| z.quad);
    let portrait = match faces.map(|finder| portrait::find(picture, corners, finder)) {
        None => None,
        Some(Err(FacesUnavailable(why))) => {
            checks.push(
                Check::new(CheckId::PagePortrait, Outcome::Undetermined, why)
                    .saying("detail-no-faces-sought", []),
            );
            None
        }
        Some(Ok(found)) => {
            let chosen = portrait::choose(&found);
            checks.push(match chosen {
                Some(_) => Check::new(CheckId::PagePortrait, Outcome::Successful, ""),
                None => Check::new(
                    CheckId::PagePortrait,
                    Outcome::Undetermined,
                    "no face was found on the page",
                )
                .saying("detail-no-portrait", []),
            });
            chosen
        }
    };
    PageReading {
        zone,
        portrait,
        checks,
        guidance: match (&located, &bare) {
            (Some(page), _) => guidance::of(page, [picture.width(), picture.height()]),
            (None, Some(page)) => page.guidance(&grey),
            (None, None) => Vec::new(),
        },
        located,
        bare,
    }
}

/// Where the characters of the zone were seen.
fn place(zone: &ZoneReading, lines: &[SeenLine]) -> Option<ZonePlace> {
    let first = zone.lines.first()?;
    let format = Format::of(
        zone.lines.len(),
        first.chars().count(),
        first.chars().next()?,
    )?;
    let middles = |line: &SeenLine| {
        let at = line.grid.at.iter();
        at.map(|x| line.point(*x, 0.0).map(f64::from)).collect()
    };
    Some(ZonePlace {
        format,
        lines: lines.iter().map(middles).collect(),
    })
}
