//! The box's own hardware as the lane uses it: the tower shows the advice to those who stand too far away
//! to read a screen; an opened case is remembered until somebody who may seals it.

use super::light::Glass;
use firmware::Fault;
use firmware::battery::BatteryReading;
use firmware::board::description::{self, Description, DescriptionError};
use firmware::board::{self, Board, Nfc, NotStarted};
use firmware::button::Press;
use firmware::clock::ClockReading;
use firmware::lamps::{Brightness, Lamp};
use firmware::lid::{LidState, TamperState};
use firmware::nfc::{Firmware, NfcFault};
use firmware::tower::Signal;
use firmware::tray::TrayState;
use jiff::Timestamp;
use rules::Advice;
use seal::durable::{self, Readers};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the board must be tended.
pub const TICK: Duration = Duration::from_millis(100);
/// A program that has not started by then hangs.
const LONGEST_START: Duration = Duration::from_secs(60);
/// A tamper switch that cannot be read for so long counts as opened: a cut wire is how a case is opened unseen.
const UNHEARD: Duration = Duration::from_secs(2);
/// There while the case counts as opened.
const CASE_OPENED: &str = "case-opened";

/// Why the box's board could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    /// The description is wrong: mend it.
    #[error("{}: {source}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: DescriptionError,
    },
    /// The board cannot be opened.
    #[error(transparent)]
    Board(#[from] board::OpenError),
}

/// Whether the case of the box with this state folder counts as opened, by what is remembered over restarts.
#[must_use]
pub fn case_was_opened(state: &Path) -> bool {
    state.join(CASE_OPENED).exists()
}

fn described(state: &Path) -> Result<Option<Description>, HardwareError> {
    Description::of_state(state).map_err(|source| HardwareError::Description {
        path: state.join(description::FILE),
        source,
    })
}

/// What a tick found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// Nothing of note.
    Nothing,
    /// The case was opened; told once, until it is sealed and opened again.
    CaseOpened,
}

/// The board of this box, shared by the lane.
pub struct Hardware {
    board: Mutex<Box<dyn Board>>,
    /// Apart from the board: a chip computes for seconds, and the watchdog does not wait.
    nfc: Mutex<Result<Box<dyn Nfc>, Fault>>,
    /// Who has the lamps over the glass.
    pub(super) glass: Glass,
    start: Instant,
    /// Where an opened case is remembered over restarts.
    opened: Option<PathBuf>,
    /// That the case was opened has been told, whether or not it could be written down.
    told: AtomicBool,
    /// Since when the tamper switch cannot be read.
    unheard: Mutex<Option<Instant>>,
}

impl Hardware {
    /// The lane's hardware on this board.
    #[must_use]
    pub fn new(mut board: Box<dyn Board>) -> Self {
        Self {
            nfc: Mutex::new(board.take_nfc()),
            board: Mutex::new(board),
            glass: Glass::default(),
            start: Instant::now(),
            opened: None,
            told: AtomicBool::new(false),
            unheard: Mutex::default(),
        }
    }

    /// The board that the state folder describes in `board.toml`; the simulated one where it describes none.
    ///
    /// # Errors
    /// [`HardwareError`] says what the technician can do.
    pub fn of_state(state: &Path) -> Result<Self, HardwareError> {
        Self::as_described(state, described(state)?)
    }

    /// The same for a command that asks the board for something and ends: nobody ticks meanwhile, and the watchdog is
    /// left alone.
    ///
    /// # Errors
    /// As [`Hardware::of_state`].
    pub fn of_state_unwatched(state: &Path) -> Result<Self, HardwareError> {
        Self::as_described(state, described(state)?.map(Description::unwatched))
    }

    fn as_described(state: &Path, described: Option<Description>) -> Result<Self, HardwareError> {
        let opened = state.join(CASE_OPENED);
        let board = board::open(described.as_ref(), opened.exists())?;
        for NotStarted { part, why } in board.not_started() {
            tracing::error!("{part} did not start: {why}");
        }
        Ok(Self {
            opened: state.is_dir().then_some(opened),
            ..Self::new(board)
        })
    }

    /// The parts that did not start with the box; the others work.
    #[must_use]
    pub fn not_started(&self) -> Vec<NotStarted> {
        self.with(|board, _| board.not_started().to_vec())
    }

    /// Whether a document lies on the glass.
    ///
    /// # Errors
    /// The part's [`Fault`], as those of all that follow.
    pub fn tray(&self) -> Result<TrayState, Fault> {
        self.with(|board, now| board.tray(now))
    }

