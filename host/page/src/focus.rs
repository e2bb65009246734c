//! How sharp the zone's print is: how steeply it goes from paper to ink, in millimetres of the page.

use crate::plane::Pyramid;
use crate::pose::{Px, ZonePlace};

/// OCR-B's stroke (ISO 1073-2), millimetres.
const STROKE_MM: f64 = 0.35;
/// How far above and below a line's middle its print is looked at, millimetres: a capital's half, and some.
const REACH_MM: f64 = 1.4;
/// Characters that are judged together, under one light.
const TOGETHER: usize = 4;
/// Print fainter than this says nothing of focus, in grey levels.
const LEAST_CONTRAST: f32 = 30.0;
/// How much looking itself blurs, in squared steps of a patch: between pixels, and over two of them.
const OF_LOOKING: f64 = 0.55;
/// The share of a patch full of print that is less steep than the flanks of its strokes.
const STEEP: f32 = 0.975;
/// Finer than this nothing of a stroke is to be seen, steps per millimetre.
const STEPS_PER_MM: f64 = 12.0;

/// How blurred print is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Blur {
    /// Standard deviation along the lines, millimetres of the page.
    pub(crate) along_mm: f64,
    /// Across them.
    pub(crate) across_mm: f64,
}

impl Blur {
    /// The worse of the two.
    pub(crate) fn worst_mm(self) -> f64 {
        self.along_mm.max(self.across_mm)
    }

    /// How many times worse one direction is than the other; a sharp picture has none.
    pub(crate) fn motion(self) -> f64 {
        const SHARP_MM: f64 = 0.05;
        self.worst_mm().max(SHARP_MM) / self.along_mm.min(self.across_mm).max(SHARP_MM)
    }

    /// The share of their contrast that stripes as wide as a stroke keep, 0 to 1.
    pub(crate) fn focus(self) -> f64 {
        kept_contrast(self.worst_mm())
    }
}

/// The share of their contrast that stripes as wide as a stroke keep under a blur of so many millimetres.
pub(crate) fn kept_contrast(sigma_mm: f64) -> f64 {
    let per_mm = 1.0 / (2.0 * STROKE_MM);
    (-2.0 * std::f64::consts::PI.powi(2) * (sigma_mm * per_mm).powi(2)).exp()
}

/// How blurred a zone's print is; `None` where it is too faint to tell.
pub(crate) fn of_zone(picture: &Pyramid<'_>, zone: &ZonePlace, pixels_per_mm: f64) -> Option<Blur> {
    let mut along = Vec::new();
    let mut across = Vec::new();
    for line in &zone.lines {
        for piece in line.windows(TOGETHER).step_by(TOGETHER - 1) {
            let patch = Patch::of(
                picture,
                [piece[0], piece[TOGETHER - 1]],
                REACH_MM,
                pixels_per_mm,
            );
            if let Some([u, v]) = patch.blur_mm(STEEP) {
                along.push(u);
                across.push(v);
            }
        }
    }
    Some(Blur {
        along_mm: median(&mut along)?,
        across_mm: median(&mut across)?,
    })
}

/// The middle one of some numbers; `None` of none.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// A piece of a line, step by step along it and across it.
pub(crate) struct Patch {
    /// From step to step, millimetres of the page: a pixel of what is looked at, or more where it is very fine.
    step_mm: f64,
    width: usize,
    values: Vec<f32>,
}

impl Patch {
    /// The piece from one place to another, so many millimetres wide on either side.
    pub(crate) fn of(
        picture: &Pyramid<'_>,
        [from, to]: [Px; 2],
        reach_mm: f64,
        pixels_per_mm: f64,
    ) -> Self {
        /// More steps than this along or across are not needed to judge.
        const MOST: f64 = 400.0;
        let whole = picture.look(1.0);
        let step = (pixels_per_mm / STEPS_PER_MM).max(f64::from(whole.scale));
        let d = [to[0] - from[0], to[1] - from[1]];
        let length = d[0].hypot(d[1]).max(1e-6);
        let u = [d[0] / length, d[1] / length];
        let width = (length / step).clamp(1.0, MOST) as usize + 1;
        let half = (reach_mm * pixels_per_mm / step).clamp(1.0, MOST / 2.0) as i32;
        let mut values = Vec::with_capacity(width * (2 * half as usize + 1));
        for v in -half..=half {
            for x in 0..width {
                let (x, v) = (step * x as f64, step * f64::from(v));
                let at = [from[0] + u[0] * x - u[1] * v, from[1] + u[1] * x + u[0] * v];
                values.push(whole.sample(at[0] as f32, at[1] as f32));
            }
        }
        Self {
            step_mm: step / pixels_per_mm.max(1e-6),
            width,
            values,
        }
    }

    /// The level that such a share of the patch lies under.
    pub(crate) fn level(&self, share: f32) -> f32 {
        let mut sorted = self.values.clone();
        let at = ((sorted.len() - 1) as f32 * share) as usize;
        *sorted.select_nth_unstable_by(at, f32::total_cmp).1
    }

    /// From ink to paper.
    pub(crate) fn contrast(&self) -> f32 {
        self.level(0.95) - self.level(0.04)
    }

    /// How blurred its print is along and across, a standard deviation in millimetres, judged by what is
    /// steeper than such a share of the patch; `None` where it is too faint to tell.
    pub(crate) fn blur_mm(&self, steep: f32) -> Option<[f64; 2]> {
        let contrast = self.contrast();
        if contrast < LEAST_CONTRAST {
            return None;
        }
        let (along, across) = self.steepest(steep);
        Some([along, across].map(|slope| {
            let sigma = f64::from(contrast / slope.max(1e-3)) / (2.0 * std::f64::consts::PI).sqrt();
            (sigma * sigma - OF_LOOKING).max(0.0).sqrt() * self.step_mm
        }))
    }

    /// How steep print is along and across, levels per step: steeper than such a share of the patch.
    fn steepest(&self, share: f32) -> (f32, f32) {
        let w = self.width;
        let mut along = Vec::with_capacity(self.values.len());
        let mut across = Vec::with_capacity(self.values.len());
        for row in self.values.chunks_exact(w) {
            along.extend(row.windows(3).map(|p| (p[2] - p[0]).abs() / 2.0));
        }
        if self.values.len() > 2 * w {
            let below = self.values[2 * w..].iter();
            across.extend(
                self.values
                    .iter()
                    .zip(below)
                    .map(|(a, b)| (b - a).abs() / 2.0),
            );
        }
        let steep = |values: &mut Vec<f32>| {
            if values.is_empty() {
                return 0.0;
            }
            let at = ((values.len() - 1) as f32 * share) as usize;
            *values.select_nth_unstable_by(at, f32::total_cmp).1
        };
        (steep(&mut along), steep(&mut across))
    }
}
