//! Headquarters' door on the network: who is let in, who is refused, and by what name.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;

use desk::Desk;
use desk::tls::{Identity, admitted, answer, ask, checkpoint, greet, memory_kib, refusal};
use desk::wire::{Server, exchange};
use jiff::Timestamp;
use mpaka_hq::home::Home;
use mpaka_hq::register::{Register, Standing};
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use seal::checkpoint::ContactAnswer;
use seal::parcel::batch;
use seal::receipt::SignedReceipt;
use seal::word::{CounterSignature, Lease, Signed};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

const PARCELS: &str = "POST /v1/parcels";
const CONTACT: &str = "POST /v1/contact";
const REPORTS: &str = "POST /v1/health-reports";

#[test]
fn an_admitted_box_sends_and_its_lease_is_renewed() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let server = Server::guarded(&desk, &["--lease-days", "5"]);
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    let (status, receipt) =
        ask(&mut stream, PARCELS, &batch::encode(&sender.parcels(1..=3))).unwrap();
    assert_eq!(status, 200);
    let receipt = SignedReceipt::from_bytes(&receipt).unwrap();
    assert_eq!(receipt.verify(&sender.hq).unwrap().receipt().up_to.0, 3);

    let (status, said) = ask(&mut stream, CONTACT, &checkpoint(&sender, 9)).unwrap();
    assert_eq!(status, 200);
    let said = ContactAnswer::from_bytes(&said).unwrap();
    let known = std::slice::from_ref(&sender.hq);
    let lease = Signed::<Lease>::from_bytes(&said.lease).unwrap();
    let lease = lease.verify(known).unwrap();
    let lease = lease.statement();
    assert_eq!(
        (&lease.post, lease.device),
        (&sender.post, sender.key.public())
    );
    let days = lease.until.duration_since(lease.given_at).as_hours() / 24;
    assert_eq!(days, 5);
    let counter = Signed::<CounterSignature>::from_bytes(&said.counter).unwrap();
    let counter = counter.verify(known).unwrap();
    assert_eq!(counter.statement().ledger, sender.head(9));
    assert!(said.successions.is_empty());
}

#[test]
fn strangers_are_not_let_in() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let server = Server::guarded(&desk, &[]);
    let body = batch::encode(&sender.parcels(1..=1));
    let mut plain = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    plain.write_all(b"GET /v1/health HTTP/1.1\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "plain HTTP is not answered");

    // No certificate; one that its bearer signed; one of another headquarters.
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let own = CertificateParams::new(vec!["NAMANGA".into()]).unwrap();
    let own = Identity {
        certificate: own.self_signed(&key).unwrap().der().to_vec(),
        key: key.serialize_der(),
        authority: identity.authority.clone(),
    };
    let elsewhere = Desk::new();
    let (_, theirs) = admitted(&elsewhere, "NAMANGA");
    for shown in [None, Some(&own), Some(&theirs)] {
        let mut stream = greet(server.port, &identity.authority, shown);
        assert!(ask(&mut stream, PARCELS, &body).is_err());
    }
    // Somebody else's certificate without its key.
    let stolen = Identity {
        certificate: identity.certificate.clone(),
        key: key.serialize_der(),
        authority: identity.authority.clone(),
    };
    let refused = std::panic::catch_unwind(|| {
        let mut stream = greet(server.port, &identity.authority, Some(&stolen));
        ask(&mut stream, PARCELS, &body).is_err()
    });
    assert!(refused.unwrap_or(true));
    // The box, for its part, does not believe a server of another authority.
    let mut stream = greet(server.port, &theirs.authority, Some(&identity));
    assert!(ask(&mut stream, PARCELS, &body).is_err());
    assert!(
        desk.done(&["parcels"]).is_empty(),
        "nothing of all this was stored"
    );
}

