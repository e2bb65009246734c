//! The keys of the signing roles: Ed25519, one file each, readable by their owner only. A file holds the key, or
//! the key under its holder's passphrase, or the name of a token that holds it.

use super::PublishError;
use super::role_key::RoleKey;
use crate::durable::Readers;
use crate::passphrase::Locked;
use crate::token::{InToken, TokenFault, Tokens, no_tokens};
use crate::{SealError, keyfile, wire};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use rules::OfficerId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::Key;
use tough::schema::{RoleType, Root, Signed};
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

/// Which of the keys to be made are made in tokens.
#[derive(Debug, Clone)]
pub struct InTokens {
    /// The way to the tokens: also to those that hold keys already.
    pub tokens: Arc<dyn Tokens>,
    /// The `pkcs11:` URIs of a role's first keys; its other keys are made in files.
    pub uris: BTreeMap<Role, Vec<String>>,
}

impl InTokens {
    /// None of them, and none that is there already.
    #[must_use]
    pub fn none() -> Self {
        Self {
            tokens: no_tokens(),
            uris: BTreeMap::new(),
        }
    }

    pub(super) fn of(&self, role: Role) -> &[String] {
        self.uris.get(&role).map(Vec::as_slice).unwrap_or_default()
    }
}

/// One person who holds a key of a role, and the passphrase that locks it: without the person there is no
/// signature.
pub struct Holder {
    /// Who.
    pub name: OfficerId,
    /// Chosen by the person, known to nobody else; the token's PIN where the key lies in one.
    pub passphrase: Zeroizing<String>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder({})", self.name)
    }
}

/// A key's file. Version 1 had neither `holder` nor `locked`; version 3 is of a key in a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    version: u64,
    role: Role,
    key_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pkcs8: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<OfficerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locked: Option<Locked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<InToken>,
}

const FILE_VERSION: u64 = 3;
/// What files without a token are written as: programs of before read them.
const VERSION_WITHOUT_TOKEN: u64 = 2;
const EXPECTED: &str = "a signing role's key";

/// What a locked key is bound to beside its id.
const LOCKED: &str = "mpaka role key v1";

/// Makes the keys of a role: `role-N-xxxxxxxx.key`, N from 1, x the head of the key's id. Where there are
/// holders, each gets one, locked by the passphrase; the first keys are made in tokens where tokens are named.
pub(super) fn make(
    folder: &Path,
    role: Role,
    quorum: Quorum,
    holders: &[Holder],
    in_tokens: &InTokens,
) -> Result<Vec<RoleKey>, PublishError> {
    // One person, however written: keys are unlocked without regard to case.
    let names: BTreeSet<String> = holders
        .iter()
        .map(|h| h.name.as_str().to_ascii_lowercase())
        .collect();
    if !holders.is_empty() && names.len() != usize::from(quorum.keys) {
        return Err(PublishError::HoldersImpossible {
            role,
            holders: names.len(),
            keys: quorum.keys,
        });
    }
    let uris = in_tokens.of(role);
    if uris.len() > usize::from(quorum.keys) {
        return Err(PublishError::TokensImpossible {
            role,
            tokens: uris.len(),
            keys: quorum.keys,
        });
    }
    let (mut made, mut files) = (Vec::new(), Vec::new());
    for number in 0..usize::from(quorum.keys) {
        let holder = holders.get(number);
        let (key, mut file) = match uris.get(number) {
            Some(uri) => make_in_token(role, uri, holder, &*in_tokens.tokens)?,
            None => make_here(role, holder)?,
        };
        file.key_id = hex::encode(&**key.id());
        let path = folder.join(format!("{role}-{}-{}.key", number + 1, &file.key_id[..8]));
        files.push((path, file));
        made.push(key);
    }
    // Only now: a passphrase that is refused leaves none of the keys behind.
    for (path, file) in &files {
        keyfile::create(path, &keyfile::print(file), Readers::Owner)?;
    }
    Ok(made)
}

