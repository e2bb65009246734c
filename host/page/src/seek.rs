//! From runs of print to the lines of a zone: which runs read as zone lines, which way up, and which
//! neighbours belong to them.

use crate::evenness;
use crate::evidence::{LineEvidence, LineReader, STRIDE};
use crate::finder::{Run, Sizes};
use crate::grid::{self, GridLine, LENGTHS};
use crate::plane::Pyramid;
use crate::track::{CAPITAL, Track};

/// Columns of the piece that is read to see whether a run is a zone line, and which way up.
const PROBE: usize = 272;
/// How many runs of one size of the picture are probed.
const MOST_PROBES: usize = 6;
/// A run along which print recurs less evenly than this is not probed. Of two hundred zones the least even one
/// measured 0.14; half of the runs of print in pictures without a zone stay below.
const LEAST_EVENNESS: f32 = 0.08;
/// A piece of a line whose places score less than this each is not looked at further (6.5 is perfect, 0 is
/// a coin's toss; words score up to 3, a worn zone line seldom less than 4).
const LEAST_PIECE: f32 = 2.2;
/// The same for a whole line, and for all lines of a zone on average. Words printed in the zone's own face
/// score up to 2.5.
const LEAST_LINE: f32 = 2.8;
/// A piece of a line is worth the whole picture's pixels if its places score this in a coarser copy.
const PROMISING_PIECE: f32 = 3.5;
/// What each place of a whole line scores at least, where it lies beside one that was read.
const LEAST_SCORE: f32 = 1.6;
/// Lines that score this make a zone beside which no further line is looked for.
const SETTLED_SCORE: f32 = 3.5;

/// A piece of a line that reads this surely one way is not tried the other way.
const BEYOND_DOUBT: f32 = 0.93;
/// The least length of a line that is read further, in its own pitches: a third of the shortest line (30
/// characters) may lie under glare.
const SHORTEST: f32 = 18.0;
/// A zone whose characters are this legible on average is taken without looking for a better one.
const CERTAIN: f32 = 0.85;
/// One this legible is taken without looking at larger sizes of the picture.
const GOOD: f32 = 0.7;
/// One less legible than this is no zone: real ones, however worn, had 0.9 or more, gibberish of other print 0.61.
const DOUBTFUL: f32 = 0.65;

/// Two lines of a zone begin within so many pitches of one another, seen across their text: more than a page
/// that lies askew shears them by.
const ASKEW: f32 = 1.2;

/// A line of a zone as it was found and seen.
#[derive(Debug, Clone)]
pub(crate) struct SeenLine {
    pub(crate) track: Track,
    /// Columns of the evidence that the grid was laid in.
    pub(crate) columns: usize,
    pub(crate) grid: GridLine,
}

impl SeenLine {
    /// The point of the picture at evidence column `x` and so many capitals below the line's middle.
    pub(crate) fn point(&self, x: f32, below: f32) -> [f32; 2] {
        let column = (x + 0.5 - self.columns as f32 / 2.0) * STRIDE as f32;
        self.track.point(column, below)
    }

    /// Each character's cell: halfway to its neighbours, and a little higher than a capital.
    pub(crate) fn cells(&self) -> Vec<[[f32; 2]; 4]> {
        const HALF: f32 = 0.68;
        let at = &self.grid.at;
        let half = self.grid.pitch / 2.0;
        let between = |a: Option<&f32>, b: Option<&f32>| match (a, b) {
            (Some(a), Some(b)) => (a + b) / 2.0,
            (Some(last), None) => last + half,
            (None, Some(first)) => first - half,
            (None, None) => 0.0,
        };
        (0..at.len())
            .map(|i| {
                let before = i.checked_sub(1).and_then(|i| at.get(i));
                let left = between(before, at.get(i));
                let right = between(at.get(i), at.get(i + 1));
                [
                    self.point(left, -HALF),
                    self.point(right, -HALF),
                    self.point(right, HALF),
                    self.point(left, HALF),
                ]
            })
            .collect()
    }
}

