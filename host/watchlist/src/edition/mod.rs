//! An edition on disk: opened totally, searched without being loaded where it is large.
//!
//! | file | holds |
//! |---|---|
//! | `edition.json` | layout version, what the edition says of itself, each file's length and SHA-256 |
//! | `persons.bin` | number of persons (u64), offsets (u64, one more than persons), entries as JSON |
//! | `names.bin` | number of names (u64), person of each (u32), offsets (u64, one more), names taken apart |
//! | `index.bin` | number of keys (u64), per key hash, first posting, number of postings (u32 each), sorted; postings (u32) |
//! | `documents.bin` | sorted digests (u64) |
//! | `document-entries.bin` | sorted records: digest (u64), length (u8), entry's name (64 bytes) |
//! | `faces.bin` | face templates of persons, as [`crate::gallery`] writes them; absent where there are none |
//!
//! All numbers are little-endian. Every offset and length is checked before it is used.

pub(crate) mod documents;
pub(crate) mod manifest;
pub(crate) mod part;

use crate::gallery::Gallery;
use crate::names::Prepared;
use crate::{EditionError, PersonEntry};
use jiff::Timestamp;
use manifest::Manifest;
use part::Part;
use rules::{EditionNumber, EntryId};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Mutex;

/// What an edition says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionInfo {
    /// Its number.
    pub number: EditionNumber,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it should have been replaced; past it, it is stale and still searched.
    pub expires_at: Timestamp,
    /// How many persons it lists.
    pub persons: u64,
    /// How many documents it lists.
    pub documents: u64,
    /// The lists it was made from.
    pub sources: Vec<String>,
}

/// An opened edition.
#[derive(Debug)]
pub struct Edition {
    info: EditionInfo,
    pub(crate) document_key: [u8; 16],
    persons: Part,
    person_count: u64,
    names: Part,
    pub(crate) name_count: u64,
    index: Part,
    key_count: u64,
    pub(crate) documents: Part,
    pub(crate) document_entries: Part,
    gallery: Option<Gallery>,
    /// Working memory of finished searches, to be used again.
    pub(crate) tallies: Mutex<Vec<crate::search::Tally>>,
}

impl Edition {
    /// Opens the edition in `dir`. Files up to 256 MiB are read into memory and their digests checked.
    ///
    /// # Errors
    /// [`EditionError`] where a file is absent, damaged, unreadable or of a newer layout.
    pub fn open(dir: &Path) -> Result<Self, EditionError> {
        let manifest = Manifest::open(dir)?;
        let part = |name: &str| Part::open(dir, name, manifest.promise(dir, name)?);
        let persons = part(manifest::PERSONS)?;
        let names = part(manifest::NAMES)?;
        let index = part(manifest::INDEX)?;
        let documents = part(manifest::DOCUMENTS)?;
        let document_entries = part(manifest::DOCUMENT_ENTRIES)?;
        let person_count = counted(&persons, |n| {
            n.checked_add(1)?.checked_mul(8)?.checked_add(8)
        })?;
        let name_count = counted(&names, |n| n.checked_mul(12)?.checked_add(16))?;
        let key_count = counted(&index, |n| n.checked_mul(12)?.checked_add(8))?;
        if person_count != manifest.info.persons || name_count > u64::from(u32::MAX / 2) {
            return Err(
                persons.damaged("it holds another number of persons than the manifest says")
            );
        }
        if documents.length()
            != manifest
                .info
                .documents
                .saturating_mul(documents::DIGEST_BYTES)
        {
            return Err(
                documents.damaged("it holds another number of documents than the manifest says")
            );
        }
        if document_entries.length() % documents::ENTRY_RECORD_BYTES != 0 {
            return Err(document_entries.damaged("it ends within a record"));
        }
        let gallery = match manifest.parts.contains_key(manifest::FACES) {
            true => Some(gallery(&part(manifest::FACES)?)?),
            false => None,
        };
        Ok(Self {
            gallery,
            document_key: manifest.key(dir)?,
            info: manifest.info,
            persons,
            person_count,
            names,
            name_count,
            index,
            key_count,
            documents,
            document_entries,
            tallies: Mutex::new(Vec::new()),
        })
    }

