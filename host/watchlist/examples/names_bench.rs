//! Measures the comparison of names on labelled pairs: F1, precision and recall at the shipped threshold, and
//! processor time.
//!
//! `cargo run --release -p mpaka-watchlist --example names_bench -- [FOLDER]`: every `.tsv` file of the folder
//! (default `../shared/vectors/names`) with the columns `name1`, `name2`, `is_match` is one set.
//! The time is that of [`score`] alone: the pairs are read beforehand, and every name is taken apart anew each time. The
//! first pairs of a set are compared once before the clock is started. `tests/bench.sh names` sets it beside the peers'.
//! `HALF=odd` or `HALF=even` measures every second pair only; `SHOW_MISSES=1` prints the pairs decided wrongly.

use mpaka_watchlist::names::{THRESHOLD, compare, score};
use std::error::Error;
use std::path::PathBuf;

/// So many pairs of a set are compared before the clock is started.
const WARM: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("../shared/vectors/names"), PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "tsv"))
        .collect();
    files.sort();
    // What is tuned on one half is to be judged on the other.
    let half = std::env::var("HALF").unwrap_or_else(|_| "all".into());
    let show = std::env::var_os("SHOW_MISSES").is_some();
    println!(
        "{:24} {:>6} {:>6} {:>9} {:>6} {:>8}",
        "set", "pairs", "F1", "precision", "recall", "us/pair"
    );
    for file in files {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b'\t')
            // A quotation mark in a name is a character of the name.
            .quoting(false)
            .from_path(&file)?;
        let headers = reader.headers()?.clone();
        let column = |name: &str| {
            headers
                .iter()
                .position(|h| h == name)
                .ok_or(format!("no column {name}"))
        };
        let (name1, name2, is_match) = (column("name1")?, column("name2")?, column("is_match")?);
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
        let asked: Vec<&csv::StringRecord> = rows
            .iter()
            .enumerate()
            .filter(|(n, _)| half == "all" || n % 2 == usize::from(half == "odd"))
            .map(|(_, row)| row)
            .collect();
        // The tables are made on first use; that is not part of a comparison.
        for row in asked.iter().take(WARM) {
            let _ = score(&row[name1], &row[name2]);
        }
        let start = cpu_us();
        let scores: Vec<f64> = asked
            .iter()
            .map(|row| score(&row[name1], &row[name2]))
            .collect();
        let time = cpu_us() - start;
        let (mut both, mut ours, mut theirs) = (0u32, 0u32, 0u32);
        for (row, score) in asked.iter().zip(scores) {
            let says = score >= THRESHOLD;
            let is = &row[is_match] == "true";
            if show && says != is {
                println!("{score:.3} {is:5} {} | {}", &row[name1], &row[name2]);
                for why in compare(&row[name1], &row[name2]).why {
                    println!("      {:+.3} {}", why.effect, why.detail);
                }
            }
            both += u32::from(says && is);
            ours += u32::from(says);
            theirs += u32::from(is);
        }
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        println!(
            "{:24} {:6} {:6.4} {:9.4} {:6.4} {:8.3}",
            file.file_stem().unwrap_or_default().to_string_lossy(),
            asked.len(),
            share(2 * both, ours + theirs),
            share(both, ours),
            share(both, theirs),
            time / asked.len().max(1) as f64
        );
    }
    Ok(())
}

/// Processor time of this process, in microseconds: other programs on the machine do not count.
fn cpu_us() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}
