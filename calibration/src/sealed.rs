//! What the box signs about itself: its profile with the golden scan and the figures behind it, and the
//! outcome of the last drift scan. Signed with the box's own key, so that a profile of another box, an edited
//! one or an old one is told.
//!
//! A file is JSON: `version`, `device` (the public key, hexadecimal), `body` (the signed words, JSON again) and
//! `signature` over exactly those words.

use crate::CalibrationError;
use crate::golden::Scan;
use crate::session::StepResult;
use crate::verdict::{Figure, Verdict, worst};
use jiff::{SignedDuration, Timestamp};
use page::Profile;
use seal::device::{DeviceKey, DevicePublic};
use seal::durable::{self, Readers};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The version that this program writes.
pub const VERSION: u16 = 1;
/// How long a profile holds, from the oldest measurement in it.
pub const VALID_DAYS: i64 = 90;
/// So many days before a profile ends a technician should come.
pub const DUE_DAYS: i64 = 7;
/// How long a drift scan holds: it is taken daily, and a weekend may lie between two.
pub const DRIFT_HOURS: i64 = 4 * 24;
/// No file of ours comes near this size, in bytes.
const LIMIT: u64 = 16 << 20;
/// How many drift scans are remembered.
const HISTORY: usize = 400;

const PROFILE: &str = "mpaka profile v1";
const DRIFT: &str = "mpaka drift v1";

/// Where the technician's files lie in a box's state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    folder: PathBuf,
    key: PathBuf,
}

impl Files {
    /// Those of a state folder.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self {
            folder: state.join("calibration"),
            key: state.join("device.key"),
        }
    }

    /// The same with the box's key elsewhere: one that is sealed at rest is unlocked into memory.
    #[must_use]
    pub fn with_key(self, key: PathBuf) -> Self {
        Self { key, ..self }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The signed profile.
    #[must_use]
    pub fn profile(&self) -> PathBuf {
        self.folder.join("profile.json")
    }

    /// The signed outcomes of the drift scans.
    #[must_use]
    pub fn drift(&self) -> PathBuf {
        self.folder.join("drift.json")
    }

    /// The profile before the present one, for comparison.
    #[must_use]
    pub fn before(&self) -> PathBuf {
        self.folder.join("profile-before.json")
    }

    /// The session under way.
    #[must_use]
    pub fn session(&self) -> PathBuf {
        self.folder.join("session.json")
    }

    /// The box's key.
    ///
    /// # Errors
    /// [`CalibrationError::Key`] where it is absent: enrol the box.
    pub fn device_key(&self) -> Result<DeviceKey, CalibrationError> {
        Ok(DeviceKey::open(&self.key)?)
    }

    /// Makes the folder.
    ///
    /// # Errors
    /// [`CalibrationError::Writing`].
    pub fn create(&self) -> Result<(), CalibrationError> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|source| CalibrationError::Writing {
                path: self.folder.clone(),
                source,
            })
    }
}

/// A profile as it is signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedProfile {
    /// When it was signed.
    pub made_at: Timestamp,
    /// Until when it holds.
    pub valid_until: Timestamp,
    /// The numbers.
    pub profile: Profile,
    /// The golden scan.
    pub golden: Scan,
    /// Every step that led to it.
    pub steps: Vec<StepResult>,
}

/// One drift scan's outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftScan {
    /// When it was taken.
    pub at: Timestamp,
    /// The worst of its figures.
    pub verdict: Verdict,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// The drift scans since the profile was signed, the oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftHistory {
    /// Of which profile: when that was signed.
    pub profile_made_at: Timestamp,
    /// The scans.
    pub scans: Vec<DriftScan>,
}

