//! Editions through the public door: written, opened, searched, damaged.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::date;
use mpaka_watchlist::build::{EditionBuilder, EditionHeader};
use mpaka_watchlist::{
    DocumentEntry, DocumentQuery, Edition, EditionError, ListedDocument, ListedName, NameKind,
    PersonEntry, Query,
};
use rules::mrz::Sex;
use rules::{CandidateKind, EditionNumber, EntryId, Policy};
use std::path::Path;

fn id(text: &str) -> EntryId {
    EntryId::new(text).unwrap()
}

fn header() -> EditionHeader {
    EditionHeader {
        number: EditionNumber(7),
        made_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        expires_at: "2026-02-02T03:04:05Z".parse().unwrap(),
        sources: vec!["Utopia wanted".into()],
    }
}

fn person(entry: &str, names: &[&str]) -> PersonEntry {
    PersonEntry::new(
        id(entry),
        names.iter().map(|n| ListedName::primary(*n)).collect(),
        "Utopia wanted",
    )
}

fn document(number: &str, state: &str, kind: &str) -> DocumentEntry {
    DocumentEntry {
        number: number.into(),
        state: state.into(),
        document_type: kind.into(),
        entry: None,
    }
}

fn asked(number: &str, state: &str, code: &str) -> DocumentQuery {
    DocumentQuery {
        number: number.into(),
        state: state.into(),
        document_code: code.into(),
    }
}

fn write(dir: &Path) {
    let mut builder = EditionBuilder::new();
    let mut otieno = person("UTO-2", &["OTIENO, James Juma"]);
    otieno.births = vec!["1974-08-12".parse().unwrap()];
    otieno.sex = Sex::Male;
    otieno.nationalities = vec!["UTO".into()];
    otieno.documents = vec![ListedDocument {
        number: "AB-123 456".into(),
        state: "UTO".into(),
        document_type: "P".into(),
    }];
    builder.add_person(otieno).unwrap();
    builder
        .add_person(person("UTO-1", &["عبد الرحمن يوسف", "ABDUL RAHMAN Yusuf"]))
        .unwrap();
    let mut gone = person("UTO-3", &["WANJIKU, Grace Nyokabi"]);
    gone.expires = Some(date(2026, 1, 10));
    builder.add_person(gone).unwrap();
    builder
        .add_document(document("X0000001", "KEN", "P"))
        .unwrap();
    builder
        .add_document(document("O1234567", "UTO", ""))
        .unwrap();
    builder.write(dir, &header()).unwrap();
}

fn edition() -> (tempfile::TempDir, Edition) {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let edition = Edition::open(dir.path()).unwrap();
    (dir, edition)
}

fn query(surname: &str, given: &str) -> Query {
    Query::by_name(surname, given, date(2026, 1, 5))
}

fn found(edition: &Edition, query: &Query) -> Vec<String> {
    edition
        .search(query, &Policy::default())
        .unwrap()
        .iter()
        .map(|c| c.entry.to_string())
        .collect()
}

#[test]
fn an_edition_says_what_it_is_and_gives_entries_back_whole() {
    let (_dir, edition) = edition();
    assert_eq!(edition.info().number, EditionNumber(7));
    assert_eq!((edition.info().persons, edition.info().documents), (3, 3));
    assert_eq!(edition.info().sources, ["Utopia wanted"]);
    let entry = edition.person(&id("UTO-2")).unwrap().unwrap();
    assert_eq!(entry.names[0].text, "OTIENO, James Juma");
    assert_eq!(edition.person(&id("UTO-9")).unwrap(), None);
}

