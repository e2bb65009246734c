//! The slanted edge of ISO 12233 (edge-based spatial frequency response, e-SFR).
//!
//! An edge that crosses the rows at a slant is sampled at a little other phase in each; laid over each other
//! the rows sample the edge four times as finely as the pixels do. Its derivative is the line spread, and the
//! modulus of that one's Fourier transform the response to stripes of every spacing.

/// Bins for each pixel (ISO 12233 section 6.4).
const FINER: usize = 4;
/// An edge that slants less gives no other phases, degrees.
const LEAST_SLANT: f64 = 1.5;
/// An edge that slants more is no edge of a target, degrees.
const MOST_SLANT: f64 = 15.0;

/// How an optical system answers stripes.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Cycles per pixel and the modulation kept, 0 to 1.
    pub curve: Vec<(f64, f64)>,
    /// Where half of the modulation is kept, cycles per pixel.
    pub mtf50: f64,
}

/// A region of a picture in linear light, with one nearly upright edge.
#[derive(Debug, Clone)]
pub struct EdgeRegion {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The values, row by row.
    pub data: Vec<f32>,
}

impl EdgeRegion {
    fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// The response across the edge; `None` where there is no clear edge, or where it stands too straight or
    /// too slanted.
    #[must_use]
    pub fn response(&self) -> Option<Response> {
        if self.width < 16 || self.height < 16 {
            return None;
        }
        // Twice: the second look centres its window on the line that the first has found.
        let first = self.line(|_| self.width as f64 / 2.0, self.width as f64 / 2.0)?;
        let [a, b] = self.line(|y| first[0] + first[1] * y, self.width as f64 / 4.0)?;
        let slant = b.atan().to_degrees().abs();
        if !(LEAST_SLANT..=MOST_SLANT).contains(&slant) {
            return None;
        }
        let spread = self.spread(a, b)?;
        Some(transform(&spread))
    }

    /// The edge as x = a + b y: the mean place of its derivative, row by row.
    fn line(&self, middle: impl Fn(f64) -> f64, reach: f64) -> Option<[f64; 2]> {
        let mut points = Vec::with_capacity(self.height);
        for y in 0..self.height {
            let row = self.row(y);
            let middle = middle(y as f64);
            let (mut mass, mut moment) = (0.0, 0.0);
            for x in 1..self.width - 1 {
                let away = (x as f64 - middle) / reach;
                if away.abs() >= 1.0 {
                    continue;
                }
                let window = 0.54 + 0.46 * (std::f64::consts::PI * away).cos();
                let slope = f64::from(row[x + 1] - row[x - 1]) * window;
                mass += slope;
                moment += slope * x as f64;
            }
            if mass.abs() > 1e-4 {
                points.push([y as f64, moment / mass]);
            }
        }
        if points.len() * 2 < self.height {
            return None;
        }
        let n = points.len() as f64;
        let [my, mx] = [0, 1].map(|k| points.iter().map(|p| p[k]).sum::<f64>() / n);
        let yy: f64 = points.iter().map(|p| (p[0] - my).powi(2)).sum();
        let xy: f64 = points.iter().map(|p| (p[0] - my) * (p[1] - mx)).sum();
        let b = xy / yy;
        let a = mx - b * my;
        let inside = |x: f64| x > 4.0 && x < self.width as f64 - 5.0;
        (inside(a) && inside(a + b * (self.height - 1) as f64)).then_some([a, b])
    }

