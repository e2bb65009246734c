//! The record of drift scans, held against the ledger.
//!
//! The record lies in the state folder, signed by the box: nobody else can change it, but whoever has the disk can take
//! it away, and with it the red scan that keeps the page's checks open. So the ledger, which headquarters counter-signs,
//! says when the box was scanned: a scan that the ledger has and the record lacks was taken away.

use crate::appliance::Appliance;
use crate::health::first_line_since;
use crate::inspection::BoxCalibration;
use crate::state::StateDir;
use calibration::sealed::{DriftScan, VALID_DAYS, drift_of, profile_of};
use calibration::verdict::Verdict;
use jiff::{SignedDuration, Timestamp};
use seal::health::Drift;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use store::{LedgerEvent, Note, StoreError};

/// So many lines of the ledger are read at a time.
const STRIDE: usize = 1000;
/// How often the record is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// A drift scan as the ledger knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scanned {
    /// Of which profile: when that was signed.
    profile: Timestamp,
    /// When it was taken.
    at: Timestamp,
    /// What came of it.
    drift: Drift,
}

impl Scanned {
    /// Whether the box has this scan no more. Scans of a profile that a later one has replaced count no more.
    fn is_missing(&self, profile: Option<Timestamp>, scans: &[DriftScan]) -> bool {
        match profile {
            None => true,
            Some(made_at) if made_at > self.profile => false,
            Some(made_at) if made_at < self.profile => true,
            Some(_) => !scans.iter().any(|scan| scan.at == self.at),
        }
    }
}

/// For the technician.
impl fmt::Display for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the ledger has a drift scan of {} ({}) and the record has it no more: the record or its profile was taken away",
            self.at,
            self.drift.as_str()
        )
    }
}

/// What came of holding the record against the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftHeld {
    /// Nothing is missing.
    InStep,
    /// This scan is.
    Missing(Scanned),
}

/// What the ledger says of drift scans, as far as it has been read.
#[derive(Debug, Default)]
pub(crate) struct DriftWatch {
    next_line: Option<u64>,
    last: Option<Scanned>,
}

impl DriftWatch {
    /// Holds the record against the ledger, and writes into the ledger the newest scan that it does not have yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn hold(
        &mut self,
        appliance: &Appliance,
        state: &StateDir,
        now: Timestamp,
    ) -> Result<DriftHeld, StoreError> {
        self.follow(appliance, now)?;
        let here = BoxCalibration::of_state(state.root());
        let Some(device) = here.device() else {
            return Ok(DriftHeld::InStep);
        };
        // What is not relied on is said as such, and leaves the page's checks open.
        let Ok(signed) = profile_of(here.files(), &device, now) else {
            return Ok(DriftHeld::InStep);
        };
        let scans = match &signed {
            None => Vec::new(),
            Some(signed) => match drift_of(here.files(), &device, signed) {
                Ok(history) => history.scans,
                Err(_) => return Ok(DriftHeld::InStep),
            },
        };
        let profile = signed.map(|signed| signed.made_at);
        if let Some(known) = self.last.filter(|known| known.is_missing(profile, &scans)) {
            return Ok(DriftHeld::Missing(known));
        }
        if let (Some(profile), Some(scan)) = (profile, scans.last())
            && self.last.is_none_or(|known| known.at != scan.at)
        {
            appliance.note(Note::DriftScanned {
                profile,
                at: scan.at,
                drift: word_of(scan.verdict),
            })?;
        }
        Ok(DriftHeld::InStep)
    }

    /// Reads what the ledger has said since; at first as far back as a profile can hold.
    fn follow(&mut self, appliance: &Appliance, now: Timestamp) -> Result<(), StoreError> {
        let mut next = match self.next_line {
            Some(line) => line,
            None => {
                let longest = SignedDuration::from_hours(24 * VALID_DAYS);
                first_line_since(appliance, now.saturating_sub(longest).unwrap_or(now))?
            }
        };
        loop {
            let lines = appliance.ledger_lines(next, STRIDE)?;
            let Some(last) = lines.last() else {
                self.next_line = Some(next);
                return Ok(());
            };
            next = last.head.line + 1;
            for line in &lines {
                if let LedgerEvent::Note(Note::DriftScanned { profile, at, drift }) = &line.event {
                    self.last = Some(Scanned {
                        profile: *profile,
                        at: *at,
                        drift: *drift,
                    });
                }
            }
        }
    }
}

/// A scan's verdict in headquarters' words.
pub(crate) fn word_of(verdict: Verdict) -> Drift {
    match verdict {
        Verdict::Green => Drift::Within,
        Verdict::Amber => Drift::Amber,
        Verdict::Red => Drift::Red,
    }
}

