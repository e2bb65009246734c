//! What the officer says. No code path turns an [`Advice`] into a [`Decision`].
//!
//! A `Decision` has no public constructor, no `From`, no `Deserialize`: it comes only from
//! [`OfficerAct::decide`], which the desk calls when a signed-in officer presses a decision button.
//!
//! ```compile_fail
//! let d: mpaka_rules::Decision = mpaka_rules::Advice::Clear.into();
//! ```
//! ```compile_fail
//! let d: mpaka_rules::Decision = serde_json::from_str("{}").unwrap();
//! ```
//! The two fail for that reason alone: an `Advice`, made in the same ways, compiles.
//! ```
//! let same: mpaka_rules::Advice = mpaka_rules::Advice::Clear.into();
//! let read: mpaka_rules::Advice = serde_json::from_str("\"Clear\"").unwrap();
//! assert_eq!(same, read);
//! ```

use crate::{Advice, OfficerId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The three things an officer at the first line may say. There is no "refuse" here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DecisionKind {
    /// The traveller may pass.
    Admit,
    /// The traveller goes to the second line.
    Refer,
    /// The lane waits with the traveller (document or help needed).
    Hold,
}

impl DecisionKind {
    /// The name used in JSON and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admit => "Admit",
            Self::Refer => "Refer",
            Self::Hold => "Hold",
        }
    }

    /// Whether an officer who says this against that advice is asked for a one-tap reason.
    ///
    /// Admitting against `Look` is the officer's ordinary work (she looked); admitting against
    /// `Refer`, or stopping a traveller whom nothing speaks against, needs a word.
    #[must_use]
    pub fn disagrees_with(self, advice: Advice) -> bool {
        matches!(
            (self, advice),
            (Self::Admit, Advice::Refer) | (Self::Refer | Self::Hold, Advice::Clear)
        )
    }
}

/// The one-tap reasons for deciding against the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideReason {
    /// The candidate on the list is another person.
    NotThisPerson,
    /// The officer compared by eye and disagrees with the machine.
    ComparedByEye,
    /// The document was examined by hand.
    DocumentExamined,
    /// The second line or a superior said so.
    Instructed,
    /// The traveller's behaviour or story.
    Interview,
    /// The reading was wrong.
    MisreadByMachine,
    /// Decided on paper while the box was down, before the machine was asked.
    DecidedOnPaper,
}

impl OverrideReason {
    /// Every reason, in the order the desk shows them.
    pub const ALL: [Self; 7] = [
        Self::NotThisPerson,
        Self::ComparedByEye,
        Self::DocumentExamined,
        Self::Instructed,
        Self::Interview,
        Self::MisreadByMachine,
        Self::DecidedOnPaper,
    ];

    /// The name used in JSON, forms and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotThisPerson => "not_this_person",
            Self::ComparedByEye => "compared_by_eye",
            Self::DocumentExamined => "document_examined",
            Self::Instructed => "instructed",
            Self::Interview => "interview",
            Self::MisreadByMachine => "misread_by_machine",
            Self::DecidedOnPaper => "decided_on_paper",
        }
    }
}

/// A deliberate act of a signed-in officer, at a moment. The only source of decisions.
#[derive(Debug)]
pub struct OfficerAct {
    officer: OfficerId,
    at: Timestamp,
}

/// Why an act did not become a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// The officer decides against the advice and gave no reason.
    #[error("deciding against the advice needs a reason: choose one and decide again")]
    ReasonNeeded,
}

/// What an officer decided. Comes only from [`OfficerAct::decide`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    kind: DecisionKind,
    officer: OfficerId,
    at: Timestamp,
    advice: Advice,
    reason: Option<OverrideReason>,
}

impl OfficerAct {
    /// Marks that this officer, signed in, acts now. Call it where a person's button press arrives, nowhere else.
    #[must_use]
    pub fn new(officer: OfficerId, at: Timestamp) -> Self {
        Self { officer, at }
    }

    /// The officer's decision, beside the advice that was shown.
    ///
    /// # Errors
    /// [`DecisionError::ReasonNeeded`] where the decision goes against the advice without a reason.
    pub fn decide(
        self,
        kind: DecisionKind,
        advice: Advice,
        reason: Option<OverrideReason>,
    ) -> Result<Decision, DecisionError> {
        if kind.disagrees_with(advice) && reason.is_none() {
            return Err(DecisionError::ReasonNeeded);
        }
        Ok(Decision {
            kind,
            officer: self.officer,
            at: self.at,
            advice,
            reason,
        })
    }
}

impl Decision {
    /// What was decided.
    #[must_use]
    pub fn kind(&self) -> DecisionKind {
        self.kind
    }

    /// Its plain form for records: readable by anyone, and no way back to a `Decision`.
    #[must_use]
    pub fn record(&self) -> DecisionRecord {
        DecisionRecord {
            decision: self.kind,
            officer: self.officer.clone(),
            at: self.at,
            against_advice: self.kind.disagrees_with(self.advice),
            reason: self.reason,
        }
    }
}

/// A decision as it stands in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// What was decided.
    pub decision: DecisionKind,
    /// By whom.
    pub officer: OfficerId,
    /// When.
    pub at: Timestamp,
    /// Whether it went against the advice shown.
    pub against_advice: bool,
    /// The one-tap reason, if one was given.
    pub reason: Option<OverrideReason>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act() -> OfficerAct {
        OfficerAct::new(
            OfficerId::new("a.officer").expect("id"),
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn no_word_that_refuses_anybody_is_understood() {
        let decision = |word: &str| serde_json::from_value::<DecisionKind>(word.into());
        let advice = |word: &str| serde_json::from_value::<Advice>(word.into());
        for word in ["Refuse", "Deny", "Reject", "Detain", "refuse", "Admit ", ""] {
            assert!(decision(word).is_err(), "{word}");
            assert!(advice(word).is_err(), "{word}");
        }
        for word in ["Admit", "Refer", "Hold"] {
            assert_eq!(decision(word).map(DecisionKind::as_str).ok(), Some(word));
        }
        for word in ["Clear", "Look", "Refer"] {
            assert_eq!(advice(word).map(Advice::as_str).ok(), Some(word));
        }
    }

    #[test]
    fn disagreeing_needs_a_reason_and_agreeing_does_not() {
        use Advice::*;
        use DecisionKind::*;
        for (kind, advice, needs) in [
            (Admit, Clear, false),
            (Admit, Look, false),
            (Admit, Advice::Refer, true),
            (DecisionKind::Refer, Clear, true),
            (DecisionKind::Refer, Look, false),
            (Hold, Clear, true),
            (Hold, Advice::Refer, false),
        ] {
            assert_eq!(
                act().decide(kind, advice, None).is_err(),
                needs,
                "{kind:?} {advice:?}"
            );
            assert!(
                act()
                    .decide(kind, advice, Some(OverrideReason::Instructed))
                    .is_ok()
            );
        }
    }
}
