//! Bundles: signed sets of files from headquarters, as The Update Framework (TUF 1.0) has them.
//!
//! A bundle lies in a folder (a spool filled by download, or a stick) with `metadata/` and `targets/`.
//! [`verify_roles`] holds its metadata against the root of trust that the box was enrolled with and against
//! everything the box has taken before; [`Verified::open`] then reads the files that are wanted, checking each
//! byte, and [`Verified::remember`] keeps older bundles out from then on. Nothing on the box changes before. Flat top-level targets with SHA-256, no delegations.
//!
//! Time: a box may have no battery clock. The latest moment at which a bundle was taken is remembered,
//! and a clock behind it is not believed. That moment is never later than the expiry of what was taken
//! then, so a clock that ran ahead for a day cannot lock a box out for years.

mod error;
pub mod items;
mod memory;
mod part;
#[cfg(feature = "publish")]
pub mod publish;
mod refusal;
mod rollout;
pub mod software;
mod spool;

pub use error::BundleError;
pub use rollout::{FIELD as ROLLOUT_FIELD, Rollout, RolloutState, Turn, unverified_turn};

use crate::durable;
use jiff::Timestamp;
use memory::Memory;
use refusal::explain;
use ring::digest::{SHA256, digest};
use rules::EditionNumber;
use spool::{METADATA_LIMIT_BYTES, MetadataFolder};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tough::schema::RoleType;
use tough::{ExpirationEnforcement, Limits, Repository, RepositoryLoader};

/// All files of one bundle together may have this many bytes: 100 million documents at 8 bytes, the
/// persons, the models, and as much again.
pub const TOTAL_LIMIT_BYTES: u64 = 4 << 30;

/// Prefix of the folders that the verifier works in.
const SCRATCH: &str = "scratch-";

/// What to do about signatures that have run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Refuse the bundle: for everything that is new to the box.
    Refuse,
    /// Say so in [`Verified::freshness`] and go on: for looking again at what the box already has.
    Report,
}

/// Whether the signatures still hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Good until then.
    Fresh {
        /// The earliest expiry among the roles.
        until: Timestamp,
    },
    /// Run out.
    Expired {
        /// The earliest expiry among the roles.
        since: Timestamp,
    },
}

/// One file of a bundle, as its signers state it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFile {
    /// Its plain name.
    pub name: String,
    /// Its length in bytes.
    pub length: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// A bundle whose signatures hold and whose files are all there in full length.
#[derive(Debug)]
#[must_use = "nothing is taken until the files are copied"]
pub struct Verified {
    /// The edition: the version of the targets role. Compare with the active one: the same number means
    /// that there is nothing to do.
    pub edition: EditionNumber,
    /// How often headquarters has signed: the version of the timestamp role.
    pub signing: u64,
    /// The version of the root that signs now.
    pub root_version: u64,
    /// Whether the signatures still hold.
    pub freshness: Freshness,
    /// Which boxes may take it now; absent where every box may.
    pub rollout: Option<Rollout>,
    /// The files, by name.
    pub targets: Vec<TargetFile>,
    snapshot_version: u64,
    metadata_folder: PathBuf,
    targets_folder: PathBuf,
    hash_in_names: bool,
    datastore: PathBuf,
    memory: Memory,
}

/// Verifies the bundle in `spool` (with `metadata/` and `targets/` in it), all of whose files must be there.
///
/// # Errors
/// As [`verify_roles`], and [`BundleError::Incomplete`].
pub fn verify(
    spool: &Path,
    root: &[u8],
    datastore: &Path,
    now: Timestamp,
    expiry: Expiry,
) -> Result<Verified, BundleError> {
    let verified = verify_roles(spool, root, datastore, now, expiry)?;
    for target in &verified.targets {
        present_in_full(&verified.targets_folder, target, verified.hash_in_names)?;
    }
    Ok(verified)
}

