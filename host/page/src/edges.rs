//! Looking for a page's edges near where they should be: a straight change of brightness along the whole
//! of a side, or a dark line (a fold, a shadow, a drawn rim). The desk's own pattern changes this way and
//! that; an edge changes the same way all along. Where nothing else is seen and the picture ends, the page
//! ends with it.

use crate::plane::{Plane, Pyramid};
use crate::pose::{EdgeKind, NEAR_END, Pose, Px, SeenEdge, Side};

/// The picture in a size in which a millimetre of the page is a few pixels.
pub(crate) struct Sight {
    plane: Plane,
    /// Pixels of the picture for one of the plane, across and down.
    factor: [f64; 2],
    /// How much a dark line counts against a change from one brightness to another.
    line: f32,
}

/// How a document's leaf ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// In a fold on one side: a dark line between two pages of one colour.
    Folded,
    /// Loose on all sides. A dark line is at most a drawn rim; rules and titles are lines too.
    Loose,
}

/// Pixels for a millimetre in which edges are looked for.
const PIXELS_PER_MM: f64 = 5.0;

impl Sight {
    /// The picture for a page seen at so many pixels per millimetre.
    pub(crate) fn of(picture: &Pyramid<'_>, pixels_per_mm: f64, leaf: Leaf) -> Self {
        let factor = (pixels_per_mm / PIXELS_PER_MM).max(1.0);
        let plane = picture.reduced(factor as f32);
        let (width, height) = picture.size();
        Self {
            factor: [
                width as f64 / plane.width as f64,
                height as f64 / plane.height as f64,
            ],
            plane,
            line: match leaf {
                Leaf::Folded => 1.5,
                Leaf::Loose => 0.7,
            },
        }
    }

    /// The grey value at a place of the picture; `None` outside it.
    pub(crate) fn at(&self, p: Px) -> Option<f32> {
        let x = (p[0] + 0.5) / self.factor[0] - 0.5;
        let y = (p[1] + 0.5) / self.factor[1] - 0.5;
        let inside = x > -0.5
            && y > -0.5
            && x < self.plane.width as f64 - 0.5
            && y < self.plane.height as f64 - 0.5;
        inside.then(|| self.plane.sample([x as f32, y as f32]))
    }
}

/// How far around where it is expected an edge is looked for, millimetres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Inwards, at the beginning of the side (left or below) and at its end.
    pub(crate) inside: [f64; 2],
    /// Outwards.
    pub(crate) outside: [f64; 2],
    /// How far off it usually is (a standard deviation), at the beginning and at the end.
    pub(crate) usual: [f64; 2],
}

/// Steps across an edge, millimetres.
const STEP_MM: f64 = 0.25;
/// Steps on either side whose mean is compared.
const BROAD: usize = 4;
/// Places along an edge, and how many of them make a part that must change one way.
const PLACES: usize = 42;
const PART: usize = 7;
/// How far the places keep from the corners, as part of the side.
const FROM_CORNER: f64 = 0.06;
/// A change beyond this counts no more: one dark thing is not an edge.
const MOST: f32 = 28.0;
/// The least mean change along an edge, in grey levels.
const LEAST: f32 = 3.5;
/// The least part of a side along which an edge must be in the picture.
const LEAST_SEEN: f32 = 0.6;
/// How much the picture's end counts, in grey levels.
const BORDER: f32 = 6.0;
/// Steps on either side of a dark line's middle that belong to it.
const NARROW: usize = 1;

/// What is seen along a side, at every step across it and every place along it.
struct Bands {
    /// How much brighter it is outside than inside.
    changes: Vec<[f32; PLACES]>,
    /// How much darker it is than on either side.
    lines: Vec<[f32; PLACES]>,
    /// The picture's end.
    borders: Vec<[f32; PLACES]>,
    /// Whether the step is in the picture with its surroundings: 1 or 0.
    seen: Vec<[f32; PLACES]>,
    /// How much a line counts.
    line: f32,
}

impl Bands {
    fn of(sight: &Sight, pose: &Pose, side: Side, first: f64, steps: usize) -> Self {
        let none = || vec![[0.0f32; PLACES]; steps];
        let mut bands = Self {
            changes: none(),
            lines: none(),
            borders: none(),
            seen: none(),
            line: sight.line,
        };
        let place = pose.placing();
        for i in 0..PLACES {
            let row: Vec<Option<f32>> = (0..steps)
                .map(|k| {
                    let at = pose.on_edge(side, part(i), first + STEP_MM * k as f64);
                    sight.at(place(at))
                })
                .collect();
            for k in 1..steps {
                if row[k - 1].is_some() && row[k].is_none() {
                    for near in bands.borders.iter_mut().take(k + 2).skip(k - 1) {
                        near[i] = BORDER;
                    }
                }
            }
            for k in BROAD..steps - BROAD {
                let (before, after) = (mean(&row[k - BROAD..k]), mean(&row[k + 1..=k + BROAD]));
                let (Some(before), Some(after)) = (before, after) else {
                    continue;
                };
                bands.seen[k][i] = 1.0;
                bands.changes[k][i] = (after - before).clamp(-MOST, MOST);
                let line = mean(&row[k - NARROW..=k + NARROW]).unwrap_or(before);
                bands.lines[k][i] = ((before + after) / 2.0 - line).clamp(-MOST, MOST);
            }
        }
        bands
    }

