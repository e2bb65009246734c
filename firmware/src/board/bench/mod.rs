//! The simulated box: the same drivers on pins and a bus that are memory, with a hand on the other side.

mod bus;
mod optics;

pub use bus::{BenchBus, BenchSpi, ChipInField};
pub use optics::{DROOP, Dust, Glare, Optics, WARM_UP};

use super::assembly::{Opener, assemble};
use super::description::{Description, LampDescription, PinDescription, SpiDescription};
use super::{Assembled, FrontEnd, Wires};
use crate::lamps::{Brightness, Lamp};
use crate::lid::LidState;
use crate::nfc::NfcFrontEnd;
use crate::tower::Signal;
use crate::tray::TrayState;
use crate::wiring::{Polarity, Wired};
use crate::{Fault, Part};
use bus::Devices;
use core::time::Duration;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_hal::i2c;
use embedded_hal::pwm::{self, SetDutyCycle};
use embedded_hal::spi;
use optics::{Warmth, index};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The levels of every pin, and the parts whose connectors are pulled.
#[derive(Debug, Default)]
struct State {
    /// What each part was last set to: 0 or 1 for pins, per cent for lamps.
    levels: BTreeMap<Part, u16>,
    /// The switches that are closed.
    closed: BTreeSet<Part>,
    pulled: BTreeSet<Part>,
    devices: Devices,
    warmth: [Warmth; 3],
    optics: Optics,
    /// Edges that the watchdog's supervisor has seen.
    fed: u64,
}

impl State {
    fn is_pulled(&self, part: Part) -> bool {
        self.pulled.contains(&part)
    }

    fn brightness(&self, lamp: Lamp) -> Brightness {
        let percent = self.levels.get(&lamp.part()).copied().unwrap_or(0);
        u8::try_from(percent)
            .ok()
            .and_then(Brightness::percent)
            .unwrap_or(Brightness::FULL)
    }
}

/// The hand on the simulated box: lays documents down, opens the lid, looks at the lights, pulls connectors.
#[derive(Debug, Clone)]
pub struct Bench(Arc<Mutex<State>>);

impl Bench {
    fn state(&self) -> MutexGuard<'_, State> {
        // Levels are single values: a panicked holder cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, part: Part, closed: bool) {
        let mut state = self.state();
        if closed {
            state.closed.insert(part);
        } else {
            state.closed.remove(&part);
        }
    }

    /// Lays a document on the glass, or takes it away.
    pub fn set_tray(&self, tray: TrayState) {
        self.close(Part::Tray, tray == TrayState::Occupied);
    }

    /// Opens or shuts the lid.
    pub fn set_lid(&self, lid: LidState) {
        self.close(Part::Lid, lid == LidState::Shut);
    }

    /// Opens the case.
    pub fn open_case(&self) {
        self.close(Part::Tamper, true);
    }

    /// Shuts the case.
    pub fn shut_case(&self) {
        self.close(Part::Tamper, false);
    }

    /// Presses the button, and keeps it pressed.
    pub fn press(&self) {
        self.close(Part::Button, true);
    }

    /// Lets the button go.
    pub fn let_go(&self) {
        self.close(Part::Button, false);
    }

    /// Pulls a part's connector: from now on its pins or bus fault and keep their level.
    pub fn pull(&self, part: Part) {
        self.state().pulled.insert(part);
    }

    /// Plugs a part in again.
    pub fn plug(&self, part: Part) {
        self.state().pulled.remove(&part);
    }

    /// Fills or empties the battery, per cent.
    pub fn set_charge(&self, percent: u8) {
        self.state().devices.charge = u16::from(percent.min(100)) * 256;
    }

    /// Takes the clock's battery out and puts it in again.
    pub fn stop_clock(&self) {
        self.state().devices.stopped = true;
    }

    /// Lays a chip into the field, or takes it away.
    pub fn set_chip(&self, chip: Option<ChipInField>) {
        self.state().devices.chip = chip;
    }

    fn level(&self, part: Part) -> u16 {
        self.state().levels.get(&part).copied().unwrap_or(0)
    }

    /// What somebody in the hall sees on the tower; `None` where more than one lamp shines.
    #[must_use]
    pub fn tower(&self) -> Option<Signal> {
        let [green, yellow, red] =
            [Part::TowerGreen, Part::TowerYellow, Part::TowerRed].map(|part| self.level(part) > 0);
        match (green, yellow, red) {
            (false, false, false) => Some(Signal::Dark),
            (true, false, false) => Some(Signal::Green),
            (false, true, false) => Some(Signal::Yellow),
            (false, false, true) => Some(Signal::Red),
            _ => None,
        }
    }

    /// Whether the buzzer sounds.
    #[must_use]
    pub fn buzzes(&self) -> bool {
        self.level(Part::Buzzer) > 0
    }

    /// How bright a lamp is driven.
    #[must_use]
    pub fn brightness(&self, lamp: Lamp) -> Brightness {
        self.state().brightness(lamp)
    }

    /// How often the watchdog was fed.
    #[must_use]
    pub fn fed(&self) -> u64 {
        self.state().fed
    }

    /// Lets time pass: lamps warm up and cool, the clock goes on.
    pub fn pass(&self, time: Duration) {
        let mut state = self.state();
        for lamp in Lamp::ALL {
            let brightness = state.brightness(lamp);
            state.warmth[index(lamp)].pass(time, brightness);
        }
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        state.devices.seconds = state.devices.seconds.saturating_add(seconds);
    }

    /// The light that a lamp gives now, of what it gives new, cold and at full brightness.
    #[must_use]
    pub fn light(&self, lamp: Lamp) -> f64 {
        let state = self.state();
        state.warmth[index(lamp)].light(state.brightness(lamp))
    }

    /// Ages a lamp: this share of its light is left.
    pub fn age(&self, lamp: Lamp, left: f64) {
        self.state().warmth[index(lamp)].age = left.clamp(0.0, 1.0);
    }

    /// Changes what is on the glass and where the camera sits.
    pub fn disturb(&self, change: impl FnOnce(&mut Optics)) {
        change(&mut self.state().optics);
    }

    /// What is on the glass and where the camera sits.
    #[must_use]
    pub fn optics(&self) -> Optics {
        self.state().optics.clone()
    }
}

