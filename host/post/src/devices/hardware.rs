//! The box's own hardware as the lane uses it: the tower shows the advice to those who stand too far away
//! to read a screen.

use firmware::board::Board;
use firmware::tower::Signal;
use rules::Advice;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the board must be tended.
pub const TICK: Duration = Duration::from_millis(100);

/// The board of this box, shared by the lane.
pub struct Hardware {
    board: Mutex<Box<dyn Board>>,
    start: Instant,
}

impl Hardware {
    /// The lane's hardware on this board.
    #[must_use]
    pub fn new(board: Box<dyn Board>) -> Self {
        Self {
            board: Mutex::new(board),
            start: Instant::now(),
        }
    }

    /// Which board it is: `bench` or `pi`.
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

    /// Ends what has had its time on the board; call it every [`TICK`].
    pub fn tick(&self) {
        if let Err(fault) = self.with(|board, now| board.tick(now)) {
            tracing::debug!("the board: {fault}");
        }
    }

    /// Puts everything out: before the program ends.
    pub fn dark(&self) {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
}
