//! Keys in every algorithm that real states use.

use super::der::{oid, sequence};
use chip::tlv::{Tag, encode};
use openssl::dsa::Dsa;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};

/// How a key's curve is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// By name.
    Named,
    /// All its parameters.
    Explicit,
}

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RSASSA-PKCS1-v1_5.
    Rsa,
    /// RSASSA-PSS, with the salt's length in bytes.
    Pss(u8),
    /// ECDSA.
    Ecdsa,
    /// ECDSA, r and s one after the other, under BSI's names.
    Plain,
    /// DSA.
    Dsa,
}

/// A private key with the way that it signs.
#[derive(Clone)]
pub struct Key {
    /// How it signs.
    pub kind: Kind,
    /// With which hash function.
    pub digest: MessageDigest,
    /// The key.
    pub key: PKey<Private>,
}

impl Key {
    /// A fresh key on a curve, its parameters named or written out.
    #[must_use]
    pub fn ec(nid: Nid, written: Curve, digest: MessageDigest) -> Self {
        let mut group = EcGroup::from_curve_name(nid).unwrap();
        group.set_asn1_flag(if written == Curve::Explicit {
            Asn1Flag::EXPLICIT_CURVE
        } else {
            Asn1Flag::NAMED_CURVE
        });
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        Self {
            kind: Kind::Ecdsa,
            digest,
            key,
        }
    }

    /// The same key signing otherwise.
    #[must_use]
    pub fn with(&self, kind: Kind, digest: MessageDigest) -> Self {
        Self {
            kind,
            digest,
            key: self.key.clone(),
        }
    }

    /// A fresh DSA key of 2048 bits.
    #[must_use]
    pub fn dsa(digest: MessageDigest) -> Self {
        let key = PKey::from_dsa(Dsa::generate(2048).unwrap()).unwrap();
        Self {
            kind: Kind::Dsa,
            digest,
            key,
        }
    }

    /// A fresh key of 2048 bits.
    #[must_use]
    pub fn rsa(kind: Kind, exponent: u32, digest: MessageDigest) -> Self {
        let e = openssl::bn::BigNum::from_u32(exponent).unwrap();
        let key = PKey::from_rsa(Rsa::generate_with_e(2048, &e).unwrap()).unwrap();
        Self { kind, digest, key }
    }

    /// AlgorithmIdentifier of its hash function.
    #[must_use]
    pub fn digest_identifier(&self) -> Vec<u8> {
        digest_identifier(self.digest)
    }

    /// Its SubjectPublicKeyInfo.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        self.key.public_key_to_der().unwrap()
    }

    /// AlgorithmIdentifier of its signatures.
    #[must_use]
    pub fn identifier(&self) -> Vec<u8> {
        let size = self.digest.size();
        match self.kind {
            Kind::Ecdsa => sequence(&[&oid(match size {
                20 => "1.2.840.10045.4.1",
                28 => "1.2.840.10045.4.3.1",
                32 => "1.2.840.10045.4.3.2",
                48 => "1.2.840.10045.4.3.3",
                _ => "1.2.840.10045.4.3.4",
            })]),
            Kind::Plain => sequence(&[&oid(match size {
                20 => "0.4.0.127.0.7.1.1.4.1.1",
                28 => "0.4.0.127.0.7.1.1.4.1.2",
                32 => "0.4.0.127.0.7.1.1.4.1.3",
                48 => "0.4.0.127.0.7.1.1.4.1.4",
                _ => "0.4.0.127.0.7.1.1.4.1.5",
            })]),
            Kind::Dsa => sequence(&[&oid(match size {
                20 => "1.2.840.10040.4.3",
                28 => "2.16.840.1.101.3.4.3.1",
                _ => "2.16.840.1.101.3.4.3.2",
            })]),
            Kind::Rsa => sequence(&[
                &oid(match size {
                    16 => "1.2.840.113549.1.1.4",
                    20 => "1.2.840.113549.1.1.5",
                    28 => "1.2.840.113549.1.1.14",
                    32 => "1.2.840.113549.1.1.11",
                    48 => "1.2.840.113549.1.1.12",
                    _ => "1.2.840.113549.1.1.13",
                }),
                &[5, 0],
            ]),
            Kind::Pss(salt) => {
                let hash = self.digest_identifier();
                let mask = sequence(&[&oid("1.2.840.113549.1.1.8"), &hash]);
                let parameters = sequence(&[
                    &encode(Tag(0xA0), &hash),
                    &encode(Tag(0xA1), &mask),
                    &encode(Tag(0xA2), &encode(Tag::INTEGER, &[salt])),
                ]);
                sequence(&[&oid("1.2.840.113549.1.1.10"), &parameters])
            }
        }
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        if self.kind == Kind::Plain {
            let key = self.key.ec_key().unwrap();
            let signature = EcdsaSig::sign(&hash(self.digest, bytes).unwrap(), &key).unwrap();
            let length = key.group().order_bits().div_ceil(8) as i32;
            let part = |n: &openssl::bn::BigNumRef| n.to_vec_padded(length).unwrap();
            return [part(signature.r()), part(signature.s())].concat();
        }
        let mut signer = Signer::new(self.digest, &self.key).unwrap();
        if let Kind::Pss(salt) = self.kind {
            signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            signer.set_rsa_mgf1_md(self.digest).unwrap();
            signer
                .set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::from(salt)))
                .unwrap();
        }
        signer.sign_oneshot_to_vec(bytes).unwrap()
    }

    /// Its subject key identifier.
    #[must_use]
    pub fn id(&self) -> Vec<u8> {
        hash(
            MessageDigest::sha1(),
            &self.key.public_key_to_der().unwrap(),
        )
        .unwrap()
        .to_vec()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// AlgorithmIdentifier of a hash function.
#[must_use]
pub fn digest_identifier(digest: MessageDigest) -> Vec<u8> {
    let name = match digest.size() {
        16 => "1.2.840.113549.2.5",
        20 => "1.3.14.3.2.26",
        28 => "2.16.840.1.101.3.4.2.4",
        32 => "2.16.840.1.101.3.4.2.1",
        48 => "2.16.840.1.101.3.4.2.2",
        _ => "2.16.840.1.101.3.4.2.3",
    };
    sequence(&[&oid(name)])
}

/// P-256 with SHA-256: what most signers of these tests use.
#[must_use]
pub fn p256() -> Key {
    Key::ec(Nid::X9_62_PRIME256V1, Curve::Named, MessageDigest::sha256())
}
