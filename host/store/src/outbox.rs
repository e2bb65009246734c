//! The outbox: parcels that wait, and receipts that end their waiting.

use crate::encounters::key;
use crate::ledger::{self, LedgerEvent};
use crate::{Store, StoreError, reserve};
use jiff::Timestamp;
use rules::Sequence;
use rusqlite::{OptionalExtension, TransactionBehavior};
use seal::chain::Head;
use seal::parcel::{BATCH_LIMIT, SealedParcel};
use seal::receipt::VerifiedReceipt;
use std::collections::BTreeSet;

/// What waits, and what headquarters last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxStatus {
    /// How many parcels wait.
    pub waiting: u64,
    /// Their size together, in bytes.
    pub waiting_bytes: u64,
    /// When the oldest of them was sealed.
    pub oldest: Option<Timestamp>,
    /// The last number given to a parcel.
    pub last: Sequence,
    /// The newest receipt, where there has been one.
    pub receipt: Option<ReceiptStatus>,
}

/// What headquarters last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptStatus {
    /// It has every parcel up to this one.
    pub up_to: Sequence,
    /// When it said so.
    pub at: Timestamp,
}

/// How many parcels are taken off the disk at a time.
const SWEEP: i64 = 500;

/// Fewer empty pages than this, of 4096 bytes each, are left for the next parcels.
const SHRINK_ABOVE: i64 = 512;

/// So many of the oldest parcels are looked through for small ones.
const LOOK_AHEAD: i64 = 4096;

/// A parcel of so many bytes goes before larger ones: two seconds at 64 kbit/s.
const SMALL: usize = 16 * 1024;

/// Room in a batch for what stands around each parcel, in bytes.
const AROUND: usize = 16;

