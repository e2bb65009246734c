//! The consolidated list of the UN Security Council in XML (`CONSOLIDATED_LIST`, its own schema).
//!
//! Individuals only. Names are `FIRST_NAME` to `FOURTH_NAME` in that order, the original script, and aliases of
//! good quality; an alias that the list itself calls of low quality becomes a weak one, which is a candidate only
//! with the birth date. One field may hold several names: parted by semicolons, counted (`… b) …`), or the original
//! script in parentheses after the name. Anything else in parentheses may be a name or a remark: it stays as the list
//! has it, and `mpaka-hq lint` names the entry. A birth date is `EXACT`, `APPROXIMATELY` (then only its year counts) or `BETWEEN` years.

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
    names.extend(aliases(text(node, "NAME_ORIGINAL_SCRIPT"), NameKind::Alias));
    for alias in each(node, "INDIVIDUAL_ALIAS") {
        let kind = if text(alias, "QUALITY").eq_ignore_ascii_case("low") {
            NameKind::Weak
        } else {
            NameKind::Alias
        };
        names.extend(aliases(text(alias, "ALIAS_NAME"), kind));
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

/// The names of a field, each of this kind.
fn aliases(field: &str, kind: NameKind) -> impl Iterator<Item = ListedName> {
    parted(field)
        .into_iter()
        .flat_map(|name| {
            let (name, original) = with_original(name);
            [Some(name), original]
        })
        .flatten()
        .map(str::trim)
        .filter(|name| name.chars().any(char::is_alphabetic))
        .map(move |name| ListedName {
            kind,
            ..ListedName::alias(name)
        })
}

/// A field's names: parted by semicolons of any script, or counted `b)`. What stands in parentheses is left whole.
fn parted(field: &str) -> Vec<&str> {
    let (mut names, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in field.char_indices() {
        let end = match c {
            '(' => {
                depth += 1;
                None
            }
            ')' if depth > 0 => {
                depth -= 1;
                None
            }
            // No parenthesis that was opened: the letter before it counts.
            ')' => field[start..at]
                .strip_suffix(|c: char| c.is_ascii_lowercase())
                .filter(|before| before.is_empty() || before.ends_with(char::is_whitespace))
                .map(|before| start + before.len()),
            ';' | '\u{61b}' | '\u{ff1b}' if depth == 0 => Some(at),
            _ => None,
        };
        if let Some(end) = end {
            names.push(&field[start..end]);
            start = at + c.len_utf8();
        }
    }
    names.push(&field[start..]);
    names
}

/// A name, and itself in its original script where that stands behind it in parentheses.
fn with_original(name: &str) -> (&str, Option<&str>) {
    let inside = name.trim_end().strip_suffix(')');
    let Some((own, inside)) = inside.and_then(|name| name.split_once('(')) else {
        return (name, None);
    };
    let original = match inside.split_once(':') {
        Some((label, original)) if label.trim().eq_ignore_ascii_case("original script") => original,
        _ => inside,
    };
    let is_other_script = original.chars().any(char::is_alphabetic)
        && !original
            .chars()
            .any(|c| c.is_ascii_alphabetic() || matches!(c, '(' | ')'));
    if is_other_script {
        (own, Some(original))
    } else {
        (name, None)
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Every name of the one person of Utopia's list whose aliases are these, the first one left out.
    fn names_with(aliases: &str) -> Vec<(String, NameKind)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("utopia.xml");
        let list = format!(
            "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>ANNA</FIRST_NAME>\
             <SECOND_NAME>SPECIMEN</SECOND_NAME><REFERENCE_NUMBER>UTi.001</REFERENCE_NUMBER>{aliases}\
             </INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"
        );
        std::fs::write(&path, list).unwrap();
        let (mut into, mut faults) = (Read::default(), Faults::default());
        read(&path, &ImportOrder::default(), &mut into, &mut faults).unwrap();
        let person = into.persons.remove(0);
        assert_eq!(person.names[0], ListedName::primary("ANNA SPECIMEN"));
        let others = person.names.into_iter().skip(1);
        others.map(|name| (name.text, name.kind)).collect()
    }

    fn alias(quality: &str, name: &str) -> String {
        format!(
            "<INDIVIDUAL_ALIAS><QUALITY>{quality}</QUALITY><ALIAS_NAME>{name}</ALIAS_NAME></INDIVIDUAL_ALIAS>"
        )
    }

    #[test]
    fn one_field_may_hold_several_names() {
        let expect = |quality: &str, field: &str, names: &[&str]| {
            let kind = match quality {
                "Low" => NameKind::Weak,
                _ => NameKind::Alias,
            };
            let expected: Vec<_> = names.iter().map(|n| ((*n).to_owned(), kind)).collect();
            assert_eq!(names_with(&alias(quality, field)), expected, "{field}");
        };
        let parted = ["Ana Specimen", "Anna Spezimen"];
        expect("Good", "Ana Specimen; Anna Spezimen", &parted);
        expect("Low", " Ana Specimen;;Anna Spezimen ; ", &parted);
        expect("Good", "a) Ana Specimen b) Anna Spezimen", &parted);
        let three = ["Ana Specimen", "Anna Spezimen", "A. Specimen"];
        expect("Good", "Ana Specimen; Anna Spezimen b) A. Specimen", &three);
        // The original script, with its label or without.
        let cyrillic = ["Anna Obraztsova", "\u{410}\u{43d}\u{43d}\u{430}"];
        for field in [
            "Anna Obraztsova (\u{410}\u{43d}\u{43d}\u{430})",
            "Anna Obraztsova (original script: \u{410}\u{43d}\u{43d}\u{430})",
        ] {
            expect("Good", field, &cyrillic);
        }
        let arabic = ["\u{622}\u{646}\u{627}", "\u{623}\u{646}\u{627}"];
        expect("Low", &arabic.join("\u{61b} "), &arabic);
        let original = format!(
            "<NAME_ORIGINAL_SCRIPT>{}</NAME_ORIGINAL_SCRIPT>",
            arabic.join("; ")
        );
        let names = names_with(&original);
        assert_eq!(names, arabic.map(|n| (n.to_owned(), NameKind::Alias)));
        // One name, however it is written; what may be a remark is not parted.
        for one in [
            "SPECIMEN, Ana",
            "Ana Specimen, III (third)",
            "Ana Specimen (birth name; disputed)",
            "Ana (type b) Specimen",
            "Ana Specimen (Spezimen)",
            "Sister Ana",
        ] {
            expect("Good", one, &[one]);
        }
        expect("Good", " ;(1), ", &[]);
    }
}
