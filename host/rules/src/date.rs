//! Dates of which parts may be unknown, and the two-digit years of the zone.
//!
//! A zone prints years as two digits and unknown parts as `<<` (Doc 9303-3 section 4.8). Which century is
//! meant depends on the day of the inspection, so that day is always an argument.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A date of which any part may be unknown. As text, and in JSON: `1974-08-12`, `1974-08`, `1974`; an
/// unknown part before a known one is written `X` as in ISO 8601-2 (`1974-XX-12`, `XXXX-08-12`), and a
/// wholly unknown date is the empty text. `?` is read like `X`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate {
    /// The year of the Gregorian calendar, 1 to 9999.
    pub year: Option<i16>,
    /// The month, 1 to 12.
    pub month: Option<i8>,
    /// The day of the month, 1 to 31.
    pub day: Option<i8>,
}

/// A text that is not a date, or a date that no calendar has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// The text has another shape.
    #[error(
        "{text:?} is not a date: write 1974-08-12, 1974-08 or 1974, with X for digits that are unknown, or nothing"
    )]
    Shape {
        /// What was given.
        text: String,
    },
    /// The parts are numbers, and no calendar has that date.
    #[error("no calendar has a year {year:?}, month {month:?}, day {day:?}")]
    NotInCalendar {
        /// The year given.
        year: Option<i16>,
        /// The month given.
        month: Option<i8>,
        /// The day given.
        day: Option<i8>,
    },
}

impl PartialDate {
    /// Nothing of the date is known.
    pub const UNKNOWN: Self = Self {
        year: None,
        month: None,
        day: None,
    };

    /// A date of these parts. A day is measured against the longest month that the known parts allow.
    ///
    /// # Errors
    /// [`DateError::NotInCalendar`] where no date of the calendar has these parts.
    pub fn new(year: Option<i16>, month: Option<i8>, day: Option<i8>) -> Result<Self, DateError> {
        let fits = year.is_none_or(|y| (1..=9999).contains(&y))
            && month.is_none_or(|m| (1..=12).contains(&m))
            && day.is_none_or(|d| (1..=longest_month(year, month)).contains(&d));
        if fits {
            Ok(Self { year, month, day })
        } else {
            Err(DateError::NotInCalendar { year, month, day })
        }
    }

    /// The whole date, where every part is known and the calendar has it.
    #[must_use]
    pub fn complete(&self) -> Option<Date> {
        Date::new(self.year?, self.month?, self.day?).ok()
    }

    /// Whether both may mean one day: every part that both know is the same.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
        }
        agree(self.year, other.year) && agree(self.month, other.month) && agree(self.day, other.day)
    }

    /// The last day that these parts may mean, where the year is known: the date that makes its
    /// owner youngest.
    #[must_use]
    pub fn latest(&self) -> Option<Date> {
        let year = self.year?;
        // December has every day of the month that can be known.
        let month = self.month.unwrap_or(12);
        let day = self
            .day
            .unwrap_or_else(|| longest_month(Some(year), Some(month)));
        Date::new(year, month, day).ok()
    }
}

/// The days of the longest month that these parts allow; 31 where nothing is known.
fn longest_month(year: Option<i16>, month: Option<i8>) -> i8 {
    // A leap year stands for an unknown one, so that 29 February stays possible.
    month
        .and_then(|m| Date::new(year.unwrap_or(2000), m, 1).ok())
        .map_or(31, |first| first.days_in_month())
}

impl From<Date> for PartialDate {
    fn from(date: Date) -> Self {
        Self {
            year: Some(date.year()),
            month: Some(date.month()),
            day: Some(date.day()),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNKNOWN {
            return Ok(());
        }
        match self.year {
            Some(year) => write!(f, "{year:04}")?,
            None => f.write_str("XXXX")?,
        }
        match (self.month, self.day) {
            (Some(month), _) => write!(f, "-{month:02}")?,
            (None, Some(_)) => f.write_str("-XX")?,
            (None, None) => {}
        }
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let shape = || DateError::Shape {
            text: text.chars().take(32).collect(),
        };
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::UNKNOWN);
        }
        let mut parts = text.split('-');
        let year = part(parts.next().unwrap_or(""), 4).ok_or_else(shape)?;
        let month = parts
            .next()
            .map_or(Some(None), |p| part(p, 2))
            .ok_or_else(shape)?;
        let day = parts
            .next()
            .map_or(Some(None), |p| part(p, 2))
            .ok_or_else(shape)?;
        if parts.next().is_some() {
            return Err(shape());
        }
        // Two digits always fit an i8.
        let small = |n: Option<i16>| n.and_then(|n| i8::try_from(n).ok());
        Self::new(year, small(month), small(day))
    }
}

