//! Marks of ink: which pixels are clearly darker than their surroundings, and which of them hang together.

use crate::plane::Plane;

/// Pixels in a word of a [`Mask`].
const BITS: usize = 64;

/// Which pixels of a picture are marked, a bit each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mask {
    width: usize,
    height: usize,
    /// Words in a row.
    line: usize,
    words: Vec<u64>,
}

/// A stretch of marked pixels of one row: from one column up to, but without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) row: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Piece {
    fn touches(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// The connected marks of a mask (eight neighbours), each as its pieces from top to bottom.
#[derive(Debug)]
pub(crate) struct Marks {
    pieces: Vec<Piece>,
    /// Where each mark's pieces end in `pieces`.
    ends: Vec<usize>,
}

impl Marks {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Piece]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins
            .zip(&self.ends)
            .map(|(begin, end)| &self.pieces[begin..*end])
    }
}

/// How many pixels a mark has.
pub(crate) fn area(mark: &[Piece]) -> usize {
    mark.iter().map(|p| (p.to - p.from) as usize).sum()
}

/// The middles of a mark's pixels.
pub(crate) fn points(mark: &[Piece]) -> Vec<[f32; 2]> {
    let along = |p: &Piece| {
        let row = p.row as f32;
        (p.from..p.to).map(move |x| [x as f32, row])
    };
    mark.iter().flat_map(along).collect()
}

impl Mask {
    fn empty(width: usize, height: usize) -> Self {
        let line = width.div_ceil(BITS);
        Self {
            width,
            height,
            line,
            words: vec![0; line * height],
        }
    }

    /// The pixels of a plane that are clearly darker than those up to nine away.
    pub(crate) fn ink(plane: &Plane) -> Self {
        const RADIUS: usize = 9;
        /// Print stands out from the pattern of the paper, which makes up most of the spread (here the
        /// variance; the share of it is squared).
        const LEAST_SHARE: f32 = 0.64;
        const LEAST: f32 = 5.0;
        let (w, h) = (plane.width, plane.height);
        let mut ink = Self::empty(w, h);
        if w == 0 {
            return ink;
        }
        // Column sums over the window's rows, moved down one row at a time; then a running sum along.
        let mut sums = vec![0u32; w];
        let mut squares = vec![0u32; w];
        let row = |y: usize| &plane.data[y * w..(y + 1) * w];
        let columns: Vec<f32> = (0..w)
            .map(|x| ((x + RADIUS).min(w - 1) - x.saturating_sub(RADIUS) + 1) as f32)
            .collect();
        let mut window = vec![[0.0f32; 2]; w];
        for y in 0..RADIUS.min(h) {
            for ((s, q), v) in sums.iter_mut().zip(&mut squares).zip(row(y)) {
                let v = u32::from(*v);
                *s += v;
                *q += v * v;
            }
        }
        for y in 0..h {
            if y + RADIUS < h {
                for ((s, q), v) in sums.iter_mut().zip(&mut squares).zip(row(y + RADIUS)) {
                    let v = u32::from(*v);
                    *s += v;
                    *q += v * v;
                }
            }
            if y > RADIUS {
                for ((s, q), v) in sums.iter_mut().zip(&mut squares).zip(row(y - RADIUS - 1)) {
                    let v = u32::from(*v);
                    *s -= v;
                    *q -= v * v;
                }
            }
            let rows = (y + RADIUS).min(h - 1) - y.saturating_sub(RADIUS) + 1;
            let (mut sum, mut square) = (0u32, 0u32);
            for x in 0..RADIUS.min(w) {
                sum += sums[x];
                square += squares[x];
            }
            for (x, of) in window.iter_mut().enumerate() {
                if x + RADIUS < w {
                    sum += sums[x + RADIUS];
                    square += squares[x + RADIUS];
                }
                if x > RADIUS {
                    sum -= sums[x - RADIUS - 1];
                    square -= squares[x - RADIUS - 1];
                }
                *of = [sum as f32, square as f32];
            }
            let per_column = 1.0 / rows as f32;
            let line = &mut ink.words[y * ink.line..(y + 1) * ink.line];
            let values = row(y).chunks(BITS);
            let windows = window.chunks(BITS).zip(columns.chunks(BITS));
            for (word, (values, (windows, columns))) in line.iter_mut().zip(values.zip(windows)) {
                let mut is_ink = [0u8; BITS];
                let all = values.iter().zip(windows).zip(columns);
                for (is_ink, ((value, [sum, square]), columns)) in is_ink.iter_mut().zip(all) {
                    let share = per_column / columns;
                    let mean = sum * share;
                    let variance = square * share - mean * mean;
                    let darker = mean - f32::from(*value);
                    let stands_out = darker > LEAST && darker * darker > LEAST_SHARE * variance;
                    *is_ink = u8::from(stands_out && variance > LEAST * LEAST);
                }
                for (bit, is_ink) in is_ink.iter().enumerate() {
                    *word |= u64::from(*is_ink) << bit;
                }
            }
        }
        ink
    }

