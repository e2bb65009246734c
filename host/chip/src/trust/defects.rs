//! Lists of known defects (BSI TR-03129, Defect List): what issuers got wrong in documents that are genuine
//! all the same, and whose keys got into others' hands.

use crate::cms::{SignedData, SignerId};
use crate::error::{ChipError, Part};
use crate::oid::{self, Oid};
use crate::tlv::{self, Tag, Tlv};
use crate::trust::algorithm::Digest;
use crate::trust::certificate::{Certificate, Role};
use crate::trust::signed_list::{Pinning, believed};
use jiff::civil::{Date, DateTime};
use rules::CheckId;

const PART: Part = Part::DefectList;

/// What is known to be wrong with the documents of one document signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KnownDefect {
    /// The document signer's certificate is taken back.
    CertificateRevoked,
    /// Whether it will be taken back is being looked into, or it is inadequate (status 1, 5 and above 31).
    CertificateQuestioned,
    /// The document signer's certificate is malformed; the list holds another for the same key.
    CertificateReplaced,
    /// The document signer's certificate is malformed, and there is no other.
    CertificateMalformed,
    /// Keys of chip authentication are in others' hands.
    ChipAuthenticationKeyRevoked,
    /// Keys of active authentication are in others' hands.
    ActiveAuthenticationKeyRevoked,
    /// Proofs of the chip are known to fail on genuine ones.
    ProofsFail(FailingProofs),
    /// A certificate's validity is written wrongly.
    ValidityIncorrect(WrongValidity),
    /// Data groups are malformed.
    DataGroupsMalformed,
    /// The security object does not verify.
    SecurityObjectInvalid,
    /// EF.COM and the security object list different data groups.
    CommonDataDiffers,
    /// The security object names another certificate than its signer's.
    SignerIdentifierWrong,
    /// The document signer's certificate names another country than its own.
    IssuingCountryWrong,
    /// EF.CardSecurity is malformed.
    CardSecurityMalformed,
    /// Something that has no bearing on what is judged here.
    Other,
}

impl KnownDefect {
    /// Whether a good answer to this question may rest on a list's word of this defect alone. What a list only softens
    /// is no good answer.
    #[must_use]
    pub fn may_excuse(self, check: CheckId) -> bool {
        matches!(
            (self, check),
            (Self::CommonDataDiffers, CheckId::ChipCommonData)
                | (
                    Self::CertificateReplaced,
                    CheckId::ChipSignature | CheckId::ChipChain
                )
                | (Self::SignerIdentifierWrong, CheckId::ChipSignature)
                | (Self::IssuingCountryWrong, CheckId::ChipIssuingState)
        )
    }
}

/// Which proofs of the chip are known to fail (TR-03129-2 section 7.3.1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FailingProofs(u8);

impl FailingProofs {
    /// Chip authentication: status 0, 2, 4 and 6.
    #[must_use]
    pub fn chip_authentication(self) -> bool {
        matches!(self.0, 0 | 2 | 4 | 6)
    }

    /// Active authentication: status 1, 2, 5 and 6.
    #[must_use]
    pub fn active_authentication(self) -> bool {
        matches!(self.0, 1 | 2 | 5 | 6)
    }

    /// PACE with chip authentication mapping: status 3 to 6.
    #[must_use]
    pub fn mapping(self) -> bool {
        matches!(self.0, 3..=6)
    }
}

/// Whose validity is written wrongly (TR-03129-2 section 7.3.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WrongValidity(u8);

impl WrongValidity {
    /// The country signer's: status 0 and 2.
    #[must_use]
    pub fn country_signer(self) -> bool {
        matches!(self.0, 0 | 2)
    }

    /// The document signer's: status 1 and 2.
    #[must_use]
    pub fn document_signer(self) -> bool {
        matches!(self.0, 1 | 2)
    }
}

