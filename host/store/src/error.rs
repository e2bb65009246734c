//! What can go wrong with the state on disk, named for what to do about it.

use rules::{EditionNumber, PostId, Sequence};
use rusqlite::ErrorCode;
use seal::SealError;
use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong with the state on disk.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another program has this state open: use that one, or stop it first.
    #[error("{path} is in use by another program: use that one, or stop it first")]
    InUse {
        /// The lock that is held.
        path: PathBuf,
    },
    /// The key is not the one that this store was made with.
    #[error("{path} was made with another key: put its own store.key back")]
    WrongKey {
        /// The database.
        path: PathBuf,
    },
    /// The store cannot be read as it should be: the medium damaged it, or somebody altered it.
    #[error("{path} is damaged: {what}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The store reads well and ends too early: what was acknowledged later is gone. Its write-ahead log was
    /// deleted or damaged, or an old copy of the database was put back.
    #[error(
        "records are missing from {path}: its ledger ends at line {last}, and line {witnessed} was written"
    )]
    RecordsMissing {
        /// The database.
        path: PathBuf,
        /// The last line that is there.
        last: u64,
        /// The last line that was written.
        witnessed: u64,
    },
    /// Nothing of the store can be read, and nothing says how far it went: enrol the box anew.
    #[error("nothing of {path} can be read, and its witness is gone: enrol this box anew")]
    Unsalvageable {
        /// The database.
        path: PathBuf,
    },
    /// The disk is full. Nothing of what was asked for has been written; what was there before is unharmed.
    #[error("the disk is full: nothing was recorded; free some space and try again")]
    DiskFull,
    /// The disk refuses writing: it is mounted read-only, or the rights are wrong.
    #[error("{path} cannot be written: remount it for writing, or set its rights right")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The disk does not do as it is told.
    #[error("{path}: {source}")]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The state belongs to another post.
    #[error("this state belongs to post {found}, not {given}")]
    AnotherPost {
        /// The post in the store.
        found: PostId,
        /// The post that was asked for.
        given: PostId,
    },
    /// A newer program has changed the store's layout: install that program again. Nothing was changed.
    #[error(
        "the store's layout is version {found}, and this program reads up to {known}: a newer program has used this box, and that one is needed to open it; nothing was changed"
    )]
    NewerLayout {
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// This program was built without encryption of the store.
    #[error("this program was built without SQLCipher and will not write a store in the clear")]
    NotEncrypted,
    /// Sealing, or reading something sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// A receipt for the parcels of another post.
    #[error("this receipt is for post {found}, and this is {ours}")]
    ReceiptForAnotherPost {
        /// The post in the receipt.
        found: PostId,
        /// The post of this store.
        ours: PostId,
    },
    /// A receipt for parcels that this store has never recorded: this state is older than what was sent.
    #[error(
        "headquarters has parcels up to {up_to}, and this store recorded only up to {last}: \
         an old copy of the state was put back"
    )]
    ReceiptAhead {
        /// The receipt's number.
        up_to: Sequence,
        /// The last number given here.
        last: Sequence,
    },
    /// Headquarters has seen another history than the one in this ledger.
    #[error("headquarters' receipt up to {up_to} names another ledger than this one")]
    ReceiptForked {
        /// The receipt's number.
        up_to: Sequence,
    },
    /// A lease or counter-signature that was given to another box, or for something else.
    #[error("this word of headquarters is for another box or another ledger (post {found})")]
    WordForAnotherBox {
        /// The post that it names.
        found: PostId,
    },
    /// The ledger does not verify.
    #[error("the ledger does not verify at line {line}: {fault}")]
    LedgerBroken {
        /// The first line at fault.
        line: u64,
        /// What is wrong with it.
        fault: LedgerFault,
    },
    /// An edition that is older than the one in use.
    #[error("edition {offered} is older than edition {active} in use, and is refused")]
    EditionOlder {
        /// The edition offered.
        offered: EditionNumber,
        /// The edition in use.
        active: EditionNumber,
    },
    /// The database refuses a statement for a reason that a correct program never meets.
    #[error("the database refuses: {0}")]
    Refused(#[source] rusqlite::Error),
}

/// What is wrong with a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// The line does not follow from the one before.
    #[error("it does not follow from the line before: altered, missing or out of order")]
    Chain,
    /// The line cannot be read.
    #[error("it cannot be read")]
    Unreadable,
    /// Encounters do not count up by one.
    #[error("encounters do not count up by one")]
    SequenceGap,
    /// The encounter beside the ledger is not the one that the line was written for.
    #[error("the encounter was altered after its line was written")]
    EncounterAltered,
    /// There is neither a parcel nor a receipt for the encounter.
    #[error("its parcel is neither waiting nor receipted")]
    ParcelMissing,
    /// The waiting parcel was not sealed for this line.
    #[error("its parcel was not sealed for this line")]
    ParcelAltered,
    /// A checkpoint or the counter-signature under it was not signed by whom it names.
    #[error("a checkpoint beside it is forged")]
    CheckpointForged,
    /// Headquarters has counter-signed another line under this number, or this one is gone.
    #[error("headquarters has counter-signed another line under this number, or this one is gone")]
    CheckpointContradicted,
    /// Lines are missing at the end: the store knows of later encounters, or headquarters does.
    #[error("later lines were cut off")]
    Truncated,
}

impl StoreError {
    /// Whether a salvage is the way on: the medium damaged the store.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::RecordsMissing { .. })
    }

    /// Names an input or output error for what to do about it.
    pub(crate) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { path: path.into() }
            }
            _ => Self::Disk {
                path: path.into(),
                source,
            },
        }
    }

    /// Names an error of the database for what to do about it.
    pub(crate) fn database(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        move |error| match error.sqlite_error() {
            Some(failure) => match failure.code {
                ErrorCode::DiskFull => Self::DiskFull,
                // The shared memory or a file could not be made longer.
                ErrorCode::SystemIoFailure
                    if matches!(
                        failure.extended_code,
                        rusqlite::ffi::SQLITE_IOERR_SHMSIZE | rusqlite::ffi::SQLITE_IOERR_TRUNCATE
                    ) =>
                {
                    Self::DiskFull
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt {
                    path: path.into(),
                    what: error.to_string(),
                },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    Self::InUse { path: path.into() }
                }
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                    Self::ReadOnly { path: path.into() }
                }
                ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => Self::Disk {
                    path: path.into(),
                    source: io::Error::other(error),
                },
                _ => Self::Refused(error),
            },
            None => Self::Refused(error),
        }
    }
}
