//! The words of the command line that name the box's cameras, and the rig that they make with its board.

use super::Context;
use crate::CalibrationError;
use crate::capture::Manner;
use crate::rig::{BoxRig, CameraName, RealTime};
use clap::{Args, ValueEnum};
use firmware::Part;
use firmware::board::{self, description::Description};
use std::path::Path;
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct CameraArgs {
    /// Take the pictures with the box's own lamps and this camera over the glass: camera:0, camera:PIPELINE, or
    /// folder:DIR, which another program fills as it is told on standard error.
    #[arg(long, value_name = "KIND:WHERE")]
    pub(super) camera: Option<CameraName>,
    /// The camera that travellers look into.
    #[arg(long, value_name = "KIND:WHERE", requires = "camera")]
    face_camera: Option<CameraName>,
    /// So many frames are averaged of what lies still.
    #[arg(long, value_name = "N", default_value_t = 8, requires = "camera", value_parser = clap::value_parser!(u8).range(1..=64))]
    frames: u8,
    /// The longest that a lamp is given to warm up, in seconds; 0 measures it as it is [default: 300 under a camera,
    /// whose light tells when it is warm; 120 with folder:].
    #[arg(long, value_name = "SECONDS", requires = "camera")]
    warm_up: Option<u16>,
    /// A lamp that this box does not have.
    #[arg(long, value_enum, value_name = "LAMP", requires = "camera")]
    without: Vec<LampName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LampName {
    Infrared,
    Ultraviolet,
}

impl CameraArgs {
    /// How pictures are taken.
    pub(super) fn manner(&self) -> Manner {
        let warm_up = self.warm_up.unwrap_or(match self.camera {
            Some(CameraName::Folder(_)) => 120,
            _ => 300,
        });
        Manner {
            frames: usize::from(self.frames),
            warm_up: Duration::from_secs(warm_up.into()),
            without: self
                .without
                .iter()
                .map(|lamp| match lamp {
                    LampName::Infrared => Part::Infrared.as_str(),
                    LampName::Ultraviolet => Part::Ultraviolet.as_str(),
                })
                .collect(),
        }
    }

    /// The box's board, as its state folder describes it, and the cameras named; `None` where none was.
    pub(super) fn rig(&self, context: &Context) -> Result<Option<BoxRig>, CalibrationError> {
        let Some(camera) = &self.camera else {
            return Ok(None);
        };
        let state = context.state.as_deref().unwrap_or(Path::new(super::STATE));
        // A session computes for seconds, and waits for a technician's typing.
        let described = Description::of_state(state)?.map(Description::unwatched);
        let face = self
            .face_camera
            .as_ref()
            .map(CameraName::open)
            .transpose()?;
        Ok(Some(BoxRig::new(
            board::open(described.as_ref(), false)?,
            camera.open()?,
            face,
            camera.frames(),
            Box::new(RealTime::default()),
        )))
    }
}
