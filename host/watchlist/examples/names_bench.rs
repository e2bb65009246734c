//! Measures the comparison of names on labelled pairs: F1, precision and recall at the shipped threshold, and time.
//!
//! `cargo run --release -p mpaka-watchlist --example names_bench -- [FOLDER]`: every `.tsv` file of the folder
//! (default `../shared/vectors/names`) with the columns `name1`, `name2`, `is_match` is one set.
//! `HALF=odd` or `HALF=even` measures every second pair only; `SHOW_MISSES=1` prints the pairs decided wrongly.

use mpaka_watchlist::names::{THRESHOLD, compare};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

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
    // The tables are made on first use; that is not part of a comparison.
    let _ = compare("OTIENO", "Otieno");
    for file in files {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b'\t')
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
        let (mut both, mut ours, mut theirs) = (0u32, 0u32, 0u32);
        let start = Instant::now();
        for (n, row) in rows.iter().enumerate() {
            if n % 2 == usize::from(half == "even") && half != "all" {
                continue;
            }
            let found = compare(&row[name1], &row[name2]);
            let score = found.score;
            let says = score >= THRESHOLD;
            let is = &row[is_match] == "true";
            if show && says != is {
                println!("{score:.3} {is:5} {} | {}", &row[name1], &row[name2]);
                for why in &found.why {
                    println!("      {:+.3} {}", why.effect, why.detail);
                }
            }
            both += u32::from(says && is);
            ours += u32::from(says);
            theirs += u32::from(is);
        }
        let time = start.elapsed().as_secs_f64() * 1e6 / rows.len().max(1) as f64;
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        println!(
            "{:24} {:6} {:6.4} {:9.4} {:6.4} {:8.1}",
            file.file_stem().unwrap_or_default().to_string_lossy(),
            rows.len(),
            share(2 * both, ours + theirs),
            share(both, ours),
            share(both, theirs),
            time
        );
    }
    Ok(())
}
