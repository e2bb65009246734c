//! One file of an edition: read whole where it is small, by positions where it is large.

use crate::EditionError;
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Up to which size a file is read whole; its digest is then checked when the edition is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) u64);

/// What the manifest promises of a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Promise {
    /// Its length.
    pub(crate) bytes: u64,
    /// SHA-256 in lower-case hex.
    pub(crate) sha256: String,
}

#[derive(Debug)]
enum Bytes {
    Whole(Vec<u8>),
    OnDisk(File),
}

/// A file of an edition.
#[derive(Debug)]
pub(crate) struct Part {
    file: PathBuf,
    bytes: Bytes,
    length: u64,
}

impl Part {
    /// Opens a file and checks it against what the manifest promises. Of large files only the length
    /// is checked here; their digest was when the signed edition was verified.
    pub(crate) fn open(
        dir: &Path,
        name: &str,
        promise: &Promise,
        whole: Whole,
    ) -> Result<Self, EditionError> {
        let path = dir.join(name);
        let mut file = File::open(&path).map_err(|e| disk(&path, e))?;
        let length = file.metadata().map_err(|e| disk(&path, e))?.len();
        let damaged = |why| EditionError::Damaged {
            file: path.clone(),
            why,
        };
        if length != promise.bytes {
            return Err(damaged("its length is not the one in the manifest"));
        }
        let bytes = if length <= whole.0 {
            let mut whole = Vec::with_capacity(length as usize);
            (&mut file)
                .take(length)
                .read_to_end(&mut whole)
                .map_err(|e| disk(&path, e))?;
            if whole.len() as u64 != length {
                return Err(damaged("it grew shorter while being read"));
            }
            let digest = ring::digest::digest(&ring::digest::SHA256, &whole);
            if hex::encode(digest) != promise.sha256 {
                return Err(damaged("its digest is not the one in the manifest"));
            }
            Bytes::Whole(whole)
        } else {
            Bytes::OnDisk(file)
        };
        Ok(Self {
            file: path,
            bytes,
            length,
        })
    }

    /// The file's length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// `count` bytes from `start`; `Damaged` where the file does not hold them.
    pub(crate) fn read(&self, start: u64, count: usize) -> Result<Cow<'_, [u8]>, EditionError> {
        let end = start
            .checked_add(count as u64)
            .filter(|end| *end <= self.length);
        let Some(end) = end else {
            return Err(self.damaged("it points past its own end"));
        };
        match &self.bytes {
            Bytes::Whole(whole) => whole
                .get(start as usize..end as usize)
                .map(Cow::Borrowed)
                .ok_or_else(|| self.damaged("it points past its own end")),
            Bytes::OnDisk(file) => {
                let mut out = vec![0; count];
                file.read_exact_at(&mut out, start)
                    .map_err(|e| disk(&self.file, e))?;
                Ok(Cow::Owned(out))
            }
        }
    }

    /// A little-endian number of four bytes.
    pub(crate) fn u32_at(&self, start: u64) -> Result<u32, EditionError> {
        let bytes = self.read(start, 4)?;
        let four = <[u8; 4]>::try_from(&*bytes).map_err(|_| self.damaged("it is cut short"))?;
        Ok(u32::from_le_bytes(four))
    }

    /// A little-endian number of eight bytes.
    pub(crate) fn u64_at(&self, start: u64) -> Result<u64, EditionError> {
        let bytes = self.read(start, 8)?;
        let eight = <[u8; 8]>::try_from(&*bytes).map_err(|_| self.damaged("it is cut short"))?;
        Ok(u64::from_le_bytes(eight))
    }

    /// The error for bytes of this file that make no sense.
    pub(crate) fn damaged(&self, why: &'static str) -> EditionError {
        EditionError::Damaged {
            file: self.file.clone(),
            why,
        }
    }
}

/// The error for a file that the system would not read or write.
pub(crate) fn disk(file: &Path, source: std::io::Error) -> EditionError {
    if source.kind() == std::io::ErrorKind::NotFound {
        EditionError::Missing {
            file: file.to_owned(),
        }
    } else {
        EditionError::Disk {
            file: file.to_owned(),
            source,
        }
    }
}
