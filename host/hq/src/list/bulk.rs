//! Documents by the hundred million: a source's documents as one sorted file of keyed digests.
//!
//! A row of a bulk list that has no entry of its own is nothing but number, state and type; it is kept as the
//! digest that editions hold, in a file named by its SHA-256. Ten bytes a row in the register would be ten times
//! the size, and no question is asked of it but whether it is listed.

use crate::HqError;
use crate::home::Home;
use crate::register::Register;
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fs::{File, TryLockError};
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Digests sorted in memory at a time (64 MiB); more are sorted in runs on disk and merged.
const RUN: usize = 8 << 20;

/// The key of this headquarters' digests, drawn when first needed and never changed: editions and steps are
/// told apart by it.
pub(super) fn key(register: &Register) -> Result<[u8; 16], HqError> {
    let failed = register.failed();
    let mut drawn = [0; 16];
    SystemRandom::new()
        .fill(&mut drawn)
        .map_err(|_| seal::SealError::NoRandomness)?;
    register
        .connection
        .execute(
            "INSERT OR IGNORE INTO setting VALUES ('document_key', ?1)",
            [drawn],
        )
        .map_err(&failed)?;
    register
        .connection
        .query_row(
            "SELECT value FROM setting WHERE name = 'document_key'",
            [],
            |r| r.get(0),
        )
        .map_err(&failed)
}

/// Collects digests and writes them sorted, each once.
pub(super) struct Sorter {
    folder: PathBuf,
    digests: Vec<u64>,
    runs: Vec<File>,
    taken: u64,
}

/// A file of sorted digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bulk {
    /// Its name: SHA-256 in hex.
    pub(super) sha256: String,
    /// How many digests it holds.
    pub(super) documents: u64,
}

impl Sorter {
    pub(super) fn new(home: &Home) -> Result<Self, HqError> {
        let folder = home.content();
        std::fs::create_dir_all(&folder).map_err(HqError::io(&folder))?;
        Ok(Self {
            folder,
            digests: Vec::new(),
            runs: Vec::new(),
            taken: 0,
        })
    }

    /// How many were put, repeats included.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    pub(super) fn put(&mut self, digest: u64) -> Result<(), HqError> {
        self.taken += 1;
        self.digests.push(digest);
        if self.digests.len() < RUN {
            return Ok(());
        }
        self.sort();
        let file = tempfile::tempfile_in(&self.folder).map_err(HqError::io(&self.folder))?;
        let mut out = BufWriter::with_capacity(1 << 20, &file);
        for digest in self.digests.drain(..) {
            out.write_all(&digest.to_le_bytes())
                .map_err(HqError::io(&self.folder))?;
        }
        out.flush().map_err(HqError::io(&self.folder))?;
        drop(out);
        self.runs.push(file);
        Ok(())
    }

    fn sort(&mut self) {
        self.digests.sort_unstable();
        self.digests.dedup();
    }

    /// Merges what was put into one file, durably.
    pub(super) fn finish(mut self) -> Result<Bulk, HqError> {
        self.sort();
        let folder = self.folder.clone();
        let io = || HqError::io(&folder);
        let mut sources: Vec<Box<dyn Iterator<Item = std::io::Result<u64>>>> = vec![Box::new(
            std::mem::take(&mut self.digests).into_iter().map(Ok),
        )];
        for mut run in std::mem::take(&mut self.runs) {
            run.rewind().map_err(io())?;
            sources.push(Box::new(digests(run)));
        }
        let mut out = tempfile::Builder::new()
            .prefix(seal::durable::LEFTOVER)
            .tempfile_in(&folder)
            .map_err(io())?;
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut documents = 0;
        {
            let mut buffered = BufWriter::with_capacity(1 << 20, out.as_file_mut());
            let mut next = BinaryHeap::new();
            for (n, source) in sources.iter_mut().enumerate() {
                if let Some(digest) = source.next().transpose().map_err(io())? {
                    next.push(std::cmp::Reverse((digest, n)));
                }
            }
            let mut last = None;
            while let Some(std::cmp::Reverse((digest, n))) = next.pop() {
                if last != Some(digest) {
                    context.update(&digest.to_le_bytes());
                    buffered.write_all(&digest.to_le_bytes()).map_err(io())?;
                    documents += 1;
                    last = Some(digest);
                }
                if let Some(digest) = sources[n].next().transpose().map_err(io())? {
                    next.push(std::cmp::Reverse((digest, n)));
                }
            }
            buffered.flush().map_err(io())?;
        }
        out.as_file().sync_all().map_err(io())?;
        let sha256 = hex::encode(context.finish());
        out.persist(folder.join(&sha256))
            .map_err(|e| io()(e.error))?;
        seal::durable::sync_folder(&folder).map_err(io())?;
        Ok(Bulk { sha256, documents })
    }
}

