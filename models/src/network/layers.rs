//! The layers: what each is made of and how large its answer is. The loops are in [`super::kernels`] and
//! [`super::depthwise`].
//! Channels lie side by side.

use super::depthwise::Depthwise;
use super::kernels::{LANES, Pool, Product, Sums, activate};
use pulp::Arch;

/// Numbers that a block of pixels holds before and after a product: they stay in the second cache.
const BLOCK_NUMBERS: usize = 128 * 1024;

/// What an output of both networks' first layer sees of a row: three pixels of three colours. So few are copied by a loop of
/// their own, for calling one that copies any number takes longer than they do.
const FIRST_LINE: usize = 9;

/// Numbers for each pixel of a picture, row by row, the channels of a pixel side by side.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Map {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) data: Vec<f32>,
}

impl Map {
    /// Another size; what was there is not kept, and what is not needed stays behind: `data` only
    /// grows, so that a map that is used for one layer after another is not filled each time.
    pub(super) fn reshape(&mut self, height: usize, width: usize, channels: usize) {
        (self.height, self.width, self.channels) = (height, width, channels);
        let count = height * width * channels;
        if self.data.len() < count {
            self.data.resize(count, 0.0);
        }
    }

    /// The numbers of the map.
    #[inline(always)]
    pub(super) fn values(&self) -> &[f32] {
        &self.data[..self.height * self.width * self.channels]
    }

    /// The same, to be written.
    #[inline(always)]
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.data[..self.height * self.width * self.channels]
    }
}

/// What is done to each number after a layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Activation {
    None,
    /// Nothing below zero.
    Relu,
    /// Below zero, times the channel's slope.
    PRelu(Vec<f32>),
    /// 1 / (1 + e^-x).
    Sigmoid,
}

/// Which inputs an output of a convolution sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All channels.
    Dense,
    /// Its own channel.
    Depthwise,
}

/// A convolution with its bias and what follows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Convolution {
    pub(super) reach: Reach,
    /// Rows and columns of the kernel.
    pub(super) kernel: [usize; 2],
    pub(super) stride: usize,
    /// Zeros around the picture, on every side.
    pub(super) padding: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// By row and column of the kernel, then input (dense only), then output.
    pub(super) weights: Vec<f32>,
    /// The same in panels of [`LANES`] outputs, for a dense convolution.
    pub(super) panels: Vec<[f32; LANES]>,
    pub(super) bias: Vec<f32>,
    pub(super) activation: Activation,
}

impl Convolution {
    /// Lays the weights out for the loops. Called once, when nothing is folded into them any more.
    pub(super) fn seal(&mut self) {
        if self.reach == Reach::Depthwise {
            return;
        }
        let weights = std::mem::take(&mut self.weights);
        for first in (0..self.outputs).step_by(LANES) {
            let count = (self.outputs - first).min(LANES);
            self.panels
                .extend(weights.chunks_exact(self.outputs).map(|row| {
                    let mut panel = [0.0; LANES];
                    panel[..count].copy_from_slice(&row[first..first + count]);
                    panel
                }));
        }
    }

    /// A place of the padded picture as one of the picture itself.
    #[inline(always)]
    pub(super) fn inside(&self, at: usize, length: usize) -> Option<usize> {
        at.checked_sub(self.padding).filter(|place| *place < length)
    }

    /// Rows or columns out of so many in.
    fn extent(&self, length: usize, kernel: usize) -> Option<usize> {
        let room = (length + 2 * self.padding).checked_sub(kernel)?;
        Some(room / self.stride + 1)
    }

    pub(super) fn run(
        &self,
        from: &Map,
        to: &mut Map,
        columns: &mut Vec<f32>,
        arch: Arch,
    ) -> Result<(), String> {
        if from.channels != self.inputs {
            return Err("a convolution gets another number of channels than it has".into());
        }
        let [rows, across] = self.kernel;
        let (Some(height), Some(width)) = (
            self.extent(from.height, rows),
            self.extent(from.width, across),
        ) else {
            return Err("the picture is smaller than a kernel".into());
        };
        to.reshape(height, width, self.outputs);
        match self.reach {
            Reach::Depthwise => arch.dispatch(Depthwise {
                layer: self,
                from,
                to,
            }),
            Reach::Dense if self.kernel == [1, 1] && self.stride == 1 && self.padding == 0 => {
                self.product(from.values(), to.values_mut(), arch);
            }
            Reach::Dense => {
                // The pixels that a row of outputs sees, side by side: again a matrix product.
                columns.resize(width * rows * across * self.inputs, 0.0);
                for (y, out) in to
                    .values_mut()
                    .chunks_exact_mut(width * self.outputs)
                    .enumerate()
                {
                    self.gather(from, y, columns);
                    self.product(columns, out, arch);
                }
            }
        }
        Ok(())
    }

