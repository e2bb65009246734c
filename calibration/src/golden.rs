//! The golden scan, taken when the box was calibrated, and a daily scan's distance from it.
//!
//! Both are of the focus sheet in the lid, nothing lying on the glass. Brightness, hue, evenness (dust),
//! sharpness, scale and place are compared figure by figure: beyond 5 per cent a figure is amber, beyond 10
//! red; a shift has limits in millimetres. On red the page checks become `Undetermined`.

use crate::CalibrationError;
use crate::focus::{Mark, marks_on};
use crate::plane::{Plane, mean_colour, span};
use crate::target::MARK_PLACES_MM;
use crate::verdict::{Figure, Tolerance};
use page::Picture;
use page::profile::Light;
use serde::{Deserialize, Serialize};

/// Blocks of the evenness map, across and down.
pub const BLOCKS: [usize; 2] = [40, 30];
/// The stated limits, per cent.
pub const LIMITS: Tolerance = Tolerance::Drift {
    amber: 5.0,
    red: 10.0,
};
/// A camera that has moved so far shows edges where the profile does not have them: the zone's characters
/// are 1.5 mm wide.
pub const SHIFT_LIMITS_MM: Tolerance = Tolerance::Drift {
    amber: 0.25,
    red: 0.5,
};
/// A scale that has changed by a per cent makes a passport 1.25 mm longer.
pub const SCALE_LIMITS: Tolerance = Tolerance::Drift {
    amber: 0.5,
    red: 1.0,
};
/// A block with less of the paper's light holds ink and tells nothing of dust.
const INK: f32 = 0.85;

/// How one light's scan looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightScan {
    /// In which light.
    pub light: Light,
    /// Red, green and blue of the bare paper beside the middle mark, linear.
    pub paper: [f64; 3],
    /// The light of each block, row by row; none where ink is.
    pub blocks: Vec<Option<f32>>,
}

/// A scan of the sheet in the lid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Columns and rows of the pictures.
    pub size: [u32; 2],
    /// The middles of the marks under white light, in pixels.
    pub marks: Vec<[f64; 2]>,
    /// Their sharpness, line pairs per millimetre.
    pub mtf50: Vec<f64>,
    /// Pixels for a millimetre, by the distances of the marks.
    pub per_mm: f64,
    /// The lights.
    pub lights: Vec<LightScan>,
}

/// Between the middle mark and each corner's the paper is bare.
fn bare_places(marks: &[Mark; 5]) -> [[f64; 2]; 4] {
    let centre = marks[0].centre;
    [1, 2, 3, 4].map(|i| [0, 1].map(|k| (centre[k] + marks[i].centre[k]) / 2.0))
}

impl Scan {
    /// Measures a scan: the white light's picture first, then what other lights there are.
    ///
    /// # Errors
    /// [`CalibrationError::TargetNotSeen`] where the sheet is not seen; [`CalibrationError::Library`].
    pub fn of(white: &Picture, others: &[(Light, &Picture)]) -> Result<Self, CalibrationError> {
        let plane = Plane::of(white);
        let marks = marks_on(&plane)?;
        let size = [white.width(), white.height()];
        let mut lights = vec![light_scan(Light::White, white, &plane, &marks)];
        for (light, picture) in others {
            if [picture.width(), picture.height()] != size {
                return Err(CalibrationError::TargetNotSeen {
                    target: "focus",
                    why: format!("the picture under {} has another size", light.as_str()),
                });
            }
            lights.push(light_scan(*light, picture, &Plane::of(picture), &marks));
        }
        Ok(Self {
            size,
            per_mm: per_mm(&marks),
            mtf50: marks.iter().map(Mark::worse).collect(),
            marks: marks.iter().map(|m| m.centre).collect(),
            lights,
        })
    }

    /// The distance of today's scan from this one, the golden.
    #[must_use]
    pub fn drift(&self, today: &Self) -> Vec<Figure> {
        if self.size != today.size || self.marks.len() != today.marks.len() {
            return vec![Figure::new(
                "picture_size",
                f64::NAN,
                "px",
                LIMITS,
                "the camera gives another size of picture: set it as it was, or calibrate again",
            )];
        }
        let mut figures = Vec::new();
        for golden in &self.lights {
            match today.lights.iter().find(|l| l.light == golden.light) {
                Some(light) => light_drift(golden, light, &mut figures),
                None => figures.push(Figure::new(
                    format!("{}_level", golden.light.as_str()),
                    f64::NAN,
                    "%",
                    LIMITS,
                    "no picture was taken under this lamp",
                )),
            }
        }
        let sum = |scan: &Self| scan.mtf50.iter().sum::<f64>();
        figures.push(Figure::new(
            "focus",
            percent(sum(today), sum(self)),
            "%",
            LIMITS,
            "clean the glass and the lens; then run focus again",
        ));
        let moved = self
            .marks
            .iter()
            .zip(&today.marks)
            .map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]) / self.per_mm)
            .fold(0.0, f64::max);
        let seat =
            "the camera has moved: seat it and screw it down, then run geometry and golden again";
        figures.push(Figure::new("shift", moved, "mm", SHIFT_LIMITS_MM, seat));
        figures.push(Figure::new(
            "scale",
            percent(today.per_mm, self.per_mm),
            "%",
            SCALE_LIMITS,
            seat,
        ));
        figures
    }
}

