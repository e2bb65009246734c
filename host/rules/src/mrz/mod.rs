//! The machine-readable zone: parse, check and generate (ICAO Doc 9303 parts 3 to 7).
//!
//! A [`Zone`] is what stands in the zone, as printed: the right number of lines of the right length, of
//! the characters `A-Z`, `0-9` and `<`. Nothing in it is ever repaired: a zone that breaks a rule is
//! read as it stands, and [`Zone::checks`] names the rule. Lines and columns are counted from 0 in
//! code, and from 1 in everything that a person reads.

mod checks;
mod digit;
mod generate;
pub mod layout;
mod letters;
mod parse;

pub use digit::check_digit;
pub use generate::{GenerateError, Particulars};
pub use letters::to_zone_letters;
pub use parse::ZoneError;

use crate::date::{self, PartialDate, ZoneDate};
use jiff::civil::Date;
use layout::Element;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Makes the zone that states these particulars, with all its check digits. Names are written in the
/// zone's letters and cut where they are too long (Doc 9303-3 sections 4 and 6).
///
/// # Errors
/// [`GenerateError`] names the particular that the format cannot hold.
pub fn generate(particulars: &Particulars, format: Format) -> Result<Zone, GenerateError> {
    generate::zone(particulars, format)
}

/// The five formats of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// Cards, 3 lines of 30 (Doc 9303-5).
    #[serde(rename = "TD1")]
    Td1,
    /// Larger cards, 2 lines of 36 (Doc 9303-6).
    #[serde(rename = "TD2")]
    Td2,
    /// Passports, 2 lines of 44 (Doc 9303-4).
    #[serde(rename = "TD3")]
    Td3,
    /// Visas that fill a passport's page, 2 lines of 44 (Doc 9303-7).
    #[serde(rename = "MRV-A")]
    MrvA,
    /// Smaller visas, 2 lines of 36 (Doc 9303-7).
    #[serde(rename = "MRV-B")]
    MrvB,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Td1, Self::Td2, Self::Td3, Self::MrvA, Self::MrvB];

    /// The name used in JSON and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Td1 => "TD1",
            Self::Td2 => "TD2",
            Self::Td3 => "TD3",
            Self::MrvA => "MRV-A",
            Self::MrvB => "MRV-B",
        }
    }

    /// How many lines a zone of this format has.
    #[must_use]
    pub fn line_count(self) -> usize {
        match self {
            Self::Td1 => 3,
            Self::Td2 | Self::Td3 | Self::MrvA | Self::MrvB => 2,
        }
    }

    /// How many characters each of its lines has.
    #[must_use]
    pub fn line_length(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    /// The format of so many lines of such a length whose first character is this one: `V` begins the
    /// zone of a visa and of nothing else. `None` where no format has that shape.
    #[must_use]
    pub fn of(line_count: usize, line_length: usize, first: char) -> Option<Self> {
        match (line_count, line_length, first) {
            (3, 30, _) => Some(Self::Td1),
            (2, 36, 'V') => Some(Self::MrvB),
            (2, 36, _) => Some(Self::Td2),
            (2, 44, 'V') => Some(Self::MrvA),
            (2, 44, _) => Some(Self::Td3),
            _ => None,
        }
    }

    /// Whether the zone is a visa's.
    #[must_use]
    pub fn is_visa(self) -> bool {
        matches!(self, Self::MrvA | Self::MrvB)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Sex as zones and lists state it (Doc 9303-4 4.2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Sex {
    /// `F`.
    #[serde(rename = "F", alias = "female")]
    Female,
    /// `M`.
    #[serde(rename = "M", alias = "male")]
    Male,
    /// `<`; the printed page has an `X` there.
    #[default]
    #[serde(rename = "<", alias = "unspecified")]
    Unspecified,
}

impl Sex {
    /// The character of the zone.
    #[must_use]
    pub fn as_char(self) -> char {
        match self {
            Self::Female => 'F',
            Self::Male => 'M',
            Self::Unspecified => '<',
        }
    }

    /// Reads a zone's or a list's word for it; anything unknown is `Unspecified`.
    ///
    /// ```
    /// use mpaka_rules::mrz::Sex;
    /// assert_eq!(Sex::of_word(" Female "), Sex::Female);
    /// assert_eq!(Sex::of_word("m"), Sex::Male);
    /// assert_eq!(Sex::of_word("X"), Sex::Unspecified);
    /// ```
    #[must_use]
    pub fn of_word(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "f" | "female" | "woman" => Self::Female,
            "m" | "male" | "man" => Self::Male,
            _ => Self::Unspecified,
        }
    }

    /// What the character of the zone means; `None` for one that may not stand there.
    #[must_use]
    pub fn from_char(character: char) -> Option<Self> {
        match character {
            'F' => Some(Self::Female),
            'M' => Some(Self::Male),
            '<' => Some(Self::Unspecified),
            _ => None,
        }
    }
}

/// A zone as it stands printed. Holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Zone {
    format: Format,
    /// As many as the format has, each of its length, each character one of `A-Z`, `0-9`, `<`.
    lines: Vec<String>,
}

impl Zone {
    /// The format that the lines have.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The lines, as printed.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The characters of one element, fillers included; empty where the format has no such element.
    #[must_use]
    pub fn element(&self, element: Element) -> &str {
        self.format
            .place(element)
            .and_then(|place| self.lines.get(place.line)?.get(place.columns.clone()))
            .unwrap_or("")
    }

    /// What the zone says, field by field.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let field = |element| self.element(element).trim_end_matches('<').to_owned();
        let number = parse::number(self);
        let optional = [number.optional_rest, field(Element::SecondOptionalData)];
        let name = self.element(Element::Name);
        let (surname, given_names) = parse::names(name);
        Fields {
            document_code: field(Element::DocumentCode),
            issuing_state: field(Element::IssuingState),
            document_number: number.text,
            nationality: field(Element::Nationality),
            date_of_birth: self.element(Element::DateOfBirth).to_owned(),
            sex: self.element(Element::Sex).to_owned(),
            date_of_expiry: self.element(Element::DateOfExpiry).to_owned(),
            surname,
            given_names,
            optional: optional
                .iter()
                .filter(|part| !part.is_empty())
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" "),
            name_end: if name.ends_with('<') {
                NameEnd::Room
            } else {
                NameEnd::Full
            },
        }
    }

    /// The zone's check questions with their answers, each asked once, in a fixed order.
    #[must_use]
    pub fn checks(&self, today: Date) -> Vec<crate::Check> {
        checks::all(self, today)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

/// Whether the name's field had room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum NameEnd {
    Room,
    Full,
}

