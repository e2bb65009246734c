//! Ed25519 (RFC 8032) with ring: what device keys and receipt keys have in common.

use crate::{SealError, wire};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{self, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

/// A signing key. ring's own type does not wipe itself, so this one writes a key of no worth over it
/// when dropped; copies that ring makes on the stack while it works are beyond reach.
pub(crate) struct SigningKey(Box<Ed25519KeyPair>);

impl SigningKey {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Box::new(
            Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed"),
        ))
    }

    /// Reads PKCS#8 (RFC 8410, version 1 or 2).
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .ok()
            .map(|pair| Self(Box::new(pair)))
    }

    pub(crate) fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 64] {
        self.sign_plain(&wire::message(purpose, parts))
    }

    /// Signs a message of a protocol that tags its messages itself.
    pub(crate) fn sign_plain(&self, message: &[u8]) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.0.sign(message).as_ref());
        bytes
    }

    pub(crate) fn public(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        bytes
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        *self.0 = Ed25519KeyPair::from_seed_unchecked(&[0; 32]).expect("32 bytes are a seed");
        // Keeps the compiler from leaving out a write that nothing reads.
        std::hint::black_box(&self.0);
    }
}

/// A fresh key as PKCS#8.
pub(crate) fn fresh_pkcs8() -> Result<Zeroizing<Vec<u8>>, SealError> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| SealError::NoRandomness)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

/// 32 fresh random bytes.
pub(crate) fn fresh_seed() -> Result<Zeroizing<[u8; 32]>, SealError> {
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new()
        .fill(&mut *seed)
        .map_err(|_| SealError::NoRandomness)?;
    Ok(seed)
}

/// Whether `key` signed this; `what` names it in the error.
pub(crate) fn verify(
    key: &[u8; 32],
    purpose: &str,
    parts: &[&[u8]],
    signature: &[u8; 64],
    what: &'static str,
) -> Result<(), SealError> {
    UnparsedPublicKey::new(&signature::ED25519, key)
        .verify(&wire::message(purpose, parts), signature)
        .map_err(|_| SealError::SignatureWrong { what })
}
