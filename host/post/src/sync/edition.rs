//! Taking an edition: verify its metadata, fetch what is lacking, decrypt, prove that it opens, activate. Whatever
//! fails, the active edition stands as it was. Trust lists, policy and the like come the same way, and packages of the
//! programs.

use super::carried::Carried;
use super::fetch::{self, FetchError};
use crate::state::{StateDir, StateError};
use crate::update::{self, Ground};
use jiff::Timestamp;
use rules::EditionNumber;
use seal::SealError;
use seal::bundle::{self, BundleError, Expiry, Turn};
use seal::content::{EpochKey, KEYS_LIMIT, KeyRing};
use seal::sealing::SealingKey;
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use store::StoreError;
use store::editions::Editions;
use watchlist::arrival::{self, ArrivalError, Plan};
use watchlist::{Edition, EditionError};

/// Why an edition was not taken. The active one stands as it was.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The box has no root of trust: enrol it with headquarters' root file.
    #[error("this box has no root of trust for editions: enrol it again with --root FILE")]
    NoRoot,
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Its signatures or files do not hold.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// What came does not make an edition, or is not for this box.
    #[error(transparent)]
    Arrival(#[from] ArrivalError),
    /// The box's keys, or the lists' keys that headquarters wrapped to it.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A file besides the lists cannot be used.
    #[error("{name}: {why}")]
    Carried {
        /// The file.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Signed properly, and no edition that this program can search.
    #[error("the edition is properly signed and cannot be searched: {0}")]
    Edition(#[from] EditionError),
    /// Signed as one number and calling itself another.
    #[error("the edition is signed as number {signed} and calls itself {says}")]
    NumberDiffers {
        /// The version of the targets role.
        signed: EditionNumber,
        /// What the edition says of itself.
        says: EditionNumber,
    },
    /// Headquarters sends this edition out in waves, and this box's has not come: look again later.
    #[error("edition {edition} is not for this box yet: it goes out in waves (now: {wave})")]
    NotYet {
        /// The edition offered.
        edition: EditionNumber,
        /// The wave that may take it now.
        wave: String,
    },
    /// Headquarters has halted the rollout of this edition.
    #[error("headquarters has halted edition {edition}; this box keeps the one that it has")]
    Halted {
        /// The edition offered.
        edition: EditionNumber,
    },
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store of editions failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk failed: is it full?
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl TakeError {
    /// Whether what came was refused. What never arrived, is not for this box yet, or met a full disk or another
    /// program at work was not.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Fetch(_)
                | Self::State(_)
                | Self::Disk { .. }
                | Self::NotYet { .. }
                | Self::Halted { .. }
                | Self::Store(StoreError::InUse { .. } | StoreError::DiskFull)
        )
    }
}

/// What came of taking an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The edition that is active now.
    pub edition: EditionNumber,
    /// Whether it is another than before.
    pub outcome: TakeOutcome,
    /// So many other files (trust lists, policy and the like) are new.
    pub files: usize,
    /// How many persons it lists.
    pub persons: u64,
    /// How many documents it lists.
    pub documents: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it should have been replaced.
    pub expires_at: Timestamp,
}

/// Whether anything changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeOutcome {
    /// A newer edition is active now.
    Activated,
    /// This edition was active already.
    AlreadyActive,
}

/// Takes the edition at `from`, a folder or an http URL. One path for both: the metadata is verified, then only the
/// files that this box lacks are fetched (or found in the folder), decrypted, and made into the next edition.
///
/// # Errors
/// [`TakeError`]; the active edition then stands as it was. What was fetched stays in the spool to be gone on with.
pub fn take(state: &StateDir, from: &str, now: Timestamp) -> Result<Taken, TakeError> {
    let root = state
        .read(&state.root_of_trust())?
        .ok_or(TakeError::NoRoot)?;
    let spool = state.spool();
    let source = if from.starts_with("http://") || from.starts_with("https://") {
        Source::Url(from)
    } else {
        Source::Folder
    };
    let bundle_dir = match source {
        Source::Url(_) => spool.clone(),
        Source::Folder => PathBuf::from(from),
    };
    if let Source::Url(url) = source {
        wait_for(&spool, fetch::metadata(url, &spool, root_version(&root)))??;
    }
    let taken = verify_and_activate(state, source, &bundle_dir, &root, now);
    let broken = matches!(
        taken,
        Err(TakeError::Arrival(_) | TakeError::Bundle(_) | TakeError::Edition(_))
    );
    if (taken.is_ok() || broken) && spool.exists() {
        // What was fetched is either active by now or of no use.
        let _ = std::fs::remove_dir_all(&spool);
    }
    taken
}

/// Where a bundle comes from.
#[derive(Clone, Copy)]
enum Source<'a> {
    Folder,
    Url(&'a str),
}

fn wait_for<F: Future>(spool: &Path, work: F) -> Result<F::Output, TakeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| TakeError::Disk {
            path: spool.to_owned(),
            source,
        })?;
    Ok(runtime.block_on(work))
}

