//! The database of parcels on PostgreSQL: for many posts, and for several receiving programs side by side.
//!
//! Two tables. `filed` has one narrow row under the key (post, sequence), which a table partitioned by time
//! could not guard: it says that a parcel is here, its digest and the ledger head it carries. `parcel` holds
//! the parcels themselves, partitioned by the month of arrival, so that a month can be moved or dropped
//! whole. A batch goes in with one statement and one commit; all statements of a post queue up behind its
//! row in `progress`, so that programs side by side cannot give two answers.

mod erasing;

use super::{
    Contact, Erased, Held, Medium, Noted, Parcels, PostCount, Refused, See, Seen, Taken, as_column,
    digest, number,
};
use crate::HqError;
use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Transaction};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::{PostId, Sequence};
use seal::chain::Head;
use seal::checkpoint::Checkpoint;
use seal::parcel::SealedParcel;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls, Row, Statement};

/// The layout that this program writes.
const LAYOUT: i64 = 1;
/// So many connections are kept: more would only wait for the same disk.
const CONNECTIONS: usize = 16;
/// So long may a request wait for one of them.
const PATIENCE: Duration = Duration::from_secs(10);
/// Taken while tables are made, so that programs that start together do not both make them.
const MAKING: i64 = 0x006d_7061_6b61;

const LAYOUT_1: &str = include_str!("postgres_1.sql");

/// Posts are spread over so many tables.
const SPREAD: u32 = 16;

const FILE: &str = "
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

/// PostgreSQL, reached through a pool of connections.
pub struct PostgresParcels {
    pool: Pool,
    /// Months whose partition is known to be there.
    months: Mutex<BTreeSet<Date>>,
}

impl std::fmt::Debug for PostgresParcels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresParcels(..)")
    }
}

