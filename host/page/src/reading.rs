//! The reading of a page: zone and portrait together.

use crate::guidance::{Guidance, Measures};
use crate::outline::{self, Outline};
use crate::plane::Plane;
use crate::pose::ZonePlace;
use crate::seek::{self, SeenLine};
use crate::{FaceFinder, FacesUnavailable, LineReader, Picture, Rect, portrait};
use crate::{decode, focus, glare, guidance};
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
    /// Where the document lies, as far as its zone tells.
    pub outline: Option<Outline>,
    /// Pixels per inch of the page, measured along the zone's lines.
    pub dpi: Option<f32>,
    /// How good the picture is, where there is a zone to measure by.
    pub measures: Option<Measures>,
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
    let plane = Plane::from_rgb(picture.rgb());
    let read = seek::zone(&plane, reader)
        .and_then(|lines| decode::zone(&lines).map(|(zone, evidence)| (zone, evidence, lines)));
    let mut lie = Lie::default();
    let zone = match read {
        Some((zone, evidence, lines)) => {
            lie = Lie::of(&plane, &zone, &lines);
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
        outline: lie.outline,
        dpi: lie.dpi,
        measures: lie.measures,
        guidance: lie.guidance,
    }
}

/// How the page lies in the picture, and how well it is seen.
#[derive(Default)]
struct Lie {
    outline: Option<Outline>,
    dpi: Option<f32>,
    measures: Option<Measures>,
    guidance: Vec<Guidance>,
}

impl Lie {
    /// As the zone tells.
    fn of(plane: &Plane, zone: &ZoneReading, lines: &[SeenLine]) -> Self {
        let Some(place) = place(zone, lines) else {
            return Self::default();
        };
        let dpi = outline::dpi(&place);
        let pixels_per_mm = dpi / 25.4;
        let Some(found) = outline::around_zone(plane, &place) else {
            return Self::default();
        };
        let blur = focus::of_zone(plane, &place, pixels_per_mm);
        let measures = Measures {
            focus: blur.map(|b| b.focus() as f32),
            blur_mm: blur.map(|b| b.worst_mm() as f32),
            motion: blur.map(|b| b.motion() as f32),
            glare: glare::on_page(plane, &found.pose) as f32,
            glare_on_zone: glare::on_zone(plane, &place, pixels_per_mm) as f32,
            bend_mm: found.outline.bend_mm,
            tilt_degrees: found.outline.tilt_degrees,
        };
        let size = [plane.width as f32, plane.height as f32];
        Self {
            guidance: guidance::of(&measures, dpi as f32, &found.outline, size),
            outline: Some(found.outline),
            dpi: Some(dpi as f32),
            measures: Some(measures),
        }
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
