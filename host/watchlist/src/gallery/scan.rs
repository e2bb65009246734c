//! The pass over every template. A plain loop that the compiler turns into the processor's own
//! sums of products of bytes (SSE2, AVX2, NEON), for the kind that `pulp` finds when it runs.

use super::TEMPLATE_NUMBERS;
use pulp::{Arch, Simd, WithSimd};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Templates whose sums are taken before any is compared with the best so far.
const BLOCK: usize = 1024;

/// The places of the templates that are most alike by their upper bytes, `count` of them, in no order.
pub(super) fn best(
    templates: &[[i8; TEMPLATE_NUMBERS]],
    scales: &[f32],
    asked: &[f32; TEMPLATE_NUMBERS],
    count: usize,
) -> Vec<usize> {
    let most = asked.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    // As fine as sums of 128 products of a byte and this stay within 31 bits.
    let asked = asked.map(|v| (v / most.max(f32::MIN_POSITIVE) * 32_767.0).round() as i16);
    let arch = Arch::new();
    let mut sums = [0i32; BLOCK];
    let mut kept: BinaryHeap<Reverse<(Score, usize)>> = BinaryHeap::with_capacity(count + 1);
    let blocks = templates.chunks(BLOCK).zip(scales.chunks(BLOCK));
    for (block, (templates, scales)) in blocks.enumerate() {
        arch.dispatch(Sums {
            templates,
            asked: &asked,
            sums: &mut sums,
        });
        for (at, (sum, scale)) in sums.iter().zip(scales).enumerate() {
            let score = Score(*sum as f32 * scale);
            let full = kept.len() == count;
            if full
                && kept
                    .peek()
                    .is_some_and(|Reverse((least, _))| score <= *least)
            {
                continue;
            }
            if full {
                kept.pop();
            }
            kept.push(Reverse((score, block * BLOCK + at)));
        }
    }
    kept.into_iter().map(|Reverse((_, at))| at).collect()
}

/// A number that can be put in order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Score(f32);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The sum of products of each template with the one asked for.
struct Sums<'a> {
    templates: &'a [[i8; TEMPLATE_NUMBERS]],
    asked: &'a [i16; TEMPLATE_NUMBERS],
    sums: &'a mut [i32],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (sum, template) in self.sums.iter_mut().zip(self.templates) {
            let mut total = 0i32;
            for (number, asked) in template.iter().zip(self.asked) {
                total += i32::from(*number) * i32::from(*asked);
            }
            *sum = total;
        }
    }
}