    /// The line spread function in steps of a quarter of a pixel across the edge.
    fn spread(&self, a: f64, b: f64) -> Option<Vec<f64>> {
        // Whole phases only, so that each is as often there as the others (ISO 12233 annex D).
        let period = 1.0 / b.abs();
        let rows = ((self.height as f64 / period).floor() * period).floor() as usize;
        let rows = if rows >= 8 { rows } else { self.height };
        let across = (1.0 + b * b).sqrt();
        // As far as every row reaches on both sides.
        let ends = [a, a + b * (self.height - 1) as f64];
        let left = ends[0].min(ends[1]);
        let right = self.width as f64 - 1.0 - ends[0].max(ends[1]);
        let half = (left.min(right) / across).floor();
        if half < 4.0 {
            return None;
        }
        let bins = 2 * half as usize * FINER;
        let mut sums = vec![(0.0f64, 0u32); bins];
        for y in 0..rows {
            let edge = a + b * y as f64;
            for (x, value) in self.row(y).iter().enumerate() {
                let away = (x as f64 - edge) / across;
                let bin = ((away + half) * FINER as f64).floor();
                if bin >= 0.0 && (bin as usize) < bins {
                    let (sum, count) = &mut sums[bin as usize];
                    *sum += f64::from(*value);
                    *count += 1;
                }
            }
        }
        let mut edge = Vec::with_capacity(bins);
        for (i, (sum, count)) in sums.iter().enumerate() {
            edge.push(match count {
                0 => *edge.get(i.checked_sub(1)?)?,
                n => sum / f64::from(*n),
            });
        }
        let mut spread: Vec<f64> = edge.windows(3).map(|w| (w[2] - w[0]) / 2.0).collect();
        let total: f64 = spread.iter().sum();
        if total.abs() < 1e-3 {
            return None;
        }
        // A window round the peak: far from the edge there is only noise. It is flat where the edge is, and falls
        // as a cosine beyond half of its reach: a Hamming window on a region as narrow as a mark allows would
        // sharpen a soft edge by some per cent.
        let moment: f64 = spread.iter().enumerate().map(|(i, s)| i as f64 * s).sum();
        let peak = (moment / total).clamp(0.0, spread.len() as f64);
        let reach = peak.min(spread.len() as f64 - peak).max(1.0);
        for (i, s) in spread.iter_mut().enumerate() {
            let away = (i as f64 - peak).abs() / reach;
            *s *= match away {
                a if a <= 0.5 => 1.0,
                a if a < 1.0 => 0.5 + 0.5 * (std::f64::consts::PI * (2.0 * a - 1.0)).cos(),
                _ => 0.0,
            };
        }
        Some(spread)
    }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

/// From the line spread to the response, up to one cycle per pixel.
fn transform(spread: &[f64]) -> Response {
    use std::f64::consts::PI;
    const STEPS: usize = 200;
    let at = |frequency: f64| {
        // The phase goes on by the same angle from bin to bin: turned, not computed anew.
        let (sin, cos) = (2.0 * PI * frequency / FINER as f64).sin_cos();
        let (mut x, mut y) = (1.0, 0.0);
        let (mut re, mut im) = (0.0, 0.0);
        for s in spread {
            re += s * x;
            im += s * y;
            (x, y) = (x * cos - y * sin, x * sin + y * cos);
        }
        // What the difference over two bins, and the mean over one, have taken themselves.
        let bin = 1.0 / FINER as f64;
        let own = sinc(2.0 * PI * frequency * bin) * sinc(PI * frequency * bin);
        re.hypot(im) / own
    };
    let whole = at(0.0);
    let curve: Vec<(f64, f64)> = (0..=STEPS)
        .map(|i| {
            let frequency = i as f64 / STEPS as f64;
            (frequency, at(frequency) / whole)
        })
        .collect();
    let mtf50 = curve.windows(2).find(|w| w[1].1 < 0.5).map_or(1.0, |w| {
        let (f0, m0) = w[0];
        let (f1, m1) = w[1];
        f0 + (f1 - f0) * (m0 - 0.5) / (m0 - m1)
    });
    Response { curve, mtf50 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The normal distribution's function (Abramowitz and Stegun 7.1.26, wrong by less than 2e-7).
    fn normal(x: f64) -> f64 {
        let z = x.abs() / std::f64::consts::SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * z);
        let poly = t
            * (0.254_829_592
                + t * (-0.284_496_736
                    + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
        let erf = 1.0 - poly * (-z * z).exp();
        if x >= 0.0 {
            (1.0 + erf) / 2.0
        } else {
            (1.0 - erf) / 2.0
        }
    }

    fn edge(sigma: f64, degrees: f64) -> EdgeRegion {
        let (width, height) = (48, 120);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let data = (0..height * width).map(|i| {
            let (x, y) = ((i % width) as f64 - 23.7, (i / width) as f64 - 60.0);
            (0.05 + 0.7 * normal((x * cos - y * sin) / sigma)) as f32
        });
        EdgeRegion {
            width,
            height,
            data: data.collect(),
        }
    }

    /// A Gaussian's response is exp(-2 pi² sigma² f²): half of it is left at 0.18739 / sigma.
    #[test]
    fn a_gaussian_blur_has_the_response_that_mathematics_gives_it() {
        for sigma in [0.5, 0.7, 1.0, 1.6] {
            for degrees in [5.0, -5.0, 3.0, 8.0] {
                let response = edge(sigma, degrees).response().unwrap();
                let truth = 0.187_390 / sigma;
                let wrong = (response.mtf50 / truth - 1.0).abs();
                assert!(
                    wrong < 0.02,
                    "{sigma} {degrees}: {} {truth}",
                    response.mtf50
                );
            }
        }
    }

    #[test]
    fn what_is_no_slanted_edge_has_no_response() {
        assert!(edge(1.0, 0.2).response().is_none(), "upright");
        assert!(edge(1.0, 30.0).response().is_none(), "too slanted");
        let flat = EdgeRegion {
            width: 40,
            height: 40,
            data: vec![0.4; 1600],
        };
        assert!(flat.response().is_none());
        let tiny = EdgeRegion {
            width: 3,
            height: 3,
            data: vec![0.0; 9],
        };
        assert!(tiny.response().is_none());
    }
}
