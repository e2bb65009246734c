//! Persons in JSON: a list of entries (`.json`), or an entry a line (`.jsonl`).
//!
//! An entry has `entry` and `names` (each `{"text", "kind": "primary"|"alias"|"weak", "script"}`), and may have
//! `births` (`1974-08-12`, `1974-08`, `1974`), `sex`, `nationalities`, `documents` (each `{"number", "state",
//! "document_type"}`), `legal_basis`, `expires`, `action`, `handling` (`open`, `discreet`, `protected`),
//! `faces` (photographs by their names in the list's folder or below it). The source is the import's; a legal basis that is not given is the import's too.

use super::ImportOrder;
use super::faces::{self, Photograph};
use super::rows::{Faults, Read};
use crate::HqError;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use watchlist::PersonEntry;

/// A line longer than this is no entry.
const LINE_LIMIT_BYTES: usize = 1 << 20;

pub(super) fn read(
    path: &Path,
    order: &ImportOrder,
    into: &mut Read,
    faults: &mut Faults,
) -> Result<(), HqError> {
    let file = std::fs::File::open(path).map_err(|e| HqError::unreadable(path, e))?;
    let reader = BufReader::new(file);
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"))
    {
        let list: Vec<Value> =
            serde_json::from_reader(reader).map_err(|e| HqError::unreadable(path, e))?;
        for (n, value) in list.into_iter().enumerate() {
            take(path, n as u64 + 1, value, order, into, faults);
        }
        return Ok(());
    }
    lines(path, reader, faults, |line, value, faults| {
        take(path, line, value, order, into, faults);
    })
}

/// Each line of a file of JSON lines; a line that is no JSON is a fault.
pub(super) fn lines(
    path: &Path,
    reader: impl BufRead,
    faults: &mut Faults,
    mut each: impl FnMut(u64, Value, &mut Faults),
) -> Result<(), HqError> {
    for (n, line) in reader.lines().enumerate() {
        let line = line.map_err(|e| HqError::unreadable(path, e))?;
        let number = n as u64 + 1;
        if line.trim().is_empty() {
            continue;
        }
        if line.len() > LINE_LIMIT_BYTES {
            faults.add(path, number, "row", "the line is too long");
            continue;
        }
        match serde_json::from_str(&line) {
            Ok(value) => each(number, value, faults),
            Err(e) => faults.add(path, number, "row", e.to_string()),
        }
    }
    Ok(())
}

fn take(
    path: &Path,
    line: u64,
    mut value: Value,
    order: &ImportOrder,
    into: &mut Read,
    faults: &mut Faults,
) {
    let mut photographs = Value::Null;
    if let Some(object) = value.as_object_mut() {
        object.insert("provenance".into(), order.source.clone().into());
        // A list brings pictures; templates are made here.
        photographs = object.remove("faces").unwrap_or_default();
    }
    let photographs = match serde_json::from_value::<Option<Vec<String>>>(photographs) {
        Ok(names) => names.unwrap_or_default(),
        Err(_) => {
            let why = "they are no list of photographs' names";
            return faults.add(path, line, "faces", why);
        }
    };
    match serde_json::from_value::<PersonEntry>(value) {
        Ok(mut person) => {
            if !person
                .names
                .iter()
                .any(|n| n.text.chars().any(char::is_alphabetic))
            {
                faults.add(path, line, "names", "at least one name is needed");
                return;
            }
            if person.legal_basis.is_empty() {
                person.legal_basis.clone_from(&order.legal_basis);
            }
            for name in photographs {
                match faces::beside(path, &name) {
                    Ok(path) => into.photographs.push(Photograph {
                        entry: person.entry.clone(),
                        path,
                    }),
                    Err(why) => faults.add(path, line, "faces", why),
                }
            }
            into.persons.push(person);
        }
        Err(e) => faults.add(path, line, "entry", e.to_string()),
    }
}
