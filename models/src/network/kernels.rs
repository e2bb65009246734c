//! The loops that take the time. Each is compiled for every kind of processor that `pulp` tells apart
//! (SSE2, AVX2, AVX-512, NEON) and the best is chosen when it runs. Products name their registers; the rest the compiler
//! vectorises.

use super::layers::{Activation, Map};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Outputs that are worked on together.
pub(super) const LANES: usize = 16;

/// `a · b + c`, fused where the processor can: elsewhere a fused one is a slow call.
#[inline(always)]
pub(super) fn sum<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
    if S::IS_SCALAR {
        a * b + c
    } else {
        a.mul_add(b, c)
    }
}

/// `out = bias + weights · pixels`, then the activation. Weights lie in panels of [`LANES`] outputs:
/// all inputs of the first panel, all of the second, the last filled up with zeros.
pub(super) struct Product<'a> {
    pub(super) pixels: &'a [f32],
    pub(super) depth: usize,
    pub(super) panels: &'a [[f32; LANES]],
    pub(super) bias: &'a [f32],
    pub(super) activation: &'a Activation,
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // The sums of a tile fill the registers, so that no product waits for the one before.
        match S::F32_LANES {
            16 => self.panels::<S, 12, 4, 2, 1>(simd),
            8 => self.panels::<S, 6, 2, 1, 2>(simd),
            4 => self.panels::<S, 6, 2, 1, 4>(simd),
            _ => self.panels::<S, 6, 2, 1, LANES>(simd),
        }
        activate(self.activation, self.out, self.bias.len());
    }
}

impl Product<'_> {
    /// All panels, `P` at a time, each of `R` registers.
    #[inline(always)]
    fn panels<S: Simd, const N: usize, const REST: usize, const P: usize, const R: usize>(
        &mut self,
        simd: S,
    ) {
        let panels = self.bias.len().div_ceil(LANES);
        let together = panels - panels % P;
        for panel in (0..together).step_by(P) {
            self.pixels::<S, N, REST, P, R>(simd, panel);
        }
        for panel in together..panels {
            self.pixels::<S, N, REST, 1, R>(simd, panel);
        }
    }

    /// The outputs of `P` panels for all pixels: `N` together, of what is left over `REST`, the last by themselves.
    #[inline(always)]
    fn pixels<S: Simd, const N: usize, const REST: usize, const P: usize, const R: usize>(
        &mut self,
        simd: S,
        panel: usize,
    ) {
        let (depth, outputs) = (self.depth, self.bias.len());
        let outs = panel * LANES..outputs.min((panel + P) * LANES);
        let mut bias = [[0.0; LANES]; P];
        bias.as_flattened_mut()[..outs.len()].copy_from_slice(&self.bias[outs.clone()]);
        let part = Part::<S, P, R> {
            weights: std::array::from_fn(|p| {
                let weights = &self.panels[(panel + p) * depth..(panel + p + 1) * depth];
                S::as_simd_f32s(weights.as_flattened()).0.as_chunks().0
            }),
            bias: bias.map(|bias| {
                let bias = S::as_simd_f32s(&bias).0;
                std::array::from_fn(|r| bias[r])
            }),
            outs,
        };
        let mut x = self.pixels.chunks_exact(depth * N);
        let mut y = self.out.chunks_exact_mut(outputs * N);
        for (x, y) in x.by_ref().zip(y.by_ref()) {
            part.tile::<N>(simd, x, y);
        }
        let mut x = x.remainder().chunks_exact(depth * REST);
        let mut y = y.into_remainder().chunks_exact_mut(outputs * REST);
        for (x, y) in x.by_ref().zip(y.by_ref()) {
            part.tile::<REST>(simd, x, y);
        }
        let x = x.remainder().chunks_exact(depth);
        for (x, y) in x.zip(y.into_remainder().chunks_exact_mut(outputs)) {
            part.tile::<1>(simd, x, y);
        }
    }
}

/// Some panels of a product, each of `R` registers.
struct Part<'a, S: Simd, const P: usize, const R: usize> {
    weights: [&'a [[S::f32s; R]]; P],
    bias: [[S::f32s; R]; P],
    /// The outputs of these panels, among all.
    outs: Range<usize>,
}

