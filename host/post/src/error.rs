//! What can go wrong at the post, and the exit code that each cause has.

use crate::devices::{CameraError, ReaderError, TpmError};
use crate::lease::LeaseStanding;
use crate::officers::OfficersError;
use crate::state::StateError;
use crate::sync::{TakeError, UploadError};
use crate::update::UpdateError;
use chip::ChipError;
use models::ModelError;
use page::PictureError;
use page::source::SourceError;
use rules::decision::DecisionError;
use rules::mrz::ZoneError;
use seal::SealError;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::StoreError;
use watchlist::EditionError;

/// Why a command was not answered.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The command line asks for nothing that can be done: see `--help`.
    #[error("{0}; see --help")]
    Usage(&'static str),
    /// A logging profile that holds what was read of travellers' documents: ask for basic.
    #[error("the logging profile {profile} is refused: {why}. Ask for basic")]
    LogProfileRefused {
        /// The profile asked for.
        profile: rules::LogProfile,
        /// What it would hold.
        why: &'static str,
    },
    /// A query asks for nothing, or not in the way dates and names are written.
    #[error("this query cannot be asked: {why}")]
    BadQuery {
        /// What is wrong with it.
        why: String,
    },
    /// The desk listens on loopback only: give a loopback address.
    #[error("the desk answers on loopback only, and {0} is not: use 127.0.0.1:PORT")]
    NotLoopback(SocketAddr),
    /// Deciding against the advice needs a reason.
    #[error(transparent)]
    Decision(#[from] DecisionError),

    /// A picture cannot be read: take it again.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PictureError,
    },
    /// A text file cannot be read.
    #[error("{}: {source}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is no zone.
    #[error("{name}: {source}")]
    Zone {
        /// Where it came from.
        name: String,
        /// What does not fit.
        source: ZoneError,
    },
    /// A table cannot be read.
    #[error("{}: {source}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: csv::Error,
    },
    /// A row of a table cannot be used.
    #[error("{}: row {row}: {why}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header not counted.
        row: usize,
        /// What does not fit.
        why: String,
    },
    /// The doctor was asked to say by its exit code that something is wrong.
    #[error("{parts} of the box's parts need looking after")]
    Unwell {
        /// How many.
        parts: usize,
    },
    /// The box's board cannot be opened.
    #[error(transparent)]
    Hardware(#[from] crate::devices::HardwareError),
    /// A part of the board does not do what it is told.
    #[error(transparent)]
    Part(#[from] firmware::Fault),
    /// Some of several inputs could not be read; each has been named already.
    #[error("some of the input could not be read")]
    SomeUnreadable,
    /// An edition was not taken; the active one stands as it was.
    #[error(transparent)]
    Take(#[from] TakeError),

    /// No update was installed.
    #[error(transparent)]
    Update(#[from] UpdateError),

    /// A chip's file or a trust list cannot be used.
    #[error(transparent)]
    Chip(#[from] ChipError),
    /// No chip can be spoken to.
    #[error(transparent)]
    ChipReader(#[from] ReaderError),
    /// A learned model is absent, corrupt or broke off.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The zone reader is absent.
    #[error("the zone reader is not there: {0}")]
    ReaderAbsent(String),
    /// No edition can be searched.
    #[error("{0}: take one with mpaka editions take FROM")]
    NoEdition(String),
    /// The edition could not be searched.
    #[error(transparent)]
    Edition(EditionError),
    /// The state folder is absent, damaged or not enrolled.
    #[error(transparent)]
    State(#[from] StateError),
    /// The register of officers cannot be used.
    #[error(transparent)]
    Officers(#[from] OfficersError),
    /// Officer or PIN is wrong, the officer is locked, or of another line: which is not said.
    #[error("only an officer of the second line sees that, by the own PIN")]
    NotSecondLine,
    /// Officer or PIN is wrong, the officer is locked, or is no officer of a line: which is not said.
    #[error("an officer decides by the own PIN, in the first line of standard input")]
    NotTheOfficer,
    /// A key is absent, damaged or not ours.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store is in use, damaged or full.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A backup was not written: another stick, or more room on it.
    #[error("{}: {source}", path.display())]
    Backup {
        /// The file that was to be written.
        path: PathBuf,
        /// Why it was not.
        source: seal::backup::BackupError,
    },
    /// The private keys are sealed and not unlocked: unlock them.
    #[error(
        "this box's keys are sealed and locked: mpaka keys unlock (--passphrase-stdin or --tpm)"
    )]
    KeysLocked,
    /// Keys are unlocked into memory only: name a folder on a tmpfs with MPAKA_RUN.
    #[error("{} is not in memory (tmpfs): keys are never unlocked onto a disk. Set MPAKA_RUN to a folder that is", .0.display())]
    NotInMemory(PathBuf),
    /// The TPM did not do it.
    #[error(transparent)]
    Tpm(#[from] TpmError),
    /// The box may not work: it has not heard from headquarters for too long.
    #[error("{0}")]
    Locked(LeaseStanding),
    /// Headquarters cannot be reached or refuses.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// A folder or video cannot be read.
    #[error(transparent)]
    Recorded(SourceError),
    /// A camera or swipe reader is absent, or gives nothing any more.
    #[error(transparent)]
    Device(SourceError),
    /// A camera gives no picture.
    #[error(transparent)]
    Camera(#[from] CameraError),
    /// This post has been enrolled as another one already.
    #[error("{} is enrolled as post {found}; a box keeps its post. To move it, begin with a new state folder", state.display())]
    EnrolledAsAnother {
        /// The state folder.
        state: PathBuf,
        /// The post that it is.
        found: rules::PostId,
    },
    /// A file given for enrolment is not what it should be.
    #[error("{}: {why}", path.display())]
    NotForEnrolment {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// The desk cannot listen there: is another program using the port?
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system refused threads, signals or randomness.
    #[error("the system refused: {0}")]
    System(String),
    /// The answer could not be written.
    #[error("the answer could not be written: {0}")]
    Output(std::io::Error),
}

impl PostError {
    /// The exit code: 2 wrong usage, 3 input unreadable, 4 something needed is absent.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unwell { .. } => 1,
            // The chip or its reader went away.
            Self::Chip(ChipError::Transceiver(_)) => 4,
            Self::Usage(_)
            | Self::LogProfileRefused { .. }
            | Self::BadQuery { .. }
            | Self::NotLoopback(_)
            | Self::Decision(_)
            | Self::NotSecondLine
            | Self::NotTheOfficer
            | Self::Officers(OfficersError::PinLength | OfficersError::Unknown(_)) => 2,
            Self::Picture { .. }
            | Self::Text { .. }
            | Self::Zone { .. }
            | Self::Table { .. }
            | Self::Row { .. }
            | Self::NotForEnrolment { .. }
            | Self::SomeUnreadable
            | Self::Recorded(_)
            | Self::Chip(_)
            | Self::Update(
                UpdateError::Bundle(_)
                | UpdateError::Unfit { .. }
                | UpdateError::OtherPackage { .. }
                | UpdateError::Downgrade { .. }
                | UpdateError::LayoutAhead { .. }
                | UpdateError::LayoutBehind { .. },
            )
            | Self::Take(
                TakeError::Bundle(_)
                | TakeError::Edition(_)
                | TakeError::Arrival(_)
                | TakeError::Carried { .. }
                | TakeError::Seal(_)
                | TakeError::NumberDiffers { .. },
            ) => 3,
            _ => 4,
        }
    }

    pub(crate) fn picture(path: &Path, source: PictureError) -> Self {
        // The reader of files names the file already.
        match source {
            PictureError::Unreadable { path, source } => Self::Text { path, source },
            source => Self::Picture {
                path: path.to_owned(),
                source,
            },
        }
    }

    pub(crate) fn text(path: &Path, source: std::io::Error) -> Self {
        Self::Text {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn table(path: &Path, source: csv::Error) -> Self {
        Self::Table {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn row(path: &Path, row: usize, why: impl Into<String>) -> Self {
        Self::Row {
            path: path.to_owned(),
            row,
            why: why.into(),
        }
    }
}
