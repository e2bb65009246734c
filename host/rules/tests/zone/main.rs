//! The zone through its public door: Doc 9303's own specimens, the errors that a person sees, and what
//! each check can and cannot see.
#![allow(clippy::unwrap_used, clippy::panic)]

mod checks;
mod reading;
mod specimens;
