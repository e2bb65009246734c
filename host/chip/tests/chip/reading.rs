//! Reading a whole chip, in process: basic access, lengths, far offsets, chip authentication, and chips that
//! misbehave.

use chip::files::{FileId, SecurityInfos};
use chip::randomness::SystemRandomness;
use chip::read::{Access, Phase, Reader};
use chip::session_cipher::{KeyUse, SessionCipher, pad, unpad};
use chip::tlv::{self, Tag, encode};
use chip::transceiver::{LengthSupport, Transceiver, TransceiverError};
use chip::{AccessKey, ChipError, chip_authentication};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use rules::Outcome;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

const TDES: SessionCipher = SessionCipher::TripleDes;

/// How a chip misbehaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    None,
    /// Refuses lengths above this many bytes with 6700.
    Longest(u32),
    /// Answers longer lengths with 6Cxx.
    Instead(u8),
    /// Refuses to read past a file's end, with these words.
    Strict(u16),
    /// Sends at most so many bytes whatever is asked.
    Short(usize),
    /// Is gone after so many commands.
    Gone(usize),
    /// Says 61xx for ever.
    Endless,
    /// Leaves the checksum away after opening.
    NoChecksum,
}

struct Session {
    encrypt: Vec<u8>,
    authenticate: Vec<u8>,
    counter: u64,
}

struct Chip {
    files: BTreeMap<u16, Vec<u8>>,
    seed: Vec<u8>,
    ca_key: Option<PKey<Private>>,
    fault: Fault,
    selected: u16,
    in_application: bool,
    challenge: Option<[u8; 8]>,
    session: Option<Session>,
    next: Option<Session>,
    commands: usize,
}

