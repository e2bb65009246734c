//! A headquarters that signs, the sticks it hands out, and a box that takes bundles or refuses them.
#![allow(dead_code, reason = "each test program uses its part")]

use jiff::{SignedDuration, Timestamp};
use rules::EditionNumber;
use seal::bundle::publish::{self, KeyFolder, Plan, PublishError, Quorum, Release};
use seal::bundle::{BundleError, Expiry, TargetFile, verify};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Noon of the first day, and so many days after.
pub(crate) fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * number)
}

pub(crate) struct Headquarters {
    pub(crate) folder: TempDir,
}

impl Headquarters {
    pub(crate) fn new() -> Self {
        let hq = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let plan = Plan {
            root: Quorum::new(2, 3).unwrap(),
            targets: Quorum::new(2, 3).unwrap(),
            snapshot: Quorum::ONE,
            timestamp: Quorum::ONE,
            root_expires_at: day(1800),
            holders: Vec::new(),
        };
        publish::ceremony(&hq.keys(), &hq.roots(), &plan).unwrap();
        hq
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub(crate) fn roots(&self) -> PathBuf {
        self.folder.path().join("roots")
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        fs::read(self.roots().join("1.root.json")).unwrap()
    }

    /// Signs an edition of two files, good for `days`, on `made`, into the repository.
    pub(crate) fn try_publish(
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
            rollout: None,
        };
        publish::publish(
            content.path(),
            &KeyFolder::open(&self.keys())?,
            &self.roots(),
            &self.repository(),
            &release,
        )
    }

    /// Signs an edition and gives a stick with it.
    pub(crate) fn stick(&self, number: u64, made: i64, days: i64) -> TempDir {
        self.try_publish(number, made, days).unwrap();
        copy_of(&self.repository())
    }
}

pub(crate) fn copy_of(folder: &Path) -> TempDir {
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
pub(crate) struct Box {
    pub(crate) root: Vec<u8>,
    pub(crate) folder: TempDir,
}

impl Box {
    pub(crate) fn of(hq: &Headquarters) -> Self {
        Self {
            root: hq.root(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn datastore(&self) -> PathBuf {
        self.folder.path().join("tuf")
    }

    /// Verifies and copies; the edition taken and its files' contents.
    pub(crate) fn take(
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

    pub(crate) fn memory(&self) -> Option<Vec<u8>> {
        fs::read(self.datastore().join("memory.json")).ok()
    }

    /// Takes it, which must fail, and must change nothing that the box remembers.
    pub(crate) fn refuse(&self, spool: &Path, now: Timestamp) -> BundleError {
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

pub(crate) fn metadata(stick: &TempDir, name: &str) -> PathBuf {
    stick.path().join("metadata").join(name)
}

pub(crate) fn target(stick: &TempDir, name: &str) -> PathBuf {
    fs::read_dir(stick.path().join("targets"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|path| path.to_str().unwrap().ends_with(name))
        .unwrap()
}
