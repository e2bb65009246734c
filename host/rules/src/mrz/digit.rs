//! Check digits (Doc 9303-3 section 4.9): weights 7, 3, 1, modulo 10.
//!
//! Each weight is coprime to 10, so a change of one character is seen exactly where the two characters'
//! values differ modulo 10. The scheme is blind within each of these ten classes:
//! `0AKU<`, `1BLV`, `2CMW`, `3DNX`, `4EOY`, `5FPZ`, `6GQ`, `7HR`, `8IS`, `9JT`.
//! Among the usual confusions of reading it sees 0/O, 0/D, 1/I, 2/Z, 5/S and 8/B, and does not see 6/G,
//! 0/U and K/<. Where the layout allows only digits or only letters, its alphabet sees those.

/// The value of a character (Doc 9303-3 section 4.9): digits themselves, `A` to `Z` 10 to 35, `<` 0.
fn value(character: u8) -> Option<u32> {
    match character {
        b'0'..=b'9' => Some(u32::from(character - b'0')),
        b'A'..=b'Z' => Some(u32::from(character - b'A') + 10),
        b'<' => Some(0),
        _ => None,
    }
}

/// The check digit of these characters; `None` where one of them cannot stand in a zone.
///
/// ```
/// # use mpaka_rules::mrz::check_digit;
/// assert_eq!(check_digit("520727"), Some('3')); // the example of Doc 9303-3 section 4.9
/// assert_eq!(check_digit("AB2134<<<"), Some('5')); // and its second
/// ```
#[must_use]
pub fn check_digit(characters: &str) -> Option<char> {
    let mut sum = 0;
    for (character, weight) in characters.bytes().zip([7, 3, 1].into_iter().cycle()) {
        // Reduced at every step: texts of any length stay in range.
        sum = (sum + value(character)? * weight) % 10;
    }
    char::from_digit(sum, 10)
}
