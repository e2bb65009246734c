//! A part of a bundle, laid out as a bundle of its own: the role files as they were signed, and some of the files.
//! Whoever is given it verifies it as the whole was verified.

use super::spool::{METADATA_LIMIT_BYTES, open_plain};
use super::{BundleError, TargetFile, Verified, shown};
use crate::durable::{self, Readers};
use ring::digest::{Context, SHA256};
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

const METADATA: &str = "metadata";
const TARGETS: &str = "targets";
/// The role file that is put in place last: with it the others count.
const TIMESTAMP: &str = "timestamp.json";

impl Verified {
    /// Copies one file into `folder` (which must be there) under `name`, checking length and SHA-256 on the way, and
    /// syncs both. What lies there already as it was signed stays.
    ///
    /// # Errors
    /// [`BundleError`], by cause; nothing then lies under `name` that did not lie there before.
    pub fn copy_as(&self, target: &str, folder: &Path, name: &str) -> Result<(), BundleError> {
        let target = self.target(target)?;
        if is_signed(&folder.join(name), target) {
            return Ok(());
        }
        self.copy_one(target, folder, name)?;
        durable::sync_folder(folder).map_err(BundleError::io(folder))
    }

    /// Lays these files and the role files out in `to` (made if need be), and removes other files from there. Of what
    /// lies beside the role files nothing is carried along: others can lay it there, as much as they like. What lies
    /// there already as it was signed is not asked of the bundle again. Where the power is cut in between,
    /// `to` verifies as it did before, as it will, or not at all; laid out again, it does.
    ///
    /// # Errors
    /// [`BundleError`], by cause.
    pub fn lay_out(&self, names: &[&str], to: &Path) -> Result<(), BundleError> {
        let (metadata, targets) = (to.join(METADATA), to.join(TARGETS));
        for folder in [&metadata, &targets] {
            std::fs::create_dir_all(folder).map_err(BundleError::io(folder))?;
        }
        let mut stored = Vec::new();
        for name in names {
            let target = self.target(name)?;
            let own = self.stored_name(target);
            if !is_signed(&targets.join(&own), target) {
                self.copy_one(target, &targets, &own)?;
            }
            stored.push(OsString::from(own));
        }
        durable::sync_folder(&targets).map_err(BundleError::io(&targets))?;
        let roles = self.role_files();
        for name in &roles {
            let from = self.metadata_folder.join(name);
            let bytes = read_plain(&from)?;
            let path = metadata.join(name);
            // Looked at four times an hour, and seldom new: a card is not written to for nothing.
            if std::fs::read(&path).is_ok_and(|held| held == bytes) {
                continue;
            }
            durable::replace(&path, &bytes, Readers::Anyone).map_err(BundleError::io(path))?;
        }
        keep_only(&metadata, &roles)?;
        keep_only(&targets, &stored)
    }

    /// The names of the role files that this was verified by, with those of the roots up to the one that signs now that
    /// are there; the timestamp's last.
    fn role_files(&self) -> Vec<OsString> {
        let of = |version: u64, role: &str| match self.hash_in_names {
            true => format!("{version}.{role}.json"),
            false => format!("{role}.json"),
        };
        let is_there = |name: &String| self.metadata_folder.join(name).symlink_metadata().is_ok();
        (1..=self.root_version)
            .map(|version| format!("{version}.root.json"))
            .filter(is_there)
            .chain([
                of(self.snapshot_version, "snapshot"),
                of(self.edition.0, "targets"),
                TIMESTAMP.to_owned(),
            ])
            .map(OsString::from)
            .collect()
    }

    /// Whether a file lies in what [`Verified::lay_out`] made of `to`, as it was signed.
    #[must_use]
    pub fn is_laid_out(&self, target: &TargetFile, to: &Path) -> bool {
        is_signed(&to.join(TARGETS).join(self.stored_name(target)), target)
    }
}

/// Whether a file is what was signed.
fn is_signed(path: &Path, target: &TargetFile) -> bool {
    let Ok(Some((mut file, length))) = open_plain(path) else {
        return false;
    };
    if length != target.length {
        return false;
    }
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return context.finish().as_ref() == target.sha256,
            Ok(count) => context.update(&buffer[..count]),
            Err(_) => return false,
        }
    }
}

fn read_plain(path: &Path) -> Result<Vec<u8>, BundleError> {
    let opened = open_plain(path).map_err(BundleError::io(path))?;
    let (file, _) = opened.ok_or_else(|| BundleError::Unsupported {
        what: format!("{}, which is no plain file", shown(path)),
    })?;
    let mut bytes = Vec::new();
    file.take(METADATA_LIMIT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(BundleError::io(path))?;
    if bytes.len() as u64 > METADATA_LIMIT_BYTES {
        return Err(BundleError::TooLarge {
            what: shown(path),
            limit_bytes: METADATA_LIMIT_BYTES,
        });
    }
    Ok(bytes)
}

fn names_in(folder: &Path) -> Result<Vec<OsString>, BundleError> {
    std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.file_name())).collect())
        .map_err(BundleError::io(folder))
}

fn keep_only(folder: &Path, kept: &[OsString]) -> Result<(), BundleError> {
    for name in names_in(folder)? {
        if !kept.contains(&name) {
            let path = folder.join(name);
            std::fs::remove_file(&path).map_err(BundleError::io(path))?;
        }
    }
    Ok(())
}