fn verify_and_activate(
    state: &StateDir,
    source: Source<'_>,
    bundle_dir: &Path,
    root: &[u8],
    now: Timestamp,
) -> Result<Taken, TakeError> {
    let verified = bundle::verify_roles(bundle_dir, root, &state.verifier(), now, Expiry::Refuse)?;
    let mut editions = Editions::open(state.root())?;
    let number = verified.edition;
    let active = editions.active();
    if let Some(rollout) = verified
        .rollout
        .as_ref()
        .filter(|_| active.as_ref().is_none_or(|a| a.number != number))
    {
        let refusal = match rollout.turn_of(&state.post()?.post) {
            Turn::Now => None,
            Turn::Later => Some(TakeError::NotYet {
                edition: number,
                wave: rollout.wave.clone(),
            }),
            Turn::Halted => Some(TakeError::Halted { edition: number }),
        };
        if let Some(refusal) = refusal {
            verified.remember()?;
            // Headquarters has spoken: this box is to go on with what it has.
            if let Source::Url(_) = source {
                Carried::read(state)?.confirm(state, now)?;
            }
            return Err(refusal);
        }
    }
    let mut keys = KeyRing::open(&state.epochs())?;
    let plan = arrival::plan(&verified.targets, active.as_ref().map(|a| a.number), number)?;
    let carried = Carried::read(state)?;
    let wanted: Vec<&String> = plan
        .targets(&keys)
        .chain(carried.lacking(&verified.targets))
        .collect();
    if let Source::Url(url) = source {
        let files = stored(&verified, &wanted)?;
        let spool = state.spool();
        wait_for(&spool, fetch::files(url, &spool, &files))??;
    }
    unwrap_keys(state, &verified, &plan, &mut keys)?;
    let outcome = if active.as_ref().is_some_and(|a| a.number == number) {
        TakeOutcome::AlreadyActive
    } else {
        TakeOutcome::Activated
    };
    let info = match &active {
        Some(active) if outcome == TakeOutcome::AlreadyActive => {
            Edition::open(&active.folder)?.info().clone()
        }
        _ => {
            let staged = editions.stage()?;
            let folder = active.as_ref().map(|a| a.folder.as_path());
            let info = arrival::assemble(&verified, &plan, &keys, folder, &staged)?;
            let opened = Edition::open(&staged)?.info().clone();
            if opened.number != number || info.number != number {
                return Err(TakeError::NumberDiffers {
                    signed: number,
                    says: opened.number,
                });
            }
            verified.remember()?;
            editions.activate(number, &staged)?;
            info
        }
    };
    // A stick says what headquarters said when it was made; an address, what it says now.
    let said_at = match source {
        Source::Url(_) => now,
        Source::Folder => now.min(info.made_at),
    };
    let files = carried.take(state, &verified, &keys, (now, said_at))?;
    if outcome == TakeOutcome::AlreadyActive {
        verified.remember()?;
    }
    // After the list, which may be urgent and is small: what has come of a package stays to be gone on with.
    if let Err(e) = take_packages(state, source, &verified) {
        tracing::warn!("packages of the programs have not come yet: {e}");
    }
    Ok(report(&info, outcome, files))
}

/// Names under which files are stored, and their signed lengths.
fn stored(
    verified: &bundle::Verified,
    names: &[&String],
) -> Result<Vec<(String, u64)>, BundleError> {
    names
        .iter()
        .map(|name| {
            let target = verified.target(name)?;
            Ok((verified.stored_name(target), target.length))
        })
        .collect()
}

/// Brings the packages that this box lacks, and lays them out for the installer.
fn take_packages(
    state: &StateDir,
    source: Source<'_>,
    verified: &bundle::Verified,
) -> Result<(), TakeError> {
    let ground = Ground::of_box();
    let wanted = update::wanting(&ground, state, verified);
    if let Source::Url(url) = source
        && !wanted.is_empty()
    {
        let folder = state.update();
        let targets = folder.join("targets");
        std::fs::create_dir_all(&targets).map_err(|source| TakeError::Disk {
            path: targets,
            source,
        })?;
        let files = stored(verified, &wanted)?;
        wait_for(&folder, fetch::files(url, &folder, &files))??;
    }
    Ok(update::lay_out(&ground, state, verified)?)
}

/// Opens this box's own among the wrapped keys of epochs that it does not hold yet.
fn unwrap_keys(
    state: &StateDir,
    verified: &bundle::Verified,
    plan: &Plan,
    keys: &mut KeyRing,
) -> Result<(), TakeError> {
    for (epoch, name) in &plan.keys {
        if keys.holds(*epoch) {
            continue;
        }
        let mut wrapped = Vec::new();
        verified
            .open(name)?
            .take(KEYS_LIMIT as u64)
            .read_to_end(&mut wrapped)
            .map_err(|source| TakeError::Disk {
                path: PathBuf::from(name),
                source,
            })?;
        let mine = SealingKey::open(&state.sealing_key())?;
        keys.keep(&state.epochs(), EpochKey::unwrap_for(&wrapped, &mine)?)?;
    }
    Ok(())
}

fn report(info: &watchlist::EditionInfo, outcome: TakeOutcome, files: usize) -> Taken {
    Taken {
        edition: info.number,
        outcome,
        files,
        persons: info.persons,
        documents: info.documents,
        made_at: info.made_at,
        expires_at: info.expires_at,
    }
}

/// The version that a root file states; unverified, and only used to know which roots to ask for next.
fn root_version(root: &[u8]) -> u64 {
    serde_json::from_slice::<serde_json::Value>(root)
        .ok()
        .and_then(|v| v.pointer("/signed/version")?.as_u64())
        .unwrap_or(1)
}
