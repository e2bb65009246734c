//! The programs' packages as a bundle carries them: which package, which version, for which machines; told by the
//! name that Debian gives the file, `mpaka-post_0.2.0-1_arm64.deb`.
//!
//! Versions are those that the house gives out, four numbers: others are no version here, so that which of two is
//! the newer is never a matter of opinion.

use super::items::{self, FileKind, Item};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A package that boxes take by a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Package {
    /// The appliance.
    #[serde(rename = "mpaka-post")]
    Post,
    /// The screen.
    #[serde(rename = "mpaka-kiosk")]
    Kiosk,
    /// The technician's program.
    #[serde(rename = "mpaka-calibrate")]
    Calibrate,
}

impl Package {
    /// Every package.
    pub const ALL: [Self; 3] = [Self::Post, Self::Kiosk, Self::Calibrate];

    /// Its name in Debian.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "mpaka-post",
            Self::Kiosk => "mpaka-kiosk",
            Self::Calibrate => "mpaka-calibrate",
        }
    }
}

/// Which machines a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Every machine.
    All,
    /// x86-64.
    Amd64,
    /// ARM, 64 bits: the Raspberry Pi.
    Arm64,
}

impl Architecture {
    /// Its name in Debian.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The one with this name in Debian.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::All, Self::Amd64, Self::Arm64]
            .into_iter()
            .find(|architecture| architecture.as_str() == name)
    }

    /// The machine that this program was built for; `None` for one that no package is made for.
    #[must_use]
    pub fn of_this_program() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::Amd64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// Whether a package for this is for that machine.
    #[must_use]
    pub fn suits(self, machine: Self) -> bool {
        self == Self::All || self == machine
    }
}

/// A version: `0.2.0-1`. The later is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// The program's three numbers, then the package's revision.
    numbers: [u32; 4],
}

/// A text that is no version of the house's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no version such as 0.2.0-1")]
pub struct VersionError(String);

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError(text.chars().take(64).collect());
        let (program, revision) = text.split_once('-').ok_or_else(wrong)?;
        let mut numbers = [0; 4];
        let mut parts = program.split('.').chain([revision]);
        for number in &mut numbers {
            *number = parts
                .next()
                .and_then(|part| part.parse().ok())
                .ok_or_else(wrong)?;
        }
        let version = Self { numbers };
        // One version, one writing.
        if parts.next().is_none() && version.to_string() == text {
            Ok(version)
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, revision] = self.numbers;
        write!(f, "{major}.{minor}.{patch}-{revision}")
    }
}

rules::serialised_as_text!(Version);

/// One package file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SoftwareFile {
    /// The package.
    pub package: Package,
    /// Its version.
    pub version: Version,
    /// The machines that it is for.
    pub architecture: Architecture,
}

impl SoftwareFile {
    /// What a file's name says; `None` where it is no package of the house's, or not written as Debian writes it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".deb")?.split('_');
        let (package, version, architecture) = (parts.next()?, parts.next()?, parts.next()?);
        let file = Self {
            package: Package::ALL.into_iter().find(|p| p.as_str() == package)?,
            version: version.parse().ok()?,
            architecture: Architecture::of(architecture)?,
        };
        (file.to_string() == name).then_some(file)
    }

    /// What a target of a bundle is; `None` where it is no package.
    #[must_use]
    pub fn of_target(target: &str) -> Option<Self> {
        match items::parse(target)? {
            Item::File {
                kind: FileKind::SOFTWARE,
                name,
            } => Self::of_name(items::own_name(&name)?),
            _ => None,
        }
    }
}

impl fmt::Display for SoftwareFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}_{}_{}.deb",
            self.package.as_str(),
            self.version,
            self.architecture.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn versions_are_four_numbers_and_the_later_is_the_greater() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        let rising = [
            "0.1.0-1", "0.1.0-2", "0.1.0-10", "0.1.9-1", "0.1.10-1", "0.2.0-1", "1.0.0-1",
        ];
        assert!(rising.map(version).is_sorted());
        for odd in [
            "",
            "1",
            "0.1.0",
            "0.1-1",
            "0.1.0-",
            "0.1.0.0-1",
            "0.1.0-1-1",
            "00.1.0-1",
            "0.1.0-01",
            "+0.1.0-1",
            "0.1.0-1~rc1",
            "0.1.0-4294967296",
            "1:0.1.0-1",
        ] {
            assert!(odd.parse::<Version>().is_err(), "{odd:?}");
        }
    }

    #[test]
    fn a_package_is_told_by_debians_name_for_its_file() {
        let file = SoftwareFile::of_name("mpaka-post_0.2.0-1_arm64.deb").unwrap();
        assert_eq!(file.package, Package::Post);
        assert_eq!(file.version, "0.2.0-1".parse().unwrap());
        assert_eq!(file.architecture, Architecture::Arm64);
        for odd in [
            "mpaka-hq_0.2.0-1_arm64.deb",
            "mpaka-post_0.2.0-1_riscv64.deb",
            "mpaka-post_0.2.0_arm64.deb",
            "mpaka-post_0.2.0-1_arm64",
            "mpaka-post_0.2.0-1_arm64_x.deb",
            "../mpaka-post_0.2.0-1_arm64.deb",
        ] {
            assert_eq!(SoftwareFile::of_name(odd), None, "{odd}");
        }
        let target = "file-software-0123456789abcdef-mpaka-kiosk_0.2.0-1_all.deb";
        let kiosk = SoftwareFile::of_target(target).unwrap();
        assert_eq!(
            (kiosk.package, kiosk.architecture),
            (Package::Kiosk, Architecture::All)
        );
        assert!(kiosk.architecture.suits(Architecture::Arm64));
        assert!(!file.architecture.suits(Architecture::Amd64));
        for other in [
            "file-model-0123456789abcdef-mpaka-kiosk_0.2.0-1_all.deb",
            "file-software-mpaka-kiosk_0.2.0-1_all.deb",
        ] {
            assert_eq!(SoftwareFile::of_target(other), None, "{other}");
        }
    }
}
