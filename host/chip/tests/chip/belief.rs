//! Passive authentication of documents that are good, wrong or forged.

use crate::asks::{ask, outcome};
use crate::utopia::der::{name, oid, part_of_name, sequence};
use crate::utopia::files::dg1;
use crate::utopia::issuer::{
    CertificateParts, Made, Purpose, certificate, critical, extension, sod, sod_of_type, state,
    state_with,
};
use crate::utopia::keys::{Curve, Key, Kind, p256};
use chip::tlv::{Tag, encode};
use chip::trust::Certificate;
use chip::{Policy, WeakDigests, verify};
use jiff::civil::date;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use rules::{CheckId, Outcome};

#[test]
fn every_algorithm_of_real_states_is_verified() {
    let sha = [
        MessageDigest::sha1(),
        MessageDigest::sha224(),
        MessageDigest::sha256(),
        MessageDigest::sha384(),
        MessageDigest::sha512(),
    ];
    let mut keys: Vec<(String, Key)> = Vec::new();
    for digest in sha {
        let size = digest.size() * 8;
        keys.push((format!("RSA {size}"), Key::rsa(Kind::Rsa, 65_537, digest)));
    }
    keys.push((
        "RSA e=3".into(),
        Key::rsa(Kind::Rsa, 3, MessageDigest::sha256()),
    ));
    keys.push((
        "RSA e=107903".into(),
        Key::rsa(Kind::Rsa, 107_903, MessageDigest::sha256()),
    ));
    for salt in [0, 20, 32, 64] {
        keys.push((
            format!("PSS {salt}"),
            Key::rsa(Kind::Pss(salt), 65_537, MessageDigest::sha256()),
        ));
    }
    keys.push((
        "PSS 512".into(),
        Key::rsa(Kind::Pss(64), 65_537, MessageDigest::sha512()),
    ));
    for (nid, digest) in [
        (Nid::SECP224R1, MessageDigest::sha224()),
        (Nid::X9_62_PRIME256V1, MessageDigest::sha256()),
        (Nid::SECP384R1, MessageDigest::sha384()),
        (Nid::SECP521R1, MessageDigest::sha512()),
        (Nid::BRAINPOOL_P224R1, MessageDigest::sha1()),
        (Nid::BRAINPOOL_P256R1, MessageDigest::sha256()),
        (Nid::BRAINPOOL_P320R1, MessageDigest::sha256()),
        (Nid::BRAINPOOL_P384R1, MessageDigest::sha384()),
        (Nid::BRAINPOOL_P512R1, MessageDigest::sha512()),
    ] {
        for written in [Curve::Named, Curve::Explicit] {
            let label = format!("{} {written:?}", nid.short_name().unwrap());
            keys.push((label, Key::ec(nid, written, digest)));
        }
    }
    let dg1 = dg1();
    for (label, key) in &keys {
        // The key as country signer under itself, and as document signer under a key of another kind.
        let state = state_with(key, key, "UT", (20, 30));
        let object = sod(&[(1, &dg1)], &state.signer, 22);
        let found = ask(&state, &object, &[&dg1]);
        assert_eq!(found.outcome, Outcome::Successful, "{label}: {found:#?}");
        // One bit of the signature, at the very end of the object.
        let mut forged = object.clone();
        *forged.last_mut().unwrap() ^= 1;
        let found = ask(&state, &forged, &[&dg1]);
        assert_eq!(
            outcome(&found, CheckId::ChipSignature),
            Outcome::Failed,
            "{label}"
        );
    }
    println!("{} kinds of key verified", keys.len());
}

