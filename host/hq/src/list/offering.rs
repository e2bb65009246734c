//! What is being published, from before anything is signed until it is noted.
//!
//! Signing puts an edition into the repository; that the register and the book say so comes after it. A program that
//! is cut off in between leaves its intent behind, and the next one to look holds that against what the repository
//! offers, by its signatures: then the edition is noted, with its rollout, or it was never published, and the next
//! one goes on from the one before it.

use super::{alone, signed};
use crate::HqError;
use crate::home::Home;
use crate::office::Office;
use crate::parcels::as_column;
use crate::register::{Register, parsed, parsed_or_none};
use crate::rollout::{self, Waves};
use crate::{difference, withdraw};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use seal::bundle::items::Item;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the line of editions stands: the newest full edition, and the newest of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) base: u64,
    pub(super) last: u64,
    /// Documents in the newest edition.
    pub(super) documents: u64,
}

impl Line {
    /// Where it stands by what was published.
    pub(super) fn read(register: &Register) -> Result<Option<Self>, HqError> {
        let text: Option<Vec<u8>> = register
            .connection
            .query_row("SELECT value FROM setting WHERE name = 'line'", [], |r| {
                r.get(0)
            })
            .optional()
            .map_err(register.failed())?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// Whether a box that has nothing comes from what is in the bundle to the newest edition: the full edition is
    /// whole, and no step after it is missing.
    pub(super) fn stands(&self, held: &[Item], lacking: &BTreeSet<Item>) -> bool {
        let of_base =
            |item: &Item| matches!(item, Item::Base { edition, .. } if *edition == self.base);
        let mut at = self.base;
        while at != self.last {
            let next = held.iter().find_map(|item| match item {
                Item::Delta { from, to } if *from == at && to > from => Some(*to),
                _ => None,
            });
            let Some(next) = next else {
                return false;
            };
            at = next;
        }
        held.iter().any(of_base) && !lacking.iter().any(of_base)
    }
}

/// One publishing.
pub(super) struct Offering<'a> {
    /// The edition.
    pub(super) edition: u64,
    /// The repository folder.
    pub(super) out: &'a Path,
    /// How it reaches boxes; every one at once where absent.
    pub(super) waves: Option<&'a Waves>,
    /// Where the line stands with it.
    pub(super) line: Line,
    /// When it was begun.
    pub(super) begun_at: Timestamp,
}

/// The same, as it was set aside.
struct Pending {
    edition: u64,
    out: PathBuf,
    waves: Option<Waves>,
    line: Vec<u8>,
    begun_at: Timestamp,
}

/// What to do about an edition of which nobody can say whether it was published: its repository cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Ask again later.
    Keep,
    /// Another one is to be published: it takes its place.
    Forget,
}

/// Sets aside what is about to be signed, as the temporary tables of the publishing have it.
pub(super) fn set_aside(register: &mut Register, offering: &Offering<'_>) -> Result<(), HqError> {
    let failed = register.failed();
    let line = serde_json::to_vec(&offering.line).expect("three numbers serialise");
    let transaction = register
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    transaction
        .execute_batch(
            "DELETE FROM offered;
             INSERT INTO offered
                 SELECT key, kind, source, body, key IN (SELECT key FROM current) FROM approved;
             DELETE FROM offered_bulk;
             INSERT INTO offered_bulk SELECT source, sha256 FROM current_bulk;",
        )
        .map_err(&failed)?;
    transaction
        .execute(
            "INSERT OR REPLACE INTO offering VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            params![
                as_column(offering.edition),
                offering.out.to_string_lossy(),
                offering.waves.map(ToString::to_string),
                line,
                offering.begun_at.to_string()
            ],
        )
        .map_err(&failed)?;
    transaction.commit().map_err(&failed)
}

