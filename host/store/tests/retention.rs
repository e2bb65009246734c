//! Records leave the box when their time is over, by their class, and never before headquarters has them.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, NUMBER, draft, time};
use rules::encounter::Path;
use rules::{Circumstances, Sequence};
use seal::hq::HqPrivate;
use seal::protection::ProtectionKey;
use store::{EncounterDraft, LedgerEvent, Note, RecordClass, Retention, Store};

const DAY: i64 = 24 * 3600;

/// Opened on this day, the traveller's number made recognisable.
fn on_day(day: i64, path: Path) -> EncounterDraft {
    let mut draft = EncounterDraft {
        opened_at: time(day * DAY),
        circumstances: Circumstances {
            path,
            ..Circumstances::default()
        },
        ..draft(0)
    };
    for line in &mut draft.document.as_mut().unwrap().mrz {
        *line = line.replace(NUMBER, &format!("DAY{day:06}"));
    }
    draft
}

fn kept(store: &Store) -> Vec<u64> {
    let mut numbers: Vec<u64> = store
        .encounters(100)
        .unwrap()
        .iter()
        .map(|e| e.id.sequence.0)
        .collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn each_class_leaves_in_its_time_and_nothing_before_its_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let key = ProtectionKey::create(&folder.path().join("protection"), None).unwrap();
    let mut a = Appliance::at(folder.path());
    a.hq = HqPrivate::open_or_create_with(&folder.path().join("hq-2"), Some(key.public())).unwrap();
    let mut store = a.open();
    for day in 0..6 {
        let path = match day % 2 {
            0 => Path::Ordinary,
            _ => Path::Protection,
        };
        store.record(on_day(day, path), &a.sealer()).unwrap();
    }
    drop(store);
    // What lies there of the ordinary records of days 0, 2 and 4: packed, each in one piece.
    let rows: Vec<Vec<u8>> = a
        .connection()
        .prepare("SELECT record FROM encounters WHERE NOT protected ORDER BY sequence")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut store = a.open();
    let retention = Retention {
        ordinary_days: 3,
        protection_days: 1,
    };
    let now = time(6 * DAY);
    assert_eq!(store.erase_expired(&retention, now).unwrap(), 0);
    assert_eq!(kept(&store), [1, 2, 3, 4, 5, 6], "headquarters has none");

    let receipt = a.receipt_for(&store, 4);
    store.acknowledge(&receipt, now).unwrap();
    // As if the room kept back had been needed for it: afterwards it is kept back again.
    let reserve = a.state.join("reserve");
    std::fs::remove_file(&reserve).unwrap();
    // Days 0 and 2 are ordinary and older than three days; 1 and 3 are protection records; 4 and 5 wait.
    assert_eq!(store.erase_expired(&retention, now).unwrap(), 4);
    assert!(reserve.exists());
    assert_eq!(kept(&store), [5, 6]);
    assert_eq!(store.encounter(Sequence(1)).unwrap(), None);
    assert_eq!(store.erase_expired(&retention, now).unwrap(), 0);
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.encounters, report.kept, report.waiting), (6, 2, 2));
    let notes: Vec<_> = store
        .ledger_lines(1, 100)
        .unwrap()
        .into_iter()
        .filter_map(|line| match line.event {
            LedgerEvent::Note(Note::RecordsErased { class, records, .. }) => Some((class, records)),
            _ => None,
        })
        .collect();
    assert_eq!(
        notes,
        [(RecordClass::Ordinary, 2), (RecordClass::Protection, 2)]
    );
    drop(store);

    // Not even who has the store's key finds them in any table.
    let plain = folder.path().join("plain.db");
    let connection = a.connection();
    connection
        .execute_batch(&format!(
            "ATTACH '{}' AS plain KEY ''; SELECT sqlcipher_export('plain'); DETACH plain;",
            plain.display()
        ))
        .unwrap();
    drop(connection);
    let found = |wanted: &[u8]| {
        let bytes = std::fs::read(&plain).unwrap();
        bytes.windows(wanted.len()).any(|w| w == wanted)
    };
    let [gone, gone_too, stays] = &rows[..] else {
        panic!("{} ordinary records", rows.len());
    };
    assert!(found(stays), "the search would find it");
    assert!(!found(gone) && !found(gone_too));
    for day in ["DAY000000", "DAY000002", "DAY000004"] {
        assert!(!found(day.as_bytes()), "no record lies unpacked");
    }
    a.open().check_pages().unwrap();
}