/// Verifies the metadata of the bundle in `spool`; which of its files are wanted, and whether they are there, is
/// the caller's to see.
///
/// One program at a time may work in `datastore`; what an interrupted one left there is removed.
///
/// `root` is the content of the root file that the box was enrolled with; `datastore` is a folder of the
/// box, made if need be, that remembers what was taken before; `now` is the box's clock.
///
/// Call it from a blocking context: it reads files and checks signatures, for some milliseconds.
///
/// # Errors
/// [`BundleError`], by cause; nothing on the box has changed then.
pub fn verify_roles(
    spool: &Path,
    root: &[u8],
    datastore: &Path,
    now: Timestamp,
    expiry: Expiry,
) -> Result<Verified, BundleError> {
    std::fs::create_dir_all(datastore).map_err(BundleError::io(datastore))?;
    durable::sweep(datastore, &[SCRATCH, durable::LEFTOVER]).map_err(BundleError::io(datastore))?;
    let remembered = Memory::read(datastore)?;
    let given_root_sha256 = hex::encode(digest(&SHA256, root));
    // A root that the box has been led to by its signatures continues the one it was enrolled with. Where
    // another root has been enrolled since, that one begins anew.
    let trusted_root = match &remembered {
        Some(memory) if memory.given_root_sha256 == given_root_sha256 => memory.root.as_bytes(),
        _ => root,
    };
    let floor = remembered
        .as_ref()
        .map_or(Timestamp::MIN, |memory| memory.latest_time);
    let now = now.max(floor);

    let scratch = tempfile::Builder::new()
        .prefix(SCRATCH)
        .tempdir_in(datastore)
        .map_err(BundleError::io(datastore))?;
    if let Some(memory) = &remembered {
        for (name, text) in [
            ("timestamp.json", &memory.timestamp),
            ("snapshot.json", &memory.snapshot),
        ] {
            let path = scratch.path().join(name);
            std::fs::write(&path, text).map_err(BundleError::io(path))?;
        }
    }

    let metadata = spool.join("metadata");
    let repository = load(&metadata, trusted_root, scratch.path()).map_err(|e| match e {
        LoadError::Refused(refusal) => explain(*refusal, &metadata, scratch.path()),
        LoadError::NoThread(source) => BundleError::io(datastore)(source),
    })?;
    let targets = listed_targets(&repository)?;
    let hash_in_names = repository.root().signed.consistent_snapshot;
    let targets_folder = spool.join("targets");
    let (expires, role) = earliest_expiry(&repository)?;
    let freshness = if now <= expires {
        Freshness::Fresh { until: expires }
    } else if expiry == Expiry::Report {
        Freshness::Expired { since: expires }
    } else {
        return Err(BundleError::Expired {
            role: role.to_string(),
            expired_at: expires,
            now,
        });
    };

    Ok(Verified {
        edition: EditionNumber(repository.targets().signed.version.get()),
        signing: repository.timestamp().signed.version.get(),
        root_version: repository.root().signed.version.get(),
        freshness,
        rollout: Rollout::of(&repository.timestamp().signed._extra)?,
        targets,
        snapshot_version: repository.snapshot().signed.version.get(),
        metadata_folder: metadata,
        targets_folder,
        hash_in_names,
        datastore: datastore.to_owned(),
        // What has run out proves nothing about the time of day.
        memory: Memory::gather(
            scratch.path(),
            given_root_sha256,
            floor.max(now.min(expires)),
        )?,
    })
}

impl Verified {
    /// Copies every file into `folder` (made if need be), checking length and SHA-256 on the way, and syncs
    /// them; then remembers this bundle, so that no older one is taken any more.
    ///
    /// The same bundle may be verified and copied again, as after a power cut between this and the
    /// activation of what was copied.
    ///
    /// # Errors
    /// [`BundleError::Tampered`], [`BundleError::Incomplete`] or [`BundleError::Io`]; what the box
    /// remembers has not changed then, and `folder` holds no partly written file under a target's name.
    pub fn copy_into(self, folder: &Path) -> Result<Vec<TargetFile>, BundleError> {
        std::fs::create_dir_all(folder).map_err(BundleError::io(folder))?;
        for target in &self.targets {
            self.copy_one(target, folder, &target.name)?;
        }
        durable::sync_folder(folder).map_err(BundleError::io(folder))?;
        self.remember()?;
        Ok(self.targets)
    }

    /// Remembers this bundle, so that no older one is taken any more. The same one may be taken again.
    ///
    /// # Errors
    /// [`BundleError::Io`].
    pub fn remember(&self) -> Result<(), BundleError> {
        self.memory.write(&self.datastore)
    }

    /// Opens one file for reading once: a byte that was not signed, or a missing one, is an error at the end at
    /// the latest. What was read before the end is not to be believed.
    ///
    /// # Errors
    /// [`BundleError::Unsupported`] where the bundle lists no such file, [`BundleError::Incomplete`] where it is
    /// not there in full, [`BundleError::Tampered`], [`BundleError::Io`].
    pub fn open(&self, name: &str) -> Result<Checked, BundleError> {
        let target = self.target(name)?;
        let (path, file) = present_in_full(&self.targets_folder, target, self.hash_in_names)?;
        Ok(Checked {
            file,
            shown: shown(&path),
            left: target.length,
            context: Some(ring::digest::Context::new(&SHA256)),
            sha256: target.sha256,
        })
    }

