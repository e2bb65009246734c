//! Position of the head in the picture (ISO/IEC 29794-5:2025, crop components).

use super::{Guidance, Measure, Sample};

/// Across and down: where the middle between the eyes lies.
pub(super) fn measure(sample: &Sample<'_>) -> [Measure; 2] {
    let [left, right, ..] = sample.face().landmarks;
    let picture = sample.picture();
    let at = |name, value: f32, length: u32, good| {
        Measure::new(
            name,
            "1",
            "ISO/IEC 29794-5 crop of the face image: middle of the eyes by the picture's side",
            [0.0, 1.0],
            value / length.max(1) as f32,
            good,
            [Guidance::MoveToMiddle, Guidance::MoveToMiddle],
        )
    };
    [
        at(
            "head_across",
            (left[0] + right[0]) / 2.0,
            picture.width(),
            [0.25, 0.75],
        ),
        at(
            "head_down",
            (left[1] + right[1]) / 2.0,
            picture.height(),
            [0.15, 0.75],
        ),
    ]
}
