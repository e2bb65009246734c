//! From block-quantised ONNX weights to plain 32-bit floating point ones.
//!
//! A block-quantised file holds each weight as `DequantizeLinear(q, scale, zero_point)` with a
//! `block_size` (ONNX operator set 21), mostly followed by a `Reshape`. Engines older than that
//! operator set cannot load it. Folding computes `(q - zero_point) * scale` once, every scale and
//! zero point standing for `block_size` neighbours along `axis`, and puts the result in the node's
//! place. The same input always gives the same bytes, so a card can name the result's digest.
//!
//! The input is foreign: sizes are compared with the bytes that are really there before any memory
//! is asked for, and all folded weights together may take at most [`GROWTH`] times the input.

use crate::onnx::{Graph, Model, Node, Tensor, data_type};
use prost::Message;
use std::collections::{HashMap, HashSet};

/// The most bytes of folded weights per byte of input: an 8-bit weight becomes four bytes, once
/// as it is and once in another shape.
pub const GROWTH: usize = 8;

/// Why a file cannot be folded. The file is not the one that the card means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The bytes are no protobuf of an ONNX model.
    #[error("not an ONNX file: {0}")]
    NotOnnx(String),
    /// The file has no graph.
    #[error("the ONNX file holds no graph")]
    NoGraph,
    /// A quantised weight names a tensor that the file does not hold.
    #[error("{node}: tensor {tensor:?} is not in the file")]
    TensorAbsent {
        /// The node.
        node: String,
        /// The tensor it names.
        tensor: String,
    },
    /// A tensor has another element type than quantised weights have.
    #[error("tensor {tensor:?} has an element type that is not understood ({found})")]
    TensorType {
        /// The tensor.
        tensor: String,
        /// Its ONNX data type.
        found: i32,
    },
    /// A tensor's dimensions and its bytes do not fit each other, or another tensor's.
    #[error("tensor {tensor:?}: its dimensions do not fit ({why})")]
    Dimensions {
        /// The tensor.
        tensor: String,
        /// What does not fit.
        why: &'static str,
    },
    /// The weights would take more memory than the file's size accounts for.
    #[error("{node}: the folded weights would be too large for the file they come from")]
    TooLarge {
        /// The node.
        node: String,
    },
    /// A node's `axis` or `block_size` is outside its range.
    #[error("{node}: {attribute} is {value}, outside its range")]
    Attribute {
        /// The node.
        node: String,
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: i64,
    },
}

/// Folds every block-quantised weight of an ONNX file.
///
/// # Errors
/// [`FoldError`] where the bytes are no such file; never a panic, whatever the bytes.
pub fn fold(bytes: &[u8]) -> Result<Vec<u8>, FoldError> {
    let mut model = Model::decode(bytes).map_err(|e| FoldError::NotOnnx(e.to_string()))?;
    let budget = bytes.len().saturating_mul(GROWTH);
    fold_graph(model.graph.as_mut().ok_or(FoldError::NoGraph)?, budget)?;
    Ok(model.encode_to_vec())
}

fn fold_graph(graph: &mut Graph, mut budget: usize) -> Result<(), FoldError> {
    let tensors: HashMap<&str, &Tensor> = graph
        .initializer
        .iter()
        .map(|t| (t.name.as_str(), t))
        .collect();
    let mut folded: Vec<Tensor> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut kept = Vec::with_capacity(graph.node.len());
    for node in &graph.node {
        let new = match node.op_type.as_str() {
            "DequantizeLinear" => Some(dequantise(node, &tensors, &mut budget)?),
            "Reshape" => match node.input.first().and_then(|name| place.get(name)) {
                Some(&at) => {
                    let shape = integers(find(node, 1, &tensors)?)?;
                    Some(reshape(node, &folded[at], &shape, &mut budget)?)
                }
                None => None,
            },
            _ => None,
        };
        match new {
            Some(tensor) => {
                place.insert(tensor.name.clone(), folded.len());
                folded.push(tensor);
            }
            None => kept.push(node.clone()),
        }
    }

    // What is still read: anything else would be dead weight, and engines take an input that
    // nothing reads for one that must be fed.
    let read: HashSet<&str> = kept
        .iter()
        .flat_map(|n| n.input.iter())
        .chain(graph.output.iter().map(|o| &o.name))
        .map(String::as_str)
        .collect();
    folded.retain(|t| read.contains(t.name.as_str()));
    graph.initializer.retain(|t| read.contains(t.name.as_str()));
    graph.input.retain(|i| read.contains(i.name.as_str()));
    let made: HashSet<&str> = kept
        .iter()
        .flat_map(|n| n.output.iter())
        .map(String::as_str)
        .collect();
    graph.value_info.retain(|v| made.contains(v.name.as_str()));
    graph.initializer.append(&mut folded);
    graph.node = kept;
    Ok(())
}

