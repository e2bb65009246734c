//! Text in, fields out, and the errors that a person sees.

use crate::specimens::{MRV_A, MRV_B, TD1, TD2, TD3, THEN, detail, outcome, replaced};
use jiff::civil::date;
use mpaka_rules::mrz::{Format, Zone, ZoneError};
use mpaka_rules::{CheckId, Outcome};

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
