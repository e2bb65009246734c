//! Whether a chip's files are built as the standard says, beyond what reading and believing them needs.
//!
//! States have issued millions of genuine documents that are not: the parsers read those all the same, and
//! this module says what is amiss, with the file named. What to make of it is the state's to decide
//! ([`Deviations`]); BSI TR-03105 part 5.1 wants the strictest answer, a border post usually the mildest.
//!
//! Doc 9303-10 (files), Doc 9303-12 section 7.1 (certificates), RFC 5652 (signed messages).

mod face;
mod signed;

use crate::answers::Why;
use crate::document::Files;
use crate::error::ChipError;
use crate::files::{
    CommonData, DocumentDetails, FileId, PersonDetails, SecurityInfo, SecurityInfos, details,
    pictures, security_infos, zone,
};
use crate::oid;
use crate::tlv::{self, Tag};
use jiff::civil::Date;
use rules::mrz::Format;
use rules::{Check, CheckId, Outcome};

/// What to make of files that are not built as the standard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Deviations {
    /// Told, and no reason to doubt.
    #[default]
    Report,
    /// The answer stays open.
    Question,
    /// Evidence against the document.
    Refuse,
}

/// One way in which a file is not as the standard says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The file.
    pub file: FileId,
    /// What about it.
    pub what: String,
}

impl std::fmt::Display for Deviation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// The question as a check.
#[must_use]
pub fn check(files: &Files, at: Date, minds: Deviations) -> Check {
    let found = deviations(files, at);
    let outcome = match (found.is_empty(), minds) {
        (true, _) | (false, Deviations::Report) => Outcome::Successful,
        (false, Deviations::Question) => Outcome::Undetermined,
        (false, Deviations::Refuse) => Outcome::Failed,
    };
    let english: Vec<String> = found.iter().map(Deviation::to_string).collect();
    let mut files: Vec<&str> = found.iter().map(|d| d.file.as_str()).collect();
    files.dedup();
    let why = match found.is_empty() {
        true => Why::none(),
        // Which rule each breaks is for the record; the screen names the files.
        false => Why::of_files(
            english.join("; "),
            "detail-chip-deviations",
            files.join(", "),
        ),
    };
    why.check(CheckId::ChipConformance, outcome)
}

/// Every deviation found, file by file.
#[must_use]
pub fn deviations(files: &Files, at: Date) -> Vec<Deviation> {
    let mut found = Vec::new();
    for (id, bytes) in &files.files {
        let mut notes = Notes {
            file: *id,
            found: &mut found,
        };
        if !id.begins(bytes) {
            notes.note("begins with another file's tag");
            continue;
        }
        match id {
            FileId::Com => common_data(bytes, &mut notes),
            FileId::Dg1 => zone_of(bytes, at, &mut notes),
            FileId::Dg2 => face::look(bytes, &mut notes),
            FileId::Dg14 => infos(SecurityInfos::data_group_14(bytes), &mut notes),
            FileId::CardAccess => infos(SecurityInfos::card_access(bytes), &mut notes),
            FileId::Sod => signed::security_object(bytes, &mut notes),
            FileId::CardSecurity => card_security(bytes, files, &mut notes),
            FileId::Dg7 => notes.only_read(pictures::signatures(bytes)),
            FileId::Dg11 => notes.only_read(PersonDetails::parse(bytes)),
            FileId::Dg12 => notes.only_read(DocumentDetails::parse(bytes)),
            FileId::Dg15 => notes.only_read(security_infos::active_authentication_key(bytes)),
            FileId::Dg16 => notes.only_read(details::persons_to_notify(bytes)),
            _ => {}
        }
    }
    for (name, fault) in &files.faults {
        // A file that is not there is another question's: EF.COM may be absent.
        let is_absent = matches!(
            fault,
            ChipError::Refused {
                status: crate::apdu::Status::FILE_NOT_FOUND,
                ..
            }
        );
        let file = FileId::ALL.iter().find(|id| id.as_str() == name);
        if let Some(file) = file.filter(|_| !is_absent) {
            found.push(Deviation {
                file: *file,
                what: fault.to_string(),
            });
        }
    }
    found
}

/// Collects what is amiss with one file.
struct Notes<'a> {
    file: FileId,
    found: &'a mut Vec<Deviation>,
}

impl Notes<'_> {
    fn note(&mut self, what: impl Into<String>) {
        self.found.push(Deviation {
            file: self.file,
            what: what.into(),
        });
    }

    /// Notes it unless the condition holds.
    fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.note(what);
        }
    }

    /// The value, or its fault noted.
    fn read<T, E: std::fmt::Display>(&mut self, value: Result<T, E>) -> Option<T> {
        value.inspect_err(|error| self.note(error.to_string())).ok()
    }

    /// Notes the fault of a file of which no more is asked than that it can be read.
    fn only_read<T, E: std::fmt::Display>(&mut self, value: Result<T, E>) {
        self.read(value);
    }
}

