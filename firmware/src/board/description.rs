//! Which part hangs on which pin or bus: a board description, a short TOML file beside the box's state. The drivers
//! know nothing of it.
//!
//! ```toml
//! version = 1
//! board = "pi"                    # pi, linux, bench
//! tower = { green = 5, yellow = 6, red = 13, buzzer = 12 }
//! tray = { pin = 17, active_low = true }
//! lid = { pin = 22, active_low = true }
//! [lamps]
//! white = { pwm = 0 }             # a hardware PWM channel, dimmed: 0 is on pin 18, 1 on pin 19
//! infrared = { pwm = 1 }
//! ultraviolet = { pin = 27 }      # a pin, switched
//! [i2c]
//! bus = 1
//! devices = ["fuel_gauge", "clock", "nfc"]
//! ```
//!
//! A front end that hangs on SPI is named by its controller and select line instead:
//! `nfc_spi = { bus = 0, select = 0 }`.

use crate::Part;
use crate::lamps::ExposureLimit;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

/// The version that this program reads.
pub const VERSION: u16 = 1;
/// The description's name in a box's state folder.
pub const FILE: &str = "board.toml";
/// No description comes near this size, in bytes.
const LARGEST: u64 = 64 << 10;
/// Pins of a Raspberry Pi's header, by BCM number.
const PINS: core::ops::RangeInclusive<u8> = 2..=27;

/// What opens the pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Raspberry Pi through rppal.
    Pi,
    /// Any Linux through its character devices (linux-embedded-hal): lamps are switched, not dimmed.
    Linux,
    /// The simulated box.
    Bench,
}

/// One pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinDescription {
    /// BCM number, or line of the chip.
    pub pin: u8,
    /// Whether low is on, pressed, shut, occupied.
    #[serde(default)]
    pub active_low: bool,
}

/// The tower's pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TowerDescription {
    /// The lowest lamp.
    pub green: u8,
    /// The middle lamp.
    pub yellow: u8,
    /// The top lamp.
    pub red: u8,
    /// The buzzer.
    pub buzzer: u8,
    /// Whether they are on when low, as on most relay boards.
    #[serde(default)]
    pub active_low: bool,
}

/// How a lamp is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a lamp is { pwm = CHANNEL }, { pwm = CHANNEL, pin = PIN } or { pin = PIN, active_low = true or false }"
)]
pub enum LampDescription {
    /// Dimmed by a hardware PWM channel.
    Dimmed {
        /// 0 or 1.
        pwm: u8,
        /// Its pin, where the machine's set-up puts it elsewhere than on 18 or 19: 12 or 13.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<u8>,
    },
    /// Switched on a pin.
    Switched(PinDescription),
}

/// The lamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LampsDescription {
    /// White.
    pub white: LampDescription,
    /// Infrared.
    pub infrared: LampDescription,
    /// Ultraviolet.
    pub ultraviolet: LampDescription,
    /// How long the ultraviolet lamp may be lit, milliseconds.
    #[serde(default = "longest_ms")]
    pub ultraviolet_longest_ms: u64,
    /// How long it must then be dark, milliseconds.
    #[serde(default = "rest_ms")]
    pub ultraviolet_rest_ms: u64,
}

fn longest_ms() -> u64 {
    ExposureLimit::default().longest.as_millis() as u64
}

fn rest_ms() -> u64 {
    ExposureLimit::default().rest.as_millis() as u64
}

/// A device on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusDevice {
    /// MAX17048.
    FuelGauge,
    /// DS3231.
    Clock,
    /// PN532.
    Nfc,
}

impl BusDevice {
    /// The part that faults name.
    #[must_use]
    pub fn part(self) -> Part {
        match self {
            Self::FuelGauge => Part::FuelGauge,
            Self::Clock => Part::Clock,
            Self::Nfc => Part::Nfc,
        }
    }
}

/// The bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusDescription {
    /// Its number: 1 is /dev/i2c-1.
    pub bus: u8,
    /// What hangs on it.
    pub devices: Vec<BusDevice>,
}

/// A device on SPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpiDescription {
    /// The controller: 0 with select line 1 is /dev/spidev0.1.
    pub bus: u8,
    /// Its select line.
    pub select: u8,
}

/// The pins on which each hardware PWM channel can be, by BCM number; the first where nothing else is said.
const PWM_PINS: [[u8; 2]; 2] = [[18, 12], [19, 13]];
/// The pins of a Pi 5's four channels, by BCM number: there each of them has a channel of its own.
const PWM_PINS_PI_5: [u8; 4] = [12, 13, 18, 19];
/// Pins of the header that I2C bus 1 takes, by BCM number: data, clock. Other buses are not on the header.
const I2C_PINS: [u8; 2] = [2, 3];
/// Pins that SPI controller 0 takes: data in, data out, clock.
const SPI_PINS: [u8; 3] = [9, 10, 11];
/// Its select lines.
const SPI_SELECT: [u8; 2] = [8, 7];

