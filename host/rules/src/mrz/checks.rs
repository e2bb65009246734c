//! The questions asked of a zone.

use super::layout::Element;
use super::{Format, Zone, check_digit, parse};
use crate::date::{self, ZoneDate};
use crate::{Check, CheckId, Outcome, country};
use jiff::civil::Date;

/// Every question of the zone, once, in a fixed order.
pub(super) fn all(zone: &Zone, today: Date) -> Vec<Check> {
    let answer = |check, (outcome, detail): (Outcome, String)| Check::new(check, outcome, detail);
    let mut checks = vec![
        answer(CheckId::ZoneFormat, format(zone)),
        answer(CheckId::ZoneCharacters, characters(zone)),
    ];
    for check in [
        CheckId::ZoneDigitDocumentNumber,
        CheckId::ZoneDigitDateOfBirth,
        CheckId::ZoneDigitDateOfExpiry,
        CheckId::ZoneDigitOptional,
        CheckId::ZoneDigitComposite,
    ] {
        checks.push(answer(check, digit(zone, check)));
    }
    checks.extend([
        answer(CheckId::ZoneDateOfBirth, date_of_birth(zone, today)),
        answer(CheckId::ZoneDateOfExpiry, date_of_expiry(zone, today)),
        answer(
            CheckId::ZoneIssuingState,
            country::issuer(zone.element(Element::IssuingState)),
        ),
        answer(
            CheckId::ZoneNationality,
            country::nationality(zone.element(Element::Nationality)),
        ),
        answer(CheckId::ZoneSex, sex(zone)),
        answer(CheckId::DocumentValidity, validity(zone, today)),
    ]);
    checks
}

fn good() -> (Outcome, String) {
    (Outcome::Successful, String::new())
}

/// A [`Zone`] has the lines and lengths of its format by construction; what remains is whether the first
/// letter is one that the format's part of Doc 9303 gives. Cards with another letter are met in the field,
/// so it is no evidence against one.
fn format(zone: &Zone) -> (Outcome, String) {
    let first = &zone.element(Element::DocumentCode)[..1];
    let (given, part) = match zone.format {
        Format::Td1 => ("A, C or I", 5),
        Format::Td2 => ("A, C or I", 6),
        Format::Td3 => ("P", 4),
        Format::MrvA | Format::MrvB => ("V", 7),
    };
    if given.contains(first) {
        good()
    } else {
        (
            Outcome::Undetermined,
            format!(
                "the document code begins with {first}; Doc 9303-{part} gives {given} for {}",
                zone.format
            ),
        )
    }
}

/// The first position of the wrong kind names itself, and how many more there are.
fn characters(zone: &Zone) -> (Outcome, String) {
    let mut wrong = zone.lines.iter().enumerate().flat_map(|(line, text)| {
        text.chars()
            .enumerate()
            .filter_map(move |(column, character)| {
                let alphabet = zone.format.alphabet(line, column);
                (!alphabet.allows(character)).then(|| {
                    format!(
                        "line {}, column {}: {character} where {} must stand",
                        line + 1,
                        column + 1,
                        alphabet.describe()
                    )
                })
            })
    });
    let Some(first) = wrong.next() else {
        return good();
    };
    match wrong.count() {
        0 => (Outcome::Failed, first),
        more => (Outcome::Failed, format!("{first}, and {more} more")),
    }
}

fn digit(zone: &Zone, check: CheckId) -> (Outcome, String) {
    let Some(span) = zone.format.digit_spans().iter().find(|s| s.check == check) else {
        return (
            Outcome::NotSupported,
            format!("{} has no such check digit", zone.format),
        );
    };
    if check == CheckId::ZoneDigitDocumentNumber {
        let number = parse::number(zone);
        return compare(number.expected(), number.digit);
    }
    let character = |(line, column): (usize, usize)| {
        zone.lines
            .get(line)
            .and_then(|l| l.as_bytes().get(column))
            .map_or('<', |b| char::from(*b))
    };
    let covered: String = span
        .spans
        .iter()
        .filter_map(|(line, columns)| zone.lines.get(*line)?.get(columns.clone()))
        .collect();
    let read = character(span.digit);
    // Doc 9303-4 section 4.2.2: without a personal number its digit may be 0 or a filler.
    if check == CheckId::ZoneDigitOptional && read == '<' && covered.bytes().all(|b| b == b'<') {
        return good();
    }
    compare(check_digit(&covered), read)
}

fn compare(expected: Option<char>, read: char) -> (Outcome, String) {
    match expected {
        Some(expected) if expected == read => good(),
        // A zone holds only characters that have a value, so the digit can always be formed.
        expected => (
            Outcome::Failed,
            format!("expected {}, read {read}", expected.unwrap_or('?')),
        ),
    }
}

fn date_of_birth(zone: &Zone, today: Date) -> (Outcome, String) {
    let raw = zone.element(Element::DateOfBirth);
    match date::birth(raw, today) {
        ZoneDate::Whole(_) => good(),
        ZoneDate::Partial(date) => (Outcome::Successful, format!("known in part: {date}")),
        ZoneDate::Absent => (Outcome::Successful, "marked as unknown".into()),
        ZoneDate::Irregular => (
            Outcome::Failed,
            format!("{raw} is no date, nor unknown parts as <<"),
        ),
    }
}

fn date_of_expiry(zone: &Zone, today: Date) -> (Outcome, String) {
    let raw = zone.element(Element::DateOfExpiry);
    match date::expiry(raw, today) {
        ZoneDate::Whole(_) => good(),
        ZoneDate::Absent => (Outcome::Successful, "none is stated".into()),
        // Only a date of birth may be known in part.
        ZoneDate::Partial(_) | ZoneDate::Irregular => {
            (Outcome::Failed, format!("{raw} is no date of the calendar"))
        }
    }
}

fn sex(zone: &Zone) -> (Outcome, String) {
    let read = zone.element(Element::Sex);
    if matches!(read, "F" | "M" | "<") {
        good()
    } else {
        (
            Outcome::Failed,
            format!("{read} where F, M or < must stand"),
        )
    }
}

/// A document is valid through the day that it states. A date whose own check digit does not fit is not
/// believed when it speaks for the document, and is when it speaks against.
fn validity(zone: &Zone, today: Date) -> (Outcome, String) {
    match date::expiry(zone.element(Element::DateOfExpiry), today) {
        ZoneDate::Whole(date) if date < today => (Outcome::Failed, format!("expired on {date}")),
        ZoneDate::Whole(date) => match digit(zone, CheckId::ZoneDigitDateOfExpiry).0 {
            Outcome::Successful => (Outcome::Successful, format!("valid until {date}")),
            _ => (
                Outcome::Undetermined,
                format!("reads {date}, and its check digit does not fit"),
            ),
        },
        ZoneDate::Absent => (
            Outcome::NotSupported,
            "the document states no date of expiry".into(),
        ),
        ZoneDate::Partial(_) | ZoneDate::Irregular => (
            Outcome::Undetermined,
            "the date of expiry cannot be read".into(),
        ),
    }
}
