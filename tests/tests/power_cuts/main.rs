//! Power cuts during decisions: SIGKILL to the real desk at random instants around an officer's
//! decision, with a witness outside who notes what the desk acknowledged. Nothing acknowledged may be
//! lost, nothing may arrive twice, and the ledger must verify.
//!
//! Here a cut costs a whole inspection with pictures: `MPAKA_POWER_CUTS` sets how many (default 20; the long form
//! is 200). [`from_paper`] does without pictures, and cuts by the thousand.
#![allow(clippy::unwrap_used, clippy::panic)]

mod from_paper;

use mpaka_tests::utopia::Seed;
use mpaka_tests::whole::demo::Day;
use mpaka_tests::whole::{Desk, Programs, models_or_skip};
use rand::RngExt;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

#[test]
fn no_acknowledged_decision_is_lost_and_none_arrives_twice() {
    let Some(models) = models_or_skip() else {
        return;
    };
    let cuts: u64 = std::env::var("MPAKA_POWER_CUTS")
        .ok()
        .map_or(20, |n| n.parse().expect("MPAKA_POWER_CUTS is a number"));
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this().unwrap();
    let mut day = Day::prepare(&programs, folder.path(), &models, |_| {}).unwrap();
    day.post().add_officer("w.itness", "135790").unwrap();
    let scenes: Vec<String> = day.scenarios().iter().map(|s| s.name.to_owned()).collect();
    let mut random = Seed(20_261_123).stream("power cuts");
    let mut acknowledged = BTreeSet::new();

    let open = |cut: u64| {
        Desk::open(day.post(), &day.scenes(), None, "w.itness", "135790")
            .unwrap_or_else(|e| panic!("the desk does not start after cut {cut}: {e}"))
    };

    // How long a decision takes on this machine today, uncut: the cuts fall before, within and after that.
    let desk = open(0);
    let inspected = desk.inspect(&scenes[0]).unwrap();
    let begun = Instant::now();
    let first = desk.decide(&inspected.inspection, "Hold", Some("instructed"));
    let span = begun
        .elapsed()
        .clamp(Duration::from_millis(4), Duration::from_secs(2))
        * 2;
    assert!(acknowledged.insert(first.unwrap()));
    drop(desk);

    for cut in 1..=cuts {
        let mut desk = open(cut);
        let scene = &scenes[random.random_range(0..scenes.len())];
        let inspected = desk.inspect(scene).unwrap();
        // Some at once, some just after the acknowledgement, most somewhere around the decision.
        let delay = match cut % 5 {
            0 => None,
            1 => Some(Duration::ZERO),
            _ => Some(span.mul_f64(random.random_range(0.0..1.0))),
        };
        let answer = std::thread::scope(|scope| {
            let id = desk.id();
            let deciding = scope
                .spawn(|| desk.decide(&inspected.inspection, "Refer", Some("document_examined")));
            match delay {
                Some(delay) => std::thread::sleep(delay),
                None => {
                    while !deciding.is_finished() {
                        std::thread::sleep(Duration::from_micros(100));
                    }
                }
            }
            let killed = std::process::Command::new("kill")
                .args(["-KILL", &id.to_string()])
                .status()
                .unwrap();
            assert!(killed.success());
            deciding.join().unwrap()
        });
        desk.kill();
        if let Ok(encounter) = answer {
            assert!(!encounter.is_empty());
            assert!(
                acknowledged.insert(encounter),
                "an encounter's id came twice"
            );
        }
    }

    let after_cuts = acknowledged.len() as u64 - 1;
    assert!(
        (1..cuts).contains(&after_cuts),
        "{after_cuts} of {cuts} decisions were acknowledged: the cuts miss the decisions"
    );
    let outbox = day.upload().unwrap();
    assert_eq!(outbox.waiting, 0);
    assert_eq!(outbox.receipts, outbox.parcels);
    let arrived: Vec<String> = day
        .headquarters()
        .parcels()
        .unwrap()
        .iter()
        .map(|p| {
            format!(
                "{}/{:06}",
                p["post"].as_str().unwrap(),
                p["sequence"].as_u64().unwrap()
            )
        })
        .collect();
    let once: BTreeSet<String> = arrived.iter().cloned().collect();
    assert_eq!(arrived.len(), once.len(), "a parcel arrived twice");
    assert_eq!(once.len() as u64, outbox.parcels);
    for encounter in &acknowledged {
        assert!(
            once.contains(encounter),
            "{encounter} was acknowledged and is lost"
        );
    }
    println!(
        "power cuts {cuts}, acknowledged {}, arrived {}, ledger lines {}",
        acknowledged.len(),
        arrived.len(),
        outbox.ledger_lines
    );
}
