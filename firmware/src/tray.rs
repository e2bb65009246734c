//! The document tray's sensor: is a document lying on the glass.

use crate::{Fault, Part};
use core::time::Duration;
use embedded_hal::digital::InputPin;

/// Whether a document lies on the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrayState {
    /// Nothing lies there.
    Empty,
    /// A document lies there.
    Occupied,
}

/// How long the sensor must say the same before it is believed: a hand passing over, a page still sliding.
pub const SETTLE: Duration = Duration::from_millis(60);

/// The tray on one pin, high where something lies on the glass.
#[derive(Debug)]
pub struct Tray<P> {
    pin: P,
    settled: TrayState,
    /// What the sensor says otherwise, and since when.
    changing: Option<(TrayState, Duration)>,
}

impl<P: InputPin> Tray<P> {
    /// The tray, taken for empty until the sensor has said otherwise for [`SETTLE`].
    pub fn new(pin: P) -> Self {
        Self {
            pin,
            settled: TrayState::Empty,
            changing: None,
        }
    }

    /// Reads the sensor; a change counts once it has stood for [`SETTLE`].
    ///
    /// # Errors
    /// [`Fault::Pin`]; the state stays as it was, and a change that was on its way begins anew.
    pub fn poll(&mut self, now: Duration) -> Result<TrayState, Fault> {
        let high = match self.pin.is_high() {
            Ok(high) => high,
            Err(error) => {
                self.changing = None;
                return Err(Fault::pin(Part::Tray)(error));
            }
        };
        let seen = if high {
            TrayState::Occupied
        } else {
            TrayState::Empty
        };
        self.changing = match self.changing {
            _ if seen == self.settled => None,
            Some((state, since)) if state == seen => Some((state, since)),
            _ => Some((seen, now)),
        };
        if let Some((state, since)) = self.changing
            && now.saturating_sub(since) >= SETTLE
        {
            self.settled = state;
            self.changing = None;
        }
        Ok(self.settled)
    }
}
