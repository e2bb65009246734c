//! Everything that check digits cover, read as one chain: the likeliest characters for which the digits
//! fit, unless the picture is clear that they do not.

use super::places::options;
use super::{CLOSE, Sheet, best};
use crate::evidence::Class;
use rules::CheckId;
use rules::mrz::Format;
use rules::mrz::layout::{DigitSpan, Element};

/// How much the digits are worth, tried in this order until no reading is moved for a poor reason: what
/// a reading costs whose check digit does not fit (documents with wrong digits are rare), and one whose
/// composite digit does not (old cards compute it in ways of their own).
const WORTH: [(f32, f32); 3] = [(4.0, 1.2), (4.0, 0.0), (0.0, 0.0)];
/// What a month or a day costs that the calendar does not have.
const NO_DATE: f32 = 3.5;
const FILLER: usize = 36;
const STATES: usize = 100;

/// One or two neighbouring places read together.
struct Step {
    line: usize,
    column: usize,
    /// The characters, and how well they fit.
    options: Vec<(Vec<usize>, f32)>,
    role: Role,
    /// Whether a check digit's own span begins here.
    begins: bool,
    /// Position of the first character in the composite's order; `None` where no composite covers it.
    composite_at: Option<usize>,
    /// Position of the first character in its own span.
    own_at: Option<usize>,
}

/// What a step is to the check digits.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Plain,
    Digit(CheckId),
    Composite,
}

/// The value of a character in check digits: digits themselves, letters from 10, the filler 0.
pub(super) fn value(index: usize) -> usize {
    if index == FILLER { 0 } else { index }
}

fn weight(position: usize) -> usize {
    [7, 3, 1][position % 3]
}

/// Reads the chain, then asks of each character that the digits moved how sure the whole is of it.
pub(super) fn read(sheet: &mut Sheet<'_>) {
    let steps = steps(sheet);
    if steps.is_empty() {
        return;
    }
    for (own, composite) in WORTH {
        let digits = Digits {
            own,
            composite,
            without: None,
        };
        if settle(sheet, &steps, digits) {
            return;
        }
    }
}

/// How the digits speak in one walk.
#[derive(Clone, Copy)]
struct Digits {
    /// What a wrong digit costs.
    own: f32,
    /// What a wrong composite digit costs.
    composite: f32,
    /// One character barred at one place: step, character of the step, index.
    without: Option<(usize, usize, usize)>,
}

/// Takes the best reading over; says whether each character that the digits moved stands clear of the
/// next best whole.
fn settle(sheet: &mut Sheet<'_>, steps: &[Step], digits: Digits) -> bool {
    let (score, chosen) = walk(sheet.format, steps, digits);
    let mut clear = true;
    for (k, (step, choice)) in steps.iter().zip(&chosen).enumerate() {
        for (i, index) in step.options[*choice].0.iter().enumerate() {
            let (line, column) = (step.line, step.column + i);
            sheet.read[line][column] = *index;
            sheet.margin[line][column] = None;
            if *index != best(&sheet.scores[line][column]) {
                let barred = Digits {
                    without: Some((k, i, *index)),
                    ..digits
                };
                let margin = score - walk(sheet.format, steps, barred).0;
                sheet.margin[line][column] = Some(margin);
                clear &= margin >= CLOSE;
            }
        }
    }
    clear
}

/// The places that check digits cover, in the order of the composite (of the zone where there is none).
fn steps(sheet: &Sheet<'_>) -> Vec<Step> {
    let spans = sheet.format.digit_spans();
    let composite = spans
        .iter()
        .find(|s| s.check == CheckId::ZoneDigitComposite);
    let mut order: Vec<(usize, usize)> = Vec::new();
    match composite {
        Some(whole) => {
            for (line, columns) in whole.spans {
                order.extend(columns.clone().map(|c| (*line, c)));
            }
            order.push(whole.digit);
        }
        None => {
            for span in spans {
                for (line, columns) in span.spans {
                    order.extend(columns.clone().map(|c| (*line, c)));
                }
                order.push(span.digit);
            }
        }
    }
    let mut steps = Vec::new();
    let mut k = 0;
    while k < order.len() {
        let (line, column) = order[k];
        let own = spans
            .iter()
            .filter(|s| s.check != CheckId::ZoneDigitComposite)
            .find_map(|s| place_in(s, line, column));
        let role = match spans.iter().find(|s| s.digit == (line, column)) {
            Some(s) if s.check == CheckId::ZoneDigitComposite => Role::Composite,
            Some(s) => Role::Digit(s.check),
            None => Role::Plain,
        };
        let pair = pair_of_date(sheet.format, line, column);
        let options = match pair {
            Some(part) => date_options(sheet, line, column, part),
            None => options(&sheet.scores[line][column], 10.0, 8)
                .into_iter()
                .map(|(i, s)| (vec![i], s))
                .collect(),
        };
        steps.push(Step {
            line,
            column,
            options,
            role,
            begins: own == Some(0),
            composite_at: composite.filter(|_| role != Role::Composite).map(|_| k),
            own_at: own,
        });
        k += if pair.is_some() { 2 } else { 1 };
    }
    steps
}