/// The lines of the zone from top to bottom, all of one length, and what `accept` makes of them; `None`
/// where there are none that it accepts.
pub(crate) fn zone<T>(
    picture: &Pyramid<'_>,
    reader: &dyn LineReader,
    accept: impl Fn(&[SeenLine]) -> Option<T>,
) -> Option<(Vec<SeenLine>, T)> {
    // Where was looked, with the height that the print was seen to have.
    let mut tried: Vec<Run> = Vec::new();
    let mut best: Option<(f32, (Vec<SeenLine>, T))> = None;
    for runs in Sizes::of(picture) {
        let mut probes = 0;
        for run in ranked(runs) {
            if tried.iter().any(|t| same_line(t, &run)) {
                continue;
            }
            if probes >= MOST_PROBES {
                break;
            }
            tried.push(run);
            probes += 1;
            if evenness::of(picture, &run) < LEAST_EVENNESS {
                continue;
            }
            let track = upright(picture, reader, Track::straight(run));
            tried.extend(track.map(|t| t.run));
            let zone = track
                .and_then(|track| Line::read(picture, reader, track, Extent::Unknown))
                .filter(|line| line.best_score() > LEAST_LINE)
                .and_then(|line| with_neighbours(picture, reader, line));
            let Some(zone) = zone else {
                continue;
            };
            let legible = legibility(&zone);
            if legible <= best.as_ref().map_or(DOUBTFUL, |(l, _)| *l) {
                continue;
            }
            if let Some(accepted) = accept(&zone) {
                best = Some((legible, (zone, accepted)));
                if legible > CERTAIN {
                    return best.map(|(_, zone)| zone);
                }
            }
        }
        if best.as_ref().is_some_and(|(legible, _)| *legible > GOOD) {
            break;
        }
    }
    best.map(|(_, zone)| zone)
}

/// The mean probability of the likeliest character of each place.
fn legibility(lines: &[SeenLine]) -> f32 {
    let letters = lines.iter().flat_map(|l| &l.grid.letters);
    let (sum, count) = letters.fold((0.0f32, 0.0f32), |(sum, count), letter| {
        let best = letter.iter().copied().fold(f32::MIN, f32::max);
        (sum + best.exp(), count + 1.0)
    });
    sum / count.max(1.0)
}

/// Runs that may be zone lines, the likeliest first: long for their height, with parallel neighbours
/// of the same length.
fn ranked(runs: Vec<Run>) -> Vec<Run> {
    let long: Vec<Run> = runs
        .into_iter()
        .filter(|r| (5.0..45.0).contains(&(r.reach / r.height)))
        .collect();
    let mut scored: Vec<(f32, Run)> = long
        .iter()
        .map(|r| {
            let partners = long.iter().filter(|o| beside(r, o)).count();
            let slender = r.reach * 2.0 / r.height;
            let shape = if slender < 20.0 {
                slender / 20.0
            } else {
                1.0 + (slender.min(48.0) - 20.0) / 56.0
            };
            // Among equals the longest print in the picture.
            (shape + partners.min(2) as f32 + 0.0002 * r.reach, *r)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, r)| r).collect()
}

/// Whether two runs lie like two lines of one zone.
fn beside(a: &Run, b: &Run) -> bool {
    let [along, across] = a.locate(b.centre);
    let turn = (a.along[0] * b.along[1] - a.along[1] * b.along[0]).abs();
    let height = (a.height + b.height) / 2.0;
    turn < 0.09
        && a.height.min(b.height) > 0.6 * a.height.max(b.height)
        && a.reach.min(b.reach) > 0.75 * a.reach.max(b.reach)
        && along.abs() < 0.25 * a.reach
        && (1.2..4.4).contains(&(across.abs() / height))
}

/// Whether a run was already looked at, as nearly the same from another size of the picture.
fn same_line(a: &Run, b: &Run) -> bool {
    let [along, across] = a.locate(b.centre);
    let turn = (a.along[0] * b.along[1] - a.along[1] * b.along[0]).abs();
    turn < 0.02
        && across.abs() < 0.25 * a.height.min(b.height)
        && along.abs() < 0.15 * a.reach
        && a.reach.min(b.reach) > 0.85 * a.reach.max(b.reach)
        && a.height.min(b.height) > 0.8 * a.height.max(b.height)
}

