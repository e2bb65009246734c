//! Certificate revocation lists of country signers (RFC 5280 section 5, Doc 9303-12 section 7.1.4).

use crate::error::{ChipError, Part};
use crate::oid;
use crate::tlv::{self, Tag, Tlv, TlvError};
use crate::trust::algorithm::Scheme;
use crate::trust::certificate::Certificate;
use crate::trust::name::Name;
use crate::trust::public_key::SignatureFit;
use crate::trust::time;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

const PART: Part = Part::RevocationList;

/// A revocation list as it was read; believed only once [`RevocationList::signed_by`] its issuer.
#[derive(Debug, Clone)]
pub struct RevocationList {
    /// Whose certificates it speaks of.
    pub issuer: Name,
    /// When it was made, UTC.
    pub this_update: DateTime,
    /// When the next one is due, UTC.
    pub next_update: Option<DateTime>,
    authority_key_id: Option<Vec<u8>>,
    /// Serial numbers without leading zeros, and when each was revoked.
    revoked: BTreeMap<Vec<u8>, Option<DateTime>>,
    tbs: Vec<u8>,
    scheme: Scheme,
    signature: Vec<u8>,
}

impl RevocationList {
    /// Reads a CertificateList in DER.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChipError> {
        let at = ChipError::in_part(PART);
        let outer = tlv::first(bytes).map_err(&at)?;
        let mut inside = outer.inside();
        let tbs = inside.take(Tag::SEQUENCE).map_err(&at)?;
        let identifier = inside.take(Tag::SEQUENCE).map_err(&at)?;
        let scheme = Scheme::parse(identifier, None, PART)?;
        let signature = inside
            .take(Tag::BIT_STRING)
            .and_then(|bits| bits.bits())
            .map_err(&at)?
            .to_vec();
        Self::fields(tbs, scheme, signature).map_err(&at)
    }

    fn fields(tbs: Tlv<'_>, scheme: Scheme, signature: Vec<u8>) -> Result<Self, TlvError> {
        let is_time = |tag: Option<Tag>| matches!(tag, Some(Tag(0x17 | 0x18)));
        let mut fields = tbs.inside();
        fields.optional(Tag::INTEGER)?;
        fields.take(Tag::SEQUENCE)?;
        let issuer = Name::parse(fields.take(Tag::SEQUENCE)?)?;
        let this_update = time::parse(fields.next()?.ok_or(tbs.wrong("no time"))?)?;
        let next_update = match fields.peek() {
            tag if is_time(tag) => fields.next()?.map(time::parse).transpose()?,
            _ => None,
        };
        let mut revoked = BTreeMap::new();
        if let Some(list) = fields.optional(Tag::SEQUENCE)? {
            let mut entries = list.inside();
            while let Some(entry) = entries.next()? {
                let mut inside = entry.inside();
                let serial = inside.take(Tag::INTEGER)?;
                let when = inside.next()?.and_then(|t| time::parse(t).ok());
                revoked.insert(tlv::strip_zeros(serial.value).to_vec(), when);
            }
        }
        let mut authority_key_id = None;
        if let Some(wrapper) = fields.optional(Tag(0xA0))? {
            let mut list = wrapper.inside().take(Tag::SEQUENCE)?.inside();
            while let Some(extension) = list.next()? {
                let mut inside = extension.inside();
                let name = inside.take(Tag::OID)?;
                inside.optional(Tag::BOOLEAN)?;
                let value = inside.take(Tag::OCTET_STRING)?;
                if name.value == oid::AUTHORITY_KEY_ID {
                    authority_key_id = tlv::first(value.value)?
                        .inside()
                        .find(Tag(0x80))?
                        .map(|id| id.value.to_vec());
                }
            }
        }
        Ok(Self {
            issuer,
            this_update,
            next_update,
            authority_key_id,
            revoked,
            tbs: tbs.whole.to_vec(),
            scheme,
            signature,
        })
    }

    /// Checks its signature with an authority's key.
    pub fn signed_by(&self, issuer: &Certificate) -> Result<SignatureFit, ChipError> {
        issuer
            .public_key()?
            .check(self.scheme, &self.tbs, &self.signature)
    }

    /// Whether this authority may have made it: by key identifiers where both have one, else by name.
    #[must_use]
    pub fn may_be_issued_by(&self, issuer: &Certificate) -> bool {
        match (&self.authority_key_id, &issuer.subject_key_id) {
            (Some(wanted), Some(have)) if wanted == have => true,
            _ => self.issuer.is(&issuer.subject),
        }
    }

    /// Whether the certificate is on it, and since when if that is said.
    #[must_use]
    pub fn lists(&self, certificate: &Certificate) -> Option<Option<DateTime>> {
        self.revoked.get(&certificate.serial).copied()
    }

    /// How many certificates are on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }
}
