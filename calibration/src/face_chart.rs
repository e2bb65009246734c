//! The face camera, by the face chart held at stated distances: how many pixels lie between two eyes.

use crate::CalibrationError;
use crate::colour::frame;
use crate::plane::Plane;
use crate::target::{EYES_MM, FACE_FRAME_MM};
use crate::verdict::{Figure, Tolerance};
use page::Picture;

/// The distances at which the chart is held, centimetres.
pub const DISTANCES_CM: [u32; 3] = [40, 60, 100];
/// What a live picture should have between the eyes (TR-03121), where travellers stand.
const WANTED_PX: f64 = 120.0;
/// What the matcher works with, at arm's length and a step.
const LEAST_PX: f64 = 60.0;

/// Pixels between the eyes of the chart.
///
/// # Errors
/// [`CalibrationError::TargetNotSeen`], [`CalibrationError::Library`].
pub fn eyes_px(picture: &Picture) -> Result<f64, CalibrationError> {
    let quad = frame(&Plane::of(picture), FACE_FRAME_MM, "faces")?;
    let [upper, _, lower, _] = quad.sides();
    Ok((upper + lower) / 2.0 / FACE_FRAME_MM[0] * EYES_MM)
}

/// The least that lies between two eyes at a distance, pixels.
pub(crate) fn least_px(distance_cm: u32) -> f64 {
    if distance_cm <= 60 {
        WANTED_PX
    } else {
        LEAST_PX
    }
}

/// The figure of one distance.
#[must_use]
pub fn figure(distance_cm: u32, eyes_px: f64) -> Figure {
    Figure::new(
        format!("eyes_at_{distance_cm}_cm"),
        eyes_px,
        "px",
        Tolerance::AtLeast(least_px(distance_cm)),
        "use the camera's full resolution, or a lens of longer focal length",
    )
}
