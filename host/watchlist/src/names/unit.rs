//! A *unit*: one comparable part of a name.

use super::script::Text;

/// More parts of a name are not looked at; no person's name has so many.
pub(crate) const MOST_UNITS: usize = 64;

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// A name.
    Name,
    /// One letter that stands for a name.
    Initial,
    /// A title, legal form or small word: hardly any evidence.
    Minor,
    /// A title that is also a name.
    SoftTitle,
    /// A number, as in names of companies and ships.
    Number,
}

/// A word that is bound to the name and turns it into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affix {
    None,
    /// `Abd al-…`.
    Servant,
    /// `… al-Din`.
    Faith,
    /// `… ullah`.
    God,
    /// `Abu …`, `Umm …`.
    Kunya,
}

/// Which part of the name a comma says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Unknown,
    Surname,
    Given,
}

/// One comparable part of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unit {
    /// As written, in Latin letters, for the explanation.
    pub(crate) shown: Text,
    /// The stem in Latin letters.
    pub(crate) text: Text,
    /// The stem in its own characters, for scripts whose romanisation loses too much.
    pub(crate) native: Option<String>,
    /// The stem in sounds.
    pub(crate) sounds: Text,
    /// Another way to read it: without a glued article, or by Somali spelling.
    pub(crate) other: Option<Text>,
    /// Short vowels are not written.
    pub(crate) abjad: bool,
    /// The common name that it spells, and none other.
    pub(crate) known: Option<u16>,
    pub(crate) affix: Affix,
    pub(crate) weight: f32,
    pub(crate) kind: UnitKind,
    pub(crate) role: Role,
    /// "Son of" or the like stands between this unit and the next.
    pub(crate) child_of_next: bool,
}
