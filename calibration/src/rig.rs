//! The box as a session works it: one lamp at a time, frames from its two cameras, its lid and its button.

use crate::CalibrationError;
use crate::plan::Eye;
use firmware::board::Board;
use firmware::lamps::{Brightness, Lamp};
use firmware::lid::LidState;
use page::Picture;
use page::source::{Camera, CameraAt, Content, Folder, Next, Sight, Source};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How often a board is tended while time passes.
const TICK: Duration = Duration::from_millis(100);
/// After a lamp was switched a camera's driver still holds frames of before, and one is half exposed.
const SWITCHED: Duration = Duration::from_millis(400);
/// How long a camera may take for a frame.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many frames of before a lamp was switched are thrown away at most.
const MOST_STALE: usize = 64;

/// How frames come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frames {
    /// By themselves, as many as one asks for: a lamp can be watched while it warms up.
    Running,
    /// When somebody sees to it: a folder that another program or a hand fills.
    Given,
}

/// What a session works with. The box's own is [`BoxRig`]; the desk has one of its parts.
pub trait Rig {
    /// Lights this lamp alone, fully, or none; whatever frames were taken before are forgotten.
    ///
    /// # Errors
    /// [`CalibrationError::Board`].
    fn only(&mut self, lamp: Option<Lamp>) -> Result<(), CalibrationError>;

    /// Lets time pass, tending the board.
    fn pass(&mut self, time: Duration);

    /// The next frame of a camera.
    ///
    /// # Errors
    /// [`CalibrationError::Camera`], [`CalibrationError::NoFrame`].
    fn frame(&mut self, eye: Eye) -> Result<Picture, CalibrationError>;

    /// How its frames come.
    fn frames(&self) -> Frames;

    /// Whether the box has this camera.
    fn has(&self, eye: Eye) -> bool;

    /// Whether the lid is open; a box that cannot tell says no.
    fn lid_is_open(&mut self) -> bool;

    /// Whether the box's button was pressed since it was last asked.
    fn pressed(&mut self) -> bool;
}

/// Where a camera's frames come from, as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraName {
    /// `camera:0`, `camera:/dev/video0`, `camera:` and a GStreamer pipeline.
    Camera(CameraAt),
    /// `folder:DIR`: a folder being filled.
    Folder(PathBuf),
}

impl FromStr for CameraName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("camera", at)) if !at.is_empty() => {
                let Ok(camera) = at.parse::<CameraAt>();
                Ok(Self::Camera(camera))
            }
            Some(("folder", at)) if !at.is_empty() => Ok(Self::Folder(at.into())),
            _ => Err("a camera is camera:N, camera:PIPELINE or folder:DIR"),
        }
    }
}

impl CameraName {
    /// Opens it.
    ///
    /// # Errors
    /// [`CalibrationError::Camera`] where it is not there.
    pub fn open(&self) -> Result<Box<dyn Source>, CalibrationError> {
        Ok(match self {
            Self::Camera(at) => Box::new(Camera::open(at.clone())?),
            Self::Folder(folder) => Box::new(Folder::open(folder)?),
        })
    }

    /// How frames come from it.
    #[must_use]
    pub fn frames(&self) -> Frames {
        match self {
            Self::Camera(_) => Frames::Running,
            Self::Folder(_) => Frames::Given,
        }
    }
}

/// How time passes: really, or on the bench.
pub trait Pace {
    /// The time since a moment that never goes back.
    fn now(&self) -> Duration;
    /// Waits so long.
    fn pass(&mut self, time: Duration);
}

/// Time as everybody has it.
#[derive(Debug)]
pub struct RealTime(Instant);

impl Default for RealTime {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Pace for RealTime {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn pass(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// A box: its board and its cameras.
pub struct BoxRig {
    board: Box<dyn Board>,
    glass: Box<dyn Source>,
    face: Option<Box<dyn Source>>,
    frames: Frames,
    pace: Box<dyn Pace>,
    lid: Option<LidState>,
    pressed: bool,
}

impl std::fmt::Debug for BoxRig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BoxRig({})", self.board.name())
    }
}

impl BoxRig {
    /// The rig of these parts.
    #[must_use]
    pub fn new(
        board: Box<dyn Board>,
        glass: Box<dyn Source>,
        face: Option<Box<dyn Source>>,
        frames: Frames,
        pace: Box<dyn Pace>,
    ) -> Self {
        Self {
            board,
            glass,
            face,
            frames,
            pace,
            lid: None,
            pressed: false,
        }
    }

