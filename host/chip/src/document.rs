//! A chip's files as one document: gathered from a reader or a folder, and judged together with the page.

use crate::agreement::zones_agree;
use crate::answers::Why;
use crate::conformance;
use crate::error::ChipError;
use crate::files::{FaceImage, FileId, SecurityInfos, face, zone};
use crate::passive::{Policy, Signed, Verification};
use crate::tlv::{Fault, TlvError};
use crate::trust::TrustStore;
use crate::trust::store::read;
use jiff::civil::Date;
use rules::check::outcome_of;
use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};
use std::collections::BTreeMap;
use std::path::Path;

/// Files of a folder beyond this many are not looked at: a chip has at most twenty.
const MOST_FILES: usize = 200;

/// The elementary files of one chip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// The files' bytes as they stand on the chip.
    pub files: BTreeMap<FileId, Vec<u8>>,
    /// What is no elementary file or cannot be read: its name in the folder, and why.
    pub faults: Vec<(String, ChipError)>,
}

impl Files {
    /// The files in a folder, told apart by their tags, whatever their names. Folders within are not
    /// looked into.
    ///
    /// # Errors
    /// [`ChipError::Unreadable`] where the folder cannot be read. What one file of it lacks is a fault.
    pub fn open_folder(folder: &Path) -> Result<Self, ChipError> {
        let unreadable = |error: std::io::Error| ChipError::Unreadable {
            path: folder.into(),
            why: error.kind(),
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_file() {
                paths.push(path);
            }
        }
        paths.sort();
        paths.truncate(MOST_FILES);
        let mut files = Self::default();
        for path in paths {
            let name = path
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            match read(&path) {
                Ok(bytes) => files.add(name, bytes),
                Err(error) => files.faults.push((name, error)),
            }
        }
        Ok(files)
    }

    /// Takes in one file. `name` is for messages only.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        let identified = FileId::identify(&bytes).map(|(id, _)| id).and_then(|id| {
            // Any certificate begins as EF.CardSecurity does.
            if id == FileId::CardSecurity {
                SecurityInfos::card_security(&bytes)?;
            }
            Ok(id)
        });
        match identified {
            Ok(id) if self.files.contains_key(&id) => {
                let twice = TlvError::new(id.tag(), Fault::Misplaced);
                self.faults.push((name, id.at()(twice)));
            }
            Ok(id) => {
                self.files.insert(id, bytes);
            }
            Err(error) => self.faults.push((name, error)),
        }
    }

    /// A file's bytes.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&[u8]> {
        self.files.get(&id).map(Vec::as_slice)
    }
}

/// What the chip's files say once they are held against each other, the trust store and the page.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Passive authentication.
    pub verification: Verification,
    /// Every question and its answer, those of passive authentication among them.
    pub checks: Vec<Check>,
    /// The zone in EF.DG1.
    pub zone: Option<Zone>,
    /// The face in EF.DG2, where that file is the one that was signed.
    pub portrait: Option<FaceImage>,
}

impl Judged {
    /// The answers as one.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        outcome_of(&self.checks)
    }
}

/// Judges a chip's files: passive authentication, the zone in DG1 against the one on the page
/// (`printed`; `None` where the chip was opened by its access number), the issuing state, the portrait.
#[must_use]
pub fn judge(
    files: &Files,
    printed: Option<&Zone>,
    store: &TrustStore,
    at: Date,
    policy: &Policy,
) -> Judged {
    let sod = files.get(FileId::Sod);
    let signed = sod.map(|sod| Signed::of(sod, store, at, policy));
    judge_with(files, signed, printed, at, policy)
}

/// The same where the security object has been judged by itself.
pub(crate) fn judge_with(
    files: &Files,
    signed: Option<Signed>,
    printed: Option<&Zone>,
    at: Date,
    policy: &Policy,
) -> Judged {
    let others = files.files.iter().filter(|(id, _)| **id != FileId::Sod);
    let others: Vec<&[u8]> = others.map(|(_, bytes)| bytes.as_slice()).collect();
    let verification = match signed {
        Some(signed) => signed.with(&others),
        // The standard wants one on every chip (Doc 9303-10 section 4.6.2).
        None => Verification::without_security_object(),
    };
    let mut checks = verification.checks.clone();
    missing(files, &mut checks);
    let (agrees, zone) = match files.get(FileId::Dg1).map(zone::parse) {
        Some(Ok(zone)) => (zones_agree(&zone, printed), Some(zone)),
        Some(Err(error)) => (open(CheckId::ChipZoneAgrees, Why::from(&error)), None),
        None => {
            let why = Why::of_files("DG1 was not read", "detail-chip-not-read", "DG1");
            (open(CheckId::ChipZoneAgrees, why), None)
        }
    };
    checks.push(agrees);
    checks.push(conformance::check(files, at, policy.deviations));
    let portrait = files
        .get(FileId::Dg2)
        .filter(|_| verification.vouches_for(FileId::Dg2))
        .and_then(|bytes| face::parse(bytes).ok())
        .and_then(|faces| faces.into_iter().next());
    Judged {
        verification,
        checks,
        zone,
        portrait,
    }
}

/// The zone and the face are on every chip (Doc 9303-10 section 4.6): without them its integrity stays open
/// (TR-03135-1 table 5.41).
fn missing(files: &Files, checks: &mut Vec<Check>) {
    let absent: Vec<&str> = [FileId::Dg1, FileId::Dg2]
        .iter()
        .filter(|id| files.get(**id).is_none())
        .map(|id| id.as_str())
        .collect();
    if absent.is_empty() {
        return;
    }
    let check = CheckId::ChipDataGroupHashes;
    let absent = absent.join(", ");
    let why = Why::of_files(
        format!("{absent} was not read"),
        "detail-chip-not-read",
        absent,
    );
    match checks.iter_mut().find(|c| c.check == check) {
        Some(found) if found.outcome != Outcome::Failed => {
            *found = open(check, why);
        }
        Some(_) => {}
        None => checks.push(open(check, why)),
    }
}

fn open(check: CheckId, why: Why) -> Check {
    why.check(check, Outcome::Undetermined)
}
