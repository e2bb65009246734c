//! Files besides the lists that come with an edition: trust lists, revocation and defect lists, policy, models, words.
//!
//! Trust, revocation and defect lists go into the folder `trust/`, where the chip's reader looks for them; the rest
//! into `carried/`. `carried.json` says which files headquarters sent, of which edition and when: what it sends no
//! more is removed, what an operator put there stays. Only a verified bundle writes here, and an older one is never
//! taken, so a file is only ever replaced by a newer one.

use super::TakeError;
use crate::state::StateDir;
use jiff::Timestamp;
use rules::{EditionNumber, Policy};
use seal::bundle::items::{self, FileKind, Item};
use seal::bundle::{TargetFile, Verified};
use seal::content::KeyRing;
use seal::durable::Readers;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The index's file.
const INDEX: &str = "carried.json";
/// The folder of everything but trust.
const FOLDER: &str = "carried";
/// Headquarters puts so much of a digest and a hyphen before a file's own name.
const DIGEST_BEFORE_NAME: usize = 17;
/// A policy is no longer than this, in bytes.
const POLICY_LIMIT: usize = 64 << 10;

/// A file that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedFile {
    /// What it is for.
    pub kind: FileKind,
    /// Its own name.
    pub name: String,
    /// The edition that first brought it.
    pub edition: EditionNumber,
    /// When it came.
    pub taken_at: Timestamp,
}

/// What headquarters has sent, by target.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Carried {
    version: u16,
    files: BTreeMap<String, CarriedFile>,
    /// When headquarters' word was last taken, that these are all there are.
    #[serde(default)]
    confirmed_at: Option<Timestamp>,
}

/// How old what headquarters sent of one kind is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// The kind.
    pub kind: FileKind,
    /// How many files there are.
    pub files: usize,
    /// The edition that brought the newest of them.
    pub edition: EditionNumber,
    /// When the newest of them came.
    pub newest: Timestamp,
    /// When headquarters last said that they are in force; an older program did not note it.
    pub confirmed_at: Option<Timestamp>,
    /// The policy calls them stale. They are used all the same.
    pub is_stale: bool,
}

