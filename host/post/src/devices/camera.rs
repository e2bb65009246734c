//! Where the pictures of an encounter come from.

use super::SourceName;
use chip::Files;
use page::PictureError;
use page::source::{Content, Next, Reach, Sight, Source, SourceError, folder};
use ring::digest::{SHA256, digest};
use std::io;
use std::path::{Path, PathBuf};
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
    /// The page's picture is the one that was taken of the traveller before: place this one's document.
    #[error("the page is still that of the traveller before")]
    PageOfBefore,
    /// The face's picture is the one that was taken of the traveller before: take this one's.
    #[error("the face is still that of the traveller before")]
    FaceOfBefore,
    /// The box is being calibrated, or another picture of the page does not come to its end: wait until that is done.
    #[error("the glass is in use: other pictures are being taken on it")]
    GlassTaken,
    /// A camera gives nothing: check the cable.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A frame could not be encoded.
    #[error(transparent)]
    Frame(#[from] PictureError),
}

/// Whom the two pictures are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traveller {
    /// Another one than before: what is left of the one before is not taken.
    Next,
    /// The same, placed again: either picture may be the one that was taken.
    Same,
}

/// What was given last. Pictures that lie in folders stay there, and the next traveller's come one after the other:
/// in between one traveller's page lies beside another's face.
#[derive(Debug, Default)]
struct Given(Mutex<[Option<Vec<u8>>; 2]>);

impl Given {
    /// Notes the two that are given now, by the bytes of those that lie in folders. Where one is new and the other
    /// is not, they are not of one traveller; where neither is, the one before is looked at again.
    fn pair(
        &self,
        page: Option<&[u8]>,
        live: Option<&[u8]>,
        of: Traveller,
    ) -> Result<(), CameraError> {
        let now = [page, live].map(|bytes| bytes.map(fingerprint));
        // Every change is one assignment.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |n: usize| last[n].is_some() && last[n] == now[n];
        match (of, is_old(0), is_old(1)) {
            (Traveller::Next, true, false) => Err(CameraError::PageOfBefore),
            (Traveller::Next, false, true) => Err(CameraError::FaceOfBefore),
            _ => {
                *last = now;
                Ok(())
            }
        }
    }

    /// Notes another picture of the face.
    fn face(&self, live: &[u8]) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last[1] = Some(fingerprint(live));
    }
}

fn fingerprint(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// Something that takes the two pictures of a presentation.
///
/// Contract: `take` gives what lies before the cameras now, and blocks at most a few seconds.
pub trait Camera: Send + Sync + std::fmt::Debug {
    /// Takes both pictures, of one traveller.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take(&self, of: Traveller) -> Result<Shot, CameraError>;

    /// Takes the page's picture alone, for the preview.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take_page(&self) -> Result<Vec<u8>, CameraError>;

    /// The same in whatever light there is: for whoever holds the lamps.
    ///
    /// # Errors
    /// [`CameraError`].
    fn take_page_as_lit(&self) -> Result<Vec<u8>, CameraError> {
        self.take_page()
    }

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
#[derive(Debug)]
pub struct WatchedFolder {
    folder: PathBuf,
    given: Given,
}

impl WatchedFolder {
    /// The reader that leaves its pictures in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            given: Given::default(),
        }
    }

    /// The newest file in the folder whose name before the dot is `stem`, once it is whole.
    fn newest(&self, stem: &str) -> Result<Vec<u8>, CameraError> {
        whole(&self.folder, folder::newest(&self.folder, stem))
    }
}

/// A file that was found in a folder, once it is whole.
fn whole(folder: &Path, found: io::Result<Option<PathBuf>>) -> Result<Vec<u8>, CameraError> {
    let path = found
        .map_err(|source| CameraError::Unreadable {
            path: folder.to_owned(),
            source,
        })?
        .ok_or(CameraError::NothingThere)?;
    folder::whole_file(&path, LARGEST_PICTURE_BYTES).map_err(|e| match e {
        PictureError::Unreadable { path, source } => CameraError::Unreadable { path, source },
        _ => CameraError::TooLarge(path),
    })
}

impl Camera for WatchedFolder {
    fn take(&self, of: Traveller) -> Result<Shot, CameraError> {
        let there = |stem| match self.newest(stem) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(CameraError::NothingThere) => Ok(None),
            Err(e) => Err(e),
        };
        let (page, live) = (self.newest("page")?, self.newest("live")?);
        self.given.pair(Some(&page), Some(&live), of)?;
        let chip = self.folder.join(CHIP_FOLDER);
        Ok(Shot {
            page,
            infrared: there("infrared")?,
            ultraviolet: there("ultraviolet")?,
            live,
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
        let live = self.newest("live")?;
        self.given.face(&live);
        Ok(live)
    }
}

/// Where one of the two pictures comes from.
pub enum Eye {
    /// Frames that come by themselves, one after the other.
    Stream(Mutex<Box<dyn Source>>),
    /// The newest picture in a folder, for as long as it is the newest.
    Folder(PathBuf),
}

impl std::fmt::Debug for Eye {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stream(_) => "Stream",
            Self::Folder(_) => "Folder",
        })
    }
}

