//! Releases of the programs: packages that go to the boxes with an edition, of one version, and in waves.
//!
//! A release is listed (`mpaka-hq files add software …`), approved by two people and published like everything else of
//! an edition. It goes to every box at once only where people have let it: by the one wave `all`, or because its own
//! rollout came to the end before and none did since. Which release that was say its packages' digests: other packages
//! under the same version, or one more of them, are another release.

use crate::HqError;
use crate::home::Home;
use crate::list;
use crate::office::Office;
use crate::rollout::Waves;
use jiff::Timestamp;
use rusqlite::{TransactionBehavior, params};
use seal::bundle::software::{SoftwareFile, Version};
use seal::health::{
    HealthReport, NO_ROOM, SOFTWARE, SOFTWARE_NOT_TAKEN, SOFTWARE_REFUSED, SOFTWARE_ROLLED_BACK,
    SOFTWARE_WHY,
};
use std::path::Path;

/// How every Debian package begins: an archive whose first member says so (deb(5)).
const DEBIAN: &[u8] = b"!<arch>\ndebian-binary";

/// A release as an edition carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The version of its packages.
    pub version: Version,
    /// The names that they travel under, which begin with their digests.
    packages: Vec<String>,
}

impl Release {
    /// That of the targets of an edition; `None` where no package is among them.
    pub(crate) fn of<'a>(targets: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let (mut version, mut packages) = (None, Vec::new());
        for target in targets {
            if let Some(file) = SoftwareFile::of_target(target) {
                version = Some(file.version);
                packages.push(target.to_owned());
            }
        }
        version.map(|version| Self { version, packages })
    }
}

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
    release: Option<&Release>,
    waves: Option<&Waves>,
) -> Result<(), HqError> {
    let Some(release) = release.filter(|_| waves.is_none()) else {
        return Ok(());
    };
    let office = Office::open(home)?;
    for package in &release.packages {
        let known: bool = office
            .connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM everywhere WHERE software = ?1)",
                [package],
                |row| row.get(0),
            )
            .map_err(office.failed())?;
        if !known {
            return Err(HqError::SoftwareNeedsWaves {
                version: release.version,
            });
        }
    }
    Ok(())
}

/// Notes that every box may have a release, in place of the one before: going back to that changes every box too.
///
/// # Errors
/// [`HqError::Database`].
pub(crate) fn note_everywhere(
    home: &Home,
    release: &Release,
    at: Timestamp,
) -> Result<(), HqError> {
    let mut office = Office::open(home)?;
    let failed = office.failed();
    let mut note = || -> rusqlite::Result<()> {
        let transaction = office
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM everywhere", [])?;
        for package in &release.packages {
            transaction.execute(
                "INSERT INTO everywhere VALUES (?1, ?2)",
                params![package, at.to_string()],
            )?;
        }
        transaction.commit()
    };
    note().map_err(failed)
}

/// Notes that no further box may have a release: it goes out in waves again, or not.
///
/// # Errors
/// [`HqError::Database`].
pub(crate) fn note_halted(home: &Home, release: &Release) -> Result<(), HqError> {
    let office = Office::open(home)?;
    for package in &release.packages {
        office
            .connection
            .execute("DELETE FROM everywhere WHERE software = ?1", [package])
            .map_err(office.failed())?;
    }
    Ok(())
}

/// The release that an edition carries, as it was signed; `None` where it carries none. `out` is the repository that it
/// lies in.
///
/// # Errors
/// [`HqError::Publish`] where what was signed cannot be read.
pub fn of_edition(home: &Home, edition: u64, out: &Path) -> Result<Option<Release>, HqError> {
    let files = list::signed_files(home, edition, out)?;
    Ok(Release::of(files.iter().map(String::as_str)))
}

/// The version of the packages that a box says it has by its updates.
#[must_use]
pub fn installed(report: &HealthReport) -> Option<Version> {
    report.versions.get(SOFTWARE)?.parse().ok()
}

/// What stands against a box in a rollout of this release, or of none: a version that it went back from before is
/// none of this rollout's. Where the box does not say which version it was, it is taken for this one. Faults named in
/// `excused` are left out.
#[must_use]
pub fn faults(report: &HealthReport, release: Option<Version>, excused: &[&str]) -> Vec<String> {
    let of_another: &[&str] = match refuses_another(report, release) {
        true => &[SOFTWARE_ROLLED_BACK, SOFTWARE_NOT_TAKEN],
        false => &[],
    };
    let counts = |fault: &&String| {
        !of_another.contains(&fault.as_str()) && !excused.contains(&fault.as_str())
    };
    report
        .faults
        .iter()
        .filter(counts)
        .map(|fault| match report.versions.get(SOFTWARE_WHY) {
            Some(why) if fault.starts_with("software_") => format!("{fault} ({why})"),
            _ => fault.clone(),
        })
        .collect()
}

