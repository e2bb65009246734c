//! Writing an edition. Headquarters uses this; a box only reads.

use crate::edition::documents::{self, DIGEST_BYTES, ENTRY_RECORD_BYTES, TypeClass};
use crate::edition::manifest::{self, LAYOUT, Manifest};
use crate::edition::part::{Promise, disk};
use crate::gallery::GalleryBuilder;
use crate::names::{Key, Prepared, keys};
use crate::{DocumentEntry, EditionError, EditionInfo, ListedDocument, PersonEntry};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use rules::EditionNumber;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What an edition says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionHeader {
    /// Its number: greater than every earlier one.
    pub number: EditionNumber,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it should have been replaced.
    pub expires_at: Timestamp,
    /// The lists it was made from, for people to read.
    pub sources: Vec<String>,
}

/// Documents sorted in memory at a time (64 MiB); more are sorted in runs on disk and merged.
const RUN_DOCUMENTS: usize = 8 << 20;

/// Collects entries and writes one edition.
#[derive(Debug, Default)]
pub struct EditionBuilder {
    persons: Vec<PersonEntry>,
    listed: BTreeSet<String>,
    key: Option<[u8; 16]>,
    digests: Vec<u64>,
    runs: Vec<File>,
    document_entries: Vec<(u64, String)>,
    gallery: Option<GalleryBuilder>,
}

impl EditionBuilder {
    /// An empty edition.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a person, and the person's documents.
    ///
    /// # Errors
    /// [`EditionError::Entry`] where the entry could not be found again: no name that can be searched for,
    /// an entry of that name already there, or a document without number or state.
    pub fn add_person(&mut self, person: PersonEntry) -> Result<(), EditionError> {
        let wrong = |why| EditionError::Entry {
            entry: person.entry.to_string(),
            why,
        };
        if !person
            .names
            .iter()
            .any(|n| !Prepared::new(&n.text, false).units().is_empty())
        {
            return Err(wrong("it has no name that can be searched for"));
        }
        if !self.listed.insert(person.entry.to_string()) {
            return Err(wrong("there is another entry of this name"));
        }
        for document in &person.documents {
            let ListedDocument {
                number,
                state,
                document_type,
            } = document;
            self.put_document(number, state, document_type, Some(person.entry.to_string()))?;
        }
        self.persons.push(person);
        Ok(())
    }

    /// Adds a document.
    ///
    /// # Errors
    /// [`EditionError::Entry`] where it has no number or no state; [`EditionError::Disk`] where sorting on disk fails.
    pub fn add_document(&mut self, document: DocumentEntry) -> Result<(), EditionError> {
        self.put_document(
            &document.number,
            &document.state,
            &document.document_type,
            document.entry.map(String::from),
        )
    }

    /// The faces of persons. Templates of an entry that is no person's are searched in vain.
    pub fn set_gallery(&mut self, gallery: GalleryBuilder) {
        self.gallery = Some(gallery);
    }

    fn put_document(
        &mut self,
        number: &str,
        state: &str,
        document_type: &str,
        entry: Option<String>,
    ) -> Result<(), EditionError> {
        if documents::plain_number(number).is_empty() || documents::plain_state(state).is_empty() {
            return Err(EditionError::Entry {
                entry: entry.unwrap_or_else(|| format!("{state} {number}")),
                why: "a document needs a number and an issuing state",
            });
        }
        let digest = documents::digest(&self.key()?, number, state, TypeClass::of(document_type));
        self.digests.push(digest);
        if let Some(entry) = entry {
            self.document_entries.push((digest, entry));
        }
        if self.digests.len() >= RUN_DOCUMENTS {
            self.put_run()?;
        }
        Ok(())
    }

    /// The key of this edition's digests, drawn when first needed.
    fn key(&mut self) -> Result<[u8; 16], EditionError> {
        if let Some(key) = self.key {
            return Ok(key);
        }
        let mut key = [0; 16];
        SystemRandom::new().fill(&mut key).map_err(|_| {
            disk(
                Path::new("/dev/urandom"),
                std::io::Error::other("the system gave no random bytes"),
            )
        })?;
        self.key = Some(key);
        Ok(key)
    }

