//! Editions taken beside the desk as they are published: asked for again and again, with longer waits while that
//! fails.

use super::background::chance;
use super::{Backoff, TakeError, Taken, take};
use crate::appliance::Appliance;
use crate::state::StateDir;
use jiff::Timestamp;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::{Note, StoreError};

/// How often a box asks for another edition while it is answered, and up to a quarter later: posts that started
/// together do not go on asking together.
const AGAIN: Duration = Duration::from_secs(900);

/// Begins to take the editions that are published at `from`, an http URL, until the program ends. Works on a thread
/// of its own, for which nobody waits: taking an edition may be cut off at any instant, as by the power.
///
/// # Errors
/// What the system says where there is no thread to be had.
pub fn await_editions(from: String, appliance: &Arc<Appliance>, state: StateDir) -> io::Result<()> {
    let appliance = Arc::downgrade(appliance);
    let work = move || {
        let mut course = Course::default();
        loop {
            // What breaks off here must not leave the box with an ageing list for good: it is tried again.
            let taken = catch_unwind(AssertUnwindSafe(|| take(&state, &from, Timestamp::now())));
            let (wait, told) = match &taken {
                Ok(taken) => course.after(taken, chance()),
                Err(_) => (scattered(AGAIN, chance()), None),
            };
            if let Some(told) = told {
                tell(&told, &appliance);
            }
            std::thread::sleep(wait);
        }
    };
    std::thread::Builder::new()
        .name("editions".into())
        .spawn(work)
        .map(drop)
}

/// What is to be said of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    /// An edition is in use now, or was before.
    InUse(rules::EditionNumber),
    /// What was published was refused.
    Refused(String),
    /// Nothing could be had.
    Failed(String),
}

/// How it has gone so far.
#[derive(Debug, Default)]
struct Course {
    backoff: Backoff,
    said: Option<Told>,
}

impl Course {
    /// How long to wait after this try, and what is to be said of it: the same thing once.
    fn after(&mut self, taken: &Result<Taken, TakeError>, chance: u64) -> (Duration, Option<Told>) {
        let (wait, told) = match taken {
            Ok(taken) => {
                self.backoff.success();
                (scattered(AGAIN, chance), Some(Told::InUse(taken.edition)))
            }
            // Its wave comes; the server was heard.
            Err(TakeError::NotYet { .. } | TakeError::Halted { .. }) => {
                self.backoff.success();
                (scattered(AGAIN, chance), None)
            }
            // The same bytes would be refused again; others may have come by then.
            Err(e) if e.is_refusal() => {
                (scattered(AGAIN, chance), Some(Told::Refused(e.to_string())))
            }
            Err(e) => (
                self.backoff.after_failure(chance),
                Some(Told::Failed(e.to_string())),
            ),
        };
        let news = told.filter(|told| self.said.as_ref() != Some(told));
        if news.is_some() {
            self.said.clone_from(&news);
        }
        (wait, news)
    }
}

fn tell(told: &Told, appliance: &Weak<Appliance>) {
    let noted = |note: &dyn Fn(&Appliance) -> Result<(), StoreError>| {
        // The desk is closing where there is none.
        if let Some(Err(e)) = appliance.upgrade().map(|appliance| note(&appliance)) {
            tracing::error!("the ledger has no line about this edition: {e}");
        }
    };
    match told {
        Told::InUse(number) => {
            noted(&|appliance| appliance.note_edition(*number));
            tracing::info!("edition {number} is the newest for this box");
        }
        Told::Refused(why) => {
            tracing::error!("an edition was refused: {why}");
            noted(&|appliance| appliance.note(Note::EditionRefused { why: why.clone() }));
        }
        Told::Failed(why) => tracing::warn!("no edition could be taken: {why}"),
    }
}

/// This, or up to a quarter more.
fn scattered(whole: Duration, chance: u64) -> Duration {
    let spread = u64::try_from((whole / 4).as_millis()).unwrap_or(u64::MAX);
    whole + Duration::from_millis(chance % spread.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{FetchError, TakeOutcome};
    use rules::EditionNumber;

    fn taken(number: u64) -> Result<Taken, TakeError> {
        Ok(Taken {
            edition: EditionNumber(number),
            outcome: TakeOutcome::AlreadyActive,
            files: 0,
            persons: 0,
            documents: 0,
            made_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        })
    }

    fn silent() -> Result<Taken, TakeError> {
        Err(TakeError::Fetch(FetchError::Unreachable {
            url: "http://lists.example/".into(),
            why: "no route".into(),
        }))
    }

    #[test]
    fn a_server_that_answers_is_asked_four_times_an_hour_and_not_by_all_posts_at_once() {
        let mut course = Course::default();
        let (first, told) = course.after(&taken(3), 0);
        assert_eq!((first, told), (AGAIN, Some(Told::InUse(EditionNumber(3)))));
        let waits: Vec<Duration> = (1..200u64)
            .map(|n| course.after(&taken(3), n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .map(|(wait, told)| {
                assert_eq!(told, None, "said once");
                wait
            })
            .collect();
        assert!(waits.iter().all(|w| (AGAIN..AGAIN * 5 / 4).contains(w)));
        let apart = waits.iter().max().zip(waits.iter().min());
        assert!(apart.is_some_and(|(max, min)| *max - *min > AGAIN / 8));
        // Another edition's wave has not come: no failure, and nothing to say.
        let waves = Err(TakeError::NotYet {
            edition: EditionNumber(4),
            wave: "canary".into(),
        });
        assert_eq!(course.after(&waves, 0), (AGAIN, None));
    }

    #[test]
    fn one_that_is_silent_is_asked_again_soon_then_later_and_told_once() {
        let mut course = Course::default();
        let (first, told) = course.after(&silent(), 0);
        assert!(matches!(told, Some(Told::Failed(_))));
        let mut last = first;
        for _ in 0..12 {
            let (wait, told) = course.after(&silent(), 0);
            assert_eq!(told, None);
            assert!(wait >= last && wait < AGAIN);
            last = wait;
        }
        assert!(last > first * 8);
        assert!(course.after(&taken(3), 0).1.is_some());
        assert_eq!(course.after(&silent(), 0).0, first);
    }

    #[test]
    fn a_refused_edition_is_written_down_once_and_a_full_disk_refuses_none() {
        let mut course = Course::default();
        let refused = Err(TakeError::NumberDiffers {
            signed: EditionNumber(5),
            says: EditionNumber(4),
        });
        let (wait, told) = course.after(&refused, 0);
        assert!(wait == AGAIN && matches!(told, Some(Told::Refused(_))));
        assert_eq!(course.after(&refused, 0).1, None);
        for passing in [
            StoreError::DiskFull,
            StoreError::InUse {
                path: "lock".into(),
            },
        ] {
            let (_, told) = course.after(&Err(TakeError::Store(passing)), 0);
            assert!(matches!(told, Some(Told::Failed(_))), "{told:?}");
        }
    }
}
