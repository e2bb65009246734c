//! Which parcels are taken, which are refused, and by what name.

use crate::desk::wire::{Sender, Server, exchange};
use crate::desk::{Desk, text};
use rules::Sequence;
use seal::chain::Head;
use seal::device::{DeviceKey, Enrolment};
use seal::hq::HqPrivate;
use seal::parcel::{SealedParcel, batch};
use std::io::Write;
use std::net::TcpStream;

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
fn boxes_are_enrolled_with_one_key() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    // The same again is no harm; another key for the same post is.
    let file = desk.path("NAMANGA-public.json");
    desk.done(&["enrol", text(&file)]);
    let other = DeviceKey::open_or_create(&desk.path("other.key")).unwrap();
    let other_file = desk.path("other.json");
    Enrolment::new(sender.post.clone(), &other, desk.sealing("other").public())
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
