//! The database of parcels on PostgreSQL: for many posts, and for several receiving programs side by side.
//!
//! Two tables. `filed` has one narrow row under the key (post, sequence), which a table partitioned by time
//! could not guard: it says that a parcel is here, its digest and the ledger head it carries. `parcel` holds
//! the parcels themselves, partitioned by the month of arrival, so that a month can be moved or dropped
//! whole. A batch goes in with one statement and one commit; all statements of a post queue up behind its
//! row in `progress`, so that programs side by side cannot give two answers.

mod erasing;
mod filing;
mod rows;

use super::{
    Contact, Erased, Held, Medium, Noted, Parcels, PostCount, Refused, See, Seen, Taken, as_column,
};
use crate::HqError;
use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use filing::{Columns, FILE, Unfit, advance, disputed, locked_progress, prepared};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rows::{failed, head, held_of, moment, post_of, said, time_of};
use rules::{PostId, Sequence};
use seal::checkpoint::Checkpoint;
use seal::parcel::SealedParcel;
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};

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
