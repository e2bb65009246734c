//! Parcels carried by hand: what waits at a post, on a stick, sealed as it is. A backup of what headquarters does
//! not have yet, and the way to headquarters where there is no link at all.
//!
//! The file begins with eight bytes that name it and its version; then come batches of parcels
//! ([`crate::parcel::batch`]), each after its length (4 bytes, the highest first). A file that was cut short, as a
//! stick pulled out too early leaves it, is read up to the last whole batch.

use crate::SealError;
use crate::parcel::BATCH_LIMIT;
use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"MPKBOX\x00\x01";
const WHAT: &str = "file of carried parcels";

/// Writes a file.
#[derive(Debug)]
pub struct Writer<W>(W);

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Whatever the medium says.
    pub fn begin(mut to: W) -> io::Result<Self> {
        to.write_all(MAGIC)?;
        Ok(Self(to))
    }

    /// Adds a batch, of at most [`BATCH_LIMIT`] bytes.
    ///
    /// # Errors
    /// `InvalidInput` for a batch that is too large, or whatever the medium says.
    pub fn add(&mut self, batch: &[u8]) -> io::Result<()> {
        let length = u32::try_from(batch.len())
            .ok()
            .filter(|_| batch.len() <= BATCH_LIMIT)
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.0.write_all(&length.to_be_bytes())?;
        self.0.write_all(batch)
    }

    /// Ends the file.
    pub fn finish(self) -> W {
        self.0
    }
}

/// Reads a file, batch by batch.
#[derive(Debug)]
pub struct Reader<R>(R);

impl<R: Read> Reader<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where it is no such file.
    pub fn begin(mut from: R) -> Result<Self, SealError> {
        let mut magic = [0; 8];
        match from.read_exact(&mut magic) {
            Ok(()) if magic == *MAGIC => Ok(Self(from)),
            Ok(()) if magic[..7] == MAGIC[..7] => Err(SealError::NewerVersion {
                what: WHAT,
                version: u64::from(magic[7]),
                known: u64::from(MAGIC[7]),
            }),
            _ => Err(SealError::Malformed { what: WHAT }),
        }
    }

    /// The next batch; `None` at the end, also where the file was cut short.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] where a length is none of ours.
    pub fn next_batch(&mut self) -> Result<Option<Vec<u8>>, SealError> {
        let mut length = [0; 4];
        if self.0.read_exact(&mut length).is_err() {
            return Ok(None);
        }
        let length = u64::from(u32::from_be_bytes(length));
        if length > BATCH_LIMIT as u64 {
            return Err(SealError::TooLarge {
                what: WHAT,
                bytes: length,
                limit: BATCH_LIMIT as u64,
            });
        }
        let mut batch = Vec::new();
        match self.0.by_ref().take(length).read_to_end(&mut batch) {
            Ok(read) if read as u64 == length => Ok(Some(batch)),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_cut_short_is_read_up_to_the_last_whole_batch() {
        let mut writer = Writer::begin(Vec::new()).unwrap();
        for batch in [&b"one"[..], b"", b"three"] {
            writer.add(batch).unwrap();
        }
        let too_large = vec![0; BATCH_LIMIT + 1];
        assert!(writer.add(&too_large).is_err());
        let file = writer.finish();
        let read = |bytes: &[u8]| -> Result<Vec<Vec<u8>>, SealError> {
            let mut reader = Reader::begin(bytes)?;
            let mut batches = Vec::new();
            while let Some(batch) = reader.next_batch()? {
                batches.push(batch);
            }
            Ok(batches)
        };
        let whole = read(&file).unwrap();
        assert_eq!(whole, [&b"one"[..], b"", b"three"]);
        for length in 0..file.len() {
            match read(&file[..length]) {
                Ok(batches) => assert_eq!(batches, whole[..batches.len()], "{length}"),
                Err(_) => assert!(length < 8),
            }
        }
        let mut greedy = file.clone();
        greedy[8..12].fill(0xff);
        assert!(matches!(read(&greedy), Err(SealError::TooLarge { .. })));
        let mut newer = file;
        newer[7] = 2;
        assert!(matches!(
            read(&newer),
            Err(SealError::NewerVersion { version: 2, .. })
        ));
    }
}