    /// Whether the lid is shut.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn lid(&self) -> Result<LidState, Fault> {
        self.with(|board, now| board.lid(now))
    }

    /// A press of the button since it was last asked.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn button(&self) -> Result<Option<Press>, Fault> {
        self.with(|board, now| board.button(now))
    }

    /// Whether the case was opened.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn tamper(&self) -> Result<TamperState, Fault> {
        match self.with(|board, now| board.tamper(now)) {
            Ok(_) | Err(Fault::NotFitted { .. }) if self.remembers_opened() => {
                Ok(TamperState::Opened { at: Duration::ZERO })
            }
            said => said,
        }
    }

    /// Whether the case counts as opened: the lane stays locked until somebody who may has sealed it.
    #[must_use]
    pub fn case_opened(&self) -> bool {
        matches!(self.tamper(), Ok(TamperState::Opened { .. })) || self.remembers_opened()
    }

    fn remembers_opened(&self) -> bool {
        self.opened.as_ref().is_some_and(|file| file.exists())
    }

    /// Seals the case anew: whoever may has looked into it. A box whose switch broke, and was taken out of its
    /// description, is not locked for ever by what the switch said before.
    ///
    /// # Errors
    /// The part's [`Fault`]; [`Fault::CaseOpen`] where the case stands open.
    pub fn seal_case(&self) -> Result<(), Fault> {
        match self.with(|board, now| board.seal_case(now)) {
            Err(Fault::NotFitted { .. }) if self.remembers_opened() => {}
            sealed => sealed?,
        }
        self.told.store(false, Ordering::Relaxed);
        if let Some(file) = &self.opened
            && let Err(e) = std::fs::remove_file(file)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::error!("{}: {e}", file.display());
        }
        Ok(())
    }

    /// The battery.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn battery(&self) -> Result<BatteryReading, Fault> {
        self.with(|board, _| board.battery())
    }

    /// The battery-backed clock.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn clock(&self) -> Result<ClockReading, Fault> {
        self.with(|board, _| board.clock())
    }

    /// Sets the battery-backed clock.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn set_clock(&self, now: Timestamp) -> Result<(), Fault> {
        self.with(|board, _| board.set_clock(now.as_second()))
    }

    /// Wakes the NFC front end.
    ///
    /// # Errors
    /// The front end's.
    pub fn start_nfc(&self) -> Result<Firmware, NfcFault> {
        self.nfc(|nfc| nfc.start())
    }

    /// Asks the NFC front end; the rest of the board is tended meanwhile.
    ///
    /// # Errors
    /// The front end's, or that there is none.
    pub(crate) fn nfc<T>(
        &self,
        ask: impl FnOnce(&mut dyn Nfc) -> Result<T, NfcFault>,
    ) -> Result<T, NfcFault> {
        // A panic elsewhere leaves a front end that is found anew before anybody speaks through it.
        let mut nfc = self.nfc.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *nfc {
            Ok(nfc) => ask(nfc.as_mut()),
            Err(fault) => Err(NfcFault::FrontEnd(*fault)),
        }
    }

    /// Whether an NFC front end is fitted; one that did not open answers its fault whenever it is asked.
    #[must_use]
    pub fn has_front_end(&self) -> bool {
        let nfc = self.nfc.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(*nfc, Err(Fault::NotFitted { .. }))
    }

    /// Shows a signal on the tower.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn signal(&self, signal: Signal) -> Result<(), Fault> {
        self.with(|board, _| board.show(signal))
    }

    /// Sounds the buzzer.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn beep(&self, length: Duration) -> Result<(), Fault> {
        self.with(|board, now| board.beep(length, now))
    }

    /// Lights a lamp over the glass, dims it or puts it out.
    ///
    /// # Errors
    /// The part's [`Fault`].
    pub fn light(&self, lamp: Lamp, brightness: Brightness) -> Result<(), Fault> {
        self.with(|board, now| board.light(lamp, brightness, now))
    }

    /// Which board it is: `bench`, `pi` or `linux`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.with(|board, _| board.name())
    }

    /// Shows an advice on the tower; dark between travellers.
    pub fn show(&self, advice: Option<Advice>) {
        let signal = match advice {
            None => Signal::Dark,
            Some(Advice::Clear) => Signal::Green,
            Some(Advice::Look) => Signal::Yellow,
            Some(Advice::Refer) => Signal::Red,
        };
        // A lamp that does not answer is for the technician, not the end of the lane.
        if let Err(fault) = self.with(|board, _| board.show(signal)) {
            tracing::warn!("the tower: {fault}");
        }
    }

    /// Ends what has had its time on the board, hears its switches, and feeds the watchdog.
    fn tend(&self) {
        if let Err(fault) = self.with(|board, now| board.tick(now)) {
            tracing::debug!("the board: {fault}");
        }
        // A switch is believed once it has said the same for a while: these are heard all along.
        let _ = self.with(|board, now| (board.tray(now), board.lid(now)));
        self.glass.tend(self);
    }

    /// Ends what has had its time on the board and looks whether the case was opened; call it every [`TICK`].
    pub fn tick(&self) -> Happened {
        self.tend();
        if self.is_opened_now()
            && let Some(file) = self.opened.as_ref().filter(|f| !f.exists())
        {
            let now = Timestamp::now().to_string();
            let first = !self.told.swap(true, Ordering::Relaxed);
            let written = durable::replace(file, now.as_bytes(), Readers::Anyone);
            // A disk that is full is tried again at every tick, and told once.
            if first {
                tracing::error!("the case was opened");
                if let Err(e) = written {
                    tracing::error!("{}: {e}", file.display());
                }
                return Happened::CaseOpened;
            }
        }
        Happened::Nothing
    }

    /// Whether the tamper switch says that the case was opened, or has said nothing for too long.
    fn is_opened_now(&self) -> bool {
        let said = self.with(|board, now| board.tamper(now));
        // One assignment each: a panic elsewhere leaves nothing half done.
        let mut unheard = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
        match said {
            Ok(state) => {
                *unheard = None;
                matches!(state, TamperState::Opened { .. })
            }
            Err(Fault::NotFitted { .. }) => false,
            Err(_) => unheard.get_or_insert_with(Instant::now).elapsed() >= UNHEARD,
        }
    }

    /// Puts everything out, and lights the glass for nobody any more: before the program ends.
    pub fn dark(&self) {
        self.glass.close();
        if let Err(fault) = self.with(|board, now| board.dark(now)) {
            tracing::warn!("the board: {fault}");
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut dyn Board, Duration) -> T) -> T {
        // Every call sets pins anew: a panic elsewhere leaves nothing half done that the next does not mend.
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        work(board.as_mut(), self.start.elapsed())
    }
}

