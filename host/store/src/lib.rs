//! Everything on disk that must survive: encounters, ledger, outbox, editions.
//!
//! **For**: one durable place behind one door. [`Store::record`] puts a decided encounter, its line in the
//! ledger and its sealed parcel on disk in one transaction, and returns its number only after that is on
//! the medium. [`Store::acknowledge`] erases parcels only for a receipt whose signature was checked.
//! [`editions::Editions`] keeps the watchlist's editions and switches between them whole.
//!
//! **May touch**: the state folder it is given, nothing else; no network, no clock (time is an argument).
//! Imports `rules` and `seal`.
//!
//! ```text
//! STATE/mpaka.db         SQLCipher (AES-256, HMAC-SHA-512 a page), WAL, synchronous=FULL
//! STATE/mpaka.db-wal     what is committed and not yet moved into it
//! STATE/mpaka.fingerprint   tells the store's key from another one
//! STATE/mpaka.witness    where the ledger stood after the last thing that was acknowledged
//! STATE/damaged-N/       a store that was damaged, as it was found; what could be read of it was carried over
//! STATE/reserve          room kept back, so that parcels can be erased on a full disk
//! STATE/lock             held while a program has the store open
//! STATE/editions/NNNNNN/ an edition, complete; two are kept
//! STATE/editions/active  which one is in use
//! STATE/editions/*.part  being copied; swept on the next open
//! ```
//!
//! The ledger holds no personal data: numbers, times, advice and decision, and digests keyed with a secret
//! that stands with the encounter and goes with it.

mod begun;
mod clearances;
mod contact;
mod database;
pub mod editions;
mod encounters;
mod error;
mod ledger;
mod outbox;
mod record;
mod reserve;
mod retention;
mod salvage;
mod schema;
mod snapshot;
mod verify;
mod witness;
mod wreck;

pub use begun::{Begun, BegunId};
pub use clearances::Clearing;
pub use contact::KeptLease;
pub use encounters::{EncounterSummary, Sent};
pub use error::{LedgerFault, StoreError};
pub use ledger::{EncounterLine, LedgerEvent, LedgerLine, LedgerReport, Note, OfficerTag, Salvage};
pub use outbox::{OutboxStatus, ReceiptStatus};
pub use record::{EncounterDraft, Sealer};
pub use retention::{RecordClass, Retention};
pub use salvage::Salvaged;
pub use schema::{LAYOUT_READ, LAYOUT_WRITTEN};

use rules::PostId;
use rusqlite::Connection;
use std::fs::File;
use std::path::PathBuf;
use witness::Witness;

/// The store of one post, open and held: nobody else can open it until this is dropped.
///
/// It is `Send` and not `Sync`: whoever shares it puts a lock around it.
#[derive(Debug)]
pub struct Store {
    // Dropped in this order: the database closes before the state is free for others.
    connection: Connection,
    post: PostId,
    database: PathBuf,
    reserve: PathBuf,
    witness: Witness,
    _lock: File,
}
