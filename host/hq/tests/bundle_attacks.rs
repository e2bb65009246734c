//! Attacks on bundles, and the accidents that look like them: each named, and nothing on the box changed.
#![allow(clippy::unwrap_used, clippy::panic)]

mod stick;

use jiff::Timestamp;
use seal::bundle::publish::{self, Role};
use seal::bundle::{BundleError, Expiry, Freshness, verify};
use std::fs;
use std::path::{Path, PathBuf};
use stick::{Box, Headquarters, copy_of, day, metadata, target};
use tempfile::TempDir;

#[test]
fn an_edition_arrives_as_it_was_signed_and_twice_is_no_harm() {
    let hq = Headquarters::new();
    let stick = hq.stick(7, 0, 30);
    let post = Box::of(&hq);
    for _ in 0..2 {
        let (edition, files) = post.take(stick.path(), day(1)).unwrap();
        assert_eq!(edition, 7);
        assert_eq!(files["persons"], b"persons of edition 7");
        assert_eq!(files["documents.bin"], vec![7; 300_000]);
    }
}

#[test]
fn a_folder_with_blanks_and_percent_signs_in_its_name_is_a_folder() {
    let hq = Headquarters::new();
    let stick = hq.stick(1, 0, 30);
    let odd = stick.path().join("USB STICK %20 ü");
    fs::create_dir(&odd).unwrap();
    for part in ["metadata", "targets"] {
        fs::rename(stick.path().join(part), odd.join(part)).unwrap();
    }
    assert_eq!(Box::of(&hq).take(&odd, day(1)).unwrap().0, 1);
}

#[test]
fn another_headquarters_is_not_trusted() {
    let (ours, theirs) = (Headquarters::new(), Headquarters::new());
    let post = Box::of(&ours);
    let stick = theirs.stick(1, 0, 30);
    let error = post.refuse(stick.path(), day(1));
    assert!(
        matches!(error, BundleError::UntrustedRoot { .. }),
        "{error:?}"
    );

    // The same with a second root of theirs, which the box would walk to.
    publish::rotate(
        &theirs.keys(),
        &theirs.roots(),
        &[Role::Targets].into(),
        &[],
        day(900),
    )
    .unwrap();
    let error = post.refuse(theirs.stick(2, 0, 30).path(), day(1));
    assert!(
        matches!(error, BundleError::UntrustedRoot { .. }),
        "{error:?}"
    );
}

#[test]
fn no_altered_byte_of_any_file_gets_through() {
    let hq = Headquarters::new();
    let stick = hq.stick(1, 0, 30);
    let genuine = Box::of(&hq).take(stick.path(), day(1)).unwrap();
    let mut files: Vec<PathBuf> = Vec::new();
    for part in ["metadata", "targets"] {
        files.extend(
            fs::read_dir(stick.path().join(part))
                .unwrap()
                .map(|e| e.unwrap().path()),
        );
    }
    let (mut refused, mut harmless) = (0, 0);
    for path in files {
        let whole = fs::read(&path).unwrap();
        let stride = (whole.len() / 60).max(1);
        for position in (0..whole.len()).step_by(stride) {
            let mut bytes = whole.clone();
            bytes[position] ^= 0x04;
            fs::write(&path, &bytes).unwrap();
            let post = Box::of(&hq);
            match post.take(stick.path(), day(1)) {
                Err(_) => {
                    refused += 1;
                    assert_eq!(post.memory(), None);
                }
                // The root that the box was enrolled with is not read from the stick; a blank between two words of
                // the timestamp says nothing. What arrives must then be what was signed, to the byte.
                Ok(taken) => {
                    harmless += 1;
                    assert_eq!(taken, genuine, "{}:{position}", path.display());
                    let name = path.file_name().unwrap();
                    assert!(
                        name == "1.root.json" || name == "timestamp.json",
                        "{}:{position}",
                        path.display()
                    );
                }
            }
        }
        fs::write(&path, &whole).unwrap();
    }
    eprintln!("{refused} alterations refused, {harmless} without meaning");
    assert!(refused > 200);
}

#[test]
fn altered_files_are_named() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    let stick = hq.stick(1, 0, 30);

    let path = target(&stick, "persons");
    fs::write(&path, b"persons of edition 8").unwrap();
    let error = post.refuse(stick.path(), day(1));
    assert!(
        matches!(&error, BundleError::Tampered { file, .. } if file.starts_with("targets/") && file.ends_with(".persons")),
        "{error:?}"
    );

    let stick = hq.stick(2, 0, 30);
    let path = metadata(&stick, "2.targets.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("300000", "300001");
    fs::write(&path, text).unwrap();
    let error = post.refuse(stick.path(), day(1));
    assert!(
        matches!(&error, BundleError::Tampered { file, .. } if file == "metadata/2.targets.json"),
        "{error:?}"
    );

    let stick = hq.stick(3, 0, 30);
    let path = metadata(&stick, "timestamp.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("\"version\": 3", "\"version\": 4");
    fs::write(&path, text).unwrap();
    let error = post.refuse(stick.path(), day(1));
    assert!(matches!(error, BundleError::Tampered { .. }), "{error:?}");
}

