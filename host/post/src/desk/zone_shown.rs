//! The zone as the officer sees it: character by character, with what is unsure and what does not fit, and
//! its check digits one by one.

use super::words::Words;
use crate::inspection::Inspection;
use jiff::civil::Date;
use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};
use serde::Serialize;

/// Below this, a character of the zone is shown as unsure.
const UNSURE_BELOW: f32 = 0.85;

/// Neighbouring characters of the zone with one thing to say of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    /// `""`, `unsure`, or `wrong` for a check digit that does not fit.
    pub(super) mark: &'static str,
}

/// One check digit, or one rule, of a zone that the officer types.
#[derive(Debug, Serialize)]
pub(super) struct Digit {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) symbol: &'static str,
    pub(super) words: String,
}

/// What there is to say of a text as the zone of a document: its check digits, and every rule that it
/// breaks; or why it is no zone at all.
pub(super) fn digits(text: &str, today: Date, words: &Words) -> Result<Vec<Digit>, String> {
    let zone = Zone::parse(text).map_err(|e| not_a_zone(&e, words))?;
    Ok(zone
        .checks(today)
        .iter()
        .filter(|c| {
            let digit = c.check.as_str().starts_with("zone.check_digit.");
            (digit && c.outcome != Outcome::NotSupported)
                || matches!(c.outcome, Outcome::Failed | Outcome::Undetermined)
        })
        .map(|c| digit(c, words))
        .collect())
}

/// Why a text is no zone, in the officer's words.
fn not_a_zone(why: &rules::mrz::ZoneError, words: &Words) -> String {
    use rules::mrz::ZoneError as E;
    match why {
        E::Empty => words.say("zone-text-empty"),
        E::LineCount { found } => words.with("zone-text-lines", "found", *found),
        E::LineLength {
            line,
            found,
            expected,
        } => words.with_numbers(
            "zone-text-length",
            &[("line", *line), ("found", *found), ("expected", *expected)],
        ),
        E::Character { line, column, .. } => words.with_numbers(
            "zone-text-character",
            &[("line", *line), ("column", *column)],
        ),
    }
}

fn digit(check: &Check, words: &Words) -> Digit {
    let (tone, symbol) = match check.outcome {
        Outcome::Successful => ("", "✓"),
        Outcome::Failed if check.check == CheckId::DocumentValidity => ("bad", "◆"),
        _ => ("warn", "▲"),
    };
    Digit {
        name: words.say(format!("check-{}", check.check.as_str().replace('.', "-"))),
        tone,
        symbol,
        words: words.detail(check).unwrap_or_default(),
    }
}

pub(super) fn zone(inspection: &Inspection) -> Vec<Vec<Run>> {
    let Some(zone) = &inspection.zone else {
        return Vec::new();
    };
    let wrong = wrong_digits(inspection);
    zone.lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let sure = zone.confidence.get(index);
            let mut runs: Vec<Run> = Vec::new();
            for (column, character) in line.chars().enumerate() {
                let mark = if wrong.contains(&(index, column)) {
                    "wrong"
                } else if sure
                    .and_then(|c| c.get(column))
                    .is_some_and(|c| *c < UNSURE_BELOW)
                {
                    "unsure"
                } else {
                    ""
                };
                match runs.last_mut() {
                    Some(run) if run.mark == mark => run.text.push(character),
                    _ => runs.push(Run {
                        text: character.to_string(),
                        mark,
                    }),
                }
            }
            runs
        })
        .collect()
}

/// Where the check digits stand that do not fit: line and column.
fn wrong_digits(inspection: &Inspection) -> Vec<(usize, usize)> {
    let Some(format) = inspection
        .zone
        .as_ref()
        .and_then(|read| read.zone.as_ref())
        .map(Zone::format)
    else {
        return Vec::new();
    };
    format
        .digit_spans()
        .iter()
        .filter(|span| {
            inspection
                .checks
                .iter()
                .any(|c| c.check == span.check && c.outcome == Outcome::Failed)
        })
        .map(|span| span.digit)
        .collect()
}
