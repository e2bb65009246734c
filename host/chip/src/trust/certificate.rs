//! Certificates of country signers, document signers and list signers (RFC 5280, Doc 9303-12 section 7).

use crate::error::{ChipError, Part};
use crate::oid;
use crate::tlv::{self, Reader, Tag, Tlv, TlvError};
use crate::trust::algorithm::Scheme;
use crate::trust::name::Name;
use crate::trust::public_key::{PublicKey, SignatureFit};
use crate::trust::time;
use jiff::civil::{Date, DateTime};

const PART: Part = Part::Certificate;

/// A certificate as it was read; believing it is another matter.
#[derive(Debug, Clone)]
pub struct Certificate {
    der: Vec<u8>,
    /// The signed part, within `der`.
    tbs: std::ops::Range<usize>,
    /// The outer AlgorithmIdentifier, within `der`.
    algorithm: std::ops::Range<usize>,
    /// The SubjectPublicKeyInfo, within `der`.
    key: std::ops::Range<usize>,
    signature: Vec<u8>,
    /// Serial number, without leading zeros.
    pub serial: Vec<u8>,
    /// Who signed it.
    pub issuer: Name,
    /// Whose it is.
    pub subject: Name,
    /// Start of validity, UTC.
    pub not_before: DateTime,
    /// End of validity, UTC.
    pub not_after: DateTime,
    /// Subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Key identifier of the issuer's key.
    pub authority_key_id: Option<Vec<u8>>,
    /// What it says that its key may do.
    pub role: Role,
}

/// Bits of the key usage (RFC 5280 section 4.2.1.3): signing content, and signing certificates.
const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_CERT_SIGN: u8 = 0x04;

/// Whether an extension must be understood by whoever relies on the certificate (RFC 5280 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Criticality {
    /// It may be passed over.
    #[default]
    NonCritical,
    /// It must be obeyed, or the certificate refused.
    Critical,
}

/// Whether a key may sign security objects, as far as its certificate says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignsDocuments {
    /// Nothing speaks against it.
    Yes,
    /// It names, without insisting, a purpose that keys of the Internet have (TLS, mail, code).
    Doubtful,
    /// It is for something else.
    No,
}

/// What a certificate's extensions say that its key may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// Basic constraints: `Some(true)` for an authority; `None` where the extension is absent.
    pub authority: Option<bool>,
    /// First byte of the key usage bits; `None` where the extension is absent.
    pub usage: Option<u8>,
    /// Extended key usages, encoded.
    pub purposes: Vec<Vec<u8>>,
    /// Whether those bind.
    pub binding: Criticality,
}

impl Role {
    /// Whether it may sign certificates, as far as it says anything. The key usage decides where there is one:
    /// link certificates of several states have it right and say beside it that they are no authority.
    #[must_use]
    pub fn signs_certificates(&self) -> bool {
        match self.usage {
            Some(bits) => bits & KEY_CERT_SIGN != 0,
            None => self.authority != Some(false),
        }
    }

    /// Whether it may sign content, as far as its key usage says anything.
    fn signs_content(&self) -> bool {
        self.usage.is_none_or(|bits| bits & DIGITAL_SIGNATURE != 0)
    }

    /// Whether it may sign security objects (Doc 9303-12 sections 7.1.1 and 7.1.1.3). A document signer is no
    /// authority, signs content, and has no extended key usage. A key that the standards have for something else
    /// (master lists, deviation and defect lists, visible digital seals, talking to other states) may not:
    /// otherwise whoever holds it could issue documents.
    ///
    /// What does not bind and has no meaning here, as makers of authorities' programs write, is passed over.
    #[must_use]
    pub fn signs_documents(&self) -> SignsDocuments {
        let names = |fits: fn(&[u8]) -> bool| self.purposes.iter().any(|p| fits(p));
        let is_other = |p: &[u8]| {
            p != oid::LDS_SECURITY_OBJECT
                && (p.starts_with(oid::TRAVEL_DOCUMENT_SECURITY)
                    || p.starts_with(oid::BSI_TRAVEL_DOCUMENTS))
        };
        if self.authority == Some(true) || !self.signs_content() || names(is_other) {
            return SignsDocuments::No;
        }
        // RFC 5280 section 4.2.1.12: one purpose that fits suffices.
        if names(|p| p == oid::LDS_SECURITY_OBJECT || p == oid::ANY_EXTENDED_KEY_USAGE) {
            return SignsDocuments::Yes;
        }
        match self.binding {
            Criticality::Critical => SignsDocuments::No,
            Criticality::NonCritical if names(|p| p.starts_with(oid::INTERNET_PURPOSES)) => {
                SignsDocuments::Doubtful
            }
            Criticality::NonCritical => SignsDocuments::Yes,
        }
    }

