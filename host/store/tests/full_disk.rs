//! A full disk: named as such, nothing half-written, and receipts still make room.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, draft, time};
use rules::EditionNumber;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use store::editions::Editions;
use store::{Store, StoreError};

/// Records until the disk is full, and returns the last number that was acknowledged.
fn fill(a: &Appliance, store: &mut Store) -> u64 {
    let stood = store.last_sequence().unwrap().0;
    for n in 0..100_000 {
        match store.record(draft(n), &a.sealer()) {
            Ok(id) => assert_eq!(id.sequence.0, stood + n.unsigned_abs() + 1),
            Err(StoreError::DiskFull) => return stood + n.unsigned_abs(),
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("it never filled up");
}

#[test]
fn a_bounded_database_refuses_and_keeps_what_it_acknowledged() {
    let a = Appliance::new();
    let mut store = a.open();
    store.set_size_limit(400_000).unwrap();
    let acknowledged = fill(&a, &mut store);
    assert!(acknowledged > 10, "{acknowledged}");
    assert!(matches!(
        store.record(draft(0), &a.sealer()),
        Err(StoreError::DiskFull)
    ));
    let report = store.verify_ledger().unwrap();
    assert_eq!(
        (report.encounters, report.waiting),
        (acknowledged, acknowledged)
    );
    store.set_size_limit(1 << 30).unwrap();
    let id = store.record(draft(0), &a.sealer()).unwrap();
    assert_eq!(id.sequence.0, acknowledged + 1, "a number was lost");
    drop(store);
    let store = a.open();
    store.check_pages().unwrap();
    assert_eq!(store.verify_ledger().unwrap().encounters, acknowledged + 1);
}

/// A disk of its own that is quickly full; unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|o| o.status.success());
        if !mounted {
            eprintln!("skipped: no small disk can be mounted here (needs root)");
        }
        mounted.then(|| Self(folder))
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[test]
fn on_a_full_disk_receipts_still_make_room() {
    let Some(disk) = SmallDisk::new(16) else {
        return;
    };
    let a = Appliance::at(disk.path());
    let mut store = a.open();
    store.record(draft(0), &a.sealer()).unwrap();
    // Somebody else's files take what is left.
    let filler = disk.path().join("filler");
    let mut file = File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    // An open file keeps its room even when it is removed.
    drop(file);
    let recorded = fill(&a, &mut store);
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.encounters, report.waiting), (recorded, recorded));
    let receipt = a.receipt_for(&store, recorded);
    assert_eq!(store.acknowledge(&receipt, time(0)).unwrap(), recorded);
    assert_eq!(store.outbox_status().unwrap().waiting, 0);
    drop(store);
    drop(a.open());
    // And it works again once there is room.
    fs::remove_file(&filler).unwrap();
    let mut store = a.open();
    let id = store.record(draft(0), &a.sealer()).unwrap();
    assert_eq!(id.sequence.0, recorded + 1);
    store.check_pages().unwrap();
    assert_eq!(store.verify_ledger().unwrap().encounters, recorded + 1);
}

#[test]
fn an_edition_that_does_not_fit_changes_nothing() {
    let Some(disk) = SmallDisk::new(4) else {
        return;
    };
    let source = tempfile::tempdir().unwrap();
    fs::write(source.path().join("list"), vec![1; 1 << 20]).unwrap();
    let state = disk.path().join("state");
    let mut editions = Editions::open(&state).unwrap();
    editions.activate(EditionNumber(1), source.path()).unwrap();
    fs::write(source.path().join("more"), vec![1; 8 << 20]).unwrap();
    assert!(matches!(
        editions.activate(EditionNumber(2), source.path()),
        Err(StoreError::DiskFull)
    ));
    let active = editions.active().unwrap();
    assert_eq!(active.number, EditionNumber(1));
    drop(editions);
    let mut editions = Editions::open(&state).unwrap();
    assert_eq!(editions.active().unwrap(), active);
    assert_eq!(
        fs::metadata(active.folder.join("list")).unwrap().len(),
        1 << 20
    );
    fs::remove_file(source.path().join("more")).unwrap();
    editions.activate(EditionNumber(3), source.path()).unwrap();
    assert_eq!(editions.active().unwrap().number, EditionNumber(3));
}
