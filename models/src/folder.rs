//! The folder that fetched weights lie in.

use crate::{Card, ModelError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The SHA-256 digest of some bytes, in lower-case hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

/// A folder that holds every fetched model. Digests are checked when a model is read.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// Where models lie: `explicit` if given, else `$MPAKA_MODELS`, else
    /// `$XDG_CACHE_HOME/mpaka/models`, else `~/.cache/mpaka/models`, else `/var/cache/mpaka/models`.
    #[must_use]
    pub fn locate(explicit: Option<&Path>) -> PathBuf {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(dir) = explicit {
            return dir.to_owned();
        }
        if let Some(dir) = set("MPAKA_MODELS") {
            return dir.into();
        }
        set("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .unwrap_or_else(|| PathBuf::from("/var/cache"))
            .join("mpaka/models")
    }

    /// Opens the folder that [`Folder::locate`] names.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn resolve(explicit: Option<&Path>) -> Result<Self, ModelError> {
        Self::open(&Self::locate(explicit))
    }

    /// Opens a folder; every fetched model must be there, with the size that its card says.
    ///
    /// # Errors
    /// [`ModelError::Absent`], [`ModelError::Corrupt`] (by size) or [`ModelError::Unreadable`],
    /// for the first model that is not as it must be.
    pub fn open(dir: &Path) -> Result<Self, ModelError> {
        let folder = Self::at(dir);
        for card in Card::all().iter().filter(|card| card.package().is_some()) {
            folder.open_file(card)?;
        }
        Ok(folder)
    }

    /// A folder as it is: nothing is looked at before a model is read.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    /// The folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The weights of a model, whole, with the digest on its card.
    ///
    /// # Errors
    /// [`ModelError::Absent`], [`ModelError::Corrupt`] or [`ModelError::Unreadable`].
    pub fn read(&self, card: &Card) -> Result<Vec<u8>, ModelError> {
        let (file, path) = self.open_file(card)?;
        let mut bytes = Vec::new();
        // The size was compared with the card; `take` holds even if the file grows meanwhile.
        file.take(card.bytes)
            .read_to_end(&mut bytes)
            .map_err(|source| ModelError::Unreadable {
                path: path.clone(),
                source,
            })?;
        let found = digest(&bytes);
        if found == card.digest {
            Ok(bytes)
        } else {
            Err(ModelError::Corrupt {
                id: card.id.clone(),
                path,
                expected: card.digest.clone(),
                found,
            })
        }
    }

    fn open_file(&self, card: &Card) -> Result<(std::fs::File, PathBuf), ModelError> {
        let path = self.dir.join(&card.file);
        let opened = std::fs::File::open(&path).and_then(|f| f.metadata().map(|m| (f, m.len())));
        match opened {
            Ok((file, length)) if length == card.bytes => Ok((file, path)),
            Ok((_, length)) => Err(ModelError::Corrupt {
                id: card.id.clone(),
                path,
                expected: format!("{} ({} bytes)", card.digest, card.bytes),
                found: format!("unknown ({length} bytes)"),
            }),
            Err(e) if e.kind() == ErrorKind::NotFound => Err(ModelError::Absent {
                id: card.id.clone(),
                file: card.file.clone(),
                folder: self.dir.clone(),
                digest: card.digest.clone(),
            }),
            Err(source) => Err(ModelError::Unreadable { path, source }),
        }
    }
}
