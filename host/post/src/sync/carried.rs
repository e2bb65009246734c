//! Files besides the lists that come with an edition: trust lists, revocation and defect lists, policy, models, words.
//!
//! Trust, revocation and defect lists go into the folder `trust/`, where the chip's reader looks for them; the rest
//! into `carried/`. Models keep the digest in their names there, so that the next program's lie beside this one's
//! (see [`models::Folder`]). Packages of the programs are not taken here ([`crate::update`]).
//! `carried.json` says which files headquarters sent, of which edition and when: what it sends no
//! more is removed, what an operator put there stays. Only a verified bundle writes here, and an older one is never
//! taken, so a file is only ever replaced by a newer one.

use super::TakeError;
use crate::state::StateDir;
use crate::update::Ground;
use jiff::{SignedDuration, Timestamp};
use models::{Card, name_among_came};
use rules::{BundleRole, EditionNumber, Policy};
use seal::bundle::items::{self, FileKind, Item};
use seal::bundle::{TargetFile, Verified};
use seal::content::KeyRing;
use seal::durable::Readers;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

/// The index's file.
const INDEX: &str = "carried.json";
/// The folder of everything but trust.
const FOLDER: &str = "carried";
/// Headquarters' word is noted anew after so long: leases count days, and a card wears out by what is written.
const NOTED_ANEW: SignedDuration = SignedDuration::from_hours(1);
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
    /// When headquarters last said that these, and the edition then taken, are all there are.
    #[serde(default)]
    confirmed_at: Option<Timestamp>,
    /// There is no index here, or none that can be read: which of the files that lie here headquarters sent is not known.
    #[serde(skip)]
    is_lost: bool,
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

    /// The index; [`Carried::lost`] where there is none. A damaged one is begun anew with the next edition: every file
    /// is then fetched again.
    pub(super) fn read(state: &StateDir) -> Result<Self, TakeError> {
        let text = state.read(&state.root().join(INDEX))?;
        Ok(text
            .and_then(|text| serde_json::from_slice(&text).ok())
            .filter(|index: &Self| index.version <= Self::VERSION)
            .unwrap_or_else(Self::lost))
    }

    /// Where nothing is known of what came.
    pub(super) fn lost() -> Self {
        Self {
            is_lost: true,
            ..Self::default()
        }
    }

    /// How many lists for chips lie here of which nothing is known, headquarters' or an operator's; `None` where the
    /// index says which came.
    pub(super) fn unknown_lists(&self, state: &StateDir) -> Option<usize> {
        let lists = || std::fs::read_dir(trust(state.root())).map_or(0, Iterator::count);
        self.is_lost.then(lists)
    }

    /// Every file that came and is in force.
    pub(super) fn files(&self) -> impl Iterator<Item = &CarriedFile> {
        self.files.values()
    }

    /// When headquarters last said what is in force; an older program did not always note it.
    pub(super) fn confirmed_at(&self) -> Option<Timestamp> {
        self.confirmed_at
    }

    /// The targets that are files and have not come yet.
    pub(super) fn lacking<'a>(
        &self,
        targets: &'a [TargetFile],
    ) -> impl Iterator<Item = &'a String> {
        targets.iter().map(|t| &t.name).filter(|target| {
            // An older program kept models under other names: they are fetched again.
            let here = self.files.get(*target);
            of_target(target).is_some_and(|(_, name)| here.is_none_or(|f| f.name != name))
        })
    }

    /// Puts new files in their places, removes what headquarters sends no more, and notes both, and that headquarters
    /// said so at `said_at`; how many were new.
    pub(super) fn take(
        mut self,
        state: &StateDir,
        verified: &Verified,
        keys: &KeyRing,
        (now, said_at): (Timestamp, Timestamp),
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
            if kind == FileKind::POLICY {
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
        // The program before may yet come back, and finds its models then.
        let under_way = Ground::of_box().is_under_way();
        let stays =
            |file: &CarriedFile| is_in_use(file) || (under_way && file.kind == FileKind::MODEL);
        let gone: Vec<String> = self
            .files
            .keys()
            .filter(|name| !verified.targets.iter().any(|t| t.name == **name))
            .filter(|name| !self.files.get(*name).is_some_and(stays))
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
        // Noted also where there are no files: the list's own lease runs from here.
        match new > 0 || !gone.is_empty() || self.is_lost {
            true => self.write(state, said_at)?,
            false => self.confirm(state, said_at)?,
        }
        Ok(new)
    }

    /// Notes that headquarters said at this moment that what the box has is in force, unless it said so a little before,
    /// or it is not known what the box has.
    pub(super) fn confirm(self, state: &StateDir, said_at: Timestamp) -> Result<(), TakeError> {
        let lately = |at: Timestamp| said_at.duration_since(at) < NOTED_ANEW;
        match self.is_lost || self.confirmed_at.is_some_and(lately) {
            true => Ok(()),
            false => self.write(state, said_at),
        }
    }

    fn write(mut self, state: &StateDir, said_at: Timestamp) -> Result<(), TakeError> {
        self.confirmed_at = self.confirmed_at.max(Some(said_at));
        self.version = Self::VERSION;
        let text = serde_json::to_vec_pretty(&self).expect("texts and numbers serialise");
        Ok(state.write(&state.root().join(INDEX), &text, Readers::Anyone)?)
    }
}

