//! Encounters that have begun and are not decided: kept so that one which the power interrupts is offered
//! again. The record of the decision takes its row away in the same transaction, so that there is never
//! half a decision.

use crate::{Store, StoreError};
use jiff::Timestamp;
use rules::LaneId;
use seal::packing::{Packed, unpacked};
use zeroize::Zeroizing;

/// Names an encounter that has begun, at this box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BegunId(i64);

impl BegunId {
    /// The number by which the desk names it.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    /// The encounter of this number; whether there is one shows when it is asked for.
    #[must_use]
    pub fn of_number(number: i64) -> Self {
        Self(number)
    }
}

/// An encounter that has begun and is not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its name.
    pub id: BegunId,
    /// The desk.
    pub lane: LaneId,
    /// When the document was presented.
    pub opened_at: Timestamp,
    /// What had been found, as whoever began it wrote it; absent where the advice was not there yet.
    /// Holds personal data.
    pub found: Option<Zeroizing<Vec<u8>>>,
}

impl Store {
    /// Notes that an encounter has begun; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] and the other errors of a disk.
    pub fn begin(&mut self, lane: &LaneId, opened_at: Timestamp) -> Result<BegunId, StoreError> {
        self.connection
            .prepare_cached("INSERT INTO begun (lane, opened_at) VALUES (?1, ?2)")
            .and_then(|mut s| s.insert((lane.as_str(), opened_at.to_string())))
            .map(BegunId)
            .map_err(self.named())
    }

    /// Keeps what was found of an encounter that has begun; durable when it returns. One that is over
    /// stays over.
    ///
    /// # Errors
    /// [`StoreError::Seal`] where it is too large, [`StoreError::DiskFull`] and the other errors of a disk.
    pub fn keep_found(&mut self, id: BegunId, found: &[u8]) -> Result<(), StoreError> {
        // It is written, moved from the log into the database and wiped again, each time byte by byte.
        let found = Packed::new(found)?;
        self.connection
            .prepare_cached("UPDATE begun SET found = ?2 WHERE id = ?1")
            .and_then(|mut s| s.execute((id.0, found.kept())))
            .map(drop)
            .map_err(self.named())
    }

    /// Every encounter that has begun and is not decided, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and the other errors of a disk.
    pub fn begun(&self) -> Result<Vec<Begun>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, lane, opened_at, found FROM begun ORDER BY id")
            .map_err(self.named())?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, Option<Vec<u8>>>(3)?,
                ))
            })
            .map_err(self.named())?;
        rows.map(|row| {
            let (id, lane, opened_at, found) = row.map_err(self.named())?;
            Ok(Begun {
                id: BegunId(id),
                lane: LaneId::new(lane).map_err(|e| self.damaged(e))?,
                opened_at: opened_at.parse().map_err(|e| self.damaged(e))?,
                found: found
                    .map(|kept| unpacked(Zeroizing::new(kept)))
                    .transpose()
                    .map_err(|e| self.damaged(e))?,
            })
        })
        .collect()
    }

    /// Forgets an encounter that came to nothing, such as one whose inspection broke off.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn forget_begun(&mut self, id: BegunId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM begun WHERE id = ?1")
            .and_then(|mut s| s.execute([id.0]))
            .map(drop)
            .map_err(self.named())
    }
}
