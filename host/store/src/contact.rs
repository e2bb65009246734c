//! What headquarters said besides receipts: the lease, and its counter-signatures under checkpoints.

use crate::{LedgerFault, Store, StoreError, ledger};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior};
use seal::chain::Head;
use seal::checkpoint::{Checkpoint, SignedCheckpoint};
use seal::device::{DeviceKey, DevicePublic};
use seal::hq::{HqKeyId, HqPublic};
use seal::word::{CounterSignature, Lease, Signed, Verified};

/// So many checkpoints are kept: with one an hour, the last six weeks.
const CHECKPOINTS: i64 = 1000;

/// The lease that this box works under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLease {
    /// Headquarters' word; check it before you believe it.
    pub lease: Signed<Lease>,
    /// The newest time that this box can be sure of: when headquarters gave the lease, or the ledger's last
    /// line where it was written later. A clock that shows less has lost the time.
    pub not_before: Timestamp,
    /// How far the box's clock was ahead of headquarters' when the lease came, in seconds.
    pub clock_ahead_seconds: i64,
}

impl Store {
    /// Signs where the ledger stands.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn checkpoint(
        &self,
        device: &DeviceKey,
        hq: HqKeyId,
        now: Timestamp,
    ) -> Result<SignedCheckpoint, StoreError> {
        let checkpoint = Checkpoint {
            post: self.post.clone(),
            ledger: ledger::head(&self.connection, &self.post).map_err(self.named())?,
            at: now,
            hq,
        };
        Ok(SignedCheckpoint::sign(checkpoint, device))
    }

    /// Keeps a lease: the first, or one renewed by a contact. An older one than that in force is ignored.
    ///
    /// # Errors
    /// [`StoreError::WordForAnotherBox`], and the errors of a disk.
    pub fn keep_lease(
        &mut self,
        lease: &Verified<Lease>,
        device: &DevicePublic,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let said = lease.statement();
        if said.post != self.post || said.device != *device {
            return Err(StoreError::WordForAnotherBox {
                found: said.post.clone(),
            });
        }
        if let Some(held) = self.lease()?
            && held.lease.unverified().given_at > said.given_at
        {
            return Ok(());
        }
        let head = ledger::head(&self.connection, &self.post).map_err(self.named())?;
        let ahead = now.as_second() - said.given_at.as_second();
        self.connection
            .execute(
                "INSERT OR REPLACE INTO lease (one, lease, at_line, clock_ahead) VALUES (1, ?1, ?2, ?3)",
                (lease.to_bytes(), head.line.cast_signed(), ahead),
            )
            .map(drop)
            .map_err(self.named())
    }

    /// Keeps headquarters' counter-signature under a checkpoint of this ledger.
    ///
    /// # Errors
    /// [`StoreError::WordForAnotherBox`] where it is under another checkpoint, and the errors of a disk.
    pub fn keep_counter_signature(
        &mut self,
        checkpoint: &SignedCheckpoint,
        counter: &Verified<CounterSignature>,
    ) -> Result<(), StoreError> {
        let (ours, theirs) = (checkpoint.checkpoint(), counter.statement());
        if theirs.post != ours.post || theirs.ledger != ours.ledger {
            return Err(StoreError::WordForAnotherBox {
                found: theirs.post.clone(),
            });
        }
        let named = StoreError::database(&self.database);
        let mut inner = || {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "INSERT OR REPLACE INTO checkpoints (line, checkpoint, counter) VALUES (?1, ?2, ?3)",
                (
                    ours.ledger.line.cast_signed(),
                    checkpoint.to_bytes(),
                    counter.to_bytes(),
                ),
            )?;
            transaction.execute(
                "DELETE FROM checkpoints WHERE line <= (
                     SELECT line FROM checkpoints ORDER BY line DESC LIMIT 1 OFFSET ?1)",
                [CHECKPOINTS],
            )?;
            transaction.commit()
        };
        inner().map_err(named)
    }

    /// The lease in force; `None` for a box that never had one.
    ///
    /// # Errors
    /// [`StoreError::Seal`] where it cannot be read, and the errors of a disk.
    pub fn lease(&self) -> Result<Option<KeptLease>, StoreError> {
        let found: Option<(Vec<u8>, i64, i64)> = self
            .connection
            .query_row("SELECT lease, at_line, clock_ahead FROM lease", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()
            .map_err(self.named())?;
        let Some((bytes, at_line, clock_ahead_seconds)) = found else {
            return Ok(None);
        };
        let lease = Signed::<Lease>::from_bytes(&bytes)?;
        let mut not_before = lease.unverified().given_at;
        let head = ledger::head(&self.connection, &self.post).map_err(self.named())?;
        // Lines from before the lease may have been written by a clock that was ahead; headquarters' time
        // has set that right.
        if head.line > at_line.unsigned_abs()
            && let Some(last) = self.ledger_lines(head.line, 1)?.pop()
        {
            not_before = not_before.max(last.at);
        }
        Ok(Some(KeptLease {
            lease,
            not_before,
            clock_ahead_seconds,
        }))
    }

    /// Holds the ledger against every checkpoint that headquarters counter-signed: who rewrote the ledger,
    /// even with the store's key, does not have those words for what he wrote. Returns how many there are.
    ///
    /// # Errors
    /// [`StoreError::LedgerBroken`] with the line of the first that does not fit, and the errors of a disk.
    pub fn verify_checkpoints(
        &self,
        device: &DevicePublic,
        hq: &[HqPublic],
    ) -> Result<u64, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT line, checkpoint, counter FROM checkpoints ORDER BY line")
            .map_err(self.named())?;
        let mut rows = statement.query([]).map_err(self.named())?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(self.named())? {
            let read = || -> rusqlite::Result<(i64, Vec<u8>, Vec<u8>)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            };
            let (line, checkpoint, counter) = read().map_err(self.named())?;
            let line = line.unsigned_abs();
            let broken = |fault| StoreError::LedgerBroken { line, fault };
            let forged = |_| broken(LedgerFault::CheckpointForged);
            let signed = SignedCheckpoint::from_bytes(&checkpoint).map_err(forged)?;
            let ours = signed.verify(device).map_err(forged)?;
            let counter = Signed::<CounterSignature>::from_bytes(&counter)
                .and_then(|c| c.verify(hq))
                .map_err(forged)?;
            if ours.post != self.post
                || ours.ledger.line != line
                || counter.statement().ledger != ours.ledger
            {
                return Err(broken(LedgerFault::CheckpointForged));
            }
            if self.head_at(line)? != Some(ours.ledger) {
                return Err(broken(LedgerFault::CheckpointContradicted));
            }
            count += 1;
        }
        Ok(count)
    }

    /// The chain at this line; its start for line 0.
    pub(crate) fn head_at(&self, line: u64) -> Result<Option<Head>, StoreError> {
        if line == 0 {
            return Ok(Some(Head::start(&self.post)));
        }
        let hash = self
            .connection
            .query_row(
                "SELECT hash FROM ledger WHERE line = ?1",
                [line.cast_signed()],
                |row| row.get(0),
            )
            .optional()
            .map_err(self.named())?;
        Ok(hash.map(|hash| Head { line, hash }))
    }
}
