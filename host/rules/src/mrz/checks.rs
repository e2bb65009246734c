//! The questions asked of a zone.

use super::layout::Element;
use super::{Format, Zone, check_digit, parse};
use crate::date::{self, ZoneDate};
use crate::{Check, CheckId, Outcome, country};
use jiff::civil::Date;

/// Every question of the zone, once, in a fixed order.
pub(super) fn all(zone: &Zone, today: Date) -> Vec<Check> {
    let state = |check, (outcome, detail): (Outcome, String), element| {
        let code = zone.element(element).trim_end_matches('<');
        Check::new(check, outcome, detail).saying("detail-code", [("code", code.into())])
    };
    let mut checks = vec![format(zone), characters(zone)];
    checks.extend(
        [
            CheckId::ZoneDigitDocumentNumber,
            CheckId::ZoneDigitDateOfBirth,
            CheckId::ZoneDigitDateOfExpiry,
            CheckId::ZoneDigitOptional,
            CheckId::ZoneDigitComposite,
        ]
        .map(|check| digit(zone, check)),
    );
    checks.extend([
        date_of_birth(zone, today),
        date_of_expiry(zone, today),
        state(
            CheckId::ZoneIssuingState,
            country::issuer(zone.element(Element::IssuingState)),
            Element::IssuingState,
        ),
        state(
            CheckId::ZoneNationality,
            country::nationality(zone.element(Element::Nationality)),
            Element::Nationality,
        ),
        sex(zone),
        validity(zone, today),
        travels(zone),
    ]);
    checks
}

fn good(check: CheckId) -> Check {
    Check::new(check, Outcome::Successful, "")
}

/// A [`Zone`] has the lines and lengths of its format by construction; what remains is whether the first
/// letter is one that the format's part of Doc 9303 gives. Cards with another letter are met in the field,
/// so it is no evidence against one.
fn format(zone: &Zone) -> Check {
    let first = &zone.element(Element::DocumentCode)[..1];
    let (given, part) = match zone.format {
        Format::Td1 => ("A, C or I", 5),
        Format::Td2 => ("A, C or I", 6),
        Format::Td3 => ("P", 4),
        Format::MrvA | Format::MrvB => ("V", 7),
    };
    if given.contains(first) {
        return good(CheckId::ZoneFormat);
    }
    Check::new(
        CheckId::ZoneFormat,
        Outcome::Undetermined,
        format!(
            "the document code begins with {first}; Doc 9303-{part} gives {given} for {}",
            zone.format
        ),
    )
    .saying("detail-document-code", [("first", first.into())])
}

/// The first position of the wrong kind names itself, and how many more there are.
fn characters(zone: &Zone) -> Check {
    let mut wrong = zone.lines.iter().enumerate().flat_map(|(line, text)| {
        text.chars()
            .enumerate()
            .filter_map(move |(column, character)| {
                let alphabet = zone.format.alphabet(line, column);
                (!alphabet.allows(character)).then(|| {
                    (
                        line + 1,
                        column + 1,
                        character,
                        format!(
                            "line {}, column {}: {character} where {} must stand",
                            line + 1,
                            column + 1,
                            alphabet.describe()
                        ),
                    )
                })
            })
    });
    let check = CheckId::ZoneCharacters;
    let Some((line, column, character, first)) = wrong.next() else {
        return good(check);
    };
    let detail = match wrong.count() {
        0 => first,
        more => format!("{first}, and {more} more"),
    };
    Check::new(check, Outcome::Failed, detail).saying(
        "detail-character",
        [
            ("line", line.into()),
            ("column", column.into()),
            ("read", character.into()),
        ],
    )
}

fn digit(zone: &Zone, check: CheckId) -> Check {
    let Some(span) = zone.format.digit_spans().iter().find(|s| s.check == check) else {
        return Check::new(
            check,
            Outcome::NotSupported,
            format!("{} has no such check digit", zone.format),
        )
        .saying("detail-no-such-digit", []);
    };
    if check == CheckId::ZoneDigitDocumentNumber {
        let number = parse::number(zone);
        return compare(check, number.expected(), number.digit);
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
        return good(check);
    }
    compare(check, check_digit(&covered), read)
}

