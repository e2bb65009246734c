//! Reads what version 1 looks like, made by other people's code (see `vectors/vectors.py`): key files, parcels,
//! receipts and the chain. Whatever is written tomorrow, this must stay readable.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_seal as seal;
use rules::{PostId, Sequence};
use seal::chain::Head;
use seal::device::{DeviceKey, Enrolment};
use seal::hq::{HqPrivate, HqPublic};
use seal::parcel::{self, ParcelKind, SealedParcel};
use seal::protection::ProtectionKey;
use seal::receipt::SignedReceipt;
use seal::sealing::SealingKey;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

struct Yesterday {
    folder: tempfile::TempDir,
    values: Value,
}

impl Yesterday {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            values: serde_json::from_str(include_str!("vectors/version-1.json")).unwrap(),
        }
    }
    fn bytes(&self, name: &str) -> Vec<u8> {
        hex::decode(self.values[name].as_str().unwrap()).unwrap()
    }
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
    fn json(&self, name: &str) -> PathBuf {
        self.file(name, self.values[name].to_string().as_bytes())
    }
    fn hq(&self) -> HqPrivate {
        HqPrivate::open(&self.json("hq_private")).unwrap()
    }
    fn device(&self) -> DeviceKey {
        DeviceKey::open(&self.file("device", &self.bytes("device_pkcs8"))).unwrap()
    }
}

fn head(line: u64, hash: &[u8]) -> Head {
    Head {
        line,
        hash: hash.try_into().unwrap(),
    }
}

#[test]
fn key_files_are_read() {
    let y = Yesterday::new();
    let public = HqPublic::read(&y.json("hq_public")).unwrap();
    assert_eq!(y.hq().public(), &public);
    assert_eq!(public.id().to_string(), y.values["hq_id"].as_str().unwrap());
    let enrolment = Enrolment::read(&y.json("enrolment")).unwrap();
    assert_eq!(enrolment.device(), y.device().public());
    assert_eq!(enrolment.post().as_str(), "UTO-1");
    assert_eq!(enrolment.sealing(), None, "version 1 knew none");
}

#[test]
fn the_chain_is_the_same() {
    let y = Yesterday::new();
    let post = PostId::new("UTO-1").unwrap();
    let start = Head::start(&post);
    assert_eq!(start, head(0, &y.bytes("start")));
    let stored: Vec<(Head, Vec<u8>)> = y.values["chain"]
        .as_array()
        .unwrap()
        .iter()
        .zip(1..)
        .map(|(line, number)| {
            let bytes = |field: &str| hex::decode(line[field].as_str().unwrap()).unwrap();
            (head(number, &bytes("hash")), bytes("line"))
        })
        .collect();
    assert_eq!(start.follow(stored.clone()).unwrap(), stored[2].0);
}

#[test]
fn parcels_open() {
    let y = Yesterday::new();
    for (name, sequence) in [("parcel_deflate", 7), ("parcel_plain", 8)] {
        let parcel = SealedParcel::from_bytes(&y.bytes(name)).unwrap();
        let header = parcel.header();
        assert_eq!(header.post.as_str(), "UTO-1");
        assert_eq!(header.sequence, Sequence(sequence));
        assert_eq!(header.kind, ParcelKind::Encounter);
        assert_eq!(header.made_at.to_string(), "2026-03-04T05:06:07Z");
        assert_eq!(header.ledger.line, 3);
        assert_eq!(header.hq, y.hq().public().id());
        let record = parcel::open(&parcel, &y.hq(), &y.device().public()).unwrap();
        assert_eq!(*record, y.bytes("record"), "{name}");
    }
}

#[test]
fn receipts_verify() {
    let y = Yesterday::new();
    let receipt = SignedReceipt::from_bytes(&y.bytes("receipt")).unwrap();
    let verified = receipt.verify(y.hq().public()).unwrap();
    assert_eq!(verified.receipt().up_to, Sequence(8));
    assert_eq!(verified.receipt().at.to_string(), "2026-03-05T00:00:00Z");
    assert_eq!(verified.receipt().ledger.line, 3);
}

#[test]
fn what_is_written_today_says_its_version() {
    let y = Yesterday::new();
    let version = |path: &Path| -> Value {
        serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()["version"].clone()
    };
    let path = y.folder.path().join("hq");
    let hq = HqPrivate::open_or_create(&path).unwrap();
    assert_eq!(version(&path), 1);
    let path = y.folder.path().join("hq-public");
    hq.public().write(&path).unwrap();
    assert_eq!(version(&path), 1);
    let protection = ProtectionKey::create(&y.folder.path().join("protection"), None).unwrap();
    let path = y.folder.path().join("hq-2");
    let hq = HqPrivate::open_or_create_with(&path, Some(protection.public())).unwrap();
    assert_eq!(version(&path), 2);
    let path = y.folder.path().join("hq-public-2");
    hq.public().write(&path).unwrap();
    assert_eq!(version(&path), 2);
    let read = HqPublic::read(&path).unwrap();
    assert_eq!(read.protection(), Some(&protection.public()));
    assert_eq!(read.id(), hq.public().id());
    let path = y.folder.path().join("enrolment");
    let sealing = SealingKey::open_or_create(&y.folder.path().join("sealing")).unwrap();
    Enrolment::new(PostId::new("UTO-1").unwrap(), &y.device(), sealing.public())
        .write(&path)
        .unwrap();
    assert_eq!(version(&path), 2);
}
