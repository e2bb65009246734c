//! White balance and colour, from the chart of 24 patches (CIEDE2000, ISO/CIE 11664-6).

use crate::CalibrationError;
use crate::plane::{Plane, mean_colour};
use crate::squares::{Quad, carried, homography, quads};
use crate::target::{FRAME_MM, PATCH_PITCH_MM, PATCH_PLACE_MM, PATCHES_SRGB};
use crate::verdict::{Figure, Tolerance};
use nalgebra::{DMatrix, DVector};
use page::Picture;
use page::profile::{LampField, from_srgb};
use palette::color_difference::Ciede2000;
use palette::white_point::D65;
use palette::{FromColor, Lab, LinSrgb};
use serde::{Deserialize, Serialize};

/// The most that a patch may differ in the mean, CIEDE2000.
pub const MOST_MEAN: f64 = 4.0;
/// The most that any patch may differ, CIEDE2000.
pub const MOST_ANY: f64 = 10.0;
/// The neutral patches that white balance is told by: light, but not so light as to clip.
const NEUTRAL: [usize; 3] = [19, 20, 21];
/// Half of the window that a patch is measured in, millimetres.
const WINDOW_MM: f64 = 5.0;

/// A colour as CIE L*, a*, b* under D65.
pub type LabColour = [f64; 3];

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Colour {
    /// From the camera's linear light to linear sRGB, row by row.
    pub matrix: [f64; 9],
    /// What red and blue are multiplied by to make grey grey, green being 1.
    pub white_balance: [f64; 2],
    /// Each patch's difference from its reference as taken, CIEDE2000.
    pub before: Vec<f64>,
    /// The same once corrected.
    pub after: Vec<f64>,
    /// For the plot: each patch as taken, as corrected and as it should be, linear sRGB.
    pub patches: Vec<[[f64; 3]; 3]>,
}

impl Colour {
    /// The mean difference once corrected.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.after.iter().sum::<f64>() / self.after.len().max(1) as f64
    }

    /// The largest.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.after.iter().copied().fold(0.0, f64::max)
    }
}

/// The references of the target as it is drawn: linear sRGB.
#[must_use]
pub fn drawn_references() -> Vec<[f64; 3]> {
    PATCHES_SRGB
        .iter()
        .map(|p| p.map(|v| from_srgb(f64::from(v) / 255.0)))
        .collect()
}

/// The references of a measured chart, from L*, a*, b* under D65.
#[must_use]
pub fn measured_references(patches: &[LabColour]) -> Vec<[f64; 3]> {
    patches
        .iter()
        .map(|[l, a, b]| {
            let colour = LinSrgb::<f64>::from_color(Lab::<D65, f64>::new(*l, *a, *b));
            [colour.red, colour.green, colour.blue]
        })
        .collect()
}

fn lab([r, g, b]: [f64; 3]) -> Lab<D65, f64> {
    Lab::from_color(LinSrgb::<f64>::new(r, g, b))
}

/// The difference of two colours of linear sRGB, CIEDE2000.
#[must_use]
pub fn difference(a: [f64; 3], b: [f64; 3]) -> f64 {
    lab(a).difference(lab(b))
}

/// The outer edge of a dark frame: the largest quadrilateral of its shape. Its inner edge is shaped almost so.
pub(crate) fn frame(
    plane: &Plane,
    [width, height]: [f64; 2],
    target: &'static str,
) -> Result<Quad, CalibrationError> {
    let shaped = |quad: &Quad| {
        let [upper, right, lower, left] = quad.sides();
        ((upper + lower) / (left + right) / (width / height) - 1.0).abs() < 0.06
    };
    quads(plane)?
        .into_iter()
        .find(shaped)
        .ok_or(CalibrationError::TargetNotSeen {
            target,
            why: "its frame is not seen whole: lay or hold it flat and straight".to_owned(),
        })
}

/// From millimetres on a card with a frame to pixels.
pub(crate) fn card(plane: &Plane, target: &'static str) -> Result<[f64; 9], CalibrationError> {
    let [x, y, w, h] = FRAME_MM;
    let quad = frame(plane, [w, h], target)?;
    homography(
        [[x, y], [x + w, y], [x + w, y + h], [x, y + h]],
        quad.corners,
    )
    .ok_or(CalibrationError::TargetNotSeen {
        target,
        why: "its frame has no area".to_owned(),
    })
}

