//! Keys lost, stolen and replaced; thresholds; what headquarters does not sign.
#![allow(clippy::unwrap_used, clippy::panic)]

mod stick;

use rules::OfficerId;
use seal::bundle::BundleError;
use seal::bundle::publish::{self, Holder, KeyFolder, Plan, PublishError, Quorum, Role};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use stick::{Box, Headquarters, copy_of, day, target};
use tempfile::TempDir;

#[test]
fn a_lost_key_is_replaced_and_a_stolen_old_one_is_worthless() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    let late = Box::of(&hq);
    post.take(hq.stick(1, 0, 30).path(), day(1)).unwrap();

    // The thief has every key there was but the root's, and the roots of that day.
    let thief = Headquarters {
        folder: tempfile::tempdir().unwrap(),
    };
    for (from, to) in [(hq.keys(), thief.keys()), (hq.roots(), thief.roots())] {
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if !entry.file_name().to_str().unwrap().starts_with("root-") {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }

    let replaced = [Role::Targets, Role::Snapshot, Role::Timestamp].into();
    publish::rotate(&hq.keys(), &hq.roots(), &replaced, &[], day(1800)).unwrap();
    let stick = hq.stick(2, 2, 30);
    assert_eq!(post.take(stick.path(), day(3)).unwrap().0, 2);
    // A box that slept through it walks along the roots.
    assert_eq!(late.take(stick.path(), day(3)).unwrap().0, 2);

    let forged = thief.stick(99, 3, 30);
    for seen in [&post, &late] {
        let error = seen.refuse(forged.path(), day(4));
        assert!(
            matches!(error, BundleError::UntrustedRoot { .. }),
            "{error:?}"
        );
    }
    // Without the root's keys the thief makes no root.
    let made = publish::rotate(
        &thief.keys(),
        &thief.roots(),
        &[Role::Targets].into(),
        &[],
        day(1800),
    );
    assert!(matches!(
        made,
        Err(PublishError::KeysMissing {
            role: Role::Root,
            present: 0,
            ..
        })
    ));
}

#[test]
fn the_root_itself_is_renewed_by_its_threshold() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    post.take(hq.stick(1, 0, 30).path(), day(1)).unwrap();
    // One of three root keys is lost: two suffice, and all three are replaced.
    let lost = fs::read_dir(hq.keys())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| {
            p.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("root-2-")
        })
        .unwrap();
    fs::remove_file(lost).unwrap();
    publish::rotate(
        &hq.keys(),
        &hq.roots(),
        &[Role::Root].into(),
        &[],
        day(3600),
    )
    .unwrap();
    publish::rotate(&hq.keys(), &hq.roots(), &[].into(), &[], day(3700)).unwrap();
    assert_eq!(post.take(hq.stick(2, 2, 30).path(), day(3)).unwrap().0, 2);
    assert_eq!(Box::of(&hq).take(&hq.repository(), day(3)).unwrap().0, 2);
}

#[test]
fn headquarters_signs_nothing_below_its_thresholds_or_backwards() {
    let hq = Headquarters::new();
    hq.try_publish(5, 0, 30).unwrap();
    let again = hq.try_publish(5, 0, 30);
    assert!(matches!(
        again,
        Err(PublishError::NotNewer {
            published: 5,
            offered: 5
        })
    ));
    // What a box would refuse is not put in place.
    let expired = hq.try_publish(6, 0, -1);
    assert!(matches!(
        expired,
        Err(PublishError::WouldBeRefused(BundleError::Expired { .. }))
    ));
    assert_eq!(Box::of(&hq).take(&hq.repository(), day(1)).unwrap().0, 5);

    // One thief with one editor's key of three.
    let keys: Vec<PathBuf> = fs::read_dir(hq.keys())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| {
            p.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("targets-")
        })
        .collect();
    assert_eq!(keys.len(), 3);
    for key in &keys[1..] {
        fs::remove_file(key).unwrap();
    }
    let alone = hq.try_publish(7, 0, 30);
    assert!(matches!(
        alone,
        Err(PublishError::KeysMissing {
            role: Role::Targets,
            threshold: 2,
            present: 1,
            ..
        })
    ));
}

