//! Cutting a line out of the picture: the curve it runs along, and the strip made of it.

use crate::evidence::{LineEvidence, STRIDE, STRIP_HEIGHT, Strip};
use crate::finder::Run;
use crate::grid;
use crate::plane::Pyramid;

/// The height of a capital in a strip, in rows.
pub(crate) const CAPITAL: f32 = 20.0;
/// The longest strip that is made, in columns: 44 characters at the widest pitch that is read.
const LONGEST: usize = 1600;

/// The curve that a line of print runs along, in the picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Track {
    /// The straight run that the curve stays close to; its `height` is a capital's.
    pub(crate) run: Run,
    /// How far the line's middle lies across the run, as a polynomial of the place along it:
    /// pixels, then per reach, then per squared reach.
    pub(crate) bend: [f32; 3],
    /// How much taller the print is at the end than in the middle, as a share (perspective).
    pub(crate) growth: f32,
    /// Strip columns for a pixel of the picture, relative to strip rows for a pixel (1: as it lies).
    pub(crate) stretch: f32,
}

impl Track {
    /// The straight track along a run.
    pub(crate) fn straight(run: Run) -> Self {
        Self {
            run,
            bend: [0.0; 3],
            growth: 0.0,
            stretch: 1.0,
        }
    }

    /// The same line read from its other end.
    pub(crate) fn turned(&self) -> Self {
        let [a, b, c] = self.bend;
        Self {
            run: Run {
                along: [-self.run.along[0], -self.run.along[1]],
                ..self.run
            },
            bend: [-a, b, -c],
            growth: -self.growth,
            stretch: self.stretch,
        }
    }

    /// The parallel track so many pixels further down.
    pub(crate) fn shifted(&self, pixels: f32) -> Self {
        Self {
            run: Run {
                centre: self.run.point(0.0, pixels),
                ..self.run
            },
            ..*self
        }
    }

    /// The same curve, its run now reaching from one place along it to another.
    pub(crate) fn reaching(&self, begin: f32, end: f32) -> Self {
        let (middle, reach) = ((begin + end) / 2.0, ((end - begin) / 2.0).max(1.0));
        // The polynomials in the new middle and reach.
        let (m, r) = (middle / self.run.reach, reach / self.run.reach);
        let [a, b, c] = self.bend;
        let height = self.height_at(middle);
        Self {
            run: Run {
                centre: self.run.point(middle, 0.0),
                reach,
                height,
                ..self.run
            },
            bend: [a + b * m + c * m * m, (b + 2.0 * c * m) * r, c * r * r],
            growth: (self.growth * r * self.run.height / height).clamp(-0.4, 0.4),
            stretch: self.stretch,
        }
    }

    /// How far below this track's middle another runs, in pixels.
    pub(crate) fn distance(&self, other: &Self) -> f32 {
        let [_, here] = self.run.locate(self.point(0.0, 0.0));
        // The other's point nearest to this one's middle: two steps suffice, both being nearly straight.
        let mut column = 0.0;
        for _ in 0..2 {
            let [along, _] = self.run.locate(other.point(column, 0.0));
            column -= along / other.pixels_per_column();
        }
        self.run.locate(other.point(column, 0.0))[1] - here
    }

    /// Pixels of the picture for a column of the strip.
    pub(crate) fn pixels_per_column(&self) -> f32 {
        self.run.height / CAPITAL / self.stretch
    }

    /// How far the curve lies across the run at a place along it, in pixels.
    fn across(&self, along: f32) -> f32 {
        let t = along / self.run.reach;
        self.bend[0] + self.bend[1] * t + self.bend[2] * t * t
    }

    /// A capital's height at a place along the run, in pixels.
    fn height_at(&self, along: f32) -> f32 {
        self.run.height * (1.0 + self.growth * along / self.run.reach).clamp(0.5, 2.0)
    }

    /// The point of the picture at a strip column (counted from the strip's middle) and at so many
    /// capital heights below the line's middle.
    pub(crate) fn point(&self, column: f32, below: f32) -> [f32; 2] {
        let along = column * self.pixels_per_column();
        self.run
            .point(along, self.across(along) + below * self.height_at(along))
    }

    /// Cuts the strip out: the run's length and `margin` capital heights more at either end, or its
    /// middle `longest` columns.
    pub(crate) fn strip(&self, picture: &Pyramid<'_>, margin: f32, longest: usize) -> Strip {
        let step = self.pixels_per_column();
        let wanted = (2.0 * self.run.reach / step + 2.0 * margin * CAPITAL).max(1.0) as usize;
        let width = wanted.min(longest).min(LONGEST).div_ceil(STRIDE) * STRIDE;
        let rows = STRIP_HEIGHT;
        let mut pixels = vec![0.0f32; width * rows];
        // Where the picture is finer than the strip, several samples make a pixel.
        let finer = step.max(self.run.height / CAPITAL);
        let look = picture.look(finer);
        let taps = ((finer / look.scale).ceil() as usize).clamp(1, 6);
        let share = 1.0 / (taps * taps) as f32;
        let n = self.run.down();
        let mut sums = [0.0f32; STRIP_HEIGHT];
        for x in 0..width {
            sums.fill(0.0);
            for sub in 0..taps {
                let column = x as f32 + (sub as f32 + 0.5) / taps as f32 - width as f32 / 2.0;
                let along = column * step;
                let row_step = self.height_at(along) / CAPITAL;
                let base = self.run.point(along, self.across(along));
                let point = |row: f32| n.map(|d| d * row * row_step);
                let top = point(0.5 / taps as f32 - rows as f32 / 2.0);
                let from = [base[0] + top[0], base[1] + top[1]];
                look.add_row(from, point(1.0 / taps as f32), taps, &mut sums);
            }
            for (y, sum) in sums.iter().enumerate() {
                pixels[y * width + x] = share * sum;
            }
        }
        normalise(&mut pixels);
        Strip { width, pixels }
    }