/// A key in a file, under its holder's passphrase where it has one.
fn make_here(role: Role, holder: Option<&Holder>) -> Result<(RoleKey, KeyFile), PublishError> {
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random)
        .map_err(|e| PublishError::Signing(e.to_string()))?;
    let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
    let key = RoleKey::from_pkcs8(role, pkcs8.clone()).map_err(PublishError::Signing)?;
    let locked = holder
        .map(|h| Locked::lock(&pkcs8, &bound_to(&hex::encode(&**key.id())), &h.passphrase))
        .transpose()?;
    let file = KeyFile {
        version: VERSION_WITHOUT_TOKEN,
        role,
        key_id: String::new(),
        pkcs8: (locked.is_none()).then(|| Zeroizing::new(hex::encode(&*pkcs8))),
        holder: holder.map(|h| h.name.clone()),
        locked,
        token: None,
    };
    Ok((key, file))
}

/// A key in a token, whose PIN its holder has.
fn make_in_token(
    role: Role,
    uri: &str,
    holder: Option<&Holder>,
    tokens: &dyn Tokens,
) -> Result<(RoleKey, KeyFile), PublishError> {
    let pin = holder.map(|h| h.passphrase.as_str());
    let made = tokens.make(uri, pin).map_err(SealError::from)?;
    let token = InToken::of(uri, &*made);
    let key = RoleKey::in_token(role, made).map_err(PublishError::Signing)?;
    let file = KeyFile {
        version: FILE_VERSION,
        role,
        key_id: String::new(),
        pkcs8: None,
        holder: holder.map(|h| h.name.clone()),
        locked: None,
        token: Some(token),
    };
    Ok((key, file))
}

/// A key that waits for its holder's passphrase or PIN.
#[derive(Debug)]
struct Waiting {
    role: Role,
    key_id: String,
    holder: OfficerId,
    secret: Secret,
}

/// What the holder opens.
#[derive(Debug)]
enum Secret {
    Locked(Locked),
    InToken(InToken),
}

/// A key in a token that is no person's: opened when it is to sign.
#[derive(Debug)]
struct Elsewhere {
    role: Role,
    key_id: String,
    token: InToken,
}

/// Moves the files of keys that the root does not name into `replaced/`: those that it replaced, and those that an
/// interrupted ceremony or rotation left behind. Nobody unlocks or signs with them by mistake.
pub(super) fn put_aside(folder: &Path, named: &BTreeSet<String>) -> Result<(), PublishError> {
    let aside = folder.join("replaced");
    for entry in std::fs::read_dir(folder).map_err(PublishError::io(folder))? {
        let path = entry.map_err(PublishError::io(folder))?.path();
        if path.extension().is_none_or(|e| e != "key") {
            continue;
        }
        if named.contains(&key_file(&path)?.key_id) {
            continue;
        }
        std::fs::create_dir_all(&aside).map_err(PublishError::io(&aside))?;
        let to = aside.join(path.file_name().unwrap_or_default());
        std::fs::rename(&path, &to).map_err(PublishError::io(to))?;
    }
    crate::durable::sync_folder(folder).map_err(PublishError::io(folder))
}

/// The signing keys at hand.
#[derive(Debug)]
pub struct KeyFolder {
    keys: Vec<RoleKey>,
    waiting: Vec<Waiting>,
    elsewhere: Vec<Elsewhere>,
    tokens: Arc<dyn Tokens>,
    /// Which person unlocked which key.
    held: HashMap<Decoded<Hex>, OfficerId>,
}

impl KeyFolder {
    /// Reads every `*.key` of the folder. Keys with holders stay locked; keys in tokens are refused once they are
    /// to sign.
    ///
    /// # Errors
    /// [`PublishError::Key`] for a file that is no key of ours or not its owner's alone, or
    /// [`PublishError::Io`].
    pub fn open(folder: &Path) -> Result<Self, PublishError> {
        Self::open_with(folder, no_tokens())
    }

