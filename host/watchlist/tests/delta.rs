//! The step between editions: what it changes, what it leaves, and that no bytes but a whole one are taken.
#![allow(clippy::unwrap_used)]

use jiff::civil::date;
use mpaka_watchlist::build::{EditionBuilder, EditionHeader, document_digest};
use mpaka_watchlist::delta::{Delta, apply};
use mpaka_watchlist::{
    DocumentEntry, DocumentQuery, Edition, EditionError, EditionInfo, ListedName, PersonEntry,
    Query,
};
use proptest::prelude::*;
use rules::{EditionNumber, EntryId, Policy};
use std::path::Path;

const KEY: [u8; 16] = [9; 16];

fn person(entry: &str, name: &str) -> PersonEntry {
    PersonEntry::new(
        EntryId::new(entry).unwrap(),
        vec![ListedName::primary(name)],
        "UTO list",
    )
}

fn document(number: &str) -> u64 {
    document_digest(&KEY, number, "UTO", "P").unwrap()
}

fn info(number: u64, persons: u64, documents: u64) -> EditionInfo {
    EditionInfo {
        number: EditionNumber(number),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires_at: "2026-02-01T00:00:00Z".parse().unwrap(),
        persons,
        documents,
        sources: vec!["UTO list".into()],
    }
}

/// An edition of two persons and three documents.
fn base(folder: &Path) {
    let mut builder = EditionBuilder::with_key(KEY);
    builder
        .add_person(person("P1", "ERIKSSON, Anna Maria"))
        .unwrap();
    builder
        .add_person(person("P2", "OTIENO, Grace Achieng"))
        .unwrap();
    for (number, entry) in [("AA1", None), ("AA2", None), ("AA3", Some("D3"))] {
        builder
            .add_document(DocumentEntry {
                number: number.into(),
                state: "UTO".into(),
                document_type: "P".into(),
                entry: entry.map(|e| EntryId::new(e).unwrap()),
            })
            .unwrap();
    }
    let header = EditionHeader {
        number: EditionNumber(1),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires_at: "2026-02-01T00:00:00Z".parse().unwrap(),
        sources: vec!["UTO list".into()],
    };
    builder.write(folder, &header).unwrap();
}

fn found(edition: &Edition, surname: &str, given: &str) -> Vec<String> {
    let query = Query::by_name(surname, given, date(2026, 1, 5));
    edition
        .search_persons(&query, &Policy::default())
        .unwrap()
        .into_iter()
        .map(|c| c.entry.to_string())
        .collect()
}

fn listed(edition: &Edition, number: &str) -> Option<String> {
    edition
        .search_documents(&DocumentQuery {
            number: number.into(),
            state: "UTO".into(),
            document_code: "P".into(),
        })
        .unwrap()
        .first()
        .map(|c| c.entry.to_string())
}

fn step() -> Delta {
    let mut delta = Delta::empty(EditionNumber(1), info(2, 2, 3), KEY);
    delta.gone_persons.insert("P1".into());
    delta.put_persons.push(person("P2", "OTIENO, Gracia"));
    delta.put_persons.push(person("P3", "WANJIRU, Mary"));
    delta.gone_documents.insert(document("AA1"));
    delta.gone_documents.insert(document("AA3"));
    delta.put_documents.insert(document("BB1"));
    delta.put_documents.insert(document("BB2"));
    delta
        .document_entries
        .insert((document("BB2"), "D9".into()));
    delta
}

