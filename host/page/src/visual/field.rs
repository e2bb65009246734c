//! One item of the zone, looked for in the visual zone's text.

use super::caption::{Caption, is_caption};
use super::dates::{Stated, dates};
use super::letters::{alike, distance, easily_confused, likeness, name};
use super::text::{Phrase, Text};
use rules::country;
use rules::mrz::Fields;
use rules::mrz::layout::Element;

/// The least confidence of a value that may speak against the document, at every look that saw it …
const LEGIBLE: f32 = 0.5;
/// … and at one of them.
const SURE: f32 = 0.8;
/// So many looks must see the same other value.
const LOOKS: usize = 2;
/// From this confidence on, a single digit may.
const SURELY: f32 = 0.9;
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

/// What the looks say of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// The page says what the zone says.
    Agrees,
    /// Under the item's caption stands clearly something else, given here as printed.
    Differs(String),
    /// Neither.
    Open,
    /// The zone does not state it.
    NotStated,
}

/// Another value than the zone's under an item's caption, as one look saw it.
struct Other {
    printed: String,
    /// The same for all ways in which a recogniser may have seen it.
    key: String,
    confidence: f32,
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

    /// Where the zone states it.
    pub(super) fn elements(self) -> &'static [Element] {
        use Element as E;
        match self {
            Self::DocumentNumber => &[E::DocumentNumber, E::DocumentNumberDigit],
            Self::DateOfBirth => &[E::DateOfBirth, E::DateOfBirthDigit],
            Self::DateOfExpiry => &[E::DateOfExpiry, E::DateOfExpiryDigit],
            Self::Name => &[E::Name],
            Self::Nationality => &[E::Nationality],
            Self::Sex => &[E::Sex],
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

    /// Whether any look found what the zone says; else open.
    pub(super) fn agreement(self, fields: &Fields, texts: &[Text]) -> Finding {
        let any = |says: &dyn Fn(&Text) -> bool| {
            if texts.iter().any(says) {
                Finding::Agrees
            } else {
                Finding::Open
            }
        };
        match self {
            Self::DocumentNumber => {
                let wanted = alike(&fields.document_number);
                if wanted.is_empty() {
                    return Finding::NotStated;
                }
                any(&|text| has_number(&wanted, text))
            }
            Self::DateOfBirth | Self::DateOfExpiry => match self.stated_date(fields) {
                None => Finding::NotStated,
                Some(stated) => any(&|text| has_date(&stated, text)),
            },
            Self::Name => {
                let all = [parts(&fields.surname), parts(&fields.given_names)].concat();
                if all.is_empty() {
                    return Finding::NotStated;
                }
                // Every part of the name stands somewhere, seen at whichever look, in whatever order. The last
                // part of a name that filled its field may be a beginning only.
                let cut = fields.name_truncated();
                let found = all.iter().enumerate().all(|(at, part)| {
                    let beginning = cut && at + 1 == all.len();
                    texts.iter().any(|text| is_printed(part, text, beginning))
                });
                any(&|_| found)
            }
            Self::Nationality => {
                let code = fields.nationality.trim_end_matches('<');
                if code.is_empty() {
                    return Finding::NotStated;
                }
                any(&|text| has_nationality(code, text, texts))
            }
            Self::Sex => {
                let stated = match fields.sex.as_str() {
                    "<" => "X",
                    stated @ ("F" | "M") => stated,
                    _ => return Finding::NotStated,
                };
                let says = |p: &Phrase| p.plain_words().next().is_some_and(|w| w == stated);
                any(&|text| values(text, texts, Caption::Sex).any(says))
            }
        }
    }

    /// Whether several looks saw clearly another value under the item's caption; else open. Nationality and
    /// sex are too little to speak against anything.
    pub(super) fn difference(self, fields: &Fields, texts: &[Text]) -> Finding {
        let seen: Vec<Other> = texts
            .iter()
            .filter_map(|text| self.other(fields, text, texts))
            .collect();
        let agreed = seen.iter().find(|other| {
            let alike = || seen.iter().filter(|o| o.key == other.key);
            alike().count() >= LOOKS && alike().any(|o| o.confidence >= SURE)
        });
        agreed.map_or(Finding::Open, |other| {
            Finding::Differs(other.printed.clone())
        })
    }

    /// Whether any look saw another legible value under the item's caption.
    pub(super) fn differs_at_a_look(self, fields: &Fields, texts: &[Text]) -> bool {
        let other = |text| self.other(fields, text, texts).is_some();
        texts.iter().any(other)
    }

    fn stated_date(self, fields: &Fields) -> Option<Stated> {
        match self {
            Self::DateOfBirth => Stated::of(&fields.date_of_birth),
            Self::DateOfExpiry => Stated::of(&fields.date_of_expiry),
            _ => None,
        }
    }

    /// Clearly another value that one look saw; captions may have been seen at any.
    fn other(self, fields: &Fields, text: &Text, texts: &[Text]) -> Option<Other> {
        let legible = |caption| values(text, texts, caption).filter(|v| v.confidence() >= LEGIBLE);
        match self {
            Self::DocumentNumber => legible(Caption::DocumentNumber)
                .find(|v| {
                    v.words.len() == 1 && is_another_number(&v.printed(), &fields.document_number)
                })
                .map(|v| Other::of(v, alike(&v.printed()))),
            Self::DateOfBirth => {
                let stated = self.stated_date(fields)?;
                legible(Caption::DateOfBirth).find_map(|v| another_date(&stated, v))
            }
            Self::DateOfExpiry => {
                let stated = self.stated_date(fields)?;
                legible(Caption::DateOfExpiry).find_map(|v| another_date(&stated, v))
            }
            Self::Name => [
                (parts(&fields.surname), Caption::Surname),
                (parts(&fields.given_names), Caption::GivenNames),
            ]
            .into_iter()
            .filter(|(zone, _)| !zone.is_empty())
            .find_map(|(zone, caption)| {
                legible(caption)
                    .find(|v| is_another_name(v, &zone, texts))
                    .map(|v| Other::of(v, name(&v.printed())))
            }),
            Self::Nationality | Self::Sex => None,
        }
    }
}

impl Other {
    fn of(value: &Phrase, key: String) -> Self {
        Self {
            printed: value.printed(),
            key,
            confidence: value.confidence(),
        }
    }
}

/// The values that one look saw under a caption seen at any.
fn values<'a>(
    text: &'a Text,
    texts: &'a [Text],
    caption: Caption,
) -> impl Iterator<Item = &'a Phrase> {
    texts
        .iter()
        .flat_map(|t| &t.phrases)
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

