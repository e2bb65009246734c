//! A whole box on a stick, sealed to headquarters' key in force ([`seal::backup`]).
//!
//! Within are the store's copy of one moment, still under the store's key and without the records that headquarters
//! has; its witness, and that key wrapped to headquarters; the ledger as it is chained and the parcels that wait, which
//! headquarters reads without the store's key; and what makes the box this box: configuration, calibration, trust
//! lists, officers (sealed as they lie). What is packed is named here: the box's private keys are not, neither in
//! clear nor as they lie sealed. Editions are not packed either, nor large files that headquarters sent: it has them.
//!
//! A backup is no way to start a second box as the first one. How a replacement comes into service without a fork
//! of the ledger or a parcel twice: `decisions/backup.md`.

use crate::Appliance;
use crate::error::PostError;
use crate::state::StateDir;
use crate::stick::{self, StickError};
use jiff::Timestamp;
use rules::Sequence;
use seal::backup::{About, BackupError, Manifest, Writer, is_well_named, wrap_store_key};
use seal::durable::{self, Readers, Replacement};
use seal::storekey::StoreKey;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use store::StoreError;

/// The program that made it.
const PROGRAM: &str = concat!("mpaka ", env!("CARGO_PKG_VERSION"));

/// Files beside the store that go with its copy.
const BESIDE_THE_STORE: [&str; 2] = ["mpaka.fingerprint", "mpaka.witness"];

/// Files of the state folder that make the box this box. Never a private key.
const CONFIGURATION: [&str; 11] = [
    "post.toml",
    "board.toml",
    "device-public.json",
    "hq-public.json",
    "admission",
    "root.json",
    "officers.sealed",
    "carried.json",
    "profile.json",
    "profile-before.json",
    "drift.json",
];

/// Folders of the state folder that go with them.
const FOLDERS: [&str; 2] = ["trust", "carried"];

/// A file of these folders that is larger came from headquarters, which has it: a model.
const LARGEST: u64 = 8 << 20;

/// A backup that was written.
#[derive(Debug)]
pub struct Written {
    /// The file.
    pub file: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
    /// Parcels in it that headquarters has not given its receipt for.
    pub waiting: u64,
}

/// Why it was not written.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Sealed(#[from] BackupError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the state folder cannot be read.
    #[error("{}: {source}", path.display())]
    State { path: PathBuf, source: io::Error },
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Sealed(error.into())
    }
}

impl From<seal::SealError> for Fault {
    fn from(error: seal::SealError) -> Self {
        Self::Sealed(error.into())
    }
}

impl From<StickError> for Fault {
    fn from(error: StickError) -> Self {
        match error {
            StickError::Store(e) => e.into(),
            StickError::Medium(e) => e.into(),
        }
    }
}

impl Fault {
    fn at(self, file: &Path) -> PostError {
        match self {
            Self::Sealed(source) => PostError::Backup {
                path: file.into(),
                source,
            },
            Self::Store(e) => e.into(),
            Self::State { path, source } => PostError::text(&path, source),
        }
    }
}

/// Writes a backup of the box into a folder, under a name of its own. It is on the medium, whole, when this returns;
/// where it fails, nothing of it is left.
///
/// # Errors
/// [`PostError::Backup`] where the stick is full or the backup cannot be sealed, [`PostError::Text`] where the folder
/// or a file of the box cannot be read, [`PostError::Store`].
pub fn write(
    appliance: &Appliance,
    state: &StateDir,
    now: Timestamp,
    folder: &Path,
) -> Result<Written, PostError> {
    // What a stick that was pulled out too early still holds.
    durable::sweep(folder, &[durable::LEFTOVER]).map_err(|e| PostError::text(folder, e))?;
    let post = &appliance.post().post;
    let file = folder.join(format!(
        "{post}-{}.mpaka-backup",
        now.strftime("%Y%m%dT%H%M%SZ")
    ));
    let (manifest, waiting) =
        pack(appliance, state, now, folder, &file).map_err(|fault| fault.at(&file))?;
    Ok(Written {
        file,
        manifest,
        waiting,
    })
}

