//! The whole box on a stick: opened at headquarters alone, with everything in it that headquarters lacks, once.

use super::{Border, noise};
use rules::{PostId, Sequence};
use seal::storekey::StoreKey;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use store::Store;

/// Every plain file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The box's private keys, without what is around them: of the signing key the seed alone, which in PKCS#8 (RFC 8410)
/// stands behind sixteen bytes of frame; its public half goes out with the box's certificate.
fn private_keys(state: &Path) -> Vec<Vec<u8>> {
    let signing = fs::read(state.join("device.key")).unwrap();
    let mut keys = vec![signing[16..48].to_vec()];
    for name in ["sealing.key", "store.key"] {
        keys.push(fs::read(state.join(name)).unwrap());
        assert_eq!(keys.last().unwrap().len(), 32);
    }
    keys
}

fn gives_away(bytes: &[u8], keys: &[Vec<u8>]) -> bool {
    keys.iter()
        .any(|key| bytes.windows(key.len()).any(|w| w == key))
}

impl Border {
    fn backup(&self, folder: &Path) -> serde_json::Value {
        let to = folder.to_str().unwrap();
        self.mpaka(&["backup", "--to", to]).remove(0)
    }
}

fn stick(border: &Border, name: &str) -> PathBuf {
    let folder = border.path(name);
    fs::create_dir(&folder).unwrap();
    folder
}

#[test]
fn a_backup_brings_what_waited_exactly_once_and_makes_no_second_box() {
    let border = Border::new();
    let at = |name: &str| border.path(name).to_str().unwrap().to_owned();
    border.record(5, |n| noise(n, 2));
    border.mpaka(&["outbox", "export", "--to", &at("first")]);
    border.hq(&["take", "--receipt", &at("receipt"), &at("first")]);
    border.mpaka(&["outbox", "receipt", &at("receipt")]);
    border.record(3, |n| noise(n, 2));

    let folder = stick(&border, "stick");
    let made = border.backup(&folder);
    assert_eq!(
        (&made["post"], &made["waiting"]),
        (&"NAMANGA".into(), &3.into())
    );
    let file = PathBuf::from(made["file"].as_str().unwrap());
    assert_eq!(files_below(&folder), std::slice::from_ref(&file));
    let bytes = fs::read(&file).unwrap();
    let keys = private_keys(&border.state());
    assert!(!gives_away(&bytes, &keys) && !bytes.windows(4).any(|w| w == b"UTOD"));
    assert_eq!(
        border.mpaka(&["outbox", "status"])[0]["waiting"],
        3,
        "a backup erases nothing"
    );

    // Another headquarters opens nothing of it; this one does, and nothing in it is a key in clear.
    let (file, into) = (file.to_str().unwrap(), at("unpacked"));
    let elsewhere = Border::new();
    elsewhere.hq_refused(&["backup", "open", file, "--into", &into], 3);
    assert!(!border.path("unpacked").exists());
    let opened = &border.hq(&["backup", "open", file, "--into", &into])[0];
    assert_eq!(
        (&opened["post"], &opened["last"], &opened["receipted"]),
        (&"NAMANGA".into(), &8.into(), &5.into())
    );
    let unpacked = files_below(&border.path("unpacked"));
    assert_eq!(opened["files"], unpacked.len());
    for path in &unpacked {
        assert!(!gives_away(&fs::read(path).unwrap(), &keys), "{path:?}");
        assert!(!path.ends_with("keys.sealed") && !path.ends_with("device.key"));
    }
    for name in ["mpaka.db", "mpaka.witness", "post.toml", "hq-public.json"] {
        assert!(border.path("unpacked").join(name).is_file(), "{name}");
    }
    border.hq_refused(&["backup", "open", file, "--into", &into], 3);

    // The ledger within verifies against what headquarters has seen.
    let ledger = at("unpacked/ledger.jsonl");
    let verdict = &border.hq(&["ledger", "--post", "NAMANGA", &ledger])[0];
    assert_eq!(verdict["outcome"], "Successful");
    assert_eq!(verdict["lines"], opened["line"]);

    // What waited arrives once: from the backup, from it again, and from the box itself, which was mended after all.
    let parcels = at("unpacked/parcels");
    let taken = &border.hq(&["take", "--receipt", &at("late"), &parcels])[0];
    assert_eq!((&taken["parcels"], &taken["up_to"]), (&3.into(), &8.into()));
    border.hq(&["take", "--receipt", &at("late"), &parcels]);
    border.record(1, |n| noise(n, 2));
    border.mpaka(&["outbox", "export", "--to", &at("second")]);
    border.hq(&["take", "--receipt", &at("last"), &at("second")]);
    let audit = &border.hq(&["audit"])[0];
    assert_eq!(
        (
            &audit["parcels"],
            &audit["opened"],
            &audit["gaps"],
            &audit["refused"]
        ),
        (&9.into(), &9.into(), &0.into(), &0.into())
    );
    let erased = &border.mpaka(&["outbox", "receipt", &at("late")])[0];
    assert_eq!(
        (&erased["erased"], &erased["waiting"]),
        (&3.into(), &1.into())
    );
    let verified = &border.mpaka(&["ledger", "verify"])[0];
    assert_eq!(verified["outcome"], "Successful");

    // A replacement makes keys of its own: headquarters takes it under another name only, and it begins at nothing.
    let replacement = border.path("replacement");
    let mut enrol = border.programs.mpaka();
    enrol.arg("--state").arg(&replacement);
    enrol.args(["enrol", "--post", "NAMANGA", "--hq-public"]);
    enrol.arg(border.path("hq").join("hq-public.json"));
    assert!(enrol.output().unwrap().status.success());
    let public = at("replacement/device-public.json");
    border.hq_refused(&["enrol", &public], 3);
    let second = border.path("second-box");
    border.enrol("NAMANGA-B", &second);
    let mut status = border.programs.mpaka();
    status
        .arg("--state")
        .arg(&second)
        .args(["--json", "outbox", "status"]);
    let status = super::answers(&mut status);
    assert_eq!(
        (&status[0]["parcels"], &status[0]["waiting"]),
        (&0.into(), &0.into())
    );
}

