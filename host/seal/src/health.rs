//! What a box says of its own health, signed by the box: figures and named faults, and nothing of any person.
//!
//! On the wire a CBOR array `[version, report, signature]`, the report itself CBOR in a byte string that is
//! kept as it came, so that headquarters can show the signed word of the box again.

use crate::device::{DeviceKey, DevicePublic};
use crate::{SealError, wire};
use jiff::Timestamp;
use rules::{EditionNumber, PostId};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::collections::{BTreeMap, BTreeSet};

/// The most that a report may measure on the wire, in bytes.
pub const HEALTH_LIMIT: usize = 16 * 1024;
/// The most versions, faults or groups that a report names.
const MOST_NAMES: usize = 64;
/// The most characters of a name in a report.
const LONGEST_NAME: usize = 64;

/// The name in [`HealthReport::versions`] of the packages' version: of those that the box's updates installed.
pub const SOFTWARE: &str = "software";
/// The name there of a version that the box went back from, or did not take.
pub const SOFTWARE_REFUSED: &str = "software_refused";
/// The name there of the reason: one word, or a word, a colon and what it is about.
pub const SOFTWARE_WHY: &str = "software_why";
/// The reason there of a box whose disk is too full for the version.
pub const NO_ROOM: &str = "no_room";
/// The name there of the files of updates that were damaged and set aside, with a colon between.
pub const SOFTWARE_SET_ASIDE: &str = "software_set_aside";
/// The fault of a box that went back from a version to the one before.
pub const SOFTWARE_ROLLED_BACK: &str = "software_rolled_back";
/// The fault of a box that could not begin to install a version.
pub const SOFTWARE_NOT_TAKEN: &str = "software_not_taken";

const VERSION: u64 = 1;
const SIGNATURE: &str = "mpaka health v1";
const WHAT: &str = "health report";

/// The edition that a box searches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionHealth {
    /// Its number.
    pub number: EditionNumber,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it should have been replaced.
    pub expires_at: Timestamp,
}

/// What waits to be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxHealth {
    /// Parcels that wait.
    pub waiting: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// When the oldest was sealed.
    pub oldest: Option<Timestamp>,
}

/// How far the box is from its golden scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Not measured, or no profile.
    Unknown,
    /// Within tolerance.
    Within,
    /// Beyond the first limit.
    Amber,
    /// Beyond the second: the page checks say Undetermined.
    Red,
}

impl Drift {
    /// The name used in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Within => "within",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// What happened at the box since a moment, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Since when; absent where nothing was counted.
    pub since: Option<Timestamp>,
    /// Encounters recorded.
    pub encounters: u64,
    /// Of those decided, the ones decided against the advice.
    pub overrides: u64,
    /// Encounters by advice.
    pub advice: BTreeMap<String, u64>,
}

/// One report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthReport {
    /// The box's post.
    pub post: PostId,
    /// Counts up with every report of this box: an older one is not taken for a newer.
    pub number: u64,
    /// When it was made, by the box's clock.
    pub made_at: Timestamp,
    /// The program's version.
    pub program: String,
    /// Versions and digests of other parts (models, profile), by name.
    pub versions: BTreeMap<String, String>,
    /// The edition in use.
    pub edition: Option<EditionHealth>,
    /// What waits to be sent.
    pub outbox: OutboxHealth,
    /// Distance from the golden scan.
    pub drift: Drift,
    /// Whether the lid has been opened since a technician last cleared it.
    pub tamper: bool,
    /// Until when the box may work without hearing from headquarters.
    pub lease_until: Option<Timestamp>,
    /// Named faults that stand now: `edition_refused`, `search_down`, `disk_low`, ...
    pub faults: BTreeSet<String>,
    /// What happened, counted.
    pub counts: Counts,
}

#[derive(Serialize, Deserialize)]
struct Wire(u64, ByteBuf, ByteArray<64>);

/// A report with its signature, read and not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHealth {
    report: HealthReport,
    bytes: Vec<u8>,
    signature: [u8; 64],
}