#[test]
fn one_signature_counted_twice_is_refused() {
    let hq = Headquarters::new();
    let stick = hq.stick(1, 0, 30);
    let path = metadata(&stick, "timestamp.json");
    let mut role: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let signature = role["signatures"][0].clone();
    role["signatures"].as_array_mut().unwrap().push(signature);
    fs::write(&path, role.to_string()).unwrap();
    let error = Box::of(&hq).refuse(stick.path(), day(1));
    assert!(matches!(error, BundleError::Tampered { .. }), "{error:?}");
}

#[test]
fn half_copied_bundles_are_incomplete() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    let incomplete = |stick: &TempDir, expected: &str| {
        let error = post.refuse(stick.path(), day(1));
        assert!(
            matches!(&error, BundleError::Incomplete { file } if file.contains(expected)),
            "{expected}: {error:?}"
        );
    };
    let cut = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    hq.try_publish(1, 0, 30).unwrap();
    let fresh = || copy_of(&hq.repository());

    for name in ["timestamp.json", "1.snapshot.json", "1.targets.json"] {
        let stick = fresh();
        fs::remove_file(metadata(&stick, name)).unwrap();
        incomplete(&stick, name);
        let stick = fresh();
        cut(&metadata(&stick, name));
        incomplete(&stick, name);
        let stick = fresh();
        fs::write(metadata(&stick, name), b"").unwrap();
        incomplete(&stick, name);
    }
    let stick = fresh();
    fs::remove_file(target(&stick, "documents.bin")).unwrap();
    incomplete(&stick, "documents.bin");
    let stick = fresh();
    cut(&target(&stick, "documents.bin"));
    incomplete(&stick, "documents.bin");
    let empty = tempfile::tempdir().unwrap();
    incomplete(&empty, "timestamp.json");

    // And the whole one is taken after all of them.
    assert_eq!(post.take(fresh().path(), day(1)).unwrap().0, 1);
}

#[test]
fn expired_bundles_are_not_new() {
    let hq = Headquarters::new();
    let stick = hq.stick(1, 0, 30);
    let post = Box::of(&hq);
    let error = post.refuse(stick.path(), day(31));
    assert!(
        matches!(&error, BundleError::Expired { role, .. } if role == "targets"),
        "{error:?}"
    );

    // What the box has already may be looked at again, and is called stale.
    post.take(stick.path(), day(29)).unwrap();
    let again = verify(
        stick.path(),
        &post.root,
        &post.datastore(),
        day(40),
        Expiry::Report,
    )
    .unwrap();
    assert_eq!(again.freshness, Freshness::Expired { since: day(30) });
}

#[test]
fn an_older_edition_never_replaces_a_newer_one() {
    let hq = Headquarters::new();
    let old = hq.stick(1, 0, 30);
    let new = hq.stick(2, 1, 30);
    let post = Box::of(&hq);
    assert_eq!(post.take(new.path(), day(2)).unwrap().0, 2);
    let error = post.refuse(old.path(), day(2));
    assert!(
        matches!(
            &error,
            BundleError::Rollback {
                have: 2,
                offered: 1,
                ..
            }
        ),
        "{error:?}"
    );
    // Nor for looking at.
    let looked = verify(
        old.path(),
        &post.root,
        &post.datastore(),
        day(2),
        Expiry::Report,
    );
    assert!(matches!(looked, Err(BundleError::Rollback { .. })));
    assert_eq!(post.take(new.path(), day(2)).unwrap().0, 2);
}

#[test]
fn files_of_two_editions_do_not_mix() {
    let hq = Headquarters::new();
    let old = hq.stick(1, 0, 30);
    fs::remove_dir_all(hq.repository()).unwrap();
    let new = hq.stick(2, 1, 30);
    let post = Box::of(&hq);

    // A new timestamp over old files.
    let mixed = copy_of(old.path());
    fs::copy(
        metadata(&new, "timestamp.json"),
        metadata(&mixed, "timestamp.json"),
    )
    .unwrap();
    let error = post.refuse(mixed.path(), day(2));
    assert!(matches!(error, BundleError::Incomplete { .. }), "{error:?}");
    // The same, with the old files under the new names.
    fs::rename(
        metadata(&mixed, "1.snapshot.json"),
        metadata(&mixed, "2.snapshot.json"),
    )
    .unwrap();
    let error = post.refuse(mixed.path(), day(2));
    assert!(matches!(error, BundleError::Tampered { .. }), "{error:?}");
    // New role files, an old target under a new one's name.
    let mixed = copy_of(new.path());
    fs::copy(
        target(&old, "documents.bin"),
        target(&mixed, "documents.bin"),
    )
    .unwrap();
    let error = post.refuse(mixed.path(), day(2));
    assert!(matches!(error, BundleError::Tampered { .. }), "{error:?}");
}

