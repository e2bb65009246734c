//! The real box: a Raspberry Pi, through rppal.
//!
//! White and infrared are dimmed by the Pi's two hardware PWM channels; the ultraviolet lamp is only switched, on a
//! plain pin: software PWM would leave it to a thread's timing. What hangs where is the board description's word.
//!
//! rppal is no longer developed. The way out is [`super::linux`], which fits the same place.

use super::assembly::{Opener, assemble, polarity};
use super::description::{Description, LampDescription, PinDescription, SpiDescription};
use super::{Assembled, Wires};
use crate::Part;
use crate::wiring::{Switched, Wired};
use embedded_hal::i2c::{self, Operation};
use embedded_hal::pwm::{self, ErrorKind, SetDutyCycle};
use rppal::gpio::{Gpio, InputPin, OutputPin};
use rppal::hal::Delay;
use rppal::i2c::I2c;
use rppal::pwm::{Channel, Polarity, Pwm};
use rppal::spi::{Bus, Mode, SimpleHalSpiDevice, SlaveSelect, Spi};
use rppal::system::{DeviceInfo, SoC};

/// Above what an eye or a rolling shutter sees.
const LAMP_HERTZ: f64 = 20_000.0;
/// Where the kernel lists its PWM chips.
const PWM_CHIPS: &str = "/sys/class/pwm";
/// The device of a Pi 5's chip whose channels are on the header. The chip's number is another in every second kernel
/// (2 in 6.6, 0 in 6.12); rppal knows the older alone.
const PI_5_PWM: &str = "1f00098000.pwm";

/// The front end takes 5 MHz over a short cable.
const SPI_HERTZ: u32 = 2_000_000;

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
    /// The SPI device is not there.
    #[error("cannot open SPI: {0}; enable SPI in config.txt, put the account in group spi")]
    Spi(#[from] rppal::spi::Error),
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

/// Opens a lamp's channel, dark.
fn dimmed(pwm: u8, pin: Option<u8>) -> Result<Pwm, rppal::pwm::Error> {
    let is_pi_5 = DeviceInfo::new().is_ok_and(|info| info.soc() == SoC::Bcm2712);
    if !is_pi_5 {
        let channel = if pwm == 0 {
            Channel::Pwm0
        } else {
            Channel::Pwm1
        };
        return Pwm::with_frequency(channel, LAMP_HERTZ, 0.0, Polarity::Normal, true);
    }
    let none = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let channel = Description::channel_on_pi_5(pwm, pin).ok_or_else(none)?;
    let pwm = Pwm::with_pwmchip(pi_5_chip()?.ok_or_else(none)?, channel)?;
    pwm.set_frequency(LAMP_HERTZ, 0.0)?;
    pwm.set_polarity(Polarity::Normal)?;
    pwm.enable()?;
    Ok(pwm)
}

/// The number of a Pi 5's PWM chip.
fn pi_5_chip() -> Result<Option<u8>, std::io::Error> {
    for entry in std::fs::read_dir(PWM_CHIPS)? {
        let entry = entry?;
        let device = std::fs::read_link(entry.path().join("device"));
        if !device.is_ok_and(|device| device.ends_with(PI_5_PWM)) {
            continue;
        }
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("pwmchip"));
        return Ok(number.and_then(|number| number.parse().ok()));
    }
    Ok(None)
}

/// A handle on the bus. embedded-hal asks for a repeated start between a register's number and the reading of it; rppal's
/// own transactions let the bus go in between.
#[derive(Debug)]
pub struct PiBus(I2c);

impl i2c::ErrorType for PiBus {
    type Error = rppal::i2c::Error;
}

impl i2c::I2c for PiBus {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), rppal::i2c::Error> {
        if let [Operation::Write(register), Operation::Read(into)] = operations {
            self.0.set_slave_address(u16::from(address))?;
            return self.0.write_read(register, into);
        }
        i2c::I2c::transaction(&mut self.0, address, operations)
    }
}

/// What the parts of a Raspberry Pi hang on.
#[derive(Debug)]
pub struct Pi;

impl Wires for Pi {
    type Out = OutputPin;
    type In = InputPin;
    type Dim = PiLamp;
    type Bus = PiBus;
    type Spi = SimpleHalSpiDevice;
    type Wait = Delay;
}

/// The real box.
pub type PiBoard = Assembled<Pi>;

/// Opens pins as the description has them.
struct Header {
    gpio: Gpio,
}

impl Opener for Header {
    type Wires = Pi;
    type Error = OpenError;

    fn output(&self, _: Part, pin: u8, active_low: bool) -> Result<Wired<OutputPin>, OpenError> {
        let pin = self.gpio.get(pin)?;
        let output = if active_low {
            pin.into_output_high()
        } else {
            pin.into_output_low()
        };
        Ok(Wired::new(output, polarity(active_low)))
    }

    /// Pulled up: switches close against ground.
    fn input(&self, _: Part, described: PinDescription) -> Result<Wired<InputPin>, OpenError> {
        let input = self.gpio.get(described.pin)?.into_input_pullup();
        Ok(Wired::new(input, polarity(described.active_low)))
    }

    fn lamp(&self, part: Part, described: LampDescription) -> Result<PiLamp, OpenError> {
        Ok(match described {
            LampDescription::Dimmed { pwm, pin } => PiLamp::Dimmed(dimmed(pwm, pin)?),
            LampDescription::Switched(on) => {
                PiLamp::Switched(Switched(self.output(part, on.pin, on.active_low)?))
            }
        })
    }

    fn bus(&self, _: Part, number: u8) -> Result<PiBus, OpenError> {
        Ok(PiBus(I2c::with_bus(number)?))
    }

    fn spi(&self, on: SpiDescription) -> Result<SimpleHalSpiDevice, OpenError> {
        let select = match on.select {
            0 => SlaveSelect::Ss0,
            _ => SlaveSelect::Ss1,
        };
        Ok(SimpleHalSpiDevice::new(Spi::new(
            Bus::Spi0,
            select,
            SPI_HERTZ,
            Mode::Mode0,
        )?))
    }

    fn wait(&self) -> Delay {
        Delay::new()
    }
}

impl PiBoard {
    /// Opens the pins, everything dark. Dropped pins go back to inputs, and the lamps' pull-downs put them out.
    ///
    /// # Errors
    /// [`OpenError`] says what the technician can do where there are no pins, or the tamper switch's does not open;
    /// the other parts that do not are [`Board::not_started`](super::Board::not_started).
    pub fn open(described: &Description, opened_before: bool) -> Result<Self, OpenError> {
        assemble(
            "pi",
            &Header { gpio: Gpio::new()? },
            described,
            opened_before,
        )
    }
}
