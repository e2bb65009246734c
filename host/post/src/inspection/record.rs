//! From what an inspection found to the record of an encounter.

use super::Inspection;
use super::clearances::clearings;
use jiff::Timestamp;
use rules::encounter::DocumentRecord;
use rules::{Circumstances, ClearedBy, Decision, LaneId};
use store::EncounterDraft;

/// The draft of an encounter's record; the store gives it its number. No picture goes in.
#[must_use]
pub fn draft(
    inspection: &Inspection,
    lane: &LaneId,
    recorded_at: Timestamp,
    decision: Option<Decision>,
    by: ClearedBy,
) -> EncounterDraft {
    let clearings = clearings(inspection, decision.as_ref(), by, recorded_at);
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
        circumstances: Circumstances {
            cleared: clearings
                .iter()
                .filter(|c| c.until.is_some())
                .map(|c| c.entry.clone())
                .collect(),
            ..inspection.circumstances.clone()
        },
        clearings,
        begun: inspection.begun,
    }
}
