//! What each check of a zone can and cannot see.

use crate::specimens::{
    LONG_TD1, LONG_TD2, MRV_A, MRV_B, TD1, TD2, TD3, THEN, detail, outcome, replaced,
};
use jiff::civil::date;
use mpaka_rules::mrz::Zone;
use mpaka_rules::mrz::layout::Element;
use mpaka_rules::{Advice, CheckId, Outcome, Policy};

#[test]
fn every_question_has_a_good_answer_for_the_specimens_while_they_were_valid() {
    for (text, absent) in [
        (TD3, &[][..]),
        (TD1, &[CheckId::ZoneDigitOptional]),
        (TD2, &[CheckId::ZoneDigitOptional]),
        (LONG_TD1, &[CheckId::ZoneDigitOptional]),
        (LONG_TD2, &[CheckId::ZoneDigitOptional]),
        (
            MRV_A,
            &[CheckId::ZoneDigitOptional, CheckId::ZoneDigitComposite],
        ),
        (
            MRV_B,
            &[CheckId::ZoneDigitOptional, CheckId::ZoneDigitComposite],
        ),
    ] {
        // The visas and the long numbers expired in the nineties.
        let today = date(1995, 1, 1);
        let checks = Zone::parse(text).unwrap().checks(today);
        assert_eq!(checks.len(), 14);
        for check in checks {
            // On that day 120415 reads as 1912: more than fifteen years ahead is past.
            if check.check == CheckId::DocumentValidity && text.contains("120415") {
                assert_eq!(check.outcome, Outcome::Failed);
                continue;
            }
            let visa_alone =
                check.check == CheckId::DocumentTravels && [MRV_A, MRV_B].contains(&text);
            let expected = if absent.contains(&check.check) {
                Outcome::NotSupported
            } else if visa_alone {
                Outcome::Undetermined
            } else {
                Outcome::Successful
            };
            assert_eq!(check.outcome, expected, "{text}: {check:?}");
        }
    }
    assert_eq!(
        outcome(&Zone::parse(TD3).unwrap(), THEN, CheckId::DocumentValidity),
        Outcome::Successful
    );
}

#[test]
fn a_long_number_is_joined_and_its_digit_found_where_it_went() {
    for text in [LONG_TD1, LONG_TD2] {
        let zone = Zone::parse(text).unwrap();
        assert_eq!(zone.fields().document_number, "D23145890734");
        assert_eq!(zone.fields().optional, "");
        assert_eq!(
            zone.fields().birth(date(2026, 1, 1)).to_string(),
            "1934-07-12"
        );
        assert_eq!(
            zone.fields().expiry(date(2026, 1, 1)),
            Some(date(1995, 7, 12))
        );
    }
    // What follows the number is optional data, and a wrong digit is seen.
    let zone = replaced(LONG_TD1, 0, 20, 'X');
    assert_eq!(zone.fields().document_number, "D23145890734");
    assert_eq!(zone.fields().optional, "X");
    let zone = replaced(LONG_TD1, 0, 18, '8');
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneDigitDocumentNumber),
        Outcome::Failed
    );
    assert_eq!(
        detail(&zone, CheckId::ZoneDigitDocumentNumber),
        "expected 9, read 8"
    );
    // A filler for a digit, and nothing that goes on: no digit at all.
    let zone = replaced(TD1, 0, 14, '<');
    assert_eq!(zone.fields().document_number, "D23145890");
    assert_eq!(
        detail(&zone, CheckId::ZoneDigitDocumentNumber),
        "expected 7, read <"
    );
    // A passport has no long numbers.
    let zone = replaced(TD3, 1, 9, '<');
    assert_eq!(zone.fields().document_number, "L898902C3");
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneDigitDocumentNumber),
        Outcome::Failed
    );
}

/// The ten classes within which weights 7, 3, 1 modulo 10 see no difference, written out by hand.
const BLIND: [&str; 10] = [
    "0AKU<", "1BLV", "2CMW", "3DNX", "4EOY", "5FPZ", "6GQ", "7HR", "8IS", "9JT",
];

fn same_class(a: char, b: char) -> bool {
    BLIND
        .iter()
        .any(|class| class.contains(a) && class.contains(b))
}

