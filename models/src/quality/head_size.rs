//! Head size (ISO/IEC 29794-5:2025, component "head size").

use super::{Guidance, Measure, Sample};

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let face = sample.face();
    let [left, right, ..] = face.landmarks;
    let eyes = (left[1] + right[1]) / 2.0;
    // The detector's box ends at the chin.
    let chin = (face.bounds.y + face.bounds.height) as f32;
    Measure::new(
        "head_size",
        "1",
        "ISO/IEC 29794-5 head size: eyes to chin by the picture's height",
        [0.0, 1.0],
        (chin - eyes) / sample.picture().height().max(1) as f32,
        // The standard's best is 0.45, a portrait; live pictures show more around the head.
        [0.08, 0.65],
        [Guidance::ComeCloser, Guidance::StepBack],
    )
}