fn place_in(span: &DigitSpan, line: usize, column: usize) -> Option<usize> {
    let mut before = 0;
    for (l, columns) in span.spans {
        if *l == line && columns.contains(&column) {
            return Some(before + column - columns.start);
        }
        before += columns.len();
    }
    None
}

/// Month or day of a date.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Month,
    Day,
}

/// Which part of a date begins at a place, if its month or day does.
fn pair_of_date(format: Format, line: usize, column: usize) -> Option<Part> {
    for element in [Element::DateOfBirth, Element::DateOfExpiry] {
        let place = format.place(element)?;
        if place.line == line {
            match column.checked_sub(place.columns.start) {
                Some(2) => return Some(Part::Month),
                Some(4) => return Some(Part::Day),
                _ => {}
            }
        }
    }
    None
}

/// Two characters of a date together: those that the calendar knows (or `<<` for unknown) without cost.
fn date_options(
    sheet: &Sheet<'_>,
    line: usize,
    column: usize,
    part: Part,
) -> Vec<(Vec<usize>, f32)> {
    let most = if part == Part::Month { 12 } else { 31 };
    let mut all = Vec::new();
    for (a, sa) in options(&sheet.scores[line][column], 10.0, 8) {
        for (b, sb) in options(&sheet.scores[line][column + 1], 10.0, 8) {
            let known = a < 10 && b < 10 && (1..=most).contains(&(10 * a + b));
            let unknown = a == FILLER && b == FILLER;
            let cost = if known || unknown { 0.0 } else { NO_DATE };
            all.push((vec![a, b], sa + sb - cost));
        }
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(24);
    all
}

/// The best way through the chain and its score.
fn walk(format: Format, steps: &[Step], digits: Digits) -> (f32, Vec<usize>) {
    // A state is the remainder of the own span's sum and of the composite's.
    let mut scores = vec![f32::MIN; STATES];
    scores[0] = 0.0;
    let mut ways: Vec<Vec<(usize, usize)>> = Vec::with_capacity(steps.len());
    for (k, step) in steps.iter().enumerate() {
        let mut next = vec![f32::MIN; STATES];
        let mut way = vec![(0, 0); STATES];
        for (o, (indices, fit)) in step.options.iter().enumerate() {
            if digits
                .without
                .is_some_and(|(at, i, index)| at == k && indices.get(i) == Some(&index))
            {
                continue;
            }
            for (state, before) in scores.iter().enumerate() {
                if *before == f32::MIN {
                    continue;
                }
                let (mut own, mut whole) = (state / 10, state % 10);
                if step.begins {
                    own = 0;
                }
                let cost = match step.role {
                    Role::Plain => 0.0,
                    Role::Digit(check) => digits.own * misfit(format, check, indices[0], own),
                    Role::Composite if indices[0] == whole => 0.0,
                    Role::Composite => digits.composite,
                };
                for (i, index) in indices.iter().enumerate() {
                    if let Some(at) = step.own_at {
                        own = (own + value(*index) * weight(at + i)) % 10;
                    }
                    if let Some(at) = step.composite_at {
                        whole = (whole + value(*index) * weight(at + i)) % 10;
                    }
                }
                let to = own * 10 + whole;
                let total = before + fit - cost;
                if total > next[to] {
                    next[to] = total;
                    way[to] = (state, o);
                }
            }
        }
        ways.push(way);
        scores = next;
    }
    let mut at = best(&scores);
    let score = scores[at];
    let mut chosen = Vec::with_capacity(steps.len());
    for way in ways.iter().rev() {
        let (before, o) = way[at];
        chosen.push(o);
        at = before;
    }
    chosen.reverse();
    (score, chosen)
}

/// How badly a check digit fits where the span's sum leaves `remainder`: 0 well, 1 not at all.
fn misfit(format: Format, check: CheckId, digit: usize, remainder: usize) -> f32 {
    if digit == remainder {
        return 0.0;
    }
    match check {
        // The number goes on in the optional data, its digit after it (Doc 9303-5, -6).
        CheckId::ZoneDigitDocumentNumber
            if digit == FILLER && matches!(format, Format::Td1 | Format::Td2) =>
        {
            0.2
        }
        // Nothing there, so nothing to check.
        CheckId::ZoneDigitOptional if digit == FILLER && remainder == 0 => 0.0,
        _ => 1.0,
    }
}

const _: () = assert!(Class::ALPHABET.len() == FILLER + 1);
