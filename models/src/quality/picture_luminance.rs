//! Luminance of a picture in which no face is found: the reason may be the dark, or the sun in the lens. An own measure;
//! ISO/IEC 29794-5 measures faces alone.

use super::sample::luminance;
use super::{Guidance, Measure};
use image::RgbImage;

pub(super) fn measure(picture: &RgbImage) -> Measure {
    // In `f64`, for single steps of millions of pixels are lost in `f32`.
    let (mut sum, mut count) = (0.0f64, 0.0f64);
    for pixel in picture.pixels() {
        let [r, g, b] = pixel.0.map(f32::from);
        sum += f64::from(luminance(r, g, b));
        count += 1.0;
    }
    Measure::new(
        "picture_luminance",
        "1",
        "own measure: mean luminance of a picture without a face",
        [0.0, 1.0],
        (sum / count / 255.0) as f32,
        [0.08, 0.95],
        [Guidance::MoreLight, Guidance::LessLight],
    )
}
