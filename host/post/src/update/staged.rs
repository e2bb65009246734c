//! Releases as an edition carries them, and the packages of this box laid out for the installer.

use super::journal::Ground;
use crate::state::StateDir;
use seal::bundle::software::{Architecture, Package, SoftwareFile, Version};
use seal::bundle::{BundleError, TargetFile, Verified};
use std::path::Path;

/// The packages that a bundle carries, of the newest version among them.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) version: Version,
    /// What they are, and their names in the bundle.
    files: Vec<(SoftwareFile, String)>,
}

impl Offer {
    /// The release among these files; `None` where there is none.
    pub(super) fn of(targets: &[TargetFile]) -> Option<Self> {
        let mut files: Vec<(SoftwareFile, String)> = targets
            .iter()
            .filter_map(|t| Some((SoftwareFile::of_target(&t.name)?, t.name.clone())))
            .collect();
        let version = files.iter().map(|(file, _)| file.version).max()?;
        files.retain(|(file, _)| file.version == version);
        Some(Self { version, files })
    }

    /// Those of it that a machine with these packages takes.
    pub(super) fn suiting(
        &self,
        machine: Architecture,
        has: impl Fn(Package) -> bool,
    ) -> Vec<(SoftwareFile, &str)> {
        self.files
            .iter()
            .filter(|(file, _)| file.architecture.suits(machine) && has(file.package))
            .map(|(file, name)| (*file, name.as_str()))
            .collect()
    }
}

/// Whether a package is on this machine, as far as a program without rights can tell: what it would be of no use for
/// is not fetched.
fn is_here(package: Package) -> bool {
    match package {
        Package::Post => true,
        Package::Kiosk => Path::new("/usr/lib/mpaka/kiosk.sh").exists(),
        Package::Calibrate => Path::new("/usr/bin/mpaka-calibrate").exists(),
    }
}

/// The names of the packages that this box is to lay out; none on a box that takes no updates.
fn wanted(ground: &Ground, targets: &[TargetFile]) -> Vec<String> {
    let (Some(offer), Some(machine)) = (Offer::of(targets), Architecture::of_this_program()) else {
        return Vec::new();
    };
    if !ground.is_set_up() {
        return Vec::new();
    }
    let names = offer.suiting(machine, is_here);
    names.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// The packages of a verified bundle that this box takes, where any of them is not laid out yet. One that is laid out
/// and damaged is removed: it comes again.
#[must_use]
pub fn wanting<'a>(ground: &Ground, state: &StateDir, verified: &'a Verified) -> Vec<&'a String> {
    let (names, laid) = (wanted(ground, &verified.targets), state.update());
    let targets: Vec<&TargetFile> = verified
        .targets
        .iter()
        .filter(|target| names.contains(&target.name))
        .collect();
    let lacking = targets.iter().filter(|t| !verified.is_laid_out(t, &laid));
    let mut is_lacking = false;
    for target in lacking {
        is_lacking = true;
        // Absent, or of no use.
        let _ = std::fs::remove_file(laid.join("targets").join(verified.stored_name(target)));
    }
    match is_lacking {
        true => targets.into_iter().map(|target| &target.name).collect(),
        false => Vec::new(),
    }
}

/// Lays the packages of a verified bundle out for the installer, with the signatures over them; nothing on a box that
/// takes no updates. A release that headquarters has taken back goes from here.
///
/// # Errors
/// [`BundleError`].
pub fn lay_out(ground: &Ground, state: &StateDir, verified: &Verified) -> Result<(), BundleError> {
    if !ground.is_set_up() {
        return Ok(());
    }
    let wanted = wanted(ground, &verified.targets);
    let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    verified.lay_out(&names, &state.update())
}

/// The version that is laid out, is not in use, and was not gone back from; for people to see, and to ask for. Nothing
/// here has been verified: the installer does that.
#[must_use]
pub fn waiting(ground: &Ground, state: &StateDir) -> Option<Version> {
    let standing = ground.standing().ok().filter(|_| ground.is_set_up())?;
    let laid = std::fs::read_dir(state.update().join("targets")).ok()?;
    let offered = laid.filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        // A digest and a dot stand before a target's name there.
        let (_, target) = name.split_once('.')?;
        SoftwareFile::of_target(target).map(|file| file.version)
    });
    let offered = offered.max()?;
    let over = standing.installed == Some(offered) || standing.went_back_from(offered);
    (!over).then_some(offered)
}
