//! The chip at the post: `mpaka chip verify`, and an inspection with the files of a chip read elsewhere.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../../tests/src/utopia/chip/mod.rs"]
#[allow(dead_code, unreachable_pub)] // Each of its readers uses a part.
mod utopia;

use chip::Files;
use chip::read::Phase;
use chip::transceiver::{Transceiver, TransceiverError};
use chip::{AccessKey, TrustStore};
use firmware::Part;
use firmware::board::bench::BenchBoard;
use firmware::nfc::NfcFault;
use jiff::civil::date;
use page::Picture;
use post::devices::{
    ChipReader, FrontEnd, Hardware, NfcReader, OWN_FRONT_END, ReaderError, chip_reader,
};
use post::inspection::{Equipment, Evidence, Inspection, Moment, Progress, inspect};
use rules::encounter::Path as EncounterPath;
use rules::{Advice, Check, CheckGroup, CheckId, Outcome, Policy, ReasonCode};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Condvar, Mutex};
use utopia::card::{Card, Fault, Holder};
use utopia::files::{dg1, dg1_of, dg2};
use utopia::issuer::{State, sod, state};

fn verify(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mpaka"))
        .args(["--json", "chip", "verify"])
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn object(output: &Output) -> serde_json::Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// A folder with a document and the certificate of who issued it.
fn document() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = state();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("csca.cer", &state.country.der);
    write("dg1.bin", &dg1());
    write("other.bin", &dg2(b"not a picture"));
    write("sod.bin", &sod(&[(1, &dg1())], &state.signer, 22));
    (folder, state)
}

#[test]
fn a_security_object_is_verified_however_its_paths_are_ordered() {
    let (folder, _) = document();
    for words in [
        &[
            "--trust",
            "csca.cer",
            "--at",
            "2026-06-01",
            "sod.bin",
            "dg1.bin",
        ][..],
        &[
            "--at",
            "2026-06-01",
            "--trust",
            "csca.cer",
            "sod.bin",
            "dg1.bin",
        ],
        &[
            "--at",
            "2026-06-01",
            "sod.bin",
            "dg1.bin",
            "--trust",
            "csca.cer",
        ],
        &[
            "--at",
            "2026-06-01",
            "dg1.bin",
            "sod.bin",
            "--trust=csca.cer",
        ],
    ] {
        let answer = object(&verify(words, folder.path()));
        assert_eq!(answer["outcome"], "Successful", "{words:?}: {answer}");
        assert_eq!(answer["country"], "UT");
        assert_eq!(answer["sod"], "sod.bin");
        assert_eq!(answer["algorithm"], "P-256, ECDSA with SHA-256");
        assert!(answer["signer"].as_str().unwrap().contains("DS 1"));
    }
    let at = ["--at", "2026-06-01", "--trust", "csca.cer", "sod.bin"];
    let swapped = object(&verify(&[&at[..], &["other.bin"]].concat(), folder.path()));
    assert_eq!(swapped["outcome"], "Failed");
    // Expired on this day: an answer all the same.
    let late = ["--at", "2036-06-01", "--trust", "csca.cer", "sod.bin"];
    assert_eq!(object(&verify(&late, folder.path()))["outcome"], "Failed");
}

