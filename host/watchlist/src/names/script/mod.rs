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
mod text;

pub(crate) use latin::sounds_of_latin;
pub(crate) use text::Text;

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of one name.
pub(crate) type Words = SmallVec<[Word; 8]>;

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
    /// The word in the letters it was written in, normalised and in lower case, Arabic ones in one spelling
    /// (`arabic::plain`); empty where they are Latin.
    pub(crate) native: String,
    /// The word in lower-case Latin letters and digits.
    pub(crate) latin: Text,
    /// The word in sounds.
    pub(crate) sounds: Text,
    /// Its script.
    pub(crate) script: Script,
    /// What stands before it.
    pub(crate) before: Before,
}

impl Word {
    /// A word in Latin letters that are to come.
    const fn latin(before: Before) -> Self {
        Self {
            native: String::new(),
            latin: Text::new(),
            sounds: Text::new(),
            script: Script::Latin,
            before,
        }
    }
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

/// Takes a name apart into words, and puts them where they are kept: so many are not to be moved.
pub(crate) fn words(text: &str, words: &mut Words) {
    if text.is_ascii() {
        let mut letters: SmallVec<[u8; 64]> =
            SmallVec::from_slice(&text.as_bytes()[..text.len().min(MOST_CHARACTERS)]);
        letters.make_ascii_lowercase();
        if !split_plain(&letters, words) {
            words.clear();
            split(letters.len(), |i| char::from(letters[i]), words);
        }
        return;
    }
    let text = text.chars().take(MOST_CHARACTERS);
    let mut letters: SmallVec<[char; 64]> = SmallVec::new();
    let mut lower = |c: char| match small(c) {
        Some(c) => letters.push(c),
        None => letters.extend(c.to_lowercase()),
    };
    if text.clone().all(is_normal) {
        text.for_each(&mut lower);
    } else {
        text.nfkc().for_each(&mut lower);
    }
    split(letters.len(), |i| letters[i], words);
}

/// [`char::to_lowercase`] for most letters that names are written in, told by the place alone.
fn small(c: char) -> Option<char> {
    match c {
        '\0'..='\x7F' => Some(c.to_ascii_lowercase()),
        'А'..='Я' => char::from_u32(u32::from(c) + 0x20),
        'à'..='ö'
        | 'ø'..='ÿ'
        | 'α'..='ω'
        | 'а'..='џ'
        | '\u{5D0}'..='\u{8FF}'
        | '\u{1200}'..='\u{139F}'
        | '\u{3040}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}' => Some(c),
        _ => None,
    }
}

/// Whether a character is what its normal form (NFKC) is, whatever stands beside it, told by the place alone: texts of
/// such need no normalising, and most names are.
fn is_normal(c: char) -> bool {
    matches!(c,
        '\0'..='\x7F'
        | '\u{C0}'..='\u{131}'
        | '\u{141}'..='\u{148}'
        | '\u{14A}'..='\u{17E}'
        | '\u{3AC}'..='\u{3CE}'
        | '\u{400}'..='\u{481}'
        | '\u{48A}'..='\u{52F}'
        | '\u{5D0}'..='\u{5EA}'
        | '\u{620}'..='\u{64A}'
        | '\u{679}'..='\u{6D3}'
        | '\u{1200}'..='\u{1248}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}')
}

/// [`char::is_alphabetic`], which is told by the place alone for the letters that most names are written in.
fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\x7F' => c.is_ascii_alphabetic(),
        '\u{E0}'..='\u{F6}'
        | '\u{F8}'..='\u{2AF}'
        | '\u{3B1}'..='\u{3C9}'
        | '\u{400}'..='\u{481}'
        | '\u{48A}'..='\u{52F}'
        | '\u{5D0}'..='\u{5EA}'
        | '\u{620}'..='\u{64A}'
        | '\u{1200}'..='\u{1248}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}' => true,
        _ => c.is_alphabetic(),
    }
}

/// Whether a word goes on with this character.
fn is_of_word(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        is_letter(c)
            || c.is_alphanumeric()
            || is_combining_mark(c)
            || matches!(c, '\u{0640}' | '\u{200C}' | '\u{200D}')
    }
}

/// Per byte, whether it is a letter of ASCII, a digit or neither.
static KINDS: [u8; 256] = {
    let mut all = [0; 256];
    let mut n = 0;
    while n < all.len() {
        let c = n as u8;
        if c.is_ascii_alphabetic() {
            all[n] = LETTER;
        } else if c.is_ascii_digit() {
            all[n] = DIGIT;
        }
        n += 1;
    }
    all
};
/// What [`KINDS`] has for a letter.
const LETTER: u8 = 1;
/// What [`KINDS`] has for a digit.
const DIGIT: u8 = 2;

