//! What keeps headquarters from making or signing something, named for what to do about it.

use super::Role;
use crate::bundle::BundleError;
use rules::OfficerId;
use std::path::PathBuf;

/// Why nothing was made or signed.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is a root already; a second ceremony would cut off every box that trusts the first.
    #[error("{} exists: the ceremony has been held; to change keys, rotate them", path.display())]
    CeremonyHeld {
        /// The root file.
        path: PathBuf,
    },
    /// There is no root yet.
    #[error("no root in {}: hold the ceremony first", folder.display())]
    NoRoot {
        /// Where roots are kept.
        folder: PathBuf,
    },
    /// A threshold of 0, or above the number of keys, or more than 32 keys.
    #[error(
        "{threshold} of {keys} keys cannot be a quorum: ask for 1 to 32 keys and a threshold among them"
    )]
    QuorumImpossible {
        /// The threshold asked for.
        threshold: u8,
        /// The number of keys asked for.
        keys: u8,
    },
    /// A key file cannot be used.
    #[error(transparent)]
    Key(#[from] crate::SealError),
    /// A root or role file cannot be used: put back the right one.
    #[error("{}: {why}", path.display())]
    FileUnusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Too few of a role's keys are here: bring more of them.
    #[error(
        "the role {role} needs {threshold} of its keys, and {present} are here{}",
        if *locked > 0 { format!(" ({locked} wait for their holders' passphrases)") } else { String::new() }
    )]
    KeysMissing {
        /// The role.
        role: Role,
        /// How many it needs.
        threshold: u64,
        /// How many of them were found and unlocked.
        present: u64,
        /// How many more lie here locked.
        locked: usize,
    },
    /// Holders and keys must be as many, and no person hold two.
    #[error("the role {role} has {keys} keys for {holders} different people")]
    HoldersImpossible {
        /// The role.
        role: Role,
        /// Different people named.
        holders: usize,
        /// Keys to be made.
        keys: u8,
    },
    /// More tokens are named than keys are to be made.
    #[error("the role {role} has {keys} keys, and {tokens} tokens are named for them")]
    TokensImpossible {
        /// The role.
        role: Role,
        /// Tokens named.
        tokens: usize,
        /// Keys to be made.
        keys: u8,
    },
    /// No key here is this person's.
    #[error("{holder} holds no key here")]
    NoSuchHolder {
        /// Who was named.
        holder: OfficerId,
    },
    /// A file of the edition has a name that boxes do not take.
    #[error("{}: boxes take plain files named with letters, digits, '-', '_' and '.'", path.display())]
    NameUnsupported {
        /// The file.
        path: PathBuf,
    },
    /// The repository already holds this signing or a later one.
    #[error("the repository holds signing {published}; {offered} would be older")]
    NotNewer {
        /// What is there.
        published: u64,
        /// What was asked for.
        offered: u64,
    },
    /// What was signed would not be taken by a box; it was not put in place.
    #[error("a box would refuse this: {0}")]
    WouldBeRefused(#[from] BundleError),
    /// The signing library refused.
    #[error("signing failed: {0}")]
    Signing(String),
    /// The disk failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl PublishError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
