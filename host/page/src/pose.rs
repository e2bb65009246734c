//! How a page lies before the camera, as far as its zone and its edges tell.
//!
//! The zone is a ruler: its characters stand 2.54 mm apart (OCR-B at ten to the inch, Doc 9303-3) and at a
//! known place of a page of known size (Doc 9303 parts 4 to 7). A pinhole camera that looks at a slightly
//! bent leaf is fitted to where the characters were seen, and then to the edges that were found; what the
//! picture leaves open (how long the lens is, how far the page is tilted) is held near what is usual.

use nalgebra::{SMatrix, SVector};
use rules::mrz::Format;

/// A place on the page, millimetres: right and down from the start of the zone's last line, in its middle.
pub(crate) type Mm = [f64; 2];
/// A place in the picture, pixels; pixel centres at whole numbers.
pub(crate) type Px = [f64; 2];

/// From character to character of a zone.
pub(crate) const PITCH_MM: f64 = 2.54;

/// Where the characters of a zone were seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ZonePlace {
    /// The zone's format.
    pub(crate) format: Format,
    /// The middles of every line's characters, from left to right; top line first.
    pub(crate) lines: Vec<Vec<Px>>,
}

/// A document's usual measures, millimetres.
#[derive(Debug, Clone, Copy)]
struct Usual {
    size: Mm,
    /// From the page's left edge to the first character's cell.
    left: f64,
    /// From the middle of the last line to the lower edge.
    under: f64,
    /// From line to line.
    spacing: f64,
}

impl Usual {
    /// ISO/IEC 7810 ID-1 to ID-3 and the visas' sizes; zones as Doc 9303 parts 4 to 7 place them.
    fn of(format: Format) -> Self {
        let (size, left, under, spacing) = match format {
            Format::Td1 => ([85.6, 53.98], 4.7, 6.3, 5.1),
            Format::Td2 | Format::MrvB => ([105.0, 74.0], 4.6, 9.4, 6.35),
            Format::Td3 => ([125.0, 88.0], 6.0, 9.4, 6.35),
            Format::MrvA => ([120.0, 80.0], 4.6, 9.4, 6.35),
        };
        Self {
            size,
            left,
            under,
            spacing,
        }
    }
}

/// One of a page's edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Top,
    Right,
    Bottom,
    Left,
}

impl Side {
    pub(crate) const ALL: [Self; 4] = [Self::Top, Self::Right, Self::Bottom, Self::Left];
}

/// An edge that was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SeenEdge {
    /// Two places through which it runs, [`NEAR_END`] of it from its beginning (left or below) and its end.
    pub(crate) through: [Px; 2],
    /// Where it begins and ends, going on straight on the page.
    pub(crate) ends: [Px; 2],
    /// What was seen there.
    pub(crate) kind: EdgeKind,
}

/// What shows an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    /// A change of brightness, or a line.
    Shown,
    /// The picture ends there.
    Border,
}

/// How far from an edge's ends it is compared with the model, as part of it.
pub(crate) const NEAR_END: f64 = 0.1;

const COUNT: usize = 13;
type Values = SVector<f64, COUNT>;
/// Turn in the picture and tilts across and along the lines, radians.
const TURN: usize = 0;
const TILT_ACROSS: usize = 1;
const TILT_ALONG: usize = 2;
/// Where the origin is seen, pixels.
const X: usize = 3;
const Y: usize = 4;
/// Logarithms of pixels per millimetre at the origin, and of the focal length in pixels.
const SCALE: usize = 5;
const FOCAL: usize = 6;
/// From line to line, how far the leaf's middle is bent up, and the page's measures, millimetres.
const SPACING: usize = 7;
const BEND: usize = 8;
const LEFT: usize = 9;
const UNDER: usize = 10;
const WIDTH: usize = 11;
const HEIGHT: usize = 12;

/// What a value is held near, and how firmly (a standard deviation).
const FIRMNESS: [(usize, f64); 10] = [
    (TILT_ACROSS, 0.25),
    (TILT_ALONG, 0.25),
    (FOCAL, 0.4),
    (SPACING, 0.5),
    (BEND, 1.0),
    (LEFT, 1.2),
    (UNDER, 1.2),
    (WIDTH, 1.0),
    (HEIGHT, 1.0),
    (SCALE, 1.0),
];
/// By how much each value is moved to see what it does.
const STEPS: [f64; COUNT] = [
    1e-6, 1e-5, 1e-5, 1e-3, 1e-3, 1e-6, 1e-5, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4,
];
/// How far a character may seem to stand from its place, millimetres (a standard deviation).
const CHARACTER_MM: f64 = 0.25;
/// The same for an edge.
const EDGE_MM: f64 = 0.25;

/// A page before a camera.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pose {
    values: Values,
    usual: Values,
    /// Where the camera's axis meets the picture.
    axis: Px,
}

