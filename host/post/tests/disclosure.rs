//! What the command line tells of a discreet entry, and to whom.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../../tests/src/utopia/chip/mod.rs"]
#[allow(dead_code, unreachable_pub)] // Each of its readers uses a part.
mod utopia;

use jiff::{SignedDuration, Timestamp};
use rules::{EditionNumber, EntryId};
use seal::hq::HqPrivate;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use store::editions::Editions;
use utopia::files::dg1;
use watchlist::build::{EditionBuilder, EditionHeader};
use watchlist::{Handling, ListedDocument, ListedName, PersonEntry};

const PIN: &str = "246810";
const DECIDING: [&str; 4] = ["--decide", "refer", "--officer", "a.officer"];

/// A box with an officer of each line, and a list with the holder of the specimen's chip on it.
struct Post {
    folder: tempfile::TempDir,
}

impl Post {
    fn new(handling: Handling) -> Self {
        let post = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let hq = HqPrivate::open_or_create(&post.path("hq-private.json")).unwrap();
        let public = post.path("hq-public.json");
        hq.public().write(&public).unwrap();
        let public = public.to_str().unwrap();
        post.done(&["enrol", "--post", "GATE", "--hq-public", public], "");
        for (officer, role) in [
            ("a.officer", "officer"),
            ("s.second", "second-line"),
            ("t.technician", "technician"),
        ] {
            let add = ["officer", "add", "--id", officer, "--role", role];
            post.done(&[&add[..], &["--pin-stdin"]].concat(), PIN);
        }
        activate(&post.path("state"), handling);
        std::fs::create_dir(post.path("chip")).unwrap();
        std::fs::write(post.path("chip/dg1.bin"), dg1()).unwrap();
        image::RgbImage::from_pixel(320, 240, image::Rgb([220; 3]))
            .save(post.path("blank.png"))
            .unwrap();
        post
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str], stdin: &str) -> Output {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(stdin.as_bytes()).unwrap();
        input.rewind().unwrap();
        Command::new(env!("CARGO_BIN_EXE_mpaka"))
            .env("MPAKA_STATE", self.path("state"))
            .env("MPAKA_MODELS", self.path("no-models"))
            .arg("--json")
            .args(words)
            .stdin(input)
            .output()
            .unwrap()
    }

    fn done(&self, words: &[&str], stdin: &str) -> Output {
        let output = self.run(words, stdin);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
        output
    }

    /// Inspects her, whose chip says who she is, with these words more.
    fn inspect(&self, more: &[&str], stdin: &str) -> Output {
        let (blank, chip) = (self.path("blank.png"), self.path("chip"));
        let (blank, chip) = (blank.to_str().unwrap(), chip.to_str().unwrap());
        let words = [
            "inspect",
            "--page",
            blank,
            "--live",
            blank,
            "--files",
            chip,
            "--today",
            "2011-06-01",
        ];
        self.run(&[&words[..], more].concat(), stdin)
    }
}

fn activate(state: &Path, handling: Handling) {
    let mut person = PersonEntry::new(
        EntryId::new("E-SECRET").unwrap(),
        vec![ListedName::primary("ERIKSSON, Anna Maria")],
        "made up",
    );
    person.births = vec!["1974-08-12".parse().unwrap()];
    person.handling = handling;
    person.documents = vec![ListedDocument {
        number: "Z7654321".into(),
        state: "UTO".into(),
        document_type: String::new(),
    }];
    let mut builder = EditionBuilder::new();
    builder.add_person(person).unwrap();
    let mut editions = Editions::open(state).unwrap();
    let staged = editions.stage().unwrap();
    let now = Timestamp::now();
    let header = EditionHeader {
        number: EditionNumber(1),
        made_at: now,
        expires_at: now + SignedDuration::from_hours(24 * 7),
        sources: vec![],
    };
    builder.write(&staged, &header).unwrap();
    editions.activate(EditionNumber(1), &staged).unwrap();
}

