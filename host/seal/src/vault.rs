//! The box's keys at rest: sealed, so that a disk without its box, or a box without its word, tells nothing.
//!
//! `keys.sealed` holds all private keys of the box, encrypted (ChaCha20-Poly1305, RFC 8439) under one key that
//! is nowhere on the disk: it is made anew from a passphrase (Argon2id, RFC 9106), or given by the box's TPM
//! for as long as the disk is in this box. At start the keys are unlocked into a folder that lives in memory
//! only; a cut of the power locks them again.

use crate::durable::{self, Readers};
use crate::{SealError, keyfile, wire};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

const VERSION: u64 = 1;
const WHAT: &str = "sealed keys of the box";
const BOUND: &[u8] = b"mpaka keys at rest v1";
/// The most that the file may measure, in bytes.
const LIMIT: usize = 256 * 1024;
/// Argon2id: memory in KiB, passes, lanes. RFC 9106 section 4's second choice, which a Pi can do in a second.
const COST: (u32, u32, u32) = (64 * 1024, 3, 1);
/// No file of ours asks for more: a hostile one must not make the box work for ever.
const COST_LIMIT: (u32, u32, u32) = (1024 * 1024, 16, 8);

/// What the keys are sealed with.
pub enum Sealing<'a> {
    /// A passphrase that a person types at every start.
    Passphrase(&'a str),
    /// 32 bytes that something outside the disk keeps: the TPM, a token, a server. The word says how to get
    /// them again, and is kept in the clear.
    Kept {
        /// The 32 bytes.
        key: &'a [u8; 32],
        /// How to get them again, as the keeper wrote it.
        by: Vec<u8>,
    },
}

