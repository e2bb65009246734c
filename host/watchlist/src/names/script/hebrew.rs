//! Hebrew script: consonants; vav and yod are either a consonant or a vowel.

use super::Text;

/// Latin and sounds of a word in Hebrew script; points are dropped.
pub(crate) fn romanise(native: &str) -> (Text, Text) {
    let (mut latin, mut sounds) = (Text::new(), Text::new());
    let letters: Vec<char> = native.chars().filter(|c| ('א'..='ת').contains(c)).collect();
    for (i, &c) in letters.iter().enumerate() {
        let first = i == 0;
        let (l, s): (&str, &[u8]) = match c {
            'א' => ("a", b"a"),
            'ב' => {
                if first {
                    ("b", b"b")
                } else {
                    ("v", b"B")
                }
            }
            'ג' => ("g", b"g"),
            'ד' => ("d", b"d"),
            'ה' => ("h", b"h"),
            'ו' => ("w", b"w"),
            'ז' => ("z", b"z"),
            'ח' => ("ch", b"K"),
            'ט' | 'ת' => ("t", b"t"),
            'י' => ("y", b"y"),
            'כ' | 'ך' => ("k", b"k"),
            'ל' => ("l", b"l"),
            'מ' | 'ם' => ("m", b"m"),
            'נ' | 'ן' => ("n", b"n"),
            'ס' => ("s", b"s"),
            'ע' => ("a", b"A"),
            'פ' | 'ף' => {
                if first {
                    ("p", b"p")
                } else {
                    ("f", b"P")
                }
            }
            'צ' | 'ץ' => ("ts", b"ts"),
            'ק' => ("k", b"k"),
            'ר' => ("r", b"r"),
            'ש' => ("sh", b"S"),
            _ => ("", b""),
        };
        latin.extend(l.as_bytes());
        for &sound in s {
            if sounds.last() != Some(&sound) {
                sounds.push(sound);
            }
        }
    }
    (latin, sounds)
}
