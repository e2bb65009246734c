//! What a search of the watchlist returns. Only a person makes a hit of it.

use crate::{EntryId, Said};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which kind of evidence brought a candidate up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CandidateKind {
    /// The document's number, state and type are on the list of lost, stolen or revoked documents.
    Document,
    /// A listed person's name and particulars resemble the traveller's.
    Person,
    /// A listed person's face resembles the traveller's.
    Face,
}

/// One piece of the explanation of a score: which evidence matched what, and what it cost or gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The kind of evidence: `name`, `birth`, `sex`, `state`, `document`.
    pub evidence: String,
    /// In plain English, e.g. `ERIKSSON ~ ERICSON 0.93`.
    pub detail: String,
    /// The same for screens in any language; absent where the detail is names alone, and in records of earlier
    /// programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
    /// What it added to or took from the score.
    pub effect: f64,
}

/// One entry of the watchlist that resembles the traveller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The entry, stable across editions.
    pub entry: EntryId,
    /// What brought it up.
    pub kind: CandidateKind,
    /// 0 to 1; for documents 1 is an exact match of number, state and type.
    pub score: f64,
    /// Why, strongest first.
    pub why: Vec<Why>,
    /// An officer has said before that this traveller is not this person: it is shown and raises no advice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared: Option<Cleared>,
}

/// An officer's earlier word that the traveller is not the listed person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// When it was said.
    pub at: Timestamp,
    /// In which role.
    pub by: ClearedBy,
}

/// The role in which an officer said that the traveller is not the listed person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClearedBy {
    /// At the lane.
    FirstLine,
    /// Behind it.
    SecondLine,
}

impl ClearedBy {
    /// The name used in JSON, in stores and in locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstLine => "first_line",
            Self::SecondLine => "second_line",
        }
    }
}
