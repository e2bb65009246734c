//! The data page: from a photograph of a document to what is printed on it.
//!
//! **For**: decoding pictures of any origin, finding the machine-readable zone at any rotation,
//! rectifying and reading it under the formats' grammar (ICAO Doc 9303 parts 3 to 7) while keeping
//! apart what was *seen* and what the grammar *preferred*, and finding the printed portrait.
//!
//! **May touch**: files, folders, videos and cameras that the caller names as [sources](source). Imports
//! `rules`. The learned parts stand behind two traits, [`LineReader`] and [`FaceFinder`], which the room
//! `models` implements.

mod combine;
mod decode;
mod evidence;
mod finder;
mod grid;
mod picture;
mod plane;
mod portrait;
mod reading;
mod seek;
pub mod source;
mod torn;
mod track;

pub use combine::{Combined, Frames, ZoneEvidence};
pub use evidence::{CLASSES, Class, LineEvidence, LineReader, STRIDE, STRIP_HEIGHT, Strip};
pub use picture::{Picture, PictureError, Rect};
pub use portrait::{FaceFinder, FacesUnavailable};
pub use reading::{PageReading, ZoneReading, read};