    /// The same, with a way to the tokens that hold some of the keys. No token is asked for anything yet.
    ///
    /// # Errors
    /// Those of [`KeyFolder::open`].
    pub fn open_with(folder: &Path, tokens: Arc<dyn Tokens>) -> Result<Self, PublishError> {
        let mut opened = Self {
            keys: Vec::new(),
            waiting: Vec::new(),
            elsewhere: Vec::new(),
            tokens,
            held: HashMap::new(),
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(PublishError::io(folder))? {
            let path = entry.map_err(PublishError::io(folder))?.path();
            if path.extension().is_some_and(|e| e == "key") {
                paths.push(path);
            }
        }
        // PINs are asked for in the order in which the keys are numbered.
        paths.sort();
        for path in &paths {
            opened.read(path)?;
        }
        Ok(opened)
    }

    /// Who holds keys of this role here, unlocked or not.
    #[must_use]
    pub fn holders(&self, role: Role) -> Vec<&OfficerId> {
        let waiting = self.waiting.iter().filter(|w| w.role == role);
        let held = self.keys.iter().filter(|key| key.role() == role);
        waiting
            .map(|w| &w.holder)
            .chain(held.filter_map(|key| self.held.get(key.id())))
            .collect()
    }

    /// The keys here that lie in tokens and have not been opened: what role, and the `pkcs11:` URI.
    pub fn in_tokens(&self) -> impl Iterator<Item = (Role, &str)> {
        let of_people = self.waiting.iter().filter_map(|w| match &w.secret {
            Secret::InToken(token) => Some((w.role, token.uri.as_str())),
            Secret::Locked(_) => None,
        });
        let of_programs = self.elsewhere.iter();
        of_people.chain(of_programs.map(|key| (key.role, key.token.uri.as_str())))
    }

    /// Unlocks the keys of one person. Names are compared without regard to case.
    ///
    /// # Errors
    /// [`PublishError::NoSuchHolder`], or [`PublishError::Key`] where the passphrase or PIN is wrong, or the
    /// token is not here.
    pub fn unlock(&mut self, holder: &Holder) -> Result<(), PublishError> {
        let theirs = |name: &OfficerId| name.as_str().eq_ignore_ascii_case(holder.name.as_str());
        if !self.waiting.iter().any(|w| theirs(&w.holder)) {
            return Err(PublishError::NoSuchHolder {
                holder: holder.name.clone(),
            });
        }
        for waiting in self
            .waiting
            .extract_if(.., |w| theirs(&w.holder))
            .collect::<Vec<_>>()
        {
            let key = match &waiting.secret {
                Secret::Locked(locked) => {
                    let pkcs8 = locked.open(&bound_to(&waiting.key_id), &holder.passphrase)?;
                    RoleKey::from_pkcs8(waiting.role, pkcs8)
                }
                Secret::InToken(token) => {
                    let opened = token.open(&*self.tokens, Some(&holder.passphrase));
                    RoleKey::in_token(waiting.role, opened.map_err(SealError::from)?)
                }
            }
            .map_err(PublishError::Signing)?;
            if hex::encode(&**key.id()) == waiting.key_id {
                self.held.insert(key.id().clone(), waiting.holder);
                self.keys.push(key);
            }
        }
        Ok(())
    }

    /// What one person says with the key of a role, for one purpose: the key's id and the signature. The
    /// message's shape can never be that of a role file.
    ///
    /// # Errors
    /// [`PublishError::NoSuchHolder`] where no unlocked key of this role is the person's.
    pub fn sign_as(
        &self,
        role: Role,
        holder: &OfficerId,
        purpose: &str,
        parts: &[&[u8]],
    ) -> Result<(String, Vec<u8>), PublishError> {
        let key = self.keys.iter().find(|key| {
            key.role() == role
                && self
                    .held
                    .get(key.id())
                    .is_some_and(|name| name.as_str().eq_ignore_ascii_case(holder.as_str()))
        });
        let key = key.ok_or_else(|| PublishError::NoSuchHolder {
            holder: holder.clone(),
        })?;
        let signature = key.sign(&wire::message(purpose, parts))?;
        Ok((hex::encode(&**key.id()), signature))
    }

    /// The keys of a role that the root names, where there are enough of them. Tokens are asked only while keys
    /// are missing; one that is not here is passed over while others do.
    pub(super) fn of(&self, root: &Signed<Root>, role: Role) -> Result<Vec<RoleKey>, PublishError> {
        let named = root.signed.roles.get(&role.tuf());
        let threshold = named.map_or(1, |n| n.threshold.get());
        let is_named = |id: &str| {
            named.is_some_and(|n| n.keyids.iter().any(|named| hex::encode(&**named) == id))
        };
        let mut keys: Vec<RoleKey> = self
            .keys
            .iter()
            .filter(|key| named.is_some_and(|n| n.keyids.contains(key.id())))
            .cloned()
            .collect();
        let mut absent = None;
        for key in self.elsewhere.iter().filter(|key| is_named(&key.key_id)) {
            if keys.len() as u64 >= threshold {
                break;
            }
            match key.token.open(&*self.tokens, None) {
                Ok(opened) => {
                    keys.push(RoleKey::in_token(key.role, opened).map_err(PublishError::Signing)?);
                }
                Err(fault @ TokenFault::Absent(_)) => absent = Some(fault),
                Err(fault) => return Err(SealError::from(fault).into()),
            }
        }
        if (keys.len() as u64) < threshold {
            if let Some(fault) = absent {
                return Err(SealError::from(fault).into());
            }
            return Err(PublishError::KeysMissing {
                role,
                threshold,
                present: keys.len() as u64,
                locked: self.waiting.iter().filter(|w| w.role == role).count(),
            });
        }
        Ok(keys)
    }

    fn read(&mut self, path: &Path) -> Result<(), PublishError> {
        let file = key_file(path)?;
        let damaged = || SealError::KeyFileDamaged {
            path: path.to_owned(),
            expected: EXPECTED,
        };
        match (file.pkcs8, file.holder, file.locked, file.token) {
            (Some(pkcs8), None, None, None) => {
                let pkcs8 = hex::decode(&*pkcs8).map_err(|_| damaged())?;
                let key =
                    RoleKey::from_pkcs8(file.role, Zeroizing::new(pkcs8)).map_err(|_| damaged())?;
                if hex::encode(&**key.id()) != file.key_id {
                    return Err(damaged().into());
                }
                self.keys.push(key);
            }
            (None, Some(holder), Some(locked), None) => self.waiting.push(Waiting {
                role: file.role,
                key_id: file.key_id,
                holder,
                secret: Secret::Locked(locked),
            }),
            (None, Some(holder), None, Some(token)) => self.waiting.push(Waiting {
                role: file.role,
                key_id: file.key_id,
                holder,
                secret: Secret::InToken(token),
            }),
            (None, None, None, Some(token)) => self.elsewhere.push(Elsewhere {
                role: file.role,
                key_id: file.key_id,
                token,
            }),
            _ => return Err(damaged().into()),
        }
        Ok(())
    }
}

/// What a key's file says.
fn key_file(path: &Path) -> Result<KeyFile, PublishError> {
    let bytes = keyfile::read_private(path)?;
    Ok(keyfile::parse(path, &bytes, FILE_VERSION, EXPECTED)?)
}

/// A locked key opens under its own id only.
fn bound_to(key_id: &str) -> String {
    format!("{LOCKED} {key_id}")
}

/// Whether a key that the root names for this role signed this.
pub(super) fn signed_for(
    root: &Signed<Root>,
    role: Role,
    key_id: &str,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Some(named) = root.signed.roles.get(&role.tuf()) else {
        return false;
    };
    named
        .keyids
        .iter()
        .filter(|id| hex::encode(&***id) == key_id)
        .filter_map(|id| root.signed.keys.get(id))
        .any(|key| match key {
            Key::Ed25519 { keyval, .. } => UnparsedPublicKey::new(&ED25519, &*keyval.public)
                .verify(message, signature)
                .is_ok(),
            _ => false,
        })
}
