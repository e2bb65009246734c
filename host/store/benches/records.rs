//! Durable encounters a second, beside bare SQLite committing rows of the same size with the same care: without
//! sealing, signing, packing, ledger or cipher, and with the same syncs.
//!
//! The two take turns, so that a disk that slows down slows both; what one sync costs is measured between the turns.
//! Shorter runs of their own go under strace: one counts syncs and bytes written, in the others each sync takes as
//! long as on slower storage. In one program SQLCipher's care for its memory
//! is taken for both: it locks and wipes one block for a row of bare SQLite, a hundredth of what that costs.
//! `cargo bench -p mpaka-store`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use mpaka_store as store;

#[path = "../tests/appliance/mod.rs"]
mod appliance;

use appliance::{Appliance, draft};
use rusqlite::Connection;
use rustix::time::{ClockId, clock_gettime};
use seal::packing::Packed;
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use store::Store;

const TURNS: i64 = 40;
const RECORDS_A_TURN: i64 = 25;
const SYNCS_A_TURN: u64 = 10;

/// Set where the program runs for strace to count; names a folder.
const COUNTED: &str = "MPAKA_BENCH_COUNTED";
/// Set where strace makes each sync take longer: what the figure is called.
const SLOWED: &str = "MPAKA_BENCH_SLOWED";
/// Made when the first turn begins: what comes before in a trace is opening.
const BEGIN: &str = "turns-begin";

/// How much longer a sync takes on slower storage, in microseconds, and what storage that is.
const SLOWER: [(u64, &str); 2] = [
    (1_800, "an ordinary disk's"),
    (5_000, "an SD card's at best"),
];
const TURNS_ON_SLOWER: i64 = 10;

/// What the decisions of one side cost.
#[derive(Default)]
struct Spent {
    each: Vec<Duration>,
    processor: Duration,
}

impl Spent {
    fn on(&mut self, act: impl FnOnce()) {
        let (start, before) = (Instant::now(), processor());
        act();
        self.each.push(start.elapsed());
        self.processor += processor() - before;
    }

    fn rate(&self) -> f64 {
        self.each.len() as f64 / self.each.iter().sum::<Duration>().as_secs_f64()
    }

    /// Processor time of one decision, in milliseconds.
    fn processor(&self) -> f64 {
        self.processor.as_secs_f64() * 1000.0 / self.each.len() as f64
    }

    fn median(&self) -> f64 {
        median(&self.each)
    }
}

/// In milliseconds.
fn median(each: &[Duration]) -> f64 {
    let mut sorted = each.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2].as_secs_f64() * 1000.0
}

/// What this program has had of the processor, all threads together.
fn processor() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}

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

fn turn_of_store(a: &Appliance, store: &mut Store, spent: &mut Spent) {
    for n in 0..RECORDS_A_TURN {
        let draft = draft(n);
        spent.on(|| drop(store.record(draft, &a.sealer()).unwrap()));
    }
}

fn turn_of_bare(connection: &Connection, sizes: [usize; 3], spent: &mut Spent) {
    let rows = sizes.map(|size| vec![0x5a; size]);
    for _ in 0..RECORDS_A_TURN {
        spent.on(|| {
            connection
                .prepare_cached("INSERT INTO rows (record, line, parcel) VALUES (?1, ?2, ?3)")
                .and_then(|mut s| s.execute((&rows[0], &rows[1], &rows[2])))
                .map(drop)
                .unwrap();
        });
    }
}

/// Overwrites one page and syncs it: the least that any durable decision costs here.
fn turn_of_syncs(file: &File, each: &mut Vec<Duration>) {
    for n in 0..SYNCS_A_TURN {
        let start = Instant::now();
        file.write_all_at(&[n as u8; 4096], n * 4096).unwrap();
        file.sync_data().unwrap();
        each.push(start.elapsed());
    }
}

/// The two sides, in turns.
struct Sides {
    a: Appliance,
    store: Store,
    bare: Connection,
    /// What a row of bare SQLite holds: as much as the store's record, line and parcel.
    sizes: [usize; 3],
    plain: usize,
}

impl Sides {
    fn new() -> Self {
        let a = Appliance::new();
        let mut store = a.open();
        store.record(draft(0), &a.sealer()).unwrap();
        let mut record = Vec::new();
        let first = store.encounter(rules::Sequence(1)).unwrap();
        ciborium::into_writer(&first, &mut record).unwrap();
        let kept = Packed::new(&record).unwrap().kept().len();
        let line = store.chained_lines(1, 1).unwrap()[0].1.len() + 2 * 32;
        let parcel = store.pending(1).unwrap()[0].to_bytes().len();
        Self {
            bare: bare(&a),
            a,
            store,
            sizes: [kept, line, parcel],
            plain: record.len(),
        }
    }

