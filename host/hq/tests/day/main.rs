//! A day in the life of headquarters: ceremony, fifty boxes, the lists of OFAC, the UN and the own police in waves, a
//! theft, a bad edition, a withdrawal with proof, a lost key; and everything that one person alone must not be able
//! to do. Once on SQLite and once on PostgreSQL.
//!
//! The real program on a state folder of its own; boxes are simulated by the very code that a box verifies, seals and
//! reports with.
#![allow(clippy::unwrap_used, clippy::panic)]

mod alone;
#[path = "../desk/mod.rs"]
mod desk;
mod lists;

use desk::boxes::{self, Fleet};
use desk::server::Postgres;
use desk::wire::Server;
use desk::{Desk, POLICE, text};
use lists::Lists;
use seal::bundle::Turn;
use serde_json::{Value, json};
use std::fs;

const PASSPHRASES: [(&str, &str); 4] = [
    ("a.wanjiru", "seven zebras cross at noon"),
    ("b.otieno", "the lake is quiet tonight"),
    ("c.hassan", "dust on the northern road"),
    ("d.achieng", "a new key for an old lock"),
];

fn passphrase_of(name: &str) -> &'static str {
    PASSPHRASES.iter().find(|(n, _)| *n == name).unwrap().1
}

/// A file with these people's passphrases, a line each.
fn passphrases(desk: &Desk, names: &[&str]) -> String {
    let lines: Vec<&str> = names.iter().map(|name| passphrase_of(name)).collect();
    desk.file(
        &format!("pass-{}", names.join("-")),
        &(lines.join("\n") + "\n"),
    )
}

fn ceremony(desk: &Desk) -> Vec<Value> {
    let file = passphrases(desk, &["a.wanjiru", "b.otieno", "c.hassan"]);
    desk.done(&[
        "ceremony",
        "--threshold",
        "3",
        "--keys",
        "5",
        "--holder",
        "a.wanjiru",
        "--holder",
        "b.otieno",
        "--holder",
        "c.hassan",
        "--passphrase-file",
        &file,
    ])
}

fn persons(count: usize, changed: Option<usize>) -> String {
    let mut csv = "entry,names,birth,nationality,documents\n".to_owned();
    for n in 0..count {
        let year = if changed == Some(n) {
            1991
        } else {
            1960 + n % 40
        };
        csv += &format!("UTO-{n},\"SPECIMEN{n}, Anna\",{year},UTO,U{n:07}/UTO/P\n");
    }
    csv
}

fn approve(desk: &Desk, name: &str) -> Value {
    let file = passphrases(desk, &[name]);
    desk.done(&["approve", "--by", name, "--passphrase-file", &file])
        .remove(0)
}

/// The arguments that publish with these signers.
fn publish<'a>(out: &'a str, file: &'a str, signers: &[&'a str], waves: &'a str) -> Vec<&'a str> {
    let mut arguments = vec![
        "publish",
        "--out",
        out,
        "--passphrase-file",
        file,
        "--waves",
        waves,
    ];
    for signer in signers {
        arguments.extend(["--signer", signer]);
    }
    arguments
}

