//! How a chip proves itself: active authentication, and PACE with chip authentication mapping against a chip
//! in process, on every curve and cipher.

use chip::active_authentication::judge;
use chip::files::SecurityInfos;
use chip::pace::{self, Mapping, Protocol, standard_curve};
use chip::randomness::SystemRandomness;
use chip::session_cipher::{KeyUse, SessionCipher, pad};
use chip::tlv::{self, Tag, encode};
use chip::transceiver::{Transceiver, TransceiverError};
use chip::trust::{PublicKey, SignatureFit};
use chip::{AccessKey, ChipError, Session};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint, PointConversionForm};
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

/// The chip's side of PACE, written from the standard and not from our reader.
struct PaceChip {
    oid: Vec<u8>,
    cipher: SessionCipher,
    group: EcGroup,
    password: Vec<u8>,
    nonce: Vec<u8>,
    /// Long-term key, for the proof.
    own: EcKey<openssl::pkey::Private>,
    mapping: Option<EcKey<openssl::pkey::Private>>,
    mapped: Option<EcPoint>,
    /// Keys for encryption and checksum, our point and theirs.
    keys: Option<[Vec<u8>; 4]>,
}

impl PaceChip {
    fn bytes(&self, point: &openssl::ec::EcPointRef) -> Vec<u8> {
        let mut context = BigNumContext::new().unwrap();
        point
            .to_bytes(&self.group, PointConversionForm::UNCOMPRESSED, &mut context)
            .unwrap()
    }

    fn times(&self, point: &openssl::ec::EcPointRef, by: &openssl::bn::BigNumRef) -> EcPoint {
        let mut context = BigNumContext::new().unwrap();
        let mut out = EcPoint::new(&self.group).unwrap();
        out.mul2(&self.group, point, by, &mut context).unwrap();
        out
    }

    fn token(&self, key: &[u8], point: &[u8]) -> Vec<u8> {
        let inside = [encode(Tag::OID, &self.oid), encode(Tag(0x86), point)].concat();
        self.cipher
            .mac(key, &encode(Tag(0x7F49), &inside))
            .unwrap()
            .to_vec()
    }

    fn step(&mut self, object: Option<tlv::Tlv<'_>>) -> Result<Vec<u8>, u16> {
        let mut context = BigNumContext::new().unwrap();
        let block = self.cipher.block_bytes();
        let Some(object) = object else {
            let key = self
                .cipher
                .derive(&self.password, KeyUse::Password)
                .unwrap();
            let sealed = self
                .cipher
                .encrypt(&key, &vec![0; block], &self.nonce)
                .unwrap();
            return Ok(encode(Tag(0x80), &sealed));
        };
        let generator = self
            .group
            .generator_opt()
            .unwrap()
            .to_owned(&self.group)
            .unwrap();
        match object.tag.0 {
            0x81 => {
                let theirs = EcPoint::from_bytes(&self.group, object.value, &mut context).unwrap();
                let ours = EcKey::generate(&self.group).unwrap();
                let shared = self.times(&theirs, ours.private_key());
                let moved = self.times(&generator, &BigNum::from_slice(&self.nonce).unwrap());
                let mut mapped = EcPoint::new(&self.group).unwrap();
                mapped
                    .add(&self.group, &moved, &shared, &mut context)
                    .unwrap();
                let reply = encode(Tag(0x82), &self.bytes(ours.public_key()));
                (self.mapping, self.mapped) = (Some(ours), Some(mapped));
                Ok(reply)
            }
            0x83 => {
                let theirs = EcPoint::from_bytes(&self.group, object.value, &mut context).unwrap();
                let private = EcKey::generate(&self.group).unwrap();
                let public = self.times(self.mapped.as_ref().unwrap(), private.private_key());
                let shared = self.bytes(&self.times(&theirs, private.private_key()));
                let secret = &shared[1..=(shared.len() - 1) / 2];
                let encrypt = self
                    .cipher
                    .derive(secret, KeyUse::Encrypt)
                    .unwrap()
                    .to_vec();
                let mac = self
                    .cipher
                    .derive(secret, KeyUse::Authenticate)
                    .unwrap()
                    .to_vec();
                let public = self.bytes(&public);
                self.keys = Some([encrypt, mac, public.clone(), object.value.to_vec()]);
                Ok(encode(Tag(0x84), &public))
            }
            _ => {
                let [encrypt, mac, ours, theirs] = self.keys.clone().unwrap();
                if object.value != self.token(&mac, &ours) {
                    return Err(0x6300);
                }
                let mut reply = encode(Tag(0x86), &self.token(&mac, &theirs));
                // What turns the long-term key into the mapping key: SKmap / SK modulo the order.
                let mut order = BigNum::new().unwrap();
                self.group.order(&mut order, &mut context).unwrap();
                let (mut inverse, mut data) = (BigNum::new().unwrap(), BigNum::new().unwrap());
                inverse
                    .mod_inverse(self.own.private_key(), &order, &mut context)
                    .unwrap();
                let mapping = self.mapping.as_ref().unwrap().private_key();
                data.mod_mul(&inverse, mapping, &order, &mut context)
                    .unwrap();
                if self.cipher != SessionCipher::TripleDes {
                    let start = self
                        .cipher
                        .encrypt(&encrypt, &vec![0; block], &vec![0xFF; block])
                        .unwrap();
                    let sealed = self
                        .cipher
                        .encrypt(&encrypt, &start, &pad(&data.to_vec(), block))
                        .unwrap();
                    reply.extend(encode(Tag(0x8A), &sealed));
                }
                Ok(reply)
            }
        }
    }
}

