//! A smaller copy of a picture, for a detector that finds faces of a limited size.

use image::RgbImage;
use opencv::core::{Mat, MatTraitConstManual, Size, Vec3b};
use opencv::imgproc::{INTER_AREA, resize};

/// A copy whose longest side is `side`, each pixel the average of those that it stands for; `None`
/// where the picture is not larger.
pub(super) fn reduce(picture: &RgbImage, side: u32) -> Result<Option<RgbImage>, opencv::Error> {
    let longest = picture.width().max(picture.height());
    if longest <= side {
        return Ok(None);
    }
    let scaled = |length: u32| {
        let rounded =
            (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        (rounded as u32).max(1)
    };
    let (width, height) = (scaled(picture.width()), scaled(picture.height()));
    let whole = Mat::new_rows_cols_with_bytes::<Vec3b>(
        picture.height().try_into()?,
        picture.width().try_into()?,
        picture.as_raw(),
    )?;
    let mut small = Mat::default();
    let size = Size::new(width.try_into()?, height.try_into()?);
    resize(&whole, &mut small, size, 0.0, 0.0, INTER_AREA)?;
    Ok(RgbImage::from_raw(
        width,
        height,
        small.data_bytes()?.to_vec(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn pixels_are_averaged_and_sides_keep_their_ratio() {
        let stripes = RgbImage::from_fn(1280, 640, |x, _| {
            Rgb([if x % 2 == 0 { 10 } else { 30 }, 7, 250])
        });
        let small = reduce(&stripes, 640).expect("reduced").expect("smaller");
        assert_eq!(small.dimensions(), (640, 320));
        assert!(small.pixels().all(|p| *p == Rgb([20, 7, 250])));
        assert_eq!(reduce(&stripes, 1280).expect("nothing to do"), None);
    }

    #[test]
    fn a_thread_keeps_one_pixel_of_width() {
        let thread = RgbImage::from_pixel(5000, 1, Rgb([1, 2, 3]));
        let small = reduce(&thread, 640).expect("reduced").expect("smaller");
        assert_eq!(small.dimensions(), (640, 1));
        assert_eq!(*small.get_pixel(639, 0), Rgb([1, 2, 3]));
    }
}
