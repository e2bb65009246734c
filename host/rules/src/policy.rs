//! Numbers that the state running the posts decides, not the program.

use serde::{Deserialize, Serialize};

/// The policy of a deployment. Delivered with the edition later; the defaults are the shipped ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
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
            face_successful: 0.45,
            face_undetermined: 0.36,
            face_minimum_age_years: 12,
            person_candidate: 0.70,
            person_refer: 0.85,
            edition_stale_days: 7,
            trust_stale_days: 180,
            crl_stale_days: 90,
            defects_stale_days: 180,
            clearance_days: 30,
            picture_retention_days: 0,
            record_retention_days: 30,
            protection_retention_days: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
