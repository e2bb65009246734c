//! A video file, frame by frame, through OpenCV.

use super::{Content, Next, Sight, Source, SourceError, frames};
use opencv::videoio::{CAP_FFMPEG, CAP_OPENCV_MJPEG, VideoCapture, VideoCaptureTraitConst};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A video file. Every frame is given, turned as the file says it was held; names are `PATH#3`, counted
/// from 1.
#[derive(Debug)]
pub struct Video {
    path: PathBuf,
    capture: VideoCapture,
    given: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Ended,
}

impl Video {
    /// Opens a video file of a kind that OpenCV's FFmpeg reads (without FFmpeg: MJPEG in AVI).
    ///
    /// # Errors
    /// [`SourceError::Unreachable`] where there is no such file, [`SourceError::NotOpened`] where it is
    /// no video.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let path = path.into();
        // Anything that is not a file on this machine (an address, a pattern) must not get as far as
        // FFmpeg, which would open it.
        let real = std::fs::canonicalize(&path)
            .and_then(|real| std::fs::File::open(&real).map(|_| real))
            .map_err(|source| SourceError::Unreachable {
                path: path.clone(),
                source,
            })?;
        let refused = |why: &str| SourceError::NotOpened {
            name: path.display().to_string(),
            why: why.to_owned(),
        };
        if !real.is_file() {
            return Err(refused("it is no file"));
        }
        let name = real
            .to_str()
            .ok_or_else(|| refused("its name is not Unicode"))?;
        let capture = [CAP_FFMPEG, CAP_OPENCV_MJPEG]
            .into_iter()
            .find_map(|reader| opened(name, reader))
            .ok_or_else(|| refused("it is no video of a known kind"))?;
        if !frames::are_small_enough(&capture) {
            return Err(refused("its frames have more than 64 megapixels"));
        }
        Ok(Self {
            path,
            capture,
            given: 0,
            state: State::Running,
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The video, where this reader of OpenCV's knows it.
fn opened(name: &str, reader: i32) -> Option<VideoCapture> {
    let capture = VideoCapture::from_file(name, reader).ok()?;
    capture.is_opened().unwrap_or(false).then_some(capture)
}

impl Source for Video {
    fn next(&mut self, _: Duration) -> Result<Next, SourceError> {
        if self.state == State::Ended {
            return Ok(Next::Ended);
        }
        match frames::read(&mut self.capture) {
            Ok(Some(picture)) => {
                self.given += 1;
                Ok(Next::Sight(Sight {
                    name: format!("{}#{}", self.path.display(), self.given),
                    content: Content::Frame(picture),
                }))
            }
            Ok(None) => {
                self.state = State::Ended;
                if self.given > 0 {
                    return Ok(Next::Ended);
                }
                Err(SourceError::Lost {
                    name: self.path.display().to_string(),
                    why: "it holds no frame that can be decoded".into(),
                })
            }
            Err(e) => {
                self.state = State::Ended;
                Err(SourceError::Lost {
                    name: self.path.display().to_string(),
                    why: e.message,
                })
            }
        }
    }
}