    /// Tends the board and hears its switches.
    fn tend(&mut self) {
        let now = self.pace.now();
        // What does not answer here is told where it is asked for.
        let _ = self.board.tick(now);
        self.lid = self.board.lid(now).ok();
        if let Ok(Some(_)) = self.board.button(now) {
            self.pressed = true;
        }
    }

    fn eye(&mut self, eye: Eye) -> Result<&mut dyn Source, CalibrationError> {
        match eye {
            Eye::Glass => Ok(self.glass.as_mut()),
            Eye::Face => match self.face.as_mut() {
                Some(face) => Ok(face.as_mut()),
                None => Err(CalibrationError::NoFaceCamera),
            },
        }
    }
}

impl Rig for BoxRig {
    fn only(&mut self, lamp: Option<Lamp>) -> Result<(), CalibrationError> {
        let now = self.pace.now();
        for other in Lamp::ALL.into_iter().filter(|l| Some(*l) != lamp) {
            self.board.light(other, Brightness::DARK, now)?;
        }
        if let Some(lamp) = lamp {
            self.board.light(lamp, Brightness::FULL, now)?;
        }
        if self.frames == Frames::Running {
            self.pass(SWITCHED);
        }
        let all = std::iter::once(&mut self.glass).chain(self.face.as_mut());
        for eye in all {
            for _ in 0..MOST_STALE {
                match eye.next(Duration::ZERO) {
                    Ok(Next::Sight(_)) => {}
                    Ok(Next::NothingYet | Next::Ended) => break,
                    Err(e) if e.reach() == page::source::Reach::OneSight => {}
                    Err(e) => return Err(e.into()),
                }
                if self.frames == Frames::Running {
                    break;
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        let until = self.pace.now() + time;
        loop {
            self.tend();
            let left = until.saturating_sub(self.pace.now());
            if left.is_zero() {
                return;
            }
            self.pace.pass(left.min(TICK));
        }
    }

    fn frame(&mut self, eye: Eye) -> Result<Picture, CalibrationError> {
        let patience = match self.frames {
            Frames::Running => PATIENCE,
            // Whoever fills the folder takes the time that it takes; the board is tended meanwhile.
            Frames::Given => Duration::MAX,
        };
        let begun = self.pace.now();
        loop {
            // Before each frame: what lies between two is the caller's own work, and an ultraviolet lamp may be lit.
            self.tend();
            let waited = match self.eye(eye)?.next(TICK) {
                Ok(Next::Sight(Sight {
                    content: Content::Frame(picture),
                    ..
                })) => return Ok(picture),
                Ok(Next::Ended) => return Err(CalibrationError::NoFrame),
                Ok(_) => self.pace.now().saturating_sub(begun),
                Err(e) => return Err(e.into()),
            };
            if waited > patience {
                return Err(CalibrationError::NoFrame);
            }
        }
    }

    fn frames(&self) -> Frames {
        self.frames
    }

    fn has(&self, eye: Eye) -> bool {
        eye == Eye::Glass || self.face.is_some()
    }

    fn lid_is_open(&mut self) -> bool {
        // A switch is believed once it has said the same for a while.
        self.pass(firmware::lid::LID_SETTLE * 2 + TICK);
        self.lid == Some(LidState::Open)
    }

    fn pressed(&mut self) -> bool {
        self.tend();
        std::mem::take(&mut self.pressed)
    }
}

impl Drop for BoxRig {
    fn drop(&mut self) {
        // Whatever ends the session, no lamp stays lit.
        let _ = self.board.dark(self.pace.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_are_told_by_their_names() {
        assert_eq!("folder:/a:b".parse(), Ok(CameraName::Folder("/a:b".into())));
        let camera = "camera:videotestsrc ! appsink"
            .parse::<CameraName>()
            .unwrap();
        assert_eq!(camera.frames(), Frames::Running);
        for wrong in ["", "camera:", "folder:", "tape:/dev/st0", "/dev/video0"] {
            assert!(wrong.parse::<CameraName>().is_err(), "{wrong}");
        }
    }
}
