//! Where lines of print may lie: long, thin, evenly grained runs of dark marks, at any rotation.
//!
//! The picture is looked at in several sizes. In each, only print whose capitals are about 6 to 11
//! pixels high is looked for: marks darker than their surroundings are joined with what is nearer
//! than a letter's gap, and what comes out long and thin is a line. Whether it is a line of a zone
//! is not decided here; reading it decides.

use crate::marks::{self, Mask, Piece};
use crate::plane::{Plane, Pyramid};

/// The longest side of the largest size that is looked at, in pixels.
const LARGEST_SIDE: f32 = 1280.0;
/// The step from one size to the next.
const STEP: f32 = 1.5;
/// A size below which no line of a zone can show.
const SMALLEST_SIDE: f32 = 220.0;
/// The thickest line that is looked for in one size, in pixels of the reduced picture.
const THICKEST: f32 = 13.5;
/// How far marks are widened so that letters of one line touch, in pixels of the reduced picture.
const WIDEN: u32 = 2;

/// A straight run of print in the whole picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    /// Its middle.
    pub(crate) centre: [f32; 2],
    /// Unit vector along it; which of the two ways the text reads is not known.
    pub(crate) along: [f32; 2],
    /// Half its length.
    pub(crate) reach: f32,
    /// The height of its print, roughly a capital's.
    pub(crate) height: f32,
}

impl Run {
    /// The unit vector a quarter turn clockwise from `along` (down, where the text reads to the right).
    pub(crate) fn down(&self) -> [f32; 2] {
        [-self.along[1], self.along[0]]
    }

    /// Where a point lies seen from the run: along it and across it.
    pub(crate) fn locate(&self, point: [f32; 2]) -> [f32; 2] {
        let d = [point[0] - self.centre[0], point[1] - self.centre[1]];
        let n = self.down();
        [
            d[0] * self.along[0] + d[1] * self.along[1],
            d[0] * n[0] + d[1] * n[1],
        ]
    }

    /// The point so far along and across.
    pub(crate) fn point(&self, along: f32, across: f32) -> [f32; 2] {
        let n = self.down();
        [
            self.centre[0] + self.along[0] * along + n[0] * across,
            self.centre[1] + self.along[1] * along + n[1] * across,
        ]
    }
}

/// A picture in falling sizes, looked at from the smallest to the largest: most zones are seen in a small
/// one, and a small one costs little.
pub(crate) struct Sizes<'a> {
    picture: &'a Pyramid<'a>,
    /// The longest sides of the sizes, still to come, the smallest last.
    sides: Vec<f32>,
}

impl<'a> Sizes<'a> {
    pub(crate) fn of(picture: &'a Pyramid<'a>) -> Self {
        let (width, height) = picture.size();
        let mut sides = Vec::new();
        let mut side = (width.max(height) as f32).min(LARGEST_SIDE);
        while side >= SMALLEST_SIDE {
            sides.push(side);
            side /= STEP;
        }
        Self { picture, sides }
    }
}

impl Iterator for Sizes<'_> {
    /// Every run of print of one size that may be (part of) a line of a zone, in no order.
    type Item = Vec<Run>;

    fn next(&mut self) -> Option<Vec<Run>> {
        let side = self.sides.pop()?;
        let (width, height) = self.picture.size();
        let reduced = self.picture.reduced(width.max(height) as f32 / side);
        let scale = width as f32 / reduced.width as f32;
        let whole = |r: Run| Run {
            centre: [
                (r.centre[0] + 0.5) * scale - 0.5,
                (r.centre[1] + 0.5) * scale - 0.5,
            ],
            along: r.along,
            reach: r.reach * scale,
            height: r.height * scale,
        };
        let runs = joined(runs_of_size(&reduced)).into_iter();
        Some(
            runs.filter(|r| r.reach * 2.0 > 11.0 * r.height)
                .map(whole)
                .collect(),
        )
    }
}

