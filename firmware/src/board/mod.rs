//! A box's hardware in one hand: what the appliance holds, whichever board is in the box.

mod assembly;
pub mod bench;
pub mod description;
#[cfg(feature = "linux")]
pub mod linux;
#[cfg(feature = "pi")]
pub mod pi;

use crate::battery::{Battery, BatteryReading};
use crate::button::{Button, Press};
use crate::clock::{Clock, ClockReading};
use crate::lamps::{Brightness, Lamp, Lamps};
use crate::lid::{Lid, LidState, Tamper, TamperState};
use crate::nfc::{Card, Firmware, Link, NfcFault, NfcFrontEnd, OverI2c, OverSpi};
use crate::tower::{Signal, Tower};
use crate::tray::{Tray, TrayState};
use crate::watchdog::Watchdog;
use crate::wiring::{Fitted, Wired};
use crate::{Fault, Part};
use core::time::Duration;
use description::{Description, Kind};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};
use embedded_hal::i2c::I2c;
use embedded_hal::pwm::SetDutyCycle;
use embedded_hal::spi::SpiDevice;
use std::boxed::Box;
use std::string::String;
#[cfg(any(feature = "pi", feature = "linux"))]
use std::string::ToString;
use std::vec::Vec;

/// A part that did not start with its box: the others did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStarted {
    /// The part.
    pub part: Part,
    /// Why, and after a semicolon what to do.
    pub why: String,
}

/// The hardware of one box. Time is the duration since a moment of the caller's that never goes back.
///
/// A fault of one part never stops the others: it is for the technician's page, not the end of the lane. A part
/// that the box does not have answers [`Fault::NotFitted`], one that did not open [`Fault::NotOpened`]. Without its
/// tamper switch a box that has one is not opened at all: nobody would be told that its case was.
pub trait Board: Send {
    /// Which board this is: `bench`, `pi` or `linux`.
    fn name(&self) -> &'static str;

    /// The parts that did not start with the box; those told here may have come to themselves since.
    fn not_started(&self) -> &[NotStarted];

    /// Whether a document lies on the glass; see [`Tray::poll`].
    ///
    /// # Errors
    /// [`Fault::Pin`] where the sensor does not answer, [`Fault::NotOpened`].
    fn tray(&mut self, now: Duration) -> Result<TrayState, Fault>;

    /// Whether the lid is shut; see [`Lid::poll`].
    ///
    /// # Errors
    /// [`Fault::Pin`], [`Fault::NotFitted`].
    fn lid(&mut self, now: Duration) -> Result<LidState, Fault>;

    /// Whether the case was opened; see [`Tamper::poll`].
    ///
    /// # Errors
    /// [`Fault::Pin`], [`Fault::NotFitted`].
    fn tamper(&mut self, now: Duration) -> Result<TamperState, Fault>;

    /// Seals the case anew; see [`Tamper::seal`].
    ///
    /// # Errors
    /// [`Fault::Pin`], [`Fault::CaseOpen`], [`Fault::NotFitted`].
    fn seal_case(&mut self, now: Duration) -> Result<(), Fault>;

    /// A press of the button; see [`Button::poll`].
    ///
    /// # Errors
    /// [`Fault::Pin`], [`Fault::NotFitted`].
    fn button(&mut self, now: Duration) -> Result<Option<Press>, Fault>;

    /// The battery; see [`Battery::read`].
    ///
    /// # Errors
    /// [`Fault::Bus`], [`Fault::WrongDevice`], [`Fault::Nonsense`], [`Fault::NotFitted`].
    fn battery(&mut self) -> Result<BatteryReading, Fault>;

    /// The battery-backed clock; see [`Clock::read`].
    ///
    /// # Errors
    /// [`Fault::Bus`], [`Fault::Nonsense`], [`Fault::NotFitted`].
    fn clock(&mut self) -> Result<ClockReading, Fault>;

    /// Sets it; see [`Clock::set`].
    ///
    /// # Errors
    /// [`Fault::Bus`], [`Fault::Nonsense`], [`Fault::NotFitted`].
    fn set_clock(&mut self, unix_seconds: i64) -> Result<(), Fault>;

    /// The case's temperature, degrees Celsius; see [`Clock::degrees`].
    ///
    /// # Errors
    /// [`Fault::Bus`], [`Fault::NotFitted`].
    fn degrees(&mut self) -> Result<f32, Fault>;

    /// Takes the NFC front end out of the board, once: a chip computes for seconds, and the board must be tended
    /// meanwhile, above all its watchdog.
    ///
    /// # Errors
    /// [`Fault::NotFitted`], also where it was taken before.
    fn take_nfc(&mut self) -> Result<Box<dyn Nfc>, Fault>;

    /// Shows a signal on the tower; see [`Tower::show`].
    ///
    /// # Errors
    /// [`Fault::Pin`] where a lamp of the tower does not answer.
    fn show(&mut self, signal: Signal) -> Result<(), Fault>;

