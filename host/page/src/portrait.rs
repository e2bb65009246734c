//! The printed portrait: where it is looked for, and which of the faces is the document's.

use crate::{Picture, Rect};
use image::RgbImage;

/// Longest side, in pixels, of the copy in which faces are looked for: a portrait fills at least a tenth of
/// a page that can be read, and a smaller copy costs less.
const LOOK_SIDE: f32 = 416.0;
/// So many points of the picture along each side make a pixel of the copy.
const TAPS: usize = 3;
/// Points between pixels are counted in parts of one.
const FRACTION_BITS: u32 = 16;
const FRACTION: f32 = (1u32 << FRACTION_BITS) as f32;
/// The cosine of the angle (about 6 degrees) up to which a page counts as not turned.
const STRAIGHT: f32 = 0.9945;

/// No face finder could answer: its model is absent or broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("faces cannot be looked for: {0}")]
pub struct FacesUnavailable(pub String);

/// Something that finds faces. Implemented by the room `models`.
///
/// Contract: faces lie inside the picture; none is an empty list, not an error.
pub trait FaceFinder: Send + Sync {
    /// Every upright face in the picture, the surest first. [`crate::read`] gives a small copy of the page,
    /// turned upright by its zone.
    ///
    /// # Errors
    /// [`FacesUnavailable`] where the question cannot be asked.
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable>;
}

/// The faces of a page whose zone has these corners, in the picture.
pub(crate) fn find(
    picture: &Picture,
    zone: Option<[[f32; 2]; 4]>,
    finder: &dyn FaceFinder,
) -> Result<Vec<Rect>, FacesUnavailable> {
    let view = Upright::of(picture, zone.map_or([1.0, 0.0], reading_direction));
    if view.is_the_picture() {
        return finder.faces(picture);
    }
    let faces = finder.faces(&view.copy(picture))?;
    Ok(faces.into_iter().map(|face| view.back(face)).collect())
}

/// The portrait among `faces`: the largest.
pub(crate) fn choose(faces: &[Rect]) -> Option<Rect> {
    faces.iter().copied().max_by_key(Rect::area)
}

/// The unit vector in which a zone's text reads; exactly along a side of the picture where it nearly is.
fn reading_direction([a, b, c, d]: [[f32; 2]; 4]) -> [f32; 2] {
    let [x, y] = [0, 1].map(|i| b[i] - a[i] + c[i] - d[i]);
    let length = x.hypot(y);
    if !(length.is_finite() && length > 0.0) {
        return [1.0, 0.0];
    }
    let along = [x / length, y / length];
    match along.map(|v| v.abs() > STRAIGHT) {
        [true, _] => [along[0].signum(), 0.0],
        [_, true] => [0.0, along[1].signum()],
        _ => along,
    }
}

/// A small copy of a picture, turned so that a direction in it points to the right.
struct Upright {
    /// The picture's columns and rows.
    picture: [f32; 2],
    /// The copy's.
    copy: [u32; 2],
    along: [f32; 2],
    /// Pixels of the picture for one of the copy.
    scale: f32,
}

impl Upright {
    fn of(picture: &Picture, along: [f32; 2]) -> Self {
        let [w, h] = [picture.width(), picture.height()].map(|side| side as f32);
        let [c, s] = along.map(f32::abs);
        let (across, down) = (w * c + h * s, w * s + h * c);
        let scale = (across.max(down) / LOOK_SIDE).max(1.0);
        Self {
            picture: [w, h],
            copy: [across, down].map(|side| ((side / scale).round() as u32).max(1)),
            along,
            scale,
        }
    }

    fn is_the_picture(&self) -> bool {
        self.along == [1.0, 0.0] && self.scale == 1.0
    }

    /// The point of the picture for a point of the copy, both from the upper left corner.
    fn point(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        let du = (u - self.copy[0] as f32 / 2.0) * self.scale;
        let dv = (v - self.copy[1] as f32 / 2.0) * self.scale;
        let [c, s] = self.along;
        [
            self.picture[0] / 2.0 + du * c - dv * s,
            self.picture[1] / 2.0 + du * s + dv * c,
        ]
    }

