//! Taking an edition: fetch, verify, prove that it opens, activate. Whatever fails, the active edition
//! stands as it was.

use super::fetch::{self, FetchError};
use crate::state::{StateDir, StateError};
use jiff::Timestamp;
use rules::EditionNumber;
use seal::bundle::{self, BundleError, Expiry, Turn};
use serde::Serialize;
use std::path::{Path, PathBuf};
use store::StoreError;
use store::editions::Editions;
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

/// What came of taking an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The edition that is active now.
    pub edition: EditionNumber,
    /// Whether it is another than before.
    pub outcome: TakeOutcome,
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

/// Takes the edition at `from`, a folder or an http URL.
///
/// # Errors
/// [`TakeError`]; the active edition then stands as it was.
pub fn take(state: &StateDir, from: &str, now: Timestamp) -> Result<Taken, TakeError> {
    let root = state
        .read(&state.root_of_trust())?
        .ok_or(TakeError::NoRoot)?;
    let spool = state.spool();
    let fetched = from.starts_with("http://") || from.starts_with("https://");
    let bundle_dir = if fetched {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| TakeError::Disk {
                path: spool.clone(),
                source,
            })?;
        runtime.block_on(fetch::fetch(from, &spool, root_version(&root)))?;
        spool.clone()
    } else {
        PathBuf::from(from)
    };
    let taken = verify_and_activate(state, &bundle_dir, &root, now);
    if fetched {
        // What was fetched is either active by now or of no use.
        let _ = std::fs::remove_dir_all(&spool);
    }
    taken
}

fn verify_and_activate(
    state: &StateDir,
    bundle_dir: &Path,
    root: &[u8],
    now: Timestamp,
) -> Result<Taken, TakeError> {
    let verified = bundle::verify(bundle_dir, root, &state.verifier(), now, Expiry::Refuse)?;
    let mut editions = Editions::open(state.root())?;
    let number = verified.edition;
    if let Some(active) = editions.active()
        && active.number == number
    {
        let info = Edition::open(&active.folder)?.info().clone();
        return Ok(report(&info, TakeOutcome::AlreadyActive));
    }
    if let Some(rollout) = &verified.rollout {
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
            return Err(refusal);
        }
    }
    let staged = editions.stage()?;
    verified.copy_into(&staged)?;
    let info = Edition::open(&staged)?.info().clone();
    if info.number != number {
        return Err(TakeError::NumberDiffers {
            signed: number,
            says: info.number,
        });
    }
    editions.activate(number, &staged)?;
    Ok(report(&info, TakeOutcome::Activated))
}

fn report(info: &watchlist::EditionInfo, outcome: TakeOutcome) -> Taken {
    Taken {
        edition: info.number,
        outcome,
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
