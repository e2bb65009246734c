//! Records made smaller: before they are sealed, for a link of 64 kbit/s, and before they are written, for a card
//! that wears out.

use crate::SealError;
use crate::parcel::RECORD_LIMIT;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
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

/// The first byte of what [`packed`] makes. Nothing that was kept before there was packing begins so: JSON begins
/// with a brace, a CBOR map with 0xa0 to 0xbf.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// A record for the disk, smaller where packing makes it so; says itself how it is packed.
///
/// # Errors
/// [`SealError::TooLarge`] above [`RECORD_LIMIT`].
pub fn packed(record: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (packing, packed) = pack(record)?;
    let mut whole = Zeroizing::new(Vec::with_capacity(packed.len() + 1));
    whole.push(match packing {
        Packing::Plain => PLAIN,
        Packing::Deflate => DEFLATED,
    });
    whole.extend_from_slice(&packed);
    Ok(whole)
}

/// The record that [`packed`] was given; what was kept before there was packing is returned as it is.
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

/// Packs where packing makes it smaller.
pub(crate) fn pack(record: &[u8]) -> Result<(Packing, Zeroizing<Vec<u8>>), SealError> {
    if record.len() > RECORD_LIMIT {
        return Err(SealError::TooLarge {
            what: "record",
            bytes: record.len() as u64,
            limit: RECORD_LIMIT as u64,
        });
    }
    // A buffer that never grows leaves no copies of the record behind.
    let mut packed = Zeroizing::new(Vec::with_capacity(record.len()));
    DeflateEncoder::new(record, Compression::best())
        .take(record.len() as u64)
        .read_to_end(&mut packed)
        .expect("reading from memory does not fail");
    Ok(if packed.len() < record.len() {
        (Packing::Deflate, packed)
    } else {
        (Packing::Plain, Zeroizing::new(record.to_vec()))
    })
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

    #[test]
    fn what_is_packed_comes_back_and_what_never_was_stays() {
        let words = br#"{"check":"zone.check_digits","outcome":"Successful"}"#.repeat(40);
        let noise: Vec<u8> = (0..=255u8)
            .map(|n| n.wrapping_mul(167) ^ n.rotate_left(3))
            .collect();
        for record in [&words[..], &noise, b"", b"\x00", b"\x01\x02"] {
            let kept = packed(record).unwrap();
            assert_eq!(&unpacked(kept).unwrap()[..], record);
        }
        assert!(packed(&words).unwrap().len() < words.len() / 10);
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
            Compression::best(),
        )
        .read_to_end(&mut bomb)
        .unwrap();
        assert!(bomb.len() < RECORD_LIMIT / 100);
        assert!(matches!(
            unpacked(Zeroizing::new(bomb)),
            Err(SealError::TooLarge { .. })
        ));
        assert!(matches!(
            packed(&vec![0; RECORD_LIMIT + 1]),
            Err(SealError::TooLarge { .. })
        ));
    }
}