    /// The copy; black where it reaches beyond the picture.
    fn copy(&self, picture: &Picture) -> Picture {
        // Colours of the coarse copy suffice: faces are looked for in a smaller one still.
        let (rgb, halvings) = picture.decoded();
        let (columns, rows) = (i64::from(rgb.width()), i64::from(rgb.height()));
        let pixels = rgb.as_raw().as_chunks::<3>().0;
        // Whole numbers: a step along or down the copy, and from its pixel's corner to each tap, in
        // fractions of a pixel of what is decoded.
        let to_decoded = FRACTION / (1u32 << halvings) as f32;
        let fixed = |point: [f32; 2]| point.map(|v| (v * to_decoded) as i64);
        let origin = fixed(self.point([0.0, 0.0]));
        let step = |u: f32, v: f32| {
            let [from, to] = [self.point([0.0, 0.0]), self.point([u, v])];
            fixed([to[0] - from[0], to[1] - from[1]])
        };
        let tap = |i: usize| (i as f32 + 0.5) / TAPS as f32;
        let taps: [[i64; 2]; TAPS * TAPS] =
            std::array::from_fn(|i| step(tap(i % TAPS), tap(i / TAPS)));
        let reach = |k: usize| {
            let all = || taps.iter().map(|tap| tap[k]);
            [all().min().unwrap_or(0), all().max().unwrap_or(0)]
        };
        let reach = [reach(0), reach(1)];
        // Away from the picture's edges the taps lie whole pixels apart: a look costs less so, and half a pixel of
        // what is decoded is a small part of one of the copy.
        let near = taps.map(|tap| {
            let [x, y] = tap.map(|v| (v + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS);
            y * columns + x
        });
        let mut copy = Vec::with_capacity(self.copy[0] as usize * self.copy[1] as usize * 3);
        for v in 0..self.copy[1] {
            let down = step(0.0, v as f32);
            for u in 0..self.copy[0] {
                let along = step(u as f32, 0.0);
                let at = [0, 1].map(|k| origin[k] + down[k] + along[k]);
                let mut sums = [0u32; 3];
                let mut add = |pixel: &[u8; 3]| {
                    for (sum, value) in sums.iter_mut().zip(pixel) {
                        *sum += u32::from(*value);
                    }
                };
                let holds = |k: usize, side: i64| {
                    let [least, most] = reach[k].map(|tap| (at[k] + tap) >> FRACTION_BITS);
                    least > 0 && most + 1 < side
                };
                if holds(0, columns) && holds(1, rows) {
                    let [x, y] = at.map(|v| v >> FRACTION_BITS);
                    let middle = y * columns + x;
                    let near = near.iter().map(|near| (middle + near) as usize);
                    near.filter_map(|at| pixels.get(at)).for_each(&mut add);
                } else {
                    for tap in &taps {
                        let [x, y] = [0, 1].map(|k| (at[k] + tap[k]) >> FRACTION_BITS);
                        if (0..columns).contains(&x)
                            && (0..rows).contains(&y)
                            && let Some(pixel) = pixels.get((y * columns + x) as usize)
                        {
                            add(pixel);
                        }
                    }
                }
                copy.extend(sums.map(|sum| (sum / (TAPS * TAPS) as u32) as u8));
            }
        }
        let copy = RgbImage::from_raw(self.copy[0], self.copy[1], copy);
        Picture::from_rgb(copy.unwrap_or_default())
    }

    /// The upright rectangle of the picture around a rectangle of the copy.
    fn back(&self, face: Rect) -> Rect {
        let [left, top] = [face.x, face.y].map(|v| v as f32);
        let (right, bottom) = (left + face.width as f32, top + face.height as f32);
        let corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
            .map(|corner| self.point(corner));
        let ends = [0, 1].map(|i| {
            let side = self.picture[i];
            let low = corners.iter().map(|c| c[i]).fold(f32::MAX, f32::min);
            let high = corners.iter().map(|c| c[i]).fold(f32::MIN, f32::max);
            let low = low.round().clamp(0.0, side - 1.0);
            (low as u32, high.round().clamp(low + 1.0, side) as u32)
        });
        let [(x, x_end), (y, y_end)] = ends;
        Rect {
            x,
            y,
            width: x_end - x,
            height: y_end - y,
        }
    }
}

#[cfg(test)]
mod tests;
