//! Writes the seeds of `tests/fuzz/corpus` that only our own programs can make: what boxes and headquarters
//! send each other, records, editions. Everything in them is made up. `cargo run -p mpaka-fuzz --example seeds`.
//!
//! Keys are new on every run, so the files differ from run to run and in nothing that matters.

use fuzz::{EDITION_PARTS, write_edition};
use jiff::Timestamp;
use rules::{Advice, EditionNumber, EncounterRecord, PostId, Sequence};
use seal::backup::{self, About, BackupError};
use seal::carrier::Writer;
use seal::chain::Head;
use seal::checkpoint::{Checkpoint, ContactAnswer, SignedCheckpoint};
use seal::code::{Asked, CodeKey};
use seal::device::DeviceKey;
use seal::health::{Counts, Drift, EditionHealth, HealthReport, OutboxHealth};
use seal::hq::HqPrivate;
use seal::parcel::{self, Label, ParcelKind};
use seal::protection::ProtectionKey;
use seal::receipt::Receipt;
use seal::storekey::StoreKey;
use seal::vault::{self, Sealing};
use seal::word::{Admission, CounterSignature, Erasure, Lease, Signed, Succession};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use store::{EncounterLine, LedgerEvent, Note, Salvage};

const RECORD: &str = r#"{
    "version": 1,
    "id": {"post": "UTO-1", "sequence": 17},
    "lane": "1",
    "opened_at": "2026-06-01T08:30:00Z",
    "document": {"mrz": ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]},
    "checks": [{"check": "zone.present", "outcome": "Successful", "detail": ""}],
    "face_score": 0.61,
    "candidates": [],
    "edition": 3,
    "advised": {"advice": "Clear", "reasons": []},
    "decision": null
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)
    };
    let keys = tempfile::tempdir()?;
    let hq = HqPrivate::open_or_create(&keys.path().join("hq.json"))?;
    let device = DeviceKey::open_or_create(&keys.path().join("device.key"))?;
    let post = PostId::new("UTO-1")?;

    let record: EncounterRecord = serde_json::from_str(RECORD)?;
    let mut cbor = Vec::new();
    ciborium::into_writer(&record, &mut cbor)?;
    put("record", "encounter.json", RECORD.as_bytes())?;
    put("record", "encounter.cbor", &cbor)?;
    let line = LedgerEvent::Encounter(EncounterLine {
        sequence: Sequence(17),
        advice: Advice::Look,
        decision: None,
        edition: None,
        digest: [9; 32],
    });
    for (name, event) in [
        ("line.cbor", line),
        ("note.cbor", LedgerEvent::Note(Note::Stopped)),
        (
            "salvaged.cbor",
            LedgerEvent::Salvaged(Salvage {
                why: "a page".into(),
                lines_lost: vec![(3, 9)],
                encounters_lost: vec![(2, 2)],
                sealed_again: 1,
                last_number: Sequence(17),
            }),
        ),
    ] {
        let mut bytes = Vec::new();
        ciborium::into_writer(&event, &mut bytes)?;
        put("record", name, &bytes)?;
    }

    let seal = |sequence: u64, record: &[u8]| {
        let label = Label {
            ledger: Head::start(&post).link(b"a line"),
            post: post.clone(),
            sequence: Sequence(sequence),
            kind: ParcelKind::Encounter,
            made_at: Timestamp::UNIX_EPOCH,
        };
        parcel::seal(record, label, hq.public(), &device)
    };
    let (small, whole) = (seal(1, b"a record")?, seal(2, &cbor)?);
    put("parcel", "small.cbor", &small.to_bytes())?;
    put("parcel", "encounter.cbor", &whole.to_bytes())?;
    put("parcel_batch", "none.cbor", &parcel::batch::encode(&[]))?;
    let two = parcel::batch::encode(&[small, whole]);
    put("parcel_batch", "two.cbor", &two)?;
    let mut carried = Writer::begin(Vec::new())?;
    put("carried", "none.bin", &Writer::begin(Vec::new())?.finish())?;
    carried.add(&two)?;
    put("carried", "two.bin", &carried.finish())?;
    let about = About {
        ledger: Head::start(&post),
        post: post.clone(),
        made_at: Timestamp::UNIX_EPOCH,
        program: "mpaka 0.1.0".into(),
        last: Sequence(0),
        receipted: Sequence(0),
    };
    let mut backup = backup::Writer::begin(Vec::new(), about, hq.public(), &device)?;
    backup.add::<BackupError>("post.toml", |to| Ok(to.write_all(b"version = 1")?))?;
    put("backup", "whole.bin", &backup.finish()?.1)?;
    let store = StoreKey::open_or_create(&keys.path().join("store.key"))?;
    let wrapped = backup::wrap_store_key(&store, &post, hq.public())?;
    put("backup", "store-key.cbor", &wrapped)?;
    let report = HealthReport {
        post: post.clone(),
        number: 7,
        made_at: Timestamp::UNIX_EPOCH,
        program: "0.1.0".into(),
        versions: [("zone".to_owned(), "sha256:0123".to_owned())].into(),
        edition: Some(EditionHealth {
            number: EditionNumber(3),
            made_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        }),
        outbox: OutboxHealth::default(),
        drift: Drift::Within,
        tamper: false,
        lease_until: None,
        faults: ["disk_low".to_owned()].into(),
        counts: Counts::default(),
    };
    put("health", "one.cbor", &report.sign(&device).to_bytes())?;
    let receipt = Receipt {
        ledger: Head::start(&post),
        post: post.clone(),
        up_to: Sequence(2),
        at: Timestamp::UNIX_EPOCH,
    };
    put("receipt", "two.cbor", &receipt.sign(&hq)?.to_bytes())?;

    words(&put, &hq, &device, keys.path())?;

    let edition = tempfile::tempdir()?;
    write_edition(edition.path());
    for (number, part) in (0u8..).zip(EDITION_PARTS) {
        let mut seed = vec![number];
        seed.extend(std::fs::read(edition.path().join(part))?);
        put("edition", part, &seed)?;
    }
    Ok(())
}

