//! The command line by its exit codes and its objects: 0 answered, 2 wrong usage, 3 input unreadable,
//! 4 something needed is absent.
#![allow(clippy::unwrap_used, clippy::panic)]

use seal::hq::HqPrivate;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Output};

/// ICAO Doc 9303-4, appendix B.
const SPECIMEN: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

fn mpaka(words: &[&str], state: &Path, stdin: &str) -> Output {
    // From a file: a program may refuse before it has read all.
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(stdin.as_bytes()).unwrap();
    input.rewind().unwrap();
    Command::new(env!("CARGO_BIN_EXE_mpaka"))
        .env("MPAKA_STATE", state)
        .env("MPAKA_MODELS", state.join("no-models"))
        .args(words)
        .stdin(input)
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output
        .status
        .code()
        .unwrap_or_else(|| panic!("ended by a signal: {output:?}"))
}

fn objects(output: &Output) -> Vec<serde_json::Value> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e}")))
        .collect()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Enrols a box in `folder/state`; no root of trust.
fn enrol(folder: &Path) -> Output {
    let hq = HqPrivate::open_or_create(&folder.join("hq-private.json")).unwrap();
    let public = folder.join("hq-public.json");
    hq.public().write(&public).unwrap();
    let words = [
        "--json",
        "enrol",
        "--post",
        "GATE",
        "--lane",
        "2",
        "--hq-public",
        public.to_str().unwrap(),
    ];
    mpaka(&words, &folder.join("state"), "")
}

#[test]
fn wrong_usage_is_2_and_help_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &[][..],
        &["nonsense"],
        &["page"],
        &["page", "a.jpg", "b.jpg", "--infrared", "c.png"],
        &["zone"],
        &["face", "compare", "one.jpg"],
        &["face", "compare"],
        &["names", "compare", "one"],
        &["screen"],
        &["inspect", "--page", "a.jpg"],
        &["inspect", "--page", "a", "--live", "b", "--decide", "admit"],
        &[
            "inspect",
            "--page",
            "a",
            "--live",
            "b",
            "--decide",
            "refuse",
            "--officer",
            "x",
        ],
        &["enrol", "--post", "../x", "--hq-public", "f"],
        &["page", "a.jpg", "--today", "yesterday"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--listen", "0.0.0.0:0"],
    ] {
        let output = mpaka(words, folder.path(), "");
        assert_eq!(code(&output), 2, "{words:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{words:?}");
    }
    let help = mpaka(&["--help"], folder.path(), "");
    assert_eq!(code(&help), 0);
    for command in [
        "page", "zone", "face", "names", "screen", "inspect", "outbox", "ledger", "editions",
        "enrol", "serve", "doctor",
    ] {
        assert!(
            String::from_utf8_lossy(&help.stdout).contains(command),
            "{command}"
        );
    }
}

#[test]
fn a_typed_zone_is_put_right_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let typed = format!(
        "\n  {} \r\n\n{}\n",
        SPECIMEN[0].to_lowercase(),
        SPECIMEN[1].replace('<', "< ")
    );
    let words = ["--json", "zone", "--text", "-", "--today", "2011-01-01"];
    let output = mpaka(&words, folder.path(), &typed);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let object = &objects(&output)[0];
    assert_eq!(object["format"], "TD3");
    assert_eq!(object["mrz"], serde_json::json!(SPECIMEN));
    assert_eq!(object["portrait"], serde_json::Value::Null);
    let fields = &object["fields"];
    for (name, value) in [
        ("document_code", "P"),
        ("issuing_state", "UTO"),
        ("document_number", "L898902C3"),
        ("nationality", "UTO"),
        ("date_of_birth", "740812"),
        ("sex", "F"),
        ("date_of_expiry", "120415"),
        ("surname", "ERIKSSON"),
        ("given_names", "ANNA MARIA"),
        ("optional", "ZE184226B"),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    let outcomes: Vec<_> = object["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["outcome"])
        .collect();
    assert!(outcomes.iter().all(|o| *o == "Successful"), "{object}");

    // The same specimen today: expired, and a wrong digit stays wrong.
    let later = mpaka(
        &["--json", "zone", "--text", "-", "--today", "2026-01-01"],
        folder.path(),
        &typed,
    );
    assert!(
        objects(&later)[0]["checks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["check"] == "zone.document_validity" && c["outcome"] == "Failed")
    );
    let wrong = format!(
        "{}\n{}",
        SPECIMEN[0],
        SPECIMEN[1].replace("L898902C36", "L898902C37")
    );
    let wrong = mpaka(&words, folder.path(), &wrong);
    assert_eq!(code(&wrong), 0, "that it does not fit is an answer");
    assert_eq!(
        objects(&wrong)[0]["mrz"][1],
        SPECIMEN[1].replace("L898902C36", "L898902C37")
    );
}

#[test]
fn text_that_is_no_zone_is_3() {
    let folder = tempfile::tempdir().unwrap();
    let short = format!("{}\n{}", SPECIMEN[0], &SPECIMEN[1][1..]);
    let three = format!("{}\n{}\n{}", SPECIMEN[0], SPECIMEN[1], SPECIMEN[1]);
    for text in [
        "",
        "hello",
        short.as_str(),
        three.as_str(),
        "\u{0}\n\u{ffff}",
        &"A".repeat(1 << 20),
    ] {
        let output = mpaka(&["--json", "zone", "--text", "-"], folder.path(), text);
        assert_eq!(code(&output), 3, "{}", said(&output));
        assert!(!said(&output).is_empty());
        assert!(output.stdout.is_empty());
    }
    let absent = mpaka(&["zone", "--text", "/no/such/file"], folder.path(), "");
    assert_eq!(code(&absent), 3);
}

#[test]
fn an_unreadable_picture_among_others_keeps_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([220, 220, 220]))
        .save(&good)
        .unwrap();
    let bad = folder.path().join("bad.jpg");
    std::fs::write(&bad, b"\xff\xd8\xff\xe0 no picture").unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let output = mpaka(
        &["page", "--json", good, bad, "/no/such.png", good],
        folder.path(),
        "",
    );
    assert_eq!(code(&output), 3, "{}", said(&output));
    let objects = objects(&output);
    assert_eq!(objects.len(), 4);
    for (object, (image, has_error)) in objects.iter().zip([
        (good, false),
        (bad, true),
        ("/no/such.png", true),
        (good, false),
    ]) {
        assert_eq!(object["image"], image);
        assert_eq!(object["mrz"], serde_json::json!([]));
        assert_eq!(object.get("error").is_some(), has_error, "{object}");
    }
    assert!(said(&output).contains("bad.jpg") && said(&output).contains("/no/such.png"));
    let fine = mpaka(&["page", "--json", good], folder.path(), "");
    assert_eq!(code(&fine), 0, "no zone is an answer: {}", said(&fine));
}

