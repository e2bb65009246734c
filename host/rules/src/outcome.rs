//! The answer to a check, and how many answers become one (BSI TR-03135-1, check results).

use serde::{Deserialize, Serialize};

/// The answer to one question asked of the evidence (BSI TR-03135-1).
///
/// `Failed` means evidence *against* the document or the person. Anything that could not be asked
/// or answered (no model, stale list, unknown signer, worn page) is `Undetermined`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// The evidence answers the question in the document's favour.
    Successful,
    /// The evidence speaks against the document or person.
    Failed,
    /// The question was asked, and the evidence does not decide it.
    Undetermined,
    /// The document or the box has no such feature.
    NotSupported,
    /// The check was begun and broken off.
    Aborted,
}

impl Outcome {
    /// The name used in JSON and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::Failed => "Failed",
            Self::Undetermined => "Undetermined",
            Self::NotSupported => "NotSupported",
            Self::Aborted => "Aborted",
        }
    }

    /// How much one answer weighs against another in [`Outcome::roll_up`].
    fn weight(self) -> u8 {
        match self {
            Self::NotSupported => 0,
            Self::Successful => 1,
            Self::Aborted => 2,
            Self::Undetermined => 3,
            Self::Failed => 4,
        }
    }

    /// One answer for many: a single `Failed` decides; else what stayed open (`Undetermined`, then
    /// `Aborted`) shows; else `Successful` if anything was answered; else `NotSupported`.
    ///
    /// The order of the answers never matters.
    #[must_use]
    pub fn roll_up(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes
            .into_iter()
            .max_by_key(|o| o.weight())
            .unwrap_or(Self::NotSupported)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{self, *};
    use proptest::prelude::*;

    #[test]
    fn one_failure_decides_and_openness_is_never_hidden() {
        assert_eq!(Outcome::roll_up([Successful, Failed, Undetermined]), Failed);
        assert_eq!(Outcome::roll_up([Successful, Undetermined]), Undetermined);
        assert_eq!(Outcome::roll_up([Successful, Aborted]), Aborted);
        assert_eq!(Outcome::roll_up([Aborted, Undetermined]), Undetermined);
        assert_eq!(Outcome::roll_up([NotSupported, Successful]), Successful);
        assert_eq!(Outcome::roll_up([]), NotSupported);
    }

    fn any_outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Successful),
            Just(Failed),
            Just(Undetermined),
            Just(NotSupported),
            Just(Aborted)
        ]
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(mut all in proptest::collection::vec(any_outcome(), 0..12), cut in 0usize..12) {
            let whole = Outcome::roll_up(all.clone());
            let cut = cut.min(all.len());
            let parts = Outcome::roll_up([
                Outcome::roll_up(all[..cut].to_vec()),
                Outcome::roll_up(all[cut..].to_vec()),
            ]);
            prop_assert_eq!(whole, parts);
            all.reverse();
            prop_assert_eq!(whole, Outcome::roll_up(all));
        }
    }
}
