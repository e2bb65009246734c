//! A short secret locked by a passphrase: Argon2id (RFC 9106) makes the key, ChaCha20-Poly1305 (RFC 8439)
//! locks and proves. What is locked is bound to a purpose, so that it opens for nothing else.

use crate::SealError;
use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The fewest characters of a passphrase: short ones are guessed from a stolen file.
pub const SHORTEST_PASSPHRASE: usize = 12;
/// The most bytes of a passphrase.
const LONGEST_PASSPHRASE: usize = 1024;

/// RFC 9106 section 4, the second recommended option: 64 MiB, three passes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// A file that asks for more than this is not believed, in KiB and passes.
const MEMORY_LIMIT_KIB: u32 = 1024 * 1024;
const PASSES_LIMIT: u32 = 32;

/// A secret, locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    #[serde(with = "hex::serde")]
    salt: [u8; 16],
    #[serde(with = "hex::serde")]
    nonce: [u8; 12],
    #[serde(with = "hex::serde")]
    sealed: Vec<u8>,
}

impl Locked {
    /// Locks a secret for one purpose. Takes a good part of a second and 64 MiB: so does every guess.
    ///
    /// # Errors
    /// [`SealError::PassphraseTooShort`], [`SealError::NoRandomness`].
    pub fn lock(secret: &[u8], purpose: &str, passphrase: &str) -> Result<Self, SealError> {
        if passphrase.chars().count() < SHORTEST_PASSPHRASE || passphrase.len() > LONGEST_PASSPHRASE
        {
            return Err(SealError::PassphraseTooShort);
        }
        let random = SystemRandom::new();
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        random
            .fill(&mut salt)
            .and_then(|()| random.fill(&mut nonce))
            .map_err(|_| SealError::NoRandomness)?;
        let mut locked = Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            nonce,
            sealed: secret.to_vec(),
        };
        let key = locked.key(passphrase).ok_or(SealError::PassphraseWrong)?;
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut locked.sealed,
        )
        .map_err(|_| SealError::NoRandomness)?;
        Ok(locked)
    }

    /// Opens it again.
    ///
    /// # Errors
    /// [`SealError::PassphraseWrong`]: also where the file was altered, which looks the same.
    pub fn open(&self, purpose: &str, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut sealed = Zeroizing::new(self.sealed.clone());
        let key = self.key(passphrase).ok_or(SealError::PassphraseWrong)?;
        let length = key
            .open_in_place(
                Nonce::assume_unique_for_key(self.nonce),
                Aad::from(purpose.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| SealError::PassphraseWrong)?
            .len();
        sealed.truncate(length);
        Ok(sealed)
    }

    /// The key of a passphrase; `None` where the file asks for what no file of ours asks for.
    fn key(&self, passphrase: &str) -> Option<LessSafeKey> {
        if passphrase.len() > LONGEST_PASSPHRASE
            || self.memory_kib > MEMORY_LIMIT_KIB
            || self.passes > PASSES_LIMIT
        {
            return None;
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut *key)
            .ok()?;
        UnboundKey::new(&CHACHA20_POLY1305, &*key)
            .ok()
            .map(LessSafeKey::new)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_passphrase_and_the_purpose_open_it() {
        let locked = Locked::lock(b"a secret", "key", "correct horse battery").unwrap();
        assert_eq!(
            *locked.open("key", "correct horse battery").unwrap(),
            b"a secret"
        );
        let wrong = |e: Result<_, SealError>| matches!(e, Err(SealError::PassphraseWrong));
        assert!(wrong(locked.open("key", "correct horse batterY")));
        assert!(wrong(locked.open("other", "correct horse battery")));
        let mut altered = locked.clone();
        altered.sealed[0] ^= 1;
        assert!(wrong(altered.open("key", "correct horse battery")));
        let mut greedy = locked.clone();
        greedy.memory_kib = u32::MAX;
        assert!(wrong(greedy.open("key", "correct horse battery")));
        assert!(matches!(
            Locked::lock(b"x", "key", "short"),
            Err(SealError::PassphraseTooShort)
        ));
    }
}
