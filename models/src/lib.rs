//! Learned models behind one door.
//!
//! **For**: finding faces and their five points, aligning and describing them as templates,
//! comparing two faces one to one, measuring the quality of a face picture (ISO/IEC 29794-5), and saying
//! what speaks for a picture of a picture (advice only).
//! Every model has a [`Card`]: what it is, its digest, its licence, where it comes from, the bands
//! of its scores and its measured error. Weights are checked against the card's digest each time
//! they are loaded; a model that is absent or corrupt is a typed error, which an inspection turns
//! into `Undetermined`, never `Failed`.
//!
//! **May touch**: the folder of models ([`Folder`]), read-only. The program `mpaka-models`, alone,
//! also reaches a package registry, to fetch weights by digest into that folder. Imports `rules`
//! and `page`; the networks know nothing of inspections.

pub mod attack;
pub mod card;
mod error;
pub mod face;
pub mod fold;
mod folder;
mod network;
mod onnx;
pub mod quality;
pub mod zone;

pub use card::Card;
pub use error::ModelError;
pub use folder::{Folder, digest, name_among_came};
