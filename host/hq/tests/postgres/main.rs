//! Headquarters on PostgreSQL: the same answers as on SQLite, for several receiving programs side by side.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;

use desk::Desk;
use desk::server::Postgres;
use desk::wire::{Sender, Server, exchange};
use rules::Sequence;
use seal::parcel::batch;
use std::sync::atomic::{AtomicU64, Ordering};

#[test]
fn parcels_arrive_once_and_are_refused_as_on_sqlite() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let url = postgres.url();
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let server = Server::start_with(&desk, &["--database", &url]);
    assert_eq!(
        exchange(server.port, "GET /v1/health", b"").unwrap(),
        (200, b"ok\n".to_vec())
    );
    let parcels = sender.parcels(1..=6);
    assert_eq!(server.receipt(&sender, &parcels[2..4]).up_to, Sequence(0));
    assert_eq!(server.receipt(&sender, &parcels[..1]).up_to, Sequence(1));
    let receipt = server.receipt(&sender, &parcels[1..2]);
    assert_eq!(
        (receipt.up_to, receipt.ledger),
        (Sequence(4), sender.head(4))
    );
    let twice: Vec<_> = [&parcels[..], &parcels[..]].concat();
    assert_eq!(server.receipt(&sender, &twice).up_to, Sequence(6));
    // Another parcel under a number that is taken, alone and within a batch; and beyond what is here.
    let other = sender.sealed(3, b"another");
    server.refused(
        &batch::encode(std::slice::from_ref(&other)),
        409,
        "conflict",
    );
    let mixed = [sender.parcels([7]), vec![other]].concat();
    server.refused(&batch::encode(&mixed), 409, "conflict");
    let same_number = [sender.parcel(8), sender.sealed(8, b"another")];
    server.refused(&batch::encode(&same_number), 409, "conflict");
    server.refused(&batch::encode(&[sender.sealed(0, b"x")]), 400, "malformed");
    let audit = desk.done(&["audit", "--database", &url]);
    assert_eq!(audit[0]["parcels"], 6, "a refused batch leaves nothing");
    assert_eq!(audit[0]["opened"], 6);
    assert_eq!(audit[0]["up_to"], 6);
    assert_eq!(audit[0]["refused"], 2);
    // Since two different parcels came under one number, no receipt covers any further: the boxes (there are
    // two) erase nothing until people have looked.
    assert_eq!(
        server.receipt(&sender, &sender.parcels(7..=9)).up_to,
        Sequence(6)
    );
    let listed = desk.done(&["parcels", "--database", &url, "--post", "NAMANGA", "--open"]);
    let sequences: Vec<u64> = listed
        .iter()
        .map(|l| l["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(listed[8]["record"]["advised"]["advice"], "Clear");
    let months =
        postgres.answer("SELECT count(*) FROM pg_inherits WHERE inhparent = 'parcel'::regclass");
    assert_eq!(months, "1", "one month has come");
}

#[test]
fn what_was_erased_is_vacuumed_away_and_no_more_is_claimed() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let url = postgres.url();
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    let server = Server::start_with(&desk, &["--database", &url]);
    let parcels = sender.parcels(1..=3);
    server.receipt(&sender, &parcels);
    let erase = [
        "erase",
        "--database",
        &url,
        "--post",
        "NAMANGA",
        "--sequence",
        "2",
        "--order",
        "Court of Utopia 7/26",
    ];
    let proof = desk.done(&erase);
    assert_eq!(proof[0]["medium"], "vacuumed");
    assert!(proof[0]["done"].as_str().unwrap().contains("VACUUM"));
    assert_eq!(desk.done(&erase)[0]["at"], proof[0]["at"], "once");
    // The server counts what it vacuumed as soon as it has.
    let vacuumed = "SELECT coalesce(sum(vacuum_count), 0) > 0 FROM pg_stat_user_tables
                    WHERE relname LIKE 'parcel\\_%'";
    for _ in 0..200 {
        if postgres.answer(vacuumed) == "t" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(postgres.answer(vacuumed), "t");
    let left =
        "SELECT string_agg(sequence::text, ',' ORDER BY sequence) FROM parcel WHERE sealed <> ''";
    assert_eq!(postgres.answer(left), "1,3");
    let out = desk.path("erasures.csv");
    let out = out.to_str().unwrap();
    desk.done(&["export", "erasures", "--database", &url, "--out", out]);
    let exported = std::fs::read_to_string(out).unwrap();
    assert!(exported.contains("NAMANGA,2,") && exported.contains("7/26"));
    // The very parcel again is known by its digest; another under its number is another.
    assert_eq!(server.receipt(&sender, &parcels[1..2]).up_to, Sequence(3));
    server.refused(&batch::encode(&[sender.sealed(2, b"x")]), 409, "conflict");
}

#[test]
fn programs_side_by_side_give_one_answer() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let url = postgres.url();
    let desk = Desk::new();
    let senders: Vec<Sender> = ["NAMANGA", "BUSIA", "MALABA"]
        .iter()
        .map(|name| Sender::enrolled(&desk, name))
        .collect();
    let batches: Vec<Vec<Vec<u8>>> = senders
        .iter()
        .map(|sender| {
            let parcels = sender.parcels(1..=60);
            parcels.chunks(4).map(batch::encode).collect()
        })
        .collect();
    // They start together, on a database without tables.
    let servers = [(); 3].map(|()| Server::start_with(&desk, &["--database", &url]));
    let taken = AtomicU64::new(0);
    std::thread::scope(|scope| {
        // Every batch to every program, in another order each: most arrive three times at once.
        for (n, server) in servers.iter().enumerate() {
            for post in &batches {
                let (port, taken) = (server.port, &taken);
                scope.spawn(move || {
                    let count = post.len();
                    for i in 0..count {
                        let body = &post[(i * 7 + n * 5) % count];
                        let (status, answer) = exchange(port, "POST /v1/parcels", body).unwrap();
                        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        }
    });
    assert_eq!(taken.into_inner(), 3 * 3 * 15);
    for post in desk.done(&["audit", "--database", &url]) {
        assert_eq!(
            (
                &post["parcels"],
                &post["up_to"],
                &post["opened"],
                &post["gaps"],
                &post["refused"]
            ),
            (&60.into(), &60.into(), &60.into(), &0.into(), &0.into()),
            "{post}"
        );
    }
    // One program killed in the middle takes nothing with it.
    drop(servers);
    assert_eq!(desk.done(&["audit", "--database", &url])[0]["opened"], 60);
}

#[test]
fn a_server_that_is_not_there_or_not_here_is_named() {
    let desk = Desk::new();
    let said = desk.refused(
        &["audit", "--database", "postgres://mpaka@%2Fnowhere:5432/x"],
        1,
    );
    assert!(said.contains("PostgreSQL"), "{said}");
    for elsewhere in [
        "postgres://mpaka:secret@db.example:5432/x",
        "postgres://mpaka:secret@localhost:5432/x?hostaddr=203.0.113.5",
    ] {
        let said = desk.refused(&["audit", "--database", elsewhere], 2);
        assert!(!said.contains("secret"), "{said}");
    }
}
