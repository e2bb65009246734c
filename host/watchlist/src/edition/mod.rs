//! An edition on disk: opened totally, searched without being loaded where it is large.

use crate::{EditionError, PersonEntry};
use jiff::Timestamp;
use rules::{EditionNumber, EntryId};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What an edition says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionInfo {
    /// Its number.
    pub number: EditionNumber,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it should have been replaced; past it, it is stale and still searched.
    pub expires_at: Timestamp,
    /// How many persons it lists.
    pub persons: u64,
    /// How many documents it lists.
    pub documents: u64,
    /// The lists it was made from.
    pub sources: Vec<String>,
}

/// An opened edition.
#[derive(Debug)]
pub struct Edition {
    info: EditionInfo,
}

impl Edition {
    /// Opens the edition in `dir`.
    ///
    /// # Errors
    /// [`EditionError`] where a file is absent, damaged, unreadable or of a newer layout.
    pub fn open(dir: &Path) -> Result<Self, EditionError> {
        let _ = dir;
        Err(EditionError::Missing {
            file: std::path::PathBuf::from("being written"),
        })
    }

    /// What the edition says of itself.
    #[must_use]
    pub fn info(&self) -> &EditionInfo {
        &self.info
    }

    /// The whole entry of a person, for those who may read it.
    ///
    /// # Errors
    /// [`EditionError`] where its bytes cannot be read.
    pub fn person(&self, entry: &EntryId) -> Result<Option<PersonEntry>, EditionError> {
        let _ = entry;
        Err(EditionError::Missing {
            file: std::path::PathBuf::from("being written"),
        })
    }
}
