//! Parcels over HTTP to the real program: each arrives once, and a receipt means that it is on the medium.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;
mod keeping;
mod taking;
