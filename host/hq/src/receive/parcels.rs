//! The database of parcels: each stands once under (post, sequence), sealed as it came.

use crate::HqError;
use crate::register::{open_database, parsed};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use seal::chain::Head;
use seal::parcel::SealedParcel;
use std::path::{Path, PathBuf};

/// The database's layout that this program writes.
pub const PARCELS_LAYOUT: i64 = 1;

const LAYOUT_1: &str = "
CREATE TABLE parcel (
    post TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    made_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    ledger_line INTEGER NOT NULL,   -- the post's ledger head that the header carries
    ledger_hash BLOB NOT NULL,
    sealed BLOB NOT NULL,           -- the parcel as it came
    PRIMARY KEY (post, sequence)
) STRICT;
-- All parcels of a post up to a number are here: what its next receipt says.
CREATE TABLE progress (
    post TEXT PRIMARY KEY,
    up_to INTEGER NOT NULL,
    ledger_line INTEGER NOT NULL,
    ledger_hash BLOB NOT NULL
) STRICT;
-- Parcels that came under a number that another parcel has.
CREATE TABLE refusal (
    post TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,           -- SHA-256 of the parcel refused
    first_at TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (post, sequence, digest)
) STRICT;
";

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
    /// The parcel as it came.
    pub sealed: Vec<u8>,
}

/// How one post stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PostCount {
    /// The post.
    pub post: PostId,
    /// Parcels held.
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

/// The database, open.
#[derive(Debug)]
pub struct ParcelStore {
    connection: Connection,
    path: PathBuf,
}

impl ParcelStore {
    /// Opens the database, making it or bringing its layout up to date.
    ///
    /// # Errors
    /// [`HqError::LayoutUnknown`], [`HqError::Database`].
    pub fn open(path: &Path) -> Result<Self, HqError> {
        let connection = open_database(path, PARCELS_LAYOUT, |from, transaction| match from {
            0 => transaction.execute_batch(LAYOUT_1),
            _ => Ok(()),
        })?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    /// Opens a database that there is.
    ///
    /// # Errors
    /// [`HqError::NothingReceived`] where there is none, and those of [`ParcelStore::open`].
    pub fn open_existing(path: &Path) -> Result<Self, HqError> {
        if path.exists() {
            Self::open(path)
        } else {
            Err(HqError::NothingReceived {
                path: path.to_owned(),
            })
        }
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> HqError + use<> {
        HqError::database(&self.path)
    }

    /// Takes a batch of one post's parcels, whose signatures have been checked: all of it or nothing. When it
    /// returns, the batch is on the medium.
    ///
    /// # Errors
    /// [`Refused`]; a conflict is noted.
    pub fn take(
        &mut self,
        post: &PostId,
        parcels: &[SealedParcel],
        now: Timestamp,
    ) -> Result<Taken, Refused> {
        let failed = self.failed();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let (mut new, mut again) = (0, 0);
        for parcel in parcels {
            let sequence = parcel.header().sequence;
            let Some(number) = i64::try_from(sequence.0).ok().filter(|n| *n > 0) else {
                return Err(Refused::Number(sequence));
            };
            let sealed = parcel.to_bytes();
            match insert(&transaction, post, number, parcel, &sealed, now).map_err(&failed)? {
                Inserted::New => new += 1,
                Inserted::Same => again += 1,
                Inserted::Conflict => {
                    drop(transaction);
                    self.note_refusal(post, number, &sealed, now)?;
                    return Err(Refused::Conflict(sequence));
                }
            }
        }
        let (up_to, ledger) = advance(&transaction, post).map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
        Ok(Taken {
            new,
            again,
            up_to,
            ledger,
        })
    }

    fn note_refusal(
        &self,
        post: &PostId,
        number: i64,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), HqError> {
        let digest = ring::digest::digest(&ring::digest::SHA256, sealed);
        self.connection
            .execute(
                "INSERT INTO refusal VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (post, sequence, digest) DO UPDATE SET times = times + 1",
                params![post.as_str(), number, digest.as_ref(), now.to_string()],
            )
            .map_err(self.failed())?;
        Ok(())
    }

    /// How every post stands that has sent anything.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn counts(&self) -> Result<Vec<PostCount>, HqError> {
        let number = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<u64> {
            row.get::<_, i64>(column).map(i64::unsigned_abs)
        };
        self.connection
            .prepare(
                "SELECT p.post, count(*), coalesce((SELECT up_to FROM progress g WHERE g.post = p.post), 0),
                        max(sequence), (SELECT count(*) FROM refusal r WHERE r.post = p.post)
                 FROM parcel p GROUP BY p.post ORDER BY p.post",
            )
            .and_then(|mut q| {
                q.query_map([], |row| {
                    let (parcels, last) = (number(row, 1)?, number(row, 3)?);
                    Ok(PostCount {
                        post: parsed(row, 0)?,
                        parcels,
                        up_to: number(row, 2)?,
                        last,
                        gaps: last.saturating_sub(parcels),
                        refused: number(row, 4)?,
                    })
                })?
                .collect()
            })
            .map_err(self.failed())
    }

    /// Shows every parcel, or one post's, in order, to `see`, which may stop the walk.
    ///
    /// # Errors
    /// [`HqError::Database`], or what `see` returns.
    pub fn each(
        &self,
        post: Option<&PostId>,
        mut see: impl FnMut(Held) -> Result<(), HqError>,
    ) -> Result<(), HqError> {
        let failed = self.failed();
        let mut query = self
            .connection
            .prepare(
                "SELECT post, sequence, kind, made_at, received_at, sealed FROM parcel
                 WHERE ?1 IS NULL OR post = ?1 ORDER BY post, sequence",
            )
            .map_err(&failed)?;
        let mut rows = query.query([post.map(PostId::as_str)]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let held = || -> rusqlite::Result<Held> {
                Ok(Held {
                    post: parsed(row, 0)?,
                    sequence: Sequence(row.get::<_, i64>(1)?.unsigned_abs()),
                    kind: row.get(2)?,
                    made_at: parsed(row, 3)?,
                    received_at: parsed(row, 4)?,
                    sealed: row.get(5)?,
                })
            };
            see(held().map_err(&failed)?)?;
        }
        Ok(())
    }
}

enum Inserted {
    New,
    Same,
    Conflict,
}

fn insert(
    transaction: &Transaction<'_>,
    post: &PostId,
    number: i64,
    parcel: &SealedParcel,
    sealed: &[u8],
    now: Timestamp,
) -> rusqlite::Result<Inserted> {
    let header = parcel.header();
    let added = transaction
        .prepare_cached(
            "INSERT INTO parcel VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            post.as_str(),
            number,
            header.kind.as_str(),
            header.made_at.to_string(),
            now.to_string(),
            as_column(header.ledger.line),
            header.ledger.hash,
            sealed,
        ])?;
    if added == 1 {
        return Ok(Inserted::New);
    }
    let same: bool = transaction
        .prepare_cached("SELECT sealed = ?3 FROM parcel WHERE post = ?1 AND sequence = ?2")?
        .query_row(params![post.as_str(), number, sealed], |row| row.get(0))?;
    Ok(if same {
        Inserted::Same
    } else {
        Inserted::Conflict
    })
}

