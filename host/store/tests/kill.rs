//! A program that records encounters is killed at random instants. Whatever it had acknowledged is there, in
//! order, with its ledger line and its parcel.
//!
//! `MPAKA_KILLS` sets how many times (default 50; the long form is 10,000).
#![allow(clippy::unwrap_used, clippy::panic)]

mod appliance;

use appliance::{Appliance, draft, time};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const FOLDER: &str = "MPAKA_TEST_KILLED_PROGRAM";
/// A box that was killed so often makes room for a new one: its ledger is followed from the first line each time.
const KILLS_A_BOX: usize = 200;

/// Not a test by itself: the program that gets killed. It says a number only after `record` returned it,
/// and gives receipts now and then.
#[test]
fn the_program_that_gets_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let a = Appliance::at(Path::new(&folder));
    let mut out = std::io::stdout().lock();
    writeln!(out, "opening").unwrap();
    let mut store = a.open();
    for n in 0.. {
        let id = store.record(draft(n), &a.sealer()).unwrap();
        writeln!(out, "\nacknowledged {}", id.sequence).unwrap();
        out.flush().unwrap();
        if n % 7 == 3 {
            let receipt = a.receipt_for(&store, id.sequence.0 - 2);
            store.acknowledge(&receipt, time(n)).unwrap();
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost() {
    let kills: usize = std::env::var("MPAKA_KILLS").map_or(50, |n| n.parse().expect("a number"));
    let mut seed = 20_261_123u64;
    let mut recorded = 0;
    let mut left = kills;
    while left > 0 {
        let here = left.min(KILLS_A_BOX);
        recorded += one_box(here, &mut seed);
        left -= here;
        eprintln!("{} kills, {recorded} encounters recorded", kills - left);
    }
    assert!(recorded >= kills as u64 * 4 / 5);
    println!("{kills} kills, {recorded} encounters recorded, none lost, none doubled");
}

/// Kills one box so often; how many encounters it recorded.
fn one_box(kills: usize, seed: &mut u64) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let a = Appliance::at(folder.path());
    let mut acknowledged = 0;
    for kill in 0..kills {
        // xorshift64: the same instants in every run, as far as the machine allows.
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_program_that_gets_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (said, first) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut numbers: Vec<u64> = Vec::new();
            for line in out.lines().map_while(Result::ok) {
                if let Some(number) = line.strip_prefix("acknowledged ") {
                    numbers.push(number.parse().unwrap());
                    // Nobody listens any more after the first.
                    let _ = said.send(());
                }
            }
            numbers
        });
        // One in five is killed while it opens, the others while they record.
        if kill % 5 > 0 {
            first.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        std::thread::sleep(Duration::from_micros(*seed % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let numbers = reader.join().unwrap();

        let store = a.open();
        let last = store.last_sequence().unwrap().0;
        if let (Some(first), Some(end)) = (numbers.first(), numbers.last()) {
            // At most one was recorded and not said any more, in this run or the one before.
            assert!(
                *first == acknowledged + 1,
                "kill {kill}: {first} after {acknowledged}"
            );
            assert_eq!(numbers.len() as u64, end - first + 1, "kill {kill}");
            assert!(
                last == *end || last == end + 1,
                "kill {kill}: {last} after {end}"
            );
        } else {
            assert!(last <= acknowledged + 1, "kill {kill}");
        }
        let report = store.verify_ledger().unwrap();
        assert_eq!(report.encounters, last, "kill {kill}");
        assert_eq!(report.kept, last, "kill {kill}");
        assert_eq!(report.waiting, last - report.receipted.0, "kill {kill}");
        store.check_pages().unwrap();
        acknowledged = last;
    }
    acknowledged
}
