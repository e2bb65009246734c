//! Fifty boxes in a folder: each verifies what the repository offers, obeys the rollout, and reports its health
//! to the real receiving program, to which it sends its records too.

#![allow(dead_code, reason = "each test program uses its part")]

use crate::desk::wire::{Sender, Server, exchange};
use crate::desk::{Desk, assemble};
use jiff::Timestamp;
use rules::EditionNumber;
use seal::SealError;
use seal::bundle::{BundleError, Expiry, Turn, verify};
use seal::health::{Counts, Drift, EditionHealth, HealthReport, OutboxHealth, SignedHealth};
use seal::parcel::{SealedParcel, batch};
use seal::sealing::SealingKey;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) struct Post {
    sender: Sender,
    sealing: SealingKey,
    folder: PathBuf,
    root: Vec<u8>,
    edition: u64,
    /// The folder of the edition in use: the next one needs only the steps from there.
    active: Option<TempDir>,
    number: u64,
    sent: u64,
    pub(crate) waiting: u64,
    pub(crate) faults: BTreeSet<String>,
    pub(crate) versions: BTreeMap<String, String>,
}

pub(crate) struct Fleet {
    pub(crate) posts: Vec<Post>,
}

impl Fleet {
    /// So many boxes, enrolled through the program.
    pub(crate) fn enrolled(desk: &Desk, count: usize) -> Self {
        let root = std::fs::read(desk.state().join("roots/1.root.json")).unwrap();
        let posts = (0..count)
            .map(|n| {
                let name = format!("POST-{n:02}");
                let folder = desk.path(&name);
                std::fs::create_dir(&folder).unwrap();
                Post {
                    sender: Sender::enrolled(desk, &name),
                    sealing: desk.sealing(&name),
                    folder,
                    root: root.clone(),
                    edition: 0,
                    active: None,
                    number: 0,
                    sent: 0,
                    waiting: 0,
                    faults: BTreeSet::new(),
                    versions: BTreeMap::new(),
                }
            })
            .collect();
        Self { posts }
    }

    /// Every box looks at the repository, and takes what it may.
    pub(crate) fn sync(&mut self, out: &str) -> Vec<Turn> {
        self.posts
            .iter_mut()
            .map(|post| post.look(out).unwrap())
            .collect()
    }

    /// Every box reports; whoever is refused says nothing.
    pub(crate) fn report(&mut self, server: &Server) {
        for post in &mut self.posts {
            let status = post.report(server);
            assert!(
                matches!(status, 200 | 403),
                "{}: {status}",
                post.sender.post
            );
        }
    }

    /// Every box sends so many records more, which are taken.
    pub(crate) fn send(&mut self, server: &Server, count: u64) {
        for post in &mut self.posts {
            let parcels = post.next_parcels(count);
            let receipt = server.receipt(&post.sender, &parcels);
            post.sent += count;
            assert_eq!(receipt.up_to.0, post.sent);
        }
    }

    /// How many boxes have this edition.
    pub(crate) fn having(&self, edition: u64) -> usize {
        self.posts.iter().filter(|p| p.edition == edition).count()
    }

    /// Each uptake is a report that the named box signed and that states the edition.
    pub(crate) fn verify_proofs(&self, taken: &Value) {
        for uptake in taken.as_array().unwrap() {
            let post = self
                .posts
                .iter()
                .find(|p| uptake["post"] == p.sender.post.as_str())
                .unwrap();
            let bytes = hex::decode(uptake["proof"].as_str().unwrap()).unwrap();
            let signed = SignedHealth::from_bytes(&bytes).unwrap();
            let report = signed.verify(&post.sender.key.public()).unwrap();
            let states = report.edition.as_ref().unwrap().number.0;
            assert_eq!(uptake["edition"], states);
        }
    }
}

impl Post {
    /// Verifies what is offered, obeys the rollout, and takes it where it is new and may be taken.
    pub(crate) fn look(&mut self, out: &str) -> Result<Turn, BundleError> {
        let now = Timestamp::now();
        let datastore = self.folder.join("tuf");
        let offered = verify(Path::new(out), &self.root, &datastore, now, Expiry::Refuse)?;
        let turn = match &offered.rollout {
            _ if offered.edition.0 == self.edition => Turn::Now,
            Some(rollout) => rollout.turn_of(&self.sender.post),
            None => Turn::Now,
        };
        offered.remember()?;
        let number = offered.edition.0;
        if turn == Turn::Now && number != self.edition {
            let staged = tempfile::tempdir_in(&self.folder).unwrap();
            let active = self.active.as_ref().map(TempDir::path);
            match assemble(&offered, &self.sealing, active, staged.path()) {
                Ok(()) => {
                    let edition = watchlist::Edition::open(staged.path()).unwrap();
                    assert_eq!(edition.info().number.0, number);
                    drop(edition);
                    self.edition = number;
                    self.active = Some(staged);
                }
                // A revoked box can read nothing that was made since.
                Err(SealError::NotForThisBox { .. }) => {}
                Err(e) => panic!("{}: {e}", self.sender.post),
            }
        }
        Ok(turn)
    }

    /// Reports its health; the status that headquarters answers.
    pub(crate) fn report(&mut self, server: &Server) -> u16 {
        self.number += 1;
        let now = Timestamp::now();
        let report = HealthReport {
            post: self.sender.post.clone(),
            number: self.number,
            made_at: now,
            program: "0.1.0".into(),
            versions: self.versions.clone(),
            edition: (self.edition > 0).then_some(EditionHealth {
                number: EditionNumber(self.edition),
                made_at: now,
                expires_at: now,
            }),
            outbox: OutboxHealth {
                waiting: self.waiting,
                ..OutboxHealth::default()
            },
            drift: Drift::Within,
            tamper: false,
            lease_until: None,
            faults: self.faults.clone(),
            counts: Counts::default(),
        };
        let body = report.sign(&self.sender.key).to_bytes();
        exchange(server.port, "POST /v1/health-reports", &body)
            .unwrap()
            .0
    }

    /// Sends one record more; the status that headquarters answers, and the name of a refusal.
    pub(crate) fn send_one(&self, server: &Server) -> (u16, Value) {
        let body = batch::encode(&self.next_parcels(1));
        let (status, answer) = exchange(server.port, "POST /v1/parcels", &body).unwrap();
        let said = serde_json::from_slice::<Value>(&answer).unwrap_or_default();
        (status, said["error"].clone())
    }

    fn next_parcels(&self, count: u64) -> Vec<SealedParcel> {
        self.sender.parcels(self.sent + 1..=self.sent + count)
    }
}

/// A copy of a repository, as a thief of yesterday has it.
pub(crate) fn copy_of(out: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["metadata", "targets"] {
        let to = copy.path().join(folder);
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(Path::new(out).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    copy
}
