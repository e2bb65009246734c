//! Files that survive a power cut: a reader sees the old content or the new, never a mixture, and what
//! was reported written is on the medium.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Begins the names of files that were being written when the power was cut: any may be removed by the
/// one program that writes in their folder.
pub const LEFTOVER: &str = ".writing-";

/// Removes what interrupted writes left in a folder: files and folders whose names begin with a prefix.
///
/// # Errors
/// Whatever the file system says.
pub fn sweep(folder: &Path, prefixes: &[&str]) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let left = name
            .to_str()
            .is_some_and(|n| prefixes.iter().any(|p| n.starts_with(p)));
        if !left {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Who may read a file that is written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The owner only (mode 0600): keys.
    Owner,
    /// Anyone with access to the folder (mode 0644).
    Anyone,
}

/// A file in the writing, beside the one whose place it takes: for content that is not held in memory. Dropped
/// before [`Replacement::finish`], it leaves nothing, and the old content is still there.
#[derive(Debug)]
pub struct Replacement {
    beside: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Replacement {
    /// Begins to write.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn begin(path: &Path, readers: Readers) -> io::Result<Self> {
        Ok(Self {
            beside: beside(folder_of(path), readers)?,
            path: path.to_path_buf(),
        })
    }

    /// Puts the file in its place: synced, renamed, folder synced.
    ///
    /// # Errors
    /// Whatever the file system says; the old content is then still there.
    pub fn finish(self) -> io::Result<()> {
        self.beside.as_file().sync_all()?;
        self.beside.persist(&self.path).map_err(|e| e.error)?;
        sync_folder(folder_of(&self.path))
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.beside.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.beside.flush()
    }
}

/// Replaces the content of `path` by `bytes`: written beside it, synced, renamed over it, folder synced.
///
/// # Errors
/// Whatever the file system says; the old content is then still there.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut replacement = Replacement::begin(path, readers)?;
    replacement.write_all(bytes)?;
    replacement.finish()
}

/// Writes a file that must not exist yet, as [`replace`] does.
///
/// # Errors
/// `AlreadyExists` where there is one (it is left alone), or whatever the file system says.
pub fn create(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = folder_of(path);
    let mut beside = beside(folder, readers)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist_noclobber(path).map_err(|e| e.error)?;
    sync_folder(folder)
}

/// Makes the names in a folder durable.
///
/// # Errors
/// Whatever the file system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that holds `path`; the working folder for a bare name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(folder: &Path, readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Anyone => 0o644,
    };
    tempfile::Builder::new()
        .prefix(LEFTOVER)
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(folder)
}
