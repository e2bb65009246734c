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

impl Clearable {
    /// The entry.
    pub(super) fn entry(&self) -> &EntryId {
        &self.entry
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::inspection::{Moment, draft};
    use jiff::civil::date;
    use rules::mrz::Zone;
    use rules::{EditionNumber, LaneId, OfficerAct, OfficerId, PaperEntry, Policy, ReasonCode};
    use std::collections::HashMap;
    use std::path::Path;
    use std::sync::{Arc, Mutex};
    use store::editions::Editions;
    use watchlist::build::{EditionBuilder, EditionHeader};
    use watchlist::{ListedName, PersonEntry};

    type Word = (Vec<u8>, EntryId, [u8; 32]);

    /// The words of a box, without its store.
    #[derive(Default)]
    struct Said(Mutex<HashMap<Word, (Cleared, Timestamp)>>);

    impl Said {
        fn keep(&self, clearings: &[Clearing], at: Timestamp) {
            for c in clearings {
                let word = (c.traveller.to_vec(), c.entry.clone(), c.entry_digest);
                let mut said = self.0.lock().unwrap();
                match c.until {
                    Some(until) => said.insert(word, (Cleared { at, by: c.by }, until)),
                    None => said.remove(&word),
                };
            }
        }
    }

    impl Clearances for Said {
        fn cleared(
            &self,
            traveller: &[u8],
            entry: &EntryId,
            digest: &[u8; 32],
            now: Timestamp,
        ) -> Option<Cleared> {
            let said = self.0.lock().unwrap();
            let (cleared, until) = said.get(&(traveller.to_vec(), entry.clone(), *digest))?;
            (now < *until).then_some(*cleared)
        }
    }

    fn listed(handling: Handling, legal_basis: &str) -> PersonEntry {
        PersonEntry {
            births: vec!["1974-08-12".parse().unwrap()],
            handling,
            legal_basis: legal_basis.into(),
            ..PersonEntry::new(
                EntryId::new("E-1").unwrap(),
                vec![ListedName::primary("ERIKSSON, Anna Maria")],
                "made up",
            )
        }
    }

    fn activate(state: &Path, number: u32, person: PersonEntry) {
        let mut editions = Editions::open(state).unwrap();
        let staged = editions.stage().unwrap();
        let mut builder = EditionBuilder::new();
        builder.add_person(person).unwrap();
        let header = EditionHeader {
            number: EditionNumber(number.into()),
            made_at: moment(0).now,
            expires_at: moment(40).now,
            sources: vec![],
        };
        builder.write(&staged, &header).unwrap();
        editions
            .activate(EditionNumber(number.into()), &staged)
            .unwrap();
    }

    fn moment(day: i64) -> Moment {
        let start: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
        Moment {
            now: start + SignedDuration::from_hours(24 * day),
            today: date(2026, 6, 1),
        }
    }

    fn equipment(state: &Path, said: &Arc<Said>, days: u16) -> Equipment {
        let none = || "not needed".to_owned();
        let policy = Policy {
            clearance_days: days,
            ..Policy::default()
        };
        Equipment::new(Err(none()), Err(none()), Some(state), policy)
            .with_clearances(Arc::clone(said) as Arc<dyn Clearances>)
    }

    /// The specimen of Doc 9303-4 comes to the lane.
    fn presented(equipment: &Equipment, day: i64) -> Inspection {
        let zone = Zone::from_lines(&[
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10".to_owned(),
        ])
        .unwrap();
        let paper = PaperEntry {
            number: "P-1".into(),
            at: moment(day).now,
        };
        Inspection::of_paper(paper, &zone, equipment, moment(day))
    }

    fn decided(
        said: &Said,
        inspection: &Inspection,
        kind: DecisionKind,
        day: i64,
    ) -> store::EncounterDraft {
        let at = moment(day).now;
        let decision = OfficerAct::new(OfficerId::new("a.officer").unwrap(), at)
            .decide(
                kind,
                inspection.advised.advice,
                Some(OverrideReason::NotThisPerson),
            )
            .unwrap();
        let lane = LaneId::new("1").unwrap();
        let draft = draft(inspection, &lane, at, Some(decision), ClearedBy::FirstLine);
        said.keep(&draft.clearings, at);
        draft
    }

    fn speaks(inspection: &Inspection) -> bool {
        let of_persons = [ReasonCode::PersonResembles, ReasonCode::PersonMayResemble];
        let reasons = &inspection.advised.reasons;
        assert_eq!(inspection.candidates.len(), 1, "it is always shown");
        reasons.iter().any(|r| of_persons.contains(&r.code))
    }

    #[test]
    fn a_cleared_traveller_is_shown_and_not_stopped_until_time_entry_or_word_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path();
        activate(state, 1, listed(Handling::Open, ""));
        let said = Arc::new(Said::default());
        let at_the_lane = equipment(state, &said, 30);
        let first = presented(&at_the_lane, 0);
        assert!(speaks(&first));
        let record = decided(&said, &first, DecisionKind::Admit, 0);
        assert_eq!(record.circumstances.cleared, [EntryId::new("E-1").unwrap()]);
        let again = presented(&at_the_lane, 29);
        assert!(!speaks(&again));
        let cleared = again.candidates[0].cleared.unwrap();
        assert_eq!(
            (cleared.at, cleared.by),
            (moment(0).now, ClearedBy::FirstLine)
        );
        assert!(speaks(&presented(&at_the_lane, 30)), "it has ended");
        // A policy that has become shorter, or allows none, holds at once.
        assert!(speaks(&presented(&equipment(state, &said, 7), 8)));
        assert!(speaks(&presented(&equipment(state, &said, 0), 1)));
        // Another word takes it back.
        decided(&said, &again, DecisionKind::Refer, 2);
        assert!(speaks(&presented(&at_the_lane, 3)));
        // The entry says something else now.
        decided(&said, &first, DecisionKind::Admit, 4);
        assert!(!speaks(&presented(&at_the_lane, 5)));
        activate(state, 2, listed(Handling::Open, "another order"));
        assert!(speaks(&presented(&at_the_lane, 5)));
    }

    #[test]
    fn a_discreet_or_protected_entry_is_never_suppressed() {
        for handling in [Handling::Discreet, Handling::Protected] {
            let folder = tempfile::tempdir().unwrap();
            activate(folder.path(), 1, listed(handling, ""));
            let said = Arc::new(Said::default());
            let at_the_lane = equipment(folder.path(), &said, 30);
            let first = presented(&at_the_lane, 0);
            let record = decided(&said, &first, DecisionKind::Admit, 0);
            assert!(record.clearings.is_empty() && record.circumstances.cleared.is_empty());
            assert!(speaks(&presented(&at_the_lane, 1)));
        }
    }
}