#[test]
fn a_changed_character_is_seen_exactly_where_the_scheme_can_see_it() {
    let digits = [
        CheckId::ZoneDigitDocumentNumber,
        CheckId::ZoneDigitDateOfBirth,
        CheckId::ZoneDigitDateOfExpiry,
        CheckId::ZoneDigitOptional,
        CheckId::ZoneDigitComposite,
    ];
    for text in [TD3, TD1, TD2, MRV_A, MRV_B] {
        let format = Zone::parse(text).unwrap().format();
        let lines: Vec<&str> = text.lines().collect();
        for (line, column) in
            (0..lines.len()).flat_map(|l| (0..lines[l].len()).map(move |c| (l, c)))
        {
            let was = lines[line].chars().nth(column).unwrap();
            let covered = format.digit_spans().iter().any(|s| {
                s.digit == (line, column)
                    || s.spans
                        .iter()
                        .any(|(l, c)| *l == line && c.contains(&column))
            });
            let is_digit = format
                .digit_spans()
                .iter()
                .any(|s| s.digit == (line, column));
            for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
                .chars()
                .filter(|c| *c != was)
            {
                if (line, column) == (0, 0) && (was == 'V' || character == 'V') {
                    continue; // Another format, with other spans.
                }
                let zone = replaced(text, line, column, character);
                let seen = digits
                    .iter()
                    .any(|d| outcome(&zone, THEN, *d) == Outcome::Failed);
                // A digit's own position is compared as it stands, whatever its class.
                let expected = covered && (is_digit || !same_class(was, character));
                assert_eq!(
                    seen, expected,
                    "{format} line {line} column {column}: {was} became {character}"
                );
            }
        }
    }
}

#[test]
fn what_the_digits_cannot_see_the_other_checks_name_where_they_can() {
    let others = [
        CheckId::ZoneCharacters,
        CheckId::ZoneDateOfBirth,
        CheckId::ZoneDateOfExpiry,
        CheckId::ZoneIssuingState,
        CheckId::ZoneNationality,
        CheckId::ZoneSex,
    ];
    let good = |zone: &Zone| {
        others.iter().all(|c| {
            matches!(
                outcome(zone, THEN, *c),
                Outcome::Successful | Outcome::NotSupported
            )
        })
    };
    // Peers accept these.
    assert_eq!(
        outcome(&replaced(TD3, 0, 4, '0'), THEN, CheckId::ZoneIssuingState),
        Outcome::Failed
    );
    assert_eq!(
        outcome(&replaced(TD3, 1, 12, '0'), THEN, CheckId::ZoneNationality),
        Outcome::Failed
    );
    assert_eq!(
        outcome(&replaced(TD3, 1, 20, '6'), THEN, CheckId::ZoneSex),
        Outcome::Failed
    );
    let misread = Zone::parse(&TD3.replace("UTO", "HAC")).unwrap();
    assert_eq!(
        outcome(&misread, THEN, CheckId::ZoneNationality),
        Outcome::Undetermined
    );
    // Every blind substitution within dates and digit positions, and every digit within names and codes.
    for text in [TD3, TD1, TD2, MRV_A, MRV_B] {
        let format = Zone::parse(text).unwrap().format();
        for place in format.places() {
            let numeric = matches!(
                place.element,
                Element::DateOfBirth
                    | Element::DateOfBirthDigit
                    | Element::DateOfExpiry
                    | Element::DateOfExpiryDigit
                    | Element::CompositeDigit
            );
            let lettered = matches!(
                place.element,
                Element::Name | Element::IssuingState | Element::Nationality
            );
            for column in place.columns.clone() {
                let was = text
                    .lines()
                    .nth(place.line)
                    .unwrap()
                    .chars()
                    .nth(column)
                    .unwrap();
                let changes: Vec<char> = if numeric {
                    let class = BLIND.iter().find(|c| c.contains(was)).unwrap();
                    class.chars().filter(|c| *c != was).collect()
                } else if lettered {
                    ('0'..='9').collect()
                } else {
                    vec![]
                };
                for character in changes {
                    let zone = replaced(text, place.line, column, character);
                    assert!(
                        !good(&zone),
                        "{format} {place:?} {column}: {was} became {character}"
                    );
                }
            }
        }
    }
    // What remains unseen: within a class, in a number or in optional data.
    let zone = replaced(TD3, 1, 0, 'B'); // L and B are both 1.
    let checks = zone.checks(THEN);
    assert!(checks.iter().all(|c| c.outcome == Outcome::Successful));
}