    /// The same size with nothing but these marks.
    pub(crate) fn of<'a>(&self, marks: impl IntoIterator<Item = &'a [Piece]>) -> Self {
        let mut mask = Self::empty(self.width, self.height);
        for piece in marks.into_iter().flatten() {
            let line = &mut mask.words[piece.row as usize * self.line..][..self.line];
            let (first, last) = (piece.from as usize / BITS, (piece.to as usize - 1) / BITS);
            for (word, at) in line[first..=last].iter_mut().zip(first..) {
                *word |= within(piece, at);
            }
        }
        mask
    }

    /// Every mark so many pixels (at most 32) wider on all sides.
    pub(crate) fn widened(&self, by: u32) -> Self {
        let mut across = Self::empty(self.width, self.height);
        let beyond = self.width % BITS;
        for (from, to) in self
            .words
            .chunks_exact(self.line.max(1))
            .zip(across.words.chunks_exact_mut(self.line.max(1)))
        {
            for (at, to) in to.iter_mut().enumerate() {
                let before = at.checked_sub(1).map_or(0, |b| from[b]);
                let after = from.get(at + 1).copied().unwrap_or(0);
                let word = from[at];
                for shift in 0..=by.min(32) {
                    let carry = |w: u64, left: bool| match (shift, left) {
                        (0, _) => 0,
                        (_, true) => w >> (64 - shift),
                        (_, false) => w << (64 - shift),
                    };
                    *to |= word << shift | carry(before, true);
                    *to |= word >> shift | carry(after, false);
                }
            }
            if let (Some(last), true) = (to.last_mut(), beyond > 0) {
                *last &= (1 << beyond) - 1;
            }
        }
        let mut both = Self::empty(self.width, self.height);
        let by = by as usize;
        for y in 0..self.height {
            let to = &mut both.words[y * self.line..(y + 1) * self.line];
            for near in y.saturating_sub(by)..(y + by + 1).min(self.height) {
                let from = &across.words[near * self.line..(near + 1) * self.line];
                for (to, from) in to.iter_mut().zip(from) {
                    *to |= from;
                }
            }
        }
        both
    }

    /// The marked pixels of these pieces.
    pub(crate) fn points_in(&self, pieces: &[Piece]) -> Vec<[f32; 2]> {
        let mut found = Vec::new();
        for piece in pieces {
            let line = &self.words[piece.row as usize * self.line..][..self.line];
            let (first, last) = (piece.from as usize / BITS, (piece.to as usize - 1) / BITS);
            for (word, at) in line[first..=last].iter().zip(first..) {
                let mut left = word & within(piece, at);
                while left != 0 {
                    let x = at * BITS + left.trailing_zeros() as usize;
                    found.push([x as f32, piece.row as f32]);
                    left &= left - 1;
                }
            }
        }
        found
    }

    /// The pieces of a row.
    fn pieces_of_row(&self, row: usize, found: &mut Vec<Piece>) {
        let line = &self.words[row * self.line..(row + 1) * self.line];
        let mut open: Option<usize> = None;
        for (at, word) in line.iter().enumerate() {
            // Bits that differ from what is looked for next; a change ends or begins a piece.
            let mut bit = 0u32;
            while bit < BITS as u32 {
                let rest = match open {
                    None => word >> bit,
                    Some(_) => !word >> bit,
                };
                if rest == 0 {
                    break;
                }
                bit += rest.trailing_zeros();
                let x = at * BITS + bit as usize;
                match open {
                    None => open = Some(x),
                    Some(from) => {
                        found.push(Piece {
                            row: row as u32,
                            from: from as u32,
                            to: x as u32,
                        });
                        open = None;
                    }
                }
            }
        }
        if let Some(from) = open {
            found.push(Piece {
                row: row as u32,
                from: from as u32,
                to: self.width as u32,
            });
        }
    }

    /// What hangs together.
    pub(crate) fn marks(&self) -> Marks {
        let mut pieces: Vec<Piece> = Vec::new();
        // To which piece each hangs; those that hang to themselves stand for their marks.
        let mut stands: Vec<u32> = Vec::new();
        let mut above = 0..0;
        for row in 0..self.height {
            let begin = pieces.len();
            self.pieces_of_row(row, &mut pieces);
            stands.extend(begin as u32..pieces.len() as u32);
            let mut first = above.start;
            for at in begin..pieces.len() {
                while first < above.end && pieces[first].to < pieces[at].from {
                    first += 1;
                }
                let mut other = first;
                while other < above.end && pieces[other].touches(&pieces[at]) {
                    join(&mut stands, other as u32, at as u32);
                    other += 1;
                }
            }
            above = begin..pieces.len();
        }
        grouped(&pieces, &mut stands)
    }
}

