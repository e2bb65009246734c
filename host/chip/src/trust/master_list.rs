//! Master lists: many states' CSCA certificates under one state's signature (Doc 9303-12 section 9).

use crate::cms::SignedData;
use crate::error::{ChipError, Part};
use crate::oid;
use crate::tlv::{self, Tag};
use crate::trust::certificate::{Certificate, Role, each};
use crate::trust::signed_list::{Pinning, believed};
use jiff::civil::{Date, DateTime};

/// A list whose signature was checked.
#[derive(Debug, Clone)]
pub struct MasterList {
    /// Country of the state that signed it.
    pub country: Option<String>,
    /// When it was signed, UTC.
    pub signed_at: Option<DateTime>,
    /// Who signed it.
    pub signer: Certificate,
    /// The certificates on it that could be read.
    pub certificates: Vec<Certificate>,
    /// Those that could not, and why.
    pub refused: Vec<ChipError>,
}

impl MasterList {
    /// Reads a list and checks that it is signed by who may sign it.
    ///
    /// The signer's certificate must be for signing lists (or be the country's own CSCA), valid when it
    /// signed, and descend from a pinned root directly or through authorities sent along.
    pub fn open(bytes: &[u8], pinning: Pinning<'_>, at: Date) -> Result<Self, ChipError> {
        let signed = SignedData::parse(bytes)?;
        if signed.content_type.0 != oid::MASTER_LIST {
            return Err(ChipError::Unsupported {
                part: Part::MasterList,
                what: format!("content of type {}", signed.content_type),
            });
        }
        let (by, signer) = believed(&signed, pinning, at, Role::signs_lists)?;
        let (certificates, refused) = content(&signed.content)?;
        Ok(Self {
            country: signer.country(),
            signed_at: by.signing_time,
            signer: signer.clone(),
            certificates,
            refused,
        })
    }
}

/// CscaMasterList: SEQUENCE of version and SET OF Certificate.
fn content(bytes: &[u8]) -> Result<(Vec<Certificate>, Vec<ChipError>), ChipError> {
    let at = ChipError::in_part(Part::MasterList);
    let mut inside = tlv::first(bytes).map_err(&at)?.inside();
    let version = inside.take(Tag::INTEGER).map_err(&at)?;
    if version.value != [0] {
        return Err(at(version.wrong("a version that is not known")));
    }
    let set = inside.take(Tag::SET).map_err(&at)?;
    let (mut certificates, mut refused) = (Vec::new(), Vec::new());
    for certificate in each(set.value) {
        match certificate {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => refused.push(error),
        }
    }
    Ok((certificates, refused))
}
