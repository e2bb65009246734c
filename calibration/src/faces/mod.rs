//! The face matcher measured on pictures of known persons, in the terms of ISO/IEC 19795-1: failure to
//! acquire, false match rate, false non-match rate, detection error trade-off, each by group.

mod bootstrap;
mod listing;
mod plots;
mod quality;
mod rates;
mod report;
mod trial;

pub(crate) use plots::{Lines, lines};

pub use listing::{Listing, MOST_PAIRS, MOST_SAMPLES};
pub use quality::{QualityFigures, quality};
pub use rates::{Evidence, Figures, GroupFigures, OperatingPoint, Rate, threshold_at};
pub use report::html;
pub use trial::{Acquisition, Comparison, Taken, Trial};
