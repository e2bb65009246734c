//! Any Linux board, through the kernel's character devices (`/dev/gpiochip0`, `/dev/i2c-N`) and the crate
//! `linux-embedded-hal`: it fits the place of [`super::pi`] on the day when rppal no longer does. Lamps are
//! switched, not dimmed: the kernel's PWM has no such device.

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
use linux_embedded_hal::gpio_cdev::{Chip, LineRequestFlags};
use linux_embedded_hal::{CdevPin, Delay, I2cdev};
use std::string::{String, ToString};

/// The header's pins.
const CHIP: &str = "/dev/gpiochip0";

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
    /// A lamp is described as dimmed, which this board cannot.
    #[error(
        "the board description has a lamp on PWM channel {0}; this board switches lamps: name a pin"
    )]
    Dimmed(u8),
    /// A part does not answer at start.
    #[error(transparent)]
    Part(#[from] Fault),
}

/// What the parts of a Linux board hang on.
#[derive(Debug)]
pub struct Linux;

impl Wires for Linux {
    type Out = CdevPin;
    type In = CdevPin;
    type Dim = Switched<Wired<CdevPin>>;
    type Bus = I2cdev;
    type Wait = Delay;
}

/// A Linux board.
pub type LinuxBoard = Assembled<Linux>;

fn line(pin: u8, active_low: bool, flags: LineRequestFlags) -> Result<Wired<CdevPin>, OpenError> {
    let opened = || -> Result<CdevPin, linux_embedded_hal::gpio_cdev::Error> {
        let line = Chip::new(CHIP)?.get_line(u32::from(pin))?;
        // An output is off from the first moment.
        let handle = line.request(flags, u8::from(active_low), "mpaka")?;
        CdevPin::new(handle)
    };
    let polarity = if active_low {
        Polarity::ActiveLow
    } else {
        Polarity::ActiveHigh
    };
    opened()
        .map(|opened| Wired::new(opened, polarity))
        .map_err(|e| OpenError::Pin {
            pin,
            why: e.to_string(),
        })
}

fn output(pin: u8, active_low: bool) -> Result<Wired<CdevPin>, OpenError> {
    line(pin, active_low, LineRequestFlags::OUTPUT)
}

fn input(described: PinDescription) -> Result<Wired<CdevPin>, OpenError> {
    line(described.pin, described.active_low, LineRequestFlags::INPUT)
}

fn lamp(described: LampDescription) -> Result<Switched<Wired<CdevPin>>, OpenError> {
    match described {
        LampDescription::Switched(on) => Ok(Switched(output(on.pin, on.active_low)?)),
        LampDescription::Dimmed { pwm } => Err(OpenError::Dimmed(pwm)),
    }
}

impl LinuxBoard {
    /// Opens the pins, everything dark.
    ///
    /// # Errors
    /// [`OpenError`] says what the technician can do.
    pub fn open(described: &Description, opened_before: bool) -> Result<Self, OpenError> {
        let tower = &described.tower;
        let bus = |device| -> Result<Option<I2cdev>, OpenError> {
            let Some(i2c) = described
                .i2c
                .as_ref()
                .filter(|i| i.devices.contains(&device))
            else {
                return Ok(None);
            };
            let path = std::format!("/dev/i2c-{}", i2c.bus);
            I2cdev::new(&path).map(Some).map_err(|e| OpenError::Bus {
                path,
                why: e.to_string(),
            })
        };
        Ok(Self {
            name: "linux",
            tower: Tower::new(
                output(tower.green, tower.active_low)?,
                output(tower.yellow, tower.active_low)?,
                output(tower.red, tower.active_low)?,
                output(tower.buzzer, tower.active_low)?,
            )?,
            tray: Tray::new(input(described.tray)?),
            lamps: Lamps::new(
                lamp(described.lamps.white)?,
                lamp(described.lamps.infrared)?,
                lamp(described.lamps.ultraviolet)?,
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
                .map(|on| output(on.pin, on.active_low))
                .transpose()?
                .map(Watchdog::new),
            battery: bus(BusDevice::FuelGauge)?.map(Battery::new),
            clock: bus(BusDevice::Clock)?.map(Clock::new),
            nfc: bus(BusDevice::Nfc)?.map(|i2c| NfcFrontEnd::new(i2c, Delay)),
        })
    }
}
