//! A whole box on a stick, sealed to headquarters: what the box keeps, without any of its private keys in clear.
//!
//! The file begins with eight bytes that name it and its version, then a head: for whom, of which post, when, the
//! content's key wrapped by HPKE to headquarters' key in force, and the box's signature over all that. Then comes
//! the content, encrypted under that key in numbered pieces ([`crate::content`]): files one after the other, each
//! in bounded chunks, and at the end the manifest with the length and the SHA-256 of each. What was cut short has
//! no last piece and does not open; what was altered opens neither.
//!
//! Whoever opens it gets files that a box had, and nothing that would let another machine go on as that box: its
//! signing key never leaves it. The store's key is wrapped to headquarters once more by itself, so that it does not
//! lie in clear beside the store when a backup is unpacked.

mod opening;

pub use opening::Sealed;

use crate::chain::Head;
use crate::content::{ContentError, Encrypting, EpochKey};
use crate::device::DeviceKey;
use crate::hq::{HqKeyId, HqPrivate, HqPublic, Kem};
use crate::storekey::StoreKey;
use crate::{SealError, wire};
use hpke::{Deserializable, Serializable};
use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use rules::{PostId, Sequence};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::io::{self, Write};
use std::path::PathBuf;
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"MPKBAK\x00\x01";
const VERSION: u64 = 1;
const WHAT: &str = "backup of a box";
const SIGNATURE: &str = "mpaka backup head v1";
const CONTENT_KEY: &[u8] = b"mpaka backup content key v1";
const STORE_KEY: &[u8] = b"mpaka backup store key v1";
/// The name under which the content is encrypted.
const CONTENT: &str = "backup";
/// A backup's key is drawn for it alone: there are no epochs.
const EPOCH: u64 = 0;

/// The most that a head measures, in bytes.
const HEAD_LIMIT: usize = 16 * 1024;
/// The most that a manifest measures, in bytes.
const MANIFEST_LIMIT: usize = 4 * 1024 * 1024;
/// The most that a chunk of a file measures, in bytes.
const CHUNK: usize = 64 * 1024;
/// The most files of a backup.
const MOST_FILES: usize = 4096;
/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 255;
/// The most that a wrapped key measures, in bytes.
const WRAPPED_LIMIT: usize = 1024;

/// Why a backup was not written, or not opened.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The medium is full, or its file system takes no file of this length: take another.
    #[error("the medium is full, or its file system takes no file so long")]
    NoRoom,
    /// Keys, signatures, versions.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The file was cut short or altered: bring another copy.
    #[error("this backup is cut short or altered: nothing was unpacked; bring another copy")]
    Torn,
    /// A file within it is not the one that the manifest names. The box that made it was not whole.
    #[error("{name} within this backup is not the file that its manifest names")]
    NotAsNamed {
        /// The file's name.
        name: String,
    },
    /// A file within it has a name that leads elsewhere.
    #[error("{name:?} is no name of a file within a backup")]
    Name {
        /// The name.
        name: String,
    },
    /// Something stands where the backup is to be unpacked; nothing is overwritten.
    #[error("{} is there already: name a folder that is not", path.display())]
    Exists {
        /// What stands there.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::NoRoom,
            _ => Self::Io(error),
        }
    }
}

impl From<ContentError> for BackupError {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::AnotherEpoch { .. }
            | ContentError::NoSuchEpoch { .. }
            | ContentError::NotOurs => Self::Torn,
            ContentError::NoRandomness => Self::Seal(SealError::NoRandomness),
            ContentError::Io(e) => e.into(),
        }
    }
}

/// What a box says of a backup of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The box's post.
    pub post: PostId,
    /// When it was made.
    pub made_at: Timestamp,
    /// The program that made it, with its version.
    pub program: String,
    /// Where the ledger stood.
    pub ledger: Head,
    /// The last number given to an encounter.
    pub last: Sequence,
    /// The last parcel that headquarters had given its receipt for; those after it are within.
    pub receipted: Sequence,
}

/// A file within a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedFile {
    /// Its name, with folders.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    #[serde(with = "serde_bytes")]
    pub sha256: [u8; 32],
}

/// What stands at the end of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u64,
    /// What the box said.
    pub about: About,
    /// The files, in their order.
    pub files: Vec<PackedFile>,
}

