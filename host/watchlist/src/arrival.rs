//! From a verified bundle to the next edition's folder: which files a box needs, and what is made of them.
//!
//! A box that holds edition N of a bundle's line needs only the steps since; any other needs the full edition and
//! the steps from there. Files come encrypted to the enrolled boxes ([`seal::content`]).

use crate::delta::{self, Delta, NotADelta};
use crate::{Edition, EditionError, EditionInfo};
use rules::EditionNumber;
use seal::bundle::items::{self, Item};
use seal::bundle::{BundleError, TargetFile, Verified};
use seal::content::{ContentError, KeyRing};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::Path;

/// What a box needs of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The files of wrapped keys, by epoch.
    pub keys: BTreeMap<u64, String>,
    /// The files of the full edition, by target: empty where the steps alone will do.
    pub base: BTreeMap<String, String>,
    /// The steps, in their order.
    pub deltas: Vec<String>,
}

/// Why no edition was made.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    /// The bundle holds no full edition, or no way from it to the one it promises.
    #[error("the bundle lacks {0}")]
    Lacks(String),
    /// A file does not hold.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file does not decrypt.
    #[error("{name}: {source}")]
    Content {
        /// The file.
        name: String,
        /// What is wrong.
        source: ContentError,
    },
    /// A step is none.
    #[error("{name}: {source}")]
    Delta {
        /// The file.
        name: String,
        /// What is wrong.
        source: NotADelta,
    },
    /// The edition cannot be made or opened.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

/// What a box that has `active` in use needs of these files to come to `edition`.
///
/// # Errors
/// [`ArrivalError::Lacks`].
pub fn plan(
    targets: &[TargetFile],
    active: Option<EditionNumber>,
    edition: EditionNumber,
) -> Result<Plan, ArrivalError> {
    let mut keys = BTreeMap::new();
    let mut bases: BTreeMap<u64, BTreeMap<String, String>> = BTreeMap::new();
    let mut steps: BTreeMap<u64, (u64, String)> = BTreeMap::new();
    for target in targets {
        match items::parse(&target.name) {
            Some(Item::Keys { epoch }) => {
                keys.insert(epoch, target.name.clone());
            }
            Some(Item::Base { edition, part }) => {
                bases
                    .entry(edition)
                    .or_default()
                    .insert(target.name.clone(), part);
            }
            Some(Item::Delta { from, to }) if to > from => {
                steps.insert(from, (to, target.name.clone()));
            }
            _ => {}
        }
    }
    let way = |from: u64| -> Option<Vec<String>> {
        let (mut at, mut way) = (from, Vec::new());
        while at != edition.0 {
            let (to, name) = steps.get(&at)?;
            at = *to;
            way.push(name.clone());
        }
        Some(way)
    };
    if let Some(active) = active
        && let Some(deltas) = way(active.0)
    {
        return Ok(Plan {
            keys,
            base: BTreeMap::new(),
            deltas,
        });
    }
    let (from, base) = bases
        .pop_last()
        .ok_or_else(|| ArrivalError::Lacks("a full edition".into()))?;
    let deltas = way(from)
        .ok_or_else(|| ArrivalError::Lacks(format!("the way from {from} to {edition}")))?;
    Ok(Plan { keys, base, deltas })
}

impl Plan {
    /// The files, in the order in which they are best fetched; keys only of epochs that are not held.
    pub fn targets<'a>(&'a self, held: &'a KeyRing) -> impl Iterator<Item = &'a String> {
        self.keys
            .iter()
            .filter(|(epoch, _)| !held.holds(**epoch))
            .map(|(_, name)| name)
            .chain(&self.deltas)
            .chain(self.base.keys())
    }
}

/// Makes the edition of the planned files in the empty folder `staged`; `active` is the folder of the edition in
/// use, whose files it may share.
///
/// # Errors
/// [`ArrivalError`]; what `staged` then holds is worthless.
pub fn assemble(
    verified: &Verified,
    plan: &Plan,
    keys: &KeyRing,
    active: Option<&Path>,
    staged: &Path,
) -> Result<EditionInfo, ArrivalError> {
    let mut deltas = Vec::new();
    for name in &plan.deltas {
        let mut bytes = Vec::new();
        let source = verified.open(name)?.take(delta::LIMIT_BYTES as u64);
        keys.decrypt(name, source, &mut bytes).map_err(at(name))?;
        deltas.push(
            Delta::from_bytes(&bytes).map_err(|source| ArrivalError::Delta {
                name: name.clone(),
                source,
            })?,
        );
    }
    if plan.base.is_empty() {
        let active = active.ok_or_else(|| ArrivalError::Lacks("a full edition".into()))?;
        return Ok(delta::apply(active, &deltas, staged)?);
    }
    let base = if deltas.is_empty() {
        staged.to_owned()
    } else {
        let base = staged.join("base");
        std::fs::create_dir(&base).map_err(|e| disk(&base, e))?;
        base
    };
    for (name, part) in &plan.base {
        let path = base.join(part);
        let file = File::create_new(&path).map_err(|e| disk(&path, e))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        keys.decrypt(name, verified.open(name)?, &mut out)
            .map_err(at(name))?;
        out.into_inner()
            .map_err(|e| e.into_error())
            .and_then(|file| file.sync_all())
            .map_err(|e| disk(&path, e))?;
    }
    if deltas.is_empty() {
        return Ok(Edition::open(staged)?.info().clone());
    }
    let info = delta::apply(&base, &deltas, staged)?;
    std::fs::remove_dir_all(&base).map_err(|e| disk(&base, e))?;
    Ok(info)
}

fn at(name: &str) -> impl FnOnce(ContentError) -> ArrivalError + '_ {
    move |source| ArrivalError::Content {
        name: name.to_owned(),
        source,
    }
}

fn disk(file: &Path, source: std::io::Error) -> EditionError {
    crate::edition::part::disk(file, source)
}
