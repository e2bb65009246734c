//! The documented CSV of persons and documents. UTF-8, a header line, columns in any order.
//!
//! Persons: `entry` and `names` are needed; `birth`, `sex`, `nationality`, `documents`, `action`, `handling`,
//! `expires` and `faces` may be empty or left out. `handling` is `open` (also where it is empty), `discreet` or `protected`. Several names (the first is the primary one), birth dates, nationalities and
//! documents stand in one field, parted by `|`. A name may be written `SURNAME, Given`. A birth date is
//! `1974-08-12`, `1974-08` or `1974`. A document is `NUMBER/STATE` or `NUMBER/STATE/TYPE`. `expires` is the
//! last day on which the entry may be searched. `faces` names photographs (PNG, JPEG …) in the list's folder or below
//! it, parted by `|`; of each a template is made, and the picture stays where it is.
//!
//! Documents: `number` and `state` are needed; `type` (the zone's document code; empty for any) and `entry`
//! may be empty or left out.
//!
//! Other forms are read by their own modules: JSON of persons (`persons_json`), the OFAC list (`ofac`), the UN's
//! (`un`), FollowTheMoney (`ftm`).

use super::faces::{self, Photograph};
use super::{ImportOrder, ftm, ofac, persons_json, progress, un};
use crate::{HqError, RowFault};
use jiff::civil::Date;
use rules::EntryId;
use rules::date::PartialDate;
use rules::mrz::Sex;
use std::collections::BTreeSet;
use std::path::Path;
use watchlist::{DocumentEntry, Handling, ListedDocument, ListedName, PersonEntry};

/// So many faults are named; an import with more is refused all the same.
pub const FAULTS_SHOWN: usize = 100;

/// A field longer than this is a slipped quotation mark, not a value.
const FIELD_LIMIT_BYTES: usize = 16 << 10;

pub(crate) const PERSON_COLUMNS: &[(&str, Need)] = &[
    ("entry", Need::Required),
    ("names", Need::Required),
    ("birth", Need::Optional),
    ("sex", Need::Optional),
    ("nationality", Need::Optional),
    ("documents", Need::Optional),
    ("action", Need::Optional),
    ("handling", Need::Optional),
    ("expires", Need::Optional),
    ("faces", Need::Optional),
];

const DOCUMENT_COLUMNS: &[(&str, Need)] = &[
    ("number", Need::Required),
    ("state", Need::Required),
    ("type", Need::Optional),
    ("entry", Need::Optional),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) persons: Vec<PersonEntry>,
    /// Documents that are listed one by one.
    pub(super) documents: Vec<DocumentEntry>,
    /// Photographs of persons, of which templates are to be made.
    pub(super) photographs: Vec<Photograph>,
    /// What is no person, or has no name.
    pub(super) passed_over: usize,
}

/// Reads the files of an order whole, or names every fault.
///
/// Of a list of more than [`BULK_ROWS`] documents, those without an entry of their own go to `bulk`.
pub(super) fn read(
    order: &ImportOrder,
    bulk: &mut dyn FnMut(&DocumentEntry) -> Result<(), HqError>,
) -> Result<Read, HqError> {
    let mut faults = Faults::default();
    let mut read = Read::default();
    let mut entries = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    for (path, reader) in [
        (&order.ofac, ofac::read as Reader),
        (&order.un, un::read as Reader),
        (&order.ftm, ftm::read as Reader),
    ] {
        if let Some(path) = path {
            reader(path, order, &mut read, &mut faults)?;
        }
    }
    let is_json = |path: &Path| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("json") || e.eq_ignore_ascii_case("jsonl"))
    };
    if let Some(path) = order.persons.as_ref().filter(|path| is_json(path)) {
        persons_json::read(path, order, &mut read, &mut faults)?;
    }
    for person in &read.persons {
        if !entries.insert(person.entry.clone()) {
            faults.add(
                Path::new(&order.source),
                0,
                "entry",
                format!("{} stands here twice", person.entry),
            );
        }
    }
    for person in &read.persons {
        if !person.is_searchable() {
            let why = format!("{}: {UNSEARCHABLE}", person.entry);
            faults.add(Path::new(&order.source), 0, "names", why);
        }
    }
    if let Some(path) = order.persons.as_ref().filter(|path| !is_json(path)) {
        each_row(path, PERSON_COLUMNS, &mut faults, |row| {
            let person = person(row, order);
            // The row's own faults say more where it has no name at all.
            if !person.names.is_empty() && !person.is_searchable() {
                row.fault("names", UNSEARCHABLE);
            }
            if !entries.insert(person.entry.clone()) {
                row.fault("entry", format!("{} stands here twice", person.entry));
            }
            for name in row.parts("faces") {
                match faces::beside(path, &name) {
                    Ok(path) => read.photographs.push(Photograph {
                        entry: person.entry.clone(),
                        path,
                    }),
                    Err(why) => row.fault("faces", why),
                }
            }
            read.persons.push(person);
        })?;
    }
    if let Some(path) = &order.documents {
        let length = std::fs::metadata(path).map_or(0, |m| m.len());
        let progress = progress::of_bytes("reading documents", length);
        let mut failed = None;
        // Documents without an entry, as long as there are few.
        let (mut plain, mut in_bulk) = (Vec::new(), false);
        each_row(path, DOCUMENT_COLUMNS, &mut faults, |row| {
            progress.at(row.record.position().map_or(0, csv::Position::byte));
            let document = document(row);
            if let Some(entry) = &document.entry
                && !entries.insert(entry.clone())
            {
                row.fault("entry", format!("{entry} stands here twice"));
            }
            // A hundred million numbers are not held in memory to find repeats; in a list of that size they do
            // no harm either.
            if numbers.len() < REPEATS_LOOKED_FOR {
                let key = (
                    document.number.clone(),
                    document.state.clone(),
                    document.document_type.clone(),
                );
                if !numbers.insert(key) {
                    row.fault("number", format!("{} stands here twice", document.number));
                }
            }
            if document.entry.is_some() {
                read.documents.push(document);
                return;
            }
            plain.push(document);
            if plain.len() > BULK_ROWS {
                in_bulk = true;
            }
            if in_bulk {
                for document in plain.drain(..) {
                    if let Err(e) = bulk(&document) {
                        failed = Some(e);
                    }
                }
            }
        })?;
        read.documents.append(&mut plain);
        progress.done();
        if let Some(failed) = failed {
            return Err(failed);
        }
    }
    if faults.0.is_empty() {
        Ok(read)
    } else {
        Err(HqError::ImportRefused { faults: faults.0 })
    }
}

