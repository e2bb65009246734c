//! A damaged store: what can be read of it is carried over into a new one, the old one is kept aside as it was
//! found, and the ledger says what is lost.
//!
//! A page that cannot be read costs what stood on it and no more: each table is read by its key from both sides
//! of the damage. The ledger's lines after a gap are held against each other, not against what is gone; the
//! line that tells of the salvage names the gap, and the chain goes on from where the witness last saw it. A
//! number that headquarters has no receipt for always keeps a parcel: the one that waited, one sealed anew from
//! the record, or one that says that the record is lost. So receipts go on, and nobody has to guess.
//!
//! The new store is made beside the old one and takes its place whole: a cut of the power leaves the one or the
//! other.

mod carrying;

use crate::database::{Known, hold, known_key};
use crate::ledger::Salvage;
use crate::witness::Witness;
use crate::{Sealer, Store, StoreError};
use carrying::Carrying;
use jiff::Timestamp;
use rules::PostId;
use seal::durable::{self, Readers};
use seal::storekey::StoreKey;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the new store is made.
const MAKING: &str = "salvaging";
/// Stands there once it is made; names the folder that the old one goes to.
const COMPLETE: &str = "complete";
/// The files of a store that go aside, in this order: a log never lies beside another database than its own.
const OLD: [&str; 3] = ["mpaka.db-wal", "mpaka.db-shm", "mpaka.db"];

/// What a salvage did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Where the damaged store lies now.
    pub aside: PathBuf,
    /// What the ledger says of it.
    pub found: Salvage,
    /// Lines of the ledger carried over.
    pub lines: u64,
    /// Records carried over.
    pub records: u64,
    /// Parcels that wait again.
    pub parcels: u64,
}

impl Store {
    /// Carries what can be read of a damaged store over into a new one, and opens that. `why` is what opening
    /// the old one said.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::InUse`], [`StoreError::Unsalvageable`],
    /// [`StoreError::DiskFull`] and the other errors of a disk: the old store is then as it was.
    pub fn salvage(
        state: &Path,
        key: &StoreKey,
        post: &PostId,
        sealer: &Sealer<'_>,
        why: &StoreError,
        now: Timestamp,
    ) -> Result<(Self, Salvaged), StoreError> {
        let lock = hold(&state.join("lock"))?;
        finish(state)?;
        if known_key(&state.join("mpaka.fingerprint"), key)? == Known::Another {
            return Err(StoreError::WrongKey {
                path: state.join("mpaka.db"),
            });
        }
        let said = Witness::open(&state.join("mpaka.witness"), key)?.standing();
        let making = state.join(MAKING);
        fs::create_dir(&making).map_err(StoreError::disk(&making))?;
        let made = Carrying::begin(&making, state, key, post, said)
            .and_then(|carrying| carrying.all(sealer, why, now));
        let (counts, found) = match made {
            Ok(made) => made,
            Err(e) => {
                clear(&making)?;
                return Err(e);
            }
        };
        let aside = free_name(state);
        let name = aside.file_name().map_or(&[][..], |n| n.as_encoded_bytes());
        let complete = making.join(COMPLETE);
        durable::create(&complete, name, Readers::Owner).map_err(StoreError::disk(&complete))?;
        finish(state)?;
        let store = Self::open_held(state, key, post, lock)?;
        let salvaged = Salvaged {
            aside,
            found,
            lines: counts.lines,
            records: counts.records,
            parcels: counts.parcels,
        };
        Ok((store, salvaged))
    }
}

/// Brings a salvage to its end that the power interrupted: the new store takes the old one's place, or, where it
/// was not complete, goes.
pub(crate) fn finish(state: &Path) -> Result<(), StoreError> {
    let making = state.join(MAKING);
    let complete = making.join(COMPLETE);
    let aside = match fs::read_to_string(&complete) {
        Ok(name) => state.join(name),
        Err(e) if e.kind() == ErrorKind::NotFound => return clear(&making),
        Err(e) => return Err(StoreError::disk(&complete)(e)),
    };
    let new = making.join("mpaka.db");
    if new.exists() {
        match fs::create_dir(&aside) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                return Err(StoreError::disk(&aside)(e));
            }
            _ => {}
        }
        for name in OLD {
            let old = state.join(name);
            match fs::rename(&old, aside.join(name)) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::disk(&old)(e)),
                _ => {}
            }
        }
        durable::sync_folder(&aside).map_err(StoreError::disk(&aside))?;
        let place = state.join("mpaka.db");
        fs::rename(&new, &place).map_err(StoreError::disk(&place))?;
        durable::sync_folder(state).map_err(StoreError::disk(state))?;
    }
    clear(&making)
}

/// Takes away what was being made.
fn clear(making: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(making) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(StoreError::disk(making)),
    }
}

/// A name for the old store that none has yet.
fn free_name(state: &Path) -> PathBuf {
    (1u32..)
        .map(|n| state.join(format!("damaged-{n}")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| state.join("damaged"))
}
