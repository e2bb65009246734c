//! Talking to headquarters: records go up and are erased after a signed receipt; editions come down.

mod ages;
mod answer;
mod awaiting;
mod background;
mod backoff;
mod by_code;
mod carried;
mod edition;
mod fetch;
mod link;
mod upload;

pub use ages::{RoleAge, ages};
pub use awaiting::await_editions;
pub use background::{Background, keep_erasing, keep_reporting, keep_uploading};
pub use backoff::Backoff;
pub use by_code::enrol_by_code;
pub(crate) use carried::models_that_came;
pub use carried::{CarriedFile, LivePolicy, carried, policy_of_box};
pub use edition::{TakeError, TakeOutcome, Taken, take};
pub use fetch::FetchError;
pub use link::Credentials;
pub use upload::{Headquarters, UploadError, Uploaded};