/// Runs of print of 5 to 12 pixels of height.
fn runs_of_size(plane: &Plane) -> Vec<Run> {
    let (w, h) = (plane.width, plane.height);
    if w < 32 || h < 32 {
        return Vec::new();
    }
    // Marks too big for a letter or a row of touching letters (portraits, frames, emblems) go first.
    let ink = Mask::ink(plane);
    let ink_marks = ink.marks();
    let letters = ink.of(ink_marks.iter().filter(|mark| may_be_print(mark)));
    let mut found = Vec::new();
    for mark in letters.widened(WIDEN).marks().iter() {
        if marks::area(mark) < 250 {
            continue;
        }
        let letters = letters.points_in(mark);
        if letters.len() < 60 {
            continue;
        }
        let shape = Shape::of(&letters);
        let parts = if shape.thickness <= THICKEST {
            vec![shape]
        } else if shape.thickness <= 6.0 * THICKEST && shape.length > 1.6 * shape.thickness {
            lines_of_block(&letters, &shape)
        } else {
            continue;
        };
        for part in parts {
            if part.thickness >= 3.6 && part.length > 3.0 * part.thickness {
                found.push(Run {
                    centre: part.centre,
                    along: part.along,
                    reach: part.length / 2.0,
                    height: part.thickness,
                });
            }
        }
    }
    found
}

/// Whether a mark of ink may be a letter or a row of touching letters: neither too thick nor a thin line.
fn may_be_print(mark: &[Piece]) -> bool {
    const THICKEST: f32 = 13.0;
    const THINNEST: f32 = 1.2;
    const LONG: usize = 40;
    let area = marks::area(mark);
    if area < 3 {
        return false;
    }
    let (Some(first), Some(last)) = (mark.first(), mark.last()) else {
        return false;
    };
    let from = mark.iter().map(|p| p.from).min().unwrap_or(0);
    let to = mark.iter().map(|p| p.to).max().unwrap_or(0);
    let (across, down) = ((to - from - 1) as f32, (last.row - first.row) as f32);
    // A mark so small is not thick, and one of many pixels not thin.
    if across.hypot(down) <= THICKEST - 1.0 {
        return true;
    }
    let shape = Shape::of(&marks::points(mark));
    shape.thickness <= THICKEST && (shape.thickness > THINNEST || area < LONG)
}

/// The lines of a block of print whose lines touch when widened: cut where a profile across it has
/// valleys, at the angle (close to the block's own) at which the valleys are deepest.
fn lines_of_block(letters: &[[f32; 2]], block: &Shape) -> Vec<Shape> {
    let bins = (block.thickness * 1.4) as usize + 8;
    let middle = bins as f32 / 2.0;
    // How far a point lies across the block turned so far.
    let across = |turn: f32| {
        let (c, s) = (turn.cos(), turn.sin());
        let along = [
            block.along[0] * c - block.along[1] * s,
            block.along[0] * s + block.along[1] * c,
        ];
        move |[x, y]: [f32; 2]| {
            (y - block.centre[1]) * along[0] - (x - block.centre[0]) * along[1] + middle
        }
    };
    let profile = |turn: f32| {
        let mut counts = vec![0.0f32; bins];
        let across = across(turn);
        for at in letters {
            let bin = across(*at);
            if bin >= 0.0 && (bin as usize) < bins {
                counts[bin as usize] += 1.0;
            }
        }
        counts
    };
    let mut best = (f32::MIN, 0.0f32, Vec::new());
    for step in -8..=8 {
        let turn = 0.006 * step as f32;
        let counts = profile(turn);
        let contrast = counts.iter().map(|c| c * c).sum::<f32>();
        if contrast > best.0 {
            best = (contrast, turn, counts);
        }
    }
    let (_, turn, counts) = best;
    let across = across(turn);
    let most = counts.iter().copied().fold(0.0, f32::max);
    let mut lines = Vec::new();
    let mut from: Option<usize> = None;
    for bin in 0..=bins {
        let on = counts.get(bin).is_some_and(|c| *c > 0.3 * most);
        match (on, from) {
            (true, None) => from = Some(bin),
            (false, Some(first)) => {
                from = None;
                if !(3..=THICKEST as usize).contains(&(bin - first)) {
                    continue;
                }
                // A little of the valley belongs to the line: the feet and heads of its letters.
                let (low, high) = (first as f32 - 1.0, bin as f32 + 1.0);
                let part: Vec<[f32; 2]> = letters
                    .iter()
                    .copied()
                    .filter(|at| (low..high).contains(&across(*at)))
                    .collect();
                if part.len() >= 40 {
                    lines.push(Shape::of(&part));
                }
            }
            _ => {}
        }
    }
    lines
}

