//! The witness: where the ledger stood after the last thing that was acknowledged, in a small file beside the
//! database.
//!
//! SQLite ends without a word at the first damaged frame of its write-ahead log, and begins anew where the log
//! is gone: what was acknowledged since the last checkpoint would be missing, and the rest would look whole.
//! The witness tells the two apart. It is written after each commit and before the acknowledgement, and not
//! synced: after a cut of the power it may be behind the database, never ahead of it.
//!
//! Two slots take turns, each in a sector of its own, so that one torn write leaves the other. Each carries an
//! HMAC-SHA-256 under a key made from the store's: whoever has not that key makes no witness.

use crate::StoreError;
use ring::hmac;
use seal::chain::Head;
use seal::durable::{self, Readers};
use seal::storekey::StoreKey;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: &[u8; 8] = b"MPKWIT\x00\x01";
const PURPOSE: &[u8] = b"mpaka witness key v1";
/// What one slot takes on the medium, in bytes: a sector.
const SLOT: usize = 512;
/// Magic, count, line, hash, last number, receipted number.
const BODY: usize = 8 + 8 + 8 + 32 + 8 + 8;
const MAC: usize = 32;

/// Where the ledger stands, and the encounters and receipts with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The ledger's last line.
    pub(crate) head: Head,
    /// The last number given to an encounter.
    pub(crate) sequence: u64,
    /// The last number that headquarters has given its receipt for.
    pub(crate) receipted: u64,
}

/// The witness of one store.
#[derive(Debug)]
pub(crate) struct Witness {
    /// Absent where there is no room even for this: the store works without a witness.
    file: Option<File>,
    key: hmac::Key,
    count: u64,
    standing: Option<Standing>,
}

impl Witness {
    /// Opens the witness, or makes an empty one.
    pub(crate) fn open(path: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), PURPOSE).as_ref(),
        );
        let mut bytes = Vec::new();
        match File::open(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            file => {
                let file = file.map_err(StoreError::disk(path))?;
                file.take(2 * SLOT as u64)
                    .read_to_end(&mut bytes)
                    .map_err(StoreError::disk(path))?;
            }
        }
        let newest = bytes
            .chunks_exact(SLOT)
            .filter_map(|slot| read(&key, slot))
            .max_by_key(|(count, _)| *count);
        if bytes.len() != 2 * SLOT {
            bytes.resize(2 * SLOT, 0);
            match durable::replace(path, &bytes, Readers::Owner).map_err(StoreError::disk(path)) {
                Ok(()) | Err(StoreError::DiskFull) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(Self {
            file: File::options().write(true).open(path).ok(),
            key,
            count: newest.map_or(0, |(count, _)| count),
            standing: newest.map(|(_, standing)| standing),
        })
    }

    /// What it says; `None` for a store that has none yet.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.standing
    }

    /// The ledger goes on to this line.
    pub(crate) fn line(&mut self, head: Head) {
        self.change(|standing| Standing { head, ..standing });
    }

    /// The ledger goes on to this line, with an encounter of this number.
    pub(crate) fn encounter(&mut self, head: Head, sequence: u64) {
        self.change(|standing| Standing {
            head,
            sequence,
            ..standing
        });
    }

    /// The ledger goes on to this line, with a receipt up to this number.
    pub(crate) fn receipt(&mut self, head: Head, receipted: u64) {
        self.change(|standing| Standing {
            head,
            receipted,
            ..standing
        });
    }

    fn change(&mut self, act: impl FnOnce(Standing) -> Standing) {
        if let Some(standing) = self.standing {
            self.note(act(standing));
        }
    }

    /// Writes down where the store stands. What it stands for is on the medium already: that a witness could
    /// not be written undoes nothing, and is no error.
    pub(crate) fn note(&mut self, standing: Standing) {
        self.count += 1;
        self.standing = Some(standing);
        let mut slot = Vec::with_capacity(BODY + MAC);
        slot.extend_from_slice(MAGIC);
        slot.extend_from_slice(&self.count.to_be_bytes());
        slot.extend_from_slice(&standing.head.line.to_be_bytes());
        slot.extend_from_slice(&standing.head.hash);
        slot.extend_from_slice(&standing.sequence.to_be_bytes());
        slot.extend_from_slice(&standing.receipted.to_be_bytes());
        slot.extend_from_slice(hmac::sign(&self.key, &slot).as_ref());
        if let Some(file) = &self.file {
            let _ = file.write_all_at(&slot, (self.count % 2) * SLOT as u64);
        }
    }
}

fn read(key: &hmac::Key, slot: &[u8]) -> Option<(u64, Standing)> {
    let (body, rest) = slot.split_at_checked(BODY)?;
    hmac::verify(key, body, rest.get(..MAC)?).ok()?;
    let mut rest = body.strip_prefix(MAGIC)?;
    let count = u64::from_be_bytes(*take(&mut rest)?);
    let line = u64::from_be_bytes(*take(&mut rest)?);
    let hash = take::<32>(&mut rest)?;
    let sequence = u64::from_be_bytes(*take(&mut rest)?);
    let receipted = u64::from_be_bytes(*take(&mut rest)?);
    let head = Head { line, hash: *hash };
    Some((
        count,
        Standing {
            head,
            sequence,
            receipted,
        },
    ))
}

/// The next bytes.
fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(taken)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn standing(line: u64) -> Standing {
        Standing {
            head: Head {
                line,
                hash: [7; 32],
            },
            sequence: line / 2,
            receipted: line / 3,
        }
    }

    #[test]
    fn a_torn_write_leaves_the_one_before_and_another_key_reads_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let key = StoreKey::open_or_create(&folder.path().join("key")).unwrap();
        let other = StoreKey::open_or_create(&folder.path().join("other")).unwrap();
        let path = folder.path().join("witness");
        let mut witness = Witness::open(&path, &key).unwrap();
        assert_eq!(witness.standing(), None);
        for line in 1..=9 {
            witness.note(standing(line));
        }
        let again = Witness::open(&path, &key).unwrap();
        assert_eq!(again.standing(), Some(standing(9)));
        assert_eq!(Witness::open(&path, &other).unwrap().standing(), None);
        let whole = std::fs::read(&path).unwrap();
        for torn in 0..SLOT * 2 {
            let mut bytes = whole.clone();
            bytes[torn] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            let left = Witness::open(&path, &key).unwrap().standing().unwrap();
            assert!(left == standing(9) || left == standing(8), "{torn}");
        }
        for length in [0, 1, SLOT - 1, SLOT, SLOT + 7] {
            std::fs::write(&path, &whole[..length]).unwrap();
            Witness::open(&path, &key).unwrap();
        }
    }
}
