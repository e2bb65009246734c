//! Publishings that are cut off, and files that somebody alters between two of them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod desk;

use desk::{Desk, text};
use seal::bundle::publish::published_edition;
use seal::bundle::{Expiry, Verified, verify};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const PERSONS: &str = "\
entry,names,birth,nationality
UTO-1,\"ERIKSSON, Anna Maria\",1974-08-12,UTO
UTO-2,\"SPECIMEN, Anna\",1961,UTO
";

fn import(desk: &Desk, persons: &str) {
    desk.import(persons);
    desk.approve();
}

/// A canary and another box, and a list that is approved.
fn headquarters() -> Desk {
    let desk = Desk::new();
    desk.enrol("NAMANGA");
    desk.enrol("BUSIA");
    desk.done(&["place", "NAMANGA", "--canary", "true"]);
    import(&desk, PERSONS);
    desk
}

fn verified(desk: &Desk, out: &Path) -> Verified {
    let root = fs::read(desk.state().join("roots/1.root.json")).unwrap();
    let now = jiff::Timestamp::now();
    verify(out, &root, &desk.path("tuf"), now, Expiry::Refuse).unwrap()
}

/// Files of the bundle folder whose names begin so.
fn bundled(desk: &Desk, beginning: &str) -> Vec<PathBuf> {
    fs::read_dir(desk.state().join("bundle"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with(beginning)
        })
        .collect()
}

fn flip_a_byte(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn whenever_a_publishing_is_killed_its_rollout_stands_where_its_edition_is_offered() {
    let desk = headquarters();
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out), "--waves", "canary,all"];
    let started = std::time::Instant::now();
    desk.done(&publish);
    let whole = started.elapsed();
    let (rounds, mut cut) = (16, 0);
    for round in 0..rounds {
        let before = published_edition(&out).unwrap();
        let mut publishing = desk
            .command(&publish)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * (round + 1) / rounds);
        publishing.kill().unwrap();
        cut += u32::from(!publishing.wait().unwrap().success());
        let offered = published_edition(&out).unwrap();
        let stands = desk.done(&["rollout"]);
        assert_eq!(
            (&stands[0]["edition"], &stands[0]["state"]),
            (&offered.into(), &"open".into()),
            "after a cut in round {round}; {before} was offered before"
        );
        let register = rusqlite::Connection::open(desk.state().join("register.db")).unwrap();
        let ask = |sql: &str| -> i64 { register.query_row(sql, [], |r| r.get(0)).unwrap() };
        let noted = "SELECT max(number) FROM edition WHERE published_at IS NOT NULL";
        assert_eq!(ask(noted), i64::try_from(offered).unwrap());
        assert_eq!(ask("SELECT count(*) FROM offering"), 0, "it is settled");
    }
    eprintln!("{cut} of {rounds} publishings cut");
    assert!(cut > 0);
    // And the rollout can be halted, whatever was cut off before.
    desk.done(&publish);
    desk.done(&["rollout", "halt", "--why", "x"]);
    assert!(verified(&desk, &out).rollout.is_some());
}

#[test]
fn an_edition_that_was_signed_and_not_noted_is_noted_by_the_next_to_look() {
    let desk = headquarters();
    let mine = desk.sealing("NAMANGA");
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out), "--waves", "canary,all"];
    desk.done(&publish);
    let one = desk.take(&out, &mine, None, "one");
    desk.done(&["withdraw", "UTO-2", "--why", "court order"]);
    desk.approve();
    desk.done(&publish);

    // As if the power had gone between the last file in the repository and the first line in a database.
    let register = rusqlite::Connection::open(desk.state().join("register.db")).unwrap();
    let office = rusqlite::Connection::open(desk.state().join("office.db")).unwrap();
    let at = "2026-11-29T10:00:00Z";
    let intent = "INSERT INTO offering VALUES (1, ?1, ?2, 'canary,all',
                      (SELECT value FROM setting WHERE name = 'line'), ?3)";
    register.execute(intent, (2, text(&out), at)).unwrap();
    register
        .execute_batch(
            "UPDATE setting SET value = CAST('{\"base\":1,\"last\":1,\"documents\":0}' AS BLOB) WHERE name = 'line';
             UPDATE edition SET published_at = NULL WHERE number = 2;",
        )
        .unwrap();
    office
        .execute_batch(
            "DELETE FROM rollout WHERE edition = 2;
             UPDATE rollout SET state = 'open', why = NULL WHERE edition = 1;
             UPDATE withdrawal SET edition = NULL;
             INSERT INTO published VALUES ('UTO-2', 'person', 'Utopia Police', '{}');",
        )
        .unwrap();
    let stands = desk.done(&["rollout", "check"]);
    assert_eq!(stands[0]["edition"], 2);
    assert_eq!(
        desk.done(&["withdraw", "UTO-2", "--proof"])[0]["of_edition"],
        2
    );
    let of_one: String = office
        .query_row("SELECT state FROM rollout WHERE edition = 1", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(of_one, "aborted");

    // One that was never signed is none: the next step is from the edition that boxes have.
    register.execute(intent, (3, text(&out), at)).unwrap();
    assert_eq!(desk.done(&["rollout"])[0]["edition"], 2);
    let third = desk.done(&publish);
    assert_eq!(third[0]["full"], false);
    let two = desk.take(&out, &mine, Some(&one), "late");
    let edition = watchlist::Edition::open(&two).unwrap();
    assert_eq!(edition.info().persons, 1);
}

