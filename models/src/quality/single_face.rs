//! Single face present (ISO/IEC 29794-5:2025, component "single face present").

use super::{Guidance, Measure};

pub(super) fn measure(faces: usize) -> Measure {
    Measure::new(
        "single_face",
        "faces",
        "ISO/IEC 29794-5 single face present: faces about as prominent as the main one",
        [0.0, 99.0],
        faces as f32,
        [1.0, 1.0],
        [Guidance::ShowFace, Guidance::OneAtATime],
    )
}