/// The bits of a row's word that lie in a piece.
fn within(piece: &Piece, word: usize) -> u64 {
    let begin = (piece.from as usize).saturating_sub(word * BITS);
    let end = (piece.to as usize - word * BITS).min(BITS);
    (u64::MAX >> (BITS - end)) & (u64::MAX << begin)
}

/// The piece that stands for the mark of one.
fn standing(stands: &mut [u32], mut at: u32) -> u32 {
    while stands[at as usize] != at {
        stands[at as usize] = stands[stands[at as usize] as usize];
        at = stands[at as usize];
    }
    at
}

/// Makes two pieces' marks one, for which the earlier piece stands.
fn join(stands: &mut [u32], a: u32, b: u32) {
    let (a, b) = (standing(stands, a), standing(stands, b));
    stands[a.max(b) as usize] = a.min(b);
}

/// The pieces in the order of their marks, by each mark's first.
fn grouped(pieces: &[Piece], stands: &mut [u32]) -> Marks {
    const NONE: usize = usize::MAX;
    let mut mark_of = vec![NONE; pieces.len()];
    let mut ends: Vec<usize> = Vec::new();
    for at in 0..pieces.len() {
        let root = standing(stands, at as u32) as usize;
        if root == at {
            mark_of[at] = ends.len();
            ends.push(0);
        }
        mark_of[at] = mark_of[root];
        ends[mark_of[at]] += 1;
    }
    let mut next = 0;
    let mut places: Vec<usize> = Vec::with_capacity(ends.len());
    for end in &mut ends {
        places.push(next);
        next += *end;
        *end = next;
    }
    let nothing = Piece {
        row: 0,
        from: 0,
        to: 0,
    };
    let mut sorted = vec![nothing; pieces.len()];
    for (piece, mark) in pieces.iter().zip(&mark_of) {
        sorted[places[*mark]] = *piece;
        places[*mark] += 1;
    }
    Marks {
        pieces: sorted,
        ends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(rows: &[Vec<bool>]) -> Mask {
        let width = rows.first().map_or(0, Vec::len);
        let mut mask = Mask::empty(width, rows.len());
        for (y, row) in rows.iter().enumerate() {
            for (x, on) in row.iter().enumerate() {
                mask.words[y * mask.line + x / BITS] |= u64::from(*on) << (x % BITS);
            }
        }
        mask
    }

    fn is_on(mask: &Mask, x: usize, y: usize) -> bool {
        mask.words[y * mask.line + x / BITS] >> (x % BITS) & 1 == 1
    }

    /// The mark of each pixel, spread step by step to its neighbours.
    fn by_spreading(rows: &[Vec<bool>]) -> Vec<Vec<[usize; 2]>> {
        let (h, w) = (rows.len(), rows[0].len());
        let mut seen = vec![vec![false; w]; h];
        let mut marks = Vec::new();
        for [x, y] in (0..w * h).map(|at| [at % w, at / w]) {
            if !rows[y][x] || seen[y][x] {
                continue;
            }
            let (mut mark, mut open) = (Vec::new(), vec![[x, y]]);
            seen[y][x] = true;
            while let Some([x, y]) = open.pop() {
                mark.push([x, y]);
                for ny in y.saturating_sub(1)..(y + 2).min(h) {
                    for nx in x.saturating_sub(1)..(x + 2).min(w) {
                        if rows[ny][nx] && !seen[ny][nx] {
                            seen[ny][nx] = true;
                            open.push([nx, ny]);
                        }
                    }
                }
            }
            mark.sort_by_key(|[x, y]| (*y, *x));
            marks.push(mark);
        }
        marks
    }

    fn rows() -> impl Strategy<Value = Vec<Vec<bool>>> {
        (1usize..150, 1usize..12, 0.05f64..0.95).prop_flat_map(|(w, h, share)| {
            let row = proptest::collection::vec(proptest::bool::weighted(share), w);
            proptest::collection::vec(row, h)
        })
    }

    proptest! {
        #[test]
        fn what_touches_is_one_mark(rows in rows()) {
            let mask = mask(&rows);
            let marks = mask.marks();
            let found: Vec<Vec<[usize; 2]>> = marks
                .iter()
                .map(|mark| {
                    assert_eq!(area(mark), points(mark).len());
                    points(mark).iter().map(|p| p.map(|v| v as usize)).collect()
                })
                .collect();
            prop_assert_eq!(found, by_spreading(&rows));
            prop_assert_eq!(mask.of(marks.iter()), mask.clone());
        }

        #[test]
        fn a_wider_mark_reaches_as_far_as_said(rows in rows(), by in 0u32..4) {
            let mask = mask(&rows);
            let wide = mask.widened(by);
            let reach = by as usize;
            let (h, w) = (rows.len(), rows[0].len());
            for y in 0..h {
                for x in 0..w {
                    let near = (y.saturating_sub(reach)..(y + reach + 1).min(h))
                        .any(|ny| (x.saturating_sub(reach)..(x + reach + 1).min(w)).any(|nx| rows[ny][nx]));
                    prop_assert_eq!(is_on(&wide, x, y), near, "{} {}", x, y);
                }
            }
            // Of every wider mark the pixels that were marked before.
            let before: usize = wide.marks().iter().map(|m| mask.points_in(m).len()).sum();
            prop_assert_eq!(before, area(&mask.marks().pieces));
        }
    }

    #[test]
    fn a_dark_stroke_on_light_paper_is_ink_and_paper_is_not() {
        let mut plane = Plane {
            width: 100,
            height: 40,
            data: vec![200; 4000],
        };
        for y in 15..22 {
            for x in 30..33 {
                plane.data[y * 100 + x] = 60;
            }
        }
        let ink = Mask::ink(&plane);
        for y in 0..40 {
            for x in 0..100 {
                let stroke = (15..22).contains(&y) && (30..33).contains(&x);
                assert_eq!(is_on(&ink, x, y), stroke, "{x} {y}");
            }
        }
    }
}