/// `(q - zero_point) * scale`, each scale and zero point standing for a block along the axis.
fn dequantise(
    node: &Node,
    tensors: &HashMap<&str, &Tensor>,
    budget: &mut usize,
) -> Result<Tensor, FoldError> {
    let quantised = find(node, 0, tensors)?;
    let shape = Shape::of(quantised)?;
    let q = small_integers(quantised, shape.elements)?;

    let rank = shape.dims.len() as i64;
    let axis = node.int("axis").unwrap_or(1);
    let at = if axis < 0 { axis + rank } else { axis };
    if !(0..rank).contains(&at) {
        return Err(attribute(node, "axis", axis));
    }
    let at = at as usize;
    let block = node.int("block_size").unwrap_or(0);
    let block = usize::try_from(block)
        .ok()
        .filter(|b| *b > 0)
        .ok_or_else(|| attribute(node, "block_size", block))?;

    let scales = find(node, 1, tensors)?;
    let blocks = shape.dims[at].div_ceil(block);
    let mut scale_dims = shape.dims.clone();
    scale_dims[at] = blocks;
    let scale_shape = Shape::of(scales)?;
    if scale_shape.dims != scale_dims {
        return Err(dimensions(
            scales,
            "there must be one scale for every block",
        ));
    }
    let scale = floats(scales, scale_shape.elements)?;
    let zero = match node.input.get(2).filter(|name| !name.is_empty()) {
        Some(_) => {
            let zeros = find(node, 2, tensors)?;
            if Shape::of(zeros)?.dims != scale_dims {
                return Err(dimensions(
                    zeros,
                    "there must be one zero point for every block",
                ));
            }
            small_integers(zeros, scale_shape.elements)?
        }
        None => vec![0; scale_shape.elements],
    };

    spend(node, shape.elements, budget)?;
    // Seen as (outer, axis, inner), row by row.
    let length = shape.dims[at];
    let inner: usize = shape.dims[at + 1..].iter().product();
    let mut raw = Vec::with_capacity(shape.elements * 4);
    for (index, value) in q.iter().enumerate() {
        let (outer, along, within) = if inner == 0 || length == 0 {
            (0, 0, 0)
        } else {
            (
                index / inner / length,
                index / inner % length,
                index % inner,
            )
        };
        let of = (outer * blocks + along / block) * inner + within;
        let weight = (i32::from(*value) - i32::from(zero[of])) as f32 * scale[of];
        raw.extend_from_slice(&weight.to_le_bytes());
    }
    Ok(weights(output(node)?, quantised.dims.clone(), raw))
}

/// A folded weight in another shape (ONNX `Reshape`: 0 copies a dimension, one -1 is worked out).
fn reshape(
    node: &Node,
    tensor: &Tensor,
    shape: &[i64],
    budget: &mut usize,
) -> Result<Tensor, FoldError> {
    let elements = Shape::of(tensor)?.elements;
    spend(node, elements, budget)?;
    let copies_zero = node.int("allowzero").unwrap_or(0) == 0;
    let mut dims = Vec::with_capacity(shape.len());
    let mut open = None;
    for (i, &wanted) in shape.iter().enumerate() {
        dims.push(match wanted {
            0 if copies_zero => *tensor
                .dims
                .get(i)
                .ok_or_else(|| dimensions(tensor, "the new shape copies a dimension it lacks"))?,
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            n if n >= 0 => n,
            _ => return Err(dimensions(tensor, "the new shape is no shape")),
        });
    }
    let product = product(&dims).ok_or_else(|| dimensions(tensor, "the new shape is too large"))?;
    if let Some(i) = open {
        if product == 0 || elements % product != 0 {
            return Err(dimensions(tensor, "the new shape does not divide it"));
        }
        dims[i] = (elements / product) as i64;
    } else if product != elements {
        return Err(dimensions(
            tensor,
            "the new shape has another number of elements",
        ));
    }
    Ok(weights(
        output(node)?,
        dims,
        tensor.raw_data.clone().unwrap_or_default(),
    ))
}

