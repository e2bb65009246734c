//! From characters seen to lines read, under the grammar of the formats (Doc 9303 parts 3 to 7).
//!
//! What was *seen* is the likeliest character of each place by itself. What is *read* is the likeliest
//! whole: each position's alphabet, known states, dates of the calendar and check digits speak for a
//! reading, but only softly. A zone whose digits are wrong, clearly printed, is read as printed; and
//! wherever reading and seeing differ the difference is kept and, where the picture was clear, reported.

mod chain;
mod name;
mod places;

use crate::combine::ZoneEvidence;
use crate::evidence::Class;
use crate::grid::Letter;
use crate::reading::ZoneReading;
use crate::seek::SeenLine;
use rules::mrz::layout::Element;
use rules::mrz::{Format, Zone};
use rules::{Check, CheckId, Outcome, Said};

/// The picture speaks clearly against a character that is this much less likely than the one seen
/// (natural logarithm).
const CLEARLY: f32 = 4.5;
/// Two readings closer than this cannot be told apart.
const CLOSE: f32 = 0.9;
/// A character less sure than this is doubtful.
const DOUBTFUL: f32 = 0.6;
/// The same where no check digit would tell if it were its closest rival.
const DOUBTFUL_UNPROVEN: f32 = 0.8;
/// More characters than this share of a zone read against clear evidence: it is no zone of its format.
const MOST_AGAINST: f32 = 0.12;
/// Lines of a layout of their own are as sure as this at every place, …
const PLAIN: f32 = 0.8;
/// … and hold at least this share of fillers, as no print but a zone does.
const LEAST_FILLERS: f32 = 0.2;

/// What a place may hold: for each of the 37 characters, the logarithm of how well it fits picture and
/// alphabet together.
type Scores = [f32; 37];

/// A zone of some format, position by position.
struct Sheet<'a> {
    format: Format,
    letters: &'a [Vec<Letter>],
    scores: Vec<Vec<Scores>>,
    /// The reading so far, as indices of the alphabet.
    read: Vec<Vec<usize>>,
    /// By how much each place's reading beats the best whole without it, where that was asked.
    margin: Vec<Vec<Option<f32>>>,
}

impl Sheet<'_> {
    fn seen(&self, line: usize, column: usize) -> usize {
        best(&self.letters[line][column])
    }

    /// How much likelier the seen character is than the one read.
    fn against(&self, line: usize, column: usize) -> f32 {
        let letter = &self.letters[line][column];
        letter[self.seen(line, column)] - letter[self.read[line][column]]
    }
}

/// The index of the largest.
fn best(scores: &[f32]) -> usize {
    scores
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0, |(i, _)| i)
}

fn text(indices: impl IntoIterator<Item = usize>) -> String {
    indices
        .into_iter()
        .filter_map(|i| Class::ALPHABET.get(i))
        .collect()
}

/// The reading of the lines of a zone, and whether picture and grammar agree; `None` where the lines
/// have the shape of no format.
pub(crate) fn zone(lines: &[SeenLine]) -> Option<(ZoneReading, Check)> {
    let letters: Vec<Vec<Letter>> = lines.iter().map(|l| l.grid.letters.clone()).collect();
    let (mut reading, check) = evidence(&letters, quad(lines))?;
    reading.places = lines.iter().map(SeenLine::cells).collect();
    reading.evidence = ZoneEvidence(letters);
    Some((reading, check))
}

/// The same of what is seen at each place, wherever it comes from; the reading holds neither evidence nor
/// places of its own.
pub(crate) fn evidence(
    letters: &[Vec<Letter>],
    quad: [[f32; 2]; 4],
) -> Option<(ZoneReading, Check)> {
    let format = format_of(letters)?;
    let mut sheet = read(format, letters);
    if is_other_print(&sheet) {
        sheet = as_printed(format, letters)?;
    }
    let read: Vec<String> = sheet.read.iter().map(|l| text(l.iter().copied())).collect();
    let seen = (0..letters.len())
        .map(|l| text((0..letters[l].len()).map(|c| sheet.seen(l, c))))
        .collect();
    let confidence = confidence(&sheet);
    let check = evidence_check(&sheet, &confidence);
    let reading = ZoneReading {
        zone: Zone::from_lines(&read).ok(),
        lines: read,
        seen,
        confidence,
        quad,
        places: Vec::new(),
        evidence: ZoneEvidence::default(),
    };
    Some((reading, check))
}