impl std::fmt::Debug for Hardware {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hardware({})", self.name())
    }
}

/// Tends a board from a thread of its own until it is dropped, for as long as a program may take to start: models are
/// loaded and cameras opened, and the watchdog does not wait. Afterwards whoever lives tends it: a thread that knows
/// nothing of the rest would hide that the rest hangs. It has let go of the board once it is dropped: a program that ends
/// with a watchdog's pin in its hand has the box started anew.
#[derive(Debug)]
pub struct Tended {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tended {
    /// Begins.
    #[must_use]
    pub fn meanwhile(hardware: &Arc<Hardware>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (hardware, told) = (Arc::clone(hardware), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            let begun = Instant::now();
            while !told.load(Ordering::Relaxed) && begun.elapsed() < LONGEST_START {
                hardware.tend();
                std::thread::park_timeout(TICK);
            }
        });
        Self {
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Tended {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // Whatever became of it, it holds nothing any more.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use firmware::Part;
    use firmware::board::bench::BenchBoard;

    #[test]
    fn the_tower_shows_the_advice_and_a_broken_lamp_ends_nothing() {
        let (board, bench) = BenchBoard::new().unwrap();
        let hardware = Hardware::new(Box::new(board));
        for (advice, signal) in [
            (Some(Advice::Clear), Signal::Green),
            (Some(Advice::Look), Signal::Yellow),
            (Some(Advice::Refer), Signal::Red),
            (None, Signal::Dark),
        ] {
            hardware.show(advice);
            assert_eq!(bench.tower(), Some(signal));
        }
        bench.pull(Part::TowerRed);
        hardware.show(Some(Advice::Refer));
        hardware.tick();
        bench.plug(Part::TowerRed);
        hardware.show(Some(Advice::Refer));
        assert_eq!(bench.tower(), Some(Signal::Red));
        hardware.dark();
        assert_eq!(bench.tower(), Some(Signal::Dark));
    }

    #[test]
    fn a_front_end_that_did_not_open_is_there_and_does_not_work() {
        use crate::devices::chip_reader;
        let (board, _) = BenchBoard::begun(&[], &[Part::Nfc]).unwrap();
        let hardware = Arc::new(Hardware::new(Box::new(board)));
        assert_eq!(hardware.not_started()[0].part, Part::Nfc);
        // The desk opens with it, and says of it that it does not work.
        let reader = chip_reader(Some("board"), &hardware).unwrap().unwrap();
        assert!(!reader.is_there());
        let Err(refused) = reader.connect() else {
            panic!("there is nothing to connect to");
        };
        assert!(refused.to_string().contains("could not be opened"));
    }

    #[test]
    fn an_opened_case_is_remembered_over_a_restart_until_it_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let (board, bench) = BenchBoard::new().unwrap();
        let mut hardware = Hardware::new(Box::new(board));
        hardware.opened = Some(folder.path().join(CASE_OPENED));
        hardware.tick();
        assert!(!hardware.case_opened());
        bench.open_case();
        hardware.tick();
        std::thread::sleep(firmware::lid::TAMPER_SETTLE * 2);
        assert_eq!(hardware.tick(), Happened::CaseOpened);
        assert_eq!(hardware.tick(), Happened::Nothing, "told once");
        assert!(hardware.case_opened());
        assert!(hardware.seal_case().is_err(), "it stands open");
        bench.shut_case();
        // The program starts again: a new board knows nothing, the box does.
        let again = Hardware::of_state(folder.path()).unwrap();
        assert!(again.case_opened() && case_was_opened(folder.path()));
        again.seal_case().unwrap();
        assert!(!again.case_opened() && !case_was_opened(folder.path()));
        assert!(!Hardware::of_state(folder.path()).unwrap().case_opened());
    }

    #[test]
    fn an_opened_case_that_cannot_be_written_down_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let (board, bench) = BenchBoard::new().unwrap();
        let mut hardware = Hardware::new(Box::new(board));
        hardware.opened = Some(folder.path().join("gone").join(CASE_OPENED));
        bench.open_case();
        hardware.tick();
        std::thread::sleep(firmware::lid::TAMPER_SETTLE * 2);
        assert_eq!(hardware.tick(), Happened::CaseOpened);
        for _ in 0..3 {
            assert_eq!(hardware.tick(), Happened::Nothing);
        }
        assert!(hardware.case_opened());
    }

