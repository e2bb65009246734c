//! The real box: a Raspberry Pi, through rppal.
//!
//! White and infrared are dimmed by the Pi's two hardware PWM channels; the ultraviolet lamp is only switched, on a
//! plain pin: software PWM would leave it to a thread's timing. What hangs where is the board description's word.
//!
//! rppal is no longer developed. The way out is [`super::linux`], which fits the same place.

use super::description::{BusDevice, Description, LampDescription, PinDescription};
use super::{Assembled, Wires};
use crate::Fault;
use crate::battery::Battery;
use crate::button::Button;
use crate::clock::Clock;
use crate::lamps::Lamps;
use crate::lid::{Lid, Tamper};
use crate::nfc::NfcFrontEnd;
use crate::tower::Tower;
use crate::tray::Tray;
use crate::watchdog::Watchdog;
use crate::wiring::{Polarity, Switched, Wired};
use embedded_hal::pwm::{self, ErrorKind, SetDutyCycle};
use rppal::gpio::{Gpio, InputPin, OutputPin};
use rppal::hal::Delay;
use rppal::i2c::I2c;
use rppal::pwm::{Channel, Pwm};

/// Above what an eye or a rolling shutter sees.
const LAMP_HERTZ: f64 = 20_000.0;

/// Why the box's pins could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This is no Raspberry Pi, or the account may not use its pins.
    #[error("cannot open the pins: {0}; the service's account must be in group gpio")]
    Pins(#[from] rppal::gpio::Error),
    /// The PWM channels are not there.
    #[error("cannot open the lamps' PWM: {0}; enable both channels in config.txt")]
    Pwm(#[from] rppal::pwm::Error),
    /// The bus is not there.
    #[error("cannot open the bus: {0}; enable I2C in config.txt, put the account in group i2c")]
    Bus(#[from] rppal::i2c::Error),
    /// A part does not answer at start.
    #[error(transparent)]
    Part(#[from] Fault),
}

/// What dims or switches a lamp. rppal offers PWM only through the trait of embedded-hal 0.2.
#[derive(Debug)]
pub enum PiLamp {
    /// A hardware PWM channel.
    Dimmed(Pwm),
    /// A pin.
    Switched(Switched<Wired<OutputPin>>),
}

/// The lamp could not be set.
#[derive(Debug)]
pub struct LampFault;

impl pwm::Error for LampFault {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl pwm::ErrorType for PiLamp {
    type Error = LampFault;
}

impl SetDutyCycle for PiLamp {
    fn max_duty_cycle(&self) -> u16 {
        1000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), LampFault> {
        match self {
            Self::Dimmed(channel) => channel
                .set_duty_cycle(f64::from(duty) / 1000.0)
                .map_err(|_| LampFault),
            Self::Switched(pin) => pin.set_duty_cycle(duty).map_err(|_| LampFault),
        }
    }
}

/// What the parts of a Raspberry Pi hang on.
#[derive(Debug)]
pub struct Pi;

impl Wires for Pi {
    type Out = OutputPin;
    type In = InputPin;
    type Dim = PiLamp;
    type Bus = I2c;
    type Wait = Delay;
}

/// The real box.
pub type PiBoard = Assembled<Pi>;

fn polarity(active_low: bool) -> Polarity {
    if active_low {
        Polarity::ActiveLow
    } else {
        Polarity::ActiveHigh
    }
}

/// Opens pins as the description has them.
struct Opener {
    gpio: Gpio,
}

impl Opener {
    /// An output, off from the first moment.
    fn output(&self, pin: u8, active_low: bool) -> Result<Wired<OutputPin>, OpenError> {
        let pin = self.gpio.get(pin)?;
        let output = if active_low {
            pin.into_output_high()
        } else {
            pin.into_output_low()
        };
        Ok(Wired::new(output, polarity(active_low)))
    }

    /// An input, pulled up: switches close against ground.
    fn input(&self, described: PinDescription) -> Result<Wired<InputPin>, OpenError> {
        let input = self.gpio.get(described.pin)?.into_input_pullup();
        Ok(Wired::new(input, polarity(described.active_low)))
    }

    fn lamp(&self, described: LampDescription) -> Result<PiLamp, OpenError> {
        Ok(match described {
            LampDescription::Dimmed { pwm } => {
                let channel = if pwm == 0 {
                    Channel::Pwm0
                } else {
                    Channel::Pwm1
                };
                let polarity = rppal::pwm::Polarity::Normal;
                PiLamp::Dimmed(Pwm::with_frequency(
                    channel, LAMP_HERTZ, 0.0, polarity, true,
                )?)
            }
            LampDescription::Switched(on) => {
                PiLamp::Switched(Switched(self.output(on.pin, on.active_low)?))
            }
        })
    }
}

impl PiBoard {
    /// Opens the pins, everything dark. Dropped pins go back to inputs, and the lamps' pull-downs put them out.
    ///
    /// # Errors
    /// [`OpenError`] says what the technician can do.
    pub fn open(described: &Description, opened_before: bool) -> Result<Self, OpenError> {
        let opener = Opener { gpio: Gpio::new()? };
        let tower = &described.tower;
        let lamp = |pin| opener.output(pin, tower.active_low);
        let input = |on: PinDescription| opener.input(on);
        let bus = |device| -> Result<Option<I2c>, OpenError> {
            match &described.i2c {
                Some(i2c) if i2c.devices.contains(&device) => Ok(Some(I2c::with_bus(i2c.bus)?)),
                _ => Ok(None),
            }
        };
        Ok(Self {
            name: "pi",
            tower: Tower::new(
                lamp(tower.green)?,
                lamp(tower.yellow)?,
                lamp(tower.red)?,
                lamp(tower.buzzer)?,
            )?,
            tray: Tray::new(input(described.tray)?),
            lamps: Lamps::new(
                opener.lamp(described.lamps.white)?,
                opener.lamp(described.lamps.infrared)?,
                opener.lamp(described.lamps.ultraviolet)?,
                described.exposure_limit(),
            )?,
            lid: described.lid.map(input).transpose()?.map(Lid::new),
            tamper: described
                .tamper
                .map(input)
                .transpose()?
                .map(|pin| Tamper::new(pin, opened_before)),
            button: described.button.map(input).transpose()?.map(Button::new),
            watchdog: described
                .watchdog
                .map(|on| opener.output(on.pin, on.active_low))
                .transpose()?
                .map(Watchdog::new),
            battery: bus(BusDevice::FuelGauge)?.map(Battery::new),
            clock: bus(BusDevice::Clock)?.map(Clock::new),
            nfc: bus(BusDevice::Nfc)?.map(|i2c| NfcFrontEnd::new(i2c, Delay::new())),
        })
    }
}
