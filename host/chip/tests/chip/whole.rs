//! Whole chips of Utopia from first contact to judgement: every way in, every proof, clones and forgeries.

use crate::utopia::card::{Card, Fault, Holder};
use crate::utopia::files::{com, dg1_of};
use crate::utopia::issuer::{State, signed, sod, state, state_with};
use crate::utopia::keys::p256;
use chip::examine::{Examined, Request, USEFUL, examine};
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::read::{Access, Phase, Reader};
use chip::tlv::{Tag, encode};
use chip::transceiver::{Transceiver, TransceiverError};
use chip::trust::Certificate;
use chip::{AccessKey, ChipError, Policy, TrustStore};
use jiff::civil::date;
use rules::mrz::Zone;
use rules::{CheckId, Outcome};
use std::ops::ControlFlow;

const ZONE: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

fn try_with(
    card: &mut dyn Transceiver,
    store: &TrustStore,
    key: &AccessKey,
) -> Result<Examined, ChipError> {
    let printed = Zone::from_lines(&ZONE).unwrap();
    let request = Request {
        key,
        wanted: &USEFUL,
        printed: Some(&printed),
        store,
        at: date(2026, 6, 1),
        policy: &Policy::default(),
    };
    let mut go_on = |_: Phase| ControlFlow::Continue(());
    let mut reader = Reader::new(card);
    examine(&mut reader, &request, &mut SystemRandomness, &mut go_on)
}

fn with(mut card: Card, state: &State) -> Examined {
    try_with(&mut card, &state.store, &Card::key()).unwrap()
}

fn outcome(examined: &Examined, check: CheckId) -> Option<Outcome> {
    let found = examined.judged.checks.iter().find(|c| c.check == check);
    found.map(|c| c.outcome)
}

#[test]
fn every_way_in_and_every_proof_lead_to_a_document_that_is_believed() {
    let state = state();
    // Mapping, cipher and parameter of PACE (none: BAC); parameter and cipher of chip authentication.
    for (pace, agreement) in [
        (None, (13, 1)),
        (None, (12, 2)),
        (None, (0, 1)),
        (None, (1, 3)),
        (Some((2, 1, 13)), (13, 4)),
        (Some((2, 4, 18)), (17, 2)),
        (Some((1, 2, 0)), (2, 4)),
        (Some((1, 3, 2)), (13, 2)),
        (Some((6, 2, 13)), (13, 2)),
        (Some((6, 4, 16)), (16, 4)),
    ] {
        let mut card = Card::new(Fault::None);
        if let Some((mapping, cipher, parameter)) = pace {
            card = card.with_pace(mapping, cipher, parameter);
        }
        let card = card
            .with_chip_authentication(agreement.0, agreement.1, Holder::Genuine)
            .issued_by(&state);
        let examined = with(card, &state);
        let label = format!("{pace:?} {agreement:?}: {:#?}", examined.judged.checks);
        assert_eq!(examined.judged.outcome(), Outcome::Successful, "{label}");
        assert_eq!(
            matches!(examined.access, Access::Pace(_)),
            pace.is_some(),
            "{label}"
        );
        for check in [
            CheckId::ChipAccess,
            CheckId::ChipAuthentication,
            CheckId::ChipAuthenticity,
            CheckId::ChipZoneAgrees,
            CheckId::ChipDataGroupHashes,
            CheckId::ChipCommonData,
            CheckId::ChipConformance,
        ] {
            assert_eq!(
                outcome(&examined, check),
                Some(Outcome::Successful),
                "{check:?} {label}"
            );
        }
        println!("{pace:?} {agreement:?}: {} commands", examined.commands);
    }
}

#[test]
fn a_key_may_have_the_reference_nought() {
    let state = state();
    let card = Card::new(Fault::None)
        .with_chip_authentication_key(13, 2, Holder::Genuine, Some(0))
        .issued_by(&state);
    let examined = with(card, &state);
    assert_eq!(
        outcome(&examined, CheckId::ChipAuthentication),
        Some(Outcome::Successful)
    );
}

