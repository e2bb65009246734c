//! Keys in tokens (PKCS#11), tried with SoftHSM: from the ceremony to an edition that a box takes and a receipt that it
//! believes, and everything that a token may refuse.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;
mod hsm;

use desk::wire::Server;
use desk::{Desk, text, tls};
use hsm::{Hsm, contains, private_file};
use seal::parcel::batch;
use seal::receipt::SignedReceipt;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

const MACHINE_PIN: &str = "machine-2468";
const ROOT_PINS: [&str; 3] = ["keeper-1357", "keeper-8642", "keeper-9753"];
const WANJIRU_PIN: &str = "wanjiru-1122";
const OTIENO_PIN: &str = "otieno-3344";

/// Runs it with these lines typed; what it answered.
fn typed(desk: &Desk, arguments: &[&str], lines: &str) -> Output {
    let mut child = desk
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse before it reads anything.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    child.wait_with_output().unwrap()
}

fn done(desk: &Desk, arguments: &[&str], lines: &str) -> Value {
    let output = typed(desk, arguments, lines);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What it says where it fails with this code.
fn refused(desk: &Desk, arguments: &[&str], lines: &str, code: i32) -> String {
    let output = typed(desk, arguments, lines);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    said
}

/// How a token's PIN stands.
fn pin_of(desk: &Desk, token: &str) -> Value {
    let tokens = desk.done(&["pkcs11", "tokens"]);
    let found = tokens.iter().find(|t| t["token"] == token);
    found.unwrap_or_else(|| panic!("{token}: {tokens:?}"))["pin"].clone()
}

/// A drawer with the tokens of two keepers, two holders and a machine, and the file with the machine's PIN.
fn drawer() -> Option<(Hsm, Desk, String)> {
    let hsm = Hsm::new()?;
    hsm.token("root-1", ROOT_PINS[0]);
    hsm.token("root-2", ROOT_PINS[1]);
    hsm.token("wanjiru", WANJIRU_PIN);
    hsm.token("otieno", OTIENO_PIN);
    hsm.token("machine", MACHINE_PIN);
    let desk = Desk::with(hsm.environment());
    let pin = private_file(&desk.path("pin"), &format!("{MACHINE_PIN}\n"));
    Some((hsm, desk, pin))
}

fn uri(token: &str, object: &str) -> String {
    format!("pkcs11:token={token};object={object}")
}

/// The whole ceremony in tokens.
fn ceremony(desk: &Desk, pin_file: &str) -> Value {
    let holders = private_file(
        &desk.path("holders"),
        &format!("{WANJIRU_PIN}\n{OTIENO_PIN}\n"),
    );
    let machine = |what: &str| {
        let place = uri("machine", what);
        format!("{what}={place}?pin-source=file:{pin_file}")
    };
    let keys = [
        uri("root-1", "root"),
        uri("root-2", "root"),
        format!("targets={}", uri("wanjiru", "editions")),
        format!("targets={}", uri("otieno", "editions")),
        machine("snapshot"),
        machine("timestamp"),
        machine("receipts"),
        machine("authority"),
    ];
    let mut arguments = vec!["ceremony", "--threshold", "2", "--keys", "2"];
    arguments.extend(["--holder", "a.wanjiru", "--holder", "b.otieno"]);
    arguments.extend(["--passphrase-file", &holders]);
    for key in &keys {
        arguments.extend(["--key", key]);
    }
    done(
        desk,
        &arguments,
        &format!("{}\n{}\n", ROOT_PINS[0], ROOT_PINS[1]),
    )
}

fn publish(desk: &Desk, signers: &[(&str, &str)]) -> Vec<String> {
    let pins: String = signers.iter().map(|(_, pin)| format!("{pin}\n")).collect();
    let file = private_file(&desk.path("signers"), &pins);
    let out = desk.path("repository");
    let mut arguments = vec!["publish".into(), "--out".into(), text(&out).to_owned()];
    arguments.extend(["--passphrase-file".into(), file]);
    for (signer, _) in signers {
        arguments.extend(["--signer".into(), (*signer).to_owned()]);
    }
    arguments
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// A list that both holders have approved with their tokens.
fn approved_list(desk: &Desk) {
    desk.import("entry,names,birth\nUTO-1,\"ERIKSSON, Anna Maria\",1974-08-12\n");
    for (name, pin) in [("a.wanjiru", WANJIRU_PIN), ("b.otieno", OTIENO_PIN)] {
        let file = private_file(&desk.path(name), &format!("{pin}\n"));
        desk.done(&["approve", "--by", name, "--passphrase-file", &file]);
    }
}

#[test]
fn with_every_key_in_a_token_a_box_takes_an_edition_and_believes_a_receipt() {
    let Some((_hsm, desk, pin_file)) = drawer() else {
        return;
    };
    let record = ceremony(&desk, &pin_file);
    assert_eq!(record["in_tokens"].as_array().unwrap().len(), 8);
    assert_eq!(record["in_tokens"][0]["place"], uri("root-1", "root"));
    assert_eq!(record["roles"][0]["key_ids"].as_array().unwrap().len(), 2);

    // What lies here holds no secret but the key that opens parcels.
    for entry in fs::read_dir(desk.state().join("keys")).unwrap() {
        let file = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(file.contains("pkcs11:token="), "{file}");
        assert!(
            !file.contains("pkcs8") && !file.contains("locked"),
            "{file}"
        );
    }
    let private = fs::read_to_string(desk.state().join("hq-private.json")).unwrap();
    assert!(!private.contains("receipt_seed") && private.contains("parcel_private"));
    let authority = fs::read(desk.state().join("authority.key")).unwrap();
    assert!(contains(&authority, b"pkcs11:token=machine"));
    for name in ["authority.key", "hq-private.json", "acts.ledger"] {
        let file = fs::read(desk.state().join(name)).unwrap();
        assert!(!contains(&file, MACHINE_PIN.as_bytes()), "{name}");
    }

    let mine = desk.enrol("BUSIA");
    approved_list(&desk);
    let signers = [("a.wanjiru", WANJIRU_PIN), ("b.otieno", OTIENO_PIN)];
    let published = desk.done(&words(&publish(&desk, &signers)));
    assert_eq!(published[0]["number"], 1);
    let folder = desk.take(&desk.path("repository"), &mine, None, "edition");
    assert_eq!(watchlist::Edition::open(&folder).unwrap().info().persons, 1);

    // The next root is signed in the keepers' tokens, and boxes follow to it.
    let pins = format!("{}\n{}\n", ROOT_PINS[0], ROOT_PINS[1]);
    assert_eq!(done(&desk, &["rotate"], &pins)["root_version"], 2);
    assert_eq!(desk.done(&words(&publish(&desk, &signers)))[0]["number"], 2);
    desk.take(&desk.path("repository"), &mine, Some(&folder), "second");

    // A certificate of the token's authority opens the door, and a receipt signed in the token is believed.
    let (sender, identity) = tls::admitted(&desk, "NAMANGA");
    let server = Server::guarded(&desk, &[]);
    let mut stream = tls::greet(server.port, &identity.authority, Some(&identity));
    let parcels = batch::encode(&sender.parcels(1..=3));
    let (status, receipt) = tls::ask(&mut stream, "POST /v1/parcels", &parcels).unwrap();
    assert_eq!(status, 200);
    let receipt = SignedReceipt::from_bytes(&receipt).unwrap();
    assert_eq!(receipt.verify(&sender.hq).unwrap().receipt().up_to.0, 3);
    drop(server);

    // The next keys: the one for receipts again in a token, under another name.
    desk.refused(&["rekey"], 2);
    let next = format!(
        "{}?pin-source=file:{pin_file}",
        uri("machine", "receipts-2")
    );
    let rekeyed = desk.done(&["rekey", "--key", &next]);
    assert_eq!(rekeyed[0]["former"].as_array().unwrap().len(), 1);
    desk.done(&["acts"]);
}

#[test]
fn one_token_is_not_two_people_and_one_pin_not_another() {
    let Some((hsm, desk, pin_file)) = drawer() else {
        return;
    };
    // Two keepers' keys under one PIN.
    let twice = ["root-a", "root-b"].map(|object| uri("root-1", object));
    let arguments = ["ceremony", "--key", &twice[0], "--key", &twice[1]];
    let said = refused(&desk, &arguments, &format!("{}\n", ROOT_PINS[0]), 2);
    assert!(said.contains("a token of its own"), "{said}");
    // A holder's PIN in a file, and a program's in nobody's.
    let holders = private_file(&desk.path("h"), &format!("{WANJIRU_PIN}\n{OTIENO_PIN}\n"));
    let people = ["--holder", "a.wanjiru", "--holder", "b.otieno"];
    let of_holder = format!(
        "targets={}?pin-source=file:{pin_file}",
        uri("wanjiru", "editions")
    );
    let mut arguments = vec![
        "ceremony",
        "--passphrase-file",
        &holders,
        "--key",
        &of_holder,
    ];
    arguments.extend(people);
    assert!(refused(&desk, &arguments, "", 2).contains("its holder's"));
    let of_program = format!("timestamp={}", uri("machine", "timestamp"));
    let said = refused(&desk, &["ceremony", "--key", &of_program], "", 2);
    assert!(said.contains("pin-source"), "{said}");
    assert!(!desk.state().join("roots/1.root.json").exists());

    ceremony(&desk, &pin_file);
    approved_list(&desk);
    // The other's PIN signs nothing, and neither does one person.
    let signers = [("a.wanjiru", WANJIRU_PIN), ("b.otieno", WANJIRU_PIN)];
    let said = desk.refused(&words(&publish(&desk, &signers)), 3);
    assert!(said.contains("token otieno refuses the PIN"), "{said}");
    desk.refused(&words(&publish(&desk, &[("a.wanjiru", WANJIRU_PIN)])), 4);
    // Without the token there is no signature either.
    hsm.pull_out("otieno");
    let signers = [("a.wanjiru", WANJIRU_PIN), ("b.otieno", OTIENO_PIN)];
    let said = desk.refused(&words(&publish(&desk, &signers)), 4);
    assert!(said.contains("no token otieno is here"), "{said}");
    hsm.plug_in("otieno");
    desk.done(&words(&publish(&desk, &signers)));
}

#[test]
fn a_new_key_goes_into_no_token_that_holds_a_key_of_somebody_else() {
    let Some((_hsm, desk, pin_file)) = drawer() else {
        return;
    };
    ceremony(&desk, &pin_file);
    let keepers = format!("{}\n{}\n", ROOT_PINS[0], ROOT_PINS[1]);
    // The holders' next keys, the first of them in this token.
    let rotate = |token: &str, pin: &str| {
        let pins = format!("{pin}\n{OTIENO_PIN}\n");
        let file = private_file(&desk.path(&format!("next-{token}")), &pins);
        let first = format!("targets={}", uri(token, "next"));
        let second = format!("targets={}", uri("otieno", "next"));
        let words = ["rotate", "--role", "targets", "--passphrase-file", &file];
        let people = ["--holder", "a.wanjiru", "--holder", "b.otieno"];
        [&words[..], &people, &["--key", &first, "--key", &second]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    // A keeper's token and the machine's hold keys that stay.
    for (token, pin) in [("root-1", ROOT_PINS[0]), ("machine", MACHINE_PIN)] {
        let said = refused(&desk, &words(&rotate(token, pin)), &keepers, 2);
        assert!(said.contains("a token of its own"), "{token}: {said}");
    }
    let of_wanjiru = private_file(&desk.path("of-wanjiru"), &format!("{WANJIRU_PIN}\n"));
    let place = |object: &str| {
        let place = uri("wanjiru", object);
        format!("{place}?pin-source=file:{of_wanjiru}")
    };
    let snapshot = format!("snapshot={}", place("snapshot"));
    let arguments = ["rotate", "--role", "snapshot", "--key", &snapshot];
    let said = refused(&desk, &arguments, &keepers, 2);
    assert!(said.contains("a token of its own"), "{said}");
    let said = desk.refused(&["rekey", "--key", &place("receipts")], 2);
    assert!(said.contains("a token of its own"), "{said}");

    // The own token, whose key is replaced, is the holder's as before.
    let done = done(&desk, &words(&rotate("wanjiru", WANJIRU_PIN)), &keepers);
    assert_eq!(done["root_version"], 2);
}

#[test]
fn a_wrong_pin_is_tried_once_and_programs_leave_the_token_alone_after_it() {
    let Some((hsm, desk, pin_file)) = drawer() else {
        return;
    };
    let key = uri("root-1", "root");
    let arguments = ["ceremony", "--threshold", "1", "--keys", "1", "--key", &key];
    let said = refused(&desk, &arguments, "keeper-0000\nkeeper-1357\n", 3);
    assert!(said.contains("tried once"), "{said}");
    assert!(!said.contains("keeper-0000"), "{said}");
    assert_eq!(pin_of(&desk, "root-1"), "refused_before");
    assert!(!desk.state().join("roots").exists(), "nothing was made");

    // A program whose file is wrong tries once; started again and again it does not lock the token.
    private_file(&desk.path("pin"), "machine-0000\n");
    let key = format!(
        "timestamp={}?pin-source=file:{pin_file}",
        uri("machine", "timestamp")
    );
    let arguments = ["ceremony", "--key", &key];
    assert!(refused(&desk, &arguments, "", 3).contains("tried once"));
    for _ in 0..3 {
        let said = refused(&desk, &arguments, "", 3);
        assert!(said.contains("was given a wrong PIN since"), "{said}");
    }
    private_file(&desk.path("pin"), MACHINE_PIN);
    assert!(refused(&desk, &arguments, "", 3).contains("was given a wrong PIN since"));
    // Opened by hand with the right one, it is as before: the key is missing, the PIN was right.
    let check = ["pkcs11", "check", &key];
    let said = refused(&desk, &check, &format!("{MACHINE_PIN}\n"), 4);
    assert!(said.contains("holds no such key"), "{said}");
    assert_eq!(pin_of(&desk, "machine"), "good");
    done(&desk, &arguments, "");
    assert_eq!(done(&desk, &check, MACHINE_PIN)["usable"], true);

    // Nobody there to type is no wrong PIN.
    let key = uri("root-2", "root");
    let elsewhere = Desk::with(hsm.environment());
    refused(&elsewhere, &["ceremony", "--key", &key], "", 2);
    refused(&elsewhere, &["pkcs11", "check", &key], "\n", 2);
    assert_eq!(pin_of(&elsewhere, "root-2"), "good");
}

#[test]
fn what_a_token_lacks_has_a_name() {
    let Some((hsm, desk, pin_file)) = drawer() else {
        return;
    };
    ceremony(&desk, &pin_file);
    let check = |key: &str, pin: &str, code: i32| {
        let arguments = ["pkcs11", "check", key];
        refused(&desk, &arguments, &format!("{pin}\n"), code)
    };
    // No such token; no such key; another ceremony's key over the first; two of a name.
    assert!(check(&uri("root-9", "root"), "any", 4).contains("no token root-9 is here"));
    assert!(check(&uri("root-1", "other"), ROOT_PINS[0], 4).contains("holds no such key"));
    let elsewhere = Desk::with(hsm.environment());
    let taken = uri("root-1", "root");
    let arguments = ["ceremony", "--key", &taken];
    let said = refused(&elsewhere, &arguments, &format!("{}\n", ROOT_PINS[0]), 3);
    assert!(said.contains("such a key already"), "{said}");
    let same = [("snapshot", "%01"), ("timestamp", "%02")].map(|(what, id)| {
        let place = uri("machine", "same");
        format!("{what}={place};id={id}?pin-source=file:{pin_file}")
    });
    let arguments = ["ceremony", "--key", &same[0], "--key", &same[1]];
    done(&elsewhere, &arguments, "");
    assert!(check(&uri("machine", "same"), MACHINE_PIN, 3).contains("2 such keys"));

    // A key that was brought into its token lies elsewhere too: it is not taken over, and nothing is made beside it.
    hsm.bring_in("root-2", "brought", ROOT_PINS[1]);
    let third = Desk::with(hsm.environment());
    let brought = uri("root-2", "brought");
    let arguments = ["ceremony", "--existing-keys", "--key", &brought];
    let said = refused(&third, &arguments, &format!("{}\n", ROOT_PINS[1]), 3);
    assert!(said.contains("not made in its token"), "{said}");
    assert!(!third.state().join("hq-private.json").exists());

    // A PIN in a URI is refused and not repeated, not even by the command line's reader.
    let talkative = format!("{}?pin-value=zebracrossing", uri("root-1", "root"));
    for arguments in [
        &["ceremony", "--key", &talkative][..],
        &["rotate", "--role", "root", "--key", &talkative],
        &["rekey", "--key", &talkative],
        &["pkcs11", "check", &talkative],
    ] {
        let said = refused(&desk, arguments, "", 2);
        assert!(!said.contains("zebra"), "{said}");
    }
    let acts = fs::read(desk.state().join("acts.ledger")).unwrap();
    assert!(!contains(&acts, b"zebra"));

    // Keys that open records lie in files; a library that is none is named.
    let of_protection = uri("root-1", "protection");
    desk.refused(&["protection", "make", "--key", &of_protection], 2);
    let said = desk.refused(&["pkcs11", "tokens", "--module", "/dev/null"], 4);
    assert!(said.contains("/dev/null"), "{said}");

    // A locked token is told from a wrong PIN, and asked for nothing.
    hsm.lock("root-1");
    assert_eq!(pin_of(&desk, "root-1"), "locked");
    let said = check(&taken, ROOT_PINS[0], 3);
    assert!(said.contains("has locked itself"), "{said}");
    let said = refused(&desk, &["rotate"], &format!("{}\n", ROOT_PINS[1]), 3);
    assert!(said.contains("has locked itself"), "{said}");

    // The key was taken out of its token since.
    hsm.empty("wanjiru");
    let file = private_file(&desk.path("wanjiru"), &format!("{WANJIRU_PIN}\n"));
    let approve = ["approve", "--by", "a.wanjiru", "--passphrase-file", &file];
    assert!(desk.refused(&approve, 4).contains("holds no such key"));

    // Two tokens of one name: none is chosen, and no act goes on without the key that signs it.
    hsm.token("machine", MACHINE_PIN);
    assert!(check(&uri("machine", "same"), MACHINE_PIN, 3).contains("add serial="));
    assert!(desk.refused(&approve, 3).contains("add serial="));
}

#[test]
fn a_token_pulled_out_in_mid_ceremony_leaves_no_root() {
    let Some((hsm, desk, _)) = drawer() else {
        return;
    };
    hsm.token("root-3", ROOT_PINS[2]);
    let keys = ["root-1", "root-2", "root-3"].map(|token| uri(token, "root"));
    let mut arguments = vec!["ceremony", "--threshold", "2", "--keys", "3"];
    for key in &keys {
        arguments.extend(["--key", key]);
    }
    let mut child = desk
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    // Two tokens are open, the third one's PIN is asked for: the second is pulled out.
    for pin in &ROOT_PINS[..2] {
        writeln!(keyboard, "{pin}").unwrap();
        let open = said.by_ref().map(Result::unwrap);
        assert!(
            open.into_iter()
                .any(|line| line.contains("the token is open"))
        );
    }
    hsm.pull_out("root-2");
    writeln!(keyboard, "{}", ROOT_PINS[2]).unwrap();
    let rest: Vec<String> = said.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{rest:?}");
    assert!(
        rest.iter()
            .any(|line| line.contains("no token root-2 is here")),
        "{rest:?}"
    );
    assert!(!desk.state().join("roots/1.root.json").exists());
    desk.refused(&["acts"], 4);

    // The first keeper's key was made. Held again, it is taken where one says so.
    hsm.plug_in("root-2");
    let pins = ROOT_PINS.join("\n") + "\n";
    let refusal = refused(&desk, &arguments, &pins, 3);
    assert!(refusal.contains("such a key already"), "{refusal}");
    arguments.push("--existing-keys");
    let record = done(&desk, &arguments, &pins);
    assert_eq!(record["roles"][0]["key_ids"].as_array().unwrap().len(), 3);
    // Two of three sign the next root; the third token is in its safe.
    hsm.pull_out("root-3");
    let pins = format!("{}\n{}\n", ROOT_PINS[0], ROOT_PINS[1]);
    assert_eq!(done(&desk, &["rotate"], &pins)["root_version"], 2);
    hsm.pull_out("root-2");
    let said = refused(&desk, &["rotate"], &pins, 4);
    assert!(said.contains("is here: plug it in"), "{said}");
}
