//! Protection records: those of asylum seekers, refugees and unaccompanied children, sealed to a key of their
//! own.
//!
//! The private half is made at headquarters' ceremony and belongs to the people who look after protection, on a
//! medium of theirs, under a passphrase where they wish: neither the box nor whoever receives parcels at
//! headquarters can read what is sealed here (HPKE base mode, RFC 9180, as for parcels). A sealed record is bound
//! to its post and number, so that none passes for another. On the wire it is a CBOR array
//! `[version, packing, encapsulated key, ciphertext]`.

use crate::hq::Kem;
use crate::packing::{Packed, Packing, unpack};
use crate::parcel::PARCEL_LIMIT;
use crate::passphrase::Locked;
use crate::{SealError, keyfile, signed, wire};
use hpke::{Deserializable, Kem as _, Serializable};
use rules::{PostId, Sequence};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

const VERSION: u64 = 1;
const INFO: &[u8] = b"mpaka protection record v1";
const LOCKED_FOR: &str = "mpaka protection key v1";
const WHAT: &str = "protection record";
const EXPECTED: &str = "a protection key";

#[derive(Serialize, Deserialize)]
struct Wire(u64, Packing, ByteArray<32>, ByteBuf);

/// The private half: wiped from memory when dropped.
pub struct ProtectionKey(<Kem as hpke::Kem>::PrivateKey);

/// The file: the key as it is, or under a passphrase.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    version: u64,
    public: ProtectionPublic,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locked: Option<Locked>,
}

impl ProtectionKey {
    /// Makes a key and writes its file, which must not be there yet (mode 0600); under a passphrase where one is
    /// given.
    ///
    /// # Errors
    /// [`SealError::KeyFileExists`], [`SealError::PassphraseTooShort`], [`SealError::NoRandomness`],
    /// [`SealError::File`].
    pub fn create(path: &Path, passphrase: Option<&str>) -> Result<Self, SealError> {
        // RFC 9180 section 7.1.3: DeriveKeyPair over as many random bytes as the key has.
        let (private, _) = Kem::derive_keypair(&*signed::fresh_seed()?);
        let key = Self(private);
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(key.0.to_bytes().to_vec());
        let (private, locked) = match passphrase {
            None => (Some(Zeroizing::new(hex::encode(&*bytes))), None),
            Some(passphrase) => (None, Some(Locked::lock(&bytes, LOCKED_FOR, passphrase)?)),
        };
        let file = KeyFile {
            version: VERSION,
            public: key.public(),
            private,
            locked,
        };
        keyfile::create(path, &keyfile::print(&file), crate::durable::Readers::Owner)?;
        Ok(key)
    }

    /// Opens the key's file; the passphrase is asked for only where the key lies under one.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`],
    /// [`SealError::PassphraseWrong`], and what `ask` says.
    pub fn open<E: From<SealError>>(
        path: &Path,
        ask: impl FnOnce() -> Result<Zeroizing<String>, E>,
    ) -> Result<Self, E> {
        let file: KeyFile = keyfile::parse(path, &keyfile::read_private(path)?, VERSION, EXPECTED)?;
        let damaged = || SealError::KeyFileDamaged {
            path: path.into(),
            expected: EXPECTED,
        };
        let bytes = match (file.private, file.locked) {
            (Some(text), None) => {
                let mut bytes = Zeroizing::new(vec![0; 32]);
                hex::decode_to_slice(&*text, &mut bytes).map_err(|_| damaged())?;
                bytes
            }
            (None, Some(locked)) => locked.open(LOCKED_FOR, &ask()?)?,
            _ => return Err(damaged().into()),
        };
        let private = <Kem as hpke::Kem>::PrivateKey::from_bytes(&bytes).map_err(|_| damaged())?;
        let key = Self(private);
        match key.public() == file.public {
            true => Ok(key),
            false => Err(damaged().into()),
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> ProtectionPublic {
        ProtectionPublic(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// Opens a record that was sealed for this post and number.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`], and
    /// [`SealError::CannotOpen`] where it was sealed to another key, for another number, or altered.
    pub fn open_record(
        &self,
        post: &PostId,
        sequence: Sequence,
        bytes: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let Wire(version, packing, encapsulated, ciphertext) =
            wire::decode_exact(bytes, PARCEL_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&encapsulated[..])
            .map_err(|_| SealError::CannotOpen)?;
        let packed =
            hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
                &hpke::OpModeR::Base,
                &self.0,
                &encapsulated,
                INFO,
                &ciphertext,
                &bound(packing, post, sequence),
            )
            .map_err(|_| SealError::CannotOpen)?;
        unpack(packing, Zeroizing::new(packed))
    }
}

impl fmt::Debug for ProtectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProtectionKey({})", self.public())
    }
}

/// The public half, as every box holds it: 32 bytes, hexadecimal in files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProtectionPublic(#[serde(with = "hex::serde")] [u8; 32]);

impl ProtectionPublic {
    /// The public half of the key in this file; no passphrase is asked for.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`].
    pub fn of_key_file(path: &Path) -> Result<Self, SealError> {
        let file: KeyFile = keyfile::parse(path, &keyfile::read_private(path)?, VERSION, EXPECTED)?;
        Ok(file.public)
    }