#[test]
fn a_step_that_was_never_signed_is_in_nobodys_way() {
    let desk = headquarters();
    let mine = desk.sealing("NAMANGA");
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out)];
    desk.done(&publish);
    let one = desk.take(&out, &mine, None, "one");
    // The disk refuses at the last moment: what was made for edition 2 lies in the bundle, unsigned.
    let metadata = out.join("metadata");
    fs::rename(&metadata, out.join("aside")).unwrap();
    fs::write(&metadata, "no folder").unwrap();
    import(&desk, &PERSONS.replace("1961", "1962"));
    desk.refused(&publish, 1);
    fs::remove_file(&metadata).unwrap();
    fs::rename(out.join("aside"), &metadata).unwrap();

    import(&desk, &PERSONS.replace("1961", "1963"));
    let next = desk.done(&publish);
    assert_eq!(next[0]["full"], false);
    let folder = desk.take(&out, &mine, Some(&one), "next");
    let edition = watchlist::Edition::open(&folder).unwrap();
    let person = edition
        .person(&rules::EntryId::new("UTO-2").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(person.births[0].to_string(), "1963");
}

#[test]
fn a_file_of_an_earlier_edition_that_was_altered_is_not_signed_again() {
    let desk = headquarters();
    let mine = desk.sealing("NAMANGA");
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out)];
    assert_eq!(desk.done(&publish)[0]["full"], true);
    let kept = desk.done(&publish);
    assert_eq!(kept[0]["full"], false, "untouched, it is carried on");
    assert!(kept[0]["altered"].is_null());

    let base = bundled(&desk, "base-000001-");
    flip_a_byte(&base[0]);
    let mended = desk.done(&publish);
    assert_eq!(mended[0]["full"], true);
    let name = base[0].file_name().unwrap().to_str().unwrap();
    assert_eq!(mended[0]["altered"], serde_json::json!([name]));
    desk.take(&out, &mine, None, "after-a-base");

    // The wrapped keys too; and a part that is gone is not passed over.
    flip_a_byte(&bundled(&desk, "keys-")[0]);
    let mended = desk.done(&publish);
    assert_eq!(
        (&mended[0]["full"], &mended[0]["altered"][0]),
        (&false.into(), &"keys-000001".into())
    );
    fs::remove_file(&bundled(&desk, "base-000003-")[0]).unwrap();
    assert_eq!(desk.done(&publish)[0]["full"], true);
    desk.take(&out, &mine, None, "after-all");
}

#[test]
fn what_somebody_lays_into_the_bundle_is_signed_by_nobody() {
    let desk = headquarters();
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out)];
    desk.done(&publish);
    let stray = "file-policy-0123456789abcdef-policy.json";
    for name in [stray, "delta-000001-000009", "notes.txt"] {
        fs::write(desk.state().join("bundle").join(name), "laid here").unwrap();
    }
    let published = desk.done(&publish);
    let files = published[0]["files"].to_string();
    assert!(
        !files.contains(stray) && !files.contains("000009") && !files.contains("notes"),
        "{files}"
    );
    // Who can write there can write the copy of what was signed, and cannot sign it.
    let base = bundled(&desk, "base-000001-");
    flip_a_byte(&base[0]);
    for folder in [desk.state().join("signed/metadata"), out.join("metadata")] {
        let targets = folder.join("2.targets.json");
        let signed = fs::read_to_string(&targets).unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA256, &fs::read(&base[0]).unwrap());
        let role: serde_json::Value = serde_json::from_str(&signed).unwrap();
        let name = base[0].file_name().unwrap().to_str().unwrap();
        let was = role["signed"]["targets"][name]["hashes"]["sha256"]
            .as_str()
            .unwrap();
        fs::write(&targets, signed.replace(was, &hex::encode(digest))).unwrap();
    }
    let published = desk.done(&publish);
    assert_eq!(
        published[0]["full"], true,
        "nothing vouches for it any more"
    );
    assert!(!published[0]["files"].to_string().contains("base-000001"));
}

