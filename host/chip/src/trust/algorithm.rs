//! Signature algorithms as certificates and security objects name them (Doc 9303-12 section 4.4, RFC 4055,
//! RFC 5758, BSI TR-03111 section 5.2.1).

use crate::error::{ChipError, Part};
use crate::oid::{self, Oid};
use crate::tlv::{self, Reader, Tag, Tlv};
use openssl::hash::MessageDigest;

/// A hash function of Doc 9303.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Digest {
    /// SHA-1: broken against collisions, still found.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// Reads an AlgorithmIdentifier of a hash function.
    pub(crate) fn parse(identifier: Tlv<'_>, part: Part) -> Result<Self, ChipError> {
        let name = identifier
            .inside()
            .take(Tag::OID)
            .map_err(ChipError::in_part(part))?;
        Self::from_oid(name.value).ok_or_else(|| ChipError::Unsupported {
            part,
            what: format!("hash function {}", Oid::from(name.value)),
        })
    }

    pub(crate) fn from_oid(value: &[u8]) -> Option<Self> {
        let own = DIGESTS.iter().find(|(name, _)| *name == value);
        // Some issuers name a signature algorithm where its hash function belongs.
        own.map(|(_, digest)| *digest)
            .or_else(|| Scheme::named(value).map(Scheme::digest))
    }

    pub(crate) fn openssl(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// The hash of these bytes.
    pub fn of(self, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        openssl::hash::hash(self.openssl(), bytes)
            .map(|digest| digest.to_vec())
            .map_err(|_| ChipError::Library(self.as_str()))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Whether Doc 9303-12 no longer lets it be used for new signatures.
    #[must_use]
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Sha1 | Self::Sha224)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Digest),
    /// RSASSA-PSS (RFC 8017 section 8.1) with the parameters that stand beside it.
    RsaPss {
        /// Hash of the message.
        digest: Digest,
        /// Hash of the mask generation function.
        mask: Digest,
        /// Length of the salt, in bytes.
        salt_bytes: u16,
    },
    /// ECDSA, the signature a SEQUENCE of r and s (RFC 5480).
    Ecdsa(Digest),
    /// ECDSA, the signature r and s one after the other (TR-03111 section 5.2.1).
    EcdsaPlain(Digest),
    /// DSA (FIPS 186-4), the signature a SEQUENCE of r and s (RFC 3279 section 2.2.2).
    Dsa(Digest),
}

/// Hash functions by their names (RFC 5754 section 2, RFC 3279 section 2.1).
const DIGESTS: [(&[u8], Digest); 5] = [
    (oid::SHA1, Digest::Sha1),
    (oid::SHA224, Digest::Sha224),
    (oid::SHA256, Digest::Sha256),
    (oid::SHA384, Digest::Sha384),
    (oid::SHA512, Digest::Sha512),
];

type WithDigest = fn(Digest) -> Scheme;
const RSA: WithDigest = Scheme::RsaPkcs1;
const ECDSA: WithDigest = Scheme::Ecdsa;
const PLAIN: WithDigest = Scheme::EcdsaPlain;
const DSA: WithDigest = Scheme::Dsa;

/// Signatures whose name says everything.
const SCHEMES: [(&[u8], WithDigest, Digest); 18] = [
    (oid::SHA1_WITH_RSA, RSA, Digest::Sha1),
    (oid::SHA224_WITH_RSA, RSA, Digest::Sha224),
    (oid::SHA256_WITH_RSA, RSA, Digest::Sha256),
    (oid::SHA384_WITH_RSA, RSA, Digest::Sha384),
    (oid::SHA512_WITH_RSA, RSA, Digest::Sha512),
    (oid::ECDSA_SHA1, ECDSA, Digest::Sha1),
    (oid::ECDSA_SHA224, ECDSA, Digest::Sha224),
    (oid::ECDSA_SHA256, ECDSA, Digest::Sha256),
    (oid::ECDSA_SHA384, ECDSA, Digest::Sha384),
    (oid::ECDSA_SHA512, ECDSA, Digest::Sha512),
    (oid::ECDSA_PLAIN_SHA1, PLAIN, Digest::Sha1),
    (oid::ECDSA_PLAIN_SHA224, PLAIN, Digest::Sha224),
    (oid::ECDSA_PLAIN_SHA256, PLAIN, Digest::Sha256),
    (oid::ECDSA_PLAIN_SHA384, PLAIN, Digest::Sha384),
    (oid::ECDSA_PLAIN_SHA512, PLAIN, Digest::Sha512),
    (oid::DSA_SHA1, DSA, Digest::Sha1),
    (oid::DSA_SHA224, DSA, Digest::Sha224),
    (oid::DSA_SHA256, DSA, Digest::Sha256),
];

