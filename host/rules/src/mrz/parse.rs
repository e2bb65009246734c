//! From text to a zone, and from a zone to its number and names.

use super::layout::Element;
use super::{Format, Zone};
use crate::mrz::check_digit;

/// Why a text is not a zone, and what to type instead. Lines and columns count from 1, as in the text given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// Nothing but blanks.
    #[error("there is no text: type the 2 or 3 lines of the zone")]
    Empty,
    /// Neither two lines nor three.
    #[error("a zone has 2 or 3 lines; this has {found}")]
    LineCount {
        /// How many lines hold anything.
        found: usize,
    },
    /// A line is too short or too long for the zone that the lines look like.
    #[error("line {line} has {found} of {expected} characters")]
    LineLength {
        /// The line, from 1.
        line: usize,
        /// Its characters, blanks not counted.
        found: usize,
        /// What a line of this zone has.
        expected: usize,
    },
    /// A character that no zone holds.
    #[error("line {line}, column {column}: {} cannot stand in a zone: {}", show(*.character), meant(*.character))]
    Character {
        /// The line of the text given, from 1.
        line: usize,
        /// The column of the text given, from 1.
        column: usize,
        /// What stands there.
        character: char,
    },
}

/// A character for a message; what cannot be seen is named by its code.
fn show(character: char) -> String {
    if character.is_control()
        || character.is_whitespace()
        || !character.is_alphanumeric() && !character.is_ascii()
    {
        format!("{character:?} (U+{:04X})", u32::from(character))
    } else {
        format!("{character:?}")
    }
}

/// What to type instead.
fn meant(character: char) -> &'static str {
    match character {
        // Guillemets, angle brackets and mathematical signs that look like one filler or two.
        '«' | '‹' | '〈' | '《' | '⟨' | '⟪' | '≪' | '＜' | '˂' | '❮' | '❰' | '﹤' | 'ᐸ' => {
            "type the filler as <, once for each"
        }
        _ => "it has A to Z, 0 to 9 and <",
    }
}

fn in_zone(character: u8) -> bool {
    matches!(character, b'A'..=b'Z' | b'0'..=b'9' | b'<')
}

impl Zone {
    /// Reads typed text: blank lines and blanks within lines are dropped and letters `a-z` raised. Nothing
    /// else is corrected: a look-alike of `<` is refused rather than guessed at.
    ///
    /// ```
    /// # use mpaka_rules::mrz::{Format, Zone};
    /// let zone = Zone::parse(
    ///     "p<utoeriksson<<anna<maria<<<<<<<<<<<<<<<<<<<\r\n\r\n L898902C3 6 UTO 740812 2 F 120415 9 ZE184226B<<<<<1 0",
    /// )?;
    /// assert_eq!(zone.format(), Format::Td3);
    /// assert_eq!(zone.fields().surname, "ERIKSSON");
    /// # Ok::<(), mpaka_rules::mrz::ZoneError>(())
    /// ```
    ///
    /// # Errors
    /// [`ZoneError`] says what to type instead, with the line and column of the text given.
    pub fn parse(text: &str) -> Result<Self, ZoneError> {
        // An editor's byte order mark is no part of what was typed.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines: Vec<(usize, String)> = Vec::new();
        for (index, typed) in typed_lines(text).enumerate() {
            let mut line = String::new();
            for (column, character) in typed.chars().enumerate() {
                let raised = character.to_ascii_uppercase();
                if u8::try_from(raised).is_ok_and(in_zone) {
                    line.push(raised);
                } else if !character.is_whitespace() {
                    return Err(ZoneError::Character {
                        line: index + 1,
                        column: column + 1,
                        character,
                    });
                }
            }
            if !line.is_empty() {
                lines.push((index + 1, line));
            }
        }
        assemble(lines)
    }

