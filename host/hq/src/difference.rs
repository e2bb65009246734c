//! What a publishing would change, shown to people before they approve: added, changed and withdrawn entries
//! by the list that they come from, documents in bulk by their count, and the files that are no lists.

use crate::HqError;
use crate::home::Home;
use crate::list;
use crate::office::Office;
use crate::register::Register;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many entries of a kind are named; the rest is counted.
pub const ENTRIES_NAMED: usize = 1000;

/// One list's difference from what was published last.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SourceDifference {
    /// The list.
    pub source: String,
    /// Entries that boxes do not have yet.
    pub added: Vec<String>,
    /// Entries that read differently now, with the fields that do.
    pub changed: Vec<Changed>,
    /// Entries that boxes would lose.
    pub withdrawn: Vec<String>,
    /// Entries that stay as they are.
    pub unchanged: usize,
    /// Entries beyond [`ENTRIES_NAMED`] of a kind, and documents in bulk that come or go, counted only.
    pub unnamed: usize,
}

/// One entry that reads differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The entry.
    pub entry: String,
    /// The fields that differ.
    pub fields: Vec<String>,
}

/// The difference of the working list from the list as it was published last.
///
/// # Errors
/// What the databases say.
pub fn difference(home: &Home) -> Result<Vec<SourceDifference>, HqError> {
    list::settle(home)?;
    let (register, office) = (Register::open(home)?, Office::open(home)?);
    let now = entries(&register.connection, "entry").map_err(register.failed())?;
    let before = entries(&office.connection, "published").map_err(office.failed())?;
    let in_bulk = list::differing(home, &register)?;
    let mut sources: BTreeMap<&str, SourceDifference> = BTreeMap::new();
    let keys: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    for key in keys {
        let (new, old) = (now.get(key), before.get(key));
        let Some(source) = new.or(old).map(|e| e.source.as_str()) else {
            continue;
        };
        let of = sources.entry(source).or_insert_with(|| SourceDifference {
            source: source.to_owned(),
            ..SourceDifference::default()
        });
        let mut unnamed = 0;
        match (old, new) {
            (None, Some(_)) if of.added.len() < ENTRIES_NAMED => of.added.push(key.clone()),
            (Some(_), None) if of.withdrawn.len() < ENTRIES_NAMED => of.withdrawn.push(key.clone()),
            (Some(old), Some(new)) if old == new => of.unchanged += 1,
            (Some(old), Some(new)) if of.changed.len() < ENTRIES_NAMED => {
                of.changed.push(Changed {
                    entry: key.clone(),
                    fields: fields_that_differ(old, new),
                });
            }
            _ => unnamed = 1,
        }
        of.unnamed += unnamed;
    }
    for (source, documents) in &in_bulk {
        let of = sources.entry(source).or_insert_with(|| SourceDifference {
            source: source.clone(),
            ..SourceDifference::default()
        });
        of.unnamed += documents;
    }
    let files = list::files::difference(home, &register)?;
    Ok(sources.into_values().chain(files).collect())
}

/// Notes what was published, as the publishing set it aside before it signed, within the caller's transaction of the
/// book: the next difference is from this. `failed` names what the book says.
///
/// # Errors
/// What the databases say.
pub(crate) fn note_published(
    register: &Register,
    book: &Connection,
    failed: &impl Fn(rusqlite::Error) -> HqError,
) -> Result<(), HqError> {
    let now = entries(&register.connection, "offered").map_err(register.failed())?;
    let put = || -> rusqlite::Result<()> {
        book.execute("DELETE FROM published", [])?;
        let mut insert = book.prepare("INSERT INTO published VALUES (?1, ?2, ?3, ?4)")?;
        for (key, entry) in &now {
            insert.execute([key, &entry.kind, &entry.source, &entry.body])?;
        }
        Ok(())
    };
    put().map_err(failed)
}

#[derive(PartialEq, Eq)]
struct Listed {
    kind: String,
    source: String,
    body: String,
}

fn entries(
    connection: &Connection,
    table: &'static str,
) -> rusqlite::Result<BTreeMap<String, Listed>> {
    let mut query = connection.prepare(&format!("SELECT key, kind, source, body FROM {table}"))?;
    query
        .query_map([], |row| {
            let listed = Listed {
                kind: row.get(1)?,
                source: row.get(2)?,
                body: row.get(3)?,
            };
            Ok((row.get(0)?, listed))
        })?
        .collect()
}

/// The fields of two entries that differ, by name.
fn fields_that_differ(old: &Listed, new: &Listed) -> Vec<String> {
    let parsed = |entry: &Listed| -> BTreeMap<String, Value> {
        serde_json::from_str(&entry.body).unwrap_or_default()
    };
    let (before, after) = (parsed(old), parsed(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut differ: Vec<String> = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect();
    if old.source != new.source {
        differ.push("source".into());
    }
    differ
}
