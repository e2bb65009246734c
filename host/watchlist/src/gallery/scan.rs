//! The pass over every template: half a byte for each number, with a bound on what that leaves out,
//! so that every template that can be among the most alike is looked at closely and no other needs to be.
//!
//! A template x is `step · c + e`, each number of c one of 16 half-integers from -7.5 to 7.5, and e what is
//! left; the face asked for, of unit length, is `k / fine + f` with whole numbers k. Then
//! `x·q <= step · (c·k) / fine + |step · c| · |f| + |e|` (Cauchy and Schwarz), which is exact, whatever the
//! templates are. Sums of c·k are taken in 16 bits, which `fine` is chosen not to overflow. The loops
//! are plain Rust, compiled for SSE2, AVX2, AVX-512 and NEON and chosen when they run by `pulp`.

use super::TEMPLATE_NUMBERS;
use super::memory::Memory;
use pulp::{Arch, Simd, WithSimd};
use zeroize::Zeroize;

/// Templates whose sums are taken side by side.
const LANES: usize = 64;
/// Four numbers of a template stand in two bytes.
const QUADS: usize = TEMPLATE_NUMBERS / 4;
/// Bytes of the templates that lie side by side: those of the first four numbers of each, of the next four, and so on.
const BLOCK: usize = QUADS * LANES * 2;
/// Parts of the gallery that are gone through side by side, a block of each at a time: a processor fetches ahead within a
/// page of memory alone, so that with one part it would wait at the beginning of each.
const PARTS: usize = 8;
/// Blocks that are looked at before all others, those that promise most: with them it is nearly known what can be among
/// the most alike.
const FIRST: usize = 32;
/// Steps that are tried for each template, in units of its numbers' root mean square. For numbers that are
/// normally distributed .335 leaves the least.
const STEPS: [f32; 3] = [0.28, 0.335, 0.40];
/// What sums of 128 products of 32-bit numbers may be wrong by, and more.
const ROUNDING: f32 = 1e-5;

/// Templates at half a byte for each number.
pub(super) struct Coarse {
    count: usize,
    codes: Memory,
    /// Of each template.
    steps: Vec<[f32; LANES]>,
    /// `|e|` of each template.
    lefts: Vec<[f32; LANES]>,
    /// Of each block, the greatest `|e|` and the greatest `|step · c|`.
    margins: Vec<[f32; 2]>,
    /// The greatest length of `c`, in any template.
    longest: f32,
}

/// A template at half a byte for each number.
struct Code {
    numbers: [u8; TEMPLATE_NUMBERS],
    step: f32,
    left: f32,
    kept: f32,
    length: f32,
}

impl Code {
    fn of(values: &[f32; TEMPLATE_NUMBERS], step: f32) -> Self {
        let mut numbers = [0; TEMPLATE_NUMBERS];
        let (mut squares, mut meeting, mut whole) = (0.0f32, 0.0f32, 0.0f32);
        for (number, value) in numbers.iter_mut().zip(values) {
            // `as` holds the ends and makes no number of none.
            *number = ((value / step + 8.0).floor() as u8).min(15);
            let c = f32::from(*number) - 7.5;
            squares += c * c;
            meeting += c * value;
            whole += value * value;
        }
        // The step that leaves the least with these numbers.
        let step = meeting / squares;
        let left: f32 = numbers
            .iter()
            .zip(values)
            .fold(0.0, |sum, (number, value)| {
                let e = value - step * (f32::from(*number) - 7.5);
                sum + e * e
            });
        Self {
            numbers,
            step,
            left: left.min(whole).max(0.0).sqrt(),
            kept: step.abs() * squares.sqrt(),
            length: squares.sqrt(),
        }
    }

    /// At the step that leaves the least.
    fn best(values: &[f32; TEMPLATE_NUMBERS]) -> Self {
        let squares: f32 = values.iter().map(|v| v * v).sum();
        let unit = (squares / TEMPLATE_NUMBERS as f32)
            .sqrt()
            .max(f32::MIN_POSITIVE);
        let [first, others @ ..] = STEPS.map(|step| Self::of(values, step * unit));
        others.into_iter().fold(
            first,
            |best, other| {
                if other.left < best.left { other } else { best }
            },
        )
    }
}

impl Coarse {
    /// The templates that `template` gives, `count` of them, by place.
    pub(super) fn of(
        count: usize,
        mut template: impl FnMut(usize) -> [f32; TEMPLATE_NUMBERS],
    ) -> Self {
        // As many in each part; what is left over stays empty.
        let blocks = count.div_ceil(LANES).next_multiple_of(PARTS);
        let mut coarse = Self {
            count,
            codes: Memory::zeros(blocks * BLOCK),
            steps: vec![[0.0; LANES]; blocks],
            lefts: vec![[0.0; LANES]; blocks],
            margins: vec![[0.0; 2]; blocks],
            longest: 1.0,
        };
        let places = coarse.codes.chunks_exact_mut(BLOCK);
        let scales = coarse.steps.iter_mut().zip(&mut coarse.lefts);
        let blocks = places.zip(scales).zip(&mut coarse.margins);
        for (block, ((codes, (steps, lefts)), margins)) in blocks.enumerate() {
            let here = count.saturating_sub(block * LANES);
            for (lane, (step, left)) in steps.iter_mut().zip(lefts).enumerate().take(here) {
                let code = Code::best(&template(block * LANES + lane));
                for (quad, four) in code.numbers.as_chunks::<4>().0.iter().enumerate() {
                    let at = (quad * LANES + lane) * 2;
                    codes[at] = four[0] | four[1] << 4;
                    codes[at + 1] = four[2] | four[3] << 4;
                }
                *step = code.step;
                *left = code.left;
                margins[0] = margins[0].max(code.left);
                margins[1] = margins[1].max(code.kept);
                coarse.longest = coarse.longest.max(code.length);
            }
        }
        coarse
    }

