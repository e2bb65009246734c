//! A board put together as its description says, whatever opens its pins: rppal (`board::pi`), the kernel's
//! character devices (`board::linux`) and the bench ([`super::bench`]) fit this same place. A part that does not open
//! or does not answer is named, and the others work.

use super::description::{BusDevice, Description, LampDescription, PinDescription, SpiDescription};
use super::{Assembled, FrontEnd, NotStarted, Wires};
use crate::battery::Battery;
use crate::button::Button;
use crate::clock::Clock;
use crate::lamps::Lamps;
use crate::lid::{Lid, Tamper};
use crate::nfc::NfcFrontEnd;
use crate::tower::Tower;
use crate::tray::Tray;
use crate::watchdog::Watchdog;
#[cfg(any(feature = "pi", feature = "linux"))]
use crate::wiring::Polarity;
use crate::wiring::{Fitted, Wired};
use crate::{Fault, Part};
use core::fmt::Display;
use std::string::ToString;
use std::vec::Vec;

/// An output as the drivers mean it.
type Out<O> = Wired<<<O as Opener>::Wires as Wires>::Out>;
/// An input as the drivers mean it.
type In<O> = Wired<<<O as Opener>::Wires as Wires>::In>;

/// What opens the pins and buses of one kind of machine.
pub(super) trait Opener {
    /// What the parts then hang on.
    type Wires: Wires;
    /// Why one could not be opened, and after a semicolon what to do.
    type Error: Display;

    /// A part's output, off from the first moment.
    fn output(&self, part: Part, pin: u8, active_low: bool) -> Result<Out<Self>, Self::Error>;
    /// A part's input.
    fn input(&self, part: Part, described: PinDescription) -> Result<In<Self>, Self::Error>;
    /// What dims or switches a lamp, dark.
    fn lamp(
        &self,
        part: Part,
        described: LampDescription,
    ) -> Result<<Self::Wires as Wires>::Dim, Self::Error>;
    /// A part's handle on a bus.
    fn bus(&self, part: Part, number: u8) -> Result<<Self::Wires as Wires>::Bus, Self::Error>;
    /// A device on SPI, at a clock that the front end takes with room to spare.
    fn spi(&self, on: SpiDescription) -> Result<<Self::Wires as Wires>::Spi, Self::Error>;
    /// What waits.
    fn wait(&self) -> <Self::Wires as Wires>::Wait;
}

/// Which level means on.
#[cfg(any(feature = "pi", feature = "linux"))]
pub(super) fn polarity(active_low: bool) -> Polarity {
    if active_low {
        Polarity::ActiveLow
    } else {
        Polarity::ActiveHigh
    }
}

/// The parts that did not start.
#[derive(Default)]
struct Missing(Vec<NotStarted>);

impl Missing {
    /// What opened; what did not is noted by its part.
    fn unless<T, E: Display>(&mut self, part: Part, opened: Result<T, E>) -> Option<T> {
        opened
            .map_err(|why| {
                let why = why.to_string();
                self.0.push(NotStarted { part, why });
            })
            .ok()
    }

    /// Notes what a driver met when it put its parts out.
    fn note(&mut self, said: impl IntoIterator<Item = Result<(), Fault>>) {
        for fault in said.into_iter().filter_map(Result::err) {
            let _ = self.unless::<(), _>(fault.part(), Err(fault));
        }
    }
}

/// Opens everything that is described, everything dark. What does not open is noted.
///
/// # Errors
/// The tamper switch's: without it nobody is told that the case was opened.
pub(super) fn assemble<O: Opener>(
    name: &'static str,
    opener: &O,
    described: &Description,
    opened_before: bool,
) -> Result<Assembled<O::Wires>, O::Error> {
    let mut missing = Missing::default();
    let tamper = described
        .tamper
        .map(|on| opener.input(Part::Tamper, on))
        .transpose()?
        .map(|pin| Tamper::new(pin, opened_before));

    let pins = &described.tower;
    let [green, yellow, red, buzzer] = [
        (Part::TowerGreen, pins.green),
        (Part::TowerYellow, pins.yellow),
        (Part::TowerRed, pins.red),
        (Part::Buzzer, pins.buzzer),
    ]
    .map(|(part, pin)| {
        Fitted::new(missing.unless(part, opener.output(part, pin, pins.active_low)))
    });
    let (tower, said) = Tower::started(green, yellow, red, buzzer);
    missing.note(said);

    let [white, infrared, ultraviolet] = described
        .lamp_parts()
        .map(|(part, lamp)| Fitted::new(missing.unless(part, opener.lamp(part, lamp))));
    let (lamps, said) = Lamps::started(white, infrared, ultraviolet, described.exposure_limit());
    missing.note(said);

    let mut input = |part, on: Option<PinDescription>| {
        on.and_then(|on| missing.unless(part, opener.input(part, on)))
    };
    let tray = input(Part::Tray, Some(described.tray)).map(Tray::new);
    let lid = input(Part::Lid, described.lid).map(Lid::new);
    let button = input(Part::Button, described.button).map(Button::new);
    let watchdog = described
        .watchdog
        .and_then(|on| {
            let opened = opener.output(Part::Watchdog, on.pin, on.active_low);
            missing.unless(Part::Watchdog, opened)
        })
        .map(Watchdog::new);

    let mut bus = |device: BusDevice| {
        let i2c = described.i2c.as_ref()?;
        let part = i2c.devices.contains(&device).then_some(device.part())?;
        missing.unless(part, opener.bus(part, i2c.bus))
    };
    let battery = bus(BusDevice::FuelGauge).map(Battery::new);
    let clock = bus(BusDevice::Clock).map(Clock::new);
    let on_i2c = bus(BusDevice::Nfc);
    let nfc = match described.nfc_spi {
        Some(on) => missing
            .unless(Part::Nfc, opener.spi(on))
            .map(|spi| FrontEnd::Spi(NfcFrontEnd::over_spi(spi, opener.wait()))),
        None => on_i2c.map(|i2c| FrontEnd::I2c(NfcFrontEnd::new(i2c, opener.wait()))),
    };
    Ok(Assembled {
        name,
        tower,
        tray,
        lamps,
        lid,
        tamper,
        button,
        watchdog,
        battery,
        clock,
        nfc,
        not_started: missing.0,
    })
}
