//! Public keys and what was signed with them.
//!
//! Most real EC keys carry their curve as explicit parameters (225 of 232 in a survey of CSCA keys).
//! Each is matched to a named curve, all of field, coefficients, generator and order; any other curve is
//! refused, for a forger could choose one on which a known key fits (CVE-2020-0601).

use crate::error::{ChipError, Part};
use crate::oid::{self, Oid};
use crate::tlv::{self, Tag, Tlv};
use crate::trust::algorithm::Scheme;
use openssl::bn::{BigNum, BigNumContext};
use openssl::dsa::Dsa;
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};

const PART: Part = Part::PublicKey;

macro_rules! curves {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $nid:ident, $oid:expr;)*) => {
        /// A named curve over a prime field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Curve { $($(#[$doc])* $variant,)* }

        impl Curve {
            /// Every curve that is accepted.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its usual name.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $name),* } }

            fn nid(self) -> Nid { match self { $(Self::$variant => Nid::$nid),* } }

            fn oid(self) -> &'static [u8] { match self { $(Self::$variant => &$oid),* } }
        }
    };
}

curves! {
    /// NIST P-192.
    P192 = "P-192", X9_62_PRIME192V1, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x01];
    /// NIST P-224.
    P224 = "P-224", SECP224R1, [0x2B, 0x81, 0x04, 0x00, 0x21];
    /// NIST P-256.
    P256 = "P-256", X9_62_PRIME256V1, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    /// NIST P-384.
    P384 = "P-384", SECP384R1, [0x2B, 0x81, 0x04, 0x00, 0x22];
    /// NIST P-521.
    P521 = "P-521", SECP521R1, [0x2B, 0x81, 0x04, 0x00, 0x23];
    /// brainpoolP192r1 (RFC 5639).
    BrainpoolP192r1 = "brainpoolP192r1", BRAINPOOL_P192R1, [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x03];
    /// brainpoolP224r1 (RFC 5639).
    BrainpoolP224r1 = "brainpoolP224r1", BRAINPOOL_P224R1, [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x05];
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1 = "brainpoolP256r1", BRAINPOOL_P256R1, [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07];
    /// brainpoolP320r1 (RFC 5639).
    BrainpoolP320r1 = "brainpoolP320r1", BRAINPOOL_P320R1, [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x09];
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1 = "brainpoolP384r1", BRAINPOOL_P384R1, [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0B];
    /// brainpoolP512r1 (RFC 5639).
    BrainpoolP512r1 = "brainpoolP512r1", BRAINPOOL_P512R1, [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0D];
}

impl Curve {
    /// The curve of a standardised domain parameter (Doc 9303-11 section 9.5.1).
    #[must_use]
    pub fn standard(parameter: u8) -> Option<Self> {
        Some(match parameter {
            8 => Self::P192,
            9 => Self::BrainpoolP192r1,
            10 => Self::P224,
            11 => Self::BrainpoolP224r1,
            12 => Self::P256,
            13 => Self::BrainpoolP256r1,
            14 => Self::BrainpoolP320r1,
            15 => Self::P384,
            16 => Self::BrainpoolP384r1,
            17 => Self::BrainpoolP512r1,
            18 => Self::P521,
            _ => return None,
        })
    }

    /// The library's group of this curve.
    pub(crate) fn group(self) -> Result<EcGroup, ChipError> {
        EcGroup::from_curve_name(self.nid()).map_err(|_| ChipError::Library(self.as_str()))
    }
}

/// A group of numbers modulo a prime, as a key for agreements names it. Bytes of big-endian numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhParameters {
    /// The prime.
    pub prime: Vec<u8>,
    /// The generator.
    pub generator: Vec<u8>,
    /// The generator's order, where it is said.
    pub order: Option<Vec<u8>>,
}