    #[test]
    fn a_tamper_switch_that_stays_silent_counts_as_opened_and_a_loose_moment_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (board, bench) = BenchBoard::new().unwrap();
        let mut hardware = Hardware::new(Box::new(board));
        hardware.opened = Some(folder.path().join(CASE_OPENED));
        bench.pull(Part::Tamper);
        assert_eq!(hardware.tick(), Happened::Nothing);
        bench.plug(Part::Tamper);
        assert_eq!(hardware.tick(), Happened::Nothing);
        bench.pull(Part::Tamper);
        let cut = Instant::now();
        while hardware.tick() == Happened::Nothing {
            assert!(cut.elapsed() < LONGEST_START, "a cut wire is not missed");
            std::thread::yield_now();
        }
        assert!(cut.elapsed() >= UNHEARD && hardware.case_opened());
        // Sealed once it is mended.
        assert!(hardware.seal_case().is_err());
        bench.plug(Part::Tamper);
        hardware.seal_case().unwrap();
        assert_eq!(hardware.tick(), Happened::Nothing);
    }

    #[test]
    fn a_switch_that_was_taken_out_locks_no_box_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let without = Description {
            tamper: None,
            ..Description::reference()
        };
        let (board, _) = BenchBoard::described(&without).unwrap();
        let mut hardware = Hardware::new(Box::new(board));
        let opened = folder.path().join(CASE_OPENED);
        std::fs::write(&opened, "").unwrap();
        hardware.opened = Some(opened);
        assert!(matches!(hardware.tamper(), Ok(TamperState::Opened { .. })));
        hardware.seal_case().unwrap();
        assert!(!hardware.case_opened() && hardware.tamper().is_err());
        let nothing = Fault::NotFitted { part: Part::Tamper };
        assert_eq!(hardware.seal_case(), Err(nothing), "nothing to seal");
    }

    #[test]
    fn the_watchdog_is_fed_while_a_chip_computes() {
        let (board, bench) = BenchBoard::new().unwrap();
        let hardware = Arc::new(Hardware::new(Box::new(board)));
        let (tell, told) = std::sync::mpsc::channel();
        let beside = Arc::clone(&hardware);
        let fed = bench.fed();
        hardware
            .nfc(|_| {
                std::thread::spawn(move || {
                    beside.tick();
                    tell.send(()).unwrap();
                });
                told.recv_timeout(Duration::from_secs(60))
                    .expect("nobody tends the board");
                Ok(())
            })
            .unwrap();
        assert!(bench.fed() > fed);
    }

    #[test]
    fn the_watchdog_is_fed_while_the_program_starts_and_no_longer() {
        let (board, bench) = BenchBoard::new().unwrap();
        let hardware = Arc::new(Hardware::new(Box::new(board)));
        let starting = Tended::meanwhile(&hardware);
        let begun = Instant::now();
        while bench.fed() < 2 {
            assert!(begun.elapsed() < LONGEST_START, "nobody feeds it");
            std::thread::yield_now();
        }
        drop(starting);
        assert_eq!(Arc::strong_count(&hardware), 1, "it holds the board");
    }

    #[test]
    fn a_board_is_the_one_described() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Hardware::of_state(folder.path()).unwrap().name(), "bench");
        let file = folder.path().join(description::FILE);
        std::fs::write(&file, "version = 1\nboard = \"toaster\"\n").unwrap();
        let refused = Hardware::of_state(folder.path()).unwrap_err();
        assert!(
            matches!(refused, HardwareError::Description { .. }),
            "{refused}"
        );
    }
}
