//! What of an inspection may be known at which line: of a discreet entry the first line knows only that the second
//! line should see the traveller.

use super::Inspection;
use super::stages::Disclosure;
use rules::{Advice, Candidate, Check, CheckGroup, Reason, ReasonCode};

/// An inspection as somebody may know it.
#[derive(Debug)]
pub struct Disclosed<'a> {
    /// The answers.
    pub checks: Vec<&'a Check>,
    /// Entries that resemble the traveller.
    pub candidates: &'a [Candidate],
    /// What the machine says.
    pub advice: Advice,
    /// Why, strongest first.
    pub reasons: Vec<&'a Reason>,
}

impl Inspection {
    /// As the first line may know it, at the desk and at every door for scripts: of a discreet entry that it refers,
    /// nothing of the search and no reason that tells of the list.
    #[must_use]
    pub fn to_first_line(&self) -> Disclosed<'_> {
        let whole = self.to_second_line();
        match self.disclosure {
            Disclosure::Open => whole,
            Disclosure::SecondLineOnly => {
                let mut shown = Disclosed {
                    candidates: &[],
                    advice: self.shown_advice(),
                    ..whole
                };
                shown
                    .checks
                    .retain(|c| c.check.group() != CheckGroup::Search);
                shown.reasons.retain(|r| !is_of_the_list(r));
                shown
            }
        }
    }

    /// As the second line may know it: all of it.
    #[must_use]
    pub fn to_second_line(&self) -> Disclosed<'_> {
        Disclosed {
            checks: self.checks.iter().collect(),
            candidates: &self.candidates,
            advice: self.advised.advice,
            reasons: self.advised.reasons.iter().collect(),
        }
    }
}

/// Whether a reason tells of a list entry.
pub(crate) fn is_of_the_list(reason: &Reason) -> bool {
    matches!(
        reason.code,
        ReasonCode::DocumentListed | ReasonCode::PersonResembles | ReasonCode::PersonMayResemble
    )
}
