//! The real box: a Raspberry Pi, through rppal.
//!
//! White and infrared are dimmed by the Pi's two hardware PWM channels (in `/boot/firmware/config.txt`:
//! `dtoverlay=pwm-2chan,pin=18,func=2,pin2=19,func2=2`); the ultraviolet lamp is only switched, on a plain
//! pin: software PWM would leave it to a thread's timing.
//!
//! rppal is no longer developed. The way out is `linux-embedded-hal`, whose pins implement the same
//! embedded-hal traits: only this file would change.

use super::Assembled;
use crate::Fault;
use crate::lamps::{ExposureLimit, Lamps};
use crate::tower::Tower;
use crate::tray::Tray;
use crate::wiring::{ActiveLow, Switched};
use embedded_hal::pwm::{self, ErrorKind, SetDutyCycle};
use rppal::gpio::{Gpio, InputPin, OutputPin};
use rppal::pwm::{Channel, Polarity, Pwm};

/// Above what an eye or a rolling shutter sees.
const LAMP_HERTZ: f64 = 20_000.0;

/// Which pin of the header each part hangs on, by BCM number. White and infrared hang on the PWM channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wiring {
    /// The tower's lowest lamp.
    pub tower_green: u8,
    /// The tower's middle lamp.
    pub tower_yellow: u8,
    /// The tower's top lamp.
    pub tower_red: u8,
    /// The buzzer.
    pub buzzer: u8,
    /// The tray's sensor: closes against ground where a document lies on the glass.
    pub tray: u8,
    /// The ultraviolet lamp's switch.
    pub ultraviolet: u8,
}

impl Default for Wiring {
    /// The reference box.
    fn default() -> Self {
        Self {
            tower_green: 5,
            tower_yellow: 6,
            tower_red: 13,
            buzzer: 12,
            tray: 17,
            ultraviolet: 27,
        }
    }
}

/// Why the box's pins could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This is no Raspberry Pi, or the account may not use its pins.
    #[error("cannot open the pins: {0}; the service's account must be in group gpio")]
    Pins(#[from] rppal::gpio::Error),
    /// The PWM channels are not there.
    #[error("cannot open the lamps' PWM: {0}; enable both channels in config.txt")]
    Pwm(#[from] rppal::pwm::Error),
    /// A part does not answer at start.
    #[error(transparent)]
    Part(#[from] Fault),
}

/// A hardware PWM channel as embedded-hal means it: rppal offers only the trait of embedded-hal 0.2.
#[derive(Debug)]
pub struct LampChannel(Pwm);

/// The PWM channel could not be set.
#[derive(Debug)]
pub struct ChannelFault(pub rppal::pwm::Error);

impl pwm::Error for ChannelFault {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl pwm::ErrorType for LampChannel {
    type Error = ChannelFault;
}

impl SetDutyCycle for LampChannel {
    fn max_duty_cycle(&self) -> u16 {
        1000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), ChannelFault> {
        let fraction = f64::from(duty) / f64::from(self.max_duty_cycle());
        self.0.set_duty_cycle(fraction).map_err(ChannelFault)
    }
}

/// The real box.
pub type PiBoard = Assembled<
    OutputPin,
    OutputPin,
    OutputPin,
    OutputPin,
    ActiveLow<InputPin>,
    LampChannel,
    LampChannel,
    Switched<OutputPin>,
>;

impl PiBoard {
    /// Opens the pins, everything dark. Dropped pins go back to inputs, and the lamps' pull-downs put them out.
    ///
    /// # Errors
    /// [`OpenError`] says what the technician can do.
    pub fn open(wiring: &Wiring, limit: ExposureLimit) -> Result<Self, OpenError> {
        let gpio = Gpio::new()?;
        let output = |pin| gpio.get(pin).map(rppal::gpio::Pin::into_output_low);
        let channel = |channel| {
            Pwm::with_frequency(channel, LAMP_HERTZ, 0.0, Polarity::Normal, true).map(LampChannel)
        };
        Ok(Self {
            name: "pi",
            tower: Tower::new(
                output(wiring.tower_green)?,
                output(wiring.tower_yellow)?,
                output(wiring.tower_red)?,
                output(wiring.buzzer)?,
            )?,
            tray: Tray::new(ActiveLow(gpio.get(wiring.tray)?.into_input_pullup())),
            lamps: Lamps::new(
                channel(Channel::Pwm0)?,
                channel(Channel::Pwm1)?,
                Switched(output(wiring.ultraviolet)?),
                limit,
            )?,
        })
    }
}
