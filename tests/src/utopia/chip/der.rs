//! As much of X.690's distinguished rules as certificates and chips' files need.

use chip::tlv::{Tag, encode};

/// SEQUENCE of these encoded parts.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(Tag::SEQUENCE, &parts.concat())
}

/// OBJECT IDENTIFIER from its dotted form.
#[must_use]
pub fn oid(dotted: &str) -> Vec<u8> {
    let mut numbers = dotted.split('.').map(|n| n.parse::<u64>().unwrap());
    let mut out = Vec::new();
    let first = numbers.next().unwrap() * 40 + numbers.next().unwrap();
    for number in std::iter::once(first).chain(numbers) {
        let mut digits = vec![(number & 0x7F) as u8];
        let mut rest = number >> 7;
        while rest > 0 {
            digits.insert(0, 0x80 | (rest & 0x7F) as u8);
            rest >>= 7;
        }
        out.extend(digits);
    }
    encode(Tag::OID, &out)
}

/// INTEGER of a number's big-endian bytes, never negative.
#[must_use]
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let digits = &bytes[zeros..];
    let sign: &[u8] = match digits.first() {
        Some(first) if first & 0x80 == 0 => &[],
        _ => &[0],
    };
    encode(Tag::INTEGER, &[sign, digits].concat())
}

/// BIT STRING of whole bytes.
#[must_use]
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    encode(Tag::BIT_STRING, &[&[0], bytes].concat())
}

/// UTCTime at the first of January of this year of the century.
#[must_use]
pub fn new_year(year: u8) -> Vec<u8> {
    encode(Tag(0x17), format!("{year:02}0101000000Z").as_bytes())
}

/// One relative distinguished name.
#[must_use]
pub fn part_of_name(kind: &str, value: &str) -> Vec<u8> {
    encode(
        Tag::SET,
        &sequence(&[&oid(kind), &encode(Tag(0x0C), value.as_bytes())]),
    )
}

/// A Name of country and common name.
#[must_use]
pub fn name(country: &str, common: &str) -> Vec<u8> {
    sequence(&[
        &part_of_name("2.5.4.6", country),
        &part_of_name("2.5.4.3", common),
    ])
}
