//! A state of our own making: country signers, document signers and security objects in every algorithm
//! that real states use, and what forgers make of them.
#![allow(clippy::unwrap_used, clippy::panic)]

use chip::tlv::{Tag, encode};
use chip::trust::{Certificate, MasterList, Pinning, RevocationList, TrustStore};
use chip::{ChipError, Policy, Verification, WeakDigests, verify};
use jiff::civil::date;
use mpaka_chip as chip;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use proptest::prelude::*;
use rules::{CheckId, Outcome};

const SEQUENCE: Tag = Tag::SEQUENCE;

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(SEQUENCE, &parts.concat())
}

/// An object identifier from its dotted form.
fn oid(dotted: &str) -> Vec<u8> {
    let mut numbers = dotted.split('.').map(|n| n.parse::<u64>().unwrap());
    let mut out = Vec::new();
    let first = numbers.next().unwrap() * 40 + numbers.next().unwrap();
    for number in std::iter::once(first).chain(numbers) {
        let mut digits = vec![(number & 0x7F) as u8];
        let mut rest = number >> 7;
        while rest > 0 {
            digits.insert(0, 0x80 | (rest & 0x7F) as u8);
            rest >>= 7;
        }
        out.extend(digits);
    }
    encode(Tag::OID, &out)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Rsa,
    /// Salt length.
    Pss(u8),
    Ecdsa,
}

#[derive(Clone)]
struct Key {
    kind: Kind,
    digest: MessageDigest,
    key: PKey<Private>,
}

impl Key {
    fn ec(nid: Nid, explicit: bool, digest: MessageDigest) -> Self {
        let mut group = EcGroup::from_curve_name(nid).unwrap();
        group.set_asn1_flag(if explicit {
            Asn1Flag::EXPLICIT_CURVE
        } else {
            Asn1Flag::NAMED_CURVE
        });
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        Self {
            kind: Kind::Ecdsa,
            digest,
            key,
        }
    }

    fn rsa(kind: Kind, exponent: u32, digest: MessageDigest) -> Self {
        let e = openssl::bn::BigNum::from_u32(exponent).unwrap();
        let key = PKey::from_rsa(Rsa::generate_with_e(2048, &e).unwrap()).unwrap();
        Self { kind, digest, key }
    }

    fn digest_identifier(&self) -> Vec<u8> {
        let name = match self.digest.size() {
            20 => "1.3.14.3.2.26",
            28 => "2.16.840.1.101.3.4.2.4",
            32 => "2.16.840.1.101.3.4.2.1",
            48 => "2.16.840.1.101.3.4.2.2",
            _ => "2.16.840.1.101.3.4.2.3",
        };
        sequence(&[&oid(name)])
    }

    fn identifier(&self) -> Vec<u8> {
        let size = self.digest.size();
        match self.kind {
            Kind::Ecdsa => sequence(&[&oid(match size {
                20 => "1.2.840.10045.4.1",
                28 => "1.2.840.10045.4.3.1",
                32 => "1.2.840.10045.4.3.2",
                48 => "1.2.840.10045.4.3.3",
                _ => "1.2.840.10045.4.3.4",
            })]),
            Kind::Rsa => sequence(&[
                &oid(match size {
                    20 => "1.2.840.113549.1.1.5",
                    28 => "1.2.840.113549.1.1.14",
                    32 => "1.2.840.113549.1.1.11",
                    48 => "1.2.840.113549.1.1.12",
                    _ => "1.2.840.113549.1.1.13",
                }),
                &[5, 0],
            ]),
            Kind::Pss(salt) => {
                let hash = self.digest_identifier();
                let mask = sequence(&[&oid("1.2.840.113549.1.1.8"), &hash]);
                let parameters = sequence(&[
                    &encode(Tag(0xA0), &hash),
                    &encode(Tag(0xA1), &mask),
                    &encode(Tag(0xA2), &encode(Tag::INTEGER, &[salt])),
                ]);
                sequence(&[&oid("1.2.840.113549.1.1.10"), &parameters])
            }
        }
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let mut signer = Signer::new(self.digest, &self.key).unwrap();
        if let Kind::Pss(salt) = self.kind {
            signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            signer.set_rsa_mgf1_md(self.digest).unwrap();
            signer
                .set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::from(salt)))
                .unwrap();
        }
        signer.sign_oneshot_to_vec(bytes).unwrap()
    }

    fn id(&self) -> Vec<u8> {
        hash(
            MessageDigest::sha1(),
            &self.key.public_key_to_der().unwrap(),
        )
        .unwrap()
        .to_vec()
    }
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    encode(Tag::BIT_STRING, &[&[0], bytes].concat())
}

