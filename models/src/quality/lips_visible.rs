//! Mouth visible, by its lips (ISO/IEC 29794-5:2025, component "mouth occlusion prevention").
//!
//! A mouth shows a line between the lips, or lips redder than the cheeks, mostly both. What shows neither is covered: by a
//! mask, whatever its pattern, or by a hand before it, which [`super::mouth_visible`] cannot tell from skin by its hue. So
//! sure is this that nothing is compared ([`crate::face::Obstacle::MouthCovered`]); a cover with folds across, or redder
//! than skin, is not seen.

use super::colour::{lab, linear};
use super::mouth_coloured::LEAST_COLOUR;
use super::mouth_visible::Hues;
use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Columns below the nose, between the corners of the mouth.
const COLUMNS: std::ops::Range<usize> = 92..132;
/// Rows where the line between the lips may lie: points found on a covered mouth are a guess.
const LINE_ROWS: std::ops::Range<usize> = 164..208;
/// Rows where the lips may begin, and how many they are at least.
const LIPS_ROWS: std::ops::Range<usize> = 170..200;
const LIPS: usize = 5;
/// Rows on either side of an edge.
const EDGE: usize = 4;

/// Of either sign a covered mouth shows less than this: an edge in luminance by the cheeks', and a* beyond theirs. Of 488
/// press photographs the one with a hand before the mouth has 0.77 of it at most; the least of all others is 1.25, and
/// the first percentiles of people of African descent and of others are alike (1.4, 1.5). Of the aligned faces with a drawn mask 98
/// of 100 lie below 1 where it is blue, green, white, grey or black, one where it is dark red.
const LEAST_EDGE: f32 = 0.13;
const LEAST_RED: f32 = 1.3;

pub(super) fn measure(sample: &Sample<'_>, hues: &Hues) -> Measure {
    let cheeks = hues.cheeks;
    // A greyscale portrait has no red lips.
    let shown = if cheeks[0].hypot(cheeks[1]) < LEAST_COLOUR {
        1.0
    } else {
        (edge(sample) / LEAST_EDGE).max((redness(sample) - cheeks[0]) / LEAST_RED)
    };
    Measure::new(
        "lips_visible",
        "1",
        "own estimate of ISO/IEC 29794-5 mouth occlusion: line between the lips, or their redness, by the least of a mouth",
        [0.0, 100.0],
        shown,
        [1.0, f32::INFINITY],
        [Guidance::UncoverMouth, Guidance::UncoverMouth],
    )
}

/// The strongest edge across the mouth, from row to row, by the cheeks' luminance.
fn edge(sample: &Sample<'_>) -> f32 {
    let rows: Vec<f32> = sample
        .luma()
        .chunks(SIDE)
        .map(|row| row[COLUMNS].iter().sum::<f32>() / COLUMNS.len() as f32)
        .collect();
    let mean = |rows: &[f32]| rows.iter().sum::<f32>() / EDGE as f32;
    let edges = LINE_ROWS.map(|y| (mean(&rows[y..y + EDGE]) - mean(&rows[y - EDGE..y])).abs());
    edges.fold(0.0, f32::max) / sample.cheek_luma().max(1.0)
}

/// The greatest a* of a band as high as lips.
fn redness(sample: &Sample<'_>) -> f32 {
    // Each row is brought to linear light once: bands share most of theirs.
    let rows: Vec<[f32; 3]> = (LIPS_ROWS.start..LIPS_ROWS.end + LIPS - 1)
        .map(|y| {
            let mut sum = [0.0f32; 3];
            for colour in &sample.colours()[y * SIDE..][COLUMNS] {
                for (total, value) in sum.iter_mut().zip(colour) {
                    *total += linear(value / 255.0);
                }
            }
            sum
        })
        .collect();
    let bands = rows.windows(LIPS).map(|band| {
        let mean = |channel: usize| {
            band.iter().map(|row| row[channel]).sum::<f32>() / (LIPS * COLUMNS.len()) as f32
        };
        lab([mean(0), mean(1), mean(2)])[0]
    });
    bands.fold(f32::NEG_INFINITY, f32::max)
}
