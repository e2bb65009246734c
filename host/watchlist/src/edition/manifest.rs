//! `edition.json`: what an edition says of itself and of its files.

use super::EditionInfo;
use super::part::{Promise, disk};
use crate::EditionError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The layout that this program writes and reads. Raise it when any file's form or the keys of the name index change.
pub(crate) const LAYOUT: u32 = 1;

/// The manifest's file.
pub(crate) const MANIFEST: &str = "edition.json";
/// The persons' entries.
pub(crate) const PERSONS: &str = "persons.bin";
/// Their names, prepared for comparison.
pub(crate) const NAMES: &str = "names.bin";
/// The index by which names are found.
pub(crate) const INDEX: &str = "index.bin";
/// The digests of documents.
pub(crate) const DOCUMENTS: &str = "documents.bin";
/// Which entries documents belong to, where they have one.
pub(crate) const DOCUMENT_ENTRIES: &str = "document-entries.bin";
/// The gallery of faces; an edition without one has no faces to search.
pub(crate) const FACES: &str = "faces.bin";

/// A manifest is small; a larger file is none.
const MOST_BYTES: u64 = 1 << 20;

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) layout: u32,
    pub(crate) info: EditionInfo,
    /// The key of the documents' digests, in hex.
    pub(crate) document_key: String,
    pub(crate) parts: BTreeMap<String, Promise>,
}

/// Only the layout, which every version's manifest has.
#[derive(Deserialize)]
struct Layout {
    layout: u32,
}

impl Manifest {
    pub(crate) fn open(dir: &Path) -> Result<Self, EditionError> {
        let path = dir.join(MANIFEST);
        let damaged = |why| EditionError::Damaged {
            file: path.clone(),
            why,
        };
        let file = std::fs::File::open(&path).map_err(|e| disk(&path, e))?;
        let mut text = Vec::new();
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(|e| disk(&path, e))?;
        if text.len() as u64 > MOST_BYTES {
            return Err(damaged("it is too long for a manifest"));
        }
        let Layout { layout } =
            serde_json::from_slice(&text).map_err(|_| damaged("it is no manifest"))?;
        if layout > LAYOUT {
            return Err(EditionError::NewerLayout {
                found: layout,
                known: LAYOUT,
            });
        }
        serde_json::from_slice(&text).map_err(|_| damaged("it is no manifest"))
    }

    /// What it promises of a file.
    pub(crate) fn promise(&self, dir: &Path, name: &str) -> Result<&Promise, EditionError> {
        self.parts.get(name).ok_or_else(|| EditionError::Damaged {
            file: dir.join(MANIFEST),
            why: "it does not name every file",
        })
    }

    /// The key of the documents' digests.
    pub(crate) fn key(&self, dir: &Path) -> Result<[u8; 16], EditionError> {
        let mut key = [0; 16];
        hex::decode_to_slice(&self.document_key, &mut key).map_err(|_| EditionError::Damaged {
            file: dir.join(MANIFEST),
            why: "its document key is not 16 bytes in hex",
        })?;
        Ok(key)
    }
}
