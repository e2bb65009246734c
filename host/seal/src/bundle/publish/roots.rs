//! The ceremony that makes the keys, and the change of keys: one root after the other.

use super::keys::{self, Holder, InTokens, KeyFolder, Quorum, Role};
use super::repository::latest_root;
use super::role_key::RoleKey;
use super::{PublishError, foreign, signed_by};
use crate::durable::{self, Readers};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tough::schema::{Role as _, RoleKeys, Root, Signed};

/// How many keys each role has, how many must sign, and how long the root is good.
#[derive(Debug)]
pub struct Plan {
    /// Says who may sign what; kept offline, by several people.
    pub root: Quorum,
    /// Signs the editions.
    pub targets: Quorum,
    /// Signs which files belong together.
    pub snapshot: Quorum,
    /// Signs what is newest.
    pub timestamp: Quorum,
    /// When the root must have been signed anew.
    pub root_expires_at: Timestamp,
    /// Who holds the keys for editions, one each; nobody where the keys lie open in their folder.
    pub holders: Vec<Holder>,
}

/// One role in the printed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleRecord {
    /// The role.
    pub role: Role,
    /// How many of the keys must sign.
    pub threshold: u64,
    /// The keys' ids (SHA-256 of the public key's canonical JSON), in hex.
    pub key_ids: Vec<String>,
}

/// What witnesses write down and compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The root's version.
    pub root_version: u64,
    /// SHA-256 of the root file, in hex.
    pub root_sha256: String,
    /// When the root must have been signed anew.
    pub root_expires_at: String,
    /// The roles and their keys.
    pub roles: Vec<RoleRecord>,
    /// The root file.
    pub root_file: PathBuf,
}

/// Holds the ceremony: makes the keys of all roles in `keys` (mode 0600) and the first root, signed by every
/// root key, in `roots`.
///
/// # Errors
/// [`PublishError::CeremonyHeld`] where there is a root already, or [`PublishError::Io`].
pub fn ceremony(keys: &Path, roots: &Path, plan: &Plan) -> Result<Record, PublishError> {
    ceremony_with(keys, roots, plan, &InTokens::none())
}

/// The same, with some of the keys made in tokens: their files in `keys` then hold no secret.
///
/// # Errors
/// Those of [`ceremony`], and [`PublishError::Key`] with what a token says.
pub fn ceremony_with(
    keys: &Path,
    roots: &Path,
    plan: &Plan,
    in_tokens: &InTokens,
) -> Result<Record, PublishError> {
    for folder in [keys, roots] {
        std::fs::create_dir_all(folder).map_err(PublishError::io(folder))?;
    }
    let path = roots.join("1.root.json");
    if path.exists() {
        return Err(PublishError::CeremonyHeld { path });
    }
    // What an interrupted ceremony made is named by no root.
    keys::put_aside(keys, &BTreeSet::new())?;
    let mut made = BTreeMap::new();
    // Tokens last: a passphrase that is refused leaves no key in one.
    let mut order = Role::ALL;
    order.sort_by_key(|role| in_tokens.of(*role).len());
    for role in order {
        let holders = plan.holders_of(role);
        let new = keys::make(keys, role, plan.quorum(role), holders, in_tokens)?;
        made.insert(role, new);
    }
    let root = Root {
        spec_version: "1.0.0".into(),
        consistent_snapshot: true,
        version: NonZeroU64::MIN,
        expires: foreign(plan.root_expires_at)?,
        keys: made
            .values()
            .flatten()
            .map(|key| (key.id().clone(), key.public()))
            .collect(),
        roles: made
            .iter()
            .map(|(role, keys)| (role.tuf(), role_keys(keys, plan.quorum(*role).threshold())))
            .collect(),
        _extra: HashMap::new(),
    };
    write_root(
        roots,
        root,
        &made.remove(&Role::Root).unwrap_or_default(),
        None,
    )
}

/// Replaces all keys of the roles named by new ones and signs the next root with the old root's keys and the
/// new one's: for a lost or stolen key, or with no role named to extend the root's life. `holders` are to hold
/// the new keys for editions; nobody where empty.
///
/// # Errors
/// [`PublishError::KeysMissing`] where fewer root keys than the threshold are in `keys`, and the others by
/// their names.
pub fn rotate(
    keys: &Path,
    roots: &Path,
    replace: &BTreeSet<Role>,
    holders: &[Holder],
    root_expires_at: Timestamp,
) -> Result<Record, PublishError> {
    let in_tokens = InTokens::none();
    rotate_with(keys, roots, replace, holders, root_expires_at, &in_tokens)
}