fn pack(
    appliance: &Appliance,
    state: &StateDir,
    now: Timestamp,
    folder: &Path,
    file: &Path,
) -> Result<(Manifest, u64), Fault> {
    let outbox = appliance.outbox()?;
    let about = About {
        post: appliance.post().post.clone(),
        made_at: now,
        program: PROGRAM.into(),
        ledger: appliance.checkpoint()?.checkpoint().ledger,
        last: outbox.last,
        receipted: outbox.receipt.map_or(Sequence(0), |r| r.up_to),
    };
    let hq = appliance.newest_hq();
    let to = BufWriter::new(Replacement::begin(file, Readers::Owner)?);
    let mut writer = Writer::begin(to, about, &hq, appliance.device_key())?;
    add_store(appliance, folder, &mut writer)?;
    for name in BESIDE_THE_STORE {
        add_file(&mut writer, name, &state.root().join(name))?;
    }
    let key = StoreKey::open(&state.store_key())?;
    let wrapped = wrap_store_key(&key, &appliance.post().post, &hq)?;
    writer.add::<Fault>("store.key.sealed", |to| Ok(to.write_all(&wrapped)?))?;
    writer.add::<Fault>("ledger.jsonl", |to| {
        stick::each_chained_line(appliance, |line| {
            serde_json::to_writer(&mut *to, line).map_err(io::Error::from)?;
            Ok(to.write_all(b"\n")?)
        })
    })?;
    let mut waiting = 0;
    writer.add::<Fault>("parcels", |to| {
        waiting = stick::write_waiting(appliance, to)?.0;
        Ok(())
    })?;
    for (name, path) in configuration(state.root())? {
        add_file(&mut writer, &name, &path)?;
    }
    let (manifest, to) = writer.finish()?;
    to.into_inner().map_err(|e| e.into_error())?.finish()?;
    Ok((manifest, waiting))
}

/// The store's copy is made on the stick, where there is room for the backup or for nothing: encrypted as it is.
fn add_store<W: Write>(
    appliance: &Appliance,
    folder: &Path,
    writer: &mut Writer<W>,
) -> Result<(), Fault> {
    let beside = tempfile::Builder::new()
        .prefix(durable::LEFTOVER)
        .tempdir_in(folder)?;
    let copy = beside.path().join("mpaka.db");
    appliance.snapshot(&copy).map_err(|e| match e {
        // It is the stick that is full, not the box.
        StoreError::DiskFull => Fault::Sealed(BackupError::NoRoom),
        other => other.into(),
    })?;
    writer.add::<Fault>("mpaka.db", |to| {
        io::copy(&mut File::open(&copy)?, to)?;
        Ok(())
    })
}

/// Adds a file of the state folder, where it is there.
fn add_file<W: Write>(writer: &mut Writer<W>, name: &str, path: &Path) -> Result<(), Fault> {
    let content = match fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read.map_err(|source| Fault::State {
            path: path.into(),
            source,
        })?,
    };
    writer.add::<Fault>(name, |to| Ok(to.write_all(&content)?))
}

/// The files that make the box this box, by their names within the backup.
fn configuration(state: &Path) -> Result<Vec<(String, PathBuf)>, Fault> {
    let mut found: Vec<(String, PathBuf)> = CONFIGURATION
        .iter()
        .map(|name| ((*name).to_owned(), state.join(name)))
        .collect();
    let is_former_key = |name: &str| {
        name.strip_prefix("hq-former.")
            .and_then(|rest| rest.strip_suffix(".json"))
            .is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
    };
    for (name, path) in listed(state)? {
        if is_former_key(&name) {
            found.push((name, path));
        }
    }
    for folder in FOLDERS {
        collect(&state.join(folder), folder, &mut found)?;
    }
    found.sort();
    Ok(found)
}

/// Plain files of a folder and of those within it. What has a name that no backup takes is left out, and said.
fn collect(folder: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> Result<(), Fault> {
    for (within, path) in listed(folder)? {
        let name = format!("{name}/{within}");
        // A link leads elsewhere and is not followed.
        let about = path.symlink_metadata().map_err(|source| Fault::State {
            path: path.clone(),
            source,
        })?;
        if !is_well_named(&name) || (about.is_file() && about.len() > LARGEST) {
            tracing::warn!("{} is left out of the backup", path.display());
        } else if about.is_dir() {
            collect(&path, &name, found)?;
        } else if about.is_file() {
            found.push((name, path));
        }
    }
    Ok(())
}

/// What is in a folder, by name; nothing where there is no folder.
fn listed(folder: &Path) -> Result<Vec<(String, PathBuf)>, Fault> {
    let failed = |source| Fault::State {
        path: folder.into(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    entries
        .map(|entry| {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().unwrap_or_default();
            Ok((name.to_string_lossy().into_owned(), path))
        })
        .collect()
}
