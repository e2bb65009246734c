//! Withdrawing an entry at once: it leaves the working list, and a tombstone keeps imports from bringing it back.
//!
//! The next edition's step tells every box that it is gone. An entry comes back only when a person lifts the
//! tombstone and its source still lists it.

use crate::HqError;
use crate::register::{Register, parsed};
use jiff::Timestamp;
use rules::{EntryId, OfficerId};
use rusqlite::{TransactionBehavior, params};
use serde::Serialize;
use std::collections::BTreeSet;

/// A tombstone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withdrawal {
    /// The entry.
    pub entry: EntryId,
    /// Who withdrew it.
    pub by: OfficerId,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// Whether the working list had it.
    pub was_listed: bool,
}

/// Withdraws an entry. Approvals are void after that.
///
/// # Errors
/// [`HqError::Database`].
pub fn withdraw(
    register: &mut Register,
    entry: &EntryId,
    by: &OfficerId,
    why: &str,
    now: Timestamp,
) -> Result<Withdrawal, HqError> {
    let failed = register.failed();
    let transaction = register
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    let work = || -> rusqlite::Result<usize> {
        let listed = transaction.execute("DELETE FROM entry WHERE key = ?1", [entry.as_str()])?;
        transaction.execute(
            "INSERT OR REPLACE INTO withdrawn VALUES (?1, ?2, ?3, ?4)",
            params![entry.as_str(), by.as_str(), why, now.to_string()],
        )?;
        if listed > 0 {
            transaction.execute("UPDATE revision SET number = number + 1", [])?;
        }
        Ok(listed)
    };
    let listed = work().map_err(&failed)?;
    transaction.commit().map_err(&failed)?;
    Ok(Withdrawal {
        entry: entry.clone(),
        by: by.clone(),
        why: why.to_owned(),
        at: now,
        was_listed: listed > 0,
    })
}

/// Lifts a tombstone; whether there was one. The entry comes back with its source's next import.
///
/// # Errors
/// [`HqError::Database`].
pub fn lift(register: &mut Register, entry: &EntryId) -> Result<bool, HqError> {
    register
        .connection
        .execute("DELETE FROM withdrawn WHERE key = ?1", [entry.as_str()])
        .map(|lifted| lifted > 0)
        .map_err(register.failed())
}

/// Every tombstone, by entry.
///
/// # Errors
/// [`HqError::Database`].
pub fn withdrawn(register: &Register) -> Result<Vec<Withdrawal>, HqError> {
    register
        .connection
        .prepare("SELECT key, approver, why, at FROM withdrawn ORDER BY key")
        .and_then(|mut q| {
            q.query_map([], |r| {
                Ok(Withdrawal {
                    entry: parsed(r, 0)?,
                    by: parsed(r, 1)?,
                    why: r.get(2)?,
                    at: parsed(r, 3)?,
                    was_listed: true,
                })
            })?
            .collect()
        })
        .map_err(register.failed())
}

/// The entries that no import brings back.
pub(super) fn keys(register: &Register) -> Result<BTreeSet<String>, HqError> {
    register
        .connection
        .prepare("SELECT key FROM withdrawn")
        .and_then(|mut q| q.query_map([], |r| r.get(0))?.collect())
        .map_err(register.failed())
}
