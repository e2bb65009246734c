//! Parcels on their way into the file, and how far a post's numbers have come.

use super::{File, head};
use crate::HqError;
use crate::parcels::{Refused, Taken, as_column, digest, number};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use seal::chain::Head;
use seal::parcel::SealedParcel;

impl File {
    pub(super) fn take(
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