fn part_of_name(kind: &str, value: &str) -> Vec<u8> {
    encode(
        Tag::SET,
        &sequence(&[&oid(kind), &encode(Tag(0x0C), value.as_bytes())]),
    )
}

fn name(country: &str, common: &str) -> Vec<u8> {
    sequence(&[
        &part_of_name("2.5.4.6", country),
        &part_of_name("2.5.4.3", common),
    ])
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Country,
    Documents,
    Lists,
}

struct Made {
    serial: u8,
    issuer: Vec<u8>,
    der: Vec<u8>,
    key: Key,
}

/// A certificate of `key` signed by `by`, with `from` and `until` as years.
fn certificate(
    purpose: Purpose,
    serial: u8,
    names: (&[u8], &[u8]),
    key: &Key,
    by: &Key,
    years: (u8, u8),
) -> Made {
    let time = |year: u8| encode(Tag(0x17), format!("{year:02}0101000000Z").as_bytes());
    let extension =
        |name: &str, value: Vec<u8>| sequence(&[&oid(name), &encode(Tag::OCTET_STRING, &value)]);
    let mut extensions = vec![
        extension("2.5.29.14", encode(Tag::OCTET_STRING, &key.id())),
        extension("2.5.29.35", sequence(&[&encode(Tag(0x80), &by.id())])),
    ];
    match purpose {
        Purpose::Country => {
            extensions.push(extension("2.5.29.19", sequence(&[&[1, 1, 0xFF]])));
            extensions.push(extension("2.5.29.15", vec![3, 2, 1, 6]));
        }
        Purpose::Documents => extensions.push(extension("2.5.29.15", vec![3, 2, 7, 0x80])),
        Purpose::Lists => {
            extensions.push(extension("2.5.29.37", sequence(&[&oid("2.23.136.1.1.3")])))
        }
    }
    let tbs = sequence(&[
        &encode(Tag(0xA0), &[2, 1, 2]),
        &encode(Tag::INTEGER, &[serial]),
        &by.identifier(),
        names.0,
        &sequence(&[&time(years.0), &time(years.1)]),
        names.1,
        &key.key.public_key_to_der().unwrap(),
        &encode(Tag(0xA3), &sequence(&[&extensions.concat()])),
    ]);
    let der = sequence(&[&tbs, &by.identifier(), &bits(&by.sign(&tbs))]);
    Made {
        serial,
        issuer: names.0.to_vec(),
        der,
        key: key.clone(),
    }
}

/// A signed message by `signer`, with signed attributes.
fn signed(content_type: &str, content: &[u8], signer: &Made, signed_in: u8) -> Vec<u8> {
    let key = &signer.key;
    let attribute = |name: &str, value: Vec<u8>| sequence(&[&oid(name), &encode(Tag::SET, &value)]);
    let digest = hash(key.digest, content).unwrap();
    let attributes = [
        attribute("1.2.840.113549.1.9.3", oid(content_type)),
        attribute(
            "1.2.840.113549.1.9.5",
            encode(Tag(0x17), format!("{signed_in:02}0601120000Z").as_bytes()),
        ),
        attribute("1.2.840.113549.1.9.4", encode(Tag::OCTET_STRING, &digest)),
    ]
    .concat();
    let signature = key.sign(&encode(Tag::SET, &attributes));
    let info = sequence(&[
        &[2, 1, 1],
        &sequence(&[&signer.issuer, &encode(Tag::INTEGER, &[signer.serial])]),
        &key.digest_identifier(),
        &encode(Tag(0xA0), &attributes),
        &key.identifier(),
        &encode(Tag::OCTET_STRING, &signature),
    ]);
    let data = sequence(&[
        &[2, 1, 3],
        &encode(Tag::SET, &key.digest_identifier()),
        &sequence(&[
            &oid(content_type),
            &encode(Tag(0xA0), &encode(Tag::OCTET_STRING, content)),
        ]),
        &encode(Tag(0xA0), &signer.der),
        &encode(Tag::SET, &info),
    ]);
    sequence(&[&oid("1.2.840.113549.1.7.2"), &encode(Tag(0xA0), &data)])
}