/// Holds the record against the ledger for as long as it is polled, and says once what is missing.
pub(crate) async fn keep_holding_drift(appliance: Arc<Appliance>) {
    let mut said = None;
    loop {
        match tokio::task::block_in_place(|| appliance.hold_drift(Timestamp::now())) {
            Ok(DriftHeld::InStep) => said = None,
            Ok(DriftHeld::Missing(scan)) => {
                if said.replace(scan) != Some(scan) {
                    tracing::error!("{scan}");
                }
            }
            Err(e) => tracing::warn!("the record of drift scans was not looked at: {e}"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::health::tests::signed_at;
    use crate::state::PostFile;
    use calibration::sealed::{Files, SignedProfile, record_drift, sign_profile};
    use calibration::verdict::{Figure, Tolerance};
    use rules::{LaneId, PostId};
    use seal::device::DeviceKey;
    use seal::hq::HqPrivate;
    use seal::storekey::StoreKey;

    struct Calibrated {
        _folder: tempfile::TempDir,
        state: StateDir,
        files: Files,
        key: DeviceKey,
        signed: SignedProfile,
        /// The ledger's lines are of the day on which this runs.
        start: Timestamp,
    }

    impl Calibrated {
        fn new() -> Self {
            let start = Timestamp::now();
            let folder = tempfile::tempdir().unwrap();
            let state = StateDir::new(folder.path().join("state"));
            state.create().unwrap();
            let key = DeviceKey::open_or_create(&state.device_key()).unwrap();
            StoreKey::open_or_create(&state.store_key()).unwrap();
            let hq = HqPrivate::open_or_create(&folder.path().join("hq-private.json")).unwrap();
            hq.public().write(&state.hq_public()).unwrap();
            state
                .write_post(&PostFile {
                    version: PostFile::VERSION,
                    post: PostId::new("GATE").unwrap(),
                    lane: LaneId::new("2").unwrap(),
                    time_zone: None,
                })
                .unwrap();
            let (files, signed) = (Files::of(state.root()), signed_at(start));
            sign_profile(&files, &key, &signed).unwrap();
            Self {
                _folder: folder,
                state,
                files,
                key,
                signed,
                start,
            }
        }

        /// So many hours after the box was calibrated.
        fn after(&self, hours: i64) -> Timestamp {
            self.start + SignedDuration::from_hours(hours)
        }

        fn scan(&self, hours: i64, value: f64) {
            let at = self.after(hours);
            let limits = Tolerance::Drift {
                amber: 5.0,
                red: 10.0,
            };
            let figure = Figure::new("white_level", value, "%", limits, "clean the glass");
            record_drift(&self.files, &self.key, &self.signed, at, vec![figure]).unwrap();
        }

        /// As a program that has just started sees it.
        fn held(&self, hours: i64) -> DriftHeld {
            let now = self.after(hours);
            let appliance = Appliance::open(&self.state).unwrap();
            let held = appliance.hold_drift(now).unwrap();
            // Looking again finds the same, and writes nothing twice.
            let lines = appliance.ledger_lines(1, 100).unwrap().len();
            assert_eq!(appliance.hold_drift(now).unwrap(), held);
            assert_eq!(appliance.ledger_lines(1, 100).unwrap().len(), lines);
            held
        }
    }

    #[test]
    fn a_drift_record_that_was_taken_away_is_missed_until_the_box_is_calibrated_anew() {
        let here = Calibrated::new();
        assert_eq!(here.held(0), DriftHeld::InStep, "never scanned");
        here.scan(1, 1.0);
        assert_eq!(here.held(1), DriftHeld::InStep);
        let green = std::fs::read(here.files.drift()).unwrap();
        here.scan(2, 11.0);
        assert_eq!(here.held(2), DriftHeld::InStep);
        let red = DriftHeld::Missing(Scanned {
            profile: here.start,
            at: here.after(2),
            drift: Drift::Red,
        });
        // Yesterday's record in the place of today's, and none at all.
        std::fs::write(here.files.drift(), &green).unwrap();
        assert_eq!(here.held(3), red);
        std::fs::remove_file(here.files.drift()).unwrap();
        assert_eq!(here.held(3), red);
        // Another scan brings back nothing that was taken away.
        here.scan(4, 1.0);
        assert_eq!(here.held(4), red);
        // Nor is the profile taken away unnoticed.
        std::fs::remove_file(here.files.profile()).unwrap();
        assert_eq!(here.held(5), red);
        sign_profile(&here.files, &here.key, &signed_at(here.after(6))).unwrap();
        assert_eq!(here.held(6), DriftHeld::InStep);
        // After as long as a profile can hold it is of no account.
        std::fs::remove_file(here.files.profile()).unwrap();
        let long_after = 24 * (VALID_DAYS + 400);
        assert_eq!(here.held(long_after), DriftHeld::InStep);
    }
}
