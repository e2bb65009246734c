//! The power is cut at every write and every sync of a real program, on a disk that drops, reorders and tears
//! what was not synced: whatever the program had acknowledged is there, once, and the ledger verifies.
//!
//! The program runs under `strace`, which notes every call that it makes on its files; from the notes the disk
//! is made anew as it may stand after a cut at each of them, and opened by the real store.
//!
//! `MPAKA_CUT_FATES` sets how many torn disks are tried at each cut beside the one that lost everything
//! unsynced (default 1), `MPAKA_CUT_EVERY` tries every n-th cut only (default 1).
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../appliance/mod.rs"]
mod appliance;
mod disk;
mod trace;
#[path = "../yesterday/mod.rs"]
mod yesterday;

use appliance::{Appliance, draft, time};
use disk::{Disk, Fate};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use store::{EncounterDraft, Store};
use trace::Act;

use mpaka_store as store;

const FOLDER: &str = "MPAKA_TEST_CUT_FOLDER";
const WORK: &str = "MPAKA_TEST_CUT_WORK";
/// No box may take longer than this to start.
const START: Duration = Duration::from_secs(2);

/// Not a test by itself: the program whose power is cut. It notes what it was told is done, in a file of its
/// own, after it was told.
#[test]
fn the_program_whose_power_is_cut() {
    let (Some(folder), Ok(work)) = (std::env::var_os(FOLDER), std::env::var(WORK)) else {
        return;
    };
    let folder = Path::new(&folder);
    let witness = std::fs::File::options()
        .append(true)
        .create(true)
        .open(folder.with_extension("witness"))
        .unwrap();
    let a = Appliance::at(folder);
    let mut store = a.open();
    // One call a line: the trace shows calls.
    let note = |line: String| (&witness).write_all(line.as_bytes()).unwrap();
    let record = |store: &mut Store, n: i64| {
        let id = store.record(draft(n), &a.sealer()).unwrap();
        note(format!("recorded {}\n", id.sequence));
    };
    match &*work {
        "decisions" => (0..2).for_each(|n| record(&mut store, n)),
        "receipt" => {
            record(&mut store, 0);
            let up_to = store.last_sequence().unwrap().0;
            let receipt = a.receipt_for(&store, up_to);
            store.acknowledge(&receipt, time(50)).unwrap();
            note(format!("receipted {up_to}\n"));
            record(&mut store, 1);
        }
        "migration" => record(&mut store, 0),
        "compaction" => {
            let up_to = store.last_sequence().unwrap().0;
            let ledger = store.pending(usize::MAX).unwrap();
            let ledger = ledger.last().unwrap().header().ledger;
            let receipt = a.receipt(up_to, ledger);
            store.acknowledge(&receipt, time(50)).unwrap();
            note(format!("receipted {up_to}\n"));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn while_decisions_are_recorded() {
    cut_everywhere("decisions", |folder| {
        // The first start of all is part of it: nothing is there but the keys.
        drop(Appliance::at(folder));
    });
}

#[test]
fn while_a_receipt_is_taken() {
    cut_everywhere("receipt", |folder| {
        let a = Appliance::at(folder);
        let mut store = a.open();
        for n in 0..3 {
            store.record(draft(n), &a.sealer()).unwrap();
        }
    });
}

#[test]
fn while_yesterdays_layout_is_brought_up_to_date() {
    cut_everywhere("migration", |folder| {
        yesterday::box_of_yesterday(folder);
    });
}

#[test]
fn while_the_store_is_compacted() {
    cut_everywhere("compaction", |folder| {
        let a = Appliance::at(folder);
        let mut store = a.open();
        for n in 0..60 {
            store.record(large(n), &a.sealer()).unwrap();
        }
    });
}

/// An encounter whose parcel fills many pages.
fn large(n: i64) -> EncounterDraft {
    let mut large = draft(n);
    let mut state = n.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for check in &mut large.checks {
        // Hexadecimal of noise: it packs to half.
        check.detail = (0..100)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                format!("{state:016x}")
            })
            .collect();
    }
    large
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |n| n.parse().expect("a number"))
}