/// Reads one kind of file into what has been read.
type Reader = fn(&Path, &ImportOrder, &mut Read, &mut Faults) -> Result<(), HqError>;

/// No edition could be made of a list with such an entry.
const UNSEARCHABLE: &str =
    "no name here can be searched for: one of more than signs, figures and initials is needed";
/// A list of more documents than this is kept as digests: no question is asked of one row of it.
const BULK_ROWS: usize = 200_000;
/// Repeated documents are named among so many rows.
const REPEATS_LOOKED_FOR: usize = 1_000_000;

#[derive(Default)]
pub(super) struct Faults(Vec<RowFault>);

impl Faults {
    pub(super) fn add(&mut self, file: &Path, line: u64, column: &str, why: impl Into<String>) {
        if self.0.len() < FAULTS_SHOWN {
            self.0.push(RowFault {
                file: file.display().to_string(),
                line,
                column: column.to_owned(),
                why: why.into(),
            });
        }
    }
}

/// One row: its fields by column name, and where to lodge what is wrong with them.
struct Row<'a> {
    path: &'a Path,
    line: u64,
    header: &'a [String],
    record: &'a csv::StringRecord,
    faults: &'a mut Faults,
}

impl Row<'_> {
    fn field(&self, column: &str) -> &str {
        let index = self.header.iter().position(|name| name == column);
        index
            .and_then(|index| self.record.get(index))
            .unwrap_or_default()
            .trim()
    }

    fn parts(&self, column: &str) -> Vec<String> {
        self.field(column)
            .split('|')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn fault(&mut self, column: &str, why: impl Into<String>) {
        self.faults.add(self.path, self.line, column, why);
    }
}

fn each_row(
    path: &Path,
    columns: &[(&str, Need)],
    faults: &mut Faults,
    mut take: impl FnMut(&mut Row<'_>),
) -> Result<(), HqError> {
    let unreadable = |why: &dyn std::fmt::Display| HqError::unreadable(path, why);
    let mut reader = csv::ReaderBuilder::new()
        .from_path(path)
        .map_err(|e| unreadable(&e))?;
    let header: Vec<String> = reader
        .headers()
        .map_err(|e| unreadable(&e))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    for (index, name) in header.iter().enumerate() {
        if !columns.iter().any(|(column, _)| column == name) {
            let known: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
            faults.add(
                path,
                1,
                name,
                format!("no such column; there are {}", known.join(", ")),
            );
        } else if header[..index].contains(name) {
            faults.add(path, 1, name, "stands in the header twice");
        }
    }
    for (column, need) in columns {
        if *need == Need::Required && !header.iter().any(|name| name == column) {
            faults.add(path, 1, column, "this column is needed");
        }
    }
    if !faults.0.is_empty() {
        return Ok(());
    }
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                if record.iter().any(|field| field.len() > FIELD_LIMIT_BYTES) {
                    faults.add(
                        path,
                        line,
                        "row",
                        "a field is too long: is a quotation mark open?",
                    );
                    continue;
                }
                take(&mut Row {
                    path,
                    line,
                    header: &header,
                    record: &record,
                    faults,
                });
            }
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                match e.kind() {
                    csv::ErrorKind::Utf8 { .. } => faults.add(path, line, "row", "not UTF-8"),
                    csv::ErrorKind::UnequalLengths {
                        expected_len, len, ..
                    } => {
                        faults.add(
                            path,
                            line,
                            "row",
                            format!("{len} fields where the header has {expected_len}"),
                        );
                    }
                    _ => return Err(unreadable(&e)),
                }
            }
        }
    }
    Ok(())
}