#[test]
fn endless_data_is_cut_off() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    hq.try_publish(1, 0, 30).unwrap();

    let stick = copy_of(&hq.repository());
    // A sparse file of a terabyte: reading it would not end today.
    let long = fs::OpenOptions::new()
        .write(true)
        .open(target(&stick, "persons"))
        .unwrap();
    long.set_len(1 << 40).unwrap();
    let error = post.refuse(stick.path(), day(1));
    assert!(
        matches!(&error, BundleError::Tampered { why, .. } if why.contains("1099511627776")),
        "{error:?}"
    );

    for name in [
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
        "2.root.json",
    ] {
        let stick = copy_of(&hq.repository());
        let path = metadata(&stick, name);
        let long = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .unwrap();
        long.set_len(1 << 40).unwrap();
        if name == "2.root.json" {
            // TUF: a next root that cannot be had ends the walk along the roots; the rest is judged by ours.
            assert_eq!(post.take(stick.path(), day(1)).unwrap().0, 1);
        } else {
            let error = post.refuse(stick.path(), day(1));
            assert!(
                matches!(error, BundleError::TooLarge { .. }),
                "{name}: {error:?}"
            );
        }
    }
}

#[test]
fn links_and_pipes_are_not_followed() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    hq.try_publish(1, 0, 30).unwrap();

    let stick = copy_of(&hq.repository());
    let path = metadata(&stick, "timestamp.json");
    fs::remove_file(&path).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    let error = post.refuse(stick.path(), day(1));
    assert!(
        matches!(error, BundleError::Unsupported { .. }),
        "{error:?}"
    );

    let stick = copy_of(&hq.repository());
    let path = target(&stick, "persons");
    let elsewhere = stick.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    let error = post.refuse(stick.path(), day(1));
    assert!(
        matches!(error, BundleError::Unsupported { .. }),
        "{error:?}"
    );
}

#[test]
fn a_clock_set_back_is_not_believed_and_does_not_stop_updates() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    post.take(hq.stick(1, 0, 30).path(), day(20)).unwrap();
    // Without a battery the clock begins in 1970; a new edition still comes in.
    post.take(hq.stick(2, 19, 30).path(), Timestamp::UNIX_EPOCH)
        .unwrap();
    // One that ran out on day 12 is expired, whatever the clock says: it has been day 20 already.
    let error = post.refuse(hq.stick(3, 2, 10).path(), day(5));
    assert!(
        matches!(&error, BundleError::Expired { now, .. } if *now == day(20)),
        "{error:?}"
    );
}

#[test]
fn a_clock_that_ran_ahead_does_not_lock_the_box_out() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    let stick = hq.stick(1, 0, 30);
    assert!(matches!(
        post.refuse(stick.path(), day(20_000)),
        BundleError::Expired { .. }
    ));
    assert_eq!(post.take(stick.path(), day(1)).unwrap().0, 1);
    // Looking again with such a clock remembers no more than the signatures prove.
    let looked = verify(
        stick.path(),
        &post.root,
        &post.datastore(),
        day(20_000),
        Expiry::Report,
    )
    .unwrap();
    looked.copy_into(&post.folder.path().join("copy")).unwrap();
    assert_eq!(post.take(hq.stick(2, 25, 30).path(), day(26)).unwrap().0, 2);
}

#[test]
fn a_damaged_memory_is_said_and_not_forgotten() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    let stick = hq.stick(1, 0, 30);
    post.take(stick.path(), day(1)).unwrap();
    fs::write(post.datastore().join("memory.json"), b"{\"version\":1,").unwrap();
    assert!(matches!(
        post.refuse(stick.path(), day(1)),
        BundleError::MemoryDamaged { .. }
    ));
    fs::write(post.datastore().join("memory.json"), b"{\"version\":1}").unwrap();
    assert!(matches!(
        post.refuse(stick.path(), day(1)),
        BundleError::MemoryDamaged { .. }
    ));
}

#[test]
fn what_a_power_cut_left_is_swept() {
    let hq = Headquarters::new();
    let post = Box::of(&hq);
    let left = post.datastore().join("scratch-abc");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("timestamp.json"), b"half").unwrap();
    post.take(hq.stick(1, 0, 30).path(), day(1)).unwrap();
    assert!(!left.exists());
}

#[test]
fn a_root_that_is_none_is_the_boxs_own_fault() {
    let hq = Headquarters::new();
    let stick = hq.stick(1, 0, 30);
    let mut post = Box::of(&hq);
    for root in [&b""[..], b"{}", b"\xff\xfe"] {
        post.root = root.to_vec();
        assert!(matches!(
            post.refuse(stick.path(), day(1)),
            BundleError::RootUnusable { .. }
        ));
    }
}

#[test]
fn it_works_inside_an_asynchronous_program_too() {
    let hq = Headquarters::new();
    let stick = hq.stick(1, 0, 30);
    let post = Box::of(&hq);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async { assert_eq!(post.take(stick.path(), day(1)).unwrap().0, 1) });
}