#[test]
fn another_repository_gets_what_was_signed_for_the_first() {
    let desk = headquarters();
    let mine = desk.sealing("NAMANGA");
    let (out, stick) = (desk.path("repository"), desk.path("stick"));
    desk.done(&["publish", "--out", text(&out)]);
    let second = desk.done(&["publish", "--out", text(&stick)]);
    assert_eq!(second[0]["full"], false);
    desk.take(&stick, &mine, None, "from-the-stick");
    // Without the copy, what lies in the repository says what was signed.
    fs::remove_dir_all(desk.state().join("signed")).unwrap();
    assert_eq!(
        desk.done(&["publish", "--out", text(&stick)])[0]["full"],
        false
    );
}

#[test]
fn an_edition_made_anew_carries_nothing_that_was_signed_before() {
    let desk = headquarters();
    let mine = desk.sealing("NAMANGA");
    let out = desk.path("repository");
    desk.done(&["publish", "--out", text(&out)]);
    let policy = desk.file("policy.json", "{}");
    desk.done(&["files", "add", "policy", &policy]);
    desk.approve();
    desk.done(&["publish", "--out", text(&out)]);
    let digests = |verified: &Verified| -> std::collections::BTreeSet<[u8; 32]> {
        verified.targets.iter().map(|file| file.sha256).collect()
    };
    let before = digests(&verified(&desk, &out));
    let anew = desk.done(&["publish", "--out", text(&out), "--anew"]);
    assert_eq!(
        (&anew[0]["full"], &anew[0]["delta_bytes"]),
        (&true.into(), &serde_json::Value::Null)
    );
    let after = digests(&verified(&desk, &out));
    assert!(
        before.is_disjoint(&after),
        "wrapped and encrypted once more"
    );
    assert!(anew[0]["files"].to_string().contains("policy.json"));
    let folder = desk.take(&out, &mine, None, "anew");
    assert_eq!(watchlist::Edition::open(&folder).unwrap().info().persons, 2);
    desk.refused(&["publish", "--out", text(&out), "--anew", "--full"], 2);
}

#[test]
fn a_number_that_somebody_writes_into_the_repository_is_not_counted_on_from() {
    let desk = headquarters();
    let mine = desk.sealing("NAMANGA");
    let out = desk.path("repository");
    desk.done(&["publish", "--out", text(&out), "--waves", "canary,all"]);
    desk.done(&["rollout", "halt", "--why", "x"]);
    desk.done(&["rollout", "resume"]);
    let before = verified(&desk, &out).signing;
    assert!(before > 1, "a wave signs too");
    // The last numbers that there are: signed on from there, no box could ever be given anything newer.
    let timestamp = out.join("metadata/timestamp.json");
    for number in [u64::MAX, u64::MAX - 1, 4_000_000_000] {
        let text = fs::read_to_string(&timestamp).unwrap();
        let mut role: serde_json::Value = serde_json::from_str(&text).unwrap();
        role["signed"]["version"] = number.into();
        fs::write(&timestamp, role.to_string()).unwrap();
        let said = desk.run(&["rollout", "halt", "--why", "x"]);
        assert!(
            !said.status.success(),
            "what is not ours is not signed again"
        );
        let published = desk.done(&[
            "publish",
            "--out",
            out.to_str().unwrap(),
            "--waves",
            "canary,all",
        ]);
        assert_eq!(published[0]["full"], false);
        let signing = published[0]["signing"].as_u64().unwrap();
        assert!(signing > before && signing < before + 10, "{signing}");
        assert_eq!(verified(&desk, &out).signing, signing);
    }
    let folder = desk.take(&out, &mine, None, "after");
    assert_eq!(watchlist::Edition::open(&folder).unwrap().info().persons, 2);
}
