//! Mouth visible (ISO/IEC 29794-5:2025, component "mouth occlusion prevention").
//!
//! The standard's reference implementation segments the face with a learned model, which is in no
//! registry. This compares colours: mouth and chin are of the cheeks' hue, bearded or not, and a
//! mask or a scarf mostly is not. A cover of the skin's own hue is not seen; [`super::lips_visible`] sees some.

use super::colour::{lab, linear};
use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Distance in CIELAB's a*, b*. Of 488 press photographs three lie beyond (none of them covered);
/// of the same with a drawn mask, 97 of 100 blue ones and about 7 of 10 white or black ones.
const GOOD: f32 = 20.0;
/// Beyond this a cover is sure: of the uncovered the furthest is at 24.2; of the drawn blue masks all lie beyond.
pub(super) const SURE: f32 = 35.0;

/// a* and b* of the cheeks, and of mouth and chin: what three measures of the mouth go by.
pub(super) struct Hues {
    pub(super) cheeks: [f32; 2],
    pub(super) below: [f32; 2],
}

impl Hues {
    pub(super) fn of(sample: &Sample<'_>) -> Self {
        let colours = sample.colours();
        let hue = |columns: &[std::ops::Range<usize>], rows: std::ops::Range<usize>| {
            let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
            for y in rows {
                for x in columns.iter().cloned().flatten() {
                    for (total, value) in sum.iter_mut().zip(colours[y * SIDE + x]) {
                        *total += linear(value / 255.0);
                    }
                    count += 1.0;
                }
            }
            lab(sum.map(|total| total / count))
        };
        Self {
            cheeks: hue(&[60..95, 130..165], 116..140),
            below: hue(&[72..112, 112..152], 170..206),
        }
    }
}

pub(super) fn measure(hues: &Hues) -> Measure {
    let ([a, b], [below_a, below_b]) = (hues.cheeks, hues.below);
    Measure::new(
        "mouth_visible",
        "1",
        "own estimate of ISO/IEC 29794-5 mouth occlusion: a*, b* of mouth and chin from the cheeks'",
        [0.0, 200.0],
        (a - below_a).hypot(b - below_b),
        [0.0, GOOD],
        [Guidance::UncoverMouth, Guidance::UncoverMouth],
    )
}