#[test]
fn a_box_speaks_for_itself_alone_and_only_while_it_may() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let (other, _) = admitted(&desk, "BUSIA");
    let server = Server::guarded(&desk, &[]);
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    let theirs = batch::encode(&other.parcels(1..=1));
    assert_eq!(
        refusal(ask(&mut stream, PARCELS, &theirs).unwrap()),
        (403, "another_box".into())
    );
    assert_eq!(
        refusal(ask(&mut stream, CONTACT, &checkpoint(&other, 1)).unwrap()),
        (403, "another_box".into())
    );
    let ours = batch::encode(&sender.parcels(1..=1));
    assert_eq!(ask(&mut stream, PARCELS, &ours).unwrap().0, 200);

    // Out of service: what it still holds is taken, and it gets no lease. Stolen: nothing.
    let mut register = Register::open(&Home::open(&desk.state()).unwrap()).unwrap();
    let now = Timestamp::now();
    register
        .set_standing(&sender.post, Standing::Retired, "replaced", now)
        .unwrap();
    let next = batch::encode(&sender.parcels(2..=2));
    assert_eq!(ask(&mut stream, PARCELS, &next).unwrap().0, 200);
    assert_eq!(
        refusal(ask(&mut stream, CONTACT, &checkpoint(&sender, 2)).unwrap()),
        (403, "retired".into())
    );
    register
        .set_standing(&sender.post, Standing::Revoked, "stolen", now)
        .unwrap();
    for (head, body) in [
        (PARCELS, batch::encode(&sender.parcels(3..=3))),
        (CONTACT, checkpoint(&sender, 3)),
    ] {
        // On the connection that was open before, and on a new one.
        assert_eq!(
            refusal(ask(&mut stream, head, &body).unwrap()),
            (403, "revoked".into())
        );
        let mut fresh = greet(server.port, &identity.authority, Some(&identity));
        assert_eq!(
            refusal(ask(&mut fresh, head, &body).unwrap()),
            (403, "revoked".into())
        );
    }
    assert!(
        register
            .set_standing(&sender.post, Standing::Active, "found", now)
            .is_err(),
        "a revoked key is never believed again"
    );
    assert_eq!(desk.done(&["parcels"]).len(), 2);
}

#[test]
fn what_was_overheard_is_worth_nothing() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let server = Server::guarded(&desk, &[]);
    // A wire-tap between box and headquarters.
    let tap = TcpListener::bind("127.0.0.1:0").unwrap();
    let tapped = tap.local_addr().unwrap().port();
    let overheard = std::thread::scope(|scope| {
        let port = server.port;
        let listening = scope.spawn(move || {
            let (mut near, _) = tap.accept().unwrap();
            let mut far = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (mut back_near, mut back_far) =
                (near.try_clone().unwrap(), far.try_clone().unwrap());
            let back = std::thread::spawn(move || {
                let _ = std::io::copy(&mut back_far, &mut back_near);
            });
            let mut heard = Vec::new();
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = near.read(&mut chunk) {
                heard.extend_from_slice(&chunk[..count]);
                far.write_all(&chunk[..count]).unwrap();
            }
            let _ = far.shutdown(std::net::Shutdown::Both);
            let _ = back.join();
            heard
        });
        let mut stream = greet(tapped, &identity.authority, Some(&identity));
        let body = batch::encode(&sender.parcels(1..=1));
        assert_eq!(ask(&mut stream, PARCELS, &body).unwrap().0, 200);
        drop(stream);
        listening.join().unwrap()
    });
    let post = sender.post.as_str().as_bytes();
    assert!(
        !overheard.windows(post.len()).any(|w| w == post),
        "not even whose box it is can be read from the wire"
    );
    let mut again = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    again.write_all(&overheard).unwrap();
    let mut said = Vec::new();
    let _ = again.set_read_timeout(Some(Duration::from_secs(15)));
    let _ = again.read_to_end(&mut said);
    assert_eq!(
        desk.done(&["parcels"]).len(),
        1,
        "the replay stored nothing"
    );

    // A word that the box itself said before: harmless for parcels, refused for the ledger's standing.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    let earlier = checkpoint(&sender, 5);
    assert_eq!(ask(&mut stream, CONTACT, &earlier).unwrap().0, 200);
    assert_eq!(ask(&mut stream, CONTACT, &earlier).unwrap().0, 200);
    assert_eq!(
        ask(&mut stream, CONTACT, &checkpoint(&sender, 8))
            .unwrap()
            .0,
        200
    );
    assert_eq!(
        refusal(ask(&mut stream, CONTACT, &earlier).unwrap()),
        (409, "ledger_disputed".into())
    );
    // Signed by another box, or altered.
    let mut altered = earlier.clone();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    assert_eq!(
        refusal(ask(&mut stream, CONTACT, &altered).unwrap()),
        (400, "bad_signature".into())
    );
    assert_eq!(
        refusal(ask(&mut stream, CONTACT, b"nonsense").unwrap()),
        (400, "malformed".into())
    );
}

