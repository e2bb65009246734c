//! Boxes that seal and send, and the real program that receives.
#![allow(dead_code, reason = "each test program uses its part")]

use crate::desk::{Desk, text};
use jiff::Timestamp;
use rules::encounter::DocumentRecord;
use rules::{Advice, Advised, EncounterId, EncounterRecord, LaneId, PostId, Sequence};
use seal::chain::Head;
use seal::device::{DeviceKey, Enrolment};
use seal::hq::HqPublic;
use seal::parcel::{Label, ParcelKind, SealedParcel, batch, seal};
use seal::receipt::{Receipt, SignedReceipt};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A box, by what it needs for sealing.
pub(crate) struct Sender {
    pub(crate) post: PostId,
    pub(crate) key: DeviceKey,
    pub(crate) hq: HqPublic,
}

impl Sender {
    pub(crate) fn new(desk: &Desk, name: &str) -> Self {
        Self {
            post: PostId::new(name).unwrap(),
            key: DeviceKey::open_or_create(&desk.path(&format!("{name}.key"))).unwrap(),
            hq: HqPublic::read(&desk.state().join("hq-public.json")).unwrap(),
        }
    }

    pub(crate) fn enrolled(desk: &Desk, name: &str) -> Self {
        let sender = Self::new(desk, name);
        let file = desk.path(&format!("{name}-public.json"));
        Enrolment::new(
            sender.post.clone(),
            &sender.key,
            desk.sealing(name).public(),
        )
        .write(&file)
        .unwrap();
        let answer = desk.done(&["enrol", text(&file)]);
        assert_eq!(answer[0]["post"], name);
        sender
    }

    pub(crate) fn head(&self, sequence: u64) -> Head {
        (0..sequence.min(1000)).fold(Head::start(&self.post), |head, line| {
            head.link(&line.to_be_bytes())
        })
    }

    pub(crate) fn parcel(&self, sequence: u64) -> SealedParcel {
        self.sealed(
            sequence,
            &self.record(sequence, Timestamp::UNIX_EPOCH, None),
        )
    }

    /// What a lane keeps of an encounter that was clear and has not been decided.
    pub(crate) fn record(
        &self,
        sequence: u64,
        opened_at: Timestamp,
        document: Option<DocumentRecord>,
    ) -> Vec<u8> {
        let record = EncounterRecord {
            version: EncounterRecord::VERSION,
            id: EncounterId {
                post: self.post.clone(),
                sequence: Sequence(sequence),
            },
            lane: LaneId::new("1").unwrap(),
            opened_at,
            document,
            checks: vec![],
            said: vec![],
            face_score: None,
            candidates: vec![],
            edition: None,
            advised: Advised {
                advice: Advice::Clear,
                reasons: vec![],
            },
            decision: None,
            circumstances: Default::default(),
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&record, &mut bytes).unwrap();
        bytes
    }

    pub(crate) fn sealed(&self, sequence: u64, content: &[u8]) -> SealedParcel {
        let label = Label {
            post: self.post.clone(),
            sequence: Sequence(sequence),
            kind: ParcelKind::Encounter,
            made_at: Timestamp::UNIX_EPOCH,
            ledger: self.head(sequence),
        };
        seal(content, label, &self.hq, &self.key).unwrap()
    }

    pub(crate) fn parcels(&self, sequences: impl IntoIterator<Item = u64>) -> Vec<SealedParcel> {
        sequences.into_iter().map(|s| self.parcel(s)).collect()
    }
}

/// The receiving program, ended with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
}

impl Server {
    pub(crate) fn start(desk: &Desk) -> Self {
        Self::start_with(desk, &[])
    }

    /// Starts it with more words on its command line.
    pub(crate) fn start_with(desk: &Desk, more: &[&str]) -> Self {
        Self::launch(desk, &[&["receive", "--plain"][..], more].concat())
    }

    /// Starts it with TLS.
    pub(crate) fn guarded(desk: &Desk, more: &[&str]) -> Self {
        Self::launch(desk, &[&["receive"][..], more].concat())
    }

    /// Starts the program at which boxes are taken in by code.
    pub(crate) fn admitting(desk: &Desk) -> Self {
        Self::launch(desk, &["admit"])
    }

    fn launch(desk: &Desk, words: &[&str]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let port_file = desk.path(&format!("port-{number}"));
        // A folder that is kept has that of the last time.
        let _ = std::fs::remove_file(&port_file);
        let mut child = desk
            .command(words)
            .args(["--listen", "127.0.0.1:0", "--port-file"])
            .arg(&port_file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..1000 {
            if let Some(port) = port_in(&port_file) {
                return Self { child, port };
            }
            assert!(
                child.try_wait().unwrap().is_none(),
                "the server ended at once"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not say its port");
    }

    pub(crate) fn post(&self, body: &[u8]) -> (u16, Vec<u8>) {
        exchange(self.port, "POST /v1/parcels", body).expect("an answer")
    }

    pub(crate) fn send(&self, parcels: &[SealedParcel]) -> (u16, Vec<u8>) {
        self.post(&batch::encode(parcels))
    }

    /// Sends parcels, which must be taken; the receipt, checked.
    pub(crate) fn receipt(&self, sender: &Sender, parcels: &[SealedParcel]) -> Receipt {
        let (status, body) = self.send(parcels);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let receipt = SignedReceipt::from_bytes(&body)
            .unwrap()
            .verify(&sender.hq)
            .unwrap();
        assert_eq!(receipt.receipt().post, sender.post);
        receipt.receipt().clone()
    }

    /// Sends a body, which must be refused so.
    pub(crate) fn refused(&self, body: &[u8], status: u16, error: &str) -> String {
        let (got, answer) = self.post(body);
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(
            (got, answer["error"].as_str().unwrap()),
            (status, error),
            "{answer}"
        );
        answer["detail"].as_str().unwrap().to_owned()
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = std::process::Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn port_in(file: &Path) -> Option<u16> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// One HTTP exchange over a fresh connection; `None` where the peer went away.
pub(crate) fn exchange(port: u16, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "{head} HTTP/1.1\r\nHost: hq\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    // A refusal may come, and the connection close, before all of a body is written.
    match stream.write_all(body) {
        Err(e) if !matches!(e.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
            panic!("{e}")
        }
        _ => {}
    }
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
        }
    }
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let status = std::str::from_utf8(&answer[..end])
        .ok()?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()?;
    Some((status, answer[end + 4..].to_vec()))
}