impl Pose {
    /// The pose that fits a zone in a picture of this size; `None` for a zone of hardly any extent.
    pub(crate) fn of_zone(zone: &ZonePlace, picture: [f64; 2]) -> Option<Self> {
        let last = zone.lines.last()?;
        let (from, to) = (last.first()?, last.last()?);
        let along = [to[0] - from[0], to[1] - from[1]];
        let length = along[0].hypot(along[1]);
        let scale = length / (PITCH_MM * (last.len() - 1) as f64);
        if !(scale > 0.1 && scale.is_finite()) {
            return None;
        }
        let usual = Usual::of(zone.format);
        let mut values = Values::zeros();
        values[TURN] = along[1].atan2(along[0]);
        let half_cell = PITCH_MM / 2.0 * scale / length;
        values[X] = from[0] - along[0] * half_cell;
        values[Y] = from[1] - along[1] * half_cell;
        values[SCALE] = scale.ln();
        // An ordinary lens: half as long again as the picture is wide.
        values[FOCAL] = (1.5 * picture[0].max(picture[1]))
            .max(4.0 * length / 3.0)
            .ln();
        values[SPACING] = usual.spacing;
        values[LEFT] = usual.left;
        values[UNDER] = usual.under;
        values[WIDTH] = usual.size[0];
        values[HEIGHT] = usual.size[1];
        let mut pose = Self {
            values,
            usual: values,
            axis: [picture[0] / 2.0, picture[1] / 2.0],
        };
        pose.fit(zone, &[None; 4]);
        Some(pose)
    }

    /// Where a place of the page is seen.
    pub(crate) fn place(&self, at: Mm) -> Px {
        Camera::of(&self.values, self.axis).place(at)
    }

    /// Where many places of the page are seen: as [`Pose::place`], with what they share worked out once.
    pub(crate) fn placing(&self) -> impl Fn(Mm) -> Px + use<> {
        let camera = Camera::of(&self.values, self.axis);
        move |at| camera.place(at)
    }

    /// The place at this part of an edge (from the left, or from below), so many millimetres outside it.
    pub(crate) fn on_edge(&self, side: Side, part: f64, outside_mm: f64) -> Mm {
        edge_place(&self.values, side, part, outside_mm)
    }

    /// The page's corners: upper left, upper right, lower right, lower left.
    pub(crate) fn corners(&self) -> [Mm; 4] {
        [
            (Side::Top, 0.0),
            (Side::Top, 1.0),
            (Side::Bottom, 1.0),
            (Side::Bottom, 0.0),
        ]
        .map(|(side, part)| self.on_edge(side, part, 0.0))
    }

    /// Width and height of the page, millimetres.
    pub(crate) fn size_mm(&self) -> [f64; 2] {
        [self.values[WIDTH], self.values[HEIGHT]]
    }

    /// From the middle of one line of the zone to the next, millimetres.
    pub(crate) fn spacing_mm(&self) -> f64 {
        self.values[SPACING]
    }

    /// From the left edge to the zone, and from the middle of its last line to the lower edge, millimetres.
    pub(crate) fn margins_mm(&self) -> [f64; 2] {
        [self.values[LEFT], self.values[UNDER]]
    }

    /// How far the middle of the leaf is bent away from the straight, millimetres.
    pub(crate) fn bend_mm(&self) -> f64 {
        self.values[BEND].abs()
    }

    /// Between the camera's axis and the upright on the page, degrees.
    pub(crate) fn tilt_degrees(&self) -> f64 {
        let upright = self.values[TILT_ACROSS].cos() * self.values[TILT_ALONG].cos();
        upright.clamp(-1.0, 1.0).acos().to_degrees()
    }

    /// Fits the pose to the zone and to the edges seen, by Levenberg's and Marquardt's method. Answers how
    /// much is left that does not fit (a sum of squared standard deviations).
    pub(crate) fn fit(&mut self, zone: &ZonePlace, edges: &[Option<SeenEdge>; 4]) -> f64 {
        const ROUNDS: usize = 12;
        let mut damping = 1e-3;
        let mut residuals = Vec::new();
        let mut moved = Vec::new();
        self.residuals(&self.values, zone, edges, &mut residuals);
        let mut cost = sum_of_squares(&residuals);
        for _ in 0..ROUNDS {
            let mut normal = SMatrix::<f64, COUNT, COUNT>::zeros();
            let mut slope = Values::zeros();
            let mut columns: Vec<Vec<f64>> = Vec::with_capacity(COUNT);
            for (k, step) in STEPS.iter().enumerate() {
                let mut values = self.values;
                values[k] += step;
                self.residuals(&values, zone, edges, &mut moved);
                columns.push(
                    moved
                        .iter()
                        .zip(&residuals)
                        .map(|(m, r)| (m - r) / step)
                        .collect(),
                );
            }
            for i in 0..COUNT {
                slope[i] = dot(&columns[i], &residuals);
                for j in 0..=i {
                    normal[(i, j)] = dot(&columns[i], &columns[j]);
                    normal[(j, i)] = normal[(i, j)];
                }
            }
            let mut damped = normal;
            for k in 0..COUNT {
                damped[(k, k)] += damping * normal[(k, k)].max(1e-12);
            }
            let Some(solver) = damped.cholesky() else {
                damping *= 10.0;
                continue;
            };
            let next = self.values - solver.solve(&slope);
            self.residuals(&next, zone, edges, &mut moved);
            let new_cost = sum_of_squares(&moved);
            if new_cost < cost {
                let settled = cost - new_cost < 1e-6 * cost;
                self.values = next;
                cost = new_cost;
                std::mem::swap(&mut residuals, &mut moved);
                damping = (damping / 5.0).max(1e-9);
                if settled {
                    break;
                }
            } else {
                damping *= 6.0;
            }
        }
        cost
    }

