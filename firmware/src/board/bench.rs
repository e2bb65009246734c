//! The simulated box: the same drivers on pins that are memory, with a hand on the other side.

use super::Assembled;
use crate::lamps::{Brightness, ExposureLimit, Lamp, Lamps};
use crate::tower::{Signal, Tower};
use crate::tray::{Tray, TrayState};
use crate::{Fault, Part};
use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_hal::pwm::{self, SetDutyCycle};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The levels of every pin, and the parts whose connectors are pulled.
#[derive(Debug, Default)]
struct State {
    /// What each part was last set to: 0 or 1 for pins, per cent for lamps.
    levels: BTreeMap<Part, u16>,
    occupied: bool,
    pulled: BTreeSet<Part>,
}

/// The hand on the simulated box: lays documents down, looks at the lights, pulls connectors.
#[derive(Debug, Clone)]
pub struct Bench(Arc<Mutex<State>>);

impl Bench {
    fn state(&self) -> MutexGuard<'_, State> {
        // Levels are single values: a panicked holder cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays a document on the glass, or takes it away.
    pub fn set_tray(&self, tray: TrayState) {
        self.state().occupied = tray == TrayState::Occupied;
    }

    /// Pulls a part's connector: from now on its pins fault and keep their level.
    pub fn pull(&self, part: Part) {
        self.state().pulled.insert(part);
    }

    /// Plugs a part in again.
    pub fn plug(&self, part: Part) {
        self.state().pulled.remove(&part);
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

    /// How bright a lamp is.
    #[must_use]
    pub fn brightness(&self, lamp: Lamp) -> Brightness {
        let percent = self.level(lamp.part());
        u8::try_from(percent)
            .ok()
            .and_then(Brightness::percent)
            .unwrap_or(Brightness::FULL)
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

impl BenchPin {
    fn set(&self, level: u16) -> Result<(), Unplugged> {
        let mut state = self.bench.state();
        if state.pulled.contains(&self.part) {
            return Err(Unplugged);
        }
        state.levels.insert(self.part, level);
        Ok(())
    }

    fn occupied(&self) -> Result<bool, Unplugged> {
        let state = self.bench.state();
        if state.pulled.contains(&self.part) {
            return Err(Unplugged);
        }
        Ok(state.occupied)
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
        self.occupied()
    }

    fn is_low(&mut self) -> Result<bool, Unplugged> {
        self.occupied().map(|occupied| !occupied)
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

/// The simulated box.
pub type BenchBoard =
    Assembled<BenchPin, BenchPin, BenchPin, BenchPin, BenchPin, BenchPin, BenchPin, BenchPin>;

impl BenchBoard {
    /// A box with an empty tray and everything dark, and the hand on it.
    ///
    /// # Errors
    /// Never in truth: no connector is pulled yet. The drivers are those of a real box, and ask.
    pub fn new() -> Result<(Self, Bench), Fault> {
        let bench = Bench(Arc::default());
        let pin = |part| BenchPin {
            part,
            bench: bench.clone(),
        };
        let board = Self {
            name: "bench",
            tower: Tower::new(
                pin(Part::TowerGreen),
                pin(Part::TowerYellow),
                pin(Part::TowerRed),
                pin(Part::Buzzer),
            )?,
            tray: Tray::new(pin(Part::Tray)),
            lamps: Lamps::new(
                pin(Part::White),
                pin(Part::Infrared),
                pin(Part::Ultraviolet),
                ExposureLimit::default(),
            )?,
        };
        Ok((board, bench))
    }
}
