//! Headquarters' own book (`office.db` in the state folder): proofs of approval, the places of boxes, their
//! health as last reported, rollouts, codes and tokens, people's certificates, holds on
//! records. No personal data of travellers stands in it.

use crate::HqError;
use crate::approval::Proof;
use crate::home::Home;
use crate::register::open_database;
use rusqlite::{Connection, params};
use std::path::PathBuf;

/// The layout that this program writes.
const LAYOUT: i64 = 7;

const LAYOUT_1: &str = "
CREATE TABLE proof (
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,
    approver TEXT NOT NULL,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (revision, digest, approver)
) STRICT;
-- Where a box stands, for waves and for the page.
CREATE TABLE place (
    post TEXT PRIMARY KEY,
    title TEXT,                     -- what people call it
    region TEXT,
    canary INTEGER NOT NULL DEFAULT 0 CHECK (canary IN (0, 1)),
    latitude REAL,
    longitude REAL
) STRICT;
-- The newest health report of each box, as it came.
CREATE TABLE health (
    post TEXT PRIMARY KEY,
    number INTEGER NOT NULL,        -- counts up at the box: an older one is not taken
    made_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    edition INTEGER,
    report BLOB NOT NULL
) STRICT;
-- When each box first said that it has an edition: proof of uptake, and what a stolen box held.
CREATE TABLE uptake (
    post TEXT NOT NULL,
    edition INTEGER NOT NULL,
    at TEXT NOT NULL,
    report BLOB NOT NULL,           -- the signed report that says so
    PRIMARY KEY (post, edition)
) STRICT;
CREATE TABLE rollout (
    edition INTEGER PRIMARY KEY,
    out TEXT NOT NULL,              -- the repository folder
    waves TEXT NOT NULL,            -- JSON: the plan as it was begun
    wave INTEGER NOT NULL,          -- the wave reached, from 0
    state TEXT NOT NULL CHECK (state IN ('open', 'halted', 'done', 'aborted')),
    why TEXT,
    begun_at TEXT NOT NULL,
    wave_at TEXT NOT NULL
) STRICT;
-- Codes with which boxes enrol themselves, once each.
CREATE TABLE code (
    post TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;
-- Other systems' access, by the digest of the token.
CREATE TABLE token (
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    made_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
-- What other systems offered for the list; it waits for people.
CREATE TABLE offer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL REFERENCES token (name),
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'refused')),
    by TEXT,
    answered_at TEXT,
    why TEXT
) STRICT;
-- Entries that were taken off the list and stay off it, whatever its source says.
CREATE TABLE withdrawal (
    key TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    why TEXT NOT NULL,
    at TEXT NOT NULL,
    edition INTEGER                 -- the first edition without it; absent until one is published
) STRICT;
-- The list as it was published last, to show what a publishing would change.
CREATE TABLE published (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
";

/// Records that nobody may erase.
const LAYOUT_2: &str = "
CREATE TABLE hold (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    by_order TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at TEXT NOT NULL
) STRICT;
CREATE INDEX hold_record ON hold (post, sequence);
-- People's words that a hold may end; two that count end it.
CREATE TABLE hold_release (
    hold INTEGER NOT NULL REFERENCES hold (id),
    person TEXT NOT NULL,           -- in lower case: one person, however written
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,           -- the key that signed it; empty where the keys have no holders
    signature BLOB NOT NULL,
    PRIMARY KEY (hold, person)
) STRICT;
";

/// Software that has been through its waves.
const LAYOUT_3: &str = "
CREATE TABLE everywhere (
    software TEXT PRIMARY KEY,      -- the name that a package travels under, its digest within
    at TEXT NOT NULL
) STRICT;
";

/// People who come to the page with a certificate.
const LAYOUT_4: &str = "
CREATE TABLE person (
    key BLOB PRIMARY KEY,           -- SHA-256 of the public key in the certificate
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    made_at TEXT NOT NULL,
    good_until TEXT NOT NULL,
    ended_at TEXT                   -- when it was ended, or another took its place
) STRICT;
";

/// Boxes that a rollout went on without.
const LAYOUT_5: &str = "
CREATE TABLE left_behind (
    edition INTEGER NOT NULL,
    post TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('silent', 'takes_no_updates')),
    at TEXT NOT NULL,
    PRIMARY KEY (edition, post)
) STRICT;
";

