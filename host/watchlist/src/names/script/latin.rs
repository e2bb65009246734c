//! Latin letters: marks taken off as Doc 9303-3 section 6 does, and spelling turned to sounds.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower-case Latin without marks; letters that decompose to nothing plain go by Doc 9303-3 table 6 A.
pub(crate) fn fold(native: &str) -> String {
    let mut out = String::with_capacity(native.len());
    let letters = native.bytes().filter(u8::is_ascii_alphabetic).count();
    for c in native.nfd() {
        match c {
            'a'..='z' => out.push(c),
            // A digit within letters is a look-alike ("Ig0r"); alone it is a number.
            '0' if letters > 1 => out.push('o'),
            '1' if letters > 1 => out.push('i'),
            '3' if letters > 2 => out.push('e'),
            '5' if letters > 2 => out.push('s'),
            '0'..='9' => out.push(c),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ı' => out.push('i'),
            'ł' => out.push('l'),
            'ŋ' => out.push('n'),
            'þ' => out.push_str("th"),
            'ŧ' => out.push('t'),
            'ə' => out.push('a'),
            'ɓ' => out.push('b'),
            'ɗ' => out.push('d'),
            'ƙ' => out.push('k'),
            'ƴ' => out.push('y'),
            c if is_combining_mark(c) => {}
            c => out.extend(
                deunicode::deunicode_char(c)
                    .unwrap_or("")
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| c.to_ascii_lowercase()),
            ),
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

/// The sounds of a Latin spelling. Doubled sounds count once.
pub(crate) fn sounds_of_latin(latin: &str) -> Vec<u8> {
    let bytes = latin.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut put = |sound: u8| {
        if out.last() != Some(&sound) {
            out.push(sound);
        }
    };
    let mut i = 0;
    while i < bytes.len() {
        let next = bytes.get(i + 1).copied().unwrap_or(0);
        // Two bytes rule nearly all of them out.
        let digraph = DIGRAPHS.iter().find(|(spelling, _)| {
            let spelling = spelling.as_bytes();
            spelling[0] == bytes[i] && spelling[1] == next && bytes[i..].starts_with(spelling)
        });
        if let Some((spelling, sounds)) = digraph {
            sounds.bytes().for_each(&mut put);
            i += spelling.len();
            continue;
        }
        match bytes[i] {
            b'x' if i == 0 => put(b'S'),
            b'x' => {
                put(b'k');
                put(b's');
            }
            b'c' if matches!(next, b'e' | b'i' | b'y') => put(b's'),
            b'c' => put(b'k'),
            letter => put(letter),
        }
        i += 1;
    }
    out
}
