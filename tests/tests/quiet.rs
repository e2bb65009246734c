//! What a day at a post and at headquarters writes into logs and ledgers names nobody and gives no secret away, even
//! where every program tells everything that it has words for.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::demo::Day;
use mpaka_tests::whole::scenarios::Scenario;
use mpaka_tests::whole::{Desk, Manner, Programs, Telling, models_or_skip};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const OFFICER: &str = "a.officer";
const PIN: &str = "739104628517";
const WRONG_PIN: &str = "402857193660";
const WORD: &str = "twelve horses at the border";
const WRONG_WORD: &str = "eleven horses at the border";
/// An admission, a resemblance, a chip that is not believed, a refugee.
const TRAVELLERS: [&str; 4] = [
    "1-right-person",
    "6-listed-name",
    "e-chip-another-face",
    "b-refugee",
];

/// What was written where anybody who looks after a machine may read it, by what wrote it.
#[derive(Default)]
struct Told(Vec<(String, Vec<u8>)>);

impl Told {
    /// Runs to the end with every word told; keeps what went into the log, and gives the answer.
    fn run(&mut self, command: &mut Command, input: &str) -> Vec<u8> {
        let mut child = command
            .env("MPAKA_LOG", "trace")
            .env("RUST_LOG", "trace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that needs no input may have closed its end already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let words: Vec<_> = command
            .get_args()
            .map(|a| a.to_string_lossy().into_owned())
            .collect();
        self.0.push((words.join(" "), output.stderr));
        output.stdout
    }

    fn keep(&mut self, what: &str, bytes: Vec<u8>) {
        self.0.push((what.to_owned(), bytes));
    }
}

/// A secret or a person's datum, in the forms in which a careless line would show it.
struct Needle {
    what: String,
    forms: Vec<Vec<u8>>,
}

impl Needle {
    fn word(what: &str, word: &str) -> Self {
        Self {
            what: format!("{what} {word}"),
            forms: vec![word.to_lowercase().into_bytes()],
        }
    }