#[test]
fn a_good_document_and_what_can_be_wrong_with_it_each_by_its_own_check() {
    let state = state();
    let (dg1, dg2) = (dg1(), encode(Tag(0x75), &[1, 2, 3]));
    let object = sod(&[(1, &dg1), (2, &dg2)], &state.signer, 22);
    let good = ask(&state, &object, &[&dg1, &dg2]);
    assert_eq!(good.outcome, Outcome::Successful, "{good:#?}");
    assert_eq!(good.country.as_deref(), Some("UT"));
    assert_eq!(good.algorithm.as_deref(), Some("P-256, ECDSA with SHA-256"));
    // Padding behind the file is the chip's, not the issuer's.
    let padded = [dg2.as_slice(), &[0; 20]].concat();
    assert_eq!(
        ask(&state, &object, &[&dg1, &padded]).outcome,
        Outcome::Successful
    );

    // Another's data group.
    let swapped = encode(Tag(0x75), &[1, 2, 4]);
    let found = ask(&state, &object, &[&dg1, &swapped]);
    assert_eq!(
        outcome(&found, CheckId::ChipDataGroupHashes),
        Outcome::Failed
    );
    assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Successful);
    // A data group that was never signed.
    let added = encode(Tag(0x6F), &[1]);
    let found = ask(&state, &object, &[&dg1, &added]);
    assert_eq!(
        outcome(&found, CheckId::ChipDataGroupHashes),
        Outcome::Failed
    );

    // A document signer under a country signer that is not held.
    let stranger = state_with(&p256(), &p256(), "UT", (20, 30));
    let found = ask(&state, &sod(&[(1, &dg1)], &stranger.signer, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Successful);
    assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Undetermined);
    assert_eq!(found.outcome, Outcome::Undetermined);

    // A document signer that names the country signer's key, and was not signed with it.
    let (false_key, key) = (p256(), p256());
    let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "DS"));
    let mut forger = certificate(Purpose::Documents, 7, names, &key, &false_key, (20, 30));
    let (own, named) = (false_key.id(), state.country.key.id());
    let at = forger.der.windows(20).position(|w| w == own).unwrap();
    forger.der[at..at + 20].copy_from_slice(&named);
    let found = ask(&state, &sod(&[(1, &dg1)], &forger, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Successful);
    assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Failed);

    // A list signer of the true country signs a document.
    let key = p256();
    let lists = certificate(
        Purpose::Lists,
        9,
        (&name("UT", "CSCA Utopia"), &name("UT", "ML")),
        &key,
        &state.country.key,
        (20, 30),
    );
    let found = ask(&state, &sod(&[(1, &dg1)], &lists, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Failed);

    // Signed by someone else's key with the true certificate sent along.
    let thief = Made {
        serial: 7,
        issuer: state.signer.issuer.clone(),
        der: state.signer.der.clone(),
        key: p256(),
    };
    let found = ask(&state, &sod(&[(1, &dg1)], &thief, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Failed);

    // Another state's signer for a zone of Utopia.
    let other = state_with(&p256(), &p256(), "NL", (20, 30));
    let found = ask(&other, &sod(&[(1, &dg1)], &other.signer, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipIssuingState), Outcome::Failed);
    assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Successful);
}

#[test]
fn a_signer_whose_issuer_names_no_country_is_of_the_country_that_signed_it() {
    let dg1 = dg1();
    let other = state_with(&p256(), &p256(), "NL", (20, 30));
    let nameless = sequence(&[&part_of_name("2.5.4.3", "CSCA")]);
    let names = (&*nameless, &*name("UT", "DS"));
    let signer = certificate(
        Purpose::Documents,
        7,
        names,
        &p256(),
        &other.country.key,
        (20, 30),
    );
    let found = ask(&other, &sod(&[(1, &dg1)], &signer, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Successful);
    assert_eq!(found.country.as_deref(), Some("NL"));
    assert_eq!(outcome(&found, CheckId::ChipIssuingState), Outcome::Failed);
}

#[test]
fn keys_for_something_else_sign_no_documents() {
    let state = state();
    let dg1 = dg1();
    let chain = |name_of: &str, instead: Vec<u8>| {
        let key = p256();
        let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "Other"));
        let by = &state.country.key;
        let mut parts = CertificateParts::new(Purpose::Documents, 9, names, &key, by, (20, 30));
        parts.replace(name_of, Some(instead));
        let signer = Made {
            serial: 9,
            issuer: name("UT", "CSCA Utopia"),
            der: parts.signed_by(by),
            key,
        };
        let found = ask(&state, &sod(&[(1, &dg1)], &signer, 22), &[&dg1]);
        assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Successful);
        outcome(&found, CheckId::ChipChain)
    };
    let (key_usage, constraints, purposes) = ("2.5.29.15", "2.5.29.19", "2.5.29.37");
    let (yes, open, no) = (Outcome::Successful, Outcome::Undetermined, Outcome::Failed);
    // What a purpose is worth where it does not bind, and where it does.
    for (purpose, passed_over, binding) in [
        // The country's own signers of master lists, deviation lists and visible digital seals; BSI's of lists.
        ("2.23.136.1.1.3", no, no),
        ("2.23.136.1.1.8", no, no),
        ("2.23.136.1.1.14.2", no, no),
        ("0.4.0.127.0.7.3.1.5", no, no),
        // Its TLS server and client, and its mail.
        ("1.3.6.1.5.5.7.3.1", open, no),
        ("1.3.6.1.5.5.7.3.2", open, no),
        ("1.3.6.1.5.5.7.3.4", open, no),
        // A maker's own, which stands in a real country signer.
        ("1.2.840.113533.7.74.3", yes, no),
        // Any; and the security object itself.
        ("2.5.29.37.0", yes, yes),
        ("2.23.136.1.1.1", yes, yes),
    ] {
        let named = sequence(&[&oid(purpose)]);
        let answers = (
            chain(purposes, extension(purposes, &named)),
            chain(purposes, critical(purposes, &named)),
        );
        assert_eq!(answers, (passed_over, binding), "{purpose}");
    }
    // One that fits beside another suffices, and not beside one that the standard has for other keys.
    let both = |other: &str| {
        let named = sequence(&[&oid(other), &oid("2.23.136.1.1.1")]);
        chain(purposes, critical(purposes, &named))
    };
    assert_eq!(both("1.3.6.1.5.5.7.3.1"), yes);
    assert_eq!(both("2.23.136.1.1.3"), no);
    // Keys that encipher, or sign certificates; and an authority.
    for usage in [0x20, 0x06] {
        let usage = critical(key_usage, &[3, 2, 1, usage]);
        assert_eq!(chain(key_usage, usage), no);
    }
    let authority = extension(constraints, &sequence(&[&[1, 1, 0xFF]]));
    assert_eq!(chain(constraints, authority), no);
    let none = extension(constraints, &sequence(&[]));
    assert_eq!(chain(constraints, none), yes);
}