/// Why a signed file of the box is not relied on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Distrust {
    /// It cannot be read.
    #[error("the {what} cannot be read: {why}")]
    Unreadable {
        /// Which file.
        what: &'static str,
        /// What the system said.
        why: String,
    },
    /// It is not what this program writes.
    #[error("the {0} is damaged")]
    Damaged(&'static str),
    /// A newer program wrote it.
    #[error("the {what} has version {version}; this program reads up to {VERSION}")]
    Newer {
        /// Which file.
        what: &'static str,
        /// Its version.
        version: u16,
    },
    /// Another box signed it.
    #[error("the {0} is another box's")]
    Foreign(&'static str),
    /// Nobody signed it, or it was changed since.
    #[error("the {0} is not signed by this box")]
    Unsigned(&'static str),
    /// Its time is over.
    #[error("the profile was valid until {0}")]
    Expired(Timestamp),
    /// Its time has not begun: the clock is wrong.
    #[error("the profile is from {0}, after today: is the clock right?")]
    FromTheFuture(Timestamp),
    /// The box has drifted beyond the red limits.
    #[error("the box has drifted since it was calibrated: {0}")]
    Drifted(String),
}

impl Distrust {
    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Drifted(_) => {
                "mpaka-calibrate drift tells what: clean, seat, scan again; else calibrate again"
            }
            Self::FromTheFuture(_) => "set the clock",
            _ => "calibrate the box: mpaka-calibrate session",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    version: u16,
    device: DevicePublic,
    body: String,
    signature: String,
}

fn write_signed<T: Serialize>(
    path: &Path,
    purpose: &str,
    body: &T,
    key: &DeviceKey,
) -> Result<(), CalibrationError> {
    let body = serde_json::to_string(body).map_err(|e| CalibrationError::Output(e.into()))?;
    let envelope = Envelope {
        version: VERSION,
        device: key.public(),
        signature: hex::encode(key.sign(purpose, &[body.as_bytes()])),
        body,
    };
    let bytes =
        serde_json::to_vec_pretty(&envelope).map_err(|e| CalibrationError::Output(e.into()))?;
    durable::replace(path, &bytes, Readers::Anyone).map_err(|source| CalibrationError::Writing {
        path: path.to_owned(),
        source,
    })
}

/// Opens the words that this box signed for a purpose. Total: any bytes are answered.
fn open_signed<T: DeserializeOwned>(
    bytes: &[u8],
    purpose: &str,
    what: &'static str,
    device: &DevicePublic,
) -> Result<T, Distrust> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u16,
    }
    let damaged = |_| Distrust::Damaged(what);
    let Versioned { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version > VERSION {
        return Err(Distrust::Newer { what, version });
    }
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(damaged)?;
    if envelope.device != *device {
        return Err(Distrust::Foreign(what));
    }
    let signature = hex::decode(&envelope.signature)
        .ok()
        .and_then(|s| <[u8; 64]>::try_from(s).ok())
        .ok_or(Distrust::Unsigned(what))?;
    device
        .verify(purpose, &[envelope.body.as_bytes()], &signature, what)
        .map_err(|_| Distrust::Unsigned(what))?;
    serde_json::from_str(&envelope.body).map_err(damaged)
}

/// The bytes of a file; `None` where there is none.
fn read(path: &Path, what: &'static str) -> Result<Option<Vec<u8>>, Distrust> {
    let unreadable = |e: std::io::Error| Distrust::Unreadable {
        what,
        why: e.to_string(),
    };
    let file = match std::fs::File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unreadable)?,
    };
    let mut bytes = Vec::new();
    file.take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Distrust::Damaged(what));
    }
    Ok(Some(bytes))
}

/// Opens a profile's bytes: signed by this box, within its time, its numbers sound.
///
/// # Errors
/// [`Distrust`] says why it is not relied on.
pub fn open_profile(
    bytes: &[u8],
    device: &DevicePublic,
    now: Timestamp,
) -> Result<SignedProfile, Distrust> {
    let signed: SignedProfile = open_signed(bytes, PROFILE, "profile", device)?;
    // A clock may be a little behind the one that signed.
    if signed.made_at > now + SignedDuration::from_hours(24) {
        return Err(Distrust::FromTheFuture(signed.made_at));
    }
    if now > signed.valid_until {
        return Err(Distrust::Expired(signed.valid_until));
    }
    signed
        .profile
        .check()
        .map_err(|_| Distrust::Damaged("profile"))?;
    Ok(signed)
}

/// The box's profile; `None` where the box has never been calibrated.
///
/// # Errors
/// [`Distrust`] says why it is not relied on.
pub fn profile_of(
    files: &Files,
    device: &DevicePublic,
    now: Timestamp,
) -> Result<Option<SignedProfile>, Distrust> {
    read(&files.profile(), "profile")?
        .map(|bytes| open_profile(&bytes, device, now))
        .transpose()
}

