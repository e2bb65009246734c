//! The box's devices as an inspection sees them: something that gives pictures, something that reads
//! running text, something that shows the advice. Each has a simulated form; the simulated whole runs the same code.

mod camera;
mod hardware;
mod tesseract;

pub use camera::{Camera, CameraError, LARGEST_PICTURE_BYTES, Shot, WatchedFolder};
pub use hardware::{Hardware, TICK};
pub use tesseract::Tesseract;
