//! A real board put together as its description says, whatever opens its pins: rppal ([`super::pi`]) and the
//! kernel's character devices ([`super::linux`]) fit this same place.

use super::description::{BusDevice, Description, LampDescription, PinDescription, SpiDescription};
use super::{Assembled, FrontEnd, Wires};
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
use crate::wiring::{Polarity, Wired};

/// An output as the drivers mean it.
type Out<O> = Wired<<<O as Opener>::Wires as Wires>::Out>;
/// An input as the drivers mean it.
type In<O> = Wired<<<O as Opener>::Wires as Wires>::In>;

/// What opens the pins and buses of one kind of machine.
pub(super) trait Opener {
    /// What the parts then hang on.
    type Wires: Wires;
    /// Why one could not be opened.
    type Error: From<Fault>;

    /// An output, off from the first moment.
    fn output(&self, pin: u8, active_low: bool) -> Result<Out<Self>, Self::Error>;
    /// An input.
    fn input(&self, described: PinDescription) -> Result<In<Self>, Self::Error>;
    /// What dims or switches a lamp, dark.
    fn lamp(&self, described: LampDescription) -> Result<<Self::Wires as Wires>::Dim, Self::Error>;
    /// A handle on a bus.
    fn bus(&self, number: u8) -> Result<<Self::Wires as Wires>::Bus, Self::Error>;
    /// A device on SPI, at a clock that the front end takes with room to spare.
    fn spi(&self, on: SpiDescription) -> Result<<Self::Wires as Wires>::Spi, Self::Error>;
    /// What waits.
    fn wait(&self) -> <Self::Wires as Wires>::Wait;
}

/// Which level means on.
pub(super) fn polarity(active_low: bool) -> Polarity {
    if active_low {
        Polarity::ActiveLow
    } else {
        Polarity::ActiveHigh
    }
}

/// Opens everything that is described, everything dark.
pub(super) fn assemble<O: Opener>(
    name: &'static str,
    opener: &O,
    described: &Description,
    opened_before: bool,
) -> Result<Assembled<O::Wires>, O::Error> {
    let tower = &described.tower;
    let tower_lamp = |pin| opener.output(pin, tower.active_low);
    let input = |on: PinDescription| opener.input(on);
    let bus = |device: BusDevice| match &described.i2c {
        Some(i2c) if i2c.devices.contains(&device) => opener.bus(i2c.bus).map(Some),
        _ => Ok(None),
    };
    Ok(Assembled {
        name,
        tower: Tower::new(
            tower_lamp(tower.green)?,
            tower_lamp(tower.yellow)?,
            tower_lamp(tower.red)?,
            tower_lamp(tower.buzzer)?,
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
        nfc: match described.nfc_spi {
            Some(on) => Some(FrontEnd::Spi(NfcFrontEnd::over_spi(
                opener.spi(on)?,
                opener.wait(),
            ))),
            None => {
                bus(BusDevice::Nfc)?.map(|i2c| FrontEnd::I2c(NfcFrontEnd::new(i2c, opener.wait())))
            }
        },
    })
}
