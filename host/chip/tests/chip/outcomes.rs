//! The outcomes of BSI TR-03135-1 (version 2.5) section 5.6, table by table. What the tables say cannot occur is
//! tried as well.

use crate::asks::outcome;
use crate::utopia::card::{Card, Fault, Holder, Ways};
use crate::utopia::der::{bits, integer, name, new_year, oid, sequence};
use crate::utopia::faults::Says;
use crate::utopia::files::{com, dg1, dg1_of};
use crate::utopia::issuer::{
    CertificateParts, Made, MessageParts, Purpose, State, certificate, signed, sod, state,
    state_with,
};
use crate::utopia::keys::{Key, p256};
use chip::examine::{Examined, Request, USEFUL, examine, not_examined};
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::tlv::{Tag, encode};
use chip::trust::{Certificate, Pinning, RevocationList};
use chip::{AccessKey, Policy, Reader, Revocation, Verification, verify};
use jiff::civil::date;
use rules::{Check, CheckId, Outcome};
use std::ops::ControlFlow;

use Outcome::{Aborted, Failed, NotSupported, Successful, Undetermined};

fn read(mut card: Card, state: &State, key: &AccessKey) -> Vec<Check> {
    let request = Request {
        key,
        wanted: &USEFUL,
        printed: None,
        store: &state.store,
        at: date(2026, 6, 1),
        policy: &Policy::default(),
    };
    let mut reader = Reader::new(&mut card);
    match examine(&mut reader, &request, &mut SystemRandomness, &mut |_| {
        ControlFlow::Continue(())
    }) {
        Ok(Examined { judged, .. }) => judged.checks,
        Err(error) => vec![not_examined(&error)],
    }
}

fn of(checks: &[Check], check: CheckId) -> Option<Outcome> {
    checks.iter().find(|c| c.check == check).map(|c| c.outcome)
}

#[test]
fn tables_5_18_to_5_20_access() {
    let state = state();
    let access = |mut card: Card, fault: Fault, key: &AccessKey| {
        card = card.issued_by(&state);
        card.fault = fault;
        let checks = read(card, &state, key);
        [CheckId::ChipAccess, CheckId::ChipPace, CheckId::ChipBac].map(|c| of(&checks, c))
    };
    let (basic, zone) = (|| Card::new(Fault::None), Card::key());
    let pace = || basic().with_pace(2, 2, 13);
    let mut plain = basic();
    plain.ways = Ways::Plain;
    let some = |all: [Outcome; 3]| all.map(Some);
    assert_eq!(
        access(basic(), Fault::None, &zone),
        some([Successful, NotSupported, Successful])
    );
    assert_eq!(
        access(pace(), Fault::None, &zone),
        some([Successful, Successful, NotSupported])
    );
    assert_eq!(
        access(pace(), Fault::PaceBroken(0x6A80), &zone),
        some([Successful, Failed, Successful])
    );
    assert_eq!(
        access(plain, Fault::None, &zone),
        some([NotSupported, NotSupported, NotSupported])
    );
    let other = AccessKey::from_zone("L898902C", "690806", "940624").unwrap();
    assert_eq!(access(basic(), Fault::None, &other)[0], Some(Failed));
    let refused = Fault::Says(Says {
        instruction: 0x82,
        first: None,
        nth: 1,
        word: 0x6F00,
    });
    assert_eq!(access(basic(), refused, &zone)[0], Some(Failed));
    assert_eq!(access(basic(), Fault::Gone(3), &zone)[0], Some(Aborted));
    // The number opens PACE only.
    assert_eq!(
        access(basic(), Fault::None, &Card::can())[0],
        Some(NotSupported)
    );
}

