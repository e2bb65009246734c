//! JPEG files through libjpeg-turbo, as OpenCV brings it: colour comes to full size as in the programs that
//! other people's figures are taken with. Another decoder's way moves the cosine of two faces by up to 0.03.

use crate::torn::components;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use opencv::core::{Mat, MatTraitConst, MatTraitConstManual, MatTraitManual};
use opencv::imgcodecs::{IMREAD_COLOR, IMREAD_GRAYSCALE, IMREAD_IGNORE_ORIENTATION, imdecode};
use zeroize::Zeroize;

/// The whole of a JPEG file that says it has `size` columns and rows, upright. `None` for any other picture, for one
/// of four inks, and for one that cannot be decoded.
pub(crate) fn whole(file: &[u8], size: [u32; 2], orientation: Orientation) -> Option<RgbImage> {
    decoded(file, IMREAD_COLOR, size, orientation)
}

/// The luminance of a JPEG file's whole, upright, which must then have `size` columns and rows: such a file keeps
/// it by itself, so that it costs half of what all its colours do. `None` as [`whole`].
pub(crate) fn luminance(
    file: &[u8],
    size: [u32; 2],
    orientation: Orientation,
) -> Option<GrayImage> {
    if !matches!(components(file), Some(1 | 3)) {
        return None;
    }
    let grey = greys(file).ok()??;
    let mut image = DynamicImage::ImageLuma8(grey);
    image.apply_orientation(orientation);
    let upright = image.into_luma8();
    ([upright.width(), upright.height()] == size).then_some(upright)
}

fn greys(file: &[u8]) -> Result<Option<GrayImage>, opencv::Error> {
    let how = IMREAD_GRAYSCALE | IMREAD_IGNORE_ORIENTATION;
    let mut pixels = imdecode(&Mat::from_slice(file)?, how)?;
    let (width, height) = (u32::try_from(pixels.cols())?, u32::try_from(pixels.rows())?);
    let greys = pixels.data_bytes()?.to_vec();
    pixels.data_bytes_mut()?.zeroize();
    Ok(GrayImage::from_raw(width, height, greys))
}

/// A JPEG file decoded as the flags `how` say, which must give `size` columns and rows before it is laid upright.
pub(crate) fn decoded(
    file: &[u8],
    how: i32,
    size: [u32; 2],
    orientation: Orientation,
) -> Option<RgbImage> {
    if !matches!(components(file), Some(1 | 3)) {
        return None;
    }
    let rgb = pixels(file, how).ok()?;
    if [rgb.width(), rgb.height()] != size {
        return None;
    }
    if orientation == Orientation::NoTransforms {
        return Some(rgb);
    }
    let mut image = DynamicImage::ImageRgb8(rgb);
    image.apply_orientation(orientation);
    Some(image.into_rgb8())
}

fn pixels(file: &[u8], how: i32) -> Result<RgbImage, opencv::Error> {
    let mut pixels = imdecode(&Mat::from_slice(file)?, how | IMREAD_IGNORE_ORIENTATION)?;
    let (width, height) = (u32::try_from(pixels.cols())?, u32::try_from(pixels.rows())?);
    let mut rgb = pixels.data_bytes()?.to_vec();
    pixels.data_bytes_mut()?.zeroize();
    // The library gives blue first.
    for pixel in rgb.as_chunks_mut::<3>().0 {
        pixel.swap(0, 2);
    }
    RgbImage::from_raw(width, height, rgb).ok_or_else(|| {
        opencv::Error::new(
            opencv::core::StsUnmatchedSizes,
            "pixels of another kind than asked for",
        )
    })
}
