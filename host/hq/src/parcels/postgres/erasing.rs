//! Erasing on PostgreSQL. An update leaves the old row in its place until a vacuum, and the server takes no row
//! off its pages for as long as anybody may still read it: both are seen to here, and no more is claimed.

use super::PostgresParcels;
use super::rows::{bytes, failed, moment, post_of, time_of};
use crate::HqError;
use crate::parcels::{Erased, Medium, as_column};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use std::time::Duration;
use tokio_postgres::Row;

const ERASED: &str = "SELECT post, sequence, digest, erased_at, by_order FROM erased";

/// So often is it asked whether those who read what was erased have come to an end, this long apart.
const CLEARING_TRIES: u32 = 100;
const CLEARING_PAUSE: Duration = Duration::from_millis(100);

impl PostgresParcels {
    pub(super) async fn erase_one(
        &self,
        post: &PostId,
        sequence: Sequence,
        order: &str,
        now: Timestamp,
    ) -> Result<Option<Erased>, HqError> {
        let number = as_column(sequence.0);
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await.map_err(failed)?;
        transaction
            .execute(
                "INSERT INTO erased SELECT post, sequence, digest, $3, $4 FROM filed
                 WHERE post = $1 AND sequence = $2 ON CONFLICT DO NOTHING",
                &[&post.as_str(), &number, &moment(now), &order],
            )
            .await
            .map_err(failed)?;
        transaction
            .execute(
                "UPDATE parcel SET sealed = '' WHERE post = $1 AND sequence = $2",
                &[&post.as_str(), &number],
            )
            .await
            .map_err(failed)?;
        let row = transaction
            .query_opt(
                &format!("{ERASED} WHERE post = $1 AND sequence = $2"),
                &[&post.as_str(), &number],
            )
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        row.as_ref().map(erased_of).transpose()
    }

    pub(super) async fn clear_erased(&self) -> Result<Medium, HqError> {
        let connection = self.connection().await?;
        let now: String = connection
            .query_one("SELECT pg_current_xact_id()::xid::text", &[])
            .await
            .map_err(failed)?
            .get(0);
        let tables = connection
            .query(
                "SELECT DISTINCT p.tableoid::regclass::text FROM erased e
                 JOIN parcel p ON p.post = e.post AND p.sequence = e.sequence",
                &[],
            )
            .await
            .map_err(failed)?;
        // Whoever began before may still read what was erased, and it stays in its place for as long.
        let mut tries = 0;
        while readers_since(&connection, &now).await? {
            tries += 1;
            if tries > CLEARING_TRIES {
                return Err(HqError::Postgres(
                    "erased, and somebody reads on in what was there before: erase it again in a moment"
                        .into(),
                ));
            }
            tokio::time::sleep(CLEARING_PAUSE).await;
        }
        for table in &tables {
            let vacuum = format!("VACUUM {}", table.get::<_, String>(0));
            connection.batch_execute(&vacuum).await.map_err(failed)?;
        }
        Ok(Medium::Vacuumed)
    }

    pub(super) async fn all_erased(&self) -> Result<Vec<Erased>, HqError> {
        let ask = format!("{ERASED} ORDER BY post COLLATE \"C\", sequence");
        let rows = self.connection().await?.query(&ask, &[]).await;
        rows.map_err(failed)?.iter().map(erased_of).collect()
    }
}

fn erased_of(row: &Row) -> Result<Erased, HqError> {
    Ok(Erased {
        post: post_of(row)?,
        sequence: row.get::<_, i64>(1).unsigned_abs(),
        digest: bytes(row.get(2))?,
        at: time_of(row, 3)?,
        order: row.get(4),
    })
}

/// Whether somebody works on in what stood in the database before this transaction.
async fn readers_since(
    connection: &deadpool_postgres::Client,
    transaction: &str,
) -> Result<bool, HqError> {
    let row = connection
        .query_one(
            "SELECT count(*) > 0 FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
               AND (age(backend_xmin) >= age($1::text::xid) OR age(backend_xid) >= age($1::text::xid))",
            &[&transaction],
        )
        .await
        .map_err(failed)?;
    Ok(row.get(0))
}
