//! What a box remembers of the bundles it has taken, in one file that is replaced as a whole.

use super::BundleError;
use crate::durable::{self, Readers};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file's name in the datastore.
const FILE: &str = "memory.json";

/// Everything that a later bundle is held against.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Memory {
    /// The layout's version.
    version: u16,
    /// SHA-256, in hex, of the root file that the box was given when it was enrolled.
    pub(super) given_root_sha256: String,
    /// The latest moment at which a bundle was taken. Never after the earliest expiry of what was then
    /// taken, so a clock that once ran years ahead cannot lock the box out for years.
    pub(super) latest_time: Timestamp,
    /// The newest trusted root, as the verifier wrote it.
    pub(super) root: String,
    /// The newest trusted timestamp.
    pub(super) timestamp: String,
    /// The newest trusted snapshot.
    pub(super) snapshot: String,
}

impl Memory {
    const VERSION: u16 = 1;

    /// What the verifier left in its scratch folder, to be remembered.
    pub(super) fn gather(
        scratch: &Path,
        given_root_sha256: String,
        latest_time: Timestamp,
    ) -> Result<Self, BundleError> {
        let text = |name: &str| {
            let path = scratch.join(name);
            std::fs::read_to_string(&path).map_err(BundleError::io(path))
        };
        Ok(Self {
            version: Self::VERSION,
            given_root_sha256,
            latest_time,
            root: text("root.json")?,
            timestamp: text("timestamp.json")?,
            snapshot: text("snapshot.json")?,
        })
    }

    /// What the box remembers; nothing before its first bundle.
    pub(super) fn read(datastore: &Path) -> Result<Option<Self>, BundleError> {
        let path = datastore.join(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BundleError::Io { path, source }),
        };
        let damaged = |why: String| BundleError::MemoryDamaged {
            path: datastore.join(FILE),
            why,
        };
        let memory: Self = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        if memory.version != Self::VERSION {
            return Err(damaged(format!(
                "layout {} is not known here",
                memory.version
            )));
        }
        Ok(Some(memory))
    }

    /// Remembers this instead of what was remembered before.
    pub(super) fn write(&self, datastore: &Path) -> Result<(), BundleError> {
        let path = datastore.join(FILE);
        let bytes = serde_json::to_vec(self).expect("strings and a time serialise");
        durable::replace(&path, &bytes, Readers::Anyone).map_err(BundleError::io(path))
    }
}
