//! The box's own hardware: tower light and buzzer, document tray, lamps, lid and tamper switch, push button,
//! watchdog, fuel gauge, clock, NFC front end.
//!
//! **For**: drivers over embedded-hal 1.0, without the standard library, and boards that bundle them: the
//! real one (`board::pi`, cargo feature `pi`) and the simulated one ([`board::bench`]), which every test
//! and demo uses. Both run the same drivers; only the pins differ.
//!
//! **May touch**: pins, through embedded-hal's traits; `board::pi` alone opens the machine's own. Imports
//! no other room. There is no clock here: every call that needs the time is given it, as the [`Duration`]
//! since a moment of the caller's choosing that never goes back.
//!
//! What stays lit must be put out again, so whoever holds a board calls [`board::Board::tick`] at least ten
//! times a second.
//!
//! [`Duration`]: core::time::Duration

#![no_std]

#[cfg(feature = "std")]
extern crate std;

pub mod battery;
#[cfg(feature = "std")]
pub mod board;
pub mod button;
pub mod clock;
pub mod fault;
pub mod lamps;
pub mod lid;
pub mod nfc;
pub mod nfc_link;
mod steady;
pub mod tower;
pub mod tray;
pub mod watchdog;
pub mod wiring;

pub use fault::{Fault, Part};
