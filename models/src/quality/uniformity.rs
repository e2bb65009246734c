//! Illumination uniformity (ISO/IEC 29794-5:2025, component "illumination uniformity").

use super::sample::{SIDE, histogram};
use super::{Guidance, Measure, Sample};

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    // Two squares between the eyes and the mouth, one on each side of the nose.
    let half = |from: usize, to: usize| {
        let luma = sample.luma();
        // Sixteen steps of grey: a plain histogram of so few pixels would differ by noise alone.
        histogram(
            (116..176)
                .flat_map(move |y| (from..to).map(move |x| luma[y * SIDE + x]))
                .map(|value| (value / 16.0).floor()),
        )
    };
    let (left, right) = (half(52, 108), half(116, 172));
    Measure::new(
        "illumination_uniformity",
        "1",
        "ISO/IEC 29794-5 illumination uniformity: what the histograms of both cheeks share",
        [0.0, 1.0],
        left.iter().zip(&right).map(|(a, b)| a.min(*b)).sum(),
        [0.35, f32::INFINITY],
        [Guidance::EvenLight, Guidance::EvenLight],
    )
}
