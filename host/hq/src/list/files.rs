//! Files that are no lists and go the same way: trust lists, revocation lists, defect lists, models, policy, locales,
//! the programs' packages.

use super::edition::{lay_into, seal_into};
use super::{bulk, signed};
use crate::HqError;
use crate::difference::SourceDifference;
use crate::home::Home;
use crate::register::{Register, parsed};
use crate::software::Release;
use jiff::Timestamp;
use rules::Policy;
use rusqlite::{TransactionBehavior, params};
use seal::bundle::items::{self, FileKind, Item, Wrapping};
use seal::bundle::software::SoftwareFile;
use seal::content::EpochKey;
use seal::durable::{self, Readers};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

/// No such file is larger, in bytes.
const FILE_LIMIT_BYTES: u64 = 256 << 20;

/// The files that a publishing set aside when it began: what was approved.
const CURRENT: &str = "current_file";

/// A file that goes to the boxes with the next edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CarriedFile {
    /// What it is for.
    pub kind: FileKind,
    /// Its name on the box.
    pub name: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was added.
    pub added_at: Timestamp,
}

/// Adds a file, in place of one of the same kind and name. The list's approvals are void after that. A package takes
/// the place of packages of every other version: a release is one.
///
/// # Errors
/// [`HqError::Unreadable`] where it is no file that boxes take, and what the disk and the register say.
pub fn add(
    home: &Home,
    register: &mut Register,
    kind: FileKind,
    path: &Path,
    now: Timestamp,
) -> Result<CarriedFile, HqError> {
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default()
        .to_owned();
    let plain = seal::bundle::items::parse(
        &Item::File {
            kind,
            name: name.clone(),
        }
        .to_string(),
    );
    if plain.is_none() {
        return Err(HqError::unreadable(
            path,
            "boxes take names of letters, digits, '-', '_' and '.'",
        ));
    }
    let about = std::fs::metadata(path).map_err(|e| HqError::unreadable(path, &e))?;
    if !about.is_file() || about.len() > FILE_LIMIT_BYTES {
        return Err(HqError::unreadable(
            path,
            format!("no file of at most {FILE_LIMIT_BYTES} bytes"),
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| HqError::unreadable(path, &e))?;
    if kind == FileKind::POLICY {
        is_policy(&name, &bytes).map_err(|why| HqError::unreadable(path, why))?;
    }
    let package = match kind {
        FileKind::SOFTWARE => Some(crate::software::package(path, &name, &bytes)?),
        _ => None,
    };
    let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, &bytes));
    let folder = home.content();
    std::fs::create_dir_all(&folder).map_err(HqError::io(&folder))?;
    let _content = bulk::hold(home)?;
    let kept = folder.join(&sha256);
    durable::replace(&kept, &bytes, Readers::Anyone).map_err(HqError::io(&kept))?;
    let file = CarriedFile {
        kind,
        name,
        sha256,
        bytes: bytes.len() as u64,
        added_at: now,
    };
    let replaced = match package {
        Some(package) => of_other_versions(register, package)?,
        None => Vec::new(),
    };
    change(register, |transaction| {
        for name in &replaced {
            transaction.execute(
                "DELETE FROM file WHERE kind = ?1 AND name = ?2",
                params![FileKind::SOFTWARE.as_str(), name],
            )?;
        }
        transaction.execute(
            "INSERT OR REPLACE INTO file VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                file.kind.as_str(),
                file.name,
                file.sha256,
                i64::try_from(file.bytes).unwrap_or(i64::MAX),
                now.to_string()
            ],
        )
    })?;
    Ok(file)
}

/// A policy that boxes would refuse, or never look at, is refused here: one misspelled field would stop every box from
/// taking what comes with it.
fn is_policy(name: &str, bytes: &[u8]) -> Result<(), String> {
    if name != Policy::FILE {
        return Err(format!(
            "boxes read their policy from {} alone",
            Policy::FILE
        ));
    }
    match serde_json::from_slice::<Policy>(bytes) {
        Ok(_) => Ok(()),
        Err(e) => Err(format!("no policy that boxes take: {e}")),
    }
}

/// The packages that are listed in other versions than this one's.
fn of_other_versions(register: &Register, package: SoftwareFile) -> Result<Vec<String>, HqError> {
    let names = all(register)?.into_iter().filter_map(|file| {
        let listed = package_of(&file)?;
        (listed.version != package.version).then_some(file.name)
    });
    Ok(names.collect())
}

