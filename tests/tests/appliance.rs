//! The whole appliance through its real programs: the demo's day, and what must not shake it.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::demo::{Day, Verdict};
use mpaka_tests::whole::scenarios::{LISTED_DOCUMENTS, LISTED_PERSONS};
use mpaka_tests::whole::{Desk, Headquarters, Post, Programs, WholeError, models_or_skip};
use std::path::Path;

/// A day up to the opening of the lane; none, said aloud, where the models are absent.
fn day(folder: &Path) -> Option<Day> {
    let models = models_or_skip()?;
    let programs = Programs::beside_this().unwrap();
    Some(Day::prepare(&programs, folder, &models, |_| {}).unwrap())
}

/// The desk of a new officer, signed in.
fn desk_of(day: &Day) -> Desk {
    let (officer, pin) = ("a.officer", "246810");
    day.post().add_officer(officer, pin).unwrap();
    Desk::open(day.post(), &day.scenes(), None, officer, pin).unwrap()
}

fn ended(result: Result<impl std::fmt::Debug, WholeError>) -> (Option<i32>, String) {
    match result {
        Err(WholeError::Ended { code, stderr, .. }) => (code, stderr),
        other => panic!("expected a refusal: {other:?}"),
    }
}

#[test]
fn every_traveller_of_the_demo_is_advised_rightly_and_every_record_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut day) = day(folder.path()) else {
        return;
    };
    let scenarios = day.scenarios();
    for scenario in &scenarios {
        let seen = day.inspect(scenario).unwrap();
        assert_eq!(
            seen.verdict,
            Verdict::AsExpected,
            "{}: {seen:?}",
            scenario.name
        );
    }
    let before = day.post().outbox().unwrap();
    assert_eq!(before["waiting"], scenarios.len());
    let outbox = day.upload().unwrap();
    assert_eq!(
        (outbox.parcels, outbox.receipts, outbox.waiting),
        (scenarios.len() as u64, scenarios.len() as u64, 0)
    );
    // What headquarters opens is what the post saw.
    let parcels = day.headquarters().parcels().unwrap();
    assert_eq!(parcels.len(), scenarios.len());
    let text = serde_json::to_string(&parcels).unwrap();
    let protected = serde_json::to_string(&day.headquarters().protected().unwrap()).unwrap();
    for scenario in scenarios.iter().filter(|s| s.name != "9-unreadable") {
        // A refugee's record opens to those who look after protection, and to nobody else.
        let (there, elsewhere) = match scenario.name == "b-refugee" {
            true => (&protected, &text),
            false => (&text, &protected),
        };
        assert!(
            there.contains(scenario.number),
            "{} did not arrive",
            scenario.name
        );
        assert!(!elsewhere.contains(scenario.number), "{}", scenario.name);
    }
    // Sending again sends nothing and doubles nothing.
    let again = day.upload().unwrap();
    assert_eq!(again.parcels, outbox.parcels);
    assert_eq!(day.headquarters().parcels().unwrap().len(), scenarios.len());
}

#[test]
fn an_edition_of_another_root_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(day) = day(folder.path()) else {
        return;
    };
    let active = |post: &Post| {
        let output = post
            .command()
            .args(["--json", "editions", "list"])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let before = active(day.post());
    let programs = Programs::beside_this().unwrap();
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let impostor = Headquarters::ceremony(&programs, &other).unwrap();
    let repository = other.join("repository");
    // Its second edition carries a higher number than the one in force.
    for documents in [LISTED_DOCUMENTS, "number,state,type,entry\nU1,UTO,P,E1\n"] {
        impostor
            .publish(LISTED_PERSONS, documents, &repository)
            .unwrap();
    }
    let (code, says) = ended(day.post().take_edition(&repository));
    assert_eq!(code, Some(3), "{says}");
    assert!(says.contains("not signed by the headquarters"), "{says}");
    assert_eq!(active(day.post()), before);
}