/// Kind and own name of a target that is a file besides the lists.
fn of_target(target: &str) -> Option<(FileKind, String)> {
    match items::parse(target)? {
        Item::File { kind, name } => {
            let own = items::own_name(&name)?.to_owned();
            match kind {
                FileKind::SOFTWARE => None,
                FileKind::MODEL => Some((kind, name)),
                _ => Some((kind, own)),
            }
        }
        _ => None,
    }
}

/// Whether this is a model that a card of this program names: it stays, though headquarters sends it no more, until a
/// program is in use that has no use for it.
fn is_in_use(file: &CarriedFile) -> bool {
    file.kind == FileKind::MODEL
        && Card::all()
            .iter()
            .any(|card| name_among_came(card) == file.name)
}

/// Where models that headquarters sent lie.
#[must_use]
pub(crate) fn models_that_came(state: &Path) -> PathBuf {
    state.join(FOLDER).join(FileKind::MODEL.as_str())
}

/// Where lists for chips lie.
fn trust(state: &Path) -> PathBuf {
    state.join("trust")
}

/// Where a file of this kind and name lies in the state folder.
fn place(state: &Path, kind: FileKind, name: &str) -> PathBuf {
    match kind.role() {
        BundleRole::Trust | BundleRole::Crl | BundleRole::Defects => trust(state).join(name),
        BundleRole::Watchlist
        | BundleRole::Model
        | BundleRole::Policy
        | BundleRole::Locale
        | BundleRole::Software => state.join(FOLDER).join(kind.as_str()).join(name),
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
    let path = policy_file(state);
    match std::fs::read(&path) {
        Ok(bytes) => read_policy(&bytes).unwrap_or_else(|why| {
            tracing::warn!("{}: {why}", path.display());
            Policy::default()
        }),
        Err(_) => Policy::default(),
    }
}

fn policy_file(state: &Path) -> PathBuf {
    place(state, FileKind::POLICY, Policy::FILE)
}

/// The policy in force while the box serves: read again whenever another has come, or the last was withdrawn.
#[derive(Debug)]
pub struct LivePolicy {
    state: Option<PathBuf>,
    read: RwLock<(Option<Stamp>, Arc<Policy>)>,
}

/// Length and time of the policy's file. A new one takes the old one's place whole.
type Stamp = (u64, Option<SystemTime>);

impl LivePolicy {
    /// Of the box with this state folder.
    #[must_use]
    pub fn of_box(state: &Path) -> Self {
        // The stamp first: what comes in between is read again, never missed.
        let stamp = stamp(state);
        let policy = Arc::new(policy_of_box(state));
        Self {
            state: Some(state.to_owned()),
            read: RwLock::new((stamp, policy)),
        }
    }

    /// This policy, for good.
    #[must_use]
    pub fn given(policy: Policy) -> Self {
        Self {
            state: None,
            read: RwLock::new((None, Arc::new(policy))),
        }
    }

    /// The policy in force now.
    #[must_use]
    pub fn now(&self) -> Arc<Policy> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = &self.state else {
            return Arc::clone(&read.1);
        };
        let stamp = stamp(state);
        if read.0 == stamp {
            return Arc::clone(&read.1);
        }
        drop(read);
        let policy = Arc::new(policy_of_box(state));
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = (stamp, Arc::clone(&policy));
        policy
    }
}

fn stamp(state: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(policy_file(state)).ok()?;
    Some((about.len(), about.modified().ok()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_model_that_a_card_names_stays_while_this_program_is_in_use() {
        let file = |name: String, kind| CarriedFile {
            kind,
            name,
            edition: EditionNumber(1),
            taken_at: Timestamp::UNIX_EPOCH,
        };
        let named = name_among_came(&Card::all()[0]);
        assert!(is_in_use(&file(named.clone(), FileKind::MODEL)));
        assert!(!is_in_use(&file(named.clone(), FileKind::POLICY)));
        assert!(!is_in_use(&file(format!("x{named}"), FileKind::MODEL)));
        // The name that headquarters sends it under is the one that the folder of models looks for.
        let sent = items::carried_name(&Card::all()[0].digest, &Card::all()[0].file);
        let target = format!("file-model-{sent}");
        assert_eq!(of_target(&target), Some((FileKind::MODEL, named)));
        let package = "file-software-0123456789abcdef-mpaka-post_0.2.0-1_arm64.deb";
        assert_eq!(of_target(package), None);
    }

    #[test]
    fn a_policy_that_comes_is_in_force_at_once_and_one_that_goes_leaves_the_shipped_one() {
        let folder = tempfile::tempdir().unwrap();
        let policy = LivePolicy::of_box(folder.path());
        assert_eq!(*policy.now(), Policy::default());
        let file = policy_file(folder.path());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, br#"{"edition_stale_days": 3}"#).unwrap();
        assert_eq!(policy.now().edition_stale_days, 3);
        // The same length: what is renamed into its place has another time.
        let next = folder.path().join("next");
        std::fs::write(&next, br#"{"edition_stale_days": 9}"#).unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(1);
        let open = std::fs::File::options().write(true).open(&next).unwrap();
        open.set_modified(later).unwrap();
        std::fs::rename(&next, &file).unwrap();
        assert_eq!(policy.now().edition_stale_days, 9);
        for none in [&b"{ no policy"[..], br#"{"version": 99}"#] {
            std::fs::write(&file, none).unwrap();
            assert_eq!(*policy.now(), Policy::default());
        }
        std::fs::remove_file(&file).unwrap();
        assert_eq!(*policy.now(), Policy::default());
        let given = LivePolicy::given(Policy {
            clearance_days: 1,
            ..Policy::default()
        });
        assert_eq!(given.now().clearance_days, 1);
    }
}
