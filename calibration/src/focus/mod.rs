//! How sharp the reader sees, at five places (ISO 12233, slanted edges), and where the marks lie: the same
//! sheet serves golden and drift scans.

mod slanted;

pub use slanted::{EdgeRegion, Response};

use crate::CalibrationError;
use crate::plane::Plane;
use crate::squares::{Quad, quads};
use crate::target::{CARD_MM, MARK_MM, MARK_PLACES_MM};
use crate::verdict::{Figure, Tolerance};
use page::Picture;
use serde::{Deserialize, Serialize};

/// Where a mark lies on its sheet.
pub const PLACES: [&str; 5] = [
    "centre",
    "upper_left",
    "upper_right",
    "lower_left",
    "lower_right",
];
/// The least resolution in the middle, line pairs per millimetre at half of the modulation.
pub const LEAST_CENTRE: f64 = 2.5;
/// The least in the corners.
pub const LEAST_CORNER: f64 = 2.0;

/// One focus mark as seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Its middle, in pixels.
    pub centre: [f64; 2],
    /// Its side, in pixels.
    pub side: f64,
    /// Line pairs per millimetre at half of the modulation, across upright and across level edges.
    pub mtf50: [f64; 2],
    /// The response across the worse of both: line pairs per millimetre, and the share of modulation kept.
    pub curve: Vec<(f64, f64)>,
}

impl Mark {
    /// The worse of both directions.
    #[must_use]
    pub fn worse(&self) -> f64 {
        self.mtf50[0].min(self.mtf50[1])
    }

    /// Pixels for a millimetre, by its known size.
    #[must_use]
    pub fn per_mm(&self) -> f64 {
        self.side / MARK_MM
    }
}

/// Finds the five marks of the focus sheet.
///
/// # Errors
/// [`CalibrationError::TargetNotSeen`] where a mark is not found or its edges cannot be measured.
pub fn marks(picture: &Picture) -> Result<[Mark; 5], CalibrationError> {
    marks_on(&Plane::of(picture))
}

pub(crate) fn marks_on(plane: &Plane) -> Result<[Mark; 5], CalibrationError> {
    let unseen = |why: String| CalibrationError::TargetNotSeen {
        target: "focus",
        why,
    };
    let squares: Vec<Quad> = quads(plane)?.into_iter().filter(Quad::is_square).collect();
    let chosen = alike(&squares).ok_or_else(|| {
        unseen(format!(
            "{} squares are seen, five are on it",
            squares.len()
        ))
    })?;
    let mut marks = Vec::with_capacity(5);
    for (place, square) in PLACES.iter().zip(chosen) {
        marks.push(
            measure(plane, &square)
                .ok_or_else(|| unseen(format!("the edges at {place} cannot be measured")))?,
        );
    }
    <[Mark; 5]>::try_from(marks).map_err(|_| unseen("not all marks".to_owned()))
}

/// The five squares that lie as the sheet has them, in the order of [`PLACES`].
fn alike(squares: &[Quad]) -> Option<[Quad; 5]> {
    // The marks are the largest five of one size; other squares, of another size, do not disturb.
    for reference in squares {
        let of_size: Vec<&Quad> = squares
            .iter()
            .filter(|s| (s.side() / reference.side() - 1.0).abs() < 0.12)
            .collect();
        if of_size.len() < 5 {
            continue;
        }
        let per_mm = reference.side() / MARK_MM;
        let middle = MARK_PLACES_MM[0];
        for centre in &of_size {
            let at = centre.centre();
            let chosen: Vec<Quad> = MARK_PLACES_MM
                .iter()
                .filter_map(|place| {
                    let expected = [0, 1].map(|k| at[k] + (place[k] - middle[k]) * per_mm);
                    of_size
                        .iter()
                        .find(|s| {
                            let c = s.centre();
                            (c[0] - expected[0]).hypot(c[1] - expected[1])
                                < 0.08 * CARD_MM[0] * per_mm
                        })
                        .map(|s| **s)
                })
                .collect();
            if let Ok(five) = <[Quad; 5]>::try_from(chosen) {
                return Some(five);
            }
        }
    }
    None
}

fn measure(plane: &Plane, square: &Quad) -> Option<Mark> {
    let side = square.side();
    let per_mm = side / MARK_MM;
    let mut of_direction: [Vec<Response>; 2] = [Vec::new(), Vec::new()];
    for i in 0..4 {
        let (a, b) = (square.corners[i], square.corners[(i + 1) % 4]);
        let middle = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
        // Sides 0 and 2 lie level, 1 and 3 stand upright.
        let level = i % 2 == 0;
        let region = cut(plane, middle, 0.35 * side, (0.3 * side).min(28.0), level)?;
        of_direction[usize::from(level)].push(region.response()?);
    }
    let mean = |responses: &[Response]| {
        responses.iter().map(|r| r.mtf50).sum::<f64>() / responses.len().max(1) as f64
    };
    let mtf50 = [mean(&of_direction[0]), mean(&of_direction[1])].map(|c| c * per_mm);
    let worse = usize::from(mtf50[1] < mtf50[0]);
    let curve = of_direction[worse].first()?.curve.iter();
    let centre = middle_of_ink(plane, square)?;
    Some(Mark {
        centre,
        side: ink_side(plane, square)?,
        mtf50,
        curve: curve.step_by(4).map(|(f, m)| (f * per_mm, *m)).collect(),
    })
}

