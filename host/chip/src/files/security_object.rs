//! EF.SOD (Doc 9303-10 section 4.6.2): the hashes of the data groups, signed.

use super::FileId;
use crate::cms::SignedData;
use crate::error::{ChipError, Part};
use crate::oid;
use crate::tlv::{self, Tag};
use crate::trust::algorithm::Digest;
use std::collections::BTreeMap;

/// The security object as it was read; believing it is [`crate::passive`]'s business.
#[derive(Debug, Clone)]
pub struct SecurityObject {
    /// The signed message.
    pub signed: SignedData,
    /// Hash function of the data groups.
    pub digest: Digest,
    /// The data groups' hashes, by number.
    pub hashes: BTreeMap<u8, Vec<u8>>,
    /// Version of the logical data structure, from 1.8 on.
    pub lds_version: Option<String>,
}

impl SecurityObject {
    /// Reads EF.SOD.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        let signed = SignedData::parse(FileId::Sod.open(bytes)?.value)?;
        // The standard's name, two that stood in its drafts, and the general one: all are on documents in
        // use. What decides is that the content reads as the list of hashes, and who signed it.
        let is_known = [
            oid::LDS_SECURITY_OBJECT,
            oid::LDS_SECURITY_OBJECT_ICAO_OLD,
            oid::LDS_SECURITY_OBJECT_SDU,
            oid::PKCS7_DATA,
        ]
        .contains(&signed.content_type.0.as_slice());
        if !is_known {
            return Err(ChipError::Unsupported {
                part: Part::File(FileId::Sod),
                what: format!("content of type {}", signed.content_type),
            });
        }
        let at = FileId::Sod.at();
        // Pre-CMS encodings sign the value octets of the object and so arrive without its own header.
        let mut fields = match tlv::first(&signed.content) {
            Ok(object) if object.tag == Tag::SEQUENCE => object.inside(),
            Ok(_) => tlv::Reader::new(&signed.content),
            Err(error) => return Err(at(error)),
        };
        fields.take(Tag::INTEGER).map_err(&at)?;
        let digest = Digest::parse(
            fields.take(Tag::SEQUENCE).map_err(&at)?,
            Part::File(FileId::Sod),
        )?;
        let mut hashes = BTreeMap::new();
        let mut list = fields.take(Tag::SEQUENCE).map_err(&at)?.inside();
        while let Some(entry) = list.next().map_err(&at)? {
            let mut inside = entry.inside();
            let number = inside.take(Tag::INTEGER).map_err(&at)?;
            let hash = inside.take(Tag::OCTET_STRING).map_err(&at)?;
            let group = number
                .small()
                .ok()
                .and_then(|n| u8::try_from(n).ok())
                .filter(|n| (1..=16).contains(n))
                .ok_or_else(|| at(number.wrong("a data group that does not exist")))?;
            if hashes.insert(group, hash.value.to_vec()).is_some() {
                return Err(at(number.wrong("a data group named twice")));
            }
        }
        let lds_version = match fields.next().map_err(&at)? {
            Some(version) if version.tag == Tag::SEQUENCE => version
                .inside()
                .next()
                .map_err(&at)?
                .map(|v| super::text(v.value)),
            _ => None,
        };
        Ok(Self {
            signed,
            digest,
            hashes,
            lds_version,
        })
    }
}
