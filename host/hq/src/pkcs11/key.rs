//! One key in a token: made there, found again, signing.

use super::device::Login;
use super::way::Making;
use super::{Curve, KeyUri, Pkcs11Error};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use seal::token::{TokenFault, TokenKey};
use std::sync::Arc;

/// What a key signs to show that it is the one that is meant. No role file and no word of headquarters begins so.
const PROBE: &[u8] = b"mpaka token probe v1";

/// Ed25519 as RFC 8410 names it, for CKA_EC_PARAMS: `OBJECT IDENTIFIER 1.3.101.112`.
const ED25519_OID: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// As drafts of PKCS#11 3.0 named it: `PrintableString "edwards25519"`.
const ED25519_NAME: &[u8] = b"\x13\x0cedwards25519";
/// P-256 (RFC 5480): `OBJECT IDENTIFIER 1.2.840.10045.3.1.7`.
const P256_OID: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

impl Curve {
    /// How the curve may be named to a token, the usual name first.
    fn names(self) -> &'static [&'static [u8]] {
        match self {
            Self::Ed25519 => &[ED25519_OID, ED25519_NAME],
            Self::P256 => &[P256_OID],
        }
    }

    fn key_type(self) -> KeyType {
        match self {
            Self::Ed25519 => KeyType::EC_EDWARDS,
            Self::P256 => KeyType::EC,
        }
    }

    fn generation(self) -> Mechanism<'static> {
        match self {
            Self::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
            Self::P256 => Mechanism::EccKeyPairGen,
        }
    }

    fn signing(self) -> Mechanism<'static> {
        match self {
            Self::Ed25519 => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
            Self::P256 => Mechanism::Ecdsa,
        }
    }

    /// What a token has to know, with a name for people.
    fn needs(self) -> [(MechanismType, &'static str); 2] {
        match self {
            Self::Ed25519 => [
                (MechanismType::EDDSA, "CKM_EDDSA"),
                (
                    MechanismType::ECC_EDWARDS_KEY_PAIR_GEN,
                    "CKM_EC_EDWARDS_KEY_PAIR_GEN",
                ),
            ],
            Self::P256 => [
                (MechanismType::ECDSA, "CKM_ECDSA"),
                (MechanismType::ECC_KEY_PAIR_GEN, "CKM_EC_KEY_PAIR_GEN"),
            ],
        }
    }

    /// The length of a public key, in bytes; of P-256 the uncompressed point.
    fn public_length(self) -> usize {
        match self {
            Self::Ed25519 => 32,
            Self::P256 => 65,
        }
    }

    /// The public key in CKA_EC_POINT: an OCTET STRING by the standard, the bare key by some tokens.
    fn point(self, said: &[u8]) -> Option<Vec<u8>> {
        let length = self.public_length();
        let bare = match said {
            [0x04, n, rest @ ..] if usize::from(*n) == length && rest.len() == length => rest,
            bare if bare.len() == length => bare,
            _ => return None,
        };
        Some(bare.to_vec())
    }

    fn verifies(self, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519 => UnparsedPublicKey::new(&ED25519, public).verify(message, signature),
            Self::P256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).verify(message, signature)
            }
        }
        .is_ok()
    }
}

/// A key in an open token.
#[derive(Debug)]
pub(super) struct Key {
    login: Arc<Login>,
    handle: ObjectHandle,
    curve: Curve,
    public: Vec<u8>,
    place: String,
}

/// Whether a key could be made in this token under this name.
pub(super) fn may_make(
    login: &Login,
    uri: &KeyUri,
    curve: Curve,
    making: Making,
) -> Result<(), Pkcs11Error> {
    for (mechanism, name) in curve.needs() {
        if !login.knows(mechanism) {
            return Err(Pkcs11Error::MechanismMissing {
                token: login.token.clone(),
                mechanism: name,
            });
        }
    }
    let there = find(
        login,
        &login.session(),
        uri,
        curve,
        ObjectClass::PRIVATE_KEY,
    )?;
    match (&there[..], making) {
        ([], _) => Ok(()),
        ([handle], Making::NewOrThere) => was_made_there(login, &login.session(), uri, *handle),
        ([_], Making::New) => Err(Pkcs11Error::KeyThere { key: uri.place() }),
        (several, _) => Err(Pkcs11Error::KeysAlike {
            key: uri.place(),
            count: several.len(),
        }),
    }
}

