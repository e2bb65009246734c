//! Looking for a page's edges near where they should be: a straight change of brightness along the whole
//! of a side. The desk's own pattern changes this way and that; an edge changes the same way all along.

use crate::plane::Plane;
use crate::pose::{NEAR_END, Pose, Px, SeenEdge, Side};

/// The picture in a size in which a millimetre of the page is a few pixels.
pub(crate) struct Sight {
    plane: Plane,
    /// Pixels of the picture for one of the plane, across and down.
    factor: [f64; 2],
}

/// Pixels for a millimetre in which edges are looked for.
const PIXELS_PER_MM: f64 = 5.0;

impl Sight {
    /// The picture for a page seen at so many pixels per millimetre.
    pub(crate) fn of(picture: &Plane, pixels_per_mm: f64) -> Self {
        let factor = (pixels_per_mm / PIXELS_PER_MM).max(1.0);
        let plane = picture.reduced(factor as f32);
        Self {
            factor: [
                picture.width as f64 / plane.width as f64,
                picture.height as f64 / plane.height as f64,
            ],
            plane,
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
        inside.then(|| self.plane.sample(x as f32, y as f32))
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
/// The least part of a side that must be in the picture.
const LEAST_SEEN: f32 = 0.6;

/// Looks for one edge; `None` where none is seen.
pub(crate) fn look(sight: &Sight, pose: &Pose, side: Side, reach: Reach) -> Option<SeenEdge> {
    let inside = reach.inside[0].max(reach.inside[1]);
    let outside = reach.outside[0].max(reach.outside[1]);
    let margin = (BROAD + 1) as f64 * STEP_MM;
    let steps = ((inside + outside + 2.0 * margin) / STEP_MM) as usize + 1;
    let first = -inside - margin;
    let part = |i: usize| FROM_CORNER + (1.0 - 2.0 * FROM_CORNER) * i as f64 / (PLACES - 1) as f64;
    // The change across the edge at every place and step.
    let mut changes = vec![[0.0f32; PLACES]; steps];
    let mut seen = 0usize;
    for i in 0..PLACES {
        let row: Vec<Option<f32>> = (0..steps)
            .map(|k| {
                let at = pose.on_edge(side, part(i), first + STEP_MM * k as f64);
                sight.at(pose.place(at))
            })
            .collect();
        let mut whole = true;
        for k in BROAD..steps - BROAD {
            let mean = |part: &[Option<f32>]| {
                part.iter()
                    .copied()
                    .sum::<Option<f32>>()
                    .map(|s| s / part.len() as f32)
            };
            match (mean(&row[k - BROAD..k]), mean(&row[k + 1..k + 1 + BROAD])) {
                (Some(before), Some(after)) => {
                    changes[k][i] = (after - before).clamp(-MOST, MOST);
                }
                _ => whole = false,
            }
        }
        seen += usize::from(whole);
    }
    if (seen as f32) < LEAST_SEEN * PLACES as f32 {
        return None;
    }
    let offset = |k: usize| first + STEP_MM * k as f64;
    let range = |end: usize| {
        let from = ((-reach.inside[end] - first) / STEP_MM).round() as usize;
        let to = ((reach.outside[end] - first) / STEP_MM).round() as usize;
        from..=to.min(steps - 1 - BROAD)
    };
    let weight = |end: usize, k: usize| {
        let off = offset(k) / reach.usual[end];
        (-0.5 * off * off).exp() as f32
    };
    let mut best: Option<(f32, f32, usize, usize)> = None;
    for a in range(0) {
        for b in range(1) {
            let strength = strength(&changes, a, b);
            let score = strength * (0.15 + weight(0, a)) * (0.15 + weight(1, b));
            if best.is_none_or(|(s, ..)| score > s) {
                best = Some((score, strength, a, b));
            }
        }
    }
    let (_, strength, a, b) = best?;
    if strength < LEAST {
        return None;
    }
    let end = |t: f64| {
        let off = offset(a) + (offset(b) - offset(a)) * t;
        pose.place(pose.on_edge(side, t, off))
    };
    Some(SeenEdge {
        through: [end(NEAR_END), end(1.0 - NEAR_END)],
        ends: [end(0.0), end(1.0)],
    })
}

/// The mean change along the straight line from step `a` at the beginning to step `b` at the end, each
/// part of it counted as strong as it goes one way.
fn strength(changes: &[[f32; PLACES]], a: usize, b: usize) -> f32 {
    let (a, slope) = (a as f32, (b as f32 - a as f32) / (PLACES - 1) as f32);
    let mut total = 0.0;
    for part in (0..PLACES).step_by(PART) {
        let sum: f32 = (part..part + PART)
            .map(|i| changes[(a + slope * i as f32 + 0.5) as usize][i])
            .sum();
        total += sum.abs();
    }
    total / PLACES as f32
}