#[test]
fn a_document_is_found_by_number_state_and_type_and_by_nothing_less() {
    let (_dir, edition) = edition();
    let search = |d: &DocumentQuery| edition.search_documents(d).unwrap();
    let hit = search(&asked("AB123456", "UTO", "P"));
    assert_eq!(
        (hit.len(), hit[0].kind, hit[0].entry.as_str()),
        (1, CandidateKind::Document, "UTO-2")
    );
    assert_eq!(
        search(&asked("ab 123456<<<", "UTO", "PP")).len(),
        1,
        "fillers, case and subtype do not matter"
    );
    assert_eq!(search(&asked("X0000001", "KEN", "PN")).len(), 1);
    assert_eq!(
        search(&asked("O1234567", "UTO", "ID")).len(),
        1,
        "listed for any type"
    );
    for (number, state, code) in [
        ("X0000002", "KEN", "P"),
        ("X0000000", "KEN", "P"),
        ("X000001", "KEN", "P"),
        ("X0000001", "UGA", "P"),
        ("X0000001", "KEN", "V"),
        ("01234567", "UTO", "P"),
        ("XO000001", "KEN", "P"),
        ("", "KEN", "P"),
    ] {
        assert!(
            search(&asked(number, state, code)).is_empty(),
            "{number} {state} {code}"
        );
    }
}

#[test]
fn a_state_is_one_state_however_the_zone_writes_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut builder = EditionBuilder::new();
    builder
        .add_document(document("C01X00T47", "DEU", "P"))
        .unwrap();
    builder.write(dir.path(), &header()).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    assert_eq!(
        edition
            .search_documents(&asked("C01X00T47", "D<<", "P"))
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_person_is_found_under_another_spelling_and_order() {
    let (_dir, edition) = edition();
    assert_eq!(found(&edition, &query("OTIENO", "JAMES JUMA")), ["UTO-2"]);
    assert_eq!(found(&edition, &query("JUMAA", "JAMES OTIENO")), ["UTO-2"]);
    assert_eq!(found(&edition, &query("ABDURRAHMAN", "YOUSSEF")), ["UTO-1"]);
    assert!(found(&edition, &query("WEKESA", "PATRICK")).is_empty());
}

#[test]
fn particulars_move_the_score_both_ways() {
    let (_dir, edition) = edition();
    let policy = Policy::default();
    let score = |q: &Query| edition.search(q, &policy).unwrap().first().map(|c| c.score);
    let mut q = query("OTIENO", "JAMES");
    let name_alone = score(&q).unwrap();
    q.birth = "1974-08-12".parse().unwrap();
    assert!(score(&q).unwrap() >= name_alone);
    q.birth = "1974-12-08".parse().unwrap();
    assert!(score(&q).is_some(), "day and month swapped");
    q.birth = "1974".parse().unwrap();
    assert!(score(&q).is_some(), "a partial date");
    q.birth = "1951-03-02".parse().unwrap();
    assert_eq!(score(&q), None, "another generation");
    q.birth = "1974-08-12".parse().unwrap();
    q.sex = Sex::Female;
    q.nationality = "KEN".into();
    assert!(score(&q).is_none_or(|s| s < name_alone));
}

#[test]
fn the_explanation_adds_up_to_the_score() {
    let (_dir, edition) = edition();
    let mut q = query("OTIENNO", "JAMES");
    q.birth = "1974-08-11".parse().unwrap();
    q.sex = Sex::Male;
    let candidates = edition.search(&q, &Policy::default()).unwrap();
    let c = &candidates[0];
    let sum: f64 = c.why.iter().map(|w| w.effect).sum();
    assert!((sum - c.score).abs() < 1e-6, "{sum} {c:?}");
    assert!(c.why.iter().any(|w| w.evidence == "birth"));
    assert!(c.why.iter().any(|w| w.detail.contains("OTIENNO ~ OTIENO")));
}

#[test]
fn an_expired_entry_is_not_searched() {
    let (_dir, edition) = edition();
    let mut q = query("WANJIKU", "GRACE NYOKABI");
    q.today = date(2026, 1, 10);
    assert_eq!(found(&edition, &q), ["UTO-3"]);
    q.today = date(2026, 1, 11);
    assert!(found(&edition, &q).is_empty());
}

#[test]
fn an_empty_edition_opens_and_finds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    EditionBuilder::new().write(dir.path(), &header()).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    let mut q = query("OTIENO", "JAMES");
    q.document = Some(asked("AB123456", "UTO", "P"));
    assert!(found(&edition, &q).is_empty());
    assert!(found(&edition, &query("", "")).is_empty());
}