/// How the keys are unlocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlocking {
    /// By a passphrase.
    Passphrase,
    /// By what keeps the key; as it wrote it.
    Kept(Vec<u8>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Method {
    Passphrase {
        #[serde(with = "serde_bytes")]
        salt: [u8; 16],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    },
    Kept {
        #[serde(with = "serde_bytes")]
        by: Vec<u8>,
    },
}

#[derive(Serialize, Deserialize)]
struct Wire(
    u64,
    Method,
    #[serde(with = "serde_bytes")] [u8; NONCE_LEN],
    #[serde(with = "serde_bytes")] Vec<u8>,
);

/// The names and contents of private key files, wiped when dropped.
pub type Keys = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Reads private key files as they lie unsealed in a folder; names that are not there are left out.
///
/// # Errors
/// [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`], [`SealError::File`].
pub fn gather(folder: &Path, names: &[&str]) -> Result<Keys, SealError> {
    let mut keys = Keys::new();
    for name in names {
        match keyfile::read_private(&folder.join(name)) {
            Ok(bytes) => {
                keys.insert((*name).to_owned(), bytes);
            }
            Err(SealError::KeyFileAbsent { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(keys)
}

/// Writes private key files into a folder, in place of older ones.
///
/// # Errors
/// [`SealError::File`].
pub fn spread(folder: &Path, keys: &Keys) -> Result<(), SealError> {
    for (name, bytes) in keys {
        let path = folder.join(name);
        durable::replace(&path, bytes, Readers::Owner).map_err(SealError::file(&path))?;
    }
    Ok(())
}

/// Seals keys into a file, in place of an older one.
///
/// # Errors
/// [`SealError::NoRandomness`], [`SealError::Malformed`], [`SealError::File`].
pub fn seal(path: &Path, keys: &Keys, sealing: &Sealing<'_>) -> Result<(), SealError> {
    let random = SystemRandom::new();
    let mut nonce = [0; NONCE_LEN];
    random
        .fill(&mut nonce)
        .map_err(|_| SealError::NoRandomness)?;
    let (method, key) = match sealing {
        Sealing::Passphrase(word) => {
            let mut salt = [0; 16];
            random
                .fill(&mut salt)
                .map_err(|_| SealError::NoRandomness)?;
            let (memory_kib, passes, lanes) = COST;
            let key = stretch(word, &salt, COST)?;
            let method = Method::Passphrase {
                salt,
                memory_kib,
                passes,
                lanes,
            };
            (method, key)
        }
        Sealing::Kept { key, by } => (Method::Kept { by: by.clone() }, Zeroizing::new(**key)),
    };
    let plain: BTreeMap<&str, &serde_bytes::Bytes> = keys
        .iter()
        .map(|(name, bytes)| (name.as_str(), serde_bytes::Bytes::new(bytes)))
        .collect();
    let mut bytes = Zeroizing::new(wire::encode(&plain));
    cipher(&key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(BOUND),
            &mut *bytes,
        )
        .map_err(|_| SealError::Malformed { what: WHAT })?;
    let file = wire::encode(&Wire(VERSION, method, nonce, bytes.to_vec()));
    durable::replace(path, &file, Readers::Owner).map_err(SealError::file(path))
}

/// How the keys in a file are unlocked.
///
/// # Errors
/// [`SealError::KeyFileAbsent`], [`SealError::Malformed`], [`SealError::NewerVersion`], [`SealError::File`].
pub fn unlocking(path: &Path) -> Result<Unlocking, SealError> {
    unlocking_of(&read(path)?)
}

/// How the keys in a file of this content are unlocked.
///
/// # Errors
/// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`].
pub fn unlocking_of(bytes: &[u8]) -> Result<Unlocking, SealError> {
    Ok(match parse(bytes)?.1 {
        Method::Passphrase { .. } => Unlocking::Passphrase,
        Method::Kept { by } => Unlocking::Kept(by),
    })
}

/// Unlocks the keys in a file, by a passphrase or the key that was kept.
///
/// # Errors
/// [`SealError::CannotUnlock`] where it is another passphrase or key, or the file was altered; and those of
/// [`unlocking`].
pub fn unlock(path: &Path, sealing: &Sealing<'_>) -> Result<Keys, SealError> {
    unlock_bytes(&read(path)?, sealing)
}

/// Unlocks the keys in a file of this content.
///
/// # Errors
/// Those of [`unlock`].
pub fn unlock_bytes(bytes: &[u8], sealing: &Sealing<'_>) -> Result<Keys, SealError> {
    let Wire(_, method, nonce, ciphertext) = parse(bytes)?;
    let key = match (&method, sealing) {
        (
            Method::Passphrase {
                salt,
                memory_kib,
                passes,
                lanes,
            },
            Sealing::Passphrase(word),
        ) => {
            let cost = (*memory_kib, *passes, *lanes);
            if cost.0 > COST_LIMIT.0 || cost.1 > COST_LIMIT.1 || cost.2 > COST_LIMIT.2 {
                return Err(SealError::Malformed { what: WHAT });
            }
            stretch(word, salt, cost)?
        }
        (Method::Kept { .. }, Sealing::Kept { key, .. }) => Zeroizing::new(**key),
        _ => return Err(SealError::CannotUnlock),
    };
    let mut bytes = Zeroizing::new(ciphertext);
    let plain = cipher(&key)?
        .open_in_place(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(BOUND),
            &mut bytes[..],
        )
        .map_err(|_| SealError::CannotUnlock)?;
    let keys: BTreeMap<String, serde_bytes::ByteBuf> = wire::decode(plain, LIMIT, WHAT)?;
    Ok(keys
        .into_iter()
        .map(|(name, bytes)| (name, Zeroizing::new(bytes.into_vec())))
        .collect())
}

/// Takes an unsealed key file off the disk: written over, then removed. A medium that spreads its writes may
/// keep the old bytes for a while all the same: who can, seals before the first traveller comes.
///
/// # Errors
/// [`SealError::File`].
pub fn shred(path: &Path) -> Result<(), SealError> {
    use std::io::Write;
    let failed = SealError::file;
    let about = match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        about => about.map_err(failed(path))?,
    };
    let mut file = std::fs::File::options()
        .write(true)
        .open(path)
        .map_err(failed(path))?;
    let length = usize::try_from(about.len()).unwrap_or(0).min(LIMIT);
    file.write_all(&vec![0; length]).map_err(failed(path))?;
    file.sync_all().map_err(failed(path))?;
    std::fs::remove_file(path).map_err(failed(path))?;
    path.parent()
        .map_or(Ok(()), durable::sync_folder)
        .map_err(failed(path))
}

fn read(path: &Path) -> Result<Vec<u8>, SealError> {
    use std::io::Read;
    let file = match std::fs::File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(SealError::KeyFileAbsent { path: path.into() });
        }
        opened => opened.map_err(SealError::file(path))?,
    };
    let mut bytes = Vec::new();
    file.take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(SealError::file(path))?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Result<Wire, SealError> {
    let wire: Wire = wire::decode(bytes, LIMIT, WHAT)?;
    wire::check_version(wire.0, VERSION, WHAT)?;
    Ok(wire)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&CHACHA20_POLY1305, key)
        .map(LessSafeKey::new)
        .map_err(|_| SealError::Malformed { what: WHAT })
}

/// The key that a passphrase makes.
fn stretch(
    word: &str,
    salt: &[u8; 16],
    (memory_kib, passes, lanes): (u32, u32, u32),
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let malformed = |_| SealError::Malformed { what: WHAT };
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(malformed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(word.as_bytes(), salt, &mut *key)
        .map_err(malformed)?;
    Ok(key)
}
