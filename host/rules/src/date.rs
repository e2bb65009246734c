//! Dates of which some parts may be unknown, as zones and lists give them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A date whose year, month or day may be unknown (Doc 9303-3 4.8: unknown parts are fillers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PartialDate {
    /// Four-digit year of the Gregorian calendar.
    pub year: Option<i16>,
    /// Month, 1 to 12.
    pub month: Option<i8>,
    /// Day of the month, 1 to 31.
    pub day: Option<i8>,
}

/// A text is no date of the form `1974-08-12`, `1974-08` or `1974`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no date: write 1974-08-12, 1974-08, 1974, or nothing")]
pub struct PartialDateError(pub String);

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.year, self.month, self.day) {
            (None, None, None) => Ok(()),
            (year, month, day) => {
                match year {
                    Some(y) => write!(f, "{y:04}")?,
                    None => f.write_str("????")?,
                }
                match (month, day) {
                    (None, None) => Ok(()),
                    (Some(m), None) => write!(f, "-{m:02}"),
                    (Some(m), Some(d)) => write!(f, "-{m:02}-{d:02}"),
                    (None, Some(d)) => write!(f, "-??-{d:02}"),
                }
            }
        }
    }
}

impl FromStr for PartialDate {
    type Err = PartialDateError;

    fn from_str(text: &str) -> Result<Self, PartialDateError> {
        let bad = || PartialDateError(text.to_owned());
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut parts = text.split('-');
        let mut part = |width: usize, least: i16, most: i16| match parts.next() {
            None => Ok(None),
            Some(p) if p.len() == width && p.bytes().all(|b| b == b'?') => Ok(None),
            Some(p) if p.len() == width && p.bytes().all(|b| b.is_ascii_digit()) => p
                .parse::<i16>()
                .ok()
                .filter(|n| (least..=most).contains(n))
                .map(Some)
                .ok_or_else(bad),
            Some(_) => Err(bad()),
        };
        let date = Self {
            year: part(4, 1, 9999)?,
            month: part(2, 1, 12)?.map(|m| m as i8),
            day: part(2, 1, 31)?.map(|d| d as i8),
        };
        if parts.next().is_some() {
            return Err(bad());
        }
        Ok(date)
    }
}

impl Serialize for PartialDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
