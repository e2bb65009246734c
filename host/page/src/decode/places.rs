//! What speaks for a character at one place, and for the three characters of a state.

use super::{Scores, Sheet, best, text};
use crate::evidence::Class;
use crate::grid::Letter;
use rules::mrz::Format;
use rules::mrz::layout::Element;

/// What it costs a reading to hold a character that its position may not hold. Real documents do.
const ALIEN: f32 = 6.0;
/// What it costs to hold a state that is on no list.
const UNKNOWN_STATE: f32 = 4.0;

/// Picture and alphabet together, for every place.
pub(super) fn scores(format: Format, letters: &[Vec<Letter>]) -> Vec<Vec<Scores>> {
    letters
        .iter()
        .enumerate()
        .map(|(l, line)| {
            line.iter()
                .enumerate()
                .map(|(c, letter)| {
                    let alphabet = format.alphabet(l, c);
                    let mut scores = *letter;
                    for (score, character) in scores.iter_mut().zip(Class::ALPHABET) {
                        if !alphabet.allows(character) {
                            *score -= ALIEN;
                        }
                        *score -= usual(format, l, c, character);
                    }
                    scores
                })
                .collect()
        })
        .collect()
}

/// What an unusual but allowed character costs.
fn usual(format: Format, line: usize, column: usize, character: char) -> f32 {
    match format.element_at(line, column) {
        Some(Element::DocumentCode) if column == 0 => {
            let common = match format {
                Format::Td3 => "P",
                Format::MrvA | Format::MrvB => "V",
                Format::Td1 | Format::Td2 => "IAC",
            };
            if common.contains(character) { 0.0 } else { 2.5 }
        }
        // A digit here is rare; what looks like one is mostly a letter.
        Some(Element::DocumentCode) if character.is_ascii_digit() => 1.0,
        // Issuers keep O and I out of numbers, and what looks like them is a digit.
        Some(Element::DocumentNumber | Element::OptionalData | Element::SecondOptionalData) => {
            match character {
                'O' => 2.0,
                'I' => 1.0,
                _ => 0.0,
            }
        }
        _ => 0.0,
    }
}

/// Three characters read together: a known state is preferred to an unknown one.
pub(super) fn state(sheet: &mut Sheet<'_>, element: Element) {
    let Some(place) = sheet.format.place(element) else {
        return;
    };
    let line = place.line;
    let columns: Vec<usize> = place.columns.clone().collect();
    let options: Vec<Vec<(usize, f32)>> = columns
        .iter()
        .map(|c| options(&sheet.scores[line][*c], 9.0, 7))
        .collect();
    let mut chosen: Option<(f32, [usize; 3])> = None;
    let [first, second, third] = options.as_slice() else {
        return;
    };
    for &(a, sa) in first {
        for &(b, sb) in second {
            for &(c, sc) in third {
                let code = text([a, b, c]);
                let known = rules::country::find(code.trim_end_matches('<')).is_some();
                let score = sa + sb + sc - if known { 0.0 } else { UNKNOWN_STATE };
                if chosen.is_none_or(|(s, _)| s < score) {
                    chosen = Some((score, [a, b, c]));
                }
            }
        }
    }
    if let Some((_, state)) = chosen {
        for (c, index) in columns.into_iter().zip(state) {
            sheet.read[line][c] = index;
        }
    }
}

/// The characters that come into question at a place: the best, and what is within `reach` of it.
pub(super) fn options(scores: &Scores, reach: f32, most: usize) -> Vec<(usize, f32)> {
    let top = scores[best(scores)];
    let mut all: Vec<(usize, f32)> = scores
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, s)| *s > top - reach)
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(most);
    all
}
