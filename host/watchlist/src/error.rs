//! What can be wrong with an edition, named for what one can do about it.

use rules::EditionNumber;
use std::path::PathBuf;

/// An edition cannot be opened, searched or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditionError {
    /// A file of the edition is not there: fetch the edition again.
    #[error("the edition lacks {}", file.display())]
    Missing {
        /// The file that is absent.
        file: PathBuf,
    },
    /// The disk failed: try again, then replace the card.
    #[error("cannot read or write {}: {source}", file.display())]
    Disk {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The edition was made for a newer program: update the box.
    #[error("the edition has layout version {found}; this program reads version {known}")]
    NewerLayout {
        /// The version found.
        found: u32,
        /// The version that this program reads.
        known: u32,
    },
    /// The bytes are not those that the edition's manifest promises: fetch the edition again.
    #[error("{} is damaged: {why}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What does not fit.
        why: &'static str,
    },
    /// A step from another edition than the one in use: fetch the steps between, or a full edition.
    #[error("the step from edition {from} to {to} does not fit edition {active}, which is in use")]
    DeltaDoesNotFit {
        /// The edition that it is applied to.
        from: EditionNumber,
        /// The edition that it leads to.
        to: EditionNumber,
        /// The edition in use.
        active: EditionNumber,
    },
    /// An entry cannot be listed as it stands: correct it at its source.
    #[error("entry {entry}: {why}")]
    Entry {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
}
