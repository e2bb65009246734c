//! Travellers and updates keep out of each other's way: while anybody stands before an officer nothing is installed,
//! and while something is installed nobody begins.
//!
//! A file in memory is locked: shared by every encounter, and by an update alone. It goes with the process that holds
//! it. Where there is no such folder (a program tried by hand) there are no updates either, and nothing is locked.

use super::error::UpdateError;
use crate::state::run_folder;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

/// Whoever only looks whether the lane is at rest holds it for an instant: it is asked for again.
const TRIES: usize = 3;
const BETWEEN: Duration = Duration::from_millis(20);

/// The lock between a box's encounters and its updates.
#[derive(Debug, Clone)]
pub struct Lane {
    file: PathBuf,
}

/// Held while an encounter is under way.
#[derive(Debug)]
#[must_use = "the lane is at rest again once this is dropped"]
pub struct AtWork(#[allow(dead_code, reason = "held, never read")] File);

/// Held while an update changes the programs.
#[derive(Debug)]
#[must_use = "encounters may begin again once this is dropped"]
pub struct Closed(#[allow(dead_code, reason = "held, never read")] Option<File>);

/// An update is changing the programs just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an update is being installed: begin again in a minute")]
pub struct BeingUpdated;

impl Lane {
    /// The box's own.
    #[must_use]
    pub fn of_box() -> Self {
        Self::at(run_folder().join("lane"))
    }

    /// By a file that may be absent, in a folder that may be.
    #[must_use]
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// Says that an encounter is under way, for as long as what is returned is held.
    ///
    /// # Errors
    /// [`BeingUpdated`].
    pub fn work(&self) -> Result<Option<AtWork>, BeingUpdated> {
        let mut options = File::options();
        let Ok(file) = options
            .read(true)
            .append(true)
            .create(true)
            .open(&self.file)
        else {
            return Ok(None);
        };
        for _ in 0..TRIES {
            match file.try_lock_shared() {
                Ok(()) => return Ok(Some(AtWork(file))),
                Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN),
                // A lock that cannot be had keeps no traveller waiting.
                Err(TryLockError::Error(e)) => {
                    tracing::warn!("{}: {e}", self.file.display());
                    return Ok(None);
                }
            }
        }
        Err(BeingUpdated)
    }

    /// Keeps encounters from beginning, for as long as what is returned is held; `None` where one is under way.
    ///
    /// # Errors
    /// [`UpdateError::Disk`].
    pub fn close(&self) -> Result<Option<Closed>, UpdateError> {
        // The appliance's user may lay anything there: no link is followed, no pipe waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::open(&self.file, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(Some(Closed(None))),
            Err(e) => return Err(UpdateError::disk(&self.file)(e.into())),
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Closed(Some(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(UpdateError::disk(&self.file)(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn encounters_and_updates_keep_each_other_out() {
        let folder = tempfile::tempdir().unwrap();
        let lane = Lane::at(folder.path().join("lane"));
        assert!(lane.close().unwrap().is_some(), "nobody ever served here");
        let (first, second) = (lane.work().unwrap(), lane.work().unwrap());
        assert!(first.is_some() && second.is_some());
        assert!(lane.close().unwrap().is_none());
        drop(first);
        assert!(lane.close().unwrap().is_none(), "one is still under way");
        drop(second);
        let closed = lane.close().unwrap().unwrap();
        assert!(lane.work().is_err());
        drop(closed);
        assert!(lane.work().unwrap().is_some());
    }

    #[test]
    fn a_link_that_was_laid_there_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("lane");
        std::fs::write(folder.path().join("elsewhere"), "").unwrap();
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
        assert!(Lane::at(link).close().is_err());
        let nowhere = Lane::at(folder.path().join("no/such/folder"));
        assert!(nowhere.work().unwrap().is_none());
    }
}
