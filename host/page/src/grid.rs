//! From columns of evidence to characters: a zone's line is printed at one pitch, so its characters
//! stand on a grid (a slightly bent one where the page tilts away).

use crate::evidence::{Class, LineEvidence};
use std::ops::Range;

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

/// How many characters of a piece of a line are scored together.
const PIECE: usize = 8;

/// How much likelier [`PIECE`] characters at an even pitch are in a piece of a line than nothing at all, for
/// each of them; [`FLOOR`] where they cannot be laid.
pub(crate) fn piece_score(evidence: &LineEvidence) -> f32 {
    let Some(counted) = count(evidence) else {
        return FLOOR;
    };
    let kinds = Kinds::of(evidence);
    let pitch = refined_pitch(&pulses(&kinds), counted.pitch);
    Walk::from(&kinds, pitch, 0.0..f32::MAX)
        .best(&[PIECE])
        .first()
        .map_or(FLOOR, |(score, _)| score / PIECE as f32)
}

/// The best grid of each length, where one can be laid at all.
pub(crate) fn fit(evidence: &LineEvidence) -> Vec<GridLine> {
    lay(evidence, &LENGTHS, 0.0..f32::MAX)
}

/// The best grid of one length that begins within a range of evidence columns.
pub(crate) fn fit_from(
    evidence: &LineEvidence,
    length: usize,
    begin: Range<f32>,
) -> Option<GridLine> {
    lay(evidence, &[length], begin).pop()
}

