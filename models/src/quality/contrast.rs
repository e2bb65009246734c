//! Luminance variance (ISO/IEC 29794-5:2025, component "moments of the luminance distribution").

use super::{Guidance, Measure, Sample};

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let (mut sum, mut squares, mut count) = (0.0f64, 0.0f64, 0.0f64);
    for value in sample.skin_luma() {
        let value = f64::from(value) / 255.0;
        sum += value;
        squares += value * value;
        count += 1.0;
    }
    let mean = sum / count;
    Measure::new(
        "contrast",
        "1",
        "ISO/IEC 29794-5 luminance variance",
        [0.0, 0.25],
        (squares / count - mean * mean).max(0.0) as f32,
        [0.0015, f32::INFINITY],
        [Guidance::EvenLight, Guidance::EvenLight],
    )
}
