//! Parcels: sealed to one headquarters, signed by one box, and nothing else opens or passes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod pair;

use ciborium::Value;
use flate2::{Compression, read::DeflateEncoder};
use hpke::Serializable;
use jiff::Timestamp;
use mpaka_seal as seal;
use pair::KEYS;
use proptest::prelude::*;
use rules::{PostId, Sequence};
use seal::SealError;
use seal::chain::Head;
use seal::parcel::{
    self, BATCH_LIMIT, Label, PARCEL_LIMIT, ParcelKind, RECORD_LIMIT, SealedParcel, batch,
};
use std::io::Read;

fn label(sequence: u64) -> Label {
    let post = PostId::new("UTO-1").unwrap();
    Label {
        ledger: Head::start(&post).link(b"a line"),
        post,
        sequence: Sequence(sequence),
        kind: ParcelKind::Encounter,
        made_at: Timestamp::UNIX_EPOCH,
    }
}

fn sealed(record: &[u8], sequence: u64) -> SealedParcel {
    parcel::seal(record, label(sequence), KEYS.hq.public(), &KEYS.device).unwrap()
}

fn open(parcel: &SealedParcel) -> Result<Vec<u8>, SealError> {
    parcel::open(parcel, &KEYS.hq, &KEYS.device.public()).map(|r| r.to_vec())
}

/// The five parts of a parcel on the wire.
fn parts(parcel: &SealedParcel) -> Vec<Value> {
    let value: Value = ciborium::from_reader(&parcel.to_bytes()[..]).unwrap();
    value.into_array().unwrap()
}

