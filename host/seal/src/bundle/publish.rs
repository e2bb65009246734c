//! Making bundles: the ceremony that makes the keys, the signing of an edition, the change of keys.
//!
//! Compiled with the Cargo feature `publish`, which headquarters' program alone switches on: a box can
//! verify and cannot sign. Root keys are needed in [`ceremony`] and [`rotate`] only and belong on media in
//! several safes; the other roles' keys are needed for every edition.

mod error;
mod keys;
mod role_key;
mod signing;
mod wave;

pub use error::PublishError;
pub use keys::{Holder, InTokens, KeyFolder, Quorum, Role};
pub use wave::promote;

use super::{Expiry, Rollout, plain_name, verify};
use crate::durable::{self, Readers};
use crate::wire;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use role_key::RoleKey;
use rules::EditionNumber;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tough::schema::{
    Role as _, RoleKeys, RoleType, Root, Signature, Signed, Snapshot, Targets,
    Timestamp as TimestampRole,
};

/// Prefix of the folders in which a signing is prepared.
const STAGING: &str = ".signing-";

/// The file of the timestamp role.
const TIMESTAMP: &str = "timestamp.json";

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

/// The newest root in the folder.
fn latest_root(roots: &Path) -> Result<(PathBuf, Signed<Root>), PublishError> {
    let path = versions_of(roots, RoleType::Root)?
        .pop_last()
        .map(|(_, path)| path);
    let path = path.ok_or_else(|| PublishError::NoRoot {
        folder: roots.to_owned(),
    })?;
    let root = read_json(&path)?;
    Ok((path, root))
}

/// The files `N.role.json` of a folder, by N.
fn versions_of(folder: &Path, role: RoleType) -> Result<BTreeMap<u64, PathBuf>, PublishError> {
    let suffix = format!(".{role}.json");
    let mut found = BTreeMap::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(source) => return Err(PublishError::io(folder)(source)),
    };
    for entry in entries {
        let entry = entry.map_err(PublishError::io(folder))?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|n| n.strip_suffix(&suffix));
        if let Some(number) = number.and_then(|n| n.parse().ok()) {
            found.insert(number, entry.path());
        }
    }
    Ok(found)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, PublishError> {
    let bytes = std::fs::read(path).map_err(PublishError::io(path))?;
    serde_json::from_slice(&bytes).map_err(|e| PublishError::FileUnusable {
        path: path.to_owned(),
        why: e.to_string(),
    })
}

/// The signing that the repository `out` holds by a key that one of our roots names; 0 for an empty one, and where
/// somebody else laid one there: a number of others' is never counted on from.
///
/// # Errors
/// [`PublishError::FileUnusable`], [`PublishError::Io`].
pub fn published_signing(roots: &Path, out: &Path) -> Result<u64, PublishError> {
    let path = out.join("metadata").join(TIMESTAMP);
    if !path.exists() {
        return Ok(0);
    }
    let held: Signed<TimestampRole> = read_json(&path)?;
    for path in versions_of(roots, RoleType::Root)?.into_values().rev() {
        let root: Signed<Root> = read_json(&path)?;
        if root.signed.verify_role(&held).is_ok() {
            return Ok(held.signed.version.get());
        }
    }
    Ok(0)
}

/// The edition that the repository `out` offers; 0 for an empty one.
///
/// # Errors
/// [`PublishError::FileUnusable`], [`PublishError::Io`].
pub fn published_edition(out: &Path) -> Result<u64, PublishError> {
    let metadata = out.join("metadata");
    let path = metadata.join(TIMESTAMP);
    if !path.exists() {
        return Ok(0);
    }
    let unnamed = |path: &Path| PublishError::FileUnusable {
        path: path.to_owned(),
        why: "it does not name the role below it".into(),
    };
    let held: Signed<TimestampRole> = read_json(&path)?;
    let named = held.signed.meta.get("snapshot.json");
    let version = named.ok_or_else(|| unnamed(&path))?.version;
    let path = metadata.join(format!("{version}.snapshot.json"));
    let held: Signed<Snapshot> = read_json(&path)?;
    let named = held.signed.meta.get("targets.json");
    Ok(named.ok_or_else(|| unnamed(&path))?.version.get())
}

/// The plain files of a folder, by name.
fn listed(content: &Path) -> Result<BTreeMap<String, PathBuf>, PublishError> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(content).map_err(PublishError::io(content))? {
        let entry = entry.map_err(PublishError::io(content))?;
        let path = entry.path();
        let is_file = entry
            .file_type()
            .map_err(PublishError::io(&path))?
            .is_file();
        match entry.file_name().into_string() {
            Ok(name) if is_file && plain_name(&name) => {
                files.insert(name, path);
            }
            _ => return Err(PublishError::NameUnsupported { path }),
        }
    }
    Ok(files)
}

fn copy_files(from: &Path, to: &Path) -> Result<(), PublishError> {
    for path in versions_of(from, RoleType::Root)?.into_values() {
        let to = to.join(path.file_name().unwrap_or_default());
        std::fs::copy(&path, &to).map_err(PublishError::io(to))?;
    }
    Ok(())
}

/// Moves the role files into the repository, the timestamp last.
fn put_in_place(staged: &Path, metadata: &Path) -> Result<(), PublishError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(staged).map_err(PublishError::io(staged))? {
        names.push(entry.map_err(PublishError::io(staged))?.file_name());
    }
    names.sort_by_key(|name| name == TIMESTAMP);
    for name in names {
        let path = staged.join(&name);
        let bytes = std::fs::read(&path).map_err(PublishError::io(path))?;
        let path = metadata.join(&name);
        durable::replace(&path, &bytes, Readers::Anyone).map_err(PublishError::io(path))?;
    }
    Ok(())
}

/// Removes what neither this signing nor the one before needs. A box in the middle of a download of the one
/// before can finish it.
fn prune(metadata: &Path, targets: &Path) -> Result<(), PublishError> {
    let remove = |path: PathBuf| std::fs::remove_file(&path).map_err(PublishError::io(path));
    let mut snapshots = versions_of(metadata, RoleType::Snapshot)?;
    while snapshots.len() > 2 {
        if let Some((_, path)) = snapshots.pop_first() {
            remove(path)?;
        }
    }
    let mut editions = versions_of(metadata, RoleType::Targets)?;
    while editions.len() > 2 {
        if let Some((_, path)) = editions.pop_first() {
            remove(path)?;
        }
    }
    let mut needed = BTreeSet::new();
    for path in editions.into_values() {
        let role: Signed<Targets> = read_json(&path)?;
        needed.extend(role.signed.targets.iter().map(|(name, target)| {
            format!("{}.{}", hex::encode(&*target.hashes.sha256), name.raw())
        }));
    }
    for entry in std::fs::read_dir(targets).map_err(PublishError::io(targets))? {
        let entry = entry.map_err(PublishError::io(targets))?;
        if !entry
            .file_name()
            .to_str()
            .is_some_and(|name| needed.contains(name))
        {
            remove(entry.path())?;
        }
    }
    Ok(())
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
