//! From the scene to the file: light, glare, defocus, motion, noise.

use std::sync::LazyLock;

use image::RgbImage;
use rand::{Rng, RngExt};

use super::camera::{Homography, Place};
use super::level::Shot;
use crate::utopia::canvas::Canvas;
use crate::utopia::light::{Levels, Light, TO_LIGHT};
use crate::utopia::press::Side;
use crate::utopia::seed::{Seed, floor, mix, within};

/// Something flat that can be painted into a picture.
pub(crate) struct Sheet {
    width: usize,
    height: usize,
    /// Pixels per millimetre.
    scale: f32,
    light: Vec<Light>,
    /// Where there is something, 0 to 255; empty for everywhere.
    outline: Vec<u8>,
}

impl Sheet {
    /// A printed side, made as coarse as a photograph of so many pixels per millimetre shows it.
    pub(crate) fn of_side(side: &Side, shown_scale: f32) -> Self {
        let (mut width, mut height) = (
            side.picture.width() as usize,
            side.picture.height() as usize,
        );
        let mut light = lights(&side.picture);
        let mut outline = side.outline.as_raw().clone();
        let mut scale = side.scale;
        while scale > 1.7 * shown_scale && width > 1 && height > 1 {
            (light, outline) = halved(&light, &outline, width);
            (width, height) = (width / 2, height / 2);
            scale /= 2.0;
        }
        Self {
            width,
            height,
            scale,
            light,
            outline,
        }
    }

    /// A picture, a pixel for a millimetre.
    pub(crate) fn of_picture(picture: &RgbImage) -> Self {
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            scale: 1.0,
            light: lights(picture),
            outline: Vec::new(),
        }
    }

    /// A canvas, whole or through an outline.
    pub(crate) fn of_canvas(canvas: &Canvas, outline: Vec<u8>) -> Self {
        let (width, height) = canvas.size();
        Self {
            width,
            height,
            scale: canvas.scale(),
            light: canvas.light().to_vec(),
            outline,
        }
    }

    /// Width and height in millimetres.
    fn size_mm(&self) -> [f64; 2] {
        [
            f64::from(self.width as f32 / self.scale),
            f64::from(self.height as f32 / self.scale),
        ]
    }

    /// Light and coverage at a place in millimetres.
    #[inline]
    fn sample(&self, x_mm: f32, y_mm: f32) -> (Light, f32) {
        let (x, y) = (x_mm * self.scale - 0.5, y_mm * self.scale - 0.5);
        let (x0, y0) = (floor(x), floor(y));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let clip = |v: i32, size: usize| (v.max(0) as usize).min(size - 1);
        let (left, right) = (clip(x0, self.width), clip(x0 + 1, self.width));
        let (top, low) = (
            clip(y0, self.height) * self.width,
            clip(y0 + 1, self.height) * self.width,
        );
        let cells = [top + left, top + right, low + left, low + right];
        let weights = [
            (1.0 - fx) * (1.0 - fy),
            fx * (1.0 - fy),
            (1.0 - fx) * fy,
            fx * fy,
        ];
        let mut light = [0.0; 3];
        for (cell, weight) in cells.iter().zip(weights) {
            for (sum, part) in light.iter_mut().zip(self.light[*cell]) {
                *sum += weight * part;
            }
        }
        let cover = if self.outline.is_empty() {
            1.0
        } else {
            let sum: f32 = cells
                .iter()
                .zip(weights)
                .map(|(cell, weight)| weight * f32::from(self.outline[*cell]))
                .sum();
            sum / 255.0
        };
        (light, cover)
    }
}

/// A picture's pixels as linear light.
fn lights(picture: &RgbImage) -> Vec<Light> {
    let table = &*TO_LIGHT;
    let (pixels, _) = picture.as_raw().as_chunks::<3>();
    pixels
        .iter()
        .map(|[r, g, b]| {
            [
                table[usize::from(*r)],
                table[usize::from(*g)],
                table[usize::from(*b)],
            ]
        })
        .collect()
}

