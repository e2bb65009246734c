//! Fits what each objection to two names costs, on labelled pairs.
//!
//! `cargo run --release -p mpaka-watchlist --example names_fit -- [FOLDER] [ROUNDS]`: sets as in `names_bench`.
//! The prices are moved one at a time so that the mean over the sets of a smoothed F1 at the shipped threshold
//! grows; no price becomes negative. `HALF=odd` (or `even`) fits on every second pair, so that the other half
//! can judge. `WEIGHTS=alias_pairs=4,mrz_pairs=8` makes sets count more than once, those whose goals are the hardest.
//! Prints the prices for `COSTS` in `src/names/score.rs` and what all together may cost.

use mpaka_watchlist::names::{Objection, costs, objections};
use std::error::Error;
use std::path::PathBuf;

/// How soft the threshold is while fitting, on the logistic scale.
const SOFTNESS: f64 = 0.35;
/// How far the fit may carry a price from where it is, as a factor.
const REACH: f64 = 3.0;

struct Pair {
    much: Option<Vec<f64>>,
    is: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments
        .next()
        .map_or_else(|| PathBuf::from("../shared/vectors/names"), PathBuf::from);
    let rounds: u32 = match arguments.next().and_then(|n| n.into_string().ok()) {
        Some(text) => text.parse()?,
        None => 30,
    };
    let weights = std::env::var("WEIGHTS").unwrap_or_default();
    let half = std::env::var("HALF").unwrap_or_else(|_| "all".into());
    let (kinds, allowed) = costs();
    let mut sets: Vec<(f64, Vec<Pair>)> = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "tsv"))
        .collect();
    files.sort();
    for file in files {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let weight = weights
            .split(',')
            .find_map(|w| w.split_once('=').filter(|(name, _)| *name == stem))
            .map_or(Ok(1.0), |(_, weight)| weight.parse())?;
        sets.push((weight, read(&file, &kinds, &half)?));
    }
    // The last value is what all objections together may cost.
    let start: Vec<f64> = kinds.iter().map(|(_, c)| *c).chain([allowed]).collect();
    let mut prices = start.clone();
    let mut best = worth(&sets, &prices, &start);
    println!("before: {best:.5}");
    let mut step = 0.3;
    for _ in 0..rounds {
        let mut moved = false;
        for i in 0..prices.len() {
            for factor in [1.0 + step, 1.0 / (1.0 + step)] {
                let mut tried = prices.clone();
                tried[i] = (tried[i] * factor).clamp(start[i] / REACH, start[i] * REACH);
                let value = worth(&sets, &tried, &start);
                if value > best + 1e-6 {
                    (best, prices, moved) = (value, tried, true);
                }
            }
        }
        if !moved {
            step *= 0.6;
        }
        if step < 0.005 {
            break;
        }
    }
    println!("after: {best:.5}");
    for ((kind, _), price) in kinds.iter().zip(&prices) {
        println!("    (O::{kind:?}, {price:.2}),");
    }
    println!("together: {:.2}", prices[kinds.len()]);
    Ok(())
}

fn read(
    file: &std::path::Path,
    kinds: &[(Objection, f64)],
    half: &str,
) -> Result<Vec<Pair>, Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_path(file)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|h| h == name)
            .ok_or(format!("no column {name}"))
    };
    let (name1, name2, is_match) = (column("name1")?, column("name2")?, column("is_match")?);
    let mut pairs = Vec::new();
    for (n, row) in reader.records().enumerate() {
        let row = row?;
        if half != "all" && n % 2 == usize::from(half == "even") {
            continue;
        }
        pairs.push(Pair {
            much: objections(&row[name1], &row[name2]).map(|found| {
                kinds
                    .iter()
                    .map(|(kind, _)| {
                        found
                            .iter()
                            .filter(|(k, _)| k == kind)
                            .map(|(_, m)| m)
                            .sum()
                    })
                    .collect()
            }),
            is: &row[is_match] == "true",
        });
    }
    Ok(pairs)
}

/// The mean smoothed F1 over the sets, less a little for straying from where the prices were.
fn worth(sets: &[(f64, Vec<Pair>)], prices: &[f64], start: &[f64]) -> f64 {
    let allowed = prices[prices.len() - 1];
    let mut sum = 0.0;
    for (weight, set) in sets {
        let (mut both, mut ours, mut theirs) = (0.0, 0.0, 0.0);
        for pair in set {
            let is = f64::from(u8::from(pair.is));
            let says = pair.much.as_ref().map_or(0.0, |much| {
                let cost: f64 = much.iter().zip(prices).map(|(m, p)| m * p).sum();
                1.0 / (1.0 + ((cost - allowed) / SOFTNESS).exp())
            });
            both += says * is;
            ours += says;
            theirs += is;
        }
        sum += weight * 2.0 * both / (ours + theirs);
    }
    let strayed: f64 = prices
        .iter()
        .zip(start)
        .map(|(p, s)| (p / s).ln().powi(2))
        .sum();
    sum / sets.iter().map(|(weight, _)| weight).sum::<f64>() - 0.0005 * strayed
}
