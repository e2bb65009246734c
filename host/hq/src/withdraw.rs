//! Taking one entry off the list, for good, and proving that boxes no longer have it.
//!
//! A withdrawn entry stays off: where its source lists it again, the next import keeps it out and says so,
//! until somebody reinstates it. It is gone from a box once the box has taken the first edition without it;
//! the box's signed health report says that.

use crate::HqError;
use crate::health::Uptake;
use crate::home::Home;
use crate::office::Office;
use crate::register::{Register, Standing};
use jiff::Timestamp;
use rules::{EditionNumber, PostId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use std::collections::BTreeSet;
use watchlist::build::document_digest;

/// One withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withdrawal {
    /// The entry.
    pub entry: String,
    /// The list that it came from.
    pub source: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// The first edition without it; absent until one is published.
    pub edition: Option<u64>,
}

/// Which boxes have taken an edition, each with its signed word, and which have not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// What was withdrawn, where this is about an entry.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The edition.
    pub of_edition: u64,
    /// Boxes that have said they have it or a newer one.
    pub taken: Vec<Uptake>,
    /// Boxes in service that have not.
    pub outstanding: Vec<PostId>,
}

/// Takes an entry off the working list. It takes approval and an edition before boxes lose it.
///
/// # Errors
/// [`HqError::EntryUnknown`], and what the databases say.
pub fn withdraw(
    home: &Home,
    register: &mut Register,
    entry: &str,
    why: &str,
    now: Timestamp,
) -> Result<Withdrawal, HqError> {
    let source: Option<String> = register
        .connection
        .query_row("SELECT source FROM entry WHERE key = ?1", [entry], |r| {
            r.get(0)
        })
        .optional()
        .map_err(register.failed())?;
    let source = source.ok_or_else(|| HqError::EntryUnknown {
        entry: entry.to_owned(),
    })?;
    let office = Office::open(home)?;
    // Noted first: where the power is cut in between, the next import or withdrawal takes it off.
    office
        .connection
        .execute(
            "INSERT OR REPLACE INTO withdrawal VALUES (?1, ?2, ?3, ?4, NULL)",
            params![entry, source, why, now.to_string()],
        )
        .map_err(office.failed())?;
    keep_out(home, register)?;
    one(&office, entry)
}

/// Lets an entry's source list it again, from its next import on.
///
/// # Errors
/// [`HqError::EntryUnknown`] where it was not withdrawn, and what the database says.
pub fn reinstate(home: &Home, entry: &str) -> Result<Withdrawal, HqError> {
    let office = Office::open(home)?;
    let withdrawal = one(&office, entry)?;
    office
        .connection
        .execute("DELETE FROM withdrawal WHERE key = ?1", [entry])
        .map_err(office.failed())?;
    Ok(withdrawal)
}

/// Takes off the working list whatever was withdrawn and has come back; the entries that had.
///
/// # Errors
/// What the databases say.
pub fn keep_out(home: &Home, register: &mut Register) -> Result<Vec<String>, HqError> {
    let withdrawn = keys(&Office::open(home)?)?;
    let failed = register.failed();
    let take_off = || -> rusqlite::Result<Vec<String>> {
        let transaction = register
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut gone = Vec::new();
        for entry in withdrawn {
            if transaction.execute("DELETE FROM entry WHERE key = ?1", [&entry])? > 0 {
                gone.push(entry);
            }
        }
        if !gone.is_empty() {
            transaction.execute("UPDATE revision SET number = number + 1", [])?;
        }
        transaction.commit()?;
        Ok(gone)
    };
    take_off().map_err(failed)
}

/// The documents that were withdrawn, by their digests: a list in bulk has no other name for them.
///
/// # Errors
/// [`HqError::Database`].
pub(crate) fn documents(home: &Home, key: &[u8; 16]) -> Result<BTreeSet<u64>, HqError> {
    let withdrawn = keys(&Office::open(home)?)?;
    // NUMBER/STATE/TYPE: no other entry's name has a stroke in it.
    let digest = |entry: &String| {
        let (number, rest) = entry.split_once('/')?;
        let (state, document_type) = rest.split_once('/')?;
        document_digest(key, number, state, document_type)
    };
    Ok(withdrawn.iter().filter_map(digest).collect())
}

fn keys(office: &Office) -> Result<Vec<String>, HqError> {
    office
        .connection
        .prepare("SELECT key FROM withdrawal ORDER BY key")
        .and_then(|mut q| q.query_map([], |r| r.get(0))?.collect())
        .map_err(office.failed())
}

