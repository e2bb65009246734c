//! The key of the store on disk: 32 random bytes, made on the box.

use crate::SealError;
use crate::keyfile;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The key that the store is encrypted with (AES-256, so 32 bytes). Wiped from memory when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct StoreKey(Box<[u8; 32]>);

impl StoreKey {
    /// Opens the key file (32 bytes, mode 0600), or makes one where there is none.
    ///
    /// # Errors
    /// [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`], [`SealError::File`],
    /// [`SealError::NoRandomness`].
    pub fn open_or_create(path: &Path) -> Result<Self, SealError> {
        keyfile::open_or_create(path, Self::open, || {
            let mut bytes = Zeroizing::new(vec![0; 32]);
            SystemRandom::new()
                .fill(&mut bytes)
                .map_err(|_| SealError::NoRandomness)?;
            Ok(bytes)
        })
    }

    /// Opens the key file.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], and those of [`StoreKey::open_or_create`].
    pub fn open(path: &Path) -> Result<Self, SealError> {
        let bytes = keyfile::read_private(path)?;
        if bytes.len() != 32 {
            return Err(SealError::KeyFileDamaged {
                path: path.into(),
                expected: "a store key of 32 bytes",
            });
        }
        let mut key = Self(Box::new([0; 32]));
        key.0.copy_from_slice(&bytes);
        Ok(key)
    }

    /// The 32 bytes, for whoever opens the store with them.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Tells this key from another one without giving it away: a SHA-256 over the key and a purpose.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        crate::wire::digest("mpaka store key fingerprint v1", &[&self.0[..]])
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}
