//! Records made smaller: before they are sealed, for a link of 64 kbit/s, and before they are written, for a card
//! that wears out.

use crate::SealError;
use crate::parcel::RECORD_LIMIT;
use flate2::read::DeflateDecoder;
use libdeflater::{CompressionLvl, Compressor};
use serde::{Deserialize, Serialize};
use std::io::Read;
use zeroize::Zeroizing;

/// How a record was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Packing {
    /// As it is: pictures, and whatever does not shrink.
    Plain,
    /// DEFLATE (RFC 1951).
    Deflate,
}

/// The first byte of what [`Packed::kept`] is. Nothing that was kept before there was packing begins so: JSON begins
/// with a brace, a CBOR map with 0xa0 to 0xbf.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// The highest level that searches greedily and lazily: those above it take ten times as long for one byte in a
/// hundred.
const LEVEL: i32 = 9;

/// A record made smaller where packing does that: for the disk, and for its parcel without packing it once more.
pub struct Packed {
    packing: Packing,
    /// One byte that says how it is packed, and the packed record.
    kept: Zeroizing<Vec<u8>>,
}

impl Packed {
    /// Packs a record.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] above [`RECORD_LIMIT`].
    pub fn new(record: &[u8]) -> Result<Self, SealError> {
        if record.len() > RECORD_LIMIT {
            return Err(SealError::TooLarge {
                what: "record",
                bytes: record.len() as u64,
                limit: RECORD_LIMIT as u64,
            });
        }
        // A buffer that never grows leaves no copies of the record behind, and libdeflate makes none of its own.
        let mut kept = Zeroizing::new(vec![DEFLATED; record.len() + 1]);
        let level = CompressionLvl::new(LEVEL).expect("libdeflate knows the levels 0 to 12");
        match Compressor::new(level).deflate_compress(record, &mut kept[1..]) {
            Ok(bytes) if bytes < record.len() => {
                kept.truncate(bytes + 1);
                Ok(Self {
                    packing: Packing::Deflate,
                    kept,
                })
            }
            // It would not be smaller, or does not even fit.
            _ => {
                kept[0] = PLAIN;
                kept[1..].copy_from_slice(record);
                Ok(Self {
                    packing: Packing::Plain,
                    kept,
                })
            }
        }
    }

    /// What is kept on the disk, for [`unpacked`].
    #[must_use]
    pub fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// How it is packed.
    pub(crate) fn packing(&self) -> Packing {
        self.packing
    }

    /// The packed record alone.
    pub(crate) fn packed(&self) -> &[u8] {
        self.kept.get(1..).unwrap_or_default()
    }
}

/// The record that was [`Packed`]; what was kept before there was packing is returned as it is.
///
/// # Errors
/// [`SealError::CannotOpen`] where it is damaged, [`SealError::TooLarge`] where it grows beyond [`RECORD_LIMIT`].
pub fn unpacked(kept: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (packing, rest) = match kept.split_first() {
        Some((&PLAIN, rest)) => (Packing::Plain, rest),
        Some((&DEFLATED, rest)) => (Packing::Deflate, rest),
        _ => return Ok(kept),
    };
    unpack(packing, Zeroizing::new(rest.to_vec()))
}

/// What was packed so.
pub(crate) fn unpack(
    packing: Packing,
    packed: Zeroizing<Vec<u8>>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    match packing {
        Packing::Plain => Ok(packed),
        Packing::Deflate => {
            let mut record = Zeroizing::new(Vec::new());
            DeflateDecoder::new(&packed[..])
                .take(RECORD_LIMIT as u64 + 1)
                .read_to_end(&mut record)
                .map_err(|_| SealError::CannotOpen)?;
            if record.len() > RECORD_LIMIT {
                return Err(SealError::TooLarge {
                    what: "record",
                    bytes: record.len() as u64,
                    limit: RECORD_LIMIT as u64,
                });
            }
            Ok(record)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use flate2::read::DeflateEncoder;

    #[test]
    fn what_is_packed_comes_back_and_what_never_was_stays() {
        let words = br#"{"check":"zone.check_digits","outcome":"Successful"}"#.repeat(40);
        let noise: Vec<u8> = (0..=255u8)
            .map(|n| n.wrapping_mul(167) ^ n.rotate_left(3))
            .collect();
        for record in [&words[..], &noise, b"", b"\x00", b"\x01\x02"] {
            let kept = Packed::new(record).unwrap();
            assert_eq!(
                &unpacked(Zeroizing::new(kept.kept().to_vec())).unwrap()[..],
                record
            );
        }
        assert!(Packed::new(&words).unwrap().kept().len() < words.len() / 10);
        for old in [&words[..], b"\xa1\x01\x02", b""] {
            assert_eq!(&unpacked(Zeroizing::new(old.to_vec())).unwrap()[..], old);
        }
    }

    #[test]
    fn what_is_damaged_or_grows_without_end_is_refused() {
        assert!(matches!(
            unpacked(Zeroizing::new(vec![DEFLATED, 0xff, 0xff])),
            Err(SealError::CannotOpen)
        ));
        let mut bomb = vec![DEFLATED];
        DeflateEncoder::new(
            std::io::repeat(7).take(RECORD_LIMIT as u64 + 2),
            flate2::Compression::best(),
        )
        .read_to_end(&mut bomb)
        .unwrap();
        assert!(bomb.len() < RECORD_LIMIT / 100);
        assert!(matches!(
            unpacked(Zeroizing::new(bomb)),
            Err(SealError::TooLarge { .. })
        ));
        assert!(matches!(
            Packed::new(&vec![0; RECORD_LIMIT + 1]),
            Err(SealError::TooLarge { .. })
        ));
    }
}
