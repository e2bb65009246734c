//! Reading a chip from first contact to last file (Doc 9303-10 section 3.6, Doc 9303-11 section 4.2):
//! PACE where it is offered, else BAC, then the files, in lengths that this chip and this reader carry.

mod file;

use crate::access_key::AccessKey;
use crate::apdu::{Command, Expect, Status};
use crate::bac;
use crate::error::ChipError;
use crate::files::{CommonData, FileId, SecurityInfos, SecurityObject};
use crate::losses::{Loss, Losses, is_session_lost};
use crate::pace::{self, ChipProof, Protocol};
use crate::randomness::Randomness;
use crate::session::Session;
use crate::transceiver::{LengthSupport, Transceiver};
use file::read_binary;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The travel document application (Doc 9303-10 section 3.5).
const APPLICATION: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];

/// Lengths tried, downwards: some chips or readers lose answers of the longer ones. The first is the most
/// that fits a short answer under AES, whose padding fills blocks of sixteen bytes.
const SHORT_LENGTHS: [u32; 4] = [223, 160, 112, 64];

/// With extended lengths, tried before the short ones.
const LONG_LENGTH: u32 = 2048;

/// Bytes that tell a file's tag and length.
const HEADER: usize = 6;

/// How far the reading is, for the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Opening the chip.
    Access,
    /// Reading a file: bytes read, and bytes in all once that is known.
    File(FileId, usize, Option<usize>),
}

/// How the chip was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Access {
    /// By PACE, as described.
    Pace(String),
    /// By BAC; the chip offers nothing better.
    #[default]
    Bac,
    /// By BAC though the chip offers PACE: why PACE was not used. Worth a second look.
    Downgraded(Downgrade),
    /// Not at all: the chip lets itself be read in the clear.
    Plain,
}

/// Why a chip that offers PACE was opened by BAC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downgrade {
    /// It offers none that is known.
    Unknown,
    /// It broke off.
    Failed(ChipError),
}

impl std::fmt::Display for Downgrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("the chip offers no PACE that is known"),
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

/// What was read.
#[derive(Debug, Default)]
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

/// Told of each file as it has been read.
pub(crate) type Arrival<'a> = &'a mut dyn FnMut(FileId, &Reading, &mut dyn Randomness);

