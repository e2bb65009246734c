//! The object that `mpaka page` and `mpaka zone` print, and its text for a person.

use crate::inspection::stages::{PageRead, ZoneChecked};
use jiff::civil::Date;
use page::{DocumentSize, EdgeEvidence, Guidance, Measures, Outline, Rect};
use rules::mrz::{Fields, Zone};
use rules::{Check, Outcome};
use serde::Serialize;

/// One page or zone. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
pub(super) struct ReadingObject {
    image: String,
    format: Option<&'static str>,
    mrz: Vec<String>,
    confidence: Vec<Vec<f32>>,
    fields: Option<Fields>,
    checks: Vec<Check>,
    portrait: Option<[u32; 4]>,
    /// Upper left, upper right, lower right, lower left as the document reads; without a zone, clockwise from
    /// the picture's upper left. Pixels.
    corners: Option<[[f32; 2]; 4]>,
    /// How the upper, right, lower and left edge are known.
    edges: Option<[EdgeEvidence; 4]>,
    dpi: Option<f32>,
    size: Option<DocumentSize>,
    measures: Option<Measures>,
    guidance: Vec<Guidance>,
    /// Whether the picture was set right by the box's calibration before it was read: places are those of the picture
    /// set right.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    calibrated: bool,
    ms: f64,
    /// The frames that counted, where several were read as one document.
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl ReadingObject {
    pub(super) fn of_page(name: &str, read: PageRead, checked: ZoneChecked, ms: f64) -> Self {
        let mut checks = checked.checks;
        checks.extend(read.page_checks);
        let located = read.located.as_ref();
        let outline: Option<&Outline> = located.map(|page| &page.outline);
        let object = Self {
            fields: checked.fields,
            checks,
            portrait: read.portrait.map(
                |Rect {
                     x,
                     y,
                     width,
                     height,
                 }| [x, y, width, height],
            ),
            corners: outline
                .map(|o| o.corners)
                .or(read.bare.map(|page| page.corners))
                .map(|corners| corners.map(|c| c.map(tenths))),
            edges: outline
                .map(|o| o.edges)
                .or(read.bare.map(|page| page.edges)),
            dpi: located.map(|page| tenths(page.dpi)),
            size: outline.and_then(|o| o.size),
            measures: located.map(|page| rounded(page.measures)),
            guidance: read.guidance,
            ms,
            ..Self::empty(name)
        };
        match read.zone {
            None => object,
            Some(zone) => Self {
                format: zone.zone.as_ref().map(|z| z.format().as_str()),
                mrz: zone.lines,
                confidence: zone
                    .confidence
                    .into_iter()
                    .map(|line| line.into_iter().map(thousandths).collect())
                    .collect(),
                ..object
            },
        }
    }

    pub(super) fn of_text(name: &str, zone: &Zone, today: Date, ms: f64) -> Self {
        Self {
            format: Some(zone.format().as_str()),
            mrz: zone.lines().to_vec(),
            fields: Some(zone.fields()),
            checks: zone.checks(today),
            ms,
            ..Self::empty(name)
        }
    }

    /// The same, of a picture that was set right or not.
    pub(super) fn calibrated(self, calibrated: bool) -> Self {
        Self { calibrated, ..self }
    }

    /// The same, read from these frames together.
    pub(super) fn of_frames(self, names: Vec<String>) -> Self {
        Self {
            frames: Some(names),
            ..self
        }
    }

    pub(super) fn unreadable(name: &str, error: String) -> Self {
        Self {
            error: Some(error),
            ..Self::empty(name)
        }
    }

    fn empty(name: &str) -> Self {
        Self {
            image: name.to_owned(),
            format: None,
            mrz: Vec::new(),
            confidence: Vec::new(),
            fields: None,
            checks: Vec::new(),
            portrait: None,
            corners: None,
            edges: None,
            dpi: None,
            size: None,
            measures: None,
            guidance: Vec::new(),
            calibrated: false,
            ms: 0.0,
            frames: None,
            error: None,
        }
    }

    /// For a person: the zone, what it says, and what is not as it should be.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}: {}", self.image, self.format.unwrap_or("no zone"));
        for line in &self.mrz {
            text.push_str(&format!("\n  {line}"));
        }
        if let Some(f) = &self.fields {
            text.push_str(&format!(
                "\n  {} {} {} · {}, {} · {} · born {} · expires {}",
                f.document_code,
                f.issuing_state,
                f.document_number,
                f.surname,
                f.given_names,
                f.nationality,
                f.date_of_birth,
                f.date_of_expiry,
            ));
        }
        if let Some(dpi) = self.dpi {
            let size = self
                .size
                .map_or("of no standard size", DocumentSize::as_str);
            text.push_str(&format!("\n  page {size}, {dpi:.0} dpi"));
        }
        for word in &self.guidance {
            text.push_str(&format!("\n  for a better picture: {}", word.in_words()));
        }
        text.push_str(&checks_text(&self.checks));
        text
    }
}

/// The checks for a person: those that are fine are counted, the others named.
pub(super) fn checks_text<'a>(checks: impl IntoIterator<Item = &'a Check>) -> String {
    let checks: Vec<&Check> = checks.into_iter().collect();
    let fine = checks
        .iter()
        .filter(|c| c.outcome == Outcome::Successful)
        .count();
    let mut text = format!("\n  checks: {fine} of {} fine", checks.len());
    for check in checks.iter().filter(|c| c.outcome != Outcome::Successful) {
        text.push_str(&format!("\n    {} {}", check.check.as_str(), check.outcome));
        if !check.detail.is_empty() {
            text.push_str(&format!(": {}", check.detail));
        }
    }
    text
}

fn thousandths(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

fn tenths(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}

fn rounded(measures: Measures) -> Measures {
    Measures {
        focus: measures.focus.map(thousandths),
        blur_mm: measures.blur_mm.map(thousandths),
        motion: measures.motion.map(thousandths),
        glare: thousandths(measures.glare),
        glare_on_zone: thousandths(measures.glare_on_zone),
        bend_mm: thousandths(measures.bend_mm),
        tilt_degrees: tenths(measures.tilt_degrees),
    }
}