    /// Whether it may sign master lists (Doc 9303-12 section 7.1.1.3, id-icao-cscaMasterListSigningKey).
    #[must_use]
    pub fn signs_lists(&self) -> bool {
        self.signs_content() && self.purposes.iter().any(|p| p == oid::MASTER_LIST_SIGNER)
    }

    /// Whether it may sign lists of known defects: a purpose of its own among BSI's for travel documents
    /// (TR-03129-2 section 7), or one of the standard's for lists of states.
    #[must_use]
    pub fn signs_defect_lists(&self) -> bool {
        let is_for_lists = |p: &Vec<u8>| {
            p == oid::MASTER_LIST_SIGNER
                || p == oid::DEVIATION_LIST_SIGNER
                || p.starts_with(oid::BSI_TRAVEL_DOCUMENTS)
        };
        self.signs_content() && self.purposes.iter().any(is_for_lists)
    }
}

impl Certificate {
    /// Reads a certificate in DER; what follows it is ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        Self::read(bytes).map_err(ChipError::in_part(PART))
    }

    fn read(bytes: &[u8]) -> Result<Self, TlvError> {
        let outer = tlv::first(bytes)?;
        if outer.tag != Tag::SEQUENCE {
            return Err(TlvError::new(outer.tag, tlv::Fault::Misplaced));
        }
        let place = |tlv: Tlv<'_>| {
            let start = tlv.whole.as_ptr() as usize - outer.whole.as_ptr() as usize;
            start..start + tlv.whole.len()
        };
        let mut inside = outer.inside();
        let tbs = inside.take(Tag::SEQUENCE)?;
        let algorithm = inside.take(Tag::SEQUENCE)?;
        let signature = inside.take(Tag::BIT_STRING)?.bits()?.to_vec();

        let mut fields = tbs.inside();
        fields.optional(Tag(0xA0))?;
        let serial = fields.take(Tag::INTEGER)?;
        fields.take(Tag::SEQUENCE)?;
        let issuer = Name::parse(fields.take(Tag::SEQUENCE)?)?;
        let mut validity = fields.take(Tag::SEQUENCE)?.inside();
        let from = validity.next()?.ok_or(outer.wrong("no validity"))?;
        let until = validity.next()?.ok_or(outer.wrong("no validity"))?;
        let subject = Name::parse(fields.take(Tag::SEQUENCE)?)?;
        let key = fields.take(Tag::SEQUENCE)?;
        let mut certificate = Self {
            der: outer.whole.to_vec(),
            tbs: place(tbs),
            algorithm: place(algorithm),
            key: place(key),
            signature,
            serial: tlv::strip_zeros(serial.value).to_vec(),
            issuer,
            subject,
            not_before: time::parse(from)?,
            not_after: time::parse(until)?,
            subject_key_id: None,
            authority_key_id: None,
            role: Role::default(),
        };
        if let Some(extensions) = fields.find(Tag(0xA3))? {
            certificate.extensions(extensions)?;
        }
        Ok(certificate)
    }

    fn extensions(&mut self, wrapper: Tlv<'_>) -> Result<(), TlvError> {
        let mut list = wrapper.inside().take(Tag::SEQUENCE)?.inside();
        while let Some(extension) = list.next()? {
            let mut inside = extension.inside();
            let name = inside.take(Tag::OID)?;
            let criticality = match inside.optional(Tag::BOOLEAN)? {
                Some(said) if is_true(said) => Criticality::Critical,
                _ => Criticality::NonCritical,
            };
            let value = inside.take(Tag::OCTET_STRING)?.value;
            match name.value {
                oid::SUBJECT_KEY_ID => {
                    self.subject_key_id = Some(tlv::first(value)?.value.to_vec());
                }
                oid::AUTHORITY_KEY_ID => {
                    self.authority_key_id = tlv::first(value)?
                        .inside()
                        .find(Tag(0x80))?
                        .map(|id| id.value.to_vec());
                }
                oid::KEY_USAGE => {
                    // Unused bits are written as the standard wants or not at all: the second byte counts.
                    self.role.usage = Some(tlv::first(value)?.value.get(1).copied().unwrap_or(0));
                }
                oid::BASIC_CONSTRAINTS => {
                    let authority = tlv::first(value)?.inside().optional(Tag::BOOLEAN)?;
                    self.role.authority = Some(authority.is_some_and(is_true));
                }
                oid::EXTENDED_KEY_USAGE => {
                    self.role.binding = criticality;
                    let mut purposes = tlv::first(value)?.inside();
                    while let Some(purpose) = purposes.next()? {
                        self.role.purposes.push(purpose.value.to_vec());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The certificate's bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its public key.
    pub fn public_key(&self) -> Result<PublicKey, ChipError> {
        let info = tlv::first(&self.der[self.key.clone()]).map_err(ChipError::in_part(PART))?;
        PublicKey::parse(info)
    }

    /// How it was signed.
    pub fn scheme(&self) -> Result<Scheme, ChipError> {
        let identifier =
            tlv::first(&self.der[self.algorithm.clone()]).map_err(ChipError::in_part(PART))?;
        Scheme::parse(identifier, None, PART)
    }

    /// Checks its signature with the issuer's key.
    pub fn signed_by(&self, issuer: &Self) -> Result<SignatureFit, ChipError> {
        let signed = &self.der[self.tbs.clone()];
        issuer
            .public_key()?
            .check(self.scheme()?, signed, &self.signature)
    }

    /// Whether it is an authority's: by what it says of itself, or, where it says nothing, for naming itself as its
    /// issuer.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        let signs_certificates = self.role.usage.is_some_and(|b| b & KEY_CERT_SIGN != 0);
        signs_certificates || self.role.authority.unwrap_or_else(|| self.is_self_issued())
    }

    /// Whether it names itself as its issuer.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer.is(&self.subject)
    }

    /// Whether `issuer` may be who signed this one: by key identifiers where both have one, else by name.
    #[must_use]
    pub fn may_be_issued_by(&self, issuer: &Self) -> IssuerMatch {
        let by_key = match (&self.authority_key_id, &issuer.subject_key_id) {
            (Some(wanted), Some(have)) => Some(wanted == have),
            _ => None,
        };
        match (by_key, self.issuer.is(&issuer.subject)) {
            (Some(true), _) => IssuerMatch::ByKey,
            (_, true) => IssuerMatch::ByName,
            _ => IssuerMatch::No,
        }
    }

    /// Whether the day lies within its validity.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.not_before.date() <= day && day <= self.not_after.date()
    }

    /// The country that it belongs to: of the subject, else of the issuer, in capitals.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        self.subject.country().or_else(|| self.issuer.country())
    }
}

