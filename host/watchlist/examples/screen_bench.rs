//! Measures the search: recall of queries whose entry is known, candidates of travellers who are not listed, time.
//!
//! `screen_bench PERSONS.jsonl QUERIES.tsv [COPIES]`: entries as JSON lines; queries with the columns `entry` (empty
//! for a traveller who is not listed), `surname`, `given`, `birth`, `sex`, `nationality`. COPIES > 1 lists every person
//! so many times under other entries and shuffled names, to measure size and time.

use jiff::civil::date;
use mpaka_watchlist::build::{EditionBuilder, EditionHeader};
use mpaka_watchlist::{Edition, ListedName, PersonEntry, Query};
use rules::mrz::Sex;
use rules::{EditionNumber, EntryId, Policy};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(persons), Some(queries)) = (arguments.next(), arguments.next()) else {
        return Err("usage: screen_bench PERSONS.jsonl QUERIES.tsv [COPIES]".into());
    };
    let copies: usize = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let persons: Vec<PersonEntry> = std::fs::read_to_string(persons)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("edition");
    let start = Instant::now();
    build(&persons, copies)?.write(
        &folder,
        &EditionHeader {
            number: EditionNumber(1),
            made_at: "2026-01-01T00:00:00Z".parse()?,
            expires_at: "2026-02-01T00:00:00Z".parse()?,
            sources: vec![],
        },
    )?;
    println!("built in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let edition = Edition::open(&folder)?;
    println!(
        "{} persons, opened in {:.0} ms",
        edition.info().persons,
        start.elapsed().as_secs_f64() * 1e3
    );

    let policy = Policy::default();
    let mut kinds: BTreeMap<String, (u32, u32, u32)> = BTreeMap::new();
    let (mut times, mut retrieval) = (Vec::new(), Vec::new());
    let mut brought_up = 0;
    let show = std::env::var_os("SHOW_MISSES").is_some();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .from_path(queries)?;
    for row in reader.records() {
        let row = row?;
        let query = Query {
            birth: row[4].parse()?,
            sex: Sex::of_word(&row[5]),
            nationality: row[6].to_owned(),
            ..Query::by_name(&row[2], &row[3], date(2026, 1, 5))
        };
        let start = cpu_ms()?;
        let found = edition.search(&query, &policy)?;
        times.push(cpu_ms()? - start);
        let start = cpu_ms()?;
        brought_up += edition.names_brought_up(&query)?;
        retrieval.push(cpu_ms()? - start);
        let counts = kinds.entry(row[0].to_owned()).or_default();
        counts.0 += 1;
        let hit = found.iter().any(|c| c.entry.as_str() == &row[1]);
        counts.1 += u32::from(hit);
        counts.2 += u32::from(!found.is_empty());
        if show && (row[1].is_empty() != found.is_empty() || !row[1].is_empty() && !hit) {
            eprintln!("{row:?} {:?}", found.first());
        }
    }
    for (kind, (asked, hits, any)) in kinds {
        println!(
            "{kind:20} {asked:6} queries, entry found {:.4}, any candidate {:.4}",
            f64::from(hits) / f64::from(asked),
            f64::from(any) / f64::from(asked)
        );
    }
    println!(
        "names brought up to be compared: {:.0} a query",
        brought_up as f64 / times.len().max(1) as f64
    );
    let scoring: Vec<f64> = times.iter().zip(&retrieval).map(|(t, r)| t - r).collect();
    for (what, mut times) in [
        ("whole search", times),
        ("candidate retrieval", retrieval),
        ("scoring", scoring),
    ] {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            times
                .get((times.len() as f64 * share) as usize)
                .copied()
                .unwrap_or_default()
        };
        println!(
            "{what}: processor time over {} queries: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms",
            times.len(),
            at(0.5),
            at(0.95),
            at(0.99)
        );
    }
    if let Some(line) = std::fs::read_to_string("/proc/self/status")?
        .lines()
        .find(|l| l.starts_with("VmRSS"))
    {
        println!("{line}");
    }
    Ok(())
}

/// Processor time of this thread, in milliseconds: other programs on the machine do not count.
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Ok(now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6)
}

/// The persons, and for further copies their names with the words of one person's names put to another's.
fn build(persons: &[PersonEntry], copies: usize) -> Result<EditionBuilder, Box<dyn Error>> {
    let mut builder = EditionBuilder::new();
    for copy in 0..copies {
        for (n, person) in persons.iter().enumerate() {
            let mut person = person.clone();
            if copy > 0 {
                person.entry = EntryId::new(format!("C{copy}-{n}"))?;
                let other = &persons[(n * 7 + copy * 131) % persons.len()];
                let words = |p: &PersonEntry| p.names[0].text.replace(',', " ");
                let (mine, theirs) = (words(&person), words(other));
                let half: Vec<&str> = mine
                    .split_whitespace()
                    .step_by(2)
                    .chain(theirs.split_whitespace().step_by(2))
                    .collect();
                person.names = vec![ListedName::primary(half.join(" "))];
                person.documents.clear();
            }
            builder.add_person(person)?;
        }
    }
    Ok(builder)
}
