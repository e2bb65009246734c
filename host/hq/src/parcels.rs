//! The database of parcels: each stands once under (post, sequence), sealed as it came.
//!
//! Two kinds behind one door: an SQLite file for one receiving program, PostgreSQL for many posts and
//! several receiving programs side by side.

mod postgres;
mod sqlite;

use crate::HqError;
use crate::home::Home;
use async_trait::async_trait;
use jiff::Timestamp;
use rules::{PostId, Sequence};
use seal::chain::Head;
use seal::checkpoint::Checkpoint;
use seal::parcel::SealedParcel;
use std::fmt;
use std::path::PathBuf;

pub use postgres::PostgresParcels;
pub use sqlite::{PARCELS_LAYOUT, SqliteParcels};

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Parcels that are new here.
    pub new: usize,
    /// Parcels that were here already, the very same.
    pub again: usize,
    /// All parcels of the post from 1 to this one are here.
    pub up_to: Sequence,
    /// The ledger head that parcel `up_to` carries.
    pub ledger: Head,
}

/// Why a batch was not taken; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Another parcel stands under a number of the batch.
    #[error("another parcel of this post stands under number {0}")]
    Conflict(Sequence),
    /// A number that no post gives out.
    #[error("parcels are numbered from 1, and {0} is not such a number")]
    Number(Sequence),
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] HqError),
}

/// One parcel as it is held.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its post.
    pub post: PostId,
    /// Its number there.
    pub sequence: Sequence,
    /// What it holds, by its header.
    pub kind: String,
    /// When it was sealed, by the box's clock.
    pub made_at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The parcel as it came; empty where it was erased.
    pub sealed: Vec<u8>,
}

/// How one post stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PostCount {
    /// The post.
    pub post: PostId,
    /// Parcels held, those erased since included.
    pub parcels: u64,
    /// All from 1 to this one are held and receipted.
    pub up_to: u64,
    /// The greatest number held.
    pub last: u64,
    /// Numbers below `last` that are not held.
    pub gaps: u64,
    /// Different parcels refused because their number was taken.
    pub refused: u64,
}

/// When a box was last heard of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Contact {
    /// The post.
    pub post: PostId,
    /// Its last contact.
    pub seen_at: Timestamp,
    /// Until when the lease given then lasts.
    pub lease_until: Timestamp,
}

/// What became of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It goes on from what was seen before.
    Kept,
    /// It does not: lines were cut off or changed. It is noted as such.
    Disputed {
        /// The last line seen before.
        held: u64,
    },
}

/// A place where a post's ledger was seen to stand: in a checkpoint, or in a parcel's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The line and its hash.
    pub ledger: Head,
    /// When headquarters saw it.
    pub at: Timestamp,
    /// Whether it contradicts another.
    pub disputed: bool,
}

/// A parcel that was erased at headquarters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Erased {
    /// Its post.
    pub post: PostId,
    /// Its number there.
    pub sequence: u64,
    /// SHA-256 of the parcel as it came.
    #[serde(with = "hex::serde")]
    pub digest: [u8; 32],
    /// When.
    pub at: Timestamp,
    /// By what order.
    pub order: String,
}

/// What has become of the bytes of what was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// They were written over in the database's file, and its log was emptied.
    Overwritten,
    /// The server gave their place free: nobody can ask for them any more, and its files hold them, sealed, until
    /// it uses that place again.
    Vacuumed,
}

impl Medium {
    /// The same in words, for the proof: no more than what was done.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Overwritten => {
                "written over in the database's file, and its log emptied; copies and the medium's own spare room \
                 are not reached"
            }
            Self::Vacuumed => {
                "taken out of the table and its place given free (VACUUM); until the server uses it again the sealed \
                 bytes may stand there, in its write-ahead log, and in copies"
            }
        }
    }
}

/// Shown one parcel after the other.
pub type See<'a> = &'a mut (dyn FnMut(Held) -> Result<(), HqError> + Send);

/// What headquarters keeps of posts: parcels, and how far each post's are whole.
#[async_trait]
pub trait Parcels: Send + Sync {
    /// Takes a batch of one post's parcels, whose signatures have been checked: all of it or nothing. When
    /// it returns, the batch is on the medium.
    ///
    /// # Errors
    /// [`Refused`]; a conflict is noted.
    async fn take(
        &self,
        post: &PostId,
        parcels: &[SealedParcel],
        now: Timestamp,
    ) -> Result<Taken, Refused>;

    /// How every post stands that has sent anything.
    ///
    /// # Errors
    /// What the database says.
    async fn counts(&self) -> Result<Vec<PostCount>, HqError>;

