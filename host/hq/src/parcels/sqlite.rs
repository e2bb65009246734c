//! The database of parcels in an SQLite file.

use super::{
    Contact, Erased, Held, Medium, Noted, Parcels, PostCount, Refused, See, Seen, Taken, as_column,
    digest, number,
};
use crate::HqError;
use crate::register::{open_database, parsed};
use async_trait::async_trait;
use jiff::Timestamp;
use rules::{PostId, Sequence};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
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

    fn take(
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
            let number = number(sequence)?;
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
        self.connection
            .execute(
                "INSERT INTO refusal VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (post, sequence, digest) DO UPDATE SET times = times + 1",
                params![post.as_str(), number, digest(sealed), now.to_string()],
            )
            .map_err(self.failed())?;
        Ok(())
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

    fn erase(
        &mut self,
        post: &PostId,
        sequence: i64,
        order: &str,
        now: Timestamp,
    ) -> rusqlite::Result<Option<Erased>> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let key = params![post.as_str(), sequence];
        let sealed: Option<Vec<u8>> = transaction
            .query_row(
                "SELECT sealed FROM parcel WHERE post = ?1 AND sequence = ?2",
                key,
                |row| row.get(0),
            )
            .optional()?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        transaction.execute(
            "INSERT INTO erased VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![
                post.as_str(),
                sequence,
                digest(&sealed),
                now.to_string(),
                order
            ],
        )?;
        transaction.execute(
            "UPDATE parcel SET sealed = x'' WHERE post = ?1 AND sequence = ?2",
            key,
        )?;
        let erased = transaction.query_row(
            &format!("{ERASED} WHERE post = ?1 AND sequence = ?2"),
            key,
            erased_of,
        )?;
        transaction.commit()?;
        Ok(Some(erased))
    }

    /// What was erased must not stay in the file: neither in free pages, which are written over, nor in the log. Where
    /// somebody reads on in the log, it is still there, and that is said.
    fn clear(&self) -> rusqlite::Result<Medium> {
        let empty = "PRAGMA wal_checkpoint(TRUNCATE)";
        let kept: bool = self.connection.query_row(empty, [], |row| row.get(0))?;
        if kept {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                Some("erased, and its log is being read: erase it again in a moment".into()),
            ));
        }
        Ok(Medium::Overwritten)
    }

    fn erasures(&self) -> rusqlite::Result<Vec<Erased>> {
        self.connection
            .prepare(&format!("{ERASED} ORDER BY post, sequence"))?
            .query_map([], erased_of)?
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

const ERASED: &str = "SELECT post, sequence, digest, erased_at, by_order FROM erased";

fn erased_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Erased> {
    Ok(Erased {
        post: parsed(row, 0)?,
        sequence: row.get::<_, i64>(1)?.unsigned_abs(),
        digest: row.get(2)?,
        at: parsed(row, 3)?,
        order: row.get(4)?,
    })
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
        .prepare_cached(
            "SELECT sealed = ?3 OR EXISTS (
                 SELECT 1 FROM erased e WHERE e.post = ?1 AND e.sequence = ?2 AND e.digest = ?4)
             FROM parcel WHERE post = ?1 AND sequence = ?2",
        )?
        .query_row(
            params![post.as_str(), number, sealed, digest(sealed)],
            |row| row.get(0),
        )?;
    Ok(if same || header.kind.gives_way() {
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