    /// How far everything is from where it should be, each in its standard deviations.
    fn residuals(
        &self,
        v: &Values,
        zone: &ZonePlace,
        edges: &[Option<SeenEdge>; 4],
        out: &mut Vec<f64>,
    ) {
        out.clear();
        let scale = self.usual[SCALE].exp();
        let camera = Camera::of(v, self.axis);
        let count = zone.lines.len();
        for (i, line) in zone.lines.iter().enumerate() {
            let y = -((count - 1 - i) as f64) * v[SPACING];
            for (k, seen) in line.iter().enumerate() {
                // Neighbours say the same.
                if k % 3 != 0 && k + 1 != line.len() {
                    continue;
                }
                let at = camera.place([(k as f64 + 0.5) * PITCH_MM, y]);
                let sigma = CHARACTER_MM * scale;
                out.push((at[0] - seen[0]) / sigma);
                out.push((at[1] - seen[1]) / sigma);
            }
        }
        for (side, seen) in Side::ALL.into_iter().zip(edges) {
            let Some(seen) = seen else { continue };
            let [a, b] =
                [NEAR_END, 1.0 - NEAR_END].map(|part| camera.place(edge_place(v, side, part, 0.0)));
            for p in seen.through {
                out.push(softened(beside(a, b, p) / (EDGE_MM * scale)));
            }
        }
        for (k, firmness) in FIRMNESS {
            out.push((v[k] - self.usual[k]) / firmness);
        }
    }
}

/// A pinhole camera before a bent leaf, its sines and scales worked out.
#[derive(Debug, Clone, Copy)]
struct Camera {
    across: Mm,
    down: f64,
    away: Mm,
    turn: [f64; 2],
    offset: Px,
    axis: Px,
    focal: f64,
    far: f64,
    bend: f64,
    left: f64,
    per_width: f64,
}

impl Camera {
    fn of(v: &Values, axis: Px) -> Self {
        let (sin_a, cos_a) = v[TILT_ACROSS].sin_cos();
        let (sin_b, cos_b) = v[TILT_ALONG].sin_cos();
        let (sin, cos) = v[TURN].sin_cos();
        let (scale, focal) = (v[SCALE].exp(), v[FOCAL].exp());
        Self {
            across: [cos_a, sin_a * sin_b],
            down: cos_b,
            away: [-sin_a, cos_a * sin_b],
            turn: [cos, sin],
            offset: [(v[X] - axis[0]) / scale, (v[Y] - axis[1]) / scale],
            axis,
            focal,
            far: focal / scale,
            bend: v[BEND],
            left: v[LEFT],
            per_width: std::f64::consts::PI / v[WIDTH],
        }
    }

    fn place(&self, [x, y]: Mm) -> Px {
        let y = y - self.bend * ((x + self.left) * self.per_width).sin();
        let across = self.across[0] * x + self.across[1] * y;
        let down = self.down * y;
        let away = self.away[0] * x + self.away[1] * y;
        let [cos, sin] = self.turn;
        // Never behind the camera.
        let depth = (self.far + away).max(0.05 * self.far);
        let zoom = self.focal / depth;
        [
            self.axis[0] + zoom * (cos * across - sin * down + self.offset[0]),
            self.axis[1] + zoom * (sin * across + cos * down + self.offset[1]),
        ]
    }
}

/// Far off, an edge speaks ever more softly: it may be another thing's (Huber's loss).
fn softened(deviations: f64) -> f64 {
    const SOFT: f64 = 2.5;
    let far = deviations.abs();
    if far <= SOFT {
        deviations
    } else {
        deviations.signum() * (SOFT * (2.0 * far - SOFT)).sqrt()
    }
}

/// How far a point lies beside the straight line through two others, pixels.
fn beside(a: Px, b: Px, p: Px) -> f64 {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]).max(1e-9);
    (d[0] * (p[1] - a[1]) - d[1] * (p[0] - a[0])) / length
}

fn edge_place(v: &Values, side: Side, part: f64, outside_mm: f64) -> Mm {
    let (left, bottom) = (-v[LEFT], v[UNDER]);
    let (right, top) = (left + v[WIDTH], bottom - v[HEIGHT]);
    match side {
        Side::Top => [left + v[WIDTH] * part, top - outside_mm],
        Side::Bottom => [left + v[WIDTH] * part, bottom + outside_mm],
        Side::Left => [left - outside_mm, bottom - v[HEIGHT] * part],
        Side::Right => [right + outside_mm, bottom - v[HEIGHT] * part],
    }
}

fn sum_of_squares(values: &[f64]) -> f64 {
    dot(values, values)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
