//! Layer 6: PACE (unit ISO7816_G), and EF.CardSecurity, which proves its mapping (unit LDS_J).

use super::protocol::{replaced, says};
use super::{Case, Trial, UTOPIA, basic, failed, issued, mapping, pace, successful};
use crate::utopia::card::{Card, Fault, Holder, Ways};
use crate::utopia::der::{integer, oid, sequence};
use crate::utopia::faults::PaceChange;
use crate::utopia::issuer::signed;
use chip::files::FileId;
use chip::tlv::{self, Tag, encode};

const GENUINE: Holder = Holder::Genuine;

pub(super) fn cases() -> Vec<Case> {
    let mut all = pace_succeeds();
    all.extend(pace_fails());
    all.extend(pace_mapping());
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
