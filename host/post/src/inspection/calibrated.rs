//! The box's calibration as an inspection uses it: pictures of the box's own camera are set right by the profile;
//! where the profile is not to be relied on, what was asked of the page stays open.

use crate::state::StateDir;
use calibration::sealed::{Distrust, Files, relied_on};
use jiff::Timestamp;
use page::profile::{Correction, Light};
use page::{Lamps, Picture};
use rules::{Check, CheckGroup, Outcome};
use seal::device::{DeviceKey, DevicePublic};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Where a box keeps its profile, and what was last made of it.
#[derive(Debug)]
pub struct BoxCalibration {
    files: Files,
    /// Where the box's key lies: in memory, where its keys are sealed.
    state: StateDir,
    ready: Mutex<Option<(Timestamp, Arc<Correction>)>>,
}

/// How far a box's profile is to be relied on at one moment.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The box has never been calibrated: pictures are read as they are.
    Uncalibrated,
    /// Pictures of its camera are set right by this.
    Calibrated(Arc<Correction>),
    /// There is a profile, and this is why it is not relied on.
    Distrusted(Distrust),
}

impl BoxCalibration {
    /// That of a state folder.
    #[must_use]
    pub fn of_state(state: &Path) -> Self {
        let state = StateDir::new(state);
        Self {
            files: Files::of(state.root()).with_key(state.device_key()),
            state,
            ready: Mutex::new(None),
        }
    }

    /// How far the profile is to be relied on now: it is read each time, for drift is scanned and profiles are
    /// signed while the desk is open.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let Some(device) = self.device() else {
            // A box that was not enrolled can have signed nothing.
            return Standing::Uncalibrated;
        };
        match relied_on(&self.files, &device, now) {
            Ok(None) => Standing::Uncalibrated,
            Err(distrust) => Standing::Distrusted(distrust),
            Ok(Some(signed)) => {
                let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((of, correction)) = ready.as_ref()
                    && *of == signed.made_at
                {
                    return Standing::Calibrated(Arc::clone(correction));
                }
                match Correction::of(signed.profile) {
                    Ok(correction) => {
                        let correction = Arc::new(correction);
                        *ready = Some((signed.made_at, Arc::clone(&correction)));
                        Standing::Calibrated(correction)
                    }
                    Err(_) => Standing::Distrusted(Distrust::Damaged("profile")),
                }
            }
        }
    }

    /// The lights in which the box was measured, where its profile is relied on now.
    #[must_use]
    pub fn measured(&self, now: Timestamp) -> Vec<Light> {
        let relied = self
            .device()
            .and_then(|device| relied_on(&self.files, &device, now).ok().flatten());
        relied.map_or_else(Vec::new, |signed| {
            signed.profile.fields.iter().map(|f| f.light).collect()
        })
    }

    /// The technician's files.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The box's public key.
    #[must_use]
    pub fn device(&self) -> Option<DevicePublic> {
        let key = DeviceKey::open(&self.state.device_key());
        key.ok().map(|key| key.public())
    }
}

impl Standing {
    /// A picture set right. One of another size was not taken by the box's camera (a file from elsewhere) and stays
    /// as it is.
    fn correct(&self, picture: Picture, light: Light) -> Picture {
        match self {
            Self::Calibrated(correction) => correction.apply(&picture, light).unwrap_or(picture),
            _ => picture,
        }
    }

    /// Whether a picture is of the box's camera, and would be set right.
    #[must_use]
    pub fn is_of(&self, picture: &Picture) -> bool {
        match self {
            Self::Calibrated(correction) => {
                correction.profile().camera.size == [picture.width(), picture.height()]
            }
            Self::Uncalibrated | Self::Distrusted(_) => false,
        }
    }

    /// The page's pictures set right: all of them, or none, for they must show the page in the same place.
    #[must_use]
    pub fn correct_all(&self, page: Picture, lamps: Lamps) -> (Picture, Lamps) {
        let right = |picture: Option<Picture>, light| picture.map(|p| self.correct(p, light));
        let lamps = Lamps {
            infrared: right(lamps.infrared, Light::Infrared),
            ultraviolet: right(lamps.ultraviolet, Light::Ultraviolet),
        };
        (self.correct(page, Light::White), lamps)
    }

    /// What was asked of the page stays open where the box's eye is not to be relied on: never `Failed`, and not
    /// `Successful` either.
    pub fn judge(&self, checks: &mut [Check]) {
        let Self::Distrusted(distrust) = self else {
            return;
        };
        for check in checks {
            let answered = matches!(check.outcome, Outcome::Successful | Outcome::Failed);
            if check.check.group() == CheckGroup::Page && answered {
                *check = Check::new(check.check, Outcome::Undetermined, distrust.to_string())
                    .saying("detail-distrusted", []);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::health::tests::signed_at;
    use calibration::sealed::sign_profile;
    use jiff::SignedDuration;
    use page::profile::LampField;
    use rules::CheckId;

    #[test]
    fn a_box_is_measured_in_the_lights_of_its_profile_for_as_long_as_that_is_relied_on() {
        let folder = tempfile::tempdir().unwrap();
        let here = BoxCalibration::of_state(folder.path());
        let now: Timestamp = "2026-11-29T08:00:00Z".parse().unwrap();
        assert!(here.measured(now).is_empty(), "no key, no profile");
        let key = DeviceKey::open_or_create(&StateDir::new(folder.path()).device_key()).unwrap();
        assert!(here.measured(now).is_empty(), "never calibrated");
        let mut signed = signed_at(now);
        signed.profile.fields = [Light::White, Light::Infrared]
            .map(|light| LampField {
                light,
                columns: 2,
                rows: 2,
                gains: vec![1.0; 4],
            })
            .into();
        sign_profile(here.files(), &key, &signed).unwrap();
        assert_eq!(here.measured(now), [Light::White, Light::Infrared]);
        let too_old = signed.valid_until + SignedDuration::from_hours(24);
        assert!(here.measured(too_old).is_empty(), "no longer relied on");
    }

    #[test]
    fn a_distrusted_profile_leaves_page_checks_open_and_others_alone() {
        let all = |outcome| {
            CheckId::ALL
                .iter()
                .map(|id| Check::new(*id, outcome, "as it was"))
                .collect::<Vec<_>>()
        };
        let standing = Standing::Distrusted(Distrust::Foreign("profile"));
        for outcome in [Outcome::Successful, Outcome::Failed] {
            let mut checks = all(outcome);
            standing.judge(&mut checks);
            for check in &checks {
                let page = check.check.group() == CheckGroup::Page;
                let expected = if page { Outcome::Undetermined } else { outcome };
                assert_eq!(check.outcome, expected, "{:?}", check.check);
                assert_eq!(check.detail == "the profile is another box's", page);
            }
        }
        for outcome in [
            Outcome::NotSupported,
            Outcome::Undetermined,
            Outcome::Aborted,
        ] {
            let mut checks = all(outcome);
            standing.judge(&mut checks);
            assert_eq!(checks, all(outcome));
        }
        let mut checks = all(Outcome::Failed);
        Standing::Uncalibrated.judge(&mut checks);
        assert_eq!(checks, all(Outcome::Failed));
    }
}
