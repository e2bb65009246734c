//! Whether the files are those that were signed, and fit each other (TR-03135-1 sections 5.6.4.4 and 5.6.4.5).

use super::Verification;
use crate::error::ChipError;
use crate::files::{CommonData, FileId, SecurityObject, zone};
use crate::tlv;
use crate::trust::defects::KnownDefect;
use rules::{CheckId, Outcome};
use std::collections::BTreeSet;

impl Verification {
    /// Is each file read the one that was signed?
    pub(super) fn hashes(&mut self, object: &SecurityObject, efs: &[&[u8]]) {
        let check = CheckId::ChipDataGroupHashes;
        let (mut faults, mut open, mut altered) = (Vec::new(), Vec::new(), Vec::new());
        for bytes in efs {
            let Some(id) = bytes
                .first()
                .and_then(|b| FileId::from_tag(tlv::Tag(u32::from(*b))))
            else {
                open.push("a file that is none of a travel document's".to_owned());
                continue;
            };
            let Some(group) = id.data_group() else {
                // COM, CardAccess and CardSecurity are outside the security object's word.
                continue;
            };
            let Some(signed) = object.hashes.get(&group) else {
                faults.push(format!("{id} is not in the security object"));
                continue;
            };
            match fits(object, bytes, signed) {
                Ok(true) => self.hashed.push(id),
                Ok(false) => {
                    altered.push(id.as_str());
                    faults.push(format!("{id} is not the one that was signed"));
                }
                Err(error) => open.push(error.to_string()),
            }
        }
        let (outcome, detail) = if !faults.is_empty() {
            (Outcome::Failed, faults.join("; "))
        } else if !open.is_empty() {
            (Outcome::Undetermined, open.join("; "))
        } else if self.hashed.is_empty() {
            (Outcome::NotSupported, "no data group was given".into())
        } else {
            let good: Vec<&str> = self.hashed.iter().map(|id| id.as_str()).collect();
            (Outcome::Successful, good.join(", "))
        };
        self.add(check, outcome, detail);
        if !altered.is_empty() {
            self.saying("detail-chip-altered", "files", altered.join(", "));
        }
    }

    /// Does EF.COM, which nobody signs, list what the security object does?
    pub(super) fn common_data(&mut self, object: &SecurityObject, efs: &[&[u8]]) {
        let check = CheckId::ChipCommonData;
        let Some(bytes) = efs.iter().find(|bytes| FileId::Com.begins(bytes)) else {
            return;
        };
        let read = match CommonData::parse(bytes) {
            Ok(read) => read,
            Err(error) => {
                self.add(check, Outcome::Failed, error.to_string());
                return;
            }
        };
        let listed: BTreeSet<u8> = read.files.iter().filter_map(|f| f.data_group()).collect();
        let signed: BTreeSet<u8> = object.hashes.keys().copied().collect();
        let names = |groups: Vec<&u8>| -> String {
            let names: Vec<String> = groups.iter().map(|n| format!("DG{n}")).collect();
            names.join(", ")
        };
        let hidden = names(signed.difference(&listed).collect());
        let unsigned = names(listed.difference(&signed).collect());
        let mut faults = Vec::new();
        if !hidden.is_empty() {
            faults.push(format!("EF.COM does not list {hidden}, which is signed"));
        }
        if !unsigned.is_empty() {
            faults.push(format!("EF.COM lists {unsigned}, which is not signed"));
        }
        if faults.is_empty() {
            self.add(check, Outcome::Successful, "");
        } else if self.defects.contains(&KnownDefect::CommonDataDiffers) {
            let why = format!("{}; a known defect", faults.join("; "));
            self.add(check, Outcome::Successful, why);
        } else {
            self.add(check, Outcome::Failed, faults.join("; "));
        }
    }

    /// Is the state that the zone names the one whose certificate signed?
    pub(super) fn issuing_state(&mut self, efs: &[&[u8]]) {
        let check = CheckId::ChipIssuingState;
        let Some(dg1) = efs.iter().find(|bytes| FileId::Dg1.begins(bytes)) else {
            return;
        };
        let state = match zone::parse(dg1) {
            Ok(zone) => zone.fields().issuing_state,
            Err(error) => {
                self.add(check, Outcome::Undetermined, error.to_string());
                return;
            }
        };
        let Some(country) = self.country.clone() else {
            self.add(
                check,
                Outcome::Undetermined,
                "the document signer's certificate names no country",
            );
            return;
        };
        let (outcome, detail) = crate::country::agree(&state, &country);
        self.add(check, outcome, detail);
    }
}

/// Hash of the file as the standard says, and of the file with what pads it, as some issuers hashed it.
fn fits(object: &SecurityObject, bytes: &[u8], signed: &[u8]) -> Result<bool, ChipError> {
    if object.digest.of(bytes)? == signed {
        return Ok(true);
    }
    match tlv::first(bytes) {
        Ok(file) if file.whole.len() < bytes.len() => Ok(object.digest.of(file.whole)? == signed),
        _ => Ok(false),
    }
}