/// A tensor's dimensions and how many elements they make, compared with no memory yet.
struct Shape {
    dims: Vec<usize>,
    elements: usize,
}

impl Shape {
    fn of(tensor: &Tensor) -> Result<Self, FoldError> {
        let elements = product(&tensor.dims)
            .ok_or_else(|| dimensions(tensor, "negative, or more elements than there can be"))?;
        Ok(Self {
            // `product` has seen that each fits.
            dims: tensor.dims.iter().map(|d| *d as usize).collect(),
            elements,
        })
    }
}

fn product(dims: &[i64]) -> Option<usize> {
    dims.iter().try_fold(1usize, |all, d| {
        all.checked_mul(usize::try_from(*d).ok()?)
            .filter(|n| *n <= i32::MAX as usize)
    })
}

/// The elements of an 8-bit tensor; the raw bytes must be exactly as many as the dimensions say.
fn small_integers(tensor: &Tensor, elements: usize) -> Result<Vec<i16>, FoldError> {
    let signed = match tensor.data_type.unwrap_or(0) {
        data_type::INT8 => true,
        data_type::UINT8 => false,
        found => return Err(tensor_type(tensor, found)),
    };
    let raw = tensor.raw_data.as_deref().unwrap_or_default();
    if raw.len() != elements {
        return Err(dimensions(tensor, "another number of bytes than elements"));
    }
    Ok(raw
        .iter()
        .map(|b| {
            if signed {
                i16::from(*b as i8)
            } else {
                i16::from(*b)
            }
        })
        .collect())
}

fn floats(tensor: &Tensor, elements: usize) -> Result<Vec<f32>, FoldError> {
    match tensor.data_type.unwrap_or(0) {
        data_type::FLOAT => {}
        found => return Err(tensor_type(tensor, found)),
    }
    let values: Vec<f32> = match tensor.raw_data.as_deref() {
        Some(raw) => raw
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect(),
        None => tensor.float_data.clone(),
    };
    if values.len() == elements {
        Ok(values)
    } else {
        Err(dimensions(tensor, "another number of values than elements"))
    }
}

fn integers(tensor: &Tensor) -> Result<Vec<i64>, FoldError> {
    match tensor.data_type.unwrap_or(0) {
        data_type::INT64 => Ok(match tensor.raw_data.as_deref() {
            Some(raw) => raw
                .as_chunks::<8>()
                .0
                .iter()
                .map(|b| i64::from_le_bytes(*b))
                .collect(),
            None => tensor.int64_data.clone(),
        }),
        found => Err(tensor_type(tensor, found)),
    }
}

/// Takes the bytes of so many 32-bit weights from what may still be made.
fn spend(node: &Node, elements: usize, budget: &mut usize) -> Result<(), FoldError> {
    *budget = elements
        .checked_mul(4)
        .and_then(|bytes| budget.checked_sub(bytes))
        .ok_or_else(|| FoldError::TooLarge { node: title(node) })?;
    Ok(())
}

fn weights(name: String, dims: Vec<i64>, raw: Vec<u8>) -> Tensor {
    Tensor {
        name,
        dims,
        data_type: Some(data_type::FLOAT),
        raw_data: Some(raw),
        ..Tensor::default()
    }
}

fn find<'a>(
    node: &Node,
    input: usize,
    tensors: &HashMap<&str, &'a Tensor>,
) -> Result<&'a Tensor, FoldError> {
    let name = node.input.get(input).map_or("", String::as_str);
    tensors
        .get(name)
        .copied()
        .ok_or_else(|| FoldError::TensorAbsent {
            node: title(node),
            tensor: name.to_owned(),
        })
}

fn output(node: &Node) -> Result<String, FoldError> {
    node.output
        .first()
        .cloned()
        .ok_or_else(|| FoldError::TensorAbsent {
            node: title(node),
            tensor: String::new(),
        })
}

fn title(node: &Node) -> String {
    format!(
        "{} {}",
        node.op_type,
        node.name.as_deref().unwrap_or_default()
    )
}

fn attribute(node: &Node, attribute: &'static str, value: i64) -> FoldError {
    FoldError::Attribute {
        node: title(node),
        attribute,
        value,
    }
}

fn dimensions(tensor: &Tensor, why: &'static str) -> FoldError {
    FoldError::Dimensions {
        tensor: tensor.name.clone(),
        why,
    }
}

fn tensor_type(tensor: &Tensor, found: i32) -> FoldError {
    FoldError::TensorType {
        tensor: tensor.name.clone(),
        found,
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
