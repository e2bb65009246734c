//! The watchlist: what it holds, how it is searched, and how alike two names are.
//!
//! **For**: reading a signed *edition* of the list (persons, and documents by the hundred million),
//! finding the entries that resemble a traveller, and saying why. [`names`] compares two names
//! across scripts, spellings and orders; [`Edition`] searches; [`build`] writes editions at
//! headquarters.
//!
//! **May touch**: the files of one edition's folder, read only (`build` writes a new folder). No
//! clock (time is an argument), no network, no database. It does not verify signatures: `seal`
//! has done that before an edition's folder is opened; every byte is checked here all the same.
//!
//! A [`Candidate`](rules::Candidate) is a resemblance, never a hit: only a person makes one of it.

pub mod build;
mod edition;
mod entry;
mod error;
pub mod gallery;
pub mod names;
mod particulars;
mod query;
mod search;

pub use edition::{Edition, EditionInfo};
pub use entry::{DocumentEntry, Handling, ListedDocument, ListedName, NameKind, PersonEntry};
pub use error::EditionError;
pub use query::{DocumentQuery, Query};
pub use search::FaceSearchError;
