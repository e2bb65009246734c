//! Layer 6: the application protocol but PACE (units ISO7816_A to ISO7816_D and ISO7816_F).

use super::{Case, UTOPIA, agreeing, basic, failed, issued, plain, successful};
use crate::utopia::card::{Card, Fault, Holder};
use crate::utopia::channel::Spoil;
use crate::utopia::der::{bits, integer, new_year, oid, sequence};
use crate::utopia::faults::Says;
use crate::utopia::files::dg2;
use crate::utopia::group::Group;
use crate::utopia::signing::Signing;
use chip::files::FileId;
use chip::tlv::{Tag, encode};
use chip::trust::RevocationList;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;

const GENUINE: Holder = Holder::Genuine;

pub(super) fn says(instruction: u8, first: impl Into<Option<u8>>, nth: usize, word: u16) -> Fault {
    Fault::Says(Says {
        instruction,
        first: first.into(),
        nth,
        word,
    })
}

pub(super) fn cases() -> Vec<Case> {
    let mut all = application_and_bac();
    all.extend(reading());
    all.extend(chip_authentication());
    all.extend(active_authentication());
    all
}

fn application_and_bac() -> Vec<Case> {
    let mut all = vec![
        successful("ISO7816_A_01", "a chip in the clear", || {
            issued(plain(), Fault::None)
        }),
        successful("ISO7816_A_02", "a chip with BAC", || {
            issued(basic(), Fault::None)
        }),
        failed(
            "ISO7816_A_03",
            "the application cannot be chosen",
            "6A82",
            || issued(basic(), says(0xA4, 4, 1, 0x6A82)),
        ),
        failed(
            "ISO7816_B_01",
            "mutual authentication: checksum",
            "checksum",
            || issued(basic(), Fault::Basic(35)),
        ),
        failed(
            "ISO7816_B_02",
            "mutual authentication: cryptogram",
            "BAC",
            || issued(basic(), Fault::Basic(3)),
        ),
        failed(
            "ISO7816_B_03",
            "mutual authentication: refused",
            "key",
            || issued(basic(), says(0x82, None, 1, 0x6300)),
        ),
        failed(
            "ISO7816_B_10",
            "a revoked document signer",
            "revoked",
            || {
                let mut trial = issued(basic(), Fault::None);
                let key = &UTOPIA.country.key;
                let entry = sequence(&[
                    &encode(Tag::INTEGER, &[UTOPIA.signer.serial]),
                    &new_year(23),
                ]);
                let tbs = sequence(&[
                    &[2, 1, 1],
                    &key.identifier(),
                    &UTOPIA.country.issuer,
                    &new_year(24),
                    &new_year(30),
                    &sequence(&[&entry]),
                ]);
                let list = sequence(&[&tbs, &key.identifier(), &bits(&key.sign(&tbs))]);
                let list = RevocationList::parse(&list).unwrap();
                trial.store.add_revocation_list(list).unwrap();
                trial
            },
        ),
    ];
    for word in [0x6987, 0x6988] {
        all.push(failed(
            "ISO7816_B_04",
            format!("secure messaging: {word:04X}"),
            "COM",
            move || issued(basic(), says(0xB0, None, 1, word)),
        ));
    }
    for (id, what, spoil) in [
        ("ISO7816_B_05", "checksum missing", Spoil::NoChecksum),
        ("ISO7816_B_06", "cryptogram missing", Spoil::NoCryptogram),
        ("ISO7816_B_07", "status missing", Spoil::NoStatus),
        ("ISO7816_B_08", "checksum wrong", Spoil::WrongChecksum),
        ("ISO7816_B_09", "cryptogram wrong", Spoil::WrongCryptogram),
        ("ISO7816_B_05", "everything missing", Spoil::Bare),
    ] {
        all.push(failed(
            id,
            format!("secure messaging: {what}"),
            "",
            move || issued(basic(), Fault::SpoilsReading(spoil)),
        ));
    }
    all
}

fn reading() -> Vec<Case> {
    let mut all = vec![
        failed("ISO7816_C_01", "a file cannot be chosen", "DG1", || {
            // SOD and COM are chosen before it.
            issued(basic(), says(0xA4, 2, 4, 0x6A82))
        }),
        failed("ISO7816_C_08", "a face of no bytes", "DG2", || {
            let mut card = basic();
            card.put(FileId::Dg2, dg2(&[]));
            issued(card, Fault::None)
        }),
    ];
    for (id, what, fault) in [
        ("ISO7816_C_02", "files of 40 kB", Fault::None),
        (
            "ISO7816_C_02",
            "files of 40 kB, seven bytes at a time",
            Fault::Short(7),
        ),
        (
            "ISO7816_C_03",
            "what lies beyond the end is refused",
            Fault::Strict(0x6700),
        ),
        ("ISO7816_C_04", "6B00 at the end", Fault::Strict(0x6B00)),
        (
            "ISO7816_C_05",
            "6282 at the end, without data",
            Fault::Strict(0x6282),
        ),
        ("ISO7816_C_05", "6282 at the end, with data", Fault::Warns),
        ("ISO7816_C_06", "6Cxx at the end", Fault::Left),
        ("ISO7816_C_06", "6Cxx above a length", Fault::Instead(90)),
        ("ISO7816_C_07", "odd instruction above 32 kB", Fault::None),
        (
            "ISO7816_C_07",
            "odd instruction, extended lengths",
            Fault::Longest(4000),
        ),
        ("ISO7816_C_02", "answers in pieces", Fault::Pieces(100)),
    ] {
        all.push(successful(id, what, move || issued(basic(), fault)));
    }
    all
}

