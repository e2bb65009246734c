//! Travellers of a demonstration: folders with a page and a live picture each, shown as a list.

use super::words::Words;
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
    pub(super) fn list(&self, words: &Words) -> Vec<Scene> {
        let mut folders: Vec<String> = self.folders().collect();
        folders.sort();
        let scene = |folder: String| Scene {
            title: title(&folder, words),
            folder,
        };
        folders.into_iter().map(scene).collect()
    }

    fn folders(&self) -> impl Iterator<Item = String> {
        std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
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
        let known = self.folders().find(|folder| folder == name)?;
        Some(WatchedFolder::new(self.folder.join(known)))
    }
}

/// A folder's name as a title: `3-another-face` is "3 Another person's face", in the language of the page. What no
/// sentence is known for is called as its folder is: `4-our-own` becomes "4 our own".
fn title(folder: &str, words: &Words) -> String {
    if let Some((place, what)) = folder.split_once('-') {
        let key = format!("scene-{what}");
        if words.knows(&key) {
            return format!("{place} {}", words.say(key));
        }
    }
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
        let titles = |tag: &str| -> Vec<String> {
            let listed = scenes.list(Words::of(tag)).into_iter();
            listed.map(|scene| scene.title).collect()
        };
        assert_eq!(titles("en"), ["1 first", "b second"]);
        assert_eq!(scenes.take("1-first").unwrap().unwrap().page, b"p");
        assert!(
            scenes.take("b_second").unwrap().is_err(),
            "it has no pictures"
        );
        for outside in ["..", ".", "", "1-first/..", "/etc"] {
            assert!(scenes.take(outside).is_none(), "{outside}");
        }
        assert!(Scenes::new("/nowhere").list(Words::of("en")).is_empty());
        std::fs::create_dir_all(folder.path().join("scenes/c-nobody")).unwrap();
        let in_english = titles("en");
        assert_eq!(in_english[2], "c Nobody before the camera");
        assert_eq!(titles("sw")[..2], in_english[..2]);
        assert_ne!(titles("sw")[2], in_english[2]);
    }
}
