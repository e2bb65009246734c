//! A profile made ready to set pictures right.

use super::light::{from_srgb, to_srgb};
use super::{Light, NotThisCamera, Profile, ProfileError};
use crate::Picture;
use image::RgbImage;

/// Steps between two encoded values when light is looked up.
const FINE: usize = 16;
/// Steps of linear light when it is encoded.
const STEPS: usize = 8192;
/// Where a point of the flat picture lies is computed at every so many pixels, and between them drawn straight:
/// at any distortion of a usable lens that is far below a hundredth of a pixel wrong.
const STRIDE: usize = 16;

/// Sets pictures of one box right. Making one costs about as much as one picture does; keep it.
#[derive(Debug)]
pub struct Correction {
    profile: Profile,
    width: usize,
    height: usize,
    /// Where every [`STRIDE`]th pixel of the flat picture is seen in the picture as taken.
    places: Vec<[f32; 2]>,
    across: usize,
    /// Linear light of an encoded value in steps of 1 / [`FINE`].
    light: Vec<f32>,
    /// The encoded value of linear light.
    encoded: Vec<u8>,
}

impl Correction {
    /// Makes a profile ready.
    ///
    /// # Errors
    /// [`ProfileError`] where its numbers make no sense.
    pub fn of(profile: Profile) -> Result<Self, ProfileError> {
        profile.check()?;
        let per_mm = profile.glass.dpi / 25.4;
        let [left, top, across_mm, down_mm] = profile.glass.area_mm;
        let side = |mm: f64| ((mm * per_mm).round() as usize).max(1);
        let (width, height) = (side(across_mm), side(down_mm));
        let across = width.div_ceil(STRIDE) + 1;
        let down = height.div_ceil(STRIDE) + 1;
        let mut places = Vec::with_capacity(across * down);
        for row in 0..down {
            for column in 0..across {
                let mm = |i: usize| ((i * STRIDE) as f64 + 0.5) / per_mm;
                let flat = profile.glass.pixel([left + mm(column), top + mm(row)]);
                places.push(profile.camera.distort(flat).map(|v| v as f32));
            }
        }
        let light = (0..=255 * FINE).map(|i| from_srgb(i as f64 / (255 * FINE) as f64) as f32);
        let encoded = (0..=STEPS).map(|i| (to_srgb(i as f64 / STEPS as f64) * 255.0).round() as u8);
        Ok(Self {
            width,
            height,
            places,
            across,
            light: light.collect(),
            encoded: encoded.collect(),
            profile,
        })
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The picture set right: the glass laid flat at the profile's resolution, evenly lit, in sRGB where the
    /// light was white. What the camera did not see is white.
    ///
    /// # Errors
    /// [`NotThisCamera`] where the picture has another size than the camera's.
    pub fn apply(&self, picture: &Picture, light: Light) -> Result<Picture, NotThisCamera> {
        let size = [picture.width(), picture.height()];
        if size != self.profile.camera.size {
            return Err(NotThisCamera {
                of: self.profile.camera.size,
                is: size,
            });
        }
        let field = self.profile.field(light);
        let matrix = (light == Light::White).then(|| self.profile.colour.map(|v| v as f32));
        let source = picture.rgb();
        let mut flat =
            RgbImage::from_pixel(self.width as u32, self.height as u32, image::Rgb([255; 3]));
        for (y, row) in flat.rows_mut().enumerate() {
            for (x, pixel) in row.enumerate() {
                let place = self.place(x, y);
                let Some(seen) = sample(source, place) else {
                    continue;
                };
                let gain = field.map_or(1.0, |f| f.gain(size, place));
                let lit = seen.map(|v| self.light[(v * FINE as f32 + 0.5) as usize] * gain);
                let lit = match &matrix {
                    Some(m) => [0, 1, 2]
                        .map(|k| m[3 * k] * lit[0] + m[3 * k + 1] * lit[1] + m[3 * k + 2] * lit[2]),
                    None => lit,
                };
                pixel.0 =
                    lit.map(|v| self.encoded[(v.clamp(0.0, 1.0) * STEPS as f32 + 0.5) as usize]);
            }
        }
        Ok(Picture::from_rgb(flat))
    }

    /// Where a pixel of the flat picture is seen in the picture as taken.
    fn place(&self, x: usize, y: usize) -> [f32; 2] {
        let (column, row) = (x / STRIDE, y / STRIDE);
        let (fx, fy) = (
            (x % STRIDE) as f32 / STRIDE as f32,
            (y % STRIDE) as f32 / STRIDE as f32,
        );
        let at = row * self.across + column;
        let (a, b) = (self.places[at], self.places[at + 1]);
        let (c, d) = (
            self.places[at + self.across],
            self.places[at + self.across + 1],
        );
        [0, 1].map(|k| {
            let upper = a[k] + (b[k] - a[k]) * fx;
            let lower = c[k] + (d[k] - c[k]) * fx;
            upper + (lower - upper) * fy
        })
    }
}

/// The encoded values at a point between pixels; `None` outside the picture.
fn sample(picture: &RgbImage, [x, y]: [f32; 2]) -> Option<[f32; 3]> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if !(x >= 0.0 && y >= 0.0 && x <= (width - 1) as f32 && y <= (height - 1) as f32) {
        return None;
    }
    let (x0, y0) = ((x as usize).min(width - 2), (y as usize).min(height - 2));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let raw = picture.as_raw();
    let at = |x: usize, y: usize, k: usize| f32::from(raw[3 * (y * width + x) + k]);
    Some([0, 1, 2].map(|k| {
        let upper = at(x0, y0, k) + (at(x0 + 1, y0, k) - at(x0, y0, k)) * fx;
        let lower = at(x0, y0 + 1, k) + (at(x0 + 1, y0 + 1, k) - at(x0, y0 + 1, k)) * fx;
        upper + (lower - upper) * fy
    }))
}
