//! EF.DG11, EF.DG12 and EF.DG16 (Doc 9303-10 sections 4.7.11, 4.7.12, 4.7.16): what the zone has no room for.

use super::{FileId, text};
use crate::error::ChipError;
use crate::tlv::{Tag, Tlv};

/// Further details of the person (EF.DG11). Every field as it stands in the file; absent ones are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonDetails {
    /// Full name in the state's own characters.
    pub full_name: String,
    /// Other names.
    pub other_names: Vec<String>,
    /// Personal number.
    pub personal_number: String,
    /// Full date of birth, YYYYMMDD.
    pub date_of_birth: String,
    /// Place of birth.
    pub place_of_birth: String,
    /// Permanent address.
    pub address: String,
    /// Telephone.
    pub telephone: String,
    /// Profession.
    pub profession: String,
    /// Title.
    pub title: String,
    /// Personal summary.
    pub summary: String,
    /// Numbers of other valid travel documents.
    pub other_documents: String,
    /// Custody information.
    pub custody: String,
}

/// Further details of the document (EF.DG12).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentDetails {
    /// Issuing authority.
    pub authority: String,
    /// Date of issue, YYYYMMDD.
    pub date_of_issue: String,
    /// Other persons in the document.
    pub other_persons: Vec<String>,
    /// Endorsements and observations.
    pub endorsements: String,
    /// Tax and exit requirements.
    pub tax_exit: String,
    /// When it was personalised.
    pub personalised: String,
    /// Serial number of the system that personalised it.
    pub system: String,
}

/// A person to notify (EF.DG16).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonToNotify {
    /// When it was recorded, YYYYMMDD.
    pub recorded: String,
    /// Name.
    pub name: String,
    /// Telephone.
    pub telephone: String,
    /// Address.
    pub address: String,
}

/// A date in characters, or packed two digits to a byte as older documents have it.
fn date(bytes: &[u8]) -> String {
    if bytes.len() == 4 {
        bytes.iter().map(|b| format!("{b:02X}")).collect()
    } else {
        text(bytes)
    }
}

/// Texts of these tags in a list, which may stand in a wrapper of its own with a count.
fn several(list: Tlv<'_>, tag: Tag, file: FileId) -> Result<Vec<String>, ChipError> {
    let mut found = Vec::new();
    let mut inside = list.inside();
    while let Some(item) = inside.next().map_err(file.at())? {
        if item.tag == tag {
            found.push(text(item.value));
        }
    }
    Ok(found)
}

impl PersonDetails {
    /// Reads EF.DG11.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        let file = FileId::Dg11;
        let mut read = Self::default();
        let mut fields = file.open(bytes)?.inside();
        while let Some(field) = fields.next().map_err(file.at())? {
            let value = || text(field.value);
            match field.tag.0 {
                0x5F0E => read.full_name = value(),
                0x5F0F => read.other_names.push(value()),
                0xA0 => read.other_names.extend(several(field, Tag(0x5F0F), file)?),
                0x5F10 => read.personal_number = value(),
                0x5F2B => read.date_of_birth = date(field.value),
                0x5F11 => read.place_of_birth = value(),
                0x5F42 => read.address = value(),
                0x5F12 => read.telephone = value(),
                0x5F13 => read.profession = value(),
                0x5F14 => read.title = value(),
                0x5F15 => read.summary = value(),
                0x5F17 => read.other_documents = value(),
                0x5F18 => read.custody = value(),
                // The tag list, the proof of citizenship's picture, and what later editions add.
                _ => {}
            }
        }
        Ok(read)
    }
}

impl DocumentDetails {
    /// Reads EF.DG12.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        let file = FileId::Dg12;
        let mut read = Self::default();
        let mut fields = file.open(bytes)?.inside();
        while let Some(field) = fields.next().map_err(file.at())? {
            let value = || text(field.value);
            match field.tag.0 {
                0x5F19 => read.authority = value(),
                0x5F26 => read.date_of_issue = date(field.value),
                0x5F1A => read.other_persons.push(value()),
                0xA0 => read
                    .other_persons
                    .extend(several(field, Tag(0x5F1A), file)?),
                0x5F1B => read.endorsements = value(),
                0x5F1C => read.tax_exit = value(),
                0x5F55 => {
                    read.personalised = if field.value.len() == 7 {
                        field.value.iter().map(|b| format!("{b:02X}")).collect()
                    } else {
                        value()
                    };
                }
                0x5F56 => read.system = value(),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// Reads EF.DG16.
pub fn persons_to_notify(bytes: &[u8]) -> Result<Vec<PersonToNotify>, ChipError> {
    let file = FileId::Dg16;
    let at = file.at();
    let mut persons = Vec::new();
    let mut list = file.open(bytes)?.inside();
    while let Some(item) = list.next().map_err(&at)? {
        if !item.tag.is_constructed() {
            continue;
        }
        let mut person = PersonToNotify::default();
        let mut fields = item.inside();
        while let Some(field) = fields.next().map_err(&at)? {
            match field.tag.0 {
                0x5F50 => person.recorded = date(field.value),
                0x5F51 => person.name = text(field.value),
                0x5F52 => person.telephone = text(field.value),
                0x5F53 => person.address = text(field.value),
                _ => {}
            }
        }
        persons.push(person);
    }
    Ok(persons)
}