/// The words of a text of small ASCII letters, each a run of letters and digits; false where stops or apostrophes may
/// stand within words.
fn split_plain(text: &[u8], words: &mut Words) -> bool {
    let mut next = Before::Space;
    let mut rest = text;
    while let Some((c, others)) = rest.split_first() {
        if KINDS[usize::from(*c)] == 0 {
            if matches!(c, b'.' | b'\'' | b'`') {
                return false;
            }
            next = after(char::from(*c), next);
            rest = others;
            continue;
        }
        let mut kinds = 0;
        let end = rest.iter().position(|c| {
            let kind = KINDS[usize::from(*c)];
            kinds |= kind;
            kind == 0
        });
        let (word, others) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(Word::latin(std::mem::replace(&mut next, Before::Space)));
        if let Some(made) = words.last_mut() {
            if kinds & DIGIT == 0 {
                made.latin.extend(word);
            } else {
                made.latin = latin::plain(word);
            }
            latin::hear(&made.latin, &mut made.sounds);
        }
        rest = others;
    }
    true
}

/// What stands before the next word, after a character that is of none.
fn after(c: char, next: Before) -> Before {
    match c {
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
    }
}

/// The words of a text whose characters are had by their places.
fn split(length: usize, letter: impl Fn(usize) -> char, words: &mut Words) {
    let at = |i: usize| (i < length).then(|| letter(i));
    let mut current = String::with_capacity(32);
    let mut last = None;
    let mut before = Before::Space;
    let mut next = Before::Space;
    let mut letter_before_stop = false;
    let mut i = 0;
    while let Some(c) = at(i) {
        i += 1;
        if is_of_word(c) {
            if let Some(last) = last
                && !c.is_ascii()
                && c.max(last) >= FIRST_IDEOGRAPH
                && breaks_between(last, c)
            {
                push(words, &mut current, before);
                before = Before::Space;
            }
            if current.is_empty() {
                before = next;
                next = Before::Space;
            }
            current.push(c);
            last = Some(c);
        } else if is_apostrophe(c) {
            // Ayn, hamza, Korean breaks and O'Brien: the word goes on.
        } else if c == '.'
            && (current.chars().nth(1).is_none() && !current.is_empty() || letter_before_stop)
            && at(i).is_some_and(is_letter)
            && !at(i + 1).is_some_and(char::is_alphanumeric)
        {
            // Letters of an abbreviation written with stops stay one word: A.B.C.
            letter_before_stop = true;
            continue;
        } else {
            push(words, &mut current, before);
            last = None;
            next = after(c, next);
        }
        letter_before_stop = false;
    }
    push(words, &mut current, before);
}

/// Whatever stands before it is of another script than [`Script::Ideographs`].
const FIRST_IDEOGRAPH: char = '\u{3040}';

/// Han and kana run into Latin without a blank; so do mixed typings.
fn breaks_between(a: char, b: char) -> bool {
    let (x, y) = (Script::of(a), Script::of(b));
    x != y && (x == Script::Ideographs || y == Script::Ideographs) && is_letter(a) && is_letter(b)
}

fn push(words: &mut Words, current: &mut String, before: Before) {
    if current.is_empty() {
        return;
    }
    let script = current
        .chars()
        .find(|c| is_letter(*c))
        .map_or(Script::Latin, Script::of);
    let (latin, sounds) = match script {
        Script::Arabic => arabic::romanise(current),
        Script::Hebrew => hebrew::romanise(current),
        Script::Cyrillic => with_sounds(ascii(&cyrillic::romanise(current))),
        Script::Greek => with_sounds(ascii(&greek::romanise(current))),
        Script::Ethiopic => with_sounds(ascii(&ethiopic::romanise(current))),
        Script::Latin => with_sounds(latin::fold(current)),
        Script::Ideographs | Script::Hangul | Script::Other => with_sounds(
            deunicode::deunicode(current)
                .bytes()
                .filter(u8::is_ascii_alphanumeric)
                .map(|b| b.to_ascii_lowercase())
                .collect(),
        ),
    };
    if !latin.is_empty() {
        words.push(Word {
            native: match script {
                Script::Latin => String::new(),
                Script::Arabic => arabic::plain(current),
                _ => current.clone(),
            },
            latin,
            sounds,
            script,
            before,
        });
    }
    current.clear();
}

fn ascii(text: &str) -> Text {
    Text::of(text.as_bytes())
}

fn with_sounds(latin: Text) -> (Text, Text) {
    let sounds = sounds_of_latin(&latin);
    (latin, sounds)
}

#[cfg(test)]
mod tests {
    use super::{is_letter, is_normal, small};
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{IsNormalized, is_nfkc_quick};

    #[test]
    fn characters_told_by_their_place_to_be_normal_or_small_are_so() {
        for c in '\0'..=char::MAX {
            assert!(small(c).is_none_or(|s| c.to_lowercase().eq([s])), "{c:?}");
            let normal = || is_nfkc_quick([c].into_iter()) == IsNormalized::Yes;
            assert!(
                !is_normal(c) || (normal() && canonical_combining_class(c) == 0),
                "{c:?}"
            );
        }
    }

    #[test]
    fn letters_told_by_their_place_are_letters() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c:?}");
        }
    }
}