/// The simulated pin or channel of one part.
#[derive(Debug)]
pub struct BenchPin {
    part: Part,
    bench: Bench,
}

/// The connector of a simulated part is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unplugged;

impl digital::Error for Unplugged {
    fn kind(&self) -> digital::ErrorKind {
        digital::ErrorKind::Other
    }
}

impl pwm::Error for Unplugged {
    fn kind(&self) -> pwm::ErrorKind {
        pwm::ErrorKind::Other
    }
}

impl spi::Error for Unplugged {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

impl i2c::Error for Unplugged {
    fn kind(&self) -> i2c::ErrorKind {
        i2c::ErrorKind::NoAcknowledge(i2c::NoAcknowledgeSource::Address)
    }
}

impl BenchPin {
    fn set(&self, level: u16) -> Result<(), Unplugged> {
        let mut state = self.bench.state();
        if state.is_pulled(self.part) {
            return Err(Unplugged);
        }
        let before = state.levels.insert(self.part, level);
        if self.part == Part::Watchdog && before != Some(level) {
            state.fed += 1;
        }
        Ok(())
    }

    fn closed(&self) -> Result<bool, Unplugged> {
        let state = self.bench.state();
        if state.is_pulled(self.part) {
            return Err(Unplugged);
        }
        Ok(state.closed.contains(&self.part))
    }
}

impl digital::ErrorType for BenchPin {
    type Error = Unplugged;
}

impl OutputPin for BenchPin {
    fn set_low(&mut self) -> Result<(), Unplugged> {
        self.set(0)
    }

    fn set_high(&mut self) -> Result<(), Unplugged> {
        self.set(1)
    }
}

impl InputPin for BenchPin {
    fn is_high(&mut self) -> Result<bool, Unplugged> {
        self.closed()
    }

