//! Making bundles: the ceremony that makes the keys, the signing of an edition, the change of keys.
//!
//! Compiled with the Cargo feature `publish`, which headquarters' program alone switches on: a box can
//! verify and cannot sign. Root keys are needed in [`ceremony`] and [`rotate`] only and belong on media in
//! several safes; the other roles' keys are needed for every edition.

mod error;
mod keys;
mod repository;
mod role_key;
mod roots;
mod signing;
mod wave;

pub use error::PublishError;
pub use keys::{Holder, InTokens, KeyFolder, Quorum, Role};
pub use repository::{published_edition, published_signing};
pub use roots::{Plan, Record, RoleRecord, ceremony, ceremony_with, rotate, rotate_with};
pub use wave::promote;

use super::{Expiry, Rollout, verify};
use crate::durable;
use crate::wire;
use jiff::Timestamp;
use repository::{copy_files, latest_root, listed, prune, put_in_place, read_json};
use role_key::RoleKey;
use rules::EditionNumber;
use serde::de::DeserializeOwned;
use std::path::Path;
use tough::schema::{Root, Signature, Signed, Timestamp as TimestampRole};

/// Prefix of the folders in which a signing is prepared.
const STAGING: &str = ".signing-";

/// The file of the timestamp role.
const TIMESTAMP: &str = "timestamp.json";

/// What to sign an edition with.
#[derive(Debug, Clone)]
pub struct Release {
    /// The edition: the version of the targets role.
    pub edition: EditionNumber,
    /// How often this headquarters has signed, this time included.
    pub signing: u64,
    /// Now.
    pub made_at: Timestamp,
    /// Until when boxes take it as new.
    pub expires_at: Timestamp,
    /// Which boxes may take it at first; every one where absent.
    pub rollout: Option<Rollout>,
}

/// Checks that enough keys of every role that signs an edition are at hand, before anything is made for it.
///
/// # Errors
/// [`PublishError::KeysMissing`], [`PublishError::NoRoot`], [`PublishError::FileUnusable`], [`PublishError::Io`].
pub fn ready(held: &KeyFolder, roots: &Path) -> Result<(), PublishError> {
    signers(held, &latest_root(roots)?.1).map(drop)
}

/// The keys of every role that signs an edition.
fn signers(held: &KeyFolder, root: &Signed<Root>) -> Result<Vec<RoleKey>, PublishError> {
    let mut signers = Vec::new();
    for role in [Role::Targets, Role::Snapshot, Role::Timestamp] {
        signers.extend(held.of(root, role)?);
    }
    Ok(signers)
}

/// Signs the files in `content` as an edition and puts it into the repository `out` (`metadata/` and
/// `targets/`): files first, the timestamp last, so that a box sees the old edition or the new one.
/// What neither this signing nor the one before needs is removed, and what an interrupted publishing left. One
/// program at a time may publish into `out`.
///
/// # Errors
/// [`PublishError`], by cause; boxes then still see what was there before.
pub fn publish(
    content: &Path,
    held: &KeyFolder,
    roots: &Path,
    out: &Path,
    release: &Release,
) -> Result<Vec<super::TargetFile>, PublishError> {
    let (root_path, root) = latest_root(roots)?;
    let signers = signers(held, &root)?;
    let (metadata, targets) = (out.join("metadata"), out.join("targets"));
    for folder in [&metadata, &targets] {
        std::fs::create_dir_all(folder).map_err(PublishError::io(folder))?;
    }
    for folder in [out, &metadata, &targets] {
        durable::sweep(folder, &[STAGING, durable::LEFTOVER]).map_err(PublishError::io(folder))?;
    }
    let published = published_signing(roots, out)?;
    if release.signing <= published {
        return Err(PublishError::NotNewer {
            published,
            offered: release.signing,
        });
    }
    let files = listed(content)?;

    let staging = tempfile::Builder::new()
        .prefix(STAGING)
        .tempdir_in(out)
        .map_err(PublishError::io(out))?;
    let staged = staging.path().join("metadata");
    block_on(signing::sign(
        &root_path, &files, &staged, &targets, release, signers,
    ))??;
    if let Some(rollout) = &release.rollout {
        let timestamp = staged.join(TIMESTAMP);
        let unmarked: Signed<TimestampRole> = read_json(&timestamp)?;
        let keys = held.of(&root, Role::Timestamp)?;
        let marked = wave::sign_timestamp(unmarked.signed, Some(rollout), &keys)?;
        std::fs::write(&timestamp, marked).map_err(PublishError::io(timestamp))?;
    }
    copy_files(roots, &staged)?;
    std::os::unix::fs::symlink(&targets, staging.path().join("targets"))
        .map_err(PublishError::io(staging.path()))?;

    // Held against the oldest root, as a box would that was enrolled on the first day and sees it only now.
    let first_root = roots.join("1.root.json");
    let first_root = std::fs::read(&first_root).map_err(PublishError::io(first_root))?;
    let verified = verify(
        staging.path(),
        &first_root,
        &staging.path().join("datastore"),
        release.made_at,
        Expiry::Refuse,
    )?;

    put_in_place(&staged, &metadata)?;
    prune(&metadata, &targets)?;
    Ok(verified.targets)
}

/// A role signed by these keys.
fn signed_by<R: tough::schema::Role>(role: R, keys: &[RoleKey]) -> Result<Signed<R>, PublishError> {
    let message = role
        .canonical_form()
        .map_err(|e| PublishError::Signing(e.to_string()))?;
    let mut signatures = Vec::new();
    for key in keys {
        signatures.push(Signature {
            keyid: key.id().clone(),
            sig: key.sign(&message)?.into(),
        });
    }
    Ok(Signed {
        signed: role,
        signatures,
    })
}

/// Whether a key that the newest root names for this role signed this, as [`KeyFolder::sign_as`] signs.
///
/// # Errors
/// [`PublishError::NoRoot`], [`PublishError::FileUnusable`], [`PublishError::Io`].
pub fn signed_by_role(
    roots: &Path,
    role: Role,
    key_id: &str,
    (purpose, parts): (&str, &[&[u8]]),
    signature: &[u8],
) -> Result<bool, PublishError> {
    let (_, root) = latest_root(roots)?;
    let message = wire::message(purpose, parts);
    Ok(keys::signed_for(&root, role, key_id, &message, signature))
}

/// A moment in the signing library's calendar type, which is another version of ours: it passes as text,
/// in whole seconds as TUF has it.
fn foreign<T: DeserializeOwned>(moment: Timestamp) -> Result<T, PublishError> {
    let text = format!("{moment:.0}");
    serde_json::from_value(serde_json::Value::String(text))
        .map_err(|e| PublishError::Signing(e.to_string()))
}

fn block_on<F: Future + Send>(work: F) -> Result<F::Output, PublishError>
where
    F::Output: Send,
{
    super::on_own_runtime(work).map_err(|e| PublishError::Signing(e.to_string()))
}