/// A board's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The format's version.
    pub version: u16,
    /// What opens the pins.
    pub board: Kind,
    /// The tower.
    pub tower: TowerDescription,
    /// The tray's sensor.
    pub tray: PinDescription,
    /// The lamps.
    pub lamps: LampsDescription,
    /// The lid's switch, where there is one.
    pub lid: Option<PinDescription>,
    /// The switch under the case, where there is one.
    pub tamper: Option<PinDescription>,
    /// The push button, where there is one.
    pub button: Option<PinDescription>,
    /// The watchdog's supervisor, where there is one.
    pub watchdog: Option<PinDescription>,
    /// The bus, where anything hangs on one.
    pub i2c: Option<BusDescription>,
    /// The NFC front end, where it hangs on SPI.
    pub nfc_spi: Option<SpiDescription>,
}

/// Why a description cannot be used: mend the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// It is no description.
    #[error("the board description: {0}")]
    Malformed(String),
    /// A newer program wrote it, or nobody.
    #[error("the board description has version {0}; this program reads version {VERSION}")]
    Newer(u16),
    /// Two parts hang on one pin.
    #[error("the board description has {0} and {1} on pin {2}")]
    Twice(Part, Part, u8),
    /// The header has no such pin.
    #[error("the board description has {0} on pin {1}, which the header does not have")]
    NoSuchPin(Part, u8),
    /// There is no such PWM channel, or two lamps share one.
    #[error("the board description has {0} on PWM channel {1}, which is taken or not there")]
    NoSuchChannel(Part, u8),
    /// That channel cannot be had on that pin.
    #[error(
        "the board description has {0} on PWM channel {1} at pin {2}; channel 0 is at 18 or 12, channel 1 at 19 or 13"
    )]
    NoSuchChannelPin(Part, u8, u8),
    /// The front end is named on both buses: it hangs on one.
    #[error("the board description has the NFC front end on I2C and on SPI")]
    FrontEndTwice,
    /// The header has no such SPI device.
    #[error(
        "the board description has the NFC front end on SPI {0}.{1}; the header has 0.0 and 0.1"
    )]
    NoSuchSpi(u8, u8),
    /// Limits of the ultraviolet lamp that protect nobody.
    #[error(
        "the board description lets the ultraviolet lamp burn {0} ms; at most 10000 are allowed, and as long a rest"
    )]
    Exposure(u64),
}

impl Description {
    /// The reference box: `boards/reference.toml`.
    #[must_use]
    pub fn reference() -> Self {
        Self::parse(include_str!("../../boards/reference.toml"))
            .expect("the reference board's description is tested")
    }

    /// That of a box's state folder; `None` where it describes none, and the box is simulated.
    ///
    /// # Errors
    /// [`DescriptionError`] says what to mend.
    pub fn of_state(state: &Path) -> Result<Option<Self>, DescriptionError> {
        let unreadable = |e: std::io::Error| DescriptionError::Unreadable(e.to_string());
        let file = match std::fs::File::open(state.join(FILE)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(unreadable)?,
        };
        let mut text = String::new();
        let read = file.take(LARGEST + 1).read_to_string(&mut text);
        if read.map_err(unreadable)? as u64 > LARGEST {
            return Err(unreadable(std::io::ErrorKind::FileTooLarge.into()));
        }
        Self::parse(&text).map(Some)
    }

