//! Opening a backup: at headquarters, and into a folder that is whole or not there.

use super::{
    BackupError, CHUNK, CONTENT, CONTENT_KEY, EPOCH, HEAD_LIMIT, Header, LONGEST_NAME, MAGIC,
    MANIFEST_LIMIT, MOST_FILES, Manifest, PackedFile, SIGNATURE, VERSION, WHAT, WireHead,
    is_well_named, unwrap,
};
use crate::content::EpochKey;
use crate::device::DevicePublic;
use crate::durable;
use crate::hq::HqPrivate;
use crate::{SealError, wire};
use ring::digest::{Context, SHA256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

/// A backup whose head was read.
pub struct Sealed<R> {
    header: Header,
    header_bytes: Vec<u8>,
    encapsulated: [u8; 32],
    wrapped: Vec<u8>,
    signature: [u8; 64],
    from: R,
}

impl<R> std::fmt::Debug for Sealed<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Sealed<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`BackupError::Seal`] where it is no backup or a newer one, [`BackupError::Io`].
    pub fn begin(mut from: R) -> Result<Self, BackupError> {
        let malformed = || SealError::Malformed { what: WHAT };
        let magic = start(&mut from, MAGIC.len() as u64)?;
        if magic.len() < MAGIC.len() || magic[..7] != MAGIC[..7] {
            return Err(malformed().into());
        }
        wire::check_version(u64::from(magic[7]), VERSION, WHAT)?;
        let length = start(&mut from, 4)?;
        let length = <[u8; 4]>::try_from(&length[..]).map_err(|_| malformed())?;
        let length = u32::from_be_bytes(length) as usize;
        if length > HEAD_LIMIT {
            return Err(malformed().into());
        }
        let head = start(&mut from, length as u64)?;
        let WireHead(version, header, encapsulated, wrapped, signature) =
            wire::decode_exact(&head, HEAD_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        Ok(Self {
            header: wire::decode(&header, HEAD_LIMIT, WHAT)?,
            header_bytes: header.into_vec(),
            encapsulated: encapsulated.into_array(),
            wrapped: wrapped.into_vec(),
            signature: signature.into_array(),
            from,
        })
    }

    /// What anyone may read of it. Trust it only once it was opened.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Checks that this box made it, opens it, and unpacks it into a folder that is not there yet: whole, or not at
    /// all.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is unpacked then.
    pub fn open(
        self,
        hq: &HqPrivate,
        device: &DevicePublic,
        into: &Path,
    ) -> Result<Manifest, BackupError> {
        if into.symlink_metadata().is_ok() {
            return Err(BackupError::Exists { path: into.into() });
        }
        let ours = hq.public().id();
        if self.header.hq != ours {
            return Err(BackupError::Seal(SealError::AnotherHq {
                what: WHAT,
                found: self.header.hq,
                ours,
            }));
        }
        device.verify(
            SIGNATURE,
            &[&self.header_bytes, &self.encapsulated, &self.wrapped],
            &self.signature,
            WHAT,
        )?;
        let key = unwrap(
            &self.encapsulated,
            &self.wrapped,
            hq,
            CONTENT_KEY,
            &self.header_bytes,
        )?;
        let beside = match into.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // Nothing is believed before the last piece was there.
        let mut content = tempfile::tempfile_in(beside)?;
        EpochKey::of_bytes(EPOCH, key).decrypt(CONTENT, self.from, &content)?;
        content.rewind()?;
        let unpacked = tempfile::Builder::new()
            .prefix(durable::LEFTOVER)
            .tempdir_in(beside)?;
        let manifest = unpack(BufReader::new(content), unpacked.path())?;
        if manifest.about.post != self.header.post || manifest.about.made_at != self.header.made_at
        {
            return Err(BackupError::Torn);
        }
        durable::sync_folder(unpacked.path())?;
        fs::rename(unpacked.path(), into)?;
        // It is in its place: there is nothing to clear away any more.
        let _ = unpacked.keep();
        durable::sync_folder(beside)?;
        Ok(manifest)
    }
}

/// So many bytes; fewer where there are no more.
fn start(from: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    from.by_ref().take(bytes).read_to_end(&mut read)?;
    Ok(read)
}

/// A length of at most so much.
fn bounded(from: &mut impl Read, limit: usize) -> Result<usize, BackupError> {
    let read = start(from, 4)?;
    let length = <[u8; 4]>::try_from(&read[..]).map_err(|_| BackupError::Torn)?;
    let length = u32::from_be_bytes(length) as usize;
    match length <= limit {
        true => Ok(length),
        false => Err(BackupError::Torn),
    }
}

/// Unpacks the files into a folder and holds them against the manifest behind them.
fn unpack(mut from: impl Read, folder: &Path) -> Result<Manifest, BackupError> {
    let mut found = Vec::new();
    let mut folders = BTreeSet::new();
    loop {
        let name = bounded(&mut from, LONGEST_NAME)?;
        if name == 0 {
            break;
        }
        let name = start(&mut from, name as u64)?;
        let name = String::from_utf8_lossy(&name).into_owned();
        if !is_well_named(&name) || found.len() == MOST_FILES {
            return Err(BackupError::Name { name });
        }
        let path = folder.join(&name);
        if let Some(within) = path.parent() {
            fs::create_dir_all(within)?;
            let of_ours = within.ancestors().take_while(|above| *above != folder);
            folders.extend(of_ours.map(Path::to_path_buf));
        }
        // Two files of one name would be an answer to the question which of them is meant.
        let mut file = File::create_new(&path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Name { name: name.clone() },
            _ => e.into(),
        })?;
        let mut digest = Context::new(&SHA256);
        let mut bytes = 0;
        loop {
            let chunk = bounded(&mut from, CHUNK)?;
            if chunk == 0 {
                break;
            }
            let chunk = start(&mut from, chunk as u64)?;
            file.write_all(&chunk)?;
            digest.update(&chunk);
            bytes += chunk.len() as u64;
        }
        file.sync_all()?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.finish().as_ref());
        found.push(PackedFile {
            name,
            bytes,
            sha256,
        });
    }
    // What a folder holds is on the medium once the folder is.
    for within in &folders {
        durable::sync_folder(within)?;
    }
    let manifest = bounded(&mut from, MANIFEST_LIMIT)?;
    let manifest = start(&mut from, manifest as u64)?;
    let manifest: Manifest = wire::decode_exact(&manifest, MANIFEST_LIMIT, "manifest of a backup")?;
    wire::check_version(manifest.version, VERSION, WHAT)?;
    let differs = manifest
        .files
        .iter()
        .zip(&found)
        .find(|(named, found)| named != found);
    match differs {
        Some((named, _)) => Err(BackupError::NotAsNamed {
            name: named.name.clone(),
        }),
        None if manifest.files.len() != found.len() => Err(BackupError::Torn),
        None => Ok(manifest),
    }
}