impl Scheme {
    /// Reads an AlgorithmIdentifier of a signature. `beside` is the hash function named elsewhere, for
    /// identifiers that name none (bare `rsaEncryption` in a SignerInfo).
    pub(crate) fn parse(
        identifier: Tlv<'_>,
        beside: Option<Digest>,
        part: Part,
    ) -> Result<Self, ChipError> {
        let at = ChipError::in_part(part);
        let mut inside = identifier.inside();
        let name = inside.take(Tag::OID).map_err(&at)?;
        let parameters = inside.next().map_err(&at)?;
        let unsupported = || ChipError::Unsupported {
            part,
            what: format!("signature algorithm {}", Oid::from(name.value)),
        };
        Ok(match name.value {
            oid::RSA_ENCRYPTION => Self::RsaPkcs1(beside.ok_or_else(unsupported)?),
            oid::RSASSA_PSS => pss(parameters, part)?,
            // X9.62: the hash function stands in the parameters; some put the key's own name here.
            oid::ECDSA_SPECIFIED => match parameters.filter(|p| p.tag == Tag::SEQUENCE) {
                Some(p) => Self::Ecdsa(Digest::parse(p, part)?),
                None => Self::Ecdsa(beside.ok_or_else(unsupported)?),
            },
            oid::DSA => Self::Dsa(beside.ok_or_else(unsupported)?),
            oid::EC_PUBLIC_KEY => Self::Ecdsa(beside.ok_or_else(unsupported)?),
            name => Self::named(name).ok_or_else(unsupported)?,
        })
    }

    /// The scheme that a name alone says.
    fn named(name: &[u8]) -> Option<Self> {
        let row = SCHEMES.iter().find(|(known, ..)| *known == name);
        row.map(|(_, scheme, digest)| scheme(*digest))
    }

    /// The hash function of the message.
    #[must_use]
    pub fn digest(self) -> Digest {
        match self {
            Self::RsaPkcs1(digest)
            | Self::RsaPss { digest, .. }
            | Self::Ecdsa(digest)
            | Self::EcdsaPlain(digest)
            | Self::Dsa(digest) => digest,
        }
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "RSA with {digest}"),
            Self::RsaPss {
                digest,
                mask,
                salt_bytes,
            } => {
                write!(f, "RSA-PSS with {digest}")?;
                if mask != digest {
                    write!(f, ", mask {mask}")?;
                }
                write!(f, ", salt {salt_bytes}")
            }
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            Self::EcdsaPlain(digest) => write!(f, "plain ECDSA with {digest}"),
            Self::Dsa(digest) => write!(f, "DSA with {digest}"),
        }
    }
}

/// RSASSA-PSS-params of RFC 4055 section 3.1, each with its default.
fn pss(parameters: Option<Tlv<'_>>, part: Part) -> Result<Scheme, ChipError> {
    let at = ChipError::in_part(part);
    let (mut digest, mut mask, mut salt_bytes) = (Digest::Sha1, Digest::Sha1, 20);
    let mut inside = match parameters {
        Some(p) if p.tag == Tag::SEQUENCE => p.inside(),
        _ => Reader::new(&[]),
    };
    if let Some(explicit) = inside.optional(Tag(0xA0)).map_err(&at)? {
        digest = Digest::parse(tlv::first(explicit.value).map_err(&at)?, part)?;
    }
    if let Some(explicit) = inside.optional(Tag(0xA1)).map_err(&at)? {
        let mut generator = explicit.inside().take(Tag::SEQUENCE).map_err(&at)?.inside();
        let name = generator.take(Tag::OID).map_err(&at)?;
        if name.value != oid::MGF1 {
            return Err(ChipError::Unsupported {
                part,
                what: format!("mask generation function {}", Oid::from(name.value)),
            });
        }
        if let Some(hash) = generator.next().map_err(&at)? {
            mask = Digest::parse(hash, part)?;
        }
    }
    if let Some(explicit) = inside.optional(Tag(0xA2)).map_err(&at)? {
        let length = explicit.inside().take(Tag::INTEGER).map_err(&at)?;
        salt_bytes = u16::try_from(length.small().map_err(&at)?)
            .map_err(|_| at(length.wrong("a salt longer than any key")))?;
    }
    Ok(Scheme::RsaPss {
        digest,
        mask,
        salt_bytes,
    })
}
