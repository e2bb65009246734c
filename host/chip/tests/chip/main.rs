//! The chip's room through its public doors: worked examples of the standards, the development vectors,
//! chips in process, and documents of Utopia that are good, wrong or forged.
#![allow(clippy::unwrap_used, clippy::panic)]

extern crate mpaka_chip as chip;

#[path = "../../../../tests/src/utopia/chip/mod.rs"]
#[allow(dead_code, unreachable_pub)] // Each of its readers uses a part.
mod utopia;

mod asks;
mod belief;
mod hostile;
mod lists;
mod outcomes;
mod proofs;
mod reading;
mod tr03105;
mod vectors;
mod whole;
mod worked_agreements;
mod worked_examples;
