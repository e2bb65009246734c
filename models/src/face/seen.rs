//! A picture as the detector sees it: itself, or a smaller copy, for it finds faces of a limited size.

use image::RgbImage;
use opencv::core::{Mat, MatTraitConstManual, Size, Vec3b};
use opencv::imgproc::{INTER_AREA, resize};
use page::Picture;
use zeroize::Zeroize;

/// The picture, or a copy of it that is wiped when it is dropped.
pub(super) enum Seen<'a> {
    Whole(&'a RgbImage),
    Copy(RgbImage),
}

impl<'a> Seen<'a> {
    /// As seen in a copy whose longest side is `side`, where the picture is larger.
    pub(super) fn of(picture: &'a Picture, side: u32) -> Result<Self, opencv::Error> {
        let reduced = reduce(picture.rgb(), side)?;
        Ok(reduced.map_or(Self::Whole(picture.rgb()), Self::Copy))
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

/// A copy whose longest side is `side`, each pixel the average of those that it stands for; `None`
/// where the picture is not larger.
fn reduce(picture: &RgbImage, side: u32) -> Result<Option<RgbImage>, opencv::Error> {
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
