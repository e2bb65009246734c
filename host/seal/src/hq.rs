//! Headquarters' keys: one that parcels are sealed to, one that signs receipts. Beside them, the public half of
//! the key that protection records are sealed to; its private half is kept elsewhere.

use crate::chain::Head;
use crate::durable::Readers;
use crate::protection::ProtectionPublic;
use crate::signed::{self, SigningKey};
use crate::{SealError, keyfile, wire};
use hpke::{Deserializable, Kem as _, Serializable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

/// DHKEM(X25519, HKDF-SHA256), RFC 9180 section 7.1.
pub(crate) type Kem = hpke::kem::X25519HkdfSha256;

/// Version 2 knows a protection key.
const VERSION: u64 = 2;
const ACT: &str = "mpaka headquarters act v1";

/// Names a pair of headquarters' keys: the first 8 bytes of a SHA-256 over both public halves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HqKeyId([u8; 8]);

impl HqKeyId {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for HqKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for HqKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HqKeyId({self})")
    }
}

// Eight bytes on the wire.
impl Serialize for HqKeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_bytes::ByteArray::new(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HqKeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_bytes::ByteArray::<8>::deserialize(deserializer).map(|b| Self(b.into_array()))
    }
}

/// The public halves, as every box holds them (`hq-public.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HqPublic {
    version: u64,
    #[serde(with = "hex::serde")]
    parcel: [u8; 32],
    #[serde(with = "hex::serde")]
    receipt: [u8; 32],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protection: Option<ProtectionPublic>,
}

/// A file without a protection key is written as version 1 knew it.
fn version_of(protection: Option<&ProtectionPublic>) -> u64 {
    match protection {
        None => 1,
        Some(_) => VERSION,
    }
}

impl HqPublic {
    /// The key that protection records are sealed to, where headquarters has one.
    #[must_use]
    pub fn protection(&self) -> Option<&ProtectionPublic> {
        self.protection.as_ref()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], [`SealError::KeyFileDamaged`], [`SealError::NewerVersion`].
    pub fn read(path: &Path) -> Result<Self, SealError> {
        Self::parsed(path, &keyfile::read_public(path)?)
    }

    /// Reads the file's content, as it came over a wire.
    ///
    /// # Errors
    /// [`SealError::KeyFileDamaged`], [`SealError::NewerVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Self::parsed(Path::new("hq-public.json"), bytes)
    }

    fn parsed(path: &Path, bytes: &[u8]) -> Result<Self, SealError> {
        keyfile::parse(path, bytes, VERSION, "headquarters' public keys")
    }

    /// Writes the file, in place of an older one.
    ///
    /// # Errors
    /// [`SealError::File`].
    pub fn write(&self, path: &Path) -> Result<(), SealError> {
        crate::durable::replace(path, &keyfile::print(self), Readers::Anyone)
            .map_err(SealError::file(path))
    }

    /// The name of this pair of keys.
    #[must_use]
    pub fn id(&self) -> HqKeyId {
        let digest = wire::digest(
            "mpaka headquarters key id v1",
            &[&self.parcel, &self.receipt],
        );
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        HqKeyId(id)
    }

    /// The keys of this name among those known.
    ///
    /// # Errors
    /// [`SealError::AnotherHq`] naming `what`.
    pub(crate) fn named<'a>(
        known: &'a [Self],
        name: HqKeyId,
        what: &'static str,
    ) -> Result<&'a Self, SealError> {
        known
            .iter()
            .find(|key| key.id() == name)
            .ok_or_else(|| SealError::AnotherHq {
                what,
                found: name,
                ours: known.first().map_or(HqKeyId([0; 8]), Self::id),
            })
    }

    /// Whether headquarters put its signature under this line of its own ledger.
    ///
    /// # Errors
    /// [`SealError::SignatureWrong`].
    pub fn verify_act(&self, head: &Head, signature: &[u8; 64]) -> Result<(), SealError> {
        signed::verify(
            &self.receipt,
            ACT,
            &[&head.line.to_be_bytes(), &head.hash],
            signature,
            "line of headquarters' ledger",
        )
    }

    pub(crate) fn parcel_key(&self) -> Result<<Kem as hpke::Kem>::PublicKey, SealError> {
        Deserializable::from_bytes(&self.parcel).map_err(|_| SealError::Malformed {
            what: "parcel key of headquarters",
        })
    }

    pub(crate) fn receipt_key(&self) -> &[u8; 32] {
        &self.receipt
    }
}

