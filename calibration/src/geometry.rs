//! The camera's own geometry and the plane of the glass, from pictures of the chessboard (Zhang's method, by
//! OpenCV): some views of it held at a slant, and one of it lying on the glass.

use crate::CalibrationError;
use crate::squares::carried;
use crate::target::{BOARD_CORNERS, BOARD_SQUARE_MM, CARD_MM};
use crate::verdict::{Figure, Tolerance};
use nalgebra::{Matrix3, Rotation3, Vector3};
use opencv::core::{Mat, Point2f, Point3f, Size, TermCriteria, TermCriteria_Type, Vector};
use opencv::prelude::*;
use opencv::{calib3d, imgproc};
use page::Picture;
use page::profile::{CameraModel, Glass};
use serde::{Deserialize, Serialize};

/// Fewer slanted views do not tell the focal length from the distance.
pub const LEAST_VIEWS: usize = 6;
/// The most that corners may lie beside where the model has them, root mean square, in pixels.
pub const MOST_RMS_PX: f64 = 0.5;
/// The least resolution on the glass: what the zone's print and the portrait need (TR-03135).
pub const LEAST_DPI: f64 = 385.0;
/// How far the two directions' resolutions may differ.
pub const ISOTROPY: f64 = 0.01;

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    /// The camera.
    pub camera: CameraModel,
    /// The glass.
    pub glass: Glass,
    /// How far corners lie beside where the model has them, root mean square over all views, in pixels.
    pub rms_px: f64,
    /// Pixels per inch across over those down, in the middle of the glass.
    pub isotropy: f64,
    /// The least resolution anywhere on the card.
    pub least_dpi: f64,
    /// Views used.
    pub views: usize,
    /// For the plot: where a corner of the flat view is, and how far beside the model, in pixels.
    pub residuals: Vec<([f64; 2], [f64; 2])>,
}

/// The board's inner corners in a picture, row by row; `None` where it is not seen whole.
///
/// # Errors
/// [`CalibrationError::Library`].
pub fn corners(picture: &Picture) -> Result<Option<Vec<[f64; 2]>>, CalibrationError> {
    let grey: Vec<u8> = picture
        .rgb()
        .pixels()
        .map(|p| {
            let [r, g, b] = p.0.map(u32::from);
            ((54 * r + 183 * g + 19 * b) >> 8) as u8
        })
        .collect();
    let rows = i32::try_from(picture.height()).map_err(opencv::Error::from)?;
    let flat = Mat::from_slice(&grey)?;
    let image = flat.reshape(1, rows)?;
    let mut found = Vector::<Point2f>::new();
    let seen = calib3d::find_chessboard_corners(
        &image,
        pattern(),
        &mut found,
        calib3d::CALIB_CB_ADAPTIVE_THRESH
            | calib3d::CALIB_CB_NORMALIZE_IMAGE
            | calib3d::CALIB_CB_FAST_CHECK,
    )?;
    if !seen || found.len() != BOARD_CORNERS[0] * BOARD_CORNERS[1] {
        return Ok(None);
    }
    // A window of a third of a square: more would see the next corner.
    let first = found.get(0)?;
    let second = found.get(1)?;
    let square = (first.x - second.x).hypot(first.y - second.y);
    let half = ((square / 3.0) as i32).clamp(3, 15);
    imgproc::corner_sub_pix(
        &image,
        &mut found,
        Size::new(half, half),
        Size::new(-1, -1),
        criteria(40, 1e-4)?,
    )?;
    let mut corners: Vec<[f64; 2]> = found
        .iter()
        .map(|p| [f64::from(p.x), f64::from(p.y)])
        .collect();
    // The board looks the same turned by half: the upper left corner is the first.
    if corners.first().map(|c| c[0] + c[1]) > corners.last().map(|c| c[0] + c[1]) {
        corners.reverse();
    }
    Ok(Some(corners))
}

fn pattern() -> Size {
    Size::new(BOARD_CORNERS[0] as i32, BOARD_CORNERS[1] as i32)
}

