//! Headquarters' keys: one that parcels are sealed to, one that signs receipts. Beside them, the public half of
//! the key that protection records are sealed to; its private half is kept elsewhere. The key that signs may lie in
//! a token (PKCS#11); the one that opens parcels lies in the file.

use crate::chain::Head;
use crate::durable::Readers;
use crate::protection::ProtectionPublic;
use crate::signed::{self, SigningKey};
use crate::token::{InToken, TokenKey, Tokens, no_tokens};
use crate::{SealError, keyfile, wire};
use hpke::{Deserializable, Kem as _, Serializable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use zeroize::{Zeroize, Zeroizing};

/// DHKEM(X25519, HKDF-SHA256), RFC 9180 section 7.1.
pub(crate) type Kem = hpke::kem::X25519HkdfSha256;

/// Version 2 knows a protection key.
const VERSION: u64 = 2;
/// Version 3 of the private file knows a receipt key in a token; files without one are written as before.
const PRIVATE_VERSION: u64 = 3;
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
    receipt: ReceiptKey,
    public: HqPublic,
}

/// Where the key that signs lies.
enum ReceiptKey {
    Here(SigningKey),
    /// In a token, which is asked for it at the first signature: whoever only opens parcels needs no token.
    Token {
        place: InToken,
        tokens: Arc<dyn Tokens>,
        opened: OnceLock<Arc<dyn TokenKey>>,
    },
}

impl ReceiptKey {
    fn in_token(place: InToken, tokens: &Arc<dyn Tokens>) -> Self {
        Self::Token {
            place,
            tokens: Arc::clone(tokens),
            opened: OnceLock::new(),
        }
    }

    fn public(&self) -> [u8; 32] {
        match self {
            Self::Here(key) => key.public(),
            Self::Token { place, .. } => place.public,
        }
    }

    fn sign(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 64], SealError> {
        match self {
            Self::Here(key) => Ok(key.sign(purpose, parts)),
            Self::Token {
                place,
                tokens,
                opened,
            } => {
                let key = asked(place, tokens, opened)?;
                Ok(key.sign(&wire::message(purpose, parts))?)
            }
        }
    }

    /// Asks the token for the key, where one holds it.
    fn ready(&self) -> Result<(), SealError> {
        match self {
            Self::Here(_) => Ok(()),
            Self::Token {
                place,
                tokens,
                opened,
            } => asked(place, tokens, opened).map(drop),
        }
    }
}

/// The key in the token, asked for once.
fn asked(
    place: &InToken,
    tokens: &Arc<dyn Tokens>,
    opened: &OnceLock<Arc<dyn TokenKey>>,
) -> Result<Arc<dyn TokenKey>, SealError> {
    if let Some(key) = opened.get() {
        return Ok(Arc::clone(key));
    }
    let key = place.open(&**tokens, None)?;
    // Where somebody was quicker, theirs is the same key.
    Ok(Arc::clone(opened.get_or_init(|| key)))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivateFile {
    version: u64,
    parcel_private: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt_seed: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt_token: Option<InToken>,
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
        Self::open_or_create_in(path, protection, None, &no_tokens())
    }

    /// The same, with a way to tokens; where `receipts` is a `pkcs11:` URI, the key that signs is made there.
    ///
    /// # Errors
    /// Those of [`HqPrivate::open_or_create`], and [`SealError::Token`].
    pub fn open_or_create_in(
        path: &Path,
        protection: Option<ProtectionPublic>,
        receipts: Option<&str>,
        tokens: &Arc<dyn Tokens>,
    ) -> Result<Self, SealError> {
        let open = |path: &Path| Self::open_with(path, tokens);
        keyfile::open_or_create(path, open, || {
            // RFC 9180 section 7.1.3: DeriveKeyPair over as many random bytes as the key has.
            let (parcel, _) = Kem::derive_keypair(&*signed::fresh_seed()?);
            let (receipt_seed, receipt_token) = match receipts {
                Some(uri) => {
                    let key = tokens.make(uri, None)?;
                    (None, Some(InToken::of(uri, &*key)))
                }
                None => {
                    let seed = hex::encode(signed::fresh_seed()?.as_slice());
                    (Some(Zeroizing::new(seed)), None)
                }
            };
            let mut parcel_bytes = parcel.to_bytes();
            let file = PrivateFile {
                version: match receipt_token {
                    Some(_) => PRIVATE_VERSION,
                    None => version_of(protection.as_ref()),
                },
                protection,
                parcel_private: Zeroizing::new(hex::encode(parcel_bytes)),
                receipt_seed,
                receipt_token,
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
        Self::open_with(path, &no_tokens())
    }

    /// The same, with a way to the token where one holds the key that signs. The token is asked for nothing yet.
    ///
    /// # Errors
    /// Those of [`HqPrivate::open`].
    pub fn open_with(path: &Path, tokens: &Arc<dyn Tokens>) -> Result<Self, SealError> {
        const EXPECTED: &str = "headquarters' private keys";
        let bytes = keyfile::read_private(path)?;
        let file: PrivateFile = keyfile::parse(path, &bytes, PRIVATE_VERSION, EXPECTED)?;
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
        let receipt = match (file.receipt_seed, file.receipt_token) {
            (Some(seed), None) => ReceiptKey::Here(SigningKey::from_seed(&*secret(&seed)?)),
            (None, Some(place)) => ReceiptKey::in_token(place, tokens),
            _ => return Err(damaged()),
        };
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

    /// Makes sure that these keys can sign: asks the token for its key now, where one holds it.
    ///
    /// # Errors
    /// [`SealError::Token`].
    pub fn ready(&self) -> Result<(), SealError> {
        self.receipt.ready()
    }

    /// The `pkcs11:` URI of the key that signs, where a token holds it.
    #[must_use]
    pub fn receipts_in(&self) -> Option<&str> {
        match &self.receipt {
            ReceiptKey::Here(_) => None,
            ReceiptKey::Token { place, .. } => Some(&place.uri),
        }
    }

    /// The public halves.
    #[must_use]
    pub fn public(&self) -> &HqPublic {
        &self.public
    }

    /// Signs a line of headquarters' own ledger.
    ///
    /// # Errors
    /// [`SealError::Token`] where a token holds the key and does not sign.
    pub fn sign_act(&self, head: &Head) -> Result<[u8; 64], SealError> {
        self.sign(ACT, &[&head.line.to_be_bytes(), &head.hash])
    }

    pub(crate) fn parcel_key(&self) -> &<Kem as hpke::Kem>::PrivateKey {
        &self.parcel
    }

    pub(crate) fn sign(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 64], SealError> {
        self.receipt.sign(purpose, parts)
    }
}

impl fmt::Debug for HqPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HqPrivate({})", self.public.id())
    }
}
