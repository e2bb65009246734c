//! Under- and over-exposure (ISO/IEC 29794-5:2025, the two exposure prevention components).

use super::{Guidance, Measure, Sample};

/// Luminance up to which a pixel is too dark to hold detail.
const DARK: f32 = 25.0;
/// Luminance from which a pixel is too bright to hold detail.
const BRIGHT: f32 = 247.0;

/// The shares of the face that are too dark and too bright.
pub(super) fn measure(sample: &Sample<'_>) -> [Measure; 2] {
    let (mut dark, mut bright, mut count) = (0.0f32, 0.0f32, 0.0f32);
    for value in sample.skin_luma() {
        count += 1.0;
        if value <= DARK {
            dark += 1.0;
        } else if value >= BRIGHT {
            bright += 1.0;
        }
    }
    let share = |name, source, value: f32, most, guidance| {
        Measure::new(
            name,
            "1",
            source,
            [0.0, 1.0],
            value / count,
            [0.0, most],
            [guidance; 2],
        )
    };
    [
        share(
            "under_exposure",
            "ISO/IEC 29794-5 under-exposure prevention: share of the face at most 25 of 255",
            dark,
            0.35,
            Guidance::MoreLight,
        ),
        share(
            "over_exposure",
            "ISO/IEC 29794-5 over-exposure prevention: share of the face at least 247 of 255",
            bright,
            0.10,
            Guidance::LessLight,
        ),
    ]
}
