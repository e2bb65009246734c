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
///
/// Beside it there may be another, in which models lie that came over the years, each under its digest: there a
/// program finds the models of its own cards, the program that comes after it those of its, and the one before still
/// those of its own. Which models are in use changes with the program, and goes back with it.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
    came: Option<PathBuf>,
}

/// So many digits of its digest stand before the name of a model that came.
const DIGITS_BEFORE_NAME: usize = 16;

/// The name of a model's file among those that came: the first digits of its digest, a hyphen, its own name.
#[must_use]
pub fn name_among_came(card: &Card) -> String {
    let digits = card.digest.get(..DIGITS_BEFORE_NAME);
    format!("{}-{}", digits.unwrap_or(&card.digest), card.file)
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
        Self::at(dir).whole()
    }

    /// The same, where models that came lie in another folder, which may be absent.
    #[must_use]
    pub fn with_came(self, came: &Path) -> Self {
        Self {
            came: Some(came.to_owned()),
            ..self
        }
    }

    /// The same, with every fetched model there in the size that its card says.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn whole(self) -> Result<Self, ModelError> {
        for card in Card::all().iter().filter(|card| card.package().is_some()) {
            if self.open_came(card).is_none() {
                open_file(card, &self.dir, &card.file)?;
            }
        }
        Ok(self)
    }

    /// A folder as it is: nothing is looked at before a model is read.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            came: None,
        }
    }

    /// The folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The weights of a model, whole, with the digest on its card: those that came, and where they are absent or
    /// damaged those of the folder.
    ///
    /// # Errors
    /// [`ModelError::Absent`], [`ModelError::Corrupt`] or [`ModelError::Unreadable`].
    pub fn read(&self, card: &Card) -> Result<Vec<u8>, ModelError> {
        if let Some((file, path)) = self.open_came(card)
            && let Ok(bytes) = read_whole(card, file, path)
        {
            return Ok(bytes);
        }
        let (file, path) = open_file(card, &self.dir, &card.file)?;
        read_whole(card, file, path)
    }

    /// The file among those that came, in the size that the card says.
    fn open_came(&self, card: &Card) -> Option<(std::fs::File, PathBuf)> {
        open_file(card, self.came.as_ref()?, &name_among_came(card)).ok()
    }
}

fn read_whole(card: &Card, file: std::fs::File, path: PathBuf) -> Result<Vec<u8>, ModelError> {
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

fn open_file(
    card: &Card,
    folder: &Path,
    name: &str,
) -> Result<(std::fs::File, PathBuf), ModelError> {
    let path = folder.join(name);
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
            folder: folder.to_owned(),
            digest: card.digest.clone(),
        }),
        Err(source) => Err(ModelError::Unreadable { path, source }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A card whose weights are these bytes.
    fn card(bytes: &[u8]) -> Card {
        Card {
            file: "matcher.onnx".into(),
            bytes: bytes.len() as u64,
            digest: digest(bytes),
            ..Card::all()[0].clone()
        }
    }

    #[test]
    fn each_program_finds_its_own_models_among_those_that_came() {
        let (own, came) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // Another network of the same shape: the same name, and the same size.
        let (before, after) = (card(b"weights of spring"), card(b"weights of autumn"));
        std::fs::write(own.path().join("matcher.onnx"), b"weights of spring").unwrap();
        let folder = Folder::at(own.path()).with_came(came.path());
        assert!(matches!(
            folder.read(&after),
            Err(ModelError::Corrupt { .. })
        ));
        let arrived = came.path().join(name_among_came(&after));
        std::fs::write(&arrived, b"weights of autumn").unwrap();
        assert_eq!(folder.read(&after).unwrap(), b"weights of autumn");
        assert_eq!(folder.read(&before).unwrap(), b"weights of spring");

        // Damaged on the card, what came is not used; the program's own still is.
        let kept = came.path().join(name_among_came(&before));
        std::fs::write(kept, b"weights of sprung").unwrap();
        assert_eq!(folder.read(&before).unwrap(), b"weights of spring");
        std::fs::write(arrived, b"weights of august").unwrap();
        assert!(folder.read(&after).is_err());
    }
}
