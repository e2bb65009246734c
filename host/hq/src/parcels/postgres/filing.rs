//! A batch on its way into the database: its columns, what disputes it, and how far a post's progress moves on.

use super::super::{as_column, digest, number};
use super::rows::{bytes, failed, head, moment};
use crate::HqError;
use deadpool_postgres::Transaction;
use rules::{PostId, Sequence};
use seal::chain::Head;
use seal::parcel::SealedParcel;
use std::collections::BTreeMap;
use std::time::SystemTime;
use tokio_postgres::Statement;

/// Files a batch, but for what is there already.
pub(super) const FILE: &str = "
WITH offered AS (
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[])
        AS o (sequence, kind, made_at, ledger_line, ledger_hash, digest, sealed)
), fresh AS (
    INSERT INTO filed (post, sequence, received_at, digest, ledger_line, ledger_hash)
    SELECT $1, sequence, $9, digest, ledger_line, ledger_hash FROM offered
    ON CONFLICT DO NOTHING RETURNING sequence
)
INSERT INTO parcel (post, sequence, kind, made_at, received_at, sealed)
SELECT $1, sequence, kind, made_at, $9, sealed FROM offered JOIN fresh USING (sequence)";

/// A batch, column by column; each number once.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) sequence: Vec<i64>,
    pub(super) kind: Vec<&'static str>,
    pub(super) made_at: Vec<SystemTime>,
    pub(super) ledger_line: Vec<i64>,
    pub(super) ledger_hash: Vec<Vec<u8>>,
    pub(super) digest: Vec<Vec<u8>>,
    pub(super) gives_way: Vec<bool>,
    pub(super) sealed: Vec<Vec<u8>>,
}

/// Why a batch cannot be filed at all.
pub(super) enum Unfit {
    /// No post gives out this number.
    Number(Sequence),
    /// Two different parcels of the batch have it.
    Twice { number: i64, digest: [u8; 32] },
}

impl Columns {
    pub(super) fn of(parcels: &[SealedParcel]) -> Result<Self, Unfit> {
        let mut columns = Self::default();
        let mut seen: BTreeMap<i64, [u8; 32]> = BTreeMap::new();
        for parcel in parcels {
            let header = parcel.header();
            let number = number(header.sequence).map_err(|_| Unfit::Number(header.sequence))?;
            let sealed = parcel.to_bytes();
            let digest = digest(&sealed);
            match seen.insert(number, digest) {
                Some(before) if before == digest => continue,
                Some(_) => return Err(Unfit::Twice { number, digest }),
                None => {}
            }
            columns.sequence.push(number);
            columns.kind.push(header.kind.as_str());
            columns.made_at.push(moment(header.made_at));
            columns.ledger_line.push(as_column(header.ledger.line));
            columns.ledger_hash.push(header.ledger.hash.to_vec());
            columns.digest.push(digest.to_vec());
            columns.gives_way.push(header.kind.gives_way());
            columns.sealed.push(sealed);
        }
        Ok(columns)
    }
}

/// Locks the post's progress to the end of the transaction and tells it.
pub(super) async fn locked_progress(
    transaction: &Transaction<'_>,
    post: &PostId,
) -> Result<(i64, Head), HqError> {
    let ask = prepared(
        transaction,
        "SELECT up_to, ledger_line, ledger_hash FROM progress WHERE post = $1 FOR UPDATE",
    )
    .await?;
    if let Some(row) = transaction
        .query_opt(&ask, &[&post.as_str()])
        .await
        .map_err(failed)?
    {
        return Ok((row.get(0), head(&row)?));
    }
    let start = Head::start(post);
    transaction
        .execute(
            "INSERT INTO progress VALUES ($1, 0, 0, $2) ON CONFLICT DO NOTHING",
            &[&post.as_str(), &&start.hash[..]],
        )
        .await
        .map_err(failed)?;
    let row = transaction
        .query_one(&ask, &[&post.as_str()])
        .await
        .map_err(failed)?;
    Ok((row.get(0), head(&row)?))
}

/// The first number of the batch under which another parcel stands, with the digest offered.
pub(super) async fn disputed(
    transaction: &Transaction<'_>,
    post: &PostId,
    columns: &Columns,
) -> Result<Option<(i64, [u8; 32])>, HqError> {
    let ask = prepared(
        transaction,
        "SELECT f.sequence, o.digest
         FROM unnest($2::bigint[], $3::bytea[], $4::boolean[]) AS o (sequence, digest, gives_way)
         JOIN filed f ON f.post = $1 AND f.sequence = o.sequence
         WHERE f.digest <> o.digest AND NOT o.gives_way ORDER BY f.sequence LIMIT 1",
    )
    .await?;
    let row = transaction
        .query_opt(
            &ask,
            &[
                &post.as_str(),
                &columns.sequence,
                &columns.digest,
                &columns.gives_way,
            ],
        )
        .await
        .map_err(failed)?;
    row.map(|row| Ok((row.get(0), bytes(row.get(1))?)))
        .transpose()
}

/// Moves a post's progress over what has become contiguous. It never passes a number under which two
/// different parcels came: a receipt over it would make the box erase the one that is not here.
pub(super) async fn advance(
    transaction: &Transaction<'_>,
    post: &PostId,
    (before, ledger): (i64, Head),
) -> Result<(Sequence, Head), HqError> {
    let ask = prepared(
        transaction,
        "SELECT sequence, ledger_line, ledger_hash FROM (
             SELECT sequence, ledger_line, ledger_hash, row_number() OVER (ORDER BY sequence) AS n
             FROM filed WHERE post = $1 AND sequence > $2
         ) AS later
         WHERE sequence = $2 + n
           AND sequence < coalesce((SELECT min(sequence) FROM refusal WHERE post = $1), 9223372036854775807)
         ORDER BY sequence DESC LIMIT 1",
    )
    .await?;
    let Some(row) = transaction
        .query_opt(&ask, &[&post.as_str(), &before])
        .await
        .map_err(failed)?
    else {
        return Ok((Sequence(before.unsigned_abs()), ledger));
    };
    let (up_to, ledger) = (row.get::<_, i64>(0), head(&row)?);
    let move_on = prepared(
        transaction,
        "UPDATE progress SET up_to = $2, ledger_line = $3, ledger_hash = $4 WHERE post = $1",
    )
    .await?;
    transaction
        .execute(
            &move_on,
            &[
                &post.as_str(),
                &up_to,
                &as_column(ledger.line),
                &&ledger.hash[..],
            ],
        )
        .await
        .map_err(failed)?;
    Ok((Sequence(up_to.unsigned_abs()), ledger))
}

pub(super) async fn prepared(
    transaction: &Transaction<'_>,
    text: &str,
) -> Result<Statement, HqError> {
    transaction.prepare_cached(text).await.map_err(failed)
}