/// The drift scans since a profile was signed; those of an earlier profile do not count.
///
/// # Errors
/// [`Distrust`] where the file is not this box's.
pub fn drift_of(
    files: &Files,
    device: &DevicePublic,
    of: &SignedProfile,
) -> Result<DriftHistory, Distrust> {
    let none = DriftHistory {
        profile_made_at: of.made_at,
        scans: Vec::new(),
    };
    let Some(bytes) = read(&files.drift(), "drift record")? else {
        return Ok(none);
    };
    let history: DriftHistory = open_signed(&bytes, DRIFT, "drift record", device)?;
    Ok(if history.profile_made_at == of.made_at {
        history
    } else {
        none
    })
}

/// The profile that an inspection may rely on: signed, of this box, in its time, and the box has not drifted
/// beyond the red limits since. `None` where the box has never been calibrated.
///
/// # Errors
/// [`Distrust`]: page checks then become `Undetermined`.
pub fn relied_on(
    files: &Files,
    device: &DevicePublic,
    now: Timestamp,
) -> Result<Option<SignedProfile>, Distrust> {
    let Some(signed) = profile_of(files, device, now)? else {
        return Ok(None);
    };
    let history = drift_of(files, device, &signed)?;
    match history.scans.last() {
        Some(last) if last.verdict == Verdict::Red => {
            let red: Vec<String> = last
                .figures
                .iter()
                .filter(|f| f.verdict == Verdict::Red)
                .map(|f| format!("{} {}", f.name, f.shown()))
                .collect();
            Err(Distrust::Drifted(red.join(", ")))
        }
        _ => Ok(Some(signed)),
    }
}

/// Signs a profile and puts it in the place of the last one.
///
/// # Errors
/// [`CalibrationError::Writing`], [`CalibrationError::Profile`] where its numbers make no sense.
pub fn sign_profile(
    files: &Files,
    key: &DeviceKey,
    signed: &SignedProfile,
) -> Result<(), CalibrationError> {
    signed.profile.check()?;
    files.create()?;
    // What holds now stays for comparison; where there is nothing, or nothing readable, there is nothing to keep.
    if let Ok(Some(bytes)) = read(&files.profile(), "profile") {
        let path = files.before();
        durable::replace(&path, &bytes, Readers::Anyone)
            .map_err(|source| CalibrationError::Writing { path, source })?;
    }
    write_signed(&files.profile(), PROFILE, signed, key)
}

/// The profile that this box signed last, whatever its age; `None` where it signed none.
#[must_use]
pub fn last(files: &Files, device: &DevicePublic) -> Option<SignedProfile> {
    of_any_age(&files.profile(), device)
}

/// The profile before the present one, whatever its age; `None` where this box signed none.
#[must_use]
pub fn before(files: &Files, device: &DevicePublic) -> Option<SignedProfile> {
    of_any_age(&files.before(), device)
}

fn of_any_age(path: &Path, device: &DevicePublic) -> Option<SignedProfile> {
    let bytes = read(path, "profile").ok().flatten()?;
    open_signed(&bytes, PROFILE, "profile", device).ok()
}

/// Adds a drift scan's outcome to the box's record and signs it.
///
/// # Errors
/// [`CalibrationError::Writing`].
pub fn record_drift(
    files: &Files,
    key: &DeviceKey,
    of: &SignedProfile,
    at: Timestamp,
    figures: Vec<Figure>,
) -> Result<DriftScan, CalibrationError> {
    // A record that cannot be relied on is begun anew: the scan that is taken now is what counts.
    let mut history = drift_of(files, &key.public(), of).unwrap_or(DriftHistory {
        profile_made_at: of.made_at,
        scans: Vec::new(),
    });
    let scan = DriftScan {
        at,
        verdict: worst(&figures),
        figures,
    };
    history.scans.push(scan.clone());
    let too_many = history.scans.len().saturating_sub(HISTORY);
    history.scans.drain(..too_many);
    files.create()?;
    write_signed(&files.drift(), DRIFT, &history, key)?;
    Ok(scan)
}
