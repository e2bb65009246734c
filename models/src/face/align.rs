//! Alignment: the similarity transform that best carries five points onto the template that the
//! matcher was trained with, and the picture seen through it.

use image::RgbImage;
use opencv::core::{BORDER_CONSTANT, Mat, MatTraitManual, Scalar, Size, Vec3b};
use opencv::imgproc::{INTER_LINEAR, warp_affine};
use pulp::Arch;
use zeroize::Zeroize;

/// Side of an aligned face, in pixels.
pub const ALIGNED_SIDE: usize = 112;

/// Where the five points lie in an aligned face (ArcFace's template): the eye on the picture's
/// left, the eye on its right, the tip of the nose, the corners of the mouth on left and right.
pub const TEMPLATE: [[f32; 2]; 5] = [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
];

/// A similarity transform of the plane: `(x, y) → (a·x − b·y + tx, b·x + a·y + ty)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Scale times the cosine of the angle.
    pub a: f32,
    /// Scale times the sine of the angle.
    pub b: f32,
    /// Shift to the right, in pixels.
    pub tx: f32,
    /// Shift downwards, in pixels.
    pub ty: f32,
}

impl Similarity {
    /// The transform that carries `from` onto `to` with the least squared error (Umeyama 1991; in
    /// the plane, and without reflection, it has this closed form). `None` where all points of
    /// `from` coincide or a coordinate is no number.
    #[must_use]
    pub fn fit(from: &[[f32; 2]; 5], to: &[[f32; 2]; 5]) -> Option<Self> {
        let mean = |points: &[[f32; 2]; 5], i: usize| {
            points.iter().map(|p| f64::from(p[i])).sum::<f64>() / points.len() as f64
        };
        let (fx, fy) = (mean(from, 0), mean(from, 1));
        let (ux, uy) = (mean(to, 0), mean(to, 1));
        let (mut spread, mut dot, mut cross) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p[0]) - fx, f64::from(p[1]) - fy);
            let (qx, qy) = (f64::from(q[0]) - ux, f64::from(q[1]) - uy);
            spread += px * px + py * py;
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
        }
        let (a, b) = (dot / spread, cross / spread);
        let fitted = Self {
            a: a as f32,
            b: b as f32,
            tx: (ux - a * fx + b * fy) as f32,
            ty: (uy - b * fx - a * fy) as f32,
        };
        (spread > 1e-6 && a.hypot(b) > 1e-6 && fitted.tx.is_finite() && fitted.ty.is_finite())
            .then_some(fitted)
    }

    /// A point carried through the transform.
    #[must_use]
    pub fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [
            self.a * x - self.b * y + self.tx,
            self.b * x + self.a * y + self.ty,
        ]
    }

    /// How much longer a length becomes.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The transform that undoes this one; its scale must not be zero, which [`Similarity::fit`] sees to.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self {
            a,
            b,
            tx: -(a * self.tx - b * self.ty),
            ty: -(b * self.tx + a * self.ty),
        }
    }
}

/// Up to so many of the picture's pixels per result pixel (in length), plain bilinear sampling is
/// what the matcher's training and other programs do; beyond, it would skip too many and alias.
const PLAIN_PER_PIXEL: f32 = 4.0;
/// Sides and shifts, in pixels, up to which the library's whole-number arithmetic holds.
const LIBRARY_LIMIT: f32 = 30_000.0;

/// The picture seen through `onto` (from picture to result) as a square of `side` pixels, row by
/// row: red, green, blue of values 0 to 255. Outside the picture is black, as the matcher was
/// trained. Where a result pixel covers many of the picture's, their average is taken.
#[must_use]
pub fn warp(picture: &RgbImage, onto: &Similarity, side: usize) -> Vec<[f32; 3]> {
    // Where the processor rounds by itself, no call is made for each pixel.
    Arch::new().dispatch(|| sampled(picture, onto, side))
}

#[inline(always)]
fn sampled(picture: &RgbImage, onto: &Similarity, side: usize) -> Vec<[f32; 3]> {
    let back = onto.inverse();
    let per_pixel = back.scale();
    let samples = if per_pixel < PLAIN_PER_PIXEL {
        1
    } else {
        (per_pixel.round() as usize).clamp(2, 16)
    };
    let weight = 1.0 / (samples * samples) as f32;
    let offset = |k: usize| (k as f32 + 0.5) / samples as f32 - 0.5;
    let mut out = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let mut sum = [0.0f32; 3];
            for j in 0..samples {
                for i in 0..samples {
                    let at = back.apply([x as f32 + offset(i), y as f32 + offset(j)]);
                    bilinear(picture, at, &mut sum);
                }
            }
            out.push(sum.map(|value| value * weight));
        }
    }
    out
}

