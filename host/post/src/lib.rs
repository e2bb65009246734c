//! The border post: the program `mpaka`.
//!
//! **For**: the conductor of an inspection ([`inspection`]), the officer's desk ([`desk`]), talking to
//! headquarters ([`sync`]), updates of the programs ([`update`]), the box's devices as an inspection sees them
//! ([`devices`]), the log for operational monitoring ([`monitoring`]), what is carried by stick ([`backup`],
//! [`stick`]), and the command line ([`cli`]).
//!
//! **May touch**: the box's state folder, the devices, loopback (the desk), headquarters' address (sync),
//! the clock: this is where time enters the house. The installer of updates, alone and as root, also dpkg and systemd. Imports every room but `hq`.
//!
//! The standards behind the flow: BSI TR-03135-1 (checks and outcomes), ICAO Doc 9303-2 appendix C (the
//! officer's screen).

mod appliance;
pub mod backup;
pub mod cli;
mod cpu;
pub mod desk;
pub mod devices;
mod drift_watch;
mod error;
pub mod health;
pub mod inspection;
pub mod lease;
pub mod monitoring;
pub mod officers;
pub mod state;
pub mod stick;
pub mod sync;
pub mod update;

pub use appliance::{Appliance, Presence};
pub use drift_watch::{DriftHeld, Scanned};
pub use error::PostError;
