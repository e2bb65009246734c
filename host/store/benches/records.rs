//! Durable encounters a second, beside bare SQLite committing rows of the same size with the same care.
//!
//! The two take turns, so that a disk that slows down slows both. `cargo bench -p mpaka-store`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use mpaka_store as store;

#[path = "../tests/appliance/mod.rs"]
mod appliance;

use appliance::{Appliance, draft};
use rusqlite::Connection;
use std::time::{Duration, Instant};
use store::Store;

const TURNS: i64 = 40;
const RECORDS_A_TURN: i64 = 25;

fn bare(a: &Appliance) -> Connection {
    let connection = Connection::open(a.state.with_file_name("bare.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE rows (n INTEGER PRIMARY KEY, record BLOB, line BLOB, parcel BLOB);",
        )
        .unwrap();
    connection
}

fn turn_of_store(a: &Appliance, store: &mut Store, each: &mut Vec<Duration>) {
    for n in 0..RECORDS_A_TURN {
        let draft = draft(n);
        let start = Instant::now();
        store.record(draft, &a.sealer()).unwrap();
        each.push(start.elapsed());
    }
}

fn turn_of_bare(connection: &Connection, sizes: [usize; 3], each: &mut Vec<Duration>) {
    let rows = sizes.map(|size| vec![0x5a; size]);
    for _ in 0..RECORDS_A_TURN {
        let start = Instant::now();
        connection
            .prepare_cached("INSERT INTO rows (record, line, parcel) VALUES (?1, ?2, ?3)")
            .unwrap()
            .execute((&rows[0], &rows[1], &rows[2]))
            .unwrap();
        each.push(start.elapsed());
    }
}

fn main() {
    let a = Appliance::new();
    let mut store = a.open();
    store.record(draft(0), &a.sealer()).unwrap();
    let mut record = Vec::new();
    let first = store.encounter(rules::Sequence(1)).unwrap();
    ciborium::into_writer(&first, &mut record).unwrap();
    let parcel = store.pending(1).unwrap()[0].to_bytes();
    let sizes = [record.len(), 300, parcel.len()];
    let bare = bare(&a);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        turn_of_store(&a, &mut store, &mut ours);
        turn_of_bare(&bare, sizes, &mut theirs);
    }
    let rate = |each: &[Duration]| each.len() as f64 / each.iter().sum::<Duration>().as_secs_f64();
    let median = |each: &mut Vec<Duration>| {
        each.sort_unstable();
        each[each.len() / 2].as_secs_f64() * 1000.0
    };
    println!(
        "record {} bytes, parcel {} bytes on the wire",
        record.len(),
        parcel.len()
    );
    println!(
        "store {:.0} a second (median {:.2} ms), bare SQLite {:.0} a second (median {:.2} ms), ratio {:.2}",
        rate(&ours),
        median(&mut ours),
        rate(&theirs),
        median(&mut theirs),
        rate(&ours) / rate(&theirs)
    );
}
