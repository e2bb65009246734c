use super::*;
use crate::onnx::{Attribute, ValueInfo};
use proptest::prelude::*;

fn tensor(name: &str, data_type: i32, dims: &[i64], raw: Vec<u8>) -> Tensor {
    Tensor {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: Some(data_type),
        raw_data: Some(raw),
        ..Tensor::default()
    }
}

fn float_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn node(op_type: &str, input: &[&str], output: &str, ints: &[(&str, i64)]) -> Node {
    Node {
        op_type: op_type.into(),
        input: input.iter().map(|s| (*s).to_owned()).collect(),
        output: vec![output.into()],
        attribute: ints
            .iter()
            .map(|(name, value)| Attribute {
                name: (*name).into(),
                i: Some(*value),
                r#type: Some(2),
                ..Attribute::default()
            })
            .collect(),
        ..Node::default()
    }
}

fn value(name: &str) -> ValueInfo {
    ValueInfo {
        name: name.into(),
        ..ValueInfo::default()
    }
}

/// A weight of 2 by 5 in blocks of 2 along axis 1 (so three blocks, the last of one), then
/// reshaped to 5 by 2, then used by a node.
fn small() -> Model {
    Model {
        ir_version: Some(10),
        opset_import: vec![vec![16, 21]],
        graph: Some(Graph {
            name: Some("small".into()),
            node: vec![
                node(
                    "DequantizeLinear",
                    &["q", "s", "z"],
                    "w",
                    &[("axis", 1), ("block_size", 2)],
                ),
                node("Reshape", &["w", "shape"], "r", &[]),
                node("MatMul", &["x", "r"], "y", &[]),
            ],
            initializer: vec![
                tensor(
                    "q",
                    data_type::INT8,
                    &[2, 5],
                    [1i8, -2, 3, 4, 5, 6, 7, -8, 9, 10]
                        .map(|v| v as u8)
                        .to_vec(),
                ),
                tensor(
                    "s",
                    data_type::FLOAT,
                    &[2, 3],
                    float_bytes(&[0.5, 2.0, 10.0, 1.0, 0.25, 100.0]),
                ),
                tensor(
                    "z",
                    data_type::INT8,
                    &[2, 3],
                    [0i8, 1, -1, 2, 0, 10].map(|v| v as u8).to_vec(),
                ),
                tensor(
                    "shape",
                    data_type::INT64,
                    &[2],
                    [5i64, -1].iter().flat_map(|v| v.to_le_bytes()).collect(),
                ),
            ],
            input: vec![value("x"), value("q")],
            output: vec![value("y")],
            value_info: vec![value("w"), value("r")],
            ..Graph::default()
        }),
        ..Model::default()
    }
}

fn folded(model: &Model) -> Result<Graph, FoldError> {
    fold(&model.encode_to_vec()).map(|bytes| {
        Model::decode(bytes.as_slice())
            .expect("what was folded decodes")
            .graph
            .expect("it has a graph")
    })
}

#[test]
fn every_block_has_its_own_scale_and_zero_point() {
    let graph = folded(&small()).expect("it folds");
    assert_eq!(graph.node.len(), 1);
    assert_eq!(graph.initializer.len(), 1);
    let weight = &graph.initializer[0];
    assert_eq!(
        (weight.name.as_str(), weight.dims.as_slice()),
        ("r", [5, 2].as_slice())
    );
    // Worked out by hand: (q - z) * s, blocks (1 -2)(3 4)(5) and (6 7)(-8 9)(10).
    let by_hand = [0.5, -1.0, 4.0, 6.0, 60.0, 4.0, 5.0, -2.0, 2.25, 0.0];
    assert_eq!(
        weight.raw_data.as_deref(),
        Some(float_bytes(&by_hand).as_slice())
    );
    // Nothing that is no longer read is left to be fed or loaded.
    assert_eq!(graph.input, [value("x")]);
    assert_eq!(graph.value_info, []);
}

#[test]
fn blocks_along_the_first_axis_and_without_zero_points() {
    let mut model = small();
    let graph = model.graph.as_mut().expect("a graph");
    graph.node[0] = node(
        "DequantizeLinear",
        &["q", "s"],
        "w",
        &[("axis", -2), ("block_size", 2)],
    );
    graph.initializer[1] = tensor(
        "s",
        data_type::FLOAT,
        &[1, 5],
        float_bytes(&[1.0, 2.0, 3.0, 4.0, 0.5]),
    );
    let graph = folded(&model).expect("it folds");
    let by_hand = [1.0, -4.0, 9.0, 16.0, 2.5, 6.0, 14.0, -24.0, 36.0, 5.0];
    assert_eq!(
        graph.initializer[0].raw_data.as_deref(),
        Some(float_bytes(&by_hand).as_slice())
    );
}

