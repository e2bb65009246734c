//! Names in the letters of the zone: the transliteration that Doc 9303-3 section 6 recommends.
//!
//! Tables A (Latin), B (Cyrillic, its spelling without regard to language) and C (Arabic script). Where
//! table A offers several spellings the one with `E` is taken (`Ä` is `AE`, not `A`), and `Ñ` is `N`. Latin
//! letters beyond the table (Vietnamese, Romanian with a comma below) become their plain letter. Other
//! scripts are refused: the issuing state spells those names.
//!
//! Table C is a code that can be turned back into Arabic letters, not the usual spelling of a name: the
//! printed page of an Arabic passport mostly spells it otherwise, and so do lists.

/// Spellings, with the letters that take them.
const SPELLINGS: &[(&str, &str)] = &[
    // Table A.
    ("A", "ÀÁÂÃĀĂĄ"),
    ("AA", "Å"),
    ("AE", "ÄÆ"),
    ("C", "ÇĆĈĊČ"),
    ("D", "ÐĎĐ"),
    ("E", "ÈÉÊËĒĔĖĘĚ"),
    ("G", "ĜĞĠĢ"),
    ("H", "ĤĦ"),
    ("I", "ÌÍÎÏĨĪĬĮİ"),
    ("IJ", "Ĳ"),
    ("J", "Ĵ"),
    ("K", "Ķ"),
    ("L", "ĹĻĽĿŁ"),
    ("N", "ÑŃŅŇŊ"),
    ("O", "ÒÓÔÕŌŎŐ"),
    ("OE", "ÖØŒ"),
    ("R", "ŔŖŘ"),
    ("S", "ŚŜŞŠ"),
    ("SS", "ẞ"),
    ("T", "ŢŤŦ"),
    ("TH", "Þ"),
    ("U", "ÙÚÛŨŪŬŮŰŲ"),
    ("UE", "Ü"),
    ("W", "Ŵ"),
    ("Y", "ÝŶŸ"),
    ("Z", "ŹŻŽ"),
    // Latin letters beyond it.
    ("A", "ẠẢẤẦẨẪẬẮẰẲẴẶ"),
    ("E", "ẸẺẼẾỀỂỄỆ"),
    ("I", "ỈỊ"),
    ("O", "ƠỌỎỐỒỔỖỘỚỜỞỠỢ"),
    ("S", "Ș"),
    ("T", "Ț"),
    ("U", "ƯỤỦỨỪỬỮỰ"),
    ("Y", "ỲỴỶỸ"),
    // Table B.
    ("A", "А"),
    ("B", "Б"),
    ("V", "В"),
    ("G", "ГҐ"),
    ("D", "Д"),
    ("E", "ЕЁЭ"),
    ("ZH", "Ж"),
    ("Z", "З"),
    ("I", "ИЙІЇ"),
    ("K", "К"),
    ("L", "Л"),
    ("M", "М"),
    ("N", "Н"),
    ("O", "О"),
    ("P", "П"),
    ("R", "Р"),
    ("S", "С"),
    ("T", "Т"),
    ("U", "УЎ"),
    ("F", "Ф"),
    ("KH", "Х"),
    ("TS", "Ц"),
    ("CH", "Ч"),
    ("SH", "Ш"),
    ("SHCH", "Щ"),
    ("IE", "ЪЄ"),
    ("Y", "Ы"),
    ("IU", "Ю"),
    ("IA", "Я"),
    ("J", "Ј"),
    ("LJ", "Љ"),
    ("NJ", "Њ"),
    ("DZ", "ЅЏ"),
    ("K", "Ќ"),
    // The table passes the soft sign over: it stands for no letter.
    ("", "Ь"),
    // Table C. Teh marbuta and shadda depend on their neighbours: see `spell`.
    ("XE", "\u{621}"),
    ("XAA", "\u{622}"),
    ("XAE", "\u{623}"),
    ("U", "\u{624}"),
    ("I", "\u{625}"),
    ("XI", "\u{626}"),
    ("A", "\u{627}"),
    ("B", "\u{628}"),
    ("T", "\u{62a}"),
    ("XTH", "\u{62b}"),
    ("J", "\u{62c}"),
    ("XH", "\u{62d}"),
    ("XKH", "\u{62e}"),
    ("D", "\u{62f}"),
    ("XDH", "\u{630}"),
    ("R", "\u{631}"),
    ("Z", "\u{632}"),
    ("S", "\u{633}"),
    ("XSH", "\u{634}"),
    ("XSS", "\u{635}"),
    ("XDZ", "\u{636}"),
    ("XTT", "\u{637}"),
    ("XZZ", "\u{638}"),
    ("E", "\u{639}"),
    ("G", "\u{63a}"),
    ("F", "\u{641}"),
    ("Q", "\u{642}"),
    ("K", "\u{643}"),
    ("L", "\u{644}"),
    ("M", "\u{645}"),
    ("N", "\u{646}"),
    ("H", "\u{647}"),
    ("W", "\u{648}"),
    ("XAY", "\u{649}"),
    ("Y", "\u{64a}\u{6d0}"),
    ("XXA", "\u{671}"),
    ("XXT", "\u{679}"),
    ("XRT", "\u{67c}"),
    ("P", "\u{67e}"),
    ("XKE", "\u{681}"),
    ("XXH", "\u{685}"),
    ("XC", "\u{686}"),
    ("XXD", "\u{688}"),
    ("XDR", "\u{689}"),
    ("XXR", "\u{691}"),
    ("XRR", "\u{693}"),
    ("XRX", "\u{696}"),
    ("XJ", "\u{698}"),
    ("XXS", "\u{69a}"),
    ("XKK", "\u{6a9}"),
    ("XXK", "\u{6ab}"),
    ("XNG", "\u{6ad}"),
    ("XGG", "\u{6af}"),
    ("XNN", "\u{6ba}"),
    ("XXN", "\u{6bc}"),
    ("XDO", "\u{6be}"),
    ("XYH", "\u{6c0}"),
    ("XXG", "\u{6c1}"),
    ("XGE", "\u{6c2}"),
    ("XTG", "\u{6c3}"),
    ("XYA", "\u{6cc}"),
    ("XXY", "\u{6cd}"),
    ("XYB", "\u{6d2}"),
    ("XBE", "\u{6d3}"),
    // The lengthening stroke, the vowel signs and four letters that the table does not encode.
    (
        "",
        "\u{640}\u{64b}\u{64c}\u{64d}\u{64e}\u{64f}\u{650}\u{652}\u{670}\u{69c}\u{6a2}\u{6a7}\u{6a8}",
    ),
    // Section 4.6: a hyphen or comma divides components like a space; every other mark leaves no trace,
    // and what it stands between is joined.
    ("<", "<-,\u{2010}\u{2011}\u{2013}\u{60c}"),
    ("", "´·\u{2018}\u{2019}\u{201c}\u{201d}\u{2bb}\u{2bc}"),
];

