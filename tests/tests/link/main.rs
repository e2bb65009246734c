//! A post and its headquarters over TLS: the real programs, the real client, and a link that fails.
#![allow(clippy::unwrap_used, clippy::panic)]

mod backup;
mod by_code;
mod proxy;
mod rights;
mod stick;

use jiff::Timestamp;
use mpaka_tests::whole::{Programs, Running};
use post::Appliance;
use post::lease::LeaseStanding;
use post::state::StateDir;
use post::sync::{Headquarters, UploadError};
use proxy::{Faults, Proxy};
use rules::encounter::DocumentRecord;
use rules::{
    Advice, Advised, Check, CheckId, DecisionKind, LaneId, OfficerAct, OfficerId, Outcome, PostId,
};
use seal::device::DeviceKey;
use seal::hq::HqPublic;
use seal::storekey::StoreKey;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::{EncounterDraft, Sealer, Store};

/// A headquarters and a box of it, admitted.
struct Border {
    programs: Programs,
    folder: tempfile::TempDir,
}

impl Border {
    fn new() -> Self {
        let border = Self {
            programs: Programs::beside_this().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        border.hq(&["ceremony", "--threshold", "2", "--keys", "3"]);
        border.enrol("NAMANGA", &border.state());
        border
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> PathBuf {
        self.path("box")
    }

    fn hq_command(&self) -> Command {
        let mut command = self.programs.mpaka_hq();
        command.arg("--state").arg(self.path("hq")).arg("--json");
        command
    }

    fn hq(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        answers(self.hq_command().args(arguments))
    }

    fn hq_refused(&self, arguments: &[&str], code: i32) {
        let output = self.hq_command().args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    }

    fn mpaka(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        answers(self.mpaka_command().args(arguments))
    }

    fn mpaka_command(&self) -> Command {
        let mut command = self.programs.mpaka();
        command.arg("--state").arg(self.state()).arg("--json");
        command
    }

    /// Both halves of an enrolment, as technician and central IT do them.
    fn enrol(&self, post: &str, state: &Path) {
        let here = |name: &str| self.path("hq").join(name);
        let admission = self.path(&format!("{post}.admission"));
        let mut enrol = self.programs.mpaka();
        enrol
            .arg("--state")
            .arg(state)
            .args(["enrol", "--post", post]);
        answers(enrol.arg("--hq-public").arg(here("hq-public.json")));
        answers(
            self.hq_command()
                .arg("enrol")
                .arg(state.join("device-public.json"))
                .arg("--admission")
                .arg(&admission),
        );
        let mut admit = self.programs.mpaka();
        admit
            .arg("--state")
            .arg(state)
            .args(["--json", "enrol", "--admission"]);
        let admitted = answers(admit.arg(&admission));
        assert_eq!(admitted[0]["post"], post);
    }

    /// Records encounters, as the desk would.
    fn record(&self, count: i64, detail: impl Fn(i64) -> String) -> usize {
        self.record_all((0..count).map(|n| draft(n, detail(n))))
    }

    fn record_all(&self, drafts: impl Iterator<Item = EncounterDraft>) -> usize {
        let state = self.state();
        let device = DeviceKey::open(&state.join("device.key")).unwrap();
        let hq = HqPublic::read(&state.join("hq-public.json")).unwrap();
        let key = StoreKey::open(&state.join("store.key")).unwrap();
        let post = PostId::new("NAMANGA").unwrap();
        let mut store = Store::open(&state, &key, &post).unwrap();
        let sealer = Sealer {
            device: &device,
            hq: &hq,
        };
        for draft in drafts {
            store.record(draft, &sealer).unwrap();
        }
        let parcels = store.next_batch(usize::MAX, &Default::default()).unwrap();
        parcels.iter().map(|p| p.to_bytes().len()).sum()
    }

    fn receive(&self, more: &[&str]) -> Receiver {
        self.serving("receive", more)
    }

    /// Starts a program of headquarters that listens.
    fn serving(&self, command: &str, more: &[&str]) -> Receiver {
        let port_file = self.path("port");
        let _ = std::fs::remove_file(&port_file);
        let mut program = self.hq_command();
        program
            .args([command, "--listen", "127.0.0.1:0", "--port-file"])
            .arg(&port_file)
            .args(more)
            .stderr(Stdio::null());
        let (running, port) = Running::start(&mut program, || {
            let text = std::fs::read_to_string(&port_file).ok()?;
            text.trim().parse().ok()
        })
        .unwrap();
        Receiver {
            _running: running,
            port,
        }
    }

    fn appliance(&self) -> Appliance {
        Appliance::open(&StateDir::new(self.state())).unwrap()
    }
}

/// Headquarters' receiving program, ended with the test.
struct Receiver {
    _running: Running,
    port: u16,
}

impl Receiver {
    fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }
}

fn answers(command: &mut Command) -> Vec<serde_json::Value> {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn draft(n: i64, detail: String) -> EncounterDraft {
    let at = Timestamp::now();
    let act = OfficerAct::new(OfficerId::new("a.officer").unwrap(), at);
    EncounterDraft {
        lane: LaneId::new("1").unwrap(),
        opened_at: at,
        recorded_at: at,
        document: Some(DocumentRecord {
            mrz: vec![format!("I<UTOD23145890{n:08}<<<<<<<")],
            mrz_before_correction: None,
        }),
        checks: CheckId::ALL
            .iter()
            .map(|id| Check::new(*id, Outcome::Successful, &detail))
            .collect(),
        face_score: Some(0.7),
        candidates: vec![],
        edition: None,
        advised: Advised {
            advice: Advice::Clear,
            reasons: vec![],
        },
        decision: Some(
            act.decide(DecisionKind::Admit, Advice::Clear, None)
                .unwrap(),
        ),
        circumstances: rules::Circumstances::default(),
        clearings: vec![],
        begun: None,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn headquarters(appliance: &Appliance, url: &str) -> Headquarters {
    let credentials = appliance.credentials().unwrap();
    Headquarters::at(url, credentials.as_ref()).unwrap()
}

/// Text that does not pack: a picture, or an attacker.
fn noise(n: i64, words: usize) -> String {
    let mut state = n.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..words)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            format!("{state:016x}")
        })
        .collect()
}

#[test]
fn everything_arrives_once_over_a_link_that_fails() {
    let border = Border::new();
    let count: i64 = std::env::var("MPAKA_LINK_PARCELS").map_or(300, |n| n.parse().unwrap());
    let rate: u64 =
        std::env::var("MPAKA_LINK_BYTES_A_SECOND").map_or(128 << 10, |n| n.parse().unwrap());
    // Mostly small ones; the second is larger than what one connection carries, and must not hold up the rest.
    let sealed = border.record(count, |n| match n {
        1 => noise(1, 200),
        n if n % 20 == 7 => noise(n, 40),
        n => noise(n, 2),
    });
    let receiver = border.receive(&[]);
    let proxy = Proxy::before(
        receiver.port,
        Faults {
            cut_after: 20_000,
            bytes_a_second: rate,
            silent_every: 7,
            lose_answer_every: 3,
            late_every: 50,
        },
    );
    let appliance = border.appliance();
    let hq = headquarters(&appliance, &format!("https://127.0.0.1:{}", proxy.port()));
    let mut failures = 0;
    runtime().block_on(async {
        loop {
            match hq.upload(&appliance).await {
                Ok(_) => break,
                Err(UploadError::Unreachable(_) | UploadError::NotTrusted(_)) => failures += 1,
                Err(e) => panic!("{e}"),
            }
            assert!(failures < 500, "it gets nowhere");
        }
    });
    assert_eq!(appliance.outbox().unwrap().waiting, 0);
    drop(appliance);
    let audit = border.hq(&["audit"]);
    for (what, expected) in [
        ("parcels", count),
        ("up_to", count),
        ("opened", count),
        ("gaps", 0),
        ("refused", 0),
    ] {
        assert_eq!(audit[0][what], expected, "{what}: {}", audit[0]);
    }
    let ratio = proxy.bytes() as f64 / sealed as f64;
    println!(
        "{count} parcels, {sealed} sealed bytes, {} on the wire both ways over {} connections (ratio {ratio:.3}), {failures} uploads failed on the way",
        proxy.bytes(),
        proxy.connections()
    );
    assert!(proxy.connections() > 5, "the link was too good");
    assert!(proxy.lost_answers() > 0, "no answer was lost");
    assert!(ratio <= 1.15, "{ratio}");
}

#[test]
fn an_admitted_box_works_while_headquarters_renews_its_lease() {
    let border = Border::new();
    border.record(3, |n| noise(n, 2));
    let receiver = border.receive(&[]);
    let sent = border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    assert_eq!(
        (&sent[0]["sent"], &sent[0]["waiting"]),
        (&3.into(), &0.into())
    );
    let verified = border.mpaka(&["ledger", "verify"]);
    assert_eq!(verified[0]["outcome"], "Successful");
    assert_eq!(
        verified[0]["checkpoints"], 1,
        "headquarters has counter-signed"
    );
    {
        let appliance = border.appliance();
        let standing = appliance.lease(Timestamp::now()).unwrap();
        assert!(matches!(standing, LeaseStanding::Good { .. }));
        // Eight days without a word; and with the clock turned back all the while.
        let later = Timestamp::now() + Duration::from_secs(8 * 24 * 3600);
        let lapsed = appliance.lease(later).unwrap();
        assert!(matches!(lapsed, LeaseStanding::Lapsed { .. }));
        assert!(lapsed.to_string().contains("call headquarters"));
        assert!(!lapsed.may_work());
    }
    drop(receiver);
    // A headquarters that gives no time: the box locks itself, for the officer in words, and loses nothing.
    let strict = border.receive(&["--lease-days", "0"]);
    border.mpaka(&["outbox", "upload", "--hq", &strict.url()]);
    let nothing = border.path("nothing.png");
    let refused = border
        .mpaka_command()
        .args(["inspect", "--page"])
        .arg(&nothing)
        .arg("--live")
        .arg(&nothing)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(4));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        said.contains("is locked since") && said.contains("paper"),
        "{said}"
    );
    // The door for scripts is locked as the desk is.
    let searched = border
        .mpaka_command()
        .args(["screen", "--name", "ERIKSSON"])
        .output()
        .unwrap();
    assert_eq!(searched.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&searched.stderr).contains("is locked since"));
    let doctor = border.mpaka(&["doctor"]);
    let lease = doctor.iter().find(|part| part["part"] == "lease").unwrap();
    assert_eq!(lease["outcome"], "Failed");
    drop(strict);
    // The clock turned back does not help: the ledger knows how late it is.
    {
        let appliance = border.appliance();
        let before = Timestamp::now() - Duration::from_secs(40 * 24 * 3600);
        assert!(!appliance.lease(before).unwrap().may_work());
    }
    // The next contact unlocks it.
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    assert!(
        border
            .appliance()
            .lease(Timestamp::now())
            .unwrap()
            .may_work()
    );
}

