//! The keys of the signing roles: Ed25519, one file each, readable by their owner only.

use super::PublishError;
use crate::durable::Readers;
use crate::{SealError, keyfile};
use async_trait::async_trait;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;
use tough::key_source::KeySource;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::{Ed25519Key, Ed25519Scheme, Key};
use tough::schema::{RoleType, Root, Signed};
use tough::sign::Sign;
use zeroize::Zeroizing;

/// The four roles of TUF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Says who may sign what.
    Root,
    /// Signs the editions.
    Targets,
    /// Signs which files belong together.
    Snapshot,
    /// Signs what is newest.
    Timestamp,
}

impl Role {
    /// All of them, root first.
    pub const ALL: [Self; 4] = [Self::Root, Self::Targets, Self::Snapshot, Self::Timestamp];

    /// The name used in file names and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Targets => "targets",
            Self::Snapshot => "snapshot",
            Self::Timestamp => "timestamp",
        }
    }

    pub(super) fn tuf(self) -> RoleType {
        match self {
            Self::Root => RoleType::Root,
            Self::Targets => RoleType::Targets,
            Self::Snapshot => RoleType::Snapshot,
            Self::Timestamp => RoleType::Timestamp,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| "the roles are root, targets, snapshot and timestamp".to_owned())
    }
}

/// How many keys a role has, and how many of them must sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    threshold: u8,
    keys: u8,
}

impl Quorum {
    /// One key, which signs alone.
    pub const ONE: Self = Self {
        threshold: 1,
        keys: 1,
    };

    /// `threshold` of `keys`.
    ///
    /// # Errors
    /// [`PublishError::QuorumImpossible`] unless 1 ≤ threshold ≤ keys ≤ 32.
    pub fn new(threshold: u8, keys: u8) -> Result<Self, PublishError> {
        if (1..=keys).contains(&threshold) && keys <= 32 {
            Ok(Self { threshold, keys })
        } else {
            Err(PublishError::QuorumImpossible { threshold, keys })
        }
    }

    pub(super) fn threshold(self) -> NonZeroU64 {
        NonZeroU64::new(self.threshold.into()).unwrap_or(NonZeroU64::MIN)
    }
}

/// One key of a role.
#[derive(Clone)]
pub(super) struct RoleKey {
    role: Role,
    pkcs8: Zeroizing<Vec<u8>>,
    public: Vec<u8>,
    id: Decoded<Hex>,
}

/// A key's file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    version: u64,
    role: Role,
    key_id: String,
    pkcs8: Zeroizing<String>,
}

const FILE_VERSION: u64 = 1;

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoleKey({} {})", self.role, hex::encode(&*self.id))
    }
}

impl RoleKey {
    fn from_pkcs8(role: Role, pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|e| e.to_string())?;
        let public = pair.public_key().as_ref().to_vec();
        let id = tuf_key(&public).key_id().map_err(|e| e.to_string())?;
        Ok(Self {
            role,
            pkcs8,
            public,
            id,
        })
    }

    pub(super) fn id(&self) -> &Decoded<Hex> {
        &self.id
    }

    pub(super) fn public(&self) -> Key {
        tuf_key(&self.public)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PublishError> {
        let pair = Ed25519KeyPair::from_pkcs8(&self.pkcs8)
            .map_err(|e| PublishError::Signing(e.to_string()))?;
        Ok(pair.sign(message).as_ref().to_vec())
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

#[async_trait]
impl KeySource for RoleKey {
    async fn as_sign(
        &self,
    ) -> Result<Box<dyn Sign>, Box<dyn std::error::Error + Send + Sync + 'static>> {
        Ok(Box::new(tough::sign::parse_keypair(&self.pkcs8)?))
    }

    async fn write(
        &self,
        _value: &str,
        _key_id_hex: &str,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
        Err("keys are made in the ceremony only".into())
    }
}

/// Makes the keys of a role: `role-N-xxxxxxxx.key`, N from 1, x the head of the key's id.
pub(super) fn make(
    folder: &Path,
    role: Role,
    quorum: Quorum,
) -> Result<Vec<RoleKey>, PublishError> {
    let random = ring::rand::SystemRandom::new();
    let mut made = Vec::new();
    for number in 1..=quorum.keys {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random)
            .map_err(|e| PublishError::Signing(e.to_string()))?;
        let key = RoleKey::from_pkcs8(role, Zeroizing::new(pkcs8.as_ref().to_vec()))
            .map_err(PublishError::Signing)?;
        let key_id = hex::encode(&*key.id);
        let path = folder.join(format!("{role}-{number}-{}.key", &key_id[..8]));
        let file = KeyFile {
            version: FILE_VERSION,
            role,
            key_id,
            pkcs8: Zeroizing::new(hex::encode(&*key.pkcs8)),
        };
        keyfile::create(&path, &keyfile::print(&file), Readers::Owner)?;
        made.push(key);
    }
    Ok(made)
}

/// The signing keys at hand.
#[derive(Debug)]
pub struct KeyFolder {
    keys: Vec<RoleKey>,
}

impl KeyFolder {
    /// Reads every `*.key` of the folder.
    ///
    /// # Errors
    /// [`PublishError::Key`] for a file that is no key of ours or not its owner's alone, or
    /// [`PublishError::Io`].
    pub fn open(folder: &Path) -> Result<Self, PublishError> {
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(PublishError::io(folder))? {
            let path = entry.map_err(PublishError::io(folder))?.path();
            if path.extension().is_some_and(|e| e == "key") {
                keys.push(read(&path)?);
            }
        }
        Ok(Self { keys })
    }

    /// The keys of a role that the root names, where there are enough of them.
    pub(super) fn of(&self, root: &Signed<Root>, role: Role) -> Result<Vec<RoleKey>, PublishError> {
        let named = root.signed.roles.get(&role.tuf());
        let threshold = named.map_or(1, |n| n.threshold.get());
        let keys: Vec<RoleKey> = self
            .keys
            .iter()
            .filter(|key| named.is_some_and(|n| n.keyids.contains(&key.id)))
            .cloned()
            .collect();
        if (keys.len() as u64) < threshold {
            return Err(PublishError::KeysMissing {
                role,
                threshold,
                present: keys.len() as u64,
            });
        }
        Ok(keys)
    }
}

fn read(path: &Path) -> Result<RoleKey, PublishError> {
    const EXPECTED: &str = "a signing role's key";
    let file: KeyFile =
        keyfile::parse(path, &keyfile::read_private(path)?, FILE_VERSION, EXPECTED)?;
    let damaged = || SealError::KeyFileDamaged {
        path: path.to_owned(),
        expected: EXPECTED,
    };
    let pkcs8 = hex::decode(&*file.pkcs8).map_err(|_| damaged())?;
    let key = RoleKey::from_pkcs8(file.role, Zeroizing::new(pkcs8)).map_err(|_| damaged())?;
    if hex::encode(&*key.id) == file.key_id {
        Ok(key)
    } else {
        Err(damaged().into())
    }
}