#[test]
fn what_is_absent_is_4_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (words, hint) in [
        (
            &["face", "compare", "a.jpg", "b.jpg"][..],
            "mpaka-models fetch",
        ),
        (&["screen", "--name", "X"], "editions take"),
        (&["outbox", "status"], "mpaka enrol"),
        (&["ledger", "verify"], "mpaka enrol"),
        (&["editions", "list"], "mpaka enrol"),
        (
            &["inspect", "--page", "a.jpg", "--live", "b.jpg"],
            "mpaka enrol",
        ),
        (&["serve", "--listen", "127.0.0.1:0"], "mpaka enrol"),
    ] {
        let output = mpaka(words, folder.path(), "");
        assert_eq!(code(&output), 4, "{words:?}: {}", said(&output));
        assert!(said(&output).contains(hint), "{words:?}: {}", said(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_box_is_enrolled_once_and_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let first = enrol(folder.path());
    assert_eq!(code(&first), 0, "{}", said(&first));
    let device = objects(&first)[0]["device"].clone();
    let again = enrol(folder.path());
    assert_eq!(
        objects(&again)[0]["device"],
        device,
        "a second enrolment keeps the key"
    );
    let public = folder.path().join("hq-public.json");
    let moved = mpaka(
        &[
            "enrol",
            "--post",
            "OTHER",
            "--hq-public",
            public.to_str().unwrap(),
        ],
        &state,
        "",
    );
    assert_eq!(code(&moved), 4);
    assert!(said(&moved).contains("GATE"), "{}", said(&moved));
    let no_root = folder.path().join("root.json");
    std::fs::write(&no_root, "{}").unwrap();
    let words = [
        "enrol",
        "--post",
        "GATE",
        "--hq-public",
        public.to_str().unwrap(),
        "--root",
        no_root.to_str().unwrap(),
    ];
    assert_eq!(code(&mpaka(&words, &state, "")), 3);
    use std::os::unix::fs::PermissionsExt;
    for key in ["device.key", "store.key"] {
        let mode = std::fs::metadata(state.join(key))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}

#[test]
fn an_encounter_without_models_or_list_is_recorded_and_advises_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    enrol(folder.path());
    let picture = folder.path().join("a.png");
    image::RgbImage::from_pixel(320, 240, image::Rgb([220, 220, 220]))
        .save(&picture)
        .unwrap();
    let picture = picture.to_str().unwrap();
    let output = mpaka(
        &["--json", "inspect", "--page", picture, "--live", picture],
        &state,
        "",
    );
    assert_eq!(code(&output), 0, "{}", said(&output));
    let object = &objects(&output)[0];
    assert_eq!(object["encounter"], "GATE/000001");
    assert_eq!(object["advice"], "Look");
    assert_eq!(object["decision"], serde_json::Value::Null);
    for check in object["checks"].as_array().unwrap() {
        assert_ne!(
            check["outcome"], "Failed",
            "absence speaks against nobody: {check}"
        );
    }
    let added = mpaka(
        &["officer", "add", "--id", "a.officer", "--pin-stdin"],
        &state,
        "246810\n",
    );
    assert_eq!(code(&added), 0, "{}", said(&added));
    let decided = mpaka(
        &[
            "--json",
            "inspect",
            "--page",
            picture,
            "--live",
            picture,
            "--decide",
            "hold",
            "--officer",
            "a.officer",
        ],
        &state,
        "246810\n",
    );
    assert_eq!(objects(&decided)[0]["decision"]["decision"], "Hold");
    let status = mpaka(&["--json", "outbox", "status"], &state, "");
    let outbox = &objects(&status)[0];
    assert_eq!(
        (&outbox["parcels"], &outbox["waiting"], &outbox["receipts"]),
        (&2.into(), &2.into(), &0.into())
    );
    assert_eq!(
        objects(&mpaka(&["--json", "outbox", "list"], &state, "")).len(),
        2
    );
    let ledger = mpaka(&["--json", "ledger", "verify"], &state, "");
    assert_eq!(objects(&ledger)[0]["outcome"], "Successful");
    let nobody_there = mpaka(
        &["outbox", "upload", "--hq", "http://127.0.0.1:9"],
        &state,
        "",
    );
    assert_eq!(code(&nobody_there), 4);
    assert!(
        said(&nobody_there).contains("cannot be reached"),
        "{}",
        said(&nobody_there)
    );
    let still = mpaka(&["--json", "outbox", "status"], &state, "");
    assert_eq!(objects(&still)[0]["waiting"], 2);
}

#[test]
fn an_edition_that_is_none_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    enrol(folder.path());
    let without_root = mpaka(&["editions", "take", "/tmp"], &state, "");
    assert_eq!(code(&without_root), 4);
    assert!(
        said(&without_root).contains("--root"),
        "{}",
        said(&without_root)
    );
    assert!(objects(&mpaka(&["--json", "editions", "list"], &state, "")).is_empty());
    assert_eq!(code(&mpaka(&["editions", "verify"], &state, "")), 4);
}

#[test]
fn officers_are_added_without_their_pin_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    enrol(folder.path());
    let add = [
        "--json",
        "officer",
        "add",
        "--id",
        "a.officer",
        "--pin-stdin",
    ];
    assert_eq!(code(&mpaka(&add, &state, "246810\n")), 0);
    assert_eq!(code(&mpaka(&add, &state, "1\n")), 2, "too short");
    let listed = mpaka(&["--json", "officer", "list"], &state, "");
    assert_eq!(
        objects(&listed),
        [serde_json::json!({ "officer": "a.officer", "role": "officer", "locked": false })]
    );
    let second = [&add[..], &["--role", "second-line"]].concat();
    let added = mpaka(&second, &state, "135791\n");
    assert_eq!(objects(&added)[0]["role"], "second_line");
    assert_eq!(
        code(&mpaka(
            &[&add[..], &["--role", "king"]].concat(),
            &state,
            "246810\n"
        )),
        2
    );
    let remove = ["--json", "officer", "remove", "--id", "a.officer"];
    let removed = mpaka(&remove, &state, "");
    assert_eq!(objects(&removed)[0]["removed"], "a.officer");
    assert!(objects(&mpaka(&["--json", "officer", "list"], &state, "")).is_empty());
    assert_eq!(
        code(&mpaka(&remove, &state, "")),
        2,
        "there is none any more"
    );
}

