//! The push button: short for the next step, long to go out or to shut down.

use crate::steady::Steady;
use crate::{Fault, Part};
use core::time::Duration;
use embedded_hal::digital::InputPin;

/// How long a contact bounces.
pub const SETTLE: Duration = Duration::from_millis(20);
/// From here on a press is long.
pub const LONG: Duration = Duration::from_secs(3);

/// A press that has ended, or has become long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Press {
    /// Pressed and let go.
    Short,
    /// Held for [`LONG`]: told once, while it is still held.
    Long,
}

/// The button on one pin, high while it is pressed.
#[derive(Debug)]
pub struct Button<P> {
    pin: P,
    pressed: Steady,
    /// Since when it is held; none once a long press was told.
    held: Option<Duration>,
}

impl<P: InputPin> Button<P> {
    /// The button, taken for let go.
    pub fn new(pin: P) -> Self {
        Self {
            pin,
            pressed: Steady::new(false, SETTLE),
            held: None,
        }
    }

    /// Reads the button.
    ///
    /// # Errors
    /// [`Fault::Pin`]; a press that was under way is forgotten, so that a loose wire presses nothing.
    pub fn poll(&mut self, now: Duration) -> Result<Option<Press>, Fault> {
        let high = self.pin.is_high().map_err(|error| {
            self.pressed = Steady::new(false, SETTLE);
            self.held = None;
            Fault::pin(Part::Button)(error)
        })?;
        let before = self.pressed.is();
        let pressed = self.pressed.hear(high, now);
        Ok(match (before, pressed) {
            (false, true) => {
                self.held = Some(now);
                None
            }
            (true, false) => self.held.take().map(|_| Press::Short),
            (true, true) => match self.held {
                Some(since) if now.saturating_sub(since) >= LONG => {
                    self.held = None;
                    Some(Press::Long)
                }
                _ => None,
            },
            (false, false) => None,
        })
    }
}