/// A BOOLEAN, of which anything but nought is true.
fn is_true(said: Tlv<'_>) -> bool {
    said.value.iter().any(|b| *b != 0)
}

/// How well a certificate fits as another's issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IssuerMatch {
    /// Neither key identifier nor name fit.
    No,
    /// Only the name fits: an authority has one name and, in time, many keys.
    ByName,
    /// The key identifiers are the same.
    ByKey,
}

/// Every certificate of a PEM text; other sections are skipped.
#[must_use]
pub(crate) fn pem_sections(text: &str) -> Vec<(String, Vec<u8>)> {
    use base64::Engine as _;
    let mut sections = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = line
            .strip_prefix("-----BEGIN ")
            .and_then(|l| l.strip_suffix("-----"))
        {
            open = Some((label.into(), String::new()));
        } else if line.starts_with("-----END ") {
            if let Some((label, body)) = open.take()
                && let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(&body)
            {
                sections.push((label, bytes));
            }
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
    }
    sections
}

/// Certificates one after another, each read or refused on its own.
pub(crate) fn each(bytes: &[u8]) -> Vec<Result<Certificate, ChipError>> {
    let mut out = Vec::new();
    let mut reader = Reader::new(bytes);
    loop {
        match reader.next() {
            Ok(None) => return out,
            Ok(Some(tlv)) => out.push(Certificate::parse(tlv.whole)),
            Err(source) => {
                out.push(Err(ChipError::Malformed { part: PART, source }));
                return out;
            }
        }
    }
}
