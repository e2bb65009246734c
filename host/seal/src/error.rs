//! What can go wrong with keys, parcels, receipts and the chain, named for what to do about it.

use crate::hq::HqKeyId;
use std::io;
use std::path::PathBuf;

/// What can go wrong with keys, parcels, receipts and the chain.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A key file can be read by others than its owner: take the rights away, and treat the key as seen.
    #[error(
        "key file {path} can be read by others (mode {mode:04o}): treat the key as seen, then chmod 600"
    )]
    KeyFileOpenToOthers {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is no such key file.
    #[error("key file {path} is absent")]
    KeyFileAbsent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A key file is there already; keys are never overwritten.
    #[error("key file {path} is there already and is not overwritten")]
    KeyFileExists {
        /// The file that stays as it is.
        path: PathBuf,
    },
    /// A key file holds something else than such a key.
    #[error("key file {path} is damaged or not {expected}")]
    KeyFileDamaged {
        /// The key file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The file system refused.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// Something was written by a newer program.
    #[error("this {what} has version {version}; this program reads up to {known}: update it")]
    NewerVersion {
        /// What was being read.
        what: &'static str,
        /// The version found.
        version: u64,
        /// The newest version known here.
        known: u64,
    },
    /// Bytes are not what they should be: cut short, altered, or something else altogether.
    #[error("these bytes are not a well-formed {what}")]
    Malformed {
        /// What they should be.
        what: &'static str,
    },
    /// Something is larger than its kind may be.
    #[error("this {what} has {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size in bytes.
        bytes: u64,
        /// The most allowed, in bytes.
        limit: u64,
    },
    /// A parcel or receipt belongs to another headquarters' key.
    #[error("this {what} is for the headquarters' key {found}, and the key here is {ours}")]
    AnotherHq {
        /// What was being read.
        what: &'static str,
        /// The key it names.
        found: HqKeyId,
        /// The key that was tried.
        ours: HqKeyId,
    },
    /// A signature does not fit: altered on the way, or made by another key.
    #[error("the signature of this {what} does not fit: altered, or made by another key")]
    SignatureWrong {
        /// What was being read.
        what: &'static str,
    },
    /// A properly signed parcel does not open.
    #[error("this parcel does not open with the key it names")]
    CannotOpen,
    /// None of the wrapped keys is for this box: it was enrolled after they were wrapped, or has been revoked.
    #[error("no key of epoch {epoch} is for this box: it was enrolled later, or has been revoked")]
    NotForThisBox {
        /// The epoch.
        epoch: u64,
    },
    /// The box's sealed keys do not open: another passphrase, another box, or altered.
    #[error("the sealed keys do not open: a wrong passphrase, another box, or an altered file")]
    CannotUnlock,
    /// A passphrase opens nothing: the wrong one, or the file was altered.
    #[error("this passphrase does not open it")]
    PassphraseWrong,
    /// A passphrase is too short to lock anything, or longer than anyone types.
    #[error("a passphrase has 12 characters or more")]
    PassphraseTooShort,
    /// A line of the chain does not follow from the line before it.
    #[error("the chain breaks at line {line}: altered, missing or out of order")]
    ChainBroken {
        /// The first line that does not follow.
        line: u64,
    },
    /// A key lies in a token, which did not do what was asked: see what it says.
    #[error(transparent)]
    Token(#[from] crate::token::TokenFault),
}

impl SealError {
    /// Names the file that an input or output error is about.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File {
            path: path.to_path_buf(),
            source,
        }
    }
}