#[test]
fn the_stores_copy_within_a_backup_opens_with_the_key_that_headquarters_unwraps() {
    let border = Border::new();
    border.record(4, |n| noise(n, 2));
    let folder = stick(&border, "stick");
    let made = border.backup(&folder);
    let at = |name: &str| border.path(name).to_str().unwrap().to_owned();
    let file = made["file"].as_str().unwrap();
    border.hq(&["backup", "open", file, "--into", &at("unpacked")]);
    let unwrap = |post: &str, out: &str| {
        let (folder, out) = (at("unpacked"), at(out));
        let (folder, out) = (folder.as_str(), out.as_str());
        let words = ["backup", "store-key", folder, "--post", post, "--out", out];
        words.map(str::to_owned)
    };
    let words = unwrap("ELSEWHERE", "no.key");
    border.hq_refused(&words.each_ref().map(String::as_str), 3);
    assert!(!border.path("no.key").exists());
    let words = unwrap("NAMANGA", "store.key");
    border.hq(&words.each_ref().map(String::as_str));
    let key = StoreKey::open(&border.path("store.key")).unwrap();
    let post = PostId::new("NAMANGA").unwrap();
    let store = Store::open(&border.path("unpacked"), &key, &post).unwrap();
    store.check_pages().unwrap();
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.encounters, report.waiting), (4, 4));
    assert!(store.encounter(Sequence(4)).unwrap().is_some());
    // Both are in headquarters' ledger of its acts.
    let acts = border.hq(&["acts"]);
    let told = acts.iter().filter(|act| act["act"] == "backup").count();
    assert!(told >= 4, "{acts:?}");
}

#[test]
fn a_torn_backup_is_named_and_a_leftover_is_swept() {
    let border = Border::new();
    border.record(2, |n| noise(n, 2));
    let folder = stick(&border, "stick");
    fs::write(folder.join(".writing-x1"), b"half of a backup").unwrap();
    fs::write(folder.join("holiday.jpg"), b"somebody's own").unwrap();
    let made = border.backup(&folder);
    let mut names: Vec<_> = files_below(&folder);
    names.retain(|path| !path.ends_with("holiday.jpg"));
    let file = made["file"].as_str().unwrap();
    assert_eq!(names, [PathBuf::from(file)]);

    let at = |name: &str| border.path(name).to_str().unwrap().to_owned();
    let bytes = fs::read(file).unwrap();
    let mut bent = bytes.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    let mut newer = bytes.clone();
    newer[7] = 9;
    for (what, bytes, says) in [
        ("short", &bytes[..bytes.len() - 7], "cut short or altered"),
        ("bent", &bent[..], "cut short or altered"),
        ("newer", &newer[..], "update"),
        ("letter", &b"Dear headquarters"[..], "not a well-formed"),
        ("empty", &b""[..], "not a well-formed"),
    ] {
        fs::write(at(what), bytes).unwrap();
        let output = border
            .hq_command()
            .args(["backup", "open", &at(what), "--into", &at("unpacked")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{what}: {said}");
        assert!(said.contains(says), "{what}: {said}");
        assert!(!border.path("unpacked").exists(), "{what}");
    }
    // Of a stolen box nothing is believed, however it comes.
    border.hq(&["revoke", "NAMANGA", "--why", "stolen"]);
    border.hq_refused(&["backup", "open", file, "--into", &at("unpacked")], 3);
    assert!(!border.path("unpacked").exists());

    // No stick there.
    let mut lost = border.mpaka_command();
    lost.args(["backup", "--to", &at("no-stick")]);
    assert_eq!(lost.output().unwrap().status.code(), Some(3));
}

/// A stick of 256 KiB; pulled out when dropped.
struct SmallStick(PathBuf);

impl Drop for SmallStick {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_stick_is_named_and_nothing_is_left_on_it() {
    let border = Border::new();
    // Their records alone are more than the stick holds.
    border.record(60, |n| noise(n, 8));
    let small = stick(&border, "small");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
        .arg(&small)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: mounting a small tmpfs needs root");
        return;
    }
    let small = SmallStick(small);
    let mut command = border.mpaka_command();
    let output = command.arg("backup").arg("--to").arg(&small.0).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("full"), "{said}");
    assert_eq!(files_below(&small.0), Vec::<PathBuf>::new());
    // The box is as it was, and a larger stick takes it.
    let verified = &border.mpaka(&["ledger", "verify"])[0];
    assert_eq!(verified["outcome"], "Successful");
    let made = border.backup(&stick(&border, "large"));
    assert_eq!(made["waiting"], 60);
}
