//! From particulars to a zone.

use super::layout::{DigitSpan, Element};
use super::{Format, Sex, Zone, check_digit, to_zone_letters};
use crate::CheckId;
use crate::date::PartialDate;
use jiff::civil::Date;

/// What a document states, before it is written as a zone. Names are unbounded and in any letters of
/// [`to_zone_letters`]; the other texts in the zone's own characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Particulars {
    /// One or two characters, the first a letter: `P`, `ID`, `V` …
    pub document_code: String,
    /// The issuing state's code, one to three letters.
    pub issuing_state: String,
    /// Letters and digits; a space or hyphen becomes a filler.
    pub document_number: String,
    /// The nationality's code, one to three letters, or nothing.
    pub nationality: String,
    /// The date of birth; only the last two digits of the year are printed.
    pub date_of_birth: PartialDate,
    /// Sex.
    pub sex: Sex,
    /// The date of expiry; `None` prints fillers.
    pub date_of_expiry: Option<Date>,
    /// The primary identifier.
    pub surname: String,
    /// The secondary identifier; may be empty.
    pub given_names: String,
    /// Optional data, a passport's personal number.
    pub optional: String,
    /// The optional data of a TD1 zone's second line; empty for every other format.
    pub second_optional: String,
}

/// A particular that the format cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Not one or two characters of which the first is a letter, or a visa's code for another format and
    /// the other way round.
    #[error("{code:?} cannot be the document code of a {format} zone")]
    DocumentCode {
        /// What was given.
        code: String,
        /// The format.
        format: Format,
    },
    /// Not one to three letters.
    #[error("{code:?} cannot be the code of a state: give one to three letters A-Z")]
    StateCode {
        /// What was given.
        code: String,
    },
    /// More characters than the format has room for.
    #[error("{element:?} has {found} characters; a {format} zone has room for {room}")]
    TooLong {
        /// Which particular.
        element: Element,
        /// The format.
        format: Format,
        /// Its characters.
        found: usize,
        /// The characters that fit.
        room: usize,
    },
    /// A character that may not stand there.
    #[error("{element:?} cannot hold {character:?}")]
    Character {
        /// Which particular.
        element: Element,
        /// The character.
        character: char,
    },
    /// There is no document number, or it begins with a filler.
    #[error("a zone needs a document number that begins with a letter or digit")]
    NumberMissing,
    /// There is no primary identifier. A name that is not divided is a primary identifier.
    #[error("a zone needs a surname; a name that is not divided counts as one")]
    NameMissing,
    /// The name is too long, and its components too short to be cut as Doc 9303 asks.
    #[error(
        "the name is longer than the {room} characters of its place and cannot be cut to end in a letter"
    )]
    NameCannotBeCut {
        /// The characters that fit.
        room: usize,
    },
}

/// The lines of a zone while they are written.
struct Grid {
    format: Format,
    lines: Vec<Vec<u8>>,
}

impl Grid {
    /// Writes from an element's first position on.
    fn put(&mut self, element: Element, text: &str) -> Result<(), GenerateError> {
        let room = self.format.place(element).map_or(0, |p| p.columns.len());
        if text.len() > room {
            return Err(GenerateError::TooLong {
                element,
                format: self.format,
                found: text.len(),
                room,
            });
        }
        if let Some(place) = self.format.place(element) {
            for (column, character) in place.columns.clone().zip(text.bytes()) {
                self.lines[place.line][column] = character;
            }
        }
        Ok(())
    }

    fn put_digit(&mut self, span: &DigitSpan) {
        let covered: String = span
            .spans
            .iter()
            .flat_map(|(line, columns)| self.lines[*line][columns.clone()].iter())
            .map(|b| char::from(*b))
            .collect();
        // Only the zone's characters are ever put, so there is always a digit.
        let digit = check_digit(&covered).unwrap_or('<');
        self.lines[span.digit.0][span.digit.1] = digit as u8;
    }
}

pub(super) fn zone(particulars: &Particulars, format: Format) -> Result<Zone, GenerateError> {
    let p = particulars;
    let mut grid = Grid {
        format,
        lines: vec![vec![b'<'; format.line_length()]; format.line_count()],
    };
    grid.put(
        Element::DocumentCode,
        document_code(&p.document_code, format)?,
    )?;
    grid.put(Element::IssuingState, state_code(&p.issuing_state)?)?;
    if !p.nationality.is_empty() {
        grid.put(Element::Nationality, state_code(&p.nationality)?)?;
    }
    let number = zone_text(Element::DocumentNumber, &p.document_number)?;
    if number.is_empty() || number.starts_with('<') {
        return Err(GenerateError::NumberMissing);
    }
    let mut optional = zone_text(Element::OptionalData, &p.optional)?;
    let goes_on = number.len() > 9 && matches!(format, Format::Td1 | Format::Td2);
    if goes_on {
        grid.put(Element::DocumentNumber, &number[..9])?;
        optional = number_that_goes_on(&number, &optional, format)?;
    } else {
        grid.put(Element::DocumentNumber, &number)?;
    }
    let no_optional = optional.is_empty();
    grid.put(Element::OptionalData, &optional)?;
    grid.put(
        Element::SecondOptionalData,
        &zone_text(Element::SecondOptionalData, &p.second_optional)?,
    )?;
    grid.put(Element::DateOfBirth, &birth(&p.date_of_birth))?;
    grid.put(Element::Sex, &p.sex.as_char().to_string())?;
    if let Some(date) = p.date_of_expiry {
        grid.put(Element::DateOfExpiry, &birth(&date.into()))?;
    }
    let room = format
        .place(Element::Name)
        .map_or(0, |place| place.columns.len());
    grid.put(Element::Name, &name(&p.surname, &p.given_names, room)?)?;

    for span in format.digit_spans() {
        let filler_stands = match span.check {
            CheckId::ZoneDigitDocumentNumber => goes_on,
            CheckId::ZoneDigitOptional => no_optional,
            _ => false,
        };
        if !filler_stands {
            grid.put_digit(span);
        }
    }
    Ok(Zone {
        format,
        lines: grid
            .lines
            .iter()
            .map(|line| line.iter().map(|b| char::from(*b)).collect())
            .collect(),
    })
}

