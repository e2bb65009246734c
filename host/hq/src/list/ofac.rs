//! The list of Specially Designated Nationals of the US Office of Foreign Assets Control: `sdn.csv` (number, name,
//! type, programme, …, remarks), `alt.csv` (number, …, kind, other name) and `add.csv` (addresses, which say
//! nothing that a border can ask). No header; `-0-` is nothing; the character set is Windows-1252 or UTF-8.
//!
//! Only individuals are taken. Birth dates, nationalities, sex and passports stand in the remarks, parted by `;`.
//! Names in quotation marks in the remarks are what OFAC calls weak and are not taken: they cause too many false
//! candidates by its own word.

use super::ImportOrder;
use super::rows::{Faults, Read, listed_document};
use super::states::code_of;
use crate::HqError;
use rules::EntryId;
use rules::date::PartialDate;
use rules::mrz::Sex;
use std::collections::BTreeMap;
use std::path::Path;
use watchlist::{ListedName, PersonEntry};

/// A range of years this long says nothing.
const LONGEST_RANGE: i16 = 15;

pub(super) fn read(
    folder: &Path,
    order: &ImportOrder,
    into: &mut Read,
    faults: &mut Faults,
) -> Result<(), HqError> {
    let sdn = folder.join("sdn.csv");
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    rows(&sdn, faults, |line, row, faults| {
        let field = |n: usize| row.get(n).map_or("", String::as_str);
        if !field(2).eq_ignore_ascii_case("individual") {
            into.passed_over += 1;
            return;
        }
        let entry = match EntryId::new(format!("OFAC-{}", field(0))) {
            Ok(entry) => entry,
            Err(e) => return faults.add(&sdn, line, "ent_num", e.to_string()),
        };
        if !field(1).chars().any(char::is_alphabetic) {
            return faults.add(&sdn, line, "SDN_Name", "at least one name is needed");
        }
        let mut person = PersonEntry::new(
            entry,
            vec![ListedName::primary(field(1))],
            order.source.clone(),
        );
        person.legal_basis = if order.legal_basis.is_empty() {
            field(3).to_owned()
        } else {
            order.legal_basis.clone()
        };
        for remark in field(11).split(';') {
            take_remark(remark.trim().trim_end_matches('.'), &mut person);
        }
        places.insert(field(0).to_owned(), into.persons.len());
        into.persons.push(person);
    })?;
    let alt = folder.join("alt.csv");
    rows(&alt, faults, |_, row, _| {
        let field = |n: usize| row.get(n).map_or("", String::as_str);
        let person = places
            .get(field(0))
            .and_then(|place| into.persons.get_mut(*place));
        if let Some(person) = person
            && field(3).chars().any(char::is_alphabetic)
        {
            person.names.push(ListedName::alias(field(3)));
        }
    })
}

fn rows(
    path: &Path,
    faults: &mut Faults,
    mut take: impl FnMut(u64, Vec<String>, &mut Faults),
) -> Result<(), HqError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_path(path)
        .map_err(|e| HqError::unreadable(path, e))?;
    for record in reader.byte_records() {
        let record = record.map_err(|e| HqError::unreadable(path, e))?;
        let line = record.position().map_or(0, csv::Position::line);
        // The file ends with a control character on a line of its own.
        if record.len() < 4 {
            continue;
        }
        let fields = record
            .iter()
            .map(|bytes| {
                let text = std::str::from_utf8(bytes).map_or_else(
                    |_| bytes.iter().map(|b| char::from(*b)).collect(),
                    str::to_owned,
                );
                let text = text.trim();
                if text == "-0-" {
                    String::new()
                } else {
                    text.to_owned()
                }
            })
            .collect();
        take(line, fields, faults);
    }
    Ok(())
}

fn take_remark(remark: &str, person: &mut PersonEntry) {
    let remark = remark.strip_prefix("alt. ").unwrap_or(remark);
    let after = |word: &str| remark.strip_prefix(word).map(str::trim);
    if let Some(date) = after("DOB ") {
        person.births.extend(births(date));
    } else if let Some(state) = after("nationality ").or_else(|| after("citizen ")) {
        if let Some(code) = code_of(state)
            && !person.nationalities.contains(&code)
        {
            person.nationalities.push(code);
        }
    } else if let Some(sex) = after("Gender ") {
        person.sex = Sex::of_word(sex);
    } else if let Some(passport) = after("Passport ") {
        // "T707770 (Colombia) expires …": a number without a state finds nobody.
        if let Some((number, rest)) = passport.split_once(" (")
            && let Some(code) = rest.split(')').next().and_then(code_of)
            && let Ok(document) = listed_document(&format!("{}/{code}/P", number.replace('/', "")))
        {
            person.documents.push(document);
        }
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// `11 Feb 1934`, `Feb 1934`, `1934`, `circa 1934`, `1934 to 1937`, `01 Jan 1934 to 31 Dec 1934`.
fn births(text: &str) -> Vec<PartialDate> {
    let text = text
        .trim()
        .trim_start_matches("circa ")
        .trim_start_matches("approximately ");
    if let Some((first, last)) = text.split_once(" to ") {
        let year = |t: &str| one(t).and_then(|d| d.year);
        return match (year(first), year(last)) {
            (Some(first), Some(last)) if last >= first && last - first <= LONGEST_RANGE => (first
                ..=last)
                .filter_map(|year| PartialDate::new(Some(year), None, None).ok())
                .collect(),
            _ => Vec::new(),
        };
    }
    one(text).into_iter().collect()
}

fn one(text: &str) -> Option<PartialDate> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let month = |word: &str| {
        let place = MONTHS
            .iter()
            .position(|m| word.to_ascii_lowercase().starts_with(m))?;
        i8::try_from(place + 1).ok()
    };
    let (day, month, year) = match words.as_slice() {
        [day, m, year] => (Some(day.parse().ok()?), Some(month(m)?), year.parse().ok()?),
        [m, year] => (None, Some(month(m)?), year.parse().ok()?),
        [year] if year.len() == 4 => (None, None, year.parse().ok()?),
        _ => return None,
    };
    PartialDate::new(Some(year), month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::births;

    #[test]
    fn birth_dates_as_the_list_writes_them() {
        let read =
            |text: &str| -> Vec<String> { births(text).iter().map(ToString::to_string).collect() };
        assert_eq!(read("21 Nov 1964"), ["1964-11-21"]);
        assert_eq!(read("Nov 1964"), ["1964-11"]);
        assert_eq!(read("circa 1964"), ["1964"]);
        assert_eq!(read("1964 to 1966"), ["1964", "1965", "1966"]);
        assert_eq!(read("01 Jan 1964 to 31 Dec 1964"), ["1964"]);
        for nothing in ["", "unknown", "31 Feb 1964", "1900 to 1999", "1966 to 1964"] {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
    }
}
