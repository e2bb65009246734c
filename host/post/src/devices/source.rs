//! Sources by their name on the command line.

use super::SwipeReader;
use page::source::framing::BlockCheck;
use page::source::{Camera, CameraAt, Folder, Source, SourceError, Video};
use std::path::PathBuf;
use std::str::FromStr;

/// The speed of a serial line where none is given, in baud.
const BAUD: u32 = 9600;

/// A source as it is named on the command line, `KIND:WHERE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceName {
    /// `folder:DIR`: a folder being filled.
    Folder(PathBuf),
    /// `video:FILE`: a video file.
    Video(PathBuf),
    /// `camera:0`, `camera:/dev/video0`, or `camera:` and a GStreamer pipeline.
    Camera(CameraAt),
    /// `swipe:/dev/ttyUSB0@9600`, with `,lrc` after it where frames have a check byte.
    Swipe {
        /// The serial line's device.
        path: PathBuf,
        /// Its speed.
        baud: u32,
        /// What stands after a frame.
        check: BlockCheck,
    },
    /// `wedge:/dev/tty1`: a terminal or pipe on which a reader types.
    Wedge(PathBuf),
    /// `wedge:-`: a reader that types on standard input.
    StandardInput,
}

/// Why a text names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceNameError {
    /// No kind, or none that is known.
    #[error("a source is folder:DIR, video:FILE, camera:N, swipe:DEVICE@BAUD or wedge:DEVICE")]
    Kind,
    /// Nothing after the colon.
    #[error("after the colon stands where the source is")]
    Nowhere,
    /// What stands after the comma is no check byte that is known.
    #[error("after the comma of a swipe reader stands lrc, or nothing")]
    Check,
}

impl FromStr for SourceName {
    type Err = SourceNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, at) = text.split_once(':').ok_or(SourceNameError::Kind)?;
        let named = match kind {
            "folder" => Self::Folder(at.into()),
            "video" => Self::Video(at.into()),
            "camera" => {
                let Ok(camera) = at.parse::<CameraAt>();
                Self::Camera(camera)
            }
            "swipe" => swipe(at)?,
            "wedge" if at == "-" => Self::StandardInput,
            "wedge" => Self::Wedge(at.into()),
            _ => return Err(SourceNameError::Kind),
        };
        if at.is_empty() {
            return Err(SourceNameError::Nowhere);
        }
        Ok(named)
    }
}

fn swipe(at: &str) -> Result<SourceName, SourceNameError> {
    let (line, check) = match at.split_once(',') {
        None => (at, BlockCheck::None),
        Some((line, "lrc")) => (line, BlockCheck::Lrc),
        Some(_) => return Err(SourceNameError::Check),
    };
    let speed = line
        .rsplit_once('@')
        .and_then(|(path, baud)| Some((path, baud.parse().ok()?)));
    let (path, baud) = speed.unwrap_or((line, BAUD));
    Ok(SourceName::Swipe {
        path: path.into(),
        baud,
        check,
    })
}

impl SourceName {
    /// Opens the source.
    ///
    /// # Errors
    /// [`SourceError`] where it is not there or is no such thing.
    pub fn open(&self) -> Result<Box<dyn Source>, SourceError> {
        Ok(match self {
            Self::Folder(folder) => Box::new(Folder::open(folder)?),
            Self::Video(file) => Box::new(Video::open(file)?),
            Self::Camera(at) => Box::new(Camera::open(at.clone())?),
            Self::Swipe { path, baud, check } => {
                Box::new(SwipeReader::serial(path, *baud, *check)?)
            }
            Self::Wedge(path) => Box::new(SwipeReader::wedge(path)?),
            Self::StandardInput => Box::new(SwipeReader::standard_input()),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_kind_is_told_by_its_name() {
        for (text, name) in [
            ("folder:/a/b", SourceName::Folder("/a/b".into())),
            ("video:a:b.avi", SourceName::Video("a:b.avi".into())),
            ("camera:2", SourceName::Camera(CameraAt::Index(2))),
            (
                "camera:/dev/video0",
                SourceName::Camera(CameraAt::Device("/dev/video0".into())),
            ),
            (
                "camera:videotestsrc ! appsink",
                SourceName::Camera(CameraAt::Pipeline("videotestsrc ! appsink".into())),
            ),
            ("wedge:-", SourceName::StandardInput),
            ("wedge:/dev/tty1", SourceName::Wedge("/dev/tty1".into())),
        ] {
            assert_eq!(text.parse(), Ok(name), "{text}");
        }
        for (text, device, speed, with) in [
            ("swipe:/dev/ttyS0", "/dev/ttyS0", 9600, BlockCheck::None),
            ("swipe:/dev/a@19200", "/dev/a", 19200, BlockCheck::None),
            (
                "swipe:/dev/a@b@19200,lrc",
                "/dev/a@b",
                19200,
                BlockCheck::Lrc,
            ),
            ("swipe:/dev/a@b", "/dev/a@b", 9600, BlockCheck::None),
        ] {
            let name = SourceName::Swipe {
                path: device.into(),
                baud: speed,
                check: with,
            };
            assert_eq!(text.parse(), Ok(name), "{text}");
        }
        for (text, error) in [
            ("", SourceNameError::Kind),
            ("/a/b.jpg", SourceNameError::Kind),
            ("tape:/dev/st0", SourceNameError::Kind),
            ("folder:", SourceNameError::Nowhere),
            ("camera:", SourceNameError::Nowhere),
            ("swipe:", SourceNameError::Nowhere),
            ("swipe:/dev/ttyS0,crc", SourceNameError::Check),
        ] {
            assert_eq!(text.parse::<SourceName>(), Err(error), "{text}");
        }
    }
}
