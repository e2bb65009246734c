//! What opens a chip: the zone's document number, birth and expiry, or the card access number
//! (Doc 9303-11 sections 4.3.2 and 4.4.2).

use crate::error::ChipError;
use crate::trust::algorithm::Digest;
use zeroize::Zeroizing;

/// A password of a chip.
#[derive(Clone)]
pub enum AccessKey {
    /// From the zone: number, birth and expiry, each with its check digit.
    Zone(Zeroizing<String>),
    /// The six digits printed on the card.
    CardAccessNumber(Zeroizing<String>),
}

/// Says of which kind it is only.
impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Zone(_) => "AccessKey::Zone",
            Self::CardAccessNumber(_) => "AccessKey::CardAccessNumber",
        })
    }
}

impl AccessKey {
    /// From the zone's fields: document number without fillers (longer than nine on some cards), birth and
    /// expiry as YYMMDD. `None` where a character has no place in a zone.
    #[must_use]
    pub fn from_zone(number: &str, birth: &str, expiry: &str) -> Option<Self> {
        if birth.len() != 6 || expiry.len() != 6 {
            return None;
        }
        let mut text = Zeroizing::new(String::new());
        let number = Zeroizing::new(format!("{number:<<9}"));
        for field in [number.as_str(), birth, expiry] {
            text.push_str(field);
            text.push(rules::mrz::check_digit(field)?);
        }
        Some(Self::Zone(text))
    }

    /// From the digits printed on the card; `None` where they are not six digits.
    #[must_use]
    pub fn from_can(digits: &str) -> Option<Self> {
        let is_can = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        is_can.then(|| Self::CardAccessNumber(Zeroizing::new(digits.into())))
    }

    /// K of section 9.7.3: SHA-1 of the zone's information, or the access number's digits.
    pub(crate) fn secret(&self) -> Result<Zeroizing<Vec<u8>>, ChipError> {
        Ok(Zeroizing::new(match self {
            Self::Zone(text) => Digest::Sha1.of(text.as_bytes())?,
            Self::CardAccessNumber(digits) => digits.as_bytes().to_vec(),
        }))
    }

    /// The password reference of MSE: Set AT (section 4.4.4.1).
    pub(crate) fn reference(&self) -> u8 {
        match self {
            Self::Zone(_) => 1,
            Self::CardAccessNumber(_) => 2,
        }
    }
}
