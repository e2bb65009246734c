//! What has changed since the newest edition: the step that boxes fetch.

use super::bulk;
use crate::HqError;
use crate::home::Home;
use crate::register::Register;
use rules::EditionNumber;
use rusqlite::Connection;
use std::collections::BTreeSet;
use watchlist::build::document_digest;
use watchlist::delta::{Delta, LIMIT_BYTES};
use watchlist::{DocumentEntry, EditionInfo, PersonEntry};

/// An entry of either kind.
enum Listed {
    Person(Box<PersonEntry>),
    Document(DocumentEntry),
}

impl Listed {
    fn read(kind: &str, body: &str) -> rusqlite::Result<Self> {
        let bad = |e: serde_json::Error| {
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(e))
        };
        Ok(match kind {
            "person" => Self::Person(Box::new(serde_json::from_str(body).map_err(bad)?)),
            _ => Self::Document(serde_json::from_str(body).map_err(bad)?),
        })
    }

    /// The documents that it lists, by digest, with the entry that each belongs to.
    fn documents(&self, key: &[u8; 16]) -> Vec<(u64, Option<String>)> {
        match self {
            Self::Person(person) => person
                .documents
                .iter()
                .filter_map(|d| document_digest(key, &d.number, &d.state, &d.document_type))
                .map(|digest| (digest, Some(person.entry.to_string())))
                .collect(),
            Self::Document(d) => document_digest(key, &d.number, &d.state, &d.document_type)
                .map(|digest| (digest, d.entry.as_ref().map(ToString::to_string)))
                .into_iter()
                .collect(),
        }
    }
}

/// The step from the newest edition to the list as it stands; `current` (a temporary table) is what goes into it.
pub(super) fn since(
    home: &Home,
    register: &Register,
    from: EditionNumber,
    info: EditionInfo,
    key: &[u8; 16],
) -> Result<Delta, HqError> {
    let failed = register.failed();
    let connection = &register.connection;
    let mut delta = Delta::empty(from, info, *key);
    let mut touched = BTreeSet::new();
    each(
        connection,
        "SELECT l.kind, l.body FROM listed l LEFT JOIN current c USING (key)
         WHERE c.key IS NULL OR c.body <> l.body OR c.kind <> l.kind",
        |listed| {
            touched.extend(listed.documents(key).into_iter().map(|(digest, _)| digest));
            if let Listed::Person(person) = listed {
                delta.gone_persons.insert(person.entry.to_string());
            }
        },
    )
    .map_err(&failed)?;
    delta.gone_documents.clone_from(&touched);
    let listed_before = touched.clone();
    each(
        connection,
        "SELECT c.kind, c.body FROM current c LEFT JOIN listed l USING (key)
         WHERE l.key IS NULL OR c.body <> l.body OR c.kind <> l.kind",
        |listed| {
            for (digest, _) in listed.documents(key) {
                touched.insert(digest);
                delta.put_documents.insert(digest);
            }
            if let Listed::Person(person) = listed {
                delta.gone_persons.remove(person.entry.as_str());
                delta.put_persons.push(*person);
            }
        },
    )
    .map_err(&failed)?;
    delta.put_persons.sort_by(|a, b| a.entry.cmp(&b.entry));
    bulk::changes(home, register, |digest, listed| {
        touched.insert(digest);
        if listed {
            delta.put_documents.insert(digest);
        } else {
            delta.gone_documents.insert(digest);
        }
    })?;
    if !touched.is_empty() {
        // A document that one entry lists no more may be listed by another.
        each(connection, "SELECT kind, body FROM current", |listed| {
            for (digest, entry) in listed.documents(key) {
                if touched.contains(&digest) {
                    delta.put_documents.insert(digest);
                    delta
                        .document_entries
                        .extend(entry.map(|entry| (digest, entry)));
                }
            }
        })
        .map_err(&failed)?;
        bulk::still_listed(
            home,
            register,
            &delta.gone_documents,
            &mut delta.put_documents,
        )?;
        let put = &delta.put_documents;
        delta.gone_documents.retain(|digest| !put.contains(digest));
        // What was listed and still is, by the same entry or another, is no news.
        delta
            .put_documents
            .retain(|digest| !listed_before.contains(digest));
    }
    Ok(delta)
}