    /// A file's entry by its name.
    ///
    /// # Errors
    /// [`BundleError::Unsupported`] where the bundle lists no such file.
    pub fn target(&self, name: &str) -> Result<&TargetFile, BundleError> {
        self.targets
            .iter()
            .find(|t| t.name == name)
            .ok_or_else(|| BundleError::Unsupported {
                what: format!("a bundle without {name}"),
            })
    }

    /// The name of a file in the folder `targets/` of a spool or server.
    #[must_use]
    pub fn stored_name(&self, target: &TargetFile) -> String {
        stored_name(target, self.hash_in_names)
    }

    /// Copies one file into `folder` under `name`, checking each byte.
    fn copy_one(&self, target: &TargetFile, folder: &Path, name: &str) -> Result<(), BundleError> {
        let (path, mut source) = present_in_full(&self.targets_folder, target, self.hash_in_names)?;
        let mut copy = tempfile::NamedTempFile::new_in(folder).map_err(BundleError::io(folder))?;
        let mut context = ring::digest::Context::new(&SHA256);
        let mut left = target.length;
        let mut buffer = vec![0; 256 << 10];
        while left > 0 {
            let wanted = buffer
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            let count = source
                .read(&mut buffer[..wanted])
                .map_err(BundleError::io(&path))?;
            if count == 0 {
                return Err(BundleError::Incomplete { file: shown(&path) });
            }
            context.update(&buffer[..count]);
            copy.write_all(&buffer[..count])
                .map_err(BundleError::io(folder))?;
            left -= count as u64;
        }
        if context.finish().as_ref() != target.sha256 {
            return Err(BundleError::Tampered {
                file: shown(&path),
                why: "its content is not what was signed".into(),
            });
        }
        copy.as_file().sync_all().map_err(BundleError::io(folder))?;
        copy.persist(folder.join(name))
            .map_err(|e| e.error)
            .map_err(BundleError::io(folder))?;
        Ok(())
    }
}

/// A file of a bundle being read; see [`Verified::open`].
pub struct Checked {
    file: File,
    shown: String,
    left: u64,
    /// Taken at the end.
    context: Option<ring::digest::Context>,
    sha256: [u8; 32],
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bad = |why: &str| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("{} {why}", self.shown),
            )
        };
        if self.left == 0 {
            let Some(context) = self.context.take() else {
                return Ok(0);
            };
            if context.finish().as_ref() != self.sha256 {
                // Asked again, it fails again.
                self.context = Some(ring::digest::Context::new(&SHA256));
                return Err(bad("is not what was signed"));
            }
            return Ok(0);
        }
        let wanted = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.file.read(&mut buffer[..wanted])?;
        if count == 0 && wanted > 0 {
            return Err(bad("ends early"));
        }
        if let Some(context) = &mut self.context {
            context.update(&buffer[..count]);
        }
        self.left -= count as u64;
        Ok(count)
    }
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checked({}, {} bytes left)", self.shown, self.left)
    }
}

fn stored_name(target: &TargetFile, hash_in_names: bool) -> String {
    if hash_in_names {
        format!("{}.{}", hex::encode(target.sha256), target.name)
    } else {
        target.name.clone()
    }
}

/// Runs the verifier.
fn load(metadata: &Path, trusted_root: &[u8], scratch: &Path) -> Result<Repository, LoadError> {
    let limits = Limits {
        max_root_size: 1 << 20,
        max_timestamp_size: 1 << 20,
        max_snapshot_size: 1 << 20,
        max_targets_size: METADATA_LIMIT_BYTES,
        max_root_updates: 1024,
    };
    let base = |folder: &str| {
        format!("file:///{folder}/")
            .parse()
            .expect("a constant URL parses")
    };
    // Expiry is judged by `verify`, against the caller's clock and the remembered time: the verifier would
    // use the system's clock alone, and fail where that steps back.
    let work = RepositoryLoader::new(&trusted_root, base("metadata"), base("targets"))
        .transport(MetadataFolder(metadata.to_owned()))
        .limits(limits)
        .datastore(scratch)
        .expiration_enforcement(ExpirationEnforcement::Unsafe)
        .load();
    match on_own_runtime(work) {
        Ok(loaded) => loaded.map_err(|e| LoadError::Refused(Box::new(e))),
        Err(e) => Err(LoadError::NoThread(e)),
    }
}

