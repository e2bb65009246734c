//! A pattern that repeats itself across the face: the points of a screen or a printing screen, or the moiré
//! between those and the camera's own. Skin, hair and cloth have none.
//!
//! The spectrum of the face's luminance is taken at the camera's own resolution. A pattern that repeats stands
//! in it as a few points far above everything of about their frequency.

use super::Cue;
use crate::face::DetectedFace;
use image::RgbImage;
use opencv::core::{DFT_COMPLEX_OUTPUT, Mat, MatTraitConstManual, Vec2f, dft};
use std::f32::consts::PI;
use zeroize::Zeroizing;

/// Sides of the square that is looked at, in pixels; the largest that the face fills.
const SIDES: [u32; 5] = [256, 192, 128, 96, 64];
/// How much of the face's box is face, whichever way the head leans.
const FACE_SHARE: f32 = 0.9;
/// Frequencies that are looked at, in periods a pixel: below lie the features of a face, above nothing is sampled.
const BAND: [f32; 2] = [0.10, 0.5];
/// The width of a ring of about the same frequency.
const RING: f32 = 0.02;
/// What every picture has, as power for each pixel: rounding to whole levels leaves a twelfth of a level's square.
const FLOOR: f32 = 0.05;
/// Powers of ten above the middle of its ring: up to here are faces, and from the second on patterns.
const SUSPICION: [f32; 2] = [1.9, 2.6];

pub(super) fn measure(
    picture: &RgbImage,
    face: &DetectedFace,
) -> Result<Option<Cue>, opencv::Error> {
    let wide = face.bounds.width.min(face.bounds.height) as f32 * FACE_SHARE;
    let fits = |side: &&u32| {
        **side as f32 <= wide && **side <= picture.width() && **side <= picture.height()
    };
    let Some(side) = SIDES.iter().find(fits).copied() else {
        return Ok(None);
    };
    // About the tip of the nose; `as` takes a coordinate outside to the picture's edge.
    let [x, y] = face.landmarks[2].map(|v| (v - side as f32 / 2.0) as u32);
    let (x, y) = (
        x.min(picture.width() - side),
        y.min(picture.height() - side),
    );
    let side = side as usize;
    let power = power(picture, (x as usize, y as usize), side)?;
    Ok(Some(Cue::new(
        "pattern",
        "powers of ten",
        "strongest repeating pattern across the face above others of its frequency: screen points, print screen, moiré",
        peak(&power, side),
        SUSPICION,
    )))
}

/// The power spectrum of a square's luminance, row by row.
fn power(
    picture: &RgbImage,
    (left, top): (usize, usize),
    side: usize,
) -> Result<Vec<f32>, opencv::Error> {
    let mut luma = Zeroizing::new(Vec::with_capacity(side * side));
    let width = picture.width() as usize;
    for y in top..top + side {
        let row = &picture.as_raw()[(y * width + left) * 3..(y * width + left + side) * 3];
        luma.extend(row.as_chunks::<3>().0.iter().map(|[r, g, b]| {
            0.2126 * f32::from(*r) + 0.7152 * f32::from(*g) + 0.0722 * f32::from(*b)
        }));
    }
    let mean = luma.iter().sum::<f32>() / luma.len() as f32;
    let window: Vec<f32> = (0..side)
        .map(|at| 0.5 - 0.5 * (2.0 * PI * at as f32 / (side - 1) as f32).cos())
        .collect();
    for (row, across) in luma.chunks_exact_mut(side).zip(&window) {
        for (value, down) in row.iter_mut().zip(&window) {
            *value = (*value - mean) * across * down;
        }
    }
    let rows = i32::try_from(side)?;
    let seen = Mat::new_rows_cols_with_data(rows, rows, &luma)?;
    let mut spectrum = Mat::default();
    dft(&seen, &mut spectrum, DFT_COMPLEX_OUTPUT, 0)?;
    let numbers = spectrum.data_typed::<Vec2f>()?.iter();
    Ok(numbers
        .map(|Vec2f { 0: [re, im] }| re * re + im * im)
        .collect())
}

