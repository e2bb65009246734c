//! Reading a chip from first contact to last file (Doc 9303-10 section 3.6, Doc 9303-11 section 4.2):
//! PACE where it is offered, else BAC, then the files, in lengths that this chip and this reader carry.

use crate::access_key::AccessKey;
use crate::apdu::{Command, Expect, Status};
use crate::bac;
use crate::error::ChipError;
use crate::files::{CommonData, FileId, SecurityInfos, SecurityObject};
use crate::pace::{self, ChipProof, Protocol};
use crate::randomness::Randomness;
use crate::session::Session;
use crate::tlv::{self, Tag};
use crate::transceiver::{LengthSupport, Transceiver};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The travel document application (Doc 9303-10 section 3.5).
const APPLICATION: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];

/// No real file is longer; one that says so is a fault or an attack.
const LONGEST: usize = 512 * 1024;

/// Lengths tried, downwards: some chips or readers lose answers of the longer ones.
const SHORT_LENGTHS: [u32; 4] = [224, 160, 112, 64];

/// With extended lengths, tried before the short ones.
const LONG_LENGTH: u32 = 2048;

/// Bytes that tell a file's tag and length.
const HEADER: usize = 6;

/// Beyond this offset the parameters of READ BINARY have no room.
const FAR: usize = 0x8000;

/// How far the reading is, for the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Opening the chip.
    Access,
    /// Reading a file: bytes read, and bytes in all once that is known.
    File(FileId, usize, Option<usize>),
}

/// How the chip was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// By PACE, as described.
    Pace(String),
    /// By BAC; the chip offers nothing better.
    Bac,
    /// By BAC though the chip offers PACE: why PACE was not used. Worth a second look.
    Downgraded(String),
}

/// What was read.
#[derive(Debug)]
pub struct Reading {
    /// How the chip was opened.
    pub access: Access,
    /// The files, as they stand on the chip.
    pub files: BTreeMap<FileId, Vec<u8>>,
    /// Files that are listed or wanted and could not be read.
    pub faults: Vec<(FileId, ChipError)>,
    /// What the chip sent to prove itself within PACE.
    pub proof: Option<ChipProof>,
}

/// Asked at every step; [`ControlFlow::Break`] calls the reading off.
pub type Watch<'a> = &'a mut dyn FnMut(Phase) -> ControlFlow<()>;

/// Reads a chip's files; the session goes on after it (active or chip authentication).
#[derive(Debug)]
pub struct Reader<'a> {
    session: Session<'a>,
    /// Place in the ladder of lengths.
    lengths: Vec<u32>,
}

fn called_off(flow: ControlFlow<()>) -> Result<(), ChipError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ChipError::CalledOff),
    }
}

impl<'a> Reader<'a> {
    /// A reader on a chip in the field.
    #[must_use]
    pub fn new(chip: &'a mut dyn Transceiver) -> Self {
        let mut lengths = SHORT_LENGTHS.to_vec();
        if chip.lengths() == LengthSupport::Extended {
            lengths.insert(0, LONG_LENGTH);
        }
        Self {
            session: Session::new(chip),
            lengths,
        }
    }

