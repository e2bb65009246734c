//! From columns of evidence to characters: a zone's line is printed at one pitch, so its characters
//! stand on a grid (a slightly bent one where the page tilts away).

use crate::evidence::{Class, LineEvidence};

/// How many characters a line of the five formats has (Doc 9303 parts 4 to 7).
pub(crate) const LENGTHS: [usize; 3] = [30, 36, 44];

/// The logarithm of the probability of each of the 37 characters at one place of a line.
pub(crate) type Letter = [f32; 37];

/// A line's characters on its grid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GridLine {
    /// Evidence columns of the characters' centres.
    pub(crate) at: Vec<f32>,
    /// What each shows.
    pub(crate) letters: Vec<Letter>,
    /// How much likelier the grid is than nothing at all: the sum of the logarithms over its places.
    pub(crate) score: f32,
    /// Evidence columns from one character to the next, in the middle of the line.
    pub(crate) pitch: f32,
}

/// The logarithms of "some character", "gap" and "outside" for each column.
struct Kinds {
    character: Vec<f32>,
    gap: Vec<f32>,
    outside: Vec<f32>,
}

const FLOOR: f32 = -6.0;

impl Kinds {
    fn of(evidence: &LineEvidence) -> Self {
        let mut kinds = Self {
            character: Vec::with_capacity(evidence.columns.len()),
            gap: Vec::with_capacity(evidence.columns.len()),
            outside: Vec::with_capacity(evidence.columns.len()),
        };
        for column in &evidence.columns {
            let sum: f32 = column[..37].iter().map(|l| l.exp()).sum();
            kinds.character.push(sum.max(1e-9).ln().max(FLOOR));
            kinds.gap.push(column[Class::GAP].max(FLOOR));
            kinds.outside.push(column[Class::OUTSIDE].max(FLOOR));
        }
        kinds
    }
}

/// The value between columns; beyond the strip the line is certainly over.
fn between(values: &[f32], x: f32, beyond: f32) -> f32 {
    if x < 0.0 || x > (values.len() - 1) as f32 {
        return beyond;
    }
    let i = x as usize;
    let next = values[(i + 1).min(values.len() - 1)];
    values[i] + (next - values[i]) * (x - i as f32)
}

/// The middles of the stretches where a character is likelier than anything else.
fn pulses(kinds: &Kinds) -> Vec<f32> {
    let mut found = Vec::new();
    let mut begun: Option<usize> = None;
    for i in 0..=kinds.character.len() {
        let on = i < kinds.character.len() && kinds.character[i] > -0.7;
        match (on, begun) {
            (true, None) => begun = Some(i),
            (false, Some(from)) => {
                found.push((from + i - 1) as f32 / 2.0);
                begun = None;
            }
            _ => {}
        }
    }
    found
}

/// The first and the last column of the line itself: the longest stretch of characters without a wide
/// gap, and what goes on beyond a gap (a patch of glare) with several characters. Lone marks beside the
/// line, which look like a character here and there, are not part of it.
pub(crate) fn stretch(evidence: &LineEvidence) -> Option<(usize, usize)> {
    const NARROW: usize = 16;
    const WIDE: usize = 60;
    const SEVERAL: usize = 9;
    // First column, last column, columns that show a character.
    let mut parts: Vec<(usize, usize, usize)> = Vec::new();
    for (i, column) in evidence.columns.iter().enumerate() {
        if column[..37].iter().map(|l| l.exp()).sum::<f32>() < 0.5 {
            continue;
        }
        match parts.last_mut() {
            Some(part) if i - part.1 <= NARROW => {
                part.1 = i;
                part.2 += 1;
            }
            _ => parts.push((i, i, 1)),
        }
    }
    let largest = (0..parts.len()).max_by_key(|k| parts[*k].2)?;
    let (mut first, mut last, _) = parts[largest];
    for part in &parts[largest + 1..] {
        if part.0 - last <= WIDE && part.2 >= SEVERAL {
            last = part.1;
        }
    }
    for part in parts[..largest].iter().rev() {
        if first - part.1 <= WIDE && part.2 >= SEVERAL {
            first = part.0;
        }
    }
    Some((first, last))
}

