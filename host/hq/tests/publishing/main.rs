//! From a CSV to an edition that a box takes, and everything on the way that must stop it.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;
mod lists;

use desk::{Desk, text};
use seal::bundle::{Expiry, verify};
use std::fs;
use std::process::Stdio;

const PERSONS: &str = "\
entry,names,birth,sex,nationality,documents,action,expires
UTO-1,\"ERIKSSON, Anna Maria|Anna Ericson\",1974-08-12,F,UTO,L898902C3/UTO/P,Hold and call,2099-12-31
UTO-2,\"BIN SALMAN, Muhammad\",1961|1962-03,M,UTO|XKX,,,
";
const DOCUMENTS: &str = "number,state,type,entry\nD23145890,UTO,P,DOC-1\nI-7781 22,UTO,,\n";

fn import(desk: &Desk, persons: &str, documents: &str) -> Vec<serde_json::Value> {
    let persons = desk.file("persons.csv", persons);
    let documents = desk.file("documents.csv", documents);
    desk.done(&import_arguments(&persons, &documents))
}

fn import_arguments<'a>(persons: &'a str, documents: &'a str) -> [&'a str; 9] {
    [
        "import",
        "--persons",
        persons,
        "--documents",
        documents,
        "--source",
        "Utopia Police",
        "--legal-basis",
        "Border Act 12",
    ]
}

#[test]
fn a_list_becomes_an_edition_that_a_box_takes() {
    let desk = Desk::new();
    let mine = desk.enrol("NAMANGA");
    let report = import(&desk, PERSONS, DOCUMENTS);
    assert_eq!(report[0]["persons"], 2);
    assert_eq!(report[0]["documents"], 2);
    assert_eq!(report[0]["added"], 4);

    let approved = desk.approve();
    assert_eq!(
        approved["approvers"],
        serde_json::json!(["a.wanjiru", "b.otieno"])
    );
    let out = desk.path("repository");
    let published = desk.done(&["publish", "--out", text(&out)]);
    assert_eq!(published[0]["number"], 1);
    assert_eq!(published[0]["persons"], 2);
    assert_eq!(published[0]["digest"], approved["digest"]);

    let root = fs::read(desk.state().join("roots/1.root.json")).unwrap();
    let now = jiff::Timestamp::now();
    let verified = verify(&out, &root, &desk.path("tuf"), now, Expiry::Refuse).unwrap();
    assert_eq!(verified.edition.0, 1);
    drop(verified);
    let folder = desk.take(&out, &mine, None, "edition");
    let edition = watchlist::Edition::open(&folder).unwrap();
    assert_eq!(edition.info().number.0, 1);
    assert_eq!(
        (edition.info().persons, edition.info().documents),
        (2, 3),
        "two listed, one of a person"
    );

    // Without a change the approvals stand, and the next edition has the next number.
    let published = desk.done(&["publish", "--out", text(&out)]);
    assert_eq!(published[0]["number"], 2);
    let second = desk.take(&out, &mine, Some(&folder), "second");
    let second = watchlist::Edition::open(&second).unwrap();
    assert_eq!((second.info().persons, second.info().documents), (2, 3));
    desk.refused(&["publish", "--out", text(&out), "--number", "2"], 2);
    assert_eq!(
        desk.done(&["publish", "--out", text(&out), "--number", "10"])[0]["number"],
        10
    );
}

#[test]
fn one_person_alone_cannot_publish() {
    let desk = Desk::new();
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out)];
    assert!(desk.refused(&publish, 4).contains("empty"));
    desk.refused(&["approve", "--by", "a.wanjiru"], 4);
    import(&desk, PERSONS, DOCUMENTS);
    assert!(desk.refused(&publish, 4).contains("nobody"));
    desk.done(&["approve", "--by", "a.wanjiru"]);
    assert!(desk.refused(&publish, 4).contains("a.wanjiru"));
    // The same person, written otherwise, is the same person.
    desk.refused(&["approve", "--by", "a.wanjiru"], 3);
    desk.refused(&["approve", "--by", "A.Wanjiru"], 3);
    desk.refused(&["approve", "--by", ""], 2);
    desk.refused(&publish, 4);
    assert!(!out.exists(), "nothing was put anywhere");
}

