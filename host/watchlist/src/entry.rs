//! One line of the list: a person, or a document.

use crate::gallery::ListedFace;
use jiff::civil::Date;
use rules::EntryId;
use rules::date::PartialDate;
use rules::mrz::Sex;
use serde::{Deserialize, Serialize};

/// Whether a name is the one the source gives first, or another that the person goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// The name that the source gives first.
    #[default]
    Primary,
    /// Another name that the source calls good.
    Alias,
    /// Another name that the source itself calls weak (of low quality): a candidate only with the birth date.
    Weak,
}

/// One name of a listed person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListedName {
    /// The name in any script and order; `SURNAME, Given` tells its parts.
    pub text: String,
    /// The script as an ISO 15924 code where the source states it; found from the text otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Primary or alias.
    #[serde(default)]
    pub kind: NameKind,
}

impl ListedName {
    /// A primary name.
    #[must_use]
    pub fn primary(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            script: None,
            kind: NameKind::Primary,
        }
    }

    /// An alias.
    #[must_use]
    pub fn alias(text: impl Into<String>) -> Self {
        Self {
            kind: NameKind::Alias,
            ..Self::primary(text)
        }
    }
}

/// Who may be told what of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Handling {
    /// The first line may read the action.
    #[default]
    Open,
    /// The first line sees only that the second line should look.
    Discreet,
    /// A protected person: sealed from the first line's view.
    Protected,
}

/// One listed person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonEntry {
    /// Stable across editions.
    pub entry: EntryId,
    /// At least one name.
    pub names: Vec<ListedName>,
    /// Every birth date the source gives; an empty list where it gives none.
    #[serde(default)]
    pub births: Vec<PartialDate>,
    /// Sex, where stated.
    #[serde(default)]
    pub sex: Sex,
    /// Nationalities as codes of Doc 9303-3 section 5 (ISO 3166-1 alpha-3).
    #[serde(default)]
    pub nationalities: Vec<String>,
    /// Documents known to be this person's.
    #[serde(default)]
    pub documents: Vec<ListedDocument>,
    /// Which list it comes from, e.g. `UN 1267`.
    pub provenance: String,
    /// The law or order that the listing rests on.
    #[serde(default)]
    pub legal_basis: String,
    /// The last day on which the entry may be searched.
    #[serde(default)]
    pub expires: Option<Date>,
    /// What the second line should do, in the owner's words.
    #[serde(default)]
    pub action: String,
    /// Who may be told.
    #[serde(default)]
    pub handling: Handling,
    /// Templates of the person's face, made at headquarters of the list's photographs. In an edition they stand in
    /// its gallery, not here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faces: Vec<ListedFace>,
}

impl PersonEntry {
    /// An entry with these names and nothing else known.
    #[must_use]
    pub fn new(entry: EntryId, names: Vec<ListedName>, provenance: impl Into<String>) -> Self {
        Self {
            entry,
            names,
            births: Vec::new(),
            sex: Sex::Unspecified,
            nationalities: Vec::new(),
            documents: Vec::new(),
            provenance: provenance.into(),
            legal_basis: String::new(),
            expires: None,
            action: String::new(),
            handling: Handling::Open,
            faces: Vec::new(),
        }
    }
}

impl PersonEntry {
    /// SHA-256 of all that the entry says: another digest, another entry.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // Plain types, which JSON can always hold; one that it could not would equal no kept digest.
        let text = serde_json::to_vec(self).unwrap_or_default();
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, &text).as_ref());
        digest
    }
}

/// A document named in a person's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedDocument {
    /// The number as the source writes it; separators do not matter.
    pub number: String,
    /// The issuing state (ISO 3166-1 alpha-3 or Doc 9303-3 section 5).
    pub state: String,
    /// The document code as in a zone (`P`, `ID`, `V` …); empty where any type is meant.
    #[serde(default)]
    pub document_type: String,
}

/// One lost, stolen or revoked document: number, issuing state and type, as in Interpol's SLTD.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// The number; separators do not matter.
    pub number: String,
    /// The issuing state (ISO 3166-1 alpha-3 or Doc 9303-3 section 5).
    pub state: String,
    /// The document code as in a zone (`P`, `ID`, `V` …); empty where any type is meant.
    #[serde(default)]
    pub document_type: String,
    /// The entry's own name; where absent (bulk lists), the candidate is named by its digest.
    #[serde(default)]
    pub entry: Option<EntryId>,
}
