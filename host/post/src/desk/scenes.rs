//! Travellers of a demonstration: folders with a page and a live picture each, shown as a list.

use crate::devices::{Camera, CameraError, Shot, Traveller, WatchedFolder};
use std::path::PathBuf;

/// A folder of scenes, each a subfolder with `page.*` and `live.*`.
#[derive(Debug, Clone)]
pub struct Scenes {
    folder: PathBuf,
}

/// One traveller of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scene {
    /// The subfolder's name.
    pub(super) folder: String,
    /// What the list calls it.
    pub(super) title: String,
}

impl Scenes {
    /// The scenes in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Every scene, by name; a folder that cannot be read has none.
    pub(super) fn list(&self) -> Vec<Scene> {
        let mut scenes: Vec<Scene> = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .map(|folder| Scene {
                title: title(&folder),
                folder,
            })
            .collect();
        scenes.sort_by(|a, b| a.folder.cmp(&b.folder));
        scenes
    }

    /// The pictures of one scene; `None` where there is no such scene. Only names that the list gives are known.
    pub(super) fn take(&self, name: &str) -> Option<Result<Shot, CameraError>> {
        self.camera(name).map(|camera| camera.take(Traveller::Next))
    }

    /// The live picture of one scene.
    pub(super) fn live(&self, name: &str) -> Option<Result<Vec<u8>, CameraError>> {
        self.camera(name).map(|camera| camera.take_live())
    }

    fn camera(&self, name: &str) -> Option<WatchedFolder> {
        let known = self.list().into_iter().find(|scene| scene.folder == name)?;
        Some(WatchedFolder::new(self.folder.join(known.folder)))
    }
}

/// A folder's name as a title: `3-another-face` becomes "3 another face".
fn title(folder: &str) -> String {
    folder.replace(['-', '_'], " ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_listed_scenes_can_be_taken() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("scenes/b_second")).unwrap();
        std::fs::create_dir_all(folder.path().join("scenes/1-first")).unwrap();
        std::fs::write(folder.path().join("scenes/1-first/page.jpg"), b"p").unwrap();
        std::fs::write(folder.path().join("scenes/1-first/live.jpg"), b"l").unwrap();
        std::fs::write(folder.path().join("page.jpg"), b"secret").unwrap();
        let scenes = Scenes::new(folder.path().join("scenes"));
        let titles: Vec<_> = scenes.list().into_iter().map(|s| s.title).collect();
        assert_eq!(titles, ["1 first", "b second"]);
        assert_eq!(scenes.take("1-first").unwrap().unwrap().page, b"p");
        assert!(
            scenes.take("b_second").unwrap().is_err(),
            "it has no pictures"
        );
        for outside in ["..", ".", "", "1-first/..", "/etc"] {
            assert!(scenes.take(outside).is_none(), "{outside}");
        }
        assert!(Scenes::new("/nowhere").list().is_empty());
    }
}
