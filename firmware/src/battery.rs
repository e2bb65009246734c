//! The battery, by its fuel gauge: a MAX17048 on I2C (address 0x36), through the crate `max170xx`.

use crate::{Fault, Part};
use embedded_hal::i2c::I2c;
use max170xx::{Error, Max17048};

/// VERSION is 0x001x in every MAX17048 (datasheet 19-6171, register 0x08).
const VERSION: u16 = 0x0010;
/// No lithium cell that works is outside, volts.
const VOLTS: core::ops::RangeInclusive<f32> = 2.0..=4.6;
/// The gauge may tell a little more than full, per cent.
const MOST_CHARGE: f32 = 130.0;

/// What the gauge says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatteryReading {
    /// How full, per cent, 0 to 100.
    pub charge: f32,
    /// The cell's voltage.
    pub volts: f32,
    /// How fast it charges (above nought) or discharges, per cent an hour.
    pub per_hour: f32,
}

impl BatteryReading {
    /// How long it lasts as it is used now, hours; none while it charges.
    #[must_use]
    pub fn hours_left(&self) -> Option<f32> {
        (self.per_hour < -0.1).then(|| self.charge / -self.per_hour)
    }
}

/// The fuel gauge.
#[derive(Debug)]
pub struct Battery<B> {
    gauge: Max17048<B>,
    known: bool,
}

impl<B: I2c> Battery<B> {
    /// The gauge on this bus; nothing is sent yet.
    pub fn new(i2c: B) -> Self {
        Self {
            gauge: Max17048::new(i2c),
            known: false,
        }
    }

    /// Reads the gauge; the first time it is asked what it is.
    ///
    /// # Errors
    /// [`Fault::Bus`], [`Fault::WrongDevice`], [`Fault::Nonsense`].
    pub fn read(&mut self) -> Result<BatteryReading, Fault> {
        if !self.known {
            let version = self.gauge.version().map_err(fault)?;
            if version & 0xFFF0 != VERSION {
                return Err(Fault::WrongDevice {
                    part: Part::FuelGauge,
                    found: version,
                });
            }
            self.known = true;
        }
        let charge = self.gauge.soc().map_err(fault)?;
        let volts = self.gauge.voltage().map_err(fault)?;
        let per_hour = self.gauge.charge_rate().map_err(fault)?;
        if !VOLTS.contains(&volts) || !(0.0..=MOST_CHARGE).contains(&charge) {
            return Err(Fault::Nonsense {
                part: Part::FuelGauge,
            });
        }
        Ok(BatteryReading {
            charge: charge.min(100.0),
            volts,
            per_hour,
        })
    }

    /// The bus again.
    pub fn into_bus(self) -> B {
        self.gauge.destroy()
    }
}

fn fault<E: embedded_hal::i2c::Error>(error: Error<E>) -> Fault {
    match error {
        Error::I2C(e) => Fault::bus(Part::FuelGauge)(e),
        Error::InvalidInputData => Fault::Nonsense {
            part: Part::FuelGauge,
        },
    }
}