#[test]
fn what_cannot_be_asked_has_its_exit_code() {
    let (folder, _) = document();
    for (words, code) in [
        (&[][..], 2),
        (&["sod.bin"], 2),
        (&["--trust", "csca.cer"], 2),
        (
            &["--trust", "absent.cer", "--at", "2026-06-01", "sod.bin"],
            3,
        ),
        (&["--trust", "dg1.bin", "--at", "2026-06-01", "sod.bin"], 3),
        (
            &["--trust", "csca.cer", "--at", "2026-06-01", "absent.bin"],
            3,
        ),
    ] {
        let output = verify(words, folder.path());
        assert_eq!(output.status.code(), Some(code), "{words:?}: {output:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

fn inspection(state: &State, files: &[(&str, &[u8])]) -> Inspection {
    let mut chip = Files::default();
    for (name, bytes) in files {
        chip.add((*name).to_owned(), bytes.to_vec());
    }
    let picture = Picture::from_rgb(image::RgbImage::new(40, 30));
    let evidence = Evidence {
        page: picture.clone(),
        lamps: page::Lamps::default(),
        live: picture,
        chip: Some(chip),
        access_number: None,
    };
    let absent = || "not in this test".to_owned();
    let equipment = Equipment::new(Err(absent()), Err(absent()), None, Policy::default())
        .with_trust(state.store.clone());
    let moment = Moment {
        now: jiff::Timestamp::UNIX_EPOCH,
        today: date(2026, 6, 1),
    };
    inspect(evidence, &equipment, moment, &())
}

fn outcome(inspection: &Inspection, check: CheckId) -> Outcome {
    let found = inspection.checks.iter().find(|c| c.check == check);
    found
        .unwrap_or_else(|| panic!("{check:?}: {:#?}", inspection.checks))
        .outcome
}

#[test]
fn an_inspection_with_a_chips_files_shows_its_portrait_and_refers_a_swapped_one() {
    let state = state();
    let portrait = |shade: u8| {
        let picture = image::RgbImage::from_pixel(48, 64, image::Rgb([shade; 3]));
        dg2(&Picture::from_rgb(picture).to_jpeg(90).unwrap())
    };
    let (dg1, true_face, other_face) = (dg1(), portrait(200), portrait(90));
    let object = sod(&[(1, &dg1), (2, &true_face)], &state.signer, 22);

    let good = inspection(&state, &[("a", &dg1), ("b", &true_face), ("c", &object)]);
    for check in [
        CheckId::ChipSignature,
        CheckId::ChipChain,
        CheckId::ChipDataGroupHashes,
        CheckId::ChipIssuingState,
    ] {
        assert_eq!(outcome(&good, check), Outcome::Successful, "{check:?}");
    }
    // No zone was read from this page.
    assert_eq!(
        outcome(&good, CheckId::ChipZoneAgrees),
        Outcome::NotSupported
    );
    assert!(good.pictures.chip.is_some());

    let swapped = inspection(&state, &[("a", &dg1), ("b", &other_face), ("c", &object)]);
    assert_eq!(
        outcome(&swapped, CheckId::ChipDataGroupHashes),
        Outcome::Failed
    );
    assert_eq!(swapped.advised.advice, Advice::Refer);
    assert_eq!(swapped.advised.reasons[0].code, ReasonCode::ChipContradicts);
    assert!(swapped.pictures.chip.is_none(), "nobody signed that face");

    // Without its security object a chip proves nothing and is no evidence against anybody.
    let bare = inspection(&state, &[("a", &dg1), ("b", &true_face)]);
    assert_eq!(
        outcome(&bare, CheckId::ChipSecurityObject),
        Outcome::Undetermined
    );
    assert!(bare.pictures.chip.is_none());
}

#[test]
fn where_the_page_is_not_read_the_chip_says_who_the_traveller_is() {
    let state = state();
    let of = |line: &str| {
        let zone = format!("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<{line}");
        inspection(&state, &[("a", &dg1_of(&zone))])
    };
    let grown = of("L898902C36UTO7408122F1204159ZE184226B<<<<<10");
    assert!(grown.zone.is_none());
    let fields = grown.fields.as_ref().unwrap();
    assert_eq!(fields.document_number, "L898902C3");
    assert_eq!(grown.circumstances.path, EncounterPath::Ordinary);
    // A refugee's record goes the way of protection, whatever the page's picture was worth.
    let refugee = of("L898902C36XXB7408122F1204159ZE184226B<<<<<10");
    assert_eq!(refugee.circumstances.path, EncounterPath::Protection);
    // Of a child's face no score is formed.
    let child = of("L898902C36UTO2401014F1204159ZE184226B<<<<<10");
    assert_eq!(
        outcome(&child, CheckId::FaceMatch),
        Outcome::NotSupported,
        "{:#?}",
        child.checks
    );
}

/// A reader with a chip in its field, or none; the chip stays there.
struct Field(Mutex<Option<Card>>);

/// The chip for as long as somebody speaks to it.
struct InField(Card);

impl Transceiver for InField {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        self.0.transmit(command)
    }
}

impl ChipReader for Field {
    fn connect(&self) -> Result<Box<dyn Transceiver>, ReaderError> {
        let card = self.0.lock().unwrap().take();
        card.map(|card| Box::new(InField(card)) as Box<dyn Transceiver>)
            .ok_or(ReaderError::NoChip)
    }
}

/// Remembers how far the chip was, and may call it off.
#[derive(Default)]
struct Watcher {
    phases: Mutex<Vec<Phase>>,
    called_off_after: Option<usize>,
}

impl Progress for Watcher {
    fn answered(&self, _: CheckGroup, _: &[Check]) {}

    fn chip(&self, phase: Phase) {
        self.phases.lock().unwrap().push(phase);
    }

    fn is_called_off(&self) -> bool {
        let seen = self.phases.lock().unwrap().len();
        self.called_off_after.is_some_and(|most| seen > most)
    }
}

fn in_field(
    card: Option<Card>,
    number: Option<AccessKey>,
    store: &TrustStore,
    watcher: &Watcher,
) -> Inspection {
    let picture = Picture::from_rgb(image::RgbImage::new(40, 30));
    let evidence = Evidence {
        page: picture.clone(),
        lamps: page::Lamps::default(),
        live: picture,
        chip: None,
        access_number: number,
    };
    let absent = || "not in this test".to_owned();
    let equipment = Equipment::new(Err(absent()), Err(absent()), None, Policy::default())
        .with_trust(store.clone())
        .with_chip_reader(Arc::new(Field(Mutex::new(card))));
    let moment = Moment {
        now: jiff::Timestamp::UNIX_EPOCH,
        today: date(2026, 6, 1),
    };
    inspect(evidence, &equipment, moment, watcher)
}

#[test]
fn an_inspection_reads_the_chip_in_the_field_and_tells_how_far_it_is() {
    let state = state();
    let face = image::RgbImage::from_pixel(48, 64, image::Rgb([200; 3]));
    let face = dg2(&Picture::from_rgb(face).to_jpeg(90).unwrap());
    let card = |holder| {
        let mut card = Card::new(Fault::None)
            .with_pace(2, 2, 13)
            .with_chip_authentication(13, 2, holder);
        card.put(chip::files::FileId::Dg2, face.clone());
        card.issued_by(&state)
    };
    let number = || Some(Card::can());
    let watcher = Watcher::default();
    let read = in_field(
        Some(card(Holder::Genuine)),
        number(),
        &state.store,
        &watcher,
    );
    for check in [
        CheckId::ChipAccess,
        CheckId::ChipSignature,
        CheckId::ChipChain,
        CheckId::ChipDataGroupHashes,
        CheckId::ChipAuthenticity,
    ] {
        assert_eq!(outcome(&read, check), Outcome::Successful, "{check:?}");
    }
    assert_eq!(
        outcome(&read, CheckId::ChipZoneAgrees),
        Outcome::NotSupported
    );
    assert!(read.pictures.chip.is_some());
    let phases = watcher.phases.into_inner().unwrap();
    assert_eq!(phases.first(), Some(&Phase::Access));
    assert!(phases.len() > 5, "{phases:?}");

    let clone = in_field(
        Some(card(Holder::Clone)),
        number(),
        &state.store,
        &Watcher::default(),
    );
    assert_eq!(outcome(&clone, CheckId::ChipAuthenticity), Outcome::Failed);
    assert_eq!(clone.advised.advice, Advice::Refer);

    // The officer calls it off; nothing lies there; the zone was not read and no number was typed.
    let impatient = Watcher {
        called_off_after: Some(3),
        ..Watcher::default()
    };
    let off = in_field(
        Some(card(Holder::Genuine)),
        number(),
        &state.store,
        &impatient,
    );
    assert_eq!(outcome(&off, CheckId::ChipAccess), Outcome::Aborted);
    let none = in_field(None, number(), &state.store, &Watcher::default());
    assert_eq!(outcome(&none, CheckId::ChipAccess), Outcome::NotSupported);
    let closed = in_field(
        Some(card(Holder::Genuine)),
        None,
        &state.store,
        &Watcher::default(),
    );
    assert_eq!(outcome(&closed, CheckId::ChipAccess), Outcome::Aborted);
}

/// A reader whose driver does not come back until somebody lets it, as a hung smart card service does.
struct Hanging {
    chip: Field,
    gate: (Mutex<bool>, Condvar),
}

impl Hanging {
    fn set_open(&self, open: bool) {
        *self.gate.0.lock().unwrap() = open;
        self.gate.1.notify_all();
    }
}

impl ChipReader for Hanging {
    fn connect(&self) -> Result<Box<dyn Transceiver>, ReaderError> {
        let mut open = self.gate.0.lock().unwrap();
        while !*open {
            open = self.gate.1.wait(open).unwrap();
        }
        drop(open);
        self.chip.connect()
    }
}

/// An officer who goes on without the chip as soon as she sees that it is asked.
struct Impatient;

impl Progress for Impatient {
    fn answered(&self, _: CheckGroup, _: &[Check]) {}

    fn is_called_off(&self) -> bool {
        true
    }
}

#[test]
fn a_reader_that_hangs_keeps_no_lane_waiting_and_is_asked_again_when_it_is_back() {
    let state = state();
    let card = Card::new(Fault::None).with_pace(2, 2, 13).issued_by(&state);
    let reader = Arc::new(Hanging {
        chip: Field(Mutex::new(Some(card))),
        gate: (Mutex::new(false), Condvar::new()),
    });
    let absent = || "not in this test".to_owned();
    let equipment = Equipment::new(Err(absent()), Err(absent()), None, Policy::default())
        .with_trust(state.store.clone())
        .with_chip_reader(Arc::clone(&reader) as Arc<dyn ChipReader>);
    let asked = |progress: &dyn Progress| {
        let picture = Picture::from_rgb(image::RgbImage::new(40, 30));
        let evidence = Evidence {
            page: picture.clone(),
            lamps: page::Lamps::default(),
            live: picture,
            chip: None,
            access_number: Some(Card::can()),
        };
        let moment = Moment {
            now: jiff::Timestamp::UNIX_EPOCH,
            today: date(2026, 6, 1),
        };
        inspect(evidence, &equipment, moment, progress)
    };
    assert_eq!(equipment.chip_reader_answers(), Some(true));
    let hung = asked(&Impatient);
    assert_eq!(outcome(&hung, CheckId::ChipAccess), Outcome::Aborted);
    assert_ne!(hung.advised.advice, Advice::Refer);
    let said = hung.checks.iter().find(|c| c.check == CheckId::ChipAccess);
    assert_eq!(said.unwrap().detail, "the chip reader does not answer");
    // The next traveller is told at once, also by whoever is patient.
    let next = asked(&());
    assert_eq!(outcome(&next, CheckId::ChipAccess), Outcome::Aborted);
    assert_eq!(equipment.chip_reader_answers(), Some(false));
    // The call comes back, with a chip that nobody waits for any more; it is let go, and lies there again.
    reader.set_open(true);
    while equipment.chip_reader_answers() == Some(false) {
        std::thread::yield_now();
    }
    let card = Card::new(Fault::None).with_pace(2, 2, 13).issued_by(&state);
    *reader.chip.0.lock().unwrap() = Some(card);
    let read = asked(&());
    assert_eq!(outcome(&read, CheckId::ChipAccess), Outcome::Successful);
}

/// A front end with a chip in its field.
struct Pretended(Card);

impl FrontEnd for Pretended {
    fn find(&mut self) -> Result<bool, NfcFault> {
        self.0.reset();
        Ok(true)
    }

    fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault> {
        let answer = self.0.transmit(apdu).map_err(|_| NfcFault::Gone)?;
        let room = out.get_mut(..answer.len()).ok_or(NfcFault::TooLong)?;
        room.copy_from_slice(&answer);
        Ok(answer.len())
    }

    fn release(&mut self) -> Result<(), NfcFault> {
        self.0.reset();
        Ok(())
    }
}

#[test]
fn the_boxs_own_front_end_reads_a_chip_that_flickers() {
    let state = state();
    let mut card = Card::new(Fault::None)
        .with_pace(2, 2, 13)
        .with_chip_authentication(13, 2, Holder::Genuine)
        .issued_by(&state);
    // Several times within DG2: it goes on from where it was.
    card.fault = Fault::Flickers(60);
    let reader = NfcReader::new(Pretended(card));
    let mut chip = reader.connect().unwrap();
    let mut conversation = chip::Reader::new(chip.as_mut());
    let reading = conversation
        .read(
            &Card::key(),
            &[chip::files::FileId::Dg1, chip::files::FileId::Dg2],
            &mut chip::randomness::SystemRandomness,
            &mut |_| std::ops::ControlFlow::Continue(()),
        )
        .unwrap();
    assert!(reading.faults.is_empty(), "{:?}", reading.faults);
    assert!(reading.files[&chip::files::FileId::Dg2].len() > 40_000);
}

#[test]
fn the_front_end_of_the_board_is_a_reader_like_any_other() {
    let state = state();
    let face = image::RgbImage::from_pixel(48, 64, image::Rgb([200; 3]));
    let face = dg2(&Picture::from_rgb(face).to_jpeg(90).unwrap());
    let mut card = Card::new(Fault::None).with_pace(2, 2, 13);
    card.put(chip::files::FileId::Dg2, face);
    let card = Arc::new(Mutex::new(card.issued_by(&state)));
    let (board, bench) = BenchBoard::new().unwrap();
    let hardware = Arc::new(Hardware::new(Box::new(board)));
    // Nobody names a reader, and the board is a simulated one: then there is none.
    assert!(chip_reader(None, &hardware).unwrap().is_none());
    let reader = chip_reader(Some(OWN_FRONT_END), &hardware)
        .unwrap()
        .unwrap();
    let inspection = |number: Option<AccessKey>| {
        let picture = Picture::from_rgb(image::RgbImage::new(40, 30));
        let evidence = Evidence {
            page: picture.clone(),
            lamps: page::Lamps::default(),
            live: picture,
            chip: None,
            access_number: number,
        };
        let absent = || "not in this test".to_owned();
        let equipment = Equipment::new(Err(absent()), Err(absent()), None, Policy::default())
            .with_trust(state.store.clone())
            .with_chip_reader(Arc::clone(&reader));
        let moment = Moment {
            now: jiff::Timestamp::UNIX_EPOCH,
            today: date(2026, 6, 1),
        };
        inspect(evidence, &equipment, moment, &())
    };
    // Nothing lies there.
    let none = inspection(Some(Card::can()));
    assert_eq!(outcome(&none, CheckId::ChipAccess), Outcome::NotSupported);
    // A chip in the simulated field, through the driver of the real one.
    let in_field = Arc::clone(&card);
    bench.set_chip(Some(Box::new(move |apdu: &[u8]| {
        in_field.lock().unwrap().transmit(apdu).unwrap()
    })));
    let read = inspection(Some(Card::can()));
    for check in [
        CheckId::ChipAccess,
        CheckId::ChipSignature,
        CheckId::ChipChain,
    ] {
        assert_eq!(outcome(&read, check), Outcome::Successful, "{check:?}");
    }
    assert!(read.pictures.chip.is_some());
    // The connector is out: that is said, and nothing held against the document; in again, it is woken.
    bench.pull(Part::Nfc);
    assert!(!reader.is_there());
    let silent = inspection(Some(Card::can()));
    assert_eq!(outcome(&silent, CheckId::ChipAccess), Outcome::Aborted);
    bench.plug(Part::Nfc);
    card.lock().unwrap().reset();
    assert!(reader.is_there());
    let read = inspection(Some(Card::can()));
    assert_eq!(outcome(&read, CheckId::ChipAccess), Outcome::Successful);
}
