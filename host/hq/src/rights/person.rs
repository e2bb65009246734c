//! Whether a record is a person's, by what the document's zone says.
//!
//! People write their names as they are; a zone has 26 letters, a filler, and 39 places (Doc 9303-3 section 4.6 and
//! 6). So each part of a name is looked for in every spelling that the tables allow. A name in another script is held
//! against the zone's as the watchlist does it: what is found so is a likeness, for a person to look at.

use rules::EncounterRecord;
use rules::encounter::DocumentRecord;
use rules::mrz::{Zone, to_zone_letters};
use std::collections::BTreeSet;
use watchlist::names;

/// Whose records: everything given must fit.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The document's number.
    pub number: Option<String>,
    /// A name or a part of it, in any script.
    pub name: Option<String>,
}

/// How a record fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Its zone has what was asked for, letter by letter.
    Exact,
    /// Its zone has a name like the one in another script.
    Likeness,
}

/// A person as records are looked through for one.
pub(super) struct Wanted {
    number: Option<String>,
    name: Option<WantedName>,
}

struct WantedName {
    /// Each part in every spelling; absent where a letter has none.
    parts: Option<Vec<BTreeSet<String>>>,
    /// The name as given, where it is written in another script.
    foreign: Option<String>,
}

/// A part with more spellings than this is looked for in the first ones.
const SPELLINGS: usize = 256;

/// Letters that Doc 9303-3 section 6 table A lets a state spell in several ways, with those beside the one that
/// [`to_zone_letters`] gives.
const OTHER_WAYS: &[(char, &[&str])] = &[
    ('Ä', &["A"]),
    ('Å', &["A"]),
    ('Ñ', &["NXX"]),
    ('Ö', &["O"]),
    ('Ø', &["O"]),
    ('Ü', &["U", "UXX"]),
];

impl Wanted {
    /// What to look for; `None` where nobody is named.
    pub(super) fn of(person: &Person) -> Option<Self> {
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| text.chars().any(char::is_alphanumeric))
                .map(str::to_owned)
        };
        let (number, name) = (given(&person.number), given(&person.name));
        if number.is_none() && name.is_none() {
            return None;
        }
        Some(Self {
            number: number.map(|number| number_form(&number)),
            name: name.map(|name| WantedName {
                parts: parts(&name),
                foreign: name.chars().any(is_of_another_script).then_some(name),
            }),
        })
    }

    /// Whether a record is this person's, and how that shows; by the zone as it was corrected or as it was read.
    pub(super) fn fits(&self, record: &EncounterRecord) -> Option<Fit> {
        let document = record.document.as_ref()?;
        let zones = zones(document);
        let fits: Vec<Fit> = zones.filter_map(|lines| self.fits_zone(lines)).collect();
        let exact = fits.iter().find(|fit| **fit == Fit::Exact);
        exact.or(fits.first()).copied()
    }

    fn fits_zone(&self, lines: &[String]) -> Option<Fit> {
        let whole = lines.concat().to_ascii_uppercase();
        let fields = Zone::from_lines(lines).ok().map(|zone| zone.fields());
        if let Some(number) = &self.number {
            // A long number of a card goes on in another field.
            let joined = fields.as_ref().map(|fields| &fields.document_number);
            if !whole.contains(number) && !joined.is_some_and(|joined| joined.contains(number)) {
                return None;
            }
        }
        let Some(name) = &self.name else {
            return Some(Fit::Exact);
        };
        let (zone_names, cut) = match &fields {
            Some(fields) => {
                let names = format!("{} {}", fields.surname, fields.given_names);
                (names.replace(' ', "<"), fields.name_truncated())
            }
            // A zone that reads as none: what stands in it is all that there is.
            None => (whole, false),
        };
        let exact = name
            .parts
            .as_ref()
            .is_some_and(|parts| parts.iter().all(|part| has(&zone_names, part, cut)));
        if exact {
            return Some(Fit::Exact);
        }
        let foreign = name.foreign.as_ref()?;
        let fields = fields?;
        let listed = format!("{}, {}", fields.surname, fields.given_names);
        (names::score(foreign, &listed) >= names::THRESHOLD).then_some(Fit::Likeness)
    }
}

