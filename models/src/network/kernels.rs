//! The loops that take the time. Each is compiled for every kind of processor that `pulp` tells apart
//! (SSE2, AVX2, AVX-512, NEON) and the best is chosen when it runs; the compiler vectorises them.

use super::layers::{Activation, Convolution, Map};
use pulp::{Simd, WithSimd};

/// Outputs that are worked on together.
pub(super) const LANES: usize = 16;
/// So many times [`LANES`] channels by themselves, where there are as many.
const GROUPS: usize = 4;
/// Inputs of a full connection that are worked on together.
const WIDE: usize = 64;
/// Pixels that are worked on together: with [`LANES`] outputs their sums fill the registers of AVX2
/// and NEON.
const TILE: usize = 6;

/// `a · b + c`, fused where the processor can: elsewhere a fused one is a slow call.
#[inline(always)]
fn sum<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
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
    fn with_simd<S: Simd>(self, _: S) {
        let outputs = self.bias.len();
        for (panel, weights) in self.panels.chunks_exact(self.depth).enumerate() {
            let first = panel * LANES;
            let count = (outputs - first).min(LANES);
            let mut bias = [0.0; LANES];
            bias[..count].copy_from_slice(&self.bias[first..first + count]);
            let tiles = self.pixels.chunks(self.depth * TILE);
            for (x, y) in tiles.zip(self.out.chunks_mut(outputs * TILE)) {
                if x.len() == self.depth * TILE {
                    tile::<S, TILE>(x, weights, &bias, y, outputs, first, count);
                } else {
                    let rest = x.chunks_exact(self.depth).zip(y.chunks_exact_mut(outputs));
                    for (x, y) in rest {
                        tile::<S, 1>(x, weights, &bias, y, outputs, first, count);
                    }
                }
            }
        }
        activate(self.activation, self.out, outputs);
    }
}

/// `count` outputs from `first` on of `N` pixels.
#[inline(always)]
fn tile<S: Simd, const N: usize>(
    pixels: &[f32],
    weights: &[[f32; LANES]],
    bias: &[f32; LANES],
    out: &mut [f32],
    outputs: usize,
    first: usize,
    count: usize,
) {
    let depth = weights.len();
    let mut sums = [*bias; N];
    let mut rows = [pixels; N];
    for (n, row) in rows.iter_mut().enumerate() {
        *row = &pixels[n * depth..(n + 1) * depth];
    }
    for (k, weight) in weights.iter().enumerate() {
        for n in 0..N {
            let value = rows[n][k];
            for lane in 0..LANES {
                sums[n][lane] = sum::<S>(value, weight[lane], sums[n][lane]);
            }
        }
    }
    for (n, sums) in sums.iter().enumerate() {
        let at = n * outputs + first;
        if count == LANES {
            out[at..at + LANES].copy_from_slice(sums);
        } else {
            out[at..at + count].copy_from_slice(&sums[..count]);
        }
    }
}

/// A convolution of each channel for itself, then the activation.
pub(super) struct Depthwise<'a> {
    pub(super) layer: &'a Convolution,
    pub(super) from: &'a Map,
    pub(super) to: &'a mut Map,
}

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { layer, from, to } = self;
        let channels = layer.outputs;
        let [rows, across] = layer.kernel;
        let width = to.width;
        // What an output takes: places of input and of weights. Away from the sides it is the same
        // for every pixel of a row, further along.
        let mut inner: Vec<[usize; 2]> = Vec::with_capacity(rows * across);
        let mut border = inner.clone();
        for (y, row) in to
            .values_mut()
            .chunks_exact_mut(width * channels)
            .enumerate()
        {
            let lines = (0..rows).filter_map(|ky| {
                let line = layer.inside(y * layer.stride + ky, from.height)?;
                Some((line * from.width, ky * across))
            });
            inner.clear();
            inner.extend(lines.clone().flat_map(|(line, place)| {
                (0..across).map(move |kx| [line + kx, place + kx].map(|p| p * channels))
            }));
            for (x, out) in row.chunks_exact_mut(channels).enumerate() {
                let left = (x * layer.stride).checked_sub(layer.padding);
                let (taps, along) = match left.filter(|left| left + across <= from.width) {
                    Some(left) => (&inner, left * channels),
                    None => {
                        border.clear();
                        border.extend(lines.clone().flat_map(|(line, place)| {
                            (0..across).filter_map(move |kx| {
                                let column = layer.inside(x * layer.stride + kx, from.width)?;
                                Some([line + column, place + kx].map(|p| p * channels))
                            })
                        }));
                        (&border, 0)
                    }
                };
                let values = &from.values()[along..];
                let mut first = 0;
                while first + GROUPS * LANES <= channels {
                    tap::<S, GROUPS>(layer, values, taps, first, out);
                    first += GROUPS * LANES;
                }
                while first + LANES <= channels {
                    tap::<S, 1>(layer, values, taps, first, out);
                    first += LANES;
                }
                for channel in first..channels {
                    let products = taps.iter().map(|[input, weight]| {
                        values[input + channel] * layer.weights[weight + channel]
                    });
                    out[channel] = layer.bias[channel] + products.sum::<f32>();
                }
            }
            activate(&layer.activation, row, channels);
        }
    }
}

/// `N` groups of [`LANES`] channels of one output pixel from `first` on: what its taps (places of
/// input and of weights) give.
#[inline(always)]
fn tap<S: Simd, const N: usize>(
    layer: &Convolution,
    from: &[f32],
    taps: &[[usize; 2]],
    first: usize,
    out: &mut [f32],
) {
    let groups = |values: &[f32], at: usize| -> [[f32; LANES]; N] {
        let mut groups = [[0.0; LANES]; N];
        let values = values[at..at + N * LANES].as_chunks::<LANES>().0;
        for (group, values) in groups.iter_mut().zip(values) {
            *group = *values;
        }
        groups
    };
    let mut sums = groups(&layer.bias, first);
    for [input, weight] in taps {
        let values = groups(from, input + first);
        let weights = groups(&layer.weights, weight + first);
        for n in 0..N {
            for lane in 0..LANES {
                sums[n][lane] = sum::<S>(values[n][lane], weights[n][lane], sums[n][lane]);
            }
        }
    }
    out[first..first + N * LANES].copy_from_slice(sums.as_flattened());
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
    pub(super) rows: &'a [f32],
    pub(super) bias: &'a [f32],
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (inputs, rest) = self.inputs.as_chunks::<WIDE>();
        let rows = self.rows.chunks_exact(self.inputs.len()).zip(self.bias);
        for (out, (row, bias)) in self.out.iter_mut().zip(rows) {
            let (row, row_rest) = row.as_chunks::<WIDE>();
            let mut sums = [0.0f32; WIDE];
            for (a, b) in row.iter().zip(inputs) {
                for lane in 0..WIDE {
                    sums[lane] = sum::<S>(a[lane], b[lane], sums[lane]);
                }
            }
            let left: f32 = row_rest.iter().zip(rest).map(|(a, b)| a * b).sum();
            *out = bias + sums.iter().sum::<f32>() + left;
        }
    }
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