impl Chip {
    fn new(fault: Fault) -> Self {
        let text = b"L898902C<369080619406236";
        let seed = openssl::sha::sha1(text)[..16].to_vec();
        let mut files = BTreeMap::new();
        let mut add =
            |id: FileId, value: &[u8]| files.insert(id.identifier(), encode(id.tag(), value));
        add(
            FileId::Com,
            &[
                encode(Tag(0x5F01), b"0107"),
                encode(Tag(0x5C), &[0x61, 0x75, 0x6E]),
            ]
            .concat(),
        );
        let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        add(FileId::Dg1, &encode(Tag(0x5F1F), zone.as_bytes()));
        let picture: Vec<u8> = (0..40_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        add(FileId::Dg2, &picture);
        Self {
            files,
            seed,
            ca_key: None,
            fault,
            selected: 0,
            in_application: false,
            challenge: None,
            session: None,
            next: None,
            commands: 0,
        }
    }

    fn with_chip_authentication(mut self, clone: bool) -> Self {
        let group = EcGroup::from_curve_name(Nid::BRAINPOOL_P256R1).unwrap();
        let generate = || PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let key = generate();
        let info = encode(
            Tag::SEQUENCE,
            &[
                encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 1, 2]),
                key.public_key_to_der().unwrap(),
            ]
            .concat(),
        );
        let dg14 = encode(FileId::Dg14.tag(), &encode(Tag::SET, &info));
        self.files.insert(FileId::Dg14.identifier(), dg14);
        self.ca_key = Some(if clone { generate() } else { key });
        self
    }

    fn key() -> AccessKey {
        AccessKey::from_zone("L898902C", "690806", "940623").unwrap()
    }

    /// One command in the clear: data and status.
    fn run(&mut self, ins: u8, p: [u8; 2], data: &[u8], le: u32) -> (Vec<u8>, u16) {
        let mac_key = TDES.derive(&self.seed, KeyUse::Authenticate).unwrap();
        let enc_key = TDES.derive(&self.seed, KeyUse::Encrypt).unwrap();
        match (ins, p) {
            (0xA4, [0x04, _]) => {
                self.in_application = data == [0xA0, 0, 0, 2, 0x47, 0x10, 1];
                (
                    Vec::new(),
                    if self.in_application { 0x9000 } else { 0x6A82 },
                )
            }
            (0xA4, [0x02, _]) => {
                let id = u16::from_be_bytes([data[0], data[1]]);
                let is_open = id == FileId::CardAccess.identifier() || self.session.is_some();
                if !self.files.contains_key(&id) {
                    return (Vec::new(), 0x6A82);
                }
                self.selected = id;
                (Vec::new(), if is_open { 0x9000 } else { 0x6982 })
            }
            (0xA4, _) => (Vec::new(), 0x9000),
            (0x84, _) => {
                self.challenge = Some(*b"\x46\x08\xF9\x19\x88\x70\x22\x12");
                (self.challenge.unwrap().to_vec(), 0x9000)
            }
            (0x82, _) => {
                let (sealed, checksum) = data.split_at(32);
                let ours = self.challenge.take().unwrap();
                if TDES.mac(&mac_key, sealed).unwrap() != checksum {
                    return (Vec::new(), 0x6300);
                }
                let plain = TDES.decrypt(&enc_key, &[0; 8], sealed).unwrap();
                let half = [7; 16];
                let reply = [&ours[..], &plain[..8], &half].concat();
                let mut reply = TDES.encrypt(&enc_key, &[0; 8], &reply).unwrap();
                reply.extend(TDES.mac(&mac_key, &reply).unwrap());
                let secret: Vec<u8> = plain[16..].iter().zip(half).map(|(a, b)| a ^ b).collect();
                let counter = [&ours[4..], &plain[4..8]].concat();
                self.next = Some(Self::session(
                    &secret,
                    u64::from_be_bytes(counter.try_into().unwrap()),
                ));
                (reply, 0x9000)
            }
            (0xB0, _) => self.read(usize::from(u16::from_be_bytes(p)), le),
            (0xB1, _) => {
                let at = tlv::first(data)
                    .unwrap()
                    .value
                    .iter()
                    .fold(0, |n, b| (n << 8) | usize::from(*b));
                let (piece, status) = self.read(at, le - 4);
                (encode(Tag(0x53), &piece), status)
            }
            (0x22, [0x41, 0xA6]) => {
                let key = self.ca_key.as_ref().unwrap();
                let point = tlv::first(data).unwrap().value;
                let group = EcGroup::from_curve_name(Nid::BRAINPOOL_P256R1).unwrap();
                let mut context = openssl::bn::BigNumContext::new().unwrap();
                let point = EcPoint::from_bytes(&group, point, &mut context).unwrap();
                let theirs =
                    PKey::from_ec_key(EcKey::from_public_key(&group, &point).unwrap()).unwrap();
                let mut deriver = Deriver::new(key).unwrap();
                deriver.set_peer(&theirs).unwrap();
                self.next = Some(Self::session(&deriver.derive_to_vec().unwrap(), 0));
                (Vec::new(), 0x9000)
            }
            _ => (Vec::new(), 0x6D00),
        }
    }

    fn session(secret: &[u8], counter: u64) -> Session {
        Session {
            encrypt: TDES.derive(secret, KeyUse::Encrypt).unwrap().to_vec(),
            authenticate: TDES.derive(secret, KeyUse::Authenticate).unwrap().to_vec(),
            counter,
        }
    }

    fn read(&mut self, at: usize, le: u32) -> (Vec<u8>, u16) {
        let file = &self.files[&self.selected];
        match self.fault {
            Fault::Longest(most) if le > most => return (Vec::new(), 0x6700),
            Fault::Strict(word) if at + le as usize > file.len() => return (Vec::new(), word),
            Fault::Instead(n) if le > u32::from(n) => return (Vec::new(), 0x6C00 | u16::from(n)),
            _ => {}
        }
        let most = match self.fault {
            Fault::Short(n) => n,
            _ => usize::MAX,
        };
        if at >= file.len() {
            return (Vec::new(), 0x6B00);
        }
        let end = file.len().min(at + (le as usize).min(most));
        (file[at..end].to_vec(), 0x9000)
    }

    fn protected(&mut self, head: [u8; 4], body: &[u8]) -> Vec<u8> {
        let mut session = self.session.take().unwrap();
        session.counter += 1;
        let (mut data, mut le, mut checked) = (Vec::new(), 0, 0);
        let mut objects = tlv::Reader::new(body);
        let mut checksum = Vec::new();
        while let Some(object) = objects.next().unwrap() {
            match object.tag.0 {
                0x87 => {
                    data = TDES
                        .decrypt(&session.encrypt, &[0; 8], &object.value[1..])
                        .unwrap()
                }
                0x85 => {
                    data = TDES
                        .decrypt(&session.encrypt, &[0; 8], object.value)
                        .unwrap()
                }
                0x97 => {
                    le = object.value.iter().fold(0, |n, b| (n << 8) | u32::from(*b));
                    if le == 0 {
                        le = if object.value.len() == 1 { 256 } else { 65_536 };
                    }
                }
                _ => checksum = object.value.to_vec(),
            }
            if object.tag.0 != 0x8E {
                checked += object.whole.len();
            }
        }
        let counter = session.counter.to_be_bytes();
        let over = [&counter[..], &pad(&head, 8), &body[..checked]].concat();
        if TDES.mac(&session.authenticate, &over).unwrap()[..] != checksum {
            return vec![0x69, 0x88];
        }
        let data = unpad(&data).unwrap_or_default().to_vec();
        self.session = Some(session);
        let (reply, status) = self.run(head[1], [head[2], head[3]], &data, le);
        let mut session = self.session.take().unwrap();
        session.counter += 1;
        let mut out = Vec::new();
        if !reply.is_empty() {
            let sealed = TDES
                .encrypt(&session.encrypt, &[0; 8], &pad(&reply, 8))
                .unwrap();
            out.extend(encode(
                Tag(if head[1] & 1 == 0 { 0x87 } else { 0x85 }),
                &if head[1] & 1 == 0 {
                    [&[1], sealed.as_slice()].concat()
                } else {
                    sealed
                },
            ));
        }
        out.extend(encode(Tag(0x99), &status.to_be_bytes()));
        let over = [&session.counter.to_be_bytes()[..], &out].concat();
        let checksum = TDES.mac(&session.authenticate, &over).unwrap();
        if self.fault != Fault::NoChecksum {
            out.extend(encode(Tag(0x8E), &checksum));
        }
        out.extend(status.to_be_bytes());
        self.session = Some(session);
        out
    }
}