fn object(output: &Output) -> serde_json::Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_command_line_tells_the_first_line_nothing_of_a_discreet_entry() {
    let post = Post::new(Handling::Discreet);
    for (more, pin) in [(&[][..], ""), (&DECIDING[..], PIN)] {
        let output = post.inspect(more, pin);
        let told = object(&output);
        assert_eq!(told["advice"], "Refer", "{told}");
        assert_eq!(told["candidates"], serde_json::json!([]));
        let text = String::from_utf8_lossy(&output.stdout);
        for word in ["E-SECRET", "\"search.", "resemble", "listed"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    // The first line by her own PIN, the second by a wrong one, and somebody whom nobody knows.
    for (officer, pin) in [("a.officer", PIN), ("s.second", "135791"), ("x", PIN)] {
        let refused = post.inspect(&["--second-line", officer], pin);
        assert_eq!(refused.status.code(), Some(2), "{officer}: {refused:?}");
        assert!(refused.stdout.is_empty());
    }
    let shown = object(&post.inspect(&["--second-line", "s.second"], PIN));
    assert_eq!(shown["candidates"][0]["entry"], "E-SECRET", "{shown}");
    let checks = shown["checks"].as_array().unwrap();
    let found = checks.iter().find(|c| c["check"] == "search.persons");
    assert_eq!(found.unwrap()["outcome"], "Failed");
}

#[test]
fn of_an_open_entry_the_command_line_tells_as_before() {
    let post = Post::new(Handling::Open);
    let told = object(&post.inspect(&[], ""));
    assert_eq!(told["candidates"][0]["entry"], "E-SECRET", "{told}");
    let checks = told["checks"].as_array().unwrap();
    assert!(checks.iter().any(|c| c["check"] == "search.persons"));
}

#[test]
fn nobody_decides_at_the_command_line_in_a_name_that_is_not_hers() {
    let post = Post::new(Handling::Open);
    let waiting = || object(&post.run(&["outbox", "status"], ""))["waiting"].clone();
    let deciding = |officer: &str, more: &[&str], stdin: &str| {
        let words = ["--decide", "refer", "--officer", officer];
        post.inspect(&[&words[..], more].concat(), stdin)
    };
    // No PIN, a wrong one, a technician, who sees no travellers, and somebody whom nobody knows.
    for (officer, pin) in [
        ("a.officer", ""),
        ("a.officer", "135791"),
        ("t.technician", PIN),
        ("x", PIN),
    ] {
        let refused = deciding(officer, &[], pin);
        assert_eq!(refused.status.code(), Some(2), "{officer}: {refused:?}");
        assert!(refused.stdout.is_empty());
    }
    // One PIN proves one person.
    let refused = deciding("a.officer", &["--second-line", "s.second"], PIN);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert_eq!(waiting(), 0, "nothing of it is on record");
    let decided = object(&post.inspect(&DECIDING[..], PIN));
    assert_eq!(decided["decision"]["officer"], "a.officer", "{decided}");
    let both = object(&deciding("s.second", &["--second-line", "s.second"], PIN));
    assert_eq!(both["decision"]["officer"], "s.second", "{both}");
    assert_eq!(waiting(), 2);
}

#[test]
fn a_search_for_scripts_lists_a_discreet_entry_to_the_second_line_alone() {
    const ASKED: [&str; 5] = [
        "screen",
        "--name",
        "ERIKSSON, Anna Maria",
        "--birth",
        "1974-08-12",
    ];
    let post = Post::new(Handling::Discreet);
    let output = post.run(&ASKED, "");
    let told = object(&output);
    assert_eq!(told["advice"], "Refer", "{told}");
    assert_eq!(told["outcome"], "Undetermined", "no clear, and no more");
    assert_eq!(told["candidates"], serde_json::json!([]));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("E-SECRET"));
    // A document that the entry names tells of her as her name does.
    let output = post.run(&["screen", "--number", "Z7654321", "--state", "UTO"], "");
    assert_eq!(object(&output)["advice"], "Refer", "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("E-SECRET"));
    for (officer, pin) in [("a.officer", PIN), ("s.second", "135791"), ("s.second", "")] {
        let words = [&ASKED[..], &["--second-line", officer]].concat();
        let refused = post.run(&words, pin);
        assert_eq!(refused.status.code(), Some(2), "{officer}: {refused:?}");
        assert!(refused.stdout.is_empty());
    }
    let words = [&ASKED[..], &["--second-line", "s.second"]].concat();
    let shown = object(&post.run(&words, PIN));
    assert_eq!(shown["candidates"][0]["entry"], "E-SECRET", "{shown}");
    assert_eq!(shown["outcome"], "Failed");
    assert_eq!(shown["advice"], serde_json::Value::Null);
    let ledger = post.done(&["ledger", "list"], "");
    let lines = String::from_utf8_lossy(&ledger.stdout);
    assert!(lines.contains("officer_signed_in"), "{lines}");

    // An open one is listed to everybody, and of who is not on the list nothing is said.
    let post = Post::new(Handling::Open);
    let told = object(&post.run(&ASKED, ""));
    assert_eq!(told["candidates"][0]["entry"], "E-SECRET", "{told}");
    assert_eq!(told["advice"], serde_json::Value::Null);
    let nobody = object(&post.run(&["screen", "--name", "OTIENO, Grace"], ""));
    assert_eq!(nobody["outcome"], "Successful", "{nobody}");
    assert_eq!(nobody["advice"], serde_json::Value::Null);
}