/// What a zone says, as text of the zone. Holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Fields {
    /// `P`, `PD`, `ID`, `V` …
    pub document_code: String,
    /// Three letters, or `D`.
    pub issuing_state: String,
    /// Without the fillers after it; a long number of a TD1 or TD2 zone joined. A filler within stays `<`.
    pub document_number: String,
    /// Three letters, or `D`.
    pub nationality: String,
    /// `YYMMDD` as printed; unknown parts are `<<`.
    pub date_of_birth: String,
    /// `F`, `M`, or `<` for unspecified; as printed.
    pub sex: String,
    /// `YYMMDD` as printed.
    pub date_of_expiry: String,
    /// The primary identifier, fillers as spaces.
    pub surname: String,
    /// The secondary identifier, fillers as spaces; empty where the name is not divided.
    pub given_names: String,
    /// Optional data without the fillers after it; the two parts of a TD1 zone divided by a space.
    pub optional: String,
    /// Whether the name may have been cut.
    #[serde(skip)]
    name_end: NameEnd,
}

impl Fields {
    /// The date of birth, its century chosen by [`date::birth`]; unknown where it is no date.
    #[must_use]
    pub fn birth(&self, today: Date) -> PartialDate {
        match date::birth(&self.date_of_birth, today) {
            ZoneDate::Whole(date) => date.into(),
            ZoneDate::Partial(date) => date,
            ZoneDate::Absent | ZoneDate::Irregular => PartialDate::UNKNOWN,
        }
    }

    /// The date of expiry, its century chosen by [`date::expiry`]; `None` where it is absent or no date.
    #[must_use]
    pub fn expiry(&self, today: Date) -> Option<Date> {
        match date::expiry(&self.date_of_expiry, today) {
            ZoneDate::Whole(date) => Some(date),
            _ => None,
        }
    }

    /// What the zone says of sex; `None` where something else stands there.
    #[must_use]
    pub fn stated_sex(&self) -> Option<Sex> {
        self.sex.chars().next().and_then(Sex::from_char)
    }

    /// Whether the name filled its field, and so may have been cut (Doc 9303-3): treat it as a beginning.
    #[must_use]
    pub fn name_truncated(&self) -> bool {
        self.name_end == NameEnd::Full
    }

    /// The holder's age in whole years. Where parts of the date are unknown, the least that it may be,
    /// so that nobody who may be a child is treated as grown; `None` where the year is unknown.
    #[must_use]
    pub fn age_years(&self, today: Date) -> Option<u8> {
        // A date later this year is possible where only the year is known: then the age is 0.
        let born = self.birth(today).latest()?.min(today);
        let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
        u8::try_from(today.year() - born.year() - i16::from(!had_birthday)).ok()
    }
}
