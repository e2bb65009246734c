//! The database of parcels in an SQLite file.

mod erasing;
mod taking;

use super::{
    Contact, Erased, Held, Medium, Noted, Parcels, PostCount, Refused, See, Seen, Taken, as_column,
};
use crate::HqError;
use crate::register::{open_database, parsed};
use async_trait::async_trait;
use jiff::Timestamp;
use rules::{PostId, Sequence};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use seal::chain::Head;
use seal::checkpoint::Checkpoint;
use seal::parcel::SealedParcel;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The database's layout that this program writes.
pub const PARCELS_LAYOUT: i64 = 2;

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

/// Where ledgers stood, when boxes were heard of, and what was erased.
const LAYOUT_2: &str = "
CREATE TABLE checkpoint (
    post TEXT NOT NULL,
    ledger_line INTEGER NOT NULL,
    ledger_hash BLOB NOT NULL,
    signed BLOB NOT NULL,           -- the box's word as it came
    received_at TEXT NOT NULL,
    disputed INTEGER NOT NULL,      -- 1 where it does not go on from the one before
    PRIMARY KEY (post, ledger_line, ledger_hash)
) STRICT;
CREATE TABLE contact (
    post TEXT PRIMARY KEY,
    seen_at TEXT NOT NULL,
    lease_until TEXT NOT NULL
) STRICT;
CREATE TABLE erased (
    post TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,           -- SHA-256 of the parcel as it came
    erased_at TEXT NOT NULL,
    by_order TEXT NOT NULL,
    PRIMARY KEY (post, sequence)
) STRICT;
";

/// The file, open.
#[derive(Debug)]
pub struct SqliteParcels {
    file: Mutex<File>,
}

impl SqliteParcels {
    /// Opens the file, making it or bringing its layout up to date.
    ///
    /// # Errors
    /// [`HqError::LayoutUnknown`], [`HqError::Database`].
    pub fn open(path: &Path) -> Result<Self, HqError> {
        File::open(path).map(|file| Self {
            file: Mutex::new(file),
        })
    }

    /// A panic while the lock was held left the file as it was: a transaction that was not committed.
    fn file(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Parcels for SqliteParcels {
    async fn take(
        &self,
        post: &PostId,
        parcels: &[SealedParcel],
        now: Timestamp,
    ) -> Result<Taken, Refused> {
        tokio::task::block_in_place(|| self.file().take(post, parcels, now))
    }

    async fn counts(&self) -> Result<Vec<PostCount>, HqError> {
        tokio::task::block_in_place(|| self.file().counts())
    }

    async fn each(&self, post: Option<&PostId>, see: See<'_>) -> Result<(), HqError> {
        tokio::task::block_in_place(|| self.file().each(post, see))
    }

    async fn page(&self, post: &PostId, after: u64, limit: u32) -> Result<Vec<Held>, HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.page(post, after, limit).map_err(file.failed())
        })
    }

    async fn note_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        signed: &[u8],
        now: Timestamp,
    ) -> Result<Noted, HqError> {
        tokio::task::block_in_place(|| {
            let mut file = self.file();
            let failed = file.failed();
            file.note_checkpoint(checkpoint, signed, now)
                .map_err(failed)
        })
    }

    async fn checkpoints(&self, post: &PostId) -> Result<Vec<Seen>, HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.checkpoints(post).map_err(file.failed())
        })
    }

    async fn heads(&self, post: &PostId) -> Result<Vec<Seen>, HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.heads(post).map_err(file.failed())
        })
    }

    async fn note_contact(
        &self,
        post: &PostId,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.connection
                .execute(
                    "INSERT OR REPLACE INTO contact VALUES (?1, ?2, ?3)",
                    params![post.as_str(), now.to_string(), lease_until.to_string()],
                )
                .map(drop)
                .map_err(file.failed())
        })
    }

    async fn contacts(&self) -> Result<Vec<Contact>, HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.connection
                .prepare("SELECT post, seen_at, lease_until FROM contact ORDER BY post")
                .and_then(|mut q| {
                    q.query_map([], |row| {
                        Ok(Contact {
                            post: parsed(row, 0)?,
                            seen_at: parsed(row, 1)?,
                            lease_until: parsed(row, 2)?,
                        })
                    })?
                    .collect()
                })
                .map_err(file.failed())
        })
    }

    async fn erase(
        &self,
        post: &PostId,
        sequence: Sequence,
        order: &str,
        now: Timestamp,
    ) -> Result<Option<Erased>, HqError> {
        tokio::task::block_in_place(|| {
            let mut file = self.file();
            let failed = file.failed();
            file.erase(post, as_column(sequence.0), order, now)
                .map_err(failed)
        })
    }

    async fn clear(&self) -> Result<Medium, HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.clear().map_err(file.failed())
        })
    }

    async fn erasures(&self) -> Result<Vec<Erased>, HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.erasures().map_err(file.failed())
        })
    }

    async fn answers(&self) -> Result<(), HqError> {
        tokio::task::block_in_place(|| {
            let file = self.file();
            file.connection
                .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
                .map_err(file.failed())
        })
    }
}

