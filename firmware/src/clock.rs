//! The battery-backed clock: a DS3231 on I2C (address 0x68), through the crate `ds323x`. It keeps universal time.

use crate::{Fault, Part};
use ds323x::interface::I2cInterface;
use ds323x::{DateTimeAccess, Datelike, Ds323x, Error, ic};
use embedded_hal::i2c::I2c;

/// What the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockReading {
    /// Seconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Its oscillator stood still since it was last set (OSF): its battery is empty, and what it says is worth
    /// nothing until it is set.
    Lost,
}

/// The clock.
pub struct Clock<B> {
    chip: Ds323x<I2cInterface<B>, ic::DS3231>,
}

// Written out: the crate's marker of which chip it is has no Debug.
impl<B> core::fmt::Debug for Clock<B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Clock(DS3231)")
    }
}

impl<B: I2c> Clock<B> {
    /// The clock on this bus; nothing is sent yet.
    pub fn new(i2c: B) -> Self {
        Self {
            chip: Ds323x::new_ds3231(i2c),
        }
    }

    /// Reads the clock.
    ///
    /// # Errors
    /// [`Fault::Bus`]; [`Fault::Nonsense`] where its registers hold no date.
    pub fn read(&mut self) -> Result<ClockReading, Fault> {
        if self.chip.has_been_stopped().map_err(fault)? {
            return Ok(ClockReading::Lost);
        }
        let time = self.chip.datetime().map_err(fault)?;
        Ok(ClockReading::Time(time.and_utc().timestamp()))
    }

    /// Sets the clock, then says that it runs.
    ///
    /// # Errors
    /// [`Fault::Bus`]; [`Fault::Nonsense`] for a year outside 2000 to 2099, which it cannot keep.
    pub fn set(&mut self, unix_seconds: i64) -> Result<(), Fault> {
        let time = rtcc::DateTime::from_timestamp(unix_seconds, 0)
            .map(|time| time.naive_utc())
            .filter(|time| (2000..2100).contains(&time.year()))
            .ok_or(Fault::Nonsense { part: Part::Clock })?;
        self.chip.set_datetime(&time).map_err(fault)?;
        self.chip.clear_has_been_stopped_flag().map_err(fault)
    }

    /// The chip's own temperature, degrees Celsius: the case's, near enough.
    ///
    /// # Errors
    /// [`Fault::Bus`].
    pub fn degrees(&mut self) -> Result<f32, Fault> {
        self.chip.temperature().map_err(fault)
    }

    /// The bus again.
    pub fn into_bus(self) -> B {
        self.chip.destroy_ds3231()
    }
}

fn fault<E: embedded_hal::i2c::Error>(error: Error<E>) -> Fault {
    match error {
        Error::Comm(e) => Fault::bus(Part::Clock)(e),
        _ => Fault::Nonsense { part: Part::Clock },
    }
}
