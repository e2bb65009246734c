//! Whether the files are those that were signed, and fit each other (TR-03135-1 sections 5.6.4.4 and 5.6.4.5).

use super::Verification;
use crate::answers::Why;
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
        let (mut faults, mut open) = (Vec::new(), Vec::new());
        for bytes in efs {
            let Some(id) = bytes
                .first()
                .and_then(|b| FileId::from_tag(tlv::Tag(u32::from(*b))))
            else {
                open.push(Why::new(
                    "a file that is none of a travel document's",
                    "detail-chip-unknown-file",
                    [],
                ));
                continue;
            };
            let Some(group) = id.data_group() else {
                // COM, CardAccess and CardSecurity are outside the security object's word.
                continue;
            };
            let Some(signed) = object.hashes.get(&group) else {
                let why = format!("{id} is not in the security object");
                faults.push(Why::of_files(why, "detail-chip-not-signed", id.as_str()));
                continue;
            };
            match fits(object, bytes, signed) {
                Ok(true) => self.hashed.push(id),
                Ok(false) => {
                    let why = format!("{id} is not the one that was signed");
                    faults.push(Why::of_files(why, "detail-chip-altered", id.as_str()));
                }
                Err(error) => open.push(Why::from(&error)),
            }
        }
        let (outcome, why) = if !faults.is_empty() {
            (Outcome::Failed, Why::all(faults))
        } else if !open.is_empty() {
            (Outcome::Undetermined, Why::all(open))
        } else if self.hashed.is_empty() {
            let why = "no data group was given";
            (
                Outcome::NotSupported,
                Why::new(why, "detail-chip-no-files", []),
            )
        } else {
            let good: Vec<&str> = self.hashed.iter().map(|id| id.as_str()).collect();
            (Outcome::Successful, Why::name(good.join(", ")))
        };
        self.add(check, outcome, why);
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
                self.add(check, Outcome::Failed, Why::from(&error));
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
            let why = format!("EF.COM does not list {hidden}, which is signed");
            faults.push(Why::of_files(why, "detail-chip-unlisted", hidden));
        }
        if !unsigned.is_empty() {
            let why = format!("EF.COM lists {unsigned}, which is not signed");
            faults.push(Why::of_files(why, "detail-chip-not-signed", unsigned));
        }
        if faults.is_empty() {
            self.add(check, Outcome::Successful, Why::none());
        } else if self.defects.contains(&KnownDefect::CommonDataDiffers) {
            faults.push(Why::new("a known defect", "detail-chip-known-defect", []));
            self.add(check, Outcome::Successful, Why::all(faults));
        } else {
            self.add(check, Outcome::Failed, Why::all(faults));
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
                self.add(check, Outcome::Undetermined, Why::from(&error));
                return;
            }
        };
        let Some(country) = self.country.clone() else {
            let why = Why::new(
                "the document signer's certificate names no country",
                "detail-chip-no-country",
                [],
            );
            self.add(check, Outcome::Undetermined, why);
            return;
        };
        let (outcome, why) = crate::country::agree(&state, &country);
        self.add(check, outcome, why);
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
