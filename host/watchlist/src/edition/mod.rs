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
//! | `recent-…` | the same six files once more: what has changed since the base was made |
//! | `recent-gone-documents.bin` | sorted digests (u64) of the base that are not listed any more |
//! | `recent-gone-persons.json` | entries of the base that are not listed any more, or stand anew in the recent segment |
//!
//! A day's changes (`delta`) are merged into the recent segment and leave the base as it is, so that its files
//! are linked, not copied, into the next edition; a recent segment that has grown large becomes part of a new base.
//!
//! All numbers are little-endian. Every offset and length is checked before it is used.

pub(crate) mod documents;
pub(crate) mod manifest;
pub(crate) mod part;
pub(crate) mod segment;

use crate::gallery::Gallery;
use crate::{EditionError, PersonEntry};
use jiff::Timestamp;
use manifest::Manifest;
use part::{Part, Whole, disk};
use rules::{EditionNumber, EntryId};
use segment::Segment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

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

/// A list of entries that are gone is at most so long, in bytes.
const GONE_LIMIT_BYTES: u64 = 64 << 20;
/// Digests that are gone are read into memory up to this size.
const GONE_WHOLE: Whole = Whole(64 << 20);
/// The gallery is searched from memory whatever its length; up to this its digest is checked as it is read.
const FACES_WHOLE: Whole = Whole(256 << 20);

/// An opened edition.
#[derive(Debug)]
pub struct Edition {
    info: EditionInfo,
    pub(crate) document_key: [u8; 16],
    pub(crate) base: Segment,
    pub(crate) recent: Option<Recent>,
    gallery: Option<Gallery>,
}

/// What has changed since the base was made.
#[derive(Debug)]
pub(crate) struct Recent {
    pub(crate) segment: Segment,
    pub(crate) gone_persons: BTreeSet<String>,
    pub(crate) gone_documents: Part,
    pub(crate) gallery: Option<Gallery>,
}

impl Edition {
    /// Opens the edition in `dir`. Small files are read into memory and their digests checked.
    ///
    /// # Errors
    /// [`EditionError`] where a file is absent, damaged, unreadable or of a newer layout.
    pub fn open(dir: &Path) -> Result<Self, EditionError> {
        let manifest = Manifest::open(dir)?;
        let base = Segment::open(dir, &manifest, "")?;
        let recent = if manifest.has_recent() {
            Some(Recent::open(dir, &manifest)?)
        } else {
            if base.person_count != manifest.info.persons {
                return Err(base
                    .persons
                    .damaged("it holds another number of persons than the manifest says"));
            }
            if base.document_count() != manifest.info.documents {
                return Err(base
                    .documents
                    .damaged("it holds another number of documents than the manifest says"));
            }
            None
        };
        let gallery = gallery(dir, &manifest, "")?;
        Ok(Self {
            gallery,
            document_key: manifest.key(dir)?,
            info: manifest.info,
            base,
            recent,
        })
    }

    /// What the edition says of itself.
    #[must_use]
    pub fn info(&self) -> &EditionInfo {
        &self.info
    }

    /// How many faces of listed persons can be searched; 0 where the edition has none.
    #[must_use]
    pub fn faces(&self) -> usize {
        self.galleries().map(|(gallery, _)| gallery.len()).sum()
    }

    /// The faces of the base.
    pub(crate) fn base_gallery(&self) -> Option<&Gallery> {
        self.gallery.as_ref()
    }

    /// The galleries, each with what tells whether an entry of it is listed no more.
    pub(crate) fn galleries(&self) -> impl Iterator<Item = (&Gallery, Option<&BTreeSet<String>>)> {
        let recent = self.recent.as_ref();
        let gone = recent.map(|r| &r.gone_persons);
        let of_recent = recent.and_then(|r| r.gallery.as_ref());
        let of_base = self.gallery.iter().map(move |gallery| (gallery, gone));
        of_base.chain(of_recent.map(|gallery| (gallery, None)))
    }

    /// The whole entry of a person, for those who may read it.
    ///
    /// # Errors
    /// [`EditionError`] where its bytes cannot be read.
    pub fn person(&self, entry: &EntryId) -> Result<Option<PersonEntry>, EditionError> {
        if let Some(recent) = &self.recent {
            if let Some(person) = recent.segment.person(entry)? {
                return Ok(Some(person));
            }
            if recent.gone_persons.contains(entry.as_str()) {
                return Ok(None);
            }
        }
        self.base.person(entry)
    }

    /// The segments, each with what tells whether an entry of it is listed no more.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (&Segment, Option<&BTreeSet<String>>)> {
        let gone = self.recent.as_ref().map(|r| &r.gone_persons);
        std::iter::once((&self.base, gone)).chain(self.recent.iter().map(|r| (&r.segment, None)))
    }

    /// Whether a document of this digest is listed.
    pub(crate) fn holds_document(&self, digest: u64) -> Result<bool, EditionError> {
        if let Some(recent) = &self.recent {
            if documents::holds(&recent.segment.documents, digest)? {
                return Ok(true);
            }
            if documents::holds(&recent.gone_documents, digest)? {
                return Ok(false);
            }
        }
        documents::holds(&self.base.documents, digest)
    }

    /// The entries that a listed document belongs to; what the recent segment says of it replaces the base's word.
    pub(crate) fn entries_of(&self, digest: u64) -> Result<Vec<String>, EditionError> {
        if let Some(recent) = &self.recent {
            let names = documents::entries(&recent.segment.document_entries, digest)?;
            if !names.is_empty() || documents::holds(&recent.gone_documents, digest)? {
                return Ok(names);
            }
        }
        documents::entries(&self.base.document_entries, digest)
    }
}

/// The gallery of a segment, where it has one; its file is read whole whatever its length.
fn gallery(dir: &Path, manifest: &Manifest, prefix: &str) -> Result<Option<Gallery>, EditionError> {
    let name = format!("{prefix}{}", manifest::FACES);
    let Some(promise) = manifest.parts.get(&name) else {
        return Ok(None);
    };
    let part = Part::open(dir, &name, promise, FACES_WHOLE)?;
    let length = usize::try_from(part.length()).map_err(|_| part.damaged("it is too large"))?;
    Gallery::from_bytes(&part.read(0, length)?)
        .map(Some)
        .map_err(|_| part.damaged("it is no gallery of faces that is known here"))
}

impl Recent {
    fn open(dir: &Path, manifest: &Manifest) -> Result<Self, EditionError> {
        let path = dir.join(manifest::GONE_PERSONS);
        let damaged = |why| EditionError::Damaged {
            file: path.clone(),
            why,
        };
        let promise = manifest.promise(dir, manifest::GONE_PERSONS)?;
        let mut text = Vec::new();
        std::fs::File::open(&path)
            .and_then(|f| f.take(GONE_LIMIT_BYTES + 1).read_to_end(&mut text))
            .map_err(|e| disk(&path, e))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, &text);
        if text.len() as u64 != promise.bytes || hex::encode(digest) != promise.sha256 {
            return Err(damaged("its digest is not the one in the manifest"));
        }
        Ok(Self {
            segment: Segment::open(dir, manifest, manifest::RECENT)?,
            gallery: gallery(dir, manifest, manifest::RECENT)?,
            gone_persons: serde_json::from_slice(&text)
                .map_err(|_| damaged("it is no list of entries"))?,
            gone_documents: Part::open(
                dir,
                manifest::GONE_DOCUMENTS,
                manifest.promise(dir, manifest::GONE_DOCUMENTS)?,
                GONE_WHOLE,
            )?,
        })
    }
}
