//! What keeps a token from doing what was asked, named for what to do about it.

use cryptoki::error::{Error, RvError};
use std::path::PathBuf;

/// Why a token did not do what was asked. No PIN stands in any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs11Error {
    /// A text is no URI of a key that this program understands.
    #[error("this is no pkcs11: URI that names a key: {why}")]
    UriUnfit {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A PIN in a URI ends in histories and logs: treat it as seen, and change it.
    #[error(
        "a PIN does not belong into a URI: change it, and write pin-source=file:/PATH or nothing"
    )]
    PinInUri,
    /// Which library speaks to the token is not said.
    #[error("name the token's library: module-path= in the URI, or MPAKA_PKCS11_MODULE")]
    ModuleUnnamed,
    /// The token's library cannot be used.
    #[error("{}: {why}", path.display())]
    ModuleUnusable {
        /// The library.
        path: PathBuf,
        /// What it said.
        why: String,
    },
    /// The token is not here: plug it in.
    #[error("no token {token} is here: plug it in (mpaka-hq pkcs11 tokens lists what is)")]
    NoToken {
        /// What the URI says of it.
        token: String,
    },
    /// Several tokens fit the URI: add their serial number.
    #[error("{count} tokens are called {token}: add serial= to the URI")]
    TokensAlike {
        /// What the URI says of them.
        token: String,
        /// How many.
        count: usize,
    },
    /// Nobody is here to type the PIN.
    #[error(
        "nobody types the PIN of the token {token} here: add ?pin-source=file:/PATH to its URI"
    )]
    PinNeeded {
        /// The token.
        token: String,
    },
    /// A holder's PIN is typed by the holder, not read from a file.
    #[error("the token {token} is its holder's, who types its PIN: take pin-source out of the URI")]
    PinOfHolder {
        /// The token.
        token: String,
    },
    /// The file with the PIN cannot be used.
    #[error("{}: {why}", path.display())]
    PinFileUnusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The PIN could not be read from the terminal.
    #[error("the PIN of the token {token} could not be read: {source}")]
    PinUnread {
        /// The token.
        token: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The PIN is wrong. It was tried once.
    #[error(
        "the token {token} refuses the PIN; it was tried once, and is not tried again: tokens lock themselves"
    )]
    PinWrong {
        /// The token.
        token: String,
    },
    /// A wrong PIN was given to the token lately, so that a program alone gives none: it might be the last try.
    #[error(
        "the token {token} was given a wrong PIN since it was last opened: correct the file, then open it once by \
         hand (mpaka-hq pkcs11 check)"
    )]
    PinRefusedBefore {
        /// The token.
        token: String,
    },
    /// Too many wrong PINs.
    #[error(
        "the token {token} has locked itself after wrong PINs: its security officer unlocks it with the token's own tool"
    )]
    PinLocked {
        /// The token.
        token: String,
    },
    /// The token has no PIN yet, or wants another.
    #[error(
        "the token {token} has no PIN of its user yet, or wants a new one: set it with the token's own tool"
    )]
    PinUnset {
        /// The token.
        token: String,
    },
    /// The token does not hold the key.
    #[error("{key}: the token holds no such key")]
    KeyMissing {
        /// The key.
        key: String,
    },
    /// Several objects of the token fit.
    #[error("{key}: the token holds {count} such keys; name it by id=")]
    KeysAlike {
        /// The key.
        key: String,
        /// How many.
        count: usize,
    },
    /// There is such a key already; none is ever written over.
    #[error(
        "{key}: the token holds such a key already; name another object, or say --existing-keys"
    )]
    KeyThere {
        /// The key.
        key: String,
    },
    /// The key can be taken out of the token: it may be elsewhere too.
    #[error("{key}: this key can be taken out of its token; make one that cannot")]
    KeyExtractable {
        /// The key.
        key: String,
    },
    /// The key was brought into its token, or could once be taken out: it may be elsewhere too.
    #[error("{key}: this key was not made in its token, and may be elsewhere too; make one there")]
    KeyBroughtIn {
        /// The key.
        key: String,
    },
    /// The key in the token is another than the one that was made.
    #[error("{key}: this is another key than the one made at the ceremony")]
    AnotherKey {
        /// The key.
        key: String,
    },
    /// The token cannot make or use such keys.
    #[error("the token {token} knows no {mechanism}: take another token for this key")]
    MechanismMissing {
        /// The token.
        token: String,
        /// What it would have to know.
        mechanism: &'static str,
    },
    /// Two people's keys, or a person's and a program's, would lie under one PIN.
    #[error(
        "the token {token} is named for two keys, or holds one that stays in force: each root key and each holder's key has a token of its own"
    )]
    TokenShared {
        /// The token.
        token: String,
    },
    /// The token was pulled out, or fell silent, while it was at work.
    #[error(
        "the token {token} was pulled out or answers no more ({why}): nothing was signed by it; begin again"
    )]
    TokenGone {
        /// The token.
        token: String,
        /// What its library said.
        why: String,
    },
    /// The token refuses for a reason of its own.
    #[error("the token {token} refuses: {why}")]
    TokenRefuses {
        /// The token.
        token: String,
        /// What its library said.
        why: String,
    },
    /// Keys that open records lie in files.
    #[error(
        "a key that opens records lies in a file and in no token (decisions/keys-in-tokens.md)"
    )]
    OpensFromFileOnly,
}

impl Pkcs11Error {
    /// Names what a token's library said.
    pub(super) fn of(token: &str, error: &Error) -> Self {
        let token = token.to_owned();
        let Error::Pkcs11(code, function) = error else {
            let why = error.to_string();
            return Self::TokenRefuses { token, why };
        };
        let why = format!("{function:?}: {code:?}");
        match code {
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
                Self::PinWrong { token }
            }
            RvError::PinLocked => Self::PinLocked { token },
            RvError::UserPinNotInitialized | RvError::PinExpired => Self::PinUnset { token },
            // SoftHSM and several drivers answer "general error" or "no such object" once a token is gone.
            RvError::DeviceRemoved
            | RvError::DeviceError
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SlotIdInvalid
            | RvError::SessionClosed
            | RvError::SessionHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::KeyHandleInvalid
            | RvError::UserNotLoggedIn
            | RvError::GeneralError
            | RvError::FunctionFailed => Self::TokenGone { token, why },
            _ => Self::TokenRefuses { token, why },
        }
    }

    /// The variant's name, for headquarters' ledger.
    #[must_use]
    pub fn name(&self) -> String {
        let shown = format!("{self:?}");
        let end = shown.find(|c: char| !c.is_ascii_alphanumeric());
        shown[..end.unwrap_or(shown.len())].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki::context::Function;

    #[test]
    fn what_a_library_says_has_a_name() {
        let of = |code| Pkcs11Error::of("root-1", &Error::Pkcs11(code, Function::Sign)).name();
        for code in [
            RvError::DeviceRemoved,
            RvError::TokenNotPresent,
            RvError::SessionHandleInvalid,
            RvError::ObjectHandleInvalid,
            RvError::GeneralError,
        ] {
            assert_eq!(of(code), "TokenGone", "{code:?}");
        }
        assert_eq!(of(RvError::PinIncorrect), "PinWrong");
        assert_eq!(of(RvError::PinLenRange), "PinWrong");
        assert_eq!(of(RvError::PinLocked), "PinLocked");
        assert_eq!(of(RvError::UserPinNotInitialized), "PinUnset");
        assert_eq!(of(RvError::HostMemory), "TokenRefuses");
    }
}