fn person(row: &mut Row<'_>, order: &ImportOrder) -> PersonEntry {
    let entry = entry(row).unwrap_or_else(|why| {
        row.fault("entry", why);
        placeholder(row.line)
    });
    let names = row.parts("names");
    if names.is_empty() {
        row.fault("names", "at least one name is needed");
    }
    for name in &names {
        if !name.chars().any(char::is_alphabetic) {
            row.fault("names", format!("{name:?} has no letter in it"));
        }
    }
    let mut listed = names.into_iter();
    let names = listed
        .next()
        .map(ListedName::primary)
        .into_iter()
        .chain(listed.by_ref().map(ListedName::alias))
        .collect();
    let mut person = PersonEntry::new(entry, names, order.source.clone());
    person.legal_basis.clone_from(&order.legal_basis);
    for birth in row.parts("birth") {
        match birth.parse::<PartialDate>() {
            Ok(date) => person.births.push(date),
            Err(e) => row.fault("birth", e.to_string()),
        }
    }
    person.sex = match row.field("sex").to_ascii_uppercase().as_str() {
        "" | "X" | "U" | "<" => Sex::Unspecified,
        "F" => Sex::Female,
        "M" => Sex::Male,
        other => {
            let why = format!("{other:?} is none of F, M, X");
            row.fault("sex", why);
            Sex::Unspecified
        }
    };
    for state in row.parts("nationality") {
        match state_code(&state) {
            Ok(state) => person.nationalities.push(state),
            Err(why) => row.fault("nationality", why),
        }
    }
    for text in row.parts("documents") {
        match listed_document(&text) {
            Ok(document) => person.documents.push(document),
            Err(why) => row.fault("documents", why),
        }
    }
    person.action = row.field("action").to_owned();
    person.handling = match row.field("handling") {
        "" | "open" => Handling::Open,
        "discreet" => Handling::Discreet,
        "protected" => Handling::Protected,
        other => {
            let why = format!("{other:?} is none of open, discreet, protected");
            row.fault("handling", why);
            // Whatever was meant, nothing is told.
            Handling::Discreet
        }
    };
    match row.field("expires") {
        "" => {}
        text => match text.parse::<Date>() {
            Ok(date) => person.expires = Some(date),
            Err(_) => {
                let why = format!("{text:?} is no day: write 2027-12-31");
                row.fault("expires", why);
            }
        },
    }
    person
}

fn document(row: &mut Row<'_>) -> DocumentEntry {
    let text = format!(
        "{}/{}/{}",
        row.field("number"),
        row.field("state"),
        row.field("type")
    );
    let listed = listed_document(&text).unwrap_or_else(|why| {
        row.fault("number", why);
        ListedDocument {
            number: String::new(),
            state: String::new(),
            document_type: String::new(),
        }
    });
    let entry = if row.field("entry").is_empty() {
        None
    } else {
        entry(row).map_err(|why| row.fault("entry", why)).ok()
    };
    DocumentEntry {
        number: listed.number,
        state: listed.state,
        document_type: listed.document_type,
        entry,
    }
}

fn entry(row: &Row<'_>) -> Result<EntryId, String> {
    EntryId::new(row.field("entry")).map_err(|e| e.to_string())
}

/// Stands in for the name of an entry that has a bad one, so that the rest of its row is looked at; the import
/// is refused anyhow.
fn placeholder(line: u64) -> EntryId {
    EntryId::new(format!("line-{line}")).expect("letters, a hyphen and digits are an identifier")
}

pub(super) fn listed_document(text: &str) -> Result<ListedDocument, String> {
    let mut parts = text.split('/').map(str::trim);
    let (number, state) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let document_type = parts.next().unwrap_or_default().to_ascii_uppercase();
    if parts.next().is_some() {
        return Err(format!("{text:?}: write NUMBER/STATE/TYPE"));
    }
    if number.len() > 64 || !number.bytes().any(|b| b.is_ascii_alphanumeric()) {
        return Err(format!("{number:?} is no document number"));
    }
    if document_type.len() > 2 || !document_type.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(format!(
            "{document_type:?} is no document code: one or two letters, or nothing"
        ));
    }
    Ok(ListedDocument {
        number: number.to_owned(),
        state: state_code(state)?,
        document_type,
    })
}

pub(super) fn state_code(text: &str) -> Result<String, String> {
    let code = text.to_ascii_uppercase();
    if (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(format!(
            "{text:?} is no code of a state: one to three letters (Doc 9303-3 section 5)"
        ))
    }
}
