//! Measures the face engine on an index of pictures (CSV: path, identity, group), as ISO/IEC
//! 19795-1 counts: failure to acquire, false match and false non-match rates overall and by group,
//! percentiles of the quality measures by group, and processor time.
//!
//! `cargo run -p mpaka-models --example faces -- ../shared/vectors/faces`

use models::Folder;
use models::face::{FaceEngine, FaceView};
use page::Picture;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::path::PathBuf;

struct Entry {
    identity: String,
    group: String,
    view: FaceView,
}

fn cpu_ms() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 / 1e6
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(
        std::env::args()
            .nth(1)
            .ok_or("name the folder with index.csv")?,
    );
    let engine = FaceEngine::load(&Folder::resolve(None)?)?;
    let index = std::fs::read_to_string(root.join("index.csv"))?;
    let (mut entries, mut unreadable, mut decode_ms, mut view_ms) = (Vec::new(), 0, 0.0, 0.0);
    let mut seen = 0;
    for line in index.lines().skip(1) {
        let [path, identity, group] = line.split(',').collect::<Vec<_>>()[..] else {
            continue;
        };
        let before = cpu_ms();
        let Ok(picture) = Picture::open(&root.join(path)) else {
            unreadable += 1;
            continue;
        };
        decode_ms += cpu_ms() - before;
        let before = cpu_ms();
        let view = engine.view(&picture)?;
        view_ms += cpu_ms() - before;
        seen += 1;
        if let Some(obstacle) = view.inspection.obstacle {
            println!("not acquired: {path}: {obstacle}");
        }
        entries.push(Entry {
            identity: identity.to_owned(),
            group: group.to_owned(),
            view,
        });
    }
    let n = f64::from(seen);
    println!(
        "{seen} pictures, {unreadable} unreadable; {:.1} ms decode, {:.1} ms view each (CPU)",
        decode_ms / n,
        view_ms / n
    );
    rates(&entries);
    percentiles(&entries);
    Ok(())
}

/// Genuine and impostor cosines of one group.
#[derive(Default)]
struct Scores {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

fn rates(entries: &[Entry]) {
    let mut groups: BTreeMap<&str, Scores> = BTreeMap::new();
    for (i, a) in entries.iter().enumerate() {
        for b in &entries[..i] {
            let (Some(ta), Some(tb)) = (&a.view.template, &b.view.template) else {
                continue;
            };
            let score = ta.cosine(tb).unwrap_or(-1.0);
            let mut keys = vec!["all"];
            if a.group == b.group {
                keys.push(&a.group);
            }
            for key in keys {
                let scores = groups.entry(key).or_default();
                if a.identity == b.identity {
                    scores.genuine.push(score);
                } else {
                    scores.impostor.push(score);
                }
            }
        }
    }
    for scores in groups.values_mut() {
        scores.impostor.sort_by(|a, b| b.total_cmp(a));
    }
    // The lowest threshold at which no more than `share` of the impostors match.
    let at = |scores: &Scores, share: f64| {
        scores
            .impostor
            .get((scores.impostor.len() as f64 * share) as usize)
            .map_or(1.0, |s| s + 1e-6)
    };
    let worst = |share| groups.values().map(|s| at(s, share)).fold(-1.0, f32::max);
    let mut thresholds = vec![("policy".to_owned(), 0.45f32), ("policy".to_owned(), 0.36)];
    for share in [1e-3, 1e-4] {
        thresholds.push((format!("FMR {share} overall"), at(&groups["all"], share)));
        thresholds.push((format!("FMR {share} in the worst group"), worst(share)));
    }
    for (name, threshold) in thresholds {
        println!("threshold {threshold:.3} ({name})");
        for (group, scores) in &groups {
            let rate = |values: &[f32], matches: bool| {
                let count = values
                    .iter()
                    .filter(|s| (**s >= threshold) == matches)
                    .count();
                count as f64 / values.len().max(1) as f64
            };
            println!(
                "    {group:18} FNMR {:6.2} % of {:5}   FMR {:.6} of {}",
                100.0 * rate(&scores.genuine, false),
                scores.genuine.len(),
                rate(&scores.impostor, true),
                scores.impostor.len(),
            );
        }
    }
}

fn percentiles(entries: &[Entry]) {
    let mut values: BTreeMap<(&str, &str), Vec<f32>> = BTreeMap::new();
    let mut poor: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for entry in entries {
        for measure in entry.view.inspection.quality.measures() {
            let key = (measure.name, entry.group.as_str());
            values.entry(key).or_default().push(measure.value);
            *poor.entry(key).or_default() += u32::from(measure.guidance.is_some());
        }
    }
    println!("quality: 1st, 5th, 50th, 95th, 99th percentile; share called poor");
    for ((name, group), values) in &mut values {
        values.sort_by(f32::total_cmp);
        let at = |p: f64| values[((values.len() - 1) as f64 * p).round() as usize];
        println!(
            "    {name:24} {group:18} {:9.4} {:9.4} {:9.4} {:9.4} {:9.4}   {:.1} %",
            at(0.01),
            at(0.05),
            at(0.5),
            at(0.95),
            at(0.99),
            100.0 * f64::from(poor[&(*name, *group)]) / values.len() as f64
        );
    }
}