#[test]
fn tables_5_23_to_5_26_authenticity() {
    let state = state();
    let ask = |card: Card| {
        let checks = read(card.issued_by(&state), &state, &Card::key());
        [
            CheckId::ChipAuthenticity,
            CheckId::ChipAuthentication,
            CheckId::ChipActiveAuthentication,
        ]
        .map(|c| of(&checks, c))
    };
    let (genuine, clone) = (Holder::Genuine, Holder::Clone);
    let card = || Card::new(Fault::None);
    let agreeing = |holder| card().with_chip_authentication(13, 2, holder);
    let proofs = |whole, agreed: Option<Outcome>, signed| [Some(whole), agreed, signed];
    assert_eq!(
        ask(agreeing(genuine)),
        proofs(Successful, Some(Successful), None)
    );
    assert_eq!(ask(agreeing(clone)), proofs(Failed, Some(Failed), None));
    let signing = |holder| card().with_active_authentication(holder);
    let unasked = Some(NotSupported);
    assert_eq!(
        ask(signing(genuine)),
        proofs(Successful, unasked, Some(Successful))
    );
    assert_eq!(ask(signing(clone)), proofs(Failed, unasked, Some(Failed)));
    assert_eq!(ask(card()), proofs(NotSupported, unasked, unasked));
    let mapping = |holder| {
        card()
            .with_pace(6, 2, 13)
            .with_chip_authentication(13, 2, holder)
    };
    assert_eq!(
        ask(mapping(genuine)),
        proofs(Successful, Some(Successful), None)
    );
    assert_eq!(ask(mapping(clone)), proofs(Failed, Some(Failed), None));
}

fn ask(state: &State, object: &[u8], files: &[&[u8]], revocation: Revocation) -> Verification {
    let policy = Policy {
        revocation,
        ..Policy::default()
    };
    verify(object, files, &state.store, date(2026, 6, 1), &policy)
}

#[test]
fn tables_5_28_to_5_30_security_object() {
    let state = state();
    let dg1 = dg1();
    let good = sod(&[(1, &dg1)], &state.signer, 22);
    let object = |bytes: &[u8]| {
        let found = ask(&state, bytes, &[&dg1], Revocation::WhereHeld);
        let signature = found
            .checks
            .iter()
            .find(|c| c.check == CheckId::ChipSignature);
        (
            outcome(&found, CheckId::ChipSecurityObject),
            signature.map(|c| c.outcome),
        )
    };
    assert_eq!(object(&good), (Successful, Some(Successful)));
    let mut other = good.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(object(&other), (Successful, Some(Failed)));
    // Present but empty (table 5.27).
    assert_eq!(object(&[0x77, 0]), (Failed, None));
    let made = |change: &dyn Fn(&mut MessageParts)| {
        let content = chip::files::SecurityObject::parse(&good)
            .unwrap()
            .signed
            .content;
        let mut parts = MessageParts::new("2.23.136.1.1.1", &content, &state.signer, 22);
        change(&mut parts);
        encode(Tag(0x77), &parts.signed_by(&state.signer.key))
    };
    // The certificate is missing; an algorithm is not known; the content's hash is another.
    assert_eq!(
        object(&made(&|m| m.certificates.clear())),
        (Successful, Some(Undetermined))
    );
    let unknown = sequence(&[&oid("1.2.840.113549.2.5")]);
    assert_eq!(
        object(&made(&|m| m.signer_digest = unknown.clone())),
        (Undetermined, None)
    );
    assert_eq!(
        object(&made(&|m| {
            m.attributes.pop();
        })),
        (Successful, Some(Failed))
    );
}

#[test]
fn table_5_33_document_signer() {
    let state = state();
    let dg1 = dg1();
    let chain = |by: &Made| {
        let found = ask(
            &state,
            &sod(&[(1, &dg1)], by, 22),
            &[&dg1],
            Revocation::WhereHeld,
        );
        outcome(&found, CheckId::ChipChain)
    };
    assert_eq!(chain(&state.signer), Successful);
    // The country signer is not held.
    let stranger = state_with(&p256(), &p256(), "UT", (20, 30));
    assert_eq!(chain(&stranger.signer), Undetermined);
    // Its key is named and did not sign.
    let mut forged = state.signer.clone();
    *forged.der.last_mut().unwrap() ^= 1;
    assert_eq!(chain(&forged), Failed);
    // Found by its name alone, "failed" cannot occur.
    let key = p256();
    let issuer = name("UT", "CSCA Utopia");
    let own = name("UT", "DS");
    let mut parts = CertificateParts::new(
        Purpose::Documents,
        9,
        (&issuer, &own),
        &key,
        &p256(),
        (20, 30),
    );
    parts.replace("2.5.29.35", None);
    let by_name = Made {
        serial: 9,
        issuer,
        der: parts.signed_by(&p256()),
        key,
    };
    assert_eq!(chain(&by_name), Undetermined);
}