fn package_of(file: &CarriedFile) -> Option<SoftwareFile> {
    (file.kind == FileKind::SOFTWARE).then(|| SoftwareFile::of_name(&file.name))?
}

/// The release of the programs that the publishing under way carries; `None` where it carries none.
pub(super) fn release(register: &Register) -> Result<Option<Release>, HqError> {
    let targets: Vec<String> = carried(register)?.iter().map(Item::to_string).collect();
    Ok(Release::of(targets.iter().map(String::as_str)))
}

/// Takes a file out; whether there was one.
///
/// # Errors
/// [`HqError::Database`].
pub fn remove(register: &mut Register, kind: FileKind, name: &str) -> Result<bool, HqError> {
    change(register, |transaction| {
        transaction.execute(
            "DELETE FROM file WHERE kind = ?1 AND name = ?2",
            params![kind.as_str(), name],
        )
    })
    .map(|changed| changed > 0)
}

fn change(
    register: &mut Register,
    work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<usize>,
) -> Result<usize, HqError> {
    let failed = register.failed();
    let transaction = register
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    let changed = work(&transaction).map_err(&failed)?;
    if changed > 0 {
        transaction
            .execute("UPDATE revision SET number = number + 1", [])
            .map_err(&failed)?;
    }
    transaction.commit().map_err(&failed)?;
    Ok(changed)
}

/// Every file that goes to the boxes.
///
/// # Errors
/// [`HqError::Database`].
pub fn all(register: &Register) -> Result<Vec<CarriedFile>, HqError> {
    of(register, "file")
}

fn of(register: &Register, table: &'static str) -> Result<Vec<CarriedFile>, HqError> {
    register
        .connection
        .prepare(&format!(
            "SELECT kind, name, sha256, bytes, added_at FROM {table} ORDER BY kind, name"
        ))
        .and_then(|mut q| {
            q.query_map([], |r| {
                Ok(CarriedFile {
                    kind: parsed(r, 0)?,
                    name: r.get(1)?,
                    sha256: r.get(2)?,
                    bytes: r.get::<_, i64>(3)?.unsigned_abs(),
                    added_at: parsed(r, 4)?,
                })
            })?
            .collect()
        })
        .map_err(register.failed())
}

/// How the files differ from those of the newest edition; `None` where there are none and were none.
pub(crate) fn difference(
    home: &Home,
    register: &Register,
) -> Result<Option<SourceDifference>, HqError> {
    let now: BTreeSet<String> = all(register)?
        .into_iter()
        .map(|file| item(file).to_string())
        .collect();
    let before: BTreeSet<String> = signed::names(home)
        .map_or_else(|| bundled(home), Ok)?
        .into_iter()
        .filter(|name| matches!(items::parse(name), Some(Item::File { .. })))
        .collect();
    if now.is_empty() && before.is_empty() {
        return Ok(None);
    }
    Ok(Some(SourceDifference {
        source: "files".into(),
        added: now.difference(&before).cloned().collect(),
        withdrawn: before.difference(&now).cloned().collect(),
        unchanged: now.intersection(&before).count(),
        ..SourceDifference::default()
    }))
}

/// What lies in the bundle folder, by name: where nothing says what was signed.
fn bundled(home: &Home) -> Result<BTreeSet<String>, HqError> {
    let bundle = home.bundle();
    let entries = match std::fs::read_dir(&bundle) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(HqError::io(&bundle))?,
    };
    entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()
        .map_err(HqError::io(&bundle))
}

/// The items of a bundle that they are, as the publishing under way has them.
pub(super) fn carried(register: &Register) -> Result<Vec<Item>, HqError> {
    Ok(of(register, CURRENT)?.into_iter().map(item).collect())
}

/// The names under which they lie in the content folder.
pub(super) fn digests(register: &Register) -> Result<Vec<String>, HqError> {
    let files = of(register, CURRENT)?.into_iter();
    Ok(files.map(|file| file.sha256).collect())
}

/// The name tells versions apart: an unchanged file keeps its name and is not fetched again.
fn item(file: CarriedFile) -> Item {
    Item::File {
        kind: file.kind,
        name: items::carried_name(&file.sha256, &file.name),
    }
}