fn criteria(most: i32, step: f64) -> Result<TermCriteria, opencv::Error> {
    TermCriteria::new(
        TermCriteria_Type::COUNT as i32 | TermCriteria_Type::EPS as i32,
        most,
        step,
    )
}

/// Where the board's corners are on it, millimetres from its first inner corner.
fn board() -> Vec<[f64; 2]> {
    let [across, down] = BOARD_CORNERS;
    (0..across * down)
        .map(|i| [i % across, i / across].map(|k| k as f64 * BOARD_SQUARE_MM))
        .collect()
}

/// Calibrates the camera by slanted views and the view of the board on the glass.
///
/// # Errors
/// [`CalibrationError::TooFewViews`], [`CalibrationError::TargetNotSeen`], [`CalibrationError::Library`].
pub fn calibrate(
    slanted: &[Vec<[f64; 2]>],
    flat: &[[f64; 2]],
    size: [u32; 2],
) -> Result<Geometry, CalibrationError> {
    if slanted.len() < LEAST_VIEWS {
        return Err(CalibrationError::TooFewViews {
            seen: slanted.len(),
            least: LEAST_VIEWS,
        });
    }
    let object: Vector<Point3f> = board()
        .iter()
        .map(|[x, y]| Point3f::new(*x as f32, *y as f32, 0.0))
        .collect();
    let mut objects = Vector::<Vector<Point3f>>::new();
    let mut images = Vector::<Vector<Point2f>>::new();
    for view in slanted.iter().map(Vec::as_slice).chain([flat]) {
        objects.push(object.clone());
        images.push(
            view.iter()
                .map(|[x, y]| Point2f::new(*x as f32, *y as f32))
                .collect(),
        );
    }
    let side = |v: u32| i32::try_from(v).map_err(opencv::Error::from);
    let (mut matrix, mut distortion) = (Mat::default(), Mat::default());
    let (mut turns, mut moves) = (Vector::<Mat>::new(), Vector::<Mat>::new());
    let rms = calib3d::calibrate_camera(
        &objects,
        &images,
        Size::new(side(size[0])?, side(size[1])?),
        &mut matrix,
        &mut distortion,
        &mut turns,
        &mut moves,
        // A reader's lens needs no sixth order, and free it only takes up noise.
        calib3d::CALIB_FIX_K3,
        criteria(100, 1e-9)?,
    )?;
    let m = |row, column| matrix.at_2d::<f64>(row, column).copied();
    let d = |i| distortion.at::<f64>(i).copied();
    let camera = CameraModel {
        size,
        focal: [m(0, 0)?, m(1, 1)?],
        centre: [m(0, 2)?, m(1, 2)?],
        distortion: [d(0)?, d(1)?, d(2)?, d(3)?, 0.0],
    };
    let last = turns.len().saturating_sub(1);
    let vector = |mat: &Mat| -> Result<Vector3<f64>, opencv::Error> {
        Ok(Vector3::new(
            *mat.at::<f64>(0)?,
            *mat.at::<f64>(1)?,
            *mat.at::<f64>(2)?,
        ))
    };
    let turn = Rotation3::from_scaled_axis(vector(&turns.get(last)?)?);
    let to_pixels = plane(&camera, turn, vector(&moves.get(last)?)?);
    measured(camera, to_pixels, rms, slanted.len() + 1, flat)
}

/// From millimetres on the card (its upper left corner is nought) to undistorted pixels.
fn plane(camera: &CameraModel, turn: Rotation3<f64>, moved: Vector3<f64>) -> [f64; 9] {
    let k = Matrix3::new(
        camera.focal[0],
        0.0,
        camera.centre[0],
        0.0,
        camera.focal[1],
        camera.centre[1],
        0.0,
        0.0,
        1.0,
    );
    let r = turn.matrix();
    let rt = Matrix3::from_columns(&[r.column(0).into(), r.column(1).into(), moved]);
    // The board's first inner corner, on the card.
    let [left, top] = first_corner();
    let shift = Matrix3::new(1.0, 0.0, -left, 0.0, 1.0, -top, 0.0, 0.0, 1.0);
    let h = k * rt * shift;
    let h = h / h[(2, 2)];
    std::array::from_fn(|i| h[(i / 3, i % 3)])
}