/// The lie of a set of pixels.
struct Shape {
    centre: [f32; 2],
    along: [f32; 2],
    length: f32,
    thickness: f32,
}

impl Shape {
    /// Principal axes; length end to end, thickness between the outer twentieths.
    fn of(points: &[[f32; 2]]) -> Self {
        let n = points.len().max(1) as f32;
        let (mut mx, mut my) = (0.0f32, 0.0f32);
        for [x, y] in points {
            mx += x;
            my += y;
        }
        (mx, my) = (mx / n, my / n);
        let (mut xx, mut xy, mut yy) = (0.0f32, 0.0f32, 0.0f32);
        for [x, y] in points {
            let (dx, dy) = (x - mx, y - my);
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
        }
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        let along = [angle.cos(), angle.sin()];
        let (mut low, mut high) = (f32::MAX, f32::MIN);
        let mut across: Vec<f32> = Vec::with_capacity(points.len());
        for [x, y] in points {
            let (dx, dy) = (x - mx, y - my);
            let t = dx * along[0] + dy * along[1];
            low = low.min(t);
            high = high.max(t);
            across.push(dy * along[0] - dx * along[1]);
        }
        let cut = across.len() / 25;
        let last = across.len() - 1;
        let below = *across.select_nth_unstable_by(cut, f32::total_cmp).1;
        let above = *across.select_nth_unstable_by(last - cut, f32::total_cmp).1;
        let (middle, side) = ((low + high) / 2.0, (below + above) / 2.0);
        Self {
            centre: [
                mx + along[0] * middle - along[1] * side,
                my + along[1] * middle + along[0] * side,
            ],
            along,
            length: high - low + 1.0,
            thickness: above - below + 1.0,
        }
    }
}

/// Runs that go on from one another, of one height and direction, made one.
fn joined(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by(|a, b| b.reach.total_cmp(&a.reach));
    let mut whole: Vec<Run> = Vec::new();
    let mut open: Vec<Option<Run>> = runs.into_iter().map(Some).collect();
    for i in 0..open.len() {
        let Some(mut grown) = open[i].take() else {
            continue;
        };
        loop {
            let next = open
                .iter_mut()
                .find(|slot| slot.is_some_and(|other| continues(&grown, &other)));
            let Some(other) = next.and_then(Option::take) else {
                break;
            };
            grown = union(&grown, &other);
        }
        whole.push(grown);
    }
    whole
}

/// Whether `other` (the shorter) lies on the prolongation of `run`.
fn continues(run: &Run, other: &Run) -> bool {
    let height = run.height.max(other.height);
    if run.height.min(other.height) < 0.55 * height {
        return false;
    }
    let [along, across] = run.locate(other.centre);
    let gap = along.abs() - run.reach - other.reach;
    let allowed = 0.45 * height + 0.02 * (along.abs() - run.reach).max(0.0);
    if across.abs() > allowed || gap > 5.0 * height || gap < -1.5 * height {
        return false;
    }
    // Short runs have no direction worth the name.
    let turn = (run.along[0] * other.along[1] - run.along[1] * other.along[0]).abs();
    other.reach < 4.0 * height || turn < 0.12
}

/// The run over both.
fn union(a: &Run, b: &Run) -> Run {
    let ends = |r: &Run| [r.point(-r.reach, 0.0), r.point(r.reach, 0.0)];
    let all = [ends(a), ends(b)].concat();
    let (mut low, mut high) = (all[0], all[0]);
    for p in &all {
        if a.locate(*p)[0] < a.locate(low)[0] {
            low = *p;
        }
        if a.locate(*p)[0] > a.locate(high)[0] {
            high = *p;
        }
    }
    let d = [high[0] - low[0], high[1] - low[1]];
    let length = (d[0] * d[0] + d[1] * d[1]).sqrt().max(1e-3);
    Run {
        centre: [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0],
        along: [d[0] / length, d[1] / length],
        reach: length / 2.0,
        height: (a.height * a.reach + b.height * b.reach) / (a.reach + b.reach),
    }
}