    /// Seals a record of this post and number.
    ///
    /// # Errors
    /// [`SealError::TooLarge`], [`SealError::Malformed`] where the key is no point to seal to.
    pub fn seal_record(
        &self,
        post: &PostId,
        sequence: Sequence,
        record: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let malformed = || SealError::Malformed { what: EXPECTED };
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0).map_err(|_| malformed())?;
        let record = Packed::new(record)?;
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
                &hpke::OpModeS::Base,
                &key,
                INFO,
                record.packed(),
                &bound(record.packing(), post, sequence),
            )
            .map_err(|_| malformed())?;
        Ok(wire::encode(&Wire(
            VERSION,
            record.packing(),
            ByteArray::new(encapsulated.to_bytes().into()),
            ByteBuf::from(ciphertext),
        )))
    }
}

/// What both sides know of a record beside its content.
fn bound(packing: Packing, post: &PostId, sequence: Sequence) -> [u8; 32] {
    wire::digest(
        "mpaka protection record of v1",
        &[
            &[packing as u8],
            post.as_str().as_bytes(),
            &sequence.0.to_be_bytes(),
        ],
    )
}

impl fmt::Display for ProtectionPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ProtectionPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProtectionPublic({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn never() -> Result<Zeroizing<String>, SealError> {
        Err(SealError::PassphraseWrong)
    }

    fn said(text: &str) -> Result<Zeroizing<String>, SealError> {
        Ok(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn a_record_opens_with_its_key_under_its_number_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = ProtectionKey::create(&folder.path().join("a"), None).unwrap();
        let other = ProtectionKey::create(&folder.path().join("b"), None).unwrap();
        let post = PostId::new("NAMANGA").unwrap();
        let elsewhere = PostId::new("BUSIA").unwrap();
        let record = b"somebody who asks for protection ".repeat(40);
        let sealed = key
            .public()
            .seal_record(&post, Sequence(7), &record)
            .unwrap();
        assert!(sealed.len() < record.len(), "packed first");
        let open = |key: &ProtectionKey, post, n, bytes: &[u8]| {
            key.open_record(post, Sequence(n), bytes)
                .map(|r| r.to_vec())
        };
        assert_eq!(open(&key, &post, 7, &sealed).unwrap(), record);
        for (key, post, n) in [(&other, &post, 7), (&key, &elsewhere, 7), (&key, &post, 8)] {
            assert!(matches!(
                open(key, post, n, &sealed),
                Err(SealError::CannotOpen)
            ));
        }
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(open(&key, &post, 7, &altered).is_err(), "{at}");
            assert!(open(&key, &post, 7, &sealed[..at]).is_err(), "{at}");
        }
    }

    #[test]
    fn a_key_under_a_passphrase_opens_with_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = ProtectionKey::create(&path, Some("correct horse battery")).unwrap();
        let opened = ProtectionKey::open(&path, || said("correct horse battery")).unwrap();
        assert_eq!(opened.public(), made.public());
        assert!(matches!(
            ProtectionKey::open(&path, || said("correct horse batterY")),
            Err(SealError::PassphraseWrong)
        ));
        assert!(matches!(
            ProtectionKey::create(&path, None),
            Err(SealError::KeyFileExists { .. })
        ));
        let open = folder.path().join("open");
        let made = ProtectionKey::create(&open, None).unwrap();
        assert_eq!(
            ProtectionKey::open(&open, never).unwrap().public(),
            made.public()
        );
        // Another key's public half beside it: somebody exchanged the file's parts.
        let text = std::fs::read_to_string(&open).unwrap();
        let text = text.replace(&made.public().to_string(), &opened.public().to_string());
        std::fs::write(&open, text).unwrap();
        assert!(matches!(
            ProtectionKey::open(&open, never),
            Err(SealError::KeyFileDamaged { .. })
        ));
    }
}