/// A way through some pixels together. Their sums have a name each, because an array of so many is kept in memory by the
/// compiler more often than not.
macro_rules! tile {
    ($name:ident: $($pixel:ident $sums:ident),+) => {
        #[inline(always)]
        fn $name(&self, simd: S, pixels: &[f32], out: &mut [f32]) {
            const PIXELS: usize = [$(stringify!($pixel)),+].len();
            let depth = pixels.len() / PIXELS;
            let outputs = out.len() / PIXELS;
            let weights: [&[[S::f32s; R]]; P] = std::array::from_fn(|p| &self.weights[p][..depth]);
            let mut pixels = pixels.chunks_exact(depth);
            $(let Some($pixel) = pixels.next() else { return };)+
            $(let mut $sums = self.bias;)+
            for k in 0..depth {
                let weights = std::array::from_fn(|p| weights[p][k]);
                $($sums = more::<S, P, R>(simd, $pixel[k], weights, $sums);)+
            }
            let mut out = out.chunks_exact_mut(outputs);
            $(if let Some(out) = out.next() { self.put($sums, out); })+
        }
    };
}

/// The sums of a pixel with one more product each.
#[inline(always)]
fn more<S: Simd, const P: usize, const R: usize>(
    simd: S,
    value: f32,
    weights: [[S::f32s; R]; P],
    mut sums: [[S::f32s; R]; P],
) -> [[S::f32s; R]; P] {
    let value = simd.splat_f32s(value);
    for p in 0..P {
        for r in 0..R {
            // Fused where the processor can: elsewhere a fused one is a slow call.
            sums[p][r] = simd.mul_add_e_f32s(value, weights[p][r], sums[p][r]);
        }
    }
    sums
}

impl<S: Simd, const P: usize, const R: usize> Part<'_, S, P, R> {
    /// These outputs of `N` pixels.
    #[inline(always)]
    fn tile<const N: usize>(&self, simd: S, pixels: &[f32], out: &mut [f32]) {
        match N {
            12 => self.twelve(simd, pixels, out),
            6 => self.six(simd, pixels, out),
            4 => self.four(simd, pixels, out),
            2 => self.two(simd, pixels, out),
            _ => {
                for (pixel, out) in pixels
                    .chunks_exact(pixels.len() / N)
                    .zip(out.chunks_exact_mut(out.len() / N))
                {
                    self.one(simd, pixel, out);
                }
            }
        }
    }

    tile!(twelve: x0 s0, x1 s1, x2 s2, x3 s3, x4 s4, x5 s5, x6 s6, x7 s7, x8 s8, x9 s9, x10 s10, x11 s11);
    tile!(six: x0 s0, x1 s1, x2 s2, x3 s3, x4 s4, x5 s5);
    tile!(four: x0 s0, x1 s1, x2 s2, x3 s3);
    tile!(two: x0 s0, x1 s1);
    tile!(one: x0 s0);

    /// Puts a pixel's outputs where they belong.
    #[inline(always)]
    fn put(&self, sums: [[S::f32s; R]; P], out: &mut [f32]) {
        let out = &mut out[self.outs.clone()];
        if let Some(whole) = out.as_chunks_mut().0.first_chunk_mut() {
            store::<S, P, R>(sums, whole);
        } else {
            let mut whole = [[0.0; LANES]; P];
            store::<S, P, R>(sums, &mut whole);
            out.copy_from_slice(&whole.as_flattened()[..out.len()]);
        }
    }
}

/// Puts panels that lie in registers into memory.
#[inline(always)]
fn store<S: Simd, const P: usize, const R: usize>(
    from: [[S::f32s; R]; P],
    to: &mut [[f32; LANES]; P],
) {
    for (to, from) in to.iter_mut().zip(from) {
        for (to, from) in S::as_mut_simd_f32s(to).0.iter_mut().zip(from) {
            *to = from;
        }
    }
}

/// Applies an activation to whole pixels of `channels` numbers.
#[inline(always)]
pub(super) fn activate(activation: &Activation, pixels: &mut [f32], channels: usize) {
    match activation {
        Activation::None => {}
        Activation::Relu => pixels.iter_mut().for_each(|v| *v = v.max(0.0)),
        Activation::PRelu(slopes) => {
            for pixel in pixels.chunks_exact_mut(channels) {
                for (v, slope) in pixel.iter_mut().zip(slopes) {
                    *v = if *v > 0.0 { *v } else { *v * slope };
                }
            }
        }
        Activation::Sigmoid => pixels
            .iter_mut()
            .for_each(|v| *v = 1.0 / (1.0 + (-*v).exp())),
    }
}