/// Every second pixel of every second row, each the mean of four.
fn halved(light: &[Light], outline: &[u8], width: usize) -> (Vec<Light>, Vec<u8>) {
    let height = light.len() / width;
    let mut small = Vec::with_capacity(light.len() / 4);
    let mut small_outline = Vec::with_capacity(light.len() / 4);
    for y in 0..height / 2 {
        for x in 0..width / 2 {
            let at = 2 * y * width + 2 * x;
            let four = [at, at + 1, at + width, at + width + 1];
            small.push(std::array::from_fn(|k| {
                four.iter().map(|i| light[*i][k]).sum::<f32>() / 4.0
            }));
            let sum: u32 = four.iter().map(|i| u32::from(outline[*i])).sum();
            small_outline.push(((sum + 2) / 4) as u8);
        }
    }
    (small, small_outline)
}

/// What falls on the sensor.
pub(crate) struct Exposure {
    width: usize,
    height: usize,
    light: Vec<Light>,
    /// Room for [`Exposure::convolve`], kept from one to the next.
    spare: Vec<Light>,
}

impl Exposure {
    /// A dark one of so many pixels.
    pub(crate) fn dark(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            light: vec![[0.0; 3]; width * height],
            spare: Vec::new(),
        }
    }

    /// Paints a sheet: `to_picture` takes the sheet's millimetres to the picture's pixels, and the sheet's
    /// middle is bent upwards by so many millimetres.
    pub(crate) fn paint(&mut self, sheet: &Sheet, to_picture: &Homography, bend_mm: f64) {
        let [w, h] = sheet.size_mm();
        let reach = bend_mm.abs() + 0.5;
        let corners = [[0.0, -reach], [w, -reach], [w, h + reach], [0.0, h + reach]]
            .map(|p| to_picture.apply(p));
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for c in corners {
            for k in 0..2 {
                low[k] = low[k].min(c[k] - 1.0);
                high[k] = high[k].max(c[k] + 1.0);
            }
        }
        let [middle, beside] = [0.0, 1.0].map(|d| to_picture.apply([w / 2.0 + d, h / 2.0]));
        let shown = libm::hypot(middle[0] - beside[0], middle[1] - beside[1]) as f32;
        let clip = |v: f64, size: usize| v.clamp(0.0, size as f64) as usize;
        let back = to_picture.inverse();
        let (wide, high_mm) = (w as f32, h as f32);
        for y in clip(low[1], self.height)..clip(high[1].ceil(), self.height) {
            let from = clip(low[0], self.width);
            // Along a row the three homogeneous coordinates run evenly.
            let mut at_pixel = back.homogeneous([from as f64 + 0.5, y as f64 + 0.5]);
            let step = back.0.map(|row| row[0]);
            for x in from..clip(high[0].ceil(), self.width) {
                let w_inverse = 1.0 / at_pixel[2] as f32;
                let [mx, my] = [0, 1].map(|k| at_pixel[k] as f32 * w_inverse);
                for (v, more) in at_pixel.iter_mut().zip(step) {
                    *v += more;
                }
                let (mut flat, mut shine) = (my, 1.0);
                if bend_mm != 0.0 && (0.0..=wide).contains(&mx) {
                    let (s, c) = libm::sincosf(std::f32::consts::PI * mx / wide);
                    flat += bend_mm as f32 * s;
                    shine = 1.0 + 0.05 * bend_mm as f32 * c;
                }
                let inside_mm = mx.min(wide - mx).min(flat).min(high_mm - flat);
                let edge = (inside_mm * shown + 0.5).clamp(0.0, 1.0);
                if edge == 0.0 {
                    continue;
                }
                let (light, cover) = sheet.sample(mx, flat);
                let cover = cover * edge;
                if cover > 0.0 {
                    let at = &mut self.light[y * self.width + x];
                    for (seen, new) in at.iter_mut().zip(light) {
                        *seen += (new * shine - *seen) * cover;
                    }
                }
            }
        }
    }

    /// Exposure in stops, and what each channel is off by.
    pub(crate) fn tint(&mut self, stops: f32, cast: Light) {
        let by = gains(stops, cast);
        for pixel in &mut self.light {
            for (v, factor) in pixel.iter_mut().zip(by) {
                *v *= factor;
            }
        }
    }

    /// The lamps' unevenness, the lens's dark corners, exposure and colour cast.
    pub(crate) fn illuminate(&mut self, shot: &Shot, rng: &mut impl Rng) {
        let (s, c) = libm::sincosf(shot.shade_towards_degrees.to_radians());
        // Either light that falls off evenly, or the edge of somebody's shadow.
        let edge = rng.random_bool(0.35);
        let (edge_at, edge_width) = (within(rng, (-0.5, 0.5)), within(rng, (0.1, 0.6)));
        let by = gains(shot.exposure_stops, shot.cast);
        let (w, h) = (self.width as f32, self.height as f32);
        for (y, row) in self.light.chunks_exact_mut(self.width).enumerate() {
            let v = 2.0 * (y as f32 + 0.5) / h - 1.0;
            for (x, pixel) in row.iter_mut().enumerate() {
                let u = 2.0 * (x as f32 + 0.5) / w - 1.0;
                let along = (u * c + v * s) / std::f32::consts::SQRT_2;
                let depth = if edge {
                    let t = ((along - edge_at) / edge_width + 0.5).clamp(0.0, 1.0);
                    t * t * (3.0 - 2.0 * t)
                } else {
                    (along + 1.0) / 2.0
                };
                let corner = (u * u + v * v) / 2.0;
                let lit = (1.0 - shot.shade * depth) * (1.0 - shot.vignetting * corner);
                for (light, factor) in pixel.iter_mut().zip(by) {
                    *light *= lit * factor;
                }
            }
        }
    }

    /// A lamp's reflection somewhere on the document, never stronger on the zone than the shot says.
    pub(crate) fn glare(
        &mut self,
        shot: &Shot,
        document: &[Place],
        zone: &[Place],
        rng: &mut impl Rng,
    ) {
        if shot.glare <= 0.0 {
            return;
        }
        let extent = (self.width.min(self.height)) as f32;
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for p in document {
            for k in 0..2 {
                low[k] = low[k].min(p[k] as f32);
                high[k] = high[k].max(p[k] as f32);
            }
        }
        let spot = |rng: &mut _| Spot {
            centre: [
                within(rng, (low[0], high[0])),
                within(rng, (low[1], high[1])),
            ],
            radii: [
                within(rng, (0.05, 0.16)) * extent,
                within(rng, (0.08, 0.3)) * extent,
            ],
            turn: libm::sincosf(within(rng, (0.0, std::f32::consts::PI))),
        };
        let worst = |s: &Spot| {
            zone.iter()
                .map(|p| s.at(p[0] as f32, p[1] as f32))
                .fold(0.0f32, f32::max)
        };
        let mut chosen = spot(rng);
        for _ in 0..6 {
            if worst(&chosen) * shot.glare <= shot.glare_on_zone {
                break;
            }
            chosen = spot(rng);
        }
        let strength = shot
            .glare
            .min(shot.glare_on_zone / worst(&chosen).max(1e-6));
        let reach = SPOT_REACH * chosen.radii[0].max(chosen.radii[1]);
        let part = |k: usize, size: usize| {
            let clip = |v: f32| v.clamp(0.0, size as f32) as usize;
            clip(chosen.centre[k] - reach)..clip(chosen.centre[k] + reach + 1.0)
        };
        let across = part(0, self.width);
        for y in part(1, self.height) {
            for x in across.clone() {
                let added = strength * chosen.at(x as f32 + 0.5, y as f32 + 0.5);
                for v in &mut self.light[y * self.width + x] {
                    *v += added;
                }
            }
        }
    }

    /// Defocus, by a Gaussian of this standard deviation in pixels.
    pub(crate) fn defocus(&mut self, sigma_px: f32) {
        if sigma_px < 0.15 {
            return;
        }
        let reach = libm::ceilf(3.0 * sigma_px) as i32;
        let weight = |d: i32| libm::expf(-((d * d) as f32) / (2.0 * sigma_px * sigma_px));
        let sum: f32 = (-reach..=reach).map(weight).sum();
        let across: Vec<Tap> = (-reach..=reach)
            .map(|d| Tap(d, 0, weight(d) / sum))
            .collect();
        let down: Vec<Tap> = (-reach..=reach)
            .map(|d| Tap(0, d, weight(d) / sum))
            .collect();
        self.convolve(&across);
        self.convolve(&down);
    }

    /// Motion along a straight line of so many pixels.
    pub(crate) fn motion(&mut self, length_px: f32, towards_degrees: f32) {
        if length_px < 0.3 {
            return;
        }
        let (s, c) = libm::sincosf(towards_degrees.to_radians());
        let steps = (length_px * 3.0) as i32 + 2;
        let mut taps: Vec<Tap> = Vec::new();
        for i in 0..=steps {
            let t = length_px * (i as f32 / steps as f32 - 0.5);
            let (x, y) = (t * c, t * s);
            let (x0, y0) = (x.floor(), y.floor());
            let (fx, fy) = (x - x0, y - y0);
            let part = 1.0 / (steps + 1) as f32;
            for (dx, dy, weight) in [
                (0, 0, (1.0 - fx) * (1.0 - fy)),
                (1, 0, fx * (1.0 - fy)),
                (0, 1, (1.0 - fx) * fy),
                (1, 1, fx * fy),
            ] {
                let (tx, ty) = (x0 as i32 + dx, y0 as i32 + dy);
                match taps.iter_mut().find(|t| t.0 == tx && t.1 == ty) {
                    Some(tap) => tap.2 += weight * part,
                    None => taps.push(Tap(tx, ty, weight * part)),
                }
            }
        }
        taps.retain(|t| t.2 > 0.0);
        self.convolve(&taps);
    }

    /// Replaces every pixel by the weighted sum of its neighbours; the picture's edge goes on beyond it.
    fn convolve(&mut self, taps: &[Tap]) {
        let pad = taps
            .iter()
            .map(|t| t.0.abs().max(t.1.abs()))
            .max()
            .unwrap_or(0) as usize;
        let wide = self.width + 2 * pad;
        let mut padded = std::mem::take(&mut self.spare);
        padded.clear();
        padded.reserve(wide * (self.height + 2 * pad));
        for y in 0..self.height + 2 * pad {
            let from = y.saturating_sub(pad).min(self.height - 1) * self.width;
            let row = &self.light[from..from + self.width];
            padded.extend(std::iter::repeat_n(row[0], pad));
            padded.extend_from_slice(row);
            padded.extend(std::iter::repeat_n(row[self.width - 1], pad));
        }
        for (y, row) in self.light.chunks_exact_mut(self.width).enumerate() {
            row.fill([0.0; 3]);
            for Tap(dx, dy, weight) in taps {
                let from = (y + pad).wrapping_add_signed(*dy as isize) * wide
                    + pad.wrapping_add_signed(*dx as isize);
                let source = &padded[from..from + self.width];
                for (out, v) in row.as_flattened_mut().iter_mut().zip(source.as_flattened()) {
                    *out += weight * v;
                }
            }
        }
        self.spare = padded;
    }

    /// The sensor's noise, and the 8-bit sRGB picture.
    pub(crate) fn develop(&self, noise_levels: f32, seed: Seed) -> RgbImage {
        let mut bytes = vec![0u8; self.light.len() * 3];
        let (levels, normals) = (Levels::table(), &*NORMALS);
        let mut state = mix(seed.0 ^ 0x006E_6F69_7365);
        let mut last = 0.0;
        let (out, _) = bytes.as_chunks_mut::<3>();
        for (pixel, developed) in self.light.iter().zip(out) {
            // SplitMix64: one step gives four places in the table.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let bits = mix(state);
            let normal = |k: usize| normals[(bits >> (16 * k)) as usize % NORMAL_COUNT];
            // Cameras smooth their noise a little, and keep less of its colour.
            let brightness = 0.85 * normal(3) + 0.45 * last;
            last = normal(3);
            for k in 0..3 {
                let level = levels.of(pixel[k]);
                let grain = 0.95 * (brightness + 0.45 * normal(k));
                let noisy = level + noise_levels * (1.15 - 0.4 / 255.0 * level) * grain;
                // (The cast keeps to 0..=255 by itself.)
                developed[k] = (noisy + 0.5) as u8;
            }
        }
        RgbImage::from_raw(self.width as u32, self.height as u32, bytes)
            .expect("three bytes for every pixel")
    }
}

