//! Uploading beside the desk: at once after each decision, and again with longer waits while it fails.

use super::{Backoff, Headquarters};
use crate::appliance::Appliance;
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

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

/// Sends what waits, for as long as it is polled. A failure is said once; the next success too.
pub async fn keep_uploading(
    headquarters: Headquarters,
    appliance: Arc<Appliance>,
    background: Background,
) {
    let mut backoff = Backoff::default();
    let mut failing = false;
    loop {
        let wait = match headquarters.upload(&appliance).await {
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
                backoff.after_failure(chance())
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

/// A random number; where the system has none, posts merely come back together.
fn chance() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_or(0, |()| u64::from_le_bytes(bytes))
}
