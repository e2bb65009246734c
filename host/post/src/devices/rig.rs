//! The lane's own lamps and cameras as a calibration works them: the technician's pages take their pictures so.

use super::{Camera, CameraError, Hardware};
use calibration::CalibrationError;
use calibration::plan::Eye;
use calibration::rig::{Frames, Rig};
use firmware::lamps::{Brightness, Lamp};
use firmware::lid::LidState;
use page::Picture;
use std::sync::Arc;
use std::time::Duration;

/// After a lamp was switched a camera still holds a frame of before.
const SWITCHED: Duration = Duration::from_millis(400);

/// The lane as a rig. Whoever looks after the desk tends the board meanwhile.
#[derive(Debug)]
pub struct LaneRig {
    hardware: Arc<Hardware>,
    camera: Arc<dyn Camera>,
}

impl LaneRig {
    /// The rig of a lane.
    #[must_use]
    pub fn new(hardware: Arc<Hardware>, camera: Arc<dyn Camera>) -> Self {
        Self { hardware, camera }
    }
}

impl Rig for LaneRig {
    fn only(&mut self, lamp: Option<Lamp>) -> Result<(), CalibrationError> {
        for other in Lamp::ALL.into_iter().filter(|l| Some(*l) != lamp) {
            self.hardware.light(other, Brightness::DARK)?;
        }
        if let Some(lamp) = lamp {
            self.hardware.light(lamp, Brightness::FULL)?;
        }
        if self.camera.runs() {
            std::thread::sleep(SWITCHED);
            // The newest frame may be of before: it is taken, and thrown away.
            let _ = self.camera.take_page();
        }
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    fn frame(&mut self, eye: Eye) -> Result<Picture, CalibrationError> {
        let taken = match eye {
            Eye::Glass => self.camera.take_page(),
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

impl Drop for LaneRig {
    fn drop(&mut self) {
        self.hardware.dark();
    }
}
