//! Any Linux board, through the kernel's character devices (`/dev/gpiochip0`, `/dev/i2c-N`) and the crate
//! `linux-embedded-hal`: it fits the place of [`super::pi`] on the day when rppal no longer does. Lamps are
//! switched, not dimmed: the kernel's PWM has no such device. Inputs are as the machine leaves them: switches against
//! ground need their pull-ups set there or soldered.

use super::assembly::{Opener, assemble, polarity};
use super::description::{Description, LampDescription, PinDescription, SpiDescription};
use super::{Assembled, Wires};
use crate::Part;
use crate::wiring::{Switched, Wired};
use linux_embedded_hal::gpio_cdev::{Chip, LineRequestFlags};
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use linux_embedded_hal::{CdevPin, Delay, I2cdev, SpidevDevice};
use std::string::{String, ToString};

/// The header's pins.
const CHIP: &str = "/dev/gpiochip0";

/// The front end takes 5 MHz over a short cable.
const SPI_HERTZ: u32 = 2_000_000;

/// Why the box's pins could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The kernel has no such pins, or the account may not use them.
    #[error("cannot open pin {pin} of {CHIP}: {why}; the service's account must be in group gpio")]
    Pin {
        /// The line.
        pin: u8,
        /// What the system said.
        why: String,
    },
    /// The bus is not there.
    #[error("cannot open {path}: {why}; enable I2C, put the account in group i2c")]
    Bus {
        /// The device.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The SPI device is not there.
    #[error("cannot open {path}: {why}; enable SPI, put the account in group spi")]
    Spi {
        /// The device.
        path: String,
        /// What the system said.
        why: String,
    },
    /// A lamp is described as dimmed, which this board cannot.
    #[error(
        "the board description has a lamp on PWM channel {0}; this board switches lamps: name a pin"
    )]
    Dimmed(u8),
}

/// What the parts of a Linux board hang on.
#[derive(Debug)]
pub struct Linux;

impl Wires for Linux {
    type Out = CdevPin;
    type In = CdevPin;
    type Dim = Switched<Wired<CdevPin>>;
    type Bus = I2cdev;
    type Spi = SpidevDevice;
    type Wait = Delay;
}

/// A Linux board.
pub type LinuxBoard = Assembled<Linux>;

/// Opens lines of the chip as the description has them.
struct Lines;

fn line(pin: u8, active_low: bool, flags: LineRequestFlags) -> Result<Wired<CdevPin>, OpenError> {
    let opened = || -> Result<CdevPin, linux_embedded_hal::gpio_cdev::Error> {
        let line = Chip::new(CHIP)?.get_line(u32::from(pin))?;
        // An output is off from the first moment.
        let handle = line.request(flags, u8::from(active_low), "mpaka")?;
        CdevPin::new(handle)
    };
    opened()
        .map(|opened| Wired::new(opened, polarity(active_low)))
        .map_err(|e| OpenError::Pin {
            pin,
            why: e.to_string(),
        })
}

impl Opener for Lines {
    type Wires = Linux;
    type Error = OpenError;

    fn output(&self, _: Part, pin: u8, active_low: bool) -> Result<Wired<CdevPin>, OpenError> {
        line(pin, active_low, LineRequestFlags::OUTPUT)
    }

    fn input(&self, _: Part, described: PinDescription) -> Result<Wired<CdevPin>, OpenError> {
        line(described.pin, described.active_low, LineRequestFlags::INPUT)
    }

    fn lamp(
        &self,
        part: Part,
        described: LampDescription,
    ) -> Result<Switched<Wired<CdevPin>>, OpenError> {
        match described {
            LampDescription::Switched(on) => {
                Ok(Switched(self.output(part, on.pin, on.active_low)?))
            }
            LampDescription::Dimmed { pwm, .. } => Err(OpenError::Dimmed(pwm)),
        }
    }

    fn bus(&self, _: Part, number: u8) -> Result<I2cdev, OpenError> {
        let path = std::format!("/dev/i2c-{number}");
        I2cdev::new(&path).map_err(|e| OpenError::Bus {
            path,
            why: e.to_string(),
        })
    }

    fn spi(&self, on: SpiDescription) -> Result<SpidevDevice, OpenError> {
        let path = std::format!("/dev/spidev{}.{}", on.bus, on.select);
        let failed = |why: String| OpenError::Spi {
            path: path.clone(),
            why,
        };
        let mut device = SpidevDevice::open(&path).map_err(|e| failed(e.to_string()))?;
        let options = SpidevOptions::new()
            .bits_per_word(8)
            .max_speed_hz(SPI_HERTZ)
            .mode(SpiModeFlags::SPI_MODE_0)
            .build();
        device
            .configure(&options)
            .map_err(|e| failed(e.to_string()))?;
        Ok(device)
    }

    fn wait(&self) -> Delay {
        Delay
    }
}

impl LinuxBoard {
    /// Opens the pins, everything dark.
    ///
    /// # Errors
    /// [`OpenError`] says what the technician can do where the tamper switch's line does not open; the other parts
    /// that do not are [`Board::not_started`](super::Board::not_started).
    pub fn open(described: &Description, opened_before: bool) -> Result<Self, OpenError> {
        assemble("linux", &Lines, described, opened_before)
    }
}
