//! The page laid flat: cut out of its picture, upright, at a stated resolution.

use crate::Picture;
use crate::outline::Located;
use image::imageops::interpolate_bilinear;
use image::{Rgb, RgbImage};

/// The most that a rectified page is enlarged to, pixels across or down.
const MOST: f64 = 6000.0;

impl Located {
    /// The page laid flat at so many pixels per inch: upright, without perspective, the bend of its leaf
    /// taken out. What lies outside the picture is white. Asked for [`Located::dpi`], nothing that the
    /// picture shows is lost or made up.
    #[must_use]
    pub fn rectified(&self, picture: &Picture, dpi: f32) -> Picture {
        let size = self.pose.size_mm();
        let longest = size[0].max(size[1]);
        let wanted = f64::from(dpi) / 25.4;
        let per_mm = if wanted.is_finite() { wanted } else { 1.0 }.clamp(0.1, MOST / longest);
        let [width, height] = size.map(|mm| (mm * per_mm).round().max(1.0) as u32);
        let place = self.pose.placing();
        let [left, top] = self.pose.corners()[0];
        Picture::from_rgb(RgbImage::from_fn(width, height, |x, y| {
            let mm = |v: u32| (f64::from(v) + 0.5) / per_mm;
            let [px, py] = place([left + mm(x), top + mm(y)]);
            interpolate_bilinear(picture.rgb(), px as f32, py as f32).unwrap_or(Rgb([255; 3]))
        }))
    }
}
