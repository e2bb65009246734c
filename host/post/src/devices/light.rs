//! The lamps over the glass: in one hand at a time, and out again whatever ends its work.

use super::Hardware;
use firmware::Fault;
use firmware::lamps::{Brightness, Lamp};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a lamp was switched a camera still holds a frame of before.
pub(super) const SWITCHED: Duration = Duration::from_millis(400);
/// A page that is watched is looked at again within this time: its lamp does not flicker, and nobody waits for it anew.
const LINGER: Duration = Duration::from_secs(3);
/// Whoever takes a picture of the page is done by then.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the lamps are held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// A picture: seconds.
    Picture,
    /// A calibration: minutes.
    Calibration,
}

/// How the lamps stand.
#[derive(Debug, Default)]
struct Account {
    held: Option<Work>,
    /// The lamp that burns alone; none also where a lamp did not do what it was told.
    lit: Option<Lamp>,
    /// When they are put out, where nobody holds them.
    out_at: Option<Instant>,
    /// The fault that was told last: one that stays is told once.
    told: Option<Fault>,
    /// The program ends, and nothing is lit any more.
    closed: bool,
}

impl Account {
    /// Lights this lamp alone, fully, or none.
    fn only(&mut self, lamp: Option<Lamp>, hardware: &Hardware) -> Result<(), Fault> {
        let lamp = lamp.filter(|_| !self.closed);
        // All of them, whatever one says: a broken lamp keeps no other lit, and none dark.
        let out = Lamp::ALL.map(|other| {
            if Some(other) == lamp {
                return Ok(());
            }
            hardware.light(other, Brightness::DARK)
        });
        let lit = lamp.map_or(Ok(()), |lamp| hardware.light(lamp, Brightness::FULL));
        let done = out.into_iter().chain([lit]).collect::<Result<(), Fault>>();
        self.lit = lamp.filter(|_| done.is_ok());
        // What was not put out is tried again at the next tick.
        self.out_at = done.is_err().then(Instant::now);
        if let Err(fault) = done
            && self.told != Some(fault)
            && !matches!(fault, Fault::UltravioletResting { .. })
        {
            tracing::warn!("the lamps: {fault}");
        }
        self.told = done.err();
        done
    }
}

/// The lamps of a board as they are handed from one to the next.
#[derive(Debug, Default)]
pub(super) struct Glass {
    account: Mutex<Account>,
    free: Condvar,
}

impl Glass {
    fn account(&self) -> MutexGuard<'_, Account> {
        // Whoever holds the lamps puts them out when she is dropped, also by a panic.
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts out what was left lit, once its time is over.
    pub(super) fn tend(&self, hardware: &Hardware) {
        let mut account = self.account();
        let over = account.out_at.is_some_and(|at| Instant::now() >= at);
        if over && account.held.is_none() {
            // What does not answer is tried again.
            let _ = account.only(None, hardware);
        }
    }

    /// From here on nothing is lit.
    pub(super) fn close(&self) {
        let mut account = self.account();
        account.closed = true;
        account.lit = None;
    }
}

/// The lamps in one hand. They go out with it.
#[derive(Debug)]
pub(super) struct GlassLight {
    hardware: Arc<Hardware>,
    lingers: bool,
}

impl GlassLight {
    fn of(hardware: &Arc<Hardware>) -> Self {
        Self {
            hardware: Arc::clone(hardware),
            lingers: false,
        }
    }

    /// The lamps for a picture, once whoever takes another is done; none while the box is calibrated.
    pub(super) fn for_picture(hardware: &Arc<Hardware>) -> Option<Self> {
        let begun = Instant::now();
        let glass = &hardware.glass;
        let mut account = glass.account();
        while let Some(work) = account.held {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            if work == Work::Calibration || left.is_zero() {
                return None;
            }
            account = glass
                .free
                .wait_timeout(account, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        account.held = Some(Work::Picture);
        Some(Self::of(hardware))
    }

    /// The lamps for a calibration, once whoever takes a picture is done.
    pub(super) fn for_calibration(hardware: &Arc<Hardware>) -> Self {
        let glass = &hardware.glass;
        let mut account = glass
            .free
            .wait_while(glass.account(), |account| account.held.is_some())
            .unwrap_or_else(PoisonError::into_inner);
        account.held = Some(Work::Calibration);
        Self::of(hardware)
    }

    /// The lamp that burns alone.
    pub(super) fn lit(&self) -> Option<Lamp> {
        self.hardware.glass.account().lit
    }

    /// Lights this lamp alone, fully, or none.
    ///
    /// # Errors
    /// The first lamp's [`Fault`]; the others are set nevertheless.
    pub(super) fn only(&self, lamp: Option<Lamp>) -> Result<(), Fault> {
        self.hardware.glass.account().only(lamp, &self.hardware)
    }

    /// Lets go of the lamps, and leaves the one that burns lit a little for the next look.
    pub(super) fn linger(mut self) {
        self.lingers = true;
    }
}

impl Drop for GlassLight {
    fn drop(&mut self) {
        let glass = &self.hardware.glass;
        let mut account = glass.account();
        account.held = None;
        if self.lingers && account.lit.is_some() && !account.closed {
            account.out_at = Some(Instant::now() + LINGER);
        } else {
            // What does not answer is tried again at the next tick.
            let _ = account.only(None, &self.hardware);
        }
        drop(account);
        glass.free.notify_all();
    }
}
