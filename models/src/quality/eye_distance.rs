//! Inter-eye distance (ISO/IEC 29794-5:2025, component "inter-eye distance").

use super::{Guidance, Measure, Sample, pose};

/// From this distance on the matcher works with full detail (its input has 35 pixels). TR-03121
/// asks for 120 pixels in live pictures, which is the camera's matter, not the traveller's.
const GOOD_PX: f32 = 60.0;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    // A turned head brings the eyes closer together in the picture than they are.
    let turned = pose::estimate(&sample.face().landmarks)
        .yaw_degrees
        .to_radians()
        .cos();
    Measure::new(
        "inter_eye_distance",
        "px",
        "ISO/IEC 29794-5 inter-eye distance, corrected for yaw",
        [0.0, 100_000.0],
        sample.face().eye_distance_px() / turned.max(0.2),
        [GOOD_PX, f32::INFINITY],
        [Guidance::ComeCloser, Guidance::StepBack],
    )
}
