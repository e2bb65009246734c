//! Documents whose visual zone was altered after they were issued: the zone still says what was issued.

use std::fmt;

use clap::ValueEnum;
use jiff::ToSpan;
use jiff::civil::Date;
use rand::{Rng, RngExt};
use rules::mrz::Format;
use serde::{Deserialize, Serialize};

use super::seed::Seed;
use super::traveller::Traveller;

/// Which item of the visual zone was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Altered {
    /// Two to four characters of the document number that stand side by side.
    Number,
    /// The date of birth, to somebody else's.
    Birth,
    /// The year of expiry, to one two to nine years later.
    Expiry,
    /// Surname and given names, to somebody else's.
    Name,
}

impl Altered {
    /// Every item.
    pub const ALL: [Self; 4] = [Self::Number, Self::Birth, Self::Expiry, Self::Name];

    /// The name used on the command line and in truth files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Birth => "birth",
            Self::Expiry => "expiry",
            Self::Name => "name",
        }
    }

    /// What the visual zone says once this was altered: never what it said before.
    #[must_use]
    pub fn visual(self, issued: &Traveller, format: Format, today: Date, seed: Seed) -> Traveller {
        let rng = &mut seed.stream("altered");
        let mut visual = issued.clone();
        let others = (0..64).map(|n| Traveller::draw(seed.child("another", n), format, today));
        match self {
            Self::Number => {
                let mut number: Vec<char> = issued.document_number.chars().collect();
                let many = rng.random_range(2..=4usize).min(number.len());
                let first = rng.random_range(0..=number.len() - many);
                for character in &mut number[first..first + many] {
                    *character = another(*character, rng);
                }
                visual.document_number = number.into_iter().collect();
            }
            Self::Birth => {
                let another = others
                    .map(|t| t.birth)
                    .find(|b| b.complete().is_some() && !b.may_be(&issued.birth));
                visual.birth = another.unwrap_or(issued.birth);
            }
            Self::Expiry => {
                let years = rng.random_range(2..10i64);
                visual.expiry = issued.expiry.saturating_add(years.years());
            }
            Self::Name => {
                let another = others
                    .into_iter()
                    .find(|t| t.surname != issued.surname && t.given_names != issued.given_names);
                if let Some(another) = another {
                    visual.surname = another.surname;
                    visual.given_names = another.given_names;
                }
            }
        }
        visual
    }
}

/// Another digit for a digit, another letter for a letter.
fn another(character: char, rng: &mut impl Rng) -> char {
    let (first, count) = match character {
        '0'..='9' => (b'0', 10),
        _ => (b'A', 26),
    };
    let at = (character as u32 as u8).wrapping_sub(first);
    char::from(first + (at % count + rng.random_range(1..count)) % count)
}

impl fmt::Display for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