/// The defect of a name and its status code.
fn defect_of(name: &[u8], status: Option<u8>) -> KnownDefect {
    use KnownDefect as D;
    match name {
        oid::DEFECT_CERTIFICATE_REVOKED => match status {
            // TR-03135-1 table 5.54: on hold, inadequate and proprietary leave trust open.
            Some(1 | 5 | 32..) => D::CertificateQuestioned,
            _ => D::CertificateRevoked,
        },
        oid::DEFECT_CERTIFICATE_REPLACED => D::CertificateReplaced,
        oid::DEFECT_DOCUMENT_SIGNER => D::CertificateMalformed,
        oid::DEFECT_CHIP_AUTHENTICATION_KEY => D::ChipAuthenticationKeyRevoked,
        oid::DEFECT_ACTIVE_AUTHENTICATION_KEY => D::ActiveAuthenticationKeyRevoked,
        oid::DEFECT_AUTHENTICATION_PROTOCOL => D::ProofsFail(FailingProofs(status.unwrap_or(6))),
        oid::DEFECT_VALIDITY => D::ValidityIncorrect(WrongValidity(status.unwrap_or(2))),
        oid::DEFECT_DATA_GROUPS => D::DataGroupsMalformed,
        oid::DEFECT_SECURITY_OBJECT => D::SecurityObjectInvalid,
        oid::DEFECT_COMMON_DATA => D::CommonDataDiffers,
        oid::DEFECT_SIGNER_IDENTIFIER => D::SignerIdentifierWrong,
        oid::DEFECT_ISSUING_COUNTRY => D::IssuingCountryWrong,
        oid::DEFECT_CARD_SECURITY => D::CardSecurityMalformed,
        _ => D::Other,
    }
}

/// One document signer's defects.
#[derive(Debug, Clone)]
struct Entry {
    signer: SignerId,
    /// Hash of the certificate, where name and number are not enough.
    hash: Option<Vec<u8>>,
    defects: Vec<KnownDefect>,
    replacement: Option<Certificate>,
    /// The signer that is meant where the security object names another.
    corrected: Option<SignerId>,
    /// The country that is meant where the certificate names another.
    country: Option<String>,
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
    /// Reads a list and checks that it is signed, by one whose certificate is for such lists (or by the country's
    /// own CSCA) and descends from one of the roots.
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
        let pinned = Pinning::Roots(roots);
        let (by, signer) = believed(&signed, pinned, at, Role::signs_defect_lists)?;
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
            let is_replacement = entry
                .replacement
                .as_ref()
                .is_some_and(|r| r.der() == certificate.der());
            is_replacement
                || entry.signer.names(certificate)
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

    /// Whether this certificate is one that the list holds in another's stead.
    pub(crate) fn replaces(&self, certificate: &Certificate) -> bool {
        let mut replacements = self.entries.iter().filter_map(|e| e.replacement.as_ref());
        replacements.any(|r| r.der() == certificate.der())
    }

    /// The signer that is meant where a security object names this one.
    pub(crate) fn corrected(&self, signer: &SignerId) -> Option<&SignerId> {
        let mut entries = self.entries.iter().filter(|e| e.signer.is(signer));
        entries.find_map(|e| e.corrected.as_ref())
    }

    /// The country that is meant by this certificate's.
    pub(crate) fn country_of(&self, certificate: &Certificate) -> Option<&str> {
        let mut entries = self.entries.iter().filter(|e| e.signer.names(certificate));
        entries.find_map(|e| e.country.as_deref())
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
        corrected: None,
        country: None,
    };
    let mut known = fields.take(Tag::SET).map_err(&at)?.inside();
    while let Some(one) = known.next().map_err(&at)? {
        let mut inside = one.inside();
        let kind = inside.take(Tag::OID).map_err(&at)?.value;
        let parameters = inside.next().map_err(&at)?;
        let status = parameters.and_then(|p| p.value.last().copied());
        let defect = defect_of(kind, status);
        match (defect, parameters) {
            (KnownDefect::CertificateReplaced, Some(parameters)) => {
                // An OCTET STRING around it, since version 2 of the format.
                let bytes = match parameters.tag {
                    Tag::OCTET_STRING => parameters.value,
                    _ => parameters.whole,
                };
                entry.replacement = Some(Certificate::parse(bytes)?);
            }
            (KnownDefect::SignerIdentifierWrong, Some(parameters)) => {
                entry.corrected = Some(SignerId::parse(parameters).map_err(&at)?);
            }
            (KnownDefect::IssuingCountryWrong, Some(parameters)) => {
                entry.country = Some(crate::files::text(parameters.value).to_uppercase());
            }
            _ => {}
        }
        entry.defects.push(defect);
    }
    Ok(entry)
}
