//! One channel of a picture as numbers: grey values, scaled copies, samples between pixels.

use crate::Picture;
use image::{GrayImage, RgbImage};
use std::cell::OnceCell;

/// A picture whose longest side is beyond this, in pixels, is not at once made grey as a whole: its half is,
/// and the whole where print is found that is too small for it.
const LARGEST_WHOLE: u32 = 2048;
/// How many times a picture is halved.
const HALVINGS: usize = 3;
/// A reduced copy is made of one that is larger by this, where there is one: made of one hardly larger, some
/// of its pixels would be means and others would not.
const LEAST_REDUCED: f32 = 1.25;
/// Capitals lower than this in the largest copy, in its pixels, are looked at in the whole picture.
const LOWEST_CAPITAL: f32 = 15.0;

/// Grey values 0 to 255, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

/// A pixel as grey. Print of a zone is black (Doc 9303-3 §4.1: visible in infrared), paper and its
/// pattern coloured, so the lightest channel counts as much as luminance: colour fades.
fn grey(r: u32, g: u32, b: u32) -> u8 {
    ((luminance_of(r, g, b) * 5 + r.max(g).max(b) * 3) >> 3) as u8
}

/// A pixel's luminance as JPEG has it (ITU-R BT.601).
fn luminance_of(r: u32, g: u32, b: u32) -> u32 {
    (77 * r + 150 * g + 29 * b) >> 8
}

impl Plane {
    /// The whole picture as grey.
    fn from_rgb(rgb: &RgbImage) -> Self {
        let data = rgb
            .as_raw()
            .as_chunks::<3>()
            .0
            .iter()
            .map(|p| grey(p[0].into(), p[1].into(), p[2].into()))
            .collect();
        Self {
            width: rgb.width() as usize,
            height: rgb.height() as usize,
            data,
        }
    }