/// The same, where keys lie in tokens, and with some of the new ones made there.
///
/// # Errors
/// Those of [`rotate`], and [`PublishError::Key`] with what a token says.
pub fn rotate_with(
    keys: &Path,
    roots: &Path,
    replace: &BTreeSet<Role>,
    holders: &[Holder],
    root_expires_at: Timestamp,
    in_tokens: &InTokens,
) -> Result<Record, PublishError> {
    let (_, old) = latest_root(roots)?;
    let held = KeyFolder::open_with(keys, Arc::clone(&in_tokens.tokens))?;
    let old_root_keys = held.of(&old, Role::Root)?;
    let mut next = old.signed.clone();
    next.version = NonZeroU64::new(old.signed.version.get() + 1).unwrap_or(NonZeroU64::MAX);
    next.expires = foreign(root_expires_at)?;
    let mut signers: Vec<RoleKey> = old_root_keys;
    for role in replace {
        let Some(before) = old.signed.roles.get(&role.tuf()) else {
            continue;
        };
        for id in &before.keyids {
            next.keys.remove(id);
        }
        let quorum = Quorum::new(
            u8::try_from(before.threshold.get()).unwrap_or(u8::MAX),
            u8::try_from(before.keyids.len()).unwrap_or(u8::MAX),
        )?;
        let holders = if *role == Role::Targets { holders } else { &[] };
        let new = keys::make(keys, *role, quorum, holders, in_tokens)?;
        next.roles
            .insert(role.tuf(), role_keys(&new, quorum.threshold()));
        next.keys
            .extend(new.iter().map(|key| (key.id().clone(), key.public())));
        if *role == Role::Root {
            signers.extend(new);
        }
    }
    let named: BTreeSet<String> = next.keys.keys().map(|id| hex::encode(&**id)).collect();
    let record = write_root(roots, next, &signers, Some(&old))?;
    keys::put_aside(keys, &named)?;
    Ok(record)
}

impl Plan {
    fn holders_of(&self, role: Role) -> &[Holder] {
        match role {
            Role::Targets => &self.holders,
            Role::Root | Role::Snapshot | Role::Timestamp => &[],
        }
    }

    fn quorum(&self, role: Role) -> Quorum {
        match role {
            Role::Root => self.root,
            Role::Targets => self.targets,
            Role::Snapshot => self.snapshot,
            Role::Timestamp => self.timestamp,
        }
    }
}

fn role_keys(keys: &[RoleKey], threshold: NonZeroU64) -> RoleKeys {
    RoleKeys {
        keyids: keys.iter().map(|key| key.id().clone()).collect(),
        threshold,
        _extra: HashMap::new(),
    }
}

/// Signs a root, holds it against itself and the one before, and writes it as `N.root.json`.
fn write_root(
    roots: &Path,
    root: Root,
    signers: &[RoleKey],
    before: Option<&Signed<Root>>,
) -> Result<Record, PublishError> {
    let signing = |e: &dyn std::fmt::Display| PublishError::Signing(e.to_string());
    let signed = signed_by(root, signers)?;
    for judge in [Some(&signed), before].into_iter().flatten() {
        judge.signed.verify_role(&signed).map_err(|e| signing(&e))?;
    }
    let bytes = serde_json::to_vec_pretty(&signed).map_err(|e| signing(&e))?;
    let path = roots.join(signed.signed.filename(true));
    durable::create(&path, &bytes, Readers::Anyone).map_err(PublishError::io(&path))?;
    Ok(record(&signed.signed, &bytes, path))
}

fn record(root: &Root, bytes: &[u8], root_file: PathBuf) -> Record {
    Record {
        root_version: root.version.get(),
        root_sha256: hex::encode(digest(&SHA256, bytes)),
        root_expires_at: root.expires.to_string(),
        roles: Role::ALL
            .into_iter()
            .filter_map(|role| {
                let keys = root.roles.get(&role.tuf())?;
                Some(RoleRecord {
                    role,
                    threshold: keys.threshold.get(),
                    key_ids: keys.keyids.iter().map(|id| hex::encode(&**id)).collect(),
                })
            })
            .collect(),
        root_file,
    }
}
