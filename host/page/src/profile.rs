//! The box's profile: what was measured of its camera, its lamps and its colours, and the setting right of
//! a picture by it: distortion taken out and the page plane laid flat at a stated resolution, each lamp's
//! unevenness evened, colours brought to sRGB (IEC 61966-2-1).
//!
//! A profile is measured, signed and judged (whose it is, how old, how far the box has drifted since) by the
//! room `calibration`; here it is numbers, checked for sense and applied.

mod correct;
mod light;

pub use correct::Correction;
pub use light::{from_srgb, to_srgb};

use crate::picture::MAX_PIXELS;
use serde::{Deserialize, Serialize};

/// The camera's own: pinhole with the distortion of Brown and Conrady, as OpenCV orders its coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraModel {
    /// Columns and rows of its pictures.
    pub size: [u32; 2],
    /// Focal lengths, in pixels, across and down.
    pub focal: [f64; 2],
    /// The principal point, in pixels (pixel centres at whole numbers).
    pub centre: [f64; 2],
    /// k1, k2, p1, p2, k3.
    pub distortion: [f64; 5],
}

impl CameraModel {
    /// Where a point of the undistorted picture, in pixels, is seen in the picture as taken.
    #[must_use]
    pub fn distort(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        let x = (u - self.centre[0]) / self.focal[0];
        let y = (v - self.centre[1]) / self.focal[1];
        let [k1, k2, p1, p2, k3] = self.distortion;
        let r2 = x * x + y * y;
        let radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3));
        let dx = x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x);
        let dy = y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y;
        [
            dx * self.focal[0] + self.centre[0],
            dy * self.focal[1] + self.centre[1],
        ]
    }
}

/// The plane of the glass as the camera sees it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glass {
    /// From millimetres on the glass to pixels of the undistorted picture: a homography, row by row.
    pub to_pixels: [f64; 9],
    /// What of the glass is laid flat: left, top, width, height, in millimetres.
    pub area_mm: [f64; 4],
    /// Pixels per inch on the glass, as taken and as laid flat.
    pub dpi: f64,
}

impl Glass {
    /// Where a point of the glass, in millimetres, is in the undistorted picture.
    #[must_use]
    pub fn pixel(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let h = &self.to_pixels;
        let w = h[6] * x + h[7] * y + h[8];
        [
            (h[0] * x + h[1] * y + h[2]) / w,
            (h[3] * x + h[4] * y + h[5]) / w,
        ]
    }
}

/// The light in which a picture was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// White light.
    White,
    /// 870 to 940 nm.
    Infrared,
    /// 365 nm.
    Ultraviolet,
}

impl Light {
    /// Every light.
    pub const ALL: [Self; 3] = [Self::White, Self::Infrared, Self::Ultraviolet];

    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Infrared => "infrared",
            Self::Ultraviolet => "ultraviolet",
        }
    }
}

/// How a lamp's light falls: gains that even it, on a lattice over the picture as taken whose outermost
/// nodes lie in the outermost pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LampField {
    /// Which light.
    pub light: Light,
    /// Nodes across.
    pub columns: u16,
    /// Nodes down.
    pub rows: u16,
    /// What light is multiplied by, row by row; 1 changes nothing.
    pub gains: Vec<f32>,
}

impl LampField {
    /// What light is multiplied by at a place of a picture of this size, in pixels.
    #[must_use]
    pub fn gain(&self, size: [u32; 2], place: [f32; 2]) -> f32 {
        let nodes = [self.columns, self.rows];
        let [x, y] = [0, 1].map(|k| {
            let most = f32::from(nodes[k].saturating_sub(1));
            (place[k] * most / size[k].saturating_sub(1).max(1) as f32).clamp(0.0, most)
        });
        let columns = usize::from(self.columns);
        let (x0, y0) = (
            (x as usize).min(columns.saturating_sub(2)),
            (y as usize).min(usize::from(self.rows).saturating_sub(2)),
        );
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| self.gains.get(y * columns + x).copied().unwrap_or(1.0);
        let upper = at(x0, y0) + (at(x0 + 1, y0) - at(x0, y0)) * fx;
        let lower = at(x0, y0 + 1) + (at(x0 + 1, y0 + 1) - at(x0, y0 + 1)) * fx;
        upper + (lower - upper) * fy
    }
}

