//! Where the pictures of an encounter come from.

use page::PictureError;
use page::source::folder;
use std::path::PathBuf;

/// Pictures above this many bytes are not taken in; a full page at 600 dpi as PNG stays well below.
pub const LARGEST_PICTURE_BYTES: u64 = 64 << 20;

/// The two pictures of one presentation, as files: not yet decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// The document's data page.
    pub page: Vec<u8>,
    /// The traveller.
    pub live: Vec<u8>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// No document lies on the reader: place it.
    #[error("no document lies on the reader")]
    NothingThere,
    /// A picture is larger than is taken in: scale it down.
    #[error("{} is larger than {LARGEST_PICTURE_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// The device or its folder cannot be read: check the cable, or the permissions.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Something that takes the two pictures of a presentation.
///
/// Contract: `take` gives what lies before the cameras now, and blocks at most a few seconds.
pub trait Camera: Send + Sync + std::fmt::Debug {
    /// Takes both pictures.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take(&self) -> Result<Shot, CameraError>;

    /// Takes the traveller's picture alone, for another try at the face.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take_live(&self) -> Result<Vec<u8>, CameraError>;
}

/// A folder in which a capture program leaves `page.*` and `live.*`: the simulated reader, and the way in
/// for readers that have only their maker's program.
#[derive(Debug, Clone)]
pub struct WatchedFolder {
    folder: PathBuf,
}

impl WatchedFolder {
    /// The reader that leaves its pictures in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The newest file in the folder whose name before the dot is `stem`, once it is whole.
    fn newest(&self, stem: &str) -> Result<Vec<u8>, CameraError> {
        let path = folder::newest(&self.folder, stem)
            .map_err(|source| CameraError::Unreadable {
                path: self.folder.clone(),
                source,
            })?
            .ok_or(CameraError::NothingThere)?;
        folder::whole_file(&path, LARGEST_PICTURE_BYTES).map_err(|e| match e {
            PictureError::Unreadable { path, source } => CameraError::Unreadable { path, source },
            _ => CameraError::TooLarge(path),
        })
    }
}

impl Camera for WatchedFolder {
    fn take(&self) -> Result<Shot, CameraError> {
        Ok(Shot {
            page: self.newest("page")?,
            live: self.take_live()?,
        })
    }

    fn take_live(&self) -> Result<Vec<u8>, CameraError> {
        self.newest("live")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_folder_gives_what_lies_in_it_now() {
        let folder = tempfile::tempdir().unwrap();
        let camera = WatchedFolder::new(folder.path());
        assert!(matches!(camera.take(), Err(CameraError::NothingThere)));
        std::fs::write(folder.path().join("page.jpg"), b"page").unwrap();
        assert!(
            matches!(camera.take(), Err(CameraError::NothingThere)),
            "the live picture is missing"
        );
        std::fs::write(folder.path().join("live.png"), b"live").unwrap();
        let shot = camera.take().unwrap();
        assert_eq!((&*shot.page, &*shot.live), (&b"page"[..], &b"live"[..]));
        std::fs::write(folder.path().join("live.png"), b"again").unwrap();
        assert_eq!(camera.take_live().unwrap(), b"again");
        let gone = WatchedFolder::new(folder.path().join("gone"));
        assert!(matches!(gone.take(), Err(CameraError::Unreadable { .. })));
    }
}
