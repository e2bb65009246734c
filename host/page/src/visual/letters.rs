//! Letters made comparable: printed ones as recognisers misread them, and the zone's spellings of letters
//! that it does not have.

use rules::mrz::to_zone_letters;

/// Capitals and digits only, those that recognisers take for each other made one: `O`, `Q`, `D` and `0`,
/// `I`, `L` and `1`, `Z` and `2`, `S` and `5`, `G` and `6`, `B` and `8`. Two digits never become one.
pub(super) fn alike(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .filter_map(|c| match c {
            'O' | 'Q' | 'D' => Some('0'),
            'I' | 'L' | '|' | '!' => Some('1'),
            'Z' => Some('2'),
            'S' | '$' => Some('5'),
            'G' => Some('6'),
            'B' => Some('8'),
            '€' | '¢' | '©' => Some('C'),
            c if c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

/// A word that is a number but for letters that recognisers take digits for, as that number; `None` where
/// it is anything else.
pub(super) fn as_number(word: &str) -> Option<String> {
    let repaired: String = word
        .chars()
        .map(|c| match c {
            'O' | 'o' | 'Q' | 'D' => '0',
            'I' | 'l' | '|' | '!' | 'i' => '1',
            'Z' | 'z' => '2',
            'S' | 's' | '$' => '5',
            'G' => '6',
            'B' => '8',
            c => c,
        })
        .collect();
    let has_digit = word.chars().any(|c| c.is_ascii_digit());
    let no_letter = !repaired.chars().any(char::is_alphabetic);
    (has_digit && no_letter).then_some(repaired)
}

/// Capitals without their marks, letters of Latin script only in their zone spelling; other characters
/// divide nothing and are left out.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .filter_map(|c| match c {
            'A'..='Z' => Some(c.to_string()),
            // Two letters for one are undone below: recognisers lose the marks anyway.
            c if c.is_alphabetic() => to_zone_letters(&c.to_string()).ok(),
            _ => None,
        })
        .collect()
}

/// A name so that its printed form and the zone's agree however marked letters were spelt (Doc 9303-3
/// section 6: `Ü` may be `UE`, `UXX` or `U`) and whichever of `I` and `L`, `O` and `0` a recogniser saw.
pub(super) fn name(text: &str) -> String {
    let digits_as_letters: String = text
        .chars()
        .map(|c| match c {
            '0' => 'O',
            '1' | '|' | '!' => 'I',
            '5' => 'S',
            '8' => 'B',
            '2' => 'Z',
            '6' => 'G',
            c => c,
        })
        .collect();
    let mut name = plain(&digits_as_letters);
    for (spelt, letter) in [
        ("UXX", "U"),
        ("NXX", "N"),
        ("AE", "A"),
        ("OE", "O"),
        ("UE", "U"),
        ("AA", "A"),
        ("SS", "S"),
        ("IJ", "I"),
        ("L", "I"),
    ] {
        name = name.replace(spelt, letter);
    }
    name
}

/// How many letters must be changed, put in or left out to make one text of the other.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// How alike two texts are, 0 to 1.
pub(super) fn likeness(a: &str, b: &str) -> f32 {
    let longer = a.chars().count().max(b.chars().count()).max(1);
    1.0 - distance(a, b) as f32 / longer as f32
}

/// Digits that worn or blurred print makes of each other.
pub(super) fn easily_confused(a: char, b: char) -> bool {
    const PAIRS: [&str; 15] = [
        "06", "08", "09", "14", "17", "27", "35", "38", "39", "49", "56", "58", "59", "68", "89",
    ];
    let is = |pair: &&str| pair.contains(a) && pair.contains(b);
    a == b || PAIRS.iter().any(is)
}