/// Why the verifier gave no repository.
enum LoadError {
    Refused(Box<tough::error::Error>),
    NoThread(std::io::Error),
}

/// Runs asynchronous work to its end on a thread and a runtime of its own: the caller may itself stand in
/// a runtime, where blocking on another is forbidden.
fn on_own_runtime<F: Future + Send>(work: F) -> std::io::Result<F::Output>
where
    F::Output: Send,
{
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("bundle".into())
            .spawn_scoped(scope, || {
                let runtime = tokio::runtime::Builder::new_current_thread().build()?;
                Ok(runtime.block_on(work))
            })?;
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Whether a name may stand in a bundle: 1 to 128 letters, digits, `-`, `_` and `.`, not beginning with a dot.
fn plain_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// The files that the targets role lists, by name, where they are such as a box takes.
fn listed_targets(repository: &Repository) -> Result<Vec<TargetFile>, BundleError> {
    let role = &repository.targets().signed;
    if role
        .delegations
        .as_ref()
        .is_some_and(|d| !d.roles.is_empty())
    {
        return Err(BundleError::Unsupported {
            what: "delegated targets".into(),
        });
    }
    let mut total: u64 = 0;
    let mut targets = Vec::with_capacity(role.targets.len());
    for (name, target) in &role.targets {
        let name = name.raw();
        if !plain_name(name) {
            return Err(BundleError::Unsupported {
                what: format!("the file name {name:?}"),
            });
        }
        let sha256 = target.hashes.sha256.as_ref().try_into();
        targets.push(TargetFile {
            name: name.to_owned(),
            length: target.length,
            sha256: sha256.map_err(|_| BundleError::Unsupported {
                what: format!("a digest of {name} that is no SHA-256"),
            })?,
        });
        total = total.saturating_add(target.length);
    }
    if total > TOTAL_LIMIT_BYTES {
        return Err(BundleError::TooLarge {
            what: "all files together".into(),
            limit_bytes: TOTAL_LIMIT_BYTES,
        });
    }
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(targets)
}

/// Opens a target's file where it has the length stated.
fn present_in_full(
    folder: &Path,
    target: &TargetFile,
    hash_in_names: bool,
) -> Result<(PathBuf, File), BundleError> {
    let path = folder.join(stored_name(target, hash_in_names));
    let (file, length) = match spool::open_plain(&path) {
        Ok(Some(opened)) => opened,
        Ok(None) => {
            return Err(BundleError::Unsupported {
                what: format!("{}, which is no plain file", shown(&path)),
            });
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(BundleError::Incomplete { file: shown(&path) });
        }
        Err(source) => return Err(BundleError::Io { path, source }),
    };
    if length < target.length {
        return Err(BundleError::Incomplete { file: shown(&path) });
    }
    if length > target.length {
        return Err(BundleError::Tampered {
            file: shown(&path),
            why: format!("{length} bytes long where {} are signed", target.length),
        });
    }
    Ok((path, file))
}

/// A file of the bundle as messages name it: its folder and its name.
fn shown(path: &Path) -> String {
    let part = |p: Option<&std::ffi::OsStr>| p.unwrap_or_default().to_string_lossy().into_owned();
    format!(
        "{}/{}",
        part(path.parent().and_then(Path::file_name)),
        part(path.file_name())
    )
}

/// Whose signature runs out first, and when.
fn earliest_expiry(repository: &Repository) -> Result<(Timestamp, RoleType), BundleError> {
    // The verifier uses another version of the calendar library: moments pass between them as text.
    let moments = [
        (repository.root().signed.expires.to_string(), RoleType::Root),
        (
            repository.targets().signed.expires.to_string(),
            RoleType::Targets,
        ),
        (
            repository.snapshot().signed.expires.to_string(),
            RoleType::Snapshot,
        ),
        (
            repository.timestamp().signed.expires.to_string(),
            RoleType::Timestamp,
        ),
    ];
    let mut earliest: Option<(Timestamp, RoleType)> = None;
    for (text, role) in moments {
        let moment: Timestamp = text.parse().map_err(|_| BundleError::Unsupported {
            what: format!("the expiry {text:?} of its {role}"),
        })?;
        if earliest.is_none_or(|(first, _)| moment < first) {
            earliest = Some((moment, role));
        }
    }
    Ok(earliest.expect("there are four roles"))
}
