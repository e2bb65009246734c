//! Ethiopic: Amharic, Tigrinya and Ge'ez. Every character is a consonant with a vowel, eight to a
//! row of the Unicode table, in the order ä u i a e ə o wa.

/// The consonant of each row of eight, from U+1200 on.
const ROWS: &[&str] = &[
    "h", "l", "h", "m", "s", "r", "s", "sh", "k", "k", "k", "k", "b", "v", "t", "ch", "h", "h",
    "n", "ny", "", "k", "k", "k", "k", "w", "", "z", "zh", "y", "d", "d", "j", "g", "g", "g", "t",
    "ch", "p", "ts", "ts", "f", "p",
];

/// Lower-case Latin for a word in Ethiopic. The sixth form is a consonant with no vowel or a weak one.
pub(crate) fn romanise(native: &str) -> String {
    let mut out = String::with_capacity(native.len());
    let row_of = |c: char| Some(u32::from(c).checked_sub(0x1200)? / 8);
    let mut letters = native.chars().peekable();
    while let Some(c) = letters.next() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
            continue;
        }
        let Some(place) = u32::from(c).checked_sub(0x1200) else {
            continue;
        };
        let (row, form) = ((place / 8) as usize, place % 8);
        let Some(consonant) = ROWS.get(row) else {
            continue;
        };
        out.push_str(consonant);
        out.push_str(match form {
            // Gutturals and bare vowels sound "a" in their first form.
            0 if consonant.is_empty() || *consonant == "h" => "a",
            0 => "e",
            1 => "u",
            2 => "i",
            3 => "a",
            4 => "e",
            5 if consonant.is_empty() => "e",
            // Doubling is not written: the same consonant again is a syllable of its own.
            5 if letters
                .peek()
                .is_some_and(|next| row_of(*next) == row_of(c)) =>
            {
                "e"
            }
            5 => "",
            6 => "o",
            _ => "wa",
        });
    }
    out
}
