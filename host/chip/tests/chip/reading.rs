//! Reading a whole chip, in process: lengths, far offsets, and chips that misbehave.

use crate::utopia::card::{Card, Fault};
use crate::utopia::channel::Spoil;
use crate::utopia::der::{integer, sequence};
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::read::{Access, Phase, Reader};
use chip::tlv::{Tag, encode};
use chip::transceiver::TransceiverError;
use chip::{AccessKey, ChipError};
use std::ops::ControlFlow;

const WANTED: [FileId; 3] = [FileId::Dg1, FileId::Dg2, FileId::Dg14];

fn go_on(_: Phase) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_chip_is_read_whole_whatever_lengths_it_takes() {
    for fault in [
        Fault::None,
        Fault::Longest(4000),
        Fault::Longest(200),
        Fault::Longest(100),
        Fault::Instead(90),
        Fault::Short(7),
        Fault::Strict(0x6700),
        Fault::Strict(0x6B00),
        Fault::Strict(0x6282),
    ] {
        let mut card = Card::new(fault);
        let on_chip =
            [FileId::Com, FileId::Dg1, FileId::Dg2].map(|id| (id, card.file(id).to_vec()));
        let mut reader = Reader::new(&mut card);
        let reading = reader
            .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        assert_eq!(reading.access, Access::Bac, "{fault:?}");
        for (id, bytes) in on_chip {
            assert!(reading.files[&id] == bytes, "{fault:?} {id}");
        }
        // The security object is not there, and that is said of it alone.
        let faulty: Vec<FileId> = reading.faults.iter().map(|(id, _)| *id).collect();
        assert_eq!(faulty, [FileId::Sod, FileId::Dg14], "{fault:?}");
        println!("{fault:?}: {} commands", reader.session().commands());
    }
}

#[test]
fn a_chip_that_goes_away_at_any_command_is_said_to_be_gone() {
    let mut whole = Card::new(Fault::None);
    Reader::new(&mut whole)
        .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
        .unwrap();
    for at in (1..=whole.commands).step_by(9) {
        let mut card = Card::new(Fault::Gone(at));
        let read =
            Reader::new(&mut card).read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on);
        assert_eq!(
            read.unwrap_err(),
            ChipError::Transceiver(TransceiverError::CardLost),
            "at {at}"
        );
    }
}

#[test]
fn a_chip_that_flickers_is_opened_again_and_read_on() {
    for (each, is_read) in [(90, true), (60, false)] {
        let mut card = Card::new(Fault::Flickers(each));
        let dg2 = card.file(FileId::Dg2).to_vec();
        let mut reader = Reader::new(&mut card);
        let read = reader.read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on);
        match read {
            Ok(reading) => assert!(is_read && reading.files[&FileId::Dg2] == dg2, "{each}"),
            Err(error) => {
                assert!(!is_read, "{each}");
                let lost = ChipError::Transceiver(TransceiverError::CardLost);
                assert_eq!(error, lost, "{each}");
            }
        }
    }
}

#[test]
fn whoever_disturbs_a_session_gets_no_weaker_one() {
    // PACE opens; the session breaks; PACE is refused the second time, and BAC would open.
    let mut card = Card::new(Fault::DisturbsPace(12)).with_pace(2, 2, 13);
    let read =
        Reader::new(&mut card).read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on);
    let lost = ChipError::Transceiver(TransceiverError::CardLost);
    assert_eq!(read.unwrap_err(), lost);
}

#[test]
fn endless_unprotected_and_lying_chips_are_broken_off() {
    for fault in [Fault::Endless, Fault::Spoils(Spoil::NoChecksum)] {
        let mut card = Card::new(fault);
        let read =
            Reader::new(&mut card).read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on);
        match fault {
            Fault::Spoils(_) => assert!(
                matches!(read, Err(ChipError::SecureMessaging { .. })),
                "{read:?}"
            ),
            // Each file is its own fault: nothing was read, and it came to an end.
            _ => assert_eq!(read.unwrap().files.len(), 0),
        }
    }
    // A file that announces two gigabytes, and one that ends early.
    for (bytes, why) in [
        (
            vec![0x61, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 1],
            "longer than any",
        ),
        (vec![0x61, 0x20, 1, 2, 3], "ends before"),
    ] {
        let mut card = Card::new(Fault::None);
        card.put(FileId::Dg1, bytes);
        let reading = Reader::new(&mut card)
            .read(
                &Card::key(),
                &[FileId::Dg1],
                &mut SystemRandomness,
                &mut go_on,
            )
            .unwrap();
        let (_, fault) = reading
            .faults
            .iter()
            .find(|(id, _)| *id == FileId::Dg1)
            .unwrap();
        assert!(fault.to_string().contains(why), "{fault}");
    }
}

#[test]
fn another_documents_zone_does_not_open_it_and_the_officer_can_call_it_off() {
    let mut card = Card::new(Fault::None);
    let other = AccessKey::from_zone("L898902C", "690806", "940624").unwrap();
    let read = Reader::new(&mut card).read(&other, &WANTED, &mut SystemRandomness, &mut go_on);
    assert_eq!(read.unwrap_err(), ChipError::WrongKey);

    let mut card = Card::new(Fault::None);
    let mut far = 0;
    let mut stop = |phase: Phase| match phase {
        Phase::File(FileId::Dg2, done, Some(_)) if done > 1000 => {
            far = done;
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    };
    let read = Reader::new(&mut card).read(&Card::key(), &WANTED, &mut SystemRandomness, &mut stop);
    assert_eq!(read.unwrap_err(), ChipError::CalledOff);
    assert!(far < 1500, "{far}");
}

#[test]
fn a_way_in_that_is_not_known_is_recorded_as_a_downgrade() {
    let mut card = Card::new(Fault::None);
    // A mapping that the standard does not have yet.
    let protocol = encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 4, 9, 2]);
    let info = sequence(&[&protocol, &integer(&[2]), &integer(&[0])]);
    card.put(FileId::CardAccess, encode(Tag::SET, &info));
    let reading = Reader::new(&mut card)
        .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
        .unwrap();
    assert!(
        matches!(reading.access, Access::Downgraded(_)),
        "{:?}",
        reading.access
    );
}
