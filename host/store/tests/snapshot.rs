//! A copy of the database at one moment: under the store's key, without the records that headquarters has, and the
//! store goes on.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, NUMBER, SURNAME, draft};
use rules::Sequence;
use std::fs;
use store::{Store, StoreError};

#[test]
fn a_snapshot_is_the_store_of_its_moment_without_what_headquarters_has() {
    let a = Appliance::new();
    let mut store = a.open();
    for n in 0..20 {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    let receipt = a.receipt_for(&store, 5);
    store.acknowledge(&receipt, appliance::time(1_000)).unwrap();
    let told = store.verify_ledger().unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("mpaka.db");
    store.snapshot(&copy).unwrap();
    let bytes = fs::read(&copy).unwrap();
    for name in [SURNAME, NUMBER, "SQLite format"] {
        assert!(!bytes.windows(name.len()).any(|w| w == name.as_bytes()));
    }
    // Not over another one.
    assert!(store.snapshot(&copy).is_err());
    assert_eq!(fs::read(&copy).unwrap(), bytes);

    // The store goes on, and the copy does not.
    store.record(draft(20), &a.sealer()).unwrap();
    let now = store.verify_ledger().unwrap();
    assert_eq!((now.encounters, now.kept), (21, 21));
    let copied = Store::open(elsewhere.path(), &a.key, &a.post).unwrap();
    copied.check_pages().unwrap();
    let there = copied.verify_ledger().unwrap();
    assert_eq!((there.head, there.lines), (told.head, told.lines));
    assert_eq!((there.encounters, there.receipted), (20, Sequence(5)));
    assert!(copied.encounter(Sequence(20)).unwrap().is_some());
    assert_eq!(copied.encounter(Sequence(21)).unwrap(), None);
    // Headquarters has the first five: their records are left out, those that wait are not.
    assert_eq!((there.kept, there.waiting), (15, 15));
    assert_eq!(copied.encounter(Sequence(5)).unwrap(), None);
    assert!(copied.encounter(Sequence(6)).unwrap().is_some());
}

#[test]
fn another_key_opens_no_snapshot() {
    let a = Appliance::new();
    let mut store = a.open();
    store.record(draft(0), &a.sealer()).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    store.snapshot(&elsewhere.path().join("mpaka.db")).unwrap();
    let other = Appliance::new();
    assert!(matches!(
        Store::open(elsewhere.path(), &other.key, &a.post),
        Err(StoreError::WrongKey { .. })
    ));
}
