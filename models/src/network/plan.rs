//! From an ONNX graph to the steps that run it.
//!
//! Understood is what the two face networks are made of: `Conv` (dense or depthwise), `Gemm`,
//! `BatchNormalization`, `PRelu`, `Relu`, `Sigmoid`, `MaxPool` by two, `Resize` to double by
//! nearest neighbour, `Add`, `Sub` and `Mul` with a constant; `Dropout`, `Flatten` and the
//! transposition and reshaping of an output only say how numbers are named. Anything else is
//! refused when the network is loaded, not when it runs.

use super::layers::{
    Activation, Affine, Convolution, Dense, Map, Reach, activate_alone, add, double, pool,
};
use crate::onnx::{Graph, Model, Node, Tensor, data_type};
use prost::Message;
use pulp::Arch;
use std::collections::HashMap;

/// The largest kernel, stride or padding.
const MOST: i64 = 16;
/// The most memory that the numbers of one run may take, per value of the input.
const MOST_GROWTH: usize = 64;

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
enum Layer {
    Convolution(Convolution),
    Dense(Dense),
    Affine(Affine),
    Activation(Activation),
    Pool,
    Double,
    Add,
}

/// One step: reads some maps, writes one.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    layer: Layer,
    /// Maps by place in the working memory; 0 is the network's input.
    from: Vec<usize>,
    to: usize,
}

/// A network as steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    channels: usize,
    maps: usize,
    steps: Vec<Step>,
    outputs: Vec<usize>,
}

impl Plan {
    /// The plan of an ONNX file, whose `outputs` are asked for in this order.
    pub(super) fn of(bytes: &[u8], outputs: &[&str]) -> Result<Self, String> {
        let model = Model::decode(bytes).map_err(|e| format!("not an ONNX file: {e}"))?;
        let graph = model.graph.ok_or("the ONNX file holds no graph")?;
        let mut builder = Builder::of(&graph, outputs)?;
        for node in &graph.node {
            builder
                .node(node)
                .map_err(|why| format!("{} {}: {why}", node.op_type, first_output(node)))?;
        }
        builder.finish(outputs)
    }

    /// Runs the steps in `memory`, which keeps its size for the next run.
    pub(super) fn run(&self, input: &Map, memory: &mut Vec<Map>) -> Result<Vec<Vec<f32>>, String> {
        if input.channels != self.channels
            || input.data.len() != input.height * input.width * input.channels
            || input.data.is_empty()
        {
            return Err("the picture has another number of channels than the network".into());
        }
        // One map more: what a convolution gathers.
        memory.resize_with(self.maps + 1, Map::default);
        let mut columns = std::mem::take(&mut memory[self.maps]);
        let limit = input.data.len() * MOST_GROWTH;
        let arch = Arch::new();
        for step in &self.steps {
            let mut to = std::mem::take(&mut memory[step.to]);
            let map = |place: usize| match place {
                0 => input,
                place => &memory[place],
            };
            let from = map(step.from[0]);
            match &step.layer {
                Layer::Convolution(c) => c.run(from, &mut to, &mut columns.data, arch)?,
                Layer::Dense(d) => d.run(from, &mut to, arch)?,
                Layer::Affine(a) => a.run(from, &mut to)?,
                Layer::Activation(a) => activate_alone(a, from, &mut to),
                Layer::Pool => pool(from, &mut to, arch),
                Layer::Double => double(from, &mut to),
                Layer::Add => add(from, map(step.from[1]), &mut to)?,
            }
            if to.values().len() > limit {
                return Err("the network grows too large for its input".into());
            }
            memory[step.to] = to;
        }
        memory[self.maps] = columns;
        Ok(self
            .outputs
            .iter()
            .map(|place| memory[*place].values().to_vec())
            .collect())
    }
}

/// A value of the graph while the plan is made.
#[derive(Debug, Clone, Copy)]
struct Value {
    /// Its own number: 0 is the input, others are 1 more than the place of the step that makes them.
    number: usize,
    channels: usize,
    /// Whether more than one node reads it, or it is an output: then nothing may be folded into its maker.
    shared: bool,
}

struct Builder<'a> {
    tensors: HashMap<&'a str, &'a Tensor>,
    reads: HashMap<&'a str, usize>,
    values: HashMap<&'a str, Value>,
    channels: usize,
    steps: Vec<Step>,
}

