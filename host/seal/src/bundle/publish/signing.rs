//! Making the role files of an edition with the signing library, and laying its files beside them.

use super::role_key::{Fault, RoleKey, Signer};
use super::{PublishError, Release, foreign};
use crate::durable;
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use tough::editor::RepositoryEditor;
use tough::key_source::KeySource;
use tough::schema::Target;

/// Signs, writes the role files into `staged`, and the content into `targets` under its digests.
pub(super) async fn sign(
    root: &Path,
    files: &BTreeMap<String, PathBuf>,
    staged: &Path,
    targets: &Path,
    release: &Release,
    signers: Vec<RoleKey>,
) -> Result<(), PublishError> {
    let fault = Fault::default();
    // What a token said comes before the words that the library makes of it.
    let failed = |e: tough::error::Error| {
        let said = fault.take();
        said.unwrap_or_else(|| PublishError::Signing(e.to_string()))
    };
    let number = |n: u64| NonZeroU64::new(n).unwrap_or(NonZeroU64::MIN);
    let mut editor = RepositoryEditor::new(root).await.map_err(failed)?;
    for (name, path) in files {
        let target = Target::from_path(path)
            .await
            .map_err(|e| PublishError::Signing(e.to_string()))?;
        let stored = targets.join(format!("{}.{name}", hex::encode(&*target.hashes.sha256)));
        // Under its own digest: what is there in full length is the same file.
        let length = std::fs::metadata(&stored).map(|m| m.len()).ok();
        if length != Some(target.length) {
            copy_durably(path, &stored)?;
        }
        editor.add_target(name.as_str(), target).map_err(failed)?;
    }
    durable::sync_folder(targets).map_err(PublishError::io(targets))?;
    editor
        .targets_version(number(release.edition.0))
        .map_err(failed)?
        .targets_expires(foreign(release.expires_at)?)
        .map_err(failed)?
        .snapshot_version(number(release.signing))
        .snapshot_expires(foreign(release.expires_at)?)
        .timestamp_version(number(release.signing))
        .timestamp_expires(foreign(release.expires_at)?);
    let source = |key| -> Box<dyn KeySource> {
        let fault = fault.clone();
        Box::new(Signer { key, fault })
    };
    let sources: Vec<Box<dyn KeySource>> = signers.into_iter().map(source).collect();
    let signed = editor.sign(&sources).await.map_err(failed)?;
    signed.write(staged).await.map_err(failed)
}

fn copy_durably(from: &Path, to: &Path) -> Result<(), PublishError> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let mut source = std::fs::File::open(from).map_err(PublishError::io(from))?;
    let mut copy = tempfile::Builder::new()
        .prefix(durable::LEFTOVER)
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(PublishError::io(folder))?;
    std::io::copy(&mut source, &mut copy).map_err(PublishError::io(to))?;
    copy.as_file().sync_all().map_err(PublishError::io(to))?;
    copy.persist(to)
        .map_err(|e| PublishError::io(to)(e.error))?;
    Ok(())
}
