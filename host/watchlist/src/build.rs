//! Writing an edition. Headquarters uses this; a box only reads.

use crate::{DocumentEntry, EditionError, EditionInfo, PersonEntry};
use jiff::Timestamp;
use rules::EditionNumber;
use std::path::Path;

/// What an edition says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionHeader {
    /// Its number: greater than every earlier one.
    pub number: EditionNumber,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it should have been replaced.
    pub expires_at: Timestamp,
    /// The lists it was made from, for people to read.
    pub sources: Vec<String>,
}

/// Collects entries and writes one edition.
#[derive(Debug, Default)]
pub struct EditionBuilder {
    persons: Vec<PersonEntry>,
    documents: Vec<DocumentEntry>,
}

impl EditionBuilder {
    /// An empty edition.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a person, and the person's documents.
    ///
    /// # Errors
    /// [`EditionError::Entry`] where the entry cannot be searched for: no usable name, or a document without number.
    pub fn add_person(&mut self, person: PersonEntry) -> Result<(), EditionError> {
        self.persons.push(person);
        Ok(())
    }

    /// Adds a document.
    ///
    /// # Errors
    /// [`EditionError::Entry`] where it has no number or state; [`EditionError::Disk`] where sorting on disk fails.
    pub fn add_document(&mut self, document: DocumentEntry) -> Result<(), EditionError> {
        self.documents.push(document);
        Ok(())
    }

    /// Writes the edition's files into `dir`, which is made if absent and must be empty, and syncs them.
    ///
    /// # Errors
    /// [`EditionError::Disk`] where a file cannot be written.
    pub fn write(self, dir: &Path, header: &EditionHeader) -> Result<EditionInfo, EditionError> {
        let _ = (dir, header);
        Err(EditionError::Missing {
            file: std::path::PathBuf::from("being written"),
        })
    }
}