    /// Has `look` at the place of every template whose product with `asked` (of unit length) may be `least` or
    /// more; it answers what that must be from there on.
    pub(super) fn scan(
        &self,
        asked: &[f32; TEMPLATE_NUMBERS],
        mut least: f32,
        mut look: impl FnMut(usize) -> f32,
    ) {
        // The sums are taken of c - 1/2, and what that lacks (half the sum of k) is put right afterwards; rounding k
        // makes it no longer than half a unit in each of 128 directions.
        let half = (TEMPLATE_NUMBERS as f32).sqrt() / 2.0;
        let fine = 32_700.0 / (self.longest + half) - half;
        let whole = asked.map(|v| (v * fine).round() as i16);
        let left = asked
            .iter()
            .zip(&whole)
            .map(|(v, k)| (v - f32::from(*k) / fine).powi(2))
            .sum::<f32>()
            .sqrt();
        let mut fours = [[0i16; 4]; QUADS];
        for (four, k) in fours.iter_mut().zip(whole.as_chunks::<4>().0) {
            *four = *k;
        }
        let all: i32 = whole.iter().map(|k| i32::from(*k)).sum();
        let asked = Asked {
            fours,
            // Of codes from 0 to 15; in 16 bits that go round, so it does not matter that this may not fit.
            offset: (-8 * all) as i16,
            half: all as f32 / 2.0,
        };
        let margin = |block: usize| self.margins[block][1] * left + ROUNDING;
        // First what each block can have at most, then, template by template, the blocks that have enough.
        let arch = Arch::new();
        let codes = self.codes.as_chunks::<BLOCK>().0;
        let steps = self.steps.len() / PARTS;
        let mut sums = vec![[[0i16; LANES]; PARTS]; steps];
        let mut most = [0.0; PARTS];
        let mut promising = Vec::new();
        for (at, sums) in sums.iter_mut().enumerate() {
            let blocks: [usize; PARTS] = std::array::from_fn(|part| part * steps + at);
            arch.dispatch(Sums {
                codes: blocks.map(|block| codes[block].as_chunks().0),
                steps: blocks.map(|block| &self.steps[block]),
                asked: &asked,
                sums,
                most: &mut most,
            });
            for (block, most) in blocks.into_iter().zip(most) {
                let most = most / fine + self.margins[block][0] + margin(block);
                if most >= least {
                    promising.push((most, block));
                }
            }
        }
        if promising.len() > FIRST {
            promising.select_nth_unstable_by(FIRST, |a, b| b.0.total_cmp(&a.0));
        }
        for (most, block) in promising {
            if most < least {
                continue;
            }
            let mut each = [margin(block); LANES];
            let sums = &sums[block % steps][block / steps];
            let scales = self.steps[block].iter().zip(&self.lefts[block]);
            for ((most, sum), (step, e)) in each.iter_mut().zip(sums).zip(scales) {
                *most += (f32::from(*sum) + asked.half) * (step / fine) + e;
            }
            let here = LANES.min(self.count.saturating_sub(block * LANES));
            for (lane, most) in each.iter().enumerate().take(here) {
                if *most >= least {
                    least = look(block * LANES + lane);
                }
            }
        }
        // From these, and templates that others know, the face asked for could be reckoned.
        sums.as_flattened_mut().as_flattened_mut().zeroize();
    }
}

/// The face asked for, in whole numbers.
struct Asked {
    /// Four numbers of k at a time.
    fours: [[i16; 4]; QUADS],
    /// What each sum begins at.
    offset: i16,
    /// What each lacks at the end.
    half: f32,
}

/// `c·k` of every template in a block of each part, and the greatest `step · c·k` of each block.
struct Sums<'a> {
    /// Two bytes a template, of the first four numbers of each, of the next four, and so on.
    codes: [&'a [[u8; 2 * LANES]]; PARTS],
    steps: [&'a [f32; LANES]; PARTS],
    asked: &'a Asked,
    sums: &'a mut [[i16; LANES]; PARTS],
    most: &'a mut [f32; PARTS],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut sums = [[self.asked.offset; LANES]; PARTS];
        for (quad, [a, b, c, d]) in self.asked.fours.iter().enumerate() {
            for (sums, codes) in sums.iter_mut().zip(self.codes) {
                let row = codes[quad].as_chunks::<2>().0;
                for lane in 0..LANES {
                    let codes = u16::from_le_bytes(row[lane]);
                    let times = |code: u16, k: &i16| (code as i16).wrapping_mul(*k);
                    let low = times(codes & 15, a).wrapping_add(times(codes >> 4 & 15, b));
                    let high = times(codes >> 8 & 15, c).wrapping_add(times(codes >> 12, d));
                    sums[lane] = sums[lane].wrapping_add(low.wrapping_add(high));
                }
            }
        }
        for ((sums, steps), most) in sums.iter().zip(self.steps).zip(self.most) {
            let mut likeness = [0.0; LANES];
            for lane in 0..LANES {
                likeness[lane] = (f32::from(sums[lane]) + self.asked.half) * steps[lane];
            }
            // Pairwise, so that nothing waits for the one before.
            let mut apart = LANES / 2;
            while apart > 0 {
                for lane in 0..apart {
                    let (one, other) = (likeness[lane], likeness[lane + apart]);
                    likeness[lane] = if one > other { one } else { other };
                }
                apart /= 2;
            }
            *most = likeness[0];
        }
        *self.sums = sums;
    }
}
