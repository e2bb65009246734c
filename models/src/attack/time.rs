//! What only several frames tell: a picture that comes again, and a face without depth.

use super::{Cue, Frame};

/// Two frames that differ by less, in grey levels on average over the face, are one: the noise of a
/// camera's sensor is several times as much.
const SAME: f32 = 0.15;
/// Pixels of the face that are compared, at most.
const COMPARED: usize = 4096;
/// From this ratio of the longest to the shortest stretch on, the head or the picture of it was turned out of its plane.
const TURNED: f32 = 1.06;
/// What is left of five points after the best affine map, by the distance between the eyes: as much is left of a head
/// that turned, and as little of a plane (the detector's own unrest).
const DEPTH: [f32; 2] = [0.045, 0.02];

/// Frames that are an earlier one again: a file that is played into the camera's place. `None` of a single frame.
pub(super) fn repeated(frames: &[Frame<'_>]) -> Option<Cue> {
    let later = frames.len().checked_sub(1).filter(|later| *later > 0)?;
    let again = (1..frames.len())
        .filter(|at| {
            frames[..*at]
                .iter()
                .any(|before| same(before, &frames[*at]))
        })
        .count();
    Some(Cue::new(
        "repeated",
        "1",
        "share of frames that are an earlier one again: a camera's noise never comes twice",
        again as f32 / later as f32,
        [0.0, 0.5],
    ))
}

fn same(a: &Frame<'_>, b: &Frame<'_>) -> bool {
    let (first, second) = (a.picture.rgb(), b.picture.rgb());
    if first.dimensions() != second.dimensions() {
        return false;
    }
    let bounds = a.face.bounds;
    let step = ((bounds.area() as usize / COMPARED).max(1) as f32).sqrt() as usize;
    let (mut apart, mut count) = (0u64, 0u64);
    for y in (bounds.y..bounds.y + bounds.height).step_by(step.max(1)) {
        for x in (bounds.x..bounds.x + bounds.width).step_by(step.max(1)) {
            let pairs = first
                .get_pixel(x, y)
                .0
                .into_iter()
                .zip(second.get_pixel(x, y).0);
            apart += pairs.map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>();
            count += 3;
        }
    }
    count > 0 && (apart as f32 / count as f32) < SAME
}

/// A face that turns as a plane does. `None` where it did not turn: then nothing can be said.
pub(super) fn flat(points: &[[[f32; 2]; 5]]) -> Option<Cue> {
    let mut depth: Option<f32> = None;
    for (at, from) in points.iter().enumerate() {
        for to in &points[at + 1..] {
            if let Some((stretch, left)) = affine(from, to)
                && stretch >= TURNED
            {
                depth = Some(depth.map_or(left, |most| most.max(left)));
            }
        }
    }
    Some(Cue::new(
        "flat",
        "eye distances",
        "what a turn of the head leaves of five points after the best affine map: nothing, of a flat picture",
        depth?,
        DEPTH,
    ))
}

/// The affine map that best carries five points onto five others: the ratio of its longest to its shortest stretch,
/// and the root mean square of what is left, by the distance between the eyes. `None` of points in a line.
fn affine(from: &[[f32; 2]; 5], to: &[[f32; 2]; 5]) -> Option<(f32, f32)> {
    let mean = |points: &[[f32; 2]; 5], axis: usize| {
        points.iter().map(|p| f64::from(p[axis])).sum::<f64>() / 5.0
    };
    let centred = |points: &[[f32; 2]; 5]| {
        let middle = [mean(points, 0), mean(points, 1)];
        points.map(|p| [0, 1].map(|axis| f64::from(p[axis]) - middle[axis]))
    };
    let (p, q) = (centred(from), centred(to));
    let sum = |of: &dyn Fn(usize) -> f64| (0..5).map(of).sum::<f64>();
    let [xx, xy, yy] = [
        sum(&|i| p[i][0] * p[i][0]),
        sum(&|i| p[i][0] * p[i][1]),
        sum(&|i| p[i][1] * p[i][1]),
    ];
    let whole = xx * yy - xy * xy;
    if whole.is_nan() || whole <= 1e-6 {
        return None;
    }
    let row = |axis: usize| {
        let (x, y) = (
            sum(&|i| p[i][0] * q[i][axis]),
            sum(&|i| p[i][1] * q[i][axis]),
        );
        [(x * yy - y * xy) / whole, (y * xx - x * xy) / whole]
    };
    let ([a, b], [c, d]) = (row(0), row(1));
    // The two stretches of a two by two matrix.
    let (sum_of, difference) = ((a + d).hypot(c - b) / 2.0, (a - d).hypot(c + b) / 2.0);
    let (longest, shortest) = (sum_of + difference, (sum_of - difference).abs());
    let left = sum(&|i| {
        let [x, y] = p[i];
        (a * x + b * y - q[i][0]).powi(2) + (c * x + d * y - q[i][1]).powi(2)
    });
    let eyes = (q[1][0] - q[0][0]).hypot(q[1][1] - q[0][1]);
    let (stretch, left) = (longest / shortest, (left / 5.0).sqrt() / eyes);
    (stretch.is_finite() && left.is_finite()).then_some((stretch as f32, left as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::DetectedFace;
    use image::{Rgb, RgbImage};
    use page::{Picture, Rect};

    /// Right, down and towards the camera, in eye distances.
    const HEAD: [[f32; 3]; 5] = [
        [-0.5, 0.0, 0.0],
        [0.5, 0.0, 0.0],
        [0.0, 0.6, 0.5],
        [-0.4, 1.1, 0.1],
        [0.4, 1.1, 0.1],
    ];

    /// Seen from the front after a turn to the side and a lean, `deep` times as deep as a head, the points unsure by half a pixel.
    fn seen(turn: f32, lean: f32, deep: f32, unrest: u32) -> [[f32; 2]; 5] {
        let ((sin, cos), (s, c)) = (turn.to_radians().sin_cos(), lean.to_radians().sin_cos());
        let mut state = unrest;
        let mut unsure = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        HEAD.map(|[x, y, z]| {
            let x = x * cos + z * deep * sin;
            [
                80.0 * (x * c - y * s) + 300.0 + unsure(),
                80.0 * (x * s + y * c) + 200.0 + unsure(),
            ]
        })
    }

    #[test]
    fn a_head_that_turns_has_depth_and_a_picture_that_turns_has_none() {
        for seed in 1..40 {
            let live = [0.0, 8.0, 25.0].map(|turn| seen(turn, turn / 8.0, 1.0, seed));
            let live = flat(&live).expect("it turned");
            assert_eq!(live.suspicion, 0.0, "{live:?}");
            let print = [0.0, 15.0, 35.0].map(|turn| seen(turn, 3.0, 0.0, seed + 100));
            let print = flat(&print).expect("it turned");
            assert!(print.suspicion > 0.8, "{print:?}");
        }
    }

    #[test]
    fn a_face_that_is_held_still_or_only_leans_says_nothing_of_depth() {
        let still = [0.0, 3.0, 12.0].map(|lean| seen(0.0, lean, 1.0, lean as u32 + 7));
        assert_eq!(flat(&still), None);
        assert_eq!(flat(&[]), None);
        assert_eq!(flat(&[[[4.0, 4.0]; 5], [[f32::NAN, 1.0]; 5]]), None);
    }

    #[test]
    fn a_frame_that_comes_again_is_told_from_one_with_noise_of_its_own() {
        let picture = |seed: u32| {
            let mut state = seed;
            Picture::from_rgb(RgbImage::from_fn(200, 200, |x, _| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Rgb([(100 + x / 4 + (state >> 24) % 4) as u8; 3])
            }))
        };
        let pictures = [picture(1), picture(2), picture(3), picture(1)];
        let face = DetectedFace {
            bounds: Rect {
                x: 40,
                y: 40,
                width: 120,
                height: 120,
            },
            landmarks: seen(0.0, 0.0, 1.0, 1),
            score: 0.9,
        };
        let frames: Vec<_> = pictures
            .iter()
            .map(|picture| Frame {
                picture,
                face: &face,
            })
            .collect();
        assert_eq!(repeated(&frames[..1]), None);
        assert_eq!(repeated(&frames[..3]).expect("a cue").suspicion, 0.0);
        let cue = repeated(&frames).expect("a cue");
        assert!(
            (cue.value - 1.0 / 3.0).abs() < 1e-6 && cue.suspicion > 0.5,
            "{cue:?}"
        );
    }
}