/// Whether the token holds exactly one such key, from which it cannot be taken out.
pub(super) fn check(login: &Login, uri: &KeyUri, curve: Curve) -> Result<(), Pkcs11Error> {
    let session = login.session();
    let handle = one(login, &session, uri, curve, ObjectClass::PRIVATE_KEY)?;
    stays_in(login, &session, uri, handle)
}

impl Key {
    /// Makes a key, or takes the one that is there where that is allowed.
    pub(super) fn make(
        login: Arc<Login>,
        uri: &KeyUri,
        curve: Curve,
        making: Making,
    ) -> Result<Self, Pkcs11Error> {
        may_make(&login, uri, curve, making)?;
        let (handle, public) = {
            let session = login.session();
            let there = find(&login, &session, uri, curve, ObjectClass::PRIVATE_KEY)?;
            match there.first() {
                Some(handle) => {
                    let public = one(&login, &session, uri, curve, ObjectClass::PUBLIC_KEY)?;
                    (*handle, public)
                }
                None => generate(&login, &session, uri, curve)?,
            }
        };
        let public = public_half(&login, uri, curve, public)?;
        Self::proven(login, uri, curve, handle, public)
    }

    /// Opens the key that has this public half.
    pub(super) fn open(
        login: Arc<Login>,
        uri: &KeyUri,
        curve: Curve,
        public: &[u8],
    ) -> Result<Self, Pkcs11Error> {
        let handle = one(
            &login,
            &login.session(),
            uri,
            curve,
            ObjectClass::PRIVATE_KEY,
        )?;
        Self::proven(login, uri, curve, handle, public.to_vec())
    }

    /// The key, once it has shown that it signs for its public half, and that it stays in its token.
    fn proven(
        login: Arc<Login>,
        uri: &KeyUri,
        curve: Curve,
        handle: ObjectHandle,
        public: Vec<u8>,
    ) -> Result<Self, Pkcs11Error> {
        stays_in(&login, &login.session(), uri, handle)?;
        let key = Self {
            login,
            handle,
            curve,
            public,
            place: uri.place(),
        };
        let mut probe = PROBE.to_vec();
        let mut fresh = [0; 32];
        SystemRandom::new()
            .fill(&mut fresh)
            .map_err(|_| Pkcs11Error::TokenRefuses {
                token: key.login.token.clone(),
                why: "this system gives no random bytes".into(),
            })?;
        probe.extend_from_slice(&fresh);
        let signature = key.asked(&probe)?;
        if curve.verifies(&key.public, &probe, &signature) {
            Ok(key)
        } else {
            Err(Pkcs11Error::AnotherKey { key: key.place })
        }
    }

    pub(super) fn public(&self) -> &[u8] {
        &self.public
    }

    /// The signature: 64 bytes, for P-256 `r` and `s` beside each other. One that does not verify goes nowhere: a line
    /// of headquarters' ledger under it would be the last.
    pub(super) fn sign(&self, message: &[u8]) -> Result<[u8; 64], Pkcs11Error> {
        let signature = self.asked(message)?;
        if self.curve.verifies(&self.public, message, &signature) {
            Ok(signature)
        } else {
            Err(self.refused("a signature that does not verify".into()))
        }
    }

    fn refused(&self, why: String) -> Pkcs11Error {
        Pkcs11Error::TokenRefuses {
            token: self.login.token.clone(),
            why,
        }
    }

    /// What the token answers, not yet believed.
    fn asked(&self, message: &[u8]) -> Result<[u8; 64], Pkcs11Error> {
        let hashed = digest(&SHA256, message);
        let message = match self.curve {
            Curve::Ed25519 => message,
            Curve::P256 => hashed.as_ref(),
        };
        let token = &self.login.token;
        let signature = self
            .login
            .session()
            .sign(&self.curve.signing(), self.handle, message)
            .map_err(|e| Pkcs11Error::of(token, &e))?;
        signature.try_into().map_err(|signature: Vec<u8>| {
            self.refused(format!("a signature of {} bytes", signature.len()))
        })
    }
}

/// What a token calls the key: its label, or its id, or both.
fn names(uri: &KeyUri) -> Vec<Attribute> {
    let label = uri
        .object()
        .map(|l| Attribute::Label(l.as_bytes().to_vec()));
    let id = uri.id().map(|id| Attribute::Id(id.to_vec()));
    label.into_iter().chain(id).collect()
}

