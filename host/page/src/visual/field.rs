//! One item of the zone, looked for in the visual zone's text.

use super::caption::{Caption, is_caption};
use super::dates::{Stated, dates};
use super::letters::{alike, distance, easily_confused, likeness, name};
use super::text::{Phrase, Text};
use rules::country;
use rules::mrz::Fields;

/// The least confidence of a value that may speak against the document.
const SURE: f32 = 0.8;
/// A number of at least so many characters is found wherever it stands, run into other text or not.
const UNMISTAKABLE: usize = 7;
/// A name this unlike the zone's is another name.
const OTHER: f32 = 0.45;
/// A name this like the zone's, anywhere on the page, is the zone's misread.
const KIN: f32 = 0.6;

/// An item that both zones state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    DocumentNumber,
    DateOfBirth,
    DateOfExpiry,
    Name,
    Nationality,
    Sex,
}

/// What one look says of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// The page says what the zone says.
    Agrees,
    /// Under the item's caption stands clearly something else, given here as it was compared.
    Differs(String),
    /// Neither.
    Open,
    /// The zone does not state it.
    NotStated,
}

impl Finding {
    /// The same, with a difference left open.
    pub(super) fn without_difference(self) -> Self {
        match self {
            Self::Differs(_) => Self::Open,
            other => other,
        }
    }
}

impl Field {
    /// The item's name in plain English.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::DocumentNumber => "document number",
            Self::DateOfBirth => "date of birth",
            Self::DateOfExpiry => "date of expiry",
            Self::Name => "name",
            Self::Nationality => "nationality",
            Self::Sex => "sex",
        }
    }

    /// What the zone says, for the officer's eyes.
    pub(super) fn of_zone(self, fields: &Fields) -> String {
        match self {
            Self::DocumentNumber => fields.document_number.clone(),
            Self::DateOfBirth => fields.date_of_birth.clone(),
            Self::DateOfExpiry => fields.date_of_expiry.clone(),
            Self::Name => format!("{} {}", fields.surname, fields.given_names)
                .trim()
                .to_owned(),
            Self::Nationality => fields.nationality.clone(),
            Self::Sex => fields.sex.clone(),
        }
    }

    /// Looks for it.
    pub(super) fn find(self, fields: &Fields, text: &Text) -> Finding {
        match self {
            Self::DocumentNumber => number(&fields.document_number, text),
            Self::DateOfBirth => date(&fields.date_of_birth, Caption::DateOfBirth, text),
            Self::DateOfExpiry => date(&fields.date_of_expiry, Caption::DateOfExpiry, text),
            Self::Name => names(fields, text),
            Self::Nationality => nationality(&fields.nationality, text),
            Self::Sex => sex(&fields.sex, text),
        }
    }
}

/// The values under a caption.
fn values(text: &Text, caption: Caption) -> impl Iterator<Item = &Phrase> {
    text.phrases
        .iter()
        .filter(move |p| caption.is(p))
        .filter_map(|p| text.value_of(p))
}

/// Whether some words side by side, made comparable one by one, read as the text wanted.
fn has_run(phrase: &Phrase, wanted: &str, comparable: fn(&str) -> String) -> bool {
    let words: Vec<String> = phrase.words.iter().map(|w| comparable(&w.text)).collect();
    (0..words.len()).any(|from| {
        let mut run = String::new();
        words[from..].iter().any(|word| {
            run.push_str(word);
            run == wanted
        })
    })
}

fn number(zone: &str, text: &Text) -> Finding {
    let wanted = alike(zone);
    if wanted.is_empty() {
        return Finding::NotStated;
    }
    let found = text.phrases.iter().any(|p| {
        has_run(p, &wanted, alike)
            || wanted.len() >= UNMISTAKABLE && alike(&p.printed()).contains(&wanted)
    });
    if found {
        return Finding::Agrees;
    }
    values(text, Caption::DocumentNumber)
        .filter(|v| v.confidence() >= SURE && v.words.len() == 1)
        .map(|v| v.printed())
        .find(|printed| is_another_number(printed, zone))
        .map_or(Finding::Open, Finding::Differs)
}

/// Whether a number of the same make is printed where the zone's should be: as long, letters and digits in
/// the same places, and too different to be the same one misread.
fn is_another_number(printed: &str, zone: &str) -> bool {
    let (a, b) = (alike(printed), alike(zone));
    let kind = |c: char| c.is_ascii_digit();
    let same_make =
        a.len() == b.len() && a.len() >= 6 && a.chars().zip(b.chars()).all(|(x, y)| kind(x) == kind(y));
    let plain = printed.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let differing: Vec<(char, char)> = a.chars().zip(b.chars()).filter(|(x, y)| x != y).collect();
    let clear = differing.iter().any(|(x, y)| !easily_confused(*x, *y));
    same_make && plain && distance(&a, &b) >= 2 && clear
}

