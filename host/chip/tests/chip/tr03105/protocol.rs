//! Layer 6: the application protocol (units ISO7816_A to ISO7816_G).

use super::{
    Case, Trial, UTOPIA, agreeing, basic, failed, issued, mapping, pace, plain, successful,
};
use crate::utopia::card::{Card, Fault, Holder, Says, Ways};
use crate::utopia::channel::Spoil;
use crate::utopia::der::{bits, integer, new_year, oid, sequence};
use crate::utopia::faults::PaceChange;
use crate::utopia::files::dg2;
use crate::utopia::group::Group;
use crate::utopia::issuer::signed;
use crate::utopia::signing::Signing;
use chip::files::FileId;
use chip::tlv::{self, Tag, encode};
use chip::trust::RevocationList;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;

const GENUINE: Holder = Holder::Genuine;

fn says(instruction: u8, first: impl Into<Option<u8>>, nth: usize, word: u16) -> Fault {
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
    all.extend(pace_succeeds());
    all.extend(pace_fails());
    all.extend(pace_mapping());
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
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
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

/// A chip that PACE alone opens, in this way.
fn by_pace(mapping: u8, cipher: u8, parameter: u8) -> Card {
    let mut card = basic().with_pace(mapping, cipher, parameter);
    if mapping == 6 {
        card = card.with_chip_authentication(parameter, 2, GENUINE);
    }
    card.ways = Ways::PaceOnly;
    card
}

/// A protocol that no version of the standard has, or a part of one.
fn other_info(last: &[u8], parameter: &[u8]) -> Vec<u8> {
    let name = [&[4, 0, 0x7F, 0, 7, 2, 2, 4][..], last].concat();
    sequence(&[&encode(Tag::OID, &name), &integer(&[2]), parameter])
}

fn pace_succeeds() -> Vec<Case> {
    let mut all = Vec::new();
    for (mapping, parameter) in [(1, 0), (2, 13), (3, 1), (4, 12), (6, 13)] {
        for (secret, is_number) in [("zone", false), ("access number", true)] {
            all.push(successful(
                "ISO7816_G_01",
                format!("mapping {mapping}, by the {secret}"),
                move || {
                    let mut trial = issued(by_pace(mapping, 2, parameter), Fault::None);
                    if is_number {
                        trial.key = Card::can();
                    }
                    trial
                },
            ));
        }
    }
    let curves = 8..=18u8;
    for (id, prime, curve, parameters) in [
        (
            "ISO7816_G_02",
            1,
            2,
            (0..=2).chain(curves.clone()).collect::<Vec<u8>>(),
        ),
        // The encoding of integrated mapping is not defined for P-224 (parameter 10).
        (
            "ISO7816_G_03",
            3,
            4,
            (0..=2).chain(curves.clone().filter(|p| *p != 10)).collect(),
        ),
        ("ISO7816_G_41", 6, 6, curves.collect()),
    ] {
        for parameter in parameters {
            let mapping = if parameter < 8 { prime } else { curve };
            all.push(successful(
                id,
                format!("mapping {mapping}, parameter {parameter}"),
                move || issued(by_pace(mapping, 2, parameter), Fault::None),
            ));
        }
    }
    for (mapping, parameter) in [(1, 2), (2, 16), (3, 0), (4, 17), (6, 15)] {
        for cipher in 1..=4 {
            if (mapping, cipher) != (6, 1) {
                all.push(successful(
                    "ISO7816_G_04",
                    format!("mapping {mapping}, cipher {cipher}"),
                    move || issued(by_pace(mapping, cipher, parameter), Fault::None),
                ));
            }
        }
    }
    all.extend([
        successful("ISO7816_G_05", "infos that nobody knows beside", || {
            let info = sequence(&[&oid("1.3.6.1.4.1.99999.1"), &integer(&[1])]);
            issued(pace().with_access_info(info.clone(), info), Fault::None)
        }),
        successful("ISO7816_G_06", "several parameters of one protocol", || {
            let card = basic()
                .with_pace(2, 2, 12)
                .with_pace(2, 2, 13)
                .with_pace(2, 2, 16);
            issued(card, Fault::None)
        }),
        successful("ISO7816_G_06", "several protocols", || {
            let card = basic()
                .with_pace(1, 2, 1)
                .with_pace(2, 4, 13)
                .with_pace(4, 1, 12);
            issued(card, Fault::None)
        }),
        successful("ISO7816_G_07", "two infos and domain parameters", || {
            let domain = sequence(&[
                &oid("0.4.0.127.0.7.2.2.4.2"),
                &sequence(&[&oid("0.4.0.127.0.7.1.2"), &integer(&[13])]),
            ]);
            let card = pace()
                .with_pace(2, 2, 12)
                .with_access_info(domain.clone(), domain);
            issued(card, Fault::None)
        }),
        successful("ISO7816_G_34", "mapping that proves the chip", || {
            issued(mapping(), Fault::None)
        }),
        successful(
            "ISO7816_G_36",
            "an unknown name for mapping that proves",
            || {
                let info = other_info(&[7, 2], &integer(&[13]));
                issued(pace().with_access_info(info.clone(), info), Fault::None)
            },
        ),
    ]);
    all
}

/// The one object within, under another tag.
fn other_tag(ours: &[u8], tag: u32) -> Vec<u8> {
    encode(Tag(tag), tlv::first(ours).unwrap().value)
}

/// The one object within, one of its value's bytes changed.
fn other_byte(ours: &[u8], at: impl Fn(usize) -> usize) -> Vec<u8> {
    let object = tlv::first(ours).unwrap();
    let mut value = object.value.to_vec();
    let at = at(value.len());
    value[at] ^= 1;
    encode(object.tag, &value)
}

/// How a step's answer is made another: its name, the step, and the change.
const CHANGES: [(&str, &str, PaceChange); 20] = [
    ("ISO7816_G_09", "the nonce's first byte", |s, _, o| {
        if s == 1 { other_byte(&o, |_| 0) } else { o }
    }),
    ("ISO7816_G_09", "the nonce's last byte", |s, _, o| {
        if s == 1 { other_byte(&o, |n| n - 1) } else { o }
    }),
    ("ISO7816_G_09", "a nonce cut short", |s, _, o| {
        if s == 1 {
            encode(Tag(0x80), &[1; 7])
        } else {
            o
        }
    }),
    ("ISO7816_G_11", "nonce under tag 90", |s, _, o| {
        if s == 1 { other_tag(&o, 0x90) } else { o }
    }),
    ("ISO7816_G_13", "mapping data under tag 92", |s, _, o| {
        if s == 2 { other_tag(&o, 0x92) } else { o }
    }),
    ("ISO7816_G_14", "no mapping data", |s, _, o| {
        if s == 2 { Vec::new() } else { o }
    }),
    ("ISO7816_G_16", "mapping key: x", |s, _, o| {
        if s == 2 { other_byte(&o, |_| 5) } else { o }
    }),
    ("ISO7816_G_16", "mapping key: y", |s, _, o| {
        if s == 2 { other_byte(&o, |n| n - 1) } else { o }
    }),
    ("ISO7816_G_16", "mapping key: format", |s, _, o| {
        if s == 2 { other_byte(&o, |_| 0) } else { o }
    }),
    ("ISO7816_G_16", "mapping key: at infinity", |s, _, o| {
        if s == 2 { encode(Tag(0x82), &[0]) } else { o }
    }),
    ("ISO7816_G_19", "key under tag 94", |s, _, o| {
        if s == 3 { other_tag(&o, 0x94) } else { o }
    }),
    ("ISO7816_G_20", "no key", |s, _, o| {
        if s == 3 { Vec::new() } else { o }
    }),
    ("ISO7816_G_21", "key: x", |s, _, o| {
        if s == 3 { other_byte(&o, |_| 5) } else { o }
    }),
    ("ISO7816_G_21", "key: y", |s, _, o| {
        if s == 3 { other_byte(&o, |n| n - 1) } else { o }
    }),
    ("ISO7816_G_21", "key: format", |s, _, o| {
        if s == 3 { other_byte(&o, |_| 0) } else { o }
    }),
    ("ISO7816_G_21", "key: at infinity", |s, _, o| {
        if s == 3 { encode(Tag(0x84), &[0]) } else { o }
    }),
    ("ISO7816_G_23", "our own key sent back", |s, t, o| {
        if s == 3 { encode(Tag(0x84), t) } else { o }
    }),
    ("ISO7816_G_25", "token under tag 96", |s, _, o| {
        if s == 4 { other_tag(&o, 0x96) } else { o }
    }),
    ("ISO7816_G_26", "another token", |s, _, o| {
        if s == 4 { other_byte(&o, |_| 0) } else { o }
    }),
    ("ISO7816_G_26", "no token", |s, _, o| {
        if s == 4 { Vec::new() } else { o }
    }),
];

/// The same over a group of numbers.
const NUMBERS: [(&str, &str, PaceChange); 6] = [
    ("ISO7816_G_17", "mapping number: zero", |s, _, o| {
        if s == 2 { encode(Tag(0x82), &[0]) } else { o }
    }),
    ("ISO7816_G_17", "mapping number: one", |s, _, o| {
        if s == 2 { encode(Tag(0x82), &[1]) } else { o }
    }),
    ("ISO7816_G_17", "mapping number: another", |s, _, o| {
        if s == 2 { other_byte(&o, |n| n - 1) } else { o }
    }),
    ("ISO7816_G_22", "number: zero", |s, _, o| {
        if s == 3 { encode(Tag(0x84), &[0]) } else { o }
    }),
    ("ISO7816_G_22", "number: one", |s, _, o| {
        if s == 3 { encode(Tag(0x84), &[1]) } else { o }
    }),
    ("ISO7816_G_22", "number: another", |s, _, o| {
        if s == 3 { other_byte(&o, |n| n - 1) } else { o }
    }),
];

fn pace_fails() -> Vec<Case> {
    let mut all = Vec::new();
    for word in [0x6A80, 0x6A88, 0x6982, 0x6985] {
        all.push(failed(
            "ISO7816_G_08",
            format!("MSE: Set AT is refused with {word:04X}"),
            "",
            move || issued(pace(), says(0x22, 0xC1, 1, word)),
        ));
    }
    for (id, step) in [
        ("ISO7816_G_10", 1),
        ("ISO7816_G_12", 2),
        ("ISO7816_G_18", 3),
        ("ISO7816_G_24", 4),
    ] {
        for word in [0x6300, 0x6A80, 0x6982] {
            all.push(failed(
                id,
                format!("GENERAL AUTHENTICATE {step} is refused with {word:04X}"),
                "",
                move || issued(pace(), says(0x86, None, step, word)),
            ));
        }
    }
    all.push(failed(
        "ISO7816_G_15",
        "integrated mapping is refused",
        "",
        || issued(by_pace(4, 2, 12), says(0x86, None, 2, 0x6A80)),
    ));
    for (id, what, change) in CHANGES {
        all.push(failed(id, what, "", move || {
            issued(pace(), Fault::Pace(change))
        }));
    }
    for (id, what, change) in NUMBERS {
        all.push(failed(id, what, "", move || {
            issued(by_pace(1, 2, 0), Fault::Pace(change))
        }));
    }
    all.extend([
        failed(
            "ISO7816_G_27",
            "EF.CardAccess: a length too great",
            "",
            || {
                let mut trial = issued(pace(), Fault::None);
                let mut bytes = trial.card.file(FileId::CardAccess).to_vec();
                bytes[3] += 1;
                trial.card.put(FileId::CardAccess, bytes);
                trial
            },
        ),
        failed(
            "ISO7816_G_28",
            "a parameter that does not exist",
            "",
            || {
                let mut trial = issued(pace(), Fault::None);
                let bytes = trial.card.file(FileId::CardAccess);
                let changed = replaced(bytes, &[2, 1, 13], &[2, 1, 31]);
                trial.card.put(FileId::CardAccess, changed);
                trial
            },
        ),
    ]);
    all
}

/// The objects of the last answer but the proof; then the proof, made another.
fn other_proof(ours: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let token = tlv::first(ours).unwrap();
    let proof = tlv::first(&ours[token.whole.len()..]).unwrap();
    [token.whole, &change(proof.value)].concat()
}

const PROOFS: [(&str, &str, PaceChange); 6] = [
    ("ISO7816_G_29", "no proof", |s, _, o| {
        if s == 4 {
            other_proof(&o, |_| Vec::new())
        } else {
            o
        }
    }),
    (
        "ISO7816_G_30",
        "a proof that is no whole block",
        |s, _, o| {
            if s == 4 {
                other_proof(&o, |p| encode(Tag(0x8A), &p[1..]))
            } else {
                o
            }
        },
    ),
    ("ISO7816_G_30", "a proof without padding", |s, _, o| {
        if s == 4 {
            other_proof(&o, |p| encode(Tag(0x8A), &p[..16]))
        } else {
            o
        }
    }),
    ("ISO7816_G_31", "another proof", |s, _, o| {
        if s == 4 {
            other_proof(&o, |p| {
                let mut p = p.to_vec();
                p[0] ^= 1;
                encode(Tag(0x8A), &p)
            })
        } else {
            o
        }
    }),
    ("ISO7816_G_32", "the proof under tag 8B", |s, _, o| {
        if s == 4 {
            other_proof(&o, |p| encode(Tag(0x8B), p))
        } else {
            o
        }
    }),
    ("ISO7816_G_33", "an empty proof", |s, _, o| {
        if s == 4 {
            other_proof(&o, |_| encode(Tag(0x8A), &[]))
        } else {
            o
        }
    }),
];

fn pace_mapping() -> Vec<Case> {
    let mut all = Vec::new();
    for (id, what, change) in PROOFS {
        all.push(failed(id, what, "", move || {
            issued(mapping(), Fault::Pace(change))
        }));
    }
    let with_card_security = |change: fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>| -> Trial {
        let card = mapping();
        let infos = change(card.infos.clone());
        let content = encode(Tag::SET, &infos.concat());
        let file = signed("0.4.0.127.0.7.3.2.1", &content, &UTOPIA.signer, 22);
        let mut trial = issued(card, Fault::None);
        trial.card.put(FileId::CardSecurity, file);
        trial
    };
    all.extend([
        failed(
            "ISO7816_G_39",
            "EF.CardSecurity with another's key",
            "does not hold",
            move || {
                with_card_security(|mut infos| {
                    let other = basic().with_chip_authentication(13, 2, GENUINE);
                    let at = infos.len() - 1;
                    infos[at] = other.infos[1].clone();
                    infos
                })
            },
        ),
        failed(
            "ISO7816_G_40",
            "EF.CardSecurity without a key",
            "does not hold",
            move || {
                with_card_security(|mut infos| {
                    infos.pop();
                    infos
                })
            },
        ),
        successful(
            "LDS_J_01",
            "EF.CardSecurity says more than EF.CardAccess",
            move || {
                with_card_security(|mut infos| {
                    infos.push(sequence(&[&oid("1.3.6.1.4.1.99999.1"), &integer(&[1])]));
                    infos
                })
            },
        ),
        failed(
            "LDS_J_02",
            "EF.CardSecurity says less",
            "did not sign",
            move || with_card_security(|infos| infos[1..].to_vec()),
        ),
        failed(
            "LDS_J_03",
            "EF.CardSecurity says otherwise",
            "ways in",
            move || {
                with_card_security(|mut infos| {
                    infos[0] = replaced(&infos[0], &[2, 1, 13], &[2, 1, 12]);
                    infos
                })
            },
        ),
        failed(
            "LDS_J_04",
            "a key without its protocol",
            "CardSecurity",
            move || {
                with_card_security(|mut infos| {
                    let at = infos.len() - 1;
                    let key = tlv::first(&infos[at]).unwrap();
                    let name = tlv::first(key.value).unwrap().whole.len();
                    infos[at] = sequence(&[&key.value[name..]]);
                    infos
                })
            },
        ),
        failed(
            "LDS_H_93",
            "EF.CardSecurity under another's signature",
            "CardSecurity",
            || {
                let mut trial = issued(mapping(), Fault::None);
                let mut file = trial.card.file(FileId::CardSecurity).to_vec();
                *file.last_mut().unwrap() ^= 1;
                trial.card.put(FileId::CardSecurity, file);
                trial
            },
        ),
    ]);
    all
}
