//! A box is stolen: its disk, copied without the box and without its word, tells nothing.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::Timestamp;
use mpaka_tests::whole::Programs;
use rules::encounter::DocumentRecord;
use rules::{
    Advice, Advised, Check, CheckId, DecisionKind, LaneId, OfficerAct, OfficerId, Outcome, PostId,
};
use seal::device::DeviceKey;
use seal::hq::HqPublic;
use seal::storekey::StoreKey;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use store::{EncounterDraft, Sealer, Store};

const SURNAME: &str = "ERIKSSON";
const NUMBER: &str = "L898902C3";
const OFFICER: &str = "amina.hassan";
const WORD: &str = "twelve horses at the border";

struct StolenBox {
    programs: Programs,
    folder: tempfile::TempDir,
    /// In memory, as /run is.
    run: tempfile::TempDir,
}

impl StolenBox {
    /// `None`, said aloud, where the machine has no memory that looks like a folder.
    fn with_records() -> Option<Self> {
        let Ok(run) = tempfile::tempdir_in("/dev/shm") else {
            eprintln!("SKIPPED: there is no /dev/shm");
            return None;
        };
        let stolen = Self {
            programs: Programs::beside_this().unwrap(),
            folder: tempfile::tempdir().unwrap(),
            run,
        };
        let hq = stolen.folder.path().join("hq");
        let done = stolen
            .programs
            .mpaka_hq()
            .arg("--state")
            .arg(&hq)
            .args(["ceremony", "--threshold", "2", "--keys", "3"])
            .output()
            .unwrap();
        assert!(done.status.success());
        let public = hq.join("hq-public.json");
        let enrol = [
            "enrol",
            "--post",
            "NAMANGA",
            "--hq-public",
            public.to_str().unwrap(),
        ];
        assert!(stolen.mpaka(&enrol, "").status.success());
        let state = stolen.state();
        let device = DeviceKey::open(&state.join("device.key")).unwrap();
        let hq = HqPublic::read(&public).unwrap();
        let key = StoreKey::open(&state.join("store.key")).unwrap();
        let post = PostId::new("NAMANGA").unwrap();
        let mut store = Store::open(&state, &key, &post).unwrap();
        for n in 0..20 {
            let sealer = Sealer {
                device: &device,
                hq: &hq,
            };
            store.record(draft(n), &sealer).unwrap();
        }
        Some(stolen)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("box")
    }