/// By how much each channel grows: exposure in stops, and what it is off by.
fn gains(stops: f32, cast: Light) -> Light {
    let gain = libm::exp2f(stops);
    cast.map(|c| gain * (1.0 + c))
}

/// One neighbour: how far to the right, how far down, and its weight.
struct Tap(i32, i32, f32);

/// How many of its radii a reflection reaches.
const SPOT_REACH: f32 = 2.6;

/// A reflection: an oval that fades outwards.
struct Spot {
    centre: [f32; 2],
    radii: [f32; 2],
    turn: (f32, f32),
}

impl Spot {
    /// 1 in the middle, towards 0 outside.
    fn at(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.centre[0], y - self.centre[1]);
        let (s, c) = self.turn;
        let (u, v) = (
            (dx * c + dy * s) / self.radii[0],
            (dy * c - dx * s) / self.radii[1],
        );
        let squared = u * u + v * v;
        if squared > SPOT_REACH * SPOT_REACH {
            return 0.0;
        }
        libm::expf(-0.5 * squared * (0.6 + 0.4 * squared))
    }
}

/// How many normally distributed numbers are kept: few enough to stay near the processor.
const NORMAL_COUNT: usize = 1 << 12;

/// Normally distributed numbers, of mean 0 and variance 1.
static NORMALS: LazyLock<[f32; NORMAL_COUNT]> = LazyLock::new(|| {
    let rng = &mut Seed(0).stream("normals");
    let mut numbers = [0.0; NORMAL_COUNT];
    let (pairs, _) = numbers.as_chunks_mut::<2>();
    for pair in pairs {
        let (a, b): (f32, f32) = (rng.random(), rng.random());
        let radius = (-2.0 * libm::logf(1.0 - a)).sqrt();
        let (s, c) = libm::sincosf(std::f32::consts::TAU * b);
        *pair = [radius * c, radius * s];
    }
    let count = NORMAL_COUNT as f32;
    let mean = numbers.iter().sum::<f32>() / count;
    let variance = numbers.iter().map(|n| (n - mean) * (n - mean)).sum::<f32>() / count;
    numbers.map(|n| (n - mean) / variance.sqrt())
});

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(picture: &RgbImage) -> f32 {
        let values: Vec<f32> = picture.as_raw().iter().map(|v| f32::from(*v)).collect();
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / values.len() as f32).sqrt()
    }

    #[test]
    fn noise_is_as_strong_as_asked() {
        let mut grey = Exposure::dark(200, 200);
        grey.light.fill([0.2; 3]);
        for levels in [1.0f32, 4.0, 10.0] {
            let found = spread(&grey.develop(levels, Seed(1)));
            assert!(
                (found - levels).abs() < 0.2 * levels + 0.3,
                "{levels} asked, {found} found"
            );
        }
    }

    #[test]
    fn blurs_keep_light_and_spread_a_point() {
        let mut point = Exposure::dark(41, 41);
        point.light[20 * 41 + 20] = [1.0; 3];
        point.defocus(2.0);
        let sum: f32 = point.light.iter().map(|l| l[0]).sum();
        assert!((sum - 1.0).abs() < 1e-3);
        let variance: f32 = (0..41 * 41)
            .map(|i| point.light[i][1] * ((i % 41) as f32 - 20.0) * ((i % 41) as f32 - 20.0))
            .sum();
        assert!((variance - 4.0).abs() < 0.2, "{variance}");
        let mut moved = Exposure::dark(41, 41);
        moved.light[20 * 41 + 20] = [1.0; 3];
        moved.motion(9.0, 0.0);
        let lit = (0..41)
            .filter(|x| moved.light[20 * 41 + x][0] > 0.02)
            .count();
        assert!((8..=11).contains(&lit), "{lit}");
        assert!(moved.light[19 * 41 + 20][0] < 1e-4);
    }

    #[test]
    fn an_upright_sheet_is_painted_where_it_lies() {
        let mut canvas = Canvas::new(10.0, 10.0, 4.0, [0.2; 3]);
        let mut mask = canvas.mask();
        mask.rectangle(crate::utopia::canvas::RectMm::new(5.0, 5.0, 5.0, 5.0), 0.0);
        canvas.lay(&mask, [0.9; 3], 1.0);
        let sheet = Sheet::of_canvas(&canvas, Vec::new());
        let mut exposure = Exposure::dark(60, 60);
        exposure.paint(
            &sheet,
            &Homography([[4.0, 0.0, 8.0], [0.0, 4.0, 8.0], [0.0, 0.0, 1.0]]),
            0.0,
        );
        let at = |x: usize, y: usize| exposure.light[y * 60 + x][0];
        assert!(at(4, 4) < 1e-6);
        assert!((at(10, 10) - 0.2).abs() < 1e-3);
        assert!((at(40, 40) - 0.9).abs() < 1e-2);
        assert!((at(26, 40) - 0.2).abs() < 1e-2);
        assert!(at(55, 55) < 1e-6);
    }
}
