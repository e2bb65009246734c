//! What this box says of its own health to headquarters: figures and named faults, and nothing of any person.

use crate::appliance::Appliance;
use crate::devices::case_was_opened;
use crate::drift_watch::{DriftHeld, word_of};
use crate::inspection::BoxCalibration;
use crate::lease::LeaseStanding;
use crate::state::StateDir;
use crate::update::{Ground, LastUpdate, Standing};
use calibration::sealed::{DRIFT_HOURS, drift_of, profile_of};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::EditionNumber;
use seal::durable::Readers;
use seal::health::{
    Counts, Drift, EditionHealth, HealthReport, OutboxHealth, SOFTWARE, SOFTWARE_NOT_TAKEN,
    SOFTWARE_REFUSED, SOFTWARE_ROLLED_BACK, SOFTWARE_SET_ASIDE, SOFTWARE_WHY, SignedHealth,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{LedgerEvent, LedgerLine, Note, StoreError};
use watchlist::Edition;

/// The file with the number of the last report.
const NUMBER: &str = "health-number";
/// So many lines of the ledger are counted at a time.
const STRIDE: usize = 1000;

/// Gathers reports; remembers how far it has counted. What happened is counted by the day (UTC).
#[derive(Debug, Default)]
pub struct Health {
    counts: Counts,
    day: Option<Date>,
    next_line: u64,
    refused_after: bool,
    edition: Option<EditionHealth>,
}

impl Health {
    /// How the box is at this moment.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read: the box is then worse than a report could say.
    pub fn report(
        &mut self,
        appliance: &Appliance,
        state: &StateDir,
        now: Timestamp,
    ) -> Result<SignedHealth, StoreError> {
        self.count(appliance, now)?;
        let outbox = appliance.outbox()?;
        let mut faults = BTreeSet::new();
        if self.refused_after {
            faults.insert("edition_refused".to_owned());
        }
        match self.edition(state) {
            Ok(()) => {}
            Err(()) => {
                faults.insert("search_down".to_owned());
            }
        }
        match appliance.hold_drift(now) {
            Ok(DriftHeld::InStep) => {}
            Ok(DriftHeld::Missing(_)) => {
                faults.insert("drift_record_missing".to_owned());
            }
            // A full disk takes no new line about a scan: the report is made all the same.
            Err(e) => tracing::debug!("the record of drift scans was not looked at: {e}"),
        }
        let updates = updates(&Ground::of_box());
        faults.extend(updates.fault.map(str::to_owned));
        let lease_until = match appliance.lease(now)? {
            LeaseStanding::Good { until } => Some(until),
            LeaseStanding::Lapsed { since } => Some(since),
            LeaseStanding::NotNeeded | LeaseStanding::Forged | LeaseStanding::Absent => None,
        };
        Ok(appliance.sign_health(HealthReport {
            post: appliance.post().post.clone(),
            number: next_number(state, now),
            made_at: now,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            versions: updates.versions,
            edition: self.edition.clone(),
            outbox: OutboxHealth {
                waiting: outbox.waiting,
                bytes: outbox.waiting_bytes,
                oldest: outbox.oldest,
            },
            drift: drift(state, now),
            tamper: case_was_opened(state.root()),
            lease_until,
            faults,
            counts: self.counts.clone(),
        }))
    }

    /// Counts the lines of the ledger that are new since the last report; a new day begins at nothing.
    fn count(&mut self, appliance: &Appliance, now: Timestamp) -> Result<(), StoreError> {
        let today = TimeZone::UTC.to_datetime(now).date();
        if self.day != Some(today) {
            let midnight = TimeZone::UTC
                .to_timestamp(today.at(0, 0, 0, 0))
                .unwrap_or(now);
            self.day = Some(today);
            self.counts = Counts::default();
            self.next_line = first_line_since(appliance, midnight)?;
        }
        loop {
            let lines = appliance.ledger_lines(self.next_line, STRIDE)?;
            let Some(last) = lines.last() else {
                return Ok(());
            };
            self.next_line = last.head.line + 1;
            lines.iter().for_each(|line| self.count_one(line));
        }
    }

    fn count_one(&mut self, line: &LedgerLine) {
        self.counts.since.get_or_insert(line.at);
        match &line.event {
            LedgerEvent::Encounter(encounter) => {
                self.counts.encounters += 1;
                let advice = encounter.advice.as_str().to_owned();
                *self.counts.advice.entry(advice).or_default() += 1;
                let against = encounter
                    .decision
                    .is_some_and(|decision| decision.disagrees_with(encounter.advice));
                self.counts.overrides += u64::from(against);
            }
            // What was refused stands until a later edition came into use.
            LedgerEvent::Note(Note::EditionRefused { .. }) => self.refused_after = true,
            LedgerEvent::Note(Note::EditionActivated { .. }) => self.refused_after = false,
            LedgerEvent::Note(_)
            | LedgerEvent::Receipt { .. }
            | LedgerEvent::Lost { .. }
            | LedgerEvent::Salvaged(_) => {}
        }
    }

    /// What the edition in use says of itself; read again only when another came into use.
    fn edition(&mut self, state: &StateDir) -> Result<(), ()> {
        let active = store::editions::active(state.root()).map_err(drop)?;
        let known: Option<EditionNumber> = self.edition.as_ref().map(|e| e.number);
        let Some(active) = active else {
            self.edition = None;
            return Ok(());
        };
        if known != Some(active.number) {
            self.edition = None;
            let opened = Edition::open(&active.folder).map_err(drop)?;
            self.edition = Some(EditionHealth {
                number: active.number,
                made_at: opened.info().made_at,
                expires_at: opened.info().expires_at,
            });
        }
        Ok(())
    }
}

/// What a report says of updates.
#[derive(Debug, Default, PartialEq, Eq)]
struct Updates {
    versions: BTreeMap<String, String>,
    fault: Option<&'static str>,
}

/// How the box stands with its updates; nothing on one that takes none.
fn updates(ground: &Ground) -> Updates {
    let mut told = match ground.standing() {
        Ok(standing) => told(&standing),
        Err(e) => {
            tracing::warn!("headquarters is not told of updates: {e}");
            Updates::default()
        }
    };
    let set_aside = ground.set_aside();
    if !set_aside.is_empty() {
        let name = SOFTWARE_SET_ASIDE.to_owned();
        told.versions.insert(name, set_aside.join(":"));
    }
    told
}

fn told(standing: &Standing) -> Updates {
    let mut told = Updates::default();
    let mut say = |name: &str, text: String| told.versions.insert(name.to_owned(), text);
    if let Some(version) = standing.installed {
        say(SOFTWARE, version.to_string());
    }
    // What was refused last came after what was installed last, or it would not be there any more.
    if let Some(refused) = &standing.refused {
        say(SOFTWARE_REFUSED, refused.version.to_string());
        say(SOFTWARE_WHY, refused.why.clone());
        told.fault = (!refused.is_of_the_box()).then_some(SOFTWARE_NOT_TAKEN);
    } else if let Some(LastUpdate::RolledBack { version, why, .. }) = &standing.last {
        say(SOFTWARE_REFUSED, version.to_string());
        say(SOFTWARE_WHY, why.to_string());
        told.fault = Some(SOFTWARE_ROLLED_BACK);
    }
    told
}

/// How far the box has drifted since it was calibrated, by its own signed record; what is not relied on, and a scan
/// that is too old, is unknown.
fn drift(state: &StateDir, now: Timestamp) -> Drift {
    let here = BoxCalibration::of_state(state.root());
    let Some(device) = here.device() else {
        return Drift::Unknown;
    };
    let last = profile_of(here.files(), &device, now)
        .ok()
        .flatten()
        .and_then(|signed| drift_of(here.files(), &device, &signed).ok())
        .and_then(|history| history.scans.last().map(|scan| (scan.at, scan.verdict)));
    match last {
        Some((at, _)) if now.duration_since(at).as_hours() > DRIFT_HOURS => Drift::Unknown,
        Some((_, verdict)) => word_of(verdict),
        None => Drift::Unknown,
    }
}

/// The first line of the ledger that is not older than a moment: found by halving, for a ledger may have
/// hundreds of thousands. Where the clock has stepped back, a line near it.
pub(crate) fn first_line_since(
    appliance: &Appliance,
    moment: Timestamp,
) -> Result<u64, StoreError> {
    let older = |line: u64| -> Result<bool, StoreError> {
        let found = appliance.ledger_lines(line, 1)?;
        Ok(found.first().is_some_and(|line| line.at < moment))
    };
    let mut high = 1;
    while older(high)? {
        high *= 2;
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if older(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// A number above all that this box has given out: by the clock, and by one where the clock stepped back.
fn next_number(state: &StateDir, now: Timestamp) -> u64 {
    let path = state.root().join(NUMBER);
    let last = match state.read(&path) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).trim().parse().unwrap_or(0),
        Ok(None) | Err(_) => 0,
    };
    let number = u64::try_from(now.as_second()).unwrap_or(0).max(last + 1);
    // Where it cannot be kept, the disk is full or gone: the next number by the clock will do.
    if let Err(e) = state.write(&path, number.to_string().as_bytes(), Readers::Anyone) {
        tracing::warn!("the number of the health report was not kept: {e}");
    }
    number
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use calibration::golden::Scan;
    use calibration::sealed::{Files, SignedProfile, record_drift, sign_profile};
    use calibration::verdict::{Figure, Tolerance};
    use jiff::SignedDuration;
    use page::Profile;
    use page::profile::{CameraModel, Glass};
    use seal::device::DeviceKey;

    /// A profile that was signed at this moment and holds as long as any.
    pub(crate) fn signed_at(now: Timestamp) -> SignedProfile {
        let unit = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        SignedProfile {
            made_at: now,
            valid_until: now + SignedDuration::from_hours(24 * 90),
            profile: Profile {
                camera: CameraModel {
                    size: [640, 480],
                    focal: [800.0, 800.0],
                    centre: [320.0, 240.0],
                    distortion: [0.0; 5],
                },
                glass: Glass {
                    to_pixels: [4.0, 0.0, 20.0, 0.0, 4.0, 20.0, 0.0, 0.0, 1.0],
                    area_mm: [0.0, 0.0, 125.0, 88.0],
                    dpi: 101.6,
                },
                fields: Vec::new(),
                colour: unit,
            },
            golden: Scan {
                size: [640, 480],
                marks: Vec::new(),
                mtf50: Vec::new(),
                per_mm: 4.0,
                lights: Vec::new(),
            },
            steps: Vec::new(),
        }
    }

    #[test]
    fn headquarters_hears_which_programs_a_box_runs_and_what_it_went_back_from() {
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground::at(folder.path());
        assert_eq!(updates(&ground), Updates::default());
        let standing = |last: &str, refused: &str| {
            let text = format!(
                r#"{{"layout":1,"installed":"0.1.0-1","previous":null,"last":{last},"refused":{refused}}}"#
            );
            std::fs::write(folder.path().join("standing.json"), text).unwrap();
            updates(&ground)
        };
        let fine = standing("null", "null");
        assert_eq!(
            (fine.versions[SOFTWARE].as_str(), fine.fault),
            ("0.1.0-1", None)
        );
        let last = r#"{"rolled_back":{"version":"0.2.0-1","to":"0.1.0-1","why":{"new_fault":"zone reader"},
            "at":"2026-11-29T08:00:00Z"}}"#;
        let back = standing(last, "null");
        assert_eq!(back.fault, Some(SOFTWARE_ROLLED_BACK));
        assert_eq!(back.versions[SOFTWARE_REFUSED], "0.2.0-1");
        assert_eq!(back.versions[SOFTWARE_WHY], "new_fault:zone-reader");
        let refused = r#"{"version":"0.3.0-1","why":"no_way_back","at":"2026-11-29T08:00:00Z"}"#;
        let not_taken = standing(last, refused);
        assert_eq!(not_taken.fault, Some(SOFTWARE_NOT_TAKEN));
        assert_eq!(not_taken.versions[SOFTWARE_REFUSED], "0.3.0-1");
        // A journal that was damaged says nothing of the release, and halts no wave.
        let damaged = refused.replace("no_way_back", "journal_damaged");
        let begun_again = standing("null", &damaged);
        assert_eq!(begun_again.fault, None);
        assert_eq!(begun_again.versions[SOFTWARE_WHY], "journal_damaged");
        // What was damaged and set aside is told, and is no fault of a release.
        std::fs::write(folder.path().join("journal.damaged"), "").unwrap();
        let mended = standing("null", "null");
        assert_eq!(mended.versions[SOFTWARE_SET_ASIDE], "journal");
        assert_eq!(mended.fault, None);
    }

    #[test]
    fn headquarters_hears_how_far_a_box_has_drifted_and_that_its_case_was_opened() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path());
        let now: Timestamp = "2026-11-29T08:00:00Z".parse().unwrap();
        assert_eq!(drift(&state, now), Drift::Unknown, "no key, no profile");
        let key = DeviceKey::open_or_create(&state.device_key()).unwrap();
        let signed = signed_at(now);
        let files = Files::of(folder.path());
        sign_profile(&files, &key, &signed).unwrap();
        assert_eq!(drift(&state, now), Drift::Unknown, "no scan yet");
        let limits = Tolerance::Drift {
            amber: 5.0,
            red: 10.0,
        };
        for (value, expected) in [
            (1.0, Drift::Within),
            (-6.0, Drift::Amber),
            (11.0, Drift::Red),
        ] {
            let figure = Figure::new("white_level", value, "%", limits, "clean the glass");
            record_drift(&files, &key, &signed, now, vec![figure]).unwrap();
            assert_eq!(drift(&state, now), expected);
        }
        let later = now + SignedDuration::from_hours(DRIFT_HOURS + 1);
        assert_eq!(drift(&state, later), Drift::Unknown, "too long ago");
        assert!(!case_was_opened(folder.path()));
        std::fs::write(folder.path().join("case-opened"), "").unwrap();
        assert!(case_was_opened(folder.path()));
    }
}