/// Headquarters' words, a box's checkpoint, its sealed keys, and a protection record.
fn words(
    put: &impl Fn(&str, &str, &[u8]) -> std::io::Result<()>,
    hq: &HqPrivate,
    device: &DeviceKey,
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let post = PostId::new("UTO-1")?;
    let at = Timestamp::UNIX_EPOCH;
    let head = Head::start(&post).link(b"a line");
    let lease = Signed::sign(
        Lease {
            post: post.clone(),
            device: device.public(),
            given_at: at,
            until: at,
        },
        hq,
    )?;
    put("word", "lease.cbor", &lease.to_bytes())?;
    let admission = Admission {
        post: post.clone(),
        device: device.public(),
        certificate: vec![0x30, 0].into(),
        authority: vec![0x30, 0].into(),
        lease: lease.to_bytes().into(),
    };
    put(
        "word",
        "admission.cbor",
        &Signed::sign(admission, hq)?.to_bytes(),
    )?;
    let protection = ProtectionKey::create(&folder.join("protection.key"), None)?;
    let next =
        HqPrivate::open_or_create_with(&folder.join("next.json"), Some(protection.public()))?;
    let succession = Succession {
        next: next.public().clone(),
        at,
    };
    put(
        "word",
        "succession.cbor",
        &Signed::sign(succession, hq)?.to_bytes(),
    )?;
    let counter = CounterSignature {
        post: post.clone(),
        ledger: head,
        at,
    };
    let counter = Signed::sign(counter, hq)?.to_bytes();
    put("word", "counter.cbor", &counter)?;
    let erasure = Erasure {
        post: post.clone(),
        sequence: Sequence(2),
        digest: [9; 32],
        at,
        order: "Court of Utopia 7/26".into(),
    };
    put(
        "word",
        "erasure.cbor",
        &Signed::sign(erasure, hq)?.to_bytes(),
    )?;

    let asked = Asked::new(
        post.clone(),
        b"an enrolment".to_vec(),
        &CodeKey::from_bytes([9; 32]),
    );
    put("word", "asked.cbor", &asked.to_bytes())?;

    let checkpoint = Checkpoint {
        post: post.clone(),
        ledger: head,
        at,
        hq: hq.public().id(),
    };
    let checkpoint = SignedCheckpoint::sign(checkpoint, device);
    put("checkpoint", "one.cbor", &checkpoint.to_bytes())?;
    let answer = ContactAnswer {
        lease: lease.to_bytes().into(),
        counter: counter.into(),
        successions: vec![],
    };
    put("checkpoint", "answer.cbor", &answer.to_bytes())?;

    let secrets = vault::gather(folder, &["device.key"])?;
    let sealed = folder.join("keys.sealed");
    let by = b"a TPM".to_vec();
    vault::seal(&sealed, &secrets, &Sealing::Kept { key: &[9; 32], by })?;
    put("vault", "kept.cbor", &std::fs::read(&sealed)?)?;
    vault::seal(&sealed, &secrets, &Sealing::Passphrase("twelve horses"))?;
    put("vault", "passphrase.cbor", &std::fs::read(&sealed)?)?;

    let sealed = protection
        .public()
        .seal_record(&post, Sequence(1), &b"a record ".repeat(20))?;
    put("protection", "packed.cbor", &sealed)?;
    let sealed = protection.public().seal_record(&post, Sequence(1), b"")?;
    put("protection", "empty.cbor", &sealed)?;
    Ok(())
}