/// Whether a box says that it lacks the room for this release.
#[must_use]
pub fn lacks_room(report: &HealthReport, release: Option<Version>) -> bool {
    let why = report.versions.get(SOFTWARE_WHY);
    why.is_some_and(|why| why == NO_ROOM)
        && report.faults.contains(SOFTWARE_NOT_TAKEN)
        && !refuses_another(report, release)
}

/// Whether the version that a box went back from, or did not take, is named and is another than this.
fn refuses_another(report: &HealthReport, release: Option<Version>) -> bool {
    let refused: Option<Version> = report
        .versions
        .get(SOFTWARE_REFUSED)
        .and_then(|version| version.parse().ok());
    refused.is_some() && refused != release
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use seal::health::{Counts, Drift, OutboxHealth};
    use std::collections::BTreeMap;

    /// A release of the appliance: digests, versions and machines of its packages.
    fn of(packages: &[(&str, &str, &str)]) -> Release {
        let target = |(digest, version, machine): &(&str, &str, &str)| {
            format!("file-software-{digest}-mpaka-post_{version}_{machine}.deb")
        };
        let targets: Vec<String> = packages.iter().map(target).collect();
        Release::of(targets.iter().map(String::as_str)).unwrap()
    }

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        (folder, home)
    }

    #[test]
    fn a_release_goes_to_every_box_at_once_only_after_its_waves() {
        let (_folder, home) = home();
        let release = of(&[("0123456789abcdef", "0.2.0-1", "arm64")]);
        let waves: Waves = "canary,all".parse().unwrap();
        in_waves(&home, None, None).unwrap();
        in_waves(&home, Some(&release), Some(&waves)).unwrap();
        assert!(matches!(
            in_waves(&home, Some(&release), None),
            Err(HqError::SoftwareNeedsWaves { .. })
        ));
        note_everywhere(&home, &release, Timestamp::UNIX_EPOCH).unwrap();
        note_everywhere(&home, &release, Timestamp::UNIX_EPOCH).unwrap();
        in_waves(&home, Some(&release), None).unwrap();
        // The next one; another under the same version; the same with one package more.
        for other in [
            of(&[("0123456789abcdef", "0.2.0-2", "arm64")]),
            of(&[("fedcba9876543210", "0.2.0-1", "arm64")]),
            of(&[
                ("0123456789abcdef", "0.2.0-1", "arm64"),
                ("fedcba9876543210", "0.2.0-1", "amd64"),
            ]),
        ] {
            assert!(in_waves(&home, Some(&other), None).is_err(), "{other:?}");
        }
        note_halted(&home, &release).unwrap();
        assert!(in_waves(&home, Some(&release), None).is_err());
        // Listed again after a later one was everywhere, it would take every box back.
        let later = of(&[("fedcba9876543210", "0.3.0-1", "arm64")]);
        note_everywhere(&home, &release, Timestamp::UNIX_EPOCH).unwrap();
        note_everywhere(&home, &later, Timestamp::UNIX_EPOCH).unwrap();
        assert!(in_waves(&home, Some(&release), None).is_err());
        in_waves(&home, Some(&later), None).unwrap();
    }

    #[test]
    fn going_back_from_another_version_is_no_fault_of_this_one_and_from_an_unnamed_one_is() {
        let faults_of = |refused: Option<&str>, release: Option<&str>| {
            let mut report = HealthReport {
                post: rules::PostId::new("NAMANGA").unwrap(),
                number: 1,
                made_at: Timestamp::UNIX_EPOCH,
                program: "0.1.0".into(),
                versions: BTreeMap::new(),
                edition: None,
                outbox: OutboxHealth::default(),
                drift: Drift::Within,
                tamper: false,
                lease_until: None,
                faults: [SOFTWARE_ROLLED_BACK.to_owned()].into(),
                counts: Counts::default(),
            };
            if let Some(refused) = refused {
                let named = (SOFTWARE_REFUSED.to_owned(), refused.to_owned());
                report.versions.extend([named]);
            }
            faults(
                &report,
                release.map(|version| version.parse().unwrap()),
                &[],
            )
            .len()
        };
        assert_eq!(faults_of(Some("0.2.0-1"), Some("0.2.0-1")), 1);
        assert_eq!(faults_of(Some("0.2.0-1"), Some("0.2.0-2")), 0);
        assert_eq!(faults_of(Some("0.2.0-1"), None), 0);
        for unnamed in [None, Some("tomorrow")] {
            assert_eq!(faults_of(unnamed, Some("0.2.0-2")), 1);
            assert_eq!(faults_of(unnamed, None), 1);
        }
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
