//! The lane's own lamps and cameras as a calibration works them: the technician's pages take their pictures so.

use super::light::{GlassLight, SWITCHED};
use super::{Camera, CameraError, Hardware};
use calibration::CalibrationError;
use calibration::plan::Eye;
use calibration::rig::{Frames, Rig};
use firmware::lamps::Lamp;
use firmware::lid::LidState;
use page::Picture;
use std::sync::Arc;
use std::time::Duration;

/// The lane as a rig: nobody else lights its lamps meanwhile, and they go out with it. Whoever looks after the desk tends
/// the board.
#[derive(Debug)]
pub struct LaneRig {
    glass: GlassLight,
    hardware: Arc<Hardware>,
    camera: Arc<dyn Camera>,
}

impl LaneRig {
    /// The rig of a lane, once whoever takes a picture of the page there is done.
    #[must_use]
    pub fn new(hardware: Arc<Hardware>, camera: Arc<dyn Camera>) -> Self {
        Self {
            glass: GlassLight::for_calibration(&hardware),
            hardware,
            camera,
        }
    }
}

impl Rig for LaneRig {
    fn only(&mut self, lamp: Option<Lamp>) -> Result<(), CalibrationError> {
        self.glass.only(lamp)?;
        if self.camera.runs() {
            std::thread::sleep(SWITCHED);
            // The newest frame may be of before: it is taken, and thrown away.
            let _ = self.camera.take_page_as_lit();
        }
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    fn frame(&mut self, eye: Eye) -> Result<Picture, CalibrationError> {
        let taken = match eye {
            Eye::Glass => self.camera.take_page_as_lit(),
            Eye::Face => self.camera.take_live(),
        };
        match taken {
            Ok(bytes) => Ok(Picture::decode(&bytes)?),
            Err(CameraError::Source(error)) => Err(error.into()),
            Err(CameraError::Frame(error)) => Err(error.into()),
            Err(_) => Err(CalibrationError::NoFrame),
        }
    }

    fn frames(&self) -> Frames {
        if self.camera.runs() {
            Frames::Running
        } else {
            Frames::Given
        }
    }

    fn has(&self, _: Eye) -> bool {
        true
    }

    fn lid_is_open(&mut self) -> bool {
        self.hardware.lid() == Ok(LidState::Open)
    }

    fn pressed(&mut self) -> bool {
        false
    }
}