/// The digests of a file, in its order.
fn digests(file: File) -> impl Iterator<Item = std::io::Result<u64>> {
    let mut file = BufReader::with_capacity(1 << 20, file);
    std::iter::from_fn(move || {
        let mut eight = [0; 8];
        match file.read_exact(&mut eight) {
            Ok(()) => Some(Ok(u64::from_le_bytes(eight))),
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => None,
            Err(e) => Some(Err(e)),
        }
    })
}

/// The digests of a bulk file by its name; none for no name.
pub(super) fn open(
    home: &Home,
    sha256: Option<&str>,
) -> Result<Box<dyn Iterator<Item = std::io::Result<u64>>>, HqError> {
    let Some(sha256) = sha256 else {
        return Ok(Box::new(std::iter::empty()));
    };
    let path = home.content().join(sha256);
    Ok(Box::new(digests(
        File::open(&path).map_err(HqError::io(&path))?,
    )))
}

/// Checks that files of the content folder are what was approved: each is named by its digest.
pub(super) fn vouch(home: &Home, names: Vec<String>) -> Result<(), HqError> {
    for sha256 in names {
        let path = home.content().join(&sha256);
        if hex::encode(digest_of(&path)?) != sha256 {
            let why = "it is not what was approved: import it, or add it, again";
            return Err(HqError::unreadable(path, why));
        }
    }
    Ok(())
}

/// SHA-256 of a file.
pub(crate) fn digest_of(path: &Path) -> Result<[u8; 32], HqError> {
    let mut file = File::open(path).map_err(HqError::io(path))?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(HqError::io(path))?;
        if count == 0 {
            break;
        }
        context.update(&buffer[..count]);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(digest)
}

/// Calls `tell` for each digest that stands in one file only: with `true` where it is the new one.
pub(super) fn compare(
    home: &Home,
    old: Option<&str>,
    new: Option<&str>,
    mut tell: impl FnMut(u64, bool),
) -> Result<(), HqError> {
    if old == new {
        return Ok(());
    }
    let folder = home.content();
    let mut old = open(home, old)?;
    let mut new = open(home, new)?;
    let next = |from: &mut Box<dyn Iterator<Item = std::io::Result<u64>>>| {
        from.next().transpose().map_err(HqError::io(&folder))
    };
    let (mut a, mut b) = (next(&mut old)?, next(&mut new)?);
    loop {
        match (a, b) {
            (None, None) => return Ok(()),
            (Some(x), Some(y)) if x == y => (a, b) = (next(&mut old)?, next(&mut new)?),
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                tell(x, false);
                a = next(&mut old)?;
            }
            (_, Some(y)) => {
                tell(y, true);
                b = next(&mut new)?;
            }
            (Some(_), None) => return Ok(()),
        }
    }
}

/// What a source's bulk file is now.
pub(super) fn of_source(register: &Register, source: &str) -> Result<Option<Bulk>, HqError> {
    register
        .connection
        .query_row(
            "SELECT sha256, documents FROM bulk WHERE source = ?1",
            params![source],
            |r| {
                Ok(Bulk {
                    sha256: r.get(0)?,
                    documents: r.get::<_, i64>(1)?.unsigned_abs(),
                })
            },
        )
        .optional()
        .map_err(register.failed())
}