    /// A zone of exactly these lines.
    ///
    /// # Errors
    /// [`ZoneError`] where they are not two or three lines of one format, or hold another character than
    /// `A-Z`, `0-9` and `<`; blanks and small letters are refused as well.
    pub fn from_lines<S: AsRef<str>>(lines: &[S]) -> Result<Self, ZoneError> {
        let mut checked = Vec::new();
        for (index, line) in lines.iter().map(AsRef::as_ref).enumerate() {
            if let Some((column, character)) = line
                .chars()
                .enumerate()
                .find(|(_, c)| !u8::try_from(*c).is_ok_and(in_zone))
            {
                return Err(ZoneError::Character {
                    line: index + 1,
                    column: column + 1,
                    character,
                });
            }
            checked.push((index + 1, line.to_owned()));
        }
        assemble(checked)
    }
}

/// The lines of a typed text, whether they end in LF, CR LF or CR.
fn typed_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\r')
    })
}

/// A zone of these lines, each with its number in the text given. They hold only the zone's characters.
fn assemble(lines: Vec<(usize, String)>) -> Result<Zone, ZoneError> {
    let first = match lines.first() {
        None => return Err(ZoneError::Empty),
        Some((_, line)) => line.chars().next().unwrap_or('<'),
    };
    let longest = lines.iter().map(|(_, line)| line.len()).max().unwrap_or(0);
    let expected = match lines.len() {
        3 => 30,
        // The nearer of 36 and 44 to what was typed.
        2 if longest <= 40 => 36,
        2 => 44,
        found => return Err(ZoneError::LineCount { found }),
    };
    if let Some((line, found)) = lines
        .iter()
        .find(|(_, l)| l.len() != expected)
        .map(|(n, l)| (*n, l.len()))
    {
        return Err(ZoneError::LineLength {
            line,
            found,
            expected,
        });
    }
    let format = Format::of(lines.len(), expected, first)
        .ok_or(ZoneError::LineCount { found: lines.len() })?;
    Ok(Zone {
        format,
        lines: lines.into_iter().map(|(_, line)| line).collect(),
    })
}

/// The document number with its check digit, wherever they stand.
pub(super) struct Number {
    /// The whole number, without the fillers after it.
    pub(super) text: String,
    /// Fillers included: what the check digit is formed over.
    pub(super) weighed: String,
    /// The character that stands as its check digit.
    pub(super) digit: char,
    /// What is left of the (first) optional data.
    pub(super) optional_rest: String,
}

/// Reads the number. On a TD1 or TD2 zone, nine characters followed by a filler go on at the beginning of
/// the optional data, up to a check digit and a filler (Doc 9303-5 and -6, section 4.2.2).
pub(super) fn number(zone: &Zone) -> Number {
    let principal = zone.element(Element::DocumentNumber);
    let digit = zone.element(Element::DocumentNumberDigit);
    let optional = zone.element(Element::OptionalData);
    let may_go_on = matches!(zone.format, Format::Td1 | Format::Td2)
        && digit == "<"
        && !principal.ends_with('<');
    if may_go_on {
        let run = optional.split('<').next().unwrap_or("");
        // Of one character there would be a check digit and nothing that went over.
        if let Some((at, digit)) = run.char_indices().last().filter(|(at, _)| *at > 0) {
            let text = format!("{principal}{}", &run[..at]);
            return Number {
                weighed: text.clone(),
                text,
                digit,
                optional_rest: optional[run.len()..].trim_matches('<').to_owned(),
            };
        }
    }
    Number {
        text: principal.trim_end_matches('<').to_owned(),
        weighed: principal.to_owned(),
        digit: digit.chars().next().unwrap_or('<'),
        optional_rest: optional.trim_end_matches('<').to_owned(),
    }
}

impl Number {
    /// The digit that fits the number.
    pub(super) fn expected(&self) -> Option<char> {
        check_digit(&self.weighed)
    }
}

/// Primary and secondary identifier of a name's field, single fillers as spaces.
pub(super) fn names(field: &str) -> (String, String) {
    let spaced = |part: &str| {
        part.split('<')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    match field.split_once("<<") {
        Some((primary, secondary)) => (spaced(primary), spaced(secondary)),
        None => (spaced(field), String::new()),
    }
}