    /// How strongly an edge shows along the straight line from step `a` to step `b`, and how.
    fn strength(&self, a: usize, b: usize) -> (f32, EdgeKind) {
        let border = along(&self.borders, a, b);
        let shown = along(&self.changes, a, b).max(self.line * along(&self.lines, a, b));
        if shown > border && along(&self.seen, a, b) >= LEAST_SEEN {
            (shown, EdgeKind::Shown)
        } else {
            (border, EdgeKind::Border)
        }
    }
}

/// Which part of the side a place along it is.
fn part(place: usize) -> f64 {
    FROM_CORNER + (1.0 - 2.0 * FROM_CORNER) * place as f64 / (PLACES - 1) as f64
}

/// The mean; `None` where one is missing.
fn mean(values: &[Option<f32>]) -> Option<f32> {
    let sum: Option<f32> = values.iter().copied().sum();
    sum.map(|s| s / values.len() as f32)
}

/// The mean along the straight line from step `a` at the beginning to step `b` at the end, each part of
/// it counted as strong as it goes one way.
fn along(band: &[[f32; PLACES]], a: usize, b: usize) -> f32 {
    let (a, slope) = (a as f32, (b as f32 - a as f32) / (PLACES - 1) as f32);
    let mut total = 0.0;
    for part in (0..PLACES).step_by(PART) {
        let sum: f32 = (part..part + PART)
            .map(|i| band[(a + slope * i as f32 + 0.5) as usize][i])
            .sum();
        total += sum.abs();
    }
    total / PLACES as f32
}

/// Two edges nearer to each other than this are one, millimetres.
const APART_MM: f64 = 1.5;

/// The likeliest edge; `None` where none is seen.
pub(crate) fn look(sight: &Sight, pose: &Pose, side: Side, reach: Reach) -> Option<SeenEdge> {
    candidates(sight, pose, side, reach, 1)
        .first()
        .map(|(edge, _)| *edge)
}

/// What may be an edge, the likeliest first, each with its strength in grey levels; so many at most.
pub(crate) fn candidates(
    sight: &Sight,
    pose: &Pose,
    side: Side,
    reach: Reach,
    most: usize,
) -> Vec<(SeenEdge, f32)> {
    let inside = reach.inside[0].max(reach.inside[1]);
    let outside = reach.outside[0].max(reach.outside[1]);
    let margin = (BROAD + 1) as f64 * STEP_MM;
    let steps = ((inside + outside + 2.0 * margin) / STEP_MM) as usize + 1;
    let first = -inside - margin;
    let bands = Bands::of(sight, pose, side, first, steps);
    let offset = |k: usize| first + STEP_MM * k as f64;
    let range = |end: usize| {
        let from = ((-reach.inside[end] - first) / STEP_MM).round() as usize;
        let to = ((reach.outside[end] - first) / STEP_MM).round() as usize;
        from..=to.min(steps - 1 - BROAD)
    };
    let weights: [Vec<f32>; 2] = [0, 1].map(|end| {
        let weight = |k: usize| {
            let off = offset(k) / reach.usual[end];
            0.15 + (-0.5 * off * off).exp() as f32
        };
        (0..steps).map(weight).collect()
    });
    let mut ways = Vec::new();
    for a in range(0) {
        for b in range(1) {
            let (strength, kind) = bands.strength(a, b);
            if strength >= LEAST {
                let score = strength * weights[0][a] * weights[1][b];
                ways.push((score, strength, kind, a, b));
            }
        }
    }
    ways.sort_unstable_by(|x, y| y.0.total_cmp(&x.0));
    let mut found: Vec<(SeenEdge, f32)> = Vec::new();
    let mut middles: Vec<f64> = Vec::new();
    for (_, strength, kind, a, b) in ways {
        let middle = (offset(a) + offset(b)) / 2.0;
        if middles.iter().any(|m| (m - middle).abs() < APART_MM) {
            continue;
        }
        let end = |t: f64| {
            let off = offset(a) + (offset(b) - offset(a)) * t;
            pose.place(pose.on_edge(side, t, off))
        };
        let edge = SeenEdge {
            through: [end(NEAR_END), end(1.0 - NEAR_END)],
            ends: [end(0.0), end(1.0)],
            kind,
        };
        middles.push(middle);
        found.push((edge, strength));
        if found.len() >= most {
            break;
        }
    }
    found
}