#[test]
fn entries_that_could_not_be_found_again_are_refused() {
    let mut builder = EditionBuilder::new();
    assert!(matches!(
        builder.add_person(person("E1", &["", "  .,- "])),
        Err(EditionError::Entry { .. })
    ));
    builder.add_person(person("E2", &["OTIENO"])).unwrap();
    assert!(matches!(
        builder.add_person(person("E2", &["OTIENO"])),
        Err(EditionError::Entry { .. })
    ));
    assert!(matches!(
        builder.add_document(document("<<<", "UTO", "P")),
        Err(EditionError::Entry { .. })
    ));
    assert!(matches!(
        builder.add_document(document("A1", "", "P")),
        Err(EditionError::Entry { .. })
    ));
}

#[test]
fn a_weak_name_that_fits_better_does_not_hide_a_firm_one() {
    let weak = |text: &str| ListedName {
        kind: NameKind::Weak,
        ..ListedName::primary(text)
    };
    let mut builder = EditionBuilder::new();
    let mut both = person("E1", &["PAPANDROPOULOUS, Jonathon Alec"]);
    both.names.push(weak("PAPANDROPOULOUS, Jonathon"));
    builder.add_person(both).unwrap();
    let mut alone = person("E2", &["OTIENO, James Juma"]);
    alone.names.push(weak("PAPANDROPOULOUS, Jonathon"));
    builder.add_person(alone).unwrap();
    let dir = tempfile::tempdir().unwrap();
    builder.write(dir.path(), &header()).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    assert_eq!(
        found(&edition, &query("PAPANDROPOULOUS", "JONATHON")),
        ["E1"]
    );
}

#[test]
fn a_cut_name_is_cut_at_the_last_given_name() {
    let mut builder = EditionBuilder::new();
    let listed = person("E1", &["PAPANDROPOULOUS, Jonathon Alec Theodoros"]);
    builder.add_person(listed).unwrap();
    let dir = tempfile::tempdir().unwrap();
    builder.write(dir.path(), &header()).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    let score = |name_truncated: bool| {
        let query = Query {
            name_truncated,
            ..query("PAPANDROPOULOUS", "JONATHON ALEC THEOD")
        };
        let found = edition.search(&query, &Policy::default()).unwrap();
        found.first().map(|c| c.score)
    };
    assert!(score(true) > score(false));
}

#[test]
fn a_name_longer_than_its_form_on_disk_holds_does_not_spoil_the_search() {
    // The form on disk holds 255 bytes, which end within one of these characters.
    let long = format!("1{}", "王".repeat(100));
    let mut builder = EditionBuilder::new();
    builder.add_person(person("E1", &[&long])).unwrap();
    let dir = tempfile::tempdir().unwrap();
    builder.write(dir.path(), &header()).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    let searched = edition.search(&query(&long, ""), &Policy::default());
    assert!(searched.is_ok(), "{searched:?}");
}

#[test]
fn of_many_of_one_name_the_one_with_the_birth_date_is_found() {
    let births: Vec<String> = (0..300)
        .map(|n| format!("{}-{:02}-12", 1950 + n % 50, 1 + n / 50))
        .collect();
    let mut builder = EditionBuilder::new();
    for (n, birth) in births.iter().enumerate() {
        let mut listed = person(&format!("E{n}"), &["ALI, Mohamed"]);
        listed.births = vec![birth.parse().unwrap()];
        builder.add_person(listed).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    builder.write(dir.path(), &header()).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    for (n, birth) in births.iter().enumerate() {
        let mut query = query("ALI", "MOHAMED");
        query.birth = birth.parse().unwrap();
        let found = found(&edition, &query);
        assert_eq!(found.first(), Some(&format!("E{n}")), "{birth}");
    }
}

#[test]
fn an_edition_is_never_written_over_another() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    assert!(matches!(
        EditionBuilder::new().write(dir.path(), &header()),
        Err(EditionError::Disk { .. })
    ));
    assert!(Edition::open(dir.path()).is_ok());
}

#[test]
fn an_entry_written_with_the_words_of_the_first_editions_is_read() {
    for (word, sex) in [
        ("female", Sex::Female),
        ("male", Sex::Male),
        ("unspecified", Sex::Unspecified),
        ("F", Sex::Female),
        ("<", Sex::Unspecified),
    ] {
        let read: Sex = serde_json::from_value(word.into()).unwrap();
        assert_eq!(read, sex, "{word}");
    }
}
