//! Backups of boxes, opened: verified, and unpacked into a folder of their own.
//!
//! What is unpacked is read by the commands that read it when it comes another way: the parcels that waited by
//! `mpaka-hq take`, which takes each number of a post once however often it comes, and the ledger by
//! `mpaka-hq ledger`. Nothing is taken from a backup by opening it.

use crate::HqError;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::register::{Register, Standing};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use seal::backup::{BackupError, Sealed, WrappedStoreKey};
use seal::durable::{self, Readers};
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// The wrapped key of a store within an unpacked backup.
const STORE_KEY: &str = "store.key.sealed";
/// A wrapped key is not longer, in bytes.
const KEY_LIMIT: u64 = 4096;

/// So many characters of a program's name are repeated.
const PROGRAM_SHOWN: usize = 64;

/// A backup that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenedBackup {
    /// The post.
    pub post: PostId,
    /// When the box made it.
    pub made_at: Timestamp,
    /// The box's program.
    pub program: String,
    /// The ledger's last line within.
    pub line: u64,
    /// Its hash, hexadecimal.
    pub head: String,
    /// The last number given to an encounter.
    pub last: Sequence,
    /// The last parcel that the box had a receipt for; those after it are in `parcels`.
    pub receipted: Sequence,
    /// How many files were unpacked.
    pub files: usize,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// Where they are.
    pub folder: PathBuf,
}

/// Opens a backup that a box wrote (`mpaka backup`) into a folder that is not there yet.
///
/// # Errors
/// [`HqError::Unreadable`] where it is no backup, cut short, altered, of a box that is not enrolled or sealed to another
/// headquarters; [`HqError::PostLeft`] where its box was revoked; [`HqError::Io`] where it cannot be unpacked; and what
/// keys and register say. Nothing is unpacked then.
pub fn open(home: &Home, file: &Path, into: &Path) -> Result<OpenedBackup, HqError> {
    let refused = |e: BackupError| match e {
        BackupError::Exists { path } => {
            HqError::unreadable(path, "is there already: name a folder that is not")
        }
        BackupError::NoRoom => HqError::Io {
            path: into.into(),
            source: std::io::ErrorKind::StorageFull.into(),
        },
        BackupError::Io(source) => HqError::Io {
            path: into.into(),
            source,
        },
        wrong => HqError::unreadable(file, wrong),
    };
    let keys = Keyring::open(home)?;
    let from = File::open(file).map_err(|e| HqError::unreadable(file, e))?;
    let sealed = Sealed::begin(BufReader::new(from)).map_err(refused)?;
    let header = sealed.header();
    let enrolled = Register::open(home)?.post(&header.post)?.ok_or_else(|| {
        HqError::unreadable(file, format!("{} is not enrolled here", header.post))
    })?;
    // Whoever has a revoked box has its keys: what they sign is believed no more.
    if enrolled.standing == Standing::Revoked {
        return Err(HqError::PostLeft {
            post: enrolled.post,
            standing: enrolled.standing.as_str(),
        });
    }
    let hq = keys
        .named(header.hq, "backup of a box")
        .map_err(|e| HqError::unreadable(file, e))?;
    let manifest = sealed.open(hq, &enrolled.device, into).map_err(refused)?;
    let about = manifest.about;
    Ok(OpenedBackup {
        post: about.post,
        made_at: about.made_at,
        program: shown(&about.program),
        line: about.ledger.line,
        head: hex::encode(about.ledger.hash),
        last: about.last,
        receipted: about.receipted,
        files: manifest.files.len(),
        bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        folder: into.into(),
    })
}

/// What a box said, as a terminal may show it: a box in strange hands writes no commands to it.
fn shown(said: &str) -> String {
    said.chars()
        .filter(|c| !c.is_control())
        .take(PROGRAM_SHOWN)
        .collect()
}

/// Unwraps the key of the store within an unpacked backup, into a file of the owner's alone: whoever has it reads
/// the store's copy.
///
/// # Errors
/// [`HqError::Unreadable`] where there is none, or it was wrapped for another post; [`HqError::Seal`], [`HqError::Io`].
pub fn unwrap_store_key(
    home: &Home,
    unpacked: &Path,
    post: &PostId,
    out: &Path,
) -> Result<(), HqError> {
    let path = unpacked.join(STORE_KEY);
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(KEY_LIMIT).read_to_end(&mut bytes))
        .map_err(|e| HqError::unreadable(&path, e))?;
    let wrapped = WrappedStoreKey::from_bytes(&bytes).map_err(|e| HqError::unreadable(&path, e))?;
    let keys = Keyring::open(home)?;
    let hq = keys
        .named(wrapped.hq(), "wrapped store key")
        .map_err(|e| HqError::unreadable(&path, e))?;
    let key = wrapped
        .open(post, hq)
        .map_err(|e| HqError::unreadable(&path, e))?;
    durable::create(out, &*key, Readers::Owner).map_err(HqError::io(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_box_says_moves_no_cursor() {
        assert_eq!(shown("mpaka 0.1.0"), "mpaka 0.1.0");
        assert_eq!(shown("mpaka\u{1b}[2J\r\n\u{9b}0.1.0"), "mpaka[2J0.1.0");
        assert_eq!(shown(&"x".repeat(1000)).len(), PROGRAM_SHOWN);
    }
}