/// What anyone may read of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The box's post.
    pub post: PostId,
    /// When it was made.
    pub made_at: Timestamp,
    /// The headquarters' key that it is sealed to.
    pub hq: HqKeyId,
}

/// Header, encapsulated key, wrapped key, signature. The header's bytes are kept as they came.
#[derive(Serialize, Deserialize)]
struct WireHead(u64, ByteBuf, ByteArray<32>, ByteBuf, ByteArray<64>);

/// Version, headquarters' key, encapsulated key, wrapped key.
#[derive(Serialize, Deserialize)]
struct WireStoreKey(u64, HqKeyId, ByteArray<32>, ByteBuf);

/// Wraps a key to headquarters for one purpose, bound to bytes that both sides know.
fn wrap(
    key: &[u8; 32],
    hq: &HqPublic,
    purpose: &[u8],
    bound: &[u8],
) -> Result<([u8; 32], Vec<u8>), SealError> {
    let (encapsulated, wrapped) = hpke::single_shot_seal::<
        hpke::aead::ChaCha20Poly1305,
        hpke::kdf::HkdfSha256,
        Kem,
    >(
        &hpke::OpModeS::Base, &hq.parcel_key()?, purpose, key, bound
    )
    .map_err(|_| SealError::Malformed {
        what: "parcel key of headquarters",
    })?;
    Ok((encapsulated.to_bytes().into(), wrapped))
}

/// Opens a key that was wrapped so.
fn unwrap(
    encapsulated: &[u8; 32],
    wrapped: &[u8],
    hq: &HqPrivate,
    purpose: &[u8],
    bound: &[u8],
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated)
        .map_err(|_| SealError::CannotOpen)?;
    let opened =
        hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
            &hpke::OpModeR::Base,
            hq.parcel_key(),
            &encapsulated,
            purpose,
            wrapped,
            bound,
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError::CannotOpen)?;
    let mut key = Zeroizing::new([0; 32]);
    if opened.len() != key.len() {
        return Err(SealError::CannotOpen);
    }
    key.copy_from_slice(&opened);
    Ok(key)
}

/// The store's key, wrapped to headquarters: a file of a backup, which stays wrapped when that is unpacked.
///
/// # Errors
/// [`SealError::Malformed`] where headquarters' key is no point to seal to.
pub fn wrap_store_key(key: &StoreKey, post: &PostId, hq: &HqPublic) -> Result<Vec<u8>, SealError> {
    let (encapsulated, wrapped) = wrap(key.bytes(), hq, STORE_KEY, post.as_str().as_bytes())?;
    Ok(wire::encode(&WireStoreKey(
        VERSION,
        hq.id(),
        ByteArray::new(encapsulated),
        ByteBuf::from(wrapped),
    )))
}

/// A store's key that is still wrapped.
#[derive(Debug, Clone)]
pub struct WrappedStoreKey {
    hq: HqKeyId,
    encapsulated: [u8; 32],
    wrapped: Vec<u8>,
}

impl WrappedStoreKey {
    /// Reads the file.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        const WHAT: &str = "wrapped store key";
        let WireStoreKey(version, hq, encapsulated, wrapped) =
            wire::decode_exact(bytes, WRAPPED_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        Ok(Self {
            hq,
            encapsulated: encapsulated.into_array(),
            wrapped: wrapped.into_vec(),
        })
    }

    /// The headquarters' key that it is wrapped to.
    #[must_use]
    pub fn hq(&self) -> HqKeyId {
        self.hq
    }

    /// Opens it, for a store of this post.
    ///
    /// # Errors
    /// [`SealError::CannotOpen`].
    pub fn open(&self, post: &PostId, hq: &HqPrivate) -> Result<Zeroizing<[u8; 32]>, SealError> {
        unwrap(
            &self.encapsulated,
            &self.wrapped,
            hq,
            STORE_KEY,
            post.as_str().as_bytes(),
        )
    }
}

/// Writes a backup.
pub struct Writer<W: Write> {
    to: Encrypting<W>,
    about: About,
    files: Vec<PackedFile>,
}

impl<W: Write> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} files)", self.files.len())
    }
}

