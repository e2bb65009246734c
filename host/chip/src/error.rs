//! What can go wrong with the parts of a chip, named for what the reader can do about it.

use crate::tlv::{Tag, TlvError};

/// Which object was being read when something was found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// An elementary file of the chip.
    File(crate::files::FileId),
    /// A certificate (RFC 5280).
    Certificate,
    /// A certificate revocation list (RFC 5280).
    RevocationList,
    /// A master list of CSCA certificates (Doc 9303-12).
    MasterList,
    /// A list of known defects (BSI TR-03129).
    DefectList,
    /// A signed message around one of the others (RFC 5652).
    SignedData,
    /// A public key (RFC 5480, RFC 3279).
    PublicKey,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(id) => write!(f, "{id}"),
            Self::Certificate => f.write_str("certificate"),
            Self::RevocationList => f.write_str("revocation list"),
            Self::MasterList => f.write_str("master list"),
            Self::DefectList => f.write_str("defect list"),
            Self::SignedData => f.write_str("signed data"),
            Self::PublicKey => f.write_str("public key"),
        }
    }
}

/// Every fault of this room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChipError {
    /// The bytes are not what the standard says: the part and the tag are named. Read again or refuse.
    #[error("{part}: {source}")]
    Malformed {
        /// Which part.
        part: Part,
        /// Where in it, and what.
        source: TlvError,
    },
    /// A file that the standard does not know begins so. Ignore it.
    #[error("no elementary file begins with tag {0}")]
    UnknownFile(Tag),
    /// The part is well-formed and uses something that is not supported. Cannot be judged.
    #[error("{part}: {what} is not supported")]
    Unsupported {
        /// Which part.
        part: Part,
        /// What it uses.
        what: String,
    },
    /// The cryptographic library refused a value that came from outside, such as a point off its curve.
    #[error("{part}: {what}")]
    BadKey {
        /// Which part.
        part: Part,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A trust list is not signed by the pinned root. Refuse it, and ask who sent it.
    #[error("the list is not signed by a pinned root: {why}")]
    ListNotTrusted {
        /// At which step belief ended.
        why: String,
    },
    /// A trust list is not newer than the one that is held. Keep the held one.
    #[error("the list of {offered} is not newer than the one held, of {held}")]
    ListRolledBack {
        /// Signing time of the list that is held.
        held: jiff::civil::DateTime,
        /// Signing time of the list that was offered.
        offered: jiff::civil::DateTime,
    },
    /// A trust list is older than one of the same country that this box has had before. Someone gave back an
    /// old one: fetch the newest.
    #[error("the list of {offered} is older than one that was here before, of {seen}")]
    ListOlderThanSeen {
        /// Signing time of the newest list that was held.
        seen: jiff::civil::DateTime,
        /// Signing time of the list that was offered.
        offered: jiff::civil::DateTime,
    },
    /// A trust list does not say when it was signed, so that newer and older cannot be told apart.
    #[error("the list does not say when it was signed")]
    ListUndated,
    /// A file or folder of the trust store could not be read from disk.
    #[error("{path}: {why}")]
    Unreadable {
        /// The path.
        path: std::path::PathBuf,
        /// The system's word.
        why: std::io::ErrorKind,
    },
    /// The bytes are neither certificate, revocation list, master list nor PEM.
    #[error("{0}: neither a certificate, a revocation list nor a master list")]
    UnknownTrust(String),
    /// The chip or the reader is gone. Place the document again.
    #[error(transparent)]
    Transceiver(#[from] crate::transceiver::TransceiverError),
    /// The chip does not take the key: the zone or access number was read wrongly, or is another document's.
    #[error("the chip does not accept the key from the page")]
    WrongKey,
    /// The chip knows BAC only, which the zone alone opens: read the zone.
    #[error("the chip does not open with the card access number: it needs the zone")]
    NoZoneKey,
    /// The chip refused a command.
    #[error("{step}: the chip answered {status}")]
    Refused {
        /// What was being done.
        step: &'static str,
        /// Its answer.
        status: crate::apdu::Status,
    },
    /// The chip refused a command outside secure messaging, so nobody vouches for the refusal.
    #[error("the chip answered {status} without protection")]
    RefusedUnprotected {
        /// Its answer.
        status: crate::apdu::Status,
    },
    /// An answer did not belong to the session. Break off: someone may stand between.
    #[error("secure messaging: {why}")]
    SecureMessaging {
        /// What was wrong with it.
        why: &'static str,
    },
    /// The chip broke the protocol's rules. Break off.
    #[error("{step}: {why}")]
    Protocol {
        /// What was being done.
        step: &'static str,
        /// What the chip did.
        why: &'static str,
    },
    /// The inspection was called off.
    #[error("called off")]
    CalledOff,
    /// The cryptographic library failed where it should not: out of memory or built without the algorithm.
    #[error("the cryptographic library cannot do {0}")]
    Library(&'static str),
}

impl ChipError {
    /// Adapter for `map_err`: names the part that was being read.
    pub(crate) fn in_part(part: Part) -> impl Fn(TlvError) -> Self {
        move |source| Self::Malformed { part, source }
    }
}
