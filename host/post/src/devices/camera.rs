//! Where the pictures of an encounter come from.

use chip::Files;
use page::PictureError;
use page::source::{Content, Next, Sight, Source, SourceError, folder};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Pictures above this many bytes are not taken in; a full page at 600 dpi as PNG stays well below.
pub const LARGEST_PICTURE_BYTES: u64 = 64 << 20;

/// What one presentation gave: pictures as files, not yet decoded, and the chip's files where a reader's
/// own program read them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shot {
    /// The document's data page under white light.
    pub page: Vec<u8>,
    /// The same under infrared, where the reader has that lamp.
    pub infrared: Option<Vec<u8>>,
    /// The same under ultraviolet.
    pub ultraviolet: Option<Vec<u8>>,
    /// The traveller.
    pub live: Vec<u8>,
    /// The chip's files.
    pub chip: Option<Files>,
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
    /// A camera gives nothing: check the cable.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A frame could not be encoded.
    #[error(transparent)]
    Frame(#[from] PictureError),
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

    /// Takes the page's picture alone, for the preview.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take_page(&self) -> Result<Vec<u8>, CameraError>;

    /// Takes the traveller's picture alone, for another try at the face.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take_live(&self) -> Result<Vec<u8>, CameraError>;

    /// Whether frames come by themselves, one after the other; a folder gives what was left in it.
    fn runs(&self) -> bool {
        false
    }
}

/// Where such a program leaves the chip's files.
const CHIP_FOLDER: &str = "chip";

/// A folder in which a capture program leaves `page.*` and `live.*`, and where it can `infrared.*`,
/// `ultraviolet.*` and the chip's files in `chip/` (none in it: it looked, and no chip answered): the simulated
/// reader, and the way in for readers that have only their maker's program.
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
        let there = |stem| match self.newest(stem) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(CameraError::NothingThere) => Ok(None),
            Err(e) => Err(e),
        };
        let chip = self.folder.join(CHIP_FOLDER);
        Ok(Shot {
            page: self.newest("page")?,
            infrared: there("infrared")?,
            ultraviolet: there("ultraviolet")?,
            live: self.take_live()?,
            // What cannot be read of it is no chip: its faults stand in the files themselves.
            chip: chip
                .is_dir()
                .then(|| Files::open_folder(&chip).ok())
                .flatten(),
        })
    }

    fn take_page(&self) -> Result<Vec<u8>, CameraError> {
        self.newest("page")
    }

    fn take_live(&self) -> Result<Vec<u8>, CameraError> {
        self.newest("live")
    }
}

/// Two sources as one camera: the page's (a camera, a video, a folder being filled) and the traveller's.
pub struct Sources {
    page: Mutex<Box<dyn Source>>,
    live: Mutex<Box<dyn Source>>,
}

/// How long a source may take for a frame.
const PATIENCE: Duration = Duration::from_secs(3);
/// Quality of frames on their way into an inspection: nothing is lost that a reader would see.
const FRAME_QUALITY: u8 = 95;

impl Sources {
    /// The camera that these two are.
    #[must_use]
    pub fn new(page: Box<dyn Source>, live: Box<dyn Source>) -> Self {
        Self {
            page: Mutex::new(page),
            live: Mutex::new(live),
        }
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sources")
    }
}

/// The next frame of a source, as a file.
fn frame(source: &Mutex<Box<dyn Source>>) -> Result<Vec<u8>, CameraError> {
    // A panic in a driver leaves a source that answers for itself.
    let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
    match source.next(PATIENCE)? {
        Next::Sight(Sight {
            content: Content::Frame(picture),
            ..
        }) => Ok(picture.to_jpeg(FRAME_QUALITY)?),
        Next::Sight(_) | Next::NothingYet | Next::Ended => Err(CameraError::NothingThere),
    }
}

impl Camera for Sources {
    fn take(&self) -> Result<Shot, CameraError> {
        Ok(Shot {
            page: self.take_page()?,
            live: self.take_live()?,
            ..Shot::default()
        })
    }

    fn take_page(&self) -> Result<Vec<u8>, CameraError> {
        frame(&self.page)
    }

    fn take_live(&self) -> Result<Vec<u8>, CameraError> {
        frame(&self.live)
    }

    fn runs(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn two_sources_are_one_camera() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, shade| {
            let path = folder.path().join(name);
            image::RgbImage::from_pixel(40, 30, image::Rgb([shade; 3]))
                .save(&path)
                .unwrap();
            path
        };
        let stills = |path| Box::new(page::source::Stills::new([path])) as Box<dyn Source>;
        let camera = Sources::new(stills(file("a.png", 20)), stills(file("b.png", 230)));
        let shot = camera.take().unwrap();
        let shade = |bytes: &[u8]| page::Picture::decode(bytes).unwrap().rgb()[(5, 5)][0];
        assert!(shade(&shot.page) < 40 && shade(&shot.live) > 210);
        assert!(
            matches!(camera.take_page(), Err(CameraError::NothingThere)),
            "it has ended"
        );
    }

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
