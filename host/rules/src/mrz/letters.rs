//! Names in the letters of the zone: the transliteration that Doc 9303-3 section 6 recommends.
//!
//! Latin letters (table A) and Cyrillic letters (table B, its spelling without regard to language). Where
//! table A offers two spellings the longer is taken (`Ä` is `AE`, not `A`), save that `Ñ` is `N`. Latin
//! letters beyond the table (Vietnamese, Romanian with a comma below) become their plain letter. Other
//! scripts are refused: the issuing state spells those names.

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
    ("", "Ь"),
    ("IU", "Ю"),
    ("IA", "Я"),
    ("J", "Ј"),
    ("LJ", "Љ"),
    ("NJ", "Њ"),
    // Section 4.6: a hyphen divides components like a space; apostrophes and full stops leave no trace, and
    // what they stand between is joined.
    ("<", "<-,\u{2010}\u{2011}\u{2013}"),
    ("", "'`´\u{2018}\u{2019}\u{2bc}."),
];

/// A name, or a part of one, in the zone's letters: components divided by single fillers, none at either end.
///
/// ```
/// # use mpaka_rules::mrz::to_zone_letters;
/// assert_eq!(to_zone_letters("Þóra Ólafsdóttir-Müller"), Ok("THORA<OLAFSDOTTIR<MUELLER".into()));
/// assert_eq!(to_zone_letters("O'Connor"), Ok("OCONNOR".into()));
/// assert_eq!(to_zone_letters("أحمد"), Err('أ'));
/// ```
///
/// # Errors
/// The first character for which there is no spelling; digits among them, which no name in a zone holds.
pub fn to_zone_letters(name: &str) -> Result<String, char> {
    let mut spelt = String::with_capacity(name.len());
    for character in name.chars().flat_map(char::to_uppercase) {
        if character.is_ascii_uppercase() {
            spelt.push(character);
        } else if character.is_whitespace() {
            spelt.push('<');
        } else {
            let (spelling, _) = SPELLINGS
                .iter()
                .find(|(_, letters)| letters.contains(character))
                .ok_or(character)?;
            spelt.push_str(spelling);
        }
    }
    Ok(spelt
        .split('<')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("<"))
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
            ("Jean-Luc d’Artagnan", "JEAN<LUC<DARTAGNAN"),
            ("  van  der   Muelen ", "VAN<DER<MUELEN"),
            ("Smith, Jr.", "SMITH<JR"),
            ("", ""),
        ] {
            assert_eq!(to_zone_letters(name).as_deref(), Ok(spelt), "{name}");
        }
        assert_eq!(to_zone_letters("Henry 8"), Err('8'));
        assert_eq!(to_zone_letters("李"), Err('李'));
    }
}
