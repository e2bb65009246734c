//! What lies in a repository and in the folder of roots: what was signed there, what is put there, what is cleared away.

use super::{PublishError, TIMESTAMP};
use crate::bundle::plain_name;
use crate::durable::{self, Readers};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tough::schema::{RoleType, Root, Signed, Snapshot, Targets, Timestamp as TimestampRole};

/// The newest root in the folder.
pub(super) fn latest_root(roots: &Path) -> Result<(PathBuf, Signed<Root>), PublishError> {
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

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, PublishError> {
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
pub(super) fn listed(content: &Path) -> Result<BTreeMap<String, PathBuf>, PublishError> {
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

pub(super) fn copy_files(from: &Path, to: &Path) -> Result<(), PublishError> {
    for path in versions_of(from, RoleType::Root)?.into_values() {
        let to = to.join(path.file_name().unwrap_or_default());
        std::fs::copy(&path, &to).map_err(PublishError::io(to))?;
    }
    Ok(())
}

/// Moves the role files into the repository, the timestamp last.
pub(super) fn put_in_place(staged: &Path, metadata: &Path) -> Result<(), PublishError> {
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
pub(super) fn prune(metadata: &Path, targets: &Path) -> Result<(), PublishError> {
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
