//! Bytes that no honest chip holds.

use crate::asks::ask;
use crate::utopia::der::{oid, sequence};
use crate::utopia::files::dg1;
use crate::utopia::issuer::{State, signed, sod, state};
use chip::cms::SignedData;
use chip::conformance::deviations;
use chip::files::{FileId, SecurityInfos};
use chip::tlv::{Tag, encode, first};
use chip::trust::{Certificate, MasterList, Pinning, RevocationList};
use chip::{ChipError, Files};
use jiff::civil::date;
use proptest::prelude::*;
use rules::Outcome;

#[test]
fn a_message_of_more_signatures_than_anybody_makes_is_refused() {
    let state = state();
    let message = signed("2.23.136.1.1.1", b"content", &state.signer, 22);
    let wrapper = first(&message)
        .unwrap()
        .inside()
        .require(Tag(0xA0))
        .unwrap();
    let mut fields = first(wrapper.value).unwrap().inside();
    let mut parts = Vec::new();
    while let Some(field) = fields.next().unwrap() {
        parts.push(field);
    }
    let signers = parts.pop().unwrap();
    let with = |count: usize| {
        let before: Vec<u8> = parts.iter().flat_map(|p| p.whole.to_vec()).collect();
        let data = sequence(&[&before, &encode(Tag::SET, &signers.value.repeat(count))]);
        let data = encode(Tag(0xA0), &data);
        SignedData::parse(&sequence(&[&oid("1.2.840.113549.1.7.2"), &data]))
    };
    assert_eq!(with(2).unwrap().signers.len(), 2);
    assert!(matches!(with(5000), Err(ChipError::Malformed { .. })));
}

#[test]
fn a_file_of_more_protocols_than_any_chip_offers_is_refused() {
    // id-PACE-ECDH-GM-AES-CBC-CMAC-128, version 2, brainpoolP256r1: whole files of them are held against others.
    let offer = sequence(&[&oid("0.4.0.127.0.7.2.2.4.2.2"), &[2, 1, 2], &[2, 1, 13]]);
    let with = |count: usize| SecurityInfos::card_access(&encode(Tag::SET, &offer.repeat(count)));
    assert_eq!(with(60).unwrap().infos.len(), 60);
    assert!(matches!(with(20_000), Err(ChipError::Malformed { .. })));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_tag() {
    for id in [
        FileId::Dg7,
        FileId::Dg11,
        FileId::Dg12,
        FileId::Dg15,
        FileId::Dg16,
    ] {
        let mut files = Files::default();
        files.add(id.to_string(), encode(id.tag(), &[0x5F]));
        let found = deviations(&files, date(2026, 6, 1));
        let named: Vec<String> = found.iter().map(|d| d.to_string()).collect();
        assert_eq!(named.len(), 1, "{named:?}");
        assert!(
            named[0].starts_with(id.as_str()) && named[0].contains("tag 5F"),
            "{named:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_security_object_goes_unseen_or_panics(place in any::<prop::sample::Index>(), flip in 1u8..) {
        thread_local! {
            static GOOD: (State, Vec<u8>, Vec<u8>) = {
                let state = state();
                let dg1 = dg1();
                let object = sod(&[(1, &dg1)], &state.signer, 22);
                (state, object, dg1)
            };
        }
        GOOD.with(|(state, object, dg1)| {
            let mut changed = object.clone();
            let at = place.index(changed.len());
            changed[at] ^= flip;
            let found = ask(state, &changed, &[dg1]);
            // What is not signed (the algorithm identifiers' spare bytes, the signer's name) may change;
            // what the object says of the files may not.
            if found.outcome == Outcome::Successful {
                let read = chip::files::SecurityObject::parse(&changed).unwrap();
                let good = chip::files::SecurityObject::parse(object).unwrap();
                prop_assert_eq!(read.hashes, good.hashes);
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), tag in 0usize..20) {
        let file = chip::files::FileId::ALL[tag];
        let wrapped = encode(file.tag(), &bytes);
        for bytes in [&bytes, &wrapped] {
            let _ = chip::files::CommonData::parse(bytes);
            let _ = chip::files::zone::parse(bytes);
            let _ = chip::files::face::parse(bytes);
            let _ = chip::files::pictures::signatures(bytes);
            let _ = chip::files::PersonDetails::parse(bytes);
            let _ = chip::files::DocumentDetails::parse(bytes);
            let _ = chip::files::details::persons_to_notify(bytes);
            let _ = chip::files::SecurityInfos::data_group_14(bytes);
            let _ = chip::files::SecurityInfos::card_access(bytes);
            let _ = chip::files::SecurityInfos::card_security(bytes);
            let _ = chip::files::security_infos::active_authentication_key(bytes);
            let _ = chip::files::SecurityObject::parse(bytes);
            let _ = (Certificate::parse(bytes), RevocationList::parse(bytes));
            let _ = MasterList::open(bytes, Pinning::OperatorsWord, date(2026, 1, 1));
        }
    }

    #[test]
    fn a_face_block_of_any_bytes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), count in 0u8..4) {
        let block = [&b"FAC\x00010\x00\0\0\0\0\0"[..], &[count], &bytes].concat();
        let file = encode(Tag(0x75), &encode(Tag(0x7F61), &encode(Tag(0x7F60), &encode(Tag(0x5F2E), &block))));
        let _ = chip::files::face::parse(&file);
    }
}
