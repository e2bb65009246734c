//! Questions that several tests ask of a document of Utopia.

use crate::utopia::issuer::State;
use chip::{Policy, Verification, verify};
use jiff::civil::date;
use rules::{CheckId, Outcome};

pub(crate) fn ask(state: &State, sod: &[u8], files: &[&[u8]]) -> Verification {
    verify(
        sod,
        files,
        &state.store,
        date(2026, 6, 1),
        &Policy::default(),
    )
}

pub(crate) fn outcome(found: &Verification, check: CheckId) -> Outcome {
    found
        .checks
        .iter()
        .find(|c| c.check == check)
        .unwrap_or_else(|| panic!("{check:?}: {found:#?}"))
        .outcome
}
