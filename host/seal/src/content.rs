//! Content for enrolled boxes alone: what a bundle carries is signed for everyone and readable by them.
//!
//! Headquarters draws an *epoch key*, wraps it once to every enrolled box's key ([`crate::sealing`]), and encrypts each file under a key derived from
//! it (HKDF-SHA256, RFC 5869, over the file's name and a fresh salt). A file is encrypted in pieces of 64 KiB
//! (ChaCha20-Poly1305, RFC 8439), each numbered and the last one marked, so that none can be left out, moved or
//! cut off; it is read and written in a few hundred kilobytes of memory, however long it is. A box keeps the
//! epoch key, so that a day's changes bring no keys with them; a revoked box is left out of the next epoch.
//!
//! Signatures are not this module's business: `bundle` has checked them before anything is decrypted.

use crate::durable::Readers;
use crate::sealing::{SealingKey, SealingPublic};
use crate::{SealError, keyfile, signed, wire};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

const VERSION: u64 = 1;
const WRAP: &str = "mpaka epoch key v1";
const FILE_INFO: &[u8] = b"mpaka bundle content v1";
/// Begins every encrypted file; the last byte is the version.
const MAGIC: [u8; 8] = *b"MPKSEAL\x01";
/// Magic, epoch, salt.
const HEADER: usize = 8 + 8 + 16;
/// Bytes of content a piece.
const PIECE: usize = 64 << 10;
/// What the cipher adds to a piece.
const TAG: usize = 16;

/// The most that a file of wrapped keys may measure, in bytes: some hundred thousand boxes.
pub const KEYS_LIMIT: usize = 16 << 20;

/// The first 8 bytes of a SHA-256: finds a box's wrapped key among many.
fn id(public: &SealingPublic) -> [u8; 8] {
    let digest = wire::digest("mpaka sealing key id v1", &[public.bytes()]);
    let mut id = [0; 8];
    id.copy_from_slice(&digest[..8]);
    id
}

