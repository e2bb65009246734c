//! What headquarters owes to persons and to courts: access whatever the spelling, erasure that says what was done,
//! holds that two people end, retention, and exports of a fixed set of things.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;

use desk::wire::{Sender, Server};
use desk::{Desk, text};
use jiff::Timestamp;
use rules::Sequence;
use rules::encounter::DocumentRecord;
use seal::parcel::{Label, ParcelKind, SealedParcel, seal};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

fn record(sender: &Sender, sequence: u64, names: Option<&str>) -> Vec<u8> {
    let document = names.map(|names| DocumentRecord {
        mrz: vec![
            format!("{:<<44}", format!("P<UTO{names}")),
            format!("L8989{sequence:04}6UTO7408122F3204159ZE184226B<<<<<10"),
        ],
        mrz_before_correction: None,
    });
    sender.record(sequence, "2026-11-29T10:17:23Z".parse().unwrap(), document)
}

fn ordinary(sender: &Sender, sequence: u64, names: Option<&str>) -> SealedParcel {
    sender.sealed(sequence, &record(sender, sequence, names))
}

fn protected(sender: &Sender, sequence: u64, names: &str) -> SealedParcel {
    let key = sender.hq.protection().unwrap();
    let record = record(sender, sequence, Some(names));
    let content = key.seal_record(&sender.post, Sequence(sequence), &record);
    let label = Label {
        post: sender.post.clone(),
        sequence: Sequence(sequence),
        kind: ParcelKind::Protected,
        made_at: Timestamp::UNIX_EPOCH,
        ledger: sender.head(sequence),
    };
    seal(&content.unwrap(), label, &sender.hq, &sender.key).unwrap()
}

/// Four travellers of Namanga: two with names, one who asked for protection, one without a document.
fn received(desk: &Desk) -> Sender {
    let sender = Sender::enrolled(desk, "NAMANGA");
    let server = Server::start(desk);
    server.receipt(
        &sender,
        &[
            ordinary(&sender, 1, Some("MUELLER<<ANNA")),
            ordinary(&sender, 2, Some("ERIKSSON<<ANNA<MARIA")),
            protected(&sender, 3, "MULLER<<BERTA"),
            ordinary(&sender, 4, None),
        ],
    );
    sender
}

