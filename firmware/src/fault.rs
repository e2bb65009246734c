//! What went wrong, and with which part: a technician finds the connector by it.

use core::fmt;
use core::time::Duration;
use embedded_hal::{digital, pwm};

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
    /// The ultraviolet lamp has been lit as long as it may: wait, then ask again.
    UltravioletResting {
        /// How long it stays dark.
        wait: Duration,
    },
}

impl Fault {
    pub(crate) fn pin<E: digital::Error>(part: Part) -> impl FnOnce(E) -> Self {
        move |error| Self::Pin {
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
