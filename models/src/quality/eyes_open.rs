//! Eyes open (ISO/IEC 29794-5:2025, component "eyes open").
//!
//! The standard's reference implementation measures the lids on 98 learned points, which are in no
//! registry. This is the height of what is dark where the iris should be, by the distance between the
//! eyes: an iris is several times as high as a line of lashes. Glasses that mirror the light look
//! closed to it.

use super::sample::SIDE;
use super::{Guidance, Measure, Sample};

/// Of 488 press photographs 1.4 % lie below, about half of them with eyes shut or nearly so; the 1st and 5th
/// percentiles of people of African descent (.090, .106) and of others (.086, .114) are alike.
const GOOD: f32 = 0.09;
/// Columns on each side of an eye's middle that are looked at.
const COLUMNS: usize = 6;
/// Rows in which an eye may lie, below the brow.
const ROWS: std::ops::Range<usize> = 88..120;
/// Rows of these at each end that are not an eye's middle.
const ENDS: usize = 4;
/// The distance between the eyes, in pixels of the sample.
const EYES_APART: f32 = 70.0;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let skin = sample.cheek_luma();
    let height = [77, 147].map(|middle| {
        let row = |y: usize| {
            let columns = y * SIDE + middle - COLUMNS..=y * SIDE + middle + COLUMNS;
            sample.luma()[columns].iter().sum::<f32>() / (2 * COLUMNS + 1) as f32
        };
        let rows: Vec<f32> = ROWS.map(row).collect();
        let inside = rows[ENDS..rows.len() - ENDS].iter().enumerate();
        let Some((darkest, least)) = inside.min_by(|a, b| a.1.total_cmp(b.1)) else {
            return 0.0;
        };
        let (darkest, limit) = (darkest + ENDS, (least + skin) / 2.0);
        let dark = |value: &&f32| **value < limit;
        let below = rows[darkest..].iter().take_while(dark).count();
        let above = rows[..darkest].iter().rev().take_while(dark).count();
        (below + above) as f32 / EYES_APART
    });
    Measure::new(
        "eyes_open",
        "1",
        "own estimate of ISO/IEC 29794-5 eyes open: height of the dark of the wider eye by the eyes' distance",
        [0.0, 0.5],
        height[0].max(height[1]),
        [GOOD, f32::INFINITY],
        [Guidance::OpenEyes, Guidance::OpenEyes],
    )
}
