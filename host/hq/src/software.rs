//! Releases of the programs: packages that go to the boxes with an edition, of one version, and in waves.
//!
//! A release is listed (`mpaka-hq files add software …`), approved by two people and published like everything else of
//! an edition. It goes to every box at once only where people have let it: by the one wave `all`, or because its own
//! rollout came to the end before.

use crate::HqError;
use crate::home::Home;
use crate::list;
use crate::office::Office;
use crate::rollout::Waves;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use seal::bundle::software::{SoftwareFile, Version};
use seal::health::{
    HealthReport, SOFTWARE, SOFTWARE_NOT_TAKEN, SOFTWARE_REFUSED, SOFTWARE_ROLLED_BACK,
    SOFTWARE_WHY,
};
use std::path::Path;

/// How every Debian package begins: an archive whose first member says so (deb(5)).
const DEBIAN: &[u8] = b"!<arch>\ndebian-binary";

/// What a file is, where it is a package that boxes take.
///
/// # Errors
/// [`HqError::Unreadable`] where its name or its beginning says that it is none.
pub(crate) fn package(path: &Path, name: &str, bytes: &[u8]) -> Result<SoftwareFile, HqError> {
    let told = SoftwareFile::of_name(name).ok_or_else(|| {
        HqError::unreadable(
            path,
            "boxes take packages named as host/package.sh names them, such as mpaka-post_0.2.0-1_arm64.deb",
        )
    })?;
    if bytes.starts_with(DEBIAN) {
        Ok(told)
    } else {
        Err(HqError::unreadable(path, "this is no Debian package"))
    }
}

/// Refuses to send to every box at once what has not been through waves.
///
/// # Errors
/// [`HqError::SoftwareNeedsWaves`], [`HqError::Database`].
pub(crate) fn in_waves(
    home: &Home,
    release: Option<Version>,
    waves: Option<&Waves>,
) -> Result<(), HqError> {
    let Some(version) = release.filter(|_| waves.is_none()) else {
        return Ok(());
    };
    let office = Office::open(home)?;
    let known: Option<i64> = office
        .connection
        .query_row(
            "SELECT 1 FROM everywhere WHERE software = ?1",
            [version.to_string()],
            |row| row.get(0),
        )
        .optional()
        .map_err(office.failed())?;
    match known {
        Some(_) => Ok(()),
        None => Err(HqError::SoftwareNeedsWaves { version }),
    }
}

/// Notes that every box may have a release.
///
/// # Errors
/// [`HqError::Database`].
pub(crate) fn note_everywhere(home: &Home, release: Version, at: Timestamp) -> Result<(), HqError> {
    let office = Office::open(home)?;
    office
        .connection
        .execute(
            "INSERT OR IGNORE INTO everywhere VALUES (?1, ?2)",
            params![release.to_string(), at.to_string()],
        )
        .map(drop)
        .map_err(office.failed())
}

/// Notes that no further box may have a release: it goes out in waves again, or not.
///
/// # Errors
/// [`HqError::Database`].
pub(crate) fn note_halted(home: &Home, release: Version) -> Result<(), HqError> {
    let office = Office::open(home)?;
    office
        .connection
        .execute(
            "DELETE FROM everywhere WHERE software = ?1",
            [release.to_string()],
        )
        .map(drop)
        .map_err(office.failed())
}

/// The release that an edition carries, as it was signed; `None` where it carries none. `out` is the repository that it
/// lies in.
///
/// # Errors
/// [`HqError::Publish`] where what was signed cannot be read.
pub fn of_edition(home: &Home, edition: u64, out: &Path) -> Result<Option<Version>, HqError> {
    let files = list::signed_files(home, edition, out)?;
    let release = files.iter().find_map(|name| SoftwareFile::of_target(name));
    Ok(release.map(|file| file.version))
}

/// The version of the packages that a box says it has by its updates.
#[must_use]
pub fn installed(report: &HealthReport) -> Option<Version> {
    report.versions.get(SOFTWARE)?.parse().ok()
}

/// What stands against a box in a rollout of this release, or of none: a version that it went back from before is
/// none of this rollout's.
#[must_use]
pub fn faults(report: &HealthReport, release: Option<Version>) -> Vec<String> {
    let refused: Option<Version> = report
        .versions
        .get(SOFTWARE_REFUSED)
        .and_then(|version| version.parse().ok());
    let of_this = release.is_some() && refused == release;
    let faults = report.faults.iter().filter(|fault| {
        of_this || ![SOFTWARE_ROLLED_BACK, SOFTWARE_NOT_TAKEN].contains(&fault.as_str())
    });
    faults
        .map(|fault| match report.versions.get(SOFTWARE_WHY) {
            Some(why) if fault.starts_with("software_") => format!("{fault} ({why})"),
            _ => fault.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        (folder, home)
    }

    #[test]
    fn a_release_goes_to_every_box_at_once_only_after_its_waves() {
        let (_folder, home) = home();
        let version: Version = "0.2.0-1".parse().unwrap();
        let waves: Waves = "canary,all".parse().unwrap();
        in_waves(&home, None, None).unwrap();
        in_waves(&home, Some(version), Some(&waves)).unwrap();
        assert!(matches!(
            in_waves(&home, Some(version), None),
            Err(HqError::SoftwareNeedsWaves { .. })
        ));
        note_everywhere(&home, version, Timestamp::UNIX_EPOCH).unwrap();
        note_everywhere(&home, version, Timestamp::UNIX_EPOCH).unwrap();
        in_waves(&home, Some(version), None).unwrap();
        note_halted(&home, version).unwrap();
        assert!(in_waves(&home, Some(version), None).is_err());
        let next = "0.2.0-2".parse().unwrap();
        assert!(in_waves(&home, Some(next), None).is_err());
    }

    #[test]
    fn what_is_no_package_of_the_house_is_no_release() {
        let path = Path::new("x");
        let name = "mpaka-post_0.2.0-1_arm64.deb";
        assert!(package(path, name, b"!<arch>\ndebian-binary   1 0 0 100644 4").is_ok());
        assert!(package(path, name, b"\x7fELF").is_err());
        assert!(package(path, "other_0.2.0-1_arm64.deb", DEBIAN).is_err());
    }
}
