//! Pins as they are soldered, turned into pins as the drivers mean them: high is on, and a lamp has a
//! brightness.

use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_hal::pwm::{self, SetDutyCycle};

/// A pin whose part is on, or pressed, when the pin is low: most relay boards, switches against ground.
#[derive(Debug)]
pub struct ActiveLow<P>(pub P);

impl<P: digital::ErrorType> digital::ErrorType for ActiveLow<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for ActiveLow<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.0.set_high()
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.0.set_low()
    }
}

impl<P: InputPin> InputPin for ActiveLow<P> {
    fn is_high(&mut self) -> Result<bool, P::Error> {
        self.0.is_low()
    }

    fn is_low(&mut self) -> Result<bool, P::Error> {
        self.0.is_high()
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