/// The track the way its text reads, if either way reads as a piece of a zone line; its height corrected by
/// what was seen: with it wrong, the rest of the line is not seen.
fn upright(picture: &Pyramid<'_>, reader: &dyn LineReader, track: Track) -> Option<Track> {
    picture.come_close(track.run.height);
    let mut best: Option<(f32, Track)> = None;
    for mut way in [track, track.turned()] {
        let evidence = reader.see(&way.strip(picture, 0.0, PROBE));
        if grid::count(&evidence).is_none_or(|counted| counted.inside <= 0.5)
            || grid::piece_score(&evidence) < LEAST_PIECE
        {
            continue;
        }
        let sure = sureness(&evidence);
        let Some(corrected) = way.corrected(&evidence) else {
            continue;
        };
        way.run.height = corrected.run.height;
        if best.is_none_or(|(other, _)| sure > other) {
            best = Some((sure, way));
        }
        // No line reads as surely upside down.
        if sure > BEYOND_DOUBT {
            break;
        }
    }
    best.filter(|(sure, _)| *sure > 0.3).map(|(_, way)| way)
}

/// The mean probability of the likeliest character or gap, column by column.
fn sureness(evidence: &LineEvidence) -> f32 {
    let sum: f32 = evidence
        .columns
        .iter()
        .map(|c| c[..38].iter().copied().fold(f32::MIN, f32::max).exp())
        .sum();
    sum / evidence.columns.len().max(1) as f32
}

/// Whether a line's ends are known from a neighbour.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Known,
    Unknown,
}

/// A line with its grids of every length.
#[derive(Clone)]
struct Line {
    track: Track,
    evidence: LineEvidence,
    grids: Vec<GridLine>,
}

impl Line {
    /// Reads a line: once roughly, then with the track corrected by what the first look showed.
    fn read(
        picture: &Pyramid<'_>,
        reader: &dyn LineReader,
        track: Track,
        extent: Extent,
    ) -> Option<Self> {
        let mut track = track;
        let mut evidence = reader.see(&track.strip(picture, 3.0, usize::MAX));
        for _ in 0..4 {
            if extent == Extent::Unknown && is_short(&evidence) {
                return None;
            }
            let next = match following(&track, &evidence, extent)? {
                (_, Progress::Settled) => break,
                // Another look along the same track sees no more.
                (_, Progress::Stalled) if !shows_line(&evidence) => return None,
                (next, _) => next,
            };
            track = next;
            if picture.is_coarse_for(track.run.height)
                && grid::piece_score(&evidence) > PROMISING_PIECE
            {
                picture.come_closest(track.run.height);
            }
            evidence = reader.see(&track.strip(picture, 3.0, usize::MAX));
        }
        let grids = grid::fit(&evidence);
        (!grids.is_empty()).then_some(Self {
            track,
            evidence,
            grids,
        })
    }

    fn of_length(&self, n: usize) -> Option<SeenLine> {
        let grid = self.grids.iter().find(|g| g.letters.len() == n)?;
        Some(self.with(grid.clone()))
    }

    fn with(&self, grid: GridLine) -> SeenLine {
        SeenLine {
            track: self.track,
            columns: self.evidence.columns.len(),
            grid,
        }
    }

    /// The line laid so that it begins where another of its zone does, where it does not do so already;
    /// `None` where it cannot.
    fn below(&self, seen: &SeenLine, other: &SeenLine) -> Option<SeenLine> {
        let begin = other.point(other.grid.at.first().copied()?, 0.0);
        let [along, _] = self.track.run.locate(begin);
        let column = along / self.track.pixels_per_column() / STRIDE as f32;
        let column = column + self.evidence.columns.len() as f32 / 2.0 - 0.5;
        let reach = ASKEW * seen.grid.pitch;
        if (seen.grid.at.first().copied()? - column).abs() <= reach {
            return Some(seen.clone());
        }
        let length = seen.grid.letters.len();
        let grid = grid::fit_from(&self.evidence, length, column - reach..column + reach)?;
        (grid.score > LEAST_SCORE * length as f32).then(|| self.with(grid))
    }

    /// The best score of any length, per place of that length.
    fn best_score(&self) -> f32 {
        LENGTHS
            .map(|n| self.score(n))
            .into_iter()
            .fold(f32::MIN, f32::max)
    }

    /// The score of a length per place of that length.
    fn score(&self, n: usize) -> f32 {
        self.grids
            .iter()
            .find(|g| g.letters.len() == n)
            .map_or(-6.0, |g| g.score / n as f32)
    }
}

