//! Greek by the sound of today (ELOT 743, ISO 843).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Pairs of letters that stand for one sound.
const PAIRS: &[(&str, &str)] = &[
    ("ου", "ou"),
    ("αυ", "av"),
    ("ευ", "ev"),
    ("μπ", "b"),
    ("ντ", "d"),
    ("γκ", "g"),
    ("γγ", "ng"),
    ("γχ", "nch"),
    ("τζ", "tz"),
    ("αι", "ai"),
    ("ει", "ei"),
    ("οι", "oi"),
];

/// Lower-case Latin for a word in Greek.
pub(crate) fn romanise(native: &str) -> String {
    let plain: String = native.nfd().filter(|c| !is_combining_mark(*c)).collect();
    let mut out = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((pair, latin)) = PAIRS.iter().find(|(p, _)| rest.starts_with(p)) {
            // At the start of a word ντ is d and μπ b; within, the nasal is often heard and written.
            out.push_str(match *pair {
                "μπ" if !out.is_empty() => "mp",
                "ντ" if !out.is_empty() => "nt",
                _ => latin,
            });
            rest = &rest[pair.len()..];
            continue;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c);
            rest = &rest[1..];
            continue;
        }
        out.push_str(match c {
            'α' => "a",
            'β' => "v",
            'γ' => "g",
            'δ' => "d",
            'ε' => "e",
            'ζ' => "z",
            'η' | 'ι' | 'υ' => "i",
            'θ' => "th",
            'κ' => "k",
            'λ' => "l",
            'μ' => "m",
            'ν' => "n",
            'ξ' => "x",
            'ο' | 'ω' => "o",
            'π' => "p",
            'ρ' => "r",
            'σ' | 'ς' => "s",
            'τ' => "t",
            'φ' => "f",
            'χ' => "ch",
            'ψ' => "ps",
            _ => "",
        });
        rest = &rest[c.len_utf8()..];
    }
    out
}
