//! Each lamp's evenness, from a picture of a clean white sheet under it, and what light leaks in from outside.

use crate::CalibrationError;
use crate::plane::{Plane, clipped};
use crate::verdict::{Figure, Tolerance};
use nalgebra::{DMatrix, DVector};
use page::Picture;
use page::profile::{LampField, Light};
use serde::{Deserialize, Serialize};

/// Nodes of the lattice of gains, across and down.
pub const NODES: [usize; 2] = [33, 25];
/// The least of darkest over lightest once corrected.
pub const LEAST_EVENNESS: f64 = 0.8;
/// The most light from outside, as a share of the lamp's.
pub const MOST_LEAK: f64 = 0.02;
/// Terms of the smooth surface that is laid through the light: all up to the fourth degree.
const TERMS: usize = 15;
/// A place so far below the surface is a speck of dust, not the lamp.
const SPECK: f64 = 0.03;

/// What was measured of one lamp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evenness {
    /// The gains.
    pub field: LampField,
    /// Darkest over lightest as taken.
    pub before: f64,
    /// The same once corrected.
    pub after: f64,
    /// The mean light, as a share of what the camera can tell.
    pub level: f64,
    /// The share of clipped pixels.
    pub clipped: f64,
    /// Light from outside over the lamp's; none where no dark picture was taken.
    pub leak: Option<f64>,
    /// For the plot: the light as taken on the lattice, its lightest 1.
    pub map: Vec<f32>,
}

/// Measures a lamp by the picture of a white sheet, and of the same with every lamp out where there is one.
///
/// # Errors
/// [`CalibrationError::TargetNotSeen`] where the picture is too dark or too small to measure.
pub fn measure(
    light: Light,
    sheet: &Picture,
    dark: Option<&Picture>,
) -> Result<Evenness, CalibrationError> {
    let refuse = |why: &str| CalibrationError::TargetNotSeen {
        target: "white sheet",
        why: why.to_owned(),
    };
    let [columns, rows] = NODES;
    if sheet.width() < 4 * columns as u32 || sheet.height() < 4 * rows as u32 {
        return Err(refuse("the picture is too small"));
    }
    let plane = Plane::of(sheet);
    let lit = nodes(&plane);
    let outside = match dark {
        Some(dark) if (dark.width(), dark.height()) == (sheet.width(), sheet.height()) => {
            Some(nodes(&Plane::of(dark)))
        }
        Some(_) => return Err(refuse("the dark picture has another size")),
        None => None,
    };
    let mean =
        |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
    let level = mean(&lit);
    let leak = outside.as_ref().map(|o| mean(o) / level.max(1e-9));
    let own: Vec<f32> = match &outside {
        Some(outside) => lit.iter().zip(outside).map(|(l, o)| l - o).collect(),
        None => lit,
    };
    if mean(&own) < 0.01 {
        return Err(refuse("it is dark: is the lamp lit?"));
    }
    let surface = surface(&own).ok_or_else(|| refuse("the light has no smooth shape"))?;
    let highest = surface.iter().copied().fold(f64::MIN, f64::max);
    if surface.iter().any(|s| *s < highest / 20.0) {
        return Err(refuse(
            "a part of it is dark: does the sheet cover the whole glass?",
        ));
    }
    let gains: Vec<f32> = surface.iter().map(|s| (highest / s) as f32).collect();
    let corrected: Vec<f32> = own.iter().zip(&gains).map(|(v, g)| v * g).collect();
    let lightest = own.iter().copied().fold(f32::MIN, f32::max);
    Ok(Evenness {
        before: least_over_most(&own),
        after: least_over_most(&corrected),
        level,
        clipped: clipped(sheet),
        leak,
        map: own.iter().map(|v| v / lightest).collect(),
        field: LampField {
            light,
            columns: columns as u16,
            rows: rows as u16,
            gains,
        },
    })
}

/// How even a picture of a white sheet is: darkest over lightest, of the means of `NODES` places.
#[must_use]
pub fn evenness_of(sheet: &Picture) -> f64 {
    let [columns, rows] = NODES;
    least_over_most(&Plane::of(sheet).blocks(columns, rows))
}

