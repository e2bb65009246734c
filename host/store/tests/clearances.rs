//! What officers have said of travellers and entries: durable with the record, found by nobody else, and over in time.
#![allow(clippy::unwrap_used)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, SURNAME, draft, time};
use rules::{Cleared, ClearedBy, EntryId};
use store::{Clearing, EncounterDraft};
use zeroize::Zeroizing;

const DAY: i64 = 24 * 3600;

fn entry(name: &str) -> EntryId {
    EntryId::new(name).unwrap()
}

fn said(until: Option<i64>) -> Clearing {
    Clearing {
        traveller: Zeroizing::new(SURNAME.as_bytes().to_vec()),
        entry: entry("E-1"),
        entry_digest: [7; 32],
        by: ClearedBy::FirstLine,
        until: until.map(time),
    }
}

fn with(n: i64, clearing: Clearing) -> EncounterDraft {
    EncounterDraft {
        clearings: vec![clearing],
        ..draft(n)
    }
}

#[test]
fn a_word_is_found_for_its_traveller_and_its_entry_as_it_was_and_for_no_other() {
    let a = Appliance::new();
    let mut store = a.open();
    store
        .record(with(0, said(Some(30 * DAY))), &a.sealer())
        .unwrap();
    drop(store);
    let store = a.open();
    let found = |traveller: &str, name: &str, digest: u8| {
        store
            .clearance(traveller.as_bytes(), &entry(name), &[digest; 32], time(DAY))
            .unwrap()
    };
    // Recorded 41 seconds after the document was presented.
    let cleared = Cleared {
        at: time(41),
        by: ClearedBy::FirstLine,
    };
    assert_eq!(found(SURNAME, "E-1", 7), Some(cleared));
    assert_eq!(found("ERIKSEN", "E-1", 7), None);
    assert_eq!(found(SURNAME, "E-2", 7), None);
    // The entry says something else now.
    assert_eq!(found(SURNAME, "E-1", 8), None);
    // Another box has another secret: the same digest is of nobody there.
    let other = Appliance::new();
    let kept = other
        .open()
        .clearance(SURNAME.as_bytes(), &entry("E-1"), &[7; 32], time(DAY));
    assert_eq!(kept.unwrap(), None);
}

#[test]
fn a_word_ends_in_time_and_is_taken_back_by_another() {
    let a = Appliance::new();
    let mut store = a.open();
    store
        .record(with(0, said(Some(10 * DAY))), &a.sealer())
        .unwrap();
    let at = |store: &store::Store, second: i64| {
        store
            .clearance(SURNAME.as_bytes(), &entry("E-1"), &[7; 32], time(second))
            .unwrap()
            .is_some()
    };
    assert!(at(&store, 10 * DAY - 1));
    assert!(!at(&store, 10 * DAY), "it has expired");
    assert!(!at(&store, 0), "a clock before the word was said");
    store.record(with(DAY, said(None)), &a.sealer()).unwrap();
    assert!(!at(&store, DAY + 60), "it was taken back");
}
