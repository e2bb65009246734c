//! Mouth visible, by its having colour (ISO/IEC 29794-5:2025, component "mouth occlusion prevention").
//!
//! A white, grey or black mask is of no hue, and may lie close to pale skin by [`super::mouth_visible`]'s measure. What it
//! lacks is colour: mouth and chin, bearded or not, have about as much as the cheeks.

use super::mouth_visible::Hues;
use super::{Guidance, Measure};

/// The limit was chosen on the press photographs of half of the persons (229, least share 0.28), and holds on the others'
/// (259, least share 0.49). Of the same with a drawn white, grey or black mask 98 of 100 lie below.
const GOOD: f32 = 0.3;
/// Below this a cover is sure: the least share of an uncovered mouth is 0.22, and the same 98 of 100 masks lie below.
pub(super) const SURE: f32 = 0.15;
/// Cheeks of less colour than this, in CIELAB, belong to a greyscale picture or one in the dark: nothing can be said.
pub(super) const LEAST_COLOUR: f32 = 8.0;

pub(super) fn measure(hues: &Hues) -> Measure {
    let [cheeks, below] = [hues.cheeks, hues.below].map(|[a, b]| a.hypot(b));
    Measure::new(
        "mouth_coloured",
        "1",
        "own estimate of ISO/IEC 29794-5 mouth occlusion: colour of mouth and chin by the cheeks'",
        [0.0, 100.0],
        if cheeks < LEAST_COLOUR {
            1.0
        } else {
            below / cheeks
        },
        [GOOD, f32::INFINITY],
        [Guidance::UncoverMouth, Guidance::UncoverMouth],
    )
}