impl Eye {
    /// Opens what the words name. A camera that is not there, or is lost later, is opened when somebody looks again: a
    /// cable that was out stops the lane no longer than it is out.
    ///
    /// # Errors
    /// [`SourceError`] where something else than a camera is not there or is no such thing.
    pub fn open(name: &SourceName) -> Result<Self, SourceError> {
        Ok(match name {
            SourceName::Camera(_) => {
                let (opened, again) = (name.open(), name.clone());
                if let Err(why) = &opened {
                    tracing::error!("{why}; it is opened as soon as it is there");
                }
                Self::Stream(Mutex::new(Box::new(Reopened {
                    source: opened.ok(),
                    open: move || again.open(),
                })))
            }
            SourceName::Folder(folder) => {
                name.open()?;
                Self::Folder(folder.clone())
            }
            _ => Self::Stream(Mutex::new(name.open()?)),
        })
    }

    /// The picture, as a file.
    fn look(&self) -> Result<Vec<u8>, CameraError> {
        match self {
            Self::Stream(source) => frame(source),
            Self::Folder(folder) => whole(folder, folder::newest_picture(folder)),
        }
    }

    /// The bytes where the picture is one that stays.
    fn kept<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        match self {
            Self::Stream(_) => None,
            Self::Folder(_) => Some(bytes),
        }
    }
}

/// A source that is opened again once it was lost.
struct Reopened<F> {
    source: Option<Box<dyn Source>>,
    open: F,
}

impl<F> Source for Reopened<F>
where
    F: FnMut() -> Result<Box<dyn Source>, SourceError> + Send,
{
    fn next(&mut self, patience: Duration) -> Result<Next, SourceError> {
        if let Some(source) = &mut self.source {
            match source.next(patience) {
                Err(lost) if lost.reach() == Reach::WholeSource => {
                    // It is let go first: a device that is held cannot come back under its name.
                    self.source = None;
                    tracing::warn!("{lost}");
                }
                next => return next,
            }
        }
        let mut source = (self.open)()?;
        let next = source.next(patience);
        self.source = Some(source);
        next
    }
}

/// Two sources as one camera: the page's (a camera, a video, a folder being filled) and the traveller's.
#[derive(Debug)]
pub struct Sources {
    page: Eye,
    live: Eye,
    given: Given,
}

/// How long a source may take for a frame.
const PATIENCE: Duration = Duration::from_secs(3);
/// Quality of frames on their way into an inspection: nothing is lost that a reader would see.
const FRAME_QUALITY: u8 = 95;

impl Sources {
    /// The camera that these two are.
    #[must_use]
    pub fn new(page: Eye, live: Eye) -> Self {
        Self {
            page,
            live,
            given: Given::default(),
        }
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
    fn take(&self, of: Traveller) -> Result<Shot, CameraError> {
        let (page, live) = (self.page.look()?, self.live.look()?);
        self.given
            .pair(self.page.kept(&page), self.live.kept(&live), of)?;
        Ok(Shot {
            page,
            live,
            ..Shot::default()
        })
    }

    fn take_page(&self) -> Result<Vec<u8>, CameraError> {
        self.page.look()
    }

    fn take_live(&self) -> Result<Vec<u8>, CameraError> {
        let live = self.live.look()?;
        if self.live.kept(&live).is_some() {
            self.given.face(&live);
        }
        Ok(live)
    }

    fn runs(&self) -> bool {
        matches!(self.page, Eye::Stream(_))
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
        let stills = |path| {
            let source = Box::new(page::source::Stills::new([path])) as Box<dyn Source>;
            Eye::Stream(Mutex::new(source))
        };
        let camera = Sources::new(stills(file("a.png", 20)), stills(file("b.png", 230)));
        let shot = camera.take(Traveller::Next).unwrap();
        let shade = |bytes: &[u8]| page::Picture::decode(bytes).unwrap().rgb()[(5, 5)][0];
        assert!(shade(&shot.page) < 40 && shade(&shot.live) > 210);
        assert!(
            matches!(camera.take_page(), Err(CameraError::NothingThere)),
            "it has ended"
        );
    }

    #[test]
    fn a_camera_whose_cable_was_out_is_opened_again() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicBool, Ordering};

