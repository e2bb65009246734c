//! Whether the face is a photograph's at all: an own measure, after no component of ISO/IEC 29794-5.
//!
//! The detector answers to some drawn faces too. A drawing is filled with colours; in a photograph hardly two points
//! a little apart are of exactly one colour, however it was lit, reduced or compressed.

use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Of 244 press photographs the greatest share is 0.06; of portraits of 480 pixels compressed until they are all blocks
/// (JPEG quality 5) 0.42, of one with half the face under a drawn mask 0.51, of a drawn face 0.95.
const GOOD: f32 = 0.7;
/// Points that are compared lie so far apart.
const APART: usize = 4;
/// Luminance within which a camera still tells shades apart.
const SHADED: std::ops::Range<f32> = 25.0..247.0;
/// Below this share of points so lit the measure says nothing.
const LEAST_SHADED: f32 = 0.2;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let (colours, luma) = (sample.colours(), sample.luma());
    let (mut same, mut compared, mut all) = (0.0f32, 0.0f32, 0.0f32);
    for y in 64..200 {
        for x in 48..176 {
            let at = y * SIDE + x;
            for other in [at + APART, at + APART * SIDE] {
                all += 1.0;
                if SHADED.contains(&luma[at]) && SHADED.contains(&luma[other]) {
                    compared += 1.0;
                    same += f32::from(u8::from(colours[at] == colours[other]));
                }
            }
        }
    }
    Measure::new(
        "flat_colour",
        "1",
        "own measure: share of points a little apart that are of exactly one colour, as in a drawing",
        [0.0, 1.0],
        if compared > LEAST_SHADED * all {
            same / compared
        } else {
            0.0
        },
        [0.0, GOOD],
        [Guidance::ShowFace, Guidance::ShowFace],
    )
}