    /// Sounds the buzzer; see [`Tower::beep`].
    ///
    /// # Errors
    /// [`Fault::Pin`] where the buzzer does not answer.
    fn beep(&mut self, length: Duration, now: Duration) -> Result<(), Fault>;

    /// Lights a lamp, dims it or puts it out; see [`Lamps::light`].
    ///
    /// # Errors
    /// [`Fault::Brightness`] where the lamp does not answer, [`Fault::UltravioletResting`] where it must stay dark.
    fn light(&mut self, lamp: Lamp, brightness: Brightness, now: Duration) -> Result<(), Fault>;

    /// Ends what has had its time (a beep, the ultraviolet lamp) and feeds the watchdog. Call it at least ten
    /// times a second.
    ///
    /// # Errors
    /// The first fault met; every part is still tended, and the next tick tries again.
    fn tick(&mut self, now: Duration) -> Result<(), Fault>;

    /// Puts out the tower, the buzzer and every lamp: before the program ends.
    ///
    /// # Errors
    /// The first fault met; every part is still put out.
    fn dark(&mut self, now: Duration) -> Result<(), Fault>;
}

/// Why a box's board could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This program was built without the board: install the package for this machine.
    #[error(
        "this program was built without the board `{0}`: build it with the Cargo feature of that name"
    )]
    NotBuilt(&'static str),
    /// The pins could not be opened; the words say what to do.
    #[error("{0}")]
    Pins(String),
    /// A part does not answer at start.
    #[error(transparent)]
    Part(#[from] Fault),
}

/// Opens the board that is described, or the simulated one where none is; `opened_before` where the case counted as
/// opened when the box last ran.
///
/// # Errors
/// [`OpenError`] says what the technician can do.
pub fn open(
    described: Option<&Description>,
    opened_before: bool,
) -> Result<Box<dyn Board>, OpenError> {
    // Without a real board compiled in nobody asks.
    let _ = opened_before;
    match described {
        #[cfg(feature = "pi")]
        Some(described) if described.board == Kind::Pi => {
            let board = pi::PiBoard::open(described, opened_before);
            Ok(Box::new(board.map_err(|e| OpenError::Pins(e.to_string()))?))
        }
        #[cfg(feature = "linux")]
        Some(described) if described.board == Kind::Linux => {
            let board = linux::LinuxBoard::open(described, opened_before);
            Ok(Box::new(board.map_err(|e| OpenError::Pins(e.to_string()))?))
        }
        None => Ok(Box::new(bench::BenchBoard::new()?.0)),
        Some(described) => match described.board {
            Kind::Bench => Ok(Box::new(bench::BenchBoard::new()?.0)),
            Kind::Pi => Err(OpenError::NotBuilt("pi")),
            Kind::Linux => Err(OpenError::NotBuilt("linux")),
        },
    }
}

/// An NFC front end on whatever bus; see [`NfcFrontEnd`], which says what each does.
pub trait Nfc: Send {
    /// See [`NfcFrontEnd::start`].
    ///
    /// # Errors
    /// The front end's.
    fn start(&mut self) -> Result<Firmware, NfcFault>;
    /// See [`NfcFrontEnd::find`].
    ///
    /// # Errors
    /// The front end's.
    fn find(&mut self) -> Result<Option<Card>, NfcFault>;
    /// See [`NfcFrontEnd::exchange`].
    ///
    /// # Errors
    /// The front end's, or that the chip is gone.
    fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault>;
    /// See [`NfcFrontEnd::release`].
    ///
    /// # Errors
    /// The front end's.
    fn release(&mut self) -> Result<(), NfcFault>;
}

impl<L: Link + Send, D: DelayNs + Send> Nfc for NfcFrontEnd<L, D> {
    fn start(&mut self) -> Result<Firmware, NfcFault> {
        Self::start(self)
    }

    fn find(&mut self) -> Result<Option<Card>, NfcFault> {
        Self::find(self)
    }

    fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault> {
        Self::exchange(self, apdu, out)
    }

    fn release(&mut self) -> Result<(), NfcFault> {
        Self::release(self)
    }
}

/// What a board's parts hang on.
pub trait Wires: 'static {
    /// A pin that is set.
    type Out: OutputPin + Send + 'static;
    /// A pin that is read.
    type In: InputPin + Send + 'static;
    /// What dims or switches a lamp.
    type Dim: SetDutyCycle + Send + 'static;
    /// A handle on the bus; each device has its own.
    type Bus: I2c + Send + 'static;
    /// A device on SPI.
    type Spi: SpiDevice + Send + 'static;
    /// What waits.
    type Wait: DelayNs + Send + 'static;
}

/// A tower's lamp or its buzzer, on a pin.
type Light<P> = Fitted<Wired<P>>;
/// A tower whose lamps and buzzer hang on pins of one kind.
type WiredTower<P> = Tower<Light<P>, Light<P>, Light<P>, Light<P>>;
/// The lamps over the glass, on channels of one kind.
type FittedLamps<D> = Lamps<Fitted<D>, Fitted<D>, Fitted<D>>;

