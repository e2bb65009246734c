//! A disk that keeps only what was synced. Of what was written since, it may have kept some, in any order, and
//! the last of it in part: sector by sector.

use crate::trace::Act;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is written whole or not at all, in bytes.
const SECTOR: usize = 512;

#[derive(Debug, Clone)]
enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Resize(u64),
}

/// A file: what is on the medium for sure, and what was done to it since.
#[derive(Debug, Clone, Default)]
struct Inode {
    sure: Vec<u8>,
    since: Vec<Change>,
    /// Where the next plain write goes.
    end: u64,
}

#[derive(Debug, Clone)]
enum Naming {
    Name { path: PathBuf, inode: usize },
    Unname(PathBuf),
}

/// What becomes of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All of it is lost.
    Lost,
    /// All of it is there: as after a kill.
    Kept,
    /// A part of it, in another order, torn: by this seed.
    Torn(u64),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    inodes: Vec<Inode>,
    /// Names as the program sees them, and as the medium has them for sure.
    seen: BTreeMap<PathBuf, usize>,
    sure: BTreeMap<PathBuf, usize>,
    /// What was done to names since their folder was synced.
    since: Vec<Naming>,
}

impl Disk {
    /// The disk before the program started: everything in the folder is on the medium.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut disk = Self::default();
        disk.take_in(folder);
        disk
    }

    fn take_in(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.take_in(&path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                self.inodes.push(Inode {
                    sure: bytes,
                    ..Inode::default()
                });
                let inode = self.inodes.len() - 1;
                self.seen.insert(path.clone(), inode);
                self.sure.insert(path, inode);
            }
        }
    }

    /// Lets the program do something.
    pub(crate) fn apply(&mut self, act: &Act) {
        match act {
            Act::Open { path, make, empty } => {
                if !self.seen.contains_key(path) {
                    if !make {
                        return;
                    }
                    self.inodes.push(Inode::default());
                    self.name(path, self.inodes.len() - 1);
                }
                let inode = &mut self.inodes[self.seen[path]];
                inode.end = 0;
                if *empty {
                    inode.since.push(Change::Resize(0));
                }
            }
            Act::Write { path, at, bytes } => {
                let Some(inode) = self.seen.get(path) else {
                    return;
                };
                let inode = &mut self.inodes[*inode];
                let at = at.unwrap_or(inode.end);
                inode.end = at + bytes.len() as u64;
                inode.since.push(Change::Write {
                    at,
                    bytes: bytes.clone(),
                });
            }
            Act::Resize { path, length } => {
                if let Some(inode) = self.seen.get(path) {
                    self.inodes[*inode].since.push(Change::Resize(*length));
                }
            }
            Act::Sync { path } => {
                if let Some(inode) = self.seen.get(path) {
                    self.inodes[*inode].sync();
                } else {
                    self.sync_folder(path);
                }
            }
            Act::Rename { from, to } => {
                if let Some(inode) = self.seen.remove(from) {
                    self.since.push(Naming::Unname(from.clone()));
                    self.name(to, inode);
                }
            }
            Act::Link { from, to } => {
                if let Some(inode) = self.seen.get(from).copied() {
                    self.name(to, inode);
                }
            }
            Act::Remove { path } => {
                if self.seen.remove(path).is_some() {
                    self.since.push(Naming::Unname(path.clone()));
                }
            }
            Act::MakeFolder { .. } => {}
        }
    }

    fn name(&mut self, path: &Path, inode: usize) {
        self.seen.insert(path.to_owned(), inode);
        self.since.push(Naming::Name {
            path: path.to_owned(),
            inode,
        });
    }

    fn sync_folder(&mut self, folder: &Path) {
        let (here, elsewhere): (Vec<_>, Vec<_>) = std::mem::take(&mut self.since)
            .into_iter()
            .partition(|naming| match naming {
                Naming::Name { path, .. } | Naming::Unname(path) => path.parent() == Some(folder),
            });
        for naming in &here {
            rename(&mut self.sure, naming);
        }
        self.since = elsewhere;
    }

    /// Whether something was done that is not on the medium for sure.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.since.is_empty() || self.inodes.iter().any(|inode| !inode.since.is_empty())
    }

    /// What is found after the power was cut now, under another folder.
    pub(crate) fn cut(&self, fate: Fate, from: &Path, to: &Path) {
        let mut chance = Chance(match fate {
            Fate::Torn(seed) => seed | 1,
            _ => 1,
        });
        let mut names = self.sure.clone();
        // A file system's journal keeps the order of what was done to names.
        let kept = match fate {
            Fate::Lost => 0,
            Fate::Kept => self.since.len(),
            Fate::Torn(_) => chance.below(self.since.len() as u64 + 1) as usize,
        };
        for naming in &self.since[..kept] {
            rename(&mut names, naming);
        }
        for (path, inode) in names {
            let path = to.join(path.strip_prefix(from).unwrap());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let bytes = self.inodes[inode].found(fate, &mut chance);
            std::fs::write(&path, bytes).unwrap();
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

fn rename(names: &mut BTreeMap<PathBuf, usize>, naming: &Naming) {
    match naming {
        Naming::Name { path, inode } => names.insert(path.clone(), *inode),
        Naming::Unname(path) => names.remove(path),
    };
}

impl Inode {
    fn sync(&mut self) {
        for change in std::mem::take(&mut self.since) {
            change.apply(&mut self.sure);
        }
    }

    fn found(&self, fate: Fate, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = self.sure.clone();
        match fate {
            Fate::Lost => {}
            Fate::Kept => self.since.iter().for_each(|c| c.apply(&mut bytes)),
            Fate::Torn(_) => {
                let mut left: Vec<&Change> =
                    self.since.iter().filter(|_| chance.below(2) == 0).collect();
                while !left.is_empty() {
                    let next = left.swap_remove(chance.below(left.len() as u64) as usize);
                    match next {
                        Change::Write { at, bytes: written } if chance.below(3) == 0 => {
                            for (n, sector) in written.chunks(SECTOR).enumerate() {
                                if chance.below(2) == 0 {
                                    put(&mut bytes, at + (n * SECTOR) as u64, sector);
                                }
                            }
                        }
                        whole => whole.apply(&mut bytes),
                    }
                }
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => put(file, *at, bytes),
            Self::Resize(length) => file.resize(*length as usize, 0),
        }
    }
}

fn put(file: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let (at, end) = (at as usize, at as usize + bytes.len());
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}

/// xorshift64*: the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound.max(1)
    }
}
