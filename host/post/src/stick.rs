//! What a post writes onto a stick for headquarters to read: the parcels that wait, sealed as they are, and the
//! ledger as it is chained.

use crate::Appliance;
use seal::carrier;
use seal::parcel::batch;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use store::StoreError;

/// Bytes of a batch in a file that is carried by hand.
const CARRIED: usize = 1024 * 1024;
/// Lines of the ledger read at a time.
const PAGE_LINES: usize = 500;

/// Why something was not written onto a stick.
#[derive(Debug, thiserror::Error)]
pub enum StickError {
    /// The store is damaged or full.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stick took no more.
    #[error(transparent)]
    Medium(#[from] io::Error),
}

/// Writes everything that waits (`mpaka-hq take` reads it); how many parcels that is.
///
/// # Errors
/// [`StickError`].
pub fn write_waiting<W: Write>(appliance: &Appliance, to: W) -> Result<(u64, W), StickError> {
    let mut writer = carrier::Writer::begin(to)?;
    let mut written = BTreeSet::new();
    loop {
        let parcels = appliance.next_batch(CARRIED, &written)?;
        if parcels.is_empty() {
            return Ok((written.len() as u64, writer.finish()));
        }
        writer.add(&batch::encode(&parcels))?;
        written.extend(parcels.iter().map(|p| p.header().sequence));
    }
}

/// A line of the ledger as it is chained (`mpaka-hq ledger` reads it).
#[derive(Debug, Serialize)]
pub struct ChainedLine {
    /// Its number.
    pub line: u64,
    /// The chain's hash at it, hexadecimal.
    pub hash: String,
    /// What was hashed, hexadecimal.
    pub body: String,
}

/// Hands over every line of the ledger, the first one first.
///
/// # Errors
/// Those of the store, and what `take` says.
pub fn each_chained_line<E: From<StoreError>>(
    appliance: &Appliance,
    mut take: impl FnMut(&ChainedLine) -> Result<(), E>,
) -> Result<(), E> {
    let mut from = 1;
    loop {
        let lines = appliance.chained_lines(from, PAGE_LINES)?;
        let Some((last, _)) = lines.last() else {
            return Ok(());
        };
        from = last.line + 1;
        for (head, body) in &lines {
            take(&ChainedLine {
                line: head.line,
                hash: hex::encode(head.hash),
                body: hex::encode(body),
            })?;
        }
    }
}
