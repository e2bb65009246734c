//! EF.COM (Doc 9303-10 section 4.6.1): versions and which data groups there are. It is not signed, so it
//! is a hint on what to read and never evidence.

use super::{FileId, text};
use crate::error::ChipError;
use crate::tlv::Tag;

/// The content of EF.COM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonData {
    /// Version of the logical data structure, as in `0107`.
    pub lds_version: Option<String>,
    /// Version of Unicode, as in `040000`.
    pub unicode_version: Option<String>,
    /// The data groups listed, in the order of the list.
    pub files: Vec<FileId>,
    /// Tags in the list that no file has.
    pub unknown: Vec<Tag>,
}

impl CommonData {
    /// Reads EF.COM.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        let at = FileId::Com.at();
        let fields = FileId::Com.open(bytes)?.inside();
        let list = fields.require(Tag(0x5C)).map_err(&at)?;
        let (mut files, mut unknown) = (Vec::new(), Vec::new());
        for tag in list.value.iter().map(|b| Tag(u32::from(*b))) {
            match FileId::from_tag(tag).filter(|id| id.data_group().is_some()) {
                Some(id) => files.push(id),
                None => unknown.push(tag),
            }
        }
        let version = |tag| fields.find(tag).map(|v| v.map(|v| text(v.value)));
        Ok(Self {
            lds_version: version(Tag(0x5F01)).map_err(&at)?,
            unicode_version: version(Tag(0x5F36)).map_err(&at)?,
            files,
            unknown,
        })
    }
}
