//! Key files: the owner's alone, of bounded size, never overwritten.

use crate::SealError;
use crate::durable::{self, Readers};
use serde::{Serialize, de::DeserializeOwned};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// No key file of ours comes near this size, in bytes.
const LIMIT: u64 = 16 * 1024;

/// Reads a private key file.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, SealError> {
    read(path, Readers::Owner)
}

/// Reads a public key file.
pub(crate) fn read_public(path: &Path) -> Result<Zeroizing<Vec<u8>>, SealError> {
    read(path, Readers::Anyone)
}

fn read(path: &Path, readers: Readers) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut file = match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err(SealError::KeyFileAbsent { path: path.into() });
        }
        opened => opened.map_err(SealError::file(path))?,
    };
    // The open file is asked, not the path: nobody can put another file there in between.
    let about = file.metadata().map_err(SealError::file(path))?;
    let mode = about.permissions().mode() & 0o7777;
    if readers == Readers::Owner && mode & 0o077 != 0 {
        return Err(SealError::KeyFileOpenToOthers {
            path: path.into(),
            mode,
        });
    }
    if !about.is_file() || about.len() > LIMIT {
        return Err(SealError::KeyFileDamaged {
            path: path.into(),
            expected: "a key file",
        });
    }
    // Room for all of it at once: a growing buffer would leave copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT as usize + 1));
    file.by_ref()
        .take(LIMIT)
        .read_to_end(&mut bytes)
        .map_err(SealError::file(path))?;
    Ok(bytes)
}

/// Writes a key file that is not there yet.
pub(crate) fn create(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), SealError> {
    durable::create(path, bytes, readers).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => SealError::KeyFileExists { path: path.into() },
        _ => SealError::file(path)(e),
    })
}

/// Opens a private key file, or makes it from what `make` gives where there is none.
pub(crate) fn open_or_create<K>(
    path: &Path,
    open: impl Fn(&Path) -> Result<K, SealError>,
    make: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, SealError>,
) -> Result<K, SealError> {
    match open(path) {
        Err(SealError::KeyFileAbsent { .. }) => {}
        opened => return opened,
    }
    match create(path, &make()?, Readers::Owner) {
        // Another process was quicker: its key is the key.
        Ok(()) | Err(SealError::KeyFileExists { .. }) => open(path),
        Err(e) => Err(e),
    }
}

/// A key file that is JSON with a version.
pub(crate) fn parse<T: DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
    known: u64,
    expected: &'static str,
) -> Result<T, SealError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u64,
    }
    let damaged = |_| SealError::KeyFileDamaged {
        path: path.into(),
        expected,
    };
    let Versioned { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    crate::wire::check_version(version, known, expected)?;
    serde_json::from_slice(bytes).map_err(damaged)
}

/// The text of a key file that is JSON.
pub(crate) fn print<T: Serialize>(value: &T) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT as usize));
    serde_json::to_writer_pretty(&mut *bytes, value)
        .expect("plain structures of texts and numbers always encode into memory");
    bytes.push(b'\n');
    bytes
}