#[test]
fn what_is_put_is_found_and_what_is_gone_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, three) = (
        folder.path().join("1"),
        folder.path().join("2"),
        folder.path().join("3"),
    );
    base(&one);
    std::fs::create_dir(&two).unwrap();
    assert_eq!(apply(&one, &[step()], &two).unwrap().number.0, 2);
    let edition = Edition::open(&two).unwrap();
    assert!(found(&edition, "ERIKSSON", "ANNA MARIA").is_empty());
    assert_eq!(found(&edition, "WANJIRU", "MARY"), ["P3"]);
    assert_eq!(found(&edition, "OTIENO", "GRACIA"), ["P2"]);
    let p2 = edition
        .person(&EntryId::new("P2").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(p2.names[0].text, "OTIENO, Gracia");
    assert!(
        edition
            .person(&EntryId::new("P1").unwrap())
            .unwrap()
            .is_none()
    );
    assert_eq!(listed(&edition, "AA1"), None);
    assert_eq!(listed(&edition, "AA3"), None);
    assert!(listed(&edition, "AA2").unwrap().starts_with("doc-"));
    assert!(listed(&edition, "BB1").unwrap().starts_with("doc-"));
    assert_eq!(listed(&edition, "BB2").as_deref(), Some("D9"));
    // The edition before is what it was, and the next step builds on this one: what went may come back.
    assert_eq!(
        found(&Edition::open(&one).unwrap(), "ERIKSSON", "ANNA MARIA"),
        ["P1"]
    );
    let mut next = Delta::empty(EditionNumber(2), info(3, 2, 3), KEY);
    next.put_persons.push(person("P1", "ERIKSSON, Anna Maria"));
    next.gone_persons.insert("P3".into());
    next.put_documents.insert(document("AA3"));
    next.gone_documents.insert(document("BB2"));
    std::fs::create_dir(&three).unwrap();
    apply(&two, &[next], &three).unwrap();
    let edition = Edition::open(&three).unwrap();
    assert_eq!(found(&edition, "ERIKSSON", "ANNA MARIA"), ["P1"]);
    assert!(found(&edition, "WANJIRU", "MARY").is_empty());
    assert!(listed(&edition, "AA3").is_some());
    assert_eq!(listed(&edition, "BB2"), None);
}

#[test]
fn a_step_from_another_edition_or_under_another_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("1");
    base(&one);
    let mut elsewhere = step();
    elsewhere.from = EditionNumber(5);
    let mut other_key = step();
    other_key.document_key = [1; 16];
    for (n, wrong) in [elsewhere, other_key].into_iter().enumerate() {
        let staged = folder.path().join(format!("staged-{n}"));
        std::fs::create_dir(&staged).unwrap();
        assert!(matches!(
            apply(&one, &[wrong], &staged),
            Err(EditionError::DeltaDoesNotFit { .. })
        ));
    }
}

#[test]
fn the_base_is_shared_not_copied_and_a_large_step_makes_a_new_one() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let (one, two, three) = (
        folder.path().join("1"),
        folder.path().join("2"),
        folder.path().join("3"),
    );
    base(&one);
    std::fs::create_dir(&two).unwrap();
    apply(&one, &[step()], &two).unwrap();
    let inode = |f: &Path| std::fs::metadata(f.join("documents.bin")).unwrap().ino();
    assert_eq!(inode(&one), inode(&two));
    // More than a recent segment holds: base and changes become one.
    let mut large = Delta::empty(EditionNumber(2), info(3, 2, 1_100_003), KEY);
    large.put_documents = (0..1_100_000u64)
        .map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .collect();
    std::fs::create_dir(&three).unwrap();
    apply(&two, &[large], &three).unwrap();
    assert_ne!(inode(&two), inode(&three));
    assert!(!three.join("recent-documents.bin").exists());
    let edition = Edition::open(&three).unwrap();
    assert_eq!(edition.info().documents, 1_100_003);
    assert_eq!(found(&edition, "WANJIRU", "MARY"), ["P3"]);
    assert!(found(&edition, "ERIKSSON", "ANNA MARIA").is_empty());
    assert_eq!(listed(&edition, "AA1"), None);
    assert!(listed(&edition, "AA2").is_some());
    assert_eq!(listed(&edition, "BB2").as_deref(), Some("D9"));
}

#[test]
fn a_days_changes_fit_a_slow_line() {
    let mut delta = Delta::empty(EditionNumber(1), info(2, 0, 0), KEY);
    for n in 0..15_000u64 {
        let digest = document(&format!("X{n:07}"));
        if n % 3 == 0 {
            delta.gone_documents.insert(digest);
        } else {
            delta.put_documents.insert(digest);
        }
    }
    let bytes = delta.to_bytes();
    assert!(bytes.len() <= 150_000, "{} bytes", bytes.len());
    assert_eq!(Delta::from_bytes(&bytes).unwrap(), delta);
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Delta::from_bytes(&bytes);
    }

    #[test]
    fn a_cut_or_altered_step_is_another_one_or_none(cut in any::<prop::sample::Index>(), bit in 0u8..8) {
        let whole = step().to_bytes();
        let at = cut.index(whole.len());
        prop_assert_ne!(Delta::from_bytes(&whole[..at]).ok(), Some(step()));
        let mut altered = whole.clone();
        altered[at] ^= 1 << bit;
        let _ = Delta::from_bytes(&altered);
    }
}
