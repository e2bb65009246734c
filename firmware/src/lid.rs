//! The lid over the glass, and the switch that tells when the case is opened.
//!
//! The tamper switch latches: once the case was open it counts as open until somebody who may says otherwise.
//! What the box then does (lock the lane, write a line into the ledger) is for its holder; here is only the fact,
//! kept whatever the switch says later.

use crate::steady::Steady;
use crate::{Fault, Part};
use core::time::Duration;
use embedded_hal::digital::InputPin;

/// How long the lid's switch must say the same.
pub const LID_SETTLE: Duration = Duration::from_millis(60);
/// How long the tamper switch must say open: a knock on the case is shorter. One who opens it is not.
pub const TAMPER_SETTLE: Duration = Duration::from_millis(30);

/// Whether the lid is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LidState {
    /// Light from outside comes in.
    Open,
    /// It lies on the glass or the document.
    Shut,
}

/// The lid on one pin, high where it is shut.
#[derive(Debug)]
pub struct Lid<P> {
    pin: P,
    shut: Steady,
}

impl<P: InputPin> Lid<P> {
    /// The lid, taken for open until the switch has said otherwise for [`LID_SETTLE`].
    pub fn new(pin: P) -> Self {
        Self {
            pin,
            shut: Steady::new(false, LID_SETTLE),
        }
    }

    /// Reads the switch.
    ///
    /// # Errors
    /// [`Fault::Pin`]; the state stays as it was.
    pub fn poll(&mut self, now: Duration) -> Result<LidState, Fault> {
        let high = self.pin.is_high().map_err(|error| {
            self.shut.lost();
            Fault::pin(Part::Lid)(error)
        })?;
        Ok(if self.shut.hear(high, now) {
            LidState::Shut
        } else {
            LidState::Open
        })
    }
}

/// What is known of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TamperState {
    /// It has been shut since it was last sealed.
    Sealed,
    /// It was opened, first at this moment since the program began or since it was last sealed.
    Opened {
        /// When that was seen.
        at: Duration,
    },
}

/// The switch under the case on one pin, high where the case is open.
#[derive(Debug)]
pub struct Tamper<P> {
    pin: P,
    open: Steady,
    opened: Option<Duration>,
}

impl<P: InputPin> Tamper<P> {
    /// The switch; `opened_before` where an earlier run of the program saw the case opened and nobody has sealed it
    /// since: the latch outlives the program by its holder's memory.
    pub fn new(pin: P, opened_before: bool) -> Self {
        Self {
            pin,
            open: Steady::new(false, TAMPER_SETTLE),
            opened: opened_before.then_some(Duration::ZERO),
        }
    }

    /// Reads the switch. Opened once stays opened.
    ///
    /// # Errors
    /// [`Fault::Pin`]. A switch that cannot be read is not taken for an opened case, and does not unlatch one; the
    /// holder must treat a fault that stays as one: a cut wire is how a case is opened unseen.
    pub fn poll(&mut self, now: Duration) -> Result<TamperState, Fault> {
        let high = self.pin.is_high().map_err(|error| {
            self.open.lost();
            Fault::pin(Part::Tamper)(error)
        })?;
        if self.open.hear(high, now) && self.opened.is_none() {
            self.opened = Some(now);
        }
        Ok(self.state())
    }

    /// What is known, without reading.
    #[must_use]
    pub fn state(&self) -> TamperState {
        match self.opened {
            Some(at) => TamperState::Opened { at },
            None => TamperState::Sealed,
        }
    }

    /// Seals the case anew: whoever may has looked at it. While it stands open it cannot be sealed.
    ///
    /// # Errors
    /// [`Fault::Pin`]; [`Fault::CaseOpen`] where the case is open, or was a moment ago.
    pub fn seal(&mut self, now: Duration) -> Result<(), Fault> {
        self.poll(now)?;
        if self.open.is() || self.open.is_changing() {
            return Err(Fault::CaseOpen);
        }
        self.opened = None;
        Ok(())
    }
}
