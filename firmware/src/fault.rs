//! What went wrong, and with which part: a technician finds the connector by it.

use core::fmt;
use core::time::Duration;
use embedded_hal::{digital, i2c, pwm, spi};

/// A part of the box that a driver speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The tower's lowest lamp.
    TowerGreen,
    /// The tower's middle lamp.
    TowerYellow,
    /// The tower's top lamp.
    TowerRed,
    /// The buzzer.
    Buzzer,
    /// The document tray's sensor.
    Tray,
    /// The white lamp.
    White,
    /// The infrared lamp.
    Infrared,
    /// The ultraviolet lamp.
    Ultraviolet,
    /// The lid over the glass.
    Lid,
    /// The switch under the case.
    Tamper,
    /// The push button.
    Button,
    /// The watchdog's supervisor.
    Watchdog,
    /// The battery's fuel gauge.
    FuelGauge,
    /// The battery-backed clock.
    Clock,
    /// The NFC front end.
    Nfc,
}

impl Part {
    /// The name that a technician reads.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TowerGreen => "tower green",
            Self::TowerYellow => "tower yellow",
            Self::TowerRed => "tower red",
            Self::Buzzer => "buzzer",
            Self::Tray => "tray sensor",
            Self::White => "white lamp",
            Self::Infrared => "infrared lamp",
            Self::Ultraviolet => "ultraviolet lamp",
            Self::Lid => "lid switch",
            Self::Tamper => "tamper switch",
            Self::Button => "push button",
            Self::Watchdog => "watchdog",
            Self::FuelGauge => "fuel gauge",
            Self::Clock => "hardware clock",
            Self::Nfc => "NFC front end",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a part did not do what it was told.
// Written out rather than derived: the drivers are built without the standard library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A pin could not be read or set: check the part's connector.
    Pin {
        /// The part.
        part: Part,
        /// What the pin's driver said.
        kind: digital::ErrorKind,
    },
    /// A lamp's brightness could not be set: check the lamp's driver board.
    Brightness {
        /// The part.
        part: Part,
        /// What the PWM channel's driver said.
        kind: pwm::ErrorKind,
    },
    /// A device on a bus did not answer: check its connector, and the bus's pull-ups where none answers.
    Bus {
        /// The part.
        part: Part,
        /// What the bus's driver said.
        kind: i2c::ErrorKind,
    },
    /// A device on SPI could not be exchanged with: check its connector, and whether SPI is enabled.
    Spi {
        /// The part.
        part: Part,
        /// What the controller's driver said.
        kind: spi::ErrorKind,
    },
    /// Something else answers at the device's address: check which board is fitted.
    WrongDevice {
        /// The part.
        part: Part,
        /// What it says it is.
        found: u16,
    },
    /// The device answers with what cannot be: check its supply; replace it.
    Nonsense {
        /// The part.
        part: Part,
    },
    /// The box has no such part.
    NotFitted {
        /// The part.
        part: Part,
    },
    /// The box has the part, and it could not be opened when the program started: the doctor says why.
    NotOpened {
        /// The part.
        part: Part,
    },
    /// The case stands open, and cannot be sealed: shut it.
    CaseOpen,
    /// The ultraviolet lamp has been lit as long as it may: wait, then ask again.
    UltravioletResting {
        /// How long it stays dark.
        wait: Duration,
    },
}

impl Fault {
    /// The part that it is about.
    #[must_use]
    pub fn part(&self) -> Part {
        match self {
            Self::Pin { part, .. }
            | Self::Brightness { part, .. }
            | Self::Bus { part, .. }
            | Self::Spi { part, .. }
            | Self::WrongDevice { part, .. }
            | Self::Nonsense { part }
            | Self::NotFitted { part }
            | Self::NotOpened { part } => *part,
            Self::CaseOpen => Part::Tamper,
            Self::UltravioletResting { .. } => Part::Ultraviolet,
        }
    }

    pub(crate) fn pin<E: digital::Error>(part: Part) -> impl FnOnce(E) -> Self {
        move |error| Self::Pin {
            part,
            kind: error.kind(),
        }
    }

    pub(crate) fn bus<E: i2c::Error>(part: Part) -> impl FnOnce(E) -> Self {
        move |error| Self::Bus {
            part,
            kind: error.kind(),
        }
    }

    pub(crate) fn spi<E: spi::Error>(part: Part) -> impl FnOnce(E) -> Self {
        move |error| Self::Spi {
            part,
            kind: error.kind(),
        }
    }

    pub(crate) fn brightness<E: pwm::Error>(part: Part) -> impl FnOnce(E) -> Self {
        move |error| Self::Brightness {
            part,
            kind: error.kind(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin { part, kind } => {
                write!(
                    f,
                    "{part}: the pin does not answer ({kind}); check its connector"
                )
            }
            Self::Brightness { part, kind } => {
                write!(f, "{part}: cannot be set ({kind}); check its driver board")
            }
            Self::Bus { part, kind } => {
                write!(
                    f,
                    "{part}: no answer on the bus ({kind}); check its connector"
                )
            }
            Self::Spi { part, kind } => {
                write!(
                    f,
                    "{part}: no exchange on SPI ({kind}); check its connector"
                )
            }
            Self::WrongDevice { part, found } => write!(
                f,
                "{part}: another device answers ({found:#06x}); check which board is fitted"
            ),
            Self::Nonsense { part } => write!(
                f,
                "{part}: what it answers cannot be; check its supply, or replace it"
            ),
            Self::NotFitted { part } => write!(f, "{part}: this box has none"),
            Self::NotOpened { part } => write!(
                f,
                "{part}: could not be opened at the start; mpaka doctor says why"
            ),
            Self::CaseOpen => write!(
                f,
                "{}: the case stands open; shut it, then seal it anew",
                Part::Tamper
            ),
            Self::UltravioletResting { wait } => write!(
                f,
                "{}: lit as long as it may be; dark for {} ms more",
                Part::Ultraviolet,
                wait.as_millis()
            ),
        }
    }
}

impl core::error::Error for Fault {}
