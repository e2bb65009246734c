//! Layer 7: security objects in every algorithm (unit LDS_H, its first cases and 70 to 98).

use super::{Case, Result, Trial, basic};
use crate::utopia::der::{oid, sequence};
use crate::utopia::issuer::{MessageParts, State, state_of};
use crate::utopia::keys::{Curve, Key, Kind, p256};
use chip::files::FileId;
use chip::trust::Certificate;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use std::sync::LazyLock;

/// Two RSA keys, and one DSA key; making them takes a while.
static RSA: LazyLock<[Key; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Key::rsa(Kind::Rsa, 65_537, MessageDigest::sha256())));
static DSA: LazyLock<Key> = LazyLock::new(|| Key::dsa(MessageDigest::sha256()));

fn rsa(place: usize, kind: Kind, digest: MessageDigest) -> Key {
    RSA[place].with(kind, digest)
}

fn ec(nid: Nid, kind: Kind, digest: MessageDigest) -> Key {
    Key::ec(nid, Curve::Explicit, digest).with(kind, digest)
}

/// A chip of a state of these keys, its security object by the document signer's.
fn by(country: &Key, signer: &Key) -> Trial {
    by_state(&state_of(country, signer), |_| {})
}

fn by_state(state: &State, message: impl Fn(&mut MessageParts)) -> Trial {
    let mut card = basic().issued_by(state);
    let object = card.sod_with(&state.signer, |_| {}, message);
    card.put(FileId::Sod, object);
    Trial {
        store: state.store.clone(),
        ..Trial::from(card)
    }
}

fn sha(size: usize) -> MessageDigest {
    match size {
        1 => MessageDigest::sha1(),
        224 => MessageDigest::sha224(),
        256 => MessageDigest::sha256(),
        384 => MessageDigest::sha384(),
        _ => MessageDigest::sha512(),
    }
}

/// Whole chains of one algorithm, and of several.
pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |id, what: String, trial: Box<dyn FnOnce() -> Trial>| {
        all.push(Case {
            id,
            what,
            expected: Result::Successful,
            names: "",
            trial,
        });
    };
    for (id, kind, size) in [
        ("LDS_H_01", Kind::Rsa, 1),
        ("LDS_H_02", Kind::Pss(20), 1),
        ("LDS_H_03", Kind::Pss(32), 256),
        ("LDS_H_04", Kind::Rsa, 224),
        ("LDS_H_05", Kind::Rsa, 256),
        ("LDS_H_06", Kind::Rsa, 384),
        ("LDS_H_07", Kind::Rsa, 512),
        ("LDS_H_94", Kind::Pss(28), 224),
        ("LDS_H_95", Kind::Pss(48), 384),
        ("LDS_H_96", Kind::Pss(64), 512),
    ] {
        let digest = sha(size);
        add(
            id,
            format!("{kind:?} with SHA-{size}"),
            Box::new(move || by(&rsa(0, kind, digest), &rsa(1, kind, digest))),
        );
    }
    for (id, size) in [("LDS_H_08", 1), ("LDS_H_97", 224), ("LDS_H_98", 256)] {
        add(
            id,
            format!("DSA with SHA-{size}"),
            Box::new(move || {
                let key = DSA.with(Kind::Dsa, sha(size));
                by(&key, &key)
            }),
        );
    }
    for (id, kind, size, country, signer) in [
        (
            "LDS_H_09",
            Kind::Ecdsa,
            1,
            Nid::BRAINPOOL_P256R1,
            Nid::BRAINPOOL_P224R1,
        ),
        (
            "LDS_H_10",
            Kind::Plain,
            1,
            Nid::BRAINPOOL_P256R1,
            Nid::BRAINPOOL_P224R1,
        ),
        (
            "LDS_H_11",
            Kind::Plain,
            224,
            Nid::BRAINPOOL_P256R1,
            Nid::BRAINPOOL_P224R1,
        ),
        (
            "LDS_H_12",
            Kind::Plain,
            256,
            Nid::BRAINPOOL_P256R1,
            Nid::BRAINPOOL_P256R1,
        ),
        (
            "LDS_H_13",
            Kind::Plain,
            384,
            Nid::BRAINPOOL_P384R1,
            Nid::BRAINPOOL_P384R1,
        ),
        (
            "LDS_H_14",
            Kind::Plain,
            512,
            Nid::BRAINPOOL_P512R1,
            Nid::BRAINPOOL_P512R1,
        ),
        (
            "LDS_H_70",
            Kind::Ecdsa,
            224,
            Nid::BRAINPOOL_P256R1,
            Nid::SECP224R1,
        ),
        (
            "LDS_H_71",
            Kind::Ecdsa,
            256,
            Nid::BRAINPOOL_P256R1,
            Nid::X9_62_PRIME256V1,
        ),
        (
            "LDS_H_72",
            Kind::Ecdsa,
            384,
            Nid::SECP384R1,
            Nid::BRAINPOOL_P384R1,
        ),
        (
            "LDS_H_73",
            Kind::Ecdsa,
            512,
            Nid::SECP521R1,
            Nid::BRAINPOOL_P512R1,
        ),
    ] {
        let digest = sha(size);
        add(
            id,
            format!("{kind:?} with SHA-{size}"),
            Box::new(move || by(&ec(country, kind, digest), &ec(signer, kind, digest))),
        );
    }
    for (id, size) in [
        ("LDS_H_79", 1),
        ("LDS_H_80", 224),
        ("LDS_H_81", 256),
        ("LDS_H_82", 384),
        ("LDS_H_83", 512),
    ] {
        let digest = sha(size);
        add(
            id,
            format!("RSA under its bare name, SHA-{size}"),
            Box::new(move || {
                let state = state_of(&rsa(0, Kind::Rsa, digest), &rsa(1, Kind::Rsa, digest));
                by_state(&state, |message| {
                    message.algorithm = sequence(&[&oid("1.2.840.113549.1.1.1"), &[5, 0]]);
                })
            }),
        );
    }
    // Security object and certificates signed in different ways.
    add(
        "LDS_H_75",
        "ECDSA under RSA".into(),
        Box::new(|| by(&rsa(0, Kind::Pss(32), sha(256)), &p256())),
    );
    add(
        "LDS_H_76",
        "RSA under ECDSA with SHA-224".into(),
        Box::new(|| {
            let country = ec(Nid::BRAINPOOL_P256R1, Kind::Ecdsa, sha(224));
            by(&country, &rsa(1, Kind::Rsa, sha(256)))
        }),
    );
    add(
        "LDS_H_77",
        "RSA-PSS with SHA-256 under RSA-PSS with SHA-224".into(),
        Box::new(|| {
            by(
                &rsa(0, Kind::Pss(28), sha(224)),
                &rsa(1, Kind::Pss(32), sha(256)),
            )
        }),
    );
    add(
        "LDS_H_78",
        "RSA-PSS under RSA".into(),
        Box::new(|| {
            by(
                &rsa(0, Kind::Rsa, sha(256)),
                &rsa(1, Kind::Pss(32), sha(256)),
            )
        }),
    );
    add(
        "LDS_H_15",
        "the document signer's certificate is not sent along".into(),
        Box::new(|| {
            let mut state = state_of(&rsa(0, Kind::Rsa, sha(256)), &rsa(1, Kind::Rsa, sha(256)));
            let signer = Certificate::parse(&state.signer.der).unwrap();
            state.store.add_certificate(signer);
            by_state(&state, |message| message.certificates.clear())
        }),
    );
    all
}
