//! Cyrillic: Russian, Ukrainian, Belarusian, Serbian, Macedonian, Bulgarian, Kazakh and their neighbours.
//! Close to Doc 9303-3 table 6 B; the comparison of sounds evens out the other systems.

/// Lower-case Latin for a word in Cyrillic.
pub(crate) fn romanise(native: &str) -> String {
    let mut out = String::with_capacity(native.len());
    for c in native.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
            continue;
        }
        out.push_str(match c {
            'а' | 'ә' => "a",
            'б' => "b",
            'в' => "v",
            'г' | 'ґ' => "g",
            'д' => "d",
            'ѓ' | 'ђ' => "dj",
            'е' | 'э' => "e",
            'ё' => "yo",
            'є' => "ye",
            'ж' | 'җ' => "zh",
            'з' => "z",
            'ѕ' => "dz",
            'и' | 'і' | 'ѝ' => "i",
            'ї' => "yi",
            'й' | 'ј' => "y",
            'к' | 'қ' => "k",
            'ќ' => "kj",
            'л' => "l",
            'љ' => "lj",
            'м' => "m",
            'н' => "n",
            'њ' => "nj",
            'ң' => "ng",
            'о' | 'ө' => "o",
            'п' => "p",
            'р' => "r",
            'с' => "s",
            'т' => "t",
            'ћ' | 'ч' => "ch",
            'у' | 'ү' | 'ұ' => "u",
            'ў' => "w",
            'ф' => "f",
            'х' => "kh",
            'һ' => "h",
            'ғ' => "gh",
            'ц' => "ts",
            'џ' => "dzh",
            'ш' => "sh",
            'щ' => "shch",
            'ы' => "y",
            'ю' => "yu",
            'я' => "ya",
            'ъ' | 'ь' => "",
            _ => "",
        });
    }
    out
}
