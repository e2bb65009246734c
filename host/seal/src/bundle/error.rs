//! Why a bundle was not taken, in the words that a technician needs.

use jiff::Timestamp;
use std::path::PathBuf;

/// Why a bundle was not taken. Whatever the variant, nothing on the box has changed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file is missing or shorter than stated: copy the bundle again, whole.
    #[error("the bundle is incomplete: {file} is missing or cut short; copy it again")]
    Incomplete {
        /// The file, relative to the bundle's folder.
        file: String,
    },
    /// A file is not what its signers signed: the bundle was damaged or altered on its way.
    #[error("the bundle was altered: {file}: {why}")]
    Tampered {
        /// The file, relative to the bundle's folder.
        file: String,
        /// What does not fit.
        why: String,
    },
    /// The bundle is signed by keys that this box's root does not name: it is another headquarters'.
    #[error("the bundle is not signed by the headquarters that this box trusts: {why}")]
    UntrustedRoot {
        /// Which signature was missed.
        why: String,
    },
    /// The bundle is older than one that this box has already seen.
    #[error("the bundle is older than the one this box has: {role} {offered}, here {have}")]
    Rollback {
        /// The role whose version went back.
        role: String,
        /// The version on the box.
        have: u64,
        /// The version offered.
        offered: u64,
    },
    /// The bundle's signatures have run out: fetch a newer one.
    #[error("the bundle has expired: its {role} was good until {expired_at}, and it is {now}")]
    Expired {
        /// The role that ran out first.
        role: String,
        /// When it ran out.
        expired_at: Timestamp,
        /// The time used: the clock, or the latest time this box has seen where that is later.
        now: Timestamp,
    },
    /// A file, or all of them together, exceeds what a box takes in.
    #[error("{what} is larger than the {limit_bytes} bytes that a box takes in")]
    TooLarge {
        /// Which file, or `all files`.
        what: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// Properly signed, and made in a way that boxes do not take: delegations, folders in names, links.
    #[error("the bundle holds something that boxes do not take: {what}")]
    Unsupported {
        /// What it holds.
        what: String,
    },
    /// The root file of this box cannot be used: enrol the box again with headquarters' root file.
    #[error("this box's own root file cannot be used: {why}")]
    RootUnusable {
        /// What is wrong with it.
        why: String,
    },
    /// The memory of earlier bundles is damaged; without it an older bundle could pass for a new one.
    #[error("{} is damaged ({why}); headquarters must confirm before it is removed", path.display())]
    MemoryDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The disk or the medium failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl BundleError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
