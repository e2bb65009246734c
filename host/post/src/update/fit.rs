//! Whether a release fits this box: there is room for it, and what it would write the programs in use can still read.

use super::apply::Applying;
use super::error::UpdateError;
use super::machine::StoreLayouts;
use seal::bundle::Verified;
use seal::bundle::software::{SoftwareFile, Version};
use std::path::{Path, PathBuf};

/// Stays free whatever is installed, in bytes: for records, and for what dpkg and the journal note.
const RESERVE_BYTES: u64 = 128 << 20;
/// Where packages are unpacked.
const UNPACKED_AT: &str = "/usr";
/// Of packages made before they said it.
const LAYOUTS_BEFORE: StoreLayouts = StoreLayouts {
    reads: 6,
    writes: 6,
};

impl Applying<'_> {
    /// Checks that there is room to copy what is not copied yet.
    pub(super) fn room_for_copies(
        &mut self,
        verified: &Verified,
        files: &[(SoftwareFile, &str)],
        version: Version,
    ) -> Result<(), UpdateError> {
        let folder = self.ground.packages().join(version.to_string());
        let mut lacking: u64 = 0;
        for (file, target) in files {
            let length = verified.target(target)?.length;
            let copy = std::fs::metadata(folder.join(file.to_string()));
            if copy.is_ok_and(|copy| copy.len() == length) {
                continue;
            }
            lacking = lacking.saturating_add(length);
        }
        match lacking {
            0 => Ok(()),
            lacking => self.room(version, &[self.ground.folder()], lacking),
        }
    }

    /// Checks that packages that are copied can be installed, and that those in use can come back afterwards: into the
    /// room that is left, and to a store that they read.
    pub(super) fn fits(
        &mut self,
        version: Version,
        next: &[PathBuf],
        back: &[PathBuf],
    ) -> Result<(), UpdateError> {
        let (comes, layouts) = self.asked_by(next)?;
        // This program is the one in use, or a copy of it.
        if layouts.writes > store::LAYOUT_READ {
            return Err(UpdateError::LayoutAhead {
                version,
                writes: layouts.writes,
                reads: store::LAYOUT_READ,
            });
        }
        if layouts.reads < store::LAYOUT_WRITTEN {
            return Err(UpdateError::LayoutBehind {
                version,
                reads: layouts.reads,
                writes: store::LAYOUT_WRITTEN,
            });
        }
        // dpkg unpacks beside what is there, and does so once more on the way back.
        let (goes, _) = self.asked_by(back)?;
        let keeper = std::fs::metadata(self.program).map_err(UpdateError::disk(self.program))?;
        let needed = comes.max(goes).saturating_add(keeper.len());
        let places = [Path::new(UNPACKED_AT), self.ground.folder()];
        self.room(version, &places, needed)
    }

    /// What packages take unpacked, in bytes, and what the appliance among them reads and writes.
    fn asked_by(&mut self, packages: &[PathBuf]) -> Result<(u64, StoreLayouts), UpdateError> {
        let (mut bytes, mut layouts) = (0_u64, LAYOUTS_BEFORE);
        for package in self.ground.paths(packages) {
            let asks = self.machine.asks(&package)?;
            bytes = bytes.saturating_add(asks.unpacked_bytes);
            layouts = asks.store.unwrap_or(layouts);
        }
        Ok((bytes, layouts))
    }

    fn room(
        &mut self,
        version: Version,
        places: &[&Path],
        takes_bytes: u64,
    ) -> Result<(), UpdateError> {
        let needed_bytes = takes_bytes.saturating_add(RESERVE_BYTES);
        for place in places {
            let free_bytes = self.machine.free_bytes(place)?;
            if free_bytes < needed_bytes {
                return Err(UpdateError::NoRoom {
                    version,
                    place: place.to_path_buf(),
                    needed_bytes,
                    free_bytes,
                });
            }
        }
        Ok(())
    }
}
