//! Parcels over HTTP to the real program: each arrives once, and a receipt means that it is on the medium.
#![allow(clippy::unwrap_used, clippy::panic)]

mod desk;

use desk::{Desk, text};
use jiff::Timestamp;
use rules::{Advice, Advised, EncounterId, EncounterRecord, LaneId, PostId, Sequence};
use seal::chain::Head;
use seal::device::{DeviceKey, Enrolment};
use seal::hq::{HqPrivate, HqPublic};
use seal::parcel::{Label, ParcelKind, SealedParcel, batch, seal};
use seal::receipt::{Receipt, SignedReceipt};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A box, by what it needs for sealing.
struct Sender {
    post: PostId,
    key: DeviceKey,
    hq: HqPublic,
}

impl Sender {
    fn new(desk: &Desk, name: &str) -> Self {
        Self {
            post: PostId::new(name).unwrap(),
            key: DeviceKey::open_or_create(&desk.path(&format!("{name}.key"))).unwrap(),
            hq: HqPublic::read(&desk.state().join("hq-public.json")).unwrap(),
        }
    }

    fn enrolled(desk: &Desk, name: &str) -> Self {
        let sender = Self::new(desk, name);
        let file = desk.path(&format!("{name}-public.json"));
        Enrolment::new(sender.post.clone(), &sender.key)
            .write(&file)
            .unwrap();
        let answer = desk.done(&["enrol", text(&file)]);
        assert_eq!(answer[0]["post"], name);
        sender
    }

    fn head(&self, sequence: u64) -> Head {
        (0..sequence.min(1000)).fold(Head::start(&self.post), |head, line| {
            head.link(&line.to_be_bytes())
        })
    }

    fn parcel(&self, sequence: u64) -> SealedParcel {
        let record = EncounterRecord {
            version: EncounterRecord::VERSION,
            id: EncounterId {
                post: self.post.clone(),
                sequence: Sequence(sequence),
            },
            lane: LaneId::new("1").unwrap(),
            opened_at: Timestamp::UNIX_EPOCH,
            document: None,
            checks: vec![],
            face_score: None,
            candidates: vec![],
            edition: None,
            advised: Advised {
                advice: Advice::Clear,
                reasons: vec![],
            },
            decision: None,
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&record, &mut bytes).unwrap();
        self.sealed(sequence, &bytes)
    }

    fn sealed(&self, sequence: u64, content: &[u8]) -> SealedParcel {
        let label = Label {
            post: self.post.clone(),
            sequence: Sequence(sequence),
            kind: ParcelKind::Encounter,
            made_at: Timestamp::UNIX_EPOCH,
            ledger: self.head(sequence),
        };
        seal(content, label, &self.hq, &self.key).unwrap()
    }

    fn parcels(&self, sequences: impl IntoIterator<Item = u64>) -> Vec<SealedParcel> {
        sequences.into_iter().map(|s| self.parcel(s)).collect()
    }
}

