//! Where everything stands in a zone, which characters each position may hold, and what each check
//! digit covers. Lines and columns count from 0.

use super::Format;
use crate::CheckId;
use std::ops::Range;

/// The characters that one position may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// `A-Z`.
    Letter,
    /// `A-Z` and `<`.
    LetterOrFiller,
    /// `0-9`.
    Digit,
    /// `0-9` and `<`.
    DigitOrFiller,
    /// `A-Z` and `0-9`.
    Alphanumeric,
    /// `A-Z`, `0-9` and `<`.
    AlphanumericOrFiller,
    /// `F`, `M` and `<`.
    Sex,
    /// `<` only.
    Filler,
}

impl Alphabet {
    /// The characters, in the order `0-9`, `A-Z`, `<`.
    #[must_use]
    pub fn characters(self) -> &'static str {
        match self {
            Self::Letter => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::LetterOrFiller => "ABCDEFGHIJKLMNOPQRSTUVWXYZ<",
            Self::Digit => "0123456789",
            Self::DigitOrFiller => "0123456789<",
            Self::Alphanumeric => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::AlphanumericOrFiller => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<",
            Self::Sex => "FM<",
            Self::Filler => "<",
        }
    }

    /// Whether the character may stand there.
    #[must_use]
    pub fn allows(self, character: char) -> bool {
        self.characters().contains(character)
    }

    /// What may stand there, for a message.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Letter => "a letter",
            Self::LetterOrFiller => "a letter or <",
            Self::Digit => "a digit",
            Self::DigitOrFiller => "a digit or <",
            Self::Alphanumeric => "a letter or digit",
            Self::AlphanumericOrFiller => "a letter, a digit or <",
            Self::Sex => "F, M or <",
            Self::Filler => "<",
        }
    }
}

/// A part of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Element {
    /// The document code, two characters.
    DocumentCode,
    /// The issuing state or organisation, three characters.
    IssuingState,
    /// Primary and secondary identifier.
    Name,
    /// The document number's nine principal characters.
    DocumentNumber,
    /// Its check digit; `<` where the number goes on in the optional data (TD1, TD2).
    DocumentNumberDigit,
    /// The nationality, three characters.
    Nationality,
    /// The date of birth.
    DateOfBirth,
    /// Its check digit.
    DateOfBirthDigit,
    /// Sex.
    Sex,
    /// The date of expiry; of a visa the date until which it is valid.
    DateOfExpiry,
    /// Its check digit.
    DateOfExpiryDigit,
    /// Optional data; a passport's personal number.
    OptionalData,
    /// The optional data's check digit (TD3 only).
    OptionalDigit,
    /// The optional data in the second line (TD1 only).
    SecondOptionalData,
    /// The composite check digit (not on visas).
    CompositeDigit,
}

/// Where an element stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What stands there.
    pub element: Element,
    /// The line, from 0.
    pub line: usize,
    /// The columns, from 0.
    pub columns: Range<usize>,
}

/// A check digit and what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigitSpan {
    /// The check that asks whether the digit fits.
    pub check: CheckId,
    /// Line and column of the digit.
    pub digit: (usize, usize),
    /// Line and columns that it covers, in the order in which they are weighed.
    pub spans: &'static [(usize, Range<usize>)],
}

const fn at(element: Element, line: usize, columns: Range<usize>) -> Place {
    Place {
        element,
        line,
        columns,
    }
}

use Element as E;

static TD1: [Place; 14] = [
    at(E::DocumentCode, 0, 0..2),
    at(E::IssuingState, 0, 2..5),
    at(E::DocumentNumber, 0, 5..14),
    at(E::DocumentNumberDigit, 0, 14..15),
    at(E::OptionalData, 0, 15..30),
    at(E::DateOfBirth, 1, 0..6),
    at(E::DateOfBirthDigit, 1, 6..7),
    at(E::Sex, 1, 7..8),
    at(E::DateOfExpiry, 1, 8..14),
    at(E::DateOfExpiryDigit, 1, 14..15),
    at(E::Nationality, 1, 15..18),
    at(E::SecondOptionalData, 1, 18..29),
    at(E::CompositeDigit, 1, 29..30),
    at(E::Name, 2, 0..30),
];

