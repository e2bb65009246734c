//! YuNet: what it is fed and how its twelve outputs are read.

use super::DetectedFace;
use crate::network::Map;
use image::RgbImage;
use page::Rect;

/// The network's outputs, in the order in which they are fetched: for each stride of
/// [`STRIDES`], class, objectness, box and points.
pub(crate) const OUTPUTS: [&str; 12] = [
    "cls_8", "obj_8", "bbox_8", "kps_8", "cls_16", "obj_16", "bbox_16", "kps_16", "cls_32",
    "obj_32", "bbox_32", "kps_32",
];
/// Pixels between neighbouring cells of each output.
const STRIDES: [usize; 3] = [8, 16, 32];
/// Sides are padded to multiples of this.
const MULTIPLE: usize = 32;
/// And to at least this: with feature maps of a row or two, faces are seen where there are none.
const LEAST_SIDE: usize = 256;
/// A face cut off by the edge to less than this on a side, in pixels, is none.
const LEAST_FACE: u32 = 8;
/// Detections that overlap more than this (intersection over union) are the same face.
const SAME_FACE: f32 = 0.3;

/// A picture as the network takes it: blue, green, red, padded with black.
pub(crate) fn blob(picture: &RgbImage) -> Map {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let width = w.next_multiple_of(MULTIPLE).max(LEAST_SIDE);
    let height = h.next_multiple_of(MULTIPLE).max(LEAST_SIDE);
    let mut data = vec![0.0f32; width * height * 3];
    let rows = picture.as_raw().chunks_exact((w * 3).max(1));
    for (row, line) in rows.zip(data.chunks_exact_mut(width * 3)) {
        let pixels = row.as_chunks::<3>().0.iter();
        for ([r, g, b], to) in pixels.zip(line.as_chunks_mut::<3>().0) {
            *to = [f32::from(*b), f32::from(*g), f32::from(*r)];
        }
    }
    Map {
        height,
        width,
        channels: 3,
        data,
    }
}

/// A detection in the coordinates of the picture that the network saw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Raw {
    /// Left, top, right, bottom.
    edges: [f32; 4],
    landmarks: [[f32; 2]; 5],
    score: f32,
}

/// Reads the outputs (as [`OUTPUTS`], over a blob of `width` by `height`): every detection of at
/// least `least` score, the surest first, each face once.
pub(crate) fn decode(outputs: &[Vec<f32>], width: usize, height: usize, least: f32) -> Vec<Raw> {
    let mut found = Vec::new();
    for (stride, of) in STRIDES.iter().zip(outputs.chunks_exact(4)) {
        let [class, object, boxes, points] = of else {
            continue;
        };
        let columns = width / stride;
        let cells = class
            .iter()
            .zip(object)
            .zip(boxes.as_chunks::<4>().0)
            .zip(points.as_chunks::<10>().0);
        for (cell, (((class, object), b), k)) in cells.enumerate().take(columns * (height / stride))
        {
            let score = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
            if score.is_nan() || score < least || !b.iter().chain(k).all(|v| v.is_finite()) {
                continue;
            }
            let s = *stride as f32;
            let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
            let (cx, cy) = ((column + b[0]) * s, (row + b[1]) * s);
            let (w, h) = (b[2].exp() * s, b[3].exp() * s);
            let mut landmarks = [[0.0; 2]; 5];
            for (landmark, xy) in landmarks.iter_mut().zip(k.as_chunks::<2>().0) {
                *landmark = [(xy[0] + column) * s, (xy[1] + row) * s];
            }
            found.push(Raw {
                edges: [cx - w / 2.0, cy - h / 2.0, cx + w / 2.0, cy + h / 2.0],
                landmarks,
                score,
            });
        }
    }
    once_each(found)
}

/// Keeps the surest of every set of detections that overlap.
fn once_each(mut found: Vec<Raw>) -> Vec<Raw> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Raw> = Vec::new();
    for face in found {
        if kept
            .iter()
            .all(|k| overlap(&k.edges, &face.edges) <= SAME_FACE)
        {
            kept.push(face);
        }
    }
    kept
}

/// Intersection over union.
fn overlap(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let side = |low: f32, high: f32| (high - low).max(0.0);
    let both = side(a[0].max(b[0]), a[2].min(b[2])) * side(a[1].max(b[1]), a[3].min(b[3]));
    let area = |e: &[f32; 4]| side(e[0], e[2]) * side(e[1], e[3]);
    both / (area(a) + area(b) - both).max(f32::MIN_POSITIVE)
}