/// A part of exactly so many digits, or so many `X` or `?`; the outer `None` is a part of another shape.
fn part(text: &str, length: usize) -> Option<Option<i16>> {
    if text.len() != length {
        None
    } else if text.bytes().all(|b| matches!(b, b'X' | b'?')) {
        Some(None)
    } else if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok().map(Some)
    } else {
        None
    }
}

crate::serialised_as_text!(PartialDate);

/// How far in the future a two-digit year of expiry may lie (BSI TR-03135-1 section 5.7.1).
pub const EXPIRY_HORIZON_YEARS: i16 = 15;

/// What six characters of a zone say as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneDate {
    /// A whole date.
    Whole(Date),
    /// A date with parts properly marked unknown, some known.
    Partial(PartialDate),
    /// Nothing but fillers.
    Absent,
    /// Not a date of the calendar, nor properly unknown.
    Irregular,
}

/// Reads a date of birth, `YYMMDD`: the latest year in which it does not lie after `today`.
///
/// A person of a hundred years or more is read a century too young: two digits say no more.
#[must_use]
pub fn birth(raw: &str, today: Date) -> ZoneDate {
    read(raw, |yy, month, day| {
        latest_year_until(yy, month, day, (today.year(), today.month(), today.day()))
    })
}

/// Reads a date of expiry, `YYMMDD`: from today to fifteen years ahead it is future (BSI TR-03135-1
/// section 5.7.1), anything else lies in the closest century past.
#[must_use]
pub fn expiry(raw: &str, today: Date) -> ZoneDate {
    let horizon = (
        today.year().saturating_add(EXPIRY_HORIZON_YEARS),
        today.month(),
        today.day(),
    );
    read(raw, |yy, month, day| {
        latest_year_until(yy, month, day, horizon)
    })
}

/// The latest year ending in `yy` in which the date does not lie after `limit`.
fn latest_year_until(yy: i16, month: Option<i8>, day: Option<i8>, limit: (i16, i8, i8)) -> i16 {
    let mut year = limit.0 - limit.0.rem_euclid(100) + yy;
    // Unknown parts count as the earliest they may be.
    while (year, month.unwrap_or(1), day.unwrap_or(1)) > limit {
        year -= 100;
    }
    year
}

fn read(raw: &str, century: impl Fn(i16, Option<i8>, Option<i8>) -> i16) -> ZoneDate {
    let Some([yy, month, day]) = pairs(raw) else {
        return ZoneDate::Irregular;
    };
    let year = yy.map(|yy| century(i16::from(yy), month, day));
    match PartialDate::new(year, month, day) {
        Err(_) => ZoneDate::Irregular,
        Ok(PartialDate::UNKNOWN) => ZoneDate::Absent,
        Ok(date) => date
            .complete()
            .map_or(ZoneDate::Partial(date), ZoneDate::Whole),
    }
}