impl PostgresParcels {
    /// Reaches the server and makes the tables, or brings their layout up to date.
    ///
    /// # Errors
    /// [`HqError::DatabaseUnsupported`] for an address that cannot be used, [`HqError::LayoutUnknown`],
    /// [`HqError::Postgres`].
    pub async fn open(url: &str) -> Result<Self, HqError> {
        let config = Config::from_str(url).map_err(|e| HqError::Postgres(said(&e)))?;
        let here = config.get_hosts().iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        });
        // An address given beside the name is the one that is connected to.
        let addresses = config.get_hostaddrs();
        if !here || !addresses.iter().all(std::net::IpAddr::is_loopback) {
            return Err(HqError::PostgresElsewhere);
        }
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(|e| HqError::Postgres(e.to_string()))?;
        let opened = Self {
            pool,
            months: Mutex::default(),
        };
        opened.make_tables().await?;
        Ok(opened)
    }

    async fn connection(&self) -> Result<deadpool_postgres::Client, HqError> {
        self.pool.get().await.map_err(|e| match e {
            deadpool_postgres::PoolError::Backend(e) => HqError::Postgres(said(&e)),
            other => HqError::Postgres(other.to_string()),
        })
    }

    async fn make_tables(&self) -> Result<(), HqError> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await.map_err(failed)?;
        transaction
            .execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING])
            .await
            .map_err(failed)?;
        transaction
            .batch_execute("CREATE TABLE IF NOT EXISTS mpaka_layout (version bigint NOT NULL)")
            .await
            .map_err(failed)?;
        let found: i64 = transaction
            .query_one("SELECT coalesce(max(version), 0) FROM mpaka_layout", &[])
            .await
            .map_err(failed)?
            .get(0);
        match found {
            0 => {
                transaction.batch_execute(LAYOUT_1).await.map_err(failed)?;
                for part in 0..SPREAD {
                    let make = format!(
                        "CREATE TABLE filed_{part} PARTITION OF filed FOR VALUES WITH (MODULUS {SPREAD}, REMAINDER {part})"
                    );
                    transaction.batch_execute(&make).await.map_err(failed)?;
                }
                transaction
                    .execute("INSERT INTO mpaka_layout VALUES ($1)", &[&LAYOUT])
                    .await
                    .map_err(failed)?;
            }
            LAYOUT => {}
            found => {
                return Err(HqError::LayoutUnknown {
                    path: "postgres".into(),
                    found,
                    known: LAYOUT,
                });
            }
        }
        transaction.commit().await.map_err(failed)
    }

    /// Makes the table of the month, where it is not there yet.
    async fn make_month(&self, now: Timestamp) -> Result<(), HqError> {
        let month = TimeZone::UTC.to_datetime(now).date().first_of_month();
        let known = |months: &Mutex<BTreeSet<Date>>| {
            months
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&month)
        };
        if known(&self.months) {
            return Ok(());
        }
        let next = month.last_of_month().tomorrow().unwrap_or(month);
        let make = format!(
            "CREATE TABLE IF NOT EXISTS parcel_{}_{:02} PARTITION OF parcel
             FOR VALUES FROM ('{month} 00:00+00') TO ('{next} 00:00+00')",
            month.year(),
            month.month()
        );
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await.map_err(failed)?;
        transaction
            .execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING])
            .await
            .map_err(failed)?;
        transaction.batch_execute(&make).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        self.months
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(month);
        Ok(())
    }

    async fn seen(&self, post: &PostId, ask: &str) -> Result<Vec<Seen>, HqError> {
        let rows = self
            .connection()
            .await?
            .query(ask, &[&post.as_str()])
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(Seen {
                    at: time_of(row, 0)?,
                    ledger: head(row)?,
                    disputed: row.get(3),
                })
            })
            .collect()
    }

    async fn note_refusal(
        &self,
        post: &PostId,
        number: i64,
        digest: [u8; 32],
        now: Timestamp,
    ) -> Result<(), HqError> {
        self.connection()
            .await?
            .execute(
                "INSERT INTO refusal VALUES ($1, $2, $3, $4, 1)
                 ON CONFLICT (post, sequence, digest) DO UPDATE SET times = refusal.times + 1",
                &[&post.as_str(), &number, &&digest[..], &moment(now)],
            )
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// A batch, column by column; each number once.
#[derive(Default)]
struct Columns {
    sequence: Vec<i64>,
    kind: Vec<&'static str>,
    made_at: Vec<SystemTime>,
    ledger_line: Vec<i64>,
    ledger_hash: Vec<Vec<u8>>,
    digest: Vec<Vec<u8>>,
    gives_way: Vec<bool>,
    sealed: Vec<Vec<u8>>,
}

/// Why a batch cannot be filed at all.
enum Unfit {
    /// No post gives out this number.
    Number(Sequence),
    /// Two different parcels of the batch have it.
    Twice { number: i64, digest: [u8; 32] },
}

impl Columns {
    fn of(parcels: &[SealedParcel]) -> Result<Self, Unfit> {
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

#[async_trait]
impl Parcels for PostgresParcels {
    async fn take(
        &self,
        post: &PostId,
        parcels: &[SealedParcel],
        now: Timestamp,
    ) -> Result<Taken, Refused> {
        let columns = match Columns::of(parcels) {
            Ok(columns) => columns,
            Err(Unfit::Number(sequence)) => return Err(Refused::Number(sequence)),
            Err(Unfit::Twice { number, digest }) => {
                self.note_refusal(post, number, digest, now).await?;
                return Err(Refused::Conflict(Sequence(number.unsigned_abs())));
            }
        };
        self.make_month(now).await?;
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await.map_err(failed)?;
        let before = locked_progress(&transaction, post).await?;
        let file = prepared(&transaction, FILE).await?;
        let new = transaction
            .execute(
                &file,
                &[
                    &post.as_str(),
                    &columns.sequence,
                    &columns.kind,
                    &columns.made_at,
                    &columns.ledger_line,
                    &columns.ledger_hash,
                    &columns.digest,
                    &columns.sealed,
                    &moment(now),
                ],
            )
            .await
            .map_err(failed)? as usize;
        if new < columns.sequence.len()
            && let Some((at, digest)) = disputed(&transaction, post, &columns).await?
        {
            // Given back before another is asked for: as many batches at once as there are connections would wait
            // for one another.
            drop(transaction);
            drop(connection);
            self.note_refusal(post, at, digest, now).await?;
            return Err(Refused::Conflict(Sequence(at.unsigned_abs())));
        }
        let (up_to, ledger) = advance(&transaction, post, before).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(Taken {
            new,
            again: parcels.len() - new,
            up_to,
            ledger,
        })
    }

    async fn counts(&self) -> Result<Vec<PostCount>, HqError> {
        let rows = self
            .connection()
            .await?
            .query(
                "SELECT f.post, count(*), coalesce((SELECT up_to FROM progress g WHERE g.post = f.post), 0),
                        max(sequence), (SELECT count(*) FROM refusal r WHERE r.post = f.post)
                 FROM filed f GROUP BY f.post ORDER BY f.post COLLATE \"C\"",
                &[],
            )
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let at = |column: usize| row.get::<_, i64>(column).unsigned_abs();
                Ok(PostCount {
                    post: post_of(row)?,
                    parcels: at(1),
                    up_to: at(2),
                    last: at(3),
                    gaps: at(3).saturating_sub(at(1)),
                    refused: at(4),
                })
            })
            .collect()
    }

    async fn each(&self, post: Option<&PostId>, see: See<'_>) -> Result<(), HqError> {
        let connection = self.connection().await?;
        let rows = connection
            .query_raw(
                "SELECT post, sequence, kind, made_at, received_at, sealed FROM parcel
                 WHERE $1::text IS NULL OR post = $1 ORDER BY post COLLATE \"C\", sequence",
                [post.map(PostId::as_str)],
            )
            .await
            .map_err(failed)?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            see(held_of(&row)?)?;
        }
        Ok(())
    }

    async fn page(&self, post: &PostId, after: u64, limit: u32) -> Result<Vec<Held>, HqError> {
        let rows = self
            .connection()
            .await?
            .query(
                "SELECT post, sequence, kind, made_at, received_at, sealed FROM parcel
                 WHERE post = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
                &[&post.as_str(), &as_column(after), &i64::from(limit)],
            )
            .await
            .map_err(failed)?;
        rows.iter().map(held_of).collect()
    }

    async fn note_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        signed: &[u8],
        now: Timestamp,
    ) -> Result<Noted, HqError> {
        let (post, ledger) = (checkpoint.post.as_str(), checkpoint.ledger);
        let line = as_column(ledger.line);
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await.map_err(failed)?;
        locked_progress(&transaction, &checkpoint.post).await?;
        let before = transaction
            .query_opt(
                "SELECT ledger_line, ledger_hash FROM checkpoint WHERE post = $1 AND NOT disputed
                 ORDER BY ledger_line DESC LIMIT 1",
                &[&post],
            )
            .await
            .map_err(failed)?;
        let held = before
            .map(|row| (row.get::<_, i64>(0), row.get::<_, Vec<u8>>(1)))
            .filter(|(held, hash)| line < *held || (line == *held && hash[..] != ledger.hash[..]))
            .map(|(held, _)| held.unsigned_abs());
        transaction
            .execute(
                "INSERT INTO checkpoint VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                &[
                    &post,
                    &line,
                    &&ledger.hash[..],
                    &signed,
                    &moment(now),
                    &held.is_some(),
                ],
            )
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(held.map_or(Noted::Kept, |held| Noted::Disputed { held }))
    }

    async fn checkpoints(&self, post: &PostId) -> Result<Vec<Seen>, HqError> {
        self.seen(
            post,
            "SELECT received_at, ledger_line, ledger_hash, disputed FROM checkpoint
             WHERE post = $1 ORDER BY ledger_line, received_at",
        )
        .await
    }

    async fn heads(&self, post: &PostId) -> Result<Vec<Seen>, HqError> {
        self.seen(
            post,
            "SELECT received_at, ledger_line, ledger_hash, false FROM filed
             WHERE post = $1 ORDER BY ledger_line",
        )
        .await
    }

    async fn note_contact(
        &self,
        post: &PostId,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), HqError> {
        self.connection()
            .await?
            .execute(
                "INSERT INTO contact VALUES ($1, $2, $3) ON CONFLICT (post) DO UPDATE
                 SET seen_at = excluded.seen_at, lease_until = excluded.lease_until",
                &[&post.as_str(), &moment(now), &moment(lease_until)],
            )
            .await
            .map(drop)
            .map_err(failed)
    }

    async fn contacts(&self) -> Result<Vec<Contact>, HqError> {
        let rows = self
            .connection()
            .await?
            .query(
                "SELECT post, seen_at, lease_until FROM contact ORDER BY post COLLATE \"C\"",
                &[],
            )
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(Contact {
                    post: post_of(row)?,
                    seen_at: time_of(row, 1)?,
                    lease_until: time_of(row, 2)?,
                })
            })
            .collect()
    }

    async fn erase(
        &self,
        post: &PostId,
        sequence: Sequence,
        order: &str,
        now: Timestamp,
    ) -> Result<Option<Erased>, HqError> {
        self.erase_one(post, sequence, order, now).await
    }

    async fn clear(&self) -> Result<Medium, HqError> {
        self.clear_erased().await
    }

    async fn erasures(&self) -> Result<Vec<Erased>, HqError> {
        self.all_erased().await
    }

    async fn answers(&self) -> Result<(), HqError> {
        self.connection()
            .await?
            .query_one("SELECT 1", &[])
            .await
            .map(drop)
            .map_err(failed)
    }
}