        /// Gives nothing any more.
        struct PulledOut;
        impl Source for PulledOut {
            fn next(&mut self, _: Duration) -> Result<Next, SourceError> {
                Err(SourceError::Lost {
                    name: "camera 0".into(),
                    why: "it was unplugged".into(),
                })
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        save(&path, 20);
        let in_again = Arc::new(AtomicBool::new(false));
        let plugged = Arc::clone(&in_again);
        let mut camera = Reopened {
            source: Some(Box::new(PulledOut)),
            open: move || match plugged.load(Ordering::Relaxed) {
                true => Ok(Box::new(page::source::Stills::new([path.clone()])) as Box<dyn Source>),
                false => Err(SourceError::NotOpened {
                    name: "camera 0".into(),
                    why: "there is no such camera".into(),
                }),
            },
        };
        for _ in 0..2 {
            let next = camera.next(Duration::ZERO);
            assert!(matches!(next, Err(SourceError::NotOpened { .. })));
        }
        in_again.store(true, Ordering::Relaxed);
        let next = camera.next(Duration::ZERO);
        assert!(matches!(next, Ok(Next::Sight(_))), "{next:?}");
        // It stays open: the next one is not the first again.
        let next = camera.next(Duration::ZERO);
        assert!(matches!(next, Ok(Next::Ended)), "{next:?}");
    }

    #[test]
    fn the_folder_gives_what_lies_in_it_now() {
        let folder = tempfile::tempdir().unwrap();
        let camera = WatchedFolder::new(folder.path());
        let take = || camera.take(Traveller::Next);
        assert!(matches!(take(), Err(CameraError::NothingThere)));
        std::fs::write(folder.path().join("page.jpg"), b"page").unwrap();
        assert!(
            matches!(take(), Err(CameraError::NothingThere)),
            "the live picture is missing"
        );
        std::fs::write(folder.path().join("live.png"), b"live").unwrap();
        let shot = camera.take(Traveller::Next).unwrap();
        assert_eq!((&*shot.page, &*shot.live), (&b"page"[..], &b"live"[..]));
        std::fs::write(folder.path().join("live.png"), b"again").unwrap();
        assert_eq!(camera.take_live().unwrap(), b"again");
        let gone = WatchedFolder::new(folder.path().join("gone"));
        assert!(matches!(
            gone.take(Traveller::Next),
            Err(CameraError::Unreadable { .. })
        ));
    }

    /// The ways in which a traveller's pictures may come after another's.
    fn one_after_the_other(camera: &dyn Camera, put: impl Fn(&str, u8)) {
        let next = || camera.take(Traveller::Next);
        put("page", 1);
        put("live", 1);
        next().unwrap();
        next().expect("the same traveller is looked at again");
        put("page", 2);
        assert!(matches!(next(), Err(CameraError::FaceOfBefore)));
        assert!(matches!(next(), Err(CameraError::FaceOfBefore)));
        put("live", 2);
        next().unwrap();
        put("live", 3);
        assert!(matches!(next(), Err(CameraError::PageOfBefore)));
        // Another try at the face is the same traveller's, and no longer new to the one after.
        camera.take_live().unwrap();
        put("page", 3);
        assert!(matches!(next(), Err(CameraError::FaceOfBefore)));
        let again = camera.take(Traveller::Same);
        again.expect("the document is placed again, and the face is as it was");
        put("page", 4);
        put("live", 4);
        next().unwrap();
    }

    #[test]
    fn one_travellers_page_is_not_taken_with_anothers_face() {
        let folder = tempfile::tempdir().unwrap();
        one_after_the_other(&WatchedFolder::new(folder.path()), |name, shade| {
            save(&folder.path().join(format!("{name}.png")), shade);
        });
    }

    #[test]
    fn a_folder_as_a_source_gives_its_newest_picture_and_pairs_no_two_travellers() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| {
            let folder = folder.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            Eye::open(&SourceName::Folder(folder)).unwrap()
        };
        let camera = Sources::new(of("page"), of("live"));
        assert!(!camera.runs());
        assert!(matches!(camera.take_page(), Err(CameraError::NothingThere)));
        one_after_the_other(&camera, |name, shade| {
            let folder = folder.path().join(name);
            save(&folder.join(format!("{shade}.png")), shade);
            // Looking at what lies there takes nothing away.
            let seen = match name {
                "page" => camera.take_page().unwrap(),
                _ => return,
            };
            let seen = page::Picture::decode(&seen).unwrap();
            assert_eq!(seen.rgb()[(5, 5)][0], shade);
        });
    }

    /// A picture of this shade, newer than those before it by what any file system tells.
    fn save(path: &Path, shade: u8) {
        image::RgbImage::from_pixel(40, 30, image::Rgb([shade; 3]))
            .save(path)
            .unwrap();
        let later = std::time::SystemTime::UNIX_EPOCH
            + Duration::from_secs(1_700_000_000 + u64::from(shade));
        std::fs::File::options()
            .write(true)
            .open(path)
            .and_then(|file| file.set_modified(later))
            .unwrap();
    }
}