#[test]
fn a_file_without_quantised_weights_comes_out_as_it_went_in() {
    let mut model = small();
    let graph = model.graph.as_mut().expect("a graph");
    graph.node = vec![node("MatMul", &["x", "s"], "y", &[])];
    graph.initializer.retain(|t| t.name == "s");
    graph.input = vec![value("x")];
    graph.value_info.clear();
    let bytes = model.encode_to_vec();
    assert_eq!(fold(&bytes), Ok(bytes));
}

/// Changes the small model and expects an error that `fits`.
fn refused(change: impl FnOnce(&mut Graph), fits: impl FnOnce(&FoldError) -> bool) {
    let mut model = small();
    change(model.graph.as_mut().expect("a graph"));
    let error = folded(&model).expect_err("it must not fold");
    assert!(fits(&error), "{error:?}");
}

#[test]
fn hostile_attributes_are_refused() {
    for (name, values) in [
        ("block_size", [0, -1, i64::MIN]),
        ("axis", [2, -3, i64::MAX]),
    ] {
        for wrong in values {
            refused(
                |g| {
                    let attribute = g.node[0].attribute.iter_mut().find(|a| a.name == name);
                    attribute.expect("it is there").i = Some(wrong);
                },
                |e| matches!(e, FoldError::Attribute { value, .. } if *value == wrong),
            );
        }
    }
    // No block size at all: quantised in a way that is not understood.
    refused(
        |g| g.node[0].attribute.clear(),
        |e| matches!(e, FoldError::Attribute { .. }),
    );
    // One block for everything is fine for the axis and wrong for the scales.
    refused(
        |g| g.node[0].attribute[1].i = Some(i64::MAX),
        |e| matches!(e, FoldError::Dimensions { .. }),
    );
}

#[test]
fn absurd_dimensions_are_refused_before_memory_is_asked_for() {
    for dims in [
        vec![i64::MAX, i64::MAX],
        vec![1 << 40, 1],
        vec![-2, -5],
        vec![2, 6],
        vec![0, 5],
        vec![],
    ] {
        refused(
            |g| g.initializer[0].dims = dims,
            |e| {
                matches!(
                    e,
                    FoldError::Dimensions { .. } | FoldError::Attribute { .. }
                )
            },
        );
    }
    for shape in [
        [5i64, 3],
        [-1, -1],
        [-7, 2],
        [0, 6],
        [i64::MAX, i64::MAX],
        [7, -1],
    ] {
        refused(
            |g| {
                g.initializer[3].raw_data =
                    Some(shape.iter().flat_map(|v| v.to_le_bytes()).collect())
            },
            |e| matches!(e, FoldError::Dimensions { .. }),
        );
    }
}

#[test]
fn a_small_file_cannot_ask_for_much_memory_by_repeating_itself() {
    refused(
        |g| {
            for i in 0..2000 {
                let output = format!("r{i}");
                g.node.push(node("Reshape", &["w", "shape"], &output, &[]));
            }
            g.initializer[0] = tensor("q", data_type::INT8, &[2, 5000], vec![1; 10_000]);
            g.initializer[1] = tensor("s", data_type::FLOAT, &[2, 2500], vec![0; 20_000]);
            g.initializer[2] = tensor("z", data_type::INT8, &[2, 2500], vec![0; 5_000]);
            g.initializer[3].dims = vec![1];
            g.initializer[3].raw_data = Some((-1i64).to_le_bytes().to_vec());
        },
        |e| matches!(e, FoldError::TooLarge { .. }),
    );
}

#[test]
fn tensors_that_are_absent_or_of_another_type_are_named() {
    refused(
        |g| g.initializer.retain(|t| t.name != "s"),
        |e| matches!(e, FoldError::TensorAbsent { tensor, .. } if tensor == "s"),
    );
    refused(
        |g| g.node[0].input.clear(),
        |e| matches!(e, FoldError::TensorAbsent { .. }),
    );
    refused(
        |g| g.node[0].output.clear(),
        |e| matches!(e, FoldError::TensorAbsent { .. }),
    );
    refused(
        |g| g.initializer[0].data_type = Some(16),
        |e| matches!(e, FoldError::TensorType { found: 16, .. }),
    );
    refused(
        |g| g.initializer[1].raw_data = Some(vec![1, 2, 3]),
        |e| matches!(e, FoldError::Dimensions { .. }),
    );
}

#[test]
fn what_is_no_onnx_file_is_refused() {
    assert!(matches!(
        fold(b"PK\x03\x04 a zip, not a model"),
        Err(FoldError::NotOnnx(_))
    ));
    assert_eq!(fold(b""), Err(FoldError::NoGraph));
    let whole = small().encode_to_vec();
    for length in 1..whole.len() {
        // Cut anywhere: refused, or (where a field ended just there) a smaller model, never a panic.
        let _ = fold(&whole[..length]);
    }
    assert!(fold(&whole[..whole.len() - 1]).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = fold(&bytes);
    }

    #[test]
    fn no_changed_byte_makes_it_panic(at in 0usize..300, to in any::<u8>()) {
        let mut bytes = small().encode_to_vec();
        let length = bytes.len();
        bytes[at % length] = to;
        let _ = fold(&bytes);
    }
}
