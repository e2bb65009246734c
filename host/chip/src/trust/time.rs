//! UTCTime and GeneralizedTime (RFC 5280 section 4.1.2.5), as real certificates write them.

use crate::tlv::{Tlv, TlvError};
use jiff::civil::DateTime;

/// Reads a time. Seconds may be absent, and an offset from UTC is ignored: validity is judged by days.
pub(crate) fn parse(time: Tlv<'_>) -> Result<DateTime, TlvError> {
    let wrong = || time.wrong("not a time");
    let digits: Vec<i16> = time
        .value
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .map(|b| i16::from(b - b'0'))
        .collect();
    let pair = |at: usize| -> Option<i16> { Some(digits.get(at)? * 10 + digits.get(at + 1)?) };
    let (year, at) = match time.tag.0 {
        0x17 => {
            let year = pair(0).ok_or_else(wrong)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        0x18 => (
            pair(0).ok_or_else(wrong)? * 100 + pair(2).ok_or_else(wrong)?,
            4,
        ),
        _ => return Err(time.wrong("neither UTCTime nor GeneralizedTime")),
    };
    let field = |n: usize| pair(at + 2 * n).and_then(|v| i8::try_from(v).ok());
    let (Some(month), Some(day)) = (field(0), field(1)) else {
        return Err(wrong());
    };
    DateTime::new(
        year,
        month,
        day,
        field(2).unwrap_or(0),
        field(3).unwrap_or(0),
        field(4).unwrap_or(0).min(59),
        0,
    )
    .map_err(|_| wrong())
}
