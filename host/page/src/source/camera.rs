//! A live camera through OpenCV: by V4L2 index or device, or a GStreamer pipeline.

use super::{Content, Next, Sight, Source, SourceError, frames};
use crate::Picture;
use opencv::videoio::{
    CAP_GSTREAMER, CAP_PROP_FOURCC, CAP_PROP_FRAME_HEIGHT, CAP_PROP_FRAME_WIDTH, CAP_V4L2,
    VideoCapture, VideoCaptureTrait, VideoCaptureTraitConst, VideoWriter,
};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Which camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraAt {
    /// The V4L2 device of this number: 0 is `/dev/video0`.
    Index(u16),
    /// A V4L2 device by its path.
    Device(PathBuf),
    /// A GStreamer pipeline that ends in `appsink`.
    Pipeline(String),
}

impl FromStr for CameraAt {
    type Err = std::convert::Infallible;

    /// A number, an absolute path, or else a pipeline.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse() {
            Ok(index) => Self::Index(index),
            Err(_) if text.starts_with('/') && !text.contains('!') => Self::Device(text.into()),
            Err(_) => Self::Pipeline(text.to_owned()),
        })
    }
}

impl fmt::Display for CameraAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "camera {index}"),
            Self::Device(path) => write!(f, "{}", path.display()),
            Self::Pipeline(pipeline) => f.write_str(pipeline),
        }
    }
}

/// A live camera: always its newest frame. A thread of its own takes the frames in, so that `next` keeps
/// to its time even where the device hangs; frames that nobody asked for in time are left out. Names are
/// the camera's with the frame's number, counted from 1 with those left out.
#[derive(Debug)]
pub struct Camera {
    at: CameraAt,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    latest: Mutex<Latest>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Latest {
    frame: Option<Picture>,
    number: u64,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Running,
    /// Nobody wants further frames.
    Closed,
    Ended,
    Lost(String),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Latest> {
        // Every change is one assignment: a panic leaves nothing half done.
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Camera {
    /// Opens the camera.
    ///
    /// # Errors
    /// [`SourceError::NotOpened`] where there is none, another program holds it, or OpenCV was built
    /// without what it needs.
    pub fn open(at: CameraAt) -> Result<Self, SourceError> {
        let refused = |why: String| SourceError::NotOpened {
            name: at.to_string(),
            why,
        };
        let mut capture = match &at {
            CameraAt::Index(index) => VideoCapture::new(i32::from(*index), CAP_V4L2),
            CameraAt::Device(path) => VideoCapture::from_file(path.display().to_string(), CAP_V4L2),
            CameraAt::Pipeline(pipeline) => VideoCapture::from_file(pipeline, CAP_GSTREAMER),
        }
        .map_err(|e| refused(e.message))?;
        if !capture.is_opened().map_err(|e| refused(e.message))? {
            return Err(refused(match at {
                CameraAt::Pipeline(_) => {
                    "GStreamer does not run this pipeline; is the plugin of each of its parts installed, and does it end in appsink?".into()
                }
                _ => "there is no such camera, or another program holds it".into(),
            }));
        }
        if !matches!(at, CameraAt::Pipeline(_)) {
            ask_for_the_most(&mut capture).map_err(|e| refused(e.message))?;
        }
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let ends = match &at {
            CameraAt::Pipeline(_) => Ends::ByItself,
            _ => Ends::Never,
        };
        std::thread::Builder::new()
            .name("camera".into())
            .spawn(move || take_in(capture, &theirs, ends))
            .map_err(|e| refused(e.to_string()))?;
        Ok(Self { at, shared })
    }
}

/// Asks a V4L2 device for its largest frames, which it gives fast enough only as JPEG; OpenCV asks for
/// 640 by 480, in which no zone can be read. A device that cannot do so keeps to what it can.
fn ask_for_the_most(capture: &mut VideoCapture) -> Result<(), opencv::Error> {
    let jpeg = VideoWriter::fourcc('M', 'J', 'P', 'G')?;
    for (property, value) in [
        (CAP_PROP_FOURCC, f64::from(jpeg)),
        (CAP_PROP_FRAME_WIDTH, 4096.0),
        (CAP_PROP_FRAME_HEIGHT, 3072.0),
    ] {
        capture.set(property, value)?;
    }
    Ok(())
}

/// Whether a camera's last frame may be its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// A pipeline may hold a file or a counted number of frames.
    ByItself,
    /// A device goes on until it is unplugged.
    Never,
}

/// Keeps the newest frame until the camera ends or nobody wants more.
fn take_in(mut capture: VideoCapture, shared: &Shared, ends: Ends) {
    loop {
        let read = frames::read(&mut capture);
        let mut latest = shared.lock();
        if matches!(latest.state, State::Closed) {
            return;
        }
        match read {
            Ok(Some(frame)) => {
                latest.frame = Some(frame);
                latest.number += 1;
            }
            Ok(None) if ends == Ends::ByItself => latest.state = State::Ended,
            Ok(None) => latest.state = State::Lost("it was unplugged or has stopped".into()),
            Err(e) => latest.state = State::Lost(e.message),
        }
        let running = matches!(latest.state, State::Running);
        drop(latest);
        shared.changed.notify_all();
        if !running {
            return;
        }
    }
}

impl Source for Camera {
    fn next(&mut self, patience: Duration) -> Result<Next, SourceError> {
        let begun = Instant::now();
        let mut latest = self.shared.lock();
        loop {
            if let Some(frame) = latest.frame.take() {
                return Ok(Next::Sight(Sight {
                    name: format!("{}#{}", self.at, latest.number),
                    content: Content::Frame(frame),
                }));
            }
            match &latest.state {
                State::Running => {}
                State::Ended | State::Closed => return Ok(Next::Ended),
                State::Lost(why) => {
                    return Err(SourceError::Lost {
                        name: self.at.to_string(),
                        why: why.clone(),
                    });
                }
            }
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(Next::NothingYet);
            }
            latest = self
                .shared
                .changed
                .wait_timeout(latest, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        // The thread sees it after its next frame; it is not waited for, for a device may hang.
        self.shared.lock().state = State::Closed;
    }
}
