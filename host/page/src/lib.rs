//! The data page: from a photograph of a document to what is printed on it.
//!
//! **For**: decoding pictures of any origin, finding the machine-readable zone at any rotation,
//! rectifying and reading it under the formats' grammar (ICAO Doc 9303 parts 3 to 7) while keeping
//! apart what was *seen* and what the grammar *preferred*, and finding the printed portrait;
//! comparing the zone with the visual zone above it; drawing a reading for a person's eyes.
//!
//! **May touch**: files that the caller names as pictures. Imports `rules`. The learned parts stand
//! behind two traits, [`LineReader`] and [`FaceFinder`], which the room `models` implements; running text
//! is read behind [`VisualReader`], which `post` implements with a recogniser that it starts.

mod decode;
mod draw;
mod evidence;
mod finder;
mod grid;
mod picture;
mod plane;
mod portrait;
mod reading;
mod seek;
mod torn;
mod track;
mod visual;

pub use draw::{Marks, draw};
pub use evidence::{CLASSES, Class, LineEvidence, LineReader, STRIDE, STRIP_HEIGHT, Strip};
pub use picture::{Picture, PictureError, Rect};
pub use portrait::{FaceFinder, FacesUnavailable};
pub use reading::{PageReading, ZoneReading, read};
pub use visual::{
    Look, REGION_DPI, VisualReader, VisualUnavailable, Word, compare_visual, visual_unanswered,
};
