//! A convolution of each channel for itself: its loops, compiled and chosen like those of [`super::kernels`].

use super::kernels::{LANES, activate, sum};
use super::layers::{Convolution, Map};
use pulp::{Simd, WithSimd};

/// So many times [`LANES`] channels by themselves, where there are as many.
const GROUPS: usize = 4;
/// Columns of the kernels that have a loop of their own: those of both networks.
const ACROSS: usize = 3;

/// The convolution, then the activation.
pub(super) struct Depthwise<'a> {
    pub(super) layer: &'a Convolution,
    pub(super) from: &'a Map,
    pub(super) to: &'a mut Map,
}

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer, from, to } = self;
        let channels = layer.outputs;
        let [rows, across] = layer.kernel;
        let (width, stride) = (to.width, layer.stride);
        // The outputs of a row that see nothing beyond its ends, and where the first of them begins to see.
        let room = (from.width + layer.padding).checked_sub(across);
        let end = room.map_or(0, |room| (room / stride + 1).min(width));
        let middle = layer.padding.div_ceil(stride).min(end)..end;
        let left = (middle.start * stride).saturating_sub(layer.padding);
        let few = stride == 1 && channels < LANES && !middle.is_empty();
        let narrow = few.then(|| Narrow::of(layer, middle.len()));
        let registers = channels.is_multiple_of(S::F32_LANES) && across == ACROSS;
        let mut lines: Vec<[usize; 2]> = Vec::with_capacity(rows);
        let mut taps = Vec::with_capacity(rows * across);
        let out_rows = to.values_mut().chunks_exact_mut(width * channels);
        for (y, out) in out_rows.enumerate() {
            lines.clear();
            lines.extend((0..rows).filter_map(|ky| {
                let line = layer.inside(y * stride + ky, from.height)?;
                Some([line * from.width, ky * across])
            }));
            let run = Run {
                layer,
                from: from.values(),
                lines: &lines,
                left,
            };
            let inner = &mut out[middle.start * channels..middle.end * channels];
            let mut done = middle.clone();
            match (&narrow, registers, stride) {
                (Some(narrow), ..) => run.narrow::<S>(narrow, inner),
                (None, true, 1) => run.wide::<S, 8, 1, 10>(simd, inner),
                (None, true, 2) => run.wide::<S, 4, 2, 9>(simd, inner),
                _ => done = 0..0,
            }
            for (x, out) in out.chunks_exact_mut(channels).enumerate() {
                if !done.contains(&x) {
                    run.one::<S>(x, from.width, &mut taps, out);
                }
            }
            activate(&layer.activation, out, channels);
        }
    }
}

/// What the outputs of a row see.
struct Run<'a> {
    layer: &'a Convolution,
    from: &'a [f32],
    /// Each row of input: its first pixel, and the place in the kernel of what is taken of it.
    lines: &'a [[usize; 2]],
    /// The pixel of such a row where the first of the outputs in the middle begins to see.
    left: usize,
}

impl Run<'_> {
    /// Outputs whose channels fill registers, `T` together, which see `C` columns `STRIDE` apart.
    #[inline(always)]
    fn wide<S: Simd, const T: usize, const STRIDE: usize, const C: usize>(
        &self,
        simd: S,
        out: &mut [f32],
    ) {
        let groups = self.layer.outputs / S::F32_LANES;
        let out = S::as_mut_simd_f32s(out).0;
        let count = out.len() / groups;
        match count.checked_sub(T) {
            // The last ones may overlap: what is done twice comes out the same.
            Some(last) => (0..count).step_by(T).map(|x| x.min(last)).for_each(|x| {
                let out = &mut out[x * groups..(x + T) * groups];
                self.window::<S, T, STRIDE, C>(simd, self.left + x * STRIDE, out);
            }),
            None => out
                .chunks_exact_mut(groups)
                .enumerate()
                .for_each(|(x, out)| {
                    self.window::<S, 1, STRIDE, ACROSS>(simd, self.left + x * STRIDE, out);
                }),
        }
    }

    /// `T` outputs that begin to see at a pixel.
    #[inline(always)]
    fn window<S: Simd, const T: usize, const STRIDE: usize, const C: usize>(
        &self,
        simd: S,
        left: usize,
        out: &mut [S::f32s],
    ) {
        let from = S::as_simd_f32s(self.from).0;
        let weights = S::as_simd_f32s(&self.layer.weights).0;
        let bias = S::as_simd_f32s(&self.layer.bias).0;
        let groups = bias.len();
        for (group, bias) in bias.iter().enumerate() {
            let mut sums = [*bias; T];
            for [line, place] in self.lines {
                let seen = &from[(line + left) * groups + group..];
                let columns: [S::f32s; C] = std::array::from_fn(|column| seen[column * groups]);
                for kx in 0..ACROSS {
                    let weight = weights[(place + kx) * groups + group];
                    for t in 0..T {
                        sums[t] = simd.mul_add_e_f32s(columns[t * STRIDE + kx], weight, sums[t]);
                    }
                }
            }
            for (out, sum) in out.chunks_exact_mut(groups).zip(sums) {
                out[group] = sum;
            }
        }
    }

    /// Outputs of few channels: the numbers of all of them, one after the other.
    #[inline(always)]
    fn narrow<S: Simd>(&self, narrow: &Narrow, out: &mut [f32]) {
        let across = self.layer.kernel[1];
        out.copy_from_slice(&narrow.bias);
        for [line, place] in self.lines {
            for kx in 0..across {
                let from = &self.from[(line + self.left + kx) * self.layer.outputs..];
                let weights = &narrow.weights[place + kx];
                for ((out, value), weight) in out.iter_mut().zip(from).zip(weights) {
                    *out = sum::<S>(*value, *weight, *out);
                }
            }
        }
    }

    /// One output, wherever it is in its row: `taps` are its places of input and of weights.
    #[inline(always)]
    fn one<S: Simd>(&self, x: usize, width: usize, taps: &mut Vec<[usize; 2]>, out: &mut [f32]) {
        let (layer, channels) = (self.layer, self.layer.outputs);
        taps.clear();
        taps.extend(self.lines.iter().flat_map(|[line, place]| {
            (0..layer.kernel[1]).filter_map(move |kx| {
                let column = layer.inside(x * layer.stride + kx, width)?;
                Some([line + column, place + kx].map(|pixel| pixel * channels))
            })
        }));
        let mut first = 0;
        while first + GROUPS * LANES <= channels {
            tap::<S, GROUPS>(layer, self.from, taps, first, out);
            first += GROUPS * LANES;
        }
        while first + LANES <= channels {
            tap::<S, 1>(layer, self.from, taps, first, out);
            first += LANES;
        }
        for (channel, out) in out.iter_mut().enumerate().skip(first) {
            let products = taps.iter().map(|[input, weight]| {
                self.from[input + channel] * layer.weights[weight + channel]
            });
            *out = layer.bias[channel] + products.sum::<f32>();
        }
    }
}

/// `N` groups of [`LANES`] channels of one output from `first` on: what its taps give.
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

/// Weights and bias of few channels, as often as there are outputs in the middle of a row.
struct Narrow {
    /// By place in the kernel.
    weights: Vec<Vec<f32>>,
    bias: Vec<f32>,
}

impl Narrow {
    fn of(layer: &Convolution, outputs: usize) -> Self {
        Self {
            weights: layer
                .weights
                .chunks_exact(layer.outputs)
                .map(|weights| weights.repeat(outputs))
                .collect(),
            bias: layer.bias.repeat(outputs),
        }
    }
}
