//! Latin letters: marks taken off as Doc 9303-3 section 6 does, and spelling turned to sounds.

use super::Text;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower-case Latin without marks; letters that decompose to nothing plain go by Doc 9303-3 table 6 A.
pub(crate) fn fold(native: &str) -> Text {
    if native.is_ascii() {
        return plain(native.as_bytes());
    }
    let letters = letters_in(native.as_bytes());
    let mut out = Text::new();
    for c in native.nfd() {
        match c {
            'a'..='z' | '0'..='9' => out.push(meant(c as u8, letters)),
            'ß' => out.extend(b"ss"),
            'æ' => out.extend(b"ae"),
            'œ' => out.extend(b"oe"),
            'ø' => out.push(b'o'),
            'đ' | 'ð' => out.push(b'd'),
            'ħ' => out.push(b'h'),
            'ı' => out.push(b'i'),
            'ł' => out.push(b'l'),
            'ŋ' => out.push(b'n'),
            'þ' => out.extend(b"th"),
            'ŧ' => out.push(b't'),
            'ə' => out.push(b'a'),
            'ɓ' => out.push(b'b'),
            'ɗ' => out.push(b'd'),
            'ƙ' => out.push(b'k'),
            'ƴ' => out.push(b'y'),
            c if is_combining_mark(c) => {}
            c => deunicode::deunicode_char(c)
                .unwrap_or("")
                .bytes()
                .filter(u8::is_ascii_alphanumeric)
                .for_each(|b| out.push(b.to_ascii_lowercase())),
        }
    }
    out
}

/// Spellings of more than one letter and the sounds they stand for, longest first.
const DIGRAPHS: &[(&str, &str)] = &[
    ("shch", "Sc"),
    ("schtsch", "Sc"),
    ("tsch", "c"),
    ("dsch", "j"),
    ("sch", "S"),
    ("tch", "c"),
    ("dzh", "j"),
    ("dj", "j"),
    ("sh", "S"),
    ("ch", "c"),
    ("cz", "c"),
    ("sz", "S"),
    ("kh", "K"),
    ("gh", "G"),
    ("th", "T"),
    ("dh", "D"),
    ("zh", "Z"),
    ("ph", "f"),
    ("bh", "b"),
    ("ck", "k"),
    ("cq", "k"),
    ("qu", "ku"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("ii", "i"),
    ("aa", "a"),
    ("uu", "u"),
    ("tz", "ts"),
];

/// Per pair of letters, the first spelling of [`DIGRAPHS`] that begins with it, plus one; 0 where none does.
const FIRST_DIGRAPH: [[u8; 26]; 26] = {
    let mut first = [[0; 26]; 26];
    let mut n = DIGRAPHS.len();
    while n > 0 {
        n -= 1;
        let spelling = DIGRAPHS[n].0.as_bytes();
        first[(spelling[0] - b'a') as usize][(spelling[1] - b'a') as usize] = n as u8 + 1;
    }
    first
};

/// The longest spelling of several letters that the rest of a word begins with.
fn digraph(rest: &[u8]) -> Option<&'static (&'static str, &'static str)> {
    let letter = |i: usize| rest.get(i).map(|b| usize::from(b.wrapping_sub(b'a')));
    let first = *FIRST_DIGRAPH.get(letter(0)?)?.get(letter(1)?)?;
    DIGRAPHS[usize::from(first.checked_sub(1)?)..]
        .iter()
        .find(|(spelling, _)| rest.starts_with(spelling.as_bytes()))
}

/// Per letter, those after it with which it may be another sound than itself, one bit each.
static FOLLOWERS: [u32; 128] = {
    let mut all = [0; 128];
    let mut n = 0;
    while n < DIGRAPHS.len() {
        let spelling = DIGRAPHS[n].0.as_bytes();
        all[spelling[0] as usize] |= 1 << (spelling[1] & 31);
        n += 1;
    }
    all[b'c' as usize] = u32::MAX;
    all[b'x' as usize] = u32::MAX;
    all
};

/// The sounds of a Latin spelling. Doubled sounds count once.
pub(crate) fn sounds_of_latin(latin: &[u8]) -> Text {
    let mut sounds = Text::new();
    hear(latin, &mut sounds);
    sounds
}

/// [`sounds_of_latin`] put where they are kept: what is written byte by byte is not to be moved at once.
pub(crate) fn hear(latin: &[u8], sounds: &mut Text) {
    sounds.fill(|out| {
        let (mut length, mut last) = (0, 0);
        let mut put = |sound: u8| {
            if sound != last
                && let Some(place) = out.get_mut(length)
            {
                *place = sound;
                last = sound;
                length += 1;
            }
        };
        let mut rest = latin;
        while let [letter, others @ ..] = rest {
            let next = others.first().copied().unwrap_or_default();
            if FOLLOWERS[usize::from(letter & 127)] >> (next & 31) & 1 == 0 {
                put(*letter);
                rest = others;
                continue;
            }
            if let Some((spelling, sounds)) = digraph(rest) {
                sounds.bytes().for_each(&mut put);
                rest = &rest[spelling.len()..];
                continue;
            }
            match letter {
                b'x' if rest.len() == latin.len() => put(b'S'),
                b'x' => {
                    put(b'k');
                    put(b's');
                }
                b'c' if matches!(next, b'e' | b'i' | b'y') => put(b's'),
                b'c' => put(b'k'),
                letter => put(*letter),
            }
            rest = others;
        }
        length
    });
}

/// A word of ASCII letters and digits, with its digits as they are meant.
pub(crate) fn plain(word: &[u8]) -> Text {
    let letters = letters_in(word);
    if letters == word.len() {
        return Text::of(word);
    }
    word.iter().map(|b| meant(*b, letters)).collect()
}

/// How many of these are letters.
fn letters_in(word: &[u8]) -> usize {
    word.iter().filter(|b| b.is_ascii_alphabetic()).count()
}

/// A digit within letters is a look-alike ("Ig0r"); alone it is a number.
fn meant(c: u8, letters: usize) -> u8 {
    match c {
        b'0' if letters > 1 => b'o',
        b'1' if letters > 1 => b'i',
        b'3' if letters > 2 => b'e',
        b'5' if letters > 2 => b's',
        c => c,
    }
}
