//! What headquarters' bundles bring, role by role: how old each may grow, and how long it counts without a word from
//! headquarters.
//!
//! Two clocks, and neither blocks anything. A role is **stale** once its content is older than the policy's days: that
//! is shown, and the content is used all the same. Its **lease** is over once headquarters has not said for so many
//! days that this content is in force: then it is used still and what it brings up is shown, but that it brings up
//! nothing is no clear any more ([`crate::Check::past_lease`]). What locks a box is the box's own lease, not these.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a part of a bundle is for. The policy names days for each ([`crate::Policy::terms`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleRole {
    /// The list: persons, documents, faces.
    Watchlist,
    /// Country signers: master lists and certificates (Doc 9303-12).
    Trust,
    /// Revocation lists (Doc 9303-12 section 7.1).
    Crl,
    /// Lists of known defects (BSI TR-03129).
    Defects,
    /// Learned models.
    Model,
    /// The policy itself.
    Policy,
    /// Words of languages.
    Locale,
    /// Packages of the programs.
    Software,
}

impl BundleRole {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Watchlist,
        Self::Trust,
        Self::Crl,
        Self::Defects,
        Self::Model,
        Self::Policy,
        Self::Locale,
        Self::Software,
    ];

    /// The name used in JSON, in targets' names and in locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watchlist => "watchlist",
            Self::Trust => "trust",
            Self::Crl => "crl",
            Self::Defects => "defects",
            Self::Model => "model",
            Self::Policy => "policy",
            Self::Locale => "locale",
            Self::Software => "software",
        }
    }
}

impl std::fmt::Display for BundleRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a policy says of one role's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleTerms {
    /// Days of age from which the content is stale; `None` never.
    pub stale_days: Option<u16>,
    /// Days without a word from headquarters from which its lease is over; `None` never.
    pub lease_days: Option<u16>,
}

/// How a role stands, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleStanding {
    /// Of its time.
    Fresh,
    /// Old: shown, and used all the same.
    Stale,
    /// Headquarters has been silent for too long: that nothing is found in it is no clear any more.
    LeaseOver,
}

impl RoleTerms {
    /// How a role stands at this moment: `dated` is its content's age, `heard_at` when headquarters last said that the
    /// content is in force.
    #[must_use]
    pub fn standing(self, dated: Timestamp, heard_at: Timestamp, now: Timestamp) -> RoleStanding {
        let reached = |days: Option<u16>, since| {
            days.is_some_and(|days| days_since(since, now) >= i64::from(days))
        };
        if reached(self.lease_days, heard_at) {
            RoleStanding::LeaseOver
        } else if reached(self.stale_days, dated) {
            RoleStanding::Stale
        } else {
            RoleStanding::Fresh
        }
    }
}

/// Whole days from one moment to a later one; none where it has not come yet.
#[must_use]
pub fn days_since(since: Timestamp, now: Timestamp) -> i64 {
    (now.duration_since(since).as_hours() / 24).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::advise;
    use crate::{
        Advice, Candidate, CandidateKind, Check, CheckId, EntryId, Outcome, Policy, ReasonCode,
    };
    use jiff::SignedDuration;

    fn day(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * n)
    }

    #[test]
    fn a_role_grows_old_by_its_content_and_loses_its_lease_by_silence() {
        let terms = RoleTerms {
            stale_days: Some(7),
            lease_days: Some(30),
        };
        for (dated, heard, now, expected) in [
            (0, 0, 0, RoleStanding::Fresh),
            (0, 0, 6, RoleStanding::Fresh),
            (0, 0, 7, RoleStanding::Stale),
            (0, 0, 29, RoleStanding::Stale),
            (0, 0, 30, RoleStanding::LeaseOver),
            // Old, and headquarters said yesterday that there is nothing newer.
            (0, 99, 100, RoleStanding::Stale),
            // A clock that was set back is no age.
            (50, 50, 0, RoleStanding::Fresh),
        ] {
            let found = terms.standing(day(dated), day(heard), day(now));
            assert_eq!(found, expected, "{dated} {heard} {now}");
        }
        let never = RoleTerms {
            stale_days: None,
            lease_days: None,
        };
        assert_eq!(
            never.standing(day(0), day(0), day(9999)),
            RoleStanding::Fresh
        );
        // Silence alone ends a lease, however young the content calls itself.
        let silent = RoleTerms {
            stale_days: None,
            lease_days: Some(1),
        };
        assert_eq!(
            silent.standing(day(9), day(8), day(9)),
            RoleStanding::LeaseOver
        );
    }

    #[test]
    fn every_role_has_terms_and_is_never_shipped_with_a_lease_that_ends_before_it_is_stale() {
        for role in BundleRole::ALL {
            let terms = Policy::default().terms(role);
            let in_order = match (terms.stale_days, terms.lease_days) {
                (Some(stale), Some(lease)) => stale <= lease,
                (None, None) => true,
                _ => false,
            };
            assert!(in_order, "{role}: {terms:?}");
            assert_eq!(
                serde_json::to_string(&role).expect("serialises"),
                format!("\"{role}\"")
            );
        }
    }

    #[test]
    fn past_its_lease_a_list_clears_nobody_and_still_speaks_of_those_on_it() {
        let searched = |outcome| {
            [
                CheckId::SearchDocuments,
                CheckId::SearchPersons,
                CheckId::SearchEdition,
            ]
            .map(|check| Check::new(check, outcome, "").past_lease(31))
        };
        let nobody = advise(&searched(Outcome::Successful), &[], &Policy::default());
        assert_eq!(nobody.advice, Advice::Look);
        let codes: Vec<ReasonCode> = nobody.reasons.iter().map(|r| r.code).collect();
        assert_eq!(
            codes,
            [ReasonCode::ListLapsed],
            "one reason, and it is named"
        );
        let listed = [Candidate {
            entry: EntryId::new("E1").expect("id"),
            kind: CandidateKind::Person,
            score: 1.0,
            why: vec![],
            cleared: None,
        }];
        let somebody = advise(&searched(Outcome::Successful), &listed, &Policy::default());
        assert_eq!(somebody.advice, Advice::Refer);
        assert_eq!(somebody.reasons[0].code, ReasonCode::PersonResembles);
        // Without its lease what the chip is judged by proves nothing, and contradicts nobody.
        let chip = [
            Check::new(CheckId::ChipChain, Outcome::Successful, "").past_lease(181),
            Check::new(CheckId::ChipRevocation, Outcome::Successful, "").past_lease(91),
        ];
        let open = advise(&chip, &[], &Policy::default());
        assert_eq!(open.advice, Advice::Look);
        let codes: Vec<ReasonCode> = open.reasons.iter().map(|r| r.code).collect();
        assert_eq!(codes, [ReasonCode::TrustLapsed]);
        let revoked = Check::new(CheckId::ChipRevocation, Outcome::Failed, "").past_lease(91);
        let refused = advise(&[revoked], &[], &Policy::default());
        assert_eq!(refused.advice, Advice::Refer, "revoked stays revoked");
    }
}