/// What was counted before any grid: the usual distance between characters.
pub(crate) struct Count {
    pub(crate) pitch: f32,
    /// Share of the columns that are a character or a gap rather than outside.
    pub(crate) inside: f32,
}

/// Counts the characters of a piece of a line; `None` where hardly any is seen.
pub(crate) fn count(evidence: &LineEvidence) -> Option<Count> {
    let kinds = Kinds::of(evidence);
    let pulses = pulses(&kinds);
    if pulses.len() < 5 {
        return None;
    }
    let mut steps: Vec<f32> = pulses.windows(2).map(|p| p[1] - p[0]).collect();
    steps.sort_by(f32::total_cmp);
    let pitch = steps[steps.len() / 2].max(2.0);
    let inside =
        kinds.outside.iter().map(|o| 1.0 - o.exp()).sum::<f32>() / kinds.outside.len() as f32;
    Some(Count { pitch, inside })
}

/// The best grid of each length, where one can be laid at all.
pub(crate) fn fit(evidence: &LineEvidence) -> Vec<GridLine> {
    let Some(counted) = count(evidence) else {
        return Vec::new();
    };
    let kinds = Kinds::of(evidence);
    let columns = evidence.columns.len() as f32;
    let mut best: [Option<(f32, Grid)>; 3] = [None; 3];
    let p0 = refined_pitch(&pulses(&kinds), counted.pitch);
    for p_step in -14..=14 {
        let pitch = p0 * (1.0 + 0.005 * p_step as f32);
        for q_step in -3..=3 {
            for phase in 0..8 {
                let grid = Grid {
                    origin: columns / 2.0 + pitch * phase as f32 / 8.0,
                    pitch,
                    bend: 0.02 * q_step as f32,
                    half: columns / 2.0,
                };
                for (slot, found) in best.iter_mut().zip(grid.windows(&kinds)) {
                    if let Some((score, first)) = found
                        && slot.as_ref().is_none_or(|(s, _)| *s < score)
                    {
                        *slot = Some((score, grid.beginning(first)));
                    }
                }
            }
        }
    }
    LENGTHS
        .iter()
        .zip(best)
        .filter_map(|(n, slot)| slot.map(|(_, grid)| grid.polished(&kinds, *n)))
        .map(|(score, grid, n)| grid.line(evidence, n, score))
        .collect()
}

/// The pitch that the pulses agree on: the mean of the steps close to the median.
fn refined_pitch(pulses: &[f32], median: f32) -> f32 {
    let near: Vec<f32> = pulses
        .windows(2)
        .map(|p| p[1] - p[0])
        .filter(|s| (s / median - 1.0).abs() < 0.22)
        .collect();
    if near.is_empty() {
        median
    } else {
        near.iter().sum::<f32>() / near.len() as f32
    }
}

/// Places of characters: `origin + pitch * i`, bent by perspective.
#[derive(Debug, Clone, Copy)]
struct Grid {
    origin: f32,
    pitch: f32,
    bend: f32,
    half: f32,
}

impl Grid {
    fn at(&self, i: f32) -> f32 {
        let x = self.origin + self.pitch * i;
        let t = (x - self.half) / self.half;
        x + self.bend * self.half * (t * t - 0.33)
    }

    /// The same grid counted from another of its places.
    fn beginning(&self, first: i32) -> Self {
        Self {
            origin: self.origin + self.pitch * first as f32,
            ..*self
        }
    }

