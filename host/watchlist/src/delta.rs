//! The step between two editions: what a day brings, small enough for a slow line.
//!
//! A delta names persons put and gone and documents put and gone (as digests under the edition's key), and what the
//! next edition says of itself. [`apply`] makes the next edition's folder beside the one in use: the base's files
//! are linked, the changes merged into the recent segment; where that has grown large, a new base is written
//! instead (compaction). Nothing of the edition in use is touched.
//!
//! On the wire: DEFLATE (RFC 1951) of `MPKDELT` and a version byte, the length of a JSON header (u32), the header,
//! digests put and gone (u64 each, sorted), records of entries (digest u64, length u8, name), persons (length u32,
//! JSON). Numbers are little-endian.

use crate::build::{
    EditionBuilder, EditionHeader, PersonsWriter, write_bytes, write_digests,
    write_document_entries, write_manifest,
};
use crate::edition::documents;
use crate::edition::manifest::{self, Manifest};
use crate::edition::part::disk;
use crate::gallery::Gallery;
use crate::{Edition, EditionError, EditionInfo, PersonEntry};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use rules::EditionNumber;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// Begins every delta; the last byte is the version.
const MAGIC: [u8; 8] = *b"MPKDELT\x01";
/// The most that a delta may measure unpacked, in bytes. More than that is a new full edition.
pub const LIMIT_BYTES: usize = 64 << 20;

/// A recent segment of more documents than this becomes part of a new base.
const COMPACT_DOCUMENTS: usize = 1 << 20;
/// A recent segment of more persons than this becomes part of a new base.
const COMPACT_PERSONS: usize = 20_000;

/// What changes from one edition to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    /// The edition that it is applied to.
    pub from: EditionNumber,
    /// What the next edition says of itself.
    pub info: EditionInfo,
    /// The key of the documents' digests: the same in both.
    pub document_key: [u8; 16],
    /// Persons that are new, or stand differently.
    pub put_persons: Vec<PersonEntry>,
    /// Entries of persons that are listed no more: tombstones.
    pub gone_persons: BTreeSet<String>,
    /// Documents that are new.
    pub put_documents: BTreeSet<u64>,
    /// Documents that are listed no more: tombstones.
    pub gone_documents: BTreeSet<u64>,
    /// Which entries documents put belong to, where they have one.
    pub document_entries: BTreeSet<(u64, String)>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    from: EditionNumber,
    info: EditionInfo,
    document_key: String,
    put_documents: u64,
    gone_documents: u64,
    document_entries: u64,
    put_persons: u64,
    gone_persons: BTreeSet<String>,
}