    /// The track corrected by what was seen along it: the print's middle and height in columns that
    /// hold characters, fitted by a parabola and a straight line. `None` where too little was seen.
    pub(crate) fn corrected(&self, evidence: &LineEvidence) -> Option<Self> {
        let columns = evidence.columns.len();
        let mut middle = Fit::default();
        let mut size = Fit::default();
        let (first, last) = grid::stretch(evidence)?;
        for (i, column) in evidence
            .columns
            .iter()
            .enumerate()
            .take(last + 1)
            .skip(first)
        {
            let weight: f32 = column[..37].iter().map(|l| l.exp()).sum();
            if weight < 0.3 {
                continue;
            }
            let x = (i as f32 + 0.5 - columns as f32 / 2.0) * STRIDE as f32;
            let along = x * self.pixels_per_column();
            let t = along / self.run.reach;
            middle.add(
                t,
                evidence.offset[i] * self.height_at(along) / CAPITAL,
                weight,
            );
            size.add(t, evidence.scale[i], weight);
        }
        if middle.weight < 12.0 {
            return None;
        }
        // A stretch of the line says nothing of the curve beyond it.
        let bend = if middle.high - middle.low > 1.3 {
            middle.parabola()?
        } else {
            let [a, b] = middle.line()?;
            [a, b, 0.0]
        };
        let [log, slope] = size.line()?;
        let mut track = *self;
        for (b, more) in track.bend.iter_mut().zip(bend) {
            *b += more;
        }
        track.run.height *= log.clamp(-0.5, 0.5).exp();
        track.growth = (track.growth + slope.clamp(-0.3, 0.3)).clamp(-0.4, 0.4);
        Some(track)
    }
}

/// The 5th percentile becomes 0 and the 95th 1, a little beyond is kept; exactly as in training.
fn normalise(pixels: &mut [f32]) {
    if pixels.is_empty() {
        return;
    }
    let mut sorted = pixels.to_vec();
    let last = sorted.len() - 1;
    let low = *sorted
        .select_nth_unstable_by(last * 5 / 100, f32::total_cmp)
        .1;
    let high = *sorted
        .select_nth_unstable_by(last * 95 / 100, f32::total_cmp)
        .1;
    let span = (high - low).max(12.0);
    for p in pixels {
        *p = ((*p - low) / span).clamp(-0.5, 1.5);
    }
}

/// Weighted least squares of low degree.
#[derive(Default)]
struct Fit {
    /// The least and the largest place.
    low: f32,
    high: f32,
    weight: f32,
    t: [f64; 5],
    v: [f64; 3],
}

impl Fit {
    fn add(&mut self, t: f32, value: f32, weight: f32) {
        if self.weight == 0.0 {
            (self.low, self.high) = (t, t);
        }
        (self.low, self.high) = (self.low.min(t), self.high.max(t));
        self.weight += weight;
        let (t, value, weight) = (f64::from(t), f64::from(value), f64::from(weight));
        let mut power = weight;
        for k in 0..5 {
            self.t[k] += power;
            if k < 3 {
                self.v[k] += power * value;
            }
            power *= t;
        }
    }

    fn line(&self) -> Option<[f32; 2]> {
        let determinant = self.t[0] * self.t[2] - self.t[1] * self.t[1];
        if determinant < 1e-4 * self.t[0] * self.t[0] {
            return (self.t[0] > 0.0).then(|| [(self.v[0] / self.t[0]) as f32, 0.0]);
        }
        Some([
            ((self.v[0] * self.t[2] - self.v[1] * self.t[1]) / determinant) as f32,
            ((self.v[1] * self.t[0] - self.v[0] * self.t[1]) / determinant) as f32,
        ])
    }

    /// A parabola, its curvature held back a little so that a short stretch does not invent one.
    fn parabola(&self) -> Option<[f32; 3]> {
        let [s0, s1, s2, s3, s4] = self.t;
        let s4 = s4 + 0.02 * s0;
        let m = [[s0, s1, s2], [s1, s2, s3], [s2, s3, s4]];
        let d = determinant(&m);
        if d.abs() < 1e-7 * s0 * s0 * s0 {
            return self.line().map(|[a, b]| [a, b, 0.0]);
        }
        let mut solved = [0.0f32; 3];
        for (k, s) in solved.iter_mut().enumerate() {
            let mut swapped = m;
            for (row, v) in swapped.iter_mut().zip(self.v) {
                row[k] = v;
            }
            *s = (determinant(&swapped) / d) as f32;
        }
        Some(solved)
    }
}

fn determinant(m: &[[f64; 3]; 3]) -> f64 {
    m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
}