/// How old everything that headquarters sent besides lists is, kind by kind; kinds of which nothing came are left out.
///
/// # Errors
/// [`TakeError::State`].
pub fn freshness(
    state: &StateDir,
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<Freshness>, TakeError> {
    let index = Carried::read(state)?;
    let of_kind = |kind: FileKind| {
        let files = || index.files.values().filter(move |f| f.kind == kind);
        let newest = files().max_by_key(|f| f.taken_at)?;
        let days = match kind {
            FileKind::Trust => Some(policy.trust_stale_days),
            FileKind::Crl => Some(policy.crl_stale_days),
            FileKind::Defects => Some(policy.defects_stale_days),
            // In force until others come.
            FileKind::Policy | FileKind::Model | FileKind::Locale => None,
        };
        let age_days = now.duration_since(newest.taken_at).as_hours() / 24;
        Some(Freshness {
            kind,
            files: files().count(),
            edition: newest.edition,
            newest: newest.taken_at,
            confirmed_at: index.confirmed_at,
            is_stale: days.is_some_and(|days| age_days >= i64::from(days)),
        })
    };
    Ok(FileKind::ALL.into_iter().filter_map(of_kind).collect())
}

/// What headquarters has sent besides lists, for people to see.
///
/// # Errors
/// [`TakeError::State`].
pub fn carried(state: &StateDir) -> Result<Vec<CarriedFile>, TakeError> {
    Ok(Carried::read(state)?.files.into_values().collect())
}

impl Carried {
    const VERSION: u16 = 1;

    /// The index; empty where there is none. A damaged one is begun anew: every file is then fetched again.
    pub(super) fn read(state: &StateDir) -> Result<Self, TakeError> {
        let text = state.read(&state.root().join(INDEX))?;
        Ok(text
            .and_then(|text| serde_json::from_slice(&text).ok())
            .filter(|index: &Self| index.version <= Self::VERSION)
            .unwrap_or_default())
    }

    /// The targets that are files and have not come yet.
    pub(super) fn lacking<'a>(
        &self,
        targets: &'a [TargetFile],
    ) -> impl Iterator<Item = &'a String> {
        targets
            .iter()
            .map(|t| &t.name)
            .filter(|name| of_target(name).is_some() && !self.files.contains_key(*name))
    }

    /// Puts new files in their places, removes what headquarters sends no more, and notes both; how many were new.
    pub(super) fn take(
        mut self,
        state: &StateDir,
        verified: &Verified,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<usize, TakeError> {
        let lacking: Vec<String> = self.lacking(&verified.targets).cloned().collect();
        let mut new = 0;
        for target in &lacking {
            let Some((kind, name)) = of_target(target) else {
                continue;
            };
            let mut bytes = Vec::new();
            let wrong = |why: String| TakeError::Carried {
                name: name.clone(),
                why,
            };
            keys.decrypt(target, verified.open(target)?, &mut bytes)
                .map_err(|e| wrong(e.to_string()))?;
            if kind == FileKind::Policy {
                read_policy(&bytes).map_err(wrong)?;
            }
            let path = place(state.root(), kind, &name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|source| TakeError::Disk {
                    path: folder.to_owned(),
                    source,
                })?;
            }
            state.write(&path, &bytes, Readers::Anyone)?;
            self.files.insert(
                target.clone(),
                CarriedFile {
                    kind,
                    name,
                    edition: verified.edition,
                    taken_at: now,
                },
            );
            new += 1;
        }
        let gone: Vec<String> = self
            .files
            .keys()
            .filter(|name| !verified.targets.iter().any(|t| t.name == **name))
            .cloned()
            .collect();
        for target in &gone {
            let Some(file) = self.files.remove(target) else {
                continue;
            };
            let replaced = self
                .files
                .values()
                .any(|f| f.kind == file.kind && f.name == file.name);
            if !replaced {
                let path = place(state.root(), file.kind, &file.name);
                match std::fs::remove_file(&path) {
                    Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                        return Err(TakeError::Disk { path, source: e });
                    }
                    _ => {}
                }
            }
        }
        if new > 0 || !gone.is_empty() || !self.files.is_empty() {
            self.confirmed_at = Some(now);
            self.version = Self::VERSION;
            let text = serde_json::to_vec_pretty(&self).expect("texts and numbers serialise");
            state.write(&state.root().join(INDEX), &text, Readers::Anyone)?;
        }
        Ok(new)
    }
}

/// Kind and own name of a target that is a file besides the lists.
fn of_target(target: &str) -> Option<(FileKind, String)> {
    match items::parse(target)? {
        Item::File { kind, name } => {
            let own = name.get(DIGEST_BEFORE_NAME..).filter(|own| {
                !own.is_empty()
                    && !own.starts_with('.')
                    && name.as_bytes()[DIGEST_BEFORE_NAME - 1] == b'-'
            })?;
            Some((kind, own.to_owned()))
        }
        _ => None,
    }
}

/// Where a file of this kind and name lies in the state folder.
fn place(state: &Path, kind: FileKind, name: &str) -> PathBuf {
    match kind {
        FileKind::Trust | FileKind::Crl | FileKind::Defects => state.join("trust").join(name),
        FileKind::Policy | FileKind::Model | FileKind::Locale => {
            state.join(FOLDER).join(kind.as_str()).join(name)
        }
    }
}

fn read_policy(bytes: &[u8]) -> Result<Policy, String> {
    if bytes.len() > POLICY_LIMIT {
        return Err("it is too long for a policy".into());
    }
    serde_json::from_slice(bytes).map_err(|e| format!("it is no policy: {e}"))
}

/// The policy in force on this box: headquarters', or the shipped one where none came or it cannot be read.
#[must_use]
pub fn policy_of_box(state: &Path) -> Policy {
    let path = place(state, FileKind::Policy, "policy.json");
    match std::fs::read(&path) {
        Ok(bytes) => read_policy(&bytes).unwrap_or_else(|why| {
            tracing::warn!("{}: {why}", path.display());
            Policy::default()
        }),
        Err(_) => Policy::default(),
    }
}