fn find(
    login: &Login,
    session: &Session,
    uri: &KeyUri,
    curve: Curve,
    class: ObjectClass,
) -> Result<Vec<ObjectHandle>, Pkcs11Error> {
    let mut template = names(uri);
    template.push(Attribute::Class(class));
    template.push(Attribute::KeyType(curve.key_type()));
    session
        .find_objects(&template)
        .map_err(|e| Pkcs11Error::of(&login.token, &e))
}

fn one(
    login: &Login,
    session: &Session,
    uri: &KeyUri,
    curve: Curve,
    class: ObjectClass,
) -> Result<ObjectHandle, Pkcs11Error> {
    match find(login, session, uri, curve, class)?[..] {
        [handle] => Ok(handle),
        [] => Err(Pkcs11Error::KeyMissing { key: uri.place() }),
        ref several => Err(Pkcs11Error::KeysAlike {
            key: uri.place(),
            count: several.len(),
        }),
    }
}

/// What the token says of one attribute of a key; `None` where it does not say.
fn attribute(
    login: &Login,
    session: &Session,
    handle: ObjectHandle,
    asked: AttributeType,
) -> Result<Option<Attribute>, Pkcs11Error> {
    let mut said = session
        .get_attributes(handle, &[asked])
        .map_err(|e| Pkcs11Error::of(&login.token, &e))?;
    Ok(said.pop())
}

fn stays_in(
    login: &Login,
    session: &Session,
    uri: &KeyUri,
    handle: ObjectHandle,
) -> Result<(), Pkcs11Error> {
    match attribute(login, session, handle, AttributeType::Extractable)? {
        Some(Attribute::Extractable(false)) => Ok(()),
        _ => Err(Pkcs11Error::KeyExtractable { key: uri.place() }),
    }
}

/// Whether a key that is taken over never was outside its token: one that was brought there lies elsewhere too.
fn was_made_there(
    login: &Login,
    session: &Session,
    uri: &KeyUri,
    handle: ObjectHandle,
) -> Result<(), Pkcs11Error> {
    match attribute(login, session, handle, AttributeType::NeverExtractable)? {
        Some(Attribute::NeverExtractable(true)) => Ok(()),
        _ => Err(Pkcs11Error::KeyBroughtIn { key: uri.place() }),
    }
}

/// Has the token make the pair: the private half signs, and neither leaves nor can be read.
fn generate(
    login: &Login,
    session: &Session,
    uri: &KeyUri,
    curve: Curve,
) -> Result<(ObjectHandle, ObjectHandle), Pkcs11Error> {
    let mut names = names(uri);
    // Other programs tell which halves belong together by the id.
    if uri.id().is_none() {
        let label = uri.object().unwrap_or_default();
        names.push(Attribute::Id(
            digest(&SHA256, label.as_bytes()).as_ref()[..8].to_vec(),
        ));
    }
    let mut private = names.clone();
    private.extend([
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ]);
    let mut refused = None;
    for curve_name in curve.names() {
        let mut public = names.clone();
        public.extend([
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(curve_name.to_vec()),
        ]);
        match session.generate_key_pair(&curve.generation(), &public, &private) {
            Ok((public, private)) => return Ok((private, public)),
            // The curve has another name there.
            Err(
                e @ Error::Pkcs11(
                    RvError::CurveNotSupported
                    | RvError::DomainParamsInvalid
                    | RvError::AttributeValueInvalid,
                    _,
                ),
            ) => refused = Some(e),
            Err(e) => return Err(Pkcs11Error::of(&login.token, &e)),
        }
    }
    Err(refused.map_or_else(
        || Pkcs11Error::KeyMissing { key: uri.place() },
        |e| Pkcs11Error::of(&login.token, &e),
    ))
}

fn public_half(
    login: &Login,
    uri: &KeyUri,
    curve: Curve,
    handle: ObjectHandle,
) -> Result<Vec<u8>, Pkcs11Error> {
    let point = match attribute(login, &login.session(), handle, AttributeType::EcPoint)? {
        Some(Attribute::EcPoint(point)) => curve.point(&point),
        _ => None,
    };
    point.ok_or_else(|| Pkcs11Error::AnotherKey { key: uri.place() })
}

