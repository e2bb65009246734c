//! The zone through its public door: Doc 9303's own specimens, the errors that a person sees, and what
//! each check can and cannot see.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::{Date, date};
use mpaka_rules::mrz::layout::Element;
use mpaka_rules::mrz::{Format, Zone, ZoneError};
use mpaka_rules::{Advice, CheckId, Outcome, Policy};

const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const MRV_A: &str =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
const MRV_B: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<";
/// Doc 9303-11 appendix D.2: a number of twelve characters, on a TD1 and on a TD2 zone.
const LONG_TD1: &str = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
const LONG_TD2: &str = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8";

/// A day on which the specimens of 2012 were valid.
const THEN: Date = date(2010, 1, 1);

fn outcome(zone: &Zone, today: Date, check: CheckId) -> Outcome {
    let found: Vec<_> = zone
        .checks(today)
        .into_iter()
        .filter(|c| c.check == check)
        .collect();
    assert_eq!(found.len(), 1, "{check:?} asked once");
    found[0].outcome
}

fn detail(zone: &Zone, check: CheckId) -> String {
    let checks = zone.checks(THEN);
    checks
        .into_iter()
        .find(|c| c.check == check)
        .unwrap()
        .detail
}

fn replaced(text: &str, line: usize, column: usize, character: char) -> Zone {
    let mut lines: Vec<Vec<char>> = text.lines().map(|l| l.chars().collect()).collect();
    lines[line][column] = character;
    let lines: Vec<String> = lines.iter().map(|l| l.iter().collect()).collect();
    Zone::from_lines(&lines).unwrap()
}

#[test]
fn specimens_are_read_field_by_field() {
    for (text, format, number, optional) in [
        (TD3, Format::Td3, "L898902C3", "ZE184226B"),
        (TD1, Format::Td1, "D23145890", ""),
        (TD2, Format::Td2, "D23145890", ""),
        (MRV_A, Format::MrvA, "L8988901C", "6ZE184226B"),
        (MRV_B, Format::MrvB, "L8988901C", ""),
    ] {
        let zone = Zone::parse(text).unwrap();
        assert_eq!(zone.format(), format);
        assert_eq!(zone.to_string(), text);
        let fields = zone.fields();
        assert_eq!(fields.surname, "ERIKSSON", "{format}");
        assert_eq!(fields.given_names, "ANNA MARIA");
        assert_eq!(fields.issuing_state, "UTO");
        assert_eq!(fields.document_number, number);
        assert_eq!(fields.optional, optional);
        assert_eq!(fields.sex, "F");
        assert!(!fields.name_truncated());
        assert_eq!(fields.document_code, text[..1]);
    }
    let fields = Zone::parse(TD3).unwrap().fields();
    assert_eq!(fields.birth(THEN).to_string(), "1974-08-12");
    assert_eq!(fields.expiry(THEN), Some(date(2012, 4, 15)));
    assert_eq!(fields.age_years(date(2010, 8, 11)), Some(35));
    assert_eq!(fields.age_years(date(2010, 8, 12)), Some(36));
    assert_eq!(Zone::parse(MRV_B).unwrap().fields().nationality, "XXX");
}