/// A public key that can check signatures or agree on secrets.
#[derive(Debug, Clone)]
pub enum PublicKey {
    /// RSA.
    Rsa {
        /// The key.
        key: Rsa<Public>,
    },
    /// A point of a named curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The key.
        key: EcKey<Public>,
    },
    /// DSA, which the sixth edition of Doc 9303 allowed and a few documents have.
    Dsa {
        /// The key.
        key: Dsa<Public>,
    },
    /// A number of a group modulo a prime, for agreements only.
    Dh {
        /// The group.
        parameters: DhParameters,
        /// The key.
        value: Vec<u8>,
    },
}

/// Whether a signature was made with the key's other half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureFit {
    /// It was.
    Good,
    /// It was not, or what was signed has been changed since.
    Bad,
    /// The key is of another kind than the signature's algorithm.
    OtherKind,
}

fn library(what: &'static str) -> impl Fn(ErrorStack) -> ChipError {
    move |_| ChipError::Library(what)
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1).
    pub fn parse(info: Tlv<'_>) -> Result<Self, ChipError> {
        let at = ChipError::in_part(PART);
        let mut inside = info.inside();
        let mut algorithm = inside.take(Tag::SEQUENCE).map_err(&at)?.inside();
        let name = algorithm.take(Tag::OID).map_err(&at)?;
        let parameters = algorithm.next().map_err(&at)?;
        let key = inside
            .take(Tag::BIT_STRING)
            .and_then(|bits| bits.bits())
            .map_err(&at)?;
        match name.value {
            oid::RSA_ENCRYPTION | oid::RSASSA_PSS => Self::rsa(key),
            oid::EC_PUBLIC_KEY => {
                let curve = match parameters {
                    Some(p) => curve(p)?,
                    None => {
                        return Err(ChipError::BadKey {
                            part: PART,
                            what: "names no curve",
                        });
                    }
                };
                Self::ec(curve, key)
            }
            oid::STANDARDISED_DOMAIN => {
                let curve = parameters
                    .and_then(|p| p.small().ok())
                    .and_then(|n| u8::try_from(n).ok())
                    .and_then(Curve::standard);
                Self::ec(
                    curve.ok_or_else(|| ChipError::Unsupported {
                        part: PART,
                        what: "these standardised domain parameters".into(),
                    })?,
                    key,
                )
            }
            oid::DSA => {
                let group = parameters.ok_or(ChipError::BadKey {
                    part: PART,
                    what: "names no group",
                })?;
                Self::dsa(group, key)
            }
            oid::DH_KEY_AGREEMENT | oid::DH_PUBLIC_NUMBER => {
                let group = parameters.ok_or(ChipError::BadKey {
                    part: PART,
                    what: "names no group",
                })?;
                Self::dh(name.value, group, key)
            }
            other => Err(ChipError::Unsupported {
                part: PART,
                what: format!("key algorithm {}", Oid::from(other)),
            }),
        }
    }

    /// RSAPublicKey of RFC 8017: SEQUENCE of modulus and exponent.
    fn rsa(key: &[u8]) -> Result<Self, ChipError> {
        let at = ChipError::in_part(PART);
        let mut inside = tlv::first(key).map_err(&at)?.inside();
        let modulus = inside.take(Tag::INTEGER).map_err(&at)?;
        let exponent = inside.take(Tag::INTEGER).map_err(&at)?;
        // Some encoders leave out the zero before a modulus whose first bit is set: no modulus is negative.
        let modulus = tlv::strip_zeros(modulus.value);
        let exponent = exponent.unsigned().map_err(&at)?;
        let bad = |what| ChipError::BadKey { part: PART, what };
        if !(64..=2048).contains(&modulus.len()) {
            return Err(bad("an RSA modulus below 512 or above 16384 bits"));
        }
        if exponent.len() > 8 || exponent.last().is_none_or(|b| b & 1 == 0) || exponent == [1] {
            return Err(bad("an RSA exponent that is even, one, or above 64 bits"));
        }
        let number = |bytes| BigNum::from_slice(bytes).map_err(library("big numbers"));
        let key = Rsa::from_public_components(number(modulus)?, number(exponent)?)
            .map_err(library("RSA"))?;
        Ok(Self::Rsa { key })
    }

    /// Dss-Parms and DSAPublicKey of RFC 3279 section 2.3.2.
    fn dsa(group: Tlv<'_>, key: &[u8]) -> Result<Self, ChipError> {
        let at = ChipError::in_part(PART);
        let bad = |what| ChipError::BadKey { part: PART, what };
        let mut fields = group.inside();
        let mut number = || fields.take(Tag::INTEGER)?.unsigned();
        let (p, q, g) = (
            number().map_err(&at)?,
            number().map_err(&at)?,
            number().map_err(&at)?,
        );
        let value = tlv::first(key).and_then(|v| v.unsigned()).map_err(&at)?;
        if !(128..=512).contains(&p.len()) || !(20..=32).contains(&q.len()) {
            return Err(bad("a DSA group below 1024 or above 4096 bits"));
        }
        let is_odd = |n: &[u8]| n.last().is_some_and(|b| b & 1 == 1);
        let is_below = |n: &[u8]| n.len() < p.len() || (n.len() == p.len() && *n < *p);
        let too_small = |n: &[u8]| n.is_empty() || n == [1];
        if !is_odd(p) || !is_odd(q) || [g, value].iter().any(|n| !is_below(n) || too_small(n)) {
            return Err(bad("a number that is not of its group"));
        }
        let number = |bytes| BigNum::from_slice(bytes).map_err(library("big numbers"));
        let key = Dsa::from_public_components(number(p)?, number(q)?, number(g)?, number(value)?)
            .map_err(library("DSA"))?;
        Ok(Self::Dsa { key })
    }

    /// PKCS #3 (prime, generator, length) or X9.42 (prime, generator, order).
    fn dh(name: &[u8], group: Tlv<'_>, key: &[u8]) -> Result<Self, ChipError> {
        let at = ChipError::in_part(PART);
        let mut fields = group.inside();
        let mut number = || {
            let number = fields.take(Tag::INTEGER)?.unsigned()?;
            Ok(number.to_vec())
        };
        let prime: Vec<u8> = number().map_err(&at)?;
        let generator = number().map_err(&at)?;
        let order = match name {
            oid::DH_PUBLIC_NUMBER => Some(number().map_err(&at)?),
            _ => None,
        };
        let value = tlv::first(key).and_then(|v| v.unsigned()).map_err(&at)?;
        let bad = |what| ChipError::BadKey { part: PART, what };
        if !(128..=1024).contains(&prime.len()) || prime.last().is_none_or(|b| b & 1 == 0) {
            return Err(bad(
                "a prime that is even, or below 1024 or above 8192 bits",
            ));
        }
        let is_below = |n: &[u8]| n.len() < prime.len() || (n.len() == prime.len() && *n < *prime);
        let too_small = |n: &[u8]| n.is_empty() || n == [1];
        if [&generator, value]
            .iter()
            .any(|n| !is_below(n) || too_small(n))
            || order.as_ref().is_some_and(|q| !is_below(q) || q.len() < 20)
        {
            return Err(bad("a number that is not of its group"));
        }
        let value = value.to_vec();
        let parameters = DhParameters {
            prime,
            generator,
            order,
        };
        Ok(Self::Dh { parameters, value })
    }

    /// A point, compressed or not, checked to lie on its curve.
    pub(crate) fn ec(curve: Curve, point: &[u8]) -> Result<Self, ChipError> {
        let group = curve.group()?;
        let mut context = BigNumContext::new().map_err(library("big numbers"))?;
        let off = |_| ChipError::BadKey {
            part: PART,
            what: "the point is not on its curve",
        };
        // The library refuses bytes that are on no point of the curve. Every curve here has the cofactor one, so
        // each of its points but the one at infinity is of full order.
        let point = EcPoint::from_bytes(&group, point, &mut context).map_err(off)?;
        if point.is_infinity(&group) {
            return Err(ChipError::BadKey {
                part: PART,
                what: "the point is at infinity",
            });
        }
        let key = EcKey::from_public_key(&group, &point).map_err(off)?;
        Ok(Self::Ec { curve, key })
    }

    /// Its kind and size, as in `RSA 3072` or `brainpoolP256r1`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Rsa { key } => format!("RSA {}", key.n().num_bits()),
            Self::Ec { curve, .. } => curve.as_str().into(),
            Self::Dsa { key } => format!("DSA {}", key.p().num_bits()),
            Self::Dh { parameters, .. } => format!("DH {}", parameters.prime.len() * 8),
        }
    }

    /// Checks a signature over these bytes.
    pub fn check(
        &self,
        scheme: Scheme,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<SignatureFit, ChipError> {
        let fit = match (self, scheme) {
            (Self::Rsa { key }, Scheme::RsaPkcs1(_) | Scheme::RsaPss { .. }) => {
                check_rsa(key, scheme, signed, signature)?
            }
            (Self::Ec { curve, key }, Scheme::Ecdsa(digest) | Scheme::EcdsaPlain(digest)) => {
                let Some(signature) = ecdsa(*curve, scheme, signature)? else {
                    return Ok(SignatureFit::Bad);
                };
                // An error here is r or s out of range: a signature that no key makes.
                signature.verify(&digest.of(signed)?, key).unwrap_or(false)
            }
            (Self::Dsa { key }, Scheme::Dsa(digest)) => {
                let lib = library("DSA");
                let key = PKey::from_dsa(key.clone()).map_err(&lib)?;
                let mut verifier = Verifier::new(digest.openssl(), &key).map_err(&lib)?;
                verifier.verify_oneshot(signature, signed).unwrap_or(false)
            }
            _ => return Ok(SignatureFit::OtherKind),
        };
        Ok(if fit {
            SignatureFit::Good
        } else {
            SignatureFit::Bad
        })
    }
}