impl<'a> Builder<'a> {
    fn of(graph: &'a Graph, outputs: &[&'a str]) -> Result<Self, String> {
        let tensors: HashMap<&str, &Tensor> = graph
            .initializer
            .iter()
            .map(|t| (t.name.as_str(), t))
            .collect();
        let mut reads: HashMap<&str, usize> = HashMap::new();
        for name in graph.node.iter().flat_map(|n| &n.input) {
            *reads.entry(name).or_default() += 1;
        }
        for name in outputs {
            // What is asked for is kept as it is.
            *reads.entry(name).or_default() += 2;
        }
        let mut inputs = graph
            .input
            .iter()
            .filter(|i| !tensors.contains_key(i.name.as_str()));
        let (Some(input), None) = (inputs.next(), inputs.next()) else {
            return Err("a network has one input".into());
        };
        let channels = 3;
        let value = Value {
            number: 0,
            channels,
            shared: true,
        };
        Ok(Self {
            tensors,
            reads,
            values: HashMap::from([(input.name.as_str(), value)]),
            channels,
            steps: Vec::new(),
        })
    }

    fn node(&mut self, node: &'a Node) -> Result<(), String> {
        match node.op_type.as_str() {
            // The only constant says how to train.
            "Constant" => Ok(()),
            "Dropout" | "Flatten" => self.rename(node),
            "Transpose" => {
                let perm = node.ints("perm").unwrap_or_default();
                if perm == [0, 2, 3, 1] {
                    self.rename(node)
                } else {
                    Err("only channels may be moved behind".into())
                }
            }
            "Reshape" => {
                let shape = integers(self.tensor(node, 1)?)?;
                let channels = self.value(node, 0)?.channels as i64;
                if matches!(shape[..], [_, -1, last] if last == channels) {
                    self.rename(node)
                } else {
                    Err("only rows and columns may be joined".into())
                }
            }
            "Conv" => self.convolution(node),
            "Gemm" => self.dense(node),
            "BatchNormalization" => self.normalisation(node),
            "PRelu" => {
                let channels = self.value(node, 0)?.channels;
                let slopes = self.floats(node, 1, channels)?;
                self.activation(node, Activation::PRelu(slopes))
            }
            "Relu" => self.activation(node, Activation::Relu),
            "Sigmoid" => self.activation(node, Activation::Sigmoid),
            "Sub" | "Mul" => {
                let channels = self.value(node, 0)?.channels;
                let constant = self.floats(node, 1, 1)?[0];
                let (scale, shift) = match node.op_type.as_str() {
                    "Sub" => (1.0, -constant),
                    _ => (constant, 0.0),
                };
                let affine = Affine {
                    scale: vec![scale; channels],
                    shift: vec![shift; channels],
                };
                self.push(node, &[0], Layer::Affine(affine), channels)
            }
            "MaxPool" => {
                let two = Some(vec![2, 2]);
                if node.ints("kernel_shape") != two || node.ints("strides") != two {
                    return Err("only two by two pixels are pooled".into());
                }
                let channels = self.value(node, 0)?.channels;
                self.push(node, &[0], Layer::Pool, channels)
            }
            "Resize" => {
                let scales = self.tensor(node, 2)?;
                if floats(scales)? != [1.0, 1.0, 2.0, 2.0] || node.text("mode") != b"nearest" {
                    return Err("only doubling by nearest neighbour is understood".into());
                }
                let channels = self.value(node, 0)?.channels;
                self.push(node, &[0], Layer::Double, channels)
            }
            "Add" => {
                let channels = self.value(node, 0)?.channels;
                self.push(node, &[0, 1], Layer::Add, channels)
            }
            _ => Err("this operation is not understood".into()),
        }
    }

    fn convolution(&mut self, node: &'a Node) -> Result<(), String> {
        let from = self.value(node, 0)?;
        let tensor = self.tensor(node, 1)?;
        let [outputs, per_group, rows, across] = dims(tensor)?[..] else {
            return Err("weights of a convolution have four dimensions".into());
        };
        let given = floats(tensor)?;
        let groups = node.int("group").unwrap_or(1);
        let reach = if groups == from.channels as i64 && per_group == 1 && outputs == from.channels
        {
            Reach::Depthwise
        } else if groups == 1 && per_group == from.channels {
            Reach::Dense
        } else {
            return Err("only dense and depthwise convolutions are understood".into());
        };
        let [stride, padding] = [
            same(&node.ints("strides").unwrap_or(vec![1])),
            same(&node.ints("pads").unwrap_or(vec![0])),
        ];
        let kernel_fits =
            (1..=MOST as usize).contains(&rows) && (1..=MOST as usize).contains(&across);
        let (Some(stride @ 1..=MOST), Some(padding @ 0..=MOST), true) =
            (stride, padding, kernel_fits)
        else {
            return Err("kernel, stride or padding is not understood".into());
        };
        if node
            .ints("dilations")
            .is_some_and(|d| d.iter().any(|d| *d != 1))
            || outputs == 0
        {
            return Err("dilated convolutions are not understood".into());
        }
        // From output, input, row, column to row, column, input, output.
        let mut weights = vec![0.0; given.len()];
        let area = rows * across;
        for (at, weight) in given.iter().enumerate() {
            let (output, input, place) = (at / area / per_group, at / area % per_group, at % area);
            weights[(place * per_group + input) * outputs + output] = *weight;
        }
        let bias = match node.input.get(2) {
            Some(_) => self.floats(node, 2, outputs)?,
            None => vec![0.0; outputs],
        };
        let layer = Convolution {
            reach,
            kernel: [rows, across],
            stride: stride as usize,
            padding: padding as usize,
            inputs: from.channels,
            outputs,
            weights,
            panels: Vec::new(),
            bias,
            activation: Activation::None,
        };
        self.push(node, &[0], Layer::Convolution(layer), outputs)
    }

    fn dense(&mut self, node: &'a Node) -> Result<(), String> {
        let from = self.value(node, 0)?;
        let tensor = self.tensor(node, 1)?;
        let [outputs, inputs] = dims(tensor)?[..] else {
            return Err("weights of a full connection have two dimensions".into());
        };
        let plain = |name| node.float(name).is_none_or(|v| v == 1.0);
        if node.int("transB") != Some(1)
            || node.int("transA").unwrap_or(0) != 0
            || !plain("alpha")
            || !plain("beta")
            || inputs == 0
            || !inputs.is_multiple_of(from.channels)
        {
            return Err("this form of a full connection is not understood".into());
        }
        // The graph counts channel by channel, we pixel by pixel.
        let pixels = inputs / from.channels;
        let mut weights = Vec::with_capacity(inputs * outputs);
        for row in floats(tensor)?.chunks_exact(inputs) {
            for pixel in 0..pixels {
                weights.extend((0..from.channels).map(|channel| row[channel * pixels + pixel]));
            }
        }
        let layer = Dense::of(inputs, &weights, self.floats(node, 2, outputs)?);
        self.push(node, &[0], Layer::Dense(layer), outputs)
    }

    /// Folded into the convolution before it, where nothing else reads that; else a step of its own.
    fn normalisation(&mut self, node: &'a Node) -> Result<(), String> {
        let value = self.value(node, 0)?;
        let channels = value.channels;
        let [gamma, beta, mean, variance] =
            [1, 2, 3, 4].map(|input| self.floats(node, input, channels));
        let (gamma, beta, mean, variance) = (gamma?, beta?, mean?, variance?);
        let epsilon = node.float("epsilon").unwrap_or(1e-5);
        let scale: Vec<f32> = gamma
            .iter()
            .zip(&variance)
            .map(|(g, v)| g / (v + epsilon).sqrt())
            .collect();
        let shift: Vec<f32> = beta
            .iter()
            .zip(mean.iter().zip(&scale))
            .map(|(b, (m, s))| b - m * s)
            .collect();
        match self.open_convolution(value) {
            Some(convolution) => {
                for weights in convolution.weights.chunks_exact_mut(channels) {
                    weights.iter_mut().zip(&scale).for_each(|(w, s)| *w *= s);
                }
                let by = scale.iter().zip(&shift);
                for (bias, (scale, shift)) in convolution.bias.iter_mut().zip(by) {
                    *bias = *bias * scale + shift;
                }
                self.rename(node)
            }
            None => self.push(node, &[0], Layer::Affine(Affine { scale, shift }), channels),
        }
    }

    fn activation(&mut self, node: &'a Node, activation: Activation) -> Result<(), String> {
        let value = self.value(node, 0)?;
        match self.open_convolution(value) {
            Some(convolution) => {
                convolution.activation = activation;
                self.rename(node)
            }
            None => self.push(node, &[0], Layer::Activation(activation), value.channels),
        }
    }

    /// The convolution that makes a value, where more may be folded into it.
    fn open_convolution(&mut self, value: Value) -> Option<&mut Convolution> {
        let step = self.steps.get_mut(value.number.checked_sub(1)?)?;
        match &mut step.layer {
            Layer::Convolution(c) if !value.shared && c.activation == Activation::None => Some(c),
            _ => None,
        }
    }

    fn push(
        &mut self,
        node: &'a Node,
        inputs: &[usize],
        layer: Layer,
        channels: usize,
    ) -> Result<(), String> {
        let from = inputs.iter().map(|i| Ok(self.value(node, *i)?.number));
        let from = from.collect::<Result<_, String>>()?;
        let number = self.steps.len() + 1;
        self.steps.push(Step {
            layer,
            from,
            to: number,
        });
        self.name(node, number, channels, false)
    }

    /// The node's output is its input under another name.
    fn rename(&mut self, node: &'a Node) -> Result<(), String> {
        let value = self.value(node, 0)?;
        // A value that somebody reads under its old name, or as another shape, stays shared.
        self.name(node, value.number, value.channels, value.shared)
    }

    fn name(
        &mut self,
        node: &'a Node,
        number: usize,
        channels: usize,
        shared: bool,
    ) -> Result<(), String> {
        let name = first_output(node);
        if name.is_empty() {
            return Err("it has no output".into());
        }
        let shared = shared || self.reads.get(name).is_none_or(|reads| *reads != 1);
        let value = Value {
            number,
            channels,
            shared,
        };
        self.values.insert(name, value);
        Ok(())
    }

    fn value(&self, node: &Node, input: usize) -> Result<Value, String> {
        let name = node.input.get(input).map_or("", String::as_str);
        self.values
            .get(name)
            .copied()
            .ok_or_else(|| format!("its input {name:?} is not made before it"))
    }

    fn tensor(&self, node: &Node, input: usize) -> Result<&'a Tensor, String> {
        let name = node.input.get(input).map_or("", String::as_str);
        self.tensors
            .get(name)
            .copied()
            .ok_or_else(|| format!("tensor {name:?} is not in the file"))
    }

    fn floats(&self, node: &Node, input: usize, count: usize) -> Result<Vec<f32>, String> {
        let tensor = self.tensor(node, input)?;
        let values = floats(tensor)?;
        if values.len() == count {
            Ok(values)
        } else {
            Err(format!("tensor {:?} has another size", tensor.name))
        }
    }

    /// Gives values places in the working memory: one that is not read any more makes room.
    fn finish(mut self, outputs: &[&str]) -> Result<Plan, String> {
        for step in &mut self.steps {
            if let Layer::Convolution(convolution) = &mut step.layer {
                convolution.seal();
            }
        }
        let wanted = outputs.iter().map(|name| {
            let value = self.values.get(name);
            value
                .filter(|v| v.number > 0)
                .map(|v| v.number)
                .ok_or_else(|| format!("there is no output {name:?}"))
        });
        let wanted: Vec<usize> = wanted.collect::<Result<_, _>>()?;
        let mut last_read = vec![0; self.steps.len() + 1];
        for (at, step) in self.steps.iter().enumerate() {
            step.from.iter().for_each(|value| last_read[*value] = at);
        }
        wanted
            .iter()
            .for_each(|value| last_read[*value] = usize::MAX);
        let mut places = vec![0; self.steps.len() + 1];
        let (mut free, mut maps) = (Vec::new(), 1);
        for (at, step) in self.steps.iter_mut().enumerate() {
            let value = step.to;
            places[value] = free.pop().unwrap_or_else(|| {
                maps += 1;
                maps - 1
            });
            step.to = places[value];
            let mut done: Vec<usize> = step.from.clone();
            done.dedup();
            for read in done {
                if read > 0 && last_read[read] == at {
                    free.push(places[read]);
                }
            }
            step.from
                .iter_mut()
                .for_each(|value| *value = places[*value]);
        }
        Ok(Plan {
            channels: self.channels,
            maps,
            outputs: wanted.iter().map(|value| places[*value]).collect(),
            steps: self.steps,
        })
    }
}