    /// Any sixteen bytes of a key that follow one another: raw, in hexadecimal, as a list of numbers.
    fn key(what: &str, key: &[u8]) -> Self {
        assert!(key.len() >= 16, "{what}");
        let mut forms = Vec::new();
        for part in key.windows(16) {
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            let list = format!("{part:?}");
            forms.push(part.to_ascii_lowercase());
            forms.push(hex.into_bytes());
            forms.push(list.trim_matches(['[', ']']).as_bytes().to_vec());
        }
        Self {
            what: what.to_owned(),
            forms,
        }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let text = text.to_ascii_lowercase();
        self.forms
            .iter()
            .any(|form| text.windows(form.len()).any(|part| part == form))
    }
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

/// The seed in an Ed25519 key's PKCS #8 (RFC 8410): what stands beside it is public.
fn seed(pkcs8: &[u8]) -> &[u8] {
    &pkcs8[16..48]
}

/// The box's own keys, before they are sealed.
fn keys_of_box(state: &Path) -> Vec<Needle> {
    let read = |name: &str| std::fs::read(state.join(name)).unwrap();
    vec![
        Needle::key("the box's signing key", seed(&read("device.key"))),
        Needle::key("the store's key", &read("store.key")),
        Needle::key("the box's sealing key", &read("sealing.key")),
    ]
}

/// All private keys of headquarters.
fn keys_of_headquarters(state: &Path) -> Vec<Needle> {
    let json =
        |path: &Path| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let field = |of: &Value, name: &str| bytes_of(of[name].as_str().unwrap());
    let own = json(&state.join("hq-private.json"));
    let mut needles = vec![
        Needle::key("the parcels' key", &field(&own, "parcel_private")),
        Needle::key("the receipts' key", &field(&own, "receipt_seed")),
        Needle::key(
            "the protection key",
            &field(&json(&state.join("protection.key")), "private"),
        ),
    ];
    for entry in std::fs::read_dir(state.join("keys")).unwrap() {
        let path = entry.unwrap().path();
        let pkcs8 = field(&json(&path), "pkcs8");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        needles.push(Needle::key(&name, seed(&pkcs8)));
    }
    needles
}

/// Names, numbers and zones of those who were inspected, and of those who are listed.
fn persons(travellers: &[Scenario]) -> Vec<Needle> {
    let mut needles = Vec::new();
    for traveller in travellers {
        needles.push(Needle::word("number", traveller.number));
        let names = traveller.given_names.split(' ').chain([traveller.surname]);
        // Shorter ones are parts of ordinary words.
        for name in names.filter(|name| name.len() >= 5) {
            needles.push(Needle::word("name", name));
        }
        needles.push(Needle::word("birth date", traveller.birth));
        let zone_birth: String = traveller.birth[2..].split('-').collect();
        needles.push(Needle::word("birth date", &format!("{zone_birth}M")));
        needles.push(Needle::word("birth date", &format!("UTO{zone_birth}")));
        needles.push(Needle::word(
            "zone",
            &format!("<<{}", traveller.given_names.replace(' ', "<")),
        ));
    }
    for listed in [
        "Abdirahman",
        "Cabdiraxmaan",
        "Volkov",
        "Castillo",
        "Mwangaza",
    ] {
        needles.push(Needle::word("listed name", listed));
    }
    needles
}

/// Signs in by the door for scripts; the session's token where the PIN was right.
fn sign_in(desk: &Desk, pin: &str) -> Option<String> {
    let answer = reqwest::blocking::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}/api/session", desk.url()))
        .json(&json!({ "officer": OFFICER, "pin": pin }))
        .send()
        .unwrap();
    answer.status().is_success().then(|| {
        answer.json::<Value>().unwrap()["token"]
            .as_str()
            .unwrap()
            .to_owned()
    })
}

#[test]
fn a_whole_day_leaves_no_name_no_number_and_no_secret_in_any_log() {
    let Some(models) = models_or_skip() else {
        return;
    };
    let programs = Programs::beside_this().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let comes = |scenario: &Scenario| TRAVELLERS.contains(&scenario.name);
    let day = Day::prepare_for(&programs, folder.path(), &models, comes, |_| {}).unwrap();
    let travellers: Vec<Scenario> = day.scenarios().into_iter().filter(comes).collect();
    assert_eq!(travellers.len(), TRAVELLERS.len());
    let state = day.post().state().to_path_buf();
    let headquarters = folder.path().join("hq/state");
    let mut needles = keys_of_box(&state);
    needles.extend(keys_of_headquarters(&headquarters));
    needles.extend(persons(&travellers));
    for (what, secret) in [
        ("PIN", PIN),
        ("wrong PIN", WRONG_PIN),
        ("passphrase", WORD),
        ("wrong passphrase", WRONG_WORD),
    ] {
        needles.push(Needle::word(what, secret));
    }
    let mut told = Told::default();
    let log = |name: &str| -> PathBuf { folder.path().join(format!("{name}.log")) };

    // At the desk: a wrong PIN, the right one, every traveller decided, records on their way.
    day.post().add_officer(OFFICER, PIN).unwrap();
    let receiver = day.headquarters().receive_telling(&log("receive")).unwrap();
    let manner = Manner {
        log: Some(log("desk")),
        telling: Telling::Everything,
        ..Manner::default()
    };
    let desk = Desk::open_in(
        day.post(),
        &day.scenes(),
        Some(&receiver.url),
        (OFFICER, PIN),
        &[],
        &manner,
    )
    .unwrap();
    assert_eq!(sign_in(&desk, WRONG_PIN), None);
    let token = sign_in(&desk, PIN).unwrap();
    needles.push(Needle::word("session", &token));
    for traveller in &travellers {
        let inspected = desk.inspect(traveller.name).unwrap();
        let decision = if inspected.advice == "Refer" {
            "Refer"
        } else {
            "Admit"
        };
        let reason = (inspected.advice == "Look").then_some("compared_by_eye");
        desk.decide(&inspected.inspection, decision, reason)
            .unwrap();
    }
    let begun = Instant::now();
    while day.headquarters().parcels().unwrap().len() < travellers.len() {
        assert!(begun.elapsed() < Duration::from_secs(60), "records arrive");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(desk);

    // At the command line: the same persons once more, by picture, by zone, by name; a list that is none.
    let scene = day.scene(&travellers[0]);
    let typed = folder.path().join("typed.txt");
    let first = &travellers[0];
    std::fs::write(
        &typed,
        format!(
            "P<UTO{}<<{}\n{}\n",
            first.surname, first.given_names, first.number
        ),
    )
    .unwrap();
    let post = || day.post().command();
    told.run(post().arg("page").arg(&scene.page), "");
    told.run(post().args(["zone", "--text"]).arg(&typed), "");
    told.run(
        post()
            .arg("inspect")
            .arg("--page")
            .arg(&scene.page)
            .arg("--live")
            .arg(&scene.live),
        "",
    );
    told.run(post().args(["outbox", "upload", "--hq", &receiver.url]), "");
    told.run(post().args(["editions", "take"]).arg(folder.path()), "");
    told.run(
        post().args(["officer", "add", "--id", OFFICER, "--pin-stdin"]),
        PIN,
    );
    told.run(post().arg("doctor"), "");
    let ledger = told.run(post().args(["ledger", "export"]), "");
    assert!(ledger.len() > 500, "the ledger has its lines");
    told.keep("the ledger", ledger);
    drop(receiver);

    // The box's keys are sealed, locked and unlocked, with a slip on the way.
    if let Ok(run) = tempfile::tempdir_in("/dev/shm") {
        let mut keys = |word: &str, input: &str| {
            let mut command = post();
            command.env("MPAKA_RUN", run.path()).args(["keys", word]);
            if word != "lock" {
                command.arg("--passphrase-stdin");
            }
            told.run(&mut command, &format!("{input}\n"));
        };
        keys("seal", WORD);
        keys("lock", "");
        keys("unlock", WRONG_WORD);
        keys("unlock", WORD);
        assert!(state.join("keys.sealed").is_file());
    } else {
        eprintln!("skipped: there is no /dev/shm; sealing the keys is left out");
    }

    // At headquarters: a person asks, a record is opened, counted and erased, a box is lost.
    let database = format!("sqlite:{}", folder.path().join("hq/parcels.db").display());
    let hq = |words: &[&str]| {
        let mut command = day.headquarters().command();
        command.args(words).args(["--database", &database]);
        command
    };
    told.run(
        &mut hq(&["subject-access", "--name", travellers[0].surname]),
        "",
    );
    told.run(&mut hq(&["parcels", "--open"]), "");
    told.run(&mut hq(&["audit"]), "");
    let statistics = told.run(&mut hq(&["statistics"]), "");
    told.keep("the statistics", statistics);
    told.run(
        &mut hq(&[
            "erase",
            "--post",
            day.post_name(),
            "--sequence",
            "1",
            "--order",
            "Court of Utopia, 12",
        ]),
        "",
    );
    told.run(
        &mut hq(&["revoke", day.post_name(), "--why", "taken on the road"]),
        "",
    );
    let acts = told.run(day.headquarters().command().arg("acts"), "");
    assert!(
        String::from_utf8_lossy(&acts).contains("subject_access"),
        "the ledger of acts has its lines"
    );
    told.keep("the ledger of acts", acts);

    for name in ["desk", "receive"] {
        let bytes = std::fs::read(log(name)).unwrap();
        assert!(
            !bytes.is_empty(),
            "{name} told nothing: this test would see nothing"
        );
        told.keep(name, bytes);
    }
    let mut given_away = Vec::new();
    for (by, text) in &told.0 {
        for needle in &needles {
            if needle.is_in(text) {
                given_away.push(format!("{} in what was written by: {by}", needle.what));
            }
        }
    }
    assert!(given_away.is_empty(), "{given_away:#?}");
}

#[test]
fn a_name_a_key_and_a_number_are_found_in_whatever_form_they_stand() {
    let key: Vec<u8> = (100..132).collect();
    let needle = Needle::key("a key", &key);
    assert!(needle.is_in(format!("seed={key:?}").as_bytes()));
    assert!(needle.is_in(b"7071727374757677 78797a7b 68696A6B6C6D6E6F7071727374757677x"));
    assert!(needle.is_in(&[&b"raw "[..], &key[3..20]].concat()));
    assert!(!needle.is_in(b"68696a6b6c6d6e6f70717273747576"));
    assert!(Needle::word("name", "KIMANI").is_in(b"P<UTOKimani<<"));
    assert!(!Needle::word("name", "KIMANI").is_in(b"P<UTOKIMAN<I"));
}