fn sequences(told: &[Value]) -> Vec<u64> {
    told.iter()
        .map(|told| told["sequence"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_person_finds_what_is_held_however_the_name_is_written() {
    let desk = Desk::new();
    received(&desk);
    for name in ["Müller", "MU\u{308}LLER", "mueller", "Anna Müller"] {
        let told = desk.done(&["subject-access", "--name", name]);
        assert_eq!(sequences(&told), [1], "{name}");
        assert!(told[0]["by_likeness"].is_null());
    }
    assert_eq!(
        sequences(&desk.done(&["subject-access", "--name", "Anna"])),
        [1, 2]
    );
    assert!(desk.done(&["subject-access", "--name", "UTO"]).is_empty());
    desk.refused(&["subject-access", "--name", " "], 2);
    desk.refused(&["subject-access", "--number", "-"], 2);

    // What the answer does not cover is said; with their key protection records are covered too.
    let answer = desk.run(&["subject-access", "--name", "Müller"]);
    let said = String::from_utf8(answer.stderr).unwrap();
    assert!(
        said.contains("1 protection records were not looked into"),
        "{said}"
    );
    assert!(said.contains("1 records have no document's zone"), "{said}");
    let key = desk.state().join("protection.key");
    let told = desk.done(&[
        "subject-access",
        "--name",
        "Müller",
        "--protection-key",
        text(&key),
    ]);
    assert_eq!(sequences(&told), [1, 3]);

    // The ledger says that it was looked into, and not for whom.
    let ledger = std::fs::read_to_string(desk.state().join("acts.ledger")).unwrap();
    assert!(ledger.contains("subject_access") && ledger.contains("\"protection\":true"));
    assert!(!ledger.to_lowercase().contains("ller"), "{ledger}");
}

#[test]
fn a_name_in_another_script_is_found_and_marked_as_a_likeness() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let server = Server::start(&desk);
    server.receipt(
        &sender,
        &[
            ordinary(&sender, 1, Some("SALMAN<<MOHAMMED")),
            ordinary(&sender, 2, Some("ERIKSSON<<ANNA<MARIA")),
        ],
    );
    let told = desk.done(&["subject-access", "--name", "محمد سلمان"]);
    assert_eq!(sequences(&told), [1]);
    assert_eq!(told[0]["by_likeness"], true);
}

#[test]
fn an_erasure_says_what_was_done_with_the_bytes() {
    let desk = Desk::new();
    received(&desk);
    let run = |order: &str| {
        let erase = ["erase", "--post", "NAMANGA", "--sequence", "1"];
        desk.command(&erase)
            .args(["--order", order])
            .output()
            .unwrap()
    };
    // No order, an endless one, and one that would break a line are none.
    for order in ["", " ", &"x".repeat(5000), "two\nlines"] {
        assert_eq!(run(order).status.code(), Some(2), "{order:.9}");
    }
    let proof: Value = serde_json::from_slice(&run("Court of Utopia 7/26").stdout).unwrap();
    assert_eq!(proof["medium"], "overwritten");
    assert!(proof["done"].as_str().unwrap().contains("log emptied"));
    assert_eq!(
        sequences(&desk.done(&["subject-access", "--name", "Anna"])),
        [2]
    );
}

const PASSPHRASES: [(&str, &str); 3] = [
    ("a.wanjiru", "seven zebras cross at noon"),
    ("b.otieno", "the lake is quiet tonight"),
    ("c.hassan", "dust on the northern road"),
];

fn passphrase(desk: &Desk, name: &str) -> String {
    let (_, word) = PASSPHRASES.iter().find(|(n, _)| *n == name).unwrap();
    desk.file(&format!("pass-{name}"), &format!("{word}\n"))
}

/// A headquarters whose keys for editions people hold.
fn with_holders() -> Desk {
    let desk = Desk::bare();
    let words: Vec<&str> = PASSPHRASES.iter().map(|(_, word)| *word).collect();
    let file = desk.file("passphrases", &words.join("\n"));
    let mut arguments = vec!["ceremony", "--threshold", "2", "--keys", "3"];
    for (name, _) in PASSPHRASES {
        arguments.extend(["--holder", name]);
    }
    arguments.extend(["--passphrase-file", &file]);
    desk.done(&arguments);
    desk
}

const PLACE: [&str; 10] = [
    "hold",
    "place",
    "--post",
    "NAMANGA",
    "--sequence",
    "1",
    "--order",
    "Inquiry 3/26",
    "--by",
    "a.wanjiru",
];

const ERASE: [&str; 7] = [
    "erase",
    "--post",
    "NAMANGA",
    "--sequence",
    "1",
    "--order",
    "request of the person",
];

#[test]
fn a_record_under_hold_is_erased_only_once_two_people_have_released_it() {
    let desk = with_holders();
    received(&desk);
    let placed = desk.done(&PLACE);
    assert_eq!(
        (&placed[0]["hold"], &placed[0]["stands"]),
        (&1.into(), &true.into())
    );
    assert_eq!(desk.done(&PLACE)[0]["hold"], 1, "the same again");
    let said = desk.refused(&ERASE, 3);
    assert!(said.contains("Inquiry 3/26"), "{said}");

    let release = |name: &str, file: &str| {
        let hold = [
            "hold",
            "release",
            "1",
            "--by",
            name,
            "--passphrase-file",
            file,
        ];
        desk.run(&hold)
    };
    let stands = |output: std::process::Output| {
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let hold: Value = serde_json::from_slice(&output.stdout).unwrap();
        (
            hold["stands"].as_bool().unwrap(),
            hold["released_by"].clone(),
        )
    };
    let (a, b) = (
        passphrase(&desk, "a.wanjiru"),
        passphrase(&desk, "b.otieno"),
    );
    assert_eq!(
        stands(release("a.wanjiru", &a)),
        (true, json!(["a.wanjiru"]))
    );
    assert_eq!(
        stands(release("A.Wanjiru", &a)),
        (true, json!(["a.wanjiru"]))
    );
    // In another's name it takes the other's passphrase; a stranger has no key.
    assert!(!release("b.otieno", &a).status.success());
    assert!(!release("e.nobody", &a).status.success());
    // A row written by hand, with the own signature, releases nothing; nor does another hold's.
    let office = rusqlite::Connection::open(desk.state().join("office.db")).unwrap();
    office
        .execute_batch(
            "INSERT INTO hold_release SELECT hold, 'b.otieno', at, key_id, signature FROM hold_release;",
        )
        .unwrap();
    desk.refused(&ERASE, 3);
    assert_eq!(desk.done(&["hold"])[0]["stands"], true);
    office
        .execute("DELETE FROM hold_release WHERE person = 'b.otieno'", [])
        .unwrap();

    assert_eq!(
        stands(release("b.otieno", &b)),
        (false, json!(["a.wanjiru", "b.otieno"]))
    );
    assert_eq!(desk.done(&ERASE)[0]["sequence"], 1);
    // What is erased can be kept no more; what never came neither.
    desk.refused(&PLACE, 3);
    desk.refused(
        &[
            "hold",
            "release",
            "9",
            "--by",
            "a.wanjiru",
            "--passphrase-file",
            &a,
        ],
        3,
    );
    let acts = desk.done(&["acts"]);
    let holds = acts
        .iter()
        .filter(|act| act["act"] == "hold" && act["phase"] == "done");
    assert_eq!(holds.count(), 5, "two placed, three released");
}

#[test]
fn releases_of_one_hold_are_worth_nothing_for_another() {
    let desk = with_holders();
    received(&desk);
    desk.done(&PLACE);
    for name in ["a.wanjiru", "b.otieno"] {
        let file = passphrase(&desk, name);
        desk.done(&[
            "hold",
            "release",
            "1",
            "--by",
            name,
            "--passphrase-file",
            &file,
        ]);
    }
    let again = desk.done(&PLACE);
    assert_eq!(
        (&again[0]["hold"], &again[0]["stands"]),
        (&2.into(), &true.into())
    );
    let office = rusqlite::Connection::open(desk.state().join("office.db")).unwrap();
    office
        .execute_batch(
            "INSERT INTO hold_release SELECT 2, person, at, key_id, signature FROM hold_release;",
        )
        .unwrap();
    desk.refused(&ERASE, 3);
}

#[test]
fn retention_takes_what_is_over_by_class_and_leaves_what_is_under_hold() {
    // A pilot without holders: two names.
    let desk = Desk::new();
    let sender = received(&desk);
    desk.done(&PLACE);
    let retention = |days: &str, protection: &str| {
        let arguments = [
            "retention",
            "--days",
            days,
            "--protection-days",
            protection,
            "--order",
            "Border Act 12 section 9",
        ];
        desk.done(&arguments).remove(0)
    };
    let counts = |said: &Value| {
        let count = |name: &str| said[name].as_u64().unwrap();
        (count("ordinary"), count("protection"), count("under_hold"))
    };
    assert_eq!(
        counts(&retention("30", "30")),
        (0, 0, 0),
        "it came just now"
    );
    let parcels = rusqlite::Connection::open(desk.state().join("parcels.db")).unwrap();
    parcels
        .execute(
            "UPDATE parcel SET received_at = '2024-01-01T00:00:00Z' WHERE sequence <= 3",
            [],
        )
        .unwrap();
    let first = retention("30", "36500");
    assert_eq!(
        counts(&first),
        (1, 0, 1),
        "one of two, the other is under hold"
    );
    assert_eq!(first["medium"], "overwritten");
    assert_eq!(counts(&retention("30", "30")), (0, 1, 1));
    for name in ["a.wanjiru", "b.otieno"] {
        desk.done(&["hold", "release", "1", "--by", name]);
    }
    assert_eq!(counts(&retention("30", "30")), (1, 0, 0));
    // The numbers stay, and what comes again is not taken in anew.
    let audit = desk.done(&["audit"]);
    assert_eq!(
        (&audit[0]["parcels"], &audit[0]["gaps"], &audit[0]["opened"]),
        (&4.into(), &0.into(), &1.into())
    );
    let server = Server::start(&desk);
    assert_eq!(
        server.receipt(&sender, &[ordinary(&sender, 5, None)]).up_to,
        Sequence(5)
    );
    desk.refused(
        &[
            "retention",
            "--days",
            "0",
            "--protection-days",
            "1",
            "--order",
            "x",
        ],
        2,
    );
}

#[test]
fn exports_are_of_a_fixed_set_and_hold_what_they_say_and_nobody_who_asked_for_protection() {
    let desk = Desk::new();
    received(&desk);
    desk.done(&PLACE);
    desk.done(&[
        "erase",
        "--post",
        "NAMANGA",
        "--sequence",
        "2",
        "--order",
        "=cmd|'/c calc'!A1",
    ]);
    let export = |kind: &str, more: &[&str]| {
        let out = desk.path(&format!("export-{kind}"));
        let arguments = [&["export", kind, "--out", text(&out)][..], more].concat();
        let said = desk.done(&arguments).remove(0);
        let mode = std::fs::metadata(&out).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{kind}");
        let content = std::fs::read(&out).unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA256, &content);
        assert_eq!(said["sha256"], hex::encode(digest));
        (said, String::from_utf8(content).unwrap())
    };

    let (said, encounters) = export("encounters", &[]);
    assert_eq!((&said["rows"], &said["left_out"]), (&2.into(), &2.into()));
    let lines: Vec<&str> = encounters.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[1].starts_with("NAMANGA,1,2026-11-29T10Z,,Clear,,"),
        "{encounters}"
    );
    for secret in ["MUELLER", "L8989", "ERIKSSON", "protect", "NAMANGA,3"] {
        assert!(!encounters.contains(secret), "{secret} in {encounters}");
    }

    desk.refused(
        &[
            "export",
            "decisions",
            "--out",
            text(&desk.path("export-decisions")),
        ],
        2,
    );
    let order = ["--order", "Ministry 4/26", "--from", "2026-11-29T00:00:00Z"];
    let (said, decisions) = export("decisions", &order);
    assert_eq!((&said["rows"], &said["left_out"]), (&2.into(), &2.into()));
    assert!(decisions.contains("MUELLER") && !decisions.contains("BERTA"));
    let until = [
        "--order",
        "x",
        "--until",
        "2026-01-01T00:00:00Z",
        "--post",
        "NAMANGA",
    ];
    std::fs::remove_file(desk.path("export-decisions")).unwrap();
    assert_eq!(export("decisions", &until).0["rows"], 0);

    let (_, posts) = export("posts", &[]);
    assert!(posts.contains("NAMANGA,true,4,4,4,0,0,"), "{posts}");
    let (_, erasures) = export("erasures", &[]);
    assert!(
        erasures.contains("'=cmd"),
        "no formula reaches a spreadsheet: {erasures}"
    );
    let (_, holds) = export("holds", &[]);
    assert!(holds.contains("Inquiry 3/26"));
    let (_, statistics) = export("statistics", &[]);
    let statistics: Value = serde_json::from_str(&statistics).unwrap();
    assert_eq!(statistics["encounters"], 2);
    assert!(
        statistics["advice"].as_object().unwrap().is_empty(),
        "of two nothing is told"
    );
    let (_, acts) = export("acts", &[]);
    assert!(acts.lines().any(|line| line.contains("\"export\"")));

    // Nothing else, and nothing over a file that is there.
    let said = desk.refused(&["export", "persons", "--out", text(&desk.path("x"))], 2);
    assert!(said.contains("nothing else"), "{said}");
    desk.refused(
        &["export", "posts", "--out", text(&desk.path("export-posts"))],
        1,
    );
    assert!(!desk.path("x").exists());
}
