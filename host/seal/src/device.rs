//! The box's own signing key, made on the box and never leaving it.

use crate::durable::Readers;
use crate::sealing::SealingPublic;
use crate::signed::{self, SigningKey};
use crate::{SealError, keyfile};
use rules::PostId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// The box's Ed25519 key: a PKCS#8 file of mode 0600. Overwritten in memory when dropped.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// Opens the key file, or makes one where there is none.
    ///
    /// # Errors
    /// [`SealError::KeyFileOpenToOthers`], [`SealError::KeyFileDamaged`], [`SealError::File`],
    /// [`SealError::NoRandomness`].
    pub fn open_or_create(path: &Path) -> Result<Self, SealError> {
        keyfile::open_or_create(path, Self::open, signed::fresh_pkcs8)
    }

    /// Opens the key file.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], and those of [`DeviceKey::open_or_create`].
    pub fn open(path: &Path) -> Result<Self, SealError> {
        let der = keyfile::read_private(path)?;
        SigningKey::from_pkcs8(&der)
            .map(Self)
            .ok_or_else(|| SealError::KeyFileDamaged {
                path: path.into(),
                expected: "an Ed25519 key in PKCS#8",
            })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> DevicePublic {
        DevicePublic(self.0.public())
    }

    /// Signs for one purpose; a signature for one purpose never verifies for another.
    #[must_use]
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 64] {
        self.0.sign(purpose, parts)
    }

    /// Signs for TLS 1.3 as the client (RFC 8446 section 4.4.3), and nothing else: `None` for a message
    /// that is no such one, so that what a peer makes the box sign here never passes for its word.
    #[must_use]
    pub fn sign_tls(&self, message: &[u8]) -> Option<[u8; 64]> {
        const CONTEXT: &[u8] = b"TLS 1.3, client CertificateVerify\0";
        let rest = message.strip_prefix(&[0x20; 64])?;
        rest.starts_with(CONTEXT)
            .then(|| self.0.sign_plain(message))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", self.public())
    }
}

/// The public half of a box's key: 32 bytes, hexadecimal in files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DevicePublic(#[serde(with = "hex::serde")] [u8; 32]);

impl DevicePublic {
    /// The key of these bytes (RFC 8032 section 5.1.2).
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether this box signed these parts for this purpose.
    ///
    /// # Errors
    /// [`SealError::SignatureWrong`] naming `what`.
    pub fn verify(
        &self,
        purpose: &str,
        parts: &[&[u8]],
        signature: &[u8; 64],
        what: &'static str,
    ) -> Result<(), SealError> {
        signed::verify(&self.0, purpose, parts, signature, what)
    }
}

impl fmt::Display for DevicePublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for DevicePublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DevicePublic({self})")
    }
}

/// What a box hands to headquarters to be enrolled (`device-public.json`): its post and public keys, signed
/// with the private signing key, so that nobody enrols a key that they do not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    version: u64,
    post: PostId,
    device: DevicePublic,
    /// Absent in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealing: Option<SealingPublic>,
    #[serde(with = "hex::serde")]
    signature: [u8; 64],
}

impl Enrolment {
    const VERSION: u64 = 2;

    /// The enrolment of this post with these keys.
    #[must_use]
    pub fn new(post: PostId, key: &DeviceKey, sealing: SealingPublic) -> Self {
        let device = key.public();
        let sealing = Some(sealing);
        let parts = Parts::of(&post, device, sealing.as_ref());
        let signature = key.sign(parts.purpose, &parts.signed());
        Self {
            version: Self::VERSION,
            post,
            device,
            sealing,
            signature,
        }
    }

    /// Where the box stands.
    #[must_use]
    pub fn post(&self) -> &PostId {
        &self.post
    }

    /// Its public key.
    #[must_use]
    pub fn device(&self) -> DevicePublic {
        self.device
    }

    /// The key to seal to this box with; absent where an older program made the file.
    #[must_use]
    pub fn sealing(&self) -> Option<SealingPublic> {
        self.sealing
    }

    /// Reads the file and checks that it was signed by the key it names.
    ///
    /// # Errors
    /// [`SealError::KeyFileAbsent`], [`SealError::KeyFileDamaged`], [`SealError::NewerVersion`],
    /// [`SealError::SignatureWrong`].
    pub fn read(path: &Path) -> Result<Self, SealError> {
        Self::checked(path, &keyfile::read_public(path)?)
    }

    /// Reads the file's content, as it came over a wire, and checks the same.
    ///
    /// # Errors
    /// [`SealError::KeyFileDamaged`], [`SealError::NewerVersion`], [`SealError::SignatureWrong`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Self::checked(Path::new("device-public.json"), bytes)
    }

    fn checked(path: &Path, bytes: &[u8]) -> Result<Self, SealError> {
        const EXPECTED: &str = "an enrolment";
        let read: Self = keyfile::parse(path, bytes, Self::VERSION, EXPECTED)?;
        if (read.version >= 2) != read.sealing.is_some() {
            return Err(SealError::KeyFileDamaged {
                path: path.into(),
                expected: EXPECTED,
            });
        }
        let parts = Parts::of(&read.post, read.device, read.sealing.as_ref());
        read.device
            .verify(parts.purpose, &parts.signed(), &read.signature, "enrolment")?;
        Ok(read)
    }

    /// Writes the file, in place of an older one.
    ///
    /// # Errors
    /// [`SealError::File`].
    pub fn write(&self, path: &Path) -> Result<(), SealError> {
        crate::durable::replace(path, &keyfile::print(self), Readers::Anyone)
            .map_err(SealError::file(path))
    }
}

/// What the signature of an enrolment covers: version 1 knew no sealing key.
struct Parts<'a> {
    purpose: &'static str,
    post: &'a PostId,
    device: DevicePublic,
    sealing: Option<&'a SealingPublic>,
}

impl<'a> Parts<'a> {
    fn of(post: &'a PostId, device: DevicePublic, sealing: Option<&'a SealingPublic>) -> Self {
        Self {
            purpose: match sealing {
                None => "mpaka enrolment v1",
                Some(_) => "mpaka enrolment v2",
            },
            post,
            device,
            sealing,
        }
    }

    fn signed(&self) -> Vec<&[u8]> {
        let mut parts = vec![self.post.as_str().as_bytes(), &self.device.bytes()[..]];
        parts.extend(self.sealing.map(|key| &key.bytes()[..]));
        parts
    }
}
