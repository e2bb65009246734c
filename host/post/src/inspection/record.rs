//! From what an inspection found to the record of an encounter.

use super::Inspection;
use super::clearances::clearings;
use jiff::Timestamp;
use rules::encounter::DocumentRecord;
use rules::{Circumstances, ClearedBy, Decision, LaneId};
use store::EncounterDraft;

/// The zone of the page; the chip's where the page's was not read.
fn document(inspection: &Inspection) -> Option<DocumentRecord> {
    let page = inspection.zone.as_ref().map(|zone| zone.lines.clone());
    let chip = || Some(inspection.chip_zone.as_ref()?.lines().to_vec());
    page.or_else(chip).map(|mrz| DocumentRecord {
        mrz,
        mrz_before_correction: inspection.corrected_from.clone(),
    })
}

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
        document: document(inspection),
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
