//! Headquarters: who may sign, what is listed, which boxes there are, and what they send.
//!
//! **For**: the ceremony that makes the keys, the register of boxes, the working list with its two
//! approvers, the signing of editions, the receipt of parcels, and the audit of all that. The program
//! `mpaka-hq` is a thin command line over this library.
//!
//! **May touch**: its own state folder (keys, roots, register), the database of parcels, the repository
//! folder it publishes into, and one listening socket. Time is an argument everywhere below `main`. It
//! knows nothing of posts' programs or of chips; what it shares with a box are the formats of `seal` and
//! `watchlist`.
//!
//! State folder: `keys/` (role keys, or the tokens that hold them; mode 0600), `roots/` (`N.root.json`), `hq-private.json` (mode 0600),
//! `hq-public.json` (given to boxes), `register.db`, `office.db`, `acts.ledger` with `acts.checkpoint`, `epochs/`,
//! `bundle/` and `content/` (files of editions), `signed/` (what was signed last), and by default `parcels.db`.

pub mod access;
pub mod acts;
pub mod admission;
pub mod approval;
pub mod audit;
pub mod backup;
pub mod boxes;
pub mod ceremony;
pub mod codes;
pub mod difference;
mod error;
pub mod export;
pub mod fleet;
pub mod health;
pub mod hold;
pub mod home;
pub mod keyring;
pub mod list;
mod listening;
pub mod offers;
pub mod office;
pub mod parcels;
pub mod people;
pub mod pkcs11;
pub mod receive;
pub mod register;
pub mod retention;
pub mod rights;
pub mod rollout;
pub mod serve;
pub mod software;
pub mod statistics;
pub mod transport;
pub mod withdraw;

pub use error::{HqError, RowFault};