/// The formats of two lines differ only in the width of the name and in what follows the date of expiry.
macro_rules! two_lines {
    ($name:ident, $count:literal, $width:literal, $($more:expr),*) => {
        static $name: [Place; $count] = [
            at(E::DocumentCode, 0, 0..2),
            at(E::IssuingState, 0, 2..5),
            at(E::Name, 0, 5..$width),
            at(E::DocumentNumber, 1, 0..9),
            at(E::DocumentNumberDigit, 1, 9..10),
            at(E::Nationality, 1, 10..13),
            at(E::DateOfBirth, 1, 13..19),
            at(E::DateOfBirthDigit, 1, 19..20),
            at(E::Sex, 1, 20..21),
            at(E::DateOfExpiry, 1, 21..27),
            at(E::DateOfExpiryDigit, 1, 27..28),
            $($more),*
        ];
    };
}
two_lines!(
    TD2,
    13,
    36,
    at(E::OptionalData, 1, 28..35),
    at(E::CompositeDigit, 1, 35..36)
);
two_lines!(
    TD3,
    14,
    44,
    at(E::OptionalData, 1, 28..42),
    at(E::OptionalDigit, 1, 42..43),
    at(E::CompositeDigit, 1, 43..44)
);
two_lines!(MRV_A, 12, 44, at(E::OptionalData, 1, 28..44));
two_lines!(MRV_B, 12, 36, at(E::OptionalData, 1, 28..36));

static TD1_DIGITS: [DigitSpan; 4] = [
    DigitSpan {
        check: CheckId::ZoneDigitDocumentNumber,
        digit: (0, 14),
        spans: &[(0, 5..14)],
    },
    DigitSpan {
        check: CheckId::ZoneDigitDateOfBirth,
        digit: (1, 6),
        spans: &[(1, 0..6)],
    },
    DigitSpan {
        check: CheckId::ZoneDigitDateOfExpiry,
        digit: (1, 14),
        spans: &[(1, 8..14)],
    },
    DigitSpan {
        check: CheckId::ZoneDigitComposite,
        digit: (1, 29),
        spans: &[(0, 5..30), (1, 0..7), (1, 8..15), (1, 18..29)],
    },
];

const NUMBER: DigitSpan = DigitSpan {
    check: CheckId::ZoneDigitDocumentNumber,
    digit: (1, 9),
    spans: &[(1, 0..9)],
};
const BIRTH: DigitSpan = DigitSpan {
    check: CheckId::ZoneDigitDateOfBirth,
    digit: (1, 19),
    spans: &[(1, 13..19)],
};
const EXPIRY: DigitSpan = DigitSpan {
    check: CheckId::ZoneDigitDateOfExpiry,
    digit: (1, 27),
    spans: &[(1, 21..27)],
};

static TD2_DIGITS: [DigitSpan; 4] = [
    NUMBER,
    BIRTH,
    EXPIRY,
    DigitSpan {
        check: CheckId::ZoneDigitComposite,
        digit: (1, 35),
        spans: &[(1, 0..10), (1, 13..20), (1, 21..35)],
    },
];

static TD3_DIGITS: [DigitSpan; 5] = [
    NUMBER,
    BIRTH,
    EXPIRY,
    DigitSpan {
        check: CheckId::ZoneDigitOptional,
        digit: (1, 42),
        spans: &[(1, 28..42)],
    },
    DigitSpan {
        check: CheckId::ZoneDigitComposite,
        digit: (1, 43),
        spans: &[(1, 0..10), (1, 13..20), (1, 21..43)],
    },
];

static VISA_DIGITS: [DigitSpan; 3] = [NUMBER, BIRTH, EXPIRY];

