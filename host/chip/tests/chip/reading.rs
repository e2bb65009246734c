//! Reading a whole chip, in process: lengths, far offsets, and chips that misbehave.

use crate::utopia::card::{Card, Fault};
use crate::utopia::channel::Spoil;
use crate::utopia::der::{integer, sequence};
use crate::utopia::faults::Says;
use crate::utopia::files::dg2;
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::read::{Access, Phase, Reader};
use chip::tlv::{Tag, encode};
use chip::transceiver::{Transceiver, TransceiverError};
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
    let chips = [
        Card::new(Fault::None),
        Card::new(Fault::None).with_pace(2, 2, 13),
    ];
    for (chip, mut card) in chips.into_iter().enumerate() {
        Reader::new(&mut card)
            .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        let undisturbed = card.commands;
        let opening = 14;
        for (each, is_read) in [(90, true), (60, true), (30, true), (9, false)] {
            card.reset();
            (card.commands, card.fault) = (0, Fault::Flickers(each));
            let dg2 = card.file(FileId::Dg2).to_vec();
            let mut reader = Reader::new(&mut card);
            let read = reader.read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on);
            match read {
                Ok(reading) => {
                    assert!(
                        is_read && reading.files[&FileId::Dg2] == dg2,
                        "{chip} {each}"
                    );
                    // Only the opening is done again: a file goes on from where it was.
                    let flickers = card.commands / each;
                    let most = undisturbed + flickers * opening;
                    assert!(
                        flickers > 0 && card.commands <= most,
                        "{} {most}",
                        card.commands
                    );
                }
                Err(error) => {
                    assert!(!is_read, "{chip} {each}");
                    let lost = ChipError::Transceiver(TransceiverError::CardLost);
                    assert_eq!(error, lost, "{chip} {each}");
                }
            }
        }
    }
}

/// A chip in whose place another lies after the first loss.
struct Exchanged {
    first: Card,
    second: Card,
    is_exchanged: bool,
}

impl Transceiver for Exchanged {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        match self.is_exchanged {
            false => self.first.transmit(command),
            true => self.second.transmit(command),
        }
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        self.is_exchanged = true;
        Ok(())
    }
}

#[test]
fn no_file_is_made_of_two_chips() {
    let second_face = dg2(&[&b"\xFF\xD8\xFF\xE0"[..], &[0x77; 30_000]].concat());
    let mut chips = Exchanged {
        first: Card::new(Fault::Flickers(60)),
        second: Card::new(Fault::None),
        is_exchanged: false,
    };
    chips.second.put(FileId::Dg2, second_face.clone());
    let reading = Reader::new(&mut chips)
        .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
        .unwrap();
    assert!(reading.files[&FileId::Dg2] == second_face);
    // One that offers other ways in is not the chip that it was.
    let mut chips = Exchanged {
        first: Card::new(Fault::Flickers(60)).with_pace(2, 2, 13),
        second: Card::new(Fault::None).with_pace(2, 4, 13),
        is_exchanged: false,
    };
    let read =
        Reader::new(&mut chips).read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on);
    let lost = ChipError::Transceiver(TransceiverError::CardLost);
    assert_eq!(read.unwrap_err(), lost);
}

#[test]
fn a_dropped_session_is_begun_again_and_a_file_that_drops_it_is_left_out() {
    for word in [0x6982, 0x6985, 0x6987, 0x6988] {
        for at in [9, 40, 100, 150] {
            let mut card = Card::new(Fault::Drops(at, word)).with_pace(2, 2, 13);
            let dg2 = card.file(FileId::Dg2).to_vec();
            let reading = Reader::new(&mut card)
                .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
                .unwrap();
            assert!(reading.files[&FileId::Dg2] == dg2, "{word:04X} at {at}");
            assert!(
                reading.files.contains_key(&FileId::Dg1),
                "{word:04X} at {at}"
            );
        }
    }
    for file in [FileId::Com, FileId::Dg1, FileId::Dg2] {
        let mut card = Card::new(Fault::DropsFor(file));
        let reading = Reader::new(&mut card)
            .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        let faulty: Vec<FileId> = reading.faults.iter().map(|(id, _)| *id).collect();
        assert!(faulty.contains(&file), "{file}: {faulty:?}");
        let others = [FileId::Com, FileId::Dg1, FileId::Dg2];
        for other in others.into_iter().filter(|o| *o != file) {
            assert!(reading.files.contains_key(&other), "{file}: {other}");
        }
    }
}

#[test]
fn other_peoples_chips_refuse_in_other_words() {
    let read = |mut card: Card| {
        Reader::new(&mut card)
            .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap()
    };
    // An older chip has no EF.CardAccess, and chips differ in how they say so; nor is it a downgrade.
    for word in [
        0x6A82, 0x6982, 0x6985, 0x6986, 0x6A80, 0x6A81, 0x6A86, 0x6A88, 0x6900, 0x6D00, 0x6E00,
        0x6F00,
    ] {
        let first = |instruction, first| {
            Fault::Says(Says {
                instruction,
                first: Some(first),
                nth: 1,
                word,
            })
        };
        for fault in [first(0xA4, 0x00), first(0xA4, 0x02)] {
            let reading = read(Card::new(fault));
            assert_eq!(reading.access, Access::Bac, "{word:04X}");
            assert_eq!(reading.files.len(), 3, "{word:04X}");
        }
    }
    // The application by the form that asks for an answer, before and under PACE.
    for card in [
        Card::new(Fault::AnswersSelect),
        Card::new(Fault::AnswersSelect).with_pace(2, 2, 13),
    ] {
        assert!(read(card).files.contains_key(&FileId::Dg2));
    }
}

/// Passes everything on, and measures the answers.
struct Measured {
    card: Card,
    longest: usize,
}

impl Transceiver for Measured {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        let answer = self.card.transmit(command)?;
        self.longest = self.longest.max(answer.len());
        Ok(answer)
    }
}

#[test]
fn no_answer_is_asked_for_that_does_not_fit_a_short_one() {
    // Files of more than 32 kB, whose far part comes in objects, under each cipher.
    for (mapping, cipher, parameter) in [(2, 1, 13), (2, 2, 13), (2, 3, 15), (2, 4, 17)] {
        let mut chip = Measured {
            card: Card::new(Fault::None).with_pace(mapping, cipher, parameter),
            longest: 0,
        };
        let dg2 = chip.card.file(FileId::Dg2).to_vec();
        let reading = Reader::new(&mut chip)
            .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        assert!(reading.files[&FileId::Dg2] == dg2);
        assert!(chip.longest <= 258, "{cipher}: {}", chip.longest);
        assert!(chip.longest > 230, "{cipher}: {}", chip.longest);
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
    // A mapping that the standard does not have yet; and a file that cannot be read.
    let protocol = encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 4, 9, 2]);
    let unknown = sequence(&[&protocol, &integer(&[2]), &integer(&[0])]);
    for (offers, is_readable) in [(unknown, true), (vec![0x30, 5, 6], false)] {
        let mut card = Card::new(Fault::None);
        card.put(FileId::CardAccess, encode(Tag::SET, &offers));
        let reading = Reader::new(&mut card)
            .read(&Card::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        assert!(
            matches!(reading.access, Access::Downgraded(_)),
            "{:?}",
            reading.access
        );
        let is_fault = reading
            .faults
            .iter()
            .any(|(id, _)| *id == FileId::CardAccess);
        assert_eq!(is_fault, !is_readable);
    }
}