/// The zone as it is recorded, and as the machine read it where an officer corrected it.
fn zones(document: &DocumentRecord) -> impl Iterator<Item = &[String]> {
    [Some(&document.mrz), document.mrz_before_correction.as_ref()]
        .into_iter()
        .flatten()
        .map(Vec::as_slice)
}

/// Whether a zone's names have a part in one of its spellings. Where they were cut, the last one is a beginning.
fn has(zone_names: &str, spellings: &BTreeSet<String>, cut: bool) -> bool {
    let last = zone_names.trim_end_matches('<').rsplit('<').next();
    let beginning = last.filter(|last| cut && last.len() >= 3);
    spellings.iter().any(|spelling| {
        zone_names.contains(spelling.as_str())
            || beginning.is_some_and(|beginning| spelling.starts_with(beginning))
    })
}

/// Letters that are not Latin.
fn is_of_another_script(letter: char) -> bool {
    letter.is_alphabetic() && !matches!(letter, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// A number as zones have it: what is neither letter nor digit is a filler.
fn number_form(number: &str) -> String {
    number
        .to_ascii_uppercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '<' })
        .collect()
}

/// The parts of a name, each in every spelling; `None` where a letter has no spelling in a zone.
fn parts(name: &str) -> Option<Vec<BTreeSet<String>>> {
    let parts: Vec<BTreeSet<String>> = name
        .split(|c: char| c.is_whitespace() || "-,<\u{60c}\u{2010}\u{2011}\u{2013}".contains(c))
        .map(spellings)
        .collect::<Option<_>>()?;
    let parts: Vec<BTreeSet<String>> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    (!parts.is_empty()).then_some(parts)
}

/// Every spelling of one part; none for a part without letters.
fn spellings(part: &str) -> Option<BTreeSet<String>> {
    let letters: String = composed(part).flat_map(char::to_uppercase).collect();
    // What the tables spell by its neighbours is spelt as a whole.
    let whole = to_zone_letters(&letters).ok()?;
    let mut all = BTreeSet::from([String::new()]);
    for letter in letters.chars() {
        let Some((_, others)) = OTHER_WAYS.iter().find(|(of, _)| *of == letter) else {
            let plain = to_zone_letters(letter.encode_utf8(&mut [0; 4])).ok()?;
            all = all.into_iter().map(|before| before + &plain).collect();
            continue;
        };
        let usual = to_zone_letters(letter.encode_utf8(&mut [0; 4])).ok()?;
        let ways = std::iter::once(usual.as_str()).chain(others.iter().copied());
        all = ways
            .flat_map(|way| all.iter().map(move |before| format!("{before}{way}")))
            .take(SPELLINGS)
            .collect();
    }
    all.insert(whole);
    all.remove("");
    Some(all)
}