    /// Reads a description.
    ///
    /// # Errors
    /// [`DescriptionError`] says what to mend.
    pub fn parse(text: &str) -> Result<Self, DescriptionError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u16,
        }
        let malformed = |e: toml::de::Error| {
            // What is wrong with the whole begins at its beginning.
            let at = e.span().map(|at| at.start).filter(|at| *at > 0);
            DescriptionError::Malformed(match at.and_then(|at| text.get(..at)) {
                Some(before) => {
                    let line = before.matches('\n').count() + 1;
                    std::format!("line {line}: {}", e.message())
                }
                None => e.message().to_string(),
            })
        };
        let Versioned { version } = toml::from_str(text).map_err(malformed)?;
        if version != VERSION {
            return Err(DescriptionError::Newer(version));
        }
        let read: Self = toml::from_str(text).map_err(malformed)?;
        read.check()?;
        Ok(read)
    }

    /// The channel of a Pi 5 that dims what is described as on this channel and, where it is said, on this pin. The
    /// description counts as earlier machines do, which have two channels, each on either of two pins.
    #[must_use]
    pub fn channel_on_pi_5(pwm: u8, pin: Option<u8>) -> Option<u8> {
        let usual = PWM_PINS.get(usize::from(pwm)).map(|[usual, _]| *usual);
        let pin = pin.or(usual)?;
        let channel = PWM_PINS_PI_5.iter().position(|on| *on == pin)?;
        u8::try_from(channel).ok()
    }

    /// The ultraviolet lamp's limit.
    #[must_use]
    pub fn exposure_limit(&self) -> ExposureLimit {
        ExposureLimit {
            longest: Duration::from_millis(self.lamps.ultraviolet_longest_ms),
            rest: Duration::from_millis(self.lamps.ultraviolet_rest_ms),
        }
    }

    /// The same box for a program that does not tend its board ten times a second: its watchdog's pin is left alone, and
    /// a supervisor whose input nobody drives starts no box anew.
    #[must_use]
    pub fn unwatched(self) -> Self {
        Self {
            watchdog: None,
            ..self
        }
    }

    /// Whether a device hangs on the bus.
    #[must_use]
    pub fn has(&self, device: BusDevice) -> bool {
        self.i2c
            .as_ref()
            .is_some_and(|i| i.devices.contains(&device))
    }

    /// The parts that hang on pins of their own.
    fn pins(&self) -> Vec<(Part, u8)> {
        let mut pins = std::vec![
            (Part::TowerGreen, self.tower.green),
            (Part::TowerYellow, self.tower.yellow),
            (Part::TowerRed, self.tower.red),
            (Part::Buzzer, self.tower.buzzer),
            (Part::Tray, self.tray.pin),
        ];
        for (part, lamp) in self.lamp_parts() {
            match lamp {
                LampDescription::Switched(on) => pins.push((part, on.pin)),
                LampDescription::Dimmed { pwm, pin } => {
                    let usual = PWM_PINS.get(usize::from(pwm)).map(|[usual, _]| *usual);
                    pins.extend(pin.or(usual).map(|pin| (part, pin)));
                }
            }
        }
        let optional = [
            (Part::Lid, self.lid),
            (Part::Tamper, self.tamper),
            (Part::Button, self.button),
            (Part::Watchdog, self.watchdog),
        ];
        pins.extend(
            optional
                .into_iter()
                .filter_map(|(p, d)| d.map(|d| (p, d.pin))),
        );
        if let Some(i2c) = &self.i2c
            && i2c.bus == 1
            && let Some(device) = i2c.devices.first()
        {
            pins.extend(I2C_PINS.map(|pin| (device.part(), pin)));
        }
        if let Some(spi) = self.nfc_spi {
            let select = SPI_SELECT.get(usize::from(spi.select));
            pins.extend(SPI_PINS.iter().chain(select).map(|pin| (Part::Nfc, *pin)));
        }
        pins
    }

    /// The lamps, each with the part that faults name.
    pub(super) fn lamp_parts(&self) -> [(Part, LampDescription); 3] {
        [
            (Part::White, self.lamps.white),
            (Part::Infrared, self.lamps.infrared),
            (Part::Ultraviolet, self.lamps.ultraviolet),
        ]
    }

    fn check(&self) -> Result<(), DescriptionError> {
        if let Some(spi) = self.nfc_spi {
            if self.has(BusDevice::Nfc) {
                return Err(DescriptionError::FrontEndTwice);
            }
            if spi.bus != 0 || usize::from(spi.select) >= SPI_SELECT.len() {
                return Err(DescriptionError::NoSuchSpi(spi.bus, spi.select));
            }
        }
        let mut channels = std::collections::BTreeSet::new();
        for (part, lamp) in self.lamp_parts() {
            let LampDescription::Dimmed { pwm, pin } = lamp else {
                continue;
            };
            match PWM_PINS.get(usize::from(pwm)) {
                Some(possible) if channels.insert(pwm) => {
                    if let Some(pin) = pin.filter(|pin| !possible.contains(pin)) {
                        return Err(DescriptionError::NoSuchChannelPin(part, pwm, pin));
                    }
                }
                _ => return Err(DescriptionError::NoSuchChannel(part, pwm)),
            }
        }
        let mut taken = BTreeMap::new();
        for (part, pin) in self.pins() {
            if !PINS.contains(&pin) {
                return Err(DescriptionError::NoSuchPin(part, pin));
            }
            if let Some(other) = taken.insert(pin, part) {
                return Err(DescriptionError::Twice(other, part, pin));
            }
        }
        let longest = self.lamps.ultraviolet_longest_ms;
        if longest == 0 || longest > 10_000 || self.lamps.ultraviolet_rest_ms < longest {
            return Err(DescriptionError::Exposure(longest));
        }
        Ok(())
    }
}