fn has_number(wanted: &str, text: &Text) -> bool {
    text.phrases.iter().any(|p| {
        has_run(p, wanted, alike)
            || wanted.len() >= UNMISTAKABLE && alike(&p.printed()).contains(wanted)
    })
}

/// Whether a number of the same make is printed where the zone's should be: as long, letters and digits in
/// the same places, and too different to be the same one misread.
fn is_another_number(printed: &str, zone: &str) -> bool {
    let (a, b) = (alike(printed), alike(zone));
    // A character that may be a letter or a digit is of both kinds.
    let kinds = |c: char| {
        (
            c.is_ascii_digit(),
            c.is_ascii_alphabetic() || "012568".contains(c),
        )
    };
    let share_a_kind = |(x, y): (char, char)| {
        let ((digit, letter), (other_digit, other_letter)) = (kinds(x), kinds(y));
        digit && other_digit || letter && other_letter
    };
    let same_make =
        a.len() == b.len() && a.len() >= 6 && a.chars().zip(b.chars()).all(share_a_kind);
    let plain = printed
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let differing: Vec<(char, char)> = a.chars().zip(b.chars()).filter(|(x, y)| x != y).collect();
    let clear = differing.iter().any(|(x, y)| !easily_confused(*x, *y));
    same_make && plain && distance(&a, &b) >= 2 && clear
}

fn has_date(stated: &Stated, text: &Text) -> bool {
    text.phrases
        .iter()
        .any(|p| dates(p).iter().any(|d| stated.is(d)))
}

/// A value that is one date, in no second way another, and clearly not the zone's.
fn another_date(stated: &Stated, value: &Phrase) -> Option<Other> {
    let read = dates(value);
    let [printed] = &read[..] else {
        return None;
    };
    let key = format!("{:?} {:?} {}", printed.day, printed.months, printed.year);
    stated
        .clearly_differs(printed, value.confidence() >= SURELY)
        .then(|| Other::of(value, key))
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
                .any(|w| w == part || beginning && w.starts_with(part))
    })
}

/// Whether the value under a name's caption is a clear Latin name unlike the zone's, of which nothing is on
/// the page.
fn is_another_name(value: &Phrase, zone: &[String], texts: &[Text]) -> bool {
    let printed = value.printed();
    let letters = printed.chars().filter(char::is_ascii_uppercase).count();
    let clear = letters >= 4
        && printed
            .chars()
            .all(|c| c.is_ascii_uppercase() || matches!(c, ' ' | '-' | '\''))
        && !is_caption(value);
    if !clear {
        return false;
    }
    let whole = zone.concat();
    let unlike = likeness(&name(&printed), &whole) < OTHER;
    let kin = texts.iter().flat_map(|t| &t.phrases).any(|p| {
        p.plain_words().map(|w| name(&w)).any(|w| {
            likeness(&w, &whole) >= KIN
                || zone
                    .iter()
                    .any(|part| part.len() >= 3 && likeness(&w, part) >= KIN)
        })
    });
    unlike && !kin
}

/// The nationality's code, or a word that begins as the state's English name does (`UTOPIAN`, Utopia).
fn has_nationality(code: &str, text: &Text, texts: &[Text]) -> bool {
    let stem: Option<String> = country::name_en(code).map(|n| {
        let word = n.split_whitespace().next().unwrap_or(n).to_uppercase();
        word.chars().take(5).collect()
    });
    let says = |p: &Phrase| {
        p.plain_words().any(|w| {
            let begins = |s: &String| s.len() >= 4 && w.starts_with(s.as_str());
            w == code || stem.as_ref().is_some_and(begins)
        })
    };
    values(text, texts, Caption::Nationality).any(says)
}
