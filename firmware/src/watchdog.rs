//! The watchdog: a supervisor chip that starts the box anew unless its input changes often enough (TPS3823 and
//! its like: every 1.6 seconds; any edge counts).
//!
//! It is fed by hand, by whoever knows that everything lives; a program that hangs feeds nothing. Such a chip sleeps as
//! long as nobody drives its input: a program that cannot feed it leaves the pin alone
//! (`board::description::Description::unwatched`).

use crate::{Fault, Part};
use core::time::Duration;
use embedded_hal::digital::OutputPin;

/// No two edges nearer than this: feeding in a tight loop would hide that nothing else runs.
pub const SPACING: Duration = Duration::from_millis(200);
/// The supervisor's patience at its shortest (TPS3823 datasheet, t_TOUT minimum 0.9 s).
pub const PATIENCE: Duration = Duration::from_millis(900);

/// The watchdog's input on one pin.
#[derive(Debug)]
pub struct Watchdog<P> {
    pin: P,
    high: bool,
    fed: Option<Duration>,
}

impl<P: OutputPin> Watchdog<P> {
    /// The watchdog; its input is left as it is until it is fed.
    pub fn new(pin: P) -> Self {
        Self {
            pin,
            high: false,
            fed: None,
        }
    }

    /// Feeds it: one edge, at most every [`SPACING`].
    ///
    /// # Errors
    /// [`Fault::Pin`]; the next feeding tries the same edge again.
    pub fn feed(&mut self, now: Duration) -> Result<(), Fault> {
        if self
            .fed
            .is_some_and(|fed| now.saturating_sub(fed) < SPACING)
        {
            return Ok(());
        }
        let next = !self.high;
        let set = if next {
            self.pin.set_high()
        } else {
            self.pin.set_low()
        };
        set.map_err(Fault::pin(Part::Watchdog))?;
        self.high = next;
        self.fed = Some(now);
        Ok(())
    }
}