impl Transceiver for Chip {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        self.commands += 1;
        if self.fault == Fault::Gone(self.commands) {
            return Err(TransceiverError::CardLost);
        }
        if self.fault == Fault::Endless && self.session.is_some() {
            return Ok(vec![0, 0, 0x61, 0x02]);
        }
        let head: [u8; 4] = command[..4].try_into().unwrap();
        let body = match command[4..] {
            [] | [_] => &[][..],
            [0, a, b, ..] if command.len() > 7 => {
                &command[7..7 + usize::from(a) * 256 + usize::from(b)]
            }
            [n, ..] => &command[5..5 + usize::from(n)],
        };
        let answer = if head[0] & 0x0C != 0 && self.session.is_some() {
            self.protected(head, body)
        } else {
            let le = command.last().copied().map_or(256, u32::from);
            let (mut data, status) = self.run(head[1], [head[2], head[3]], body, le);
            data.extend(status.to_be_bytes());
            data
        };
        if let Some(next) = self.next.take() {
            self.session = Some(next);
        }
        Ok(answer)
    }

    fn lengths(&self) -> LengthSupport {
        match self.fault {
            Fault::Longest(_) => LengthSupport::Extended,
            _ => LengthSupport::Short,
        }
    }
}

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
        let mut card = Chip::new(fault);
        let files = card.files.clone();
        let mut reader = Reader::new(&mut card);
        let reading = reader
            .read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        assert_eq!(reading.access, Access::Bac, "{fault:?}");
        for id in [FileId::Com, FileId::Dg1, FileId::Dg2] {
            assert!(
                reading.files[&id] == files[&id.identifier()],
                "{fault:?} {id}"
            );
        }
        // The security object is not there, and that is said of it alone.
        let faulty: Vec<FileId> = reading.faults.iter().map(|(id, _)| *id).collect();
        assert_eq!(faulty, [FileId::Sod, FileId::Dg14], "{fault:?}");
        println!("{fault:?}: {} commands", reader.session().commands());
    }
}

