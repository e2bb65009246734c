//! The packages that the installer keeps: of the version in use, of the one before, of the next.

use super::error::UpdateError;
use super::journal::{Ground, Standing};
use seal::bundle::software::{Package, SoftwareFile, Version};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Packages that are kept, by what they are: the version, and where the file lies below `packages/`.
pub(super) type Kept = BTreeMap<Package, (Version, PathBuf)>;

impl Ground {
    /// Removes packages but those of the versions in use and before, those to go back to, and those to come.
    pub(super) fn keep_only(
        &self,
        standing: &Standing,
        back: &[PathBuf],
        next: Option<Version>,
    ) -> Result<(), UpdateError> {
        let mut kept = vec![standing.installed, standing.previous, next];
        kept.extend(back.iter().map(|package| version_of(package)));
        let folder = self.packages();
        for entry in std::fs::read_dir(&folder).map_err(UpdateError::disk(&folder))? {
            let entry = entry.map_err(UpdateError::disk(&folder))?;
            let version = entry.file_name().to_str().and_then(|n| n.parse().ok());
            if version.is_none() || !kept.contains(&version) {
                let path = entry.path();
                std::fs::remove_dir_all(&path).map_err(UpdateError::disk(path))?;
            }
        }
        Ok(())
    }

    /// The kept packages of what is installed, below `packages/`; `None` where one is lacking.
    pub(super) fn way_back(&self, installed: &BTreeMap<Package, Version>) -> Option<Vec<PathBuf>> {
        installed
            .iter()
            .map(|(package, version)| {
                let folder = self.packages().join(version.to_string());
                let file = std::fs::read_dir(folder).ok()?.find_map(|entry| {
                    let name = entry.ok()?.file_name().into_string().ok()?;
                    let told = SoftwareFile::of_name(&name)?;
                    (told.package == *package && told.version == *version).then_some(name)
                })?;
                Some(Path::new(&version.to_string()).join(file))
            })
            .collect()
    }

    /// The packages beside which a version of the appliance was in use, below `packages/`: its own, and of each other
    /// package the newest that is kept and is not newer; `None` where its own is not kept.
    pub(super) fn kept_with(&self, version: Version) -> Option<Kept> {
        let mut kept = Kept::new();
        let older = self.versions_kept().into_iter().filter(|v| *v <= version);
        for of_version in older {
            let below = PathBuf::from(of_version.to_string());
            let folder = self.packages().join(&below);
            for entry in std::fs::read_dir(folder).ok()?.filter_map(Result::ok) {
                let name = entry.file_name();
                let told = name.to_str().and_then(SoftwareFile::of_name);
                if let Some(told) = told.filter(|told| told.version == of_version) {
                    // The newest come first.
                    kept.entry(told.package)
                        .or_insert_with(|| (of_version, below.join(&name)));
                }
            }
        }
        let own = kept.get(&Package::Post).map(|(own, _)| *own);
        (own == Some(version)).then_some(kept)
    }

    /// The newest version of the appliance whose package is kept, with what goes beside it.
    pub(super) fn newest_kept(&self) -> Option<(Version, Kept)> {
        let mut versions = self.versions_kept().into_iter();
        versions.find_map(|version| Some((version, self.kept_with(version)?)))
    }

    /// The versions of which packages are kept, the newest first.
    pub(super) fn versions_kept(&self) -> Vec<Version> {
        let folders = std::fs::read_dir(self.packages()).into_iter().flatten();
        let mut versions: Vec<Version> = folders
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect();
        versions.sort_unstable_by_key(|version| std::cmp::Reverse(*version));
        versions
    }

    /// Where packages lie that a journal names.
    pub(super) fn paths(&self, packages: &[PathBuf]) -> Vec<PathBuf> {
        packages.iter().map(|p| self.packages().join(p)).collect()
    }
}

/// The version in whose folder a package lies.
fn version_of(package: &Path) -> Option<Version> {
    package.parent()?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::update::{Health, Journal, Serving};
    use seal::bundle::software::Architecture;

    #[test]
    fn packages_in_use_that_a_release_did_not_bring_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground::at(folder.path());
        let version = |text: &str| text.parse::<Version>().unwrap();
        let package = |package, text: &str| SoftwareFile {
            package,
            version: version(text),
            architecture: Architecture::All,
        };
        let kept = [
            package(Package::Post, "0.1.0-1"),
            package(Package::Kiosk, "0.1.0-1"),
            package(Package::Post, "0.2.0-1"),
            package(Package::Post, "0.3.0-1"),
        ];
        for file in kept {
            let of_version = ground.packages().join(file.version.to_string());
            std::fs::create_dir_all(&of_version).unwrap();
            std::fs::write(of_version.join(file.to_string()), "").unwrap();
        }
        std::fs::create_dir(ground.packages().join("0.0.9-1")).unwrap();
        // The screen's package is still the first one: neither of two releases brought another.
        let installed = |post: &str| {
            BTreeMap::from([
                (Package::Post, version(post)),
                (Package::Kiosk, version("0.1.0-1")),
            ])
        };
        let back = ground.way_back(&installed("0.2.0-1")).unwrap();
        let health = Health {
            serving: Serving::Up,
            faults: None,
        };
        let next = vec![PathBuf::from("0.3.0-1/mpaka-post_0.3.0-1_all.deb")];
        let journal = Journal::new(
            (version("0.2.0-1"), back),
            (version("0.3.0-1"), next),
            health,
        );
        let standing = Standing {
            installed: Some(version("0.3.0-1")),
            previous: Some(version("0.2.0-1")),
            ..Standing::default()
        };
        ground.keep_standing(&standing).unwrap();
        ground.keep_journal(&journal).unwrap();
        ground.close_journal(&journal).unwrap();
        assert!(!ground.is_under_way());
        assert!(!ground.packages().join("0.0.9-1").exists());
        assert!(ground.way_back(&installed("0.3.0-1")).is_some());
        assert!(ground.way_back(&installed("0.2.0-1")).is_some());
    }
}
