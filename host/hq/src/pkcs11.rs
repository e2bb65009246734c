//! Keys in tokens (PKCS#11, OASIS 2.40 and 3.1): smart cards, USB sticks, hardware security modules, SoftHSM.
//!
//! Such a key is made in the token and never leaves it; a file of headquarters then holds where it is, a `pkcs11:`
//! URI ([`KeyUri`], RFC 7512), and its public half. A PIN stands in no command line, no URI and no log: somebody
//! types it, or a program reads it from the file that the URI names. A PIN that a token refused is not tried again
//! by a program: tokens lock themselves after a few tries.
//!
//! | keys | in a token |
//! |---|---|
//! | root, targets, snapshot, timestamp; receipts | Ed25519, `CKM_EDDSA` (RFC 8032 without parameters) |
//! | authority for certificates | ECDSA P-256, `CKM_ECDSA` over a SHA-256 made here |
//! | what opens parcels and protection records | never: see `decisions/keys-in-tokens.md` |
//!
//! `cryptoki` is used in this module alone.

mod device;
mod error;
mod key;
mod uri;
mod way;

pub use device::{PinState, TokenName, TokenState, tokens};
pub use error::Pkcs11Error;
pub(crate) use key::EcdsaKey;
pub use uri::KeyUri;
pub(crate) use way::open_authority;
pub use way::{AskPin, Making, Pkcs11Tokens, unattended};

use crate::HqError;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What kind of key is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// Signs roles and receipts.
    Ed25519,
    /// Signs certificates: TLS peers of every kind know it.
    P256,
}

/// The file of a key that opens records: such keys lie in files only.
///
/// # Errors
/// [`Pkcs11Error::OpensFromFileOnly`] for the URI of a key in a token.
pub fn file_of_opening_key(path: &Path) -> Result<&Path, Pkcs11Error> {
    match path.to_str() {
        Some(text) if text.starts_with("pkcs11:") => Err(Pkcs11Error::OpensFromFileOnly),
        _ => Ok(path),
    }
}

/// Whether keys that an interrupted act left behind lie where they are asked for now.
///
/// # Errors
/// [`HqError::Unreadable`] where they lie elsewhere.
pub(crate) fn stands_where_asked(
    path: &Path,
    found: Option<&str>,
    asked: Option<&str>,
) -> Result<(), HqError> {
    if found == asked {
        return Ok(());
    }
    Err(HqError::unreadable(
        path,
        "left by an act that was interrupted, with its receipt key elsewhere than asked for now: ask as then, or \
         move this file away",
    ))
}

/// A panic while the lock was held left what it guards as it was.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