/// A key of a role, or the one that signs receipts.
#[derive(Debug)]
pub(super) struct Ed25519Key {
    key: Key,
    public: [u8; 32],
}

impl Ed25519Key {
    pub(super) fn of(key: Key) -> Result<Self, Pkcs11Error> {
        match key.public().try_into() {
            Ok(public) => Ok(Self { key, public }),
            Err(_) => Err(Pkcs11Error::AnotherKey { key: key.place }),
        }
    }
}

impl TokenKey for Ed25519Key {
    fn public(&self) -> [u8; 32] {
        self.public
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], TokenFault> {
        self.key
            .sign(message)
            .map_err(|e| TokenFault::Failed(Box::new(e)))
    }
}

/// The key of the authority for certificates.
#[derive(Debug)]
pub(crate) struct EcdsaKey(pub(super) Key);

impl EcdsaKey {
    /// The uncompressed point.
    pub(crate) fn public(&self) -> &[u8] {
        self.0.public()
    }

    /// The signature as certificates hold it: `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3) over SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        Ok(sig_value(&self.0.sign(message)?))
    }
}

/// `SEQUENCE { r INTEGER, s INTEGER }` in DER.
fn sig_value(signature: &[u8; 64]) -> Vec<u8> {
    let mut inside = Vec::with_capacity(70);
    for number in signature.chunks_exact(32) {
        let zeros = number.iter().take(31).take_while(|b| **b == 0).count();
        let number = &number[zeros..];
        // A number whose highest bit is set would be read as negative.
        let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        inside.push(0x02);
        inside.push((sign.len() + number.len()) as u8);
        inside.extend_from_slice(sign);
        inside.extend_from_slice(number);
    }
    let mut sequence = vec![0x30, inside.len() as u8];
    sequence.append(&mut inside);
    sequence
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

    #[test]
    fn a_signature_of_two_numbers_is_der() {
        let mut signature = [0; 64];
        signature[31] = 1;
        signature[32] = 0x80;
        // r = 1; s = 0x80 00 … 00, which needs a zero before it.
        let mut expected = vec![0x30, 3 + 35, 0x02, 1, 1, 0x02, 33, 0, 0x80];
        expected.extend([0; 31]);
        assert_eq!(sig_value(&signature), expected);
        assert_eq!(
            sig_value(&[0; 64]),
            [0x30, 6, 0x02, 1, 0, 0x02, 1, 0],
            "no number is empty"
        );
    }

    #[test]
    fn a_signature_is_believed_for_its_message_and_key_alone() {
        let random = SystemRandom::new();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let signature = pair.sign(b"a receipt").as_ref().to_vec();
        assert!(Curve::Ed25519.verifies(&public, b"a receipt", &signature));
        assert!(!Curve::Ed25519.verifies(&public, b"another", &signature));
        let mut bent = signature;
        bent[40] ^= 1;
        assert!(!Curve::Ed25519.verifies(&public, b"a receipt", &bent));

        // The token is given the digest; what is held against its answer is the message.
        let fixed = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(fixed, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(fixed, pkcs8.as_ref(), &random).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let signature = pair.sign(&random, b"a certificate").unwrap();
        assert!(Curve::P256.verifies(&public, b"a certificate", signature.as_ref()));
        assert!(!Curve::P256.verifies(&public, b"another", signature.as_ref()));
        assert!(!Curve::Ed25519.verifies(&public, b"a certificate", signature.as_ref()));
    }

    #[test]
    fn public_halves_are_read_as_the_standard_and_as_tokens_have_them() {
        let (key, point) = ([7; 32], [4; 65]);
        let wrapped = [&[0x04, 32][..], &key].concat();
        assert_eq!(Curve::Ed25519.point(&wrapped).as_deref(), Some(&key[..]));
        assert_eq!(Curve::Ed25519.point(&key).as_deref(), Some(&key[..]));
        let wrapped = [&[0x04, 65][..], &point].concat();
        assert_eq!(Curve::P256.point(&wrapped).as_deref(), Some(&point[..]));
        assert_eq!(Curve::P256.point(&point).as_deref(), Some(&point[..]));
        for odd in [&[][..], &[0x04], &[0x04, 32], &wrapped[1..], &key[..31]] {
            assert_eq!(Curve::Ed25519.point(odd), None);
        }
    }
}
