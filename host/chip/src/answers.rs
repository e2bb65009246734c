//! What answers say: in plain English for the record, and as sentences of the locale files for screens in any
//! language.

use crate::error::{ChipError, Part};
use jiff::civil::Date;
use rules::{Argument, Check, CheckId, Outcome, Said};

/// Why an answer is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Why {
    english: String,
    said: Vec<Said>,
}

impl Why {
    /// English words, and the sentence that says the same.
    pub(crate) fn new<const N: usize>(
        english: impl Into<String>,
        key: &'static str,
        arguments: [(&'static str, Argument); N],
    ) -> Self {
        Self {
            english: english.into(),
            said: vec![Said::new(key, arguments)],
        }
    }

    /// Nothing to add.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Names that every language writes alike.
    pub(crate) fn name(name: impl Into<String>) -> Self {
        let name = name.into();
        let code = [("code", name.clone().into())];
        Self::new(name, "detail-code", code)
    }

    /// A sentence about files, by their names.
    pub(crate) fn of_files(
        english: impl Into<String>,
        key: &'static str,
        files: impl Into<String>,
    ) -> Self {
        let files: String = files.into();
        Self::new(english, key, [("files", files.into())])
    }

    /// A sentence about a day.
    pub(crate) fn of_day(english: impl Into<String>, key: &'static str, day: Date) -> Self {
        Self::new(english, key, [("day", day.into())])
    }

    /// Several as one.
    pub(crate) fn all(many: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::none();
        for one in many {
            if !all.english.is_empty() && !one.english.is_empty() {
                all.english.push_str("; ");
            }
            all.english.push_str(&one.english);
            // One hash function in three places is said once.
            for said in one.said {
                if !all.said.contains(&said) {
                    all.said.push(said);
                }
            }
        }
        all
    }

    /// What a check says already.
    pub(crate) fn of_check(check: &Check) -> Self {
        Self {
            english: check.detail.clone(),
            said: check.said.clone(),
        }
    }

    /// The same with other English words before it.
    pub(crate) fn after(mut self, english: &str) -> Self {
        self.english.insert_str(0, english);
        self
    }

    /// The answer that has this reason.
    pub(crate) fn check(self, check: CheckId, outcome: Outcome) -> Check {
        Check::new(check, outcome, self.english).saying_all(self.said)
    }
}

/// What an error means to whoever holds the document; the English words have the particulars.
impl From<&ChipError> for Why {
    fn from(error: &ChipError) -> Self {
        let said = match error {
            ChipError::Malformed { part, .. } | ChipError::BadKey { part, .. } => {
                Said::new("detail-chip-damaged", [("part", name_of(*part))])
            }
            ChipError::Unsupported { part, .. } => {
                Said::new("detail-chip-unsupported", [("part", name_of(*part))])
            }
            ChipError::UnknownFile(_) => Said::new("detail-chip-unknown-file", []),
            ChipError::WrongKey => Said::new("detail-chip-wrong-key", []),
            ChipError::NoZoneKey => Said::new("detail-chip-needs-zone", []),
            ChipError::CalledOff => Said::new("detail-chip-called-off", []),
            ChipError::Transceiver(_) => Said::new("detail-chip-lost", []),
            ChipError::Refused { .. } | ChipError::RefusedUnprotected { .. } => {
                Said::new("detail-chip-refused", [])
            }
            ChipError::SecureMessaging { .. } | ChipError::Protocol { .. } => {
                Said::new("detail-chip-protocol", [])
            }
            ChipError::Library(_) => Said::new("detail-chip-library", []),
            // Of trust lists, which are read where no chip is.
            ChipError::ListNotTrusted { .. }
            | ChipError::ListRolledBack { .. }
            | ChipError::ListOlderThanSeen { .. }
            | ChipError::ListUndated
            | ChipError::Unreadable { .. }
            | ChipError::UnknownTrust(_) => Said::new("detail-chip-broke-off", []),
        };
        Self {
            english: error.to_string(),
            said: vec![said],
        }
    }
}

/// A part by the name of its file, or by a word that the locale files know.
fn name_of(part: Part) -> Argument {
    match part {
        Part::File(id) => id.as_str().into(),
        Part::Certificate => "certificate".into(),
        Part::PublicKey => "key".into(),
        Part::SignedData => "signature".into(),
        Part::RevocationList | Part::MasterList | Part::DefectList => "list".into(),
    }
}
