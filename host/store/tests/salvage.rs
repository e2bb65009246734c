//! A damaged store is salvaged: what can be read is carried over, what is lost is named, nothing that
//! headquarters has no receipt for is silently gone, and the old store stays as it was found.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, SURNAME, draft, time};
use rules::{LaneId, Sequence};
use seal::parcel::{self, ParcelKind};
use std::fs;
use store::{LedgerEvent, LedgerReport, Note, Salvage, Salvaged, Store, StoreError};

const PAGE: usize = 4096;

/// A box with so many encounters, the first of them receipted; closed in order.
fn filled(encounters: i64, receipted: u64) -> Appliance {
    let a = Appliance::new();
    let mut store = a.open();
    for n in 0..encounters {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    if receipted > 0 {
        let receipt = a.receipt_for(&store, receipted);
        store.acknowledge(&receipt, time(0)).unwrap();
    }
    store.begin(&LaneId::new("1").unwrap(), time(7)).unwrap();
    a
}

fn salvage(a: &Appliance) -> Result<(Store, Salvaged), StoreError> {
    let why = match a.try_open().and_then(|store| store.check_pages()) {
        Err(why) => why,
        Ok(()) => panic!("nothing is damaged"),
    };
    assert!(why.is_damage(), "{why}");
    Store::salvage(&a.state, &a.key, &a.post, &a.sealer(), &why, time(900))
}

/// Every number without a receipt has a parcel that this box signed; what those parcels hold.
fn every_number_waits(a: &Appliance, store: &Store, report: &LedgerReport) -> Vec<ParcelKind> {
    let parcels = store.pending(usize::MAX).unwrap();
    let numbers: Vec<u64> = parcels.iter().map(|p| p.header().sequence.0).collect();
    let expected: Vec<u64> = (report.receipted.0 + 1..=report.encounters).collect();
    assert_eq!(numbers, expected);
    parcels
        .iter()
        .map(|p| {
            p.verify(&a.device.public()).unwrap();
            let opened = parcel::open(p, &a.hq, &a.device.public()).unwrap();
            let kind = p.header().kind;
            let holds = opened
                .windows(SURNAME.len())
                .any(|w| w == SURNAME.as_bytes());
            assert_eq!(holds, kind != ParcelKind::Lost);
            kind
        })
        .collect()
}

fn told(store: &Store) -> Salvage {
    let lines = store.ledger_lines(1, usize::MAX).unwrap();
    lines
        .into_iter()
        .rev()
        .find_map(|line| match line.event {
            LedgerEvent::Salvaged(salvage) => Some(salvage),
            _ => None,
        })
        .unwrap()
}

/// The box works on: it records, takes a receipt over everything, and opens again.
fn goes_on(a: &Appliance, mut store: Store, before: &LedgerReport) {
    let id = store.record(draft(500), &a.sealer()).unwrap();
    assert_eq!(id.sequence.0, before.encounters + 1, "no number twice");
    store.note(Note::Stopped, time(901)).unwrap();
    store.verify_ledger().unwrap();
    let receipt = a.receipt_for(&store, id.sequence.0);
    store.acknowledge(&receipt, time(902)).unwrap();
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.waiting, report.receipted), (0, id.sequence));
    drop(store);
    let store = a.open();
    store.check_pages().unwrap();
    assert_eq!(store.verify_ledger().unwrap(), report);
}

#[test]
fn whatever_page_is_damaged_the_rest_is_carried_over() {
    let original = filled(24, 5);
    let whole = fs::read(original.database()).unwrap();
    let pages = whole.len() / PAGE;
    let (mut lost_lines, mut sealed_again, mut lost) = (0, 0, 0);
    // The first page is another test's.
    for page in (1..pages).step_by(2) {
        let a = original.copy();
        let mut bytes = whole.clone();
        bytes[page * PAGE + 1000..page * PAGE + 1064].fill(0x55);
        fs::write(a.database(), &bytes).unwrap();
        let (store, salvaged) = salvage(&a).unwrap();
        assert_eq!(told(&store), salvaged.found, "page {page}");
        let aside = fs::read(salvaged.aside.join("mpaka.db")).unwrap();
        assert_eq!(aside.len(), bytes.len());
        assert!(
            aside[page * PAGE..][..PAGE] == bytes[page * PAGE..][..PAGE],
            "page {page}: the old store stays as it was found"
        );
        let report = store
            .verify_ledger()
            .unwrap_or_else(|e| panic!("page {page}: {e}"));
        assert_eq!(report.encounters, 24, "page {page}");
        assert_eq!(report.receipted, Sequence(5), "page {page}");
        let kinds = every_number_waits(&a, &store, &report);
        let gone = kinds
            .iter()
            .filter(|kind| **kind == ParcelKind::Lost)
            .count();
        let said: u64 = salvaged
            .found
            .encounters_lost
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum();
        assert_eq!(said, gone as u64, "page {page}");
        lost_lines += salvaged.found.lines_lost.len();
        sealed_again += salvaged.found.sealed_again;
        lost += gone;
        goes_on(&a, store, &report);
    }
    assert!(lost_lines > 0, "some page held lines");
    assert!(
        sealed_again > 0,
        "some page held parcels whose records are elsewhere"
    );
    assert_eq!(lost, 0, "no page holds a record and its parcel both");
}