fn first_output(node: &Node) -> &str {
    node.output.first().map_or("", String::as_str)
}

/// The one number that all of these are.
fn same(values: &[i64]) -> Option<i64> {
    let first = *values.first()?;
    values.iter().all(|v| *v == first).then_some(first)
}

fn dims(tensor: &Tensor) -> Result<Vec<usize>, String> {
    let wrong = || format!("tensor {:?}: its dimensions do not fit", tensor.name);
    let dims: Option<Vec<usize>> = tensor
        .dims
        .iter()
        .map(|d| usize::try_from(*d).ok())
        .collect();
    dims.ok_or_else(wrong)
}

fn elements(tensor: &Tensor) -> Result<usize, String> {
    dims(tensor)?
        .iter()
        .try_fold(1usize, |all, d| all.checked_mul(*d))
        .ok_or_else(|| format!("tensor {:?}: its dimensions do not fit", tensor.name))
}

fn floats(tensor: &Tensor) -> Result<Vec<f32>, String> {
    let values: Vec<f32> = match tensor.raw_data.as_deref() {
        Some(raw) => raw
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect(),
        None => tensor.float_data.clone(),
    };
    if tensor.data_type != Some(data_type::FLOAT) || values.len() != elements(tensor)? {
        return Err(format!("tensor {:?} is no table of numbers", tensor.name));
    }
    Ok(values)
}

fn integers(tensor: &Tensor) -> Result<Vec<i64>, String> {
    let values: Vec<i64> = match tensor.raw_data.as_deref() {
        Some(raw) => raw
            .as_chunks::<8>()
            .0
            .iter()
            .map(|b| i64::from_le_bytes(*b))
            .collect(),
        None => tensor.int64_data.clone(),
    };
    if tensor.data_type != Some(data_type::INT64) || values.len() != elements(tensor)? {
        return Err(format!(
            "tensor {:?} is no table of whole numbers",
            tensor.name
        ));
    }
    Ok(values)
}