impl Transceiver for PaceChip {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        if command[1] == 0x22 {
            return Ok(vec![0x90, 0]);
        }
        let outer = tlv::first(&command[5..]).unwrap();
        Ok(match self.step(outer.inside().next().unwrap()) {
            Ok(reply) => [encode(Tag(0x7C), &reply), vec![0x90, 0]].concat(),
            Err(status) => status.to_be_bytes().to_vec(),
        })
    }
}

fn chip(mapping: u8, cipher: u8, parameter: u8, key: &[u8]) -> (PaceChip, Protocol) {
    let oid = vec![4, 0, 0x7F, 0, 7, 2, 2, 4, mapping, cipher];
    let info = [encode(Tag::OID, &oid), vec![2, 1, 2, 2, 1, parameter]].concat();
    let access = encode(Tag::SET, &encode(Tag::SEQUENCE, &info));
    let infos = SecurityInfos::card_access(&access).unwrap();
    let protocol = Protocol::best(&infos).unwrap();
    let nid = match parameter {
        8 => Nid::X9_62_PRIME192V1,
        9 => Nid::BRAINPOOL_P192R1,
        10 => Nid::SECP224R1,
        11 => Nid::BRAINPOOL_P224R1,
        12 => Nid::X9_62_PRIME256V1,
        13 => Nid::BRAINPOOL_P256R1,
        14 => Nid::BRAINPOOL_P320R1,
        15 => Nid::SECP384R1,
        16 => Nid::BRAINPOOL_P384R1,
        17 => Nid::BRAINPOOL_P512R1,
        _ => Nid::SECP521R1,
    };
    let group = EcGroup::from_curve_name(nid).unwrap();
    let chip = PaceChip {
        oid,
        cipher: protocol.cipher,
        own: EcKey::generate(&group).unwrap(),
        group,
        password: key.to_vec(),
        nonce: vec![0xC3; 16],
        mapping: None,
        mapped: None,
        keys: None,
    };
    (chip, protocol)
}

#[test]
fn pace_opens_with_every_curve_cipher_and_mapping_and_a_clone_is_told() {
    let key = AccessKey::from_can("123456").unwrap();
    let mut opened = 0;
    for parameter in 8..=18 {
        assert!(standard_curve(parameter).is_some());
        for (mapping, cipher) in [(2, 1), (2, 2), (2, 3), (2, 4), (6, 2), (6, 3), (6, 4)] {
            let (mut card, protocol) = chip(mapping, cipher, parameter, b"123456");
            let own = PKey::from_ec_key(card.own.clone())
                .unwrap()
                .public_key_to_der()
                .unwrap();
            let mut session = Session::new(&mut card);
            let proof = pace::open(&mut session, &protocol, &key, &mut SystemRandomness).unwrap();
            assert!(session.protection().is_some());
            opened += 1;
            assert_eq!(
                proof.is_some(),
                protocol.mapping == Mapping::ChipAuthentication
            );
            if let Some(proof) = proof {
                assert!(
                    proof.holds(&public(&own)).unwrap(),
                    "{}",
                    protocol.describe()
                );
                let (other, _) = chip(mapping, cipher, parameter, b"123456");
                let other = PKey::from_ec_key(other.own)
                    .unwrap()
                    .public_key_to_der()
                    .unwrap();
                assert!(!proof.holds(&public(&other)).unwrap());
            }
        }
    }
    println!("{opened} combinations opened");
    let (mut card, protocol) = chip(2, 2, 13, b"654321");
    let mut session = Session::new(&mut card);
    let refused = pace::open(&mut session, &protocol, &key, &mut SystemRandomness);
    assert_eq!(refused, Err(ChipError::WrongKey));
    assert!(session.protection().is_none());
}