#[test]
fn a_link_that_says_it_is_no_authority_links_by_its_key_usage() {
    // Real ones of four states have the key usage right and CA:FALSE beside it.
    let state = state();
    let (new, own) = (p256(), name("UT", "CSCA Utopia 2"));
    let old = &state.country;
    let names = (&*name("UT", "CSCA Utopia"), &*own);
    let mut link = CertificateParts::new(Purpose::Country, 2, names, &new, &old.key, (20, 40));
    let constraints = critical("2.5.29.19", &sequence(&[]));
    link.replace("2.5.29.19", Some(constraints));
    let mut store = chip::TrustStore::new();
    let link = Certificate::parse(&link.signed_by(&old.key)).unwrap();
    assert!(store.add_certificate(link));
    let names = (&*own, &*name("UT", "DS"));
    let signer = certificate(Purpose::Documents, 7, names, &p256(), &new, (20, 30));
    let dg1 = dg1();
    let object = sod(&[(1, &dg1)], &signer, 22);
    let found = verify(
        &object,
        &[&dg1],
        &store,
        date(2026, 6, 1),
        &Policy::default(),
    );
    assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Successful);
}

#[test]
fn contents_of_the_old_names_are_read_and_of_others_refused() {
    let state = state();
    let dg1 = dg1();
    for (name, expected) in [
        // China's security objects call their content plain data.
        ("1.2.840.113549.1.7.1", Outcome::Successful),
        ("1.3.27.1.1.1", Outcome::Successful),
        ("1.2.528.1.1006.1.20.1", Outcome::Successful),
        ("2.23.136.1.1.2", Outcome::Undetermined),
    ] {
        let object = sod_of_type(name, &[(1, &dg1)], &state.signer, 22);
        assert_eq!(ask(&state, &object, &[&dg1]).outcome, expected, "{name}");
    }
}

#[test]
fn expired_and_signed_outside_its_time() {
    let dg1 = dg1();
    let expired = state_with(&p256(), &p256(), "UT", (20, 25));
    let found = ask(&expired, &sod(&[(1, &dg1)], &expired.signer, 22), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipValidity), Outcome::Failed);
    let state = state();
    let found = ask(&state, &sod(&[(1, &dg1)], &state.signer, 18), &[&dg1]);
    assert_eq!(outcome(&found, CheckId::ChipValidity), Outcome::Failed);
}

#[test]
fn broken_hash_functions_are_judged_by_policy() {
    let key = Key::ec(Nid::X9_62_PRIME256V1, Curve::Named, MessageDigest::sha1());
    let state = state_with(&key, &key, "UT", (20, 30));
    let dg1 = dg1();
    let object = sod(&[(1, &dg1)], &state.signer, 22);
    for (weak_digests, expected) in [
        (WeakDigests::Report, Outcome::Successful),
        (WeakDigests::Question, Outcome::Undetermined),
        (WeakDigests::Refuse, Outcome::Failed),
    ] {
        let found = verify(
            &object,
            &[&dg1],
            &state.store,
            date(2026, 6, 1),
            &Policy {
                weak_digests,
                ..Policy::default()
            },
        );
        assert_eq!(found.outcome, expected);
        let check = found
            .checks
            .iter()
            .find(|c| c.check == CheckId::ChipAlgorithms)
            .unwrap();
        assert!(check.detail.contains("SHA-1"));
    }
}
