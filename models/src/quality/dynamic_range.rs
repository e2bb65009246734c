//! Dynamic range (ISO/IEC 29794-5:2025, component "dynamic range").

use super::sample::histogram;
use super::{Guidance, Measure, Sample};

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let entropy: f32 = histogram(sample.skin_luma())
        .iter()
        .filter(|share| **share > 0.0)
        .map(|share| -share * share.log2())
        .sum();
    Measure::new(
        "dynamic_range",
        "bit",
        "ISO/IEC 29794-5 dynamic range: entropy of the face's luminance",
        [0.0, 8.0],
        entropy,
        [4.0, f32::INFINITY],
        [Guidance::MoreLight, Guidance::MoreLight],
    )
}