#[test]
fn a_chip_that_goes_away_at_any_command_is_said_to_be_gone() {
    let mut whole = Chip::new(Fault::None);
    Reader::new(&mut whole)
        .read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut go_on)
        .unwrap();
    for at in (1..=whole.commands).step_by(9) {
        let mut card = Chip::new(Fault::Gone(at));
        let read =
            Reader::new(&mut card).read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut go_on);
        assert_eq!(
            read.unwrap_err(),
            ChipError::Transceiver(TransceiverError::CardLost),
            "at {at}"
        );
    }
}

#[test]
fn endless_unprotected_and_lying_chips_are_broken_off() {
    for fault in [Fault::Endless, Fault::NoChecksum] {
        let mut card = Chip::new(fault);
        let read =
            Reader::new(&mut card).read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut go_on);
        match fault {
            Fault::NoChecksum => assert!(
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
        let mut card = Chip::new(Fault::None);
        card.files.insert(FileId::Dg1.identifier(), bytes);
        let reading = Reader::new(&mut card)
            .read(
                &Chip::key(),
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
    let mut card = Chip::new(Fault::None);
    let other = AccessKey::from_zone("L898902C", "690806", "940624").unwrap();
    let read = Reader::new(&mut card).read(&other, &WANTED, &mut SystemRandomness, &mut go_on);
    assert_eq!(read.unwrap_err(), ChipError::WrongKey);

    let mut card = Chip::new(Fault::None);
    let mut far = 0;
    let mut stop = |phase: Phase| match phase {
        Phase::File(FileId::Dg2, done, Some(_)) if done > 1000 => {
            far = done;
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    };
    let read = Reader::new(&mut card).read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut stop);
    assert_eq!(read.unwrap_err(), ChipError::CalledOff);
    assert!(far < 1500, "{far}");
}

#[test]
fn a_way_in_that_is_not_known_is_recorded_as_a_downgrade() {
    let mut card = Chip::new(Fault::None);
    // PACE with DH and integrated mapping.
    let info = encode(
        Tag::SEQUENCE,
        &[
            encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 4, 3, 2]),
            vec![2, 1, 2, 2, 1, 0],
        ]
        .concat(),
    );
    card.files
        .insert(FileId::CardAccess.identifier(), encode(Tag::SET, &info));
    let reading = Reader::new(&mut card)
        .read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut go_on)
        .unwrap();
    assert!(
        matches!(reading.access, Access::Downgraded(_)),
        "{:?}",
        reading.access
    );
}

#[test]
fn chip_authentication_tells_a_clone_and_moves_the_session() {
    for clone in [false, true] {
        let mut card = Chip::new(Fault::None).with_chip_authentication(clone);
        let mut reader = Reader::new(&mut card);
        let reading = reader
            .read(&Chip::key(), &WANTED, &mut SystemRandomness, &mut go_on)
            .unwrap();
        let infos = SecurityInfos::data_group_14(&reading.files[&FileId::Dg14]).unwrap();
        let check =
            chip_authentication::ask(reader.session(), &infos, &mut SystemRandomness).unwrap();
        assert_eq!(
            check.outcome,
            if clone {
                Outcome::Failed
            } else {
                Outcome::Successful
            }
        );
        if !clone {
            // The session goes on under the new keys.
            let again = reader.file(FileId::Dg1, &mut go_on).unwrap();
            assert_eq!(again, reading.files[&FileId::Dg1]);
        }
    }
}