fn first_corner() -> [f64; 2] {
    [0, 1].map(|k| {
        let squares = (BOARD_CORNERS[k] + 1) as f64;
        (CARD_MM[k] - squares * BOARD_SQUARE_MM) / 2.0 + BOARD_SQUARE_MM
    })
}

fn measured(
    camera: CameraModel,
    to_pixels: [f64; 9],
    rms_px: f64,
    views: usize,
    flat: &[[f64; 2]],
) -> Result<Geometry, CalibrationError> {
    let middle = CARD_MM.map(|v| v / 2.0);
    let (along, down) = scales(&to_pixels, middle);
    let dpi = (along * down).sqrt() * 25.4;
    let mut least = f64::MAX;
    for x in [0.0, CARD_MM[0] / 2.0, CARD_MM[0]] {
        for y in [0.0, CARD_MM[1] / 2.0, CARD_MM[1]] {
            let (along, down) = scales(&to_pixels, [x, y]);
            least = least.min(along.min(down) * 25.4);
        }
    }
    let [left, top] = first_corner();
    let glass = Glass {
        to_pixels,
        area_mm: [
            -MARGIN_MM,
            -MARGIN_MM,
            CARD_MM[0] + 2.0 * MARGIN_MM,
            CARD_MM[1] + 2.0 * MARGIN_MM,
        ],
        dpi,
    };
    let residuals = board()
        .iter()
        .zip(flat)
        .map(|([x, y], seen)| {
            let model = camera.distort(carried(&to_pixels, [left + x, top + y]));
            (*seen, [seen[0] - model[0], seen[1] - model[1]])
        })
        .collect();
    Ok(Geometry {
        camera,
        glass,
        rms_px,
        isotropy: along / down,
        least_dpi: least,
        views,
        residuals,
    })
}

/// How much beyond the card is laid flat: documents do not lie exactly in their corner.
const MARGIN_MM: f64 = 4.0;

/// Pixels for a millimetre across and down at a point.
fn scales(h: &[f64; 9], [x, y]: [f64; 2]) -> (f64, f64) {
    const STEP: f64 = 0.5;
    let length = |dx: f64, dy: f64| {
        let a = carried(h, [x - dx, y - dy]);
        let b = carried(h, [x + dx, y + dy]);
        (a[0] - b[0]).hypot(a[1] - b[1]) / (2.0 * STEP)
    };
    (length(STEP, 0.0), length(0.0, STEP))
}

/// The figures of the geometry step.
#[must_use]
pub fn figures(geometry: &Geometry) -> Vec<Figure> {
    let askew = "the camera stands askew or the board does not lie flat: seat the camera, press the board on the glass, take the pictures again";
    vec![
        Figure::new(
            "rms",
            geometry.rms_px,
            "px",
            Tolerance::AtMost(MOST_RMS_PX),
            "glue the board on a stiff plate, hold it still, take the pictures again",
        ),
        Figure::new(
            "dpi",
            geometry.least_dpi,
            "dpi",
            Tolerance::AtLeast(LEAST_DPI),
            "bring the camera nearer to the glass, or use a lens of longer focal length",
        ),
        Figure::new(
            "isotropy",
            geometry.isotropy,
            "",
            Tolerance::Between(1.0 - ISOTROPY, 1.0 + ISOTROPY),
            askew,
        ),
        Figure::new(
            "views",
            geometry.views as f64,
            "",
            Tolerance::AtLeast(LEAST_VIEWS as f64 + 1.0),
            "",
        ),
        Figure::new(
            "focal_across",
            geometry.camera.focal[0],
            "px",
            Tolerance::Told,
            "",
        ),
        Figure::new(
            "focal_down",
            geometry.camera.focal[1],
            "px",
            Tolerance::Told,
            "",
        ),
    ]
}