    /// For each length, the best run of that many places and its first: characters with gaps
    /// between them inside, nothing outside.
    fn windows(&self, kinds: &Kinds) -> [Option<(f32, i32)>; 3] {
        let reach = (self.half / self.pitch).ceil() as i32 + 3;
        let mut sums = vec![0.0f32];
        for i in -reach..=reach {
            let x = self.at(i as f32);
            let here = between(&kinds.character, x, -2.5);
            let gap = between(&kinds.gap, self.at(i as f32 + 0.5), -1.0);
            let outside = between(&kinds.outside, x, 0.0);
            let inside = here + 0.5 * gap;
            let last = sums[sums.len() - 1];
            sums.push(last + inside - outside);
        }
        let mut best = [None; 3];
        for (slot, n) in best.iter_mut().zip(LENGTHS) {
            for first in 0..sums.len().saturating_sub(n) {
                let score = sums[first + n] - sums[first];
                if slot.is_none_or(|(s, _)| s < score) {
                    *slot = Some((score, first as i32 - reach));
                }
            }
        }
        best
    }

    /// The score of exactly this grid with `n` places.
    fn score(&self, kinds: &Kinds, n: usize) -> f32 {
        let mut sum = 0.0;
        for i in 0..n {
            let x = self.at(i as f32);
            sum += between(&kinds.character, x, -2.5) - between(&kinds.outside, x, 0.0)
                + 0.5 * between(&kinds.gap, self.at(i as f32 + 0.5), -1.0);
        }
        sum
    }

    /// The grid moved to the best place nearby.
    fn polished(mut self, kinds: &Kinds, n: usize) -> (f32, Self, usize) {
        let mut best = self.score(kinds, n);
        let mut size = 1.0f32;
        while size > 0.1 {
            let mut moved = false;
            let trials = [
                (0.25 * size, 0.0, 0.0),
                (-0.25 * size, 0.0, 0.0),
                (-0.12 * size, 0.25 * size / n as f32, 0.0),
                (0.12 * size, -0.25 * size / n as f32, 0.0),
                (0.0, 0.25 * size / n as f32, 0.0),
                (0.0, -0.25 * size / n as f32, 0.0),
                (0.0, 0.0, 0.008 * size),
                (0.0, 0.0, -0.008 * size),
            ];
            for (origin, pitch, bend) in trials {
                let trial = Self {
                    origin: self.origin + origin,
                    pitch: self.pitch + pitch * 2.0,
                    bend: self.bend + bend,
                    ..self
                };
                let score = trial.score(kinds, n);
                if score > best + 1e-4 {
                    (best, self, moved) = (score, trial, true);
                }
            }
            if !moved {
                size *= 0.5;
            }
        }
        (best, self, n)
    }

    /// The characters at the grid's places.
    fn line(&self, evidence: &LineEvidence, n: usize, score: f32) -> GridLine {
        let at: Vec<f32> = (0..n).map(|i| self.at(i as f32)).collect();
        GridLine {
            letters: at
                .iter()
                .map(|x| letter(evidence, *x, self.pitch))
                .collect(),
            score,
            at,
            pitch: self.pitch,
        }
    }
}

/// What the columns around a place say of the character there.
fn letter(evidence: &LineEvidence, x: f32, pitch: f32) -> Letter {
    let mut sum = [0.0f32; 37];
    let mut weight = 0.0;
    let reach = (0.28 * pitch).max(1.0);
    let from = (x - reach).ceil().max(0.0) as usize;
    let to = ((x + reach).floor().max(0.0) as usize).min(evidence.columns.len().saturating_sub(1));
    for i in from..=to {
        let Some(column) = evidence.columns.get(i) else {
            break;
        };
        let near = 1.0 - 0.6 * ((i as f32 - x) / reach).abs();
        let characters: f32 = column[..37].iter().map(|l| l.exp()).sum();
        // A column that shows a gap knows nothing of the character.
        let w = near.max(0.05) * (0.05 + characters);
        let whole = characters.max(1e-12).ln();
        for (s, l) in sum.iter_mut().zip(&column[..37]) {
            *s += w * (l - whole).max(-14.0);
        }
        weight += w;
    }
    if weight <= 0.0 {
        return [(1.0f32 / 37.0).ln(); 37];
    }
    let mut total = 0.0;
    for s in &mut sum {
        *s /= weight;
        total += s.exp();
    }
    let whole = total.max(1e-12).ln();
    sum.map(|s| s - whole)
}
