//! Attacks on bundles, and the accidents that look like them: each named, and nothing on the box changed.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::{SignedDuration, Timestamp};
use rules::EditionNumber;
use seal::bundle::publish::{self, Plan, PublishError, Quorum, Release, Role};
use seal::bundle::{BundleError, Expiry, Freshness, TargetFile, verify};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Noon of the first day, and so many days after.
fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * number)
}

struct Headquarters {
    folder: TempDir,
}

impl Headquarters {
    fn new() -> Self {
        let hq = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let plan = Plan {
            root: Quorum::new(2, 3).unwrap(),
            targets: Quorum::new(2, 3).unwrap(),
            snapshot: Quorum::ONE,
            timestamp: Quorum::ONE,
            root_expires_at: day(1800),
        };
        publish::ceremony(&hq.keys(), &hq.roots(), &plan).unwrap();
        hq
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    fn roots(&self) -> PathBuf {
        self.folder.path().join("roots")
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn root(&self) -> Vec<u8> {
        fs::read(self.roots().join("1.root.json")).unwrap()
    }

    /// Signs an edition of two files, good for `days`, on `made`, into the repository.
    fn try_publish(
        &self,
        number: u64,
        made: i64,
        days: i64,
    ) -> Result<Vec<TargetFile>, PublishError> {
        let content = tempfile::tempdir().unwrap();
        fs::write(
            content.path().join("persons"),
            format!("persons of edition {number}"),
        )
        .unwrap();
        fs::write(
            content.path().join("documents.bin"),
            vec![number as u8; 300_000],
        )
        .unwrap();
        let release = Release {
            edition: EditionNumber(number),
            signing: number,
            made_at: day(made),
            expires_at: day(made + days),
        };
        publish::publish(
            content.path(),
            &self.keys(),
            &self.roots(),
            &self.repository(),
            &release,
        )
    }

    /// Signs an edition and gives a stick with it.
    fn stick(&self, number: u64, made: i64, days: i64) -> TempDir {
        self.try_publish(number, made, days).unwrap();
        copy_of(&self.repository())
    }
}

fn copy_of(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for part in ["metadata", "targets"] {
        fs::create_dir(copy.path().join(part)).unwrap();
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(part).join(entry.file_name())).unwrap();
        }
    }
    copy
}

/// A box, by what it knows of bundles.
struct Box {
    root: Vec<u8>,
    folder: TempDir,
}

impl Box {
    fn of(hq: &Headquarters) -> Self {
        Self {
            root: hq.root(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn datastore(&self) -> PathBuf {
        self.folder.path().join("tuf")
    }

    /// Verifies and copies; the edition taken and its files' contents.
    fn take(
        &self,
        spool: &Path,
        now: Timestamp,
    ) -> Result<(u64, BTreeMap<String, Vec<u8>>), BundleError> {
        let verified = verify(spool, &self.root, &self.datastore(), now, Expiry::Refuse)?;
        let edition = verified.edition.0;
        let copy = tempfile::tempdir().unwrap();
        let files = verified.copy_into(copy.path())?;
        let contents = files
            .into_iter()
            .map(|file| {
                (
                    file.name.clone(),
                    fs::read(copy.path().join(&file.name)).unwrap(),
                )
            })
            .collect();
        assert_eq!(
            fs::read_dir(copy.path()).unwrap().count(),
            2,
            "nothing else is left in the folder"
        );
        Ok((edition, contents))
    }

    fn memory(&self) -> Option<Vec<u8>> {
        fs::read(self.datastore().join("memory.json")).ok()
    }

    /// Takes it, which must fail, and must change nothing that the box remembers.
    fn refuse(&self, spool: &Path, now: Timestamp) -> BundleError {
        let before = self.memory();
        let error = match self.take(spool, now) {
            Ok((edition, _)) => panic!("edition {edition} was taken"),
            Err(e) => e,
        };
        assert_eq!(
            self.memory(),
            before,
            "a refused bundle changed the box's memory: {error}"
        );
        let left: Vec<_> = fs::read_dir(self.datastore())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .filter(|name| name != "memory.json")
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        error
    }
}

fn metadata(stick: &TempDir, name: &str) -> PathBuf {
    stick.path().join("metadata").join(name)
}

fn target(stick: &TempDir, name: &str) -> PathBuf {
    fs::read_dir(stick.path().join("targets"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|path| path.to_str().unwrap().ends_with(name))
        .unwrap()
}

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
    publish::rotate(&hq.keys(), &hq.roots(), &replaced, day(1800)).unwrap();
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
    publish::rotate(&hq.keys(), &hq.roots(), &[Role::Root].into(), day(3600)).unwrap();
    publish::rotate(&hq.keys(), &hq.roots(), &[].into(), day(3700)).unwrap();
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
            present: 1
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
