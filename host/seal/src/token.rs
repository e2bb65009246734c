//! Private keys that lie in a token (PKCS#11) and never leave it: what this room knows of them.
//!
//! A key's file then holds where the key is and its public half; whoever asks for a signature has the token make
//! it. Headquarters alone speaks to tokens, and hands its way of doing so in as [`Tokens`]; a box knows none
//! ([`no_tokens`]). Keys here are Ed25519 (RFC 8032), as those in files.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a token did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum TokenFault {
    /// The token is not plugged in. Another key may do instead, where a role has several.
    #[error("{0}")]
    Absent(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else: what the way to the token says.
    #[error("{0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl TokenFault {
    /// What the way to the token said.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        match self {
            Self::Absent(why) | Self::Failed(why) => why,
        }
    }
}

/// One key in a token, opened with its PIN.
pub trait TokenKey: fmt::Debug + Send + Sync {
    /// The public half.
    fn public(&self) -> [u8; 32];

    /// Has the token sign this message (pure Ed25519).
    ///
    /// # Errors
    /// [`TokenFault`], also where the token was pulled out since it was opened.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], TokenFault>;
}

/// The way to tokens. A key is named by its `pkcs11:` URI (RFC 7512).
pub trait Tokens: fmt::Debug + Send + Sync {
    /// Makes a key in its token, from which it can never be taken out.
    ///
    /// # Errors
    /// [`TokenFault`].
    fn make(&self, uri: &str, pin: Option<&str>) -> Result<Arc<dyn TokenKey>, TokenFault>;

    /// Opens a key that has this public half. Without a PIN it is the way's own business to find one.
    ///
    /// # Errors
    /// [`TokenFault`]; another key under this name is refused.
    fn open(
        &self,
        uri: &str,
        public: &[u8; 32],
        pin: Option<&str>,
    ) -> Result<Arc<dyn TokenKey>, TokenFault>;
}

/// The way of a program that speaks to no tokens: every key in one is refused.
#[must_use]
pub fn no_tokens() -> Arc<dyn Tokens> {
    #[derive(Debug)]
    struct NoTokens;

    fn refused() -> TokenFault {
        TokenFault::Failed("the key lies in a token, and this program speaks to none".into())
    }

    impl Tokens for NoTokens {
        fn make(&self, _: &str, _: Option<&str>) -> Result<Arc<dyn TokenKey>, TokenFault> {
            Err(refused())
        }

        fn open(
            &self,
            _: &str,
            _: &[u8; 32],
            _: Option<&str>,
        ) -> Result<Arc<dyn TokenKey>, TokenFault> {
            Err(refused())
        }
    }

    Arc::new(NoTokens)
}

/// What a key's file holds of a key in a token: no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InToken {
    /// Where it is.
    pub(crate) uri: String,
    /// Its public half.
    #[serde(with = "hex::serde")]
    pub(crate) public: [u8; 32],
}

impl InToken {
    /// Of a key just made there.
    pub(crate) fn of(uri: &str, key: &dyn TokenKey) -> Self {
        Self {
            uri: uri.to_owned(),
            public: key.public(),
        }
    }

    /// Opens the key.
    pub(crate) fn open(
        &self,
        tokens: &dyn Tokens,
        pin: Option<&str>,
    ) -> Result<Arc<dyn TokenKey>, TokenFault> {
        let key = tokens.open(&self.uri, &self.public, pin)?;
        if key.public() == self.public {
            Ok(key)
        } else {
            Err(TokenFault::Failed(
                format!("{} is another key than its file says", self.uri).into(),
            ))
        }
    }
}
