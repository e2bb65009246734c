//! Damage and tampering: each kind has its name, and none passes.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, draft, time};
use rusqlite::Connection;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::sync::LazyLock;
use store::{LedgerFault, Note, StoreError};

/// A box with 60 encounters, two of them receipted.
fn filled() -> Appliance {
    static FILLED: LazyLock<Appliance> = LazyLock::new(fill);
    FILLED.copy()
}

fn fill() -> Appliance {
    let a = Appliance::new();
    let mut store = a.open();
    for n in 0..60 {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    let receipt = a.receipt_for(&store, 2);
    store.acknowledge(&receipt, time(0)).unwrap();
    store.note(Note::Stopped, time(1)).unwrap();
    a
}

fn scribble(a: &Appliance, at: u64) {
    let mut file = OpenOptions::new().write(true).open(a.database()).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0x55; 64]).unwrap();
}

#[test]
fn a_damaged_first_page_is_damage_and_not_the_wrong_key() {
    let a = filled();
    scribble(&a, 100);
    assert!(matches!(a.try_open(), Err(StoreError::Corrupt { .. })));
}

#[test]
fn every_damaged_page_is_found() {
    let a = filled();
    let whole = fs::read(a.database()).unwrap();
    let pages = whole.len() as u64 / 4096;
    assert!(pages > 20, "{pages}");
    for page in (1..pages).step_by(3) {
        scribble(&a, page * 4096 + 2000);
        let found = a.try_open().and_then(|s| s.check_pages());
        assert!(
            matches!(found, Err(StoreError::Corrupt { .. })),
            "page {page}: {found:?}"
        );
        fs::write(a.database(), &whole).unwrap();
    }
    a.open().check_pages().unwrap();
    a.open().verify_ledger().unwrap();
}

#[test]
fn a_store_that_is_gone_is_not_quietly_begun_anew() {
    let a = filled();
    let whole = fs::read(a.database()).unwrap();
    fs::write(a.database(), b"").unwrap();
    assert!(matches!(a.try_open(), Err(StoreError::Corrupt { .. })));
    fs::remove_file(a.database()).unwrap();
    assert!(matches!(a.try_open(), Err(StoreError::Corrupt { .. })));
    assert!(!a.database().exists());
    fs::write(a.database(), &whole[..whole.len() / 2]).unwrap();
    let found = a.try_open().and_then(|s| s.check_pages());
    assert!(
        matches!(found, Err(StoreError::Corrupt { .. })),
        "{found:?}"
    );
    fs::write(a.database(), &whole).unwrap();
    a.open().verify_ledger().unwrap();
}

/// What somebody with the key does behind the store's back, and what verification says of it.
fn tampered(sql: &str) -> (u64, LedgerFault) {
    let a = filled();
    let connection: Connection = a.connection();
    connection
        .execute_batch(&format!(
            "PRAGMA foreign_keys = OFF;
             DROP TRIGGER ledger_is_never_altered; DROP TRIGGER ledger_is_never_shortened; {sql}"
        ))
        .unwrap();
    drop(connection);
    // Who has the key makes a witness that fits, or takes it away.
    fs::remove_file(a.state.join("mpaka.witness")).unwrap();
    match a.open().verify_ledger() {
        Err(StoreError::LedgerBroken { line, fault }) => (line, fault),
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn no_tampering_passes_verification() {
    use LedgerFault::*;
    for (change, fault) in [
        ("body = x'00'", Chain),
        ("hash = zeroblob(32)", Chain),
        ("previous = zeroblob(32)", Chain),
        ("sequence = 99", SequenceGap),
        ("sequence = NULL", SequenceGap),
    ] {
        let sql = format!("UPDATE ledger SET {change} WHERE line = 7");
        assert_eq!(tampered(&sql), (7, fault), "{sql}");
    }
    for (sql, line, fault) in [
        ("DELETE FROM ledger WHERE line = 7", 7, Chain),
        ("DELETE FROM ledger WHERE line = 1", 1, Chain),
        ("DELETE FROM ledger WHERE line >= 50", 50, Truncated),
        ("DELETE FROM ledger", 1, Truncated),
        ("UPDATE meta SET last_sequence = 61", 63, Truncated),
        ("UPDATE receipts SET up_to = 61", 63, Truncated),
        (
            "UPDATE encounters SET record = x'00' WHERE sequence = 9",
            9,
            EncounterAltered,
        ),
        (
            "UPDATE encounters SET record = (SELECT record FROM encounters WHERE sequence = 8),
                 salt = (SELECT salt FROM encounters WHERE sequence = 8) WHERE sequence = 9",
            9,
            EncounterAltered,
        ),
        ("DELETE FROM outbox WHERE sequence = 9", 9, ParcelMissing),
        ("DELETE FROM receipts", 1, ParcelMissing),
        (
            "UPDATE outbox SET parcel = x'00' WHERE sequence = 9",
            9,
            ParcelAltered,
        ),
        (
            "UPDATE outbox SET parcel = (SELECT parcel FROM outbox WHERE sequence = 8)
             WHERE sequence = 9",
            9,
            ParcelAltered,
        ),
    ] {
        assert_eq!(tampered(sql), (line, fault), "{sql}");
    }
}

#[test]
fn a_ledger_that_was_shortened_or_rewritten_is_noticed_at_start() {
    for (sql, line) in [
        ("DELETE FROM ledger WHERE line >= 50", 62),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE line = 62", 62),
    ] {
        let a = filled();
        a.connection()
            .execute_batch(&format!(
                "PRAGMA foreign_keys = OFF;
                 DROP TRIGGER ledger_is_never_altered; DROP TRIGGER ledger_is_never_shortened; {sql}"
            ))
            .unwrap();
        match a.try_open() {
            Err(StoreError::RecordsMissing { witnessed, .. }) => assert_eq!(witnessed, line),
            Err(StoreError::LedgerBroken { line: at, .. }) => assert_eq!(at, line),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn an_encounter_that_was_erased_is_no_fault() {
    let a = filled();
    a.connection()
        .execute_batch("DELETE FROM encounters WHERE sequence <= 10")
        .unwrap();
    let report = a.open().verify_ledger().unwrap();
    assert_eq!((report.encounters, report.kept), (60, 50));
}

#[test]
fn the_ledger_is_append_only_even_past_the_store() {
    let a = filled();
    let connection = a.connection();
    for sql in [
        "UPDATE ledger SET body = x'00' WHERE line = 3",
        "DELETE FROM ledger WHERE line = 62",
    ] {
        let refused = connection.execute_batch(sql).unwrap_err().to_string();
        assert!(refused.contains("the ledger is never"), "{refused}");
    }
}

#[test]
fn a_layout_of_a_newer_program_is_left_alone() {
    let a = filled();
    a.connection()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert!(matches!(
        a.try_open(),
        Err(StoreError::NewerLayout { found: 99, .. })
    ));
    let found: i64 = a
        .connection()
        .pragma_query_value(None, "user_version", |r| r.get(0))
        .unwrap();
    assert_eq!(found, 99);
}

#[test]
fn a_store_whose_making_was_interrupted_is_made() {
    // The power went before the layout was written, or before the file that tells keys apart.
    let a = Appliance::new();
    fs::create_dir_all(&a.state).unwrap();
    fs::write(a.database(), b"").unwrap();
    drop(a.open());
    fs::remove_file(a.state.join("mpaka.fingerprint")).unwrap();
    a.open().record(draft(0), &a.sealer()).unwrap();
    assert_eq!(a.open().verify_ledger().unwrap().encounters, 1);
}