    fn is_low(&mut self) -> Result<bool, Unplugged> {
        self.closed().map(|closed| !closed)
    }
}

impl pwm::ErrorType for BenchPin {
    type Error = Unplugged;
}

impl SetDutyCycle for BenchPin {
    fn max_duty_cycle(&self) -> u16 {
        100
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Unplugged> {
        self.set(duty)
    }
}

/// Waiting costs nothing on the bench.
#[derive(Debug)]
pub struct NoWait;

impl DelayNs for NoWait {
    fn delay_ns(&mut self, _: u32) {}
}

/// What the parts of the simulated box hang on.
#[derive(Debug)]
pub struct Simulated;

impl Wires for Simulated {
    type Out = BenchPin;
    type In = BenchPin;
    type Dim = BenchPin;
    type Bus = BenchBus;
    type Spi = BenchSpi;
    type Wait = NoWait;
}

/// The simulated box.
pub type BenchBoard = Assembled<Simulated>;

/// Opens the simulated pins, whatever the description numbers them; some of them not.
struct Header<'a> {
    bench: Bench,
    unopened: &'a [Part],
}

impl Header<'_> {
    fn opens<T>(&self, part: Part, pin: T) -> Result<T, Fault> {
        if self.unopened.contains(&part) {
            return Err(Fault::pin::<Unplugged>(part)(Unplugged));
        }
        Ok(pin)
    }

    fn bare(&self, part: Part) -> Result<BenchPin, Fault> {
        let bench = self.bench.clone();
        self.opens(part, BenchPin { part, bench })
    }

    fn wired(&self, part: Part) -> Result<Wired<BenchPin>, Fault> {
        let pin = self.bare(part)?;
        Ok(Wired::new(pin, Polarity::ActiveHigh))
    }
}

impl Opener for Header<'_> {
    type Wires = Simulated;
    type Error = Fault;

    fn output(&self, part: Part, _: u8, _: bool) -> Result<Wired<BenchPin>, Fault> {
        self.wired(part)
    }

    fn input(&self, part: Part, _: PinDescription) -> Result<Wired<BenchPin>, Fault> {
        self.wired(part)
    }

    fn lamp(&self, part: Part, _: LampDescription) -> Result<BenchPin, Fault> {
        self.bare(part)
    }

    fn bus(&self, part: Part, _: u8) -> Result<BenchBus, Fault> {
        let bus = BenchBus {
            part,
            bench: self.bench.clone(),
            register: 0,
        };
        self.opens(part, bus)
    }

    fn spi(&self, _: SpiDescription) -> Result<BenchSpi, Fault> {
        let spi = BenchSpi {
            bench: self.bench.clone(),
        };
        self.opens(Part::Nfc, spi)
    }

    fn wait(&self) -> NoWait {
        NoWait
    }
}

impl BenchBoard {
    /// A box with every part, an empty tray, the lid open, the case shut, everything dark, and the hand on it.
    ///
    /// # Errors
    /// Never in truth: no connector is pulled yet. The drivers are those of a real box, and ask.
    pub fn new() -> Result<(Self, Bench), Fault> {
        Self::begun(&[], &[])
    }

    /// The same where some connectors are pulled at the start, and other parts cannot be opened at all.
    ///
    /// # Errors
    /// The tamper switch's fault where it is of those that cannot be opened.
    pub fn begun(pulled: &[Part], unopened: &[Part]) -> Result<(Self, Bench), Fault> {
        Self::made(&Description::reference(), pulled, unopened)
    }

    /// The same with the parts that this description names, and no others.
    ///
    /// # Errors
    /// As of [`BenchBoard::new`].
    pub fn described(described: &Description) -> Result<(Self, Bench), Fault> {
        Self::made(described, &[], &[])
    }

    fn made(
        described: &Description,
        pulled: &[Part],
        unopened: &[Part],
    ) -> Result<(Self, Bench), Fault> {
        let bench = Bench(Arc::default());
        for part in pulled {
            bench.pull(*part);
        }
        let header = Header {
            bench: bench.clone(),
            unopened,
        };
        let board = assemble("bench", &header, described, false)?;
        Ok((board, bench))
    }

    /// The same with its NFC front end on SPI.
    ///
    /// # Errors
    /// As of [`BenchBoard::new`].
    pub fn on_spi() -> Result<(Self, Bench), Fault> {
        let (mut board, bench) = Self::new()?;
        let spi = BenchSpi {
            bench: bench.clone(),
        };
        board.nfc = Some(FrontEnd::Spi(NfcFrontEnd::over_spi(spi, NoWait)));
        Ok((board, bench))
    }
}
