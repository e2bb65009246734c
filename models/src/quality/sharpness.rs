//! Sharpness (ISO/IEC 29794-5:2025, component "sharpness").
//!
//! The standard's reference implementation trains a forest on Laplacian features; its weights are
//! in no registry. This is the Laplacian itself: its energy over the face, by the face's contrast,
//! so that neither light nor skin tone moves it.

use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Below this the picture is blurred to the eye.
const GOOD: f32 = 0.05;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let luma = sample.luma();
    let (mut edges, mut sum, mut squares, mut count) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for y in 64..200 {
        for x in 48..176 {
            let at = y * SIDE + x;
            let around = luma[at - 1] + luma[at + 1] + luma[at - SIDE] + luma[at + SIDE];
            edges += f64::from((around - 4.0 * luma[at]).abs());
            sum += f64::from(luma[at]);
            squares += f64::from(luma[at]).powi(2);
            count += 1.0;
        }
    }
    let deviation = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
    // A deviation of less than one grey level is no face: nothing to be sharp.
    let value = if deviation < 1.0 {
        0.0
    } else {
        edges / count / deviation
    };
    Measure::new(
        "sharpness",
        "1",
        "own estimate of ISO/IEC 29794-5 sharpness: mean Laplacian by standard deviation",
        [0.0, 8.0],
        value as f32,
        [GOOD, f32::INFINITY],
        [Guidance::HoldStill, Guidance::HoldStill],
    )
}
