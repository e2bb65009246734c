//! Keys of active authentication (Doc 9303-11 section 6.1).

use super::der::{integer, oid, sequence};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};

/// A private key with the way that it signs.
pub enum Signing {
    /// ISO/IEC 9796-2 scheme 1 with this hash function and trailer.
    Rsa(Rsa<Private>, MessageDigest, &'static [u8]),
    /// Plain ECDSA with this hash function, and the algorithm that EF.DG14 names.
    Ec(EcKey<Private>, MessageDigest, &'static str),
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rsa(..) => "Signing::Rsa",
            Self::Ec(..) => "Signing::Ec",
        })
    }
}

impl Signing {
    /// A fresh RSA key.
    #[must_use]
    pub fn rsa(digest: MessageDigest, trailer: &'static [u8]) -> Self {
        Self::Rsa(Rsa::generate(1024).unwrap(), digest, trailer)
    }

    /// A fresh key on a curve.
    #[must_use]
    pub fn ec(nid: Nid, digest: MessageDigest, named: &'static str) -> Self {
        let group = EcGroup::from_curve_name(nid).unwrap();
        Self::Ec(EcKey::generate(&group).unwrap(), digest, named)
    }

    /// A key of the same kind that is not this one.
    #[must_use]
    pub fn another(&self) -> Self {
        match self {
            Self::Rsa(_, digest, trailer) => Self::rsa(*digest, trailer),
            Self::Ec(key, digest, named) => {
                Self::Ec(EcKey::generate(key.group()).unwrap(), *digest, named)
            }
        }
    }

    /// Its SubjectPublicKeyInfo.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key, ..) => PKey::from_rsa(key.clone()).unwrap().public_key_to_der(),
            Self::Ec(key, ..) => PKey::from_ec_key(key.clone()).unwrap().public_key_to_der(),
        }
        .unwrap()
    }

    /// ActiveAuthenticationInfo, which keys on curves need.
    #[must_use]
    pub fn info(&self) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(..) => None,
            Self::Ec(_, _, named) => Some(sequence(&[
                &oid("2.23.136.1.1.5"),
                &integer(&[1]),
                &oid(named),
            ])),
        }
    }

    /// Signs their nonce.
    #[must_use]
    pub fn sign(&self, nonce: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key, digest, trailer) => {
                let length = key.size() as usize;
                let own = vec![0x5A; length - 1 - digest.size() - trailer.len()];
                let over = hash(*digest, &[own.as_slice(), nonce].concat()).unwrap();
                let message = [&[0x6A], own.as_slice(), &over, trailer].concat();
                let mut signature = vec![0; length];
                key.private_encrypt(&message, &mut signature, Padding::NONE)
                    .unwrap();
                signature
            }
            Self::Ec(key, digest, _) => {
                let signature = EcdsaSig::sign(&hash(*digest, nonce).unwrap(), key).unwrap();
                let bytes = key.group().order_bits().div_ceil(8) as i32;
                let part = |n: &openssl::bn::BigNumRef| n.to_vec_padded(bytes).unwrap();
                [part(signature.r()), part(signature.s())].concat()
            }
        }
    }
}
