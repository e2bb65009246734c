//! What may be wrong with a document: each fault spoils one thing and leaves the rest right.

use std::fmt;

use clap::ValueEnum;
use jiff::ToSpan;
use jiff::civil::Date;
use rules::CheckId;
use rules::mrz::{Format, Zone, check_digit};
use serde::{Deserialize, Serialize};

use super::error::UtopiaError;
use super::traveller::Traveller;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The document number's check digit is wrong; the composite digit fits what is printed.
    CheckDigit,
    /// The date of birth's check digit is wrong; the composite digit fits.
    CheckDigitBirth,
    /// The date of expiry's check digit is wrong; the composite digit fits.
    CheckDigitExpiry,
    /// The personal number's check digit is wrong (TD3 only); the composite digit fits.
    CheckDigitOptional,
    /// The composite check digit is wrong (not on visas).
    CheckDigitComposite,
    /// The document has expired.
    Expired,
    /// Water took the zone's ink.
    WashedOut,
    /// The lower edge is torn off, through the zone.
    Torn,
    /// The document has no zone.
    ZoneAbsent,
    /// The zone is printed in ink that infrared passes (not B900).
    ZoneInkClear,
    /// The paper shines under ultraviolet, as office paper does.
    PaperShines,
}

/// Whether a person could still read the zone off the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Legible {
    /// All of it.
    Whole,
    /// Not all of it, or none.
    Not,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 11] = [
        Self::CheckDigit,
        Self::CheckDigitBirth,
        Self::CheckDigitExpiry,
        Self::CheckDigitOptional,
        Self::CheckDigitComposite,
        Self::Expired,
        Self::WashedOut,
        Self::Torn,
        Self::ZoneAbsent,
        Self::ZoneInkClear,
        Self::PaperShines,
    ];

    /// Those that show by daylight: what batches draw from. The others stand last.
    pub const BY_DAYLIGHT: &'static [Self] = Self::ALL.split_at(9).0;

    /// The name used on the command line and in truth files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CheckDigit => "check-digit",
            Self::CheckDigitBirth => "check-digit-birth",
            Self::CheckDigitExpiry => "check-digit-expiry",
            Self::CheckDigitOptional => "check-digit-optional",
            Self::CheckDigitComposite => "check-digit-composite",
            Self::Expired => "expired",
            Self::WashedOut => "washed-out",
            Self::Torn => "torn",
            Self::ZoneAbsent => "zone-absent",
            Self::ZoneInkClear => "zone-ink-clear",
            Self::PaperShines => "paper-shines",
        }
    }

    /// The check of the zone that fails because of this fault, where the zone can be read.
    #[must_use]
    pub fn fails(self) -> Option<CheckId> {
        match self {
            Self::CheckDigit => Some(CheckId::ZoneDigitDocumentNumber),
            Self::CheckDigitBirth => Some(CheckId::ZoneDigitDateOfBirth),
            Self::CheckDigitExpiry => Some(CheckId::ZoneDigitDateOfExpiry),
            Self::CheckDigitOptional => Some(CheckId::ZoneDigitOptional),
            Self::CheckDigitComposite => Some(CheckId::ZoneDigitComposite),
            Self::Expired => Some(CheckId::DocumentValidity),
            Self::WashedOut
            | Self::Torn
            | Self::ZoneAbsent
            | Self::ZoneInkClear
            | Self::PaperShines => None,
        }
    }

    /// The check of the page that fails because of this fault, where the lamp is there that shows it.
    #[must_use]
    pub fn fails_under_lamp(self) -> Option<CheckId> {
        match self {
            Self::ZoneInkClear => Some(CheckId::PageInfraredZone),
            Self::PaperShines => Some(CheckId::PageUltravioletDullness),
            _ => None,
        }
    }

    /// Whether the zone can be read in spite of this fault.
    #[must_use]
    pub fn legible(self) -> Legible {
        match self {
            Self::WashedOut | Self::Torn | Self::ZoneAbsent => Legible::Not,
            _ => Legible::Whole,
        }
    }

    /// The traveller with this fault in their particulars: a document past its time on `today`.
    #[must_use]
    pub fn befalls(self, mut traveller: Traveller, today: Date) -> Traveller {
        if self == Self::Expired && traveller.expiry >= today {
            let late = today.saturating_sub(100.days());
            let span = traveller.expiry - late;
            traveller.expiry = late;
            traveller.issue = traveller.issue.saturating_sub(span);
        }
        traveller
    }

    /// The zone with this fault printed in it.
    ///
    /// # Errors
    /// [`UtopiaError::FaultDoesNotFit`] where the format has no such digit, or its place is empty in
    /// this zone (a number that goes on in the optional data; an empty personal number).
    pub fn spoils(self, zone: &Zone) -> Result<Zone, UtopiaError> {
        let check = match self.fails() {
            Some(check) if self != Self::Expired => check,
            _ => return Ok(zone.clone()),
        };
        let format = zone.format();
        let misfit = || UtopiaError::FaultDoesNotFit {
            fault: self,
            format,
        };
        let mut cells: Vec<Vec<char>> = zone.lines().iter().map(|l| l.chars().collect()).collect();
        let spans = format.digit_spans();
        let spoilt = spans.iter().find(|s| s.check == check).ok_or_else(misfit)?;
        let at = &mut cells[spoilt.digit.0][spoilt.digit.1];
        let digit = at.to_digit(10).ok_or_else(misfit)?;
        // Seven further on: never the same, and no other check digit depends on it but the composite.
        *at = char::from_digit((digit + 7) % 10, 10).ok_or_else(misfit)?;
        if check != CheckId::ZoneDigitComposite {
            refit_composite(format, &mut cells).ok_or_else(misfit)?;
        }
        let lines: Vec<String> = cells.into_iter().map(String::from_iter).collect();
        Zone::from_lines(&lines).map_err(|_| misfit())
    }
}

/// Makes the composite digit fit what stands in the cells; nothing where the format has none.
fn refit_composite(format: Format, cells: &mut [Vec<char>]) -> Option<()> {
    let composite = format
        .digit_spans()
        .iter()
        .find(|s| s.check == CheckId::ZoneDigitComposite);
    if let Some(composite) = composite {
        let covered: String = composite
            .spans
            .iter()
            .flat_map(|(line, columns)| cells[*line][columns.clone()].iter())
            .collect();
        cells[composite.digit.0][composite.digit.1] = check_digit(&covered)?;
    }
    Some(())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
