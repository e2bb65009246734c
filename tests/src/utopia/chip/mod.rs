//! Utopia's chips: the state that issues them ([`issuer`]), in every algorithm that real states use, and
//! what forgers make of them. Written from the standards and not from the reader that they try.

// A test's fault is told best where it happens.
#![allow(clippy::unwrap_used)]

pub mod answers;
pub mod card;
pub mod channel;
pub mod der;
pub mod faults;
pub mod files;
pub mod group;
pub mod issuer;
pub mod keys;
pub mod pace;
pub mod signing;
