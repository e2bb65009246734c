//! What was receipted is on the medium, whatever happens to the program or the file.

use crate::desk::Desk;
use crate::desk::wire::{Sender, Server, exchange};
use seal::parcel::batch;
use seal::receipt::SignedReceipt;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