#[test]
fn keys_are_their_owners_alone() {
    let hq = Headquarters::new();
    let mut key = None;
    for entry in fs::read_dir(hq.keys()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
        key = Some(path);
    }
    fs::set_permissions(key.unwrap(), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        hq.try_publish(1, 0, 30),
        Err(PublishError::Key(_))
    ));
}

#[test]
fn a_second_ceremony_is_refused() {
    let hq = Headquarters::new();
    let root = hq.root();
    let plan = Plan {
        root: Quorum::ONE,
        targets: Quorum::ONE,
        snapshot: Quorum::ONE,
        timestamp: Quorum::ONE,
        root_expires_at: day(10),
        holders: Vec::new(),
    };
    let held = publish::ceremony(&hq.keys(), &hq.roots(), &plan);
    assert!(matches!(held, Err(PublishError::CeremonyHeld { .. })));
    assert_eq!(hq.root(), root);
    for (threshold, keys) in [(0, 1), (2, 1), (1, 0), (3, 33)] {
        assert!(matches!(
            Quorum::new(threshold, keys),
            Err(PublishError::QuorumImpossible { .. })
        ));
    }
}

#[test]
fn a_passphrase_that_is_refused_leaves_no_key_that_bars_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, roots) = (folder.path().join("keys"), folder.path().join("roots"));
    let holder = |name: &str, passphrase: &str| Holder {
        name: OfficerId::new(name).unwrap(),
        passphrase: passphrase.to_owned().into(),
    };
    let plan = |holders: Vec<Holder>| Plan {
        root: Quorum::ONE,
        targets: Quorum::new(1, 2).unwrap(),
        snapshot: Quorum::ONE,
        timestamp: Quorum::ONE,
        root_expires_at: day(1800),
        holders,
    };
    let unlock = || {
        let mut held = KeyFolder::open(&keys).unwrap();
        held.unlock(&holder("a.wanjiru", "what she chose then"))
            .unwrap();
        assert_eq!(held.holders(Role::Targets).len(), 2);
    };
    let twice = vec![
        holder("a.wanjiru", "what she chose first"),
        holder("A.Wanjiru", "what she chose first"),
    ];
    assert!(matches!(
        publish::ceremony(&keys, &roots, &plan(twice)),
        Err(PublishError::HoldersImpossible { holders: 1, .. })
    ));
    let refused = vec![
        holder("a.wanjiru", "what she chose first"),
        holder("b.otieno", "too short"),
    ];
    publish::ceremony(&keys, &roots, &plan(refused)).unwrap_err();
    let taken = vec![
        holder("a.wanjiru", "what she chose then"),
        holder("b.otieno", "the lake is quiet"),
    ];
    publish::ceremony(&keys, &roots, &plan(taken)).unwrap();
    unlock();
    let files = |folder: &PathBuf| fs::read_dir(folder).unwrap().count();
    assert_eq!(
        files(&keys),
        6,
        "five keys and the folder of those that count for nothing"
    );
    assert_eq!(files(&keys.join("replaced")), 2);

    let refused = [
        holder("a.wanjiru", "what she would have chosen"),
        holder("d.achieng", "too short"),
    ];
    let replace = [Role::Targets].into();
    publish::rotate(&keys, &roots, &replace, &refused, day(1900)).unwrap_err();
    unlock();
}

#[test]
fn a_wave_is_not_signed_over_what_others_wrote_into_the_repository() {
    let hq = Headquarters::new();
    hq.try_publish(1, 0, 30).unwrap();
    let promote = |signing| {
        let held = KeyFolder::open(&hq.keys()).unwrap();
        publish::promote(&held, &hq.roots(), &hq.repository(), signing, None)
    };
    promote(2).unwrap();
    let timestamp = hq.repository().join("metadata/timestamp.json");
    let written = fs::read_to_string(&timestamp).unwrap();
    let longer = written.replacen("\"expires\": \"2026", "\"expires\": \"2099", 1);
    assert_ne!(longer, written);
    fs::write(&timestamp, longer).unwrap();
    let refused = promote(3).unwrap_err();
    assert!(matches!(refused, PublishError::FileUnusable { .. }));
}

