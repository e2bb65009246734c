//! The record of one encounter, as it is stored, sealed and sent. Versioned: old ones must stay readable.

use crate::decision::DecisionRecord;
use crate::{Advised, Candidate, Check, EditionNumber, EncounterId, LaneId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was read of the document, as strings of the zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// The zone's lines as read, or as the officer corrected them.
    pub mrz: Vec<String>,
    /// The zone's lines as the machine read them, where the officer corrected any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mrz_before_correction: Option<Vec<String>>,
}

/// One encounter: everything that headquarters learns of it. Holds personal data; leaves the box only sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncounterRecord {
    /// The layout's version: [`EncounterRecord::VERSION`] for those written now.
    pub version: u16,
    /// Post and sequence.
    pub id: EncounterId,
    /// The desk.
    pub lane: LaneId,
    /// When the document was presented.
    pub opened_at: Timestamp,
    /// The document, where its zone could be read.
    pub document: Option<DocumentRecord>,
    /// Every question asked, with its answer.
    pub checks: Vec<Check>,
    /// One-to-one face score, where one was formed.
    pub face_score: Option<f32>,
    /// What the search brought up.
    pub candidates: Vec<Candidate>,
    /// The edition that was searched.
    pub edition: Option<EditionNumber>,
    /// What the machine said.
    pub advised: Advised,
    /// What the officer said; absent for an inspection run without an officer's decision.
    pub decision: Option<DecisionRecord>,
}

impl EncounterRecord {
    /// The version that this program writes.
    pub const VERSION: u16 = 1;
}
