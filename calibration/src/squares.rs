//! Dark squares and frames of a target, found in a picture.

use crate::CalibrationError;
use crate::plane::Plane;
use opencv::core::{Mat, Point, Vector};
use opencv::imgproc;
use opencv::prelude::*;

/// Below this share of the paper's light a pixel is ink.
const INK: f32 = 0.42;
/// The least area of a quadrilateral, as a share of the picture.
const LEAST: f64 = 1e-4;

/// A dark quadrilateral.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quad {
    /// Corners in order round it, beginning with the one nearest the picture's upper left.
    pub corners: [[f64; 2]; 4],
    /// Its area, in pixels.
    pub area: f64,
}

impl Quad {
    /// The mean of its corners.
    #[must_use]
    pub fn centre(&self) -> [f64; 2] {
        [0, 1].map(|k| self.corners.iter().map(|c| c[k]).sum::<f64>() / 4.0)
    }

    /// The lengths of its sides, the upper first, clockwise.
    #[must_use]
    pub fn sides(&self) -> [f64; 4] {
        std::array::from_fn(|i| {
            let (a, b) = (self.corners[i], self.corners[(i + 1) % 4]);
            (a[0] - b[0]).hypot(a[1] - b[1])
        })
    }

    /// The mean length of its sides.
    #[must_use]
    pub fn side(&self) -> f64 {
        self.sides().iter().sum::<f64>() / 4.0
    }

    /// Whether its sides are alike, within a tenth.
    #[must_use]
    pub fn is_square(&self) -> bool {
        let side = self.side();
        self.sides().iter().all(|s| (s / side - 1.0).abs() < 0.1)
    }
}

/// Every dark quadrilateral, the largest first.
///
/// # Errors
/// [`CalibrationError::Library`].
pub fn quads(plane: &Plane) -> Result<Vec<Quad>, CalibrationError> {
    let ink = INK * plane.level(0.9);
    let mask: Vec<u8> = plane
        .data
        .iter()
        .map(|v| if *v < ink { 255 } else { 0 })
        .collect();
    let rows = i32::try_from(plane.height).map_err(opencv::Error::from)?;
    let flat = Mat::from_slice(&mask)?;
    let mask = flat.reshape(1, rows)?;
    let mut contours = Vector::<Vector<Point>>::new();
    imgproc::find_contours(
        &mask,
        &mut contours,
        imgproc::RETR_LIST,
        imgproc::CHAIN_APPROX_NONE,
        Point::new(0, 0),
    )?;
    let least = LEAST * plane.data.len() as f64;
    let mut found = Vec::new();
    for contour in contours {
        let area = imgproc::contour_area(&contour, false)?;
        if area < least {
            continue;
        }
        let mut corners = Vector::<Point>::new();
        let reach = 0.03 * imgproc::arc_length(&contour, true)?;
        imgproc::approx_poly_dp(&contour, &mut corners, reach, true)?;
        if corners.len() != 4 || !imgproc::is_contour_convex(&corners)? {
            continue;
        }
        let corners: Vec<[f64; 2]> = corners
            .iter()
            .map(|p| [f64::from(p.x), f64::from(p.y)])
            .collect();
        if let Ok(corners) = <[[f64; 2]; 4]>::try_from(corners) {
            found.push(Quad {
                corners: in_order(corners),
                area,
            });
        }
    }
    found.sort_by(|a, b| b.area.total_cmp(&a.area));
    Ok(found)
}

/// Corners clockwise, the one nearest the upper left first.
fn in_order(mut corners: [[f64; 2]; 4]) -> [[f64; 2]; 4] {
    let centre = [0, 1].map(|k| corners.iter().map(|c| c[k]).sum::<f64>() / 4.0);
    let angle = |c: &[f64; 2]| (c[1] - centre[1]).atan2(c[0] - centre[0]);
    corners.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    let first = (0..4)
        .min_by(|a, b| {
            let sum = |i: usize| corners[i][0] + corners[i][1];
            sum(*a).total_cmp(&sum(*b))
        })
        .unwrap_or(0);
    corners.rotate_left(first);
    corners
}

/// The homography, row by row, that takes four points to four others; `None` where three lie in a line.
#[must_use]
pub fn homography(from: [[f64; 2]; 4], to: [[f64; 2]; 4]) -> Option<[f64; 9]> {
    let mut a = nalgebra::SMatrix::<f64, 8, 8>::zeros();
    let mut b = nalgebra::SVector::<f64, 8>::zeros();
    for (i, ([x, y], [u, v])) in from.into_iter().zip(to).enumerate() {
        let rows = [
            [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y],
            [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y],
        ];
        for (k, (row, value)) in rows.into_iter().zip([u, v]).enumerate() {
            for (column, entry) in row.into_iter().enumerate() {
                a[(2 * i + k, column)] = entry;
            }
            b[2 * i + k] = value;
        }
    }
    let h = a.lu().solve(&b)?;
    h.iter()
        .all(|v| v.is_finite())
        .then(|| [h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0])
}

/// Where a homography takes a point.
#[must_use]
pub fn carried(h: &[f64; 9], [x, y]: [f64; 2]) -> [f64; 2] {
    let w = h[6] * x + h[7] * y + h[8];
    [
        (h[0] * x + h[1] * y + h[2]) / w,
        (h[3] * x + h[4] * y + h[5]) / w,
    ]
}
