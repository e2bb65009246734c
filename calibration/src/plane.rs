//! A picture as linear light: figures of optics are of light, not of encoded values.

use page::Picture;
use page::profile::from_srgb;
use std::sync::OnceLock;

/// Shares of red, green and blue in luminance (ITU-R BT.709).
const LUMINANCE: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Linear light of an encoded byte.
pub(crate) fn light_of(value: u8) -> f32 {
    static TABLE: OnceLock<[f32; 256]> = OnceLock::new();
    TABLE.get_or_init(|| std::array::from_fn(|i| from_srgb(i as f64 / 255.0) as f32))
        [usize::from(value)]
}

/// Luminance, 0 to 1, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The values.
    pub data: Vec<f32>,
}

impl Plane {
    /// A picture's luminance.
    #[must_use]
    pub fn of(picture: &Picture) -> Self {
        let data = picture.rgb().pixels().map(|p| {
            let [r, g, b] = p.0.map(light_of);
            LUMINANCE[0] * r + LUMINANCE[1] * g + LUMINANCE[2] * b
        });
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            data: data.collect(),
        }
    }

    /// The value of a pixel.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.width + x]
    }

    /// The value below which this share of the pixels lies, of every 7th pixel.
    #[must_use]
    pub fn level(&self, share: f64) -> f32 {
        let mut some: Vec<f32> = self.data.iter().copied().step_by(7).collect();
        if some.is_empty() {
            return 0.0;
        }
        let at = ((some.len() - 1) as f64 * share.clamp(0.0, 1.0)) as usize;
        *some.select_nth_unstable_by(at, f32::total_cmp).1
    }

    /// Means of `columns` by `rows` blocks that share the picture out.
    #[must_use]
    pub fn blocks(&self, columns: usize, rows: usize) -> Vec<f32> {
        let mut means = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            let (top, bottom) = span(self.height, rows, row);
            for column in 0..columns {
                let (left, right) = span(self.width, columns, column);
                let mut sum = 0.0f64;
                for y in top..bottom {
                    let line = &self.data[y * self.width + left..y * self.width + right];
                    sum += line.iter().map(|v| f64::from(*v)).sum::<f64>();
                }
                means.push((sum / ((right - left) * (bottom - top)) as f64) as f32);
            }
        }
        means
    }
}

/// The pixels of the `i`th of `parts`; never none.
pub(crate) fn span(side: usize, parts: usize, i: usize) -> (usize, usize) {
    let from = i * side / parts;
    (
        from.min(side - 1),
        ((i + 1) * side / parts).max(from + 1).min(side),
    )
}

/// The mean colour, in linear light, of a square window.
#[must_use]
pub fn mean_colour(picture: &Picture, [x, y]: [f64; 2], half: f64) -> [f64; 3] {
    let bound = |v: f64, side: u32| v.round().clamp(0.0, f64::from(side - 1)) as u32;
    let (left, right) = (
        bound(x - half, picture.width()),
        bound(x + half, picture.width()),
    );
    let (top, bottom) = (
        bound(y - half, picture.height()),
        bound(y + half, picture.height()),
    );
    let mut sum = [0.0; 3];
    for py in top..=bottom {
        for px in left..=right {
            let pixel = picture.rgb().get_pixel(px, py).0;
            for (s, v) in sum.iter_mut().zip(pixel) {
                *s += f64::from(light_of(v));
            }
        }
    }
    let count = f64::from((right - left + 1) * (bottom - top + 1));
    sum.map(|s| s / count)
}

/// The share of pixels of which a channel is at its end: 255.
#[must_use]
pub fn clipped(picture: &Picture) -> f64 {
    let all = picture.rgb().pixels().len().max(1);
    let at_end = picture
        .rgb()
        .pixels()
        .filter(|p| p.0.contains(&255))
        .count();
    at_end as f64 / all as f64
}