    fn mpaka(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .programs
            .mpaka()
            .env("MPAKA_RUN", self.run.path())
            .arg("--state")
            .arg(self.state())
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    fn answer(&self, arguments: &[&str], input: &str) -> serde_json::Value {
        let output = self.mpaka(arguments, input);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The power goes: what was in memory is gone.
    fn power_goes(&self) {
        for entry in std::fs::read_dir(self.run.path()).unwrap() {
            std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
        }
    }

    /// What a search through the raw disk finds of these.
    fn found(&self, wanted: &[&[u8]]) -> Vec<(PathBuf, usize)> {
        let mut found = Vec::new();
        let mut folders = vec![self.state()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                for (n, wanted) in wanted.iter().enumerate() {
                    if bytes.windows(wanted.len()).any(|w| w == *wanted) {
                        found.push((path.clone(), n));
                    }
                }
            }
        }
        found
    }
}

fn draft(n: i64) -> EncounterDraft {
    let at = Timestamp::now();
    let act = OfficerAct::new(OfficerId::new("a.officer").unwrap(), at);
    EncounterDraft {
        lane: LaneId::new("1").unwrap(),
        opened_at: at,
        recorded_at: at,
        document: Some(DocumentRecord {
            mrz: vec![
                format!("P<UTO{SURNAME}<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
                format!("{NUMBER}6UTO7408122F1204159ZE184226B<<<<<{:02}", n % 100),
            ],
            mrz_before_correction: None,
        }),
        checks: CheckId::ALL
            .iter()
            .map(|id| Check::new(*id, Outcome::Successful, ""))
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

fn keys(folder: &Path) -> Vec<Vec<u8>> {
    // The store's and the sealing key as they are; of the signing key its secret half (RFC 8410).
    let device = std::fs::read(folder.join("device.key")).unwrap();
    vec![
        std::fs::read(folder.join("store.key")).unwrap(),
        std::fs::read(folder.join("sealing.key")).unwrap(),
        device[16..48].to_vec(),
    ]
}

#[test]
fn a_copied_disk_tells_nothing_without_the_word() {
    let Some(stolen) = StolenBox::with_records() else {
        return;
    };
    let doctor = |part: &str| {
        let output = stolen.mpaka(&["doctor"], "");
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .find(|object| object["part"] == part)
            .unwrap()
    };
    let unsealed = doctor("keys");
    assert_eq!(unsealed["outcome"], "Failed");
    assert!(unsealed["detail"].as_str().unwrap().contains("NOT SEALED"));
    stolen.answer(
        &["officer", "add", "--id", OFFICER, "--pin-stdin"],
        "135790\n",
    );
    let secrets = keys(&stolen.state());
    let mut wanted: Vec<&[u8]> = vec![
        SURNAME.as_bytes(),
        NUMBER.as_bytes(),
        b"ANNA<MARIA",
        OFFICER.as_bytes(),
    ];
    wanted.extend(secrets.iter().map(Vec::as_slice));
    assert_eq!(
        stolen.found(&wanted).len(),
        3,
        "before sealing, the three keys and nothing else"
    );

    assert_eq!(
        stolen
            .mpaka(&["keys", "seal", "--passphrase-stdin"], "short\n")
            .status
            .code(),
        Some(2)
    );
    let sealed = stolen.answer(
        &["keys", "seal", "--passphrase-stdin"],
        &format!("{WORD}\n"),
    );
    assert_eq!(
        (&sealed["sealed"], &sealed["unlocked"], &sealed["by"]),
        (&true.into(), &true.into(), &"passphrase".into())
    );
    assert_eq!(stolen.found(&wanted), []);
    assert_eq!(doctor("keys")["outcome"], "Successful");
    // The calibration finds the key where it lies now.
    let told = doctor("calibration");
    assert!(told["detail"].as_str().unwrap().contains("never"));
    assert_eq!(
        stolen.answer(&["ledger", "verify"], "")["outcome"],
        "Successful"
    );

    stolen.power_goes();
    let locked = stolen.mpaka(&["ledger", "verify"], "");
    assert_eq!(locked.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&locked.stderr).contains("keys unlock"));
    let enrol = ["enrol", "--post", "NAMANGA", "--hq-public", "absent"];
    let again = stolen.mpaka(&enrol, "");
    assert!(String::from_utf8_lossy(&again.stderr).contains("keys unlock"));
    assert_eq!(
        stolen.found(&wanted),
        [],
        "strings and a search find nothing"
    );
    for word in ["", "twelve horses at the bordeR", "another word altogether"] {
        let refused = stolen.mpaka(&["keys", "unlock", "--passphrase-stdin"], word);
        assert!(!refused.status.success());
    }
    // Altered by a single bit, it does not open either; nor onto a disk.
    let file = stolen.state().join("keys.sealed");
    let good = std::fs::read(&file).unwrap();
    for at in [good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&file, &bad).unwrap();
        assert!(
            !stolen
                .mpaka(&["keys", "unlock", "--passphrase-stdin"], WORD)
                .status
                .success()
        );
    }
    std::fs::write(&file, &good).unwrap();
    let onto_disk = stolen
        .programs
        .mpaka()
        .env("MPAKA_RUN", stolen.folder.path().join("run"))
        .arg("--state")
        .arg(stolen.state())
        .args(["keys", "unlock", "--passphrase-stdin"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&onto_disk.stderr).contains("not in memory"));
    let unlocked = stolen.answer(&["keys", "unlock", "--passphrase-stdin"], WORD);
    assert_eq!(unlocked["unlocked"], true);
    assert_eq!(stolen.answer(&["ledger", "verify"], "")["encounters"], 20);
    assert_eq!(stolen.answer(&["keys", "lock"], "")["unlocked"], false);
    assert_eq!(
        stolen.mpaka(&["ledger", "verify"], "").status.code(),
        Some(4)
    );
}

/// How long a simulated TPM may take to listen, on a machine that has much to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A TPM of one's own, simulated by swtpm.
struct Tpm {
    folder: tempfile::TempDir,
}

impl Tpm {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::create_dir(at("state")).ok()?;
        let started = Command::new("swtpm")
            .args(["socket", "--tpm2", "--tpmstate"])
            .arg(format!("dir={}", at("state")))
            .arg("--server")
            .arg(format!("type=unixio,path={}", at("socket")))
            .arg("--ctrl")
            .arg(format!("type=unixio,path={}", at("socket.ctrl")))
            .args([
                "--flags",
                "not-need-init,startup-clear",
                "--daemon",
                "--pid",
            ])
            .arg(format!("file={}", at("pid")))
            .status();
        let tools = Command::new("tpm2_unseal").arg("--version").output();
        if !started.is_ok_and(|s| s.success()) || tools.is_err() {
            eprintln!("SKIPPED: swtpm or tpm2-tools is not installed");
            return None;
        }
        let begun = Instant::now();
        let there = |name: &str| folder.path().join(name).exists();
        while !(there("socket") && there("socket.ctrl")) {
            assert!(begun.elapsed() < PATIENCE, "swtpm does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { folder })
    }

    fn address(&self) -> String {
        format!("swtpm:path={}", self.folder.path().join("socket").display())
    }
}

impl Drop for Tpm {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(self.folder.path().join("pid")) {
            let _ = Command::new("kill").arg(pid.trim()).status();
        }
    }
}

#[test]
fn a_disk_in_another_box_tells_nothing() {
    let (Some(ours), Some(theirs)) = (Tpm::start(), Tpm::start()) else {
        return;
    };
    let Some(stolen) = StolenBox::with_records() else {
        return;
    };
    // Stands before the tools and writes down what everybody on the machine may see of them.
    let shims = tempfile::tempdir().unwrap();
    let seen = shims.path().join("seen");
    for tool in [
        "createprimary",
        "create",
        "load",
        "unseal",
        "startauthsession",
        "policypcr",
        "policyauthvalue",
        "flushcontext",
    ] {
        let shim = shims.path().join(format!("tpm2_{tool}"));
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$0 $*\" >>'{}'\nPATH=${{PATH#*:}} exec tpm2_{tool} \"$@\"\n",
            seen.display()
        );
        std::fs::write(&shim, script).unwrap();
        std::fs::set_permissions(&shim, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let path = format!(
        "{}:{}",
        shims.path().display(),
        std::env::var("PATH").unwrap()
    );
    let with = |tpm: &Tpm, arguments: &[&str], pin: &str| {
        let mut child = stolen
            .programs
            .mpaka()
            .env("PATH", &path)
            .env("MPAKA_RUN", stolen.run.path())
            .env("TPM2TOOLS_TCTI", tpm.address())
            .arg("--state")
            .arg(stolen.state())
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(pin.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let secrets = keys(&stolen.state());
    let wanted: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    let sealed = with(
        &ours,
        &["keys", "seal", "--tpm", "--passphrase-stdin"],
        "481516",
    );
    assert!(
        sealed.status.success(),
        "{}",
        String::from_utf8_lossy(&sealed.stderr)
    );
    assert_eq!(stolen.found(&wanted), []);
    stolen.power_goes();
    let unlock = ["keys", "unlock", "--tpm", "--passphrase-stdin"];
    // In another box; and in its own with another PIN.
    assert!(!with(&theirs, &unlock, "481516").status.success());
    assert!(!with(&ours, &unlock, "000000").status.success());
    assert_eq!(
        stolen.mpaka(&["ledger", "verify"], "").status.code(),
        Some(4)
    );
    let unlocked = with(&ours, &unlock, "481516");
    assert!(
        unlocked.status.success(),
        "{}",
        String::from_utf8_lossy(&unlocked.stderr)
    );
    assert_eq!(stolen.answer(&["ledger", "verify"], "")["encounters"], 20);
    // Started another way: the measurements differ, and the key stays where it is.
    stolen.power_goes();
    let extended = Command::new("tpm2_pcrextend")
        .env("TPM2TOOLS_TCTI", ours.address())
        .arg(format!("7:sha256={}", "ab".repeat(32)))
        .status()
        .unwrap();
    assert!(extended.success());
    assert!(!with(&ours, &unlock, "481516").status.success());
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(
        seen.contains("tpm2_unseal") && seen.contains("tpm2_create "),
        "{seen}"
    );
    assert!(
        !seen.contains("481516") && !seen.contains("000000"),
        "{seen}"
    );
}
