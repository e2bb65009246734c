//! Mouth closed (ISO/IEC 29794-5:2025, component "mouth closed").
//!
//! The standard's reference implementation measures the lips on learned points, which are in no registry. This is
//! the height of the dark between the lips, by the distance between the eyes. A smile that shows teeth and
//! no dark is not seen, and seldom matters to the matcher.

use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Of 488 press photographs, where many speak, 3 % lie above, nearly all with the mouth wide open; the 95th
/// percentiles of people of African descent (.179) and of others (.186) are alike.
const GOOD: f32 = 0.22;
/// Dark: below this share of the cheeks' luminance.
const DARK: f32 = 0.45;
/// The distance between the eyes, in pixels of the sample.
const EYES_APART: f32 = 70.0;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let limit = DARK * sample.cheek_luma();
    let (mut most, mut run) = (0, 0);
    for y in 164..208 {
        let row = &sample.luma()[y * SIDE + 100..y * SIDE + 125];
        let is_dark = row.iter().sum::<f32>() / (row.len() as f32) < limit;
        run = if is_dark { run + 1 } else { 0 };
        most = most.max(run);
    }
    Measure::new(
        "mouth_closed",
        "1",
        "own estimate of ISO/IEC 29794-5 mouth closed: height of the dark between the lips by the eyes' distance",
        [0.0, 1.0],
        most as f32 / EYES_APART,
        [0.0, GOOD],
        [Guidance::CloseMouth, Guidance::CloseMouth],
    )
}