#[test]
fn a_clone_without_the_keys_is_told_by_each_proof() {
    let state = state();
    let card = |agreement, active| {
        Card::new(Fault::None)
            .with_chip_authentication(13, 2, agreement)
            .with_active_authentication(active)
            .issued_by(&state)
    };
    let (genuine, clone) = (Holder::Genuine, Holder::Clone);
    let (agreed, signed) = (
        CheckId::ChipAuthentication,
        CheckId::ChipActiveAuthentication,
    );
    // A proof that succeeds suffices; one that fails is not made good by another.
    let examined = with(card(clone, genuine), &state);
    assert_eq!(outcome(&examined, agreed), Some(Outcome::Failed));
    assert_eq!(outcome(&examined, signed), None);
    assert_eq!(
        outcome(&examined, CheckId::ChipAuthenticity),
        Some(Outcome::Failed)
    );
    let examined = with(card(genuine, clone), &state);
    assert_eq!(outcome(&examined, agreed), Some(Outcome::Successful));
    assert_eq!(outcome(&examined, signed), None);
    let alone = |holder| {
        Card::new(Fault::None)
            .with_active_authentication(holder)
            .issued_by(&state)
    };
    for (holder, expected) in [(genuine, Outcome::Successful), (clone, Outcome::Failed)] {
        let examined = with(alone(holder), &state);
        assert_eq!(outcome(&examined, signed), Some(expected));
        assert_eq!(outcome(&examined, agreed), Some(Outcome::NotSupported));
        assert_eq!(
            outcome(&examined, CheckId::ChipAuthenticity),
            Some(expected)
        );
    }
    let mapped = Card::new(Fault::None)
        .with_pace(6, 2, 13)
        .with_chip_authentication(13, 2, clone)
        .issued_by(&state);
    let examined = with(mapped, &state);
    assert_eq!(
        outcome(&examined, CheckId::ChipAuthentication),
        Some(Outcome::Failed)
    );
}

/// A chip in the field that is lost at this command; from then on it, or another in its place.
struct Swapped {
    chips: Vec<Card>,
    at: usize,
    commands: usize,
}

impl Swapped {
    fn there(&mut self) -> &mut Card {
        let place = usize::from(self.commands >= self.at).min(self.chips.len() - 1);
        &mut self.chips[place]
    }
}

impl Transceiver for Swapped {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        self.commands += 1;
        if self.commands == self.at {
            return Err(TransceiverError::CardLost);
        }
        self.there().transmit(command)
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        Card::reset(self.there());
        Ok(())
    }
}

#[test]
fn the_proof_of_one_session_says_nothing_of_what_another_reads() {
    let state = state();
    let card = |holder| {
        Card::new(Fault::None)
            .with_pace(6, 2, 13)
            .with_chip_authentication(13, 2, holder)
            .issued_by(&state)
    };
    // The first proves itself within PACE, and is lost while the second data group is read.
    for (then, expected) in [
        (None, Outcome::Successful),
        (Some(Holder::Clone), Outcome::Failed),
        // Of another document: with a key of its own, which is not the one whose files were read.
        (Some(Holder::Genuine), Outcome::Failed),
    ] {
        let mut field = Swapped {
            chips: std::iter::once(Holder::Genuine)
                .chain(then)
                .map(card)
                .collect(),
            at: 60,
            commands: 0,
        };
        let examined = try_with(&mut field, &state.store, &Card::key()).unwrap();
        for check in [CheckId::ChipAuthentication, CheckId::ChipAuthenticity] {
            assert_eq!(outcome(&examined, check), Some(expected), "{then:?}");
        }
    }
}

#[test]
fn who_signed_the_mapping_key_decides_what_its_proof_is_worth() {
    let ours = state();
    let card = |by: &State| {
        Card::new(Fault::None)
            .with_pace(6, 2, 13)
            .with_chip_authentication(13, 2, Holder::Genuine)
            .issued_by(by)
    };
    // An unknown state's chip, and one whose EF.CardSecurity only is a stranger's.
    let stranger = state();
    let examined = with(card(&stranger), &ours);
    let answer = outcome(&examined, CheckId::ChipAuthentication);
    assert_eq!(answer, Some(Outcome::Undetermined));
    let mut mixed = card(&ours);
    let mut forged = mixed.file(FileId::CardSecurity).to_vec();
    *forged.last_mut().unwrap() ^= 1;
    mixed.put(FileId::CardSecurity, forged);
    let examined = with(mixed, &ours);
    let answer = outcome(&examined, CheckId::ChipAuthentication);
    assert_eq!(answer, Some(Outcome::Failed));
    // Of another state that is believed too: its word says nothing of Utopia's documents.
    for (code, expected) in [("NL", Outcome::Failed), ("UT", Outcome::Successful)] {
        let other = state_with(&p256(), &p256(), code, (20, 30));
        let mut both = ours.clone();
        both.store
            .add_certificate(Certificate::parse(&other.country.der).unwrap());
        let mut foreign = card(&both);
        let infos = encode(Tag::SET, &foreign.infos.concat());
        let file = signed("0.4.0.127.0.7.3.2.1", &infos, &other.signer, 22);
        foreign.put(FileId::CardSecurity, file);
        let examined = with(foreign, &both);
        for check in [CheckId::ChipAuthentication, CheckId::ChipAuthenticity] {
            assert_eq!(outcome(&examined, check), Some(expected), "{code}");
        }
    }
}