/// Puts into the bundle what is not there yet, encrypted but for packages.
pub(super) fn seal_new(
    home: &Home,
    register: &Register,
    bundle: &Path,
    key: &EpochKey,
) -> Result<Vec<Item>, HqError> {
    let mut sealed = Vec::new();
    for file in of(register, CURRENT)? {
        let path = home.content().join(&file.sha256);
        let wrapping = file.kind.wrapping();
        let item = item(file);
        let name = item.to_string();
        if !bundle.join(&name).is_file() {
            let mut from = File::open(&path).map_err(HqError::io(&path))?;
            match wrapping {
                Wrapping::Encrypted => seal_into(bundle, key, &item, &mut from)?,
                Wrapping::Plain => lay_into(bundle, &name, |out| {
                    std::io::copy(&mut from, out)
                        .map(drop)
                        .map_err(HqError::io(bundle))
                })?,
            }
        }
        sealed.push(item);
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::list::changes;

    #[test]
    fn what_is_changed_while_a_publishing_runs_is_no_part_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let mut register = Register::open(&home).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let policy = folder.path().join("policy.json");
        std::fs::write(&policy, "{}").unwrap();
        add(&home, &mut register, FileKind::POLICY, &policy, now).unwrap();
        let put_bulk = |register: &Register, sha256: &str| {
            register
                .connection
                .execute_batch(&format!(
                    "INSERT OR IGNORE INTO source VALUES ('Utopia', 'Border Act 12', NULL, '');
                     INSERT OR REPLACE INTO bulk VALUES ('Utopia', '{sha256}', 1);"
                ))
                .unwrap();
        };
        put_bulk(&register, "approved");

        changes::make_current(&register, "2026-11-29").unwrap();
        let approved = carried(&register).unwrap();
        std::fs::write(&policy, r#"{"edition_lease_days": 14}"#).unwrap();
        add(&home, &mut register, FileKind::POLICY, &policy, now).unwrap();
        put_bulk(&register, "another");
        assert_eq!(carried(&register).unwrap(), approved);
        assert_eq!(bulk::all(&register).unwrap(), ["approved"]);

        changes::make_current(&register, "2026-11-29").unwrap();
        assert_ne!(carried(&register).unwrap(), approved);
        assert_eq!(bulk::all(&register).unwrap(), ["another"]);
    }

    #[test]
    fn a_policy_that_boxes_would_not_read_is_refused_before_anybody_approves_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let mut register = Register::open(&home).unwrap();
        let mut offered = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let now = Timestamp::UNIX_EPOCH;
            add(&home, &mut register, FileKind::POLICY, &path, now).map(drop)
        };
        for (name, text, why) in [
            (
                "policy.json",
                r#"{"edition_lease_day": 14}"#,
                "edition_lease_day",
            ),
            ("policy.json", r#"{"version": 99}"#, "version 99"),
            ("policy.json", "not JSON", "no policy"),
            ("rules.json", "{}", "policy.json alone"),
        ] {
            let refused = offered(name, text).unwrap_err().to_string();
            assert!(refused.contains(why), "{name} {text}: {refused}");
        }
        // Yesterday's, and today's with a lease that has no end.
        for good in ["{}", r#"{"version": 2, "crl_lease_days": null}"#] {
            offered("policy.json", good).unwrap();
        }
    }

    #[test]
    fn a_file_that_was_altered_after_its_approval_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let mut register = Register::open(&home).unwrap();
        let policy = folder.path().join("policy.json");
        std::fs::write(&policy, "{}").unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let added = add(&home, &mut register, FileKind::POLICY, &policy, now).unwrap();
        changes::make_current(&register, "2026-11-29").unwrap();
        let vouched = || bulk::vouch(&home, digests(&register).unwrap());
        vouched().unwrap();
        std::fs::write(home.content().join(&added.sha256), "{ }").unwrap();
        assert!(matches!(vouched(), Err(HqError::Unreadable { .. })));
    }

    #[test]
    fn a_file_that_an_import_has_written_is_not_swept_before_it_is_referred_to() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let register = Register::open(&home).unwrap();
        let written = home.content().join("written");
        std::fs::create_dir(home.content()).unwrap();
        std::fs::write(&written, "digests").unwrap();
        let import = bulk::hold(&home).unwrap();
        bulk::sweep(&home, &register).unwrap();
        assert!(written.exists());
        drop(import);
        bulk::sweep(&home, &register).unwrap();
        assert!(!written.exists());
    }
}