fn date(zone: &str, caption: Caption, text: &Text) -> Finding {
    let Some(stated) = Stated::of(zone) else {
        return Finding::NotStated;
    };
    let on_page = |p: &Phrase| dates(p).iter().any(|d| stated.is(d));
    if text.phrases.iter().any(on_page) {
        return Finding::Agrees;
    }
    values(text, caption)
        .filter(|v| v.confidence() >= SURE)
        .find_map(|value| {
            // One date and no other reading of it.
            let read = dates(value);
            let [printed] = &read[..] else {
                return None;
            };
            stated
                .clearly_differs(printed)
                .then(|| value.printed())
        })
        .map_or(Finding::Open, Finding::Differs)
}

/// The zone's name: every part of it is on the page, in whatever order and under whatever caption.
fn names(fields: &Fields, text: &Text) -> Finding {
    let surname: Vec<String> = parts(&fields.surname);
    let given: Vec<String> = parts(&fields.given_names);
    if surname.is_empty() && given.is_empty() {
        return Finding::NotStated;
    }
    let cut = fields.name_truncated();
    let all: Vec<&String> = surname.iter().chain(&given).collect();
    let found = |(at, part): (usize, &&String)| {
        // The last part of a name that filled its field may be a beginning only.
        is_printed(part, text, cut && at + 1 == all.len())
    };
    if all.iter().enumerate().all(found) {
        return Finding::Agrees;
    }
    let other = |zone: &[String], caption| {
        if zone.is_empty() {
            return None;
        }
        values(text, caption)
            .filter(|v| is_another_name(v, zone, text))
            .map(Phrase::printed)
            .next()
    };
    other(&surname, Caption::Surname)
        .or_else(|| other(&given, Caption::GivenNames))
        .map_or(Finding::Open, Finding::Differs)
}

/// The parts of a name, made comparable.
fn parts(names: &str) -> Vec<String> {
    names
        .split_whitespace()
        .map(name)
        .filter(|p| !p.is_empty())
        .collect()
}

/// Whether a part of a name stands on the page: as words side by side, or within a word that a hyphen or
/// an apostrophe divides.
fn is_printed(part: &str, text: &Text, beginning: bool) -> bool {
    let words = |phrase: &Phrase| -> Vec<String> {
        phrase
            .words
            .iter()
            .flat_map(|w| w.text.split(['-', ',', '/', '.', '‐', '–']))
            .map(name)
            .filter(|w| !w.is_empty())
            .collect()
    };
    text.phrases.iter().any(|p| {
        has_run(p, part, name)
            || words(p)
                .iter()
                .any(|w| w == part || beginning && part.len() >= 2 && w.starts_with(part))
    })
}

/// Whether the value under a name's caption is a clear Latin name unlike the zone's, of which nothing is on
/// the page.
fn is_another_name(value: &Phrase, zone: &[String], text: &Text) -> bool {
    let printed = value.printed();
    let letters = printed.chars().filter(char::is_ascii_uppercase).count();
    let clear = value.confidence() >= SURE
        && letters >= 4
        && printed
            .chars()
            .all(|c| c.is_ascii_uppercase() || matches!(c, ' ' | '-' | '\''))
        && !is_caption(value);
    if !clear {
        return false;
    }
    let whole = zone.concat();
    let unlike = likeness(&name(&printed), &whole) < OTHER;
    let kin = text.phrases.iter().any(|p| {
        p.plain_words()
            .map(|w| name(&w))
            .any(|w| likeness(&w, &whole) >= KIN || zone.iter().any(|part| part.len() >= 3 && likeness(&w, part) >= KIN))
    });
    unlike && !kin
}

/// The nationality's code, or a word that begins as the state's English name does (`UTOPIAN`, Utopia).
fn nationality(zone: &str, text: &Text) -> Finding {
    let code = zone.trim_end_matches('<');
    if code.is_empty() {
        return Finding::NotStated;
    }
    let stem: Option<String> = country::name_en(code).map(|n| {
        let word = n.split_whitespace().next().unwrap_or(n).to_uppercase();
        word.chars().take(5).collect()
    });
    let says = |p: &Phrase| {
        p.plain_words().any(|w| {
            w == code || stem.as_ref().is_some_and(|s| s.len() >= 4 && w.starts_with(s.as_str()))
        })
    };
    if values(text, Caption::Nationality).any(says) {
        Finding::Agrees
    } else {
        Finding::Open
    }
}

/// One letter under its caption: too little to speak against anything.
fn sex(zone: &str, text: &Text) -> Finding {
    let stated = match zone {
        "F" | "M" => zone,
        "<" => "X",
        _ => return Finding::NotStated,
    };
    let says = |p: &Phrase| p.plain_words().next().is_some_and(|w| w == stated);
    if values(text, Caption::Sex).any(says) {
        Finding::Agrees
    } else {
        Finding::Open
    }
}
