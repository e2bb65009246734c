//! FollowTheMoney entities, one JSON object a line, as OpenSanctions publishes them (`entities.ftm.json`).
//!
//! Entities of the schema `Person` are taken: `name` and `alias` as names (`weakAlias` as weak ones), `birthDate`,
//! `nationality`, `citizenship`, `country` where neither is given, `gender`, `passportNumber`. Other schemata are
//! passed over, as is an entity without a name. The entry is the entity's `id`.

use super::ImportOrder;
use super::persons_json::lines;
use super::rows::{Faults, Read, listed_document};
use super::states::code_of;
use crate::HqError;
use rules::EntryId;
use rules::date::PartialDate;
use rules::mrz::Sex;
use serde_json::Value;
use std::io::BufReader;
use std::path::Path;
use watchlist::{ListedName, NameKind, PersonEntry};

pub(super) fn read(
    path: &Path,
    order: &ImportOrder,
    into: &mut Read,
    faults: &mut Faults,
) -> Result<(), HqError> {
    let file = std::fs::File::open(path).map_err(|e| HqError::unreadable(path, e))?;
    lines(path, BufReader::new(file), faults, |line, value, faults| {
        if value.get("schema").and_then(Value::as_str) != Some("Person") {
            into.passed_over += 1;
            return;
        }
        match person(&value, order) {
            Ok(Some(person)) => into.persons.push(person),
            Ok(None) => into.passed_over += 1,
            Err(why) => faults.add(path, line, "id", why),
        }
    })
}

fn values<'a>(entity: &'a Value, property: &str) -> impl Iterator<Item = &'a str> {
    entity
        .get("properties")
        .and_then(|p| p.get(property))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// FollowTheMoney writes codes of two letters in small ones.
fn coded(state: &str) -> Option<String> {
    code_of(&state.to_ascii_uppercase())
}

fn person(entity: &Value, order: &ImportOrder) -> Result<Option<PersonEntry>, String> {
    let id = entity.get("id").and_then(Value::as_str).unwrap_or_default();
    let entry = EntryId::new(id).map_err(|e| e.to_string())?;
    let mut names: Vec<ListedName> = Vec::new();
    let caption = entity.get("caption").and_then(Value::as_str);
    let of_kind =
        |property: &'static str, kind| values(entity, property).map(move |name| (name, kind));
    for (name, kind) in caption
        .map(|name| (name, NameKind::Primary))
        .into_iter()
        .chain(of_kind("name", NameKind::Alias))
        .chain(of_kind("alias", NameKind::Alias))
        .chain(of_kind("weakAlias", NameKind::Weak))
    {
        if name.chars().any(char::is_alphabetic) && !names.iter().any(|n| n.text == name) {
            names.push(ListedName {
                text: name.to_owned(),
                script: None,
                kind,
            });
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let mut person = PersonEntry::new(entry, names, order.source.clone());
    person.legal_basis.clone_from(&order.legal_basis);
    person.sex = values(entity, "gender")
        .next()
        .map_or(Sex::Unspecified, Sex::of_word);
    person.births = values(entity, "birthDate")
        .filter_map(|text| text.get(..text.len().min(10))?.parse::<PartialDate>().ok())
        .collect();
    let mut states: Vec<String> = values(entity, "nationality")
        .chain(values(entity, "citizenship"))
        .filter_map(coded)
        .collect();
    if states.is_empty() {
        states = values(entity, "country").filter_map(coded).collect();
    }
    states.sort_unstable();
    states.dedup();
    // A passport without a state of issue is looked for under each of the person's.
    for number in values(entity, "passportNumber") {
        for state in &states {
            person.documents.extend(listed_document(&format!(
                "{}/{state}/P",
                number.replace('/', "")
            )));
        }
    }
    person.nationalities = states;
    Ok(Some(person))
}
