//! Boxes with certificates, and strangers with others.
#![allow(dead_code, reason = "each program uses its part")]

use crate::desk::wire::Sender;
use crate::desk::{Desk, text};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use seal::checkpoint::{Checkpoint, SignedCheckpoint};
use seal::word::{Admission, Signed};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// The most memory that a program ever held, in KiB.
pub(crate) fn memory_kib(program: u32) -> u64 {
    let about = std::fs::read_to_string(format!("/proc/{program}/status")).unwrap();
    let line = about.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What a client shows and believes.
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) authority: Vec<u8>,
}

/// A box that headquarters has admitted.
pub(crate) fn admitted(desk: &Desk, name: &str) -> (Sender, Identity) {
    let sender = Sender::enrolled(desk, name);
    let out = desk.path(&format!("{name}.admission"));
    let enrolment = desk.path(&format!("{name}-public.json"));
    desk.done(&["enrol", text(&enrolment), "--admission", text(&out)]);
    let admission = Signed::<Admission>::from_bytes(&std::fs::read(out).unwrap())
        .unwrap()
        .verify(std::slice::from_ref(&sender.hq))
        .unwrap();
    let said = admission.statement();
    assert_eq!(said.post, sender.post);
    let identity = Identity {
        certificate: said.certificate.to_vec(),
        key: std::fs::read(desk.path(&format!("{name}.key"))).unwrap(),
        authority: said.authority.to_vec(),
    };
    (sender, identity)
}

pub(crate) type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Greets the server; `None` shows no certificate.
pub(crate) fn greet(port: u16, authority: &[u8], shown: Option<&Identity>) -> Tls {
    connect(port, Arc::new(config(authority, shown)))
}

/// What a client believes and shows; kept for the next time, its sessions are resumed.
pub(crate) fn config(authority: &[u8], shown: Option<&Identity>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).unwrap();
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots);
    match shown {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(
                vec![CertificateDer::from(identity.certificate.clone())],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone())),
            )
            .unwrap(),
    }
}

/// Greets the server of this port.
pub(crate) fn connect(port: u16, config: Arc<ClientConfig>) -> Tls {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(config, name).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    // Head and body are written one after the other, and neither waits.
    stream.set_nodelay(true).unwrap();
    StreamOwned::new(connection, stream)
}

/// One exchange; the error where the peer wants none.
pub(crate) fn ask(stream: &mut Tls, head: &str, body: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
    let head = format!(
        "{head} HTTP/1.1\r\nHost: hq\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    // A refusal may come before all of a body is written.
    let _ = stream.write_all(body);
    let _ = stream.flush();
    answer(stream)
}

/// Reads one answer.
pub(crate) fn answer(stream: &mut Tls) -> std::io::Result<(u16, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&chunk[..count]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&bytes[..end]).unwrap().to_lowercase();
        let length: usize = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length: "))
            .map_or(0, |n| n.parse().unwrap());
        if bytes.len() >= end + 4 + length {
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            return Ok((status, bytes[end + 4..end + 4 + length].to_vec()));
        }
    }
}

/// The name of a refusal.
pub(crate) fn refusal((status, body): (u16, Vec<u8>)) -> (u16, String) {
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

/// A checkpoint of a box at this line.
pub(crate) fn checkpoint(sender: &Sender, line: u64) -> Vec<u8> {
    let checkpoint = Checkpoint {
        post: sender.post.clone(),
        ledger: sender.head(line),
        at: jiff::Timestamp::now(),
        hq: sender.hq.id(),
    };
    SignedCheckpoint::sign(checkpoint, &sender.key).to_bytes()
}
