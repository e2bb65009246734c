//! The traveller in front of an officer: from the pictures to the recorded decision.

use super::session::{NoRandomness, secret};
use crate::inspection::{Inspection, Pictures, Progress};
use crate::update::AtWork;
use rules::mrz::Fields;
use rules::{Check, CheckGroup, Outcome, check};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long somebody waits for stages that take a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far the checks are: one answer per group, `None` while it is being worked on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stand {
    /// Who the zone says the traveller is, as soon as it was read; gone when the inspection is over.
    pub(super) fields: Option<Fields>,
    pub(super) answers: [Option<Outcome>; CheckGroup::ALL.len()],
    /// How far the chip is, while it is read.
    pub(super) chip: Option<chip::read::Phase>,
    /// The advice is there, or the inspection broke off: the page is to be asked for again.
    pub(super) over: bool,
}

/// What stands in front of the officer.
#[derive(Debug)]
pub(super) enum Phase {
    /// The stages are at work.
    Working,
    /// The advice is there; the officer decides.
    Advised(Arc<Inspection>),
    /// The decision is being recorded: nobody may decide a second time.
    Recording(Arc<Inspection>),
    /// Recorded; nothing of the traveller is left in memory.
    Recorded,
    /// The inspection itself broke off; there is nothing to decide on.
    BrokeOff,
}

/// One presentation, from pictures to decision.
#[derive(Debug)]
pub(super) struct Running {
    /// Unguessable, and free of personal data: it stands in addresses.
    pub(super) id: String,
    /// What is shown while the stages are at work.
    first: Mutex<Pictures>,
    stand: watch::Sender<Stand>,
    phase: Mutex<Phase>,
    /// Held by whoever amends the inspection or decides on it: each begins from what the one before made of it.
    pub(super) amending: tokio::sync::Mutex<()>,
    /// The officer does not wait for the chip any more.
    without_chip: AtomicBool,
    /// Keeps updates of the programs away while this traveller stands here.
    at_work: Mutex<Option<AtWork>>,
}

impl Running {
    pub(super) fn new(first: Pictures) -> Result<Self, NoRandomness> {
        let mut id = secret()?;
        id.truncate(16);
        Ok(Self {
            id,
            first: Mutex::new(first),
            stand: watch::Sender::new(Stand::default()),
            phase: Mutex::new(Phase::Working),
            amending: tokio::sync::Mutex::new(()),
            without_chip: AtomicBool::new(false),
            at_work: Mutex::default(),
        })
    }

    /// The phase, for a moment.
    pub(super) fn phase(&self) -> MutexGuard<'_, Phase> {
        // A panic elsewhere leaves a whole phase: it is only ever replaced by one assignment.
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds updates off until this traveller is gone.
    pub(super) fn hold(&self, lane: Option<AtWork>) {
        *self.at_work() = lane;
    }

    fn at_work(&self) -> MutexGuard<'_, Option<AtWork>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The chip is read no further.
    pub(super) fn go_on_without_chip(&self) {
        self.without_chip.store(true, Ordering::Relaxed);
    }

    /// Follows the checks as they are answered.
    pub(super) fn follow(&self) -> watch::Receiver<Stand> {
        self.stand.subscribe()
    }

    /// Reads one of the pictures that the officer may see now.
    pub(super) fn picture<T>(&self, which: impl FnOnce(&Pictures) -> Option<T>) -> Option<T> {
        match &*self.phase() {
            Phase::Working => which(&self.first()),
            Phase::Advised(inspection) | Phase::Recording(inspection) => {
                which(&inspection.pictures)
            }
            Phase::Recorded | Phase::BrokeOff => None,
        }
    }

    fn first(&self) -> MutexGuard<'_, Pictures> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The inspection has ended, one way or the other.
    pub(super) fn ended(&self, with: Phase) {
        let is_gone = matches!(with, Phase::Recorded | Phase::BrokeOff);
        *self.phase() = with;
        if is_gone {
            *self.at_work() = None;
        }
        // Dropping overwrites them.
        *self.first() = Pictures::default();
        self.stand.send_modify(|stand| {
            stand.fields = None;
            stand.chip = None;
            stand.over = true;
        });
    }

    /// Whether this traveller has not been decided on.
    pub(super) fn waits(&self) -> bool {
        matches!(
            *self.phase(),
            Phase::Working | Phase::Advised(_) | Phase::Recording(_)
        )
    }

    /// Whether the inspection broke off, so that the officer must begin again.
    pub(super) fn broke_off(&self) -> bool {
        matches!(*self.phase(), Phase::BrokeOff)
    }

    /// Waits, not for long, until the stages are done.
    pub(super) async fn done(&self) {
        let mut follow = self.follow();
        let _ = tokio::time::timeout(PATIENCE, follow.wait_for(|stand| stand.over)).await;
    }

    /// The inspection, where the advice is there and nobody has decided.
    pub(super) fn advised(&self) -> Option<Arc<Inspection>> {
        match &*self.phase() {
            Phase::Advised(inspection) => Some(Arc::clone(inspection)),
            _ => None,
        }
    }

    /// Replaces the inspection, where nobody has decided meanwhile; gives the one that stands now.
    pub(super) fn replace(&self, with: Inspection) -> Option<Arc<Inspection>> {
        let mut phase = self.phase();
        if !matches!(*phase, Phase::Advised(_)) {
            return None;
        }
        let with = Arc::new(with);
        *phase = Phase::Advised(Arc::clone(&with));
        Some(with)
    }

    /// Takes the inspection for recording, where the officer may decide now: one act, one record.
    pub(super) fn take_for_recording(&self) -> Option<Arc<Inspection>> {
        let mut phase = self.phase();
        let Phase::Advised(inspection) = &*phase else {
            return None;
        };
        let inspection = Arc::clone(inspection);
        *phase = Phase::Recording(Arc::clone(&inspection));
        Some(inspection)
    }

    /// The record could not be written: the officer can try again.
    pub(super) fn give_back(&self) {
        let mut phase = self.phase();
        *phase = match std::mem::replace(&mut *phase, Phase::BrokeOff) {
            Phase::Recording(inspection) => Phase::Advised(inspection),
            other => other,
        };
    }
}

impl Progress for Running {
    fn zone_read(&self, fields: Option<&Fields>) {
        // For those who measure how soon it is on the screen.
        tracing::debug!("zone read at {}", jiff::Timestamp::now());
        let fields = fields.cloned();
        self.stand.send_modify(|stand| stand.fields = fields);
    }

    fn answered(&self, group: CheckGroup, checks: &[Check]) {
        let outcome = check::group_outcome(checks, group);
        self.stand.send_modify(|stand| {
            for (slot, g) in stand.answers.iter_mut().zip(CheckGroup::ALL) {
                if g == group {
                    *slot = Some(outcome);
                }
            }
            if group == CheckGroup::Chip {
                stand.chip = None;
            }
        });
    }

    fn chip(&self, phase: chip::read::Phase) {
        self.stand.send_modify(|stand| stand.chip = Some(phase));
    }

    fn is_called_off(&self) -> bool {
        self.without_chip.load(Ordering::Relaxed)
    }
}