/// A name, or a part of one, in the zone's letters: components divided by single fillers, none at either end.
///
/// ```
/// # use mpaka_rules::mrz::to_zone_letters;
/// assert_eq!(to_zone_letters("Þóra Ólafsdóttir-Müller"), Ok("THORA<OLAFSDOTTIR<MUELLER".into()));
/// assert_eq!(to_zone_letters("O'Connor"), Ok("OCONNOR".into()));
/// assert_eq!(to_zone_letters("李"), Err('李'));
/// ```
///
/// # Errors
/// The first character for which there is no spelling; digits among them, which no name in a zone holds.
pub fn to_zone_letters(name: &str) -> Result<String, char> {
    let letters: Vec<char> = name.chars().flat_map(char::to_uppercase).collect();
    let mut spelt = String::with_capacity(letters.len());
    let mut before = "";
    for (at, letter) in letters.iter().enumerate() {
        let last_of_component = || {
            letters[at + 1..]
                .iter()
                .find(|c| !is_arabic_mark(**c))
                .is_none_or(|c| divides(*c))
        };
        let next = match *letter {
            TEH_MARBUTA if last_of_component() => "XAH",
            TEH_MARBUTA => "XTA",
            // The sequence before is said twice; its X, which only marks a sequence, is not.
            SHADDA => before.strip_prefix('X').unwrap_or(before),
            'A'..='Z' => {
                spelt.push(*letter);
                ""
            }
            letter => spell(letter).ok_or(letter)?,
        };
        spelt.push_str(next);
        // Vowel signs may stand between a letter and its shadda.
        if !is_arabic_mark(*letter) {
            before = next;
        }
    }
    Ok(spelt
        .split('<')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("<"))
}