#[test]
fn old_editions_leave_the_repository_and_the_one_before_stays() {
    let hq = Headquarters::new();
    for number in 1..=4 {
        hq.try_publish(number, 0, 30).unwrap();
    }
    let names = |part: &str| -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(hq.repository().join(part))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        names("metadata"),
        [
            "1.root.json",
            "3.snapshot.json",
            "3.targets.json",
            "4.snapshot.json",
            "4.targets.json",
            "timestamp.json"
        ]
    );
    assert_eq!(names("targets").len(), 4);
    assert_eq!(
        fs::read_dir(hq.repository()).unwrap().count(),
        2,
        "no folder of work is left"
    );
    assert_eq!(Box::of(&hq).take(&hq.repository(), day(1)).unwrap().0, 4);
}

/// Signs with these keys only, whatever the threshold: what a thief's own tool would do.
fn forge(hq: &Headquarters, prefixes: &[&str]) -> TempDir {
    use tough::editor::RepositoryEditor;
    use tough::key_source::{KeySource, LocalKeySource};

    let stick = copy_of(&hq.repository());
    let work = tempfile::tempdir().unwrap();
    // A root that asks for one signature: it only persuades the tool; the box has its own.
    let mut root: serde_json::Value = serde_json::from_slice(&hq.root()).unwrap();
    root["signed"]["roles"]["targets"]["threshold"] = 1.into();
    let root_path = work.path().join("root.json");
    fs::write(&root_path, root.to_string()).unwrap();

    let mut keys: Vec<std::boxed::Box<dyn KeySource>> = Vec::new();
    for entry in fs::read_dir(hq.keys()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            let file: serde_json::Value =
                serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
            let path = work.path().join(name);
            fs::write(&path, hex::decode(file["pkcs8"].as_str().unwrap()).unwrap()).unwrap();
            keys.push(std::boxed::Box::new(LocalKeySource { path }));
        }
    }
    assert_eq!(keys.len(), prefixes.len());
    let expires = || serde_json::from_value(day(30).to_string().into()).unwrap();
    let version = std::num::NonZeroU64::new(2).unwrap();
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async {
            let mut editor = RepositoryEditor::new(&root_path).await.unwrap();
            for name in ["persons", "documents.bin"] {
                let path = target(&stick, name);
                let built = tough::schema::Target::from_path(&path).await.unwrap();
                editor.add_target(name, built).unwrap();
            }
            editor
                .targets_version(version)
                .unwrap()
                .targets_expires(expires())
                .unwrap();
            editor.snapshot_version(version).snapshot_expires(expires());
            editor
                .timestamp_version(version)
                .timestamp_expires(expires());
            editor
                .sign(&keys)
                .await
                .unwrap()
                .write(stick.path().join("metadata"))
                .await
                .unwrap();
        });
    stick
}

#[test]
fn stolen_keys_below_the_threshold_sign_nothing() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    post.take(hq.stick(1, 0, 30).path(), day(1)).unwrap();
    // One editor's key of three, and both keys of the server.
    let forged = forge(&hq, &["targets-1-", "snapshot-", "timestamp-"]);
    let error = post.refuse(forged.path(), day(1));
    assert!(
        matches!(&error, BundleError::Tampered { file, .. } if file == "metadata/2.targets.json"),
        "{error:?}"
    );
    // The same tool with the two that the root asks for makes a bundle that is taken: it was the missing
    // signature that stopped it.
    let signed = forge(
        &hq,
        &["targets-1-", "targets-3-", "snapshot-", "timestamp-"],
    );
    assert_eq!(post.take(signed.path(), day(1)).unwrap().0, 2);
}
