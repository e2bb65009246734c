#![allow(clippy::unwrap_used)]
use super::layers::{Activation, Convolution, Dense, Reach};
use super::*;
#[cfg(target_arch = "x86_64")]
use super::{
    depthwise::Depthwise,
    kernels::{Product, Sums},
};
use crate::card::{FACE_DETECTOR, FACE_MATCHER, required};
use opencv::core::{Mat, MatTraitConst, MatTraitConstManual, Scalar, Vector};
use opencv::dnn::{NetTrait, read_net_from_onnx_buffer};
use proptest::prelude::*;
use pulp::Arch;
#[cfg(target_arch = "x86_64")]
use pulp::Simd;

/// Numbers between -1 and 1, the same for the same seed.
fn numbers(count: usize, mut state: u64) -> Vec<f32> {
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

/// A convolution as the textbook writes it.
fn textbook(
    layer: &Convolution,
    weights: &[f32],
    from: &Map,
    y: usize,
    x: usize,
    out: usize,
) -> f32 {
    let mut sum = layer.bias[out];
    for ky in 0..layer.kernel[0] {
        for kx in 0..layer.kernel[1] {
            let at = |place: usize, k: usize| (place * layer.stride + k).checked_sub(layer.padding);
            let (Some(iy), Some(ix)) = (at(y, ky), at(x, kx)) else {
                continue;
            };
            if iy >= from.height || ix >= from.width {
                continue;
            }
            let place = ky * layer.kernel[1] + kx;
            for input in 0..layer.inputs {
                let weight = match layer.reach {
                    Reach::Dense => weights[(place * layer.inputs + input) * layer.outputs + out],
                    Reach::Depthwise if input == out => weights[place * layer.outputs + out],
                    Reach::Depthwise => continue,
                };
                sum += weight * from.data[(iy * from.width + ix) * from.channels + input];
            }
        }
    }
    match &layer.activation {
        Activation::None => sum,
        Activation::Relu => sum.max(0.0),
        Activation::PRelu(slopes) => {
            if sum > 0.0 {
                sum
            } else {
                sum * slopes[out]
            }
        }
        Activation::Sigmoid => 1.0 / (1.0 + (-sum).exp()),
    }
}

/// Whether two maps differ by no more than another order of sums makes.
#[cfg(target_arch = "x86_64")]
fn close(a: &Map, b: &Map) -> bool {
    let same = (a.height, a.width, a.channels) == (b.height, b.width, b.channels);
    let mut each = a.values().iter().zip(b.values());
    same && each.all(|(a, b)| (a - b).abs() < 1e-3)
}

/// Every kind of processor whose loops this machine can run: the best by itself would leave the others untried.
fn kinds_here() -> Vec<Arch> {
    let mut kinds = vec![Arch::Scalar, Arch::new()];
    #[cfg(target_arch = "x86_64")]
    kinds.extend(pulp::x86::V3::try_new().map(Arch::V3));
    kinds
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_convolution_is_the_textbooks(
        height in 1usize..12, width in 1usize..30, inputs in prop_oneof![1usize..20, Just(64), Just(80)],
        outputs in 1usize..40, kernel in 1usize..4, stride in 1usize..3, padding in 0usize..2,
        depthwise in any::<bool>(), activation in 0..4, seed in any::<u64>(),
    ) {
        prop_assume!(height + 2 * padding >= kernel && width + 2 * padding >= kernel);
        let (reach, outputs) = if depthwise { (Reach::Depthwise, inputs) } else { (Reach::Dense, outputs) };
        let per_output = kernel * kernel * if depthwise { 1 } else { inputs };
        let weights = numbers(per_output * outputs, seed);
        let mut layer = Convolution {
            reach,
            kernel: [kernel; 2],
            stride,
            padding,
            inputs,
            outputs,
            weights: weights.clone(),
            panels: vec![],
            bias: numbers(outputs, seed ^ 1),
            activation: match activation {
                0 => Activation::None,
                1 => Activation::Relu,
                2 => Activation::PRelu(numbers(outputs, seed ^ 2)),
                _ => Activation::Sigmoid,
            },
        };
        let from = Map { height, width, channels: inputs, data: numbers(height * width * inputs, seed ^ 3) };
        layer.seal();
        for arch in kinds_here() {
            let mut to = Map::default();
            layer.run(&from, &mut to, &mut Vec::new(), arch).unwrap();
            prop_assert_eq!(to.height, (height + 2 * padding - kernel) / stride + 1);
            for y in 0..to.height {
                for x in 0..to.width {
                    for out in 0..outputs {
                        let wanted = textbook(&layer, &weights, &from, y, x, out);
                        let found = to.data[(y * to.width + x) * outputs + out];
                        prop_assert!((found - wanted).abs() < 1e-3, "{arch:?} {y} {x} {out}: {found} {wanted}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_full_connection_is_the_textbooks(
        inputs in 1usize..200, outputs in 1usize..8, large in 1.0f32..100.0, seed in any::<u64>(),
    ) {
        // Rows of very different size: each has a step of its own.
        let weights: Vec<f32> = numbers(inputs * outputs, seed)
            .chunks(inputs)
            .enumerate()
            .flat_map(|(row, weights)| weights.iter().map(move |w| w * large.powi(row as i32 - 2)))
            .collect();
        let bias = numbers(outputs, seed ^ 1);
        let from = Map { height: 1, width: 1, channels: inputs, data: numbers(inputs, seed ^ 2) };
        for arch in kinds_here() {
            let mut to = Map::default();
            let layer = Dense::of(inputs, &weights, bias.clone());
            layer.run(&from, &mut to, arch).unwrap();
            for (out, row) in weights.chunks(inputs).enumerate() {
                let wanted = bias[out] + row.iter().zip(&from.data).map(|(w, v)| w * v).sum::<f32>();
                let greatest = row.iter().fold(0.0f32, |most, w| most.max(w.abs()));
                // Half a step for each input, and the rounding of the sums.
                let margin = greatest * (inputs as f32 * 2e-5) + 1e-6;
                prop_assert!((to.data[out] - wanted).abs() <= margin, "{arch:?} {out}: {} {wanted}", to.data[out]);
            }
        }
    }

    // NEON's registers hold four numbers, and so do SSE4's, which are chosen on no box: so NEON's way is tried here, too.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn registers_of_four_numbers_give_the_same(
        height in 1usize..8, width in 1usize..30, inputs in prop_oneof![1usize..20, Just(64)],
        outputs in 1usize..40, stride in 1usize..3, seed in any::<u64>(),
    ) {
        let Some(simd) = pulp::x86::V2::try_new() else {
            return Ok(());
        };
        let from = Map { height, width, channels: inputs, data: numbers(height * width * inputs, seed) };
        let mut layer = Convolution {
            reach: Reach::Dense,
            kernel: [1, 1],
            stride: 1,
            padding: 0,
            inputs,
            outputs,
            weights: numbers(inputs * outputs, seed ^ 1),
            panels: vec![],
            bias: numbers(outputs, seed ^ 2),
            activation: Activation::Relu,
        };
        layer.seal();
        let (mut wanted, mut found) = (Map::default(), Map::default());
        layer.run(&from, &mut wanted, &mut Vec::new(), Arch::Scalar).unwrap();
        found.reshape(height, width, outputs);
        Simd::vectorize(simd, Product {
            pixels: from.values(),
            depth: inputs,
            panels: &layer.panels,
            bias: &layer.bias,
            activation: &layer.activation,
            out: found.values_mut(),
        });
        prop_assert!(close(&wanted, &found));

        let layer = Convolution {
            reach: Reach::Depthwise,
            kernel: [3, 3],
            stride,
            padding: 1,
            inputs,
            outputs: inputs,
            weights: numbers(9 * inputs, seed ^ 3),
            panels: vec![],
            bias: numbers(inputs, seed ^ 4),
            activation: Activation::None,
        };
        layer.run(&from, &mut wanted, &mut Vec::new(), Arch::Scalar).unwrap();
        found.reshape(wanted.height, wanted.width, inputs);
        Simd::vectorize(simd, Depthwise { layer: &layer, from: &from, to: &mut found });
        prop_assert!(close(&wanted, &found));

        let count = from.values().len();
        let weights: Vec<i16> = numbers(count * outputs, seed ^ 5).iter().map(|w| (w * 1000.0) as i16).collect();
        let steps = vec![1e-3; outputs];
        let bias = numbers(outputs, seed ^ 6);
        wanted.reshape(1, 1, outputs);
        found.reshape(1, 1, outputs);
        let (inputs, rows, steps, bias) = (from.values(), &weights[..], &steps[..], &bias[..]);
        Arch::Scalar.dispatch(Sums { inputs, rows, steps, bias, out: wanted.values_mut() });
        Simd::vectorize(simd, Sums { inputs, rows, steps, bias, out: found.values_mut() });
        prop_assert!(close(&wanted, &found));
    }

    #[test]
    fn a_foreign_file_is_refused_and_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Plan::of(&bytes, &["out"]).is_err());
    }
}

/// The very same weights in another engine.
fn opencv(bytes: &[u8], input: &Map, outputs: &[&str]) -> Vec<Vec<f32>> {
    let (height, width) = (input.height, input.width);
    let mut planes = vec![0.0f32; input.data.len()];
    for (at, value) in input.data.iter().enumerate() {
        planes[at % 3 * height * width + at / 3] = *value;
    }
    let sizes = [1, 3, height as i32, width as i32];
    let blob = Mat::new_nd_with_data(&sizes, &planes).unwrap();
    let mut net = read_net_from_onnx_buffer(&Vector::from_slice(bytes)).unwrap();
    let mut out = Vector::<Mat>::new();
    let names: Vector<String> = outputs.iter().copied().collect();
    net.set_input(&blob, "", 1.0, Scalar::default()).unwrap();
    net.forward(&mut out, &names).unwrap();
    out.iter()
        .map(|mat| {
            mat.try_clone()
                .unwrap()
                .data_typed::<f32>()
                .unwrap()
                .to_vec()
        })
        .collect()
}

#[test]
fn both_networks_answer_as_in_opencv() {
    let folder = match Folder::resolve(None) {
        Ok(folder) => folder,
        Err(error) => return eprintln!("skipped: {error}"),
    };
    let detector = ["cls_8", "obj_16", "bbox_32", "kps_8"];
    let cases: [(&str, &[&str], usize, usize); 3] = [
        (FACE_MATCHER, &["fc1"], 112, 112),
        (FACE_DETECTOR, &detector, 256, 320),
        (FACE_DETECTOR, &detector, 480, 640),
    ];
    for (id, outputs, height, width) in cases {
        let card = required(id);
        let network = Network::load(&folder, card, outputs).unwrap();
        let data = numbers(height * width * 3, 5)
            .iter()
            .map(|v| (v + 1.0) * 127.5)
            .collect();
        let input = Map {
            height,
            width,
            channels: 3,
            data,
        };
        let ours = network.run(&input).unwrap();
        // What an earlier run left in the memory must not show.
        assert_eq!(network.run(&input).unwrap(), ours);
        let theirs = opencv(&folder.read(card).unwrap(), &input, outputs);
        for ((name, ours), theirs) in outputs.iter().zip(&ours).zip(&theirs) {
            assert_eq!(ours.len(), theirs.len(), "{name}");
            let greatest = theirs.iter().fold(1.0f32, |most, v| most.max(v.abs()));
            for (a, b) in ours.iter().zip(theirs) {
                assert!((a - b).abs() <= 1e-3 * greatest, "{name}: {a} {b}");
            }
        }
    }
}

#[test]
fn a_picture_of_another_size_than_the_network_takes_breaks_off_and_does_not_panic() {
    let folder = match Folder::resolve(None) {
        Ok(folder) => folder,
        Err(error) => return eprintln!("skipped: {error}"),
    };
    let matcher = Network::load(&folder, required(FACE_MATCHER), &["fc1"]).unwrap();
    for (height, width, channels) in [(0, 0, 3), (1, 1, 3), (64, 112, 3), (112, 112, 1)] {
        let data = vec![0.5; height * width * channels];
        let input = Map {
            height,
            width,
            channels,
            data,
        };
        assert!(matches!(
            matcher.run(&input),
            Err(ModelError::BrokeOff { .. })
        ));
    }
    let refused = Network::load(&folder, required(FACE_MATCHER), &["fc2"]);
    assert!(matches!(refused, Err(ModelError::Refused { .. })));
}
