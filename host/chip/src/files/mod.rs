//! The elementary files of the travel document application (Doc 9303-10).
//!
//! Each parser is total: unknown parts within a file are skipped, what must be there and is not, or what
//! cannot be read, is refused with the file and the tag named.

pub mod common_data;
pub mod details;
pub mod face;
pub mod pictures;
pub mod security_infos;
pub mod security_object;
pub mod zone;

pub use common_data::CommonData;
pub use details::{DocumentDetails, PersonDetails, PersonToNotify};
pub use face::{FaceImage, FaceRecord};
pub use pictures::PictureKind;
pub use security_infos::{SecurityInfo, SecurityInfos};
pub use security_object::SecurityObject;

use crate::error::{ChipError, Part};
use crate::tlv::{self, Tag, Tlv};

macro_rules! files {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $tag:literal, $id:literal, $short:literal, $group:expr;)*) => {
        /// An elementary file, by its place in the logical data structure (Doc 9303-10 section 4.6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FileId { $($(#[$doc])* $variant,)* }

        impl FileId {
            /// Every file that the standard knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its usual name, as in `DG2`.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $name),* } }

            /// The tag that it begins with.
            #[must_use]
            pub fn tag(self) -> Tag { Tag(match self { $(Self::$variant => $tag),* }) }

            /// Its file identifier.
            #[must_use]
            pub fn identifier(self) -> u16 { match self { $(Self::$variant => $id),* } }

            /// Its short file identifier.
            #[must_use]
            pub fn short_identifier(self) -> u8 { match self { $(Self::$variant => $short),* } }

            /// The number of its data group; `None` for the files that are none.
            #[must_use]
            pub fn data_group(self) -> Option<u8> { match self { $(Self::$variant => $group),* } }
        }
    };
}

files! {
    /// Which data groups there are.
    Com = "COM", 0x60, 0x011E, 0x1E, None;
    /// The security object: the signed hashes of the data groups.
    Sod = "SOD", 0x77, 0x011D, 0x1D, None;
    /// The zone.
    Dg1 = "DG1", 0x61, 0x0101, 0x01, Some(1);
    /// The face.
    Dg2 = "DG2", 0x75, 0x0102, 0x02, Some(2);
    /// Fingerprints; never read here.
    Dg3 = "DG3", 0x63, 0x0103, 0x03, Some(3);
    /// Irises; never read here.
    Dg4 = "DG4", 0x76, 0x0104, 0x04, Some(4);
    /// Displayed portrait.
    Dg5 = "DG5", 0x65, 0x0105, 0x05, Some(5);
    /// Reserved.
    Dg6 = "DG6", 0x66, 0x0106, 0x06, Some(6);
    /// Displayed signature.
    Dg7 = "DG7", 0x67, 0x0107, 0x07, Some(7);
    /// Data features.
    Dg8 = "DG8", 0x68, 0x0108, 0x08, Some(8);
    /// Structure features.
    Dg9 = "DG9", 0x69, 0x0109, 0x09, Some(9);
    /// Substance features.
    Dg10 = "DG10", 0x6A, 0x010A, 0x0A, Some(10);
    /// Further details of the person.
    Dg11 = "DG11", 0x6B, 0x010B, 0x0B, Some(11);
    /// Further details of the document.
    Dg12 = "DG12", 0x6C, 0x010C, 0x0C, Some(12);
    /// The issuer's own.
    Dg13 = "DG13", 0x6D, 0x010D, 0x0D, Some(13);
    /// What the chip can do to prove itself.
    Dg14 = "DG14", 0x6E, 0x010E, 0x0E, Some(14);
    /// Key for active authentication.
    Dg15 = "DG15", 0x6F, 0x010F, 0x0F, Some(15);
    /// Persons to notify.
    Dg16 = "DG16", 0x70, 0x0110, 0x10, Some(16);
    /// How the chip may be opened (in the master file).
    CardAccess = "CardAccess", 0x31, 0x011C, 0x1C, None;
    /// CardAccess's content and more, signed (in the master file).
    CardSecurity = "CardSecurity", 0x30, 0x011D, 0x1D, None;
}

impl std::fmt::Display for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FileId {
    /// The file that begins with this tag.
    #[must_use]
    pub fn from_tag(tag: Tag) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.tag() == tag)
    }

    /// The file of a data group.
    #[must_use]
    pub fn from_data_group(number: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|id| id.data_group() == Some(number))
    }

    /// Which file these bytes are, and the bytes without what pads them behind the object.
    pub fn identify(bytes: &[u8]) -> Result<(Self, &[u8]), ChipError> {
        let Some(start) = bytes.first() else {
            return Err(ChipError::UnknownFile(Tag(0)));
        };
        // Every file's tag is one byte long.
        let tag = Tag(u32::from(*start));
        let id = Self::from_tag(tag).ok_or(ChipError::UnknownFile(tag))?;
        let object = tlv::first(bytes).map_err(ChipError::in_part(Part::File(id)))?;
        Ok((id, object.whole))
    }

    /// Whether these bytes begin as this file does.
    #[must_use]
    pub fn begins(self, bytes: &[u8]) -> bool {
        // Every file's tag is one byte long.
        bytes.first().map(|b| Tag(u32::from(*b))) == Some(self.tag())
    }

    /// The outermost object of this file's bytes.
    pub(crate) fn open(self, bytes: &[u8]) -> Result<Tlv<'_>, ChipError> {
        let object = tlv::first(bytes).map_err(self.at())?;
        if object.tag != self.tag() {
            return Err(self.at()(tlv::TlvError::new(
                object.tag,
                tlv::Fault::Misplaced,
            )));
        }
        Ok(object)
    }

    pub(crate) fn at(self) -> impl Fn(tlv::TlvError) -> ChipError {
        ChipError::in_part(Part::File(self))
    }
}

/// The characters of a text field: UTF-8 as the standard says, Latin-1 where it is not.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
