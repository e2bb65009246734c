//! Approvals that are proven: who holds a key for editions approves with it, so that a name alone, or a row
//! written into the register by hand, approves nothing.
//!
//! Where the ceremony made the keys for editions without holders (a pilot), approvals are names, and two
//! names are asked for; nothing then keeps one person from writing two.

use crate::HqError;
use crate::home::Home;
use crate::keyring::role_keys;
use crate::list::{self, APPROVERS_NEEDED, ListState};
use crate::office::Office;
use crate::register::Register;
use jiff::Timestamp;
use rules::OfficerId;
use seal::bundle::publish::{self, Holder, KeyFolder, PublishError, Role};
use std::collections::BTreeSet;

const PURPOSE: &str = "mpaka list approval v1";

/// One person's approval of one state of the list, with the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) revision: i64,
    pub(crate) digest: String,
    pub(crate) approver: String,
    pub(crate) at: String,
    pub(crate) key_id: String,
    pub(crate) signature: Vec<u8>,
}

impl Proof {
    fn parts<'a>(&'a self, revision: &'a [u8; 8]) -> [&'a [u8]; 4] {
        [
            self.digest.as_bytes(),
            revision,
            self.approver.as_bytes(),
            self.at.as_bytes(),
        ]
    }
}

/// Who must prove approvals at this headquarters: the holders of the keys for editions.
///
/// # Errors
/// [`HqError::Publish`].
pub fn holders(home: &Home) -> Result<Vec<OfficerId>, HqError> {
    let keys = role_keys(home)?;
    Ok(keys.holders(Role::Targets).into_iter().cloned().collect())
}

/// Approves the list as it stands, or only where it still has the digest `seen` that the person looked at. A holder
/// of a key for editions signs it with that key.
///
/// # Errors
/// [`HqError::ListChanged`] where it has another digest, [`HqError::Publish`] where the person holds no key here or
/// the passphrase is wrong, and those of [`list::approve`].
pub fn approve(
    home: &Home,
    register: &mut Register,
    by: &Holder,
    seen: Option<&str>,
    now: Timestamp,
) -> Result<ListState, HqError> {
    let standing = list::state(register)?;
    if seen.is_some_and(|digest| digest != standing.digest) {
        return Err(HqError::ListChanged);
    }
    let mut keys = role_keys(home)?;
    if keys.holders(Role::Targets).is_empty() {
        return list::approve(register, &by.name, now);
    }
    keys.unlock(by)?;
    let mut proof = Proof {
        revision: standing.revision,
        digest: standing.digest,
        approver: by.name.as_str().to_ascii_lowercase(),
        at: now.to_string(),
        key_id: String::new(),
        signature: Vec::new(),
    };
    let revision = proof.revision.to_be_bytes();
    (proof.key_id, proof.signature) =
        keys.sign_as(Role::Targets, &by.name, PURPOSE, &proof.parts(&revision))?;
    if !holds(home, &proof)? {
        // A key that has been replaced: it opens, and counts for nothing.
        return Err(PublishError::NoSuchHolder {
            holder: by.name.clone(),
        }
        .into());
    }
    let office = Office::open(home)?;
    let mut stood = false;
    for held in office.proofs(proof.revision, &proof.digest)? {
        stood |= held.approver == proof.approver && holds(home, &held)?;
    }
    // The proof first: one without its approval is of no use, and none the other way round counts.
    office.put_proof(&proof)?;
    let standing = match list::approve(register, &by.name, now) {
        // Approved with a key that has been replaced since: this is the approval that counts.
        Err(HqError::ApprovedAlready { .. }) if !stood => list::state(register)?,
        approved => approved?,
    };
    if (standing.revision, &standing.digest) == (proof.revision, &proof.digest) {
        Ok(standing)
    } else {
        Err(HqError::ListChanged)
    }
}

/// Whether a key that the newest root names signed this.
fn holds(home: &Home, proof: &Proof) -> Result<bool, HqError> {
    let revision = proof.revision.to_be_bytes();
    Ok(publish::signed_by_role(
        &home.roots(),
        Role::Targets,
        &proof.key_id,
        (PURPOSE, &proof.parts(&revision)),
        &proof.signature,
    )?)
}

/// Checks that enough different keys have approved this state of the list.
///
/// # Errors
/// [`HqError::NotApproved`] with those who have.
pub(crate) fn proven(home: &Home, standing: &ListState, keys: &KeyFolder) -> Result<(), HqError> {
    if keys.holders(Role::Targets).is_empty() {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    let mut approvers = Vec::new();
    for proof in Office::open(home)?.proofs(standing.revision, &standing.digest)? {
        let counts = holds(home, &proof)? && standing.approvers.contains(&proof.approver);
        if counts && seen.insert(proof.key_id) {
            approvers.push(proof.approver);
        }
    }
    if approvers.len() < APPROVERS_NEEDED {
        return Err(HqError::NotApproved { approvers });
    }
    Ok(())
}
