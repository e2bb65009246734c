//! The data page: from a photograph of a document to what is printed on it.
//!
//! **For**: decoding pictures of any origin, finding the machine-readable zone at any rotation,
//! rectifying and reading it under the formats' grammar (ICAO Doc 9303 parts 3 to 7) while keeping
//! apart what was *seen* and what the grammar *preferred*, finding the printed portrait, measuring how the
//! page lies and how well it is seen (by its edges alone where it has no zone), its checks under other
//! lamps, comparing the zone with the visual zone above it, and drawing a reading for a person's eyes.
//!
//! **May touch**: files, folders, videos and cameras that the caller names as [sources](source). Imports
//! `rules`. The learned parts stand behind two traits, [`LineReader`] and [`FaceFinder`], which the room
//! `models` implements; running text is read behind [`VisualReader`], which `post` implements with a
//! recogniser that it starts.

mod bare;
mod coarse;
mod combine;
mod decode;
mod draw;
mod edges;
mod evenness;
mod evidence;
mod finder;
mod focus;
mod glare;
mod grid;
mod guidance;
mod jpeg;
mod lamps;
mod marks;
mod outline;
mod picture;
mod plane;
mod portrait;
mod pose;
pub mod profile;
mod reading;
mod rectify;
mod seek;
pub mod source;
mod torn;
mod track;
mod visual;

pub use bare::BarePage;
pub use combine::{Combined, Frames, ZoneEvidence};
pub use draw::{Marks, draw};
pub use evidence::{CLASSES, Class, LineEvidence, LineReader, STRIDE, STRIP_HEIGHT, Strip};
pub use guidance::{Guidance, Measures};
pub use lamps::{Lamps, under_lamps};
pub use outline::{DocumentSize, EdgeEvidence, Located, Outline};
pub use picture::{Picture, PictureError, Rect};
pub use portrait::{FaceFinder, FacesUnavailable};
pub use profile::{Correction, Profile};
pub use reading::{PageReading, ZoneReading, read};
pub use visual::{
    Look, REGION_DPI, VisualReader, VisualUnavailable, Word, compare_visual, visual_unanswered,
};
