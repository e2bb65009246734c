//! One segment of an edition: persons, their names and the index of them, and documents.

use super::documents;
use super::manifest::{self, Manifest};
use super::part::{Part, Whole};
use crate::names::Prepared;
use crate::{EditionError, PersonEntry};
use rules::EntryId;
use std::path::Path;
use std::sync::Mutex;

/// Names and their index are wanted by every search: in memory up to this size.
const SEARCHED: Whole = Whole(256 << 20);
/// Entries and documents are wanted here and there: left on disk beyond this size.
const LOOKED_UP: Whole = Whole(16 << 20);

/// An opened segment.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) persons: Part,
    pub(crate) person_count: u64,
    names: Part,
    pub(crate) name_count: u64,
    index: Part,
    key_count: u64,
    pub(crate) documents: Part,
    pub(crate) document_entries: Part,
    /// Working memory of finished searches, to be used again.
    pub(crate) tallies: Mutex<Vec<crate::search::Tally>>,
}

impl Segment {
    /// Opens the segment whose files' names begin with `prefix`.
    pub(crate) fn open(
        dir: &Path,
        manifest: &Manifest,
        prefix: &str,
    ) -> Result<Self, EditionError> {
        let part = |name: &str, whole: Whole| {
            let name = format!("{prefix}{name}");
            Part::open(dir, &name, manifest.promise(dir, &name)?, whole)
        };
        let persons = part(manifest::PERSONS, LOOKED_UP)?;
        let names = part(manifest::NAMES, SEARCHED)?;
        let index = part(manifest::INDEX, SEARCHED)?;
        let documents = part(manifest::DOCUMENTS, LOOKED_UP)?;
        let document_entries = part(manifest::DOCUMENT_ENTRIES, LOOKED_UP)?;
        let person_count = counted(&persons, |n| {
            n.checked_add(1)?.checked_mul(8)?.checked_add(8)
        })?;
        let name_count = counted(&names, |n| n.checked_mul(12)?.checked_add(16))?;
        let key_count = counted(&index, |n| n.checked_mul(12)?.checked_add(8))?;
        if name_count > u64::from(u32::MAX / 2) {
            return Err(names.damaged("it holds more names than can be told apart"));
        }
        if documents.length() % documents::DIGEST_BYTES != 0 {
            return Err(documents.damaged("it ends within a digest"));
        }
        if document_entries.length() % documents::ENTRY_RECORD_BYTES != 0 {
            return Err(document_entries.damaged("it ends within a record"));
        }
        Ok(Self {
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

    /// How many documents it holds.
    pub(crate) fn document_count(&self) -> u64 {
        self.documents.length() / documents::DIGEST_BYTES
    }

    /// The entry of a person.
    pub(crate) fn person(&self, entry: &EntryId) -> Result<Option<PersonEntry>, EditionError> {
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
