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

impl PersonEntry {
    /// Whether it has a name by which it can be found at all: one of more than signs, figures and initials.
    #[must_use]
    pub fn is_searchable(&self) -> bool {
        self.names
            .iter()
            .any(|n| !keys(Prepared::new(&n.text, false).units()).is_empty())
    }
}

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
    spool: Option<PathBuf>,
}

impl EditionBuilder {
    /// An empty edition.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty edition whose documents' digests are under this key, so that later changes can be told to boxes
    /// that hold it.
    #[must_use]
    pub fn with_key(key: [u8; 16]) -> Self {
        Self {
            key: Some(key),
            ..Self::default()
        }
    }

    /// The same, sorting on disk in this folder and not in the system's temporary one, which may be in memory.
    #[must_use]
    pub fn spooling_in(mut self, folder: &Path) -> Self {
        self.spool = Some(folder.to_owned());
        self
    }

    /// Adds a listed document by its digest under the edition's key ([`document_digest`]).
    ///
    /// # Errors
    /// [`EditionError::Disk`] where sorting on disk fails.
    pub fn add_digest(&mut self, digest: u64) -> Result<(), EditionError> {
        self.digests.push(digest);
        if self.digests.len() >= RUN_DOCUMENTS {
            self.put_run()?;
        }
        Ok(())
    }