fn least_over_most(values: &[f32]) -> f64 {
    let least = values.iter().copied().fold(f32::MAX, f32::min);
    let most = values.iter().copied().fold(f32::MIN, f32::max);
    f64::from(least) / f64::from(most).max(1e-9)
}

/// The mean light round each node of the lattice; the outermost nodes lie in the outermost pixels.
fn nodes(plane: &Plane) -> Vec<f32> {
    let [columns, rows] = NODES;
    let reach = (plane.width / columns / 2).max(1);
    let mut values = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        let y = row * (plane.height - 1) / (rows - 1);
        for column in 0..columns {
            let x = column * (plane.width - 1) / (columns - 1);
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(plane.height));
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(plane.width));
            let sum: f64 = (top..bottom)
                .flat_map(|y| &plane.data[y * plane.width + left..y * plane.width + right])
                .map(|v| f64::from(*v))
                .sum();
            values.push((sum / ((bottom - top) * (right - left)) as f64) as f32);
        }
    }
    values
}

/// Every term up to the fourth degree at a place of -1 to 1.
fn terms(x: f64, y: f64) -> [f64; TERMS] {
    let mut terms = [0.0; TERMS];
    let mut i = 0;
    for degree in 0..=4 {
        for down in 0..=degree {
            terms[i] = x.powi(degree - down) * y.powi(down);
            i += 1;
        }
    }
    terms
}

/// A smooth surface through the light, dust left out.
fn surface(values: &[f32]) -> Option<Vec<f64>> {
    let [columns, rows] = NODES;
    let place = |i: usize| {
        let unit = |k: usize, of: usize| 2.0 * k as f64 / (of - 1) as f64 - 1.0;
        terms(unit(i % columns, columns), unit(i / columns, rows))
    };
    let mut used: Vec<usize> = (0..values.len()).collect();
    let mut fitted = Vec::new();
    for _ in 0..3 {
        let a = DMatrix::from_row_iterator(used.len(), TERMS, used.iter().flat_map(|i| place(*i)));
        let b = DVector::from_iterator(used.len(), used.iter().map(|i| f64::from(values[*i])));
        let normal = a.transpose() * &a;
        let solved = normal.lu().solve(&(a.transpose() * b))?;
        fitted = (0..values.len())
            .map(|i| place(i).iter().zip(solved.iter()).map(|(t, c)| t * c).sum())
            .collect::<Vec<f64>>();
        used = (0..values.len())
            .filter(|i| f64::from(values[*i]) > fitted[*i] * (1.0 - SPECK))
            .collect();
        if used.len() < values.len() / 2 {
            return None;
        }
    }
    fitted.iter().all(|v| v.is_finite()).then_some(fitted)
}

/// The figures of one lamp.
#[must_use]
pub fn figures(evenness: &Evenness) -> Vec<Figure> {
    let name = |what: &str| format!("{}_{what}", evenness.field.light.as_str());
    let mut figures = vec![
        Figure::new(
            name("evenness_as_taken"),
            evenness.before,
            "",
            Tolerance::Told,
            "",
        ),
        Figure::new(
            name("evenness"),
            evenness.after,
            "",
            Tolerance::AtLeast(LEAST_EVENNESS),
            "clean the glass and the sheet; straighten the lamp; a lamp that stays uneven is replaced",
        ),
        Figure::new(
            name("level"),
            evenness.level,
            "",
            match evenness.field.light {
                // What glows is never as bright as a lamp.
                Light::Ultraviolet => Tolerance::Between(0.01, 0.95),
                _ => Tolerance::Between(0.25, 0.95),
            },
            "set the exposure, or the lamp's brightness",
        ),
        Figure::new(
            name("clipped"),
            evenness.clipped,
            "",
            Tolerance::AtMost(0.001),
            "shorten the exposure: what is clipped cannot be measured",
        ),
    ];
    if let Some(leak) = evenness.leak {
        figures.push(Figure::new(
            name("leak"),
            leak,
            "",
            Tolerance::AtMost(MOST_LEAK),
            "close the lid; shade the reader from the sun; check the lid's seal",
        ));
    }
    figures
}
