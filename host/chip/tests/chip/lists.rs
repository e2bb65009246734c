//! Master lists, revocation lists, and country signers of a forger's making.

use crate::asks::{ask, outcome};
use crate::utopia::der::{bits, integer, name, new_year, oid, sequence};
use crate::utopia::files::dg1;
use crate::utopia::issuer::{
    CertificateParts, Made, MessageParts, Purpose, certificate, critical, signed, sod, state,
    state_with,
};
use crate::utopia::keys::{Curve, Key, p256};
use chip::ChipError;
use chip::tlv::{Tag, encode};
use chip::trust::{Certificate, MasterList, Pinning, RevocationList};
use jiff::civil::date;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use rules::{CheckId, Outcome};

#[test]
fn revoked_by_the_countrys_list_and_by_nobody_elses() {
    let mut state = state();
    let dg1 = dg1();
    let object = sod(&[(1, &dg1)], &state.signer, 22);
    let list = |by: &Key, serial: u8, next: u8| {
        let entry = sequence(&[&encode(Tag::INTEGER, &[serial]), &new_year(23)]);
        let tbs = sequence(&[
            &[2, 1, 1],
            &by.identifier(),
            &name("UT", "CSCA Utopia"),
            &new_year(24),
            &new_year(next),
            &sequence(&[&entry]),
        ]);
        RevocationList::parse(&sequence(&[&tbs, &by.identifier(), &bits(&by.sign(&tbs))])).unwrap()
    };
    let key = state.country.key.clone();
    assert_eq!(
        outcome(&ask(&state, &object, &[&dg1]), CheckId::ChipRevocation),
        Outcome::NotSupported
    );
    let forged = state.store.add_revocation_list(list(&p256(), 7, 30));
    assert!(matches!(forged, Err(ChipError::ListNotTrusted { .. })));
    state.store.add_revocation_list(list(&key, 8, 25)).unwrap();
    assert_eq!(
        outcome(&ask(&state, &object, &[&dg1]), CheckId::ChipRevocation),
        Outcome::Undetermined
    );
    state.store.add_revocation_list(list(&key, 8, 30)).unwrap();
    state.store.add_revocation_list(list(&key, 7, 25)).unwrap();
    let found = ask(&state, &object, &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipRevocation), Outcome::Failed);
    assert_eq!(found.outcome, Outcome::Failed);
}

#[test]
fn a_forged_master_list_is_refused() {
    let state = state();
    let content = sequence(&[&[2, 1, 0], &encode(Tag::SET, &state.country.der)]);
    let root = Certificate::parse(&state.country.der).unwrap();
    let at = date(2026, 6, 1);
    let made = |purpose, by: &Key| {
        certificate(
            purpose,
            9,
            (&name("UT", "CSCA Utopia"), &name("UT", "ML")),
            &p256(),
            by,
            (20, 30),
        )
    };
    let open = |signer: &Made, year| {
        let list = signed("2.23.136.1.1.2", &content, signer, year);
        MasterList::open(&list, Pinning::Roots(std::slice::from_ref(&root)), at)
    };
    let good = made(Purpose::Lists, &state.country.key);
    assert_eq!(open(&good, 22).unwrap().certificates.len(), 1);
    // A list signer signs lists and no certificates, though this one does not say so.
    let second = made(Purpose::Lists, &good.key);
    let mut parts = MessageParts::new("2.23.136.1.1.2", &content, &second, 22);
    parts.certificates.extend(&good.der);
    let list = parts.signed_by(&second.key);
    let pinned = Pinning::Roots(std::slice::from_ref(&root));
    assert!(matches!(
        MasterList::open(&list, pinned, at),
        Err(ChipError::ListNotTrusted { .. })
    ));
    // By a document signer; by another root; after its signer's time.
    for (signer, year) in [
        (made(Purpose::Documents, &state.country.key), 22),
        (made(Purpose::Lists, &p256()), 22),
        (good, 35),
    ] {
        assert!(matches!(
            open(&signer, year),
            Err(ChipError::ListNotTrusted { .. })
        ));
    }
}

#[test]
fn authorities_that_sign_one_another_lead_nowhere_and_cost_little() {
    let state = state();
    let root = Certificate::parse(&state.country.der).unwrap();
    let content = sequence(&[&[2, 1, 0], &encode(Tag::SET, &state.country.der)]);
    let (own, key) = (name("UT", "CSCA Utopia"), p256());
    let authority = |serial| {
        let names = (&*own, &*own);
        certificate(Purpose::Country, serial, names, &key, &key, (20, 30)).der
    };
    let names = (&*own, &*name("UT", "ML"));
    let signer = certificate(Purpose::Lists, 1, names, &p256(), &key, (20, 30));
    // By one key and of one name, each may have signed each.
    for serials in [2u8..30, 2..100] {
        let mut parts = MessageParts::new("2.23.136.1.1.2", &content, &signer, 22);
        parts.certificates.extend(serials.flat_map(authority));
        let list = parts.signed_by(&signer.key);
        let pinned = Pinning::Roots(std::slice::from_ref(&root));
        let opened = MasterList::open(&list, pinned, date(2026, 6, 1));
        assert!(matches!(opened, Err(ChipError::ListNotTrusted { .. })));
    }
}