/// What a step says beside its entries.
const HEADER_BYTES: usize = 1 << 20;

/// Whether boxes take a step of this length: one that they refuse would be in their way for good.
pub(super) fn fits(delta: &Delta) -> bool {
    let persons = delta
        .put_persons
        .iter()
        .map(|person| serde_json::to_vec(person).map_or(LIMIT_BYTES, |text| text.len() + 4));
    let gone = delta.gone_persons.iter().map(|name| name.len() + 4);
    let entries = delta
        .document_entries
        .iter()
        .map(|(_, name)| name.len() + 9);
    let digests = (delta.put_documents.len() + delta.gone_documents.len()) * 8;
    let length: usize = persons.chain(gone).chain(entries).sum();
    HEADER_BYTES + digests + length <= LIMIT_BYTES
}

fn each(connection: &Connection, sql: &str, mut take: impl FnMut(Listed)) -> rusqlite::Result<()> {
    let mut query = connection.prepare(sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        take(Listed::read(
            row.get_ref(0)?.as_str()?,
            row.get_ref(1)?.as_str()?,
        )?);
    }
    Ok(())
}

/// Fills temporary tables with the list as it stands: `approved` with every entry, `current` with those that may go
/// into an edition today, `current_bulk` and `current_file` with what goes beside them. A publishing reads these from
/// then on: what others change while it runs was approved by nobody. How many persons may not go in.
pub(super) fn make_current(register: &Register, today: &str) -> Result<usize, HqError> {
    let make = || -> rusqlite::Result<usize> {
        let connection = &register.connection;
        connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS current (key TEXT PRIMARY KEY, kind TEXT, body TEXT);
             CREATE TEMP TABLE IF NOT EXISTS approved (key TEXT PRIMARY KEY, kind TEXT, source TEXT, body TEXT);
             CREATE TEMP TABLE IF NOT EXISTS current_bulk (source TEXT PRIMARY KEY, sha256 TEXT);
             CREATE TEMP TABLE IF NOT EXISTS current_file (
                 kind TEXT, name TEXT, sha256 TEXT, bytes INTEGER, added_at TEXT, PRIMARY KEY (kind, name));
             DELETE FROM current; DELETE FROM approved; DELETE FROM current_bulk; DELETE FROM current_file;
             INSERT INTO approved SELECT key, kind, source, body FROM entry;
             INSERT INTO current_bulk SELECT source, sha256 FROM bulk;
             INSERT INTO current_file SELECT kind, name, sha256, bytes, added_at FROM file;",
        )?;
        connection.execute(
            "INSERT INTO current SELECT key, kind, body FROM entry
             WHERE kind <> 'person' OR coalesce(json_extract(body, '$.expires'), '9999-12-31') >= ?1",
            [today],
        )?;
        connection.query_row(
            "SELECT (SELECT count(*) FROM entry) - (SELECT count(*) FROM current)",
            [],
            |r| r.get::<_, i64>(0).map(|n| n.unsigned_abs() as usize),
        )
    };
    make().map_err(register.failed())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::Timestamp;
    use watchlist::ListedName;

    #[test]
    fn a_step_that_boxes_would_refuse_is_none() {
        let info = EditionInfo {
            number: EditionNumber(2),
            made_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            persons: 1,
            documents: 0,
            sources: Vec::new(),
        };
        let mut delta = Delta::empty(EditionNumber(1), info, [7; 16]);
        for length in [1 << 20, LIMIT_BYTES] {
            let name = ListedName::primary("A".repeat(length));
            let entry = "UTO-1".parse().unwrap();
            delta.put_persons = vec![PersonEntry::new(entry, vec![name], "Utopia")];
            let taken = Delta::from_bytes(&delta.to_bytes()).is_ok();
            assert_eq!(fits(&delta), taken, "{length}");
        }
    }
}