    fn turn(&mut self, ours: &mut Spent, theirs: &mut Spent) {
        turn_of_store(&self.a, &mut self.store, ours);
        turn_of_bare(&self.bare, self.sizes, theirs);
    }
}

/// Syncs and bytes written, of one decision.
struct Counted {
    syncs: f64,
    bytes: f64,
}

/// This program once more, under strace; `None` without strace, or where that may not trace.
fn under_strace(words: &[&str], run: &str, with: impl AsRef<OsStr>) -> Option<String> {
    let done = Command::new("strace")
        .args(["-f", "-qq"])
        .args(words)
        .arg(std::env::current_exe().unwrap())
        .env(run, with)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    let said = String::from_utf8(done.stdout).unwrap();
    done.status.success().then_some(said)
}

/// Counts what each side does to its files; `None` without strace.
fn counted() -> Option<[Counted; 2]> {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("trace");
    let trace = "trace=openat,fsync,fdatasync,pwrite64,write";
    let words = ["-y", "-s", "0", "-o", notes.to_str().unwrap(), "-e", trace];
    under_strace(&words, COUNTED, folder.path())?;
    let trace = std::fs::read_to_string(notes).unwrap();
    let (_, turns) = trace.split_once(BEGIN).unwrap();
    let decisions = (TURNS * RECORDS_A_TURN) as f64;
    Some(["/mpaka.", "/bare.db"].map(|files| {
        let mut counted = Counted {
            syncs: 0.0,
            bytes: 0.0,
        };
        for call in turns.lines().filter(|call| call.contains(files)) {
            if call.contains("sync(") {
                counted.syncs += 1.0 / decisions;
            } else if call.contains("write") {
                let written = call.rsplit_once("= ").unwrap().1;
                counted.bytes += written.parse::<f64>().unwrap() / decisions;
            }
        }
        counted
    }))
}

/// Both sides where each sync takes so much longer, as a sentence; `None` without strace.
fn on_slower(microseconds: u64, whose: &str) -> Option<String> {
    let delay = format!("inject=fsync,fdatasync:delay_exit={microseconds}");
    let longer = microseconds as f64 / 1000.0;
    let calls = "trace=fsync,fdatasync";
    let words = [
        "--seccomp-bpf",
        "-o",
        "/dev/null",
        "-e",
        calls,
        "-e",
        &delay,
    ];
    let named = format!("where each sync is made to take {longer} ms longer, {whose}");
    under_strace(&words, SLOWED, &named)
}

fn main() {
    let mut sides = Sides::new();
    let (mut ours, mut theirs, mut syncs) = (Spent::default(), Spent::default(), Vec::new());
    if let Some(folder) = std::env::var_os(COUNTED) {
        File::create(Path::new(&folder).join(BEGIN)).unwrap();
        for _ in 0..TURNS {
            sides.turn(&mut ours, &mut theirs);
        }
        return;
    }
    if let Ok(named) = std::env::var(SLOWED) {
        for _ in 0..TURNS_ON_SLOWER {
            sides.turn(&mut ours, &mut theirs);
        }
        println!(
            "{named}: store {:.0} a second, bare SQLite {:.0}, {:.2} of it",
            ours.rate(),
            theirs.rate(),
            ours.rate() / theirs.rate()
        );
        return;
    }
    let file = File::create(sides.a.state.with_file_name("synced")).unwrap();
    turn_of_syncs(&file, &mut Vec::new());
    for _ in 0..TURNS {
        sides.turn(&mut ours, &mut theirs);
        turn_of_syncs(&file, &mut syncs);
    }
    let [kept, _, parcel] = sides.sizes;
    println!(
        "record {} bytes, packed {kept}; parcel {parcel} bytes on the wire",
        sides.plain
    );
    println!(
        "processor a decision: store {:.3} ms, bare SQLite {:.3} ms; one sync costs {:.2} ms here",
        ours.processor(),
        theirs.processor(),
        median(&syncs),
    );
    match counted() {
        None => println!(
            "syncs neither counted nor slowed down: strace is not installed (apt-get install strace), or may not trace"
        ),
        Some([store, bare]) => println!(
            "a decision: store {:.2} syncs and {:.1} kB written, bare SQLite {:.2} syncs and {:.1} kB",
            store.syncs,
            store.bytes / 1000.0,
            bare.syncs,
            bare.bytes / 1000.0
        ),
    }
    for (microseconds, whose) in SLOWER {
        if let Some(said) = on_slower(microseconds, whose) {
            print!("{said}");
        }
    }
    println!(
        "store {:.0} a second (median {:.2} ms), bare SQLite {:.0} a second (median {:.2} ms), ratio {:.2}",
        ours.rate(),
        ours.median(),
        theirs.rate(),
        theirs.median(),
        ours.rate() / theirs.rate()
    );
}