fn check_rsa(
    key: &Rsa<Public>,
    scheme: Scheme,
    signed: &[u8],
    signature: &[u8],
) -> Result<bool, ChipError> {
    let lib = library("RSA");
    let key = PKey::from_rsa(key.clone()).map_err(&lib)?;
    let mut verifier = Verifier::new(scheme.digest().openssl(), &key).map_err(&lib)?;
    if let Scheme::RsaPss {
        mask, salt_bytes, ..
    } = scheme
    {
        verifier.set_rsa_padding(Padding::PKCS1_PSS).map_err(&lib)?;
        verifier.set_rsa_mgf1_md(mask.openssl()).map_err(&lib)?;
        verifier
            .set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::from(salt_bytes)))
            .map_err(&lib)?;
    }
    // RFC 8017 wants a signature as long as the modulus; some signers drop its leading zeros.
    let missing = (key.size()).saturating_sub(signature.len());
    let padded: Vec<u8> = std::iter::repeat_n(0, missing)
        .chain(signature.iter().copied())
        .collect();
    // The library answers an ill-formed padding with an error, a well-formed wrong one with `false`.
    Ok(verifier.verify_oneshot(&padded, signed).unwrap_or(false))
}

/// r and s of an ECDSA signature; `None` where the bytes cannot hold them.
fn ecdsa(curve: Curve, scheme: Scheme, signature: &[u8]) -> Result<Option<EcdsaSig>, ChipError> {
    let plain = || {
        let bytes = curve.group().ok()?.order_bits().div_ceil(8) as usize;
        (signature.len() == bytes * 2).then(|| signature.split_at(bytes))
    };
    let encoded = || {
        let mut inside = tlv::first(signature).ok()?.inside();
        let r = inside.take(Tag::INTEGER).ok()?.value;
        let s = inside.take(Tag::INTEGER).ok()?.value;
        Some((r, s))
    };
    let parts = match scheme {
        Scheme::EcdsaPlain(_) => plain().or_else(encoded),
        _ => encoded().or_else(plain),
    };
    let Some((r, s)) = parts.filter(|(r, s)| r.len() <= 80 && s.len() <= 80) else {
        return Ok(None);
    };
    let number = |bytes| BigNum::from_slice(bytes).map_err(library("big numbers"));
    EcdsaSig::from_private_components(number(r)?, number(s)?)
        .map(Some)
        .map_err(library("ECDSA"))
}