fn compare(check: CheckId, expected: Option<char>, read: char) -> Check {
    match expected {
        Some(expected) if expected == read => good(check),
        // A zone holds only characters that have a value, so the digit can always be formed.
        expected => {
            let expected = expected.unwrap_or('?');
            Check::new(
                check,
                Outcome::Failed,
                format!("expected {expected}, read {read}"),
            )
            .saying(
                "detail-digit",
                [("expected", expected.into()), ("read", read.into())],
            )
        }
    }
}

fn date_of_birth(zone: &Zone, today: Date) -> Check {
    let raw = zone.element(Element::DateOfBirth);
    let check = CheckId::ZoneDateOfBirth;
    match date::birth(raw, today) {
        ZoneDate::Whole(_) => good(check),
        ZoneDate::Partial(date) => {
            Check::new(check, Outcome::Successful, format!("known in part: {date}"))
                .saying("detail-known-in-part", [])
        }
        ZoneDate::Absent => Check::new(check, Outcome::Successful, "marked as unknown")
            .saying("detail-marked-unknown", []),
        ZoneDate::Irregular => Check::new(
            check,
            Outcome::Failed,
            format!("{raw} is no date, nor unknown parts as <<"),
        )
        .saying("detail-no-date", [("read", raw.into())]),
    }
}

fn date_of_expiry(zone: &Zone, today: Date) -> Check {
    let raw = zone.element(Element::DateOfExpiry);
    let check = CheckId::ZoneDateOfExpiry;
    match date::expiry(raw, today) {
        ZoneDate::Whole(_) => good(check),
        ZoneDate::Absent => Check::new(check, Outcome::Successful, "none is stated")
            .saying("detail-none-stated", []),
        // Only a date of birth may be known in part.
        ZoneDate::Partial(_) | ZoneDate::Irregular => Check::new(
            check,
            Outcome::Failed,
            format!("{raw} is no date of the calendar"),
        )
        .saying("detail-no-date", [("read", raw.into())]),
    }
}

fn sex(zone: &Zone) -> Check {
    let read = zone.element(Element::Sex);
    if matches!(read, "F" | "M" | "<") {
        return good(CheckId::ZoneSex);
    }
    Check::new(
        CheckId::ZoneSex,
        Outcome::Failed,
        format!("{read} where F, M or < must stand"),
    )
    .saying("detail-sex", [("read", read.into())])
}

/// A document is valid through the day that it states. A date whose own check digit does not fit was read
/// wrongly or altered: it speaks neither for the document nor against it.
fn validity(zone: &Zone, today: Date) -> Check {
    let check = CheckId::DocumentValidity;
    match date::expiry(zone.element(Element::DateOfExpiry), today) {
        ZoneDate::Whole(date)
            if digit(zone, CheckId::ZoneDigitDateOfExpiry).outcome != Outcome::Successful =>
        {
            Check::new(
                check,
                Outcome::Undetermined,
                format!("reads {date}, and its check digit does not fit"),
            )
            .saying("detail-expiry-doubtful", [("day", date.into())])
        }
        ZoneDate::Whole(date) if date < today => {
            Check::new(check, Outcome::Failed, format!("expired on {date}"))
                .saying("detail-expired", [("day", date.into())])
        }
        ZoneDate::Whole(date) => {
            Check::new(check, Outcome::Successful, format!("valid until {date}"))
                .saying("detail-valid-until", [("day", date.into())])
        }
        ZoneDate::Absent => Check::new(
            check,
            Outcome::NotSupported,
            "the document states no date of expiry",
        )
        .saying("detail-none-stated", []),
        ZoneDate::Partial(_) | ZoneDate::Irregular => Check::new(
            check,
            Outcome::Undetermined,
            "the date of expiry cannot be read",
        )
        .saying("detail-cannot-be-read", []),
    }
}

/// Nobody travels on a visa alone: it says that its state lets the holder of a passport in, and the passport says
/// who that is (Doc 9303-7). It speaks neither for nor against its holder, so it is no `Failed`.
fn travels(zone: &Zone) -> Check {
    let check = CheckId::DocumentTravels;
    match zone.format {
        Format::Td1 | Format::Td2 | Format::Td3 => good(check),
        Format::MrvA | Format::MrvB => Check::new(
            check,
            Outcome::Undetermined,
            "a visa, and no passport with it",
        )
        .saying("detail-visa", []),
    }
}
