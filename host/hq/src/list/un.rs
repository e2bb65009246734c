//! The consolidated list of the UN Security Council in XML (`CONSOLIDATED_LIST`, its own schema).
//!
//! Individuals only. Names are `FIRST_NAME` to `FOURTH_NAME` in that order, the original script, and aliases of
//! good quality; an alias that the list itself calls of low quality becomes a weak one, which is a candidate only
//! with the birth date. A birth date is `EXACT`, `APPROXIMATELY` (then only its year counts) or `BETWEEN` years.

use super::ImportOrder;
use super::rows::{Faults, Read, listed_document};
use super::states::code_of;
use crate::HqError;
use roxmltree::{Document, Node};
use rules::EntryId;
use rules::date::PartialDate;
use rules::mrz::Sex;
use std::path::Path;
use watchlist::{ListedName, NameKind, PersonEntry};

/// The list has 2 MB; a longer file than this is another.
const FILE_LIMIT_BYTES: u64 = 128 << 20;
/// A range of years this long says nothing.
const LONGEST_RANGE: i16 = 15;

pub(super) fn read(
    path: &Path,
    order: &ImportOrder,
    into: &mut Read,
    faults: &mut Faults,
) -> Result<(), HqError> {
    let unreadable = |why: String| HqError::unreadable(path, why);
    let length = std::fs::metadata(path)
        .map_err(|e| unreadable(e.to_string()))?
        .len();
    if length > FILE_LIMIT_BYTES {
        return Err(unreadable(format!("longer than {FILE_LIMIT_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    let document = Document::parse(&text).map_err(|e| unreadable(e.to_string()))?;
    if !document.root_element().has_tag_name("CONSOLIDATED_LIST") {
        return Err(unreadable("it is no consolidated list of the UN".into()));
    }
    into.passed_over += document
        .descendants()
        .filter(|n| n.has_tag_name("ENTITY"))
        .count();
    for node in document
        .descendants()
        .filter(|n| n.has_tag_name("INDIVIDUAL"))
    {
        let line = u64::from(document.text_pos_at(node.range().start).row);
        match individual(node, order) {
            Ok(person) => into.persons.push(person),
            Err((column, why)) => faults.add(path, line, column, why),
        }
    }
    Ok(())
}

/// A child's text; empty where it is not there.
fn text<'a>(node: Node<'a, '_>, child: &str) -> &'a str {
    node.children()
        .find(|n| n.has_tag_name(child))
        .and_then(|n| n.text())
        .unwrap_or_default()
        .trim()
}

fn each<'a, 'i>(node: Node<'a, 'i>, child: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |n| n.has_tag_name(child))
}

fn individual(
    node: Node<'_, '_>,
    order: &ImportOrder,
) -> Result<PersonEntry, (&'static str, String)> {
    let reference = text(node, "REFERENCE_NUMBER");
    let entry =
        EntryId::new(format!("UN-{reference}")).map_err(|e| ("REFERENCE_NUMBER", e.to_string()))?;
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"].map(|n| text(node, n));
    let name = parts.map(str::trim).join(" ");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if !name.chars().any(char::is_alphabetic) {
        return Err(("FIRST_NAME", "at least one name is needed".into()));
    }
    let mut names = vec![ListedName::primary(name)];
    let original = text(node, "NAME_ORIGINAL_SCRIPT");
    if original.chars().any(char::is_alphabetic) {
        names.push(ListedName::alias(original));
    }
    for alias in each(node, "INDIVIDUAL_ALIAS") {
        let name = text(alias, "ALIAS_NAME");
        if name.chars().any(char::is_alphabetic) {
            let mut listed = ListedName::alias(name);
            if text(alias, "QUALITY").eq_ignore_ascii_case("low") {
                listed.kind = NameKind::Weak;
            }
            names.push(listed);
        }
    }
    let mut person = PersonEntry::new(entry, names, order.source.clone());
    person.legal_basis = if order.legal_basis.is_empty() {
        text(node, "UN_LIST_TYPE").to_owned()
    } else {
        order.legal_basis.clone()
    };
    person.sex = Sex::of_word(text(node, "GENDER"));
    for nationality in each(node, "NATIONALITY").flat_map(|n| each(n, "VALUE")) {
        if let Some(code) = code_of(nationality.text().unwrap_or_default())
            && !person.nationalities.contains(&code)
        {
            person.nationalities.push(code);
        }
    }
    for birth in each(node, "INDIVIDUAL_DATE_OF_BIRTH") {
        person.births.extend(births(birth));
    }
    for document in each(node, "INDIVIDUAL_DOCUMENT") {
        let state = ["ISSUING_COUNTRY", "COUNTRY_OF_ISSUE"]
            .iter()
            .find_map(|n| code_of(text(document, n)));
        let passport = text(document, "TYPE_OF_DOCUMENT")
            .to_lowercase()
            .contains("pas");
        if let Some(state) = state {
            let number = text(document, "NUMBER").replace('/', "");
            let code = if passport { "P" } else { "" };
            person
                .documents
                .extend(listed_document(&format!("{number}/{state}/{code}")));
        }
    }
    Ok(person)
}

fn births(node: Node<'_, '_>) -> Vec<PartialDate> {
    let year = |n: &str| -> Option<i16> { text(node, n).get(..4)?.parse().ok() };
    let only = |year: i16| PartialDate::new(Some(year), None, None).ok();
    let approximate = text(node, "TYPE_OF_DATE").eq_ignore_ascii_case("approximately");
    if let (Some(first), Some(last)) = (year("FROM_YEAR"), year("TO_YEAR")) {
        return if last >= first && last - first <= LONGEST_RANGE {
            (first..=last).filter_map(only).collect()
        } else {
            Vec::new()
        };
    }
    let date = text(node, "DATE");
    if !approximate && let Some(date) = date.get(..10).and_then(|d| d.parse::<PartialDate>().ok()) {
        return vec![date];
    }
    year("DATE")
        .or_else(|| year("YEAR"))
        .and_then(only)
        .into_iter()
        .collect()
}
