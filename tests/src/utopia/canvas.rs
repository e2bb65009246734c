//! The sheet that is printed on and the masks through which ink falls, both measured in millimetres.
//!
//! Colours are linear light; sRGB stands only at the two ends.

use image::RgbImage;

use super::light::{Levels, Light};

/// A place in millimetres: x to the right, y down, from the sheet's top left corner.
pub type Point = [f32; 2];

/// A rectangle in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RectMm {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl RectMm {
    /// The rectangle with this upper left corner and size, all in millimetres.
    #[must_use]
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Upper left, upper right, lower right, lower left.
    #[must_use]
    pub fn corners(&self) -> [Point; 4] {
        let (right, low) = (self.x + self.width, self.y + self.height);
        [
            [self.x, self.y],
            [right, self.y],
            [right, low],
            [self.x, low],
        ]
    }
}

/// Pixels touched in a mask: half-open ranges.
#[derive(Debug, Clone, Copy)]
struct Touched {
    x: (usize, usize),
    y: (usize, usize),
}

/// Where ink falls: coverage 0 to 255 of every pixel.
#[derive(Debug, Clone)]
pub(crate) struct Mask {
    width: usize,
    height: usize,
    /// Pixels per millimetre.
    scale: f32,
    cover: Vec<u8>,
    touched: Option<Touched>,
}

impl Mask {
    /// An empty mask of so many pixels.
    pub(crate) fn new(width: usize, height: usize, scale: f32) -> Self {
        Self {
            width,
            height,
            scale,
            cover: vec![0; width * height],
            touched: None,
        }
    }

    /// Pixels per millimetre.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// Coverage of all pixels, row by row.
    pub(crate) fn cover(&self) -> &[u8] {
        &self.cover
    }

    /// Makes the mask empty again.
    pub(crate) fn clear(&mut self) {
        if let Some(t) = self.touched.take() {
            for y in t.y.0..t.y.1 {
                self.cover[y * self.width + t.x.0..y * self.width + t.x.1].fill(0);
            }
        }
    }

    /// Makes this mask the same as another of its size.
    pub(crate) fn become_copy_of(&mut self, other: &Self) {
        self.clear();
        if let Some(t) = other.touched {
            for y in t.y.0..t.y.1 {
                let row = y * self.width + t.x.0..y * self.width + t.x.1;
                self.cover[row.clone()].copy_from_slice(&other.cover[row]);
            }
            self.touched = Some(t);
        }
    }

    /// The pixels that a box in pixel units meets, marked as touched; `None` outside the mask.
    fn touch(&mut self, x0: f32, y0: f32, x1: f32, y1: f32) -> Option<Touched> {
        let clip = |low: f32, high: f32, size: usize| {
            let from = low.floor().clamp(0.0, size as f32) as usize;
            let to = high.ceil().clamp(0.0, size as f32) as usize;
            (from, to)
        };
        let meets = Touched {
            x: clip(x0, x1, self.width),
            y: clip(y0, y1, self.height),
        };
        if meets.x.0 >= meets.x.1 || meets.y.0 >= meets.y.1 {
            return None;
        }
        self.touched = Some(match self.touched {
            None => meets,
            Some(t) => Touched {
                x: (t.x.0.min(meets.x.0), t.x.1.max(meets.x.1)),
                y: (t.y.0.min(meets.y.0), t.y.1.max(meets.y.1)),
            },
        });
        Some(meets)
    }