/// One sum over all inputs for each output; `rows` holds what each output takes, one after the other.
pub(super) struct Sums<'a> {
    pub(super) inputs: &'a [f32],
    pub(super) rows: &'a [i16],
    /// What a row's numbers are in.
    pub(super) steps: &'a [f32],
    pub(super) bias: &'a [f32],
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.rows::<S, 1>(simd),
            8 => self.rows::<S, 2>(simd),
            4 => self.rows::<S, 4>(simd),
            _ => self.rows::<S, LANES>(simd),
        }
    }
}

impl Sums<'_> {
    /// All sums, [`LANES`] inputs in `R` registers at a time: four rows side by side, which memory gives sooner than one
    /// after the other.
    #[inline(always)]
    fn rows<S: Simd, const R: usize>(self, simd: S) {
        let inputs = self.inputs.len();
        let by = self.steps.iter().zip(self.bias);
        let fours = self.out.chunks_mut(4).zip(self.rows.chunks(4 * inputs));
        let mut by = by.map(|(step, bias)| (*step, *bias));
        for (out, rows) in fours {
            // Where there are fewer than four, the last is taken again.
            let row = |n: usize| {
                let n = n.min(out.len() - 1);
                &rows[n * inputs..(n + 1) * inputs]
            };
            let sums = four::<S, R>(simd, self.inputs, [0, 1, 2, 3].map(row));
            for ((out, sum), (step, bias)) in out.iter_mut().zip(sums).zip(&mut by) {
                *out = bias + step * sum;
            }
        }
    }
}

/// What four rows of weights make of the inputs.
#[inline(always)]
fn four<S: Simd, const R: usize>(simd: S, inputs: &[f32], rows: [&[i16]; 4]) -> [f32; 4] {
    let [row0, row1, row2, row3] = rows.map(|row| row.as_chunks::<LANES>().0);
    let [mut s0, mut s1, mut s2, mut s3] = [[simd.splat_f32s(0.0); R]; 4];
    let each = row0.iter().zip(row1).zip(row2.iter().zip(row3));
    for (x, ((w0, w1), (w2, w3))) in inputs.as_chunks::<LANES>().0.iter().zip(each) {
        s0 = weighed::<S, R>(simd, x, w0, s0);
        s1 = weighed::<S, R>(simd, x, w1, s1);
        s2 = weighed::<S, R>(simd, x, w2, s2);
        s3 = weighed::<S, R>(simd, x, w3, s3);
    }
    let rest = inputs.len() - inputs.len() % LANES;
    let sums = [s0, s1, s2, s3];
    std::array::from_fn(|n| {
        let left = inputs[rest..].iter().zip(&rows[n][rest..]);
        let whole = sums[n].iter().map(|sum| simd.reduce_sum_f32s(*sum));
        whole.sum::<f32>() + left.map(|(x, w)| x * f32::from(*w)).sum::<f32>()
    })
}

/// The sums with one more product each.
#[inline(always)]
fn weighed<S: Simd, const R: usize>(
    simd: S,
    values: &[f32; LANES],
    weights: &[i16; LANES],
    mut sums: [S::f32s; R],
) -> [S::f32s; R] {
    let weights = weights.map(f32::from);
    let (values, weights) = (S::as_simd_f32s(values).0, S::as_simd_f32s(&weights).0);
    for r in 0..R {
        sums[r] = simd.mul_add_e_f32s(values[r], weights[r], sums[r]);
    }
    sums
}

/// The greatest of each two by two pixels.
pub(super) struct Pool<'a> {
    pub(super) from: &'a Map,
    pub(super) to: &'a mut Map,
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (channels, width) = (self.from.channels, self.to.width);
        let line = self.from.width * channels;
        let from = self.from.values();
        for (place, out) in self.to.values_mut().chunks_exact_mut(channels).enumerate() {
            let at = place / width * 2 * line + place % width * 2 * channels;
            let (left, right) = from[at..at + 2 * channels].split_at(channels);
            let (below, last) = from[at + line..at + line + 2 * channels].split_at(channels);
            let lower = below.iter().zip(last);
            for ((out, (a, b)), (c, d)) in out.iter_mut().zip(left.iter().zip(right)).zip(lower) {
                *out = a.max(*b).max(c.max(*d));
            }
        }
    }
}