    /// Says that a listed document belongs to an entry.
    pub fn add_document_entry(&mut self, digest: u64, entry: String) {
        self.document_entries.push((digest, entry));
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
        if !person.is_searchable() {
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

    /// Faces of persons, beside those that the entries bring themselves. Templates of an entry that is no person's are
    /// searched in vain.
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
        let folder = self.spool.clone().unwrap_or_else(std::env::temp_dir);
        let temporary = |e| disk(&folder, e);
        self.digests.sort_unstable();
        self.digests.dedup();
        let file = tempfile::tempfile_in(&folder).map_err(temporary)?;
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
        let mut persons = PersonsWriter::new(dir)?;
        persons.gallery = self.gallery.take();
        self.persons.sort_by(|a, b| a.entry.cmp(&b.entry));
        for person in std::mem::take(&mut self.persons) {
            persons.put(&person)?;
        }
        let documents = self.write_documents(dir)?;
        self.write_around(dir, persons, documents, header)
    }

    /// Completes an edition whose persons and documents have been written.
    pub(crate) fn write_around(
        mut self,
        dir: &Path,
        persons: PersonsWriter,
        documents: Promise,
        header: &EditionHeader,
    ) -> Result<EditionInfo, EditionError> {
        let key = self.key()?;
        let count = persons.count();
        let mut parts = persons.finish("")?;
        parts.insert(
            manifest::DOCUMENT_ENTRIES.to_owned(),
            write_document_entries(dir, "", &mut self.document_entries)?,
        );
        let info = EditionInfo {
            number: header.number,
            made_at: header.made_at,
            expires_at: header.expires_at,
            persons: count,
            documents: documents.bytes / DIGEST_BYTES,
            sources: header.sources.clone(),
        };
        parts.insert(manifest::DOCUMENTS.to_owned(), documents);
        write_manifest(dir, &info, &key, parts)?;
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

/// A document's digest under an edition's key, as [`EditionBuilder::add_digest`] takes it; `None` where it has no
/// number or no state.
#[must_use]
pub fn document_digest(
    key: &[u8; 16],
    number: &str,
    state: &str,
    document_type: &str,
) -> Option<u64> {
    let whole =
        !documents::plain_number(number).is_empty() && !documents::plain_state(state).is_empty();
    whole.then(|| documents::digest(key, number, state, TypeClass::of(document_type)))
}

/// Writes the manifest, durably.
pub(crate) fn write_manifest(
    dir: &Path,
    info: &EditionInfo,
    key: &[u8; 16],
    parts: BTreeMap<String, Promise>,
) -> Result<(), EditionError> {
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
        .map_err(|e| disk(dir, e))
}

/// Writes sorted digests as they come.
pub(crate) fn write_digests(
    dir: &Path,
    name: &str,
    digests: impl Iterator<Item = Result<u64, EditionError>>,
) -> Result<Promise, EditionError> {
    let mut out = Output::create(dir, name)?;
    for digest in digests {
        out.put(&digest?.to_le_bytes())?;
    }
    out.finish()
}

/// Writes bytes as they are.
pub(crate) fn write_bytes(dir: &Path, name: &str, bytes: &[u8]) -> Result<Promise, EditionError> {
    let mut out = Output::create(dir, name)?;
    out.put(bytes)?;
    out.finish()
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

/// Bodies of varying length on their way to a file that has their offsets in front: they wait on disk.
struct Framed {
    bodies: BufWriter<File>,
    offsets: Vec<u64>,
}

impl Framed {
    fn new(dir: &Path) -> Result<Self, EditionError> {
        let file = tempfile::tempfile_in(dir).map_err(|e| disk(dir, e))?;
        Ok(Self {
            bodies: BufWriter::with_capacity(1 << 20, file),
            offsets: vec![0],
        })
    }

    fn put(&mut self, dir: &Path, body: &[u8]) -> Result<(), EditionError> {
        self.bodies.write_all(body).map_err(|e| disk(dir, e))?;
        let end = self.offsets.last().copied().unwrap_or(0) + body.len() as u64;
        self.offsets.push(end);
        Ok(())
    }

    /// Writes a count, a table per item (`u32`s; empty where there is none), offsets and bodies.
    fn finish(self, dir: &Path, name: &str, table: &[u32]) -> Result<Promise, EditionError> {
        let mut out = Output::create(dir, name)?;
        out.put(&(self.offsets.len() as u64 - 1).to_le_bytes())?;
        for item in table {
            out.put(&item.to_le_bytes())?;
        }
        for offset in &self.offsets {
            out.put(&offset.to_le_bytes())?;
        }
        let failed = |e| disk(dir, e);
        let mut bodies = self
            .bodies
            .into_inner()
            .map_err(|e| failed(e.into_error()))?;
        bodies.rewind().map_err(failed)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            match bodies.read(&mut buffer).map_err(failed)? {
                0 => return out.finish(),
                count => out.put(&buffer[..count])?,
            }
        }
    }
}

/// Writes persons, their names, the index of them and their faces, as they come: in the order of their entries.
pub(crate) struct PersonsWriter {
    dir: PathBuf,
    persons: Framed,
    names: Framed,
    owners: Vec<u32>,
    postings: Vec<(u32, u32)>,
    gallery: Option<GalleryBuilder>,
}

impl PersonsWriter {
    pub(crate) fn new(dir: &Path) -> Result<Self, EditionError> {
        Ok(Self {
            dir: dir.to_owned(),
            persons: Framed::new(dir)?,
            names: Framed::new(dir)?,
            owners: Vec::new(),
            postings: Vec::new(),
            gallery: None,
        })
    }

    pub(crate) fn count(&self) -> u64 {
        self.persons.offsets.len() as u64 - 1
    }

    pub(crate) fn put(&mut self, person: &PersonEntry) -> Result<(), EditionError> {
        let place = self.count() as u32;
        let body = if person.faces.is_empty() {
            serde_json::to_vec(person)
        } else {
            self.put_faces(person)?;
            let faceless = PersonEntry {
                faces: Vec::new(),
                ..person.clone()
            };
            serde_json::to_vec(&faceless)
        };
        let body = body.map_err(|e| disk(&self.dir.join(manifest::PERSONS), e.into()))?;
        self.persons.put(&self.dir, &body)?;
        let mut prepared_body = Vec::new();
        for text in person.names.iter().flat_map(|n| n.text.split(';')) {
            let prepared = Prepared::new(text, false);
            if prepared.units().is_empty() {
                continue;
            }
            let name = self.owners.len() as u32;
            self.owners.push(place);
            prepared_body.clear();
            prepared.write(&mut prepared_body);
            self.names.put(&self.dir, &prepared_body)?;
            self.postings.extend(
                keys(prepared.units())
                    .iter()
                    .map(|k: &Key| (k.hash, name << 1 | u32::from(k.near))),
            );
        }
        Ok(())
    }

    fn put_faces(&mut self, person: &PersonEntry) -> Result<(), EditionError> {
        for face in &person.faces {
            self.gallery
                .get_or_insert_with(|| GalleryBuilder::new(face.model().clone()))
                .add_listed(person.entry.as_str(), face)
                .map_err(|_| EditionError::Entry {
                    entry: person.entry.to_string(),
                    why: "a face of it was made by another model than the other faces",
                })?;
        }
        Ok(())
    }

    pub(crate) fn finish(
        mut self,
        prefix: &str,
    ) -> Result<BTreeMap<String, Promise>, EditionError> {
        let dir = &self.dir;
        let mut parts = BTreeMap::new();
        let named = |name: &str| format!("{prefix}{name}");
        let name = named(manifest::PERSONS);
        parts.insert(name.clone(), self.persons.finish(dir, &name, &[])?);
        let name = named(manifest::NAMES);
        parts.insert(name.clone(), self.names.finish(dir, &name, &self.owners)?);
        self.postings.sort_unstable();
        self.postings.dedup();
        let name = named(manifest::INDEX);
        let mut out = Output::create(dir, &name)?;
        let mut keys: u64 = 0;
        let mut last = None;
        for (hash, _) in &self.postings {
            if last != Some(*hash) {
                (keys, last) = (keys + 1, Some(*hash));
            }
        }
        out.put(&keys.to_le_bytes())?;
        let mut first: u32 = 0;
        for group in self.postings.chunk_by(|a, b| a.0 == b.0) {
            out.put(&group[0].0.to_le_bytes())?;
            out.put(&first.to_le_bytes())?;
            out.put(&(group.len() as u32).to_le_bytes())?;
            first += group.len() as u32;
        }
        for (_, posting) in &self.postings {
            out.put(&posting.to_le_bytes())?;
        }
        parts.insert(name, out.finish()?);
        if let Some(gallery) = &self.gallery {
            let name = named(manifest::FACES);
            let promise = write_bytes(dir, &name, &Zeroizing::new(gallery.to_bytes()))?;
            parts.insert(name, promise);
        }
        Ok(parts)
    }
}

pub(crate) fn write_document_entries(
    dir: &Path,
    prefix: &str,
    entries: &mut Vec<(u64, String)>,
) -> Result<Promise, EditionError> {
    entries.sort_unstable();
    entries.dedup();
    let mut out = Output::create(dir, &format!("{prefix}{}", manifest::DOCUMENT_ENTRIES))?;
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
