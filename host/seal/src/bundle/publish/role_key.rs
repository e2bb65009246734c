//! One key of a role, wherever its private half lies, and how the signing library signs with it.

use super::{PublishError, Role};
use crate::SealError;
use crate::token::TokenKey;
use async_trait::async_trait;
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tough::key_source::KeySource;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::{Ed25519Key, Ed25519Scheme, Key};
use tough::sign::Sign;
use zeroize::Zeroizing;

/// One key of a role.
#[derive(Clone)]
pub(super) struct RoleKey {
    role: Role,
    private: Private,
    public: Vec<u8>,
    id: Decoded<Hex>,
}

/// Where the private half lies.
#[derive(Clone)]
enum Private {
    /// Here, as PKCS#8.
    Here(Zeroizing<Vec<u8>>),
    /// In a token that has been opened.
    Token(Arc<dyn TokenKey>),
}

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoleKey({} {})", self.role, hex::encode(&*self.id))
    }
}

impl RoleKey {
    pub(super) fn from_pkcs8(role: Role, pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|e| e.to_string())?;
        let public = pair.public_key().as_ref().to_vec();
        Self::new(role, Private::Here(pkcs8), public)
    }

    pub(super) fn in_token(role: Role, key: Arc<dyn TokenKey>) -> Result<Self, String> {
        let public = key.public().to_vec();
        Self::new(role, Private::Token(key), public)
    }

    fn new(role: Role, private: Private, public: Vec<u8>) -> Result<Self, String> {
        let id = tuf_key(&public).key_id().map_err(|e| e.to_string())?;
        Ok(Self {
            role,
            private,
            public,
            id,
        })
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    pub(super) fn id(&self) -> &Decoded<Hex> {
        &self.id
    }

    pub(super) fn public(&self) -> Key {
        tuf_key(&self.public)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PublishError> {
        match &self.private {
            Private::Here(pkcs8) => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8)
                    .map_err(|e| PublishError::Signing(e.to_string()))?;
                Ok(pair.sign(message).as_ref().to_vec())
            }
            Private::Token(key) => Ok(key.sign(message).map_err(SealError::from)?.to_vec()),
        }
    }
}

fn tuf_key(public: &[u8]) -> Key {
    Key::Ed25519 {
        keyval: Ed25519Key {
            public: public.to_vec().into(),
            _extra: HashMap::new(),
        },
        scheme: Ed25519Scheme::Ed25519,
        _extra: HashMap::new(),
    }
}

/// What a key said when it would not sign: the signing library passes on words alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Fault(Arc<Mutex<Option<PublishError>>>);

impl Fault {
    /// What was said last, where something was.
    pub(super) fn take(&self) -> Option<PublishError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A key as the signing library takes it.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) key: RoleKey,
    pub(super) fault: Fault,
}

#[async_trait]
impl KeySource for Signer {
    async fn as_sign(&self) -> Result<Box<dyn Sign>, Box<dyn Error + Send + Sync + 'static>> {
        Ok(Box::new(self.clone()))
    }

    async fn write(
        &self,
        _value: &str,
        _key_id_hex: &str,
    ) -> Result<(), Box<dyn Error + Send + Sync + 'static>> {
        Err("keys are made in the ceremony only".into())
    }
}

#[async_trait]
impl Sign for Signer {
    fn tuf_key(&self) -> Key {
        self.key.public()
    }

    async fn sign(
        &self,
        message: &[u8],
        _random: &(dyn aws_lc_rs::rand::SecureRandom + Sync),
    ) -> Result<Vec<u8>, Box<dyn Error + Send + Sync + 'static>> {
        self.key.sign(message).map_err(|e| {
            let words = e.to_string();
            *self.fault.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(e);
            words.into()
        })
    }
}
