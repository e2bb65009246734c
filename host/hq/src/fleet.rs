//! The fleet as headquarters sees it: each box with what it last said of itself, and what is wrong with that.
//! Figures and names of places only: nothing here knows of any person.

mod place;
mod table;

pub use place::{Place, PlaceOrder};
pub use table::{Problem, Row, Summary, Tone, table};