    fn put_run(&mut self) -> Result<(), EditionError> {
        let temporary = |e| disk(&std::env::temp_dir(), e);
        self.digests.sort_unstable();
        self.digests.dedup();
        let file = tempfile::tempfile().map_err(temporary)?;
        let mut out = BufWriter::new(&file);
        for digest in self.digests.drain(..) {
            out.write_all(&digest.to_le_bytes()).map_err(temporary)?;
        }
        out.flush().map_err(temporary)?;
        drop(out);
        self.runs.push(file);
        Ok(())
    }

    /// Writes the edition's files into `dir`, which is made if absent, and syncs them to disk. The manifest is
    /// written last: a folder without one is no edition.
    ///
    /// # Errors
    /// [`EditionError::Disk`] where a file cannot be written or is already there.
    pub fn write(
        mut self,
        dir: &Path,
        header: &EditionHeader,
    ) -> Result<EditionInfo, EditionError> {
        std::fs::create_dir_all(dir).map_err(|e| disk(dir, e))?;
        let key = self.key()?;
        self.persons.sort_by(|a, b| a.entry.cmp(&b.entry));
        let mut parts = BTreeMap::new();
        let mut keep = |name: &str, promise: Promise| parts.insert(name.to_owned(), promise);
        keep(manifest::PERSONS, write_persons(dir, &self.persons)?);
        let (names, index) = write_names(dir, &self.persons)?;
        keep(manifest::NAMES, names);
        keep(manifest::INDEX, index);
        if let Some(gallery) = &self.gallery {
            keep(manifest::FACES, write_gallery(dir, gallery)?);
        }
        keep(
            manifest::DOCUMENT_ENTRIES,
            write_document_entries(dir, &mut self.document_entries)?,
        );
        let documents = self.write_documents(dir)?;
        let info = EditionInfo {
            number: header.number,
            made_at: header.made_at,
            expires_at: header.expires_at,
            persons: self.persons.len() as u64,
            documents: documents.bytes / DIGEST_BYTES,
            sources: header.sources.clone(),
        };
        keep(manifest::DOCUMENTS, documents);
        let manifest = Manifest {
            layout: LAYOUT,
            info: info.clone(),
            document_key: hex::encode(key),
            parts,
        };
        let mut out = Output::create(dir, manifest::MANIFEST)?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(|e| disk(&out.path, e.into()))?;
        out.put(&text)?;
        out.finish()?;
        File::open(dir)
            .and_then(|d| d.sync_all())
            .map_err(|e| disk(dir, e))?;
        Ok(info)
    }

    /// Merges the runs into one sorted file without repeats.
    fn write_documents(&mut self, dir: &Path) -> Result<Promise, EditionError> {
        let temporary = |e| disk(&std::env::temp_dir(), e);
        let mut out = Output::create(dir, manifest::DOCUMENTS)?;
        self.digests.sort_unstable();
        self.digests.dedup();
        let mut sources: Vec<Box<dyn Iterator<Item = std::io::Result<u64>>>> = Vec::new();
        for mut run in std::mem::take(&mut self.runs) {
            run.rewind().map_err(temporary)?;
            let mut run = BufReader::with_capacity(1 << 20, run);
            sources.push(Box::new(std::iter::from_fn(move || {
                let mut eight = [0; 8];
                match run.read_exact(&mut eight) {
                    Ok(()) => Some(Ok(u64::from_le_bytes(eight))),
                    Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => None,
                    Err(e) => Some(Err(e)),
                }
            })));
        }
        sources.push(Box::new(
            std::mem::take(&mut self.digests).into_iter().map(Ok),
        ));
        let mut next = BinaryHeap::new();
        for (n, source) in sources.iter_mut().enumerate() {
            if let Some(digest) = source.next().transpose().map_err(temporary)? {
                next.push(std::cmp::Reverse((digest, n)));
            }
        }
        let mut last = None;
        while let Some(std::cmp::Reverse((digest, n))) = next.pop() {
            if last != Some(digest) {
                out.put(&digest.to_le_bytes())?;
                last = Some(digest);
            }
            if let Some(digest) = sources[n].next().transpose().map_err(temporary)? {
                next.push(std::cmp::Reverse((digest, n)));
            }
        }
        out.finish()
    }
}

/// A file being written: its digest is formed on the way, and it is synced at the end.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
    digest: ring::digest::Context,
    bytes: u64,
}