#[test]
fn tables_5_34_to_5_36_validity() {
    let dg1 = dg1();
    let validity = |state: &State, believed: bool| {
        let mut state = state.clone();
        if !believed {
            state.store = chip::TrustStore::new();
        }
        let object = sod(&[(1, &dg1)], &state.signer, 22);
        let found = ask(&state, &object, &[&dg1], Revocation::WhereHeld);
        outcome(&found, CheckId::ChipValidity)
    };
    let valid = state();
    let expired = state_with(&p256(), &p256(), "UT", (20, 25));
    let early = state_with(&p256(), &p256(), "UT", (28, 30));
    assert_eq!(validity(&valid, true), Successful);
    assert_eq!(validity(&expired, true), Failed);
    assert_eq!(validity(&early, true), Failed);
    assert_eq!(validity(&valid, false), Undetermined);
    assert_eq!(validity(&expired, false), Failed);
}

/// A list of known defects of Utopia's document signer: each kind with its parameter, encoded.
fn defects(state: &State, known: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let known: Vec<u8> = known
        .iter()
        .flat_map(|(kind, parameter)| sequence(&[&oid(kind), parameter]))
        .collect();
    let signer = sequence(&[&state.signer.issuer, &integer(&[state.signer.serial])]);
    let entry = sequence(&[&signer, &encode(Tag::SET, &known)]);
    let hash = oid("2.16.840.1.101.3.4.2.1");
    let content = sequence(&[&[2, 1, 0], &hash, &encode(Tag::SET, &entry)]);
    let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "Defects"));
    let by: &Key = &state.country.key;
    let signer = certificate(Purpose::Lists, 9, names, &p256(), by, (20, 30));
    signed("0.4.0.127.0.7.3.1.5", &content, &signer, 23)
}

fn with_defects(state: &State, known: &[(&str, Vec<u8>)]) -> State {
    let mut state = state.clone();
    let list = defects(&state, known);
    let taken = state
        .store
        .add_bytes("", &list, Pinning::OperatorsWord, date(2026, 6, 1));
    assert_eq!(taken.unwrap().defect_lists, 1);
    state
}

fn enumerated(status: u8) -> Vec<u8> {
    encode(Tag(0x0A), &[status])
}

#[test]
fn table_5_37_revocation() {
    let state = state();
    let dg1 = dg1();
    let object = sod(&[(1, &dg1)], &state.signer, 22);
    let revocation = |state: &State, asked| {
        outcome(
            &ask(state, &object, &[&dg1], asked),
            CheckId::ChipRevocation,
        )
    };
    let (always, held) = (Revocation::Always, Revocation::WhereHeld);
    assert_eq!(revocation(&state, always), Undetermined);
    assert_eq!(revocation(&state, held), NotSupported);
    let with_list = |serial: u8, next: u8| {
        let key = &state.country.key;
        let entry = sequence(&[&encode(Tag::INTEGER, &[serial]), &new_year(23)]);
        let tbs = sequence(&[
            &[2, 1, 1],
            &key.identifier(),
            &name("UT", "CSCA Utopia"),
            &new_year(24),
            &new_year(next),
            &sequence(&[&entry]),
        ]);
        let list = sequence(&[&tbs, &key.identifier(), &bits(&key.sign(&tbs))]);
        let mut state = state.clone();
        let list = RevocationList::parse(&list).unwrap();
        state.store.add_revocation_list(list).unwrap();
        state
    };
    assert_eq!(revocation(&with_list(8, 30), always), Successful);
    assert_eq!(revocation(&with_list(7, 30), always), Failed);
    assert_eq!(revocation(&with_list(8, 25), always), Undetermined);
    // Table 5.54: what a defect list's status codes do.
    for (status, expected) in [
        (0, Failed),
        (1, Undetermined),
        (2, Failed),
        (3, Failed),
        (4, Failed),
        (5, Undetermined),
        (40, Undetermined),
    ] {
        let known = [("0.4.0.127.0.7.3.1.5.1.1", enumerated(status))];
        let state = with_defects(&state, &known);
        assert_eq!(revocation(&state, always), expected, "{status}");
    }
}