/// The key of one epoch: every file encrypted in it is read with it. Wiped when dropped.
#[derive(Clone)]
pub struct EpochKey {
    epoch: u64,
    key: Zeroizing<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EpochFile {
    version: u64,
    epoch: u64,
    key: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
struct Wrapped(u64, u64, Vec<WrappedFor>);
#[derive(Serialize, Deserialize)]
struct WrappedFor(ByteArray<8>, ByteBuf);

impl EpochKey {
    /// Draws the key of a new epoch.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`].
    pub fn draw(epoch: u64) -> Result<Self, SealError> {
        Ok(Self {
            epoch,
            key: signed::fresh_seed()?,
        })
    }

    /// The key of these bytes.
    pub(crate) fn of_bytes(epoch: u64, key: Zeroizing<[u8; 32]>) -> Self {
        Self { epoch, key }
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// The epoch's number.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Reads a key file that [`EpochKey::write`] wrote.
    ///
    /// # Errors
    /// As [`SealingKey::open`].
    pub fn open(path: &Path) -> Result<Self, SealError> {
        let expected = "an epoch key";
        let file: EpochFile =
            keyfile::parse(path, &keyfile::read_private(path)?, VERSION, expected)?;
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(&*file.key, &mut *key).map_err(|_| SealError::KeyFileDamaged {
            path: path.into(),
            expected,
        })?;
        Ok(Self {
            epoch: file.epoch,
            key,
        })
    }

    /// Writes the key file (mode 0600), in place of an older one.
    ///
    /// # Errors
    /// [`SealError::File`].
    pub fn write(&self, path: &Path) -> Result<(), SealError> {
        let file = EpochFile {
            version: VERSION,
            epoch: self.epoch,
            key: Zeroizing::new(hex::encode(*self.key)),
        };
        crate::durable::replace(path, &keyfile::print(&file), Readers::Owner)
            .map_err(SealError::file(path))
    }

    /// Wraps the key to every box: a CBOR array `[version, epoch, [[key id, sealed message]…]]`.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where a box's key is no point to seal to.
    pub fn wrap(&self, boxes: &[SealingPublic]) -> Result<Vec<u8>, SealError> {
        let mut wrapped = Vec::with_capacity(boxes.len());
        for public in boxes {
            let sealed = public.seal(WRAP, &self.epoch.to_be_bytes(), &*self.key)?;
            wrapped.push(WrappedFor(
                ByteArray::new(id(public)),
                ByteBuf::from(sealed),
            ));
        }
        Ok(wire::encode(&Wrapped(VERSION, self.epoch, wrapped)))
    }

    /// Finds and opens this box's own among the wrapped keys.
    ///
    /// # Errors
    /// [`SealError::NotForThisBox`] where none is for it, [`SealError::Malformed`], [`SealError::TooLarge`],
    /// [`SealError::NewerVersion`].
    pub fn unwrap_for(bytes: &[u8], mine: &SealingKey) -> Result<Self, SealError> {
        let what = "file of wrapped keys";
        let Wrapped(version, epoch, wrapped) = wire::decode_exact(bytes, KEYS_LIMIT, what)?;
        wire::check_version(version, VERSION, what)?;
        let mine_id = id(&mine.public());
        for WrappedFor(of, sealed) in wrapped {
            if *of != mine_id {
                continue;
            }
            if let Ok(opened) = mine.open_message(WRAP, &epoch.to_be_bytes(), &sealed)
                && let Ok(key) = <[u8; 32]>::try_from(opened.as_slice())
            {
                return Ok(Self {
                    epoch,
                    key: Zeroizing::new(key),
                });
            }
        }
        Err(SealError::NotForThisBox { epoch })
    }

    fn cipher(&self, name: &str, salt: &[u8]) -> LessSafeKey {
        let purpose: [&[u8]; 2] = [FILE_INFO, name.as_bytes()];
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&*self.key);
        let okm = prk
            .expand(&purpose, &CHACHA20_POLY1305)
            .expect("32 bytes are within what HKDF gives");
        LessSafeKey::new(UnboundKey::from(okm))
    }

    /// Encrypts a file of this name.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn encrypt(
        &self,
        name: &str,
        mut from: impl Read,
        to: impl Write,
    ) -> Result<(), ContentError> {
        let mut into = self.encrypting(name, to)?;
        io::copy(&mut from, &mut into)?;
        into.finish()?;
        Ok(())
    }

    /// Begins a file of this name: what is written into it is encrypted.
    ///
    /// # Errors
    /// [`ContentError::NoRandomness`], [`ContentError::Io`].
    pub(crate) fn encrypting<W: Write>(
        &self,
        name: &str,
        mut to: W,
    ) -> Result<Encrypting<W>, ContentError> {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(&MAGIC);
        header[8..16].copy_from_slice(&self.epoch.to_be_bytes());
        SystemRandom::new()
            .fill(&mut header[16..])
            .map_err(|_| ContentError::NoRandomness)?;
        to.write_all(&header)?;
        Ok(Encrypting {
            cipher: self.cipher(name, &header[16..]),
            header,
            piece: Vec::with_capacity(PIECE + TAG),
            number: 0,
            to,
        })
    }

    /// Decrypts a file of this name. What was written before an error is worthless.
    ///
    /// # Errors
    /// [`ContentError::AnotherEpoch`], [`ContentError::NotOurs`], [`ContentError::Io`].
    pub fn decrypt(
        &self,
        name: &str,
        mut from: impl Read,
        mut to: impl Write,
    ) -> Result<(), ContentError> {
        let header = read_header(&mut from)?;
        if header[..8] != MAGIC {
            return Err(ContentError::NotOurs);
        }
        let mut found = [0; 8];
        found.copy_from_slice(&header[8..16]);
        let found = u64::from_be_bytes(found);
        if found != self.epoch {
            return Err(ContentError::AnotherEpoch {
                found,
                ours: self.epoch,
            });
        }
        let cipher = self.cipher(name, &header[16..]);
        let (mut piece, mut next) = (Vec::new(), Vec::new());
        fill_to(&mut from, &mut piece, PIECE + TAG)?;
        for number in 0.. {
            next.clear();
            fill_to(&mut from, &mut next, PIECE + TAG)?;
            let last = next.is_empty();
            let plain = cipher
                .open_in_place(nonce(number, last), Aad::from(&header), &mut piece)
                .map_err(|_| ContentError::NotOurs)?;
            to.write_all(plain)?;
            if last {
                return Ok(());
            }
            std::mem::swap(&mut piece, &mut next);
        }
        Ok(())
    }
}

/// A file being encrypted as it is written. A piece is held back until it is known whether it is the last.
pub(crate) struct Encrypting<W> {
    cipher: LessSafeKey,
    header: [u8; HEADER],
    piece: Vec<u8>,
    number: u64,
    to: W,
}

impl<W: Write> Encrypting<W> {
    fn put_piece(&mut self, last: bool) -> io::Result<()> {
        self.cipher
            .seal_in_place_append_tag(
                nonce(self.number, last),
                Aad::from(&self.header),
                &mut self.piece,
            )
            .map_err(|_| io::Error::other("a piece cannot be encrypted"))?;
        let written = self.to.write_all(&self.piece);
        // Also where it was not written: whoever goes on all the same makes a file that lacks a piece and opens nowhere,
        // and no number is used for two pieces.
        self.piece.clear();
        self.number += 1;
        written
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.put_piece(true)?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Encrypting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE && !bytes.is_empty() {
            self.put_piece(false)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<W> fmt::Debug for Encrypting<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encrypting(piece {})", self.number)
    }
}

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochKey({})", self.epoch)
    }
}

