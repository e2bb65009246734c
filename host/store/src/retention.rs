//! Retention: a record that headquarters has leaves the box after so many days, by its class. Its row is written
//! over, and the secret that tied it to its line in the ledger goes with it: from then on the line says nothing of
//! the person. What that does and does not come to on a medium that spreads its writes: `decisions/erasing.md`.

use crate::ledger::{self, LedgerEvent, Note};
use crate::{Store, StoreError, reserve};
use jiff::{SignedDuration, Timestamp};
use rusqlite::TransactionBehavior;
use serde::{Deserialize, Serialize};

/// How long the box keeps a record that headquarters has given its receipt for, in days by its class. One that
/// headquarters does not have stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Ordinary records.
    pub ordinary_days: u16,
    /// Protection records.
    pub protection_days: u16,
}

/// The class of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordClass {
    /// The ordinary one.
    Ordinary,
    /// Protection records.
    Protection,
}

/// So many records are taken off the disk at a time: a year of them at once would need more room for the log than
/// a full disk has.
const AT_A_TIME: i64 = 500;

impl Store {
    /// Erases every record whose time is over; how many those were. The ledger says how many of which class, and
    /// up to when. Interrupted, the next call goes on.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn erase_expired(
        &mut self,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut erased = 0;
        for (class, days) in [
            (RecordClass::Ordinary, retention.ordinary_days),
            (RecordClass::Protection, retention.protection_days),
        ] {
            let kept = SignedDuration::from_hours(24 * i64::from(days));
            let Ok(before) = now.checked_sub(kept) else {
                continue;
            };
            loop {
                let some = self.with_reserve(|store| store.erase_some(class, before, now))?;
                erased += some;
                if some < AT_A_TIME.unsigned_abs() {
                    break;
                }
            }
        }
        if erased > 0 {
            // What was written over goes from the log into the database, and the log is emptied.
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .map_err(self.named())?;
            // Where the disk was full, the room kept back was given for this.
            reserve::keep(&self.reserve)?;
        }
        Ok(erased)
    }

    fn erase_some(
        &mut self,
        class: RecordClass,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let named = StoreError::database(&self.database);
        let mut inner = || -> rusqlite::Result<_> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let erased = transaction
                .prepare_cached(
                    "DELETE FROM encounters WHERE sequence IN (
                         SELECT sequence FROM encounters
                         WHERE sequence <= coalesce((SELECT up_to FROM receipts), 0)
                           AND protected = ?1 AND opened_at < ?2
                         ORDER BY sequence LIMIT ?3)",
                )?
                .execute((
                    class == RecordClass::Protection,
                    before.to_string(),
                    AT_A_TIME,
                ))? as u64;
            if erased == 0 {
                return Ok((0, None));
            }
            let note = LedgerEvent::Note(Note::RecordsErased {
                class,
                records: erased,
                before,
            });
            let head = ledger::append(&transaction, &self.post, now, note)?;
            transaction.commit()?;
            Ok((erased, Some(head)))
        };
        let (erased, head) = inner().map_err(named)?;
        if let Some(head) = head {
            self.witness.line(head);
        }
        Ok(erased)
    }
}