/// Reads a chip's files; the session goes on after it (active or chip authentication).
#[derive(Debug)]
pub struct Reader<'a> {
    session: Session<'a>,
    /// Place in the ladder of lengths.
    lengths: Vec<u32>,
    /// The file at which a session was lost, as far as it was read.
    begun: Option<(FileId, Vec<u8>)>,
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
            begun: None,
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
        self.read_on(key, wanted, randomness, watch, &mut |_, _, _| {})
    }

    /// The same, telling of each file as it has been read.
    pub(crate) fn read_on(
        &mut self,
        key: &AccessKey,
        wanted: &[FileId],
        randomness: &mut dyn Randomness,
        watch: Watch<'_>,
        arrival: Arrival<'_>,
    ) -> Result<Reading, ChipError> {
        let mut reading = Reading::default();
        if let Err(error) = self.open(key, randomness, &mut reading, watch) {
            // A moment out of the field while it was opened: once more from the beginning.
            if !is_session_lost(&error) || self.session.reset().is_err() {
                return Err(error);
            }
            reading = Reading::default();
            self.open(key, randomness, &mut reading, watch)?;
        }
        let mut losses = Losses::default();
        let mut wanted_files = vec![FileId::Com, FileId::Sod];
        let mut place = 0;
        while let Some(id) = wanted_files.get(place).copied() {
            match self.take(id, &mut reading, watch) {
                Ok(()) => arrival(id, &reading, randomness),
                // A moment out of the field, or a session that was dropped or went out of step.
                Err(error) if is_session_lost(&error) => {
                    let had = self.had(&reading);
                    let loss = losses.one_more(id, had, &error);
                    if loss == Loss::GiveUp {
                        return Err(error);
                    }
                    self.open_again(key, randomness, &mut reading, watch)
                        .map_err(|_| error.clone())?;
                    if loss == Loss::GoOn {
                        continue;
                    }
                    reading.faults.push((id, error));
                }
                Err(error) => return Err(error),
            }
            place += 1;
            if place == 2 {
                wanted_files.extend(listed(&reading, wanted));
            }
        }
        Ok(reading)
    }

    /// Bytes of files so far.
    fn had(&self, reading: &Reading) -> usize {
        let whole: usize = reading.files.values().map(Vec::len).sum();
        whole + self.begun.as_ref().map_or(0, |(_, bytes)| bytes.len())
    }

    /// Begins a lost session anew, with the same chip and as strongly protected as before: whoever disturbs a
    /// session does not thereby get a weaker one, nor a chip in another's place.
    fn open_again(
        &mut self,
        key: &AccessKey,
        randomness: &mut dyn Randomness,
        reading: &mut Reading,
        watch: Watch<'_>,
    ) -> Result<(), ChipError> {
        self.session.reset()?;
        let mut anew = Reading::default();
        self.open(key, randomness, &mut anew, watch)?;
        let offers = |of: &Reading| of.files.get(&FileId::CardAccess).cloned();
        if anew.access != reading.access || offers(&anew) != offers(reading) {
            return Err(ChipError::Protocol {
                step: "opening the chip again",
                why: "it is not the chip that it was",
            });
        }
        // A proof within PACE vouches for its own session alone. The chip that is there now must prove, by the
        // key of the files that were read first, that it is no copy put in a genuine one's place.
        reading.proof = anew.proof;
        Ok(())
    }

    /// Opens the chip: PACE, else BAC, and the application.
    fn open(
        &mut self,
        key: &AccessKey,
        randomness: &mut dyn Randomness,
        reading: &mut Reading,
        watch: Watch<'_>,
    ) -> Result<(), ChipError> {
        called_off(watch(Phase::Access))?;
        let offered = self.card_access(reading, watch)?;
        let pace = match offered {
            None => None,
            Some(infos) => Some(self.pace(&infos, key, randomness, reading)?),
        };
        if pace == Some(Opened::Yes) && reading.proof.is_some() {
            // The key that judges the proof stands in the master file, before the application is chosen.
            match self.take(FileId::CardSecurity, reading, watch) {
                Err(error @ ChipError::RefusedUnprotected { .. }) => {
                    reading.faults.push((FileId::CardSecurity, error));
                }
                taken => taken?,
            }
        }
        self.select_application()?;
        if pace != Some(Opened::Yes) {
            called_off(watch(Phase::Access))?;
            self.basic(key, randomness, reading)?;
        }
        Ok(())
    }

    /// Chooses the travel document application, in the form that German documents insist on, else in the one that
    /// asks for an answer, which is the only one that some others know.
    fn select_application(&mut self) -> Result<(), ChipError> {
        let step = "selecting the application";
        let by = |form, expect| Command::new(0xA4, [0x04, form], APPLICATION.to_vec(), expect);
        match self.session.call(step, &by(0x0C, Expect::Nothing)) {
            Err(ChipError::Refused { status, .. } | ChipError::RefusedUnprotected { status })
                if matches!(
                    status.0,
                    0x6700 | 0x6A80 | 0x6A81 | 0x6A86 | 0x6A87 | 0x6B00 | 0x6C00..=0x6CFF
                ) =>
            {
                self.session
                    .call(step, &by(0x00, Expect::Bytes(256)))
                    .map(|_| ())
            }
            selected => selected.map(|_| ()),
        }
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
                        // Whatever it offers cannot be told, and BAC is less.
                        reading.access = Access::Downgraded(Downgrade::Unknown);
                        reading.faults.push((FileId::CardAccess, error));
                        Ok(None)
                    }
                }
            }
            Err(error) if ends(&error) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// BAC, or the application as it is where the chip knows no BAC (Doc 9303-11 section 4.2).
    fn basic(
        &mut self,
        key: &AccessKey,
        randomness: &mut dyn Randomness,
        reading: &mut Reading,
    ) -> Result<(), ChipError> {
        let Err(error) = bac::open(&mut self.session, key, randomness) else {
            return Ok(());
        };
        let is_unknown = matches!(
            error,
            ChipError::Refused {
                status: Status(0x6D00 | 0x6E00 | 0x6A81 | 0x6985 | 0x6986),
                ..
            } | ChipError::NoZoneKey
        );
        if !is_unknown || reading.access != Access::Bac {
            return Err(error);
        }
        let select = FileId::Sod.identifier().to_be_bytes().to_vec();
        let selected =
            self.session
                .send(&Command::new(0xA4, [0x02, 0x0C], select, Expect::Nothing))?;
        let start = self.session.send(&read_binary(0, HEADER as u32))?;
        if selected.status != Status::OK || start.status != Status::OK {
            return Err(error);
        }
        reading.access = Access::Plain;
        Ok(())
    }

    fn pace(
        &mut self,
        infos: &SecurityInfos,
        key: &AccessKey,
        randomness: &mut dyn Randomness,
        reading: &mut Reading,
    ) -> Result<Opened, ChipError> {
        let Some(protocol) = Protocol::best(infos) else {
            reading.access = Access::Downgraded(Downgrade::Unknown);
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
                reading.access = Access::Downgraded(Downgrade::Failed(error));
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
            Err(error) if ends(&error) || is_session_lost(&error) => Err(error),
            Err(error) => {
                reading.faults.push((id, error));
                Ok(())
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

/// The wanted data groups that the security object or EF.COM names. COM may be absent and is not signed: what
/// either names is tried, and everything where neither says anything.
fn listed(reading: &Reading, wanted: &[FileId]) -> Vec<FileId> {
    let mut named: Vec<FileId> = Vec::new();
    let file = |id| reading.files.get(&id).map(Vec::as_slice);
    if let Some(Ok(object)) = file(FileId::Sod).map(SecurityObject::parse) {
        let numbers = object.hashes.keys();
        named.extend(numbers.filter_map(|n| FileId::from_data_group(*n)));
    }
    if let Some(Ok(common)) = file(FileId::Com).map(CommonData::parse) {
        named.extend(common.files);
    }
    let groups = wanted
        .iter()
        .copied()
        .filter(|id| id.data_group().is_some());
    groups
        .filter(|id| named.is_empty() || named.contains(id))
        .collect()
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
