//! What is written as one word with a name: `Abdurrahman`, `Noureddine`, `Alhassan`; and Somali spelling.

use super::script::{Text, sounds_of_latin};
use super::unit::Affix;
use super::words::Tables;

/// `abdurrahman`, `noureddine`, `atiqullah`: one written word that is two.
pub(super) fn glued_affix(latin: &[u8]) -> Option<(Affix, &[u8])> {
    let abd = latin
        .strip_prefix(b"cabd")
        .or_else(|| latin.strip_prefix(b"abd"));
    if let Some(rest) = abd.filter(|r| r.len() >= 4) {
        let bytes = rest;
        let mut at = usize::from(matches!(bytes[0], b'u' | b'e' | b'a' | b'i' | b'o'));
        if at == 1 {
            if bytes[1] == b'l' && bytes.len() > 4 {
                at = 2;
            } else if bytes.get(1) == bytes.get(2) {
                // The article's l has become the letter after it: Abdurrahman.
                at = 2;
            } else if bytes.len() > 5 && matches!(&rest[1..3], b"rr" | b"ss" | b"sh") {
                at = 1;
            }
        }
        let stem = &rest[at..];
        // "Abdursalam", "Abdulrahim": the article was written as another name has it.
        let tables = Tables::get();
        if tables.known(stem).is_none()
            && let Some(stem) = rest.get(2..).filter(|s| tables.known(s).is_some())
            && matches!(
                &bytes[..2],
                [b'u' | b'e' | b'a' | b'i' | b'o', b'l' | b'r' | b's' | b'n']
            )
        {
            return Some((Affix::Servant, stem));
        }
        if at > 0 && stem.len() >= 3 && stem != b"lah" && stem != b"llah" {
            return Some((Affix::Servant, stem));
        }
    }
    // Every ending closes with one of these, as most words do not.
    let faith = matches!(
        latin,
        [.., b'd', b'i', b'n'] | [.., b'd', b'i', b'n', b'e'] | [.., b'd', b'e', b'e', b'n']
    );
    let god = matches!(latin, [.., b'l', b'l', b'a'] | [.., b'l', b'l', b'a', b'h']);
    if !faith && !god {
        return None;
    }
    for ending in [
        "uddin", "uddine", "eddine", "eddin", "uddeen", "addin", "udin", "edin", "edine", "aldin",
        "eldin", "eldine", "addine", "adin", "adine", "iddin", "iddine", "ideen", "idin", "idine",
        "udeen", "adeen", "edeen", "addeen", "eddeen", "uldin", "uldeen", "aldeen", "eldeen",
    ] {
        if let Some(stem) = latin
            .strip_suffix(ending.as_bytes())
            .filter(|s| s.len() >= 3)
        {
            return Some((Affix::Faith, stem));
        }
    }
    for ending in ["ullah", "ollah", "allah", "ulla", "ellah", "olla"] {
        if let Some(stem) = latin
            .strip_suffix(ending.as_bytes())
            .filter(|s| s.len() >= 3)
        {
            return Some((Affix::God, stem));
        }
    }
    None
}

/// The word without an article or "son of" written as part of it.
pub(super) fn without_article(latin: &[u8]) -> Option<&[u8]> {
    let bytes = latin;
    if !matches!(bytes.first(), Some(b'a' | b'b' | b'e' | b'i')) {
        return None;
    }
    for glued in [
        "binal", "benal", "al", "el", "bin", "ben", "bel", "bou", "il",
    ] {
        if let Some(stem) = latin
            .strip_prefix(glued.as_bytes())
            .filter(|s| s.len() >= 4)
        {
            return Some(stem);
        }
    }
    // Essid, Ettayeb, Ennaji: the article's l has become the letter after it.
    if bytes.len() >= 5 && bytes[0] == b'e' && bytes[1] == bytes[2] && b"srtdnz".contains(&bytes[1])
    {
        return Some(&latin[2..]);
    }
    None
}

/// Somali spelling: x is a strong h, c is ayn, doubled vowels are long.
pub(super) fn somali(latin: &[u8]) -> Option<Text> {
    let bytes = latin;
    // Most words have neither.
    let letters = bytes.iter().fold(0u32, |all, b| all | 1 << (b & 31));
    if letters & (1 << (b'x' & 31) | 1 << (b'c' & 31)) == 0 {
        return None;
    }
    let ayn = |i: usize| {
        bytes[i] == b'c'
            && !matches!(bytes.get(i + 1), Some(b'h' | b'k' | b'z' | b'c'))
            && (i == 0 || i + 1 == bytes.len() || b"aeiou".contains(&bytes[i - 1]))
    };
    if !bytes.contains(&b'x') && !(0..bytes.len()).any(ayn) {
        return None;
    }
    let mut read = Text::new();
    for (i, &b) in bytes.iter().enumerate() {
        match b {
            b'x' => read.push(b'h'),
            b'c' if ayn(i) => {}
            b => read.push(b),
        }
    }
    Some(sounds_of_latin(&read))
}
