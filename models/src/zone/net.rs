//! The network itself: plain convolutions, on whatever [lanes](super::lanes) the processor has.

use super::lanes::{BLOCK, Lanes, Processor};
use page::{CLASSES, STRIDE, STRIP_HEIGHT, Strip};

/// Numbers for each column: the classes, an offset and a scale.
pub(super) const OUTPUTS: usize = CLASSES + 2;
const MAGIC: &[u8; 4] = b"MPKZ";
const VERSION: u16 = 1;
const MOST_CHANNELS: usize = 256;

/// One convolution, its bias and its rectifier.
#[derive(Debug)]
pub(super) struct Layer {
    rows: usize,
    columns: usize,
    inputs: usize,
    outputs: usize,
    row_stride: usize,
    column_stride: usize,
    row_padding: usize,
    /// By block of outputs, then row, column, input: [`BLOCK`] weights each.
    weights: Vec<[f32; BLOCK]>,
    bias: Vec<[f32; BLOCK]>,
}

/// What a layer gives the next: `channels` numbers for each column of each row.
pub(super) struct Map {
    rows: usize,
    columns: usize,
    channels: usize,
    data: Vec<f32>,
}

/// The layers in order.
#[derive(Debug)]
pub(super) struct Net {
    layers: Vec<Layer>,
    processor: Processor,
}

/// Takes little-endian numbers off a byte slice.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8], String> {
        let (head, rest) = self
            .0
            .split_at_checked(count)
            .ok_or("the file ends too early")?;
        self.0 = rest;
        Ok(head)
    }

    fn u16(&mut self) -> Result<u16, String> {
        let b = self.take(2)?;
        Ok(u16::from_le_bytes([b[0], b[1]]))
    }

    fn f32s(&mut self, count: usize) -> Result<Vec<f32>, String> {
        let values: Vec<f32> = self
            .take(count * 4)?
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        if values.iter().any(|v| !v.is_finite()) {
            return Err("a weight is not a number".into());
        }
        Ok(values)
    }
}

impl Net {
    /// Parses a weight file as `models/train/train.py` writes it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = Reader(bytes);
        if reader.take(4)? != MAGIC {
            return Err("it does not begin as a weight file".into());
        }
        let version = reader.u16()?;
        if version != VERSION {
            return Err(format!("version {version} is not known"));
        }
        let count = reader.u16()?;
        let mut layers: Vec<Layer> = Vec::new();
        let (mut channels, mut rows) = (1, STRIP_HEIGHT);
        for _ in 0..count {
            let layer = Layer::parse(&mut reader)?;
            if layer.inputs != channels || layer.rows > rows + 2 * layer.row_padding {
                return Err("two layers do not fit".into());
            }
            rows = (rows + 2 * layer.row_padding - layer.rows) / layer.row_stride + 1;
            channels = layer.outputs;
            layers.push(layer);
        }
        let stride: usize = layers.iter().map(|l| l.column_stride).product();
        if channels != OUTPUTS || rows != 1 || stride != STRIDE {
            return Err("its answer has another shape".into());
        }
        if !reader.0.is_empty() {
            return Err("the file goes on after its end".into());
        }
        Ok(Self {
            layers,
            processor: Processor::here(),
        })
    }

    /// The number of columns of the answer, and [`OUTPUTS`] numbers for each.
    pub(super) fn run(&self, strip: &Strip) -> (usize, Vec<f32>) {
        let columns = strip.width / STRIDE;
        if columns == 0 || strip.pixels.len() != strip.width * STRIP_HEIGHT {
            return (0, Vec::new());
        }
        let map = self.processor.forward(&self.layers, strip);
        (map.columns.min(columns), map.data)
    }
}

/// A strip through all layers.
#[inline(always)]
pub(super) fn forward<const TILE: usize>(
    layers: &[Layer],
    strip: &Strip,
    lanes: impl Lanes<TILE>,
) -> Map {
    let mut map = Map {
        rows: STRIP_HEIGHT,
        columns: strip.width,
        channels: 1,
        data: strip.pixels.clone(),
    };
    for (i, layer) in layers.iter().enumerate() {
        let mut next = layer.apply(&map, lanes);
        if i + 1 == layers.len() {
            return next;
        }
        for v in &mut next.data {
            *v = v.max(0.0);
        }
        // A layer that keeps its shape only adds to what it was given.
        if layer.inputs == layer.outputs && next.data.len() == map.data.len() {
            for (v, before) in next.data.iter_mut().zip(&map.data) {
                *v += before;
            }
        }
        map = next;
    }
    map
}