    /// What the edition says of itself.
    #[must_use]
    pub fn info(&self) -> &EditionInfo {
        &self.info
    }

    /// The faces of listed persons; `None` where the edition has none.
    #[must_use]
    pub fn gallery(&self) -> Option<&Gallery> {
        self.gallery.as_ref()
    }

    /// The whole entry of a person, for those who may read it.
    ///
    /// # Errors
    /// [`EditionError`] where its bytes cannot be read.
    pub fn person(&self, entry: &EntryId) -> Result<Option<PersonEntry>, EditionError> {
        // Entries stand in the order of their names.
        let (mut low, mut high) = (0, self.person_count);
        while low < high {
            let middle = low.midpoint(high);
            let found = self.person_at(middle)?;
            match found.entry.cmp(entry) {
                std::cmp::Ordering::Equal => return Ok(Some(found)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    /// A person by place.
    pub(crate) fn person_at(&self, place: u64) -> Result<PersonEntry, EditionError> {
        if place >= self.person_count {
            return Err(self
                .persons
                .damaged("it has fewer persons than names point to"));
        }
        let bytes = framed(&self.persons, 8, 8 + (self.person_count + 1) * 8, place)?;
        serde_json::from_slice(&bytes)
            .map_err(|_| self.persons.damaged("an entry is not in the form of one"))
    }

    /// The person that a name belongs to, by place.
    pub(crate) fn person_of(&self, name: u32) -> Result<u64, EditionError> {
        Ok(u64::from(self.names.u32_at(8 + u64::from(name) * 4)?))
    }

    /// A name by place, taken apart.
    pub(crate) fn name_at(&self, name: u32) -> Result<Prepared, EditionError> {
        if u64::from(name) >= self.name_count {
            return Err(self
                .names
                .damaged("it has fewer names than the index points to"));
        }
        let offsets = 8 + self.name_count * 4;
        let bytes = framed(
            &self.names,
            offsets,
            offsets + (self.name_count + 1) * 8,
            u64::from(name),
        )?;
        Prepared::read(&bytes).ok_or_else(|| self.names.damaged("a name is not in the form of one"))
    }

    /// The postings under a key: names' places doubled, plus one where the key is only near. Little-endian u32s.
    pub(crate) fn postings(&self, hash: u32) -> Result<std::borrow::Cow<'_, [u8]>, EditionError> {
        let (mut low, mut high) = (0, self.key_count);
        while low < high {
            let middle = low.midpoint(high);
            let at = 8 + middle * 12;
            let found = self.index.u32_at(at)?;
            match found.cmp(&hash) {
                std::cmp::Ordering::Equal => {
                    let first = u64::from(self.index.u32_at(at + 4)?);
                    let count = self.index.u32_at(at + 8)? as usize;
                    return self
                        .index
                        .read(8 + self.key_count * 12 + first * 4, count.saturating_mul(4));
                }
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(std::borrow::Cow::Borrowed(&[]))
    }
}

/// The gallery in a file, which is read whole whatever its length.
fn gallery(part: &Part) -> Result<Gallery, EditionError> {
    let length = usize::try_from(part.length()).map_err(|_| part.damaged("it is too large"))?;
    Gallery::from_bytes(&part.read(0, length)?)
        .map_err(|_| part.damaged("it is no gallery of faces that is known here"))
}

/// The count that a file begins with, where what it needs fits into the file.
fn counted(part: &Part, needs: impl Fn(u64) -> Option<u64>) -> Result<u64, EditionError> {
    let count = part.u64_at(0)?;
    if needs(count).is_some_and(|bytes| bytes <= part.length()) {
        Ok(count)
    } else {
        Err(part.damaged("it is too short for what it says it holds"))
    }
}

/// The bytes of item `place` of a file with a table of offsets.
fn framed(
    part: &Part,
    offsets: u64,
    body: u64,
    place: u64,
) -> Result<std::borrow::Cow<'_, [u8]>, EditionError> {
    let start = part.u64_at(offsets + place * 8)?;
    let end = part.u64_at(offsets + (place + 1) * 8)?;
    let count = end
        .checked_sub(start)
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| part.damaged("its offsets run backwards"))?;
    let start = body
        .checked_add(start)
        .ok_or_else(|| part.damaged("it points past its own end"))?;
    part.read(start, count)
}