/// The part of a plane round an edge, turned so that the edge stands upright.
fn cut(
    plane: &Plane,
    middle: [f64; 2],
    along: f64,
    across: f64,
    level: bool,
) -> Option<EdgeRegion> {
    let (along, across) = (along.round() as i64, across.round() as i64);
    let (half_x, half_y) = if level {
        (along, across)
    } else {
        (across, along)
    };
    let [x, y] = middle.map(|v| v.round() as i64);
    let (left, right, top, bottom) = (x - half_x, x + half_x, y - half_y, y + half_y);
    if left < 0 || top < 0 || right >= plane.width as i64 || bottom >= plane.height as i64 {
        return None;
    }
    let (width, height) = ((right - left + 1) as usize, (bottom - top + 1) as usize);
    let (left, top) = (left as usize, top as usize);
    let (w, h) = if level {
        (height, width)
    } else {
        (width, height)
    };
    let data = (0..w * h).map(|i| {
        let (column, row) = (i % w, i / w);
        if level {
            plane.at(left + row, top + column)
        } else {
            plane.at(left + column, top + row)
        }
    });
    Some(EdgeRegion {
        width: w,
        height: h,
        data: data.collect(),
    })
}

/// How much darker than the paper round a mark each pixel near it is, 0 (paper) to 1 (ink).
fn darkness(plane: &Plane, square: &Quad) -> Option<Vec<([f64; 2], f64)>> {
    let reach = 0.72 * square.side();
    let [cx, cy] = square.centre();
    let bound = |v: f64, side: usize| (v >= 0.0 && v <= (side - 1) as f64).then_some(v as usize);
    let (left, right) = (
        bound(cx - reach, plane.width)?,
        bound(cx + reach, plane.width)?,
    );
    let (top, bottom) = (
        bound(cy - reach, plane.height)?,
        bound(cy + reach, plane.height)?,
    );
    let mean = |x: usize, y: usize| {
        let near = (y.saturating_sub(2)..(y + 3).min(plane.height))
            .flat_map(|y| (x.saturating_sub(2)..(x + 3).min(plane.width)).map(move |x| (x, y)));
        let (sum, count) = near.fold((0.0, 0.0), |(s, n), (x, y)| {
            (s + f64::from(plane.at(x, y)), n + 1.0)
        });
        sum / count
    };
    // The paper's light at the window's corners, and between them as a plane would have it.
    let paper = [
        mean(left, top),
        mean(right, top),
        mean(left, bottom),
        mean(right, bottom),
    ];
    let ink = mean(cx as usize, cy as usize);
    let mut values = Vec::with_capacity((right - left + 1) * (bottom - top + 1));
    for y in top..=bottom {
        let fy = (y - top) as f64 / (bottom - top).max(1) as f64;
        for x in left..=right {
            let fx = (x - left) as f64 / (right - left).max(1) as f64;
            let upper = paper[0] + (paper[1] - paper[0]) * fx;
            let lower = paper[2] + (paper[3] - paper[2]) * fx;
            let paper = upper + (lower - upper) * fy;
            let dark = (paper - f64::from(plane.at(x, y))) / (paper - ink).max(1e-6);
            values.push(([x as f64, y as f64], dark));
        }
    }
    Some(values)
}

/// A mark's middle, far finer than a pixel: the mean place of its ink.
fn middle_of_ink(plane: &Plane, square: &Quad) -> Option<[f64; 2]> {
    let values = darkness(plane, square)?;
    let mass: f64 = values.iter().map(|(_, d)| d).sum();
    (mass > 1.0).then(|| [0, 1].map(|k| values.iter().map(|(p, d)| p[k] * d).sum::<f64>() / mass))
}

/// A mark's side by the ink on it.
fn ink_side(plane: &Plane, square: &Quad) -> Option<f64> {
    let mass: f64 = darkness(plane, square)?.iter().map(|(_, d)| d).sum();
    (mass > 1.0).then(|| mass.sqrt())
}

/// The figures of the focus step.
#[must_use]
pub fn figures(marks: &[Mark; 5]) -> Vec<Figure> {
    PLACES
        .iter()
        .zip(marks)
        .enumerate()
        .map(|(i, (place, mark))| {
            let least = if i == 0 { LEAST_CENTRE } else { LEAST_CORNER };
            Figure::new(
                format!("mtf50_{place}"),
                mark.worse(),
                "lp/mm",
                Tolerance::AtLeast(least),
                "turn the lens until the figure no longer grows, then lock it; clean the glass; if one corner alone is soft the camera stands askew",
            )
        })
        .collect()
}