#[test]
fn another_zone_and_a_swapped_face_are_evidence() {
    let state = state();
    let mut card = Card::new(Fault::None).issued_by(&state);
    card.put(FileId::Dg2, encode(FileId::Dg2.tag(), b"another face"));
    let examined = with(card, &state);
    let answer = outcome(&examined, CheckId::ChipDataGroupHashes);
    assert_eq!(answer, Some(Outcome::Failed));
    assert!(examined.judged.portrait.is_none());

    let mut card = Card::new(Fault::None);
    let other =
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7508121F1204159ZE184226B<<<<<16";
    card.put(FileId::Dg1, dg1_of(other));
    let examined = with(card.issued_by(&state), &state);
    let answer = outcome(&examined, CheckId::ChipZoneAgrees);
    assert_eq!(answer, Some(Outcome::Failed));
    assert_eq!(
        outcome(&examined, CheckId::ChipDataGroupHashes),
        Some(Outcome::Successful)
    );
}

#[test]
fn a_downgrade_is_recorded_and_a_hidden_way_in_is_evidence() {
    let state = state();
    // PACE breaks off half way, and BAC opens.
    let mut card = Card::new(Fault::None).with_pace(2, 2, 13).issued_by(&state);
    card.fault = Fault::PaceBroken(0x6A80);
    let examined = with(card, &state);
    assert!(matches!(examined.access, Access::Downgraded(_)));
    let answer = outcome(&examined, CheckId::ChipAccess);
    assert_eq!(answer, Some(Outcome::Successful));
    assert_eq!(outcome(&examined, CheckId::ChipPace), Some(Outcome::Failed));
    assert_eq!(
        outcome(&examined, CheckId::ChipBac),
        Some(Outcome::Successful)
    );
    // The issuer signed that the chip does PACE; what the chip says now does not.
    let mut card = Card::new(Fault::None).with_pace(2, 2, 13).issued_by(&state);
    card.put(FileId::CardAccess, encode(Tag::SET, &[]));
    let examined = with(card, &state);
    let answer = outcome(&examined, CheckId::ChipAccess);
    assert_eq!(answer, Some(Outcome::Failed));
}

#[test]
fn the_access_number_opens_by_pace_and_not_by_bac() {
    let state = state();
    let mut card = Card::new(Fault::None).with_pace(2, 2, 13).issued_by(&state);
    let examined = try_with(&mut card, &state.store, &Card::can()).unwrap();
    assert_eq!(examined.judged.outcome(), Outcome::Successful);
    let mut old = Card::new(Fault::None).issued_by(&state);
    let refused = try_with(&mut old, &state.store, &Card::can());
    assert!(matches!(refused, Err(ChipError::NoZoneKey)), "{refused:?}");
}

#[test]
fn keys_that_nobody_signed_are_not_asked_for() {
    let state = state();
    let mut card = Card::new(Fault::None)
        .with_chip_authentication(13, 2, Holder::Genuine)
        .issued_by(&state);
    // The security object does not know this DG14.
    let dg1 = card.file(FileId::Dg1).to_vec();
    card.put(FileId::Sod, sod(&[(1, &dg1)], &state.signer, 22));
    let examined = with(card, &state);
    assert_eq!(
        outcome(&examined, CheckId::ChipAuthentication),
        Some(Outcome::Undetermined)
    );
    let answer = outcome(&examined, CheckId::ChipDataGroupHashes);
    assert_eq!(answer, Some(Outcome::Failed));
}

#[test]
fn a_copy_without_the_files_that_prove_it_is_not_taken_for_an_older_chip() {
    let state = state();
    let files = [FileId::Dg14, FileId::Dg15];
    let mut card = Card::new(Fault::None)
        .with_chip_authentication(13, 2, Holder::Genuine)
        .with_active_authentication(Holder::Genuine)
        .issued_by(&state);
    for file in files {
        card.remove(file);
    }
    // EF.COM is not signed: the copy's says nothing of them.
    card.put(FileId::Com, com(&[FileId::Dg1, FileId::Dg2]));
    let examined = with(card, &state);
    for check in [
        CheckId::ChipAuthentication,
        CheckId::ChipActiveAuthentication,
        CheckId::ChipAuthenticity,
    ] {
        assert_eq!(outcome(&examined, check), Some(Outcome::Undetermined));
    }
    let listed = outcome(&examined, CheckId::ChipCommonData);
    assert_eq!(listed, Some(Outcome::Failed));
}
