//! CBOR read totally: bounded, nothing left over, nothing but the shape expected.

use crate::SealError;
use serde::{Serialize, de::DeserializeOwned};

/// The CBOR of a value of ours.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)
        .expect("plain structures of numbers, texts and bytes always encode into memory");
    bytes
}

/// Reads exactly one value of at most `limit` bytes.
pub(crate) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    limit: usize,
    what: &'static str,
) -> Result<T, SealError> {
    if bytes.len() > limit {
        return Err(SealError::TooLarge {
            what,
            bytes: bytes.len() as u64,
            limit: limit as u64,
        });
    }
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).map_err(|_| SealError::Malformed { what })?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(SealError::Malformed { what })
    }
}

/// Reads exactly one value, and only in the spelling that [`encode`] gives it: what no signature covers
/// can then not be written in two ways.
pub(crate) fn decode_exact<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    limit: usize,
    what: &'static str,
) -> Result<T, SealError> {
    let value: T = decode(bytes, limit, what)?;
    if encode(&value) == bytes {
        Ok(value)
    } else {
        Err(SealError::Malformed { what })
    }
}

/// Versions count from 1, and this program reads all up to the one it writes.
pub(crate) fn check_version(version: u64, known: u64, what: &'static str) -> Result<(), SealError> {
    match version {
        0 => Err(SealError::Malformed { what }),
        1.. if version <= known => Ok(()),
        _ => Err(SealError::NewerVersion {
            what,
            version,
            known,
        }),
    }
}

/// SHA-256 over a purpose and parts, each with its length before it, so that no two inputs run together.
pub(crate) fn digest(purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    feed(purpose, parts, |bytes| context.update(bytes));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The message that a signature covers: a purpose and parts, each with its length before it.
pub(crate) fn message(purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::new();
    feed(purpose, parts, |bytes| message.extend_from_slice(bytes));
    message
}

fn feed(purpose: &str, parts: &[&[u8]], mut take: impl FnMut(&[u8])) {
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        take(&(part.len() as u64).to_be_bytes());
        take(part);
    }
}
