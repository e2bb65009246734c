//! The data page: from a photograph of a document to what is printed on it.
//!
//! **For**: decoding pictures of any origin, finding the machine-readable zone at any rotation,
//! rectifying and reading it under the formats' grammar (ICAO Doc 9303 parts 3 to 7) while keeping
//! apart what was *seen* and what the grammar *preferred*, finding the printed portrait, measuring how the
//! page lies and how well it is seen, and its checks under other lamps.
//!
//! **May touch**: files, folders, videos and cameras that the caller names as [sources](source). Imports
//! `rules`. The learned parts stand behind two traits, [`LineReader`] and [`FaceFinder`], which the room
//! `models` implements.

mod combine;
mod decode;
mod edges;
mod evidence;
mod finder;
mod focus;
mod glare;
mod grid;
mod guidance;
mod lamps;
mod outline;
mod picture;
mod plane;
mod portrait;
mod pose;
mod reading;
mod rectify;
mod seek;
pub mod source;
mod torn;
mod track;

pub use combine::{Combined, Frames, ZoneEvidence};
pub use evidence::{CLASSES, Class, LineEvidence, LineReader, STRIDE, STRIP_HEIGHT, Strip};
pub use guidance::{Guidance, Measures};
pub use lamps::{Lamps, under_lamps};
pub use outline::{DocumentSize, EdgeEvidence, Located, Outline};
pub use picture::{Picture, PictureError, Rect};
pub use portrait::{FaceFinder, FacesUnavailable};
pub use reading::{PageReading, ZoneReading, read};