impl Output {
    fn create(dir: &Path, name: &str) -> Result<Self, EditionError> {
        let path = dir.join(name);
        let file = File::create_new(&path).map_err(|e| disk(&path, e))?;
        Ok(Self {
            path,
            file: BufWriter::with_capacity(1 << 20, file),
            digest: ring::digest::Context::new(&ring::digest::SHA256),
            bytes: 0,
        })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), EditionError> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|e| disk(&self.path, e))
    }

    fn finish(self) -> Result<Promise, EditionError> {
        let Self {
            path,
            file,
            digest,
            bytes,
        } = self;
        let file = file.into_inner().map_err(|e| disk(&path, e.into_error()))?;
        file.sync_all().map_err(|e| disk(&path, e))?;
        Ok(Promise {
            bytes,
            sha256: hex::encode(digest.finish()),
        })
    }
}

/// Writes a count, a table per item (`u32`s; empty where there is none), offsets and bodies.
fn write_framed(
    dir: &Path,
    name: &str,
    table: &[u32],
    bodies: &[u8],
    offsets: &[u64],
) -> Result<Promise, EditionError> {
    let mut out = Output::create(dir, name)?;
    out.put(&(offsets.len().saturating_sub(1) as u64).to_le_bytes())?;
    for item in table {
        out.put(&item.to_le_bytes())?;
    }
    for offset in offsets {
        out.put(&offset.to_le_bytes())?;
    }
    out.put(bodies)?;
    out.finish()
}

fn write_gallery(dir: &Path, gallery: &GalleryBuilder) -> Result<Promise, EditionError> {
    let mut file = Output::create(dir, manifest::FACES)?;
    file.put(&Zeroizing::new(gallery.to_bytes()))?;
    file.finish()
}

fn write_persons(dir: &Path, persons: &[PersonEntry]) -> Result<Promise, EditionError> {
    let mut bodies = Vec::new();
    let mut offsets = vec![0];
    for person in persons {
        serde_json::to_writer(&mut bodies, person)
            .map_err(|e| disk(&dir.join(manifest::PERSONS), e.into()))?;
        offsets.push(bodies.len() as u64);
    }
    write_framed(dir, manifest::PERSONS, &[], &bodies, &offsets)
}

fn write_names(dir: &Path, persons: &[PersonEntry]) -> Result<(Promise, Promise), EditionError> {
    let mut owners: Vec<u32> = Vec::new();
    let mut bodies = Vec::new();
    let mut offsets = vec![0];
    let mut postings: Vec<(u32, u32)> = Vec::new();
    for (place, person) in persons.iter().enumerate() {
        for text in person.names.iter().flat_map(|n| n.text.split(';')) {
            let prepared = Prepared::new(text, false);
            if prepared.units().is_empty() {
                continue;
            }
            let name = owners.len() as u32;
            owners.push(place as u32);
            prepared.write(&mut bodies);
            offsets.push(bodies.len() as u64);
            postings.extend(
                keys(prepared.units())
                    .iter()
                    .map(|k: &Key| (k.hash, name << 1 | u32::from(k.near))),
            );
        }
    }
    let names = write_framed(dir, manifest::NAMES, &owners, &bodies, &offsets)?;

    postings.sort_unstable();
    postings.dedup();
    let mut directory: Vec<(u32, u32, u32)> = Vec::new();
    for (at, (hash, _)) in postings.iter().enumerate() {
        match directory.last_mut() {
            Some((last, _, count)) if last == hash => *count += 1,
            _ => directory.push((*hash, at as u32, 1)),
        }
    }
    let mut out = Output::create(dir, manifest::INDEX)?;
    out.put(&(directory.len() as u64).to_le_bytes())?;
    for (hash, first, count) in directory {
        out.put(&hash.to_le_bytes())?;
        out.put(&first.to_le_bytes())?;
        out.put(&count.to_le_bytes())?;
    }
    for (_, posting) in postings {
        out.put(&posting.to_le_bytes())?;
    }
    Ok((names, out.finish()?))
}

fn write_document_entries(
    dir: &Path,
    entries: &mut Vec<(u64, String)>,
) -> Result<Promise, EditionError> {
    entries.sort_unstable();
    entries.dedup();
    let mut out = Output::create(dir, manifest::DOCUMENT_ENTRIES)?;
    for (digest, entry) in entries {
        let mut record = [0u8; ENTRY_RECORD_BYTES as usize];
        record[..8].copy_from_slice(&digest.to_le_bytes());
        let name = &entry.as_bytes()[..entry.len().min(64)];
        record[8] = name.len() as u8;
        record[9..9 + name.len()].copy_from_slice(name);
        out.put(&record)?;
    }
    out.finish()
}
