//! The words and the rules of an inspection.
//!
//! **For**: the shared vocabulary of the house (zone, outcome, check, advice, decision, candidate,
//! encounter, policy) and the pure rules over it: parsing and checking the machine-readable zone
//! (ICAO Doc 9303 parts 3 to 7), the roll-up of check outcomes (BSI TR-03135-1) and the advice.
//!
//! **May touch**: nothing. No input or output, no clock, no randomness, no async: time and policy
//! are arguments. Imports no other room.

pub mod advice;
pub mod candidate;
pub mod check;
pub mod country;
pub mod date;
pub mod decision;
pub mod encounter;
pub mod face;
pub mod ids;
pub mod logging;
pub mod mrz;
pub mod outcome;
pub mod policy;
pub mod role;
mod text;

pub use advice::{Advice, Advised, Reason, ReasonCode};
pub use candidate::{Candidate, CandidateKind, Cleared, ClearedBy, Why};
pub use check::{Argument, Because, Check, CheckGroup, CheckId, Said};
pub use decision::{Decision, DecisionKind, OfficerAct, OverrideReason};
pub use encounter::{Circumstances, EncounterRecord, FaceSkip, PaperEntry};
pub use face::{FaceTemplate, ModelId};
pub use ids::{EditionNumber, EncounterId, EntryId, LaneId, OfficerId, PostId, Sequence};
pub use logging::{LogDomain, LogProfile};
pub use outcome::Outcome;
pub use policy::Policy;
pub use role::{BundleRole, RoleStanding, RoleTerms};
