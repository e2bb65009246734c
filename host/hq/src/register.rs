//! The register: an SQLite file with the boxes, the working list, its approvals and the editions.
//!
//! Every change is one transaction, synced before it is reported done.

use crate::HqError;
use crate::home::Home;
use jiff::Timestamp;
use rules::PostId;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use seal::device::{DevicePublic, Enrolment};
use std::path::{Path, PathBuf};

/// The layout that this program writes.
const LAYOUT: i64 = 1;

const LAYOUT_1: &str = "
CREATE TABLE post (
    post TEXT PRIMARY KEY,
    device BLOB NOT NULL,           -- the box's Ed25519 public key, 32 bytes
    enrolled_at TEXT NOT NULL
) STRICT;
CREATE TABLE source (
    name TEXT PRIMARY KEY,
    legal_basis TEXT NOT NULL,
    state TEXT,                     -- the state that lists, where the source is one
    imported_at TEXT NOT NULL
) STRICT;
CREATE TABLE entry (
    key TEXT PRIMARY KEY,           -- the entry's name; NUMBER/STATE/TYPE for a document without one
    kind TEXT NOT NULL CHECK (kind IN ('person', 'document')),
    source TEXT NOT NULL REFERENCES source (name),
    body TEXT NOT NULL              -- the entry as JSON
) STRICT;
CREATE INDEX entry_source ON entry (source);
-- Counts every change of the list: an approval is of one revision, and a change back is a new one.
CREATE TABLE revision (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (1, 0);
CREATE TABLE approval (
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,           -- SHA-256 of the list approved
    approver TEXT NOT NULL,         -- in lower case: one person, however written
    at TEXT NOT NULL,
    PRIMARY KEY (revision, approver)
) STRICT;
CREATE TABLE edition (
    number INTEGER PRIMARY KEY,
    signing INTEGER NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    approvers TEXT NOT NULL,
    made_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    published_at TEXT               -- absent where signing was begun and not finished
) STRICT;
";

/// A box that may send parcels.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct EnrolledPost {
    /// Where it stands.
    pub post: PostId,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// Its public key.
    pub device: DevicePublic,
}

/// The register, open.
#[derive(Debug)]
pub struct Register {
    pub(crate) connection: Connection,
    path: PathBuf,
}

impl Register {
    /// Opens the register, making it or bringing its layout up to date.
    ///
    /// # Errors
    /// [`HqError::LayoutUnknown`] for one written by a newer program, or [`HqError::Database`].
    pub fn open(home: &Home) -> Result<Self, HqError> {
        let path = home.register();
        let connection = open_database(&path, LAYOUT, |from, transaction| match from {
            0 => transaction.execute_batch(LAYOUT_1),
            _ => Ok(()),
        })?;
        Ok(Self { connection, path })
    }

    /// Wraps what the database said.
    pub(crate) fn failed(&self) -> impl Fn(rusqlite::Error) -> HqError + use<> {
        HqError::database(&self.path)
    }

    /// Registers a box. Registering it again with the same key changes nothing.
    ///
    /// # Errors
    /// [`HqError::PostEnrolled`] where the post has another key, or [`HqError::Database`].
    pub fn enrol(&mut self, enrolment: &Enrolment, now: Timestamp) -> Result<(), HqError> {
        let (post, device) = (enrolment.post(), enrolment.device());
        let failed = self.failed();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let held: Option<[u8; 32]> = transaction
            .query_row(
                "SELECT device FROM post WHERE post = ?1",
                [post.as_str()],
                |row| row.get(0),
            )
            .optional()
            .map_err(&failed)?;
        match held {
            Some(held) if held == *device.bytes() => return Ok(()),
            Some(_) => return Err(HqError::PostEnrolled { post: post.clone() }),
            None => {}
        }
        transaction
            .execute(
                "INSERT INTO post VALUES (?1, ?2, ?3)",
                params![post.as_str(), device.bytes(), now.to_string()],
            )
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)
    }

    /// One box, where it is enrolled.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn post(&self, post: &PostId) -> Result<Option<EnrolledPost>, HqError> {
        self.connection
            .prepare_cached("SELECT post, device, enrolled_at FROM post WHERE post = ?1")
            .and_then(|mut q| q.query_row([post.as_str()], post_of).optional())
            .map_err(self.failed())
    }

    /// Every enrolled box, by name.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn posts(&self) -> Result<Vec<EnrolledPost>, HqError> {
        self.connection
            .prepare("SELECT post, device, enrolled_at FROM post ORDER BY post")
            .and_then(|mut q| q.query_map([], post_of)?.collect())
            .map_err(self.failed())
    }
}

fn post_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<EnrolledPost> {
    Ok(EnrolledPost {
        post: parsed(row, 0)?,
        device: DevicePublic::from_bytes(row.get(1)?),
        enrolled_at: parsed(row, 2)?,
    })
}

/// A column that holds the text form of a type.
pub(crate) fn parsed<T>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}

/// Opens an SQLite file that loses nothing on a power cut, and brings its layout up to `layout`, one step at a
/// time in one transaction.
pub(crate) fn open_database(
    path: &Path,
    layout: i64,
    step: impl Fn(i64, &rusqlite::Transaction<'_>) -> rusqlite::Result<()>,
) -> Result<Connection, HqError> {
    let failed = HqError::database(path);
    let mut connection = Connection::open(path).map_err(&failed)?;
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .map_err(&failed)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )
        .map_err(&failed)?;
    let layout_of = |connection: &Connection| -> Result<i64, HqError> {
        connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(&failed)
    };
    // An up-to-date file is not written to: it can be read on a full disk.
    let found = layout_of(&connection)?;
    if found > layout {
        return Err(HqError::LayoutUnknown {
            path: path.to_owned(),
            found,
            known: layout,
        });
    }
    if found < layout {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        // Asked again under the lock: another program may have been quicker.
        for from in layout_of(&transaction)?..layout {
            step(from, &transaction).map_err(&failed)?;
        }
        transaction
            .pragma_update(None, "user_version", layout)
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
    }
    Ok(connection)
}