#[test]
fn a_curve_of_the_forgers_choosing_is_refused() {
    // The true curve with another generator: the flaw of CVE-2020-0601.
    let key = Key::ec(
        Nid::X9_62_PRIME256V1,
        Curve::Explicit,
        MessageDigest::sha256(),
    );
    let state = state_with(&key, &p256(), "UT", (20, 30));
    let der = &state.country.der;
    let generator = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let mut context = openssl::bn::BigNumContext::new().unwrap();
    let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
    let bytes = generator
        .generator_opt()
        .unwrap()
        .to_bytes(&generator, form, &mut context)
        .unwrap();
    let other = EcKey::generate(&generator).unwrap();
    let moved = other
        .public_key()
        .to_bytes(&generator, form, &mut context)
        .unwrap();
    let at = der.windows(bytes.len()).position(|w| w == bytes).unwrap();
    let mut changed = der.clone();
    changed[at..at + bytes.len()].copy_from_slice(&moved);
    assert!(Certificate::parse(der).unwrap().public_key().is_ok());
    let refused = Certificate::parse(&changed).unwrap().public_key();
    assert!(
        matches!(refused, Err(ChipError::Unsupported { .. })),
        "{refused:?}"
    );
}

#[test]
fn known_defects_soften_what_fails_and_tell_stolen_keys() {
    let mut state = state();
    let dg1 = dg1();
    let good = sod(&[(1, &dg1)], &state.signer, 22);
    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "Defects"));
    let (ours, serial) = (state.country.key.clone(), state.signer.serial);
    let issuer = state.signer.issuer.clone();
    let content = |kinds: &[&str]| {
        let known: Vec<u8> = kinds.iter().flat_map(|k| sequence(&[&oid(k)])).collect();
        let signer = sequence(&[&issuer, &integer(&[serial])]);
        let entry = sequence(&[&signer, &encode(Tag::SET, &known)]);
        let hash = oid("2.16.840.1.101.3.4.2.1");
        sequence(&[&[2, 1, 0], &hash, &encode(Tag::SET, &entry)])
    };
    let list = |purpose, by: &Key, kinds: &[&str], year: u8| {
        let signer = certificate(purpose, 9, names, &p256(), by, (20, 30));
        signed("0.4.0.127.0.7.3.1.5", &content(kinds), &signer, year)
    };
    let (invalid, revoked) = ("0.4.0.127.0.7.3.1.5.2.2", "0.4.0.127.0.7.3.1.5.1.1");
    let at = date(2026, 6, 1);
    let mut add = |bytes: &[u8]| {
        let word = Pinning::OperatorsWord;
        state.store.add_bytes("", bytes, word, at)
    };
    // By nobody's list signer, by a document signer, and by the country's own keys for something else.
    let by_purpose = |purpose: &str, year: u8| {
        let key = p256();
        let mut parts = CertificateParts::new(Purpose::Lists, 9, names, &key, &ours, (20, 30));
        let named = critical("2.5.29.37", &sequence(&[&oid(purpose)]));
        parts.replace("2.5.29.37", Some(named));
        let signer = Made {
            serial: 9,
            issuer: names.0.to_vec(),
            der: parts.signed_by(&ours),
            key,
        };
        signed("0.4.0.127.0.7.3.1.5", &content(&[invalid]), &signer, year)
    };
    for bytes in [
        list(Purpose::Lists, &p256(), &[invalid], 22),
        list(Purpose::Documents, &ours, &[invalid], 22),
        by_purpose("1.3.6.1.5.5.7.3.1", 22),
        by_purpose("2.23.136.1.1.14.2", 22),
    ] {
        assert!(matches!(add(&bytes), Err(ChipError::ListNotTrusted { .. })));
    }
    let taken = add(&list(Purpose::Lists, &ours, &[invalid], 23)).unwrap();
    assert_eq!(taken.defect_lists, 1);
    let found = ask(&state, &broken, &[&dg1]);
    assert_eq!(
        outcome(&found, CheckId::ChipSignature),
        Outcome::Undetermined
    );
    assert_eq!(ask(&state, &good, &[&dg1]).outcome, Outcome::Successful);

    // BSI's own purpose for such lists, and the standard's for lists of deviations.
    for (year, purpose) in [(25, "0.4.0.127.0.7.3.1.5.5"), (26, "2.23.136.1.1.8")] {
        let mut other = state.clone();
        let word = Pinning::OperatorsWord;
        let bytes = by_purpose(purpose, year);
        let taken = other.store.add_bytes("", &bytes, word, at).unwrap();
        assert_eq!(taken.defect_lists, 1, "{purpose}");
    }

    // A newer list replaces the older one, and not the other way round.
    let mut add = |bytes: &[u8]| {
        let word = Pinning::OperatorsWord;
        state.store.add_bytes("", bytes, word, at)
    };
    add(&list(Purpose::Lists, &ours, &[revoked], 24)).unwrap();
    assert!(matches!(
        add(&list(Purpose::Lists, &ours, &[invalid], 23)),
        Err(ChipError::ListRolledBack { .. })
    ));
    let found = ask(&state, &good, &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipRevocation), Outcome::Failed);
    let found = ask(&state, &broken, &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Failed);
}