/// Whether what was seen of a line ends, on both sides, before a zone's shortest line would.
fn is_short(evidence: &LineEvidence) -> bool {
    let room = 1.2 * CAPITAL / STRIDE as f32;
    let columns = evidence.columns.len() as f32;
    grid::stretch(evidence).is_none_or(|(first, last)| {
        let (first, last) = (first as f32, last as f32);
        first >= room
            && last <= columns - room
            && grid::count(evidence).is_none_or(|c| last - first < SHORTEST * c.pitch)
    })
}

/// Whether a neighbour's evidence can be laid on the grid of a line at all.
fn shows_line(evidence: &LineEvidence) -> bool {
    let per_place = |line: &GridLine| line.score / line.letters.len() as f32;
    let grids = grid::fit(evidence);
    grids.iter().any(|line| per_place(line) > LEAST_SCORE)
}

/// What another look at a line promises.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    /// Nothing: the last look was good enough.
    Settled,
    /// Little: less than the whole line was seen, along nearly the same track.
    Stalled,
    /// Something.
    Open,
}

/// The track to look along next, and what that promises.
fn following(track: &Track, evidence: &LineEvidence, extent: Extent) -> Option<(Track, Progress)> {
    let next = track.corrected(evidence)?;
    let columns = evidence.columns.len();
    let (first, last) = grid::stretch(evidence)?;
    let (first, last) = (first as f32, last as f32);
    let to_along =
        |x: f32| (x + 0.5 - columns as f32 / 2.0) * STRIDE as f32 * track.pixels_per_column();
    let capital = next.run.height;
    let room = 1.2 * CAPITAL / STRIDE as f32;
    // A line that goes on to the strip's edge goes on beyond it.
    let mut begin = to_along(first) - 0.5 * capital;
    let mut end = to_along(last) + 0.5 * capital;
    let mut progress = Progress::Settled;
    if extent == Extent::Known {
        // As long as its neighbour, however little of it was seen so far.
        let (seen, whole) = (end - begin, 2.0 * track.run.reach);
        if seen <= 0.93 * whole {
            progress = Progress::Stalled;
        }
        begin = begin.min(-track.run.reach);
        end = end.max(track.run.reach);
    }
    if first < room {
        begin -= 12.0 * capital;
        progress = Progress::Open;
    }
    if last > columns as f32 - room {
        end += 12.0 * capital;
        progress = Progress::Open;
    }
    let off = next
        .bend
        .iter()
        .zip(track.bend)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0f32, f32::max);
    let size = (next.run.height / track.run.height).ln().abs();
    // Of a line that is not seen whole, smaller steps still count.
    let (most_off, most_size) = match progress {
        Progress::Stalled => (0.035, 0.03),
        Progress::Settled | Progress::Open => (0.09, 0.07),
    };
    if off >= most_off * capital || size >= most_size {
        progress = Progress::Open;
    }
    Some((next.reaching(begin, end), progress))
}

/// The zone around a line that was read: its neighbours of the same length, above and below.
fn with_neighbours(
    picture: &Pyramid<'_>,
    reader: &dyn LineReader,
    line: Line,
) -> Option<Vec<SeenLine>> {
    let mut lines = vec![line];
    for side in [1.0f32, -1.0] {
        let mut spacing: Option<f32> = None;
        for _ in 0..2 {
            if is_whole(&lines) {
                break;
            }
            let edge = if side > 0.0 {
                &lines[lines.len() - 1]
            } else {
                &lines[0]
            };
            let shifts = match spacing {
                Some(s) => vec![s],
                None => bands(picture, &edge.track, side),
            };
            let found = shifts.into_iter().find_map(|shift| {
                let next = Line::read(picture, reader, edge.track.shifted(shift), Extent::Known)?;
                let good = next.best_score() > LEAST_SCORE;
                // A look beside a line may slip back onto it, or onto the line after the next.
                let apart = side * edge.track.distance(&next.track) / edge.track.run.height;
                (good && (1.0..5.0).contains(&apart)).then_some((shift, next))
            });
            let Some((shift, next)) = found else {
                break;
            };
            spacing = Some(shift);
            if side > 0.0 {
                lines.push(next);
            } else {
                lines.insert(0, next);
            }
        }
    }
    best_zone(&lines)
}

