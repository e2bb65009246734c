//! The light over the lane, with its buzzer.
//!
//! One colour at a time: the lamps that are to be dark are put out before the one that is to shine is lit,
//! so no moment and no fault shows green beside another colour.

use crate::{Fault, Part};
use core::time::Duration;
use embedded_hal::digital::OutputPin;

/// What the tower shows. What a colour means is for the caller: the drivers know no advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Nothing: between travellers.
    Dark,
    /// The lowest lamp.
    Green,
    /// The middle lamp.
    Yellow,
    /// The top lamp.
    Red,
}

/// The longest that one call sounds the buzzer.
pub const LONGEST_BEEP: Duration = Duration::from_secs(2);

/// The tower light and buzzer; every pin is on when high (see [`crate::wiring::Polarity::ActiveLow`] for others).
#[derive(Debug)]
pub struct Tower<G, Y, R, B> {
    green: G,
    yellow: Y,
    red: R,
    buzzer: B,
    shown: Option<Signal>,
    silent_at: Option<Duration>,
}

impl<G: OutputPin, Y: OutputPin, R: OutputPin, B: OutputPin> Tower<G, Y, R, B> {
    /// A dark and silent tower on these pins.
    ///
    /// # Errors
    /// [`Fault::Pin`] where a part cannot be put out.
    pub fn new(green: G, yellow: Y, red: R, buzzer: B) -> Result<Self, Fault> {
        let mut tower = Self::untold(green, yellow, red, buzzer);
        tower.show(Signal::Dark)?;
        tower.silence()?;
        Ok(tower)
    }

    /// The same where one part's fault must not end the others: what each part (green, yellow, red, buzzer) said when
    /// it was put out stands beside the tower. A lamp that was not is tried again at every signal, the buzzer at every
    /// tick.
    pub fn started(green: G, yellow: Y, red: R, buzzer: B) -> (Self, [Result<(), Fault>; 4]) {
        let mut tower = Self::untold(green, yellow, red, buzzer);
        tower.silent_at = Some(Duration::ZERO);
        let said = [
            tower.green.set_low().map_err(Fault::pin(Part::TowerGreen)),
            tower
                .yellow
                .set_low()
                .map_err(Fault::pin(Part::TowerYellow)),
            tower.red.set_low().map_err(Fault::pin(Part::TowerRed)),
            tower.silence(),
        ];
        if let [Ok(()), Ok(()), Ok(()), _] = said {
            tower.shown = Some(Signal::Dark);
        }
        (tower, said)
    }

    fn untold(green: G, yellow: Y, red: R, buzzer: B) -> Self {
        Self {
            green,
            yellow,
            red,
            buzzer,
            shown: None,
            silent_at: None,
        }
    }

    /// Shows a signal. Every pin is set anew each time, so a disturbed one does not stay wrong.
    ///
    /// # Errors
    /// [`Fault::Pin`]; a lamp that cannot be put out keeps the new one from being lit, and every other lamp
    /// is still put out.
    pub fn show(&mut self, signal: Signal) -> Result<(), Fault> {
        self.shown = None;
        let mut put_out = Ok(());
        if signal != Signal::Green {
            let done = self.green.set_low().map_err(Fault::pin(Part::TowerGreen));
            put_out = put_out.and(done);
        }
        if signal != Signal::Yellow {
            let done = self.yellow.set_low().map_err(Fault::pin(Part::TowerYellow));
            put_out = put_out.and(done);
        }
        if signal != Signal::Red {
            let done = self.red.set_low().map_err(Fault::pin(Part::TowerRed));
            put_out = put_out.and(done);
        }
        put_out?;
        match signal {
            Signal::Dark => {}
            Signal::Green => self
                .green
                .set_high()
                .map_err(Fault::pin(Part::TowerGreen))?,
            Signal::Yellow => self
                .yellow
                .set_high()
                .map_err(Fault::pin(Part::TowerYellow))?,
            Signal::Red => self.red.set_high().map_err(Fault::pin(Part::TowerRed))?,
        }
        self.shown = Some(signal);
        Ok(())
    }

    /// What the tower shows; `None` after a fault, until a signal is shown without one.
    #[must_use]
    pub fn shown(&self) -> Option<Signal> {
        self.shown
    }

    /// Sounds the buzzer for so long, at most [`LONGEST_BEEP`]; a later beep replaces an earlier.
    ///
    /// # Errors
    /// [`Fault::Pin`]; the buzzer is silenced at the next [`Tower::tick`], whatever it does meanwhile.
    pub fn beep(&mut self, length: Duration, now: Duration) -> Result<(), Fault> {
        self.silent_at = Some(now);
        self.buzzer.set_high().map_err(Fault::pin(Part::Buzzer))?;
        self.silent_at = Some(now.saturating_add(length.min(LONGEST_BEEP)));
        Ok(())
    }

    /// Ends a beep whose time has come.
    ///
    /// # Errors
    /// [`Fault::Pin`]; the next tick tries again.
    pub fn tick(&mut self, now: Duration) -> Result<(), Fault> {
        match self.silent_at {
            Some(end) if now >= end => self.silence(),
            _ => Ok(()),
        }
    }

    fn silence(&mut self) -> Result<(), Fault> {
        self.buzzer.set_low().map_err(Fault::pin(Part::Buzzer))?;
        self.silent_at = None;
        Ok(())
    }
}