fn sod(files: &[(u8, &[u8])], signer: &Made, signed_in: u8) -> Vec<u8> {
    sod_of_type("2.23.136.1.1.1", files, signer, signed_in)
}

fn sod_of_type(content_type: &str, files: &[(u8, &[u8])], signer: &Made, signed_in: u8) -> Vec<u8> {
    let hashes: Vec<u8> = files
        .iter()
        .flat_map(|(group, bytes)| {
            let digest = hash(signer.key.digest, bytes).unwrap();
            sequence(&[
                &encode(Tag::INTEGER, &[*group]),
                &encode(Tag::OCTET_STRING, &digest),
            ])
        })
        .collect();
    let object = sequence(&[
        &[2, 1, 0],
        &signer.key.digest_identifier(),
        &sequence(&[&hashes]),
    ]);
    encode(Tag(0x77), &signed(content_type, &object, signer, signed_in))
}

fn dg1() -> Vec<u8> {
    let zone =
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    encode(Tag(0x61), &encode(Tag(0x5F1F), zone.as_bytes()))
}

fn p256() -> Key {
    Key::ec(Nid::X9_62_PRIME256V1, false, MessageDigest::sha256())
}

struct State {
    country: Made,
    signer: Made,
    store: TrustStore,
}

fn state_with(country: &Key, signer: &Key, code: &str, years: (u8, u8)) -> State {
    let (ours, theirs) = (name(code, "CSCA Utopia"), name(code, "DS 1"));
    let root = certificate(
        Purpose::Country,
        1,
        (&ours, &ours),
        country,
        country,
        (15, 40),
    );
    // The document signer writes its issuer's name in another order and letter case.
    let turned = sequence(&[
        &part_of_name("2.5.4.3", "csca  UTOPIA"),
        &part_of_name("2.5.4.6", &code.to_lowercase()),
    ]);
    let made = certificate(
        Purpose::Documents,
        7,
        (&turned, &theirs),
        signer,
        country,
        years,
    );
    let mut store = TrustStore::new();
    store.add_certificate(Certificate::parse(&root.der).unwrap());
    State {
        country: root,
        signer: made,
        store,
    }
}

fn state() -> State {
    state_with(&p256(), &p256(), "UT", (20, 30))
}

fn ask(state: &State, sod: &[u8], files: &[&[u8]]) -> Verification {
    verify(
        sod,
        files,
        &state.store,
        date(2026, 6, 1),
        &Policy::default(),
    )
}

fn outcome(found: &Verification, check: CheckId) -> Outcome {
    found
        .checks
        .iter()
        .find(|c| c.check == check)
        .unwrap_or_else(|| panic!("{check:?}: {found:#?}"))
        .outcome
}

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
        for explicit in [false, true] {
            let label = format!("{} explicit {explicit}", nid.short_name().unwrap());
            keys.push((label, Key::ec(nid, explicit, digest)));
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
fn revoked_by_the_countrys_list_and_by_nobody_elses() {
    let mut state = state();
    let dg1 = dg1();
    let object = sod(&[(1, &dg1)], &state.signer, 22);
    let list = |by: &Key, serial: u8, next: u8| {
        let time = |year: u8| encode(Tag(0x17), format!("{year:02}0101000000Z").as_bytes());
        let entry = sequence(&[&encode(Tag::INTEGER, &[serial]), &time(23)]);
        let tbs = sequence(&[
            &[2, 1, 1],
            &by.identifier(),
            &name("UT", "CSCA Utopia"),
            &time(24),
            &time(next),
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
fn broken_hash_functions_are_judged_by_policy() {
    let key = Key::ec(Nid::X9_62_PRIME256V1, false, MessageDigest::sha1());
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
            &Policy { weak_digests },
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
fn a_curve_of_the_forgers_choosing_is_refused() {
    // The true curve with another generator: the flaw of CVE-2020-0601.
    let key = Key::ec(Nid::X9_62_PRIME256V1, true, MessageDigest::sha256());
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
