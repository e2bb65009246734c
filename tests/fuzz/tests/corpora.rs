//! Every corpus through its entry: what the fuzzer once reached stays sound on every run.
#![allow(clippy::panic)]

use fuzz::{Answer, TARGETS, Target};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn seeds(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = folder().join(target.name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}"));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).expect("a seed can be read");
            (path, bytes)
        })
        .collect()
}

#[test]
fn every_corpus_belongs_to_an_entry() {
    let named: BTreeSet<String> = TARGETS.iter().map(|t| t.name.to_owned()).collect();
    let there: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the corpora are there")
        .map(|entry| {
            let name = entry.expect("the folder can be listed").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    assert_eq!(there, named);
}

#[test]
fn every_entry_understands_some_of_its_corpus() {
    for target in TARGETS {
        let seeds = seeds(target);
        let understood = seeds
            .iter()
            .filter(|(_, bytes)| (target.eat)(bytes) == Answer::Understood)
            .count();
        assert!(understood > 0, "{}: none of {}", target.name, seeds.len());
    }
}

/// Cut off and with one bit turned, at places all over each seed.
#[test]
fn no_seed_cut_or_bent_breaks_its_entry() {
    const PLACES: usize = 12;
    for target in TARGETS {
        for (path, bytes) in seeds(target) {
            for nth in 0..PLACES.min(bytes.len()) {
                let place = nth * bytes.len() / PLACES.min(bytes.len());
                let mut bent = bytes.clone();
                bent[place] ^= 1 << (nth % 8);
                for input in [&bytes[..place], &bent] {
                    let eaten = std::panic::catch_unwind(|| (target.eat)(input));
                    assert!(eaten.is_ok(), "{path:?}: cut or bent at {place}");
                }
            }
        }
    }
}
