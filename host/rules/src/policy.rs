//! Numbers that the state running the posts decides, not the program.

use crate::role::{BundleRole, RoleTerms};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The policy of a deployment, as headquarters signs and sends it (`policy.json`). What a file leaves out is as shipped;
/// where days may be `null`, that means never.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The layout's version; a file without one is of the first.
    #[serde(default = "first_version", deserialize_with = "known_version")]
    pub version: u16,
    /// Cosine at and above which one-to-one face comparison is `Successful`; set on the worst group's false matches.
    pub face_successful: f32,
    /// Cosine at and above which (and below `face_successful`) it is `Undetermined`; below it is `Failed`.
    pub face_undetermined: f32,
    /// Below this age in years no face score is formed; the officer compares by eye.
    pub face_minimum_age_years: u8,
    /// Score at and above which a listed person is a candidate at all.
    pub person_candidate: f64,
    /// Score at and above which a listed person refers the traveller; between, the officer looks.
    pub person_refer: f64,
    /// Days after which an edition is called stale.
    pub edition_stale_days: u16,
    /// Days after which country signers that headquarters sent are called stale.
    pub trust_stale_days: u16,
    /// Days after which revocation lists are: states publish at least every 90 days (Doc 9303-12).
    pub crl_stale_days: u16,
    /// Days after which defect lists are.
    pub defects_stale_days: u16,
    /// Days after which models that headquarters sent are.
    pub model_stale_days: Option<u16>,
    /// Days after which this policy is.
    pub policy_stale_days: Option<u16>,
    /// Days after which words of languages that headquarters sent are.
    pub locale_stale_days: Option<u16>,
    /// Days without a word from headquarters after which that the list names nobody is no clear any more.
    pub edition_lease_days: Option<u16>,
    /// Days after which a document's signer is not believed by country signers alone any more.
    pub trust_lease_days: Option<u16>,
    /// Days after which that nobody is revoked is no clear: by then every state has published anew (Doc 9303-12).
    pub crl_lease_days: Option<u16>,
    /// Days after which what a list of known defects excuses stays open.
    pub defects_lease_days: Option<u16>,
    /// The same for models; shown, since a model counts by its digest, which the program names.
    pub model_lease_days: Option<u16>,
    /// The same for this policy; shown, since no answer is found in it.
    pub policy_lease_days: Option<u16>,
    /// The same for words of languages; shown, for the same reason.
    pub locale_lease_days: Option<u16>,
    /// How long an officer's "not this person" is remembered for a traveller and an entry, in days; 0 never.
    pub clearance_days: u16,
    /// How long pictures of a decided encounter stay in the record, in days; 0 keeps none.
    pub picture_retention_days: u16,
    /// How long the box keeps a record that headquarters has, in days.
    pub record_retention_days: u16,
    /// The same for protection records.
    pub protection_retention_days: u16,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            face_successful: 0.45,
            face_undetermined: 0.36,
            face_minimum_age_years: 12,
            person_candidate: 0.70,
            person_refer: 0.85,
            edition_stale_days: 7,
            trust_stale_days: 180,
            crl_stale_days: 90,
            defects_stale_days: 180,
            model_stale_days: None,
            policy_stale_days: None,
            locale_stale_days: None,
            edition_lease_days: Some(30),
            trust_lease_days: Some(180),
            crl_lease_days: Some(90),
            defects_lease_days: Some(180),
            model_lease_days: None,
            policy_lease_days: None,
            locale_lease_days: None,
            clearance_days: 30,
            picture_retention_days: 0,
            record_retention_days: 30,
            protection_retention_days: 1,
        }
    }
}

/// Of a policy that was written before versions were.
fn first_version() -> u16 {
    1
}

/// What a newer program wrote may mean something that this one does not know.
fn known_version<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    match u16::deserialize(from)? {
        known @ 0..=Policy::VERSION => Ok(known),
        newer => Err(D::Error::custom(format!(
            "it has version {newer}; this program reads up to {}",
            Policy::VERSION
        ))),
    }
}

impl Policy {
    /// The file by which a policy goes to the boxes.
    pub const FILE: &str = "policy.json";

    /// The version of what this program writes; it reads every one up to this.
    pub const VERSION: u16 = 2;

    /// How old a role may grow, and how long it counts without a word from headquarters.
    #[must_use]
    pub fn terms(&self, role: BundleRole) -> RoleTerms {
        let (stale_days, lease_days) = match role {
            BundleRole::Watchlist => (Some(self.edition_stale_days), self.edition_lease_days),
            BundleRole::Trust => (Some(self.trust_stale_days), self.trust_lease_days),
            BundleRole::Crl => (Some(self.crl_stale_days), self.crl_lease_days),
            BundleRole::Defects => (Some(self.defects_stale_days), self.defects_lease_days),
            BundleRole::Model => (self.model_stale_days, self.model_lease_days),
            BundleRole::Policy => (self.policy_stale_days, self.policy_lease_days),
            BundleRole::Locale => (self.locale_stale_days, self.locale_lease_days),
            // In force until others come; the release that a box runs is headquarters' to watch.
            BundleRole::Software => (None, None),
        };
        RoleTerms {
            stale_days,
            lease_days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterdays_policy_is_read_and_has_the_shipped_leases() {
        // Every field that a policy had before leases of roles were.
        let yesterday = r#"{"face_successful": 0.5, "face_undetermined": 0.4, "face_minimum_age_years": 12,
            "person_candidate": 0.7, "person_refer": 0.85, "edition_stale_days": 5, "trust_stale_days": 100,
            "crl_stale_days": 60, "defects_stale_days": 100, "clearance_days": 10, "picture_retention_days": 0,
            "record_retention_days": 30, "protection_retention_days": 1}"#;
        let policy: Policy = serde_json::from_str(yesterday).expect("yesterday's");
        assert_eq!(policy.version, 1);
        let list = policy.terms(BundleRole::Watchlist);
        assert_eq!((list.stale_days, list.lease_days), (Some(5), Some(30)));
        assert_eq!(policy.terms(BundleRole::Crl).stale_days, Some(60));
        // Today's says so, each role for itself, and `null` is never.
        let today = r#"{"version": 2, "edition_lease_days": 3, "crl_lease_days": null, "model_stale_days": 400}"#;
        let policy: Policy = serde_json::from_str(today).expect("today's");
        assert_eq!(policy.terms(BundleRole::Watchlist).lease_days, Some(3));
        assert_eq!(policy.terms(BundleRole::Crl).lease_days, None);
        assert_eq!(policy.terms(BundleRole::Model).stale_days, Some(400));
        assert!(serde_json::from_str::<Policy>(r#"{"version": 3}"#).is_err());
        let written = serde_json::to_string(&Policy::default()).expect("serialises");
        let read: Policy = serde_json::from_str(&written).expect("reads what it writes");
        assert_eq!(read, Policy::default());
    }

    #[test]
    fn what_a_policy_leaves_out_is_as_shipped_and_what_it_misspells_is_refused() {
        let policy: Policy = serde_json::from_str(r#"{"edition_stale_days": 3}"#).expect("policy");
        assert_eq!(policy.edition_stale_days, 3);
        assert_eq!(policy.person_refer, Policy::default().person_refer);
        assert!(serde_json::from_str::<Policy>(r#"{"edition_stale_day": 3}"#).is_err());
    }

    #[test]
    fn the_shipped_thresholds_are_in_order() {
        let policy = Policy::default();
        assert!(policy.face_undetermined < policy.face_successful);
        assert!(policy.person_candidate < policy.person_refer && policy.person_refer <= 1.0);
    }
}