/// Source and file name of every row of a table.
fn files(register: &Register, table: &str) -> Result<BTreeMap<String, String>, HqError> {
    register
        .connection
        .prepare(&format!("SELECT source, sha256 FROM {table}"))
        .and_then(|mut q| q.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect())
        .map_err(register.failed())
}

/// How many documents the files of all sources hold.
pub(super) fn count(register: &Register) -> Result<u64, HqError> {
    register
        .connection
        .query_row("SELECT coalesce(sum(documents), 0) FROM bulk", [], |r| {
            r.get::<_, i64>(0)
        })
        .map(i64::unsigned_abs)
        .map_err(register.failed())
}

/// The files of all sources, as the publishing under way has them.
pub(super) fn all(register: &Register) -> Result<Vec<String>, HqError> {
    Ok(files(register, "current_bulk")?.into_values().collect())
}

/// Calls `tell` for each digest by which the sources' files, as the publishing under way has them, differ from the
/// newest edition's.
pub(super) fn changes(
    home: &Home,
    register: &Register,
    mut tell: impl FnMut(u64, bool),
) -> Result<(), HqError> {
    let before = files(register, "listed_bulk")?;
    let now = files(register, "current_bulk")?;
    let sources: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    for source in sources {
        compare(
            home,
            before.get(source).map(String::as_str),
            now.get(source).map(String::as_str),
            &mut tell,
        )?;
    }
    Ok(())
}

/// How many documents in bulk each source lists now and the newest edition does not, or the other way round.
pub(crate) fn differing(
    home: &Home,
    register: &Register,
) -> Result<BTreeMap<String, usize>, HqError> {
    let before = files(register, "listed_bulk")?;
    let now = files(register, "bulk")?;
    let sources: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let mut differing = BTreeMap::new();
    for source in sources {
        let mut count = 0;
        compare(
            home,
            before.get(source).map(String::as_str),
            now.get(source).map(String::as_str),
            |_, _| count += 1,
        )?;
        if count > 0 {
            differing.insert(source.clone(), count);
        }
    }
    Ok(differing)
}

/// Adds to `listed` those digests that a source's file holds.
pub(super) fn still_listed(
    home: &Home,
    register: &Register,
    asked: &BTreeSet<u64>,
    listed: &mut BTreeSet<u64>,
) -> Result<(), HqError> {
    if asked.is_empty() {
        return Ok(());
    }
    let folder = home.content();
    for file in all(register)? {
        for digest in open(home, Some(&file))? {
            let digest = digest.map_err(HqError::io(&folder))?;
            if asked.contains(&digest) {
                listed.insert(digest);
            }
        }
    }
    Ok(())
}

/// Keeps [`sweep`] away from files that are written and not referred to yet, while it is held.
pub(super) fn hold(home: &Home) -> Result<File, HqError> {
    let (path, lock) = lock(home)?;
    lock.lock_shared().map_err(HqError::io(path))?;
    Ok(lock)
}

fn lock(home: &Home) -> Result<(PathBuf, File), HqError> {
    let path = home.folder().join("content.lock");
    let lock = File::create(&path).map_err(HqError::io(&path))?;
    Ok((path, lock))
}

/// Removes files of the content folder that nothing refers to any more: yesterday's hundred million documents. Where
/// an import is under way, the next publishing does it.
pub(super) fn sweep(home: &Home, register: &Register) -> Result<(), HqError> {
    let (path, lock) = lock(home)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(source)) => return Err(HqError::Io { path, source }),
    }
    let referred: BTreeSet<String> = register
        .connection
        .prepare(
            "SELECT sha256 FROM bulk UNION SELECT sha256 FROM listed_bulk UNION SELECT sha256 FROM offered_bulk
             UNION SELECT sha256 FROM file",
        )
        .and_then(|mut q| q.query_map([], |r| r.get(0))?.collect())
        .map_err(register.failed())?;
    let folder = home.content();
    let entries = match std::fs::read_dir(&folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(HqError::io(&folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(HqError::io(&folder))?;
        let useful = entry
            .file_name()
            .to_str()
            .is_some_and(|name| referred.contains(name));
        if !useful {
            std::fs::remove_file(entry.path()).map_err(HqError::io(entry.path()))?;
        }
    }
    Ok(())
}