/// The three pairs of `YYMMDD`, each two digits or `<<`; `None` where one is neither.
fn pairs(raw: &str) -> Option<[Option<i8>; 3]> {
    let bytes: &[u8; 6] = raw.as_bytes().try_into().ok()?;
    let pair = |at: usize| match (bytes[at], bytes[at + 1]) {
        (b'<', b'<') => Some(None),
        // At most 99.
        (a @ b'0'..=b'9', b @ b'0'..=b'9') => Some(Some(((a - b'0') * 10 + (b - b'0')) as i8)),
        _ => None,
    };
    Some([pair(0)?, pair(2)?, pair(4)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn text_and_back() {
        for text in [
            "1974-08-12",
            "1974-08",
            "1974",
            "1974-XX-12",
            "XXXX-08-12",
            "XXXX-08",
            "XXXX-XX-12",
            "",
        ] {
            let date: PartialDate = text.parse().expect(text);
            assert_eq!(date.to_string(), text);
            assert_eq!(
                serde_json::to_string(&date).expect("json"),
                format!("\"{text}\"")
            );
        }
        assert_eq!(
            "1974-XX-XX"
                .parse::<PartialDate>()
                .expect("date")
                .to_string(),
            "1974"
        );
        assert_eq!(
            "XXXX-02-29".parse::<PartialDate>().expect("leap").day,
            Some(29)
        );
        assert_eq!("XXXX".parse(), Ok(PartialDate::UNKNOWN));
        assert_eq!("????-08-12".parse(), "XXXX-08-12".parse::<PartialDate>());
        for bad in [
            "0000",
            "74",
            "1974-8-12",
            "1974-08-12-1",
            "1974-0X",
            "+974",
            "-974",
            "1974-02-30",
            "1973-02-29",
            "1974-00",
            "1974-13",
            "1974-01-00",
            "١٩٧٤",
        ] {
            assert!(bad.parse::<PartialDate>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_birth_lies_in_the_latest_year_not_after_today() {
        let today = date(2026, 3, 1);
        assert_eq!(birth("260301", today), ZoneDate::Whole(date(2026, 3, 1)));
        assert_eq!(birth("260302", today), ZoneDate::Whole(date(1926, 3, 2)));
        assert_eq!(birth("740812", today), ZoneDate::Whole(date(1974, 8, 12)));
        assert_eq!(birth("000229", today), ZoneDate::Whole(date(2000, 2, 29)));
        // 2027 is in the future and 1927 had no 29 February.
        assert_eq!(birth("270229", today), ZoneDate::Irregular);
    }

    #[test]
    fn an_expiry_is_future_within_fifteen_years_and_past_beyond() {
        let today = date(2026, 3, 1);
        assert_eq!(expiry("260228", today), ZoneDate::Whole(date(2026, 2, 28)));
        assert_eq!(expiry("410301", today), ZoneDate::Whole(date(2041, 3, 1)));
        assert_eq!(expiry("410302", today), ZoneDate::Whole(date(1941, 3, 2)));
        assert_eq!(expiry("991231", today), ZoneDate::Whole(date(1999, 12, 31)));
        // Across a century's turn.
        assert_eq!(
            expiry("040101", date(2095, 1, 1)),
            ZoneDate::Whole(date(2104, 1, 1))
        );
        assert_eq!(
            expiry("950712", date(2000, 1, 1)),
            ZoneDate::Whole(date(1995, 7, 12))
        );
    }

    #[test]
    fn unknown_parts_come_in_pairs() {
        let today = date(2026, 3, 1);
        let partial = |text: &str| ZoneDate::Partial(text.parse().expect("date"));
        assert_eq!(birth("74<<<<", today), partial("1974"));
        assert_eq!(birth("7408<<", today), partial("1974-08"));
        assert_eq!(birth("<<0812", today), partial("XXXX-08-12"));
        assert_eq!(birth("74<<12", today), partial("1974-XX-12"));
        // Of this year, month unknown: it may be January.
        assert_eq!(birth("26<<<<", today), partial("2026"));
        assert_eq!(birth("2604<<", today), partial("1926-04"));
        assert_eq!(birth("<<<<<<", today), ZoneDate::Absent);
        for bad in [
            "7<0812",
            "740<12",
            "74081<",
            "740012",
            "741312",
            "740800",
            "740832",
            "740431",
            "7A0812",
            "74081",
            "7408123",
            "",
            "７４０８１２",
        ] {
            assert_eq!(birth(bad, today), ZoneDate::Irregular, "{bad}");
        }
    }

    #[test]
    fn the_latest_day_is_the_one_that_makes_youngest() {
        let latest = |t: &str| t.parse::<PartialDate>().expect("date").latest();
        assert_eq!(latest("2014"), Some(date(2014, 12, 31)));
        assert_eq!(latest("2014-02"), Some(date(2014, 2, 28)));
        assert_eq!(latest("2014-XX-30"), Some(date(2014, 12, 30)));
        assert_eq!(latest("XXXX-02-01"), None);
    }

    proptest! {
        #[test]
        fn reading_is_total_and_windows_hold(raw in "[0-9<A-Z]{0,8}", days in 0i32..40_000) {
            let today = date(1990, 1, 1).checked_add(jiff::Span::new().days(days)).expect("in range");
            if let ZoneDate::Whole(d) = birth(&raw, today) {
                prop_assert!(d <= today && today.year() - d.year() <= 100);
            }
            if let ZoneDate::Whole(d) = expiry(&raw, today) {
                prop_assert!(d.year() - today.year() <= 15 && today.year() - d.year() <= 85);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,16}") {
            if let Ok(date) = text.parse::<PartialDate>() {
                prop_assert_eq!(date.to_string().parse::<PartialDate>(), Ok(date));
            }
        }
    }
}