/// Letters and the accents that follow them as one character each, for those that have several spellings; other
/// accents are left out, as the tables do.
fn composed(text: &str) -> impl Iterator<Item = char> {
    let mut composed: Vec<char> = Vec::with_capacity(text.len());
    for c in text.chars() {
        if !('\u{300}'..='\u{36f}').contains(&c) {
            composed.push(c);
            continue;
        }
        let Some(base) = composed.last_mut() else {
            continue;
        };
        *base = match (base.to_ascii_uppercase(), c) {
            ('A', '\u{308}') => 'Ä',
            ('O', '\u{308}') => 'Ö',
            ('U', '\u{308}') => 'Ü',
            ('A', '\u{30a}') => 'Å',
            ('N', '\u{303}') => 'Ñ',
            _ => *base,
        };
    }
    composed.into_iter()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn person(number: Option<&str>, name: Option<&str>) -> Person {
        Person {
            number: number.map(str::to_owned),
            name: name.map(str::to_owned),
        }
    }

    fn fits(person: &Person, lines: &[&str]) -> Option<Fit> {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        Wanted::of(person).unwrap().fits_zone(&lines)
    }

    fn passport(names: &str) -> [String; 2] {
        let first = format!("{:<<44}", format!("P<UTO{names}"));
        [
            first,
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10".to_owned(),
        ]
    }

    fn by_name(name: &str, zone: &str) -> Option<Fit> {
        let lines = passport(zone);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        fits(&person(None, Some(name)), &lines)
    }

    #[test]
    fn a_name_is_found_in_every_spelling_that_a_zone_may_have_it_in() {
        for (name, zone) in [
            ("Müller", "MUELLER<<ANNA"),
            ("Müller", "MULLER<<ANNA"),
            ("MÜLLER", "MUXXLLER<<ANNA"),
            ("mu\u{308}ller", "MUELLER<<ANNA"),
            ("Åsa Öberg", "OBERG<<AASA"),
            ("Åsa Öberg", "OEBERG<<ASA"),
            ("Núñez", "NUNXXEZ<<ANA"),
            ("Gößmann", "GOESSMANN<<ANNA"),
            ("Ólafsdóttir", "OLAFSDOTTIR<<THORA"),
            ("O'Connor", "OCONNOR<<ENYA"),
            ("Jean-Luc", "PICARD<<JEAN<LUC"),
            ("Смирнова", "SMIRNOVA<<IULIIA"),
            // In any order, and a part of it.
            ("Anna Maria Eriksson", "ERIKSSON<<ANNA<MARIA"),
            ("eriks", "ERIKSSON<<ANNA<MARIA"),
            // Cut at 39 places, the last part is a beginning.
            ("Papandropoulous", "NILAVADHANANANDA<<ARNPOL<PETCH<PAPANDRO"),
        ] {
            assert_eq!(by_name(name, zone), Some(Fit::Exact), "{name} in {zone}");
        }
        for (name, zone) in [
            ("Müller", "MILLER<<ANNA"),
            ("Anna Eriksson", "ERIKSSON<<MARIA"),
            // The state's code is no name.
            ("UTO", "ERIKSSON<<ANNA<MARIA"),
        ] {
            assert_eq!(by_name(name, zone), None, "{name} in {zone}");
        }
    }

    #[test]
    fn a_name_in_another_script_is_found_by_likeness() {
        let found = by_name("محمد سلمان", "SALMAN<<MOHAMMED");
        assert_eq!(found, Some(Fit::Likeness));
        assert_eq!(by_name("محمد سلمان", "ERIKSSON<<ANNA"), None);
        assert_eq!(by_name("李", "ERIKSSON<<ANNA"), None);
    }

    #[test]
    fn a_number_is_found_as_it_is_written_and_as_it_is_joined() {
        let lines = passport("ERIKSSON<<ANNA");
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let number = |number: &str| fits(&person(Some(number), None), &lines);
        assert_eq!(number(" l898902c3 "), Some(Fit::Exact));
        assert_eq!(number("L898902C4"), None);
        // Doc 9303-5 note j: a card's number of more than nine characters goes on in the optional data.
        let card = [
            "I<UTOD23145890<7349<<<<<<<<<<<",
            "3407127M9507122UTO<<<<<<<<<<<2",
            "STEVENSON<<PETER<JOHN<<<<<<<<<",
        ];
        let long = person(Some("D23145890734"), None);
        assert_eq!(fits(&long, &card), Some(Fit::Exact));
        // Both must fit.
        let both = |name| fits(&person(Some("D23145890734"), Some(name)), &card);
        assert_eq!(
            (both("Stevenson"), both("Eriksson")),
            (Some(Fit::Exact), None)
        );
    }

    #[test]
    fn a_zone_that_cannot_be_read_is_searched_as_it_is_and_nobody_is_no_one() {
        let torn = ["P<UTOERIKSSON<<AN"];
        assert_eq!(
            fits(&person(None, Some("Eriksson")), &torn),
            Some(Fit::Exact)
        );
        for nobody in [
            person(None, None),
            person(Some(""), Some(" ")),
            person(Some("<<"), None),
        ] {
            assert!(Wanted::of(&nobody).is_none(), "{nobody:?}");
        }
    }

    #[test]
    fn a_name_of_many_accents_has_an_end() {
        let many = "ü".repeat(60);
        let spelt = spellings(&many).unwrap();
        assert!(spelt.len() <= SPELLINGS + 1);
        assert!(spelt.contains(&"UE".repeat(60)));
    }
}
