//! The box's own sealing key: what headquarters seals to one box alone (the content key of an edition).
//!
//! HPKE base mode (RFC 9180) as for parcels, the other way round. The private half is made on the box and
//! never leaves it; the public half is part of its enrolment and stands in headquarters' register.

use crate::hq::Kem;
use crate::{SealError, keyfile, signed, wire};
use hpke::{Deserializable, Kem as _, Serializable};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

const VERSION: u64 = 1;
const WHAT: &str = "sealed message";

/// The most that a message sealed to one box may measure, in bytes: keys and short words, never lists.
pub const MESSAGE_LIMIT: usize = 64 * 1024;

/// The private half: 32 bytes (RFC 7748) in a file of mode 0600. Wiped from memory when dropped.
pub struct SealingKey(<Kem as hpke::Kem>::PrivateKey);

impl SealingKey {
    /// Opens the key file, or makes one where there is none.
    ///
    /// # Errors
    /// [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`], [`SealError::File`],
    /// [`SealError::NoRandomness`].
    pub fn open_or_create(path: &Path) -> Result<Self, SealError> {
        keyfile::open_or_create(path, Self::open, || {
            // RFC 9180 section 7.1.3: DeriveKeyPair over as many random bytes as the key has.
            let (private, _) = Kem::derive_keypair(&*signed::fresh_seed()?);
            Ok(Zeroizing::new(private.to_bytes().to_vec()))
        })
    }

    /// Opens the key file.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], and those of [`SealingKey::open_or_create`].
    pub fn open(path: &Path) -> Result<Self, SealError> {
        let bytes = keyfile::read_private(path)?;
        <Kem as hpke::Kem>::PrivateKey::from_bytes(&bytes)
            .map(Self)
            .map_err(|_| SealError::KeyFileDamaged {
                path: path.into(),
                expected: "a sealing key of 32 bytes",
            })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SealingPublic {
        SealingPublic(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// Opens a message that was sealed to this box for this purpose.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`], and
    /// [`SealError::CannotOpen`] where it was sealed to another box, for another purpose or altered.
    pub fn open_message(
        &self,
        purpose: &str,
        bound: &[u8],
        bytes: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let WireMessage(version, encapsulated, ciphertext) =
            wire::decode_exact(bytes, MESSAGE_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&encapsulated[..])
            .map_err(|_| SealError::CannotOpen)?;
        hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
            &hpke::OpModeR::Base,
            &self.0,
            &encapsulated,
            purpose.as_bytes(),
            &ciphertext,
            bound,
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError::CannotOpen)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.public())
    }
}

#[derive(Serialize, Deserialize)]
struct WireMessage(u64, ByteArray<32>, ByteBuf);

/// The public half: 32 bytes, hexadecimal in files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SealingPublic(#[serde(with = "hex::serde")] [u8; 32]);

impl SealingPublic {
    /// The key of these bytes (RFC 7748 section 5).
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals a message to this box for one purpose, bound to bytes that both sides know.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the key is no point to seal to, [`SealError::TooLarge`].
    pub fn seal(&self, purpose: &str, bound: &[u8], message: &[u8]) -> Result<Vec<u8>, SealError> {
        let malformed = SealError::Malformed {
            what: "sealing key of a box",
        };
        let Ok(key) = <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0) else {
            return Err(malformed);
        };
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
                &hpke::OpModeS::Base,
                &key,
                purpose.as_bytes(),
                message,
                bound,
            )
            .map_err(|_| malformed)?;
        let bytes = wire::encode(&WireMessage(
            VERSION,
            ByteArray::new(encapsulated.to_bytes().into()),
            ByteBuf::from(ciphertext),
        ));
        if bytes.len() > MESSAGE_LIMIT {
            return Err(SealError::TooLarge {
                what: WHAT,
                bytes: bytes.len() as u64,
                limit: MESSAGE_LIMIT as u64,
            });
        }
        Ok(bytes)
    }
}

impl fmt::Display for SealingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SealingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingPublic({self})")
    }
}