/// Notes that an edition without the entries withdrawn so far has been published, within the caller's transaction of
/// the book. One that was withdrawn while it was being made is still in it.
///
/// # Errors
/// What the book says.
pub(crate) fn note_published(book: &Connection, edition: u64) -> rusqlite::Result<()> {
    book.execute(
        "UPDATE withdrawal SET edition = ?1
         WHERE edition IS NULL AND key NOT IN (SELECT key FROM published)",
        [i64::try_from(edition).unwrap_or(i64::MAX)],
    )
    .map(drop)
}

/// Which boxes no longer have a withdrawn entry.
///
/// # Errors
/// [`HqError::EntryUnknown`] where it was not withdrawn, [`HqError::NotPublishedYet`], and what the databases
/// say.
pub fn proof_of_withdrawal(home: &Home, entry: &str) -> Result<Proof, HqError> {
    crate::list::settle(home)?;
    let withdrawal = one(&Office::open(home)?, entry)?;
    let edition = withdrawal.edition.ok_or_else(|| HqError::NotPublishedYet {
        entry: entry.to_owned(),
    })?;
    let mut proof = proof_of_uptake(home, edition)?;
    proof.withdrawal = Some(withdrawal);
    Ok(proof)
}

/// Which boxes have taken an edition or a newer one.
///
/// # Errors
/// What the databases say.
pub fn proof_of_uptake(home: &Home, edition: u64) -> Result<Proof, HqError> {
    let mut taken: Vec<Uptake> = Vec::new();
    for uptake in Office::open(home)?.uptake(None)? {
        let newer = uptake.edition >= EditionNumber(edition);
        if newer && taken.last().is_none_or(|last| last.post != uptake.post) {
            taken.push(uptake);
        }
    }
    let outstanding = Register::open(home)?
        .posts()?
        .into_iter()
        .filter(|post| post.standing == Standing::Active)
        .filter(|post| !taken.iter().any(|t| t.post == post.post))
        .map(|post| post.post)
        .collect();
    Ok(Proof {
        withdrawal: None,
        of_edition: edition,
        taken,
        outstanding,
    })
}

fn one(office: &Office, entry: &str) -> Result<Withdrawal, HqError> {
    office
        .connection
        .query_row(
            "SELECT key, source, why, at, edition FROM withdrawal WHERE key = ?1",
            [entry],
            |row| {
                Ok(Withdrawal {
                    entry: row.get(0)?,
                    source: row.get(1)?,
                    why: row.get(2)?,
                    at: crate::register::parsed(row, 3)?,
                    edition: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
                })
            },
        )
        .optional()
        .map_err(office.failed())?
        .ok_or_else(|| HqError::EntryUnknown {
            entry: entry.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_entry_withdrawn_while_an_edition_is_made_is_not_said_to_be_gone_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let mut register = Register::open(&home).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let put = "INSERT OR IGNORE INTO source VALUES ('Utopia', 'Border Act 12', NULL, '');
                   INSERT INTO entry VALUES ('A', 'person', 'Utopia', '{}'), ('B', 'person', 'Utopia', '{}');";
        register.connection.execute_batch(put).unwrap();
        withdraw(&home, &mut register, "A", "court order", now).unwrap();
        crate::list::set_aside(&mut register, 1);
        withdraw(&home, &mut register, "B", "court order", now).unwrap();
        crate::list::note_published(&home, &mut register);
        let office = Office::open(&home).unwrap();
        assert_eq!(one(&office, "A").unwrap().edition, Some(1));
        assert_eq!(one(&office, "B").unwrap().edition, None);

        crate::list::set_aside(&mut register, 2);
        crate::list::note_published(&home, &mut register);
        assert_eq!(one(&office, "B").unwrap().edition, Some(2));
    }

    #[test]
    fn a_withdrawn_document_is_known_again_among_a_hundred_million() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let office = Office::open(&home).unwrap();
        for entry in ["D23145890/UTO/P", "UTO-5"] {
            let withdrawn = "INSERT INTO withdrawal VALUES (?1, 'Utopia', 'court order', '', NULL)";
            office.connection.execute(withdrawn, [entry]).unwrap();
        }
        let key = [7; 16];
        let digest = document_digest(&key, "D23145890", "UTO", "P").unwrap();
        assert_eq!(documents(&home, &key).unwrap(), BTreeSet::from([digest]));
    }
}