impl HealthReport {
    /// Signs it.
    #[must_use]
    pub fn sign(self, key: &DeviceKey) -> SignedHealth {
        let bytes = wire::encode(&self);
        let signature = key.sign(SIGNATURE, &[&bytes]);
        SignedHealth {
            report: self,
            bytes,
            signature,
        }
    }

    /// Few names, short ones, of letters, digits, `-`, `_`, `.` and `:`: what reaches a page and a file of
    /// figures cannot be anything else.
    fn plain(&self) -> bool {
        let plain = |name: &str| {
            (1..=LONGEST_NAME).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.:+".contains(&b))
        };
        self.versions.len() <= MOST_NAMES
            && self.faults.len() <= MOST_NAMES
            && self.counts.advice.len() <= MOST_NAMES
            && plain(&self.program)
            && self.versions.iter().all(|(k, v)| plain(k) && plain(v))
            && self.faults.iter().all(|name| plain(name))
            && self.counts.advice.keys().all(|name| plain(name))
    }
}

impl SignedHealth {
    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(&Wire(
            VERSION,
            ByteBuf::from(self.bytes.clone()),
            ByteArray::new(self.signature),
        ))
    }

    /// Reads the wire form. Checks its shape, not its signature.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let Wire(version, bytes, signature) = wire::decode_exact(bytes, HEALTH_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        let report: HealthReport = wire::decode(&bytes, HEALTH_LIMIT, WHAT)?;
        if !report.plain() {
            return Err(SealError::Malformed { what: WHAT });
        }
        Ok(Self {
            report,
            bytes: bytes.into_vec(),
            signature: signature.into_array(),
        })
    }

    /// Whose report it says it is. Trust nothing else of it before [`SignedHealth::verify`].
    #[must_use]
    pub fn post(&self) -> &PostId {
        &self.report.post
    }

    /// The report itself, for one that was verified when it was taken.
    #[must_use]
    pub fn into_report(self) -> HealthReport {
        self.report
    }

    /// The report, where this box signed it.
    ///
    /// # Errors
    /// [`SealError::SignatureWrong`].
    pub fn verify(&self, device: &DevicePublic) -> Result<&HealthReport, SealError> {
        device.verify(SIGNATURE, &[&self.bytes], &self.signature, WHAT)?;
        Ok(&self.report)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn report() -> HealthReport {
        HealthReport {
            post: PostId::new("NAMANGA").unwrap(),
            number: 7,
            made_at: "2026-11-29T07:00:00Z".parse().unwrap(),
            program: "0.1.0".into(),
            versions: [("zone".to_owned(), "sha256:0123".to_owned())].into(),
            edition: Some(EditionHealth {
                number: EditionNumber(3),
                made_at: "2026-11-28T07:00:00Z".parse().unwrap(),
                expires_at: "2026-12-28T07:00:00Z".parse().unwrap(),
            }),
            outbox: OutboxHealth::default(),
            drift: Drift::Within,
            tamper: false,
            lease_until: None,
            faults: ["disk_low".to_owned()].into(),
            counts: Counts::default(),
        }
    }

    #[test]
    fn a_report_is_believed_only_as_the_box_signed_it() {
        let folder = tempfile::tempdir().unwrap();
        let key = DeviceKey::open_or_create(&folder.path().join("a")).unwrap();
        let other = DeviceKey::open_or_create(&folder.path().join("b")).unwrap();
        let bytes = report().sign(&key).to_bytes();
        let read = SignedHealth::from_bytes(&bytes).unwrap();
        assert_eq!(*read.verify(&key.public()).unwrap(), report());
        assert!(read.verify(&other.public()).is_err());
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let believed = SignedHealth::from_bytes(&altered)
                .is_ok_and(|read| read.verify(&key.public()).is_ok());
            assert!(!believed, "byte {at}");
        }
    }

    #[test]
    fn names_that_would_break_a_page_or_a_table_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let key = DeviceKey::open_or_create(&folder.path().join("a")).unwrap();
        for odd in ["<script>", "a b", "a\"b", "a\nb", "", &"x".repeat(65)] {
            let mut hostile = report();
            hostile.faults = [odd.to_owned()].into();
            let bytes = hostile.sign(&key).to_bytes();
            assert!(SignedHealth::from_bytes(&bytes).is_err(), "{odd:?}");
        }
    }
}
