//! The box's devices as an inspection sees them: something that gives pictures or zones, something that
//! reads running text, something that shows the advice. Each has a simulated form; the simulated whole runs
//! the same code.

mod camera;
mod chip_reader;
mod hardware;
mod source;
mod swipe;
mod tesseract;

pub use camera::{Camera, CameraError, LARGEST_PICTURE_BYTES, Shot, Sources, WatchedFolder};
pub use chip_reader::{FieldChip, ReaderError, connected_readers};
pub use hardware::{Hardware, TICK};
pub use source::{SourceName, SourceNameError};
pub use swipe::SwipeReader;
pub use tesseract::Tesseract;