/// Bytes that are no delta, or one of a newer form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no delta of a form known here: {0}")]
pub struct NotADelta(&'static str);

impl Delta {
    /// A step that changes nothing but what the edition says of itself.
    #[must_use]
    pub fn empty(from: EditionNumber, info: EditionInfo, document_key: [u8; 16]) -> Self {
        Self {
            from,
            info,
            document_key,
            put_persons: Vec::new(),
            gone_persons: BTreeSet::new(),
            put_documents: BTreeSet::new(),
            gone_documents: BTreeSet::new(),
            document_entries: BTreeSet::new(),
        }
    }

    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = Header {
            from: self.from,
            info: self.info.clone(),
            document_key: hex::encode(self.document_key),
            put_documents: self.put_documents.len() as u64,
            gone_documents: self.gone_documents.len() as u64,
            document_entries: self.document_entries.len() as u64,
            put_persons: self.put_persons.len() as u64,
            gone_persons: self.gone_persons.clone(),
        };
        let mut plain = MAGIC.to_vec();
        let framed = |plain: &mut Vec<u8>, bytes: &[u8]| {
            plain.extend((bytes.len() as u32).to_le_bytes());
            plain.extend_from_slice(bytes);
        };
        framed(&mut plain, &json(&header));
        for digest in self.put_documents.iter().chain(&self.gone_documents) {
            plain.extend(digest.to_le_bytes());
        }
        for (digest, name) in &self.document_entries {
            let name = &name.as_bytes()[..name.len().min(64)];
            plain.extend(digest.to_le_bytes());
            plain.push(name.len() as u8);
            plain.extend_from_slice(name);
        }
        for person in &self.put_persons {
            framed(&mut plain, &json(person));
        }
        let mut packed = Vec::new();
        DeflateEncoder::new(plain.as_slice(), Compression::best())
            .read_to_end(&mut packed)
            .expect("reading from memory does not fail");
        packed
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`NotADelta`].
    pub fn from_bytes(packed: &[u8]) -> Result<Self, NotADelta> {
        let mut plain = Vec::new();
        DeflateDecoder::new(packed)
            .take(LIMIT_BYTES as u64 + 1)
            .read_to_end(&mut plain)
            .map_err(|_| NotADelta("they do not unpack"))?;
        if plain.len() > LIMIT_BYTES {
            return Err(NotADelta("they unpack to more than a delta may be"));
        }
        let mut rest = plain.as_slice();
        if take(&mut rest, 8)? != MAGIC {
            return Err(NotADelta("they begin otherwise"));
        }
        let header: Header = parsed(framed(&mut rest)?)?;
        let mut document_key = [0; 16];
        hex::decode_to_slice(&header.document_key, &mut document_key)
            .map_err(|_| NotADelta("the key is none"))?;
        let mut delta = Self::empty(header.from, header.info, document_key);
        delta.gone_persons = header.gone_persons;
        for _ in 0..header.put_documents {
            delta.put_documents.insert(number(&mut rest)?);
        }
        for _ in 0..header.gone_documents {
            delta.gone_documents.insert(number(&mut rest)?);
        }
        for _ in 0..header.document_entries {
            let digest = number(&mut rest)?;
            let length = usize::from(take(&mut rest, 1)?[0]);
            let name = std::str::from_utf8(take(&mut rest, length)?)
                .map_err(|_| NotADelta("an entry is no text"))?;
            delta.document_entries.insert((digest, name.to_owned()));
        }
        for _ in 0..header.put_persons {
            delta.put_persons.push(parsed(framed(&mut rest)?)?);
        }
        if rest.is_empty() {
            Ok(delta)
        } else {
            Err(NotADelta("there is more than they say"))
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], NotADelta> {
    let (head, tail) = rest
        .split_at_checked(count)
        .ok_or(NotADelta("they are cut short"))?;
    *rest = tail;
    Ok(head)
}

fn number(rest: &mut &[u8]) -> Result<u64, NotADelta> {
    take(rest, 8)?
        .try_into()
        .map(u64::from_le_bytes)
        .map_err(|_| NotADelta("they are cut short"))
}

fn framed<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], NotADelta> {
    let length = take(rest, 4)?
        .try_into()
        .map(u32::from_le_bytes)
        .map_err(|_| NotADelta("they are cut short"))?;
    take(rest, length as usize)
}

fn parsed<T: serde::de::DeserializeOwned>(text: &[u8]) -> Result<T, NotADelta> {
    serde_json::from_slice(text)
        .map_err(|_| NotADelta("a header or person is not in the form of one"))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain structures of texts, numbers and dates serialise")
}

/// What has changed since the base was made, in memory.
#[derive(Default)]
struct Changes {
    persons: BTreeMap<String, PersonEntry>,
    gone_persons: BTreeSet<String>,
    documents: BTreeSet<u64>,
    gone_documents: BTreeSet<u64>,
    entries: BTreeSet<(u64, String)>,
}

impl Changes {
    fn of(edition: &Edition) -> Result<Self, EditionError> {
        let mut changes = Self::default();
        if let Some(recent) = &edition.recent {
            for place in 0..recent.segment.person_count {
                let person = recent.segment.person_at(place)?;
                changes.persons.insert(person.entry.to_string(), person);
            }
            if let Some(gallery) = &recent.gallery {
                for (entry, places) in gallery.places() {
                    if let Some(person) = changes.persons.get_mut(entry) {
                        let faces = places.into_iter().map(|at| gallery.listed_at(at));
                        person.faces.extend(faces);
                    }
                }
            }
            changes.gone_persons.clone_from(&recent.gone_persons);
            changes.documents =
                documents::all(&recent.segment.documents).collect::<Result<_, _>>()?;
            changes.gone_documents =
                documents::all(&recent.gone_documents).collect::<Result<_, _>>()?;
            changes.entries = documents::all_entries(&recent.segment.document_entries)
                .collect::<Result<_, _>>()?;
        }
        Ok(changes)
    }

    fn take(&mut self, delta: &Delta) {
        for entry in &delta.gone_persons {
            self.persons.remove(entry);
            self.gone_persons.insert(entry.clone());
        }
        for person in &delta.put_persons {
            // Where the base has the entry too, its word is replaced.
            self.gone_persons.insert(person.entry.to_string());
            self.persons
                .insert(person.entry.to_string(), person.clone());
        }
        for digest in &delta.gone_documents {
            self.documents.remove(digest);
            self.gone_documents.insert(*digest);
        }
        for digest in &delta.put_documents {
            self.gone_documents.remove(digest);
            self.documents.insert(*digest);
        }
        let anew: BTreeSet<u64> = delta.document_entries.iter().map(|(d, _)| *d).collect();
        self.entries
            .retain(|(digest, _)| !anew.contains(digest) && !delta.gone_documents.contains(digest));
        self.entries.extend(delta.document_entries.iter().cloned());
    }
}

/// Applies deltas, one after the other, to the edition in `active`, and writes the edition that comes of it into
/// the empty folder `staged`.
///
/// # Errors
/// [`EditionError::DeltaDoesNotFit`] where a delta is not the next step, and what the files and the disk say.
pub fn apply(active: &Path, deltas: &[Delta], staged: &Path) -> Result<EditionInfo, EditionError> {
    let edition = Edition::open(active)?;
    let mut changes = Changes::of(&edition)?;
    let mut info = edition.info().clone();
    for delta in deltas {
        if delta.from != info.number || delta.document_key != edition.document_key {
            return Err(EditionError::DeltaDoesNotFit {
                from: delta.from,
                to: delta.info.number,
                active: info.number,
            });
        }
        changes.take(delta);
        info = delta.info.clone();
    }
    if changes.documents.len() + changes.gone_documents.len() > COMPACT_DOCUMENTS
        || changes.persons.len() + changes.gone_persons.len() > COMPACT_PERSONS
    {
        return compact(&edition, &changes, &info, staged);
    }
    let manifest = Manifest::open(active)?;
    let mut parts = BTreeMap::new();
    for (name, promise) in manifest.parts {
        if !name.starts_with(manifest::RECENT) {
            link(&active.join(&name), &staged.join(&name))?;
            parts.insert(name, promise);
        }
    }
    let mut persons = PersonsWriter::new(staged)?;
    for person in changes.persons.values() {
        persons.put(person)?;
    }
    parts.extend(persons.finish(manifest::RECENT)?);
    let mut keep = |name: String, promise| parts.insert(name, promise);
    let name = format!("{}{}", manifest::RECENT, manifest::DOCUMENTS);
    let promise = write_digests(staged, &name, changes.documents.iter().map(|d| Ok(*d)))?;
    keep(name, promise);
    keep(
        manifest::GONE_DOCUMENTS.to_owned(),
        write_digests(
            staged,
            manifest::GONE_DOCUMENTS,
            changes.gone_documents.iter().map(|d| Ok(*d)),
        )?,
    );
    let text = serde_json::to_vec(&changes.gone_persons)
        .map_err(|e| disk(&staged.join(manifest::GONE_PERSONS), e.into()))?;
    keep(
        manifest::GONE_PERSONS.to_owned(),
        write_bytes(staged, manifest::GONE_PERSONS, &text)?,
    );
    keep(
        format!("{}{}", manifest::RECENT, manifest::DOCUMENT_ENTRIES),
        write_document_entries(
            staged,
            manifest::RECENT,
            &mut changes.entries.into_iter().collect(),
        )?,
    );
    write_manifest(staged, &info, &edition.document_key, parts)?;
    Ok(info)
}

/// The base and what has changed since, as one new base.
fn compact(
    edition: &Edition,
    changes: &Changes,
    info: &EditionInfo,
    staged: &Path,
) -> Result<EditionInfo, EditionError> {
    let mut builder = EditionBuilder::with_key(edition.document_key).spooling_in(staged);
    let mut next = changes.persons.values().peekable();
    let mut persons = PersonsWriter::new(staged)?;
    let gallery = edition.base_gallery();
    let places = gallery.map(Gallery::places).unwrap_or_default();
    for place in 0..edition.base.person_count {
        let mut person = edition.base.person_at(place)?;
        while let Some(new) = next.next_if(|new| new.entry < person.entry) {
            persons.put(new)?;
        }
        if !changes.gone_persons.contains(person.entry.as_str()) {
            if let (Some(gallery), Some(places)) = (gallery, places.get(person.entry.as_str())) {
                person.faces = places.iter().map(|at| gallery.listed_at(*at)).collect();
            }
            persons.put(&person)?;
        }
    }
    for new in next {
        persons.put(new)?;
    }
    let mut changed_entries: BTreeSet<u64> = changes.entries.iter().map(|(d, _)| *d).collect();
    changed_entries.extend(&changes.gone_documents);
    for record in documents::all_entries(&edition.base.document_entries) {
        let (digest, name) = record?;
        if !changed_entries.contains(&digest) {
            builder.add_document_entry(digest, name);
        }
    }
    for (digest, name) in &changes.entries {
        builder.add_document_entry(*digest, name.clone());
    }
    // Both are sorted: one pass, nothing held in memory.
    let mut new = changes.documents.iter().copied().peekable();
    let mut old = documents::all(&edition.base.documents)
        .filter(|d| !matches!(d, Ok(d) if changes.gone_documents.contains(d)))
        .peekable();
    let merged = std::iter::from_fn(move || {
        let Some(Ok(from_old)) = old.peek() else {
            return old.next().or_else(|| new.next().map(Ok));
        };
        let from_old = *from_old;
        match new.next_if(|n| *n <= from_old) {
            Some(from_new) => {
                if from_new == from_old {
                    old.next();
                }
                Some(Ok(from_new))
            }
            None => old.next(),
        }
    });
    let documents = write_digests(staged, manifest::DOCUMENTS, merged)?;
    builder.write_around(
        staged,
        persons,
        documents,
        &EditionHeader {
            number: info.number,
            made_at: info.made_at,
            expires_at: info.expires_at,
            sources: info.sources.clone(),
        },
    )
}

/// The same file under a second name; a copy where the file system has no links.
fn link(from: &Path, to: &Path) -> Result<(), EditionError> {
    std::fs::hard_link(from, to)
        .or_else(|_| std::fs::copy(from, to).map(drop))
        .map_err(|e| disk(to, e))
}