#[test]
fn a_record_sealed_for_another_headquarters_is_refused_and_stays_in_the_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let Some(day) = day(folder.path()) else {
        return;
    };
    day.inspect(&day.scenarios()[0]).unwrap();
    let programs = Programs::beside_this().unwrap();
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let stranger = Headquarters::ceremony(&programs, &other).unwrap();
    // Even one that knows the box's signing key cannot take what was sealed for another.
    stranger
        .enrol(&day.post().state().join("device-public.json"))
        .unwrap();
    let receiver = stranger.receive().unwrap();
    let (code, says) = ended(day.post().upload(&receiver.url));
    assert!(matches!(code, Some(3 | 4)), "{code:?} {says}");
    assert_eq!(day.post().outbox().unwrap()["waiting"], 1);
    assert!(stranger.parcels().unwrap().is_empty());
}

#[test]
fn headquarters_that_is_away_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut day) = day(folder.path()) else {
        return;
    };
    day.inspect(&day.scenarios()[0]).unwrap();
    // A port that no system gives out by itself, and on which nobody listens.
    let (code, says) = ended(day.post().upload("http://127.0.0.1:1"));
    assert_eq!(code, Some(4), "{says}");
    assert_eq!(day.post().outbox().unwrap()["waiting"], 1);
    assert_eq!(day.upload().unwrap().waiting, 0);
}

#[test]
fn a_second_desk_on_the_same_box_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(day) = day(folder.path()) else {
        return;
    };
    let desk = desk_of(&day);
    let second = day
        .post()
        .command()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(4));
    let says = String::from_utf8_lossy(&second.stderr);
    assert!(says.contains("in use"), "{says}");
    // The first still works.
    assert_eq!(desk.inspect("1-right-person").unwrap().advice, "Clear");
}

#[test]
fn a_full_disk_refuses_the_encounter_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut day) = day(folder.path()) else {
        return;
    };
    day.inspect(&day.scenarios()[0]).unwrap();
    let Some(small) = SmallDisk::mount(&folder.path().join("small")) else {
        eprintln!("skipped: mounting a small tmpfs needs root");
        return;
    };
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .arg(day.post().state())
        .arg(&small.0)
        .status()
        .unwrap();
    assert!(copied.success());
    let post = day.post().moved_to(&small.0.join("state"));
    // Everything that is left is taken away.
    let ballast = small.0.join("ballast");
    let _ = std::process::Command::new("dd")
        .args(["if=/dev/zero", "bs=4096", "status=none"])
        .arg(format!("of={}", ballast.display()))
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    let scene = day.scene(&day.scenarios()[0]);
    let (code, says) = ended(post.inspect(&scene));
    assert_eq!(code, Some(4), "{says}");
    assert!(says.to_lowercase().contains("full"), "{says}");
    // Given room again, the box goes on where it was: one encounter, a ledger that verifies.
    std::fs::remove_file(ballast).unwrap();
    post.verify_ledger().unwrap();
    assert_eq!(post.outbox().unwrap()["waiting"], 1);
    post.inspect(&scene).unwrap();
    assert_eq!(post.outbox().unwrap()["waiting"], 2);
    drop(small);
    assert_eq!(day.upload().unwrap().waiting, 0);
}

/// A tmpfs of 8 MiB; unmounted when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        mounted
            .is_ok_and(|s| s.success())
            .then(|| Self(at.to_path_buf()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn power_cut_between_decision_and_upload_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut day) = day(folder.path()) else {
        return;
    };
    let mut desk = desk_of(&day);
    let inspected = desk.inspect("1-right-person").unwrap();
    let encounter = desk.decide(&inspected.inspection, "Admit", None).unwrap();
    desk.kill();
    assert_eq!(day.upload().unwrap().receipts, 1);
    let parcels = day.headquarters().parcels().unwrap();
    assert_eq!(parcels.len(), 1);
    assert!(encounter.ends_with("/000001"), "{encounter}");
    assert!(serde_json::to_string(&parcels).unwrap().contains("Admit"));
}