#[test]
fn a_box_believes_its_own_headquarters_and_no_other() {
    let border = Border::new();
    border.record(2, |n| noise(n, 2));
    let elsewhere = Border::new();
    let impostor = elsewhere.receive(&[]);
    let upload = |url: &str| {
        border
            .mpaka_command()
            .args(["outbox", "upload", "--hq", url])
            .output()
            .unwrap()
    };
    let refused = upload(&impostor.url());
    assert_eq!(refused.status.code(), Some(4));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("not this box's headquarters"), "{said}");
    // Plain HTTP to another machine is not even tried.
    let refused = upload("http://192.0.2.1:8471");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("this machine only"));
    assert_eq!(
        border.mpaka(&["outbox", "status"])[0]["waiting"],
        2,
        "nothing was erased"
    );
    // Another box's admission, another headquarters', and one altered on its way.
    border.enrol("BUSIA", &border.path("busia"));
    let altered = border.path("altered.admission");
    let mut bytes = std::fs::read(border.path("NAMANGA.admission")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&altered, bytes).unwrap();
    for admission in [
        border.path("BUSIA.admission"),
        elsewhere.path("NAMANGA.admission"),
        altered,
    ] {
        let refused = border
            .mpaka_command()
            .args(["enrol", "--admission"])
            .arg(&admission)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(3), "{}", admission.display());
    }
    let receiver = border.receive(&[]);
    assert!(upload(&receiver.url()).status.success());
}

