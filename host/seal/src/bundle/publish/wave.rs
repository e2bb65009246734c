//! The rollout in the timestamp role: set with an edition, changed from wave to wave.

use super::{KeyFolder, PublishError, Role, RoleKey, TIMESTAMP, latest_root, read_json, signed_by};
use crate::bundle::{ROLLOUT_FIELD, Rollout};
use crate::durable::{self, Readers};
use std::num::NonZeroU64;
use std::path::Path;
use tough::schema::{Signed, Timestamp as TimestampRole};

/// Signs the timestamp of the repository `out` anew, so that other boxes may take its edition, or none any
/// more. The edition itself is not touched; only the timestamp's key is needed. What lies in the repository is
/// signed again only where this headquarters had signed it: others can write there.
///
/// # Errors
/// [`PublishError::FileUnusable`] where it had not, [`PublishError::NotNewer`] unless `signing` is newer than what
/// the repository holds, and [`PublishError`] by cause; boxes then still see what was there before.
pub fn promote(
    held: &KeyFolder,
    roots: &Path,
    out: &Path,
    signing: u64,
    rollout: Option<&Rollout>,
) -> Result<(), PublishError> {
    let (_, root) = latest_root(roots)?;
    let keys = held.of(&root, Role::Timestamp)?;
    let path = out.join("metadata").join(TIMESTAMP);
    let before: Signed<TimestampRole> = read_json(&path)?;
    root.signed
        .verify_role(&before)
        .map_err(|e| PublishError::FileUnusable {
            path: path.clone(),
            why: format!("the newest root's key did not sign it ({e}): publish an edition first"),
        })?;
    let published = before.signed.version.get();
    let version = NonZeroU64::new(signing).filter(|_| signing > published);
    let mut next = before.signed;
    next.version = version.ok_or(PublishError::NotNewer {
        published,
        offered: signing,
    })?;
    let bytes = sign_timestamp(next, rollout, &keys)?;
    let signed: Signed<TimestampRole> =
        serde_json::from_slice(&bytes).map_err(|e| PublishError::Signing(e.to_string()))?;
    root.signed
        .verify_role(&signed)
        .map_err(|e| PublishError::Signing(e.to_string()))?;
    durable::replace(&path, &bytes, Readers::Anyone).map_err(PublishError::io(path))
}

/// The bytes of a timestamp role with this rollout in it, signed by these keys.
pub(super) fn sign_timestamp(
    mut role: TimestampRole,
    rollout: Option<&Rollout>,
    keys: &[RoleKey],
) -> Result<Vec<u8>, PublishError> {
    let signing = |e: &dyn std::fmt::Display| PublishError::Signing(e.to_string());
    role._extra.remove(ROLLOUT_FIELD);
    if let Some(rollout) = rollout {
        role._extra
            .insert(ROLLOUT_FIELD.to_owned(), rollout.to_value());
    }
    let signed = signed_by(role, keys)?;
    serde_json::to_vec_pretty(&signed).map_err(|e| signing(&e))
}
