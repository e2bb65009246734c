//! Tables of words that names are made of (`lists`): what is a title, a particle, a common name, a short form.

use super::lists::{
    ARTICLES, CHILD_OF, FILLERS, KUNYA, LEGAL, NAMES, SERVANT, SHORT_FORMS, SOFT_TITLES,
    SYLLABLE_SURNAMES, TITLES,
};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What a word is in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordKind {
    /// A title or form of address: nearly no evidence.
    Title,
    /// The article of Arabic names, and particles of surnames: no evidence by itself.
    Article,
    /// "Son of", "daughter of", in the languages that write it as a word.
    ChildOf,
    /// "Servant of": belongs to the word after it.
    Servant,
    /// "Father of", "mother of": belongs to the word after it.
    Kunya,
    /// A title that is also a name: a title where there are other names enough.
    SoftTitle,
    /// A legal form of a company: little evidence.
    LegalForm,
    /// A small word of company names.
    Filler,
}

/// A common name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct KnownName {
    /// Its line: equal numbers are one name.
    pub(crate) line: u16,
    /// Its weight as evidence.
    pub(crate) weight: f32,
}

/// What the tables say of a word.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// What it is, where it is not simply a name.
    pub(crate) kind: Option<WordKind>,
    /// The common name that it spells.
    pub(crate) known: Option<KnownName>,
    full_names: Vec<&'static str>,
    is_syllable_surname: bool,
}

impl WordKind {
    /// Whether it belongs to the word after it and makes another name of it.
    fn is_bound(self) -> bool {
        matches!(self, Self::Servant | Self::Kunya)
    }
}

/// How some words begin: per first letter the second ones, one bit each.
#[derive(Default)]
struct Beginnings([u32; 32]);

impl Beginnings {
    fn add(&mut self, word: &[u8]) {
        if let [first, second, ..] = word {
            self.0[usize::from(first & 31)] |= 1 << (second & 31);
        }
    }

    /// Whether one of the words may be this one.
    fn has(&self, word: &[u8]) -> bool {
        matches!(word, [first, second, ..] if self.0[usize::from(first & 31)] >> (second & 31) & 1 != 0)
    }
}

/// A number for the first two bytes of a word, and the bit of its length.
fn start(word: &[u8]) -> (usize, u32) {
    let byte = |i: usize| usize::from(word.get(i).copied().unwrap_or_default() & 31);
    (byte(0) << 5 | byte(1), 1 << word.len().min(31))
}

pub(crate) struct Tables {
    said: FxHashMap<&'static [u8], Said>,
    /// Per first two bytes of a word, by [`start`], the lengths that words of the tables have, one bit each: most words
    /// that stand in no table are told by it.
    lengths: [u32; 1024],
    /// How short forms begin, and how words do that belong to the next one: most words are told by it to be none.
    short_forms: Beginnings,
    bound: Beginnings,
}

impl Tables {
    /// The tables, made once.
    pub(crate) fn get() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(Self::make)
    }

    fn make() -> Self {
        let mut said: FxHashMap<&'static [u8], Said> = FxHashMap::default();
        // A word of two lists is what the later one says.
        for (words, kind) in [
            (FILLERS, WordKind::Filler),
            (LEGAL, WordKind::LegalForm),
            (TITLES, WordKind::Title),
            (SOFT_TITLES, WordKind::SoftTitle),
            (ARTICLES, WordKind::Article),
            (CHILD_OF, WordKind::ChildOf),
            (SERVANT, WordKind::Servant),
            (KUNYA, WordKind::Kunya),
        ] {
            for word in words.split_whitespace() {
                said.entry(word.as_bytes()).or_default().kind = Some(kind);
            }
        }
        for (line, text) in NAMES.lines().enumerate() {
            let mut words = text.split_whitespace();
            let weight = words.next().and_then(|w| w.parse().ok()).unwrap_or(1.0);
            for word in words {
                let known = &mut said.entry(word.as_bytes()).or_default().known;
                known.get_or_insert(KnownName {
                    line: line as u16,
                    weight,
                });
            }
        }
        for text in SHORT_FORMS.lines() {
            let mut words = text.split_whitespace();
            if let Some(full) = words.next() {
                for word in words {
                    let said = said.entry(word.as_bytes()).or_default();
                    said.full_names.push(full);
                }
            }
        }
        for word in SYLLABLE_SURNAMES.split_whitespace() {
            let said = said.entry(word.as_bytes()).or_default();
            said.is_syllable_surname = true;
        }
        let mut lengths = [0; 1024];
        for word in said.keys() {
            let (start, length) = start(word);
            lengths[start] |= length;
        }
        let (mut short_forms, mut bound) = (Beginnings::default(), Beginnings::default());
        for (word, said) in &said {
            if !said.full_names.is_empty() {
                short_forms.add(word);
            }
            if said.kind.is_some_and(WordKind::is_bound) {
                bound.add(word);
            }
        }
        Self {
            said,
            lengths,
            short_forms,
            bound,
        }
    }

    /// All that is said of a word, by its form for the tables.
    pub(crate) fn said(&self, word: &[u8]) -> Option<&Said> {
        let (start, length) = start(word);
        if self.lengths[start] & length == 0 {
            return None;
        }
        self.said.get(word)
    }

    /// What the word is, where it is not simply a name.
    pub(crate) fn kind(&self, word: &[u8]) -> Option<WordKind> {
        self.said(word)?.kind
    }

    /// What the word is where it belongs to the word after it.
    pub(crate) fn bound(&self, word: &[u8]) -> Option<WordKind> {
        if !self.bound.has(word) {
            return None;
        }
        self.kind(word).filter(|kind| kind.is_bound())
    }

    /// The common name that the word spells.
    pub(crate) fn known(&self, word: &[u8]) -> Option<KnownName> {
        self.said(word)?.known
    }

    /// Whether one word is a short form of the other, in any spelling of the full name.
    pub(crate) fn is_short_form(&self, a: &[u8], b: &[u8]) -> bool {
        let shortens = |short: &[u8], full: &[u8]| {
            self.full_names(short).iter().any(|f| {
                f.as_bytes() == full
                    || self
                        .known(f.as_bytes())
                        .zip(self.known(full))
                        .is_some_and(|(x, y)| x.line == y.line)
            })
        };
        shortens(a, b) || shortens(b, a)
    }

    /// Whether it is a surname of a language whose names are made of syllables.
    pub(crate) fn is_syllable_surname(&self, word: &[u8]) -> bool {
        self.said(word).is_some_and(|s| s.is_syllable_surname)
    }

    /// The full names that a short form stands for.
    pub(crate) fn full_names(&self, word: &[u8]) -> &[&'static str] {
        if !self.short_forms.has(word) {
            return &[];
        }
        self.said(word).map_or(&[], |s| s.full_names.as_slice())
    }
}
