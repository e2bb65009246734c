//! Fifty boxes in a folder: each verifies what the repository offers, obeys the rollout, and reports its health
//! to the real receiving program.

#![allow(dead_code, reason = "each test program uses its part")]

use crate::desk::{Desk, assemble, text};
use jiff::Timestamp;
use rules::{EditionNumber, PostId};
use seal::SealError;
use seal::bundle::{BundleError, Expiry, Turn, verify};
use seal::device::{DeviceKey, Enrolment};
use seal::health::{Counts, Drift, EditionHealth, HealthReport, OutboxHealth, SignedHealth};
use seal::sealing::SealingKey;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Post {
    id: PostId,
    key: DeviceKey,
    sealing: SealingKey,
    folder: PathBuf,
    root: Vec<u8>,
    edition: u64,
    number: u64,
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
                let id = PostId::new(format!("POST-{n:02}")).unwrap();
                let folder = desk.path(id.as_str());
                std::fs::create_dir(&folder).unwrap();
                let key = DeviceKey::open_or_create(&folder.join("device.key")).unwrap();
                let file = folder.join("device-public.json");
                let sealing = desk.sealing(id.as_str());
                Enrolment::new(id.clone(), &key, sealing.public())
                    .write(&file)
                    .unwrap();
                desk.done(&["enrol", text(&file)]);
                Post {
                    id,
                    key,
                    sealing,
                    folder,
                    root: root.clone(),
                    edition: 0,
                    number: 0,
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
            assert!(matches!(status, 200 | 403), "{}: {status}", post.id);
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
                .find(|p| uptake["post"] == p.id.as_str())
                .unwrap();
            let bytes = hex::decode(uptake["proof"].as_str().unwrap()).unwrap();
            let signed = SignedHealth::from_bytes(&bytes).unwrap();
            let report = signed.verify(&post.key.public()).unwrap();
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
            Some(rollout) => rollout.turn_of(&self.id),
            None => Turn::Now,
        };
        if turn == Turn::Now {
            let number = offered.edition.0;
            let folder = tempfile::tempdir_in(&self.folder).unwrap();
            offered.remember()?;
            match assemble(&offered, &self.sealing, None, folder.path()) {
                Ok(()) => {
                    let edition = watchlist::Edition::open(folder.path()).unwrap();
                    assert_eq!(edition.info().number.0, number);
                    self.edition = number;
                }
                // A revoked box can read nothing that was made since.
                Err(SealError::NotForThisBox { .. }) => {}
                Err(e) => panic!("{}: {e}", self.id),
            }
        } else {
            offered.remember()?;
        }
        Ok(turn)
    }

    /// Reports its health; the status that headquarters answers.
    pub(crate) fn report(&mut self, server: &Server) -> u16 {
        self.number += 1;
        let now = Timestamp::now();
        let report = HealthReport {
            post: self.id.clone(),
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
        server.post("/v1/health-reports", &report.sign(&self.key).to_bytes())
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

/// The receiving program, ended with the test.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    pub(crate) fn start(desk: &Desk) -> Self {
        let port_file = desk.path("port");
        let mut child = desk
            .command(&[
                "receive",
                "--plain",
                "--listen",
                "127.0.0.1:0",
                "--port-file",
                text(&port_file),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..1000 {
            let written = std::fs::read_to_string(&port_file).unwrap_or_default();
            if let Ok(port) = written.trim().parse() {
                return Self { child, port };
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
        panic!("the receiving program did not start");
    }

    /// Posts a body; the status of the answer.
    pub(crate) fn post(&self, path: &str, body: &[u8]) -> u16 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: hq\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        text.split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .unwrap_or(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