    /// The conversation, for what comes after the files.
    pub fn session(&mut self) -> &mut Session<'a> {
        &mut self.session
    }

    /// Opens the chip and reads the security object, the list of files, and every wanted file that is there.
    ///
    /// A file that cannot be read is a fault of its own; only a chip that is lost, a key that is wrong, a
    /// session that is broken or the watcher ends the reading.
    pub fn read(
        &mut self,
        key: &AccessKey,
        wanted: &[FileId],
        randomness: &mut dyn Randomness,
        watch: Watch<'_>,
    ) -> Result<Reading, ChipError> {
        called_off(watch(Phase::Access))?;
        let mut reading = Reading {
            access: Access::Bac,
            files: BTreeMap::new(),
            faults: Vec::new(),
            proof: None,
        };
        let offered = self.card_access(&mut reading, watch)?;
        let pace = match offered {
            None => None,
            Some(infos) => Some(self.pace(&infos, key, randomness, &mut reading)?),
        };
        if pace == Some(Opened::Yes) && reading.proof.is_some() {
            // The key that judges the proof stands in the master file, before the application is chosen.
            self.take(FileId::CardSecurity, &mut reading, watch)?;
        }
        self.session.call(
            "selecting the application",
            &Command::new(0xA4, [0x04, 0x0C], APPLICATION.to_vec(), Expect::Nothing),
        )?;
        if pace != Some(Opened::Yes) {
            called_off(watch(Phase::Access))?;
            bac::open(&mut self.session, key, randomness)?;
        }
        for id in [FileId::Com, FileId::Sod] {
            self.take(id, &mut reading, watch)?;
        }
        // COM may be absent and is not signed; what either names is tried.
        let mut listed: Vec<FileId> = Vec::new();
        if let Some(Ok(object)) = reading
            .files
            .get(&FileId::Sod)
            .map(|b| SecurityObject::parse(b))
        {
            listed.extend(
                object
                    .hashes
                    .keys()
                    .filter_map(|n| FileId::from_data_group(*n)),
            );
        }
        if let Some(Ok(common)) = reading
            .files
            .get(&FileId::Com)
            .map(|b| CommonData::parse(b))
        {
            listed.extend(common.files);
        }
        for id in wanted
            .iter()
            .copied()
            .filter(|id| id.data_group().is_some())
        {
            if listed.is_empty() || listed.contains(&id) {
                self.take(id, &mut reading, watch)?;
            }
        }
        Ok(reading)
    }

    /// EF.CardAccess, which a chip without PACE does not have.
    fn card_access(
        &mut self,
        reading: &mut Reading,
        watch: Watch<'_>,
    ) -> Result<Option<SecurityInfos>, ChipError> {
        // Some chips wake up elsewhere than in their master file; those that refuse this are there.
        self.session.send(&Command::new(
            0xA4,
            [0x00, 0x0C],
            vec![0x3F, 0x00],
            Expect::Nothing,
        ))?;
        match self.file(FileId::CardAccess, watch) {
            Ok(bytes) => {
                let infos = SecurityInfos::card_access(&bytes);
                reading.files.insert(FileId::CardAccess, bytes);
                match infos {
                    Ok(infos) => Ok(Some(infos)),
                    Err(error) => {
                        reading.faults.push((FileId::CardAccess, error));
                        Ok(None)
                    }
                }
            }
            Err(error) if ends(&error) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn pace(
        &mut self,
        infos: &SecurityInfos,
        key: &AccessKey,
        randomness: &mut dyn Randomness,
        reading: &mut Reading,
    ) -> Result<Opened, ChipError> {
        let Some(protocol) = Protocol::best(infos) else {
            reading.access = Access::Downgraded("the chip offers no PACE that is known".into());
            return Ok(Opened::No);
        };
        match pace::open(&mut self.session, &protocol, key, randomness) {
            Ok(proof) => {
                reading.access = Access::Pace(protocol.describe());
                reading.proof = proof;
                Ok(Opened::Yes)
            }
            Err(error) if ends(&error) => Err(error),
            Err(error) => {
                reading.access = Access::Downgraded(error.to_string());
                Ok(Opened::No)
            }
        }
    }

    /// Reads a file into the reading, or its fault.
    fn take(
        &mut self,
        id: FileId,
        reading: &mut Reading,
        watch: Watch<'_>,
    ) -> Result<(), ChipError> {
        match self.file(id, watch) {
            Ok(bytes) => {
                reading.files.insert(id, bytes);
                Ok(())
            }
            Err(error) if ends(&error) => Err(error),
            Err(error) => {
                reading.faults.push((id, error));
                Ok(())
            }
        }
    }

    /// Reads one file of the current folder, as long as its own first bytes say it is.
    pub fn file(&mut self, id: FileId, watch: Watch<'_>) -> Result<Vec<u8>, ChipError> {
        called_off(watch(Phase::File(id, 0, None)))?;
        let select = id.identifier().to_be_bytes().to_vec();
        self.session.call(
            "selecting a file",
            &Command::new(0xA4, [0x02, 0x0C], select, Expect::Nothing),
        )?;
        let mut bytes: Vec<u8> = Vec::new();
        let mut total: Option<usize> = None;
        loop {
            let mut piece = self.piece(bytes.len(), total.map(|t| t - bytes.len()))?;
            if piece.is_empty() && bytes.is_empty() {
                // Some chips refuse to read past the end of a short file: its header alone, then.
                piece = self.piece(0, Some(HEADER))?;
            }
            if piece.is_empty() {
                return Err(ChipError::Protocol {
                    step: "reading a file",
                    why: "it ends before the length that it begins with",
                });
            }
            bytes.extend_from_slice(&piece);
            let length = match total {
                Some(length) => length,
                None => {
                    let length = tlv::announced_length(&bytes)
                        .ok_or_else(|| id.at()(tlv::TlvError::new(id.tag(), tlv::Fault::Form)))?;
                    if length > LONGEST {
                        return Err(ChipError::Protocol {
                            step: "reading a file",
                            why: "it says that it is longer than any",
                        });
                    }
                    *total.insert(length)
                }
            };
            called_off(watch(Phase::File(
                id,
                bytes.len().min(length),
                Some(length),
            )))?;
            if bytes.len() >= length {
                bytes.truncate(length);
                return Ok(bytes);
            }
        }
    }

    /// One READ BINARY, in the greatest length that works; empty at the file's end. `wanted` is what is left
    /// of the file, once that is known; until then a refusal may be the file's shortness and teaches nothing.
    fn piece(&mut self, at: usize, wanted: Option<usize>) -> Result<Vec<u8>, ChipError> {
        let mut instead = None;
        loop {
            let Some(longest) = instead.or(self.lengths.first().copied()) else {
                return Err(ChipError::Protocol {
                    step: "reading a file",
                    why: "the chip answers in no length",
                });
            };
            let left = wanted.map_or(u32::MAX, |w| u32::try_from(w).unwrap_or(u32::MAX));
            let length = longest.min(left);
            let (status, data) = match self.session.send(&read_binary(at, length)) {
                Ok(answer) => (answer.status, answer.data.into_owned()),
                // Refused before secure messaging: for its length, or the session is gone, which shows next.
                Err(ChipError::RefusedUnprotected { status }) => (status, Vec::new()),
                Err(error) => return Err(error),
            };
            let is_end = status == Status::END_OF_FILE || status == Status::WRONG_PARAMETERS;
            match status.ask_for_instead() {
                _ if status == Status::OK || (is_end && !data.is_empty()) => {
                    return if at < FAR {
                        Ok(data)
                    } else {
                        unwrap_far(&data)
                    };
                }
                _ if is_end => return Ok(Vec::new()),
                Some(shorter) if instead.is_none() && shorter < length => {
                    instead = Some(shorter);
                    if wanted.is_some() {
                        self.lengths.insert(0, shorter);
                    }
                }
                _ if status == Status::WRONG_LENGTH && wanted.is_none() => return Ok(Vec::new()),
                _ if status == Status::WRONG_LENGTH || status.ask_for_instead().is_some() => {
                    instead = None;
                    self.lengths.retain(|l| *l < length);
                }
                _ => {
                    return Err(ChipError::Refused {
                        step: "reading a file",
                        status,
                    });
                }
            }
        }
    }
}

/// Whether PACE opened the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Yes,
    No,
}

/// What ends a reading: after it nothing the chip says can be had or believed.
fn ends(error: &ChipError) -> bool {
    matches!(
        error,
        ChipError::Transceiver(_)
            | ChipError::WrongKey
            | ChipError::SecureMessaging { .. }
            | ChipError::CalledOff
            | ChipError::Library(_)
    )
}

fn read_binary(at: usize, length: u32) -> Command {
    if at < FAR {
        let offset = (at as u16).to_be_bytes();
        return Command::new(0xB0, offset, Vec::new(), Expect::Bytes(length));
    }
    // The odd instruction carries its offset as an object, and the answer comes as one (tag and length).
    let offset = (at as u32).to_be_bytes();
    let data = tlv::encode(Tag(0x54), tlv::strip_zeros(&offset));
    Command::new(0xB1, [0, 0], data, Expect::Bytes(length.saturating_add(4)))
}

fn unwrap_far(data: &[u8]) -> Result<Vec<u8>, ChipError> {
    match tlv::first(data) {
        Ok(object) if object.tag == Tag(0x53) => Ok(object.value.to_vec()),
        _ => Err(ChipError::Protocol {
            step: "reading a file",
            why: "an answer that is not the object asked for",
        }),
    }
}
