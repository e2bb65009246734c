//! Eyes visible (ISO/IEC 29794-5:2025, component "eyes visible").
//!
//! The standard's reference implementation segments the face with a learned model, which is in no
//! registry. This is the share of the eyes' surroundings that is much darker than the cheeks: dark
//! glasses cover nearly all of it, brows, lashes, shadow and pupils less, whatever the skin.

use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Of 488 press photographs the six with plain dark glasses lie above, and no other; the 95th
/// percentile of people of African descent and of others is the same (0.59 and 0.57).
const GOOD: f32 = 0.8;
/// Much darker: below this share of the cheeks' luminance.
const DARK: f32 = 0.45;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let luma = sample.luma();
    let within = |columns: [std::ops::Range<usize>; 2], rows: std::ops::Range<usize>| {
        let [left, right] = columns;
        rows.flat_map(move |y| {
            left.clone()
                .chain(right.clone())
                .map(move |x| luma[y * SIDE + x])
        })
    };
    let bright = sample.cheek_luma();
    let eyes = within([54..98, 125..169], 94..114);
    let (dark, all) = eyes.fold((0.0, 0.0), |(dark, all), value| {
        (dark + f32::from(u8::from(value < DARK * bright)), all + 1.0)
    });
    Measure::new(
        "eyes_visible",
        "1",
        "own estimate of ISO/IEC 29794-5 eyes visible: share of the eyes' surroundings not darkened",
        [0.0, 1.0],
        1.0 - dark / all,
        [1.0 - GOOD, f32::INFINITY],
        [Guidance::UncoverEyes, Guidance::UncoverEyes],
    )
}