/// EF.DG14 of these infos, on a chip that is issued with it.
fn with_infos(mut card: Card, change: impl Fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>) -> Card {
    card.infos = change(std::mem::take(&mut card.infos));
    card
}

/// Every occurrence of some bytes made others.
pub(super) fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for at in 0..=out.len().saturating_sub(from.len()) {
        if out[at..].starts_with(from) {
            out[at..at + to.len()].copy_from_slice(to);
        }
    }
    out
}

fn chip_authentication() -> Vec<Case> {
    let mut all = Vec::new();
    for parameter in 0..=2 {
        for cipher in 1..=4 {
            all.push(successful(
                "ISO7816_D_01",
                format!("DH, parameter {parameter}, cipher {cipher}"),
                move || {
                    issued(
                        basic().with_chip_authentication(parameter, cipher, GENUINE),
                        Fault::None,
                    )
                },
            ));
        }
    }
    for parameter in 8..=18 {
        let cipher = 1 + parameter % 4;
        all.push(successful(
            "ISO7816_D_02",
            format!("ECDH, parameter {parameter}, cipher {cipher}"),
            move || {
                issued(
                    basic().with_chip_authentication(parameter, cipher, GENUINE),
                    Fault::None,
                )
            },
        ));
    }
    for (id, keys) in [
        ("ISO7816_D_03", 1),
        ("ISO7816_D_04", 2),
        ("ISO7816_D_05", 3),
    ] {
        for cipher in [1, 2] {
            all.push(successful(
                id,
                format!("{keys} keys with references, cipher {cipher}"),
                move || {
                    let mut card = basic();
                    for id in 1..=keys {
                        card =
                            card.with_chip_authentication_key(12 + id, cipher, GENUINE, Some(id));
                    }
                    issued(card, Fault::None)
                },
            ));
        }
    }
    all.extend([
        failed(
            "ISO7816_D_06",
            "a reference that the chip does not know",
            "agree",
            || {
                let card = basic().with_chip_authentication_key(13, 1, GENUINE, Some(1));
                let card = with_infos(card, |infos| {
                    let other = |i: &Vec<u8>| {
                        let mut i = i.clone();
                        *i.last_mut().unwrap() = 9;
                        i
                    };
                    infos.iter().map(other).collect()
                });
                issued(card, Fault::None)
            },
        ),
        failed(
            "ISO7816_D_07",
            "a DH key that is no member",
            "public key",
            || {
                let card = basic().with_chip_authentication(0, 1, GENUINE);
                let card = with_infos(card, |infos| {
                    let short = sequence(&[
                        &oid("0.4.0.127.0.7.2.2.1.1"),
                        &sequence(&[
                            &sequence(&[&oid("1.2.840.10046.2.1"), &prime_group()]),
                            &bits(&integer(&[1])),
                        ]),
                    ]);
                    vec![infos[0].clone(), short]
                });
                issued(card, Fault::None)
            },
        ),
        failed(
            "ISO7816_D_08",
            "an ECDH key off its curve",
            "not on its curve",
            || {
                let card = with_infos(agreeing(), |infos| {
                    let mut key = infos[1].clone();
                    *key.last_mut().unwrap() ^= 1;
                    vec![infos[0].clone(), key]
                });
                issued(card, Fault::None)
            },
        ),
        failed(
            "ISO7816_D_08",
            "another's ECDH key",
            "does not hold",
            || {
                issued(
                    basic().with_chip_authentication(13, 1, Holder::Clone),
                    Fault::None,
                )
            },
        ),
        failed(
            "ISO7816_D_09",
            "the old keys go on",
            "does not hold",
            || issued(agreeing(), Fault::OldKeys),
        ),
        failed(
            "ISO7816_D_11",
            "a DH key under a name that is not known",
            "DG14",
            || {
                let card = basic().with_chip_authentication(0, 1, GENUINE);
                issued(with_unknown_key_name(card), Fault::None)
            },
        ),
        failed(
            "ISO7816_D_12",
            "an ECDH key under a name that is not known",
            "DG14",
            || issued(with_unknown_key_name(agreeing()), Fault::None),
        ),
        failed(
            "ISO7816_D_13",
            "key and protocol with two references",
            "not there",
            || {
                let card = basic().with_chip_authentication_key(13, 2, GENUINE, Some(1));
                let card = with_infos(card, |infos| {
                    let mut protocol = infos[0].clone();
                    *protocol.last_mut().unwrap() = 2;
                    vec![protocol, infos[1].clone()]
                });
                issued(card, Fault::None)
            },
        ),
        successful("ISO7816_D_14", "a key that needs extended length", || {
            let card = basic().with_chip_authentication(2, 1, GENUINE);
            issued(card, Fault::Longest(4000))
        }),
    ]);
    for word in [0x6A80, 0x6A88, 0x6982, 0x6985, 0x6300] {
        all.push(failed(
            "ISO7816_D_15",
            format!("the reference is refused with {word:04X}"),
            "agree",
            move || issued(agreeing(), says(0x22, 0x41, 1, word)),
        ));
    }
    all
}