/// Lets the program do its work once, under strace; then cuts its power at every call that it made.
fn cut_everywhere(work: &str, prepare: impl Fn(&Path)) {
    if !Command::new("strace")
        .args(["-V"])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
    {
        eprintln!("SKIPPED: strace is not installed (apt-get install strace)");
        return;
    }
    // In memory: what a sync means here is what the trace says, not what this machine's disk does.
    let outer = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let folder = outer.path().join("box");
    std::fs::create_dir(&folder).unwrap();
    prepare(&folder);
    let mut disk = Disk::of(&folder);
    let (known, receipted) = match work {
        "decisions" => (0, 0),
        _ => {
            // Opened as a copy: opening may change something.
            let copy = Appliance::at(&folder).copy();
            let status = copy.open().outbox_status().unwrap();
            (status.last.0, status.receipt.map_or(0, |r| r.up_to.0))
        }
    };
    let acts = traced(work, &folder, outer.path());
    assert!(
        acts.iter().any(|act| matches!(act, Act::Sync { .. })),
        "a program that never syncs was not traced"
    );
    let fates = setting("MPAKA_CUT_FATES", 1);
    let every = setting("MPAKA_CUT_EVERY", if work == "compaction" { 40 } else { 1 });
    let mut expected = Expected {
        recorded: known,
        receipted,
    };
    let witness = folder.with_extension("witness");
    let (mut points, mut disks, mut slowest) = (0u64, 0u64, Duration::ZERO);
    for (n, act) in acts.iter().enumerate() {
        match act {
            Act::Write { path, bytes, .. } if *path == witness => {
                expected.hear(std::str::from_utf8(bytes).unwrap());
                continue;
            }
            Act::Open { path, .. } if *path == witness => continue,
            _ => {}
        }
        disk.apply(act);
        points += 1;
        if n % every != 0 && !matches!(act, Act::Sync { .. }) {
            continue;
        }
        let torn = (0..fates as u64).map(|f| Fate::Torn((n as u64 + 1) * 1000 + f));
        let all = match disk.is_dirty() {
            true => [Fate::Lost].into_iter().chain(torn).collect(),
            false => vec![Fate::Kept],
        };
        for fate in all {
            disks += 1;
            slowest = slowest.max(expected.holds(&disk, fate, &folder, outer.path(), work, n));
        }
    }
    assert!(expected.recorded > known || work == "compaction");
    println!(
        "{work}: {points} cut points, {disks} disks opened, none lost or doubled anything; slowest start {} ms",
        slowest.as_millis()
    );
    assert!(slowest <= START, "{slowest:?}");
}

/// The calls of the program, in order, on files of its own.
fn traced(work: &str, folder: &Path, outer: &Path) -> Vec<Act> {
    let notes = outer.join("trace");
    let done = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-xx",
            "-s",
            "16777216",
            "-e",
            trace::CALLS,
            "-o",
        ])
        .arg(&notes)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "the_program_whose_power_is_cut", "--nocapture"])
        .args(["--test-threads", "1"])
        .env(FOLDER, folder)
        .env(WORK, work)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success(), "{work}");
    let ours = |path: &Path| path.starts_with(outer);
    trace::read(&std::fs::read_to_string(notes).unwrap())
        .into_iter()
        .filter(|act| match act {
            Act::Open { path, .. }
            | Act::Write { path, .. }
            | Act::Resize { path, .. }
            | Act::Sync { path }
            | Act::Remove { path }
            | Act::MakeFolder { path } => ours(path),
            Act::Rename { from, .. } | Act::Link { from, .. } => ours(from),
        })
        .filter(|act| {
            !matches!(
                act,
                Act::Open {
                    make: false,
                    empty: false,
                    ..
                }
            )
        })
        .collect()
}

/// What the outside was told.
struct Expected {
    recorded: u64,
    receipted: u64,
}

impl Expected {
    fn hear(&mut self, said: &str) {
        let (what, number) = said.trim().split_once(' ').unwrap();
        let number: u64 = number.rsplit('/').next().unwrap().parse().unwrap();
        match what {
            "recorded" => self.recorded = number,
            "receipted" => self.receipted = number,
            other => panic!("{other}"),
        }
    }

    /// Opens the disk as found, and holds it against what was told. How long the box took to start.
    fn holds(
        &self,
        disk: &Disk,
        fate: Fate,
        folder: &Path,
        outer: &Path,
        work: &str,
        n: usize,
    ) -> Duration {
        let after = outer.join("after");
        disk.cut(fate, folder, &after);
        let a = Appliance::at(&after);
        let begun = Instant::now();
        let store = a
            .try_open()
            .unwrap_or_else(|e| panic!("{work}, cut {n}, {fate:?}: it does not open: {e}"));
        let took = begun.elapsed();
        let report = store
            .verify_ledger()
            .unwrap_or_else(|e| panic!("{work}, cut {n}, {fate:?}: {e}"));
        let place = format!("{work}, cut {n}, {fate:?}: {report:?}");
        // What was under way may be there; nothing beyond it, and nothing twice (the ledger counts).
        assert!(report.encounters >= self.recorded, "{place}: lost");
        assert!(report.encounters <= self.recorded + 1, "{place}: invented");
        assert_eq!(report.kept, report.encounters, "{place}");
        assert!(
            report.receipted.0 >= self.receipted,
            "{place}: receipt lost"
        );
        assert_eq!(
            report.waiting,
            report.encounters - report.receipted.0,
            "{place}"
        );
        drop(store);
        std::fs::remove_dir_all(&after).unwrap();
        took
    }
}
