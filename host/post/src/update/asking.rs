//! The appliance asks for an update when one waits and the lane is at rest. It can do no more than ask: a file in
//! memory changes, and systemd starts the installer (`mpaka-update.path`).

use super::journal::Ground;
use super::lane::Lane;
use super::staged::waiting;
use crate::state::{StateDir, run_folder};
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// How often to look whether something waits.
const LOOK: Duration = Duration::from_secs(60);
/// Asked once, how long until it is asked again.
const AGAIN: Duration = Duration::from_secs(600);

/// Asks for updates, for as long as it is polled; at once where one was cut off.
pub async fn keep_asking(ground: Ground, lane: Lane, state: StateDir) {
    // The file that an update locks is there before the first traveller comes.
    drop(lane.work());
    let mut asked: Option<Instant> = None;
    loop {
        if asked.is_none_or(|at| at.elapsed() >= AGAIN) && wanted(&ground, &lane, &state) {
            asked = Some(Instant::now());
            let file = run_folder().join("update-asked");
            if let Err(e) = std::fs::write(&file, Timestamp::now().to_string()) {
                tracing::warn!("{}: {e}", file.display());
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether the installer has something to do, and would find nobody at the desk.
fn wanted(ground: &Ground, lane: &Lane, state: &StateDir) -> bool {
    // A standing that is damaged says of nothing that it waits: the installer mends it.
    let is_damaged = ground.is_set_up() && ground.standing().is_err();
    (is_damaged || ground.is_under_way() || waiting(ground, state).is_some())
        && lane.close().is_ok_and(|closed| closed.is_some())
}
