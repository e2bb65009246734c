//! The door camera's picture of a traveller: a portrait seen a little askew, in ordinary light.

use image::RgbImage;

use super::error::UtopiaError;
use super::photograph::{Exposure, Homography, Sheet, encode_jpeg};
use super::seed::{Seed, one_of, within};
use super::truth::TRUTH_VERSION;

/// Mild faults of a fixed camera.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct LiveShot {
    /// The truth file's version.
    pub version: u32,
    /// Of the picture; 0.
    pub seed: Seed,
    /// The head's lean, degrees, -4 to 4.
    pub lean_degrees: f32,
    /// The picture's height in pixels: 480, 600 or 720.
    pub height: u32,
    /// Exposure, stops, -0.3 to 0.3.
    pub exposure_stops: f32,
    /// What red, green and blue are off by, -0.06 to 0.06.
    pub cast: [f32; 3],
    /// Standard deviation of the defocus, pixels, 0 to 0.9.
    pub defocus_px: f32,
    /// Standard deviation of the noise, levels, 1 to 4.
    pub noise_levels: f32,
    /// JPEG quality, 75 to 92.
    pub jpeg_quality: u8,
}

impl LiveShot {
    /// What a seed gives.
    #[must_use]
    pub fn draw(seed: Seed) -> Self {
        let rng = &mut seed.stream("live");
        Self {
            version: TRUTH_VERSION,
            seed,
            lean_degrees: within(rng, (-4.0, 4.0)),
            height: *one_of(rng, &[480, 600, 720]),
            exposure_stops: within(rng, (-0.3, 0.3)),
            cast: std::array::from_fn(|_| within(rng, (-0.06, 0.06))),
            defocus_px: within(rng, (0.0, 0.9)),
            noise_levels: within(rng, (1.0, 4.0)),
            jpeg_quality: within(rng, (75.0, 92.0)) as u8,
        }
    }
}

/// A camera's picture of a live traveller, made of a portrait; the JPEG file's bytes.
///
/// # Errors
/// [`UtopiaError::PictureNotWritten`] for a picture that JPEG cannot hold.
pub fn live_picture(portrait: &RgbImage, shot: &LiveShot) -> Result<Vec<u8>, UtopiaError> {
    encode_jpeg(&live_exposure(portrait, shot), shot.jpeg_quality)
}

/// The picture before its file format.
fn live_exposure(portrait: &RgbImage, shot: &LiveShot) -> RgbImage {
    let (w, h) = (f64::from(portrait.width()), f64::from(portrait.height()));
    let width = ((w / h * f64::from(shot.height)).round() as u32).max(1);
    // Near enough that the leaning picture still fills the frame.
    let (lean, _) = libm::sincos(f64::from(shot.lean_degrees).to_radians());
    let near = 1.0 + lean.abs() * (w / h).max(h / w);
    let place = Homography::shift(-w / 2.0, -h / 2.0)
        .then(&Homography::turn(f64::from(shot.lean_degrees)))
        .then(&Homography::scale(near * f64::from(shot.height) / h))
        .then(&Homography::shift(
            f64::from(width) / 2.0,
            f64::from(shot.height) / 2.0,
        ));
    let mut exposure = Exposure::dark(width as usize, shot.height as usize);
    exposure.paint(&Sheet::of_picture(portrait), &place, 0.0);
    exposure.tint(shot.exposure_stops, shot.cast);
    exposure.defocus(shot.defocus_px);
    exposure.develop(shot.noise_levels, shot.seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::utopia::drawn_face;

    #[test]
    fn a_live_picture_is_the_same_from_its_seed_and_fills_its_frame() {
        let face = drawn_face(Seed(5));
        for seed in 0..8 {
            let shot = LiveShot::draw(Seed(seed));
            let picture = live_exposure(&face, &shot);
            assert_eq!(picture.height(), shot.height);
            for (x, y) in [(0, 0), (picture.width() - 1, 0), (0, shot.height - 1)] {
                assert!(
                    picture.get_pixel(x, y).0.iter().any(|v| *v > 40),
                    "a dark corner at {seed}"
                );
            }
            let once = live_picture(&face, &shot).expect("encodes");
            assert_eq!(once, live_picture(&face, &shot).expect("encodes"));
        }
    }
}