#[test]
fn a_change_after_approval_voids_it_even_where_it_is_taken_back() {
    let desk = Desk::new();
    let out = desk.path("repository");
    let publish = ["publish", "--out", text(&out)];
    import(&desk, PERSONS, DOCUMENTS);
    let first = desk.done(&["approve", "--by", "a.wanjiru"]);
    desk.done(&["approve", "--by", "b.otieno"]);

    // The very same import again is no change.
    let report = import(&desk, PERSONS, DOCUMENTS);
    assert_eq!(report[0]["unchanged"], 4);
    // Another birth date is; so is the way back.
    let report = import(
        &desk,
        &PERSONS.replace("1974-08-12", "1974-08-13"),
        DOCUMENTS,
    );
    assert_eq!(
        (&report[0]["changed"], &report[0]["unchanged"]),
        (&1.into(), &3.into())
    );
    assert!(desk.refused(&publish, 4).contains("nobody"));
    import(&desk, PERSONS, DOCUMENTS);
    assert!(desk.refused(&publish, 4).contains("nobody"));
    let again = desk.done(&["approve", "--by", "a.wanjiru"]);
    assert_eq!(
        first[0]["digest"], again[0]["digest"],
        "the digest is of what is listed"
    );

    // An entry that its source lists no more is withdrawn; another legal basis is a change too.
    let report = import(&desk, PERSONS, "number,state\nD23145890,UTO\n");
    assert_eq!(report[0]["withdrawn"], 2, "two documents of other names");
    assert!(desk.refused(&publish, 4).contains("nobody"));
    desk.done(&["approve", "--by", "a.wanjiru"]);
    let (persons, documents) = (desk.path("persons.csv"), desk.path("documents.csv"));
    let mut arguments = import_arguments(text(&persons), text(&documents));
    arguments[8] = "Another Act";
    desk.done(&arguments);
    desk.refused(&publish, 4);
}

#[test]
fn a_missing_signing_key_stops_publishing_and_nothing_else() {
    let desk = Desk::new();
    import(&desk, PERSONS, DOCUMENTS);
    desk.approve();
    let out = desk.path("repository");
    desk.done(&["publish", "--out", text(&out)]);
    let keys = desk.state().join("keys");
    for entry in fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("snapshot-")
        {
            fs::rename(&path, desk.path("snapshot.key")).unwrap();
        }
    }
    let said = desk.refused(&["publish", "--out", text(&out)], 4);
    assert!(said.contains("snapshot"), "{said}");
    let root = fs::read(desk.state().join("roots/1.root.json")).unwrap();
    let now = jiff::Timestamp::now();
    let verified = verify(&out, &root, &desk.path("tuf"), now, Expiry::Refuse).unwrap();
    assert_eq!(verified.edition.0, 1);
    // Replaced by rotation, the next edition goes out; the number given out in between stays unused.
    let record = desk.done(&["rotate", "--role", "snapshot"]);
    assert_eq!(record[0]["root_version"], 2);
    assert_eq!(desk.done(&["publish", "--out", text(&out)])[0]["number"], 3);
    let verified = verify(&out, &root, &desk.path("tuf"), now, Expiry::Refuse).unwrap();
    assert_eq!((verified.edition.0, verified.root_version), (3, 2));
}

#[test]
fn the_ceremony_is_held_once_and_needed_for_everything() {
    let desk = Desk::bare();
    for arguments in [
        &["lint"][..],
        &["enrol", "--list"],
        &["audit"],
        &["parcels"],
        &["approve", "--by", "a"],
        &["receive", "--listen", "127.0.0.1:0"],
    ] {
        assert!(desk.refused(arguments, 4).contains("ceremony"));
    }
    desk.refused(&["ceremony", "--threshold", "4", "--keys", "3"], 2);
    desk.refused(&["ceremony", "--threshold", "0", "--keys", "3"], 2);
    let record = desk.done(&["ceremony", "--threshold", "3", "--keys", "5"]);
    let root = fs::read(desk.state().join("roots/1.root.json")).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &root);
    assert_eq!(record[0]["root_sha256"], hex::encode(digest));
    assert_eq!(record[0]["roles"][0]["threshold"], 3);
    assert_eq!(
        record[0]["roles"][0]["key_ids"].as_array().unwrap().len(),
        5
    );
    let public = fs::read(desk.state().join("hq-public.json")).unwrap();
    desk.refused(&["ceremony", "--threshold", "3", "--keys", "5"], 2);
    assert_eq!(
        fs::read(desk.state().join("hq-public.json")).unwrap(),
        public
    );
    assert_eq!(
        fs::read(desk.state().join("roots/1.root.json")).unwrap(),
        root
    );
    use std::os::unix::fs::PermissionsExt;
    let mode = |name: &str| {
        fs::metadata(desk.state().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("hq-private.json"), mode("")), (0o600, 0o700));
    desk.refused(&["receive", "--plain", "--listen", "0.0.0.0:0"], 2);
    desk.refused(&["audit", "--database", "mysql://localhost/x"], 2);
    desk.refused(&["nonsense"], 2);
}

