//! Pins as they are soldered, turned into pins as the drivers mean them: high is on, and a lamp has a
//! brightness.

use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_hal::pwm::{self, SetDutyCycle};

/// Which level means on, pressed, shut, occupied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// High is on.
    ActiveHigh,
    /// Low is on: most relay boards, switches against ground.
    ActiveLow,
}

/// A pin as it is soldered: to the drivers high is on, whichever level that is.
#[derive(Debug)]
pub struct Wired<P> {
    pin: P,
    polarity: Polarity,
}

impl<P> Wired<P> {
    /// A pin of this polarity.
    pub fn new(pin: P, polarity: Polarity) -> Self {
        Self { pin, polarity }
    }
}

impl<P: digital::ErrorType> digital::ErrorType for Wired<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for Wired<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        match self.polarity {
            Polarity::ActiveHigh => self.pin.set_low(),
            Polarity::ActiveLow => self.pin.set_high(),
        }
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        match self.polarity {
            Polarity::ActiveHigh => self.pin.set_high(),
            Polarity::ActiveLow => self.pin.set_low(),
        }
    }
}

impl<P: InputPin> InputPin for Wired<P> {
    fn is_high(&mut self) -> Result<bool, P::Error> {
        match self.polarity {
            Polarity::ActiveHigh => self.pin.is_high(),
            Polarity::ActiveLow => self.pin.is_low(),
        }
    }

    fn is_low(&mut self) -> Result<bool, P::Error> {
        self.is_high().map(|high| !high)
    }
}

/// A lamp on a pin that can only switch: any brightness but 0 is full.
#[derive(Debug)]
pub struct Switched<P>(pub P);

/// A switched lamp's pin did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchFault;

impl pwm::Error for SwitchFault {
    fn kind(&self) -> pwm::ErrorKind {
        pwm::ErrorKind::Other
    }
}

impl<P> pwm::ErrorType for Switched<P> {
    type Error = SwitchFault;
}

impl<P: OutputPin> SetDutyCycle for Switched<P> {
    /// As many steps as there are per cent, so that no brightness is rounded down to dark.
    fn max_duty_cycle(&self) -> u16 {
        100
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), SwitchFault> {
        let set = if duty == 0 {
            self.0.set_low()
        } else {
            self.0.set_high()
        };
        set.map_err(|_| SwitchFault)
    }
}
