//! The document tray's sensor: is a document lying on the glass.

use crate::steady::Steady;
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
    occupied: Steady,
}

impl<P: InputPin> Tray<P> {
    /// The tray, taken for empty until the sensor has said otherwise for [`SETTLE`].
    pub fn new(pin: P) -> Self {
        Self {
            pin,
            occupied: Steady::new(false, SETTLE),
        }
    }

    /// Reads the sensor; a change counts once it has stood for [`SETTLE`].
    ///
    /// # Errors
    /// [`Fault::Pin`]; the state stays as it was, and a change that was on its way begins anew.
    pub fn poll(&mut self, now: Duration) -> Result<TrayState, Fault> {
        let high = self.pin.is_high().map_err(|error| {
            self.occupied.lost();
            Fault::pin(Part::Tray)(error)
        })?;
        Ok(if self.occupied.hear(high, now) {
            TrayState::Occupied
        } else {
            TrayState::Empty
        })
    }
}
