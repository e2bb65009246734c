//! Lists of known defects (BSI TR-03129, Defect List): what issuers got wrong in documents that are genuine
//! all the same, and whose keys got into others' hands.

use crate::cms::{SignedData, SignerId};
use crate::error::{ChipError, Part};
use crate::oid::{self, Oid};
use crate::tlv::{self, Tag, Tlv};
use crate::trust::algorithm::Digest;
use crate::trust::certificate::Certificate;
use crate::trust::signed_list::{Pinning, believed};
use jiff::civil::{Date, DateTime};

const PART: Part = Part::DefectList;

/// What is known to be wrong with the documents of one document signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KnownDefect {
    /// The document signer's key is in others' hands.
    CertificateRevoked,
    /// The document signer's certificate is malformed; the list holds another for the same key.
    CertificateReplaced,
    /// Keys of chip authentication are in others' hands.
    ChipAuthenticationKeyRevoked,
    /// Keys of active authentication are in others' hands.
    ActiveAuthenticationKeyRevoked,
    /// Data groups are malformed.
    DataGroupsMalformed,
    /// The security object does not verify.
    SecurityObjectInvalid,
    /// EF.CardSecurity is malformed.
    CardSecurityMalformed,
    /// Something that has no bearing on what is judged here.
    Other,
}

const DEFECTS: [(&[u8], KnownDefect); 7] = [
    (
        oid::DEFECT_CERTIFICATE_REVOKED,
        KnownDefect::CertificateRevoked,
    ),
    (
        oid::DEFECT_CERTIFICATE_REPLACED,
        KnownDefect::CertificateReplaced,
    ),
    (
        oid::DEFECT_CHIP_AUTHENTICATION_KEY,
        KnownDefect::ChipAuthenticationKeyRevoked,
    ),
    (
        oid::DEFECT_ACTIVE_AUTHENTICATION_KEY,
        KnownDefect::ActiveAuthenticationKeyRevoked,
    ),
    (oid::DEFECT_DATA_GROUPS, KnownDefect::DataGroupsMalformed),
    (
        oid::DEFECT_SECURITY_OBJECT,
        KnownDefect::SecurityObjectInvalid,
    ),
    (
        oid::DEFECT_CARD_SECURITY,
        KnownDefect::CardSecurityMalformed,
    ),
];

/// One document signer's defects.
#[derive(Debug, Clone)]
struct Entry {
    signer: SignerId,
    /// Hash of the certificate, where name and number are not enough.
    hash: Option<Vec<u8>>,
    defects: Vec<KnownDefect>,
    replacement: Option<Certificate>,
}

/// A list whose signature was checked.
#[derive(Debug, Clone)]
pub struct DefectList {
    /// Country of the state that signed it.
    pub country: Option<String>,
    /// When it was signed, UTC.
    pub signed_at: DateTime,
    digest: Digest,
    entries: Vec<Entry>,
}

impl DefectList {
    /// Reads a list and checks that it is signed, by one whose certificate is for some such purpose (which a
    /// document signer's never is) and descends from one of the roots.
    ///
    /// # Errors
    /// [`ChipError`]: malformed, not trusted, or undated.
    pub fn open(bytes: &[u8], roots: &[Certificate], at: Date) -> Result<Self, ChipError> {
        let signed = SignedData::parse(bytes)?;
        if signed.content_type.0 != oid::DEFECT_LIST {
            return Err(ChipError::Unsupported {
                part: PART,
                what: format!("content of type {}", signed.content_type),
            });
        }
        let (by, signer) = believed(&signed, Pinning::Roots(roots), at, |role| {
            !role.purposes.is_empty()
        })?;
        let signed_at = by.signing_time.ok_or(ChipError::ListUndated)?;
        let country = signer.country();
        let at = ChipError::in_part(PART);
        let mut fields = tlv::first(&signed.content).map_err(&at)?.inside();
        fields.take(Tag::INTEGER).map_err(&at)?;
        let name = fields.take(Tag::OID).map_err(&at)?;
        let digest = Digest::from_oid(name.value).ok_or_else(|| ChipError::Unsupported {
            part: PART,
            what: format!("hash function {}", Oid::from(name.value)),
        })?;
        let mut list = fields.take(Tag::SET).map_err(&at)?.inside();
        let mut entries = Vec::new();
        while let Some(defect) = list.next().map_err(&at)? {
            entries.push(entry(defect)?);
        }
        Ok(Self {
            country,
            signed_at,
            digest,
            entries,
        })
    }

    /// What is known of the documents of this signer.
    pub(crate) fn of(&self, certificate: &Certificate) -> Vec<KnownDefect> {
        let entries = self.entries.iter().filter(|entry| {
            let is_named = entry.signer.names(certificate);
            is_named
                && entry.hash.as_ref().is_none_or(|hash| {
                    // A replacement has another hash than the certificate that it stands in for.
                    entry.replacement.is_some()
                        || self.digest.of(certificate.der()).as_ref() == Ok(hash)
                })
        });
        entries.flat_map(|entry| entry.defects.clone()).collect()
    }

    /// The certificate that stands in for the one that a signer names.
    pub(crate) fn replacement(&self, signer: &SignerId) -> Option<&Certificate> {
        let mut entries = self.entries.iter();
        entries.find_map(|entry| {
            entry
                .replacement
                .as_ref()
                .filter(|_| entry.signer.is(signer))
        })
    }
}

fn entry(defect: Tlv<'_>) -> Result<Entry, ChipError> {
    let at = ChipError::in_part(PART);
    let mut fields = defect.inside();
    let signer = fields
        .next()
        .map_err(&at)?
        .ok_or_else(|| at(defect.wrong("no signer identifier")))?;
    let mut entry = Entry {
        signer: SignerId::parse(signer).map_err(&at)?,
        hash: fields
            .optional(Tag::OCTET_STRING)
            .map_err(&at)?
            .map(|hash| hash.value.to_vec()),
        defects: Vec::new(),
        replacement: None,
    };
    let mut known = fields.take(Tag::SET).map_err(&at)?.inside();
    while let Some(one) = known.next().map_err(&at)? {
        let mut inside = one.inside();
        let kind = inside.take(Tag::OID).map_err(&at)?.value;
        let row = DEFECTS.iter().find(|(name, _)| *name == kind);
        let defect = row.map_or(KnownDefect::Other, |(_, defect)| *defect);
        if defect == KnownDefect::CertificateReplaced
            && let Some(parameters) = inside.next().map_err(&at)?
        {
            entry.replacement = Some(Certificate::parse(parameters.whole)?);
        }
        entry.defects.push(defect);
    }
    Ok(entry)
}
