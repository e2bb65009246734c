//! The reading of a page: zone and portrait together.

use crate::plane::Pyramid;
use crate::{FaceFinder, FacesUnavailable, LineReader, Picture, Rect, portrait};
use crate::{decode, seek};
use rules::mrz::Zone;
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
    let zone =
        seek::zone(&Pyramid::of(picture.rgb()), reader).and_then(|lines| decode::zone(&lines));
    let zone = match zone {
        Some((zone, evidence)) => {
            checks.push(Check::new(CheckId::ZonePresent, Outcome::Successful, ""));
            checks.push(evidence);
            Some(zone)
        }
        None => {
            checks.push(Check::new(
                CheckId::ZonePresent,
                Outcome::Undetermined,
                "no zone was found in the picture",
            ));
            None
        }
    };
    let portrait = match faces.map(|finder| finder.faces(picture)) {
        None => None,
        Some(Err(FacesUnavailable(why))) => {
            checks.push(Check::new(
                CheckId::PagePortrait,
                Outcome::Undetermined,
                why,
            ));
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
                ),
            });
            chosen
        }
    };
    PageReading {
        zone,
        portrait,
        checks,
    }
}