#[test]
fn headquarters_changes_its_keys_and_nothing_is_lost() {
    let border = Border::new();
    border.record(2, |n| noise(n, 2));
    border.hq(&["rekey"]);
    // Sealed to the former keys after headquarters has new ones; then the box hears of them.
    border.record(1, |n| noise(n, 2));
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    drop(receiver);
    border.hq(&["rekey"]);
    border.hq(&["rekey"]);
    border.record(1, |n| noise(n, 2));
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    border.record(1, |n| noise(n, 2));
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    let audit = border.hq(&["audit"]);
    assert_eq!(
        (&audit[0]["parcels"], &audit[0]["opened"]),
        (&5.into(), &5.into())
    );
    assert_eq!(
        border.mpaka(&["ledger", "verify"])[0]["outcome"],
        "Successful"
    );
    let ours = HqPublic::read(&border.state().join("hq-public.json")).unwrap();
    let theirs = HqPublic::read(&border.path("hq").join("hq-public.json")).unwrap();
    assert_eq!(ours.id(), theirs.id(), "the box seals to the newest keys");
}

#[test]
fn headquarters_finds_what_was_done_to_a_ledger() {
    let border = Border::new();
    border.record(4, |n| noise(n, 2));
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    drop(receiver);
    border.record(1, |n| noise(n, 2));
    let lines = border.mpaka(&["ledger", "export"]);
    assert!(lines.len() >= 6);
    let audit = &border.hq(&["audit"])[0];
    assert_eq!(
        (&audit["checkpoints"], &audit["disputed"]),
        (&1.into(), &0.into())
    );
    assert!(audit["seen_at"].is_string() && audit["lease_until"].is_string());
    let file = border.path("ledger.jsonl");
    let verdict = |lines: &[serde_json::Value]| {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        assert!(!text.contains("UTOD"), "no personal data");
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let found = border.hq(&["ledger", "--post", "NAMANGA", file]);
        let fault = found[0]["fault"]["fault"].as_str().map(str::to_owned);
        assert_eq!(found[0]["outcome"] == "Successful", fault.is_none());
        fault
    };
    assert_eq!(verdict(&lines), None);
    assert_eq!(verdict(&lines[..2]).as_deref(), Some("truncated"));
    assert_eq!(verdict(&[]).as_deref(), Some("truncated"));
    let mut cut_out = lines.clone();
    cut_out.remove(2);
    assert_eq!(verdict(&cut_out).as_deref(), Some("gap"));
    let mut edited = lines.clone();
    let body = edited[1]["body"].as_str().unwrap().to_owned();
    let last = body.len() - 1;
    let digit = if body.ends_with('0') { "1" } else { "0" };
    edited[1]["body"] = format!("{}{digit}", &body[..last]).into();
    assert_eq!(verdict(&edited).as_deref(), Some("edited"));
    // Edited by somebody who knows how the chain is made: every later line is made to follow.
    let mut forked = edited.clone();
    let mut head = seal::chain::Head::start(&PostId::new("NAMANGA").unwrap());
    for line in &mut forked {
        head = head.link(&hex(line["body"].as_str().unwrap()));
        line["hash"] = head
            .hash
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
            .into();
    }
    assert_eq!(verdict(&forked).as_deref(), Some("forked"));
    let mut nonsense = lines.clone();
    nonsense[3] = serde_json::json!({"line": "four"});
    assert_eq!(verdict(&nonsense).as_deref(), Some("unreadable"));

    // An old copy of the box's state is put back: headquarters notices at its first word.
    let receiver = border.receive(&[]);
    let copy = border.path("copy");
    assert!(
        Command::new("cp")
            .arg("-a")
            .arg(border.state())
            .arg(&copy)
            .status()
            .unwrap()
            .success()
    );
    border.record(1, |n| noise(n, 2));
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    std::fs::remove_dir_all(border.state()).unwrap();
    std::fs::rename(&copy, border.state()).unwrap();
    let refused = border
        .mpaka_command()
        .args(["outbox", "upload", "--hq", &receiver.url()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("ledger_disputed"), "{said}");
    assert_eq!(border.hq(&["audit"])[0]["disputed"], 1);
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