/// Tokens that are good with a system's certificate alone.
const LAYOUT_6: &str = "
ALTER TABLE token ADD COLUMN system TEXT;   -- the name of whose certificate; absent: good in the clear alone
";

/// A box may be gone on without for want of room, too: what a column admits is changed with its table.
const LAYOUT_7: &str = "
CREATE TABLE left_behind_by_7 (
    edition INTEGER NOT NULL,
    post TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('silent', 'takes_no_updates', 'no_room')),
    at TEXT NOT NULL,
    PRIMARY KEY (edition, post)
) STRICT;
INSERT INTO left_behind_by_7 SELECT edition, post, why, at FROM left_behind;
DROP TABLE left_behind;
ALTER TABLE left_behind_by_7 RENAME TO left_behind;
";

/// The book, open.
#[derive(Debug)]
pub struct Office {
    pub(crate) connection: Connection,
    path: PathBuf,
}

impl Office {
    /// Opens the book, making it or bringing its layout up to date.
    ///
    /// # Errors
    /// [`HqError::LayoutUnknown`], [`HqError::Database`].
    pub fn open(home: &Home) -> Result<Self, HqError> {
        let path = home.office();
        let connection = open_database(&path, LAYOUT, |from, transaction| match from {
            0 => transaction.execute_batch(LAYOUT_1),
            1 => transaction.execute_batch(LAYOUT_2),
            2 => transaction.execute_batch(LAYOUT_3),
            3 => transaction.execute_batch(LAYOUT_4),
            4 => transaction.execute_batch(LAYOUT_5),
            5 => transaction.execute_batch(LAYOUT_6),
            6 => transaction.execute_batch(LAYOUT_7),
            _ => Ok(()),
        })?;
        Ok(Self { connection, path })
    }

    /// Wraps what the database said.
    pub(crate) fn failed(&self) -> impl Fn(rusqlite::Error) -> HqError + use<> {
        HqError::database(&self.path)
    }

    pub(crate) fn put_proof(&self, proof: &Proof) -> Result<(), HqError> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO proof VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    proof.revision,
                    proof.digest,
                    proof.approver,
                    proof.at,
                    proof.key_id,
                    proof.signature
                ],
            )
            .map(drop)
            .map_err(self.failed())
    }

    pub(crate) fn proofs(&self, revision: i64, digest: &str) -> Result<Vec<Proof>, HqError> {
        self.connection
            .prepare(
                "SELECT revision, digest, approver, at, key_id, signature FROM proof
                 WHERE revision = ?1 AND digest = ?2 ORDER BY at",
            )
            .and_then(|mut q| {
                q.query_map(params![revision, digest], |row| {
                    Ok(Proof {
                        revision: row.get(0)?,
                        digest: row.get(1)?,
                        approver: row.get(2)?,
                        at: row.get(3)?,
                        key_id: row.get(4)?,
                        signature: row.get(5)?,
                    })
                })?
                .collect()
            })
            .map_err(self.failed())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_book_of_yesterday_is_led_on_and_keeps_who_was_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let yesterday = Connection::open(home.office()).unwrap();
        for layout in [LAYOUT_1, LAYOUT_2, LAYOUT_3, LAYOUT_4, LAYOUT_5, LAYOUT_6] {
            yesterday.execute_batch(layout).unwrap();
        }
        yesterday
            .execute_batch(
                "INSERT INTO left_behind VALUES (7, 'NAMANGA-1', 'silent', '2026-11-01T00:00:00Z');
                 PRAGMA user_version = 6;",
            )
            .unwrap();
        drop(yesterday);
        let book = Office::open(&home).unwrap().connection;
        book.execute_batch(
            "INSERT INTO left_behind VALUES (7, 'NAMANGA-2', 'no_room', '2026-11-02T00:00:00Z')",
        )
        .unwrap();
        let ask = |sql: &str| -> i64 { book.query_row(sql, [], |r| r.get(0)).unwrap() };
        assert_eq!(ask("SELECT count(*) FROM left_behind"), 2);
        assert_eq!(ask("PRAGMA user_version"), LAYOUT);
    }
}