/// The figure of a scan in which the sheet is not seen.
#[must_use]
pub fn unseen(why: &str) -> Figure {
    Figure::new(
        "sheet",
        f64::NAN,
        "",
        LIMITS,
        &format!("{why}: close the lid, take everything off the glass, and scan again"),
    )
}

fn percent(today: f64, golden: f64) -> f64 {
    100.0 * (today / golden - 1.0)
}

/// Pixels for a millimetre: the mean over the four distances from the middle mark.
fn per_mm(marks: &[Mark; 5]) -> f64 {
    let ratio = |i: usize| {
        let seen = [0, 1].map(|k| marks[i].centre[k] - marks[0].centre[k]);
        let drawn = [0, 1].map(|k| MARK_PLACES_MM[i][k] - MARK_PLACES_MM[0][k]);
        seen[0].hypot(seen[1]) / drawn[0].hypot(drawn[1])
    };
    (1..5).map(ratio).sum::<f64>() / 4.0
}

fn light_scan(light: Light, picture: &Picture, plane: &Plane, marks: &[Mark; 5]) -> LightScan {
    let places = bare_places(marks);
    let half = marks[0].side / 4.0;
    let mut paper = [0.0; 3];
    for place in places {
        let colour = mean_colour(picture, place, half);
        for (p, c) in paper.iter_mut().zip(colour) {
            *p += c / places.len() as f64;
        }
    }
    let [columns, rows] = BLOCKS;
    let means = plane.blocks(columns, rows);
    // Ink is where a mark's square, turned as it is, may reach; the ground beyond the sheet is compared too.
    let reach = 0.62 * marks[0].side * 1.2;
    let inked = |i: usize| {
        let (left, right) = span(plane.width, columns, i % columns);
        let (top, bottom) = span(plane.height, rows, i / columns);
        marks.iter().any(|m| {
            let [x, y] = m.centre;
            x + reach > left as f64
                && x - reach < right as f64
                && y + reach > top as f64
                && y - reach < bottom as f64
        })
    };
    let local = |i: usize| {
        // A block much darker than its neighbours both ways is an edge of the sheet, not paper.
        let (column, row) = (i % columns, i / columns);
        let near = [
            (column > 0).then(|| means[i - 1]),
            (column + 1 < columns).then(|| means[i + 1]),
            (row > 0).then(|| means[i - columns]),
            (row + 1 < rows).then(|| means[i + columns]),
        ];
        near.into_iter().flatten().fold(f32::MIN, f32::max)
    };
    let blocks = (0..columns * rows).map(|i| {
        let paper_here = means[i] > INK * local(i) && means[i] > 1e-3;
        (!inked(i) && paper_here).then_some(means[i])
    });
    LightScan {
        light,
        paper,
        blocks: blocks.collect(),
    }
}

fn light_drift(golden: &LightScan, today: &LightScan, figures: &mut Vec<Figure>) {
    let name = |what: &str| format!("{}_{what}", golden.light.as_str());
    let sum = |p: &[f64; 3]| p.iter().sum::<f64>();
    figures.push(Figure::new(
        name("level"),
        percent(sum(&today.paper), sum(&golden.paper)),
        "%",
        LIMITS,
        "let the lamp warm up and scan again; clean the glass; a lamp that has faded is replaced",
    ));
    // Hue is asked of white light alone: other lights have none.
    if golden.light == Light::White {
        let hue = |k: usize| {
            percent(
                today.paper[k] / today.paper[1].max(1e-9),
                golden.paper[k] / golden.paper[1].max(1e-9),
            )
        };
        let (red, blue) = (hue(0), hue(2));
        figures.push(Figure::new(
            name("hue"),
            if red.abs() > blue.abs() { red } else { blue },
            "%",
            LIMITS,
            "the lamp's colour has changed: let it warm up; run colour again; replace the lamp",
        ));
    }
    figures.push(Figure::new(
        name("dust"),
        dust(golden, today),
        "%",
        LIMITS,
        "wipe the glass and the sheet in the lid with a dry cloth",
    ));
}

/// The block that has lost or won most light against the golden scan, the lamp's own change left out; the
/// ground that no two scans share is left out too.
fn dust(golden: &LightScan, today: &LightScan) -> f64 {
    let ratios: Vec<f64> = golden
        .blocks
        .iter()
        .zip(&today.blocks)
        .filter_map(|(g, t)| {
            // Where today's block is no paper any more something dark lies on it: that is what is asked.
            g.map(|g| f64::from(t.unwrap_or(g * INK)) / f64::from(g))
        })
        .collect();
    let mut sorted = ratios.clone();
    sorted.sort_by(f64::total_cmp);
    let Some(middle) = sorted.get(sorted.len() / 2).copied().filter(|m| *m > 0.0) else {
        return f64::NAN;
    };
    ratios
        .iter()
        .map(|r| 100.0 * (r / middle - 1.0))
        .fold(
            0.0,
            |worst: f64, v| if v.abs() > worst.abs() { v } else { worst },
        )
}
