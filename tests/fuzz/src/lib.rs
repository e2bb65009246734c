//! Foreign bytes at every door of the house.
//!
//! **For**: one entry for every parser of bytes that come from outside ([`TARGETS`]). An entry never
//! refuses to be called: it panics where the parser panics or where what was understood contradicts
//! itself, and otherwise says whether the bytes were understood. `tests/fuzz.sh` drives the entries with
//! libFuzzer; every test run replays the corpora through them (`tests/corpora.rs`).
//!
//! **May touch**: every room. Writes into temporary folders of its own.

#![allow(clippy::panic)]

mod answers;
mod chip_files;
mod edition;
mod parcels;
mod pictures;
mod records;
mod rows;
mod technician;
mod text;
mod weights;

pub use edition::{EDITION_PARTS, write_edition};

/// What a parser made of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// They are not what it reads.
    Refused,
    /// They are.
    Understood,
}

impl Answer {
    /// The answer of a parser that gives `Some` or `Ok`.
    fn of(understood: bool) -> Self {
        if understood {
            Self::Understood
        } else {
            Self::Refused
        }
    }
}

/// One parser, or a few that read the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name; also its folder of the corpus.
    pub name: &'static str,
    /// The longest input worth trying, bytes.
    pub longest: usize,
    /// Gives it the bytes.
    pub eat: fn(&[u8]) -> Answer,
}

/// Every entry.
pub const TARGETS: &[Target] = &[
    target("zone_text", 256, text::zone),
    target("swipe", 512, text::swipe),
    target("date_text", 32, text::date),
    target("name_text", 256, text::names),
    target("target_name", 256, text::target_name),
    target("picture", 16 << 10, pictures::picture),
    target("page", 16 << 10, pictures::page),
    target("exif", 2048, pictures::exif),
    target("chip_tlv", 1024, chip_files::tlv),
    target("chip_file", 2048, chip_files::file),
    target("chip_signed", 4096, chip_files::signed),
    target("chip_answers", 4096, answers::conversation),
    target("chip_protected", 512, answers::protected),
    target("parcel", 2048, parcels::parcel),
    target("parcel_batch", 4096, parcels::batch),
    target("carried", 4096, parcels::carried),
    target("backup", 2048, parcels::backup),
    target("receipt", 512, parcels::receipt),
    target("health", 1024, parcels::health),
    target("word", 2048, parcels::word),
    target("checkpoint", 2048, parcels::checkpoint),
    target("vault", 1024, parcels::vault),
    target("protection", 1024, parcels::protection),
    target("record", 4096, records::record),
    target("edition", 4096, edition::edition),
    target("delta", 4096, edition::delta),
    target("import_rows", 2048, rows::rows),
    target("zone_weights", 4096, weights::zone_reader),
    target("onnx", 4096, weights::onnx),
    target("profile", 4096, technician::profile),
    target("board_description", 2048, technician::board),
    target("nfc_frames", 2048, technician::front_end),
];

const fn target(name: &'static str, longest: usize, eat: fn(&[u8]) -> Answer) -> Target {
    Target { name, longest, eat }
}

/// The entry of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