impl<W: Write> Writer<W> {
    /// Begins a backup, sealed to these keys and signed by the box.
    ///
    /// # Errors
    /// [`BackupError::Seal`], [`BackupError::NoRoom`], [`BackupError::Io`].
    pub fn begin(
        mut to: W,
        about: About,
        hq: &HqPublic,
        device: &DeviceKey,
    ) -> Result<Self, BackupError> {
        let key = EpochKey::draw(EPOCH)?;
        let header = wire::encode(&Header {
            post: about.post.clone(),
            made_at: about.made_at,
            hq: hq.id(),
        });
        let (encapsulated, wrapped) = wrap(key.bytes(), hq, CONTENT_KEY, &header)?;
        let signature = device.sign(SIGNATURE, &[&header, &encapsulated, &wrapped]);
        let head = wire::encode(&WireHead(
            VERSION,
            ByteBuf::from(header),
            ByteArray::new(encapsulated),
            ByteBuf::from(wrapped),
            ByteArray::new(signature),
        ));
        to.write_all(MAGIC)?;
        to.write_all(&length(head.len())?)?;
        to.write_all(&head)?;
        Ok(Self {
            to: key.encrypting(CONTENT, to)?,
            about,
            files: Vec::new(),
        })
    }

    /// Adds a file; `fill` writes its content.
    ///
    /// # Errors
    /// [`BackupError::Name`], [`BackupError::NoRoom`], [`BackupError::Io`], and what `fill` says. The backup is
    /// then worth nothing.
    pub fn add<E: From<BackupError>>(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut Packing<'_, W>) -> Result<(), E>,
    ) -> Result<(), E> {
        if !is_well_named(name) || self.files.len() == MOST_FILES {
            return Err(BackupError::Name { name: name.into() }.into());
        }
        let begun = length(name.len())
            .and_then(|length| self.to.write_all(&length))
            .and_then(|()| self.to.write_all(name.as_bytes()));
        begun.map_err(BackupError::from)?;
        let mut packing = Packing {
            to: &mut self.to,
            chunk: Vec::with_capacity(CHUNK),
            digest: Context::new(&SHA256),
            bytes: 0,
        };
        fill(&mut packing)?;
        let (bytes, sha256) = packing.end().map_err(BackupError::from)?;
        self.files.push(PackedFile {
            name: name.into(),
            bytes,
            sha256,
        });
        Ok(())
    }

    /// Ends the backup; what is in it, and where it was written to.
    ///
    /// # Errors
    /// [`BackupError::NoRoom`], [`BackupError::Io`].
    pub fn finish(mut self) -> Result<(Manifest, W), BackupError> {
        let manifest = Manifest {
            version: VERSION,
            about: self.about,
            files: self.files,
        };
        let bytes = wire::encode(&manifest);
        self.to.write_all(&length(0)?)?;
        self.to.write_all(&length(bytes.len())?)?;
        self.to.write_all(&bytes)?;
        let mut to = self.to.finish()?;
        to.flush()?;
        Ok((manifest, to))
    }
}

/// A length on the wire: four bytes, the highest first.
fn length(bytes: usize) -> io::Result<[u8; 4]> {
    u32::try_from(bytes)
        .map(u32::to_be_bytes)
        .map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// A file on its way into a backup.
pub struct Packing<'a, W: Write> {
    to: &'a mut Encrypting<W>,
    chunk: Vec<u8>,
    digest: Context,
    bytes: u64,
}

impl<W: Write> Packing<'_, W> {
    fn put_chunk(&mut self) -> io::Result<()> {
        self.to.write_all(&length(self.chunk.len())?)?;
        self.to.write_all(&self.chunk)?;
        self.digest.update(&self.chunk);
        self.bytes += self.chunk.len() as u64;
        self.chunk.clear();
        Ok(())
    }

    /// The last chunk is an empty one.
    fn end(mut self) -> io::Result<(u64, [u8; 32])> {
        if !self.chunk.is_empty() {
            self.put_chunk()?;
        }
        self.put_chunk()?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.digest.finish().as_ref());
        Ok((self.bytes, sha256))
    }
}

impl<W: Write> Write for Packing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.put_chunk()?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> std::fmt::Debug for Packing<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packing({} bytes)", self.bytes)
    }
}

/// Whether a name leads to a file within the folder and nowhere else: up to four parts, none of them empty or
/// beginning with a dot, without control characters and backslashes.
#[must_use]
pub fn is_well_named(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| !c.is_control() && c != '\\')
    };
    name.len() <= LONGEST_NAME && name.split('/').count() <= 4 && name.split('/').all(is_part)
}
