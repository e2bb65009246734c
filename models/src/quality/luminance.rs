//! Luminance mean (ISO/IEC 29794-5:2025, component "moments of the luminance distribution").

use super::{Guidance, Measure, Sample};

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let (mut sum, mut count) = (0.0f32, 0.0f32);
    for value in sample.skin_luma() {
        sum += value;
        count += 1.0;
    }
    Measure::new(
        "luminance_mean",
        "1",
        "ISO/IEC 29794-5 luminance mean",
        [0.0, 1.0],
        sum / count / 255.0,
        // Wide on purpose: dark skin in good light is not a dark picture.
        [0.12, 0.85],
        [Guidance::MoreLight, Guidance::LessLight],
    )
}