/// EcpkParameters (X9.62, RFC 3279 section 2.3.5): a name, or the whole curve.
pub(crate) fn curve(parameters: Tlv<'_>) -> Result<Curve, ChipError> {
    if parameters.tag == Tag::OID {
        return Curve::ALL
            .iter()
            .copied()
            .find(|c| c.oid() == parameters.value)
            .ok_or_else(|| ChipError::Unsupported {
                part: PART,
                what: format!("curve {}", Oid::from(parameters.value)),
            });
    }
    explicit(parameters)
}

fn explicit(parameters: Tlv<'_>) -> Result<Curve, ChipError> {
    let at = ChipError::in_part(PART);
    let mut inside = parameters.inside();
    inside.take(Tag::INTEGER).map_err(&at)?;
    let mut field = inside.take(Tag::SEQUENCE).map_err(&at)?.inside();
    let kind = field.take(Tag::OID).map_err(&at)?;
    let unknown = |what: &str| ChipError::Unsupported {
        part: PART,
        what: what.into(),
    };
    if kind.value != oid::PRIME_FIELD {
        return Err(unknown("a curve over other than a prime field"));
    }
    let prime = field
        .take(Tag::INTEGER)
        .and_then(|p| p.unsigned())
        .map_err(&at)?;
    let mut coefficients = inside.take(Tag::SEQUENCE).map_err(&at)?.inside();
    let a = coefficients.take(Tag::OCTET_STRING).map_err(&at)?.value;
    let b = coefficients.take(Tag::OCTET_STRING).map_err(&at)?.value;
    let generator = inside.take(Tag::OCTET_STRING).map_err(&at)?.value;
    let order = inside
        .take(Tag::INTEGER)
        .and_then(|n| n.unsigned())
        .map_err(&at)?;
    let cofactor = inside.optional(Tag::INTEGER).map_err(&at)?;
    if cofactor.is_some_and(|h| h.value != [1]) {
        return Err(unknown("a curve with a cofactor"));
    }
    for curve in Curve::ALL.iter().copied() {
        let group = curve.group()?;
        let is_it = is_curve(&group, [prime, a, b, order], generator)
            .map_err(library("elliptic curves"))?;
        if is_it {
            return Ok(curve);
        }
    }
    Err(unknown("a curve without a name"))
}

/// Whether field, coefficients, order and generator are all those of the group.
fn is_curve(
    group: &EcGroupRef,
    [prime, a, b, order]: [&[u8]; 4],
    generator: &[u8],
) -> Result<bool, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let (mut p, mut ca, mut cb, mut n) = (
        BigNum::new()?,
        BigNum::new()?,
        BigNum::new()?,
        BigNum::new()?,
    );
    group.components_gfp(&mut p, &mut ca, &mut cb, &mut context)?;
    group.order(&mut n, &mut context)?;
    for (have, given) in [(&p, prime), (&ca, a), (&cb, b), (&n, order)] {
        if have.to_vec() != tlv::strip_zeros(given) {
            return Ok(false);
        }
    }
    let Ok(given) = EcPoint::from_bytes(group, generator, &mut context) else {
        return Ok(false);
    };
    match group.generator_opt() {
        Some(own) => given.eq(group, own, &mut context),
        None => Ok(false),
    }
}
