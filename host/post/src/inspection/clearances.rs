//! Remembered clearances: an officer's "not this person" for a traveller and an entry.
//!
//! The commonest harm of a list is the innocent traveller of the same name, stopped every week. Where policy allows
//! it, an officer's word is remembered for this traveller and this entry: the candidate is shown as cleared earlier
//! and raises no advice. It ends after the policy's days, with a change of the entry, and with another word; of a
//! discreet or protected entry there is none, since its candidate is not for the first line's eyes.

use super::stages::Disclosure;
use super::{Equipment, Inspection};
use jiff::{SignedDuration, Timestamp};
use rules::mrz::Fields;
use rules::{
    Candidate, CandidateKind, Cleared, ClearedBy, Decision, DecisionKind, EntryId, OverrideReason,
};
use serde::{Deserialize, Serialize};
use store::Clearing;
use watchlist::{Edition, Handling};
use zeroize::Zeroizing;

/// What officers of this box have said of travellers and entries.
pub trait Clearances: Send + Sync {
    /// The word that is remembered of this traveller and this entry as it is now.
    fn cleared(
        &self,
        traveller: &[u8],
        entry: &EntryId,
        entry_digest: &[u8; 32],
        now: Timestamp,
    ) -> Option<Cleared>;
}

/// An entry of which the officer may say that the traveller is another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearable {
    entry: EntryId,
    entry_digest: [u8; 32],
    /// How long it would be remembered.
    days: u16,
}

/// Everything by which this traveller is told from others: names, birth date and the document itself.
fn traveller(fields: &Fields) -> Zeroizing<Vec<u8>> {
    let mut all = Zeroizing::new(Vec::new());
    for part in [
        &fields.issuing_state,
        &fields.document_number,
        &fields.nationality,
        &fields.date_of_birth,
        &fields.surname,
        &fields.given_names,
    ] {
        all.extend((part.len() as u64).to_le_bytes());
        all.extend(part.as_bytes());
    }
    all
}

/// Marks the candidates that were cleared earlier; returns those that can be.
pub(super) fn mark(
    candidates: &mut [Candidate],
    fields: &Fields,
    edition: &Edition,
    equipment: &Equipment,
    now: Timestamp,
) -> Vec<Clearable> {
    let days = equipment.policy().clearance_days;
    let (Some(clearances), true) = (equipment.clearances(), days > 0) else {
        return Vec::new();
    };
    if fields.document_number.is_empty() {
        return Vec::new();
    }
    let traveller = traveller(fields);
    let mut clearable = Vec::new();
    for candidate in candidates {
        let Ok(Some(person)) = edition.person(&candidate.entry) else {
            continue;
        };
        if candidate.kind == CandidateKind::Document || person.handling != Handling::Open {
            continue;
        }
        let entry_digest = person.digest();
        // A policy that has become shorter holds for what was said before.
        candidate.cleared = clearances
            .cleared(&traveller, &candidate.entry, &entry_digest, now)
            .filter(|cleared| now < ends(cleared.at, days));
        clearable.push(Clearable {
            entry: candidate.entry.clone(),
            entry_digest,
            days,
        });
    }
    clearable
}

/// The end of what was said at this moment.
fn ends(at: Timestamp, days: u16) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(at)
}

/// What the decision says of the entries that the search brought up: admitted as another person, they are cleared;
/// referred or held, an earlier word is taken back.
pub(super) fn clearings(
    inspection: &Inspection,
    decision: Option<&Decision>,
    by: ClearedBy,
    at: Timestamp,
) -> Vec<Clearing> {
    let (Some(decision), Some(fields)) = (decision, &inspection.fields) else {
        return Vec::new();
    };
    let admitted = match (decision.kind(), decision.record().reason) {
        (DecisionKind::Admit, Some(OverrideReason::NotThisPerson)) => true,
        (DecisionKind::Admit, _) => return Vec::new(),
        (DecisionKind::Refer | DecisionKind::Hold, _) => false,
    };
    // What the first line may not see it cannot clear.
    if admitted && inspection.disclosure == Disclosure::SecondLineOnly {
        return Vec::new();
    }
    let traveller = traveller(fields);
    inspection
        .clearable
        .iter()
        .map(|clearable| Clearing {
            traveller: traveller.clone(),
            entry: clearable.entry.clone(),
            entry_digest: clearable.entry_digest,
            by,
            until: admitted.then(|| ends(at, clearable.days)),
        })
        .collect()
}