#[test]
fn json_keeps_the_contract_s_names_and_order() {
    let json = serde_json::to_string(&Zone::parse(TD3).unwrap().fields()).unwrap();
    assert_eq!(
        json,
        r#"{"document_code":"P","issuing_state":"UTO","document_number":"L898902C3","nationality":"UTO","date_of_birth":"740812","sex":"F","date_of_expiry":"120415","surname":"ERIKSSON","given_names":"ANNA MARIA","optional":"ZE184226B"}"#
    );
    for (format, name) in Format::ALL
        .iter()
        .zip(["TD1", "TD2", "TD3", "MRV-A", "MRV-B"])
    {
        assert_eq!(format.as_str(), name);
        assert_eq!(
            serde_json::to_string(format).unwrap(),
            format!("\"{name}\"")
        );
    }
}

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
        assert_eq!(checks.len(), 13);
        for check in checks {
            // On that day 120415 reads as 1912: more than fifteen years ahead is past.
            if check.check == CheckId::DocumentValidity && text.contains("120415") {
                assert_eq!(check.outcome, Outcome::Failed);
                continue;
            }
            let expected = if absent.contains(&check.check) {
                Outcome::NotSupported
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
fn a_run_of_k_for_fillers_reads_as_a_full_name() {
    let zone =
        Zone::parse(&TD3.replacen("<<<<<<<<<<<<<<<<<<<\n", "KKKKKKKKKKKKKKKKKKK\n", 1)).unwrap();
    // Nothing in the zone's grammar forbids it; the reader must judge the picture. The name says so much.
    assert!(zone.fields().name_truncated());
}

#[test]
fn names_in_every_shape() {
    let name = |field: &str| {
        let line = format!("P<UTO{field:<<39}");
        let zone = Zone::from_lines(&[line.as_str(), TD3.lines().nth(1).unwrap()]).unwrap();
        let fields = zone.fields();
        (
            fields.surname.clone(),
            fields.given_names.clone(),
            fields.name_truncated(),
        )
    };
    let say = |a: &str, b: &str, cut| (a.to_owned(), b.to_owned(), cut);
    assert_eq!(name("ARKFREITH"), say("ARKFREITH", "", false));
    assert_eq!(name("SATRIYA<SUDARPA"), say("SATRIYA SUDARPA", "", false));
    assert_eq!(
        name("VAN<DER<MUELLEN<<MARTIN"),
        say("VAN DER MUELLEN", "MARTIN", false)
    );
    assert_eq!(name("A<<B<<C"), say("A", "B C", false));
    assert_eq!(name("<<ANNA"), say("", "ANNA", false));
    assert_eq!(name(""), say("", "", false));
    assert_eq!(
        name("PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR"),
        say("PAPANDROPOULOUS", "JONATHON WARREN TREVOR", true)
    );
    let none =
        Zone::from_lines(&[&format!("P<UTO{:<<39}", ""), TD3.lines().nth(1).unwrap()]).unwrap();
    assert_eq!(
        outcome(&none, THEN, CheckId::ZoneCharacters),
        Outcome::Failed
    );
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

    let absent = Zone::parse(&TD1.replace("1204159", "<<<<<<0")).unwrap();
    assert_eq!(
        outcome(&absent, THEN, CheckId::ZoneDateOfExpiry),
        Outcome::Successful
    );
    assert_eq!(
        outcome(&absent, THEN, CheckId::ZoneDigitDateOfExpiry),
        Outcome::Successful
    );
    assert_eq!(
        outcome(&absent, THEN, CheckId::DocumentValidity),
        Outcome::NotSupported
    );
    let partial = Zone::parse(&TD1.replace("1204159", "1204<<9")).unwrap();
    assert_eq!(
        outcome(&partial, THEN, CheckId::ZoneDateOfExpiry),
        Outcome::Failed
    );
    assert_eq!(
        outcome(&partial, THEN, CheckId::DocumentValidity),
        Outcome::Undetermined
    );
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
    // 120415 with a wrong digit may be another date: it cannot speak for the document …
    let doubtful = replaced(TD3, 1, 27, '5');
    assert_eq!(
        outcome(&doubtful, THEN, CheckId::DocumentValidity),
        Outcome::Undetermined
    );
    // … and may speak against it.
    assert_eq!(
        outcome(&doubtful, date(2026, 1, 1), CheckId::DocumentValidity),
        Outcome::Failed
    );
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
fn typed_text_is_forgiven_blanks_and_small_letters_only() {
    let typed = "\u{feff}\r\n  p<uto eriksson<<anna<maria <<<<<<<<<<<<<<<<<<<\r\n\t\r\nl898902c3 6 uto 740812 2 f 120415 9 ze184226b<<<<< 1 0\r\n\r\n";
    assert_eq!(Zone::parse(typed).unwrap().to_string(), TD3);
    assert_eq!(
        Zone::parse(&TD3.replace('\n', "\r")).unwrap().to_string(),
        TD3
    );
    // Exact lines are not forgiven.
    assert!(Zone::from_lines(&[TD3.to_lowercase().as_str()]).is_err());
    assert!(matches!(
        Zone::from_lines(&["P< UTO"]),
        Err(ZoneError::Character {
            line: 1,
            column: 3,
            character: ' '
        })
    ));
}

#[test]
fn refusals_say_where_and_what_to_do() {
    let say = |text: &str| Zone::parse(text).unwrap_err().to_string();
    assert_eq!(
        say(" \n\t\n"),
        "there is no text: type the 2 or 3 lines of the zone"
    );
    assert_eq!(say("P<UTO"), "a zone has 2 or 3 lines; this has 1");
    assert_eq!(say(&"A\n".repeat(4)), "a zone has 2 or 3 lines; this has 4");
    // One character short, in the line as typed (a blank line stands between).
    let short = TD3.replace("<<<<<10", "<<<<10").replace('\n', "\n\n");
    assert_eq!(say(&short), "line 3 has 43 of 44 characters");
    assert_eq!(say(&format!("{TD2}<")), "line 2 has 37 of 36 characters");
    assert_eq!(
        say(&TD1.replacen("I<", "I", 1)),
        "line 1 has 29 of 30 characters"
    );
    assert_eq!(
        say(&TD3.replace("<<ANNA", "«ANNA")),
        "line 1, column 14: '«' (U+00AB) cannot stand in a zone: type the filler as <, once for each"
    );
    assert_eq!(
        say(&TD3.replace("<<ANNA", "‹‹ANNA")),
        "line 1, column 14: '‹' (U+2039) cannot stand in a zone: type the filler as <, once for each"
    );
    assert_eq!(
        say(&TD3.replace("ERIK", "ÉRIK")),
        "line 1, column 6: 'É' cannot stand in a zone: it has A to Z, 0 to 9 and <"
    );
    // What Unicode raises to a letter of the zone is not one of its letters.
    assert!(say(&TD3.replace("ERIKSS", "ERIKſS")).contains("column 10"));
    assert!(say(&TD3.replace("L898", "L８98")).starts_with("line 2, column 2"));
    assert!(say("P<UTO\u{0}").contains("U+0000"));
}

#[test]
fn old_and_odd_documents_are_read_as_printed_and_named() {
    // Shapes met on older cards: letters O in a name's place are not touched, nor a code that is none.
    let zone =
        Zone::parse("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<\n8806923102858CORINNE<<<<<<<6512068F6")
            .unwrap();
    // The national layout of the French card of 1988 to 2021: two lines of 36 that are no TD2.
    assert_eq!(zone.format(), Format::Td2);
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneCharacters),
        Outcome::Failed
    );
    assert_eq!(
        outcome(&zone, THEN, CheckId::ZoneDigitDocumentNumber),
        Outcome::Failed
    );
    let odd = Zone::parse(&TD1.replacen("I<", "R<", 1)).unwrap();
    assert_eq!(
        outcome(&odd, THEN, CheckId::ZoneFormat),
        Outcome::Undetermined
    );
    assert_eq!(
        detail(&odd, CheckId::ZoneFormat),
        "the document code begins with R; Doc 9303-5 gives A, C or I for TD1"
    );
    let letter = replaced(TD3, 1, 13, 'O');
    assert_eq!(
        detail(&letter, CheckId::ZoneCharacters),
        "line 2, column 14: O where a digit or < must stand"
    );
    assert_eq!(
        letter.to_string().lines().nth(1).unwrap().chars().nth(13),
        Some('O')
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

/// Zones of real specimen pictures, where the measuring files are at hand.
#[test]
fn zones_of_real_specimens_are_read_as_printed() {
    let shared = std::env::var_os("MPAKA_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        Into::into,
    );
    let Ok(truth) = std::fs::read(shared.join("vectors/mrz-images/ground_truth.json")) else {
        eprintln!("skipped: ../shared is absent");
        return;
    };
    let truth: std::collections::BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&truth).unwrap();
    for (picture, lines) in truth {
        let zone = Zone::from_lines(&lines).unwrap_or_else(|e| panic!("{picture}: {e}"));
        assert_eq!(zone.lines(), lines, "{picture}");
        let named: Vec<_> = zone
            .checks(THEN)
            .into_iter()
            .filter(|c| c.check != CheckId::DocumentValidity)
            .filter(|c| !matches!(c.outcome, Outcome::Successful | Outcome::NotSupported))
            .map(|c| format!("{}: {}", c.check.as_str(), c.detail))
            .collect();
        println!("{picture} {}: {named:?}", zone.format());
    }
}