#[test]
fn a_first_page_that_is_damaged_leaves_what_the_witness_knows() {
    let a = filled(6, 4);
    let mut bytes = fs::read(a.database()).unwrap();
    bytes[100..164].fill(0x55);
    fs::write(a.database(), &bytes).unwrap();
    let (store, salvaged) = salvage(&a).unwrap();
    assert_eq!((salvaged.lines, salvaged.records), (0, 0));
    assert_eq!(salvaged.found.lines_lost, [(1, 7)]);
    assert_eq!(salvaged.found.encounters_lost, [(5, 6)]);
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.encounters, report.receipted.0), (6, 4));
    let kinds = every_number_waits(&a, &store, &report);
    assert_eq!(kinds, [ParcelKind::Lost, ParcelKind::Lost]);
    goes_on(&a, store, &report);
}

#[test]
fn a_store_that_is_gone_leaves_what_the_witness_knows_and_without_it_nothing_is_made_up() {
    let a = filled(3, 0);
    fs::remove_file(a.database()).unwrap();
    let nothing = a.copy();
    let (store, salvaged) = salvage(&a).unwrap();
    assert_eq!(salvaged.found.encounters_lost, [(1, 3)]);
    let report = store.verify_ledger().unwrap();
    goes_on(&a, store, &report);

    fs::remove_file(nothing.state.join("mpaka.witness")).unwrap();
    let refused = salvage(&nothing).map(drop);
    assert!(
        matches!(refused, Err(StoreError::Unsalvageable { .. })),
        "{refused:?}"
    );
    assert!(!nothing.state.join("salvaging").exists());
}

#[test]
fn a_log_that_is_gone_costs_what_was_in_it_and_the_rest_goes_on() {
    let a = Appliance::new();
    let mut store = a.open();
    store.record(draft(0), &a.sealer()).unwrap();
    drop(store);
    let mut store = a.open();
    for n in 1..4 {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    let receipt = a.receipt_for(&store, 4);
    // As after a cut, and then somebody tidies up.
    let cut = a.copy();
    drop(store);
    fs::remove_file(cut.state.join("mpaka.db-wal")).unwrap();
    let (mut store, salvaged) = salvage(&cut).unwrap();
    assert_eq!(salvaged.found.lines_lost, [(2, 4)]);
    assert_eq!(salvaged.found.encounters_lost, [(2, 4)]);
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.encounters, report.kept, report.waiting), (4, 1, 4));
    let kinds = every_number_waits(&cut, &store, &report);
    assert_eq!(kinds[0], ParcelKind::Encounter);
    assert_eq!(kinds[1..], [ParcelKind::Lost; 3]);
    // Headquarters may have had them before: its receipt names lines that are not here any more.
    let erased = store.acknowledge(&receipt, time(901)).unwrap();
    assert_eq!(erased, 4);
    let report = store.verify_ledger().unwrap();
    goes_on(&cut, store, &report);
}

#[test]
fn a_salvage_that_the_power_interrupts_is_brought_to_its_end_or_undone() {
    let original = filled(8, 0);
    let mut bytes = fs::read(original.database()).unwrap();
    let pages = bytes.len() / PAGE;
    bytes[(pages - 1) * PAGE + 50] ^= 1;
    fs::write(original.database(), &bytes).unwrap();

    // Before it was complete: it is as if nothing had happened.
    let a = original.copy();
    fs::create_dir(a.state.join("salvaging")).unwrap();
    fs::write(a.state.join("salvaging/mpaka.db"), b"half").unwrap();
    let found = a.try_open().and_then(|store| store.check_pages());
    assert!(matches!(found, Err(StoreError::Corrupt { .. })));
    assert!(!a.state.join("salvaging").exists());

    // After it was complete, at each of the steps that put the new store in its place.
    let (store, salvaged) = salvage(&a).unwrap();
    let report = store.verify_ledger().unwrap();
    drop(store);
    let new = fs::read(a.database()).unwrap();
    let name = salvaged.aside.file_name().unwrap().to_owned();
    for step in 0..4 {
        let b = original.copy();
        let making = b.state.join("salvaging");
        let aside = b.state.join(&name);
        fs::create_dir(&making).unwrap();
        fs::write(making.join("complete"), name.as_encoded_bytes()).unwrap();
        fs::write(making.join("mpaka.db"), &new).unwrap();
        if step >= 1 {
            fs::create_dir(&aside).unwrap();
        }
        if step >= 2 {
            fs::rename(b.database(), aside.join("mpaka.db")).unwrap();
        }
        if step >= 3 {
            fs::rename(making.join("mpaka.db"), b.database()).unwrap();
        }
        let store = b.open();
        assert_eq!(store.verify_ledger().unwrap(), report, "step {step}");
        assert!(!making.exists());
        assert!(fs::read(aside.join("mpaka.db")).unwrap() == bytes);
    }
}

#[test]
fn another_key_salvages_nothing() {
    let a = filled(2, 0);
    let other = Appliance::new();
    let why = StoreError::Corrupt {
        path: a.database(),
        what: "so they say".into(),
    };
    let refused = Store::salvage(&a.state, &other.key, &a.post, &a.sealer(), &why, time(9));
    assert!(matches!(refused, Err(StoreError::WrongKey { .. })));
    assert_eq!(a.open().verify_ledger().unwrap().encounters, 2);
}