    /// The whole picture as grey, from its luminance and the colours of a copy of which one pixel stands for
    /// several of its own either way.
    fn tinted(luminance: GrayImage, colours: &RgbImage, halvings: u8) -> Self {
        let (width, height) = (luminance.width() as usize, luminance.height() as usize);
        let side = 1usize << halvings;
        let mut data = luminance.into_raw();
        let colours = colours
            .as_raw()
            .chunks_exact(colours.width().max(1) as usize * 3);
        for (rows, colours) in data.chunks_mut(width.max(1) * side).zip(colours) {
            // By how much colour makes each place lighter than its luminance.
            let tints: Vec<u8> = colours
                .as_chunks::<3>()
                .0
                .iter()
                .map(|p| {
                    let [r, g, b] = p.map(u32::from);
                    u32::from(grey(r, g, b)).saturating_sub(luminance_of(r, g, b)) as u8
                })
                .collect();
            for row in rows.chunks_mut(width.max(1)) {
                for (values, tint) in row.chunks_mut(side).zip(&tints) {
                    for value in values {
                        *value = value.saturating_add(*tint);
                    }
                }
            }
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// The picture as grey at half its size, from the mean colour of each four pixels.
    fn half_of_rgb(rgb: &RgbImage) -> Self {
        let (width, height) = (rgb.width() as usize / 2, rgb.height() as usize / 2);
        let line = rgb.width() as usize * 3;
        let mut data = Vec::with_capacity(width * height);
        for rows in rgb.as_raw().chunks_exact(2 * line).take(height) {
            let (upper, lower) = rows.split_at(line);
            let (upper, lower) = (upper.as_chunks::<6>().0, lower.as_chunks::<6>().0);
            data.extend(upper.iter().zip(lower).map(|(u, l)| {
                let mean = |c: usize| {
                    let sum = u32::from(u[c]) + u32::from(u[c + 3]);
                    (sum + u32::from(l[c]) + u32::from(l[c + 3]) + 2) >> 2
                };
                grey(mean(0), mean(1), mean(2))
            }));
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// A copy of half the size, each new pixel the mean of four; a last odd row or column is left out.
    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        if width == 0 || height == 0 {
            return self.reduced(2.0);
        }
        let mut data = Vec::with_capacity(width * height);
        for rows in self.data.chunks_exact(2 * self.width).take(height) {
            let (upper, lower) = rows.split_at(self.width);
            let pairs = upper
                .as_chunks::<2>()
                .0
                .iter()
                .zip(lower.as_chunks::<2>().0);
            data.extend(pairs.map(|(u, l)| {
                let sum = [u[0], u[1], l[0], l[1]].map(u16::from);
                ((sum[0] + sum[1] + sum[2] + sum[3] + 2) >> 2) as u8
            }));
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// A copy scaled down by `factor` (at least 1), each new pixel the mean of the area it covers, pixels that
    /// it covers in part counted in part.
    pub(crate) fn reduced(&self, factor: f32) -> Self {
        let width = ((self.width as f32 / factor) as usize).max(1);
        let height = ((self.height as f32 / factor) as usize).max(1);
        if width == self.width && height == self.height {
            return self.clone();
        }
        let across: Vec<(Span, f32)> = spans(self.width, width)
            .into_iter()
            .map(|span| (span, span.total() as f32))
            .collect();
        let mut data = Vec::with_capacity(width * height);
        let mut sums = vec![0u32; self.width];
        for down in spans(self.height, height) {
            sums.fill(0);
            for (y, share) in down.shares() {
                let row = &self.data[y * self.width..(y + 1) * self.width];
                // A whole pixel's share times the lightest value just fits into sixteen bits.
                let share = share as u16;
                for (s, v) in sums.iter_mut().zip(row) {
                    *s += u32::from(share * u16::from(*v));
                }
            }
            let count = down.total() as f32;
            data.extend(across.iter().map(|(span, total)| {
                let within: f32 = sums[(span.first + 1).min(span.last)..span.last]
                    .iter()
                    .map(|s| *s as f32)
                    .sum();
                let sum = span.head as f32 * sums[span.first] as f32
                    + span.tail as f32 * sums[span.last] as f32
                    + WHOLE as f32 * within;
                (sum / (count * total) + 0.5) as u8
            }));
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// The grey value at a point between pixels (pixel centres at whole numbers), the edge's beyond it.
    pub(crate) fn sample(&self, point: [f32; 2]) -> f32 {
        if self.holds(point) {
            return self.sample_inside(point);
        }
        let x = point[0].clamp(0.0, (self.width - 1) as f32);
        let y = point[1].clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| f32::from(self.data[y * self.width + x]);
        let top = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * fx;
        let bottom = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * fx;
        top + (bottom - top) * fy
    }

    /// The same at a point that is known to lie at least a pixel from the right and the lower edge.
    #[inline]
    fn sample_inside(&self, [x, y]: [f32; 2]) -> f32 {
        let (column, row) = (x as u32, y as u32);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let at = row as usize * self.width + column as usize;
        let (upper, lower) = (&self.data[at..at + 2], &self.data[at + self.width..][..2]);
        let mix = |pair: &[u8]| {
            let (left, right) = (f32::from(pair[0]), f32::from(pair[1]));
            left + (right - left) * fx
        };
        let (top, bottom) = (mix(upper), mix(lower));
        top + (bottom - top) * fy
    }

    /// Whether [`Plane::sample_inside`] may be asked for a point.
    fn holds(&self, [x, y]: [f32; 2]) -> bool {
        let holds = |v: f32, side: usize| v >= 0.0 && v < side as f32 - 1.1;
        holds(x, self.width) && holds(y, self.height)
    }
}

/// A pixel that is covered wholly counts so much.
const WHOLE: u32 = 256;

/// The old pixels that a new one covers, from the first to the last.
#[derive(Clone, Copy)]
struct Span {
    first: usize,
    last: usize,
    /// How much of the first and of the last is covered, of [`WHOLE`]; with one pixel only, the head counts.
    head: u32,
    tail: u32,
}

impl Span {
    /// Each old pixel and how much of it is covered.
    fn shares(self) -> impl Iterator<Item = (usize, u32)> {
        let ends = [(self.first, self.head), (self.last, self.tail)];
        let within = self.first + 1..self.last;
        let all = ends.into_iter().chain(within.map(|at| (at, WHOLE)));
        all.filter(|(_, share)| *share > 0)
    }

    /// The sum of all shares.
    fn total(self) -> u32 {
        self.shares().map(|(_, share)| share).sum()
    }
}

/// What each of `new` pixels covers of `old` ones; never nothing.
fn spans(old: usize, new: usize) -> Vec<Span> {
    let whole = WHOLE as usize;
    (0..new)
        .map(|i| {
            // In parts of a pixel, from the new pixel's left side to its right.
            let (left, right) = (i * old * whole / new, (i + 1) * old * whole / new);
            let (first, last) = (left / whole, (right.max(left + 1) - 1) / whole);
            if first == last {
                let head = (right.max(left + 1) - left) as u32;
                return Span {
                    first,
                    last,
                    head,
                    tail: 0,
                };
            }
            Span {
                first,
                last,
                head: ((first + 1) * whole - left) as u32,
                tail: (right - last * whole) as u32,
            }
        })
        .collect()
}

/// A picture as grey in its own size and in halves of it: print is looked at in the smallest copy that
/// still shows all of it.
#[derive(Debug)]
pub(crate) struct Pyramid<'a> {
    picture: &'a Picture,
    /// The whole, once it is needed.
    whole: OnceCell<Plane>,
    /// Copies by how often they were halved; the first is the whole or, of a large picture, a fraction.
    copies: Vec<Plane>,
    /// How often the first of `copies` was halved: 0, 1 or 2.
    first: usize,
}

/// A picture as seen in one of its copies, in the whole picture's coordinates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    plane: &'a Plane,
    /// Pixels of the picture for one of the copy.
    pub(crate) scale: f32,
}

impl<'a> Pyramid<'a> {
    pub(crate) fn of(picture: &'a Picture) -> Self {
        let (decoded, halvings) = picture.decoded();
        let (width, height) = decoded.dimensions();
        let halve = halvings == 0 && width.max(height) > LARGEST_WHOLE && width.min(height) > 1;
        let largest = if halve {
            Plane::half_of_rgb(decoded)
        } else {
            Plane::from_rgb(decoded)
        };
        let first = usize::from(halvings) + usize::from(halve);
        let mut copies = vec![largest];
        for k in first..HALVINGS {
            copies.push(copies[k - first].halved());
        }
        Self {
            picture,
            whole: OnceCell::new(),
            copies,
            first,
        }
    }

    /// Whether print of so many pixels of height is too small for what was made so far.
    pub(crate) fn is_coarse_for(&self, height: f32) -> bool {
        self.first > 0
            && height < LOWEST_CAPITAL * (1 << self.first) as f32
            && self.whole.get().is_none()
    }

    /// Makes sure that [`Pyramid::look`] shows print of so many pixels of height as well as the pixels
    /// that are decoded already can show it.
    pub(crate) fn come_close(&self, height: f32) {
        let (_, halvings) = self.picture.decoded();
        if halvings == 0 {
            self.come_closest(height);
        }
    }

    /// The same, and decodes the whole picture where that is too coarse.
    pub(crate) fn come_closest(&self, height: f32) {
        if self.is_coarse_for(height) {
            self.whole.get_or_init(|| match self.picture.luminance() {
                Some(luminance) => {
                    let (colours, halvings) = self.picture.decoded();
                    Plane::tinted(luminance, colours, halvings)
                }
                None => Plane::from_rgb(self.picture.rgb()),
            });
        }
    }

    /// Columns and rows of the picture.
    pub(crate) fn size(&self) -> (usize, usize) {
        (
            self.picture.width() as usize,
            self.picture.height() as usize,
        )
    }

    /// The picture's smallest copy with a side of at least `side` pixels; the largest there is where none
    /// has one.
    pub(crate) fn of_side(&self, side: f32) -> &Plane {
        self.copies
            .iter()
            .rev()
            .find(|p| p.width.max(p.height) as f32 >= side)
            .unwrap_or(&self.copies[0])
    }

    /// A copy of the whole scaled down by `factor` (at least 1), made of the nearest that is large enough to
    /// be a mean of several pixels.
    pub(crate) fn reduced(&self, factor: f32) -> Plane {
        let (width, height) = self.size();
        let side = width.max(height) as f32;
        let nearest = self.of_side(LEAST_REDUCED * side / factor);
        nearest.reduced((nearest.width.max(nearest.height) as f32 * factor / side).max(1.0))
    }

    /// The picture as one looks at details of `grain` pixels of it: in the smallest copy in which they
    /// are still a pixel, or the finest that was made so far.
    pub(crate) fn look(&self, grain: f32) -> Look<'_> {
        let wanted = (grain.max(1.0).log2() as usize).min(HALVINGS);
        if wanted < self.first
            && let Some(plane) = self.whole.get()
        {
            return Look { plane, scale: 1.0 };
        }
        let halvings = wanted.max(self.first);
        Look {
            plane: &self.copies[halvings - self.first],
            scale: (1usize << halvings) as f32,
        }
    }
}

impl Look<'_> {
    fn in_copy(&self, point: [f32; 2]) -> [f32; 2] {
        point.map(|v| (v + 0.5) / self.scale - 0.5)
    }

    /// Adds to each of `sums` the grey values at the next `taps` points of a straight row of points.
    pub(crate) fn add_row(&self, from: [f32; 2], step: [f32; 2], taps: usize, sums: &mut [f32]) {
        let point = |from: [f32; 2], step: [f32; 2], i: usize| {
            [from[0] + step[0] * i as f32, from[1] + step[1] * i as f32]
        };
        let last = (sums.len() * taps).saturating_sub(1);
        let (within, within_step) = (self.in_copy(from), step.map(|s| s / self.scale));
        let inside = self.plane.holds(within) && self.plane.holds(point(within, within_step, last));
        for (k, sum) in sums.iter_mut().enumerate() {
            for i in k * taps..(k + 1) * taps {
                let at = point(within, within_step, i);
                *sum += if inside {
                    self.plane.sample_inside(at)
                } else {
                    self.plane.sample(at)
                };
            }
        }
    }

    /// The grey value at a point of the picture (pixel centres at whole numbers), the edge's beyond it.
    pub(crate) fn sample(&self, x: f32, y: f32) -> f32 {
        self.plane.sample(self.in_copy([x, y]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn ramp() -> Plane {
        Plane {
            width: 4,
            height: 2,
            data: vec![0, 40, 80, 120, 10, 50, 90, 130],
        }
    }

    #[test]
    fn a_sample_between_pixels_is_their_mean() {
        assert_eq!(ramp().sample([0.5, 0.0]), 20.0);
        assert_eq!(ramp().sample([0.0, 0.5]), 5.0);
        assert_eq!(ramp().sample([-9.0, 9.0]), 10.0);
    }

    #[test]
    fn reducing_takes_the_mean_of_an_area() {
        let half = ramp().reduced(2.0);
        assert_eq!((half.width, half.height), (2, 1));
        assert_eq!(half.data, vec![25, 105]);
        // Of four columns three: each the mean of one and a third.
        let third = ramp().reduced(4.0 / 3.0);
        assert_eq!((third.width, third.height), (3, 1));
        assert_eq!(third.data, vec![15, 65, 115]);
        let dot = ramp().reduced(1000.0);
        assert_eq!((dot.width, dot.height), (1, 1));
    }

    /// Grey rising by one in eight pixels to the right and in four down.
    fn slope(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(
            width,
            height,
            |x, y| Rgb([((x / 8 + y / 4) % 256) as u8; 3]),
        )
    }

    #[test]
    fn every_copy_shows_the_same_picture_in_the_same_place() {
        for (width, height) in [(640, 300), (2400, 80), (2401, 81), (4000, 3)] {
            let picture = Picture::from_rgb(slope(width, height));
            let pyramid = Pyramid::of(&picture);
            assert_eq!(pyramid.size(), (width as usize, height as usize));
            for grain in [0.3, 1.0, 2.0, 4.5, 9.0, 100.0] {
                let look = pyramid.look(grain);
                for x in [40.0, 210.5, 600.0] {
                    let whole = pyramid.look(1.0).sample(x, 1.0);
                    assert!(
                        (look.sample(x, 1.0) - whole).abs() <= 3.0,
                        "{width} {grain} {x}"
                    );
                }
            }
        }
    }

    #[test]
    fn luminance_and_coarse_colours_give_the_grey_of_the_whole() {
        for (side, halvings) in [(2u32, 1u8), (4, 2)] {
            let colour = |x: u32, y: u32| {
                let n = (x / side * 37 + y / side * 101) % 256;
                Rgb([n as u8, 255 - n as u8, (n * 7 % 256) as u8])
            };
            let (width, height) = (33, 21);
            let whole = RgbImage::from_fn(width, height, colour);
            let colours = RgbImage::from_fn(width.div_ceil(side), height.div_ceil(side), |x, y| {
                colour(x * side, y * side)
            });
            let luminance = GrayImage::from_fn(width, height, |x, y| {
                let [r, g, b] = whole.get_pixel(x, y).0.map(u32::from);
                image::Luma([luminance_of(r, g, b) as u8])
            });
            let tinted = Plane::tinted(luminance, &colours, halvings);
            assert_eq!(tinted, Plane::from_rgb(&whole), "{side}");
        }
    }

    #[test]
    fn a_row_of_points_gives_what_its_points_give() {
        let picture = Picture::from_rgb(slope(300, 200));
        let pyramid = Pyramid::of(&picture);
        for grain in [1.0, 2.0, 4.0] {
            let look = pyramid.look(grain);
            for from in [[20.0, 30.0], [-5.0, 190.0], [298.0, 0.0], [1e5, 1e5]] {
                let mut sums = [0.0; 8];
                look.add_row(from, [1.3, 0.7], 3, &mut sums);
                for (k, sum) in sums.iter().enumerate() {
                    let one_by_one: f32 = (3 * k..3 * k + 3)
                        .map(|i| look.sample(from[0] + 1.3 * i as f32, from[1] + 0.7 * i as f32))
                        .sum();
                    assert!((sum - one_by_one).abs() < 0.1, "{grain} {from:?} {k}");
                }
            }
        }
    }

    #[test]
    fn pictures_of_any_shape_have_copies() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (2049, 2), (3, 2050)] {
            let picture = Picture::from_rgb(slope(width, height));
            let pyramid = Pyramid::of(&picture);
            for grain in [0.0, 1.0, 3.0, 1e9] {
                assert!(pyramid.look(grain).sample(1e6, -1e6).is_finite());
            }
            let side = pyramid.of_side(1280.0);
            assert!(side.width >= 1 && side.height >= 1);
        }
    }
}
