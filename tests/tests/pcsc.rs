//! `mpaka chip read` over the real reader stack: `pcscd` with a virtual reader, Utopia's chip in it. Skipped,
//! and said so, where the stack cannot be started.
#![allow(clippy::unwrap_used, clippy::panic)]

use chip::files::FileId;
use mpaka_tests::utopia::chip::card::{Card, Fault, Holder};
use mpaka_tests::utopia::chip::files::dg2;
use mpaka_tests::utopia::chip::issuer::{State, state};
use mpaka_tests::utopia::vpcd::{READER, ReaderStack, StackError};
use mpaka_tests::whole::demo::Day;
use mpaka_tests::whole::{Programs, models_or_skip};
use std::ffi::OsStr;
use std::path::Path;
use std::process::Output;
use std::sync::{Mutex, PoisonError};

fn stack() -> Option<ReaderStack> {
    match ReaderStack::start() {
        Ok(stack) => Some(stack),
        Err(error @ (StackError::NoDriver | StackError::Busy | StackError::NotStarted(_))) => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn read(folder: &Path, state: &State, more: &[&str]) -> Output {
    let trust = folder.join("csca.cer");
    std::fs::write(&trust, &state.country.der).unwrap();
    Programs::beside_this()
        .unwrap()
        .mpaka()
        .args(["--json", "chip", "read", "--reader", READER])
        .args(["--at", "2026-06-01", "--trust"])
        .arg(&trust)
        .arg("--save")
        .arg(folder)
        .args(more)
        .output()
        .unwrap()
}

fn answer(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

const ZONE: [&str; 2] = ["--mrz", "L898902C,690806,940623"];

/// There can be one service of the kind at a time.
static STACK: Mutex<()> = Mutex::new(());

#[test]
fn an_inspection_reads_the_chip_as_soon_as_the_zone_is_known() {
    let _alone = STACK.lock().unwrap_or_else(PoisonError::into_inner);
    let (Some(stack), Some(models)) = (stack(), models_or_skip()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this().unwrap();
    let day = Day::prepare(&programs, folder.path(), &models, |_| {}).unwrap();
    let right = day
        .scenarios()
        .into_iter()
        .find(|s| s.name.contains("right"))
        .unwrap();
    let scene = day.scene(&right);
    let run = |words: &[&OsStr]| {
        let output = day
            .post()
            .command()
            .arg("--json")
            .args(words)
            .output()
            .unwrap();
        answer(&output)
    };
    let page = run(&["page".as_ref(), scene.page.as_os_str()]);
    let lines: Vec<&str> = page["mrz"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    let lines: [&str; 2] = lines.try_into().unwrap();
    let state = state();
    let trust = folder.path().join("csca.cer");
    std::fs::write(&trust, &state.country.der).unwrap();
    let live = std::fs::read(&scene.live).unwrap();
    let card = |holder| {
        let mut card = Card::of_passport(lines)
            .with_pace(2, 2, 13)
            .with_chip_authentication(13, 2, holder);
        card.put(FileId::Dg2, dg2(&live));
        card.issued_by(&state)
    };
    let inspect = || {
        run(&[
            "inspect".as_ref(),
            "--page".as_ref(),
            scene.page.as_os_str(),
            "--live".as_ref(),
            scene.live.as_os_str(),
            "--chip".as_ref(),
            "Utopia".as_ref(),
            "--trust".as_ref(),
            trust.as_os_str(),
        ])
    };
    let of = |seen: &serde_json::Value, check: &str| {
        let checks = seen["checks"].as_array().unwrap();
        let found = checks.iter().find(|c| c["check"] == check);
        found.unwrap_or_else(|| panic!("{check}: {seen}")).clone()
    };
    let inserted = stack.insert(card(Holder::Genuine));
    let seen = inspect();
    drop(inserted);
    for check in [
        "chip.access",
        "chip.access.pace",
        "chip.passive_authentication.chain",
        "chip.data_group_hashes",
        "chip.zone_agrees",
        "chip.authenticity",
        "face.match",
    ] {
        assert_eq!(of(&seen, check)["outcome"], "Successful", "{check}: {seen}");
    }
    // The chip's portrait is the reference.
    let reference = of(&seen, "face.reference");
    assert!(
        reference["detail"].as_str().unwrap().contains("chip"),
        "{seen}"
    );
    println!("timings: {}", seen["timings"]);

    let inserted = stack.insert(card(Holder::Clone));
    let seen = inspect();
    drop(inserted);
    assert_eq!(
        of(&seen, "chip.authenticity")["outcome"],
        "Failed",
        "{seen}"
    );
    assert_eq!(seen["advice"], "Refer", "{seen}");
}

#[test]
fn chips_in_a_virtual_reader_are_read_and_believed() {
    let _alone = STACK.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(stack) = stack() else { return };
    let state = state();
    let folder = tempfile::tempdir().unwrap();
    let pace = || Card::new(Fault::None).with_pace(2, 2, 13);
    let basic = || Card::new(Fault::None);
    for (access, card, more) in [
        ("PACE", pace(), ZONE),
        ("PACE", pace(), ["--can", "123456"]),
        ("BAC", basic(), ZONE),
    ] {
        let mut card = card.with_chip_authentication(13, 2, Holder::Genuine);
        card.put(
            FileId::Dg2,
            dg2(&[&[0xFF, 0xD8, 0xFF], &[0x55; 15_000][..]].concat()),
        );
        let inserted = stack.insert(card.issued_by(&state));
        let answer = answer(&read(folder.path(), &state, &more));
        assert_eq!(answer["access"], access, "{answer}");
        assert_eq!(answer["outcome"], "Successful", "{answer}");
        for file in ["COM", "SOD", "DG1", "DG2", "DG14"] {
            assert!(
                answer["files"][file]["bytes"].as_u64() > Some(20),
                "{answer}"
            );
        }
        assert!(answer["files"]["DG2"]["bytes"].as_u64() > Some(15_000));
        assert!(folder.path().join("EF_DG2.bin").is_file());
        println!(
            "{access}: {} ms, {} commands, {} ms of them waiting, {} ms of processor time",
            answer["ms"], answer["apdus"], answer["exchange_ms"], answer["cpu_ms"]
        );
        drop(inserted);
    }

    // A copy without its key, and another document's zone.
    let clone = basic().with_chip_authentication(13, 2, Holder::Clone);
    let inserted = stack.insert(clone.issued_by(&state));
    let told = answer(&read(folder.path(), &state, &ZONE));
    assert_eq!(told["outcome"], "Failed", "{told}");
    drop(inserted);
    let inserted = stack.insert(basic().issued_by(&state));
    let other = read(folder.path(), &state, &["--mrz", "L898902C,690806,940624"]);
    assert_eq!(other.status.code(), Some(3), "{other:?}");
    assert!(String::from_utf8_lossy(&other.stderr).contains("does not accept the key"));
    drop(inserted);
}