#[test]
fn tables_5_40_to_5_43_contents() {
    let state = state();
    let (dg1, dg2) = (dg1(), encode(Tag(0x75), &[1]));
    let object = sod(&[(1, &dg1), (2, &dg2)], &state.signer, 22);
    let found = |files: &[&[u8]]| ask(&state, &object, files, Revocation::WhereHeld);
    let common = |listed: &[FileId]| {
        let common = com(listed);
        outcome(&found(&[&common, &dg1, &dg2]), CheckId::ChipCommonData)
    };
    assert_eq!(common(&[FileId::Dg1, FileId::Dg2]), Successful);
    assert_eq!(common(&[FileId::Dg2, FileId::Dg1]), Successful);
    assert_eq!(common(&[FileId::Dg1]), Failed);
    assert_eq!(common(&[FileId::Dg1, FileId::Dg2, FileId::Dg3]), Failed);
    let hashes = |files: &[&[u8]]| outcome(&found(files), CheckId::ChipDataGroupHashes);
    assert_eq!(hashes(&[&dg1, &dg2]), Successful);
    assert_eq!(hashes(&[&dg1, &encode(Tag(0x75), &[2])]), Failed);
    // Neither file may be missing on a chip that is read (table 5.41).
    for missing in [FileId::Dg1, FileId::Dg2] {
        let mut card = Card::new(Fault::None).issued_by(&state);
        card.remove(missing);
        let checks = read(card, &state, &Card::key());
        assert_eq!(
            of(&checks, CheckId::ChipDataGroupHashes),
            Some(Undetermined)
        );
    }
    // Issuing state: by three letters and two.
    let country = |code: &str, zone: &str| {
        let state = state_with(&p256(), &p256(), code, (20, 30));
        let dg1 = dg1_of(zone);
        let object = sod(&[(1, &dg1)], &state.signer, 22);
        let found = ask(&state, &object, &[&dg1], Revocation::WhereHeld);
        outcome(&found, CheckId::ChipIssuingState)
    };
    let zone = |state: &str| {
        format!(
            "P<{state}ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
        )
    };
    assert_eq!(country("DE", &zone("D<<")), Successful);
    assert_eq!(country("NL", &zone("D<<")), Failed);
    assert_eq!(country("DE", &zone("QQQ")), Undetermined);
}