    /// Raises pixels' coverage (0 to 1) where it is higher than what stands there: a block with its upper
    /// left corner at a pixel, row by row.
    pub(crate) fn raise(&mut self, left: i64, top: i64, width: usize, block: &[f32]) {
        let high = block.len() / width.max(1);
        let (x, y) = (left as f32, top as f32);
        let Some(t) = self.touch(x, y, x + width as f32, y + high as f32) else {
            return;
        };
        for y in t.y.0..t.y.1 {
            for x in t.x.0..t.x.1 {
                let inside = (y as i64 - top) as usize * width + (x as i64 - left) as usize;
                let at = &mut self.cover[y * self.width + x];
                *at = (*at).max((block[inside].clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
            }
        }
    }

    /// A line through points, with round ends. A single point makes a dot.
    pub(crate) fn stroke(&mut self, points: &[Point], width_mm: f32) {
        let wanted = width_mm * self.scale / 2.0;
        // A line thinner than a pixel covers each pixel in part.
        let radius = wanted.max(0.5);
        let strength = (wanted * 2.0).min(1.0);
        let dot = [points.first(), points.first()];
        let segments = points.windows(2).map(|w| [w.first(), w.last()]);
        let alone = (points.len() == 1).then_some(dot);
        for segment in segments.chain(alone) {
            let [Some(a), Some(b)] = segment else {
                continue;
            };
            let [a, b] = [a, b].map(|p| [p[0] * self.scale, p[1] * self.scale]);
            let reach = radius + 1.0;
            let Some(t) = self.touch(
                a[0].min(b[0]) - reach,
                a[1].min(b[1]) - reach,
                a[0].max(b[0]) + reach,
                a[1].max(b[1]) + reach,
            ) else {
                continue;
            };
            let d = [b[0] - a[0], b[1] - a[1]];
            let length_squared = (d[0] * d[0] + d[1] * d[1]).max(1e-9);
            for y in t.y.0..t.y.1 {
                let row = &mut self.cover[y * self.width..(y + 1) * self.width];
                let py = y as f32 + 0.5 - a[1];
                for (x, at) in row.iter_mut().enumerate().take(t.x.1).skip(t.x.0) {
                    let px = x as f32 + 0.5 - a[0];
                    let along = ((px * d[0] + py * d[1]) / length_squared).clamp(0.0, 1.0);
                    let (ex, ey) = (px - along * d[0], py - along * d[1]);
                    let squared = ex * ex + ey * ey;
                    if squared < reach * reach {
                        let cover = (radius + 0.5 - squared.sqrt()).clamp(0.0, 1.0) * strength;
                        *at = (*at).max((cover * 255.0 + 0.5) as u8);
                    }
                }
            }
        }
    }

    /// A filled convex polygon whose corners are rounded with a radius.
    pub(crate) fn polygon(&mut self, corners: &[Point], radius_mm: f32) {
        if corners.len() < 3 {
            return;
        }
        let s = self.scale;
        let radius = radius_mm * s;
        let px: Vec<Point> = corners.iter().map(|p| [p[0] * s, p[1] * s]).collect();
        let n = px.len();
        let area: f32 = (0..n)
            .map(|i| px[i][0] * px[(i + 1) % n][1] - px[(i + 1) % n][0] * px[i][1])
            .sum();
        let turn = if area < 0.0 { -1.0 } else { 1.0 };
        // Every edge as outward normal and offset, the polygon shrunk by the radius.
        let edges: Vec<(Point, f32)> = (0..n)
            .map(|i| {
                let (a, b) = (px[i], px[(i + 1) % n]);
                let d = [b[0] - a[0], b[1] - a[1]];
                let length = (d[0] * d[0] + d[1] * d[1]).sqrt().max(1e-6);
                let normal = [turn * d[1] / length, -turn * d[0] / length];
                (normal, normal[0] * a[0] + normal[1] * a[1] - radius)
            })
            .collect();
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for p in &px {
            for k in 0..2 {
                low[k] = low[k].min(p[k]);
                high[k] = high[k].max(p[k]);
            }
        }
        let Some(t) = self.touch(low[0] - 1.0, low[1] - 1.0, high[0] + 1.0, high[1] + 1.0) else {
            return;
        };
        for y in t.y.0..t.y.1 {
            let cy = y as f32 + 0.5;
            // The part of the row that lies no farther than this outside every edge.
            let part = |outside: f32| {
                let (mut from, mut to) = (t.x.0 as f32, t.x.1 as f32);
                for (normal, offset) in &edges {
                    let room = outside + offset - normal[1] * cy;
                    if normal[0] > 1e-6 {
                        to = to.min(room / normal[0]);
                    } else if normal[0] < -1e-6 {
                        from = from.max(room / normal[0]);
                    } else if room < 0.0 {
                        to = from;
                    }
                }
                (from as usize, (to.max(from) as usize + 1).min(t.x.1))
            };
            let (from, to) = part(radius + 1.0);
            // Two pixels of room on both sides: whole pixels only.
            let (full_from, full_to) = part(-2.0);
            let row = &mut self.cover[y * self.width..(y + 1) * self.width];
            let full = full_from + 2..full_to.saturating_sub(2).max(full_from + 2);
            for (x, at) in row.iter_mut().enumerate().take(to).skip(from) {
                if full.contains(&x) {
                    *at = 255;
                    continue;
                }
                let cx = x as f32 + 0.5;
                let (mut first, mut second) = (f32::MIN, f32::MIN);
                for (normal, offset) in &edges {
                    let d = normal[0] * cx + normal[1] * cy - offset;
                    if d > first {
                        second = first;
                        first = d;
                    } else if d > second {
                        second = d;
                    }
                }
                // Beyond two edges of the shrunken polygon the distance is that to its corner
                // (exact for right angles, near enough for others).
                let distance = if second > 0.0 {
                    (first * first + second * second).sqrt()
                } else {
                    first
                };
                let cover = (0.5 + radius - distance).clamp(0.0, 1.0);
                *at = (*at).max((cover * 255.0 + 0.5) as u8);
            }
        }
    }

    /// A filled rectangle with rounded corners.
    pub(crate) fn rectangle(&mut self, rect: RectMm, radius_mm: f32) {
        self.polygon(&rect.corners(), radius_mm);
    }

    /// Blurs what stands in the mask, nearly as a Gaussian of this standard deviation would.
    pub(crate) fn soften(&mut self, sigma_mm: f32) {
        let sigma = sigma_mm * self.scale;
        let Some(t) = self.touched else { return };
        // Three boxes of radius r have the variance r(r+1).
        let radius = ((sigma * sigma + 0.25).sqrt() - 0.5).round().max(0.0) as usize;
        if radius == 0 {
            return;
        }
        let reach = 3.0 * radius as f32;
        let Some(t) = self.touch(
            t.x.0 as f32 - reach,
            t.y.0 as f32 - reach,
            t.x.1 as f32 + reach,
            t.y.1 as f32 + reach,
        ) else {
            return;
        };
        for _ in 0..3 {
            self.average_across(t, radius);
            self.average_down(t, radius);
        }
    }

    /// Averages every touched row over a window of `2 * radius + 1`; beyond its ends there is nothing.
    fn average_across(&mut self, t: Touched, radius: usize) {
        let window = (2 * radius + 1) as u32;
        let mut line = Vec::new();
        for y in t.y.0..t.y.1 {
            let row = &mut self.cover[y * self.width + t.x.0..y * self.width + t.x.1];
            line.clear();
            line.extend_from_slice(row);
            let mut sum: u32 = line.iter().take(radius).map(|v| u32::from(*v)).sum();
            for (i, out) in row.iter_mut().enumerate() {
                if let Some(entering) = line.get(i + radius) {
                    sum += u32::from(*entering);
                }
                if i > radius {
                    sum -= u32::from(line[i - radius - 1]);
                }
                *out = ((sum + window / 2) / window) as u8;
            }
        }
    }

    /// The same down every touched column, a row at a time.
    fn average_down(&mut self, t: Touched, radius: usize) {
        let window = (2 * radius + 1) as u32;
        let wide = t.x.1 - t.x.0;
        let mut before: Vec<u8> = Vec::with_capacity(wide * (t.y.1 - t.y.0));
        for y in t.y.0..t.y.1 {
            before.extend_from_slice(&self.cover[y * self.width + t.x.0..y * self.width + t.x.1]);
        }
        let rows: Vec<&[u8]> = before.chunks_exact(wide).collect();
        let mut sums = vec![0u32; wide];
        for row in rows.iter().take(radius) {
            sums.iter_mut()
                .zip(*row)
                .for_each(|(s, v)| *s += u32::from(*v));
        }
        for i in 0..rows.len() {
            if let Some(entering) = rows.get(i + radius) {
                sums.iter_mut()
                    .zip(*entering)
                    .for_each(|(s, v)| *s += u32::from(*v));
            }
            if i > radius {
                sums.iter_mut()
                    .zip(rows[i - radius - 1])
                    .for_each(|(s, v)| *s -= u32::from(*v));
            }
            let from = (t.y.0 + i) * self.width + t.x.0;
            let out = &mut self.cover[from..from + wide];
            out.iter_mut()
                .zip(&sums)
                .for_each(|(o, s)| *o = ((s + window / 2) / window) as u8);
        }
    }

    /// Changes every coverage by a function of its place in millimetres and itself (0 to 1).
    pub(crate) fn weigh(&mut self, change: impl Fn(f32, f32, f32) -> f32) {
        let Some(t) = self.touched else { return };
        for y in t.y.0..t.y.1 {
            for x in t.x.0..t.x.1 {
                let at = &mut self.cover[y * self.width + x];
                let (mx, my) = ((x as f32 + 0.5) / self.scale, (y as f32 + 0.5) / self.scale);
                let changed = change(mx, my, f32::from(*at) / 255.0);
                *at = (changed.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
            }
        }
    }
}

/// A sheet of light: what a printed page or a desk reflects.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    /// Pixels per millimetre.
    scale: f32,
    light: Vec<Light>,
}

impl Canvas {
    /// A sheet of one colour, so large in millimetres.
    pub(crate) fn new(width_mm: f32, height_mm: f32, scale: f32, light: Light) -> Self {
        let width = ((width_mm * scale).round() as usize).max(1);
        let height = ((height_mm * scale).round() as usize).max(1);
        Self {
            width,
            height,
            scale,
            light: vec![light; width * height],
        }
    }

    /// An empty mask that fits.
    pub(crate) fn mask(&self) -> Mask {
        Mask::new(self.width, self.height, self.scale)
    }

    /// Size in pixels.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Pixels per millimetre.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// All pixels, row by row.
    pub(crate) fn light(&self) -> &[Light] {
        &self.light
    }

    /// Prints a transparent ink through a mask: what is under it shows, darkened.
    pub(crate) fn print(&mut self, mask: &Mask, ink: Light, density: f32) {
        self.through(mask, density, |under, cover| {
            std::array::from_fn(|k| under[k] * (1.0 - cover * (1.0 - ink[k])))
        });
    }

    /// Lays an opaque colour through a mask.
    pub(crate) fn lay(&mut self, mask: &Mask, light: Light, opacity: f32) {
        self.through(mask, opacity, |under, cover| {
            std::array::from_fn(|k| under[k] + (light[k] - under[k]) * cover)
        });
    }

    /// Changes every pixel under a mask; `change` is given what is there and the coverage, 0 to 1.
    fn through(&mut self, mask: &Mask, density: f32, change: impl Fn(Light, f32) -> Light) {
        let Some(t) = mask.touched else { return };
        for y in t.y.0..t.y.1.min(self.height) {
            let row = y * self.width;
            for x in t.x.0..t.x.1.min(self.width) {
                let cover = mask.cover[row + x];
                if cover > 0 {
                    let cover = f32::from(cover) / 255.0 * density;
                    self.light[row + x] = change(self.light[row + x], cover);
                }
            }
        }
    }

    /// Changes every pixel; `change` is given its place in millimetres and what is there.
    pub(crate) fn wash(&mut self, change: impl Fn(f32, f32, Light) -> Light) {
        for y in 0..self.height {
            let my = (y as f32 + 0.5) / self.scale;
            for x in 0..self.width {
                let mx = (x as f32 + 0.5) / self.scale;
                let at = &mut self.light[y * self.width + x];
                *at = change(mx, my, *at);
            }
        }
    }

    /// The sheet as an 8-bit sRGB picture.
    pub(crate) fn to_picture(&self) -> RgbImage {
        let levels = Levels::table();
        let lights = self.light.as_flattened().iter();
        let bytes = lights.map(|v| (levels.of(*v) + 0.5) as u8).collect();
        RgbImage::from_raw(self.width as u32, self.height as u32, bytes)
            .expect("three bytes for every pixel")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The area in square millimetres that a mask covers.
    fn area(mask: &Mask) -> f32 {
        let sum: f32 = mask.cover.iter().map(|c| f32::from(*c) / 255.0).sum();
        sum / (mask.scale * mask.scale)
    }

    #[test]
    fn shapes_cover_the_area_that_geometry_says() {
        let mut mask = Mask::new(400, 400, 10.0);
        mask.rectangle(RectMm::new(5.0, 5.0, 20.0, 10.0), 0.0);
        assert!((area(&mask) - 200.0).abs() < 1.0);
        mask.clear();
        mask.rectangle(RectMm::new(5.0, 5.0, 20.0, 10.0), 3.0);
        let rounded = 200.0 - (4.0 - std::f32::consts::PI) * 9.0;
        assert!((area(&mask) - rounded).abs() < 1.5, "{}", area(&mask));
        mask.clear();
        mask.stroke(&[[5.0, 20.0], [35.0, 20.0]], 0.5);
        let line = 15.0 + std::f32::consts::PI * 0.0625;
        assert!((area(&mask) - line).abs() < 0.5, "{}", area(&mask));
        mask.clear();
        assert_eq!(area(&mask), 0.0);
    }

    #[test]
    fn a_turned_shape_covers_as_much_as_an_upright_one() {
        let mut mask = Mask::new(400, 400, 10.0);
        for degrees in (0..180).step_by(15) {
            let (s, c) = libm::sincosf((degrees as f32).to_radians());
            let turned = [[-8.0, -5.0], [8.0, -5.0], [8.0, 5.0], [-8.0, 5.0]]
                .map(|[x, y]: Point| [20.0 + c * x - s * y, 20.0 + s * x + c * y]);
            mask.polygon(&turned, 0.0);
            assert!(
                (area(&mask) - 160.0).abs() < 1.0,
                "{degrees}: {}",
                area(&mask)
            );
            mask.clear();
            // The other way round, with round corners.
            mask.polygon(&[turned[3], turned[2], turned[1], turned[0]], 2.0);
            let rounded = 160.0 - (4.0 - std::f32::consts::PI) * 4.0;
            assert!(
                (area(&mask) - rounded).abs() < 1.5,
                "{degrees}: {}",
                area(&mask)
            );
            mask.clear();
        }
    }

    #[test]
    fn a_line_thinner_than_a_pixel_is_fainter_and_not_gone() {
        let mut mask = Mask::new(100, 100, 2.0);
        mask.stroke(&[[5.0, 20.25], [45.0, 20.25]], 0.1);
        assert!((area(&mask) - 4.0).abs() < 1.0, "{}", area(&mask));
    }

    #[test]
    fn softening_keeps_the_ink() {
        let mut mask = Mask::new(200, 200, 5.0);
        mask.rectangle(RectMm::new(15.0, 15.0, 10.0, 10.0), 0.0);
        let before = area(&mask);
        mask.soften(1.0);
        assert!((area(&mask) - before).abs() < before * 0.02);
        assert!(mask.cover.iter().any(|c| (1..250).contains(c)));
    }

    #[test]
    fn drawing_outside_the_sheet_is_nothing() {
        let mut mask = Mask::new(10, 10, 1.0);
        mask.stroke(&[[-50.0, -50.0], [-20.0, -20.0]], 1.0);
        mask.polygon(&[[20.0, 20.0], [30.0, 20.0], [30.0, 30.0]], 0.0);
        mask.raise(-1, 5, 1, &[1.0]);
        mask.stroke(&[], 1.0);
        assert!(mask.cover.iter().all(|c| *c == 0));
    }
}
