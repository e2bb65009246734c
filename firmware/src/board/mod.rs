//! A box's hardware in one hand: what the appliance holds, whichever board is in the box.

pub mod bench;
#[cfg(feature = "pi")]
pub mod pi;

use crate::Fault;
use crate::lamps::{Brightness, Lamp, Lamps};
use crate::tower::{Signal, Tower};
use crate::tray::{Tray, TrayState};
use core::time::Duration;
use embedded_hal::digital::{InputPin, OutputPin};
use embedded_hal::pwm::SetDutyCycle;

/// The hardware of one box. Time is the duration since a moment of the caller's that never goes back.
///
/// A fault of one part never stops the others: it is for the technician's page, not the end of the lane.
pub trait Board: Send {
    /// Which board this is: `bench` or `pi`.
    fn name(&self) -> &'static str;

    /// Whether a document lies on the glass; see [`Tray::poll`].
    ///
    /// # Errors
    /// [`Fault::Pin`] where the sensor does not answer.
    fn tray(&mut self, now: Duration) -> Result<TrayState, Fault>;

    /// Shows a signal on the tower; see [`Tower::show`].
    ///
    /// # Errors
    /// [`Fault::Pin`] where a lamp of the tower does not answer.
    fn show(&mut self, signal: Signal) -> Result<(), Fault>;

    /// Sounds the buzzer; see [`Tower::beep`].
    ///
    /// # Errors
    /// [`Fault::Pin`] where the buzzer does not answer.
    fn beep(&mut self, length: Duration, now: Duration) -> Result<(), Fault>;

    /// Lights a lamp, dims it or puts it out; see [`Lamps::light`].
    ///
    /// # Errors
    /// [`Fault::Brightness`] where the lamp does not answer, [`Fault::UltravioletResting`] where it must stay dark.
    fn light(&mut self, lamp: Lamp, brightness: Brightness, now: Duration) -> Result<(), Fault>;

    /// Ends what has had its time: a beep, the ultraviolet lamp. Call it at least ten times a second.
    ///
    /// # Errors
    /// The first fault met; every part is still tended, and the next tick tries again.
    fn tick(&mut self, now: Duration) -> Result<(), Fault>;

    /// Puts out the tower, the buzzer and every lamp: before the program ends.
    ///
    /// # Errors
    /// The first fault met; every part is still put out.
    fn dark(&mut self, now: Duration) -> Result<(), Fault>;
}

/// A board of these drivers, on whatever pins.
#[derive(Debug)]
pub struct Assembled<G, Y, R, B, T, W, I, U> {
    name: &'static str,
    tower: Tower<G, Y, R, B>,
    tray: Tray<T>,
    lamps: Lamps<W, I, U>,
}

impl<G, Y, R, B, T, W, I, U> Board for Assembled<G, Y, R, B, T, W, I, U>
where
    G: OutputPin + Send,
    Y: OutputPin + Send,
    R: OutputPin + Send,
    B: OutputPin + Send,
    T: InputPin + Send,
    W: SetDutyCycle + Send,
    I: SetDutyCycle + Send,
    U: SetDutyCycle + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn tray(&mut self, now: Duration) -> Result<TrayState, Fault> {
        self.tray.poll(now)
    }

    fn show(&mut self, signal: Signal) -> Result<(), Fault> {
        self.tower.show(signal)
    }

    fn beep(&mut self, length: Duration, now: Duration) -> Result<(), Fault> {
        self.tower.beep(length, now)
    }

    fn light(&mut self, lamp: Lamp, brightness: Brightness, now: Duration) -> Result<(), Fault> {
        self.lamps.light(lamp, brightness, now)
    }

    fn tick(&mut self, now: Duration) -> Result<(), Fault> {
        // Both, whatever the first says.
        let lamps = self.lamps.tick(now);
        lamps.and(self.tower.tick(now))
    }

    fn dark(&mut self, now: Duration) -> Result<(), Fault> {
        let lamps = self.lamps.dark(now);
        let tower = self.tower.show(Signal::Dark);
        // At the end of time every beep has had its own.
        let buzzer = self.tower.tick(Duration::MAX);
        lamps.and(tower).and(buzzer)
    }
}