/// Brings to its end what an interrupted publishing left. Nothing is done while a publishing runs.
///
/// # Errors
/// What the databases and the disk say.
pub fn settle(home: &Home) -> Result<(), HqError> {
    let mut register = Register::open(home)?;
    if pending(&register)?.is_none() {
        return Ok(());
    }
    match alone(home) {
        Ok(_publishing) => settle_alone(home, &mut register, Unknown::Keep),
        Err(HqError::PublishingElsewhere) => Ok(()),
        Err(e) => Err(e),
    }
}

/// The same, for who keeps other publishings out.
pub(super) fn settle_alone(
    home: &Home,
    register: &mut Register,
    unknown: Unknown,
) -> Result<(), HqError> {
    // Whoever was publishing may have come to the end.
    let Some(pending) = pending(register)? else {
        return Ok(());
    };
    let edition = pending.edition;
    let why = match signed::offered(home, &pending.out) {
        Ok(Some(offered)) if offered.edition == edition => {
            tracing::warn!(
                edition,
                "it was published by a program that could not note it any more; it is noted now"
            );
            signed::keep(home, &pending.out)?;
            return finish(home, register);
        }
        Ok(_) if pending.out.is_dir() => {
            tracing::warn!(
                edition,
                "its publishing was interrupted: no box has been offered it"
            );
            return forget(register);
        }
        Ok(_) => "its folder is not there".to_owned(),
        Err(e) => e.to_string(),
    };
    tracing::warn!(edition, repository = %pending.out.display(), %why, "whether it was published cannot be told");
    match unknown {
        Unknown::Keep => Ok(()),
        Unknown::Forget => forget(register),
    }
}

/// Notes that what was set aside has been published: in the register, then in the book, with its rollout. Cut off in
/// the middle, it is done again from the start and comes to the same.
pub(super) fn finish(home: &Home, register: &mut Register) -> Result<(), HqError> {
    let Some(held) = pending(register)? else {
        return Ok(());
    };
    move_on(register, &held)?;
    let mut office = Office::open(home)?;
    let failed = office.failed();
    let book = office
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    difference::note_published(register, &book, &failed)?;
    withdraw::note_published(&book, held.edition).map_err(&failed)?;
    rollout::note_published(
        &book,
        held.edition,
        &held.out,
        held.waves.as_ref(),
        held.begun_at,
    )
    .map_err(&failed)?;
    book.commit().map_err(&failed)?;
    forget(register)
}

/// The line moves on: the next edition's step is told from this one.
fn move_on(register: &mut Register, held: &Pending) -> Result<(), HqError> {
    let failed = register.failed();
    let transaction = register
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    transaction
        .execute(
            "INSERT OR REPLACE INTO setting VALUES ('line', ?1)",
            [&held.line],
        )
        .map_err(&failed)?;
    transaction
        .execute_batch(
            "DELETE FROM listed; INSERT INTO listed SELECT key, kind, body FROM offered WHERE listed = 1;
             DELETE FROM listed_bulk; INSERT INTO listed_bulk SELECT source, sha256 FROM offered_bulk;",
        )
        .map_err(&failed)?;
    transaction
        .execute(
            "UPDATE edition SET published_at = ?2 WHERE number = ?1",
            params![as_column(held.edition), held.begun_at.to_string()],
        )
        .map_err(&failed)?;
    transaction.commit().map_err(&failed)
}

fn pending(register: &Register) -> Result<Option<Pending>, HqError> {
    register
        .connection
        .query_row(
            "SELECT edition, out, waves, line, begun_at FROM offering",
            [],
            |row| {
                Ok(Pending {
                    edition: row.get::<_, i64>(0)?.unsigned_abs(),
                    out: PathBuf::from(row.get::<_, String>(1)?),
                    waves: parsed_or_none(row, 2)?,
                    line: row.get(3)?,
                    begun_at: parsed(row, 4)?,
                })
            },
        )
        .optional()
        .map_err(register.failed())
}

fn forget(register: &Register) -> Result<(), HqError> {
    register
        .connection
        .execute("DELETE FROM offering", [])
        .map(drop)
        .map_err(register.failed())
}
