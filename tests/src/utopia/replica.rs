//! Pictures of a face that are held before a camera instead of a face: on a screen, and printed.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage, imageops};

/// What a camera takes of it, as a JPEG file's pixels: noise of its own by the seed, and the file's quality.
///
/// # Errors
/// What the encoder or decoder says.
pub fn taken(seen: &RgbImage, seed: u64, quality: u8) -> Result<RgbImage, image::ImageError> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = move || {
        let mut sum = 0.0;
        for _ in 0..4 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum += (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
        }
        // Four evenly spread numbers have a variance of a third together: two levels.
        sum * 3.5
    };
    let mut noisy = imageops::blur(seen, 0.5);
    for value in noisy.iter_mut() {
        *value = (f32::from(*value) + noise()).round() as u8;
    }
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, quality).encode_image(&noisy)?;
    Ok(image::load_from_memory(&file)?.into_rgb8())
}

/// Places of a screen's or a print's raster for each of its points, across and down.
const FINE: u32 = 6;

/// A portrait on a screen of `lines` lines as the camera's lens sees it, `height` pixels high: red, green and blue
/// stripes with dark gaps between them.
#[must_use]
pub fn on_screen(portrait: &RgbImage, lines: u32, height: u32) -> RgbImage {
    let shown = scaled(portrait, lines);
    let raster = RgbImage::from_fn(shown.width() * FINE, shown.height() * FINE, |x, y| {
        let Rgb(colour) = *shown.get_pixel(x / FINE, y / FINE);
        let (stripe, gap) = ((x % FINE / 2) as usize, y % FINE == FINE - 1);
        let mut light = [0; 3];
        if !gap {
            light[stripe] = colour[stripe];
        }
        Rgb(light)
    });
    // A stripe is a third of its point, and the gap takes a sixth: the screen is set as bright as the face was.
    brightened(&scaled(&raster, height), 3.0 * 6.0 / 5.0)
}

/// A portrait in print with `lines` points of the print screen from top to bottom, as the camera's lens sees it, `height` pixels
/// high: cyan, magenta and yellow, each at an angle of its own.
#[must_use]
pub fn in_print(portrait: &RgbImage, lines: u32, height: u32) -> RgbImage {
    let shown = imageops::resize(
        portrait,
        portrait.width() * lines * FINE / portrait.height(),
        lines * FINE,
        imageops::Triangle,
    );
    let cell = std::f32::consts::TAU / FINE as f32;
    let raster = RgbImage::from_fn(shown.width(), shown.height(), |x, y| {
        let Rgb(colour) = *shown.get_pixel(x, y);
        let mut paper = [0; 3];
        for (channel, degrees) in [15.0f32, 75.0, 0.0].into_iter().enumerate() {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let across = (x as f32 * cos + y as f32 * sin) * cell;
            let down = (y as f32 * cos - x as f32 * sin) * cell;
            let threshold = 0.5 + 0.245 * (across.cos() + down.cos());
            let is_paper = f32::from(colour[channel]) / 255.0 > threshold;
            paper[channel] = if is_paper { 235 } else { 20 };
        }
        Rgb(paper)
    });
    scaled(&raster, height)
}

/// The picture so many pixels high, each the average of what it covers.
#[must_use]
pub fn scaled(picture: &RgbImage, height: u32) -> RgbImage {
    let width = (picture.width() * height / picture.height()).max(1);
    imageops::resize(picture, width, height, imageops::Triangle)
}

fn brightened(picture: &RgbImage, by: f32) -> RgbImage {
    let mut brighter = picture.clone();
    for value in brighter.iter_mut() {
        *value = (f32::from(*value) * by) as u8;
    }
    brighter
}
