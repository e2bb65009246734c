//! A conversation with a chip on a thread of its own: a reader that hangs keeps that thread, never the lane.
//!
//! A smart card service, a driver or a bus can stop answering in the middle of a call that nobody can break off.
//! The inspection then goes on without the chip and says so; the reader is asked again, for the next document or
//! for the same one placed again, as soon as the call has come back.

use super::Progress;
use crate::devices::{ChipReader, ReaderError};
use chip::examine::Examined;
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::read::Phase;
use chip::{AccessKey, ChipError, Policy, Reader, Request, TrustStore, examine};
use jiff::civil::Date;
use rules::mrz::Zone;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What an inspection reads of a chip: the zone, the face, and how the chip proves itself.
const WANTED: [FileId; 4] = [FileId::Dg1, FileId::Dg14, FileId::Dg2, FileId::Dg15];

/// A chip that takes longer is broken off: BSI TR-03135-1 section 4.1.4 wants seven seconds at most.
const PATIENCE: Duration = Duration::from_secs(15);
/// A reader that was told to stop and has not stopped after this long hangs: its longest command takes a second.
const GRACE: Duration = Duration::from_secs(2);
/// Between two looks whether anybody still waits.
const LOOK: Duration = Duration::from_millis(50);

/// Whether somebody speaks through the reader: it has one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Turn {
    #[default]
    Free,
    Taken,
    /// Taken by a call that did not come back when it should have.
    Hung,
}

/// The box's reader and whose turn it is.
pub(super) struct ChipDesk {
    reader: Arc<dyn ChipReader>,
    turn: Arc<Mutex<Turn>>,
}

/// What is needed to ask a chip.
pub(super) struct Asked {
    /// What opens it.
    pub(super) key: AccessKey,
    /// The zone on the page, where it was read.
    pub(super) printed: Option<Zone>,
    /// Who is believed.
    pub(super) store: Arc<TrustStore>,
    /// The day.
    pub(super) at: Date,
}

/// How a conversation ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The chip was asked everything.
    Read(Box<Examined>),
    /// The conversation ended early.
    Broken(ChipError),
    /// There was nobody to speak to.
    NotBegun(ReaderError),
    /// The reader does not answer.
    Hung,
}

enum Told {
    Phase(Phase),
    Ended(Ended),
}

/// Frees the reader when the call has come back, whatever came of it.
struct Taken(Arc<Mutex<Turn>>);

impl Drop for Taken {
    fn drop(&mut self) {
        *locked(&self.0) = Turn::Free;
    }
}

fn locked(turn: &Mutex<Turn>) -> MutexGuard<'_, Turn> {
    // Every change is one assignment.
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ChipDesk {
    pub(super) fn of(reader: Arc<dyn ChipReader>) -> Self {
        Self {
            reader,
            turn: Arc::default(),
        }
    }

    /// Takes the reader, waiting a little for a chip before that is being let go; `None` where it hangs.
    fn take(&self) -> Option<Taken> {
        let start = Instant::now();
        loop {
            {
                let mut turn = locked(&self.turn);
                match *turn {
                    Turn::Free => {
                        *turn = Turn::Taken;
                        return Some(Taken(Arc::clone(&self.turn)));
                    }
                    Turn::Hung => return None,
                    Turn::Taken if start.elapsed() > GRACE => return None,
                    Turn::Taken => {}
                }
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Gives the reader up for now: it is asked again when it has come back.
    fn hangs(&self) {
        let mut turn = locked(&self.turn);
        if *turn == Turn::Taken {
            *turn = Turn::Hung;
        }
    }

    /// Whether the reader itself answers, chip or none. One that is at work does.
    pub(super) fn is_there(&self) -> bool {
        let at_work = *locked(&self.turn) == Turn::Taken;
        if at_work {
            return true;
        }
        let Some(taken) = self.take() else {
            return false;
        };
        let (tell, told) = sync_channel(1);
        let reader = Arc::clone(&self.reader);
        let asking = apart(move || {
            let _taken = taken;
            // Whoever asked may have gone.
            let _ = tell.send(reader.is_there());
        });
        match asking.then(|| told.recv_timeout(GRACE)) {
            Some(Ok(is_there)) => is_there,
            Some(Err(RecvTimeoutError::Timeout)) => {
                self.hangs();
                false
            }
            Some(Err(RecvTimeoutError::Disconnected)) | None => false,
        }
    }

    /// Speaks with the chip in the field, and comes back in any case: when the chip has answered, when it takes too
    /// long, when nobody waits any more, and where the reader hangs.
    pub(super) fn converse(&self, asked: Asked, progress: &dyn Progress) -> Ended {
        let Some(taken) = self.take() else {
            return Ended::Hung;
        };
        // From here on the officer sees that a chip is asked, and may go on without it.
        progress.chip(Phase::Access);
        let stop = Arc::new(AtomicBool::new(false));
        // Hand to hand: what is called off between two phases goes no further than the next.
        let (tell, told) = sync_channel(0);
        let (reader, told_to_stop) = (Arc::clone(&self.reader), Arc::clone(&stop));
        let speaking = apart(move || {
            let _taken = taken;
            speak(reader.as_ref(), &asked, &told_to_stop, &tell);
        });
        let ended = speaking.then(|| wait(&told, &stop, progress));
        match ended.flatten() {
            Some(ended) => ended,
            None => {
                self.hangs();
                Ended::Hung
            }
        }
    }
}

/// Starts a thread that nobody waits for; `false` where the system gives none.
fn apart(work: impl FnOnce() + Send + 'static) -> bool {
    let started = std::thread::Builder::new().name("chip".into()).spawn(work);
    if let Err(e) = &started {
        tracing::error!("no chip can be asked: {e}");
    }
    started.is_ok()
}

/// Follows the conversation; `None` where it does not come back, or broke down.
fn wait(told: &Receiver<Told>, stop: &AtomicBool, progress: &dyn Progress) -> Option<Ended> {
    let start = Instant::now();
    let mut stopped: Option<Instant> = None;
    loop {
        match told.recv_timeout(LOOK) {
            Ok(Told::Phase(phase)) => progress.chip(phase),
            Ok(Told::Ended(ended)) => return Some(ended),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        if progress.is_called_off() || start.elapsed() > PATIENCE {
            stop.store(true, Ordering::Relaxed);
            let since = stopped.get_or_insert_with(Instant::now);
            if since.elapsed() > GRACE {
                return None;
            }
        }
    }
}

/// The conversation itself. What came of it is told before the chip is let go, for that can hang as well.
fn speak(reader: &dyn ChipReader, asked: &Asked, stop: &AtomicBool, tell: &SyncSender<Told>) {
    // Whoever asked may have gone: then nobody hears it.
    let mut chip = match reader.connect() {
        Ok(chip) => chip,
        Err(error) => {
            let _ = tell.send(Told::Ended(Ended::NotBegun(error)));
            return;
        }
    };
    let policy = Policy::default();
    let request = Request {
        key: &asked.key,
        wanted: &WANTED,
        printed: asked.printed.as_ref(),
        store: &asked.store,
        at: asked.at,
        policy: &policy,
    };
    let mut watch = |phase| {
        let _ = tell.send(Told::Phase(phase));
        match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let mut conversation = Reader::new(chip.as_mut());
    let ended = match examine(
        &mut conversation,
        &request,
        &mut SystemRandomness,
        &mut watch,
    ) {
        Ok(examined) => Ended::Read(Box::new(examined)),
        Err(error) => Ended::Broken(error),
    };
    let _ = tell.send(Told::Ended(ended));
}
