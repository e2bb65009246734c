//! Editions: one file of a good edition is replaced, and the manifest vouches for it, as a broken builder or a
//! thief with the signing key would have it.

use crate::Answer;
use jiff::civil::date;
use rules::{EditionNumber, EntryId, Policy};
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use tempfile::TempDir;
use watchlist::build::{EditionBuilder, EditionHeader};
use watchlist::delta::Delta;
use watchlist::{DocumentEntry, DocumentQuery, Edition, ListedName, PersonEntry, Query};

/// The files of an edition; the input's first byte says which one the rest replaces.
pub const EDITION_PARTS: [&str; 6] = [
    "persons.bin",
    "names.bin",
    "index.bin",
    "documents.bin",
    "document-entries.bin",
    "edition.json",
];

/// Writes a small edition of made-up people: the good one.
pub fn write_edition(folder: &Path) {
    let mut builder = EditionBuilder::new();
    let id = |text: String| EntryId::new(text).expect("the entry's name is one");
    for (n, name) in ["ERIKSSON, Anna Maria", "OTIENO, James", "محمد أحمد"]
        .into_iter()
        .enumerate()
    {
        let names = vec![ListedName::primary(name)];
        builder
            .add_person(PersonEntry::new(id(format!("E{n}")), names, "UTO list"))
            .expect("a person with a name");
    }
    for n in 0..6 {
        builder
            .add_document(DocumentEntry {
                number: format!("X{n:07}"),
                state: "UTO".into(),
                document_type: "P".into(),
                entry: (n % 2 == 0).then(|| id(format!("D{n}"))),
            })
            .expect("a document with number and state");
    }
    let header = EditionHeader {
        number: EditionNumber(1),
        made_at: "2026-01-01T00:00:00Z".parse().expect("a time"),
        expires_at: "2026-12-01T00:00:00Z".parse().expect("a time"),
        sources: vec!["UTO list".into()],
    };
    builder
        .write(folder, &header)
        .expect("a temporary folder takes an edition");
}

struct Bench {
    folder: TempDir,
    good: Vec<Vec<u8>>,
    manifest: serde_json::Value,
}

static BENCH: LazyLock<Mutex<Bench>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_edition(folder.path());
    let read = |name: &&str| std::fs::read(folder.path().join(name)).expect("the edition's file");
    let good: Vec<Vec<u8>> = EDITION_PARTS.iter().map(read).collect();
    let manifest = serde_json::from_slice(&good[5]).expect("the manifest");
    Mutex::new(Bench {
        folder,
        good,
        manifest,
    })
});

/// A file of an edition.
pub(crate) fn edition(bytes: &[u8]) -> Answer {
    let Some((which, content)) = bytes.split_first() else {
        return Answer::Refused;
    };
    let which = usize::from(*which) % EDITION_PARTS.len();
    // A panic in an earlier run leaves nothing that the next does not write anew.
    let bench = BENCH
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(bench.folder.path().join(name), bytes).expect("a temporary file");
    };
    for (name, good) in EDITION_PARTS.iter().zip(&bench.good) {
        put(name, good);
    }
    put(EDITION_PARTS[which], content);
    if EDITION_PARTS[which] != "edition.json" {
        let mut manifest = bench.manifest.clone();
        manifest["parts"][EDITION_PARTS[which]] =
            serde_json::json!({ "bytes": content.len(), "sha256": models::digest(content) });
        let text = serde_json::to_vec(&manifest).expect("JSON is written");
        put("edition.json", &text);
    }
    let Ok(edition) = Edition::open(bench.folder.path()) else {
        return Answer::Refused;
    };
    let query = Query {
        document: Some(DocumentQuery {
            number: "X0000002".into(),
            state: "UTO".into(),
            document_code: "P".into(),
        }),
        ..Query::by_name("ERIKSSON", "ANNA", date(2026, 3, 1))
    };
    let found = edition.search(&query, &Policy::default());
    let _ = edition.person(&EntryId::new("E1").expect("the entry's name is one"));
    Answer::of(found.is_ok())
}

/// The step between two editions: what is read is written and read again as the same.
pub(crate) fn delta(bytes: &[u8]) -> Answer {
    let Ok(read) = Delta::from_bytes(bytes) else {
        return Answer::Refused;
    };
    let again = Delta::from_bytes(&read.to_bytes());
    assert_eq!(again.as_ref(), Ok(&read));
    Answer::Understood
}
