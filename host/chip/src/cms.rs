//! Signed messages (RFC 5652), as security objects and master lists use them.

use crate::error::{ChipError, Part};
use crate::oid::{self, Oid};
use crate::tlv::{self, Reader, Tag, Tlv, TlvError};
use crate::trust::algorithm::{Digest, Scheme};
use crate::trust::certificate::{Certificate, each};
use crate::trust::name::Name;
use crate::trust::public_key::SignatureFit;
use crate::trust::time;
use jiff::civil::DateTime;

const PART: Part = Part::SignedData;

/// Signatures of one message, at most; real messages have one, seldom two.
const MOST_SIGNERS: usize = 16;

/// A signed message as it was read.
#[derive(Debug, Clone)]
pub struct SignedData {
    /// What kind of content.
    pub content_type: Oid,
    /// The content that was signed.
    pub content: Vec<u8>,
    /// The certificates sent along, each read or refused on its own.
    pub certificates: Vec<Result<Certificate, ChipError>>,
    /// The signers.
    pub signers: Vec<Signer>,
}

/// How a signer is named.
#[derive(Debug, Clone)]
pub enum SignerId {
    /// By its certificate's issuer and serial number.
    IssuerSerial(Name, Vec<u8>),
    /// By its certificate's subject key identifier.
    KeyId(Vec<u8>),
}

/// One signature over the content.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Whose it says it is.
    pub id: SignerId,
    /// Hash function of the content.
    pub digest: Digest,
    /// How it was signed.
    pub scheme: Scheme,
    /// When it says it was signed, UTC.
    pub signing_time: Option<DateTime>,
    /// The signed attributes' values, as sent.
    attributes: Option<Attributes>,
    signature: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Attributes {
    /// The objects in the set, as sent.
    bytes: Vec<u8>,
    content_type: Option<Vec<u8>>,
    message_digest: Option<Vec<u8>>,
}

/// Whether a signer's signature holds for the content, with the certificate tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentFit {
    /// Signature and content fit.
    Good,
    /// The content is not the one that was signed.
    ContentChanged,
    /// The signature is not this certificate's.
    SignatureBad,
    /// The certificate's key is of another kind than the signature.
    OtherKind,
}

impl SignerId {
    /// Reads a SignerIdentifier (RFC 5652 section 5.3).
    pub(crate) fn parse(id: Tlv<'_>) -> Result<Self, TlvError> {
        Ok(match id.tag {
            Tag::SEQUENCE => {
                let mut inside = id.inside();
                let issuer = inside.take(Tag::SEQUENCE).and_then(Name::parse)?;
                let serial = inside.take(Tag::INTEGER)?;
                Self::IssuerSerial(issuer, tlv::strip_zeros(serial.value).to_vec())
            }
            Tag(0x80) => Self::KeyId(id.value.to_vec()),
            // Some encoders tag the key identifier explicitly.
            Tag(0xA0) => Self::KeyId(tlv::first(id.value)?.value.to_vec()),
            _ => return Err(id.wrong("no signer identifier")),
        })
    }

    /// Whether the certificate is the one that is named.
    pub(crate) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerSerial(issuer, serial) => {
                certificate.serial == *serial && certificate.issuer.is(issuer)
            }
            Self::KeyId(id) => certificate.subject_key_id.as_ref() == Some(id),
        }
    }

    /// Whether both name the same certificate in the same way.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::IssuerSerial(a, n), Self::IssuerSerial(b, m)) => a.is(b) && n == m,
            (Self::KeyId(a), Self::KeyId(b)) => a == b,
            _ => false,
        }
    }
}

