//! Arabic script, with the letters of Persian, Urdu, Pashto and Kurdish.
//!
//! Only consonants and long vowels are written, so the sounds hold `a` for alif, `w` and `y` for
//! the letters that are either a consonant or a long vowel; the comparison knows.

use super::Text;

/// One letter in Latin and in sounds.
fn letter(c: char) -> Option<(&'static str, &'static [u8])> {
    Some(match c {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ى' | 'ة' | 'ۀ' | 'ء' | 'ع' | 'ٲ' => match c {
            'ة' | 'ۀ' => ("a", b"a"),
            'ء' => ("", b""),
            // Ayn has no sound that Latin writes; a vowel stands by it.
            'ع' => ("a", b"A"),
            _ => ("a", b"a"),
        },
        'ب' => ("b", b"b"),
        'پ' => ("p", b"p"),
        'ت' | 'ط' | 'ٹ' | 'ټ' => ("t", b"t"),
        'ث' => ("th", b"T"),
        'ج' => ("j", b"j"),
        'چ' => ("ch", b"c"),
        'ح' | 'ه' | 'ہ' | 'ھ' | 'ۃ' | 'ە' => ("h", b"h"),
        'خ' => ("kh", b"K"),
        'د' | 'ڈ' | 'ډ' => ("d", b"d"),
        'ذ' => ("dh", b"D"),
        'ر' | 'ڑ' | 'ړ' | 'ڕ' => ("r", b"r"),
        'ز' | 'ځ' => ("z", b"z"),
        'ژ' | 'ږ' => ("zh", b"Z"),
        'س' | 'ص' | 'څ' => ("s", b"s"),
        'ش' | 'ښ' => ("sh", b"S"),
        'ض' => ("d", b"D"),
        'ظ' => ("z", b"D"),
        'غ' => ("gh", b"G"),
        'ف' => ("f", b"f"),
        'ڤ' => ("v", b"v"),
        'ق' => ("q", b"q"),
        'ك' | 'ک' => ("k", b"k"),
        'گ' | 'ګ' | 'ڭ' => ("g", b"g"),
        'ل' | 'ڵ' => ("l", b"l"),
        'م' => ("m", b"m"),
        'ن' | 'ں' | 'ڼ' => ("n", b"n"),
        'و' | 'ؤ' | 'ۆ' | 'ۇ' | 'ۈ' | 'ۋ' => ("w", b"w"),
        'ي' | 'ی' | 'ئ' | 'ې' | 'ۍ' | 'ے' | 'ێ' => ("y", b"y"),
        '٠'..='٩' => digit(u32::from(c) - 0x0660),
        '۰'..='۹' => digit(u32::from(c) - 0x06F0),
        _ => return None,
    })
}

fn digit(n: u32) -> (&'static str, &'static [u8]) {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let d = DIGITS[(n as usize).min(9)];
    (d, d.as_bytes())
}

/// Latin and sounds of a word in Arabic script; marks and the stretching stroke are dropped.
pub(crate) fn romanise(native: &str) -> (Text, Text) {
    let (mut latin, mut sounds) = (Text::new(), Text::new());
    for c in native.chars() {
        if let Some((l, s)) = letter(c) {
            latin.extend(l.as_bytes());
            for &sound in s {
                if sounds.last() != Some(&sound) {
                    sounds.push(sound);
                }
            }
        }
    }
    (latin, sounds)
}

/// The word in one spelling of its letters: carriers of hamza, Persian and Urdu forms folded. For tables.
pub(crate) fn plain(native: &str) -> String {
    let mut out = String::with_capacity(native.len());
    for c in native.chars() {
        out.push(match c {
            'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' => 'ا',
            'ی' | 'ى' | 'ې' | 'ۍ' | 'ے' | 'ئ' => 'ي',
            'ک' => 'ك',
            'ہ' | 'ھ' | 'ۀ' | 'ة' | 'ۃ' | 'ە' => 'ه',
            'ؤ' => 'و',
            'ء' => continue,
            c if letter(c).is_some() => c,
            _ => continue,
        });
    }
    out
}