/// The format of so many lines of such a length. `V` begins a visa's zone and no other; nothing else
/// tells a visa from a passport or card of its size.
fn format_of(letters: &[Vec<Letter>]) -> Option<Format> {
    let first = letters.first()?.first()?;
    let v = Class::index_of('V').unwrap_or(0);
    let others = "PIAC"
        .chars()
        .filter_map(Class::index_of)
        .map(|i| first[i])
        .fold(f32::MIN, f32::max);
    let initial = if first[v] > others { 'V' } else { 'P' };
    let length = letters.first()?.len();
    let format = Format::of(letters.len(), length, initial)?;
    letters.iter().all(|l| l.len() == length).then_some(format)
}

/// The likeliest whole under the grammar.
fn read(format: Format, letters: &[Vec<Letter>]) -> Sheet<'_> {
    let mut sheet = Sheet {
        format,
        letters,
        scores: places::scores(format, letters),
        read: Vec::new(),
        margin: letters.iter().map(|l| vec![None; l.len()]).collect(),
    };
    sheet.read = sheet
        .scores
        .iter()
        .map(|line| line.iter().map(|s| best(s)).collect())
        .collect();
    for element in [Element::IssuingState, Element::Nationality] {
        places::state(&mut sheet, element);
    }
    name::read(&mut sheet);
    chain::read(&mut sheet);
    sheet
}

/// The lines as printed, without any grammar: cards older than their format lay its lines out in ways of
/// their own (the French identity card of 1988 is one of many). `None` where they are not plainly a zone:
/// document code and issuing state stand where every zone has them, fillers are many, no character is doubtful.
fn as_printed(format: Format, letters: &[Vec<Letter>]) -> Option<Sheet<'_>> {
    let read: Vec<Vec<usize>> = letters
        .iter()
        .map(|line| line.iter().map(|letter| best(letter)).collect())
        .collect();
    let sheet = Sheet {
        format,
        letters,
        scores: letters.to_vec(),
        margin: letters.iter().map(|l| vec![None; l.len()]).collect(),
        read,
    };
    let first = text(sheet.read.first()?.iter().copied());
    let (code, state) = (first.get(..2)?, first.get(2..5)?);
    let begins = code.starts_with(['P', 'I', 'A', 'C', 'V'])
        && rules::country::find(state.trim_end_matches('<')).is_some();
    let all: usize = sheet.read.iter().map(Vec::len).sum();
    let filler = Class::ALPHABET.len() - 1;
    let fillers = sheet
        .read
        .iter()
        .flatten()
        .filter(|i| **i == filler)
        .count();
    let plain = confidence(&sheet)
        .iter()
        .flatten()
        .all(|sure| *sure >= PLAIN);
    (begins && fillers as f32 >= LEAST_FILLERS * all as f32 && plain).then_some(sheet)
}

/// How sure each character is, 0 to 1: how far picture and alphabet single it out, and no surer than
/// the check digits that moved it make it.
fn confidence(sheet: &Sheet<'_>) -> Vec<Vec<f32>> {
    (0..sheet.read.len())
        .map(|l| {
            (0..sheet.read[l].len())
                .map(|c| {
                    let scores = &sheet.scores[l][c];
                    let chosen = sheet.read[l][c];
                    let top = scores[best(scores)];
                    let whole: f32 = scores.iter().map(|s| (s - top).exp()).sum();
                    let alone = (scores[chosen] - top).exp() / whole;
                    match sheet.margin[l][c] {
                        // Moved by the whole: as sure as the whole is of it.
                        Some(margin) if chosen != best(scores) => {
                            (1.0 / (1.0 + (-margin).exp())).min(0.9)
                        }
                        _ => alone,
                    }
                })
                .collect()
        })
        .collect()
}

