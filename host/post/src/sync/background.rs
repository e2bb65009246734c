//! Uploading beside the desk: at once after each decision, and again with longer waits while it fails.

use super::{Backoff, Headquarters, UploadError, Uploaded, policy_of_box};
use crate::appliance::Appliance;
use crate::health::Health;
use crate::state::StateDir;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::StoreError;
use tokio::sync::Notify;

/// Whoever asks for patience longer than this, headquarters or what stands before it, is asked again all the same.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// Without a decision, how often to look whether something waits.
const IDLE: Duration = Duration::from_secs(60);

/// The way to a running upload task.
#[derive(Debug, Clone, Default)]
pub struct Background {
    something_waits: Arc<Notify>,
}

impl Background {
    /// Something new waits to be sent.
    pub fn wake(&self) {
        self.something_waits.notify_one();
    }
}

/// How often headquarters is told where the ledger stands, and renews the lease, while it can be reached.
const CONTACT: Duration = Duration::from_secs(3600);

/// Sends what waits and renews the lease, for as long as it is polled. A failure is said once; the next
/// success too.
pub async fn keep_uploading(
    headquarters: Headquarters,
    appliance: Arc<Appliance>,
    background: Background,
) {
    let mut backoff = Backoff::default();
    let mut failing = false;
    let mut heard: Option<Instant> = None;
    loop {
        let wait = match synchronise(&headquarters, &appliance, &mut heard).await {
            Ok(done) => {
                if failing {
                    tracing::warn!("headquarters answers again; {} records sent", done.sent);
                }
                failing = false;
                backoff.success();
                IDLE
            }
            Err(e) => {
                if !failing {
                    tracing::warn!("records wait: {e}");
                }
                failing = true;
                patience(backoff.after_failure(chance()), e.again_after())
            }
        };
        if failing {
            // A new decision does not shorten the wait: the link is not there.
            tokio::time::sleep(wait).await;
        } else {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = background.something_waits.notified() => {}
            }
        }
    }
}

/// How long to wait after a failure: no shorter than was asked for, within reason.
fn patience(backoff: Duration, asked: Option<Duration>) -> Duration {
    backoff.max(asked.unwrap_or_default().min(LONGEST_ASKED))
}

async fn synchronise(
    headquarters: &Headquarters,
    appliance: &Appliance,
    heard: &mut Option<Instant>,
) -> Result<Uploaded, UploadError> {
    if heard.is_none_or(|at| at.elapsed() >= CONTACT) {
        match headquarters.contact(appliance).await {
            Ok(()) => *heard = Some(Instant::now()),
            // What makes room on a full disk is receipts: they come first, and the contact again after them.
            Err(UploadError::Store(e @ StoreError::DiskFull)) => {
                tracing::warn!("headquarters' word was not kept: {e}");
            }
            Err(e) => return Err(e),
        }
    }
    headquarters.upload(appliance).await
}

/// How often a box says how it is, while it can be reached.
const REPORT: Duration = Duration::from_secs(300);

/// Reports the box's health, for as long as it is polled. A report that does not arrive is not sent again: the
/// next one says more.
pub async fn keep_reporting(
    headquarters: Headquarters,
    appliance: Arc<Appliance>,
    state: StateDir,
) {
    let mut health = Health::default();
    loop {
        let made =
            tokio::task::block_in_place(|| health.report(&appliance, &state, Timestamp::now()));
        let sent = match made {
            Ok(report) => headquarters.report(&report).await,
            Err(e) => Err(e.into()),
        };
        if let Err(e) = sent {
            tracing::debug!("headquarters was not told how this box is: {e}");
        }
        tokio::time::sleep(REPORT).await;
    }
}

/// How often records are looked over for those whose time is over.
const LOOK_OVER: Duration = Duration::from_secs(3600);

/// Erases records whose time is over, by the policy in force, for as long as it is polled.
pub async fn keep_erasing(appliance: Arc<Appliance>, state: StateDir) {
    loop {
        let erased = tokio::task::block_in_place(|| {
            appliance.erase_expired(&policy_of_box(state.root()), Timestamp::now())
        });
        match erased {
            Ok(0) => {}
            Ok(erased) => tracing::info!("{erased} records were erased: their time was over"),
            Err(e) => tracing::warn!("records whose time is over stay for now: {e}"),
        }
        tokio::time::sleep(LOOK_OVER).await;
    }
}

/// A random number; where the system has none, posts merely come back together.
pub(super) fn chance() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_or(0, |()| u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_waited_and_never_for_ever() {
        let second = Duration::from_secs(1);
        assert_eq!(patience(second, None), second);
        assert_eq!(patience(second, Some(30 * second)), 30 * second);
        assert_eq!(patience(40 * second, Some(30 * second)), 40 * second);
        let for_ever = Duration::from_secs(u64::MAX);
        assert_eq!(patience(second, Some(for_ever)), LONGEST_ASKED);
    }
}