fn wire(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn headquarters_reads_what_the_box_sealed_and_its_header() {
    let parcel = sealed(b"a record", 7);
    let came = SealedParcel::from_bytes(&parcel.to_bytes()).unwrap();
    assert_eq!(came, parcel);
    assert_eq!(open(&came).unwrap(), b"a record");
    assert_eq!(came.header().sequence, Sequence(7));
    assert_eq!(came.header().post.as_str(), "UTO-1");
    assert_eq!(came.header().hq, KEYS.hq.public().id());
    assert_eq!(came.header().ledger, label(7).ledger);
}

#[test]
fn the_same_record_sealed_twice_looks_different() {
    let (a, b) = (sealed(b"a record", 7), sealed(b"a record", 7));
    assert_ne!(parts(&a)[2], parts(&b)[2]);
    assert_ne!(parts(&a)[3], parts(&b)[3]);
}

#[test]
fn nothing_of_the_record_shows() {
    let record = b"ERIKSSON<<ANNA<MARIA".repeat(10);
    let bytes = sealed(&record, 1).to_bytes();
    assert!(!bytes.windows(8).any(|w| w == b"ERIKSSON"));
}

#[test]
fn a_parcel_for_another_headquarters_is_named_as_such() {
    let parcel = sealed(b"a record", 1);
    match parcel::open(&parcel, &KEYS.other_hq, &KEYS.device.public()) {
        Err(SealError::AnotherHq { found, ours, .. }) => {
            assert_eq!(found, KEYS.hq.public().id());
            assert_eq!(ours, KEYS.other_hq.public().id());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_parcel_of_another_box_is_refused() {
    let parcel = sealed(b"a record", 1);
    assert!(matches!(
        parcel::open(&parcel, &KEYS.hq, &KEYS.other_device.public()),
        Err(SealError::SignatureWrong { .. })
    ));
    assert!(parcel.verify(&KEYS.other_device.public()).is_err());
    parcel.verify(&KEYS.device.public()).unwrap();
}

#[test]
fn parts_of_two_parcels_do_not_go_together() {
    let (a, b) = (sealed(b"record a", 1), sealed(b"record b", 2));
    for part in 1..5 {
        let mut mixed = parts(&a);
        mixed[part] = parts(&b)[part].clone();
        let mixed = SealedParcel::from_bytes(&wire(&Value::Array(mixed))).unwrap();
        assert!(
            matches!(open(&mixed), Err(SealError::SignatureWrong { .. })),
            "part {part}"
        );
    }
}

#[test]
fn a_header_signed_anew_still_does_not_open_the_content() {
    // A box that went bad, or a thief with its key, moves a content under another number.
    let (a, b) = (sealed(b"record a", 1), sealed(b"record b", 2));
    let (mut mixed, other) = (parts(&a), parts(&b));
    mixed[1] = other[1].clone();
    let bytes = |v: &Value| v.as_bytes().unwrap().clone();
    let signature = KEYS.device.sign(
        "mpaka parcel signature v1",
        &[&bytes(&mixed[1]), &bytes(&mixed[2]), &bytes(&mixed[3])],
    );
    mixed[4] = Value::Bytes(signature.to_vec());
    let mixed = SealedParcel::from_bytes(&wire(&Value::Array(mixed))).unwrap();
    assert!(matches!(open(&mixed), Err(SealError::CannotOpen)));
}

#[test]
fn a_parcel_cut_short_anywhere_is_malformed() {
    let bytes = sealed(b"a record", 1).to_bytes();
    for length in 0..bytes.len() {
        assert!(
            matches!(
                SealedParcel::from_bytes(&bytes[..length]),
                Err(SealError::Malformed { .. })
            ),
            "{length}"
        );
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        SealedParcel::from_bytes(&longer),
        Err(SealError::Malformed { .. })
    ));
}

#[test]
fn no_altered_bit_passes() {
    let parcel = sealed(b"a record that is somewhat longer than nothing", 1);
    let good = parcel.to_bytes();
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(altered) = SealedParcel::from_bytes(&bytes) {
            assert!(open(&altered).is_err(), "bit {bit}");
            assert!(altered.verify(&KEYS.device.public()).is_err(), "bit {bit}");
        }
    }
}

#[test]
fn a_parcel_of_a_newer_program_is_named() {
    let mut newer = parts(&sealed(b"a record", 1));
    newer[0] = Value::from(2);
    assert!(matches!(
        SealedParcel::from_bytes(&wire(&Value::Array(newer.clone()))),
        Err(SealError::NewerVersion {
            version: 2,
            known: 1,
            ..
        })
    ));
    newer[0] = Value::from(0);
    assert!(matches!(
        SealedParcel::from_bytes(&wire(&Value::Array(newer))),
        Err(SealError::Malformed { .. })
    ));
}

#[test]
fn a_length_that_promises_more_than_there_is_takes_no_memory() {
    // [1, byte string of 2^62 bytes …
    let mut bytes = vec![0x85, 0x01, 0x5b];
    bytes.extend((1u64 << 62).to_be_bytes());
    assert!(matches!(
        SealedParcel::from_bytes(&bytes),
        Err(SealError::Malformed { .. })
    ));
    // An array of 2^62 parcels.
    let mut bytes = vec![0x9b];
    bytes.extend((1u64 << 62).to_be_bytes());
    assert!(matches!(
        batch::decode(&bytes),
        Err(SealError::Malformed { .. })
    ));
    // Arrays in arrays in arrays.
    assert!(matches!(
        SealedParcel::from_bytes(&vec![0x81; 100_000]),
        Err(SealError::Malformed { .. })
    ));
}

#[test]
fn what_shrinks_is_packed_and_what_does_not_costs_nothing() {
    let text = b"zone.check_digit.document_number Successful ".repeat(100);
    assert!(sealed(&text, 1).to_bytes().len() < text.len() / 5);
    assert_eq!(open(&sealed(&text, 1)).unwrap(), text);
    assert_eq!(open(&sealed(b"", 1)).unwrap(), b"");
    // Bytes without a pattern, as a JPEG's: SHA-256 in counter mode.
    let noise: Vec<u8> = (0u32..2000)
        .flat_map(|n| {
            ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes())
                .as_ref()
                .to_vec()
        })
        .collect();
    assert!(sealed(&noise, 1).to_bytes().len() < noise.len() + 400);
    assert_eq!(open(&sealed(&noise, 1)).unwrap(), noise);
}

#[test]
fn too_large_a_record_is_refused_before_it_is_sealed() {
    let refused =
        |record: &[u8]| parcel::seal(record, label(1), KEYS.hq.public(), &KEYS.device).unwrap_err();
    assert!(matches!(
        refused(&vec![0; RECORD_LIMIT + 1]),
        SealError::TooLarge { what: "record", .. }
    ));
    let noise: Vec<u8> = (0..(PARCEL_LIMIT as u32 / 32 + 1))
        .flat_map(|n| {
            ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes())
                .as_ref()
                .to_vec()
        })
        .collect();
    assert!(matches!(
        refused(&noise),
        SealError::TooLarge { what: "parcel", .. }
    ));
    assert!(matches!(
        SealedParcel::from_bytes(&vec![0; PARCEL_LIMIT + 1]),
        Err(SealError::TooLarge { .. })
    ));
    assert!(matches!(
        batch::decode(&vec![0; BATCH_LIMIT + 1]),
        Err(SealError::TooLarge { .. })
    ));
}