/// Whether every character read is one that the picture shows, and shows clearly enough.
fn evidence_check(sheet: &Sheet<'_>, confidence: &[Vec<f32>]) -> Check {
    let mut open = Vec::new();
    let mut helped = Vec::new();
    for (l, line) in confidence.iter().enumerate() {
        for (c, sure) in line.iter().enumerate() {
            let (seen, read) = (sheet.seen(l, c), sheet.read[l][c]);
            let place = format!("line {} column {}", l + 1, c + 1);
            let read_character = Class::ALPHABET[read];
            let doubtful = match sheet.format.element_at(l, c) {
                Some(Element::Name) => DOUBTFUL_UNPROVEN,
                _ if is_proven(sheet, l, c) => DOUBTFUL,
                _ => DOUBTFUL_UNPROVEN,
            };
            if *sure < doubtful {
                open.push(format!("{place}: {read_character} is doubtful"));
            } else if seen != read {
                let words = format!(
                    "{place}: {} seen, {read_character} read",
                    Class::ALPHABET[seen]
                );
                // Both would do, and no digit tells: the preference alone decided.
                let arbitrary = !is_covered(sheet.format, l, c)
                    && sheet.format.alphabet(l, c).allows(Class::ALPHABET[seen]);
                if arbitrary || sheet.against(l, c) > CLEARLY {
                    open.push(words);
                } else {
                    helped.push(words);
                }
            }
        }
    }
    let outcome = if open.is_empty() {
        Outcome::Successful
    } else {
        Outcome::Undetermined
    };
    let counted = [
        ("detail-doubtful", open.len()),
        ("detail-helped", helped.len()),
    ];
    open.extend(helped);
    let said = counted.into_iter().filter(|(_, count)| *count > 0);
    Check::new(CheckId::ZoneEvidence, outcome, open.join("; "))
        .saying_all(said.map(|(key, count)| Said::new(key, [("count", count.into())])))
}

/// Whether a check digit would be another if the closest rival of the character read stood there. (The
/// weights 7, 3 and 1 tell any two values apart that differ modulo 10; `0`, `A`, `K` and `U` do not.)
fn is_proven(sheet: &Sheet<'_>, line: usize, column: usize) -> bool {
    let read = sheet.read[line][column];
    let mut rivals = sheet.scores[line][column];
    rivals[read] = f32::MIN;
    is_covered(sheet.format, line, column)
        && chain::value(read) % 10 != chain::value(best(&rivals)) % 10
}

/// Whether a check digit covers a place.
fn is_covered(format: Format, line: usize, column: usize) -> bool {
    format.digit_spans().iter().any(|span| {
        let mut spans = span.spans.iter();
        spans.any(|(l, columns)| *l == line && columns.contains(&column))
    })
}

/// Whether so much was read against clear evidence that the lines are no zone but other print.
fn is_other_print(sheet: &Sheet<'_>) -> bool {
    let all: usize = sheet.read.iter().map(Vec::len).sum();
    let against = (0..sheet.read.len())
        .flat_map(|l| (0..sheet.read[l].len()).map(move |c| (l, c)))
        .filter(|(l, c)| {
            let format_allows = sheet
                .format
                .alphabet(*l, *c)
                .allows(Class::ALPHABET[sheet.seen(*l, *c)]);
            !format_allows && sheet.against(*l, *c) > 1.0
                || !sheet
                    .format
                    .alphabet(*l, *c)
                    .allows(Class::ALPHABET[sheet.read[*l][*c]])
        })
        .count();
    against as f32 > MOST_AGAINST * all as f32
}

/// The corners of the zone.
fn quad(lines: &[SeenLine]) -> [[f32; 2]; 4] {
    let corner = |line: Option<&SeenLine>, last: bool, below: f32| {
        line.map_or([0.0; 2], |l| {
            let at = if last {
                l.grid.at.last()
            } else {
                l.grid.at.first()
            };
            let side = if last { 0.6 } else { -0.6 };
            l.point(at.copied().unwrap_or(0.0) + side * l.grid.pitch, below)
        })
    };
    [
        corner(lines.first(), false, -0.8),
        corner(lines.first(), true, -0.8),
        corner(lines.last(), true, 0.8),
        corner(lines.last(), false, 0.8),
    ]
}

#[cfg(test)]
mod tests;
