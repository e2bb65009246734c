//! Updates of the programs: packages come with an edition, and are installed while nobody stands at the desk; where
//! the new program does not fare as well as the one before, that one comes back, and headquarters hears why.
//!
//! Two sides, with a wall between. The appliance, which has no rights, takes packages with the edition
//! ([`crate::sync::take`]), lays them out as they were signed ([`StateDir::update`]), and asks for an update when the
//! lane is at rest ([`keep_asking`]). The installer (`mpaka update apply`, root, `mpaka-update.service`) believes
//! nothing of that: it verifies what lies there by a root of trust of its own in a folder of its own ([`Ground`]),
//! copies it there, and installs the copy.
//!
//! Before anything is changed a journal says what is under way, and a copy of this program is kept, which goes on
//! after a power cut even where the new program does not start. What can go wrong and what then happens:
//!
//! | when | then |
//! |---|---|
//! | signature, digest, architecture, version or package are not as they must be | nothing is installed |
//! | the packages of the version in use are not kept, or the release writes a layout of the store that it could not read | nothing is installed: there would be no way back |
//! | the disk has no room for the packages and a reserve, or none for the way back | nothing is installed |
//! | an encounter is under way, or the keys are locked | later |
//! | the power is cut during the installation | it is begun again once; cut again, the version before comes back |
//! | the installation fails, the new program does not come up in time, or its doctor finds what the old one's did not | the version before comes back |
//! | a file of the installer's is damaged | it is set aside, and what had proved itself is put back where it is not installed whole |
//! | the power is cut on the way back, or it fails | the way back is begun again; of a failure headquarters hears |
//!
//! A version that the box went back from is not tried again; the next one is.

mod apply;
mod asking;
mod debian;
mod error;
mod fit;
mod journal;
mod kept;
mod lane;
mod machine;
mod mending;
mod staged;

pub use apply::{Applied, Applying, set_up};
pub use asking::keep_asking;
pub use debian::Debian;
pub use error::UpdateError;
pub use journal::{Ground, Journal, LastUpdate, Refused, Standing, Step, Why};
pub use lane::{AtWork, BeingUpdated, Closed, Lane};
pub use machine::{Asks, Health, Machine, MachineError, Serving, StoreLayouts};
pub use staged::{lay_out, waiting, wanting};

#[cfg(doc)]
use crate::state::StateDir;
