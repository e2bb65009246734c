//! The working list: what is imported, looked through, approved by two people, and made an edition of.

mod bulk;
mod changes;
mod edition;
mod faces;
pub mod files;
mod ftm;
mod lint;
mod ofac;
mod offering;
mod persons_json;
mod progress;
mod rows;
mod signed;
mod states;
mod un;

pub(crate) use bulk::{differing, digest_of};
pub(crate) use edition::{APPROVERS_NEEDED, alone};
pub use edition::{Extent, PublishOrder, Published, approve, approved, publish};
pub use lint::{Finding, FindingCode, lint};
pub use offering::settle;
pub use rows::FAULTS_SHOWN;
pub(crate) use rows::PERSON_COLUMNS;
pub(crate) use signed::{files_of as signed_files, keep as keep_signed, signings};

use crate::HqError;
use crate::register::Register;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use watchlist::build::document_digest;
use watchlist::{DocumentEntry, PersonEntry};

/// What to import, and on what ground.
#[derive(Debug, Clone, Default)]
pub struct ImportOrder {
    /// A CSV of persons, or JSON (a list, or an entry a line) by its ending `.json` or `.jsonl`.
    pub persons: Option<PathBuf>,
    /// A CSV of documents.
    pub documents: Option<PathBuf>,
    /// A folder with the OFAC list's `sdn.csv`, `alt.csv` and `add.csv`.
    pub ofac: Option<PathBuf>,
    /// The UN Security Council's consolidated list in XML.
    pub un: Option<PathBuf>,
    /// FollowTheMoney entities, one JSON object a line.
    pub ftm: Option<PathBuf>,
    /// The list's name, e.g. `UN 1267`. An import replaces all that this source listed before.
    pub source: String,
    /// The law or order that the listing rests on.
    pub legal_basis: String,
    /// The state that lists (ISO 3166-1 alpha-3), where the source is one.
    pub source_state: Option<String>,
    /// The folder of models that describe the list's photographs; the usual one where not given.
    pub models: Option<PathBuf>,
}

/// What an import changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Persons that the source lists now.
    pub persons: usize,
    /// Documents that the source lists now.
    pub documents: usize,
    /// Entries that were not listed before.
    pub added: usize,
    /// Entries that were listed and read differently now.
    pub changed: usize,
    /// Entries that were listed and are the same.
    pub unchanged: usize,
    /// Entries that the source does not list any more.
    pub withdrawn: usize,
    /// Rows and entities that are no persons (companies, ships) or have no name, and were passed over.
    pub passed_over: usize,
    /// Photographs of which a template was made.
    pub faces: usize,
    /// Photographs that show no single usable face; each is named in the log.
    pub faces_unusable: usize,
}

/// The list as it stands, by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListState {
    /// Counts every change.
    pub revision: i64,
    /// SHA-256 over sources and entries, in hex: what an approver approves.
    pub digest: String,
    /// Persons listed.
    pub persons: usize,
    /// Documents listed.
    pub documents: usize,
    /// Files that are no lists and go to the boxes with the edition.
    pub files: usize,
    /// Who has approved exactly this.
    pub approvers: Vec<String>,
}