/// EF.COM (Doc 9303-10 section 4.6.1).
fn common_data(bytes: &[u8], notes: &mut Notes<'_>) {
    let Some(read) = notes.read(CommonData::parse(bytes)) else {
        return;
    };
    match read.lds_version.as_deref() {
        Some("0107" | "0108") => {}
        Some(other) => notes.note(format!("version {other:?} of the logical data structure")),
        None => notes.note("no version of the logical data structure"),
    }
    match read.unicode_version.as_deref() {
        Some("040000") => {}
        Some(other) => notes.note(format!("version {other:?} of Unicode")),
        None => notes.note("no version of Unicode"),
    }
    for id in [FileId::Dg1, FileId::Dg2] {
        if !read.files.contains(&id) {
            notes.note(format!("{id} is not listed"));
        }
    }
    for tag in read.unknown {
        notes.note(format!("tag {tag} in the list is no data group's"));
    }
}

/// EF.DG1: the zone obeys the rules of zones (Doc 9303 parts 3 to 7).
fn zone_of(bytes: &[u8], at: Date, notes: &mut Notes<'_>) {
    let Some(zone) = notes.read(zone::parse(bytes)) else {
        return;
    };
    for check in zone.checks(at) {
        if check.outcome == Outcome::Failed && check.check != CheckId::DocumentValidity {
            notes.note(format!("{} {}", check.check.as_str(), check.detail));
        }
    }
    let fields = zone.fields();
    notes.expect(!fields.surname.is_empty(), "no name");
    // Doc 9303 parts 4 to 6: what the first letter of a document with a chip may be.
    let letters: &[char] = match zone.format() {
        Format::Td1 | Format::Td2 => &['A', 'C', 'I'],
        Format::Td3 => &['P'],
        Format::MrvA | Format::MrvB => &['V'],
    };
    notes.expect(
        fields.document_code.starts_with(letters),
        "a document of no known kind",
    );
}

/// SecurityInfos (Doc 9303-11 section 9.2).
fn infos(read: Result<SecurityInfos, ChipError>, notes: &mut Notes<'_>) {
    let Some(read) = notes.read(read) else { return };
    for info in &read.infos {
        match info {
            SecurityInfo::ChipAuthentication {
                version, protocol, ..
            } => {
                if !matches!(version, 1 | 2) {
                    notes.note(format!("version {version} of chip authentication"));
                }
                let known = matches!(
                    protocol.0.strip_prefix(oid::SECURITY_CA),
                    Some([1 | 2, 1..=4])
                );
                if !known {
                    notes.note(format!("chip authentication {protocol}"));
                }
            }
            SecurityInfo::Pace {
                version, protocol, ..
            } if *version != 2 => {
                notes.note(format!("version {version} of PACE {protocol}"));
            }
            SecurityInfo::ChipAuthenticationKey { key, .. } => {
                let parsed = tlv::first(key)
                    .map_err(notes.file.at())
                    .and_then(crate::trust::public_key::PublicKey::parse);
                notes.read(parsed);
            }
            SecurityInfo::Other(name) if name.0.starts_with(oid::SECURITY_PROTOCOLS) => {
                notes.note(format!("a security protocol {name} that is not known"));
            }
            _ => {}
        }
    }
    let keys: Vec<_> = read
        .infos
        .iter()
        .filter_map(|info| match info {
            SecurityInfo::ChipAuthenticationKey { key_id, .. } => Some(key_id),
            _ => None,
        })
        .collect();
    for info in &read.infos {
        if let SecurityInfo::ChipAuthentication { key_id, .. } = info {
            notes.expect(
                keys.contains(&key_id),
                "chip authentication by a key that is not there",
            );
        }
    }
}

/// EF.CardSecurity holds what EF.CardAccess says (Doc 9303-11 section 9.2.11).
fn card_security(bytes: &[u8], files: &Files, notes: &mut Notes<'_>) {
    let Some((held, _)) = notes.read(SecurityInfos::card_security(bytes)) else {
        return;
    };
    if let Ok(content) = crate::cms::SignedData::parse(bytes) {
        signed::message(&content, bytes, notes);
    }
    let offered = files
        .get(FileId::CardAccess)
        .and_then(|bytes| SecurityInfos::card_access(bytes).ok())
        .unwrap_or_default();
    for info in &offered.infos {
        notes.expect(
            held.infos.contains(info),
            "what EF.CardAccess offers is not in it",
        );
    }
    infos(Ok(held), notes);
}

/// The objects in these bytes, as far as they can be read.
fn objects(bytes: &[u8]) -> Vec<tlv::Tlv<'_>> {
    let mut reader = tlv::Reader::new(bytes);
    let mut found = Vec::new();
    while let Ok(Some(object)) = reader.next() {
        found.push(object);
    }
    found
}

/// The first of these objects with this tag.
fn with_tag<'a>(objects: &[tlv::Tlv<'a>], tag: u32) -> Option<tlv::Tlv<'a>> {
    objects.iter().copied().find(|o| o.tag == Tag(tag))
}