fn prime_group() -> Vec<u8> {
    let Group::Prime(parts) = Group::standard(0) else {
        return Vec::new();
    };
    let parts: Vec<u8> = parts.iter().flat_map(|n| integer(&n.to_vec())).collect();
    sequence(&[&parts])
}

fn with_unknown_key_name(card: Card) -> Card {
    with_infos(card, |infos| {
        let key = infos[1].clone();
        let kind = [4, 0, 0x7F, 0, 7, 2, 2, 1];
        let at = key.windows(8).position(|w| w == kind).unwrap() + 8;
        let mut key = key;
        key[at] = 9;
        vec![infos[0].clone(), key]
    })
}

#[test]
fn iso7816_d_10_each_chip_authentication_has_a_key_of_its_own() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut trial = issued(agreeing(), Fault::None);
        let request = chip::Request {
            key: &trial.key,
            wanted: &chip::examine::USEFUL,
            printed: None,
            store: &trial.store,
            at: jiff::civil::date(2026, 6, 1),
            policy: &chip::Policy::default(),
        };
        let mut reader = chip::Reader::new(&mut trial.card);
        chip::examine(
            &mut reader,
            &request,
            &mut chip::randomness::SystemRandomness,
            &mut |_| std::ops::ControlFlow::Continue(()),
        )
        .unwrap();
        seen.extend(trial.card.ephemeral);
    }
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0], seen[1]);
}

fn active_authentication() -> Vec<Case> {
    let with = |signing: fn() -> Signing| {
        move || issued(basic().with_signing(signing(), GENUINE), Fault::None)
    };
    let mut all = vec![
        successful(
            "ISO7816_F_01",
            "RSA with SHA-1",
            with(|| Signing::rsa(MessageDigest::sha1(), &[0xBC])),
        ),
        successful(
            "ISO7816_F_04",
            "RSA with SHA-224",
            with(|| Signing::rsa(MessageDigest::sha224(), &[0x38, 0xCC])),
        ),
        successful(
            "ISO7816_F_05",
            "RSA with SHA-256",
            with(|| Signing::rsa(MessageDigest::sha256(), &[0x34, 0xCC])),
        ),
        successful(
            "ISO7816_F_06",
            "RSA with SHA-384",
            with(|| Signing::rsa(MessageDigest::sha384(), &[0x36, 0xCC])),
        ),
        successful(
            "ISO7816_F_07",
            "RSA with SHA-512",
            with(|| Signing::rsa(MessageDigest::sha512(), &[0x35, 0xCC])),
        ),
        failed(
            "ISO7816_F_08",
            "a trailer that is none",
            "does not hold",
            || {
                let signing = Signing::rsa(MessageDigest::sha256(), &[0x39, 0xCC]);
                issued(basic().with_signing(signing, GENUINE), Fault::None)
            },
        ),
        failed(
            "ISO7816_F_08",
            "a signature over another nonce",
            "does not hold",
            || {
                let signing = Signing::rsa(MessageDigest::sha256(), &[0x34, 0xCC]);
                issued(basic().with_signing(signing, GENUINE), Fault::WrongNonce)
            },
        ),
        failed(
            "ISO7816_F_09",
            "an algorithm that is not known",
            "algorithm",
            || {
                let signing = Signing::ec(
                    Nid::BRAINPOOL_P256R1,
                    MessageDigest::sha256(),
                    "0.4.0.127.0.7.1.1.4.1.9",
                );
                issued(basic().with_signing(signing, GENUINE), Fault::None)
            },
        ),
    ];
    for (digest, name) in [
        (MessageDigest::sha1(), "0.4.0.127.0.7.1.1.4.1.1"),
        (MessageDigest::sha224(), "0.4.0.127.0.7.1.1.4.1.2"),
        (MessageDigest::sha256(), "0.4.0.127.0.7.1.1.4.1.3"),
        (MessageDigest::sha384(), "0.4.0.127.0.7.1.1.4.1.4"),
        (MessageDigest::sha512(), "0.4.0.127.0.7.1.1.4.1.5"),
    ] {
        all.push(successful(
            "ISO7816_F_02",
            format!("ECDSA, {name}"),
            move || {
                let signing = Signing::ec(Nid::BRAINPOOL_P512R1, digest, name);
                issued(basic().with_signing(signing, GENUINE), Fault::None)
            },
        ));
    }
    all
}