    /// Puts what each output of row `y` sees into `columns`.
    fn gather(&self, from: &Map, y: usize, columns: &mut [f32]) {
        let [rows, across] = self.kernel;
        let line = across * from.channels;
        for (x, seen) in columns.chunks_exact_mut(rows * line).enumerate() {
            for (ky, part) in seen.chunks_exact_mut(line).enumerate() {
                let Some(iy) = self.inside(y * self.stride + ky, from.height) else {
                    part.fill(0.0);
                    continue;
                };
                let row = &from.values()[iy * from.width * from.channels..];
                if let Some(left) = (x * self.stride).checked_sub(self.padding)
                    && left + across <= from.width
                {
                    let row = &row[left * from.channels..][..line];
                    match (part.as_chunks_mut(), row.as_chunks::<FIRST_LINE>()) {
                        (([part], []), ([row], [])) => *part = *row,
                        _ => part.copy_from_slice(row),
                    }
                    continue;
                }
                for (kx, pixel) in part.chunks_exact_mut(from.channels).enumerate() {
                    match self.inside(x * self.stride + kx, from.width) {
                        Some(ix) => {
                            pixel.copy_from_slice(&row[ix * from.channels..][..from.channels])
                        }
                        None => pixel.fill(0.0),
                    }
                }
            }
        }
    }

    /// `out = activation(bias + weights · pixels)`, block by block.
    fn product(&self, pixels: &[f32], out: &mut [f32], arch: Arch) {
        let depth = self.inputs * self.kernel[0] * self.kernel[1];
        // A multiple of the tile, so that only the last block has a rest.
        let block = (BLOCK_NUMBERS / (depth + self.outputs)).next_multiple_of(96);
        let blocks = pixels.chunks(block * depth);
        for (pixels, out) in blocks.zip(out.chunks_mut(block * self.outputs)) {
            arch.dispatch(Product {
                pixels,
                depth,
                panels: &self.panels,
                bias: &self.bias,
                activation: &self.activation,
                out,
            });
        }
    }
}

/// One sum over everything for each output. Its time goes by the bytes of its weights, which no other layer has so many of:
/// they are kept in two each, by a step for each output, which changed a cosine of the matcher's by less than a millionth.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dense {
    inputs: usize,
    /// Row by row: what one output takes of every input, in steps.
    weights: Vec<i16>,
    /// What a step is worth.
    steps: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    /// Of weights row by row, as many as there are inputs in each.
    pub(super) fn of(inputs: usize, weights: &[f32], bias: Vec<f32>) -> Self {
        let rows = || weights.chunks_exact(inputs.max(1));
        let steps: Vec<f32> = rows()
            .map(|row| {
                row.iter()
                    .fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()))
            })
            .map(|most| most / f32::from(i16::MAX))
            .collect();
        let each = rows().zip(&steps);
        Self {
            inputs,
            weights: each
                .flat_map(|(row, step)| row.iter().map(move |w| (w / step).round() as i16))
                .collect(),
            steps,
            bias,
        }
    }

    pub(super) fn run(&self, from: &Map, to: &mut Map, arch: Arch) -> Result<(), String> {
        if from.values().len() != self.inputs {
            return Err(
                "a full connection gets another number of inputs than it has weights for".into(),
            );
        }
        to.reshape(1, 1, self.bias.len());
        arch.dispatch(Sums {
            inputs: from.values(),
            rows: &self.weights,
            steps: &self.steps,
            bias: &self.bias,
            out: to.values_mut(),
        });
        Ok(())
    }
}

/// `scale · x + shift`, channel by channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Affine {
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

impl Affine {
    pub(super) fn run(&self, from: &Map, to: &mut Map) -> Result<(), String> {
        if from.channels != self.scale.len() {
            return Err("a scale gets another number of channels than it has".into());
        }
        to.reshape(from.height, from.width, from.channels);
        let pixels = from.values().chunks_exact(from.channels);
        for (pixel, out) in pixels.zip(to.values_mut().chunks_exact_mut(from.channels)) {
            let by = self.scale.iter().zip(&self.shift);
            for ((value, out), (scale, shift)) in pixel.iter().zip(out).zip(by) {
                *out = value * scale + shift;
            }
        }
        Ok(())
    }
}

/// The greatest of each two by two pixels.
pub(super) fn pool(from: &Map, to: &mut Map, arch: Arch) {
    to.reshape(from.height / 2, from.width / 2, from.channels);
    if !to.values().is_empty() {
        arch.dispatch(Pool { from, to });
    }
}

/// Each pixel as two by two.
pub(super) fn double(from: &Map, to: &mut Map) {
    to.reshape(from.height * 2, from.width * 2, from.channels);
    let (channels, width) = (from.channels, to.width);
    for (place, out) in to
        .values_mut()
        .chunks_exact_mut(channels.max(1))
        .enumerate()
    {
        let (y, x) = (place / width / 2, place % width / 2);
        let at = (y * from.width + x) * channels;
        out.copy_from_slice(&from.values()[at..at + channels]);
    }
}

/// The sum of two maps of one size.
pub(super) fn add(a: &Map, b: &Map, to: &mut Map) -> Result<(), String> {
    if (a.height, a.width, a.channels) != (b.height, b.width, b.channels) {
        return Err("two maps of different size cannot be added".into());
    }
    to.reshape(a.height, a.width, a.channels);
    for (out, (a, b)) in to
        .values_mut()
        .iter_mut()
        .zip(a.values().iter().zip(b.values()))
    {
        *out = a + b;
    }
    Ok(())
}

/// An activation by itself.
pub(super) fn activate_alone(activation: &Activation, from: &Map, to: &mut Map) {
    to.reshape(from.height, from.width, from.channels);
    to.values_mut().copy_from_slice(from.values());
    activate(activation, to.values_mut(), from.channels.max(1));
}