/// The greatest power above the median of its ring, as a power of ten.
fn peak(power: &[f32], side: usize) -> f32 {
    // Whole periods in the square, the negative ones behind.
    let periods = |at: usize| {
        if at < side / 2 {
            at as f32
        } else {
            at as f32 - side as f32
        }
    };
    let length = side as f32;
    let near = 2.5;
    // Edges that stand upright or lie, and the blocks of JPEG, are no pattern of the face's.
    let of_blocks = |a: f32, b: f32| {
        let eighths = a.abs() / length * 8.0;
        (eighths - eighths.round()).abs() * length / 8.0 < near && b.abs() < 3.0 * near
    };
    let rings = (BAND[1] / RING) as usize;
    let mut of_ring: Vec<Vec<f32>> = vec![Vec::new(); rings];
    for (at, power) in power.iter().enumerate() {
        let (x, y) = (periods(at % side), periods(at / side));
        let frequency = x.hypot(y) / length;
        let edge = x.abs() < near || y.abs() < near;
        if frequency > BAND[0]
            && frequency < BAND[1]
            && !edge
            && !of_blocks(x, y)
            && !of_blocks(y, x)
            && let Some(ring) = of_ring.get_mut((frequency / RING) as usize)
        {
            ring.push(*power);
        }
    }
    let floor = FLOOR * (side * side) as f32;
    let above = of_ring
        .iter_mut()
        .filter(|ring| ring.len() >= 20)
        .map(|ring| {
            ring.sort_unstable_by(f32::total_cmp);
            let most = ring.last().copied().unwrap_or_default();
            most / (ring[ring.len() / 2] + floor)
        });
    above.fold(1e-3, f32::max).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::TEMPLATE;
    use image::Rgb;
    use page::Rect;

    fn face(width: u32) -> DetectedFace {
        let scale = width as f32 / 112.0;
        DetectedFace {
            bounds: Rect {
                x: 20,
                y: 20,
                width,
                height: width,
            },
            landmarks: TEMPLATE.map(|p| p.map(|v| v * scale + 20.0)),
            score: 0.9,
        }
    }

    /// Grain of about two levels on a gentle shade, and what `more` adds.
    fn grain(more: impl Fn(f32, f32) -> f32) -> RgbImage {
        let mut state = 1u32;
        RgbImage::from_fn(340, 340, |x, y| {
            let mut noise = 0.0;
            for _ in 0..4 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise += (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
            }
            let (x, y) = (x as f32, y as f32);
            let shade = 120.0 + 40.0 * (x / 90.0).sin() * (y / 70.0).cos();
            Rgb([(shade + 3.0 * noise + more(x, y)).clamp(0.0, 255.0) as u8; 3])
        })
    }

    fn suspicion(picture: &RgbImage) -> f32 {
        measure(picture, &face(280))
            .expect("measured")
            .expect("a cue")
            .suspicion
    }

    #[test]
    fn grain_is_no_pattern_and_a_faint_screen_is() {
        assert!(suspicion(&grain(|_, _| 0.0)) < 0.1);
        let moire = grain(|x, y| 3.0 * (1.1 * x + 0.6 * y).sin());
        assert!(suspicion(&moire) > 0.9, "{}", suspicion(&moire));
    }

    #[test]
    fn jpeg_blocks_and_upright_edges_are_no_pattern() {
        let blocks = grain(|x, _| if x % 8.0 == 0.0 { 6.0 } else { 0.0 });
        assert!(suspicion(&blocks) < 0.1);
        let edge = grain(|x, _| if x > 160.0 { 80.0 } else { 0.0 });
        assert!(suspicion(&edge) < 0.1);
    }

    #[test]
    fn a_small_face_and_points_that_are_no_numbers_give_no_cue_and_no_panic() {
        let picture = grain(|_, _| 0.0);
        assert_eq!(measure(&picture, &face(60)).expect("measured"), None);
        let mut lost = face(280);
        lost.landmarks = [[f32::NAN, f32::INFINITY]; 5];
        assert!(measure(&picture, &lost).expect("measured").is_some());
    }
}