/// Imports the files, all of them or nothing, in place of what the source listed before.
///
/// # Errors
/// [`HqError::ImportRefused`] with every fault by line and column, [`HqError::EntryTaken`], or what the files
/// and the register say.
pub fn import(
    register: &mut Register,
    order: &ImportOrder,
    now: Timestamp,
) -> Result<ImportReport, HqError> {
    let home = register.home().clone();
    let key = bulk::key(register)?;
    let _content = bulk::hold(&home)?;
    let mut sorter = bulk::Sorter::new(&home)?;
    let withdrawn = crate::withdraw::documents(&home, &key)?;
    let mut read = rows::read(order, &mut |document| {
        let DocumentEntry {
            number,
            state,
            document_type,
            ..
        } = document;
        match document_digest(&key, number, state, document_type) {
            Some(digest) if !withdrawn.contains(&digest) => sorter.put(digest),
            _ => Ok(()),
        }
    })?;
    let described = faces::describe(&mut read, order.models.as_deref())?;
    let bulk_rows = sorter.taken();
    let new_bulk = if bulk_rows > 0 {
        Some(sorter.finish()?)
    } else {
        None
    };
    let old_bulk = bulk::of_source(register, &order.source)?;
    let mut offered: BTreeMap<String, (&'static str, String)> = BTreeMap::new();
    for person in &read.persons {
        offered.insert(person.entry.to_string(), ("person", body(person)));
    }
    for document in &read.documents {
        offered.insert(document_key(document), ("document", body(document)));
    }

    let failed = register.failed();
    let transaction = register
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    let mut report = ImportReport {
        persons: read.persons.len(),
        documents: read.documents.len()
            + new_bulk.as_ref().map_or(0, |bulk| bulk.documents as usize),
        passed_over: read.passed_over,
        faces: described.faces,
        faces_unusable: described.unusable,
        ..ImportReport::default()
    };
    bulk::compare(
        &home,
        old_bulk.as_ref().map(|b| b.sha256.as_str()),
        new_bulk.as_ref().map(|b| b.sha256.as_str()),
        |_, listed| {
            if listed {
                report.added += 1;
            } else {
                report.withdrawn += 1;
            }
        },
    )?;
    let in_bulk = new_bulk.as_ref().map_or(0, |b| b.documents as usize);
    report.unchanged = in_bulk.saturating_sub(report.added);
    let sourced = put_source(&transaction, order, now).map_err(&failed)?;
    for (key, (kind, body)) in &offered {
        let held: Option<(String, String)> = transaction
            .prepare_cached("SELECT source, body FROM entry WHERE key = ?1")
            .and_then(|mut q| {
                q.query_row([key], |r| Ok((r.get(0)?, r.get(1)?)))
                    .optional()
            })
            .map_err(&failed)?;
        match held {
            Some((holder, _)) if holder != order.source => {
                return Err(HqError::EntryTaken {
                    entry: key.clone(),
                    holder,
                    offered: order.source.clone(),
                });
            }
            Some((_, held)) if held == *body => report.unchanged += 1,
            Some(_) => report.changed += 1,
            None => report.added += 1,
        }
        transaction
            .prepare_cached("INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut q| q.execute(params![key, kind, order.source, body]))
            .map_err(&failed)?;
    }
    let listed: Vec<String> = transaction
        .prepare("SELECT key FROM entry WHERE source = ?1")
        .and_then(|mut q| q.query_map([&order.source], |r| r.get(0))?.collect())
        .map_err(&failed)?;
    for key in listed.iter().filter(|key| !offered.contains_key(*key)) {
        report.withdrawn += 1;
        transaction
            .execute("DELETE FROM entry WHERE key = ?1", [key])
            .map_err(&failed)?;
    }
    put_bulk(&transaction, &order.source, new_bulk.as_ref()).map_err(&failed)?;
    if report.added + report.changed + report.withdrawn > 0 || sourced == Sourced::Changed {
        transaction
            .execute("UPDATE revision SET number = number + 1", [])
            .map_err(&failed)?;
    }
    transaction.commit().map_err(&failed)?;
    Ok(report)
}

/// Whether the files of an order can be imported; changes nothing.
///
/// # Errors
/// [`HqError::ImportRefused`] with every fault, or what the files say.
pub(crate) fn check(order: &ImportOrder) -> Result<(), HqError> {
    rows::read(order, &mut |_| Ok(())).map(drop)
}

/// The list as it stands.
///
/// # Errors
/// [`HqError::Database`].
pub fn state(register: &Register) -> Result<ListState, HqError> {
    let failed = register.failed();
    let connection = &register.connection;
    let revision: i64 = connection
        .query_row("SELECT number FROM revision", [], |r| r.get(0))
        .map_err(&failed)?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut feed = |text: &str| {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    };
    feed("mpaka working list 1");
    let mut counts = BTreeMap::new();
    let mut feed_rows = |sql: &str| -> rusqlite::Result<()> {
        let mut query = connection.prepare(sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..4 {
                feed(row.get_ref(column)?.as_str_or_null()?.unwrap_or_default());
            }
            *counts.entry(row.get::<_, String>(1)?).or_insert(0usize) += 1;
        }
        Ok(())
    };
    // The moment of an import is not part of what is approved; what it brought is.
    feed_rows("SELECT name, 'source', legal_basis, state FROM source ORDER BY name")
        .map_err(&failed)?;
    feed_rows("SELECT key, kind, source, body FROM entry ORDER BY key").map_err(&failed)?;
    feed_rows("SELECT source, 'bulk', sha256, NULL FROM bulk ORDER BY source").map_err(&failed)?;
    feed_rows("SELECT kind, 'file', name, sha256 FROM file ORDER BY kind, name")
        .map_err(&failed)?;
    let digest = hex::encode(context.finish());
    let approvers = connection
        .prepare(
            "SELECT approver FROM approval WHERE revision = ?1 AND digest = ?2 ORDER BY approver",
        )
        .and_then(|mut q| {
            q.query_map(params![revision, digest], |r| r.get(0))?
                .collect()
        })
        .map_err(&failed)?;
    let count = |kind: &str| counts.get(kind).copied().unwrap_or(0);
    Ok(ListState {
        revision,
        digest,
        persons: count("person"),
        documents: count("document") + bulk::count(register)? as usize,
        files: count("file"),
        approvers,
    })
}

/// Every person listed, in the order of the keys.
fn persons(register: &Register) -> Result<Vec<PersonEntry>, HqError> {
    let gather = || {
        let mut persons = Vec::new();
        let mut query = register
            .connection
            .prepare("SELECT body FROM entry WHERE kind = 'person' ORDER BY key")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let person = serde_json::from_str(row.get_ref(0)?.as_str()?).map_err(|e| {
                rusqlite::Error::FromSqlConversionFailure(
                    0,
                    rusqlite::types::Type::Text,
                    Box::new(e),
                )
            })?;
            persons.push(person);
        }
        Ok(persons)
    };
    gather().map_err(register.failed())
}

fn put_bulk(
    transaction: &Transaction<'_>,
    source: &str,
    bulk: Option<&bulk::Bulk>,
) -> rusqlite::Result<()> {
    match bulk {
        Some(bulk) => transaction.execute(
            "INSERT OR REPLACE INTO bulk VALUES (?1, ?2, ?3)",
            params![
                source,
                bulk.sha256,
                i64::try_from(bulk.documents).unwrap_or(i64::MAX)
            ],
        ),
        None => transaction.execute("DELETE FROM bulk WHERE source = ?1", [source]),
    }
    .map(drop)
}

#[derive(PartialEq, Eq)]
enum Sourced {
    Same,
    Changed,
}

fn put_source(
    transaction: &Transaction<'_>,
    order: &ImportOrder,
    now: Timestamp,
) -> rusqlite::Result<Sourced> {
    let held: Option<(String, Option<String>)> = transaction
        .query_row(
            "SELECT legal_basis, state FROM source WHERE name = ?1",
            [&order.source],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    transaction.execute(
        "INSERT INTO source VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET
         legal_basis = excluded.legal_basis, state = excluded.state, imported_at = excluded.imported_at",
        params![order.source, order.legal_basis, order.source_state, now.to_string()],
    )?;
    let same = held
        .is_some_and(|(basis, state)| basis == order.legal_basis && state == order.source_state);
    Ok(if same {
        Sourced::Same
    } else {
        Sourced::Changed
    })
}

fn body(entry: &impl Serialize) -> String {
    serde_json::to_string(entry).expect("an entry is strings, numbers and dates")
}

/// A document's key: its entry where it has one. A `/` stands in no entry's name, so the two cannot meet.
fn document_key(document: &DocumentEntry) -> String {
    match &document.entry {
        Some(entry) => entry.to_string(),
        None => format!(
            "{}/{}/{}",
            document.number, document.state, document.document_type
        ),
    }
}

/// What a publishing does before it signs, for tests of what follows.
#[cfg(test)]
pub(crate) fn set_aside(register: &mut Register, edition: u64) {
    changes::make_current(register, "2026-11-29").expect("the register answers");
    let line = offering::Line {
        base: edition,
        last: edition,
        documents: 0,
    };
    let offering = offering::Offering {
        edition,
        out: std::path::Path::new("repository"),
        waves: None,
        line,
        begun_at: Timestamp::UNIX_EPOCH,
    };
    offering::set_aside(register, &offering).expect("the register answers");
}

/// What a publishing does once its edition lies in the repository, for the same tests.
#[cfg(test)]
pub(crate) fn note_published(home: &crate::home::Home, register: &mut Register) {
    offering::finish(home, register).expect("the databases answer");
}