#[test]
fn bodies_without_end_and_boxes_gone_mad_are_bounded() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let (other, others) = admitted(&desk, "BUSIA");
    let server = Server::guarded(&desk, &["--requests-a-minute", "30"]);
    // Ten gigabytes announced: refused before a byte of them is read.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    stream
        .write_all(b"POST /v1/parcels HTTP/1.1\r\nHost: hq\r\nContent-Length: 10737418240\r\n\r\n")
        .unwrap();
    assert_eq!(
        refusal(answer(&mut stream).unwrap()),
        (413, "too_large".into())
    );
    // Ten gigabytes not announced: refused at four megabytes.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    stream
        .write_all(b"POST /v1/parcels HTTP/1.1\r\nHost: hq\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    let mut written: u64 = 0;
    let chunk = [&b"10000\r\n"[..], &[0x55; 0x10000], b"\r\n"].concat();
    while written < 10 << 30 && stream.write_all(&chunk).is_ok() {
        written += 0x10000;
    }
    assert!(written < 64 << 20, "{written} bytes were swallowed");
    // The same as an upload in pieces.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    stream
        .write_all(
            b"POST /v1/parcels HTTP/1.1\r\nHost: hq\r\nContent-Length: 10\r\n\
              Upload-Id: 000102030405060708090a0b0c0d0e0f\r\nUpload-Offset: 0\r\nUpload-Length: 10737418240\r\n\r\n0123456789",
        )
        .unwrap();
    assert_eq!(
        refusal(answer(&mut stream).unwrap()),
        (413, "too_large".into())
    );
    assert!(
        memory_kib(server.child.id()) < 256 << 10,
        "{} KiB",
        memory_kib(server.child.id())
    );
    // One box that asks without pause is told when to come again; the others notice nothing.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    let body = batch::encode(&sender.parcels(1..=1));
    let last = (0..40)
        .map(|_| ask(&mut stream, PARCELS, &body).unwrap())
        .find(|(status, _)| *status != 200);
    assert_eq!(refusal(last.unwrap()), (429, "too_often".into()));
    // Reports on its health come out of the same purse.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    let last = (0..40)
        .map(|_| ask(&mut stream, REPORTS, b"no report").unwrap())
        .find(|(status, _)| *status != 400);
    assert_eq!(refusal(last.unwrap()), (429, "too_often".into()));
    let mut stream = greet(server.port, &others.authority, Some(&others));
    let body = batch::encode(&other.parcels(1..=1));
    assert_eq!(ask(&mut stream, PARCELS, &body).unwrap().0, 200);
}

#[test]
fn whoever_dawdles_is_sent_away_and_the_others_are_served() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let server = Server::guarded(&desk, &[]);
    let body = batch::encode(&sender.parcels(1..=1));
    std::thread::scope(|scope| {
        let (server, identity, body) = (&server, &identity, &body);
        let begun = Instant::now();
        for n in 0..20 {
            // A greeting that never goes on.
            scope.spawn(move || {
                let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
                stream.write_all(&[0x16, 0x03]).unwrap();
                let mut said = Vec::new();
                let _ = stream.read_to_end(&mut said);
                assert!(begun.elapsed() < Duration::from_secs(30), "greeting {n}");
            });
        }
        for n in 0..5 {
            // A head letter by letter; a body that stops.
            scope.spawn(move || {
                let mut stream = greet(server.port, &identity.authority, Some(identity));
                for letter in b"POST /v1/parcels HTTP/1.1\r\nHost: hq\r\nX-Slow: "
                    .iter()
                    .chain([b'a'; 400].iter())
                {
                    if stream.write_all(&[*letter]).is_err() || stream.flush().is_err() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
                assert!(begun.elapsed() < Duration::from_secs(30), "head {n}");
            });
            scope.spawn(move || {
                let mut stream = greet(server.port, &identity.authority, Some(identity));
                let head = format!(
                    "{PARCELS} HTTP/1.1\r\nHost: hq\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(&body[..10]).unwrap();
                let said = answer(&mut stream).map(refusal);
                if let Ok(said) = said {
                    assert_eq!(said, (408, "too_slow".into()), "body {n}");
                }
                assert!(begun.elapsed() < Duration::from_secs(40), "body {n}");
            });
        }
        for _ in 0..10 {
            let asked = Instant::now();
            let mut stream = greet(server.port, &identity.authority, Some(identity));
            assert_eq!(ask(&mut stream, PARCELS, body).unwrap().0, 200);
            assert!(asked.elapsed() < Duration::from_secs(5));
            std::thread::sleep(Duration::from_millis(300));
        }
    });
}

/// More connections than headquarters has places for, each of which begins so and never goes on.
fn strangers(port: u16, begin: &[u8]) -> Vec<TcpStream> {
    let stranger = |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        // Some have been sent away before they say anything.
        let _ = stream.write_all(begin);
        stream
    };
    (0..600).map(stranger).collect()
}

