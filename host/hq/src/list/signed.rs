//! What was signed before.
//!
//! An edition carries most files of the one before again. Whoever can write in the state folder must not get a
//! signature for other files by laying them there: each is held against what was signed last, by the signatures
//! of the holders' keys from the first root on, in the repository or in the copy that is kept beside the keys. What
//! was never signed, as an interrupted publishing leaves it, goes.

use super::bulk;
use crate::HqError;
use crate::home::Home;
use jiff::Timestamp;
use seal::bundle::items::{self, Item};
use seal::bundle::publish::{PublishError, published_signing};
use seal::bundle::{Expiry, TargetFile, verify_roles};
use seal::durable::{self, Readers};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const METADATA: &str = "metadata";
/// The role file that is put in place last: with it the others count.
const TIMESTAMP: &str = "timestamp.json";

/// What a repository offers.
pub(super) struct Offered {
    /// The edition.
    pub(super) edition: u64,
    /// Its files.
    pub(super) files: Vec<TargetFile>,
}

/// What became of the bundle's files.
#[derive(Default)]
pub(super) struct Vouched {
    /// Files that were not what was signed under their names; they are gone.
    pub(super) altered: Vec<String>,
    /// Files that were signed last and are not there, those among them.
    pub(super) lacking: BTreeSet<Item>,
}

/// What a repository offers, by its signatures; `None` where nothing was ever put there. Whether those have run out
/// does not matter here.
pub(super) fn offered(home: &Home, repository: &Path) -> Result<Option<Offered>, HqError> {
    if !repository.join(METADATA).join(TIMESTAMP).is_file() {
        return Ok(None);
    }
    let first = home.first_root();
    let root = std::fs::read(&first).map_err(HqError::io(&first))?;
    let scratch = tempfile::tempdir().map_err(HqError::io(std::env::temp_dir()))?;
    let verified = verify_roles(
        repository,
        &root,
        scratch.path(),
        Timestamp::UNIX_EPOCH,
        Expiry::Report,
    )
    .map_err(PublishError::from)?;
    Ok(Some(Offered {
        edition: verified.edition.0,
        files: verified.targets,
    }))
}

/// How often this headquarters has signed, as far as a repository and the copy say: waves have no row in the register.
pub(crate) fn signings(home: &Home, repository: &Path) -> Result<u64, HqError> {
    let roots = home.roots();
    let there = published_signing(&roots, repository)?;
    Ok(there.max(published_signing(&roots, &home.signed())?))
}

/// Leaves nothing in the bundle folder but what was signed before, as it was signed in one of these repositories.
pub(super) fn vouch(home: &Home, repositories: &[&Path]) -> Result<Vouched, HqError> {
    let mut signed: BTreeMap<String, Vec<[u8; 32]>> = BTreeMap::new();
    for repository in repositories {
        match offered(home, repository) {
            Ok(offered) => {
                for file in offered.into_iter().flat_map(|offered| offered.files) {
                    signed.entry(file.name).or_default().push(file.sha256);
                }
            }
            Err(e) => {
                tracing::warn!(repository = %repository.display(), error = %e, "what was signed there cannot be read");
            }
        }
    }
    let bundle = home.bundle();
    let mut vouched = Vouched::default();
    let mut here = BTreeSet::new();
    for entry in std::fs::read_dir(&bundle).map_err(HqError::io(&bundle))? {
        let entry = entry.map_err(HqError::io(&bundle))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(HqError::io(&path))?;
        if kind.is_dir() {
            // Nothing of ours; the signing names it.
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(digests) = signed.get(&name).filter(|_| kind.is_file()) {
            if digests.contains(&bulk::digest_of(&path)?) {
                here.insert(name);
                continue;
            }
            tracing::error!(file = %path.display(), "it is not what was signed before; it is left out and made anew");
            vouched.altered.push(name);
        }
        std::fs::remove_file(&path).map_err(HqError::io(&path))?;
    }
    vouched.altered.sort_unstable();
    let gone = signed.keys().filter(|name| !here.contains(*name));
    vouched.lacking = gone.filter_map(|name| items::parse(name)).collect();
    Ok(vouched)
}

/// Keeps a copy of the role files that a repository holds now.
pub(crate) fn keep(home: &Home, out: &Path) -> Result<(), HqError> {
    let (from, to) = (out.join(METADATA), home.signed().join(METADATA));
    std::fs::create_dir_all(&to).map_err(HqError::io(&to))?;
    let mut names = names_in(&from)?;
    names.sort_by_key(|name| name == TIMESTAMP);
    for name in &names {
        let bytes = std::fs::read(from.join(name)).map_err(HqError::io(from.join(name)))?;
        let path = to.join(name);
        durable::replace(&path, &bytes, Readers::Owner).map_err(HqError::io(&path))?;
    }
    for name in names_in(&to)? {
        if !names.contains(&name) {
            let path = to.join(name);
            std::fs::remove_file(&path).map_err(HqError::io(&path))?;
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<Vec<std::ffi::OsString>, HqError> {
    std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.file_name())).collect())
        .map_err(HqError::io(folder))
}

/// The files that were signed last, by name; `None` where nothing was, or it cannot be read.
pub(super) fn names(home: &Home) -> Option<BTreeSet<String>> {
    let offered = offered(home, &home.signed()).ok().flatten()?;
    Some(offered.files.into_iter().map(|file| file.name).collect())
}

/// The names of the files of an edition that was signed: by the copy where that is of this edition, else by its
/// repository; none where neither has it any more.
pub(crate) fn files_of(home: &Home, edition: u64, out: &Path) -> Result<Vec<String>, HqError> {
    let mut unreadable = None;
    for repository in [home.signed().as_path(), out] {
        match offered(home, repository) {
            Ok(Some(offered)) if offered.edition == edition => {
                return Ok(offered.files.into_iter().map(|file| file.name).collect());
            }
            Ok(_) => {}
            Err(e) => unreadable = Some(e),
        }
    }
    unreadable.map_or_else(|| Ok(Vec::new()), Err)
}
