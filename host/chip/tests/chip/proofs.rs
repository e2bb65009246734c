//! How a chip proves itself: active authentication, and PACE with chip authentication mapping against a chip
//! in process, on every curve and cipher.

use crate::utopia::card::{Card, Fault, Holder};
use crate::utopia::issuer::state;
use chip::active_authentication::judge;
use chip::files::{FileId, SecurityInfo, SecurityInfos};
use chip::pace::{self, ChipProof, Protocol};
use chip::randomness::SystemRandomness;
use chip::tlv::{self, Tag, encode};
use chip::trust::{PublicKey, SignatureFit};
use chip::{AccessKey, ChipError, Session};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};

fn public(der: &[u8]) -> PublicKey {
    PublicKey::parse(tlv::first(der).unwrap()).unwrap()
}

#[test]
fn active_authentication_by_rsa_with_every_trailer() {
    let key = Rsa::generate(1024).unwrap();
    let public = public(
        &PKey::from_rsa(key.clone())
            .unwrap()
            .public_key_to_der()
            .unwrap(),
    );
    let nonce = [1, 2, 3, 4, 5, 6, 7, 8];
    for (digest, trailer) in [
        (MessageDigest::sha1(), &[0xBC][..]),
        (MessageDigest::sha1(), &[0x33, 0xCC]),
        (MessageDigest::sha224(), &[0x38, 0xCC]),
        (MessageDigest::sha256(), &[0x34, 0xCC]),
        (MessageDigest::sha384(), &[0x36, 0xCC]),
        (MessageDigest::sha512(), &[0x35, 0xCC]),
    ] {
        let theirs = vec![0x5A; 128 - 1 - digest.size() - trailer.len()];
        let over = hash(digest, &[theirs.as_slice(), &nonce].concat()).unwrap();
        let message = [&[0x6A], theirs.as_slice(), &over, trailer].concat();
        let mut signature = vec![0; 128];
        key.private_encrypt(&message, &mut signature, Padding::NONE)
            .unwrap();
        let ask = |nonce: &[u8], signature: &[u8]| judge(&public, None, nonce, signature).unwrap();
        assert_eq!(
            ask(&nonce, &signature),
            SignatureFit::Good,
            "{trailer:02X?}"
        );
        assert_eq!(ask(&[0; 8], &signature), SignatureFit::Bad);
        // The smaller of s and n - s is the same signature (ISO/IEC 9796-2).
        let mut other = BigNum::new().unwrap();
        other
            .checked_sub(key.n(), &BigNum::from_slice(&signature).unwrap())
            .unwrap();
        assert_eq!(
            ask(&nonce, &other.to_vec_padded(128).unwrap()),
            SignatureFit::Good
        );
        signature[5] ^= 1;
        assert_eq!(ask(&nonce, &signature), SignatureFit::Bad);
        assert_eq!(ask(&nonce, &[]), SignatureFit::Bad);
    }
}

#[test]
fn active_authentication_by_ecdsa_as_dg14_says() {
    let group = EcGroup::from_curve_name(Nid::BRAINPOOL_P384R1).unwrap();
    let key = EcKey::generate(&group).unwrap();
    let public = public(
        &PKey::from_ec_key(key.clone())
            .unwrap()
            .public_key_to_der()
            .unwrap(),
    );
    let nonce = [9; 8];
    // id-AA, version 1, ecdsa-plain-SHA384.
    let info = [
        encode(Tag::OID, &[0x67, 0x81, 0x08, 0x01, 0x01, 0x05]),
        encode(Tag::INTEGER, &[1]),
        encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 1, 1, 4, 1, 4]),
    ]
    .concat();
    let dg14 = encode(Tag(0x6E), &encode(Tag::SET, &encode(Tag::SEQUENCE, &info)));
    let infos = SecurityInfos::data_group_14(&dg14).unwrap();
    let sign = |digest| {
        let signature = EcdsaSig::sign(&hash(digest, &nonce).unwrap(), &key).unwrap();
        let part = |n: &openssl::bn::BigNumRef| n.to_vec_padded(48).unwrap();
        [part(signature.r()), part(signature.s())].concat()
    };
    let good = sign(MessageDigest::sha384());
    assert_eq!(
        judge(&public, Some(&infos), &nonce, &good).unwrap(),
        SignatureFit::Good
    );
    assert_eq!(
        judge(&public, Some(&infos), &[0; 8], &good).unwrap(),
        SignatureFit::Bad
    );
    let other = sign(MessageDigest::sha256());
    assert_eq!(
        judge(&public, Some(&infos), &nonce, &other).unwrap(),
        SignatureFit::Bad
    );
}

#[test]
fn pace_opens_in_every_group_with_every_cipher_and_mapping_and_a_clone_is_told() {
    let mut opened = 0;
    let curves = (8..=18).flat_map(|parameter| {
        [(2, 1), (2, 2), (2, 3), (2, 4), (6, 2), (6, 3), (6, 4)].map(|(m, c)| (m, c, parameter))
    });
    let primes = (0..=2).flat_map(|parameter| [1, 2, 3, 4].map(|c| (1, c, parameter)));
    for (mapping, cipher, parameter) in curves.chain(primes) {
        let card = Card::new(Fault::None).with_pace(mapping, cipher, parameter);
        let mut card = card.with_chip_authentication(parameter, 2, Holder::Genuine);
        let genuine = proof_of(&mut card);
        opened += 1;
        let is_proof = mapping == 6;
        assert_eq!(genuine.is_some(), is_proof);
        if let Some(proof) = genuine {
            let state = state();
            let card = card.issued_by(&state);
            let other = Card::new(Fault::None)
                .with_chip_authentication(parameter, 2, Holder::Genuine)
                .issued_by(&state);
            assert!(proof.holds(&key_of(&card)).unwrap());
            assert!(!proof.holds(&key_of(&other)).unwrap());
        }
    }
    println!("{opened} combinations opened");
    assert_eq!(opened, 89);
}

/// Opens the chip by its access number, in the only way that it offers.
fn proof_of(card: &mut Card) -> Option<ChipProof> {
    let infos = SecurityInfos::card_access(card.file(FileId::CardAccess)).unwrap();
    let protocol = Protocol::best(&infos).unwrap();
    let mut session = Session::new(card);
    let proof = pace::open(&mut session, &protocol, &Card::can(), &mut SystemRandomness)
        .unwrap_or_else(|e| panic!("{}: {e}", protocol.describe()));
    assert!(session.protection().is_some());
    proof
}

/// The key for chip authentication in a chip's DG14.
fn key_of(card: &Card) -> PublicKey {
    let infos = SecurityInfos::data_group_14(card.file(FileId::Dg14)).unwrap();
    let key = infos.infos.iter().find_map(|info| match info {
        SecurityInfo::ChipAuthenticationKey { key, .. } => Some(public(key)),
        _ => None,
    });
    key.unwrap()
}

#[test]
fn another_cards_number_does_not_open_it() {
    let mut card = Card::new(Fault::None).with_pace(2, 2, 13);
    let infos = SecurityInfos::card_access(card.file(FileId::CardAccess)).unwrap();
    let protocol = Protocol::best(&infos).unwrap();
    let mut session = Session::new(&mut card);
    let key = AccessKey::from_can("654321").unwrap();
    let refused = pace::open(&mut session, &protocol, &key, &mut SystemRandomness);
    assert_eq!(refused, Err(ChipError::WrongKey));
    assert!(session.protection().is_none());
}
