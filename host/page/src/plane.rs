//! One channel of a picture as numbers: grey values, scaled copies, samples between pixels.

use image::RgbImage;

/// Grey values 0 to 255, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

impl Plane {
    /// The picture as grey. Print of a zone is black (Doc 9303-3 §4.1: visible in infrared), paper
    /// and its pattern coloured, so the lightest channel counts as much as luminance: colour fades.
    pub(crate) fn from_rgb(rgb: &RgbImage) -> Self {
        let data = rgb
            .as_raw()
            .chunks_exact(3)
            .map(|p| {
                let (r, g, b) = (u32::from(p[0]), u32::from(p[1]), u32::from(p[2]));
                let luminance = (77 * r + 150 * g + 29 * b) >> 8;
                ((luminance * 5 + r.max(g).max(b) * 3) >> 3) as u8
            })
            .collect();
        Self {
            width: rgb.width() as usize,
            height: rgb.height() as usize,
            data,
        }
    }

    /// A copy scaled down by `factor` (at least 1), each new pixel the mean of the area it covers.
    pub(crate) fn reduced(&self, factor: f32) -> Self {
        let width = ((self.width as f32 / factor) as usize).max(1);
        let height = ((self.height as f32 / factor) as usize).max(1);
        if width == self.width && height == self.height {
            return self.clone();
        }
        let across = spans(self.width, width);
        let down = spans(self.height, height);
        let mut data = Vec::with_capacity(width * height);
        let mut sums = vec![0u32; self.width];
        for &(top, bottom) in &down {
            sums.fill(0);
            for y in top..bottom {
                let row = &self.data[y * self.width..(y + 1) * self.width];
                for (s, v) in sums.iter_mut().zip(row) {
                    *s += u32::from(*v);
                }
            }
            for &(left, right) in &across {
                let total: u32 = sums[left..right].iter().sum();
                let count = ((right - left) * (bottom - top)) as u32;
                data.push(((total + count / 2) / count) as u8);
            }
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// The grey value at a point between pixels (pixel centres at whole numbers), the edge's beyond it.
    pub(crate) fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| f32::from(self.data[y * self.width + x]);
        let top = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * fx;
        let bottom = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * fx;
        top + (bottom - top) * fy
    }
}

/// Which old pixels each of `new` pixels covers; never none.
fn spans(old: usize, new: usize) -> Vec<(usize, usize)> {
    (0..new)
        .map(|i| {
            let left = i * old / new;
            (left, ((i + 1) * old / new).max(left + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Plane {
        Plane {
            width: 4,
            height: 2,
            data: vec![0, 40, 80, 120, 10, 50, 90, 130],
        }
    }

    #[test]
    fn a_sample_between_pixels_is_their_mean() {
        assert_eq!(ramp().sample(0.5, 0.0), 20.0);
        assert_eq!(ramp().sample(0.0, 0.5), 5.0);
        assert_eq!(ramp().sample(-9.0, 9.0), 10.0);
    }

    #[test]
    fn reducing_takes_the_mean_of_an_area() {
        let half = ramp().reduced(2.0);
        assert_eq!((half.width, half.height), (2, 1));
        assert_eq!(half.data, vec![25, 105]);
        let dot = ramp().reduced(1000.0);
        assert_eq!((dot.width, dot.height), (1, 1));
    }
}