/// The key file of a holder.
fn key_file_of(desk: &Desk, holder: &str) -> std::path::PathBuf {
    let named = format!("\"{holder}\"");
    fs::read_dir(desk.state().join("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .find(|path| fs::read_to_string(path).unwrap().contains(&named))
        .unwrap()
}

const WAVES: &str = "canary,region:North,all";

/// What approving would change of one list.
fn difference_of(desk: &Desk, source: &str) -> Value {
    let differences = desk.done(&["difference"]);
    let mut of = differences.into_iter().filter(|d| d["source"] == source);
    of.next().unwrap()
}

/// How many entries a difference adds, those that it only counts included.
fn added(difference: &Value) -> u64 {
    difference["added"].as_array().unwrap().len() as u64 + difference["unnamed"].as_u64().unwrap()
}

#[test]
fn a_day_at_headquarters() {
    a_day(&Desk::bare());
}

#[test]
fn a_day_at_headquarters_on_postgresql() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let desk = Desk::bare().with_database(postgres.url());
    a_day(&desk);
    assert!(
        !desk.state().join("parcels.db").exists(),
        "nothing went into a file beside it"
    );
    assert_eq!(postgres.answer("SELECT count(*) FROM parcel"), "100");
}

fn a_day(desk: &Desk) {
    let record = ceremony(desk);
    assert_eq!(record[0]["roles"][0]["threshold"], 3);
    assert_eq!(
        record[0]["roles"][0]["key_ids"].as_array().unwrap().len(),
        5
    );
    let server = Server::start(desk);
    let out = desk.path("repository");
    let out = text(&out);

    // Fifty boxes: three canaries, twenty in the north.
    let mut fleet = Fleet::enrolled(desk, 50);
    for n in 0..50 {
        let post = format!("POST-{n:02}");
        let region = if n < 20 { "North" } else { "South" };
        let mut arguments = vec!["place", &post, "--region", region];
        if n < 3 {
            arguments.extend(["--canary", "true"]);
        }
        desk.done(&arguments);
    }

    // The first lists: shown, approved by two, published in waves.
    desk.import(&persons(20, None));
    let lists = Lists::of(desk);
    lists.import(desk);
    let others = lists.persons();
    for (source, persons) in [
        (POLICE, 20),
        ("OFAC SDN", lists.on_ofac),
        ("UN consolidated", lists.on_un),
    ] {
        assert_eq!(
            added(&difference_of(desk, source)),
            persons as u64,
            "{source}"
        );
    }
    approve(desk, "a.wanjiru");
    approve(desk, "b.otieno");
    let file = passphrases(desk, &["a.wanjiru", "b.otieno"]);
    let signers = ["a.wanjiru", "b.otieno"];
    let plan = desk.done(&["publish", "--out", out, "--dry-run", "--waves", WAVES]);
    assert_eq!(plan[0]["approved"], true);
    assert_eq!(
        plan[0]["first_wave"],
        json!(["POST-00", "POST-01", "POST-02"])
    );
    assert!(
        !desk.path("repository").exists(),
        "a dry run writes nothing"
    );
    let published = desk.done(&publish(out, &file, &signers, WAVES));
    assert_eq!(
        (&published[0]["number"], &published[0]["persons"]),
        (&1.into(), &(20 + others).into())
    );
    for difference in desk.done(&["difference"]) {
        assert_eq!(added(&difference), 0, "{difference}");
    }

    let turns = fleet.sync(out);
    assert_eq!(turns.iter().filter(|t| **t == Turn::Now).count(), 3);
    assert_eq!(turns.iter().filter(|t| **t == Turn::Later).count(), 47);
    // Before the canaries have spoken, nothing goes on.
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["due"], &check[0]["verdict"]),
        (&3.into(), &"wait".into())
    );
    assert!(desk.refused(&["rollout", "advance"], 3).contains("0 of 3"));
    fleet.report(&server);
    let north = desk.done(&["rollout", "advance"]);
    assert_eq!(north[0]["wave"], 1);
    fleet.sync(out);
    assert_eq!(fleet.having(1), 20);
    fleet.report(&server);
    let all = desk.done(&["rollout", "advance"]);
    assert_eq!(all[0]["state"], "done");
    fleet.sync(out);
    fleet.report(&server);
    assert_eq!(fleet.having(1), 50);
    assert_eq!(
        desk.done(&["uptake", "1"])[0]["taken"]
            .as_array()
            .unwrap()
            .len(),
        50
    );

    // Travellers come, and what the boxes record arrives.
    fleet.send(&server, 2);

    // One box is stolen: its word is believed no more, and what it held is known.
    fleet.posts[7].waiting = 12;
    fleet.report(&server);
    let held = desk.done(&["revoke", "POST-07", "--why", "stolen from the lorry"]);
    assert_eq!(held[0]["standing"], "revoked");
    assert_eq!(held[0]["waiting"], 12);
    assert_eq!(held[0]["received_up_to"], 2);
    assert_eq!(held[0]["editions"][0]["edition"], 1);
    let refused = fleet.posts[7].report(&server);
    assert_eq!(refused, 403);
    assert_eq!(fleet.posts[7].send_one(&server), (403, "revoked".into()));
    let table = desk.done(&["fleet"]);
    let stolen = table.iter().find(|row| row["post"] == "POST-07").unwrap();
    assert_eq!(stolen["standing"], "revoked");
    assert_eq!(table.last().unwrap()["summary"]["active"], 49);

    // A bad edition: the canaries cannot search it, and nobody else gets it.
    desk.import(&persons(21, Some(3)));
    let difference = difference_of(desk, POLICE);
    assert_eq!(difference["added"], json!(["UTO-20"]));
    assert_eq!(difference["changed"][0]["entry"], "UTO-3");
    assert_eq!(difference["changed"][0]["fields"], json!(["births"]));
    approve(desk, "b.otieno");
    approve(desk, "c.hassan");
    desk.done(&publish(out, &file, &signers, WAVES));
    let before_halt = boxes::copy_of(out);
    fleet.sync(out);
    assert_eq!(fleet.having(2), 3);
    fleet.posts[1].faults.insert("search_down".into());
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(check[0]["verdict"], "halt");
    assert_eq!(check[0]["state"], "halted");
    assert_eq!(check[0]["failing"][0][0], "POST-01");
    assert!(desk.refused(&["rollout", "advance"], 3).contains("halted"));
    let turns = fleet.sync(out);
    assert_eq!(turns.iter().filter(|t| **t == Turn::Halted).count(), 47);
    assert_eq!(
        fleet.having(2),
        3,
        "the canaries keep it; nobody else has it"
    );
    // What the repository said before the halt is refused by who has heard of the halt.
    let replayed = fleet.posts[30].look(text(before_halt.path()));
    assert!(replayed.is_err(), "{replayed:?}");

    // An entry is withdrawn for good, in the edition that replaces the bad one; each box proves it.
    let gone = desk.done(&["withdraw", "UTO-5", "--why", "court order 7/2026"]);
    assert_eq!(gone[0]["edition"], Value::Null);
    assert!(
        desk.refused(&["withdraw", "UTO-5", "--proof"], 4)
            .contains("approve and publish")
    );
    desk.import(&persons(20, None));
    let standing = approve(desk, "a.wanjiru");
    assert_eq!(
        standing["persons"],
        19 + others,
        "its source lists it again and it stays off"
    );
    approve(desk, "c.hassan");
    desk.done(&publish(out, &file, &signers, "all"));
    fleet.posts[1].faults.clear();
    fleet.sync(out);
    let proof = desk.done(&["withdraw", "UTO-5", "--proof"]);
    assert_eq!(proof[0]["outstanding"].as_array().unwrap().len(), 49);
    fleet.report(&server);
    let proof = desk.done(&["withdraw", "UTO-5", "--proof"]);
    assert_eq!(proof[0]["of_edition"], 3);
    assert_eq!(proof[0]["taken"].as_array().unwrap().len(), 49);
    assert!(proof[0]["outstanding"].as_array().unwrap().is_empty());
    fleet.verify_proofs(&proof[0]["taken"]);

    // A person leaves with her key: three of five root keys replace the keys for editions, and hers is worth
    // nothing.
    let new = ["a.wanjiru", "b.otieno", "d.achieng"];
    let new_file = passphrases(desk, &new);
    desk.refused(&["rotate", "--role", "targets"], 2);
    let hers = key_file_of(desk, "c.hassan");
    let kept = fs::read(&hers).unwrap();
    desk.done(&[
        "rotate",
        "--role",
        "targets",
        "--holder",
        new[0],
        "--holder",
        new[1],
        "--holder",
        new[2],
        "--passphrase-file",
        &new_file,
    ]);
    let her_pass = passphrases(desk, &["c.hassan"]);
    let hers_approves = [
        "approve",
        "--by",
        "c.hassan",
        "--passphrase-file",
        &her_pass,
    ];
    assert!(desk.refused(&hers_approves, 3).contains("holds no key"));
    // She brings a copy of the file back: the root does not name it any more.
    fs::write(&hers, kept).unwrap();
    fs::set_permissions(&hers, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(desk.refused(&hers_approves, 3).contains("holds no key"));
    fs::remove_file(&hers).unwrap();
    approve(desk, "d.achieng");
    let signers = ["a.wanjiru", "d.achieng"];
    let file = passphrases(desk, &signers);
    let said = desk.refused(&publish(out, &file, &signers, "all"), 4);
    assert!(
        said.contains("d.achieng") && !said.contains("c.hassan"),
        "hers does not count: {said}"
    );
    approve(desk, "b.otieno");
    let published = desk.done(&publish(out, &file, &signers, "all"));
    assert_eq!(published[0]["number"], 4);
    fleet.sync(out);
    assert_eq!(
        fleet.having(4),
        49,
        "boxes walk along the roots; the thief's too, and reads nothing of it"
    );

    // Minutes: one entry, two people, every box.
    desk.done(&[
        "emergency",
        "--entry",
        "UTO-99",
        "--name",
        "SPECIMEN, Urgent",
        "--birth",
        "1970",
        "--nationality",
        "UTO",
        "--document",
        "X1234567/UTO/P",
        "--legal-basis",
        "Order 3",
        "--days",
        "2",
    ]);
    approve(desk, "a.wanjiru");
    approve(desk, "b.otieno");
    assert_eq!(
        desk.done(&publish(out, &file, &signers, "all"))[0]["persons"],
        20 + others
    );

    // What arrived is whole, opens, and was sent by nobody else.
    let audit = desk.done(&["audit"]);
    assert_eq!(audit.len(), 50);
    for post in &audit {
        assert_eq!(
            (&post["parcels"], &post["opened"], &post["gaps"]),
            (&2.into(), &2.into(), &0.into()),
            "{post}"
        );
    }

    // Everything stands in the ledger, and nobody rewrites it unseen.
    let acts = desk.done(&["acts"]);
    let said = |act: &str, phase: &str| {
        acts.iter()
            .filter(|a| a["act"] == act && a["phase"] == phase)
            .count()
    };
    assert_eq!((said("ceremony", "done"), said("revoke", "done")), (1, 1));
    assert_eq!(
        (
            said("publish", "begun"),
            said("publish", "done"),
            said("publish", "failed")
        ),
        (6, 5, 1)
    );
    let ledger = desk.state().join("acts.ledger");
    let written = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, written.replacen("stolen", "retired", 1)).unwrap();
    assert!(desk.refused(&["acts"], 3).contains("does not verify"));
    // Nothing is done any more that could not be written down.
    desk.refused(&["withdraw", "UTO-1", "--why", "x"], 3);
}