/// Moves a post's progress over what has become contiguous. It never passes a number under which two
/// different parcels came: a receipt over it would make the box erase the one that is not here.
fn advance(transaction: &Transaction<'_>, post: &PostId) -> rusqlite::Result<(Sequence, Head)> {
    let held: Option<(i64, Head)> = transaction
        .prepare_cached("SELECT up_to, ledger_line, ledger_hash FROM progress WHERE post = ?1")?
        .query_row([post.as_str()], |row| Ok((row.get(0)?, head(row)?)))
        .optional()?;
    let (mut up_to, mut ledger) = held.unwrap_or_else(|| (0, Head::start(post)));
    let disputed: i64 = transaction
        .prepare_cached("SELECT coalesce(min(sequence), ?2) FROM refusal WHERE post = ?1")?
        .query_row(params![post.as_str(), i64::MAX], |row| row.get(0))?;
    let mut query = transaction.prepare_cached(
        "SELECT sequence, ledger_line, ledger_hash FROM parcel
         WHERE post = ?1 AND sequence > ?2 ORDER BY sequence",
    )?;
    let mut rows = query.query(params![post.as_str(), up_to])?;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        if sequence != up_to + 1 || sequence >= disputed {
            break;
        }
        up_to = sequence;
        ledger = head(row)?;
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO progress VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            post.as_str(),
            up_to,
            as_column(ledger.line),
            ledger.hash
        ])?;
    Ok((Sequence(up_to.unsigned_abs()), ledger))
}

/// The ledger head in the second and third column.
fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        line: row.get::<_, i64>(1)?.unsigned_abs(),
        hash: row.get(2)?,
    })
}

/// SQLite's integers are signed; a ledger stays far below half of their range.
fn as_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