/// Whether lines make a zone that needs no further one: each is clearly of one length, and they are as many
/// as a zone of that length has.
fn is_whole(lines: &[Line]) -> bool {
    let lengths = match lines.len() {
        2 => &LENGTHS[1..],
        3 => &LENGTHS[..1],
        _ => &[],
    };
    lengths.iter().any(|n| {
        lines.iter().all(|l| {
            let total = |n: usize| l.score(n) * n as f32;
            l.score(*n) > SETTLED_SCORE && LENGTHS.iter().all(|o| total(*o) <= total(*n))
        })
    })
}

/// The consecutive lines and the length that together score best.
fn best_zone(lines: &[Line]) -> Option<Vec<SeenLine>> {
    let mut best: Option<(f32, Vec<SeenLine>)> = None;
    for (n, count) in [(30, 3), (36, 2), (44, 2)] {
        for window in lines.windows(count) {
            let weakest = window.iter().map(|l| l.score(n)).fold(f32::MAX, f32::min);
            if weakest < LEAST_SCORE {
                continue;
            }
            let total: f32 = window.iter().map(|l| l.score(n) * n as f32).sum();
            if total < LEAST_LINE * (n * count) as f32 {
                continue;
            }
            if best.as_ref().is_none_or(|(t, _)| *t < total) {
                best = aligned(window, n).map(|s| (total, s)).or(best);
            }
        }
    }
    best.map(|(_, lines)| lines)
}

/// The lines of a zone, one beginning below the other as they are printed. Print or a pattern
/// at one end of a line and a patch of glare at its other shift its grid, and nothing in the line itself says
/// so: it is then laid as the line that tells best wants it.
fn aligned(lines: &[Line], n: usize) -> Option<Vec<SeenLine>> {
    let seen: Vec<SeenLine> = lines
        .iter()
        .map(|l| l.of_length(n))
        .collect::<Option<_>>()?;
    let laid = seen.iter().filter_map(|first| {
        let all = lines.iter().zip(&seen);
        all.map(|(line, seen)| line.below(seen, first))
            .collect::<Option<Vec<SeenLine>>>()
    });
    let score = |lines: &Vec<SeenLine>| lines.iter().map(|l| l.grid.score).sum::<f32>();
    let best = laid.max_by(|a, b| score(a).total_cmp(&score(b)));
    Some(best.unwrap_or(seen))
}

/// How far beside a track, on one side, other print runs parallel to it: nearest first, in pixels,
/// negative above.
fn bands(picture: &Pyramid<'_>, track: &Track, side: f32) -> Vec<f32> {
    const STEPS: usize = 72;
    const STEP: f32 = 0.08; // of a capital's height
    let look = picture.look(track.pixels_per_column());
    let columns = (2.0 * track.run.reach / track.pixels_per_column()) as i32;
    let grain = (columns / 260).max(3);
    let energy: Vec<f32> = (0..STEPS)
        .map(|k| {
            let below = side * STEP * k as f32;
            let (mut sum, mut count) = (0.0f32, 0.0f32);
            let mut x = -columns / 2;
            while x < columns / 2 {
                let a = track.point(x as f32 - 2.5, below);
                let b = track.point(x as f32 + 2.5, below);
                sum += (look.sample(a[0], a[1]) - look.sample(b[0], b[1])).abs();
                count += 1.0;
                x += grain;
            }
            sum / count.max(1.0)
        })
        .collect();
    // A line's print is one capital high.
    let half = (0.5 / STEP) as usize;
    let smooth: Vec<f32> = (0..STEPS)
        .map(|k| {
            let part = &energy[k.saturating_sub(half)..(k + half + 1).min(STEPS)];
            part.iter().sum::<f32>() / part.len() as f32
        })
        .collect();
    let own = smooth[0].max(1e-3);
    let from = (1.2 / STEP) as usize;
    let to = (4.4 / STEP) as usize;
    let mut found = Vec::new();
    for k in from..to.min(STEPS - 1) {
        let peak = smooth[k] >= smooth[k - 1] && smooth[k] > smooth[k + 1];
        if peak && smooth[k] > 0.3 * own {
            found.push(side * STEP * k as f32 * track.run.height);
        }
    }
    found.truncate(3);
    found
}
