//! Remembered clearances: an officer's "not this person" for one traveller and one entry.
//!
//! The table names nobody: a row is found by a digest, keyed with a secret of this store, of the traveller, the
//! entry and all that the entry says. Whoever reads the rows alone learns how many there are and when they end; a
//! changed entry, and a traveller with another document, have another digest and are brought up again.

use crate::ledger;
use crate::{Store, StoreError};
use jiff::Timestamp;
use ring::hmac;
use rules::{Cleared, ClearedBy, EntryId};
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

/// What an officer said of a traveller and an entry. Holds personal data; only its digest is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearing {
    /// Everything by which the traveller is told from others, as whoever searches writes it.
    pub traveller: Zeroizing<Vec<u8>>,
    /// The entry.
    pub entry: EntryId,
    /// A digest of all that the entry says.
    pub entry_digest: [u8; 32],
    /// Who said so.
    pub by: ClearedBy,
    /// Until when it is remembered; `None` takes an earlier word back.
    pub until: Option<Timestamp>,
}

impl Store {
    /// What an officer has said of this traveller and this entry as it is now, while it is remembered.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn clearance(
        &self,
        traveller: &[u8],
        entry: &EntryId,
        entry_digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Cleared>, StoreError> {
        let find = || -> rusqlite::Result<Option<(String, i64)>> {
            let digest = digest(&self.connection, traveller, entry, entry_digest)?;
            // A clock that stands before the word was said is not to be relied on.
            self.connection
                .prepare_cached(
                    "SELECT by, at FROM clearances WHERE digest = ?1 AND at <= ?2 AND until > ?2",
                )?
                .query_row((&digest[..], now.as_second()), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        };
        let Some((by, at)) = find().map_err(self.named())? else {
            return Ok(None);
        };
        let by = [ClearedBy::FirstLine, ClearedBy::SecondLine]
            .into_iter()
            .find(|b| b.as_str() == by);
        Ok(by
            .zip(Timestamp::from_second(at).ok())
            .map(|(by, at)| Cleared { at, by }))
    }
}

/// Keeps what was said at this moment and forgets what has expired, within the caller's transaction.
pub(crate) fn keep(
    connection: &Connection,
    clearings: &[Clearing],
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM clearances WHERE until <= ?1")?
        .execute([now.as_second()])?;
    for said in clearings {
        let digest = digest(connection, &said.traveller, &said.entry, &said.entry_digest)?;
        match said.until {
            Some(until) => connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO clearances (digest, by, at, until) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((
                    &digest[..],
                    said.by.as_str(),
                    now.as_second(),
                    until.as_second(),
                ))?,
            None => connection
                .prepare_cached("DELETE FROM clearances WHERE digest = ?1")?
                .execute([&digest[..]])?,
        };
    }
    Ok(())
}

/// The digest by which a clearance is found.
fn digest(
    connection: &Connection,
    traveller: &[u8],
    entry: &EntryId,
    entry_digest: &[u8; 32],
) -> rusqlite::Result<[u8; 32]> {
    let secret: [u8; 32] =
        connection.query_row("SELECT officer_key FROM meta", [], |row| row.get(0))?;
    // A key of its own: no officer's name begins with this character.
    let key = hmac::Key::new(
        hmac::HMAC_SHA256,
        &ledger::digest(&secret, b"\0clearances, version 1"),
    );
    let mut context = hmac::Context::with_key(&key);
    for part in [traveller, entry.as_str().as_bytes(), entry_digest] {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.sign().as_ref());
    Ok(digest)
}
