//! Distinguished names, compared as real issuers write them: the same name with its parts in another
//! order, in another string type or in other letter case is the same name.

use crate::oid::{self, Oid};
use crate::tlv::{Tag, Tlv, TlvError};

/// A distinguished name (RFC 5280 section 4.1.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// Attribute and value, in the order of the encoding.
    parts: Vec<(Oid, String)>,
    /// Sorted, lower-cased, blanks collapsed: what is compared.
    key: Vec<(Oid, String)>,
}

impl Name {
    /// Reads a Name.
    pub fn parse(name: Tlv<'_>) -> Result<Self, TlvError> {
        let mut parts = Vec::new();
        let mut sets = name.inside();
        while let Some(set) = sets.next()? {
            let mut attributes = set.inside();
            while let Some(attribute) = attributes.next()? {
                let mut inside = attribute.inside();
                let kind = inside.take(Tag::OID)?;
                let value = inside.next()?.map(text).unwrap_or_default();
                parts.push((Oid::from(kind.value), value));
            }
        }
        let mut key: Vec<(Oid, String)> = parts
            .iter()
            .map(|(kind, value)| {
                let words: Vec<&str> = value.split_whitespace().collect();
                (kind.clone(), words.join(" ").to_lowercase())
            })
            .collect();
        key.sort();
        Ok(Self { parts, key })
    }

    /// Whether both name the same entity: order of parts, letter case, blanks and string types do not count.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The country, in capitals.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        self.parts
            .iter()
            .find(|(kind, _)| kind.0 == oid::COUNTRY_NAME)
            .map(|(_, value)| value.trim().to_uppercase())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (kind, value)) in self.parts.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match kind.0.as_slice() {
                [0x55, 0x04, 0x03] => f.write_str("CN")?,
                [0x55, 0x04, 0x05] => f.write_str("serialNumber")?,
                [0x55, 0x04, 0x06] => f.write_str("C")?,
                [0x55, 0x04, 0x07] => f.write_str("L")?,
                [0x55, 0x04, 0x08] => f.write_str("ST")?,
                [0x55, 0x04, 0x0A] => f.write_str("O")?,
                [0x55, 0x04, 0x0B] => f.write_str("OU")?,
                _ => write!(f, "{kind}")?,
            }
            // A name comes from outside and goes to screens and logs.
            let clean: String = value.chars().filter(|c| !c.is_control()).collect();
            write!(f, "={clean}")?;
        }
        Ok(())
    }
}

/// The characters of a DirectoryString of any type.
fn text(value: Tlv<'_>) -> String {
    let bytes = value.value;
    match value.tag.0 {
        // BMPString
        0x1E => {
            let units = bytes
                .chunks(2)
                .map(|pair| pair.iter().fold(0u16, |n, b| (n << 8) | u16::from(*b)));
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        // UniversalString
        0x1C => bytes
            .chunks(4)
            .map(|four| four.iter().fold(0u32, |n, b| (n << 8) | u32::from(*b)))
            .map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            // TeletexString, and others that hold Latin-1 whatever they say.
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        },
    }
}