impl Layer {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, String> {
        let mut shape = [0usize; 7];
        for s in &mut shape {
            *s = usize::from(reader.u16()?);
        }
        let [
            rows,
            columns,
            inputs,
            outputs,
            row_stride,
            column_stride,
            row_padding,
        ] = shape;
        let sane = (1..=STRIP_HEIGHT).contains(&rows)
            && (1..=9).contains(&columns)
            && columns % 2 == 1
            && (1..=MOST_CHANNELS).contains(&inputs)
            && (1..=MOST_CHANNELS).contains(&outputs)
            && (1..=4).contains(&row_stride)
            && (1..=4).contains(&column_stride)
            && row_padding <= rows;
        if !sane {
            return Err("a layer has an impossible shape".into());
        }
        let taps = rows * columns * inputs;
        let flat = reader.f32s(taps * outputs)?;
        let flat_bias = reader.f32s(outputs)?;
        let blocks = outputs.div_ceil(BLOCK);
        let mut weights = vec![[0.0; BLOCK]; blocks * taps];
        let mut bias = vec![[0.0; BLOCK]; blocks];
        for o in 0..outputs {
            bias[o / BLOCK][o % BLOCK] = flat_bias[o];
            for t in 0..taps {
                weights[(o / BLOCK) * taps + t][o % BLOCK] = flat[t * outputs + o];
            }
        }
        Ok(Self {
            rows,
            columns,
            inputs,
            outputs,
            row_stride,
            column_stride,
            row_padding,
            weights,
            bias,
        })
    }

    /// The convolution, without its rectifier.
    #[inline(always)]
    fn apply<const TILE: usize>(&self, input: &Map, lanes: impl Lanes<TILE>) -> Map {
        let side = self.columns / 2;
        let rows = (input.rows + 2 * self.row_padding - self.rows) / self.row_stride + 1;
        let columns = (input.columns + 2 * side - self.columns) / self.column_stride + 1;
        let padded = self.padded(input, columns.div_ceil(TILE) * TILE);
        let line = padded.len() / (input.rows + 2 * self.row_padding);
        let taps_across = self.columns * self.inputs;
        let taps = self.rows * taps_across;
        let step = self.column_stride * self.inputs;
        let mut data = vec![0.0f32; rows * columns * self.outputs];
        for y in 0..rows {
            for x in (0..columns).step_by(TILE) {
                for (block, bias) in self.bias.iter().enumerate() {
                    let mut sums = [*bias; TILE];
                    let weights = &self.weights[block * taps..(block + 1) * taps];
                    for (ky, weights) in weights.chunks_exact(taps_across).enumerate() {
                        let from = (y * self.row_stride + ky) * line + x * step;
                        let row = &padded[from..from + (TILE - 1) * step + taps_across];
                        lanes.add(&mut sums, weights, row, step);
                    }
                    let outputs = BLOCK.min(self.outputs - block * BLOCK);
                    for (t, sum) in sums.iter().enumerate().take(TILE.min(columns - x)) {
                        let to = (y * columns + x + t) * self.outputs + block * BLOCK;
                        data[to..to + outputs].copy_from_slice(&sum[..outputs]);
                    }
                }
            }
        }
        Map {
            rows,
            columns,
            channels: self.outputs,
            data,
        }
    }

    /// The input with a border of zeros, wide enough for so many columns of the answer.
    fn padded(&self, input: &Map, columns: usize) -> Vec<f32> {
        let side = self.columns / 2;
        let width =
            ((columns - 1) * self.column_stride + self.columns).max(input.columns + 2 * side);
        let line = width * input.channels;
        let mut padded = vec![0.0f32; line * (input.rows + 2 * self.row_padding)];
        for y in 0..input.rows {
            let from =
                &input.data[y * input.columns * input.channels..][..input.columns * input.channels];
            let at = (y + self.row_padding) * line + side * input.channels;
            padded[at..at + from.len()].copy_from_slice(from);
        }
        padded
    }
}