#[test]
fn a_record_that_swells_without_end_is_stopped() {
    // 16 MB of nothing in 16 kB, properly sealed and signed by a box that went bad.
    let mut packed = Vec::new();
    DeflateEncoder::new(
        std::io::repeat(0).take(2 * RECORD_LIMIT as u64),
        Compression::best(),
    )
    .read_to_end(&mut packed)
    .unwrap();
    let honest = parts(&sealed(&b"x".repeat(100), 1));
    let header = honest[1].as_bytes().unwrap().clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("public");
    KEYS.hq.public().write(&path).unwrap();
    let public: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let key = hex::decode(public["parcel"].as_str().unwrap()).unwrap();
    let (encapsulated, ciphertext) = hpke::single_shot_seal::<
        hpke::aead::ChaCha20Poly1305,
        hpke::kdf::HkdfSha256,
        hpke::kem::X25519HkdfSha256,
    >(
        &hpke::OpModeS::Base,
        &hpke::Deserializable::from_bytes(&key).unwrap(),
        b"mpaka parcel v1",
        &packed,
        &header,
    )
    .unwrap();
    let encapsulated = encapsulated.to_bytes();
    let signature = KEYS.device.sign(
        "mpaka parcel signature v1",
        &[&header, &encapsulated, &ciphertext],
    );
    let bomb = wire(&Value::Array(vec![
        Value::from(1),
        Value::Bytes(header),
        Value::Bytes(encapsulated.to_vec()),
        Value::Bytes(ciphertext),
        Value::Bytes(signature.to_vec()),
    ]));
    let bomb = SealedParcel::from_bytes(&bomb).unwrap();
    assert!(matches!(
        open(&bomb),
        Err(SealError::TooLarge { what: "record", .. })
    ));
}

#[test]
fn a_batch_comes_as_it_went() {
    let parcels: Vec<SealedParcel> = (1..20).map(|n| sealed(b"a record", n)).collect();
    let body = batch::encode(&parcels);
    assert_eq!(batch::decode(&body).unwrap(), parcels);
    assert_eq!(batch::decode(&batch::encode(&[])).unwrap(), []);
    assert!(matches!(
        batch::decode(&body[..body.len() - 1]),
        Err(SealError::Malformed { .. })
    ));
}

proptest! {
    #[test]
    fn hostile_bytes_are_only_ever_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(SealedParcel::from_bytes(&bytes).is_err());
        let _ = batch::decode(&bytes);
        let _ = seal::receipt::SignedReceipt::from_bytes(&bytes);
    }

    #[test]
    fn hostile_changes_are_only_ever_refused(at in any::<prop::sample::Index>(), insert in proptest::collection::vec(any::<u8>(), 0..9), cut in 0usize..9) {
        let good = sealed(b"a record", 3).to_bytes();
        let at = at.index(good.len());
        let mut bytes = good.clone();
        bytes.splice(at..(at + cut).min(good.len()), insert);
        if bytes != good && let Ok(altered) = SealedParcel::from_bytes(&bytes) {
            prop_assert!(open(&altered).is_err());
        }
    }

    #[test]
    fn every_record_comes_back(record in proptest::collection::vec(any::<u8>(), 0..3000), sequence in 1u64..1 << 40) {
        let parcel = sealed(&record, sequence);
        prop_assert_eq!(open(&parcel).unwrap(), record);
        prop_assert_eq!(parcel.header().sequence, Sequence(sequence));
    }
}
