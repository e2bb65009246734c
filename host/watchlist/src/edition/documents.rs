//! Documents by the hundred million: sorted, keyed 64-bit digests of number, issuing state and type.
//!
//! SipHash-2-4 with a key of the edition: the digests are evenly spread, so a place is found by
//! interpolation in two or three reads. With 100 million documents a lookup finds a document that is
//! not listed once in 10^11.

use super::part::Part;
use crate::EditionError;
use siphasher::sip::SipHasher24;
use std::hash::Hasher;

/// Bytes of one digest.
pub(crate) const DIGEST_BYTES: u64 = 8;
/// Bytes of one record that names a document's entry: digest, length, and up to 64 bytes of name.
pub(crate) const ENTRY_RECORD_BYTES: u64 = 8 + 1 + 64;

/// Which documents a listed type stands for (Doc 9303-4 4.2.2.1, -5 4.2.2.1, -7 4.2.2.1: the first letter decides).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeClass {
    /// The list does not say.
    Any,
    /// `P…`.
    Passport,
    /// `I…`, `A…`, `C…`.
    Card,
    /// `V…`.
    Visa,
    /// Anything else.
    Other,
}

impl TypeClass {
    pub(crate) fn of(code: &str) -> Self {
        match code.trim().bytes().next().map(|b| b.to_ascii_uppercase()) {
            None | Some(b'<') => Self::Any,
            Some(b'P') => Self::Passport,
            Some(b'I' | b'A' | b'C') => Self::Card,
            Some(b'V') => Self::Visa,
            Some(_) => Self::Other,
        }
    }

    /// The classes that a document presented with this one may be listed under.
    pub(crate) fn listed_under(self) -> &'static [Self] {
        match self {
            Self::Any => &[
                Self::Any,
                Self::Passport,
                Self::Card,
                Self::Visa,
                Self::Other,
            ],
            Self::Passport => &[Self::Passport, Self::Any],
            Self::Card => &[Self::Card, Self::Any],
            Self::Visa => &[Self::Visa, Self::Any],
            Self::Other => &[Self::Other, Self::Any],
        }
    }
}

/// A document number in the one form in which numbers are compared: letters and digits, upper case.
/// Blanks, fillers and separators go; nothing else is changed (O stays O and 0 stays 0).
pub(crate) fn plain_number(number: &str) -> String {
    number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// An issuing state in the one form in which states are compared. Germany's zone code `D` is `DEU`.
pub(crate) fn plain_state(state: &str) -> String {
    let plain: String = state
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if plain == "D" {
        "DEU".to_owned()
    } else {
        plain
    }
}

/// The digest of a document under an edition's key.
pub(crate) fn digest(key: &[u8; 16], number: &str, state: &str, class: TypeClass) -> u64 {
    let mut hasher = SipHasher24::new_with_key(key);
    hasher.write(plain_number(number).as_bytes());
    hasher.write_u8(b'/');
    hasher.write(plain_state(state).as_bytes());
    hasher.write_u8(b'/');
    hasher.write_u8(class as u8);
    hasher.finish()
}

/// Digests read at once.
const BLOCK: u64 = 512;

/// Whether a sorted file of digests holds this one. Ends on any bytes, sorted or not.
pub(crate) fn holds(part: &Part, digest: u64) -> Result<bool, EditionError> {
    let (mut low, mut high) = (0u64, part.length() / DIGEST_BYTES);
    let (mut least, mut most) = (0u64, u64::MAX);
    while low < high {
        // Where it would stand if the digests between were evenly spread.
        let share = u128::from(digest.saturating_sub(least)) * u128::from(high - low)
            / (u128::from(most.saturating_sub(least)) + 1);
        let guess = low + (share as u64).min(high - low - 1);
        let start = guess.saturating_sub(BLOCK / 2).max(low);
        let count = BLOCK.min(high - start);
        let bytes = part.read(start * DIGEST_BYTES, (count * DIGEST_BYTES) as usize)?;
        let at = |i: usize| -> Option<u64> {
            bytes
                .get(i * 8..i * 8 + 8)?
                .try_into()
                .ok()
                .map(u64::from_le_bytes)
        };
        let (Some(first), Some(last)) = (at(0), at(count as usize - 1)) else {
            return Err(part.damaged("it is cut short"));
        };
        if digest < first {
            (high, most) = (start, first);
        } else if digest > last {
            (low, least) = (start + count, last);
        } else {
            let (mut low, mut high) = (0, count as usize);
            while low < high {
                let middle = low.midpoint(high);
                match at(middle) {
                    Some(found) if found == digest => return Ok(true),
                    Some(found) if found < digest => low = middle + 1,
                    _ => high = middle,
                }
            }
            return Ok(false);
        }
    }
    Ok(false)
}

/// The names of the entries that a document belongs to, from the sorted records.
pub(crate) fn entries(part: &Part, digest: u64) -> Result<Vec<String>, EditionError> {
    let count = part.length() / ENTRY_RECORD_BYTES;
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if part.u64_at(middle * ENTRY_RECORD_BYTES)? < digest {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let mut names = Vec::new();
    while low < count && part.u64_at(low * ENTRY_RECORD_BYTES)? == digest {
        names.push(entry_name(part, low)?);
        low += 1;
    }
    Ok(names)
}

/// All digests of a file, in its order, read in blocks.
pub(crate) fn all(part: &Part) -> impl Iterator<Item = Result<u64, EditionError>> {
    const AT_ONCE: u64 = 8192;
    let count = part.length() / DIGEST_BYTES;
    (0..count.div_ceil(AT_ONCE)).flat_map(move |block| {
        let start = block * AT_ONCE;
        let here = AT_ONCE.min(count - start);
        let read = part
            .read(start * DIGEST_BYTES, (here * DIGEST_BYTES) as usize)
            .map(|bytes| {
                bytes
                    .chunks_exact(DIGEST_BYTES as usize)
                    .filter_map(|eight| eight.try_into().ok().map(u64::from_le_bytes))
                    .collect::<Vec<u64>>()
            });
        match read {
            Ok(digests) => digests.into_iter().map(Ok).collect(),
            Err(e) => vec![Err(e)],
        }
    })
}

/// All records of documents' entries, in their order.
pub(crate) fn all_entries(
    part: &Part,
) -> impl Iterator<Item = Result<(u64, String), EditionError>> {
    (0..part.length() / ENTRY_RECORD_BYTES).map(|place| {
        let digest = part.u64_at(place * ENTRY_RECORD_BYTES)?;
        Ok((digest, entry_name(part, place)?))
    })
}

fn entry_name(part: &Part, place: u64) -> Result<String, EditionError> {
    let record = part.read(place * ENTRY_RECORD_BYTES + 8, 65)?;
    record
        .split_first()
        .and_then(|(length, name)| name.get(..usize::from(*length)))
        .and_then(|name| std::str::from_utf8(name).ok())
        .map(str::to_owned)
        .ok_or_else(|| part.damaged("it holds no entry's name where one should be"))
}