/// The face as the matcher takes it. Up to [`PLAIN_PER_PIXEL`] OpenCV samples, to the thirty-second of a pixel and in
/// whole numbers, as in the programs that other people's figures are taken with; beyond, and beyond its numbers, [`warp`].
pub(super) fn aligned(picture: &RgbImage, onto: &Similarity) -> Vec<[f32; 3]> {
    let back = onto.inverse();
    let plain = back.scale() < PLAIN_PER_PIXEL;
    plain
        .then(|| by_library(picture, onto, &back, ALIGNED_SIDE))
        .flatten()
        .unwrap_or_else(|| warp(picture, onto, ALIGNED_SIDE))
}

/// Plain sampling by OpenCV; `None` beyond its numbers.
fn by_library(
    picture: &RgbImage,
    onto: &Similarity,
    back: &Similarity,
    side: usize,
) -> Option<Vec<[f32; 3]>> {
    let (width, height) = (picture.width(), picture.height());
    let greatest = [width as f32, height as f32, back.tx.abs(), back.ty.abs()];
    if !greatest.into_iter().all(|v| v < LIBRARY_LIMIT) {
        return None;
    }
    let [width, height] = [width, height].map(|side| i32::try_from(side).ok());
    let from = Mat::new_rows_cols_with_bytes::<Vec3b>(height?, width?, picture.as_raw()).ok()?;
    let [a, b, tx, ty] = [onto.a, onto.b, onto.tx, onto.ty].map(f64::from);
    let matrix = Mat::from_slice_2d(&[[a, -b, tx], [b, a, ty]]).ok()?;
    let size = i32::try_from(side).ok()?;
    let mut seen = Mat::default();
    warp_affine(
        &from,
        &mut seen,
        &matrix,
        Size::new(size, size),
        INTER_LINEAR,
        BORDER_CONSTANT,
        Scalar::default(),
    )
    .ok()?;
    let pixels = seen.data_bytes_mut().ok()?;
    let out = pixels.as_chunks::<3>().0.iter();
    let out = out.map(|pixel| pixel.map(f32::from)).collect();
    pixels.zeroize();
    Some(out)
}

