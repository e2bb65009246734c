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

/// A light or sound that may not have opened when the box started. What did not open was never lit from here:
/// putting it out is done, and lighting it is a fault.
#[derive(Debug)]
pub struct Fitted<P>(Option<P>);

impl<P> Fitted<P> {
    /// What opened, or nothing.
    pub fn new(opened: Option<P>) -> Self {
        Self(opened)
    }
}

/// Why one that may not have opened could not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FittedFault<E> {
    /// It did not open.
    NotOpened,
    /// What it says itself.
    Its(E),
}

impl<E: digital::Error> digital::Error for FittedFault<E> {
    fn kind(&self) -> digital::ErrorKind {
        match self {
            Self::NotOpened => digital::ErrorKind::Other,
            Self::Its(error) => error.kind(),
        }
    }
}

impl<E: pwm::Error> pwm::Error for FittedFault<E> {
    fn kind(&self) -> pwm::ErrorKind {
        match self {
            Self::NotOpened => pwm::ErrorKind::Other,
            Self::Its(error) => error.kind(),
        }
    }
}

impl<P: digital::ErrorType> digital::ErrorType for Fitted<P> {
    type Error = FittedFault<P::Error>;
}

impl<P: OutputPin> OutputPin for Fitted<P> {
    fn set_low(&mut self) -> Result<(), Self::Error> {
        match &mut self.0 {
            Some(pin) => pin.set_low().map_err(FittedFault::Its),
            None => Ok(()),
        }
    }

    fn set_high(&mut self) -> Result<(), Self::Error> {
        match &mut self.0 {
            Some(pin) => pin.set_high().map_err(FittedFault::Its),
            None => Err(FittedFault::NotOpened),
        }
    }
}

impl<P: pwm::ErrorType> pwm::ErrorType for Fitted<P> {
    type Error = FittedFault<P::Error>;
}

impl<P: SetDutyCycle> SetDutyCycle for Fitted<P> {
    fn max_duty_cycle(&self) -> u16 {
        self.0.as_ref().map_or(100, P::max_duty_cycle)
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Self::Error> {
        match &mut self.0 {
            Some(lamp) => lamp.set_duty_cycle(duty).map_err(FittedFault::Its),
            None if duty == 0 => Ok(()),
            None => Err(FittedFault::NotOpened),
        }
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
