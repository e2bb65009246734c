//! The technician's room: measuring what the box is, and setting what follows from the measurement.
//!
//! **For**: the program `mpaka-calibrate`. Evaluation of the learned models on an index of pictures in the
//! terms of ISO/IEC 19795-1, and the thresholds that follow from it. Printable targets, focus, geometry, lamps,
//! colour, golden scan and drift stand beside it as they are built.
//!
//! **May touch**: pictures and tables that the caller names; the report or policy file that the caller names.
//! Imports `models`, `page`, `rules` and `seal`; may import `firmware` (lamps and trays are driven). Knows nothing of inspections, lists or records.
//!
//! A report holds counts and rates alone: no picture, no name, no path of a person's picture.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

pub mod cli;
mod error;
pub mod faces;

pub use error::CalibrationError;
