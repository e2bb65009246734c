//! What one person alone tries: to approve twice, to publish, to sign with a key that was stolen.

use crate::desk::{Desk, text};
use crate::{approve, ceremony, passphrases, persons, publish};
use std::fs;
use std::path::Path;

#[test]
fn one_person_alone_cannot_approve_twice() {
    let desk = Desk::bare();
    ceremony(&desk);
    let out = desk.path("repository");
    let out = text(&out);
    desk.import(&persons(3, None));
    let own = passphrases(&desk, &["a.wanjiru"]);
    approve(&desk, "a.wanjiru");
    let as_whom =
        |name: &str| desk.refused(&["approve", "--by", name, "--passphrase-file", &own], 3);

    // Twice is once, however it is written; in another's name it takes the other's passphrase; a stranger has no key.
    assert!(as_whom("a.wanjiru").contains("has approved this list already"));
    assert!(as_whom("A.Wanjiru").contains("has approved this list already"));
    let said = as_whom("b.otieno");
    assert!(said.contains("passphrase"), "{said}");
    let said = as_whom("e.nobody");
    assert!(said.contains("holds no key"), "{said}");
    // Nor does looking again at the same list count anew.
    desk.import(&persons(3, None));
    assert!(as_whom("a.wanjiru").contains("has approved this list already"));
    let alone = publish(out, &own, &["a.wanjiru"], "all");
    assert!(desk.refused(&alone, 4).contains("two people"));
}

#[test]
fn one_person_alone_can_do_nothing() {
    let desk = Desk::bare();
    ceremony(&desk);
    let out = desk.path("repository");
    let out = text(&out);
    desk.import(&persons(3, None));
    let own = passphrases(&desk, &["a.wanjiru"]);
    approve(&desk, "a.wanjiru");
    let alone = publish(out, &own, &["a.wanjiru"], "all");
    assert!(desk.refused(&alone, 4).contains("two people"));

    // A row written into the register, and a proof made up with the own key's signature, approve nothing.
    let register = rusqlite::Connection::open(desk.state().join("register.db")).unwrap();
    register
        .execute(
            "INSERT INTO approval SELECT revision, digest, 'b.otieno', at FROM approval",
            [],
        )
        .unwrap();
    let office = rusqlite::Connection::open(desk.state().join("office.db")).unwrap();
    office
        .execute(
            "INSERT INTO proof SELECT revision, digest, 'b.otieno', at, key_id, signature FROM proof",
            [],
        )
        .unwrap();
    let said = desk.refused(&alone, 4);
    assert!(
        said.contains("a.wanjiru") && !said.contains("b.otieno"),
        "{said}"
    );

    // With a true second approval, one signer is still below the threshold of the keys.
    office
        .execute("DELETE FROM proof WHERE approver = 'b.otieno'", [])
        .unwrap();
    register
        .execute("DELETE FROM approval WHERE approver = 'b.otieno'", [])
        .unwrap();
    approve(&desk, "b.otieno");
    let said = desk.refused(&alone, 4);
    assert!(said.contains("targets needs 2"), "{said}");
    assert!(!desk.path("repository/metadata/timestamp.json").exists());
    // A copied key file opens with nothing but its holder's passphrase.
    for entry in fs::read_dir(desk.state().join("keys")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let file = fs::read_to_string(&path).unwrap();
        assert_eq!(
            name.starts_with("targets-"),
            !file.contains("pkcs8"),
            "{name}"
        );
    }
    // The passphrase of a holder is long.
    let desk = Desk::bare();
    let short = desk.file("short", "tooshort\ntooshort\n");
    desk.refused(
        &[
            "ceremony",
            "--holder",
            "a",
            "--holder",
            "b",
            "--passphrase-file",
            &short,
        ],
        3,
    );
}

#[test]
fn a_stolen_role_key_signs_nothing() {
    let desk = Desk::bare();
    ceremony(&desk);
    desk.import(&persons(3, None));

    // The thief has a copy of all that headquarters' machine holds, and of two root keys: the others lie in safes.
    let thief = Desk::bare();
    copy(&desk.state(), &thief.state());
    let roots = fs::read_dir(thief.state().join("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with("root-")
        });
    let roots: Vec<_> = roots.collect();
    assert_eq!(roots.len(), 5);
    for root in &roots[2..] {
        fs::remove_file(root).unwrap();
    }
    let out = thief.path("repository");
    let out = text(&out);

    // The keys of editions open with no passphrase but their holders'.
    let guessed = thief.file("guessed", "a passphrase that is long and wrong\n");
    for holder in ["a.wanjiru", "b.otieno", "c.hassan"] {
        let tried = ["approve", "--by", holder, "--passphrase-file", &guessed];
        assert!(thief.refused(&tried, 3).contains("passphrase"));
    }
    let guess = publish(out, &guessed, &["a.wanjiru"], "all");
    assert!(thief.refused(&guess, 3).contains("passphrase"));

    // With one of them overheard he is that one person: neither approves for two nor signs for two.
    approve(&thief, "a.wanjiru");
    let heard = passphrases(&thief, &["a.wanjiru"]);
    let one = publish(out, &heard, &["a.wanjiru"], "all");
    assert!(thief.refused(&one, 4).contains("two people"));
    let as_another = ["approve", "--by", "b.otieno", "--passphrase-file", &heard];
    assert!(thief.refused(&as_another, 3).contains("passphrase"));

    // Nor does he make himself a holder: the root wants three keys.
    let new = thief.file(
        "new",
        "the thief's own first words\nthe thief's own second words\nthe thief's own third words\n",
    );
    let said = thief.refused(
        &[
            "rotate",
            "--role",
            "targets",
            "--holder",
            "e.thief",
            "--holder",
            "f.thief",
            "--holder",
            "g.thief",
            "--passphrase-file",
            &new,
        ],
        4,
    );
    assert!(said.contains("root needs 3"), "{said}");
    assert!(!Path::new(out).join("metadata/timestamp.json").exists());
}

/// A folder with all that is in it, each file with its rights.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