const TEH_MARBUTA: char = '\u{629}';
const SHADDA: char = '\u{651}';

/// Signs above and below an Arabic letter.
fn is_arabic_mark(letter: char) -> bool {
    matches!(letter, '\u{64b}'..='\u{652}' | '\u{670}')
}

fn divides(letter: char) -> bool {
    spell(letter) == Some("<")
}

/// What stands for a character other than `A-Z`; `None` where nothing can.
fn spell(letter: char) -> Option<&'static str> {
    if letter.is_whitespace() {
        return Some("<");
    }
    if let Some((spelling, _)) = SPELLINGS
        .iter()
        .find(|(_, letters)| letters.contains(letter))
    {
        return Some(spelling);
    }
    letter.is_ascii_punctuation().then_some("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_has_two_spellings_and_every_spelling_is_of_the_zone() {
        let mut seen = std::collections::BTreeSet::new();
        for (spelling, letters) in SPELLINGS {
            assert!(
                spelling
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'<')
            );
            for letter in letters.chars() {
                assert!(seen.insert(letter), "{letter} twice");
            }
        }
    }

    #[test]
    fn names_of_many_lands() {
        for (name, spelt) in [
            ("Eriksson", "ERIKSSON"),
            ("Čapek", "CAPEK"),
            ("Gößmann", "GOESSMANN"),
            ("STRAẞE", "STRASSE"),
            ("Núñez", "NUNEZ"),
            ("Ærø Ångström", "AEROE<AANGSTROEM"),
            ("Işık İnönü", "ISIK<INOENUE"),
            ("Nguyễn Văn Đức", "NGUYEN<VAN<DUC"),
            ("Șerban Țepeș", "SERBAN<TEPES"),
            ("Смирнова-Щеглова Юлия", "SMIRNOVA<SHCHEGLOVA<IULIIA"),
            ("Ігор Зеленський", "IGOR<ZELENSKII"),
            // The two examples of the notes to table C: doubling by shadda, teh marbuta at the end.
            ("عبّاس", "EBBAS"),
            ("فضّة", "FXDZDZXAH"),
            ("فاطمة الزهراء", "FAXTTMXAH<ALZHRAXE"),
            ("مُحَمَّد", "MXHMMD"),
            ("Jean-Luc d’Artagnan", "JEAN<LUC<DARTAGNAN"),
            ("  van  der   Muelen ", "VAN<DER<MUELEN"),
            ("Smith, Jr.", "SMITH<JR"),
            ("A. B. (Tony) \"X\" N/A", "A<B<TONY<X<NA"),
            ("", ""),
        ] {
            assert_eq!(to_zone_letters(name).as_deref(), Ok(spelt), "{name}");
        }
        assert_eq!(to_zone_letters("Henry 8"), Err('8'));
        assert_eq!(to_zone_letters("李"), Err('李'));
        // A letter and its accent as two characters: refused, rather than spelt without the accent.
        assert_eq!(to_zone_letters("Mu\u{308}ller"), Err('\u{308}'));
    }
}