impl SignedData {
    /// Reads a ContentInfo that holds SignedData.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        let at = ChipError::in_part(PART);
        let info = tlv::first(bytes).map_err(&at)?;
        let mut inside = info.inside();
        let kind = inside.take(Tag::OID).map_err(&at)?;
        if kind.value != oid::SIGNED_DATA {
            return Err(at(kind.wrong("not signed data")));
        }
        let wrapper = inside.take(Tag(0xA0)).map_err(&at)?;
        let mut fields = wrapper.inside().take(Tag::SEQUENCE).map_err(&at)?.inside();
        fields.take(Tag::INTEGER).map_err(&at)?;
        fields.take(Tag::SET).map_err(&at)?;
        let (content_type, content) =
            content(fields.take(Tag::SEQUENCE).map_err(&at)?).map_err(&at)?;
        let certificates = fields
            .optional(Tag(0xA0))
            .map_err(&at)?
            .map(|set| each(set.value))
            .unwrap_or_default();
        fields.optional(Tag(0xA1)).map_err(&at)?;
        let set = fields.take(Tag::SET).map_err(&at)?;
        let mut signers = Vec::new();
        let mut infos = set.inside();
        while let Some(info) = infos.next().map_err(&at)? {
            if signers.len() == MOST_SIGNERS {
                return Err(at(set.wrong("more signatures than anybody makes")));
            }
            signers.push(signer(info)?);
        }
        Ok(Self {
            content_type,
            content,
            certificates,
            signers,
        })
    }

    /// The certificate sent along that a signer names, and whether the name fitted exactly.
    ///
    /// Issuers write their own name in two ways within one object, so the serial number alone is enough
    /// where the name is not found: what decides is whether the certificate's key made the signature.
    #[must_use]
    pub fn certificate_of(&self, signer: &Signer) -> Option<&Certificate> {
        let mut sent = self.certificates.iter().flatten();
        match &signer.id {
            SignerId::IssuerSerial(issuer, serial) => sent
                .clone()
                .find(|c| c.serial == *serial && c.issuer.is(issuer))
                .or_else(|| sent.find(|c| c.serial == *serial)),
            SignerId::KeyId(id) => sent
                .clone()
                .find(|c| c.subject_key_id.as_ref() == Some(id))
                // A certificate without the extension: the only one sent is meant.
                .or_else(|| match self.certificates.as_slice() {
                    [Ok(only)] if only.subject_key_id.is_none() => Some(only),
                    _ => None,
                }),
        }
    }

    /// Checks one signature over the content (RFC 5652 sections 5.4 and 5.6).
    pub fn check(
        &self,
        signer: &Signer,
        certificate: &Certificate,
    ) -> Result<ContentFit, ChipError> {
        let key = certificate.public_key()?;
        let fit = match &signer.attributes {
            None => key.check(signer.scheme, &self.content, &signer.signature)?,
            Some(attributes) => {
                let digest = signer.digest.of(&self.content)?;
                if attributes.message_digest.as_deref() != Some(digest.as_slice())
                    || attributes.content_type.as_deref() != Some(self.content_type.0.as_slice())
                {
                    return Ok(ContentFit::ContentChanged);
                }
                let sent = tlv::encode(Tag::SET, &attributes.bytes);
                match key.check(signer.scheme, &sent, &signer.signature)? {
                    // What is signed is the set in DER's order; some send it in another.
                    SignatureFit::Bad => {
                        let sorted = tlv::encode(Tag::SET, &sorted(&attributes.bytes));
                        key.check(signer.scheme, &sorted, &signer.signature)?
                    }
                    fit => fit,
                }
            }
        };
        Ok(match fit {
            SignatureFit::Good => ContentFit::Good,
            SignatureFit::Bad => ContentFit::SignatureBad,
            SignatureFit::OtherKind => ContentFit::OtherKind,
        })
    }
}

fn content(encapsulated: Tlv<'_>) -> Result<(Oid, Vec<u8>), TlvError> {
    let mut inside = encapsulated.inside();
    let kind = inside.take(Tag::OID)?;
    let wrapper = inside.take(Tag(0xA0))?;
    let content = tlv::first(wrapper.value)?;
    let bytes = match content.tag {
        Tag::OCTET_STRING | Tag(0x24) => content.octets()?.into_owned(),
        // PKCS #7 before CMS put the content itself here; its value octets are signed.
        _ => content.value.to_vec(),
    };
    Ok((Oid::from(kind.value), bytes))
}

fn signer(info: Tlv<'_>) -> Result<Signer, ChipError> {
    let at = ChipError::in_part(PART);
    let mut fields = info.inside();
    fields.take(Tag::INTEGER).map_err(&at)?;
    let id = fields.next().map_err(&at)?;
    let id =
        SignerId::parse(id.ok_or_else(|| at(info.wrong("no signer identifier")))?).map_err(&at)?;
    let digest = Digest::parse(fields.take(Tag::SEQUENCE).map_err(&at)?, PART)?;
    let attributes = fields.optional(Tag(0xA0)).map_err(&at)?;
    let identifier = fields.take(Tag::SEQUENCE).map_err(&at)?;
    let scheme = Scheme::parse(identifier, Some(digest), PART)?;
    let signature = fields
        .next()
        .map_err(&at)?
        .ok_or_else(|| at(info.wrong("no signature")))?
        .octets()
        .map_err(&at)?
        .into_owned();
    let mut signing_time = None;
    let attributes = match attributes {
        None => None,
        Some(set) => {
            let (read, time) = attributes_of(set).map_err(&at)?;
            signing_time = time;
            Some(read)
        }
    };
    Ok(Signer {
        id,
        digest,
        scheme,
        signing_time,
        attributes,
        signature,
    })
}

fn attributes_of(set: Tlv<'_>) -> Result<(Attributes, Option<DateTime>), TlvError> {
    let mut read = Attributes {
        bytes: set.value.to_vec(),
        content_type: None,
        message_digest: None,
    };
    let mut signing_time = None;
    let mut list = set.inside();
    while let Some(attribute) = list.next()? {
        let mut inside = attribute.inside();
        let kind = inside.take(Tag::OID)?;
        let value = inside.take(Tag::SET)?.inside().next()?;
        match (kind.value, value) {
            (oid::ATTRIBUTE_CONTENT_TYPE, Some(v)) => read.content_type = Some(v.value.to_vec()),
            (oid::ATTRIBUTE_MESSAGE_DIGEST, Some(v)) => {
                read.message_digest = Some(v.octets()?.into_owned());
            }
            (oid::ATTRIBUTE_SIGNING_TIME, Some(v)) => signing_time = time::parse(v).ok(),
            _ => {}
        }
    }
    Ok((read, signing_time))
}

/// The members of a SET OF in the order of X.690 section 11.6.
fn sorted(set: &[u8]) -> Vec<u8> {
    let mut members = Vec::new();
    let mut reader = Reader::new(set);
    while let Ok(Some(member)) = reader.next() {
        members.push(member.whole);
    }
    members.sort_unstable();
    members.concat()
}
