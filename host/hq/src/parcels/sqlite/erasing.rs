//! What is erased in the file, and what is kept of it: that it was.

use super::File;
use crate::parcels::{Erased, Medium, digest};
use crate::register::parsed;
use jiff::Timestamp;
use rules::PostId;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

const ERASED: &str = "SELECT post, sequence, digest, erased_at, by_order FROM erased";

impl File {
    pub(super) fn erase(
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
    pub(super) fn clear(&self) -> rusqlite::Result<Medium> {
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

    pub(super) fn erasures(&self) -> rusqlite::Result<Vec<Erased>> {
        self.connection
            .prepare(&format!("{ERASED} ORDER BY post, sequence"))?
            .query_map([], erased_of)?
            .collect()
    }
}

fn erased_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Erased> {
    Ok(Erased {
        post: parsed(row, 0)?,
        sequence: row.get::<_, i64>(1)?.unsigned_abs(),
        digest: row.get(2)?,
        at: parsed(row, 3)?,
        order: row.get(4)?,
    })
}