    /// Shows every parcel, or one post's, in order, to `see`, which may stop the walk.
    ///
    /// # Errors
    /// What the database says, or what `see` returns.
    async fn each(&self, post: Option<&PostId>, see: See<'_>) -> Result<(), HqError>;

    /// One post's parcels after a number, in order, at most so many.
    ///
    /// # Errors
    /// What the database says.
    async fn page(&self, post: &PostId, after: u64, limit: u32) -> Result<Vec<Held>, HqError>;

    /// Notes where a post's ledger stands by a checkpoint whose signature was checked.
    ///
    /// # Errors
    /// What the database says.
    async fn note_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        signed: &[u8],
        now: Timestamp,
    ) -> Result<Noted, HqError>;

    /// Where a post's ledger was seen to stand by its checkpoints, by line.
    ///
    /// # Errors
    /// What the database says.
    async fn checkpoints(&self, post: &PostId) -> Result<Vec<Seen>, HqError>;

    /// Where a post's ledger was seen to stand by the headers of its parcels, by line.
    ///
    /// # Errors
    /// What the database says.
    async fn heads(&self, post: &PostId) -> Result<Vec<Seen>, HqError>;

    /// Notes that a box was heard of.
    ///
    /// # Errors
    /// What the database says.
    async fn note_contact(
        &self,
        post: &PostId,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), HqError>;

    /// When boxes were last heard of, by post.
    ///
    /// # Errors
    /// What the database says.
    async fn contacts(&self) -> Result<Vec<Contact>, HqError>;

    /// Erases a parcel's content; its number and digest stay, so that it is not taken again. `None` where
    /// there is no such parcel; erasing it again changes nothing. [`Parcels::clear`] then takes it off the medium.
    ///
    /// # Errors
    /// What the database says.
    async fn erase(
        &self,
        post: &PostId,
        sequence: Sequence,
        order: &str,
        now: Timestamp,
    ) -> Result<Option<Erased>, HqError>;

    /// Takes what was erased off the medium, as far as the database can.
    ///
    /// # Errors
    /// What the database says; where somebody reads on in what was there before, that it is to be done again in a
    /// moment.
    async fn clear(&self) -> Result<Medium, HqError>;

    /// Everything that was erased, by post and number.
    ///
    /// # Errors
    /// What the database says.
    async fn erasures(&self) -> Result<Vec<Erased>, HqError>;

    /// Whether the database answers.
    ///
    /// # Errors
    /// What it says.
    async fn answers(&self) -> Result<(), HqError>;
}

/// Which database: `sqlite:PATH` or `postgres://USER@HOST/NAME`.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by its URL; may hold a password.
    Postgres(String),
}

impl Database {
    /// Reads the address; without one, it is the file in the state folder.
    ///
    /// # Errors
    /// [`HqError::DatabaseUnsupported`].
    pub fn of(url: Option<&str>, home: &Home) -> Result<Self, HqError> {
        let Some(url) = url else {
            return Ok(Self::Sqlite(home.parcels()));
        };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        url.strip_prefix("sqlite:")
            .filter(|path| !path.is_empty())
            .map(|path| Self::Sqlite(path.into()))
            .ok_or_else(|| HqError::DatabaseUnsupported(url.to_owned()))
    }

    /// Opens the database, making its tables or bringing their layout up to date.
    ///
    /// # Errors
    /// [`HqError::LayoutUnknown`], or what the database says.
    pub async fn open(&self) -> Result<Box<dyn Parcels>, HqError> {
        Ok(match self {
            Self::Sqlite(path) => Box::new(SqliteParcels::open(path)?),
            Self::Postgres(url) => Box::new(PostgresParcels::open(url).await?),
        })
    }

    /// Opens a database that there is.
    ///
    /// # Errors
    /// [`HqError::NothingReceived`] where there is no such file, and those of [`Database::open`].
    pub async fn open_existing(&self) -> Result<Box<dyn Parcels>, HqError> {
        match self {
            Self::Sqlite(path) if !path.exists() => {
                Err(HqError::NothingReceived { path: path.clone() })
            }
            _ => self.open().await,
        }
    }
}

/// Without the password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres"),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

/// SHA-256 of a parcel as it came.
fn digest(sealed: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, sealed).as_ref());
    bytes
}

/// A number that a post may give out, as databases hold it.
fn number(sequence: Sequence) -> Result<i64, Refused> {
    i64::try_from(sequence.0)
        .ok()
        .filter(|n| *n > 0)
        .ok_or(Refused::Number(sequence))
}

/// Databases' integers are signed; ledgers and numbers of editions stay far below half of their range.
pub(crate) fn as_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