/// The NFC front end, on whichever bus it hangs.
pub(crate) enum FrontEnd<W: Wires> {
    I2c(NfcFrontEnd<OverI2c<W::Bus>, W::Wait>),
    Spi(NfcFrontEnd<OverSpi<W::Spi>, W::Wait>),
}

/// A board of these drivers, on whatever pins.
pub struct Assembled<W: Wires> {
    pub(crate) name: &'static str,
    pub(crate) tower: WiredTower<<W as Wires>::Out>,
    pub(crate) tray: Option<Tray<Wired<W::In>>>,
    pub(crate) lamps: FittedLamps<<W as Wires>::Dim>,
    pub(crate) lid: Option<Lid<Wired<W::In>>>,
    pub(crate) tamper: Option<Tamper<Wired<W::In>>>,
    pub(crate) button: Option<Button<Wired<W::In>>>,
    pub(crate) watchdog: Option<Watchdog<Wired<W::Out>>>,
    pub(crate) battery: Option<Battery<W::Bus>>,
    pub(crate) clock: Option<Clock<W::Bus>>,
    pub(crate) nfc: Option<FrontEnd<W>>,
    pub(crate) not_started: Vec<NotStarted>,
}

impl<W: Wires> core::fmt::Debug for Assembled<W> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Assembled({})", self.name)
    }
}

/// A part that may not be there, or may not have opened.
fn fitted<'a, T>(
    part: Part,
    there: &'a mut Option<T>,
    not_started: &[NotStarted],
) -> Result<&'a mut T, Fault> {
    there.as_mut().ok_or_else(
        || match not_started.iter().any(|missing| missing.part == part) {
            true => Fault::NotOpened { part },
            false => Fault::NotFitted { part },
        },
    )
}

impl<W: Wires> Board for Assembled<W> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn not_started(&self) -> &[NotStarted] {
        &self.not_started
    }

    fn tray(&mut self, now: Duration) -> Result<TrayState, Fault> {
        fitted(Part::Tray, &mut self.tray, &self.not_started)?.poll(now)
    }

    fn lid(&mut self, now: Duration) -> Result<LidState, Fault> {
        fitted(Part::Lid, &mut self.lid, &self.not_started)?.poll(now)
    }

    fn tamper(&mut self, now: Duration) -> Result<TamperState, Fault> {
        fitted(Part::Tamper, &mut self.tamper, &self.not_started)?.poll(now)
    }

    fn seal_case(&mut self, now: Duration) -> Result<(), Fault> {
        fitted(Part::Tamper, &mut self.tamper, &self.not_started)?.seal(now)
    }

    fn button(&mut self, now: Duration) -> Result<Option<Press>, Fault> {
        fitted(Part::Button, &mut self.button, &self.not_started)?.poll(now)
    }

    fn battery(&mut self) -> Result<BatteryReading, Fault> {
        fitted(Part::FuelGauge, &mut self.battery, &self.not_started)?.read()
    }

    fn clock(&mut self) -> Result<ClockReading, Fault> {
        fitted(Part::Clock, &mut self.clock, &self.not_started)?.read()
    }

    fn set_clock(&mut self, unix_seconds: i64) -> Result<(), Fault> {
        fitted(Part::Clock, &mut self.clock, &self.not_started)?.set(unix_seconds)
    }

    fn degrees(&mut self) -> Result<f32, Fault> {
        fitted(Part::Clock, &mut self.clock, &self.not_started)?.degrees()
    }

    fn take_nfc(&mut self) -> Result<Box<dyn Nfc>, Fault> {
        fitted(Part::Nfc, &mut self.nfc, &self.not_started)?;
        match self.nfc.take() {
            Some(FrontEnd::I2c(nfc)) => Ok(Box::new(nfc)),
            Some(FrontEnd::Spi(nfc)) => Ok(Box::new(nfc)),
            None => Err(Fault::NotFitted { part: Part::Nfc }),
        }
    }

    fn show(&mut self, signal: Signal) -> Result<(), Fault> {
        self.tower.show(signal)
    }

    fn beep(&mut self, length: Duration, now: Duration) -> Result<(), Fault> {
        self.tower.beep(length, now)
    }

    fn light(&mut self, lamp: Lamp, brightness: Brightness, now: Duration) -> Result<(), Fault> {
        self.lamps.light(lamp, brightness, now)
    }

    fn tick(&mut self, now: Duration) -> Result<(), Fault> {
        // All, whatever the first says.
        let lamps = self.lamps.tick(now);
        let tower = self.tower.tick(now);
        let watchdog = self.watchdog.as_mut().map_or(Ok(()), |w| w.feed(now));
        lamps.and(tower).and(watchdog)
    }

    fn dark(&mut self, now: Duration) -> Result<(), Fault> {
        let lamps = self.lamps.dark(now);
        let tower = self.tower.show(Signal::Dark);
        // At the end of time every beep has had its own.
        let buzzer = self.tower.tick(Duration::MAX);
        lamps.and(tower).and(buzzer)
    }
}