/// The receiving program, ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(desk: &Desk) -> Self {
        let port_file = desk.path("port");
        let _ = std::fs::remove_file(&port_file);
        let mut child = desk
            .command(&[
                "receive",
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

    fn post(&self, body: &[u8]) -> (u16, Vec<u8>) {
        exchange(self.port, "POST /v1/parcels", body).expect("an answer")
    }

    fn send(&self, parcels: &[SealedParcel]) -> (u16, Vec<u8>) {
        self.post(&batch::encode(parcels))
    }

    /// Sends parcels, which must be taken; the receipt, checked.
    fn receipt(&self, sender: &Sender, parcels: &[SealedParcel]) -> Receipt {
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
    fn refused(&self, body: &[u8], status: u16, error: &str) -> String {
        let (got, answer) = self.post(body);
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(
            (got, answer["error"].as_str().unwrap()),
            (status, error),
            "{answer}"
        );
        answer["detail"].as_str().unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
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

fn port_in(file: &Path) -> Option<u16> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// One HTTP exchange over a fresh connection; `None` where the peer went away.
fn exchange(port: u16, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
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

#[test]
fn parcels_arrive_once_in_any_order_and_receipts_say_so() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let server = Server::start(&desk);
    assert_eq!(
        exchange(server.port, "GET /v1/health", b"").unwrap(),
        (200, b"ok\n".to_vec())
    );

    let parcels = sender.parcels(1..=5);
    // Out of order: the receipt covers no gap.
    let receipt = server.receipt(&sender, &parcels[2..4]);
    assert_eq!(
        (receipt.up_to, receipt.ledger),
        (Sequence(0), Head::start(&sender.post))
    );
    let receipt = server.receipt(&sender, &parcels[..1]);
    assert_eq!(
        (receipt.up_to, receipt.ledger),
        (Sequence(1), sender.head(1))
    );
    let receipt = server.receipt(&sender, &parcels[1..2]);
    assert_eq!(
        (receipt.up_to, receipt.ledger),
        (Sequence(4), sender.head(4))
    );
    // Again, and again with one more.
    assert_eq!(server.receipt(&sender, &parcels[1..2]).up_to, Sequence(4));
    let twice: Vec<_> = [&parcels[..], &parcels[..]].concat();
    assert_eq!(server.receipt(&sender, &twice).up_to, Sequence(5));

    let listed = desk.done(&["parcels", "--open"]);
    let sequences: Vec<u64> = listed
        .iter()
        .map(|l| l["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5]);
    assert_eq!(listed[4]["record"]["advised"]["advice"], "Clear");
    assert!(
        desk.done(&["parcels"])[0].get("record").is_none(),
        "closed unless asked"
    );
    let audit = desk.done(&["audit"]);
    assert_eq!(audit[0]["parcels"], 5);
    assert_eq!(audit[0]["opened"], 5);
    assert_eq!(
        (&audit[0]["gaps"], &audit[0]["refused"]),
        (&0.into(), &0.into())
    );
}

#[test]
fn strangers_and_forgers_are_refused_by_name() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let stranger = Sender::new(&desk, "NOWHERE");
    let server = Server::start(&desk);

    server.refused(
        &batch::encode(&stranger.parcels(1..=1)),
        403,
        "unknown_post",
    );
    // A stranger who says that he is Namanga.
    let forger = Sender {
        post: sender.post.clone(),
        key: DeviceKey::open_or_create(&desk.path("forger.key")).unwrap(),
        hq: sender.hq.clone(),
    };
    let detail = server.refused(&batch::encode(&forger.parcels([7])), 400, "bad_signature");
    assert!(detail.contains("NAMANGA/7"), "{detail}");
    // One altered byte of the content.
    let genuine = sender.parcel(1).to_bytes();
    for position in [genuine.len() / 2, genuine.len() - 1] {
        let mut altered = genuine.clone();
        altered[position] ^= 1;
        let Ok(altered) = SealedParcel::from_bytes(&altered) else {
            continue;
        };
        server.refused(&batch::encode(&[altered]), 400, "bad_signature");
    }
    // A parcel sealed to another headquarters.
    let elsewhere = HqPrivate::open_or_create(&desk.path("elsewhere.json")).unwrap();
    let misled = Sender {
        post: sender.post.clone(),
        key: DeviceKey::open(&desk.path("NAMANGA.key")).unwrap(),
        hq: elsewhere.public().clone(),
    };
    let detail = server.refused(
        &batch::encode(&misled.parcels([1])),
        421,
        "another_headquarters",
    );
    assert!(
        detail.contains(&elsewhere.public().id().to_string()),
        "{detail}"
    );
    // Two posts in one batch; a number that is none; no parcel at all.
    let other = Sender::enrolled(&desk, "BUSIA");
    let mixed = [sender.parcels([1]), other.parcels([1])].concat();
    server.refused(&batch::encode(&mixed), 400, "mixed_posts");
    server.refused(&batch::encode(&[sender.sealed(0, b"x")]), 400, "malformed");
    server.refused(
        &batch::encode(&[sender.sealed(u64::MAX, b"x")]),
        400,
        "malformed",
    );
    server.refused(&batch::encode(&[]), 400, "malformed");
    // One bad parcel spoils its batch.
    let spoilt = [sender.parcels(1..=3), forger.parcels([4])].concat();
    server.refused(&batch::encode(&spoilt), 400, "bad_signature");
    assert!(
        desk.done(&["parcels"]).is_empty(),
        "nothing of all this was stored"
    );
    assert_eq!(
        server.receipt(&sender, &sender.parcels(1..=1)).up_to,
        Sequence(1)
    );
}

#[test]
fn garbage_is_refused_and_the_server_goes_on() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let server = Server::start(&desk);
    let good = batch::encode(&sender.parcels(1..=2));
    let mut bodies: Vec<Vec<u8>> = vec![
        vec![],
        b"{}".to_vec(),
        vec![0xff; 1000],
        // A CBOR array and a byte string that claim 2^63 elements.
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\x81\x5b\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        // Arrays in arrays without end.
        vec![0x81; 1_000_000],
        [&good[..], b"x"].concat(),
    ];
    bodies.extend((1..good.len()).step_by(37).map(|end| good[..end].to_vec()));
    for body in &bodies {
        server.refused(body, 400, "malformed");
    }
    for size in [(4 << 20) + 1, 10_000_000] {
        let (status, _) = server.post(&vec![0x81; size]);
        assert_eq!(status, 413);
    }
    for (head, status) in [
        ("GET /v1/parcels", 405),
        ("PUT /v1/parcels", 405),
        ("POST /v2/parcels", 404),
        ("GET /", 404),
    ] {
        assert_eq!(
            exchange(server.port, head, b"").unwrap().0,
            status,
            "{head}"
        );
    }
    // No HTTP at all.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream
        .write_all(&[
            0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03,
        ])
        .unwrap();
    stream.write_all(b"\r\n\r\n").unwrap();
    drop(stream);
    assert_eq!(
        server.receipt(&sender, &sender.parcels(1..=2)).up_to,
        Sequence(2)
    );
}

#[test]
fn another_parcel_under_a_taken_number_is_refused_and_never_receipted() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let server = Server::start(&desk);
    let first = sender.parcels(1..=3);
    server.receipt(&sender, &first[..2]);
    // A box set back to an old backup gives out 2 again, and goes on to 3 and 4.
    let other = sender.parcels(2..=4);
    let detail = server.refused(&batch::encode(&other), 409, "conflict");
    assert!(detail.contains("number 2"), "{detail}");
    server.refused(&batch::encode(&other), 409, "conflict");
    let held: Vec<u64> = desk
        .done(&["parcels"])
        .iter()
        .map(|l| l["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(held, [1, 2], "nothing of the refused batch was stored");
    // Without number 2 they are stored, and the receipt stays short of what is in dispute.
    let receipt = server.receipt(&sender, &other[1..]);
    assert_eq!(
        receipt.up_to,
        Sequence(2),
        "what was receipted before stays so"
    );
    let audit = desk.done(&["audit"]);
    assert_eq!(audit[0]["refused"], 1);
    assert_eq!(audit[0]["parcels"], 4);
}

#[test]
fn posts_send_side_by_side() {
    let desk = Desk::new();
    let senders: Vec<Sender> = (1..=8)
        .map(|n| Sender::enrolled(&desk, &format!("POST-{n}")))
        .collect();
    let server = Server::start(&desk);
    std::thread::scope(|scope| {
        for sender in &senders {
            let server = &server;
            scope.spawn(move || {
                for start in (1..=40).step_by(10) {
                    let parcels = sender.parcels(start..start + 10);
                    // Each batch twice, as after an answer that was lost.
                    for _ in 0..2 {
                        assert_eq!(server.receipt(sender, &parcels).up_to, Sequence(start + 9));
                    }
                }
            });
        }
    });
    let audit = desk.done(&["audit"]);
    assert_eq!(audit.len(), 8);
    for post in audit {
        assert_eq!(
            (&post["parcels"], &post["up_to"], &post["opened"]),
            (&40.into(), &40.into(), &40.into())
        );
    }
}

#[test]
fn a_receipt_means_that_it_is_there_after_any_kill() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let receipted = AtomicU64::new(0);
    for round in 0..12 {
        let mut server = Server::start(&desk);
        std::thread::scope(|scope| {
            let (port, sender, receipted) = (server.port, &sender, &receipted);
            scope.spawn(move || {
                // Sends on until the server is gone.
                loop {
                    let next = receipted.load(Ordering::SeqCst) + 1;
                    let body = batch::encode(&sender.parcels(next..next + 3));
                    let Some((200, answer)) = exchange(port, "POST /v1/parcels", &body) else {
                        return;
                    };
                    let receipt = SignedReceipt::from_bytes(&answer)
                        .unwrap()
                        .verify(&sender.hq)
                        .unwrap();
                    receipted.store(receipt.receipt().up_to.0, Ordering::SeqCst);
                }
            });
            std::thread::sleep(Duration::from_millis(40 + 17 * round));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
        });
        // Whatever was under way at the kill may stand there under other bytes; a real box would send those
        // same bytes again, so this one goes on after what is held.
        let audit = desk.done(&["audit"]);
        let up_to = audit[0]["up_to"].as_u64().unwrap();
        assert!(
            up_to >= receipted.load(Ordering::SeqCst),
            "a receipted parcel is gone"
        );
        assert_eq!(
            audit[0]["opened"].as_u64().unwrap(),
            audit[0]["parcels"].as_u64().unwrap()
        );
        assert_eq!(
            (&audit[0]["gaps"], &audit[0]["refused"]),
            (&0.into(), &0.into())
        );
        receipted.store(up_to, Ordering::SeqCst);
    }
    let total = receipted.load(Ordering::SeqCst);
    eprintln!("12 kills, {total} parcels receipted, none lost");
    assert!(total > 0);
}

#[test]
fn the_server_ends_when_asked_and_finishes_what_is_open() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let mut server = Server::start(&desk);
    let body = batch::encode(&sender.parcels(1..=3));
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = format!(
        "POST /v1/parcels HTTP/1.1\r\nHost: hq\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..10]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.signal("-TERM");
    std::thread::sleep(Duration::from_millis(200));
    assert!(
        TcpStream::connect(("127.0.0.1", server.port)).is_err(),
        "new connections are not taken"
    );
    stream.write_all(&body[10..]).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert_eq!(desk.done(&["audit"])[0]["up_to"], 3);
}

#[test]
fn a_parcel_that_rots_in_the_database_is_found() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    {
        let server = Server::start(&desk);
        server.receipt(&sender, &sender.parcels(1..=3));
        server.receipt(&sender, &[sender.sealed(4, b"no record")]);
    }
    let database = rusqlite::Connection::open(desk.state().join("parcels.db")).unwrap();
    database
        .execute("UPDATE parcel SET sealed = (SELECT sealed FROM parcel WHERE sequence = 1) WHERE sequence = 2", [])
        .unwrap();
    database
        .execute("DELETE FROM parcel WHERE sequence = 3", [])
        .unwrap();
    let audit = desk.done(&["audit"]);
    assert_eq!(
        (&audit[0]["opened"], &audit[0]["gaps"]),
        (&1.into(), &1.into())
    );
    let faults = audit[0]["faults"].to_string();
    assert!(
        faults.contains("NAMANGA/2") && faults.contains("NAMANGA/4"),
        "{faults}"
    );
    // Without the private key it counts and opens nothing.
    std::fs::remove_file(desk.state().join("hq-private.json")).unwrap();
    assert!(desk.done(&["audit"])[0]["opened"].is_null());
}

#[test]
fn a_database_that_is_absent_or_of_a_newer_program_is_left_alone() {
    let desk = Desk::new();
    desk.refused(&["audit"], 4);
    desk.refused(&["parcels"], 4);
    assert!(
        !desk.state().join("parcels.db").exists(),
        "looking makes nothing"
    );
    let path = desk.path("newer.db");
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let said = desk.refused(
        &["audit", "--database", &format!("sqlite:{}", path.display())],
        3,
    );
    assert!(said.contains("99"), "{said}");
}

#[test]
fn boxes_are_enrolled_with_one_key() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    // The same again is no harm; another key for the same post is.
    let file = desk.path("NAMANGA-public.json");
    desk.done(&["enrol", text(&file)]);
    let other = DeviceKey::open_or_create(&desk.path("other.key")).unwrap();
    let other_file = desk.path("other.json");
    Enrolment::new(sender.post.clone(), &other)
        .write(&other_file)
        .unwrap();
    assert!(
        desk.refused(&["enrol", text(&other_file)], 3)
            .contains("another key")
    );
    // A file that its key did not sign, and files that are none.
    let forged = std::fs::read_to_string(&file)
        .unwrap()
        .replace("NAMANGA", "BUSIA");
    desk.refused(&["enrol", &desk.file("forged.json", &forged)], 3);
    desk.refused(&["enrol", &desk.file("empty.json", "")], 3);
    desk.refused(&["enrol", "/nowhere.json"], 4);
    desk.refused(&["enrol"], 2);
    let listed = desk.done(&["enrol", "--list"]);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["post"], "NAMANGA");
    assert_eq!(listed[0]["device"], sender.key.public().to_string());
}
