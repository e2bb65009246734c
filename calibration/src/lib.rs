//! The technician's room: measuring what the box is, and setting what follows from the measurement.
//!
//! **For**: the program `mpaka-calibrate`. Printable targets ([`target`]); focus ([`focus`], ISO 12233),
//! geometry ([`geometry`]), lamps ([`lamps`]), colour ([`colour`], ISO/CIE 11664-6), infrared and ultraviolet
//! cards ([`inks`]), golden and drift scans ([`golden`]), each with its tolerance, figure, verdict and remedy
//! ([`verdict`]); the session that goes on where it was broken off ([`session`]) and ends in a profile signed by
//! the box's own key ([`sealed`]); its report ([`report`]). What is laid on the glass and which pictures are taken of
//! it is [`plan`]; [`capture`] takes them, working the box's lamps and cameras through [`rig`]; [`guide`] leads a
//! technician through all of it. Evaluation of the learned models on an index of pictures in the terms of
//! ISO/IEC 19795-1, and the thresholds that follow from it ([`faces`]).
//!
//! **May touch**: pictures and tables that the caller names; the report or policy file that the caller names;
//! the folder `calibration`, the board's description and the key of the state folder that the caller names; the box's
//! board and cameras while a session takes its pictures itself. Imports `models`, `page`, `rules`, `seal` and
//! `firmware`. Knows nothing of inspections, lists or records.
//!
//! A report on faces holds counts and rates alone: no picture, no name, no path of a person's picture.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

pub mod capture;
pub mod cli;
pub mod colour;
mod error;
pub mod face_chart;
pub mod faces;
pub mod focus;
pub mod geometry;
pub mod golden;
pub mod guide;
pub mod inks;
pub mod lamps;
pub mod plan;
pub mod plane;
pub mod report;
pub mod rig;
pub mod sealed;
pub mod session;
pub mod squares;
pub mod steps;
pub mod target;
pub mod verdict;
pub mod zone_bench;

pub use error::CalibrationError;