impl Store {
    /// The parcels to send next, oldest first: at most `limit`, and no more than fit into one batch.
    ///
    /// # Errors
    /// [`StoreError::Seal`] where one cannot be read, and the errors of a disk.
    pub fn pending(&self, limit: usize) -> Result<Vec<SealedParcel>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT parcel FROM outbox
                 WHERE sequence > coalesce((SELECT up_to FROM receipts), 0)
                 ORDER BY sequence LIMIT ?1",
            )
            .map_err(self.named())?;
        let mut rows = statement
            .query([i64::try_from(limit).unwrap_or(i64::MAX)])
            .map_err(self.named())?;
        let mut parcels = Vec::new();
        let mut size = AROUND;
        while let Some(row) = rows.next().map_err(self.named())? {
            let bytes: Vec<u8> = row.get(0).map_err(self.named())?;
            size += bytes.len() + AROUND;
            if size > BATCH_LIMIT {
                break;
            }
            parcels.push(SealedParcel::from_bytes(&bytes)?);
        }
        Ok(parcels)
    }

    /// The parcels to send next: small ones before large ones, older before newer, without those that
    /// headquarters is known to have. As many as fit into `budget` bytes, and at least one where any waits.
    ///
    /// # Errors
    /// [`StoreError::Seal`] where one cannot be read, and the errors of a disk.
    pub fn next_batch(
        &self,
        budget: usize,
        without: &BTreeSet<Sequence>,
    ) -> Result<Vec<SealedParcel>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT sequence, length(parcel) FROM outbox
                 WHERE sequence > coalesce((SELECT up_to FROM receipts), 0)
                 ORDER BY sequence LIMIT ?1",
            )
            .map_err(self.named())?;
        let mut waiting: Vec<(bool, i64, usize)> = statement
            .query_map([LOOK_AHEAD + key(Sequence(without.len() as u64))], |row| {
                let (sequence, size) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                Ok((size > SMALL, sequence, size))
            })
            .and_then(Iterator::collect)
            .map_err(self.named())?;
        waiting.retain(|(_, sequence, _)| !without.contains(&Sequence(sequence.unsigned_abs())));
        waiting.sort_unstable();
        let budget = budget.min(BATCH_LIMIT);
        let mut parcels = Vec::new();
        let mut total = AROUND;
        for (_, sequence, size) in waiting {
            total += size + AROUND;
            if total > budget && !parcels.is_empty() {
                break;
            }
            if let Some(bytes) = self.waiting(Sequence(sequence.unsigned_abs()))? {
                parcels.push(SealedParcel::from_bytes(&bytes)?);
            }
        }
        Ok(parcels)
    }

    /// Keeps headquarters' receipt and erases the parcels that it covers: none of them waits any more once
    /// this returns, and all of them do where it fails. Returns how many were erased; a receipt no newer than the last is harmless and erases none.
    ///
    /// # Errors
    /// [`StoreError::ReceiptForAnotherPost`], [`StoreError::ReceiptAhead`], [`StoreError::ReceiptForked`]:
    /// nothing is erased then; and the errors of a disk.
    pub fn acknowledge(
        &mut self,
        verified: &VerifiedReceipt,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let receipt = verified.receipt();
        if receipt.post != self.post {
            return Err(StoreError::ReceiptForAnotherPost {
                found: receipt.post.clone(),
                ours: self.post.clone(),
            });
        }
        let last = self.last_sequence()?;
        if receipt.up_to > last {
            return Err(StoreError::ReceiptAhead {
                up_to: receipt.up_to,
                last,
            });
        }
        if self.ledger_after(receipt.up_to)? != Some(receipt.ledger)
            && !self.lost_its_line(receipt.up_to)?
        {
            return Err(StoreError::ReceiptForked {
                up_to: receipt.up_to,
            });
        }
        let newest = self.receipt_status()?.map_or(Sequence(0), |r| r.up_to);
        if receipt.up_to <= newest {
            return Ok(0);
        }
        let erased = self.with_reserve(|store| store.accept(verified, now))?;
        self.with_reserve(Self::sweep)?;
        // The parcels are gone and the receipt is kept: tidying up can wait for a better day.
        match self.shrink() {
            Ok(()) | Err(StoreError::DiskFull) => {}
            Err(e) => return Err(e),
        }
        reserve::keep(&self.reserve)?;
        Ok(erased)
    }

    /// Keeps the receipt and writes its line, together or not at all. From then on the parcels that it
    /// covers wait no longer; returns how many those are.
    fn accept(&mut self, verified: &VerifiedReceipt, now: Timestamp) -> Result<u64, StoreError> {
        let receipt = verified.receipt();
        let named = StoreError::database(&self.database);
        let mut inner = || -> rusqlite::Result<(u64, Head)> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let erased: i64 = transaction.query_row(
                "SELECT count(*) FROM outbox WHERE sequence <= ?1",
                [key(receipt.up_to)],
                |row| row.get(0),
            )?;
            transaction.execute(
                "INSERT INTO receipts (one, up_to, at, receipt) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (one) DO UPDATE SET
                     up_to = excluded.up_to, at = excluded.at, receipt = excluded.receipt",
                (
                    key(receipt.up_to),
                    receipt.at.to_string(),
                    verified.to_bytes(),
                ),
            )?;
            let erased = erased.unsigned_abs();
            let line = LedgerEvent::Receipt {
                up_to: receipt.up_to,
                erased,
            };
            let head = ledger::append(&transaction, &self.post, now, line)?;
            transaction.commit()?;
            Ok((erased, head))
        };
        let (erased, head) = inner().map_err(named)?;
        self.witness.receipt(head, receipt.up_to.0);
        Ok(erased)
    }

    /// Takes receipted parcels off the disk, a few at a time: weeks of them at once would need more room
    /// for the WAL than a full disk has. Where it is interrupted, the next open goes on.
    pub(crate) fn sweep(&mut self) -> Result<(), StoreError> {
        loop {
            let swept = self
                .connection
                .prepare_cached(
                    "DELETE FROM outbox WHERE sequence IN (
                         SELECT sequence FROM outbox
                         WHERE sequence <= (SELECT up_to FROM receipts)
                         ORDER BY sequence LIMIT ?1)",
                )
                .and_then(|mut s| s.execute([SWEEP]))
                .map_err(self.named())?;
            if swept == 0 {
                return Ok(());
            }
        }
    }

    /// Tries once more with the room kept back, where the disk is full.
    pub(crate) fn with_reserve<T>(
        &mut self,
        work: impl Fn(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match work(self) {
            Err(StoreError::DiskFull) => {
                reserve::give_back(&self.reserve)?;
                work(self)
            }
            done => done,
        }
    }

    /// Gives empty pages back to the disk, where there are many. What a few parcels leave empty is soon
    /// filled by the next ones.
    fn shrink(&self) -> Result<(), StoreError> {
        let count = |pragma: &str| -> Result<i64, StoreError> {
            self.connection
                .pragma_query_value(None, pragma, |row| row.get(0))
                .map_err(self.named())
        };
        let empty = count("freelist_count")?;
        if empty > SHRINK_ABOVE && empty > count("page_count")? / 4 {
            // A bounded number, so that the desk does not wait; the next receipt gives back more. One page
            // a step: every row has to be asked for.
            let vacuum = || -> rusqlite::Result<()> {
                let mut statement = self.connection.prepare("PRAGMA incremental_vacuum(1024)")?;
                let mut rows = statement.query([])?;
                while rows.next()?.is_some() {}
                self.connection
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            };
            vacuum().map_err(self.named())?;
        }
        Ok(())
    }

    /// What waits, and what headquarters last said.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and the other errors of a disk.
    pub fn outbox_status(&self) -> Result<OutboxStatus, StoreError> {
        let (waiting, bytes, oldest): (i64, i64, Option<String>) = self
            .connection
            .query_row(
                "SELECT count(*), coalesce(sum(length(parcel)), 0),
                        (SELECT made_at FROM outbox ORDER BY sequence LIMIT 1)
                 FROM outbox WHERE sequence > coalesce((SELECT up_to FROM receipts), 0)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .map_err(self.named())?;
        Ok(OutboxStatus {
            waiting: waiting.unsigned_abs(),
            waiting_bytes: bytes.unsigned_abs(),
            oldest: oldest
                .map(|t| t.parse().map_err(|e: jiff::Error| self.damaged(e)))
                .transpose()?,
            last: self.last_sequence()?,
            receipt: self.receipt_status()?,
        })
    }

    /// A waiting parcel's bytes.
    pub(crate) fn waiting(&self, sequence: Sequence) -> Result<Option<Vec<u8>>, StoreError> {
        self.connection
            .prepare_cached("SELECT parcel FROM outbox WHERE sequence = ?1")
            .and_then(|mut s| s.query_row([key(sequence)], |row| row.get(0)).optional())
            .map_err(self.named())
    }

    pub(crate) fn receipt_status(&self) -> Result<Option<ReceiptStatus>, StoreError> {
        let found: Option<(i64, String)> = self
            .connection
            .query_row("SELECT up_to, at FROM receipts", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(self.named())?;
        found
            .map(|(up_to, at)| {
                Ok(ReceiptStatus {
                    up_to: Sequence(up_to.unsigned_abs()),
                    at: at.parse().map_err(|e: jiff::Error| self.damaged(e))?,
                })
            })
            .transpose()
    }

    /// Whether the medium lost the line of this encounter: the receipt then names a line that is not here.
    fn lost_its_line(&self, sequence: Sequence) -> Result<bool, StoreError> {
        let line: Option<i64> = self
            .connection
            .query_row(
                "SELECT line FROM ledger WHERE sequence = ?1",
                [key(sequence)],
                |row| row.get(0),
            )
            .optional()
            .map_err(self.named())?;
        let Some(line) = line else {
            return Ok(false);
        };
        let lines = self.ledger_lines(line.unsigned_abs(), 1)?;
        Ok(lines
            .iter()
            .any(|line| matches!(line.event, LedgerEvent::Lost { .. })))
    }

    /// The ledger just after the line of this encounter; its start for number 0.
    fn ledger_after(&self, sequence: Sequence) -> Result<Option<Head>, StoreError> {
        if sequence.0 == 0 {
            return Ok(Some(Head::start(&self.post)));
        }
        self.connection
            .query_row(
                "SELECT line, hash FROM ledger WHERE sequence = ?1",
                [key(sequence)],
                |row| {
                    Ok(Head {
                        line: row.get::<_, i64>(0)?.unsigned_abs(),
                        hash: row.get(1)?,
                    })
                },
            )
            .optional()
            .map_err(self.named())
    }
}
