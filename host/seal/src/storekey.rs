//! The key of the store on disk: 32 random bytes, made on the box.

use crate::SealError;
use crate::keyfile;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FILE_VERSION: u64 = 1;
const FILE_INFO: &[u8] = b"mpaka file beside the store v1";
const WHAT: &str = "file sealed under the store's key";
/// The most that such a file may hold, in bytes.
const FILE_LIMIT: usize = 1024 * 1024;

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

/// What stands around the content of a sealed file.
#[derive(Serialize, Deserialize)]
struct Wire(u64, ByteArray<NONCE_LEN>, ByteBuf);

/// Short files that lie beside the store and are sealed under its key (ChaCha20-Poly1305, RFC 8439, under a key
/// of their own by HKDF-SHA256, RFC 5869).
impl StoreKey {
    fn cipher(&self, purpose: &str) -> LessSafeKey {
        let info: [&[u8]; 2] = [FILE_INFO, purpose.as_bytes()];
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&self.0[..]);
        let okm = prk
            .expand(&info, &CHACHA20_POLY1305)
            .expect("32 bytes are within what HKDF gives");
        LessSafeKey::new(UnboundKey::from(okm))
    }

    /// Seals the content of a file; it opens for the same purpose only.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`], [`SealError::TooLarge`].
    pub fn seal_file(&self, purpose: &str, content: &[u8]) -> Result<Vec<u8>, SealError> {
        if content.len() > FILE_LIMIT {
            return Err(SealError::TooLarge {
                what: WHAT,
                bytes: content.len() as u64,
                limit: FILE_LIMIT as u64,
            });
        }
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| SealError::NoRandomness)?;
        // Room for the tag: a growing buffer would leave a copy of the content behind.
        let mut bytes = Vec::with_capacity(content.len() + CHACHA20_POLY1305.tag_len());
        bytes.extend_from_slice(content);
        self.cipher(purpose)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut bytes,
            )
            .map_err(|_| SealError::Malformed { what: WHAT })?;
        Ok(crate::wire::encode(&Wire(
            FILE_VERSION,
            ByteArray::new(nonce),
            ByteBuf::from(bytes),
        )))
    }

    /// Opens the content of a file.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`], and
    /// [`SealError::CannotUnlock`] where it was sealed under another key, for another purpose, or altered.
    pub fn open_file(&self, purpose: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let Wire(version, nonce, sealed) =
            crate::wire::decode_exact(bytes, FILE_LIMIT + 1024, WHAT)?;
        crate::wire::check_version(version, FILE_VERSION, WHAT)?;
        let mut bytes = Zeroizing::new(sealed.into_vec());
        let length = self
            .cipher(purpose)
            .open_in_place(
                Nonce::assume_unique_for_key(nonce.into_array()),
                Aad::empty(),
                &mut bytes[..],
            )
            .map_err(|_| SealError::CannotUnlock)?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_opens_under_its_key_and_for_its_purpose_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = StoreKey::open_or_create(&folder.path().join("a")).unwrap();
        let other = StoreKey::open_or_create(&folder.path().join("b")).unwrap();
        let sealed = key.seal_file("officers", b"a name").unwrap();
        assert!(!sealed.windows(6).any(|w| w == b"a name"));
        assert_eq!(*key.open_file("officers", &sealed).unwrap(), b"a name");
        let refused = |e| matches!(e, Err(SealError::CannotUnlock));
        assert!(refused(key.open_file("other", &sealed)));
        assert!(refused(other.open_file("officers", &sealed)));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open_file("officers", &altered).is_err(), "{at}");
            assert!(key.open_file("officers", &sealed[..at]).is_err(), "{at}");
        }
        assert_ne!(sealed, key.seal_file("officers", b"a name").unwrap());
    }
}