#[test]
fn a_publishing_that_is_killed_leaves_a_whole_edition() {
    let desk = Desk::new();
    // Enough that a publishing takes a while.
    let documents = (0..20_000).fold("number,state\n".to_owned(), |rows, n| {
        rows + &format!("A{n:07},UTO\n")
    });
    import(&desk, PERSONS, &documents);
    desk.approve();
    let out = desk.path("repository");
    let mine = desk.enrol("NAMANGA");
    let started = std::time::Instant::now();
    desk.done(&["publish", "--out", text(&out), "--full"]);
    let whole = started.elapsed();
    let root = fs::read(desk.state().join("roots/1.root.json")).unwrap();
    let datastore = desk.path("tuf");
    let (mut last, mut cut) = (1, 0);
    let rounds = 24;
    for round in 0..rounds {
        let mut publishing = desk
            .command(&["publish", "--out", text(&out), "--full"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * (round + 1) / rounds);
        publishing.kill().unwrap();
        cut += u32::from(!publishing.wait().unwrap().success());
        let verified = verify(
            &out,
            &root,
            &datastore,
            jiff::Timestamp::now(),
            Expiry::Refuse,
        )
        .unwrap();
        let edition = verified.edition.0;
        drop(verified);
        assert!(edition >= last, "{edition} after {last}");
        last = edition;
        let copy = desk.take(&out, &mine, None, &format!("copy-{round}"));
        assert_eq!(
            watchlist::Edition::open(&copy).unwrap().info().number.0,
            edition
        );
        fs::remove_dir_all(copy).unwrap();
    }
    eprintln!("{cut} of {rounds} publishings cut, editions up to {last}");
    assert!(cut > 0);
    // And the next one clears away what they left.
    let published = desk.done(&["publish", "--out", text(&out)]);
    assert!(published[0]["number"].as_u64().unwrap() > last);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
    for folder in [out.join("metadata"), out.join("targets"), desk.state()] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                !name.starts_with('.') && !name.starts_with("edition-"),
                "{name} is left"
            );
        }
    }
}

#[test]
fn a_days_changes_reach_a_box_as_a_step_and_a_withdrawn_entry_stays_away() {
    let desk = Desk::new();
    let mine = desk.enrol("NAMANGA");
    let out = desk.path("repository");
    let publish = |persons: &str, documents: &str| {
        import(&desk, persons, documents);
        desk.approve();
        desk.done(&["publish", "--out", text(&out)]).remove(0)
    };
    let first = publish(PERSONS, DOCUMENTS);
    assert_eq!((&first["full"], &first["boxes"]), (&true.into(), &1.into()));
    let one = desk.take(&out, &mine, None, "one");

    // One person changes, one goes, one comes; one document goes, one comes.
    let persons = "entry,names,birth,sex,nationality,documents,action,expires\n\
        UTO-1,\"ERIKSSON, Anna Maria\",1974-08-13,F,UTO,L898902C3/UTO/P,Call,2099-12-31\n\
        UTO-3,\"OTIENO, Grace Achieng\",1990-02-03,F,UTO,,,\n";
    let second = publish(
        persons,
        "number,state,type\nZZ000001,UTO,P\nI-7781 22,UTO,\n",
    );
    assert_eq!(second["full"], false);
    assert!(second["delta_bytes"].as_u64().unwrap() < 4096);
    let two = desk.take(&out, &mine, Some(&one), "two");
    // A box that comes later takes the full edition and the step, to the same end.
    for folder in [two.clone(), desk.take(&out, &mine, None, "late")] {
        let edition = watchlist::Edition::open(&folder).unwrap();
        let holds = |number: &str, state: &str| {
            let asked = watchlist::DocumentQuery {
                number: number.into(),
                state: state.into(),
                document_code: "P".into(),
            };
            edition.search_documents(&asked).unwrap()
        };
        assert_eq!(holds("L898902C3", "UTO")[0].entry.as_str(), "UTO-1");
        assert_eq!(holds("ZZ000001", "UTO").len(), 1);
        assert_eq!(holds("I778122", "UTO").len(), 1, "it stayed");
        assert!(holds("D23145890", "UTO").is_empty(), "it went");
        let entry = |name: &str| edition.person(&rules::EntryId::new(name).unwrap()).unwrap();
        assert_eq!(entry("UTO-1").unwrap().births[0].to_string(), "1974-08-13");
        assert!(entry("UTO-2").is_none());
        assert!(entry("UTO-3").is_some());
        assert_eq!((edition.info().persons, edition.info().documents), (2, 3));
    }

    // Withdrawn, it stays away whatever its source says, until it is reinstated.
    desk.done(&["withdraw", "UTO-3", "--why", "mistaken identity"]);
    let third = publish(persons, DOCUMENTS);
    assert_eq!(third["persons"], 1);
    let three = desk.take(&out, &mine, Some(&two), "three");
    let edition = watchlist::Edition::open(&three).unwrap();
    assert!(
        edition
            .person(&rules::EntryId::new("UTO-3").unwrap())
            .unwrap()
            .is_none()
    );
    desk.done(&["withdraw", "UTO-3", "--reinstate"]);
    assert_eq!(publish(persons, DOCUMENTS)["persons"], 2);
}

