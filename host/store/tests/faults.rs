//! A disk that refuses and fails under a program that records: every refusal has its name, what was acknowledged
//! is there afterwards, and the box opens.
//!
//! Faults are put under the real program by libfiu (`fiu-run`), between it and the system.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, draft};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use store::StoreError;

const FOLDER: &str = "MPAKA_TEST_FAULTY_DISK";
const TRIES: i64 = 60;

/// Not a test by itself: the program whose disk fails.
#[test]
fn the_program_whose_disk_fails() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let a = Appliance::at(Path::new(&folder));
    let mut store = match a.try_open() {
        Ok(store) => store,
        Err(e) => return println!("\nrefused {}", name(&e)),
    };
    for n in 0..TRIES {
        match store.record(draft(n), &a.sealer()) {
            Ok(id) => println!("\nacknowledged {}", id.sequence),
            Err(e) => println!("\nrefused {}", name(&e)),
        }
    }
}

fn name(error: &StoreError) -> &'static str {
    match error {
        StoreError::DiskFull => "DiskFull",
        StoreError::Disk { .. } => "Disk",
        StoreError::ReadOnly { .. } => "ReadOnly",
        StoreError::Corrupt { .. } => "Corrupt",
        StoreError::InUse { .. } => "InUse",
        _ => "unnamed",
    }
}

/// Runs the program on a disk with this fault; how often it refused by what name.
fn refusals(fault: &str) -> Option<BTreeMap<String, u32>> {
    let folder = tempfile::tempdir().unwrap();
    let a = Appliance::at(folder.path());
    drop(a.open());
    let ran = Command::new("fiu-run")
        .args(["-x", "-c", fault])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "the_program_whose_disk_fails", "--nocapture"])
        .args(["--test-threads", "1"])
        .env(FOLDER, folder.path())
        .stderr(Stdio::null())
        .output();
    let Ok(ran) = ran else {
        eprintln!("SKIPPED: libfiu is not installed (apt-get install fiu-utils)");
        return None;
    };
    let said = String::from_utf8(ran.stdout).unwrap();
    let (mut acknowledged, mut refused) = (0, BTreeMap::new());
    for line in said.lines() {
        if let Some(number) = line.strip_prefix("acknowledged ") {
            acknowledged = number.parse().unwrap();
        } else if let Some(name) = line.strip_prefix("refused ") {
            *refused.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    // The disk is well again.
    let store = a.open();
    let report = store.verify_ledger().unwrap();
    assert!(
        report.encounters >= acknowledged,
        "{fault}: {} of {acknowledged} acknowledged",
        report.encounters
    );
    assert_eq!(report.kept, report.encounters, "{fault}");
    assert_eq!(report.waiting, report.encounters, "{fault}");
    store.check_pages().unwrap();
    eprintln!("{fault}: {acknowledged} acknowledged and there, refused {refused:?}");
    Some(refused)
}

#[test]
fn each_fault_of_a_disk_has_its_name() {
    const ENOSPC: u32 = 28;
    const EIO: u32 = 5;
    for (call, error, expected) in [
        ("posix/io/rw/pwrite", ENOSPC, "DiskFull"),
        ("posix/io/rw/pwrite", EIO, "Disk"),
        ("posix/io/sync/fsync", EIO, "Disk"),
        ("posix/io/sync/fdatasync", EIO, "Disk"),
    ] {
        let fault = format!("enable_random name={call},probability=0.02,failinfo={error}");
        let Some(refused) = refusals(&fault) else {
            return;
        };
        for name in refused.keys() {
            assert_eq!(name, expected, "{fault}");
        }
    }
    // A disk that fails every time refuses every time, and says why.
    let refused = refusals("enable name=posix/io/rw/pwrite,failinfo=28").unwrap();
    assert_eq!(refused.keys().collect::<Vec<_>>(), ["DiskFull"]);
}

#[test]
fn a_disk_that_became_read_only_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mount = |options: &str| {
        Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !mount("size=64m") {
        eprintln!("SKIPPED: this user may not mount");
        return;
    }
    let a = Appliance::at(folder.path());
    let mut store = a.open();
    store.record(draft(0), &a.sealer()).unwrap();
    drop(store);
    assert!(mount("remount,ro,size=64m"));
    let refused = a.try_open();
    let named = matches!(refused, Err(StoreError::ReadOnly { .. }));
    let said = format!("{refused:?}");
    drop(refused);
    assert!(mount("remount,rw,size=64m"));
    let whole = a.open().verify_ledger().map(|report| report.encounters);
    let gone = Command::new("umount").arg(folder.path()).status().unwrap();
    assert!(gone.success());
    assert!(named, "{said}");
    assert_eq!(whole.unwrap(), 1);
}

#[test]
fn a_log_that_is_gone_or_torn_is_noticed_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let a = Appliance::at(folder.path());
    drop(a.open());
    let mut store = a.open();
    for n in 0..3 {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    // As after a cut: what is in the log has not been moved into the database.
    let log = |copy: &Appliance| copy.state.join("mpaka.db-wal");
    let missing = |copy: &Appliance| {
        let found = copy.try_open();
        assert!(
            matches!(
                found,
                Err(StoreError::RecordsMissing {
                    last: 0..=2,
                    witnessed: 3,
                    ..
                })
            ),
            "{found:?}"
        );
        assert!(found.unwrap_err().is_damage());
    };
    let gone = a.copy();
    std::fs::remove_file(log(&gone)).unwrap();
    missing(&gone);
    missing(&gone);
    let emptied = a.copy();
    std::fs::write(log(&emptied), b"").unwrap();
    missing(&emptied);
    // Torn within the last commit: SQLite leaves out what follows, and says nothing.
    let torn = a.copy();
    let mut bytes = std::fs::read(log(&torn)).unwrap();
    let middle = bytes.len() - 2000;
    bytes[middle] ^= 1;
    std::fs::write(log(&torn), bytes).unwrap();
    missing(&torn);
    assert_eq!(a.copy().open().verify_ledger().unwrap().encounters, 3);
}
