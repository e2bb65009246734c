//! Editions of the watchlist on disk: copied whole, switched whole, never back to an older one.
//!
//! What is inside an edition's folder is not this room's business: it comes here verified.

use crate::StoreError;
use crate::database::hold;
use rules::EditionNumber;
use seal::durable::{self, Readers};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How many editions are kept: the one in use and the one before.
const KEPT: usize = 2;

/// The layout's version of the pointer written now.
const VERSION: u16 = 1;

/// The editions of one box, held for changing: one program at a time.
#[derive(Debug)]
pub struct Editions {
    folder: PathBuf,
    active: Option<EditionNumber>,
    _lock: File,
}

/// An edition in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveEdition {
    /// Its number.
    pub number: EditionNumber,
    /// Its folder; never changed while it stands, and kept until two newer ones have come.
    pub folder: PathBuf,
}

/// What became of an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activated {
    /// It is in use now.
    Now,
    /// It was in use before; nothing changed.
    Already,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    version: u16,
    number: EditionNumber,
}

/// The edition in use, for who only reads: takes no lock and changes nothing.
///
/// # Errors
/// The errors of a disk.
pub fn active(state: &Path) -> Result<Option<ActiveEdition>, StoreError> {
    let folder = state.join("editions");
    Ok(pointed_at(&folder)?.and_then(|number| standing(&folder, number)))
}

impl Editions {
    /// Opens the editions of this state, and sweeps away what an interrupted activation left behind.
    ///
    /// # Errors
    /// [`StoreError::InUse`] and the errors of a disk.
    pub fn open(state: &Path) -> Result<Self, StoreError> {
        let folder = state.join("editions");
        fs::create_dir_all(&folder).map_err(StoreError::disk(&folder))?;
        let lock = hold(&folder.join("lock"))?;
        let mut editions = Self {
            active: pointed_at(&folder)?,
            folder,
            _lock: lock,
        };
        if editions.active.is_none() {
            // The pointer is lost, or never came to be written. A folder gets its number only once it is
            // verified and whole, so the newest is good; and starting over would let an older one in.
            editions.active = editions.standing()?.into_iter().max();
            if let Some(number) = editions.active {
                editions.point_at(number)?;
            }
        }
        editions.sweep()?;
        Ok(editions)
    }

    /// The edition in use. `None` where there has been none, or where its folder is gone: then only that
    /// one or a newer one can come into use.
    #[must_use]
    pub fn active(&self) -> Option<ActiveEdition> {
        self.active
            .and_then(|number| standing(&self.folder, number))
    }

    /// The number below which no edition can come into use.
    #[must_use]
    pub fn floor(&self) -> Option<EditionNumber> {
        self.active
    }