#[test]
fn section_5_8_2_defects_heal_and_condemn() {
    let state = state();
    let dg1 = dg1();
    let object = sod(&[(1, &dg1)], &state.signer, 22);
    let found = |state: &State, object: &[u8], files: &[&[u8]]| {
        ask(state, object, files, Revocation::WhereHeld)
    };
    // Validity written wrongly: NotSupported, for whom the status names.
    let expired = state_with(&p256(), &p256(), "UT", (20, 25));
    let late = sod(&[(1, &dg1)], &expired.signer, 22);
    for (status, expected) in [(0, Failed), (1, NotSupported), (2, NotSupported)] {
        let known = [("0.4.0.127.0.7.3.1.5.1.6", enumerated(status))];
        let healed = with_defects(&expired, &known);
        let answer = outcome(&found(&healed, &late, &[&dg1]), CheckId::ChipValidity);
        assert_eq!(answer, expected, "{status}");
    }
    // EF.COM that differs.
    let known = [("0.4.0.127.0.7.3.1.5.2.3", Vec::new())];
    let healed = with_defects(&state, &known);
    let common = com(&[FileId::Dg2]);
    let answer = outcome(
        &found(&healed, &object, &[&common, &dg1]),
        CheckId::ChipCommonData,
    );
    assert_eq!(answer, Successful);
    // Another country than its own.
    let known = [("0.4.0.127.0.7.3.1.5.2.5", encode(Tag(0x13), b"NL"))];
    let moved = with_defects(&state, &known);
    let answer = found(&moved, &object, &[&dg1]);
    assert_eq!(answer.country.as_deref(), Some("NL"));
    // A security object that names another signer.
    let content = chip::files::SecurityObject::parse(&object)
        .unwrap()
        .signed
        .content;
    let mut parts = MessageParts::new("2.23.136.1.1.1", &content, &state.signer, 22);
    parts.signer_id = sequence(&[&name("UT", "Elsewhere"), &[2, 1, 77]]);
    let wrong = encode(Tag(0x77), &parts.signed_by(&state.signer.key));
    let right = sequence(&[&state.signer.issuer, &integer(&[state.signer.serial])]);
    let entry = sequence(&[
        &parts.signer_id,
        &encode(
            Tag::SET,
            &sequence(&[&oid("0.4.0.127.0.7.3.1.5.2.4"), &right]),
        ),
    ]);
    let list = sequence(&[
        &[2, 1, 0],
        &oid("2.16.840.1.101.3.4.2.1"),
        &encode(Tag::SET, &entry),
    ]);
    let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "Defects"));
    let by = &state.country.key;
    let signer = certificate(Purpose::Lists, 9, names, &p256(), by, (20, 30));
    let list = signed("0.4.0.127.0.7.3.1.5", &list, &signer, 23);
    assert_eq!(
        outcome(&found(&state, &wrong, &[&dg1]), CheckId::ChipSignature),
        Undetermined
    );
    let mut healed = state.clone();
    let day = date(2026, 6, 1);
    healed
        .store
        .add_bytes("", &list, Pinning::OperatorsWord, day)
        .unwrap();
    assert_eq!(
        outcome(&found(&healed, &wrong, &[&dg1]), CheckId::ChipSignature),
        Successful
    );
    // A malformed certificate that another stands in for, signed by itself.
    let key = state.signer.key.clone();
    let own = name("UT", "DS 1");
    let stand_in = certificate(Purpose::Documents, 7, (&own, &own), &key, &key, (20, 30));
    let replaced = encode(Tag::OCTET_STRING, &stand_in.der);
    let known = [("0.4.0.127.0.7.3.1.5.1.2", replaced)];
    let healed = with_defects(&state, &known);
    let mut torn = state.signer.clone();
    torn.der.truncate(40);
    torn.der[1..4].copy_from_slice(&[0x81, 37, 5]);
    let object = sod(&[(1, &dg1)], &torn, 22);
    let answer = found(&healed, &object, &[&dg1]);
    assert_eq!(outcome(&answer, CheckId::ChipSignature), Successful);
    assert_eq!(outcome(&answer, CheckId::ChipChain), Successful);
}

#[test]
fn section_5_8_2_1_keys_in_others_hands_and_proofs_that_fail() {
    let state = state();
    let proof = |known: &[(&str, Vec<u8>)], holder| {
        let state = with_defects(&state, known);
        let card = Card::new(Fault::None)
            .with_chip_authentication(13, 2, holder)
            .issued_by(&state);
        let checks = read(card, &state, &Card::key());
        of(&checks, CheckId::ChipAuthentication)
    };
    let stolen = [("0.4.0.127.0.7.3.1.5.1.3", Vec::new())];
    assert_eq!(proof(&stolen, Holder::Genuine), Some(Failed));
    let fails = |status| [("0.4.0.127.0.7.3.1.5.1.5", enumerated(status))];
    assert_eq!(proof(&fails(0), Holder::Clone), Some(Undetermined));
    assert_eq!(proof(&fails(1), Holder::Clone), Some(Failed));
    assert_eq!(proof(&fails(0), Holder::Genuine), Some(Successful));
    let root = Certificate::parse(&state.country.der).unwrap();
    assert!(root.is_self_issued());
}
