//! From what an inspection found to the record of an encounter.

use super::Inspection;
use jiff::Timestamp;
use rules::encounter::DocumentRecord;
use rules::{Decision, LaneId};
use store::EncounterDraft;

/// The draft of an encounter's record; the store gives it its number. No picture goes in.
#[must_use]
pub fn draft(
    inspection: &Inspection,
    lane: &LaneId,
    recorded_at: Timestamp,
    decision: Option<Decision>,
) -> EncounterDraft {
    EncounterDraft {
        lane: lane.clone(),
        opened_at: inspection.moment.now,
        recorded_at,
        document: inspection.zone.as_ref().map(|zone| DocumentRecord {
            mrz: zone.lines.clone(),
            mrz_before_correction: inspection.corrected_from.clone(),
        }),
        checks: inspection.checks.clone(),
        face_score: inspection.face_score,
        candidates: inspection.candidates.clone(),
        edition: inspection.edition,
        advised: inspection.advised.clone(),
        decision,
        circumstances: inspection.circumstances.clone(),
        begun: inspection.begun,
    }
}