impl Format {
    /// Every element of the format, line by line. Together they cover each position exactly once.
    #[must_use]
    pub fn places(self) -> &'static [Place] {
        match self {
            Self::Td1 => &TD1,
            Self::Td2 => &TD2,
            Self::Td3 => &TD3,
            Self::MrvA => &MRV_A,
            Self::MrvB => &MRV_B,
        }
    }

    /// Where an element stands; `None` where the format lacks it.
    #[must_use]
    pub fn place(self, element: Element) -> Option<&'static Place> {
        self.places().iter().find(|p| p.element == element)
    }

    /// What stands at a position; `None` outside the zone.
    #[must_use]
    pub fn element_at(self, line: usize, column: usize) -> Option<Element> {
        self.places()
            .iter()
            .find(|p| p.line == line && p.columns.contains(&column))
            .map(|p| p.element)
    }

    /// The characters that a position may hold; outside the zone only [`Alphabet::Filler`].
    #[must_use]
    pub fn alphabet(self, line: usize, column: usize) -> Alphabet {
        let Some(place) = self
            .places()
            .iter()
            .find(|p| p.line == line && p.columns.contains(&column))
        else {
            return Alphabet::Filler;
        };
        let first = column == place.columns.start;
        match place.element {
            // A passport's second character is a letter (Doc 9303-4); elsewhere the issuer chooses, and
            // there are cards that print a digit.
            E::DocumentCode if first => Alphabet::Letter,
            E::DocumentCode if self == Self::Td3 => Alphabet::LetterOrFiller,
            E::DocumentCode => Alphabet::AlphanumericOrFiller,
            E::IssuingState | E::Name if first => Alphabet::Letter,
            E::IssuingState | E::Name | E::Nationality => Alphabet::LetterOrFiller,
            E::DocumentNumber if first => Alphabet::Alphanumeric,
            E::DocumentNumber | E::OptionalData | E::SecondOptionalData => {
                Alphabet::AlphanumericOrFiller
            }
            // `<` marks a number that goes on in the optional data.
            E::DocumentNumberDigit if matches!(self, Self::Td1 | Self::Td2) => {
                Alphabet::DigitOrFiller
            }
            // `<` is allowed where there is no personal number.
            E::OptionalDigit => Alphabet::DigitOrFiller,
            E::DateOfBirth | E::DateOfExpiry => Alphabet::DigitOrFiller,
            E::DocumentNumberDigit
            | E::DateOfBirthDigit
            | E::DateOfExpiryDigit
            | E::CompositeDigit => Alphabet::Digit,
            E::Sex => Alphabet::Sex,
        }
    }

    /// Every check digit of the format with what it covers, the composite last. A long document number
    /// (its digit's position holds `<`) is the exception that [`super::Zone::checks`] knows.
    #[must_use]
    pub fn digit_spans(self) -> &'static [DigitSpan] {
        match self {
            Self::Td1 => &TD1_DIGITS,
            Self::Td2 => &TD2_DIGITS,
            Self::Td3 => &TD3_DIGITS,
            Self::MrvA | Self::MrvB => &VISA_DIGITS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_of_every_format_holds_exactly_one_element() {
        for format in Format::ALL {
            for line in 0..format.line_count() {
                for column in 0..format.line_length() {
                    let holding = format
                        .places()
                        .iter()
                        .filter(|p| p.line == line && p.columns.contains(&column))
                        .count();
                    assert_eq!(holding, 1, "{format} line {line} column {column}");
                }
            }
            let all: usize = format.places().iter().map(|p| p.columns.len()).sum();
            assert_eq!(all, format.line_count() * format.line_length(), "{format}");
            assert_eq!(format.alphabet(9, 0), Alphabet::Filler);
            assert_eq!(format.alphabet(0, 99), Alphabet::Filler);
        }
    }

    #[test]
    fn digits_stand_on_digit_elements_and_cover_what_is_inside_the_zone() {
        for format in Format::ALL {
            for span in format.digit_spans() {
                let (line, column) = span.digit;
                assert!(matches!(
                    format.element_at(line, column),
                    Some(
                        E::DocumentNumberDigit
                            | E::DateOfBirthDigit
                            | E::DateOfExpiryDigit
                            | E::OptionalDigit
                            | E::CompositeDigit
                    )
                ));
                for (line, columns) in span.spans {
                    assert!(*line < format.line_count() && columns.end <= format.line_length());
                    assert!(*line != span.digit.0 || !columns.contains(&span.digit.1));
                }
            }
        }
    }
}