/// The connection and what it is a connection to.
#[derive(Debug)]
struct File {
    connection: Connection,
    path: PathBuf,
}

impl File {
    fn open(path: &Path) -> Result<Self, HqError> {
        let connection = open_database(path, PARCELS_LAYOUT, |from, transaction| match from {
            0 => transaction.execute_batch(LAYOUT_1),
            1 => transaction.execute_batch(LAYOUT_2),
            _ => Ok(()),
        })?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> HqError + use<> {
        HqError::database(&self.path)
    }

    fn note_checkpoint(
        &mut self,
        checkpoint: &Checkpoint,
        signed: &[u8],
        now: Timestamp,
    ) -> rusqlite::Result<Noted> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (post, ledger) = (checkpoint.post.as_str(), checkpoint.ledger);
        let line = as_column(ledger.line);
        let before: Option<(i64, [u8; 32])> = transaction
            .query_row(
                "SELECT ledger_line, ledger_hash FROM checkpoint WHERE post = ?1 AND disputed = 0
                 ORDER BY ledger_line DESC LIMIT 1",
                [post],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let held = before
            .filter(|(held, hash)| line < *held || (line == *held && *hash != ledger.hash))
            .map(|(held, _)| held.unsigned_abs());
        transaction.execute(
            "INSERT INTO checkpoint VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            params![
                post,
                line,
                ledger.hash,
                signed,
                now.to_string(),
                held.is_some()
            ],
        )?;
        transaction.commit()?;
        Ok(held.map_or(Noted::Kept, |held| Noted::Disputed { held }))
    }

    fn checkpoints(&self, post: &PostId) -> rusqlite::Result<Vec<Seen>> {
        self.seen(
            post,
            "SELECT received_at, ledger_line, ledger_hash, disputed FROM checkpoint
             WHERE post = ?1 ORDER BY ledger_line, received_at",
        )
    }

    fn heads(&self, post: &PostId) -> rusqlite::Result<Vec<Seen>> {
        self.seen(
            post,
            "SELECT received_at, ledger_line, ledger_hash, 0 FROM parcel
             WHERE post = ?1 ORDER BY ledger_line",
        )
    }

    fn seen(&self, post: &PostId, ask: &str) -> rusqlite::Result<Vec<Seen>> {
        self.connection
            .prepare(ask)?
            .query_map([post.as_str()], |row| {
                Ok(Seen {
                    at: parsed(row, 0)?,
                    ledger: head(row)?,
                    disputed: row.get(3)?,
                })
            })?
            .collect()
    }

    fn counts(&self) -> Result<Vec<PostCount>, HqError> {
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

    fn each(&self, post: Option<&PostId>, see: See<'_>) -> Result<(), HqError> {
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
            see(held_of(row).map_err(&failed)?)?;
        }
        Ok(())
    }

    fn page(&self, post: &PostId, after: u64, limit: u32) -> rusqlite::Result<Vec<Held>> {
        self.connection
            .prepare_cached(
                "SELECT post, sequence, kind, made_at, received_at, sealed FROM parcel
                 WHERE post = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
            )?
            .query_map(params![post.as_str(), as_column(after), limit], held_of)?
            .collect()
    }
}

fn held_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        post: parsed(row, 0)?,
        sequence: Sequence(row.get::<_, i64>(1)?.unsigned_abs()),
        kind: row.get(2)?,
        made_at: parsed(row, 3)?,
        received_at: parsed(row, 4)?,
        sealed: row.get(5)?,
    })
}

/// The ledger head in the second and third column.
fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        line: row.get::<_, i64>(1)?.unsigned_abs(),
        hash: row.get(2)?,
    })
}