#[test]
fn only_enrolled_boxes_read_and_a_revoked_one_reads_nothing_new() {
    let desk = Desk::new();
    let mine = desk.enrol("NAMANGA");
    let out = desk.path("repository");
    import(&desk, PERSONS, DOCUMENTS);
    desk.approve();
    desk.done(&["publish", "--out", text(&out)]);
    for entry in fs::read_dir(out.join("targets")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for secret in [&b"ERIKSSON"[..], b"eriksson", b"UTO-1"] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret));
        }
    }
    let wrapped = fs::read(desk.state().join("bundle/keys-000001")).unwrap();
    let stranger = seal::sealing::SealingKey::open_or_create(&desk.path("stranger.key")).unwrap();
    assert!(matches!(
        seal::content::EpochKey::unwrap_for(&wrapped, &stranger),
        Err(seal::SealError::NotForThisBox { epoch: 1 })
    ));
    assert!(seal::content::EpochKey::unwrap_for(&wrapped, &mine).is_ok());
    // A box enrolled later reads after the next publishing, without a new full edition.
    let second = desk.enrol("TAVETA");
    let published = desk.done(&["publish", "--out", text(&out)]);
    assert_eq!(
        (&published[0]["full"], &published[0]["boxes"]),
        (&false.into(), &2.into())
    );
    let folder = desk.take(&out, &second, None, "second-box");
    assert_eq!(
        watchlist::Edition::open(&folder).unwrap().info().number.0,
        2
    );
}

#[test]
fn a_rollout_ends_where_the_next_edition_comes_to_every_box_at_once() {
    let desk = Desk::new();
    desk.enrol("NAMANGA");
    desk.done(&["place", "NAMANGA", "--canary", "true"]);
    let out = desk.path("repository");
    import(&desk, PERSONS, DOCUMENTS);
    desk.approve();
    desk.done(&["publish", "--out", text(&out), "--waves", "canary,all"]);
    assert_eq!(desk.done(&["rollout"])[0]["state"], "open");

    desk.done(&["publish", "--out", text(&out)]);
    assert_eq!(desk.done(&["rollout"])[0]["state"], "aborted");
    let said = desk.refused(&["rollout", "halt", "--why", "x"], 3);
    assert!(said.contains("aborted"), "{said}");
    let root = fs::read(desk.state().join("roots/1.root.json")).unwrap();
    let now = jiff::Timestamp::now();
    let verified = verify(&out, &root, &desk.path("tuf"), now, Expiry::Refuse).unwrap();
    assert!(verified.rollout.is_none(), "it holds no box back");
}

#[test]
fn what_came_in_after_one_has_looked_is_not_approved() {
    let desk = Desk::new();
    let out = desk.path("repository");
    let digest = || {
        let plan = desk.done(&["publish", "--out", text(&out), "--dry-run"]);
        plan[0]["digest"].as_str().unwrap().to_owned()
    };
    import(&desk, PERSONS, DOCUMENTS);
    let seen = digest();
    import(&desk, &PERSONS.replace("UTO-2", "UTO-3"), DOCUMENTS);
    let approve = ["approve", "--by", "a.wanjiru", "--digest", &seen];
    assert!(desk.refused(&approve, 3).contains("changed"));
    let seen = digest();
    desk.done(&["approve", "--by", "a.wanjiru", "--digest", &seen]);
}