impl Raw {
    /// The face in a picture of `width` by `height`, of which the network saw a copy where one
    /// pixel stood for `step` of the picture's. `None` where (almost)
    /// nothing of the box lies inside.
    pub(crate) fn place(&self, step: [f32; 2], width: u32, height: u32) -> Option<DetectedFace> {
        let inside = |value: f32, step: f32, end: u32| (value * step).clamp(0.0, end as f32);
        let left = inside(self.edges[0], step[0], width).floor() as u32;
        let top = inside(self.edges[1], step[1], height).floor() as u32;
        let right = inside(self.edges[2], step[0], width).ceil() as u32;
        let bottom = inside(self.edges[3], step[1], height).ceil() as u32;
        if right < left + LEAST_FACE || bottom < top + LEAST_FACE {
            return None;
        }
        Some(DetectedFace {
            bounds: Rect {
                x: left,
                y: top,
                width: right - left,
                height: bottom - top,
            },
            // Coordinates count from the middle of the first pixel.
            landmarks: self
                .landmarks
                .map(|p| [0, 1].map(|i| (p[i] + 0.5) * step[i] - 0.5)),
            score: self.score,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Outputs for a 64x64 blob with nothing in them.
    fn silent() -> Vec<Vec<f32>> {
        STRIDES
            .iter()
            .flat_map(|s| {
                let cells = (64 / s) * (64 / s);
                [1, 1, 4, 10].map(|n| vec![0.0; cells * n])
            })
            .collect()
    }

    #[test]
    fn a_cell_is_decoded_as_the_model_defines() {
        let mut outputs = silent();
        // Stride 16 (outputs 4 to 7), column 2, row 1 of 4 columns: cell 6.
        outputs[4][6] = 0.81;
        outputs[5][6] = 1.7;
        outputs[6][24..28].copy_from_slice(&[0.5, 0.25, 0.0, 2.0f32.ln()]);
        outputs[7][60..62].copy_from_slice(&[0.125, -0.5]);
        let found = decode(&outputs, 64, 64, 0.6);
        assert_eq!(found.len(), 1);
        // Objectness is cut off at 1: sqrt(0.81 * 1) = 0.9.
        assert!((found[0].score - 0.9).abs() < 1e-6);
        // Centre ((2 + 0.5) * 16, (1 + 0.25) * 16) = (40, 20), 16 wide, 32 high.
        for (edge, wanted) in found[0].edges.iter().zip([32.0, 4.0, 48.0, 36.0]) {
            assert!((edge - wanted).abs() < 1e-4);
        }
        assert_eq!(found[0].landmarks[0], [34.0, 8.0]);
        assert_eq!(found[0].landmarks[4], [32.0, 16.0]);
    }

    #[test]
    fn one_face_seen_at_two_strides_is_one_face() {
        let mut outputs = silent();
        // Both cells say: centre (24, 24), 32 on each side.
        for (base, cell, stride, sure) in [(0, 27, 8.0f32, 0.7f32), (4, 5, 16.0, 0.9)] {
            outputs[base][cell] = sure;
            outputs[base + 1][cell] = sure;
            let columns = 64.0 / stride;
            let (column, row) = (cell as f32 % columns, (cell as f32 / columns).floor());
            let size = (32.0 / stride).ln();
            outputs[base + 2][cell * 4..cell * 4 + 4].copy_from_slice(&[
                24.0 / stride - column,
                24.0 / stride - row,
                size,
                size,
            ]);
        }
        let found = decode(&outputs, 64, 64, 0.6);
        assert_eq!(found.len(), 1);
        assert!((found[0].score - 0.9).abs() < 1e-6);
        assert_eq!(decode(&outputs, 64, 64, 0.95).len(), 0);
    }

    #[test]
    fn a_face_that_hangs_over_the_edge_is_cut_off_there() {
        let raw = Raw {
            edges: [-10.0, 5.0, 20.0, 1e30],
            landmarks: [[1.0, 1.0]; 5],
            score: 0.9,
        };
        let face = raw.place([2.0, 2.0], 100, 50).expect("inside");
        assert_eq!(
            face.bounds,
            Rect {
                x: 0,
                y: 10,
                width: 40,
                height: 40
            }
        );
        // The middle of pixel 1 of a copy half as large is the edge between pixels 2 and 3.
        assert_eq!(face.landmarks[0], [2.5, 2.5]);
        let outside = Raw {
            edges: [-10.0, -10.0, -1.0, -1.0],
            ..raw
        };
        assert_eq!(outside.place([1.0, 1.0], 100, 50), None);
    }

    #[test]
    fn the_blob_is_blue_first_and_padded_with_black() {
        let blob = blob(&RgbImage::from_pixel(289, 2, image::Rgb([1, 2, 3])));
        assert_eq!((blob.width, blob.height, blob.channels), (320, 256, 3));
        assert_eq!(blob.data[..3], [3.0, 2.0, 1.0]);
        assert_eq!(blob.data[(320 + 288) * 3], 3.0);
        assert_eq!(blob.data[(320 + 289) * 3..][..3], [0.0; 3]);
        assert_eq!(blob.data[2 * 320 * 3], 0.0);
        assert_eq!(blob.data.iter().sum::<f32>(), 2.0 * 289.0 * 6.0);
    }

    proptest! {
        #[test]
        fn whatever_the_network_says_faces_lie_inside(
            values in proptest::collection::vec(prop_oneof![any::<f32>(), -3.0f32..3.0], 64),
            width in 1u32..200, height in 1u32..200,
        ) {
            let mut outputs = silent();
            let mut next = values.iter().cycle();
            for value in outputs.iter_mut().flatten() {
                *value = *next.next().expect("a cycle has no end");
            }
            for raw in decode(&outputs, 64, 64, 0.3) {
                if let Some(face) = raw.place([1.5, 0.7], width, height) {
                    prop_assert!(face.bounds.x + face.bounds.width <= width);
                    prop_assert!(face.bounds.y + face.bounds.height <= height);
                    prop_assert!(face.bounds.area() >= 64);
                    prop_assert!((0.3..=1.0).contains(&face.score));
                }
            }
        }
    }
}
