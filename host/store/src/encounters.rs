//! Reading encounters back: for the desk's list, without anything of the persons, and one at a time.

use crate::{Store, StoreError};
use jiff::Timestamp;
use rules::{EncounterId, EncounterRecord, LaneId, Sequence};
use rusqlite::{OptionalExtension, Row};
use seal::packing::unpacked;
use zeroize::Zeroizing;

/// One line of the desk's list of recent encounters: nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncounterSummary {
    /// Post and sequence.
    pub id: EncounterId,
    /// The desk.
    pub lane: LaneId,
    /// When the document was presented.
    pub opened_at: Timestamp,
    /// What the machine said: `Clear`, `Look`, `Refer`.
    pub advice: String,
    /// What the officer said: `Admit`, `Refer`, `Hold`; absent where no officer did.
    pub decision: Option<String>,
    /// Whether headquarters has it.
    pub sent: Sent,
}

/// Whether headquarters has an encounter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Its parcel waits in the outbox.
    Waiting,
    /// Headquarters gave its receipt.
    Receipted,
}

/// A record as it was written, with the salt of its digest in the ledger.
pub(crate) struct Kept {
    pub(crate) salt: [u8; 32],
    pub(crate) record: Zeroizing<Vec<u8>>,
    /// Whether it is sealed to headquarters' protection key.
    pub(crate) protected: bool,
}

impl Store {
    /// The newest encounters, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and the other errors of a disk.
    pub fn encounters(&self, limit: usize) -> Result<Vec<EncounterSummary>, StoreError> {
        self.summaries(
            "ORDER BY sequence DESC LIMIT ?1",
            i64::try_from(limit).unwrap_or(i64::MAX),
        )
    }

    /// What the list shows of one encounter, also of one that is sealed to headquarters' protection key; `None`
    /// where there is none of this number, or no more.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and the other errors of a disk.
    pub fn summary(&self, sequence: Sequence) -> Result<Option<EncounterSummary>, StoreError> {
        Ok(self.summaries("WHERE sequence = ?1", key(sequence))?.pop())
    }

    fn summaries(&self, which: &str, number: i64) -> Result<Vec<EncounterSummary>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT sequence, lane, opened_at, advice, decision,
                        EXISTS (SELECT 1 FROM outbox WHERE outbox.sequence = encounters.sequence)
                 FROM encounters {which}"
            ))
            .map_err(self.named())?;
        let rows = statement
            .query_map([number], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, Option<String>>(4)?,
                    row.get::<_, bool>(5)?,
                ))
            })
            .map_err(self.named())?;
        rows.map(|row| {
            let (sequence, lane, opened_at, advice, decision, waiting) =
                row.map_err(self.named())?;
            Ok(EncounterSummary {
                id: EncounterId {
                    post: self.post.clone(),
                    sequence: Sequence(sequence.unsigned_abs()),
                },
                lane: LaneId::new(lane).map_err(|e| self.damaged(e))?,
                opened_at: opened_at.parse().map_err(|e| self.damaged(e))?,
                advice,
                decision,
                sent: match waiting {
                    true => Sent::Waiting,
                    false => Sent::Receipted,
                },
            })
        })
        .collect()
    }

    /// One encounter, whole; `None` where there is none of this number, or no more, or where it is sealed to
    /// headquarters' protection key.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and the other errors of a disk.
    pub fn encounter(&self, sequence: Sequence) -> Result<Option<EncounterRecord>, StoreError> {
        let kept = match self.kept(sequence)? {
            Some(kept) if !kept.protected => kept,
            _ => return Ok(None),
        };
        ciborium::from_reader(&kept.record[..])
            .map(Some)
            .map_err(|e| self.damaged(e))
    }

    /// The last number given to an encounter; 0 before the first.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn last_sequence(&self) -> Result<Sequence, StoreError> {
        self.connection
            .query_row("SELECT last_sequence FROM meta", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(|n| Sequence(n.unsigned_abs()))
            .map_err(self.named())
    }

    /// A record as it was written.
    pub(crate) fn kept(&self, sequence: Sequence) -> Result<Option<Kept>, StoreError> {
        let read = |row: &Row<'_>| {
            Ok(Kept {
                salt: row.get(0)?,
                record: Zeroizing::new(row.get(1)?),
                protected: row.get(2)?,
            })
        };
        let kept = self
            .connection
            .prepare_cached("SELECT salt, record, protected FROM encounters WHERE sequence = ?1")
            .and_then(|mut s| s.query_row([key(sequence)], read).optional())
            .map_err(self.named())?;
        kept.map(|kept| {
            Ok(Kept {
                record: unpacked(kept.record).map_err(|e| self.damaged(e))?,
                ..kept
            })
        })
        .transpose()
    }

    /// The store holds something that it never wrote.
    pub(crate) fn damaged(&self, what: impl std::fmt::Display) -> StoreError {
        StoreError::Corrupt {
            path: self.database.clone(),
            what: what.to_string(),
        }
    }
}

/// A sequence as SQLite holds it; one beyond its range is in no table.
pub(crate) fn key(sequence: Sequence) -> i64 {
    i64::try_from(sequence.0).unwrap_or(i64::MAX)
}
