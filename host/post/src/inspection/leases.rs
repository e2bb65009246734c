//! What is left of an answer once the lease of the role that it was found in is over ([`rules::role`]): what speaks
//! against somebody speaks on, and what was good stays open.

use crate::sync::RoleAge;
use chip::Judged;
use rules::{BundleRole, Check, CheckId};

/// For how many days headquarters has been silent about this role, where its lease is over by that.
fn silent_days(ages: &[RoleAge], role: BundleRole) -> Option<i64> {
    let past = ages.iter().find(|of| of.role == role && of.is_past_lease());
    past.map(|of| of.silent_days)
}

/// An answer that was found in the list.
pub(super) fn of_list(check: Check, ages: &[RoleAge]) -> Check {
    match silent_days(ages, BundleRole::Watchlist) {
        Some(days) => check.past_lease(days),
        None => check,
    }
}

/// The answers of a chip: who may sign is found in country signers, who is taken back in revocation lists, and what is
/// excused in lists of known defects.
pub(super) fn of_chip(judged: &Judged, ages: &[RoleAge]) -> Vec<Check> {
    let trust = silent_days(ages, BundleRole::Trust);
    let crl = silent_days(ages, BundleRole::Crl);
    let defects = silent_days(ages, BundleRole::Defects);
    let known = &judged.verification.defects;
    let answers = judged.checks.iter().cloned();
    let left = answers.map(|check| {
        let found_in = match check.check {
            CheckId::ChipChain => trust,
            CheckId::ChipRevocation => crl,
            _ => None,
        };
        let excused = defects.filter(|_| known.iter().any(|d| d.may_excuse(check.check)));
        match found_in.max(excused) {
            Some(days) => check.past_lease(days),
            None => check,
        }
    });
    left.collect()
}