/// The code must lead a reader back to the same format, and fit the alphabet of its place.
fn document_code(code: &str, format: Format) -> Result<&str, GenerateError> {
    let fits = (1..=2).contains(&code.len())
        && code
            .chars()
            .zip(0..)
            .all(|(c, column)| format.alphabet(0, column).allows(c) && c != '<')
        && code.starts_with('V') == format.is_visa();
    if fits {
        Ok(code)
    } else {
        Err(GenerateError::DocumentCode {
            code: code.to_owned(),
            format,
        })
    }
}

fn state_code(code: &str) -> Result<&str, GenerateError> {
    if (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(GenerateError::StateCode {
            code: code.to_owned(),
        })
    }
}

/// Numbers and optional data: spaces and hyphens become fillers (Doc 9303-3 section 4), none at the end.
fn zone_text(element: Element, text: &str) -> Result<String, GenerateError> {
    let written: Result<String, _> = text
        .chars()
        .map(|character| match character {
            'A'..='Z' | '0'..='9' | '<' => Ok(character),
            ' ' | '-' => Ok('<'),
            _ => Err(GenerateError::Character { element, character }),
        })
        .collect();
    Ok(written?.trim_end_matches('<').to_owned())
}

/// The optional data of a zone whose number goes on there: the rest of the number, its check digit, a
/// filler, then what else there is (Doc 9303-5 and -6, section 4.2.2).
fn number_that_goes_on(
    number: &str,
    optional: &str,
    format: Format,
) -> Result<String, GenerateError> {
    // A filler within would end the number for its reader.
    if number.contains('<') {
        return Err(GenerateError::Character {
            element: Element::DocumentNumber,
            character: '<',
        });
    }
    let room = format
        .place(Element::OptionalData)
        .map_or(0, |place| place.columns.len());
    // The digit and the filler after it take two.
    let longest = 9 + room.saturating_sub(2);
    if number.len() > longest {
        return Err(GenerateError::TooLong {
            element: Element::DocumentNumber,
            format,
            found: number.len(),
            room: longest,
        });
    }
    let digit = check_digit(number).unwrap_or('<');
    Ok(format!("{}{digit}<{optional}", &number[9..]))
}

/// `YYMMDD`, unknown parts as `<<`.
fn birth(date: &PartialDate) -> String {
    let pair =
        |part: Option<i16>| part.map_or("<<".to_owned(), |n| format!("{:02}", n.rem_euclid(100)));
    [
        pair(date.year),
        pair(date.month.map(i16::from)),
        pair(date.day.map(i16::from)),
    ]
    .concat()
}

/// The name's field (Doc 9303-3 section 4.6, Doc 9303-4 section 4.2.3): primary identifier, two fillers,
/// secondary identifier. Where both do not fit, the secondary is cut; where the primary leaves no room for
/// a letter of it, the primary is cut as far as that takes. A field that was cut ends in a letter, which
/// tells its reader so.
fn name(surname: &str, given_names: &str, room: usize) -> Result<String, GenerateError> {
    let letters = |text| {
        to_zone_letters(text).map_err(|character| GenerateError::Character {
            element: Element::Name,
            character,
        })
    };
    let (primary, secondary) = (letters(surname)?, letters(given_names)?);
    if primary.is_empty() {
        return Err(GenerateError::NameMissing);
    }
    let whole = if secondary.is_empty() {
        primary.clone()
    } else {
        format!("{primary}<<{secondary}")
    };
    if whole.len() <= room {
        return Ok(whole);
    }
    let error = GenerateError::NameCannotBeCut { room };
    if secondary.is_empty() {
        return cut(&primary, room).ok_or(error);
    }
    // Two fillers and one letter of the secondary identifier at the least.
    let most = room.saturating_sub(3);
    let primary = if primary.len() <= most {
        primary
    } else {
        cut(&primary, most).ok_or_else(|| error.clone())?
    };
    let left = room - primary.len() - 2;
    let secondary = cut(&secondary, left).ok_or(error)?;
    Ok(format!("{primary}<<{secondary}"))
}

/// So many characters from the beginning of a longer text, or all of a text that just fits, ending in a letter. Where the
/// cut would fall behind a filler, the component before it gives up its last letter for the next one's first.
fn cut(text: &str, length: usize) -> Option<String> {
    if text.len() <= length {
        return Some(text.to_owned());
    }
    let kept = &text[..length];
    let Some(before) = kept.strip_suffix('<') else {
        return Some(kept.to_owned());
    };
    let shortened = &before[..before.len().checked_sub(1)?];
    let next = &text[length..=length];
    (!shortened.is_empty() && !shortened.ends_with('<')).then(|| format!("{shortened}<{next}"))
}