/// The private halves. Only headquarters has them (`hq-private.json`, mode 0600). Wiped when dropped.
pub struct HqPrivate {
    parcel: <Kem as hpke::Kem>::PrivateKey,
    receipt: SigningKey,
    public: HqPublic,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivateFile {
    version: u64,
    parcel_private: Zeroizing<String>,
    receipt_seed: Zeroizing<String>,
    /// The public half: the private one is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protection: Option<ProtectionPublic>,
}

impl HqPrivate {
    /// Opens the key file, or makes one where there is none.
    ///
    /// # Errors
    /// Those of [`HqPrivate::open`] except absence, and [`SealError::NoRandomness`].
    pub fn open_or_create(path: &Path) -> Result<Self, SealError> {
        Self::open_or_create_with(path, None)
    }

    /// The same; keys that are made name this key for protection records.
    ///
    /// # Errors
    /// Those of [`HqPrivate::open_or_create`].
    pub fn open_or_create_with(
        path: &Path,
        protection: Option<ProtectionPublic>,
    ) -> Result<Self, SealError> {
        keyfile::open_or_create(path, Self::open, || {
            // RFC 9180 section 7.1.3: DeriveKeyPair over as many random bytes as the key has.
            let (parcel, _) = Kem::derive_keypair(&*signed::fresh_seed()?);
            let mut parcel_bytes = parcel.to_bytes();
            let file = PrivateFile {
                version: version_of(protection.as_ref()),
                protection,
                parcel_private: Zeroizing::new(hex::encode(parcel_bytes)),
                receipt_seed: Zeroizing::new(hex::encode(signed::fresh_seed()?.as_slice())),
            };
            parcel_bytes.zeroize();
            Ok(keyfile::print(&file))
        })
    }

    /// Opens the key file.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`],
    /// [`SealError::NewerVersion`], [`SealError::File`].
    pub fn open(path: &Path) -> Result<Self, SealError> {
        const EXPECTED: &str = "headquarters' private keys";
        let file: PrivateFile =
            keyfile::parse(path, &keyfile::read_private(path)?, VERSION, EXPECTED)?;
        let damaged = || SealError::KeyFileDamaged {
            path: path.into(),
            expected: EXPECTED,
        };
        let secret = |text: &str| -> Result<Zeroizing<[u8; 32]>, SealError> {
            let mut bytes = Zeroizing::new([0; 32]);
            hex::decode_to_slice(text, &mut *bytes).map_err(|_| damaged())?;
            Ok(bytes)
        };
        let parcel = <Kem as hpke::Kem>::PrivateKey::from_bytes(&*secret(&file.parcel_private)?)
            .map_err(|_| damaged())?;
        let receipt = SigningKey::from_seed(&*secret(&file.receipt_seed)?);
        let public = HqPublic {
            version: version_of(file.protection.as_ref()),
            protection: file.protection,
            parcel: Kem::sk_to_pk(&parcel).to_bytes().into(),
            receipt: receipt.public(),
        };
        Ok(Self {
            parcel,
            receipt,
            public,
        })
    }

    /// The public halves.
    #[must_use]
    pub fn public(&self) -> &HqPublic {
        &self.public
    }

    /// Signs a line of headquarters' own ledger.
    #[must_use]
    pub fn sign_act(&self, head: &Head) -> [u8; 64] {
        self.sign(ACT, &[&head.line.to_be_bytes(), &head.hash])
    }

    pub(crate) fn parcel_key(&self) -> &<Kem as hpke::Kem>::PrivateKey {
        &self.parcel
    }

    pub(crate) fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 64] {
        self.receipt.sign(purpose, parts)
    }
}

impl fmt::Debug for HqPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HqPrivate({})", self.public.id())
    }
}
