//! (being written)

pub mod bundle;
pub mod durable;