/// Locks the post's progress to the end of the transaction and tells it.
async fn locked_progress(
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
async fn disputed(
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
async fn advance(
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

async fn prepared(transaction: &Transaction<'_>, text: &str) -> Result<Statement, HqError> {
    transaction.prepare_cached(text).await.map_err(failed)
}

/// The ledger head in the second and third column.
fn head(row: &Row) -> Result<Head, HqError> {
    Ok(Head {
        line: row.get::<_, i64>(1).unsigned_abs(),
        hash: bytes(row.get(2))?,
    })
}

fn bytes(found: &[u8]) -> Result<[u8; 32], HqError> {
    found
        .try_into()
        .map_err(|_| HqError::Postgres("a digest in the database has not 32 bytes".into()))
}

fn held_of(row: &Row) -> Result<Held, HqError> {
    Ok(Held {
        post: post_of(row)?,
        sequence: Sequence(row.get::<_, i64>(1).unsigned_abs()),
        kind: row.get(2),
        made_at: time_of(row, 3)?,
        received_at: time_of(row, 4)?,
        sealed: row.get(5),
    })
}

fn post_of(row: &Row) -> Result<PostId, HqError> {
    PostId::new(row.get::<_, String>(0)).map_err(|e| HqError::Postgres(e.to_string()))
}

/// PostgreSQL counts microseconds.
fn moment(time: Timestamp) -> SystemTime {
    let away = Duration::from_micros(time.as_microsecond().unsigned_abs());
    match time < Timestamp::UNIX_EPOCH {
        true => SystemTime::UNIX_EPOCH - away,
        false => SystemTime::UNIX_EPOCH + away,
    }
}

fn time_of(row: &Row, column: usize) -> Result<Timestamp, HqError> {
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

fn failed(error: tokio_postgres::Error) -> HqError {
    HqError::Postgres(said(&error))
}

/// What the server said, which the error itself keeps to its cause.
fn said(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