#[test]
fn unknown_birth_dates_and_absent_expiry() {
    // Digits formed by hand: 74<<<< is 7*7+4*3 = 61; <<<<<< is 0.
    let zone = Zone::parse(&TD3.replace("7408122", "74<<<<1")).unwrap();
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneDateOfBirth),
        Outcome::Successful
    );
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneDigitDateOfBirth),
        Outcome::Successful
    );
    assert_eq!(zone.fields().birth(THEN).to_string(), "1974");
    assert_eq!(zone.fields().age_years(date(2010, 8, 12)), Some(35));
    let zone = Zone::parse(&TD3.replace("7408122", "<<<<<<0")).unwrap();
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneDateOfBirth),
        Outcome::Successful
    );
    assert_eq!(zone.fields().age_years(THEN), None);
    // Half a pair, and a day that no month has.
    for (birth, outcome_) in [("7<08122", Outcome::Failed), ("7402302", Outcome::Failed)] {
        let zone = Zone::parse(&TD3.replace("7408122", birth)).unwrap();
        assert_eq!(outcome(&zone, THEN, CheckId::ZoneDateOfBirth), outcome_);
    }
    // Born this year, month unknown: nobody is less than nought.
    let zone = Zone::parse(&TD3.replace("7408122", "10<<<<7")).unwrap();
    assert_eq!(zone.fields().age_years(THEN), Some(0));

    let expiry = |printed| Zone::parse(&TD1.replace("1204159", printed)).unwrap();
    for (zone, check, expected) in [
        (
            expiry("<<<<<<0"),
            CheckId::ZoneDateOfExpiry,
            Outcome::Successful,
        ),
        (
            expiry("<<<<<<0"),
            CheckId::ZoneDigitDateOfExpiry,
            Outcome::Successful,
        ),
        (
            expiry("<<<<<<0"),
            CheckId::DocumentValidity,
            Outcome::NotSupported,
        ),
        (
            expiry("1204<<9"),
            CheckId::ZoneDateOfExpiry,
            Outcome::Failed,
        ),
        (
            expiry("1204<<9"),
            CheckId::DocumentValidity,
            Outcome::Undetermined,
        ),
    ] {
        assert_eq!(outcome(&zone, THEN, check), expected, "{check:?}");
    }
}

#[test]
fn a_document_is_valid_through_the_day_it_states() {
    let zone = Zone::parse(TD3).unwrap();
    for (today, expected) in [
        (date(2012, 4, 15), Outcome::Successful),
        (date(2012, 4, 16), Outcome::Failed),
        (date(2026, 1, 1), Outcome::Failed),
    ] {
        assert_eq!(
            outcome(&zone, today, CheckId::DocumentValidity),
            expected,
            "{today}"
        );
    }
    // 120415 with a wrong digit may be another date: it speaks neither for the document nor, on a day when it
    // would have expired, against it.
    let doubtful = replaced(TD3, 1, 27, '5');
    for today in [THEN, date(2026, 1, 1)] {
        assert_eq!(
            outcome(&doubtful, today, CheckId::DocumentValidity),
            Outcome::Undetermined
        );
    }
}

#[test]
fn an_empty_personal_number_has_nought_or_a_filler() {
    // Without a personal number the composite of the specimen is formed by hand: see each line.
    let empty = |digit: char| {
        let line = format!("L898902C36UTO7408122F1204159<<<<<<<<<<<<<<{digit}<");
        Zone::from_lines(&[TD3.lines().next().unwrap(), &line]).unwrap()
    };
    for (digit, expected) in [
        ('0', Outcome::Successful),
        ('<', Outcome::Successful),
        ('1', Outcome::Failed),
        ('A', Outcome::Failed), // as a value 0 modulo 10, and no digit
    ] {
        assert_eq!(
            outcome(&empty(digit), THEN, CheckId::ZoneDigitOptional),
            expected,
            "{digit}"
        );
    }
    // With one, a filler is wrong.
    let zone = replaced(TD3, 1, 42, '<');
    assert_eq!(
        detail(&zone, CheckId::ZoneDigitOptional),
        "expected 1, read <"
    );
}

#[test]
fn a_zone_with_any_open_or_failed_answer_is_looked_at() {
    let advice = |zone: &Zone| {
        mpaka_rules::advice::advise(&zone.checks(THEN), &[], &Policy::default()).advice
    };
    assert_eq!(advice(&Zone::parse(TD3).unwrap()), Advice::Clear);
    let lines: Vec<&str> = TD3.lines().collect();
    for (line, text) in lines.iter().enumerate() {
        for (column, was) in text.char_indices() {
            for character in "05AKZ<".chars().filter(|c| *c != was) {
                if (line, column, character) == (0, 0, 'V') {
                    continue;
                }
                let zone = replaced(TD3, line, column, character);
                let clean = zone
                    .checks(THEN)
                    .iter()
                    .all(|c| c.outcome == Outcome::Successful);
                assert_eq!(
                    advice(&zone) == Advice::Clear,
                    clean,
                    "{line} {column} {character}"
                );
            }
        }
    }
}
