//! The record of one encounter, as it is stored, sealed and sent. Versioned: old ones must stay readable.

use crate::decision::DecisionRecord;
use crate::{Advised, Candidate, Check, EditionNumber, EncounterId, EntryId, LaneId, Said, check};
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

/// Which way a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// The ordinary one.
    #[default]
    Ordinary,
    /// That of an asylum seeker's, refugee's or unaccompanied child's record: sealed from first-line view,
    /// never exported to a country of origin.
    Protection,
}

/// Why the officer left the machine's comparison of faces out. None of them speaks against anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceSkip {
    /// A veil, or another covering that is not taken off at the lane.
    Veil,
    /// An injury, a bandage or an illness.
    Injury,
    /// A disability.
    Disability,
}

impl FaceSkip {
    /// Every reason, in the order in which the desk shows them.
    pub const ALL: [Self; 3] = [Self::Veil, Self::Injury, Self::Disability];

    /// The name used in forms, records and locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Veil => "veil",
            Self::Injury => "injury",
            Self::Disability => "disability",
        }
    }
}

/// An encounter that took place on paper while the box was down, entered afterwards without biometrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperEntry {
    /// The number on the paper.
    pub number: String,
    /// When the traveller stood at the lane, as the paper says.
    pub at: Timestamp,
}

/// What was out of the ordinary about an encounter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// Which way the record goes.
    pub path: Path,
    /// Entered from paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperEntry>,
    /// Why the faces were not compared by the machine, where the officer left it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_skipped: Option<FaceSkip>,
    /// The power went between the advice and the decision; the encounter was reopened at this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Timestamp>,
    /// How often the document was placed again; what is recorded was found at the last presentation.
    #[serde(skip_serializing_if = "is_zero")]
    pub placed_again: u16,
    /// Entries of which the officer said with the decision that the traveller is another person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<EntryId>,
}

// Serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u16) -> bool {
    *count == 0
}

impl Circumstances {
    /// Whether nothing was out of the ordinary.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        *self == Self::default()
    }
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
    /// What the checks say on screens in any language, check by check ([`EncounterRecord::checks_said`]); absent in
    /// records of earlier programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Vec<Said>>,
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
    /// What was out of the ordinary; absent where nothing was.
    #[serde(default, skip_serializing_if = "Circumstances::is_ordinary")]
    pub circumstances: Circumstances,
}

impl EncounterRecord {
    /// The version that this program writes.
    pub const VERSION: u16 = 1;

    /// The checks with what they say on screens.
    #[must_use]
    pub fn checks_said(&self) -> Vec<Check> {
        check::saying_again(self.checks.clone(), &self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of version 1 as it lies in stores and at headquarters. Never change it: add the next version's.
    const VERSION_1: &str = r#"{
        "version": 1,
        "id": {"post": "NAMANGA-1", "sequence": 17},
        "lane": "1",
        "opened_at": "2026-06-01T08:30:00Z",
        "document": {"mrz": ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]},
        "checks": [{"check": "zone.document_validity", "outcome": "Failed", "detail": "expired on 2012-04-15"}],
        "face_score": 0.5,
        "candidates": [{"entry": "E1", "kind": "person", "score": 0.75, "why": [{"evidence": "name", "detail": "ERIKSSON ~ ERICSON 0.93", "effect": 0.6}]}],
        "edition": 3,
        "advised": {"advice": "Refer", "reasons": [{"code": "document_expired", "check": "zone.document_validity", "detail": "expired on 2012-04-15"}, {"code": "person_may_resemble", "detail": ""}]},
        "decision": {"decision": "Admit", "officer": "a.officer", "at": "2026-06-01T08:31:00Z", "against_advice": true, "reason": "document_examined"}
    }"#;

    #[test]
    fn what_was_out_of_the_ordinary_is_read_as_written_and_absent_where_nothing_was() {
        let odd = Circumstances {
            cleared: vec![EntryId::new("E1").expect("id")],
            path: Path::Protection,
            paper: Some(PaperEntry {
                number: "P-17".into(),
                at: Timestamp::UNIX_EPOCH,
            }),
            face_skipped: Some(FaceSkip::Veil),
            reopened_at: None,
            placed_again: 2,
        };
        let text = serde_json::to_string(&odd).expect("writes");
        assert!(text.contains("protection") && text.contains("veil"));
        let back: Circumstances = serde_json::from_str(&text).expect("reads");
        assert_eq!(back, odd);
        assert!(!odd.is_ordinary() && Circumstances::default().is_ordinary());
    }

    #[test]
    fn a_record_of_version_1_stays_readable_and_is_written_the_same() {
        let record: EncounterRecord =
            serde_json::from_str(VERSION_1).expect("version 1 is readable");
        assert_eq!(record.id.to_string(), "NAMANGA-1/000017");
        assert_eq!(record.advised.reasons[1].check, None);
        let decision = record.decision.as_ref().expect("a decision");
        assert!(decision.against_advice);
        let written = serde_json::to_value(&record).expect("writes");
        let given: serde_json::Value = serde_json::from_str(VERSION_1).expect("json");
        assert_eq!(written, given);
    }
}
