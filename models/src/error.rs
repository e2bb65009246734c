//! What can go wrong with a model, named for what to do about it.

use std::path::PathBuf;

/// Why a model cannot answer. An inspection takes every one of these as `Undetermined`.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The weights are not in the folder: run `mpaka-models fetch`, or put the file there by hand.
    #[error(
        "model {id} is absent: run `mpaka-models fetch`, or put {file} (SHA-256 {digest}) into {}",
        folder.display()
    )]
    Absent {
        /// The card's id.
        id: String,
        /// The file looked for.
        file: String,
        /// The folder looked in.
        folder: PathBuf,
        /// The SHA-256 digest that the file must have, in hexadecimal.
        digest: String,
    },
    /// The file is there and is not what the card says: remove it and run `mpaka-models fetch`.
    #[error(
        "model {id} is corrupt: {} has SHA-256 {found}, not {expected}; remove it and run `mpaka-models fetch`",
        path.display()
    )]
    Corrupt {
        /// The card's id.
        id: String,
        /// The file.
        path: PathBuf,
        /// The digest on the card.
        expected: String,
        /// The digest of the file, or its size where that already differs.
        found: String,
    },
    /// The file is there and cannot be read: check permissions and the disk.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The weights are right and the engine does not understand them: this program and the card do not belong together.
    #[error("model {id} is not understood by this program: {reason}")]
    Refused {
        /// The card's id.
        id: String,
        /// What the engine said.
        reason: String,
    },
    /// A network broke off while it ran: most likely memory ran out; try again, then restart.
    #[error("model {id} broke off: {reason}")]
    BrokeOff {
        /// The card's id.
        id: String,
        /// What the engine said.
        reason: String,
    },
}