#[test]
fn strangers_in_any_number_make_room_for_a_box_behind_their_own_address() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let server = Server::guarded(&desk, &[]);
    let body = batch::encode(&sender.parcels(1..=1));
    let held = strangers(server.port, &[0x16, 0x03]);
    for _ in 0..3 {
        let asked = Instant::now();
        let mut stream = greet(server.port, &identity.authority, Some(&identity));
        assert_eq!(ask(&mut stream, PARCELS, &body).unwrap().0, 200);
        // Not only once the patience with the strangers is over.
        assert!(asked.elapsed() < Duration::from_secs(5));
    }
    drop(held);
    // Where boxes have no certificate yet, everybody is a stranger, and whoever says nothing makes room.
    let door = Server::admitting(&desk);
    let _held = strangers(door.port, b"POST /v1/enrol");
    let asked = Instant::now();
    let (status, said) = exchange(door.port, "POST /v1/enrolments", b"no question").unwrap();
    assert_eq!(refusal((status, said)), (400, "malformed".into()));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_upload_that_breaks_off_goes_on_where_it_was() {
    let desk = Desk::new();
    let (sender, identity) = admitted(&desk, "NAMANGA");
    let (_, others) = admitted(&desk, "BUSIA");
    let server = Server::guarded(&desk, &[]);
    let body = batch::encode(&sender.parcels(1..=40));
    let id = "00112233445566778899aabbccddeeff";
    let head = |offset: usize, length: usize| {
        format!(
            "{PARCELS} HTTP/1.1\r\nHost: hq\r\nContent-Length: {length}\r\nUpload-Id: {id}\r\n\
             Upload-Offset: {offset}\r\nUpload-Length: {}\r\n\r\n",
            body.len()
        )
    };
    let mut sent = 0;
    for _ in 0..5 {
        let mut stream = greet(server.port, &identity.authority, Some(&identity));
        stream
            .write_all(head(sent, body.len() - sent).as_bytes())
            .unwrap();
        stream.write_all(&body[sent..sent + 1000]).unwrap();
        stream.flush().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        drop(stream);
        std::thread::sleep(Duration::from_millis(50));
        let mut stream = greet(server.port, &identity.authority, Some(&identity));
        let request =
            format!("GET /v1/uploads/{id} HTTP/1.1\r\nHost: hq\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut said = String::new();
        let _ = stream.read_to_string(&mut said);
        let have: usize = said
            .to_lowercase()
            .lines()
            .find_map(|l| l.strip_prefix("upload-offset: ")?.parse().ok())
            .unwrap();
        assert_eq!(have, sent + 1000, "every byte that arrived counts");
        sent = have;
    }
    // From elsewhere than where it stands, or as another box: not that way.
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    stream.write_all(head(0, 10).as_bytes()).unwrap();
    stream.write_all(&body[..10]).unwrap();
    assert_eq!(
        refusal(answer(&mut stream).unwrap()),
        (409, "offset".into())
    );
    let mut stream = greet(server.port, &others.authority, Some(&others));
    stream
        .write_all(head(sent, body.len() - sent).as_bytes())
        .unwrap();
    let _ = stream.write_all(&body[sent..]);
    assert_eq!(
        refusal(answer(&mut stream).unwrap()),
        (409, "offset".into())
    );
    let mut stream = greet(server.port, &identity.authority, Some(&identity));
    stream
        .write_all(head(sent, body.len() - sent).as_bytes())
        .unwrap();
    stream.write_all(&body[sent..]).unwrap();
    let (status, receipt) = answer(&mut stream).unwrap();
    assert_eq!(status, 200);
    let receipt = SignedReceipt::from_bytes(&receipt).unwrap();
    assert_eq!(receipt.verify(&sender.hq).unwrap().receipt().up_to.0, 40);
}
