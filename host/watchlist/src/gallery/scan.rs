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

/// Templates whose sums are taken side by side.
const LANES: usize = 64;
/// Four numbers of a template stand in two bytes.
const QUADS: usize = TEMPLATE_NUMBERS / 4;
/// Bytes of the templates that lie side by side: those of the first four numbers of each, of the next four, and so on.
const BLOCK: usize = QUADS * LANES * 2;
/// Blocks that are gone through before any is compared with the best so far.
const BLOCKS: usize = 16;
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
        let blocks = count.div_ceil(LANES);
        let mut coarse = Self {
            count,
            codes: Memory::zeros(blocks * BLOCK),
            steps: vec![[0.0; LANES]; blocks],
            margins: vec![[0.0; 2]; blocks],
            longest: 1.0,
        };
        let places = coarse.codes.chunks_exact_mut(BLOCK);
        let blocks = places.zip(coarse.steps.iter_mut().zip(&mut coarse.margins));
        for (block, (codes, (steps, margins))) in blocks.enumerate() {
            let here = count - block * LANES;
            for (lane, step) in steps.iter_mut().enumerate().take(here) {
                let code = Code::best(&template(block * LANES + lane));
                for (quad, four) in code.numbers.as_chunks::<4>().0.iter().enumerate() {
                    let at = (quad * LANES + lane) * 2;
                    codes[at] = four[0] | four[1] << 4;
                    codes[at + 1] = four[2] | four[3] << 4;
                }
                *step = code.step;
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
        let arch = Arch::new();
        let mut likeness = [[0.0; LANES]; BLOCKS];
        let mut most = [0.0; BLOCKS];
        let groups = self
            .codes
            .chunks(BLOCK * BLOCKS)
            .zip(self.steps.chunks(BLOCKS).zip(self.margins.chunks(BLOCKS)));
        for (group, (codes, (steps, margins))) in groups.enumerate() {
            arch.dispatch(Sums {
                codes,
                steps,
                asked: &fours,
                // Of codes from 0 to 15; in 16 bits that go round, so it does not matter that this may not fit.
                offset: (-8 * all) as i16,
                half: all as f32 / 2.0,
                likeness: &mut likeness,
                most: &mut most,
            });
            for (block, [e, kept]) in margins.iter().enumerate() {
                let margin = e + kept * left + ROUNDING;
                if most[block] / fine + margin < least {
                    continue;
                }
                for (lane, likeness) in likeness[block].iter().enumerate() {
                    let place = (group * BLOCKS + block) * LANES + lane;
                    if likeness / fine + margin >= least && place < self.count {
                        least = look(place);
                    }
                }
            }
        }
    }
}

/// `step · c·k` of every template, and the greatest of each block.
struct Sums<'a> {
    codes: &'a [u8],
    steps: &'a [[f32; LANES]],
    asked: &'a [[i16; 4]; QUADS],
    offset: i16,
    half: f32,
    likeness: &'a mut [[f32; LANES]; BLOCKS],
    most: &'a mut [f32; BLOCKS],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let blocks = self.codes.as_chunks::<BLOCK>().0.iter().zip(self.steps);
        let answers = self.likeness.iter_mut().zip(self.most);
        for ((codes, steps), (likeness, most)) in blocks.zip(answers) {
            let mut sums = [self.offset; LANES];
            let rows = codes.as_chunks::<{ LANES * 2 }>().0.iter();
            for (row, [a, b, c, d]) in rows.zip(self.asked) {
                let row = row.as_chunks::<2>().0;
                for lane in 0..LANES {
                    let codes = u16::from_le_bytes(row[lane]);
                    let times = |code: u16, k: &i16| (code as i16).wrapping_mul(*k);
                    let low = times(codes & 15, a).wrapping_add(times(codes >> 4 & 15, b));
                    let high = times(codes >> 8 & 15, c).wrapping_add(times(codes >> 12, d));
                    sums[lane] = sums[lane].wrapping_add(low.wrapping_add(high));
                }
            }
            for lane in 0..LANES {
                likeness[lane] = (f32::from(sums[lane]) + self.half) * steps[lane];
            }
            // Pairwise, so that nothing waits for the one before.
            let mut greatest = *likeness;
            let mut apart = LANES / 2;
            while apart > 0 {
                for lane in 0..apart {
                    let other = greatest[lane + apart];
                    if other > greatest[lane] {
                        greatest[lane] = other;
                    }
                }
                apart /= 2;
            }
            *most = greatest[0];
        }
    }
}
