//! Layer 7: EF.SOD (unit LDS_H).

mod changes;

use super::{Case, Result, Trial, UTOPIA, basic};
use crate::utopia::card::{Card, Fault};
use crate::utopia::der::{name, sequence};
use crate::utopia::issuer::{
    CertificateParts, Made, ObjectParts, Purpose, certificate, data_group_hash,
};
use crate::utopia::keys::{digest_identifier, p256};
use changes::{Change, changes};
use chip::files::FileId;
use chip::trust::{Certificate, TrustStore};
use openssl::hash::MessageDigest;

fn changed(change: &Change) -> Trial {
    let mut card: Card = basic().issued_by(&UTOPIA);
    let signer: Made = match change {
        Change::Signer(change) => {
            let key = UTOPIA.signer.key.clone();
            let issuer = UTOPIA.signer.issuer.clone();
            let names = (issuer.as_slice(), &*name("UT", "DS 1"));
            let country = &UTOPIA.country.key;
            let serial = UTOPIA.signer.serial;
            let mut parts =
                CertificateParts::new(Purpose::Documents, serial, names, &key, country, (20, 30));
            change(&mut parts);
            Made {
                serial,
                issuer: parts.issuer.clone(),
                der: parts.signed_by(country),
                key,
            }
        }
        _ => UTOPIA.signer.clone(),
    };
    let mut object = card.sod_with(
        &signer,
        |object| {
            if let Change::Object(change) = change {
                change(object);
            }
        },
        |message| {
            if let Change::Message(change) = change {
                change(message);
            }
        },
    );
    if let Change::Bytes(change) = change {
        change(&mut object);
    }
    card.put(FileId::Sod, object);
    card.into()
}

pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (id, what, expected, names, change) in changes() {
        all.push(Case {
            id,
            what: format!("EF.SOD: {what}"),
            expected,
            names,
            trial: Box::new(move || changed(&change)),
        });
    }
    // The signature over the document signer's certificate.
    for (id, what, names, place) in [
        (
            "LDS_H_67",
            "certificate: another signature",
            "did not sign",
            true,
        ),
        (
            "LDS_H_68",
            "certificate: no signature",
            "certificate",
            false,
        ),
    ] {
        all.push(Case {
            id,
            what: format!("EF.SOD: {what}"),
            expected: Result::Failed,
            names,
            trial: Box::new(move || {
                let mut signer = UTOPIA.signer.clone();
                if place {
                    *signer.der.last_mut().unwrap() ^= 1;
                } else {
                    signer.der = without_signature(&signer.der);
                }
                let mut card = basic().issued_by(&UTOPIA);
                let object = card.sod_with(&signer, |_| {}, |_| {});
                card.put(FileId::Sod, object);
                card.into()
            }),
        });
    }
    all.push(Case {
        id: "LDS_H_74",
        what: "EF.SOD: SHA-224 in the object, SHA-256 in the signature".into(),
        expected: Result::Successful,
        names: "",
        trial: Box::new(|| {
            let mut card = basic().issued_by(&UTOPIA);
            let groups = card.groups();
            let groups: Vec<(u8, &[u8])> = groups.iter().map(|(n, b)| (*n, b.as_slice())).collect();
            let other = ObjectParts::new(&groups, MessageDigest::sha224());
            assert_eq!(other.digest, digest_identifier(MessageDigest::sha224()));
            let object = card.sod_with(&UTOPIA.signer, |o| *o = other.clone(), |_| {});
            card.put(FileId::Sod, object);
            card.into()
        }),
    });
    // EF.COM and the security object.
    for (id, what, groups) in [
        (
            "LDS_H_90",
            "more data groups than in EF.COM",
            &[1, 2, 3][..],
        ),
        ("LDS_H_91", "fewer data groups than in EF.COM", &[1]),
        ("LDS_H_92", "other data groups than in EF.COM", &[1, 3]),
    ] {
        all.push(Case {
            id,
            what: format!("EF.SOD: {what}"),
            expected: Result::Failed,
            names: "COM",
            trial: Box::new(move || {
                let mut card = basic().issued_by(&UTOPIA);
                let object = card.sod_with(
                    &UTOPIA.signer,
                    |object| {
                        object.hashes.retain(|(n, _)| groups.contains(n));
                        if groups.contains(&3) {
                            object
                                .hashes
                                .push((3, data_group_hash(&[2, 1, 3], &[0xFF; 32])));
                        }
                    },
                    |_| {},
                );
                card.put(FileId::Sod, object);
                card.into()
            }),
        });
    }
    all
}

/// A certificate's first two parts.
fn without_signature(der: &[u8]) -> Vec<u8> {
    let mut inside = chip::tlv::first(der).unwrap().inside();
    let tbs = inside.next().unwrap().unwrap().whole;
    let algorithm = inside.next().unwrap().unwrap().whole;
    sequence(&[tbs, algorithm])
}

#[test]
fn a_country_signer_cannot_sign_for_another_country() {
    // The attack behind LDS_H_54: a believed state's country signer makes a document signer of another state.
    let mut store = TrustStore::new();
    let (rogue, key) = (p256(), p256());
    let own = name("UT", "CSCA Utopia");
    let root = certificate(Purpose::Country, 1, (&own, &own), &rogue, &rogue, (15, 40));
    store.add_certificate(Certificate::parse(&root.der).unwrap());
    let foreign = (&*name("NL", "CSCA NL"), &*name("NL", "DS"));
    let signer = certificate(Purpose::Documents, 7, foreign, &key, &rogue, (20, 30));
    let mut card = Card::new(Fault::None);
    let object = card.sod_with(&signer, |_| {}, |_| {});
    card.put(FileId::Sod, object);
    let trial = Trial {
        store,
        ..Trial::from(card)
    };
    let checks = trial.run(chip::Deviations::Report);
    let chain = checks.iter().find(|c| c.check == rules::CheckId::ChipChain);
    let chain = chain.unwrap();
    assert_eq!(chain.outcome, rules::Outcome::Failed, "{chain:?}");
    assert!(chain.detail.contains("NL"), "{chain:?}");
}