#[test]
fn the_doctor_names_every_part_even_of_an_empty_box() {
    let folder = tempfile::tempdir().unwrap();
    let output = mpaka(&["--json", "doctor"], &folder.path().join("none"), "");
    assert_eq!(code(&output), 0, "{}", said(&output));
    let parts = objects(&output);
    for part in [
        "clock",
        "disk",
        "enrolment",
        "zone reader",
        "face models",
        "list",
        "officers",
        "camera",
    ] {
        assert!(parts.iter().any(|p| p["part"] == part), "{part}");
    }
    for part in &parts {
        assert_eq!(part["outcome"] == "Failed", part["do"] != "", "{part}");
    }
    // A person is told as a script is which figures are of a part that is not there.
    let text = mpaka(&["doctor"], &folder.path().join("none"), "");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let simulated = parts.iter().filter(|p| p["kind"] == "simulated").count();
    assert!(simulated > 1);
    assert_eq!(text.matches("(simulated)").count(), simulated, "{text}");
}

#[test]
fn names_are_compared_as_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("pairs.tsv");
    std::fs::write(
        &table,
        "id\tname1\tname2\n1\tEriksson, Anna\tAnna Eriksson\n2\tA \"quoted\tB\n",
    )
    .unwrap();
    let output = mpaka(
        &[
            "--json",
            "names",
            "compare",
            "--pairs",
            table.to_str().unwrap(),
        ],
        folder.path(),
        "",
    );
    assert_eq!(code(&output), 0, "{}", said(&output));
    let objects = objects(&output);
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[1]["name1"], "A \"quoted");
    for object in &objects {
        let score = object["score"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&score));
    }
    std::fs::write(&table, "a\tb\nx\ty\n").unwrap();
    let headless = mpaka(
        &["names", "compare", "--pairs", table.to_str().unwrap()],
        folder.path(),
        "",
    );
    assert_eq!(code(&headless), 3);
}
