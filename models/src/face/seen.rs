//! A picture as the detector sees it: itself, or a copy of another size, for it finds faces of a limited size.

use image::RgbImage;
use opencv::core::{Mat, MatTraitManual, Size, Vec3b};
use opencv::imgproc::{INTER_AREA, INTER_LINEAR, resize};
use page::Picture;
use zeroize::Zeroize;

/// The picture, or a copy of it that is wiped when it is dropped.
pub(super) enum Seen<'a> {
    Whole(&'a RgbImage),
    Copy(RgbImage),
}

impl<'a> Seen<'a> {
    /// As seen in a copy whose longest side is `side`, or the picture itself where that is its own.
    pub(super) fn of(picture: &'a Picture, side: u32) -> Result<Self, opencv::Error> {
        let copy = resized(picture.rgb(), side)?;
        Ok(copy.map_or(Self::Whole(picture.rgb()), Self::Copy))
    }

    /// The pixels.
    pub(super) fn rgb(&self) -> &RgbImage {
        match self {
            Self::Whole(picture) => picture,
            Self::Copy(copy) => copy,
        }
    }

    /// How many pixels of a picture of this size one of these stands for, across and down.
    pub(super) fn step(&self, width: u32, height: u32) -> [f32; 2] {
        let seen = self.rgb();
        [
            width as f32 / seen.width() as f32,
            height as f32 / seen.height() as f32,
        ]
    }
}

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        if let Self::Copy(copy) = self {
            copy.as_mut().zeroize();
        }
    }
}

/// A copy whose longest side is `side`: of a larger picture each pixel is the average of those that it stands for, of a
/// smaller one it lies between its neighbours. `None` where there is nothing to do.
fn resized(picture: &RgbImage, side: u32) -> Result<Option<RgbImage>, opencv::Error> {
    let longest = picture.width().max(picture.height());
    if longest == side {
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
    let mut copy = Mat::default();
    let size = Size::new(width.try_into()?, height.try_into()?);
    let how = if longest > side {
        INTER_AREA
    } else {
        INTER_LINEAR
    };
    resize(&whole, &mut copy, size, 0.0, 0.0, how)?;
    let pixels = copy.data_bytes_mut()?;
    let resized = RgbImage::from_raw(width, height, pixels.to_vec());
    pixels.zeroize();
    Ok(resized)
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
        let small = resized(&stripes, 640)
            .expect("resized")
            .expect("another size");
        assert_eq!(small.dimensions(), (640, 320));
        assert!(small.pixels().all(|p| *p == Rgb([20, 7, 250])));
        assert_eq!(resized(&stripes, 1280).expect("nothing to do"), None);
    }

    #[test]
    fn a_small_picture_is_enlarged_between_its_pixels() {
        let two = RgbImage::from_fn(2, 1, |x, _| Rgb([if x == 0 { 0 } else { 200 }; 3]));
        let large = resized(&two, 4).expect("resized").expect("another size");
        let row: Vec<u8> = large
            .rows()
            .next()
            .expect("a row")
            .map(|p| p.0[0])
            .collect();
        assert_eq!((large.dimensions(), row), ((4, 2), vec![0, 50, 150, 200]));
    }

    #[test]
    fn a_thread_keeps_one_pixel_of_width() {
        let thread = RgbImage::from_pixel(5000, 1, Rgb([1, 2, 3]));
        let small = resized(&thread, 640)
            .expect("resized")
            .expect("another size");
        assert_eq!(small.dimensions(), (640, 1));
        assert_eq!(*small.get_pixel(639, 0), Rgb([1, 2, 3]));
    }
}
