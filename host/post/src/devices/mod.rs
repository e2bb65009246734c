//! The box's devices as an inspection sees them: something that gives pictures or zones, something that
//! reads running text, something that shows the advice. Each has a simulated form; the simulated whole runs
//! the same code.

mod camera;
mod chip_reader;
mod front_end;
mod hardware;
mod light;
mod lit_camera;
mod rig;
mod source;
mod swipe;
mod tesseract;
pub(crate) mod tpm;

pub use camera::{
    Camera, CameraError, Eye, LARGEST_PICTURE_BYTES, Shot, Sources, Traveller, WatchedFolder,
};
pub use chip_reader::{ChipReader, FieldChip, PcscReader, ReaderError, connected_readers};
pub use front_end::{FrontEnd, NfcReader, OWN_FRONT_END, chip_reader};
pub use hardware::{Happened, Hardware, HardwareError, TICK, Tended, case_was_opened};
pub use lit_camera::LitCamera;
pub use rig::LaneRig;
pub use source::{SourceName, SourceNameError};
pub use swipe::SwipeReader;
pub use tesseract::Tesseract;
pub use tpm::TpmError;
