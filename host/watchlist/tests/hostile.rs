//! An edition's files damaged in every way: an error that names the file, never a panic or a wrong answer given
//! as a right one.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::date;
use mpaka_watchlist::build::{EditionBuilder, EditionHeader};
use mpaka_watchlist::{
    DocumentEntry, DocumentQuery, Edition, EditionError, ListedName, PersonEntry, Query,
};
use proptest::prelude::*;
use ring::digest::{SHA256, digest};
use rules::{EditionNumber, EntryId, Policy};
use std::path::Path;

const FILES: [&str; 5] = [
    "persons.bin",
    "names.bin",
    "index.bin",
    "documents.bin",
    "document-entries.bin",
];

fn write(dir: &Path) {
    let mut builder = EditionBuilder::new();
    for (n, name) in [
        "OTIENO, James Juma",
        "WANJIKU, Grace",
        "محمد أحمد",
        "HASSAN, Omar",
    ]
    .iter()
    .enumerate()
    {
        let entry = EntryId::new(format!("E{n}")).unwrap();
        builder
            .add_person(PersonEntry::new(
                entry,
                vec![ListedName::primary(*name)],
                "test",
            ))
            .unwrap();
    }
    for n in 0..2000 {
        let entry = (n % 2 == 0).then(|| EntryId::new(format!("D{n}")).unwrap());
        let document = DocumentEntry {
            number: format!("X{n:07}"),
            state: "UTO".into(),
            document_type: "P".into(),
            entry,
        };
        builder.add_document(document).unwrap();
    }
    let header = EditionHeader {
        number: EditionNumber(1),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires_at: "2026-02-01T00:00:00Z".parse().unwrap(),
        sources: vec![],
    };
    builder.write(dir, &header).unwrap();
}

fn query() -> Query {
    Query {
        document: Some(DocumentQuery {
            number: "X0000100".into(),
            state: "UTO".into(),
            document_code: "P".into(),
        }),
        ..Query::by_name("OTIENO", "JAMES", date(2026, 1, 5))
    }
}

/// Makes the manifest vouch for a file as it now is, as an attacker with the signing key or a broken builder would.
fn vouch(dir: &Path, file: &str) {
    let bytes = std::fs::read(dir.join(file)).unwrap();
    let path = dir.join("edition.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["parts"][file] =
        serde_json::json!({ "bytes": bytes.len(), "sha256": hex::encode(digest(&SHA256, &bytes)) });
    std::fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}

#[test]
fn two_thousand_documents_are_found_and_their_neighbours_are_not() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let edition = Edition::open(dir.path()).unwrap();
    let search = |n: u32| {
        edition
            .search_documents(&DocumentQuery {
                number: format!("X{n:07}"),
                state: "UTO".into(),
                document_code: "P".into(),
            })
            .unwrap()
    };
    for n in 0..2000 {
        let found = search(n);
        assert_eq!(found.len(), 1, "{n}");
        if n % 2 == 0 {
            assert_eq!(found[0].entry.as_str(), format!("D{n}"));
        } else {
            assert!(found[0].entry.as_str().starts_with("doc-"));
        }
    }
    assert!((2000..4000).all(|n| search(n).is_empty()));
}

#[test]
fn a_file_that_is_absent_cut_or_changed_is_named() {
    for file in FILES.iter().chain(&["edition.json"]) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let path = dir.path().join(file);
        let whole = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(
            matches!(Edition::open(dir.path()), Err(EditionError::Missing { .. })),
            "{file}"
        );
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let Err(EditionError::Damaged { file: named, .. }) = Edition::open(dir.path()) else {
            panic!("{file} cut");
        };
        assert_eq!(named, path);
        if *file != "edition.json" {
            let mut changed = whole.clone();
            changed[whole.len() / 2] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(
                matches!(Edition::open(dir.path()), Err(EditionError::Damaged { .. })),
                "{file} changed"
            );
        }
    }
}

#[test]
fn a_layout_of_tomorrow_asks_for_an_update() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    std::fs::write(
        dir.path().join("edition.json"),
        br#"{"layout": 99, "other": true}"#,
    )
    .unwrap();
    assert!(matches!(
        Edition::open(dir.path()),
        Err(EditionError::NewerLayout { found: 99, .. })
    ));
}

#[test]
fn a_manifest_without_end_is_not_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let file = std::fs::File::create(dir.path().join("edition.json")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(
        Edition::open(dir.path()),
        Err(EditionError::Damaged { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    // The signed digests keep such files out; the reader stands by itself all the same.
    #[test]
    fn bytes_that_the_manifest_vouches_for_never_cause_a_panic(
        which in 0..FILES.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let path = dir.path().join(FILES[which]);
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, value) in changes {
            let at = at.index(bytes.len().min(400));
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        std::fs::write(&path, &bytes).unwrap();
        vouch(dir.path(), FILES[which]);
        if let Ok(edition) = Edition::open(dir.path()) {
            let _ = edition.search(&query(), &Policy::default());
            let _ = edition.person(&EntryId::new("E2").unwrap());
        }
    }
}
