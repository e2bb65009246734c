//! Rows of the database as this room's values, times as PostgreSQL counts them, and what the server says.

use super::super::Held;
use crate::HqError;
use jiff::Timestamp;
use rules::{PostId, Sequence};
use seal::chain::Head;
use std::time::{Duration, SystemTime};
use tokio_postgres::Row;

/// The ledger head in the second and third column.
pub(super) fn head(row: &Row) -> Result<Head, HqError> {
    Ok(Head {
        line: row.get::<_, i64>(1).unsigned_abs(),
        hash: bytes(row.get(2))?,
    })
}

pub(super) fn bytes(found: &[u8]) -> Result<[u8; 32], HqError> {
    found
        .try_into()
        .map_err(|_| HqError::Postgres("a digest in the database has not 32 bytes".into()))
}

pub(super) fn held_of(row: &Row) -> Result<Held, HqError> {
    Ok(Held {
        post: post_of(row)?,
        sequence: Sequence(row.get::<_, i64>(1).unsigned_abs()),
        kind: row.get(2),
        made_at: time_of(row, 3)?,
        received_at: time_of(row, 4)?,
        sealed: row.get(5),
    })
}

pub(super) fn post_of(row: &Row) -> Result<PostId, HqError> {
    PostId::new(row.get::<_, String>(0)).map_err(|e| HqError::Postgres(e.to_string()))
}

/// PostgreSQL counts microseconds.
pub(super) fn moment(time: Timestamp) -> SystemTime {
    let away = Duration::from_micros(time.as_microsecond().unsigned_abs());
    match time < Timestamp::UNIX_EPOCH {
        true => SystemTime::UNIX_EPOCH - away,
        false => SystemTime::UNIX_EPOCH + away,
    }
}

pub(super) fn time_of(row: &Row, column: usize) -> Result<Timestamp, HqError> {
    let found: SystemTime = row.get(column);
    let micros = match found.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()),
        Err(before) => i64::try_from(before.duration().as_micros()).map(|micros| -micros),
    };
    micros
        .ok()
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        .ok_or_else(|| HqError::Postgres("a time in the database is none".into()))
}

pub(super) fn failed(error: tokio_postgres::Error) -> HqError {
    HqError::Postgres(said(&error))
}

/// What the server said, which the error itself keeps to its cause.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
