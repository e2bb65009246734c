//! From any script to words in Latin letters and in *sounds*.
//!
//! A sound is one ASCII byte: the letter itself, or a capital for what Latin writes with two
//! (`S` sh, `c` ch, `K` kh, `G` gh, `T` th, `D` dh, `Z` zh). Scripts that write no short vowels
//! (Arabic, Hebrew) are marked, so that the comparison does not charge for what they leave out.

pub(crate) mod arabic;
mod cyrillic;
mod ethiopic;
mod greek;
mod hebrew;
mod latin;

pub(crate) use latin::sounds_of_latin;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The script that a word is written in, as far as the comparison needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Arabic,
    Hebrew,
    Cyrillic,
    Greek,
    Ethiopic,
    /// Han characters and kana: romanised by `deunicode`, and compared character by character between themselves.
    Ideographs,
    Hangul,
    /// Any other: romanised by `deunicode`.
    Other,
}

impl Script {
    /// The script of one letter.
    fn of(c: char) -> Self {
        match u32::from(c) {
            0x0000..=0x024F | 0x1E00..=0x1EFF | 0xA720..=0xA7FF | 0x0250..=0x02BF => Self::Latin,
            0x0370..=0x03FF | 0x1F00..=0x1FFF => Self::Greek,
            0x0400..=0x052F => Self::Cyrillic,
            0x0590..=0x05FF => Self::Hebrew,
            0x0600..=0x06FF | 0x0750..=0x077F | 0x08A0..=0x08FF => Self::Arabic,
            0x1200..=0x139F | 0x2D80..=0x2DDF => Self::Ethiopic,
            0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7AF => Self::Hangul,
            0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0x20000..=0x2FA1F => {
                Self::Ideographs
            }
            _ => Self::Other,
        }
    }

    /// Whether the script leaves short vowels out.
    pub(crate) fn is_abjad(self) -> bool {
        matches!(self, Self::Arabic | Self::Hebrew)
    }
}

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// A blank, or nothing.
    Space,
    /// A hyphen: the word belongs with the one before it.
    Hyphen,
    /// A comma: what came before was the surname.
    Comma,
    /// An opening bracket.
    Bracket,
}

/// One written word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The word in the letters it was written in, normalised and in lower case.
    pub(crate) native: String,
    /// The word in lower-case Latin letters and digits.
    pub(crate) latin: String,
    /// The word in sounds.
    pub(crate) sounds: Vec<u8>,
    /// Its script.
    pub(crate) script: Script,
    /// What stands before it.
    pub(crate) before: Before,
}

/// At most this many characters of a name are looked at; no person's name is longer.
const MOST_CHARACTERS: usize = 400;

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '\u{00B4}' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02B9}'
            ..='\u{02BF}' | '\u{02C8}' | '\u{FF07}' | '\u{05F3}' | '\u{2032}'
    )
}

/// Takes a name apart into words.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let text: Vec<char> = text
        .chars()
        .take(MOST_CHARACTERS)
        .nfkc()
        .flat_map(char::to_lowercase)
        .collect();
    let mut words = Vec::new();
    let mut current = String::new();
    let mut before = Before::Space;
    let mut next = Before::Space;
    let mut letter_before_stop = false;
    for (i, &c) in text.iter().enumerate() {
        let at = |k: usize| text.get(i + k).copied();
        if c.is_alphanumeric()
            || is_combining_mark(c)
            || c == '\u{0640}'
            || c == '\u{200C}'
            || c == '\u{200D}'
        {
            if let (Some(last), true) = (current.chars().last(), c.is_alphabetic())
                && last.is_alphabetic()
                && breaks_between(last, c)
            {
                push(&mut words, &mut current, before);
                before = Before::Space;
            }
            if current.is_empty() {
                before = next;
                next = Before::Space;
            }
            current.push(c);
        } else if is_apostrophe(c) {
            // Ayn, hamza, Korean breaks and O'Brien: the word goes on.
        } else if c == '.'
            && (current.chars().count() == 1 || letter_before_stop)
            && at(1).is_some_and(char::is_alphabetic)
            && !at(2).is_some_and(char::is_alphanumeric)
        {
            // Letters of an abbreviation written with stops stay one word: A.B.C.
            letter_before_stop = true;
            continue;
        } else {
            push(&mut words, &mut current, before);
            next = match c {
                ',' | '،' => Before::Comma,
                '(' | '[' => Before::Bracket,
                '-' | '\u{2010}'..='\u{2015}' => match next {
                    Before::Space => Before::Hyphen,
                    kept => kept,
                },
                _ => match next {
                    // "A - B" is two words; a comma or bracket stays in force over blanks.
                    Before::Hyphen => Before::Space,
                    kept => kept,
                },
            };
        }
        letter_before_stop = false;
    }
    push(&mut words, &mut current, before);
    words
}

/// Han and kana run into Latin without a blank; so do mixed typings.
fn breaks_between(a: char, b: char) -> bool {
    let (a, b) = (Script::of(a), Script::of(b));
    a != b && (a == Script::Ideographs || b == Script::Ideographs)
}

fn push(words: &mut Vec<Word>, current: &mut String, before: Before) {
    if current.is_empty() {
        return;
    }
    let native = std::mem::take(current);
    let script = native
        .chars()
        .find(|c| c.is_alphabetic())
        .map_or(Script::Latin, Script::of);
    let (latin, sounds) = match script {
        Script::Arabic => arabic::romanise(&native),
        Script::Hebrew => hebrew::romanise(&native),
        Script::Cyrillic => with_sounds(cyrillic::romanise(&native)),
        Script::Greek => with_sounds(greek::romanise(&native)),
        Script::Ethiopic => with_sounds(ethiopic::romanise(&native)),
        Script::Latin => with_sounds(latin::fold(&native)),
        Script::Ideographs | Script::Hangul | Script::Other => {
            let spelt = deunicode::deunicode(&native).to_lowercase();
            with_sounds(spelt.chars().filter(char::is_ascii_alphanumeric).collect())
        }
    };
    if !latin.is_empty() {
        words.push(Word {
            native,
            latin,
            sounds,
            script,
            before,
        });
    }
}

fn with_sounds(latin: String) -> (String, Vec<u8>) {
    let sounds = sounds_of_latin(&latin);
    (latin, sounds)
}