    /// An empty folder to copy an edition into and verify it in; give it to [`Editions::activate`]. It is
    /// swept away on the next open where it is not.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn stage(&self) -> Result<PathBuf, StoreError> {
        let staged = self.staged();
        self.remove(&staged)?;
        fs::create_dir(&staged).map_err(StoreError::disk(&staged))?;
        Ok(staged)
    }

    /// Brings a verified edition into use: the whole of it or nothing, at whatever instant the power goes.
    /// A folder from [`Editions::stage`] is taken over; any other is copied.
    ///
    /// # Errors
    /// [`StoreError::EditionOlder`], [`StoreError::DiskFull`] and the other errors of a disk. The edition
    /// in use stays in use then.
    pub fn activate(
        &mut self,
        number: EditionNumber,
        verified: &Path,
    ) -> Result<Activated, StoreError> {
        if let Some(active) = self.active {
            if number < active {
                return Err(StoreError::EditionOlder {
                    offered: number,
                    active,
                });
            }
            if number == active && self.active().is_some() {
                return Ok(Activated::Already);
            }
        }
        let staged = self.staged();
        // By what they are, not by how they are written: staging anew would empty the very folder.
        let own = staged.canonicalize().ok();
        if own.is_none() || own != verified.canonicalize().ok() {
            self.stage()?;
            copy(verified, &staged)?;
        }
        sync(&staged)?;
        let place = self.folder.join(name(number));
        // Left by an activation that failed after its rename.
        self.remove(&place)?;
        fs::rename(&staged, &place).map_err(StoreError::disk(&place))?;
        durable::sync_folder(&self.folder).map_err(StoreError::disk(&self.folder))?;
        self.point_at(number)?;
        self.active = Some(number);
        self.sweep()?;
        Ok(Activated::Now)
    }

    fn staged(&self) -> PathBuf {
        self.folder.join("staged.part")
    }

    fn point_at(&self, number: EditionNumber) -> Result<(), StoreError> {
        let pointer = self.folder.join("active");
        let text = serde_json::to_vec(&Pointer {
            version: VERSION,
            number,
        })
        .expect("two numbers always encode into memory");
        durable::replace(&pointer, &text, Readers::Anyone).map_err(StoreError::disk(&pointer))
    }

    /// Removes what was never finished, what was never brought into use, and what is too old to keep.
    fn sweep(&self) -> Result<(), StoreError> {
        let mut old = self.standing()?;
        old.retain(|number| Some(*number) <= self.active);
        old.sort_unstable();
        old.reverse();
        old.truncate(KEPT);
        for entry in self.entries()? {
            let path = entry.path();
            let unfinished = path.extension().is_some_and(|e| e == "part");
            let numbered = number(&path);
            if unfinished || numbered.is_some_and(|n| !old.contains(&n)) {
                self.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes a file or folder of ours. A numbered folder loses its number first, so that a folder with a
    /// number is whole at every instant.
    fn remove(&self, path: &Path) -> Result<(), StoreError> {
        let about = match fs::symlink_metadata(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            about => about.map_err(StoreError::disk(path))?,
        };
        if !about.is_dir() {
            return fs::remove_file(path).map_err(StoreError::disk(path));
        }
        let mut removed = path.to_path_buf();
        if let Some(number) = number(path) {
            removed = self.folder.join(format!("{}.part", name(number)));
            self.remove(&removed)?;
            fs::rename(path, &removed).map_err(StoreError::disk(path))?;
        }
        fs::remove_dir_all(&removed).map_err(StoreError::disk(&removed))
    }

    /// The numbers of the folders that stand complete.
    fn standing(&self) -> Result<Vec<EditionNumber>, StoreError> {
        Ok(self
            .entries()?
            .iter()
            .filter_map(|e| number(&e.path()))
            .collect())
    }

    fn entries(&self) -> Result<Vec<fs::DirEntry>, StoreError> {
        fs::read_dir(&self.folder)
            .and_then(Iterator::collect)
            .map_err(StoreError::disk(&self.folder))
    }
}

/// What the pointer says; `None` where there is none, or it is damaged.
fn pointed_at(folder: &Path) -> Result<Option<EditionNumber>, StoreError> {
    let pointer = folder.join("active");
    let text = match fs::read(&pointer) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(StoreError::disk(&pointer))?,
    };
    Ok(serde_json::from_slice(&text)
        .ok()
        .filter(|p: &Pointer| p.version == VERSION)
        .map(|p| p.number))
}

fn standing(folder: &Path, number: EditionNumber) -> Option<ActiveEdition> {
    let folder = folder.join(name(number));
    folder.is_dir().then_some(ActiveEdition { number, folder })
}

fn name(number: EditionNumber) -> String {
    format!("{:06}", number.0)
}

/// The number that a folder stands for, where its name is exactly such a number.
fn number(path: &Path) -> Option<EditionNumber> {
    let text = path.file_name()?.to_str()?;
    let number = EditionNumber(text.parse().ok()?);
    (name(number) == text).then_some(number)
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(from).map_err(StoreError::disk(from))? {
        let entry = entry.map_err(StoreError::disk(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(StoreError::disk(&source))?;
        if kind.is_dir() {
            fs::create_dir(&target).map_err(StoreError::disk(&target))?;
            copy(&source, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target).map_err(StoreError::disk(&target))?;
        } else {
            // A link would let what was verified change afterwards.
            return Err(StoreError::Disk {
                path: source,
                source: io::Error::from(ErrorKind::InvalidInput),
            });
        }
    }
    Ok(())
}

/// Makes a folder with everything in it durable.
fn sync(folder: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(StoreError::disk(folder))? {
        let path = entry.map_err(StoreError::disk(folder))?.path();
        if path.is_dir() {
            sync(&path)?;
        } else {
            File::open(&path)
                .and_then(|f| f.sync_all())
                .map_err(StoreError::disk(&path))?;
        }
    }
    durable::sync_folder(folder).map_err(StoreError::disk(folder))
}