fn lay(evidence: &LineEvidence, lengths: &[usize], begin: Range<f32>) -> Vec<GridLine> {
    let Some(counted) = count(evidence) else {
        return Vec::new();
    };
    let kinds = Kinds::of(evidence);
    let pitch = refined_pitch(&pulses(&kinds), counted.pitch);
    Walk::from(&kinds, pitch, begin)
        .best(lengths)
        .into_iter()
        .filter_map(|(score, places)| {
            let at = smoothed(&places)?;
            let middle = at.len() / 2;
            let pitch = (at[middle + 1] - at[middle - 1]) / 2.0;
            Some(GridLine {
                letters: at.iter().map(|x| letter(evidence, *x, pitch)).collect(),
                score,
                at,
                pitch,
            })
        })
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

/// The best way along a line in nearly equal steps, from character to character: dynamic programming
/// over half columns and steps. The step may change slowly, as perspective and a bent leaf make it do.
struct Walk {
    /// Half columns in the strip.
    places: usize,
    /// The steps that are tried, in half columns.
    steps: Vec<usize>,
    /// For each half column: how much a character there speaks for a line.
    here: Vec<f32>,
    /// For each half column: how much a gap there does.
    gap: Vec<f32>,
    /// The half columns at which the way may begin.
    begin: Range<usize>,
}

/// What it costs to change the step by half a column.
const CHANGE: f32 = 0.4;
const NEVER: f32 = -1e9;

impl Walk {
    /// Ways in about this pitch that begin within a range of columns.
    fn from(kinds: &Kinds, pitch: f32, begin: Range<f32>) -> Self {
        let places = kinds.character.len() * 2 - 1;
        let at = |values: &[f32], p: usize| {
            (values[p / 2] + values[(p / 2 + p % 2).min(values.len() - 1)]) / 2.0
        };
        let least = ((pitch * 2.0 * 0.72).floor() as usize).max(3);
        let most = (pitch * 2.0 * 1.36).ceil() as usize;
        Self {
            places,
            steps: (least..=most).collect(),
            here: (0..places)
                .map(|p| at(&kinds.character, p) - at(&kinds.outside, p))
                .collect(),
            gap: (0..places).map(|p| 0.5 * at(&kinds.gap, p)).collect(),
            begin: (begin.start * 2.0).max(0.0) as usize..(begin.end * 2.0).max(0.0) as usize,
        }
    }

    /// For each of the lengths the best score, and the columns of the characters.
    fn best(&self, lengths: &[usize]) -> Vec<(f32, Vec<f32>)> {
        let kinds = self.steps.len();
        let last = lengths.iter().copied().max().unwrap_or(0);
        // For each step that led here and each place: the best score of a walk that ends here.
        let begun = self.here.iter().enumerate();
        let begun = begun.map(|(place, here)| match self.begin.contains(&place) {
            true => *here,
            false => NEVER,
        });
        let mut scores: Vec<Vec<f32>> = vec![begun.collect(); kinds];
        let mut ways: Vec<Vec<u8>> = Vec::with_capacity(last);
        let mut found = Vec::new();
        for character in 1..last {
            let mut next = vec![vec![NEVER; self.places]; kinds];
            let mut way = vec![0u8; kinds * self.places];
            for (k, step) in self.steps.iter().copied().enumerate() {
                let Some(reach) = self.places.checked_sub(step) else {
                    continue;
                };
                let to = &mut next[k][step..];
                let by = &mut way[k * self.places + step..][..reach];
                to.copy_from_slice(&scores[k][..reach]);
                by.fill(k as u8);
                for (other, cost) in [
                    (k.wrapping_sub(1), CHANGE),
                    (k + 1, CHANGE),
                    (k.wrapping_sub(2), 2.5 * CHANGE),
                    (k + 2, 2.5 * CHANGE),
                ] {
                    let Some(from) = scores.get(other) else {
                        continue;
                    };
                    for ((to, by), from) in to.iter_mut().zip(by.iter_mut()).zip(from) {
                        let better = from - cost > *to;
                        *to = if better { from - cost } else { *to };
                        *by = if better { other as u8 } else { *by };
                    }
                }
                // Half-way from `i` to `i + step` lies a gap.
                let gaps = &self.gap[step / 2..];
                for ((to, here), gap) in to.iter_mut().zip(&self.here[step..]).zip(gaps) {
                    *to += here + gap;
                }
            }
            ways.push(way);
            scores = next;
            if lengths.contains(&(character + 1)) {
                found.extend(self.back(&scores, &ways));
            }
        }
        found
    }

    /// The best walk of this length, traced back.
    fn back(&self, scores: &[Vec<f32>], ways: &[Vec<u8>]) -> Option<(f32, Vec<f32>)> {
        let mut best = (NEVER, 0, 0);
        for (k, row) in scores.iter().enumerate() {
            for (place, score) in row.iter().enumerate() {
                if *score > best.0 {
                    best = (*score, k, place);
                }
            }
        }
        let (score, mut k, mut place) = best;
        if score <= NEVER / 2.0 {
            return None;
        }
        let mut at = vec![place as f32 / 2.0];
        for way in ways.iter().rev() {
            let by = usize::from(way[k * self.places + place]);
            place -= self.steps[k];
            k = by;
            at.push(place as f32 / 2.0);
        }
        at.reverse();
        Some((score, at))
    }
}

/// The places on a smooth curve: each the value at its own place of a straight line through its
/// neighbourhood, so that half columns do not show and one doubtful character does not stray.
fn smoothed(places: &[f32]) -> Option<Vec<f32>> {
    const REACH: usize = 6;
    if places.len() < 2 * REACH + 1 {
        return None;
    }
    let line = |i: usize| {
        let from = i.saturating_sub(REACH).min(places.len() - 2 * REACH - 1);
        let part = &places[from..from + 2 * REACH + 1];
        let n = part.len() as f32;
        let middle = REACH as f32;
        let mean = part.iter().sum::<f32>() / n;
        let (mut up, mut down) = (0.0f32, 0.0f32);
        for (j, x) in part.iter().enumerate() {
            let t = j as f32 - middle;
            up += t * (x - mean);
            down += t * t;
        }
        mean + up / down * ((i - from) as f32 - middle)
    };
    Some((0..places.len()).map(line).collect())
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
