//! Measures an edition of many documents: memory and time to build, size on disk, lookups, a day's step.
//!
//! `cargo run --release -p mpaka-watchlist --example documents_bench -- [DOCUMENTS] [FOLDER]`: by default a hundred
//! million made-up documents of Utopia, built in the system's temporary folder (1.7 GB of disk are needed while it
//! runs). Times are processor time of one thread; the machine's other work does not count.

use indicatif::{ProgressBar, ProgressStyle};
use mpaka_watchlist::build::{EditionBuilder, EditionHeader, document_digest};
use mpaka_watchlist::delta::{Delta, apply};
use mpaka_watchlist::{DocumentEntry, DocumentQuery, Edition, EditionInfo};
use rules::EditionNumber;
use std::error::Error;
use std::path::{Path, PathBuf};

const KEY: [u8; 16] = [5; 16];
/// What a day brings.
const CHANGES: u64 = 15_000;
const LOOKUPS: u64 = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(100_000_000), |n| n.parse())?;
    let folder = arguments
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(folder)?;
    let (one, two) = (dir.path().join("1"), dir.path().join("2"));

    let start = cpu_ms()?;
    let bar = ProgressBar::new(count);
    bar.set_style(ProgressStyle::with_template(
        "building [{bar:40}] {human_pos}/{human_len} documents, {eta} left",
    )?);
    let mut builder = EditionBuilder::with_key(KEY).spooling_in(dir.path());
    for n in 0..count {
        builder.add_document(DocumentEntry {
            number: number(n),
            state: "UTO".into(),
            document_type: "P".into(),
            entry: None,
        })?;
        if n % 65_536 == 0 {
            bar.set_position(n);
        }
    }
    bar.set_message("merging");
    let header = EditionHeader {
        number: EditionNumber(1),
        made_at: "2026-01-01T00:00:00Z".parse()?,
        expires_at: "2026-02-01T00:00:00Z".parse()?,
        sources: vec![],
    };
    let info = builder.write(&one, &header)?;
    bar.finish_and_clear();
    println!(
        "{} documents built in {:.1} s of processor time; {}; {:.1} MB on disk",
        info.documents,
        (cpu_ms()? - start) / 1e3,
        status("VmHWM")?,
        size(&one)? as f64 / 1e6
    );

    let edition = Edition::open(&one)?;
    let mut times = Vec::new();
    let mut found = 0;
    for n in 0..LOOKUPS {
        // Every second one is listed.
        let asked = DocumentQuery {
            number: number(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (count * 2)),
            state: "UTO".into(),
            document_code: "P".into(),
        };
        let start = cpu_ms()?;
        found += edition.search_documents(&asked)?.len();
        times.push((cpu_ms()? - start) * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{LOOKUPS} lookups, {found} found: processor time p50 {:.0} us, p99 {:.0} us (reading the clock included); {}",
        at(0.5),
        at(0.99),
        status("VmRSS")?
    );

    let mut delta = Delta::empty(
        EditionNumber(1),
        EditionInfo {
            number: EditionNumber(2),
            documents: count + CHANGES / 3,
            ..info
        },
        KEY,
    );
    for n in 0..CHANGES {
        let digest = |n| document_digest(&KEY, &number(n), "UTO", "P").ok_or("no number");
        if n % 3 == 0 {
            delta.gone_documents.insert(digest(n)?);
        } else {
            delta.put_documents.insert(digest(count + n)?);
        }
    }
    let bytes = delta.to_bytes();
    std::fs::create_dir(&two)?;
    let start = cpu_ms()?;
    apply(&one, &[Delta::from_bytes(&bytes)?], &two)?;
    println!(
        "a step of {CHANGES} changes: {} bytes, applied in {:.0} ms of processor time",
        bytes.len(),
        cpu_ms()? - start
    );
    Ok(())
}

fn number(n: u64) -> String {
    format!("U{n:09}")
}

/// Processor time of this thread, in milliseconds.
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Ok(now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6)
}

fn status(field: &str) -> Result<String, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text
        .lines()
        .find(|l| l.starts_with(field))
        .ok_or("no such field")?;
    Ok(line.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn size(folder: &Path) -> Result<u64, Box<dyn Error>> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}
