//! Compression artefacts (ISO/IEC 29794-5:2025, component "compression artifacts").
//!
//! The standard's reference implementation uses a learned model, which is in no registry. This is
//! the step across the borders of JPEG's 8-pixel blocks over the step between other neighbours.

use super::sample::luminance;
use super::{Guidance, Measure, Sample};

/// Rows that are looked at, at most.
const ROWS: usize = 128;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let picture = sample.picture();
    let bounds = sample.face().bounds;
    let row_step = (bounds.height as usize / ROWS).max(1);
    let (mut steps, mut counts) = ([0.0f32; 8], [0.0f32; 8]);
    for y in (bounds.y..bounds.y + bounds.height).step_by(row_step) {
        let mut before = None;
        for x in bounds.x..bounds.x + bounds.width {
            let [r, g, b] = picture.get_pixel(x, y).0.map(f32::from);
            let here = luminance(r, g, b);
            if let Some(before) = before {
                let column = (x % 8) as usize;
                steps[column] += f32::abs(here - before);
                counts[column] += 1.0;
            }
            before = Some(here);
        }
    }
    let mean = |column: usize| steps[column] / counts[column].max(1.0);
    let between = (1..8).map(mean).sum::<f32>() / 7.0;
    Measure::new(
        "compression",
        "1",
        "own estimate of ISO/IEC 29794-5 compression artifacts: steps at block borders by others",
        [0.0, 20.0],
        // One grey level is the noise of a picture that was never compressed.
        (mean(0) + 1.0) / (between + 1.0),
        [0.0, 1.8],
        [Guidance::BetterCopy, Guidance::BetterCopy],
    )
}