/// Adds the picture's value at a point between pixels to `sum`.
#[inline(always)]
fn bilinear(picture: &RgbImage, [x, y]: [f32; 2], sum: &mut [f32; 3]) {
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = (x - x0, y - y0);
    // `as` saturates, so a point far outside stays outside.
    let (x0, y0) = (x0 as i64, y0 as i64);
    let pixels = picture.as_raw();
    if x0 >= 0 && y0 >= 0 && x0 + 1 < width && y0 + 1 < height {
        // All four pixels lie inside, as nearly always.
        let at = ((y0 * width + x0) * 3) as usize;
        let below = at + (width * 3) as usize;
        let (upper, lower) = (&pixels[at..at + 6], &pixels[below..below + 6]);
        for channel in 0..3 {
            let [a, b, c, d] = [
                upper[channel],
                upper[channel + 3],
                lower[channel],
                lower[channel + 3],
            ]
            .map(f32::from);
            let (top, bottom) = (a + fx * (b - a), c + fx * (d - c));
            sum[channel] += top + fy * (bottom - top);
        }
        return;
    }
    if x0 < -1 || y0 < -1 || x0 >= width || y0 >= height {
        return;
    }
    for (dy, wy) in [(0, 1.0 - fy), (1, fy)] {
        for (dx, wx) in [(0, 1.0 - fx), (1, fx)] {
            let (px, py) = (x0 + dx, y0 + dy);
            if (0..width).contains(&px) && (0..height).contains(&py) {
                let at = ((py * width + px) * 3) as usize;
                for (total, value) in sum.iter_mut().zip(&pixels[at..at + 3]) {
                    *total += wx * wy * f32::from(*value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    #[test]
    fn points_that_coincide_have_no_fit() {
        assert_eq!(Similarity::fit(&[[3.0, 4.0]; 5], &TEMPLATE), None);
        assert_eq!(Similarity::fit(&[[f32::NAN, 4.0]; 5], &TEMPLATE), None);
        assert_eq!(Similarity::fit(&[[f32::INFINITY, 4.0]; 5], &TEMPLATE), None);
    }

    #[test]
    fn a_quarter_turn_is_found() {
        // (x, y) → (2·(−y) + 10, 2·x − 3): scale 2, a quarter turn, and a shift.
        let turned = TEMPLATE.map(|[x, y]| [-2.0 * y + 10.0, 2.0 * x - 3.0]);
        let found = Similarity::fit(&TEMPLATE, &turned).expect("a fit");
        for (value, wanted) in [
            (found.a, 0.0),
            (found.b, 2.0),
            (found.tx, 10.0),
            (found.ty, -3.0),
        ] {
            assert!((value - wanted).abs() < 1e-3, "{found:?}");
        }
    }

    #[test]
    fn the_least_squares_fit_beats_its_neighbours() {
        let mut bent = TEMPLATE.map(|[x, y]| [1.3 * x + 4.0, 1.3 * y + 9.0]);
        bent[2][0] += 6.0;
        bent[4][1] -= 5.0;
        let best = Similarity::fit(&bent, &TEMPLATE).expect("a fit");
        let error = |s: &Similarity| -> f32 {
            bent.iter()
                .zip(&TEMPLATE)
                .map(|(p, q)| {
                    let [x, y] = s.apply(*p);
                    (x - q[0]).powi(2) + (y - q[1]).powi(2)
                })
                .sum()
        };
        let least = error(&best);
        for step in [-0.01f32, 0.01] {
            assert!(
                error(&Similarity {
                    a: best.a + step,
                    ..best
                }) > least
            );
            assert!(
                error(&Similarity {
                    b: best.b + step,
                    ..best
                }) > least
            );
            assert!(
                error(&Similarity {
                    tx: best.tx + 10.0 * step,
                    ..best
                }) > least
            );
            assert!(
                error(&Similarity {
                    ty: best.ty + 10.0 * step,
                    ..best
                }) > least
            );
        }
    }

    #[test]
    fn a_warp_moves_pixels_where_the_transform_says() {
        let mut picture = RgbImage::new(40, 30);
        picture.put_pixel(7, 5, Rgb([200, 100, 50]));
        let shift = Similarity {
            a: 1.0,
            b: 0.0,
            tx: 3.0,
            ty: 2.0,
        };
        let out = warp(&picture, &shift, 32);
        assert_eq!(out[7 * 32 + 10], [200.0, 100.0, 50.0]);
        assert_eq!(out.as_flattened().iter().sum::<f32>(), 350.0);
    }

    #[test]
    fn a_strong_reduction_averages_and_does_not_skip() {
        // Columns black and white in turn, made eight times smaller: grey everywhere.
        let stripes =
            RgbImage::from_fn(256, 256, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
        let reduce = Similarity {
            a: 0.125,
            b: 0.0,
            tx: -0.4375,
            ty: -0.4375,
        };
        for value in warp(&stripes, &reduce, 32).as_flattened() {
            assert!((value - 127.5).abs() < 1.0, "{value}");
        }
    }

    proptest! {
        #[test]
        fn known_transforms_are_recovered_and_undone(
            scale in 0.05f32..20.0, angle in -3.1f32..3.1, tx in -900.0f32..900.0, ty in -900.0f32..900.0,
        ) {
            let known = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty };
            let found = Similarity::fit(&TEMPLATE, &TEMPLATE.map(|p| known.apply(p))).expect("a fit");
            let back = found.inverse();
            for p in [[0.0, 0.0], [112.0, 0.0], [56.0, 112.0]] {
                let (k, f) = (known.apply(p), found.apply(p));
                prop_assert!((k[0] - f[0]).abs() < 0.05 && (k[1] - f[1]).abs() < 0.05);
                let round = back.apply(f);
                prop_assert!((round[0] - p[0]).abs() < 0.1 && (round[1] - p[1]).abs() < 0.1, "{round:?}");
            }
        }

        #[test]
        fn any_transform_of_any_picture_gives_values_of_a_picture(
            width in 1u32..40, height in 1u32..40, a in -9.0f32..9.0, b in 0.01f32..9.0, tx in -1e9f32..1e9,
        ) {
            let white = RgbImage::from_pixel(width, height, Rgb([255; 3]));
            for value in warp(&white, &Similarity { a, b, tx, ty: 3.0 }, 16).as_flattened() {
                prop_assert!((0.0..=255.01).contains(value));
            }
        }
    }
}