/// The measured profile of one box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The camera.
    pub camera: CameraModel,
    /// The plane in which documents lie.
    pub glass: Glass,
    /// The lamps that the box has.
    pub fields: Vec<LampField>,
    /// From the camera's light to linear sRGB under white light: a matrix, row by row.
    pub colour: [f64; 9],
}

/// Why a profile's numbers cannot be used: calibrate the box again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the profile's {0} makes no sense")]
pub struct ProfileError(&'static str);

/// A picture was not taken by the profile's camera: its size differs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the profile is of a camera of {} x {} pixels; the picture has {} x {}", of[0], of[1], is[0], is[1])]
pub struct NotThisCamera {
    /// The size of the profile's camera.
    pub of: [u32; 2],
    /// The picture's.
    pub is: [u32; 2],
}

/// The most nodes of a lattice either way.
const MOST_NODES: u16 = 129;

impl Profile {
    /// Checks that every number is one that a reader can have.
    ///
    /// # Errors
    /// [`ProfileError`] names what is not.
    pub fn check(&self) -> Result<(), ProfileError> {
        let within = |v: f64, low: f64, high: f64| v.is_finite() && v >= low && v <= high;
        let all = |values: &[f64], most: f64| values.iter().all(|v| within(*v, -most, most));
        let refuse = |good: bool, what| {
            if good {
                Ok(())
            } else {
                Err(ProfileError(what))
            }
        };
        let camera = &self.camera;
        let [width, height] = camera.size;
        let pixels = u64::from(width) * u64::from(height);
        refuse(
            width >= 16 && height >= 16 && pixels <= MAX_PIXELS,
            "picture size",
        )?;
        refuse(
            camera.focal.iter().all(|f| within(*f, 10.0, 1e6)) && all(&camera.centre, 1e6),
            "focal length or centre",
        )?;
        refuse(all(&camera.distortion, 100.0), "distortion")?;
        let glass = &self.glass;
        let [left, top, across, down] = glass.area_mm;
        refuse(
            all(&[left, top], 1000.0) && [across, down].iter().all(|v| within(*v, 10.0, 1000.0)),
            "glass area",
        )?;
        refuse(within(glass.dpi, 20.0, 5000.0), "resolution")?;
        let laid_flat = across * down * (glass.dpi / 25.4).powi(2);
        refuse(laid_flat <= MAX_PIXELS as f64, "resolution")?;
        refuse(all(&glass.to_pixels, 1e9), "page plane")?;
        // The whole of the glass lies before the camera.
        for corner in [[0.0, 0.0], [across, 0.0], [0.0, down], [across, down]] {
            let h = &glass.to_pixels;
            let w = h[6] * (left + corner[0]) + h[7] * (top + corner[1]) + h[8];
            refuse(w > 1e-9, "page plane")?;
        }
        for field in &self.fields {
            let nodes = usize::from(field.columns) * usize::from(field.rows);
            let lattice = |n: u16| (2..=MOST_NODES).contains(&n);
            refuse(
                lattice(field.columns) && lattice(field.rows) && field.gains.len() == nodes,
                "lamp field",
            )?;
            refuse(
                field
                    .gains
                    .iter()
                    .all(|g| within(f64::from(*g), 0.05, 20.0)),
                "lamp field",
            )?;
        }
        refuse(all(&self.colour, 100.0), "colour matrix")
    }

    /// The field of one light.
    #[must_use]
    pub fn field(&self, light: Light) -> Option<&LampField> {
        self.fields.iter().find(|f| f.light == light)
    }
}
