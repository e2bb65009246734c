//! Why no update was installed, in the words that a technician needs.

use super::machine::MachineError;
use crate::state::StateError;
use seal::bundle::BundleError;
use seal::bundle::software::Version;
use seal::health::NO_ROOM;
use std::path::PathBuf;

/// Why no update was installed. The programs are as they were, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No root of trust for updates: set the box up for them.
    #[error(
        "{} holds no root of trust for updates: mpaka update set-up --root FILE, as root",
        folder.display()
    )]
    NotSetUp {
        /// The installer's folder.
        folder: PathBuf,
    },
    /// Another root of trust is there already: a box keeps headquarters.
    #[error(
        "{} holds another root of trust already; remove that folder first where headquarters has changed",
        folder.display()
    )]
    OtherRoot {
        /// The installer's folder.
        folder: PathBuf,
    },
    /// A file given for the set-up is not what it should be.
    #[error("{}: {why}", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// Another installer is at work: wait for it.
    #[error("another update is under way")]
    Elsewhere,
    /// The programs were not installed by packages: install those first.
    #[error("mpaka-post is not installed as a package here: there is nothing to update")]
    NotInstalled,
    /// What came is not headquarters', was altered, is old or has run out.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The release has no packages for this machine: ask headquarters to add them.
    #[error("release {version} has no mpaka-post for {architecture}")]
    NotForThisMachine {
        /// The release.
        version: Version,
        /// The machine's architecture.
        architecture: &'static str,
    },
    /// The release is older than what is installed, and is not what was in use before.
    #[error(
        "release {offered} is older than {installed}, which is installed: this box does not go back to it"
    )]
    Downgrade {
        /// The release.
        offered: Version,
        /// What is installed.
        installed: Version,
    },
    /// A package is not what its signed name says.
    #[error("{name} is, by its own word, {says}")]
    OtherPackage {
        /// The signed name.
        name: String,
        /// What the package says of itself.
        says: String,
    },
    /// The packages of the version in use are not kept, so that there would be no way back: publish that version, or
    /// give its packages to `mpaka update set-up`.
    #[error(
        "the packages of {installed} are not kept, so there would be no way back: publish that release first, or mpaka update set-up --root FILE PACKAGE…"
    )]
    NoWayBack {
        /// What is installed.
        installed: Version,
    },
    /// The disk is too full for the release: make room.
    #[error(
        "release {version} needs {} MiB free at {}, and {} are: make room there",
        needed_bytes.div_ceil(1 << 20),
        place.display(),
        free_bytes >> 20
    )]
    NoRoom {
        /// The release.
        version: Version,
        /// Where room is lacking.
        place: PathBuf,
        /// What must be free there, in bytes.
        needed_bytes: u64,
        /// What is.
        free_bytes: u64,
    },
    /// The release writes a layout of the store that the programs in use could not read after going back: another
    /// release comes first, which reads it and does not write it.
    #[error(
        "release {version} writes layout {writes} of the store, and the programs in use read up to {reads}: there would be no way back, so a release that reads it must be installed first"
    )]
    LayoutAhead {
        /// The release.
        version: Version,
        /// The layout that it writes.
        writes: u16,
        /// The newest layout that the programs in use read.
        reads: u16,
    },
    /// The release is too old to read what the programs in use have written.
    #[error(
        "release {version} reads the store's layouts up to {reads}, and the programs in use write {writes}: it could not open this box"
    )]
    LayoutBehind {
        /// The release.
        version: Version,
        /// The newest layout that it reads.
        reads: u16,
        /// The layout that the programs in use write.
        writes: u16,
    },
    /// The version before could not be installed again: look at the box. It is tried again at the next start.
    #[error("going back to {to} failed and is tried again: {source}")]
    WayBack {
        /// The version before.
        to: Version,
        /// What the system said.
        source: MachineError,
    },
    /// A file of the installer's is damaged.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// The system's tools for packages and services do not answer.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The box is not enrolled, or its state cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The disk failed: is it full?
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl UpdateError {
    pub(super) fn disk(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { path, source }
    }

    /// The word for headquarters where somebody must act before another try succeeds; nothing where time may do.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::NotForThisMachine { .. } => Some("other_architecture"),
            Self::Downgrade { .. } => Some("downgrade"),
            Self::OtherPackage { .. } => Some("other_package"),
            Self::NoWayBack { .. } => Some("no_way_back"),
            Self::NoRoom { .. } => Some(NO_ROOM),
            Self::LayoutAhead { .. } => Some("layout_ahead"),
            Self::LayoutBehind { .. } => Some("layout_behind"),
            Self::Bundle(BundleError::Tampered { .. }) => Some("tampered"),
            _ => None,
        }
    }
}