/// Measures the 24 patches against their references (linear sRGB), the lamp's unevenness evened where it
/// has been measured.
///
/// # Errors
/// [`CalibrationError::TargetNotSeen`], [`CalibrationError::Library`].
pub fn measure(
    picture: &Picture,
    references: &[[f64; 3]],
    field: Option<&LampField>,
) -> Result<Colour, CalibrationError> {
    let unseen = |why: &str| CalibrationError::TargetNotSeen {
        target: "patches",
        why: why.to_owned(),
    };
    if references.len() != PATCHES_SRGB.len() {
        return Err(unseen("24 references are needed"));
    }
    let plane = Plane::of(picture);
    let to_pixels = card(&plane, "patches")?;
    let origin = carried(&to_pixels, [0.0, 0.0]);
    let along = carried(&to_pixels, [10.0, 0.0]);
    let per_mm = (along[0] - origin[0]).hypot(along[1] - origin[1]) / 10.0;
    let mut seen: Vec<[f64; 3]> = (0..24)
        .map(|i| {
            let middle = |k: usize, at: usize| {
                PATCH_PLACE_MM[k] + at as f64 * PATCH_PITCH_MM + (PATCH_PITCH_MM - 2.0) / 2.0
            };
            let at = carried(&to_pixels, [middle(0, i % 6), middle(1, i / 6)]);
            let size = [picture.width(), picture.height()];
            let gain = field.map_or(1.0, |f| f.gain(size, at.map(|v| v as f32)));
            mean_colour(picture, at, WINDOW_MM * per_mm).map(|v| v * f64::from(gain))
        })
        .collect();
    // Upside down the chart has its frame in the same place; its greys run the other way then.
    if likeness(&seen, references, true) > likeness(&seen, references, false) {
        seen.reverse();
    }
    if likeness(&seen, references, false) < 0.6 {
        return Err(unseen("the patches are not those of the chart"));
    }
    let matrix = fit(&seen, references).ok_or_else(|| unseen("its colours do not tell apart"))?;
    let balance = |k: usize| {
        let sum = |k: usize| NEUTRAL.iter().map(|i| seen[*i][k]).sum::<f64>();
        sum(1) / sum(k).max(1e-9)
    };
    let corrected: Vec<[f64; 3]> = seen.iter().map(|c| apply(&matrix, *c)).collect();
    let differences = |from: &[[f64; 3]]| {
        from.iter()
            .zip(references)
            .map(|(a, b)| difference(*a, *b))
            .collect()
    };
    Ok(Colour {
        matrix,
        white_balance: [balance(0), balance(2)],
        before: differences(&seen),
        after: differences(&corrected),
        patches: (0..24)
            .map(|i| [seen[i], corrected[i], references[i]])
            .collect(),
    })
}

fn apply(m: &[f64; 9], c: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|k| m[3 * k] * c[0] + m[3 * k + 1] * c[1] + m[3 * k + 2] * c[2])
}

/// How alike the patches' light and the references' run, -1 to 1.
fn likeness(seen: &[[f64; 3]], references: &[[f64; 3]], reversed: bool) -> f64 {
    let n = seen.len() as f64;
    let sum = |c: &[f64; 3]| (c[0] + c[1] + c[2]).max(1e-6).ln();
    let a: Vec<f64> = seen.iter().map(sum).collect();
    let mut b: Vec<f64> = references.iter().map(sum).collect();
    if reversed {
        b.reverse();
    }
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| {
        x.iter()
            .zip(y)
            .map(|(x, y)| (x - mx) * (y - my))
            .sum::<f64>()
    };
    let spread = (product(&a, ma, &a, ma) * product(&b, mb, &b, mb)).sqrt();
    product(&a, ma, &b, mb) / spread.max(1e-9)
}

/// The matrix of least squares, dark patches weighing as much to the eye as light ones.
fn fit(seen: &[[f64; 3]], references: &[[f64; 3]]) -> Option<[f64; 9]> {
    let weight = |r: &[f64; 3]| 1.0 / (0.03 + 0.2126 * r[0] + 0.7152 * r[1] + 0.0722 * r[2]);
    let a = DMatrix::from_row_iterator(
        seen.len(),
        3,
        seen.iter()
            .zip(references)
            .flat_map(|(c, r)| c.map(|v| v * weight(r))),
    );
    let normal = (a.transpose() * &a).lu();
    let mut matrix = [0.0; 9];
    for k in 0..3 {
        let b = DVector::from_iterator(seen.len(), references.iter().map(|r| r[k] * weight(r)));
        let row = normal.solve(&(a.transpose() * b))?;
        matrix[3 * k..3 * k + 3].copy_from_slice(&[row[0], row[1], row[2]]);
    }
    matrix.iter().all(|v| v.is_finite()).then_some(matrix)
}

/// The figures of the colour step.
#[must_use]
pub fn figures(colour: &Colour) -> Vec<Figure> {
    let remedy = "let the lamps warm up, close the lid, use a measured chart with its table; a white lamp that has changed colour is replaced";
    let mean_before = colour.before.iter().sum::<f64>() / colour.before.len().max(1) as f64;
    vec![
        Figure::new("de00_mean_as_taken", mean_before, "", Tolerance::Told, ""),
        Figure::new(
            "de00_mean",
            colour.mean(),
            "",
            Tolerance::AtMost(MOST_MEAN),
            remedy,
        ),
        Figure::new(
            "de00_max",
            colour.largest(),
            "",
            Tolerance::AtMost(MOST_ANY),
            remedy,
        ),
        Figure::new(
            "balance_red",
            colour.white_balance[0],
            "",
            Tolerance::Between(0.4, 2.5),
            remedy,
        ),
        Figure::new(
            "balance_blue",
            colour.white_balance[1],
            "",
            Tolerance::Between(0.4, 2.5),
            remedy,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula: implementation notes" (2005).
    #[test]
    fn differences_are_those_of_the_published_pairs() {
        for (a, b, expected) in [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            (
                [60.2574, -34.0099, 36.2677],
                [60.4626, -34.1751, 39.4387],
                1.2644,
            ),
            (
                [2.0776, 0.0795, -1.1350],
                [0.9033, -0.0636, -0.5514],
                0.9082,
            ),
        ] {
            let of = |[l, a, b]: [f64; 3]| Lab::<D65, f64>::new(l, a, b);
            let found = of(a).difference(of(b));
            assert!((found - expected).abs() < 1e-4, "{a:?} {b:?}: {found}");
        }
    }
}