fn read_header(from: &mut impl Read) -> Result<[u8; HEADER], ContentError> {
    let mut header = [0; HEADER];
    from.read_exact(&mut header).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => ContentError::NotOurs,
        _ => ContentError::Io(e),
    })?;
    Ok(header)
}

/// The epoch keys that a box holds.
#[derive(Debug, Default)]
pub struct KeyRing(BTreeMap<u64, EpochKey>);

impl KeyRing {
    /// The keys in a folder, as [`KeyRing::keep`] leaves them there; none where there is no folder.
    ///
    /// # Errors
    /// As [`EpochKey::open`].
    pub fn open(folder: &Path) -> Result<Self, SealError> {
        let mut ring = Self::default();
        let entries = match std::fs::read_dir(folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(ring),
            entries => entries.map_err(SealError::file(folder))?,
        };
        for entry in entries {
            let path = entry.map_err(SealError::file(folder))?.path();
            if path.extension().is_some_and(|e| e == "key") {
                ring.add(EpochKey::open(&path)?);
            }
        }
        Ok(ring)
    }

    /// Writes a key into the folder, which is made if absent (mode 0700), and adds it.
    ///
    /// # Errors
    /// [`SealError::File`].
    pub fn keep(&mut self, folder: &Path, key: EpochKey) -> Result<(), SealError> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(SealError::file(folder))?;
        key.write(&folder.join(format!("{:06}.key", key.epoch)))?;
        self.add(key);
        Ok(())
    }

    /// Adds a key.
    pub fn add(&mut self, key: EpochKey) {
        self.0.insert(key.epoch, key);
    }

    /// Whether the key of this epoch is held.
    #[must_use]
    pub fn holds(&self, epoch: u64) -> bool {
        self.0.contains_key(&epoch)
    }

    /// The newest epoch's key.
    #[must_use]
    pub fn newest(&self) -> Option<&EpochKey> {
        self.0.values().next_back()
    }

    /// Every key, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &EpochKey> {
        self.0.values()
    }

    /// Decrypts a file of this name with the key of the epoch that it names.
    ///
    /// # Errors
    /// [`ContentError::NoSuchEpoch`], and those of [`EpochKey::decrypt`].
    pub fn decrypt(
        &self,
        name: &str,
        mut from: impl Read,
        to: impl Write,
    ) -> Result<(), ContentError> {
        let header = read_header(&mut from)?;
        let mut epoch = [0; 8];
        epoch.copy_from_slice(&header[8..16]);
        let epoch = u64::from_be_bytes(epoch);
        self.0
            .get(&epoch)
            .ok_or(ContentError::NoSuchEpoch { epoch })?
            .decrypt(name, (&header[..]).chain(from), to)
    }
}

/// Why a file was not encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The file is of an epoch whose key is not here: the bundle's file of keys brings it.
    #[error("the file is of epoch {found}, and the key here is of epoch {ours}")]
    AnotherEpoch {
        /// What the file says.
        found: u64,
        /// What was tried.
        ours: u64,
    },
    /// The key of the file's epoch is not here.
    #[error("the file is of epoch {epoch}, whose key is not here")]
    NoSuchEpoch {
        /// What the file says.
        epoch: u64,
    },
    /// Not a file of this name encrypted in this epoch: altered, cut short, or renamed.
    #[error("the file does not decrypt: it is not what headquarters encrypted under this name")]
    NotOurs,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[8] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

fn fill_to(from: &mut impl Read, piece: &mut Vec<u8>, count: usize) -> io::Result<()> {
    from.by_ref()
        .take(count as u64)
        .read_to_end(piece)
        .map(drop)
}
