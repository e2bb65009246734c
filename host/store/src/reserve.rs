//! Room kept back for the day the disk is full.
//!
//! Erasing parcels needs room itself, for the WAL. Without some kept back, a full disk could never be
//! emptied by what empties it: headquarters' receipts.

use crate::StoreError;
use seal::durable;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Twice what the WAL holds before it is moved into the database, in bytes.
const SIZE: u64 = 4 * 1024 * 1024;

/// What became of keeping room back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The room is there.
    Whole,
    /// The disk has not that much left.
    NoRoom,
}

/// Keeps the room back, where it is not yet.
pub(crate) fn keep(file: &Path) -> Result<Kept, StoreError> {
    match fs::metadata(file) {
        Ok(about) if about.len() == SIZE => return Ok(Kept::Whole),
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::disk(file)(e)),
        _ => {}
    }
    match fill(file) {
        Ok(()) => Ok(Kept::Whole),
        Err(e) => match StoreError::disk(file)(e) {
            StoreError::DiskFull => {
                give_back(file)?;
                Ok(Kept::NoRoom)
            }
            other => Err(other),
        },
    }
}

/// Gives the room back to whoever needs it now.
pub(crate) fn give_back(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(StoreError::disk(file)),
    }
}

/// Writes real bytes: a file with a hole in it keeps nothing back.
fn fill(path: &Path) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let block = [0x5a; 64 * 1024];
    for _ in 0..SIZE / block.len() as u64 {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    path.parent().map_or(Ok(()), durable::sync_folder)
}
