//! How long the box may work without hearing from headquarters, and what its clock is worth.
//!
//! A stolen box that headquarters no longer speaks to locks itself when its lease runs out. Turning the clock
//! back does not help: the box knows from headquarters' last word and from its own ledger how late it is at
//! least.

use jiff::Timestamp;
use seal::device::DevicePublic;
use seal::hq::HqPublic;
use store::KeptLease;

/// A clock that differs from headquarters' by more than this has to be set, in seconds.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// Whether the box may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseStanding {
    /// It was enrolled without an admission: it needs no lease.
    NotNeeded,
    /// It may.
    Good {
        /// Until then.
        until: Timestamp,
    },
    /// It may not: it has heard nothing from headquarters for too long.
    Lapsed {
        /// Since then.
        since: Timestamp,
    },
    /// It may not: the lease is not headquarters' word, or is another box's.
    Forged,
    /// It may not: it was admitted and has no lease.
    Absent,
}

impl LeaseStanding {
    /// Judges a lease at this moment by the box's clock.
    #[must_use]
    pub fn of(
        kept: Option<KeptLease>,
        needed: bool,
        device: DevicePublic,
        hq: &[HqPublic],
        now: Timestamp,
    ) -> Self {
        let Some(kept) = kept else {
            return match needed {
                true => Self::Absent,
                false => Self::NotNeeded,
            };
        };
        let Ok(lease) = kept.lease.verify(hq) else {
            return Self::Forged;
        };
        let lease = lease.statement();
        if lease.device != device {
            return Self::Forged;
        }
        match now.max(kept.not_before) < lease.until {
            true => Self::Good { until: lease.until },
            false => Self::Lapsed { since: lease.until },
        }
    }

    /// Whether the box may work.
    #[must_use]
    pub fn may_work(self) -> bool {
        matches!(self, Self::NotNeeded | Self::Good { .. })
    }
}

/// For the officer.
impl std::fmt::Display for LeaseStanding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotNeeded => f.write_str("this box works without a lease"),
            Self::Good { until } => write!(f, "this box may work until {until}"),
            Self::Lapsed { since } => write!(
                f,
                "this box has not heard from headquarters for too long and is locked since {since}. \
                 Connect it to the network, or call headquarters. Until then work by paper; nothing is lost"
            ),
            Self::Forged => f.write_str(
                "the lease of this box is not headquarters' word: it is locked. Call headquarters",
            ),
            Self::Absent => f.write_str(
                "this box has no lease any more: it is locked. Connect it to the network, or call headquarters",
            ),
        }
    }
}
