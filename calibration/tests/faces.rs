//! The evaluation through its public doors: tables, rates counted by hand, the report, and the program itself.
#![allow(clippy::unwrap_used, clippy::panic)]

use calibration::CalibrationError;
use calibration::faces::{
    Acquisition, Comparison, Evidence, Figures, Listing, Taken, Trial, html, quality, threshold_at,
};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;

fn table(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn an_index_names_persons_and_groups_once_and_finds_pictures_beside_itself() {
    let (folder, path) =
        table("group,path,identity\nnorth,a/1.jpg,Ana\n,a/2.jpg,Ana\nnorth,/b.jpg,Ben\n");
    let listing = Listing::index(&path).unwrap();
    assert_eq!(listing.groups, ["north"]);
    let subjects: Vec<_> = listing.samples.iter().map(|s| s.subject).collect();
    assert_eq!(subjects, [0, 0, 1]);
    let groups: Vec<_> = listing.samples.iter().map(|s| s.group).collect();
    assert_eq!(groups, [Some(0), None, Some(0)]);
    assert_eq!(listing.samples[0].path, folder.path().join("a/1.jpg"));
    assert_eq!(listing.samples[2].path, Path::new("/b.jpg"));
}

#[test]
fn tables_that_cannot_be_used_say_where() {
    let refused = |text: &str, read: fn(&Path) -> Result<Listing, CalibrationError>| {
        let (_folder, path) = table(text);
        read(&path).unwrap_err()
    };
    let pairs = Listing::pairs as fn(&Path) -> _;
    let index = Listing::index as fn(&Path) -> _;
    for (text, read, place, word) in [
        ("path,who\na,b\n", index, 0, "identity"),
        ("path,identity\na,x\nb,\n", index, 2, "identity"),
        ("a,b\nx,y\n", pairs, 0, "same"),
        ("a,b,same\nx,y,perhaps\n", pairs, 1, "same"),
    ] {
        match refused(text, read) {
            CalibrationError::Row { row, why, .. } => {
                assert_eq!(row, place, "{text}");
                assert!(why.contains(word), "{why}");
            }
            other => panic!("{text}: {other}"),
        }
    }
    assert!(matches!(
        refused("path,identity\na,b,c,d\n", index),
        CalibrationError::Table { .. }
    ));
    let absent = Listing::index(Path::new("/nowhere/index.csv")).unwrap_err();
    assert_eq!(absent.exit_code(), 3);
}

#[test]
fn pairs_count_each_picture_once() {
    let (_folder, path) = table("a,b,same\nx,y,1\ny,z,no\n");
    let listing = Listing::pairs(&path).unwrap();
    assert_eq!(listing.samples.len(), 3);
}

/// Two groups of two persons; scores chosen by hand.
fn trial() -> Trial {
    let one = |score, a, b, group| Comparison {
        score,
        subjects: [a, b],
        group,
        mated: a == b,
    };
    Trial {
        groups: vec!["north".into(), "south".into()],
        acquisition: vec![
            Acquisition {
                samples: 9,
                failures: 1,
            };
            3
        ],
        comparisons: vec![
            one(0.9, 0, 0, Some(0)),
            one(0.3, 1, 1, Some(0)),
            one(0.8, 2, 2, Some(1)),
            one(0.7, 3, 3, Some(1)),
            one(0.1, 0, 1, Some(0)),
            one(0.2, 0, 1, Some(0)),
            one(0.6, 2, 3, Some(1)),
            one(0.1, 2, 3, Some(1)),
            one(0.0, 0, 2, None),
            one(0.4, 1, 3, None),
        ],
        ..Trial::default()
    }
}

#[test]
fn rates_are_those_counted_by_hand() {
    let trial = trial();
    let point = Figures::of(&trial).at("half", 0.5);
    let counted: Vec<_> = point
        .groups
        .iter()
        .map(|g| (&*g.group, g.fmr.errors, g.fmr.of, g.fnmr.errors, g.fnmr.of))
        .collect();
    assert_eq!(
        counted,
        [
            ("all", 1, 6, 1, 4),
            ("north", 0, 2, 1, 2),
            ("south", 1, 2, 0, 2)
        ]
    );
    for group in &point.groups {
        for rate in [group.fmr, group.fnmr] {
            assert!(
                rate.low <= rate.value && rate.value <= rate.high,
                "{rate:?}"
            );
        }
    }
    // No error among two comparisons says next to nothing.
    assert_eq!(point.groups[1].fmr.high, 1.0);
}

#[test]
fn who_is_not_acquired_is_rejected_and_does_not_fail_to_match() {
    let mut trial = trial();
    // One of everybody's mated pairs, in the south.
    trial.not_acquired = vec![1, 0, 1];
    let point = Figures::of(&trial).at("half", 0.5);
    let rates: Vec<_> = point.groups.iter().map(|g| (g.fnmr.value, g.frr)).collect();
    assert_eq!(rates, [(0.25, 0.4), (0.5, 0.5), (0.0, 1.0 / 3.0)]);
}

#[test]
fn a_score_at_the_threshold_matches() {
    let trial = trial();
    let fmr = |threshold| Figures::of(&trial).at("", threshold).groups[0].fmr.errors;
    assert_eq!(fmr(0.6), 1);
    assert_eq!(fmr(0.6f32.next_up()), 0);
}

#[test]
fn the_group_with_the_most_false_matches_sets_the_threshold() {
    let trial = trial();
    let figures = Figures::of(&trial);
    // Of everybody's six scores one may match; of each group's two none may.
    let (threshold, group, evidence) = figures.worst_group(0.2);
    assert_eq!((group, evidence), ("south", Evidence::TooFew));
    assert_eq!(threshold, 0.6f32.next_up());
    assert_eq!(figures.overall(0.2), 0.4f32.next_up());
}

#[test]
fn what_a_number_of_comparisons_carries() {
    assert_eq!(Evidence::of(2_999, 1e-3), Evidence::TooFew);
    assert_eq!(Evidence::of(3_000, 1e-3), Evidence::RuleOf3);
    assert_eq!(Evidence::of(30_000, 1e-3), Evidence::RuleOf30);
}

proptest! {
    /// No more than the share match at the threshold, and just below it more would.
    #[test]
    fn the_threshold_is_the_lowest_that_keeps_the_share(
        scores in proptest::collection::vec(-1.0f32..1.0, 1..200),
        share in 0.0001f64..0.9999,
    ) {
        let threshold = threshold_at(&scores, share);
        let matching = |t: f32| scores.iter().filter(|s| **s >= t).count() as f64;
        let all = scores.len() as f64;
        prop_assert!(matching(threshold) <= all * share);
        prop_assert!(matching(threshold.next_down()) > all * share);
    }
}

#[test]
fn more_persons_give_a_narrower_interval() {
    let of = |persons: u32| {
        let comparisons = (0..persons).flat_map(|person| {
            // Every fifth person fails, with all their pictures: what a count of comparisons would hide.
            let score = if person % 5 == 0 { 0.1 } else { 0.9 };
            (0..20).map(move |_| Comparison {
                score,
                subjects: [person, person],
                group: None,
                mated: true,
            })
        });
        let trial = Trial {
            comparisons: comparisons.collect(),
            ..Trial::default()
        };
        let rate = Figures::of(&trial).at("", 0.5).groups[0].fnmr;
        assert!((rate.value - 0.2).abs() < 1e-9);
        rate.high - rate.low
    };
    let (few, many) = (of(20), of(500));
    // The standard deviation of a share of 0.2 over 20 persons is 0.089, over 500 it is 0.018.
    assert!((0.25..0.45).contains(&few), "{few}");
    assert!((0.05..0.09).contains(&many), "{many}");
}

#[test]
fn without_an_error_persons_carry_the_bound_and_not_how_often_they_were_compared() {
    // Twenty persons: each compared with itself thirty times, and all of them with one another.
    let comparisons = (0..20u32).flat_map(|a| {
        let own = (0..30).map(move |_| (a, a));
        own.chain((0..a).map(move |b| (a, b)))
    });
    let trial = Trial {
        comparisons: comparisons
            .map(|(a, b)| Comparison {
                score: if a == b { 0.9 } else { 0.1 },
                subjects: [a, b],
                group: None,
                mated: a == b,
            })
            .collect(),
        ..Trial::default()
    };
    let point = Figures::of(&trial).at("", 0.5);
    let figures = &point.groups[0];
    assert_eq!((figures.fnmr.of, figures.fmr.of), (600, 190));
    // The rule of three: 3 over 20 persons, and over the 10 pairs that they make at most.
    assert!((figures.fnmr.high - 3.0 / 20.0).abs() < 1e-12);
    assert!((figures.fmr.high - 3.0 / 10.0).abs() < 1e-12);
}

#[test]
fn quality_is_counted_by_group() {
    let taken = |value: u16, group, poor| Taken {
        measure: "sharpness",
        group,
        value: f32::from(value),
        poor,
    };
    let mut trial = trial();
    trial.quality = (0..=100).map(|v| taken(v, Some(0), v < 25)).collect();
    trial.quality.push(taken(7, None, true));
    let figures = quality(&trial);
    let groups: Vec<_> = figures.iter().map(|f| &*f.group).collect();
    assert_eq!(groups, ["all", "north"]);
    assert_eq!(figures[1].percentiles, [1.0, 5.0, 50.0, 95.0, 99.0]);
    assert!((figures[1].poor - 25.0 / 101.0).abs() < 1e-9);
    assert!((figures[0].poor - 26.0 / 102.0).abs() < 1e-9);
}

#[test]
fn the_report_stands_alone_and_names_nobody() {
    let trial = trial();
    let points = [Figures::of(&trial).at("half", 0.5)];
    let report = html(&trial, &points, jiff::Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(report.matches("<svg").count(), 3);
    assert!(report.contains("north") && report.contains("1970-01-01"));
    // Nothing is loaded from elsewhere: the namespace of SVG is a name, not an address.
    let without_names = report.replace("http://www.w3.org/", "");
    assert!(!without_names.contains("http") && !without_names.contains("src="));
}

fn calibrate(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_mpaka-calibrate"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_program_answers_in_the_contract_s_codes() {
    assert_eq!(calibrate(&["evaluate", "faces"]).status.code(), Some(2));
    assert_eq!(
        calibrate(&["thresholds", "--index", "x.csv", "--fmr", "2"])
            .status
            .code(),
        Some(2)
    );
    let absent = calibrate(&["evaluate", "faces", "--index", "/nowhere/index.csv"]);
    assert_eq!(absent.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&absent.stderr).contains("/nowhere/index.csv"));
    let (_folder, path) = table("path,identity\na.jpg,x\n");
    let index = path.to_str().unwrap();
    let no_models = calibrate(&["--models", "/nowhere", "thresholds", "--index", index]);
    assert_eq!(no_models.status.code(), Some(4));
}

/// The portraits of the demonstration, as `mpaka-models fetch` brings them.
fn portraits() -> Option<PathBuf> {
    let folder = models::Folder::resolve(None).ok()?;
    let portraits = folder.path().join("portraits");
    portraits.is_dir().then_some(portraits)
}

#[test]
fn real_portraits_are_evaluated_and_thresholds_become_a_policy() {
    let Some(portraits) = portraits() else {
        eprintln!("skipped: the models or portraits are absent");
        return;
    };
    let rows = [
        ("obama", "x"),
        ("obama2", "x"),
        ("obama3", "x"),
        ("biden", "y"),
    ];
    let rows = rows.map(|(file, person)| {
        format!(
            "{},{person},g\n",
            portraits.join(file).with_extension("jpg").display()
        )
    });
    let (folder, path) = table(&format!(
        "path,identity,group\n{}nothing.jpg,z,g\n",
        rows.concat()
    ));
    let index = path.to_str().unwrap();
    let report = folder.path().join("report.html");
    let answer = calibrate(&[
        "--json",
        "evaluate",
        "faces",
        "--index",
        index,
        "--out",
        report.to_str().unwrap(),
    ]);
    assert!(answer.status.success(), "{answer:?}");
    let object: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(object["mated"], 3);
    assert_eq!(object["non_mated"], 3);
    assert_eq!(object["unreadable"], 1);
    // The shipped threshold tells these two persons apart.
    assert_eq!(object["points"][0]["groups"][0]["fmr"]["errors"], 0);
    assert_eq!(object["points"][0]["groups"][0]["fnmr"]["errors"], 0);
    let html = std::fs::read_to_string(report).unwrap();
    assert!(!html.contains("obama") && !html.contains("biden"));

    let policy = folder.path().join("policy.json");
    let set = calibrate(&[
        "thresholds",
        "--index",
        index,
        "--out",
        policy.to_str().unwrap(),
    ]);
    assert!(set.status.success(), "{set:?}");
    let policy: rules::Policy = serde_json::from_slice(&std::fs::read(policy).unwrap()).unwrap();
    assert!((0.1..0.7).contains(&policy.face_successful));
    assert!(policy.face_undetermined <= policy.face_successful);
    assert!(String::from_utf8_lossy(&set.stdout).contains("too few comparisons"));
}
