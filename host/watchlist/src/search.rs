//! Searching an edition.

use crate::{DocumentQuery, Edition, EditionError, Query};
use rules::{Candidate, Policy};

impl Edition {
    /// Every entry that resembles the traveller, best first: documents, then persons.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read: the search is then unanswered.
    pub fn search(&self, query: &Query, policy: &Policy) -> Result<Vec<Candidate>, EditionError> {
        let mut all = match &query.document {
            Some(document) => self.search_documents(document)?,
            None => Vec::new(),
        };
        all.extend(self.search_persons(query, policy)?);
        Ok(all)
    }

    /// The entries for this document's number, issuing state and type.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read.
    pub fn search_documents(
        &self,
        document: &DocumentQuery,
    ) -> Result<Vec<Candidate>, EditionError> {
        let _ = document;
        Err(EditionError::Missing {
            file: std::path::PathBuf::from("being written"),
        })
    }

    /// The listed persons that resemble the traveller at `policy.person_candidate` and above, best first.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read.
    pub fn search_persons(
        &self,
        query: &Query,
        policy: &Policy,
    ) -> Result<Vec<Candidate>, EditionError> {
        let _ = (query, policy);
        Err(EditionError::Missing {
            file: std::path::PathBuf::from("being written"),
        })
    }
}
