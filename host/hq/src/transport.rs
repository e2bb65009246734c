//! Certificates for TLS (X.509, RFC 5280): headquarters' own authority, its servers, the boxes, and the people who come
//! to its page.
//!
//! A box's certificate is over the signing key that it was enrolled with; which box may speak for which post
//! says the register, not the certificate, so that a revocation counts from the next request on. Headquarters'
//! servers get a fresh key at every start. The authority's key lies in a file, or in a token that the file names.

use crate::HqError;
use crate::home::Home;
use crate::pkcs11::{self, EcdsaKey, KeyUri, Pkcs11Error, Pkcs11Tokens};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData,
    SignatureAlgorithm, SigningKey,
};
use rules::{OfficerId, PostId};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use seal::device::DevicePublic;
use seal::durable::{self, Readers};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// So long is a box's certificate good: as long as the root of trust that it is enrolled with.
const BOX_DAYS: i32 = 1826;
/// So long is a server's certificate good; a server that runs longer is started anew.
const SERVER_DAYS: i32 = 397;
/// So long is the authority good.
const AUTHORITY_DAYS: i32 = 3652;
/// Certificates begin so long before now: a box's clock may be behind.
const BACKDATED_DAYS: i32 = 2;
/// Boxes that have been here resume their session with a few hundred bytes.
const SESSIONS: usize = 16 * 1024;

/// Headquarters' authority for certificates.
pub struct Authority {
    key: AuthorityKey,
    certificate: CertificateDer<'static>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(..)")
    }
}

/// A person's key and certificate, just made.
pub struct PersonKey {
    /// The private key (PKCS#8): the person's alone.
    pub key: Zeroizing<Vec<u8>>,
    /// The certificate (DER).
    pub certificate: Vec<u8>,
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey(..)")
    }
}

/// Where the authority's private half lies.
enum AuthorityKey {
    Here(Box<KeyPair>),
    Token {
        key: EcdsaKey,
        /// What the token said last: the certificate library passes on that something failed, and not what.
        fault: Mutex<Option<Pkcs11Error>>,
    },
}

impl AuthorityKey {
    /// What went wrong, by the token where it is one.
    fn failed(&self, error: rcgen::Error) -> HqError {
        let said = match self {
            Self::Here(_) => None,
            Self::Token { fault, .. } => {
                fault.lock().unwrap_or_else(PoisonError::into_inner).take()
            }
        };
        said.map_or_else(|| failed(error), HqError::Pkcs11)
    }
}

impl PublicKeyData for AuthorityKey {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Here(key) => key.der_bytes(),
            Self::Token { key, .. } => key.public(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for AuthorityKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self {
            Self::Here(key) => SigningKey::sign(&**key, message),
            Self::Token { key, fault } => key.sign(message).map_err(|e| {
                *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(e);
                rcgen::Error::RemoteKeyError
            }),
        }
    }
}

/// The authority's key file where a token holds the key. Where it lies in the file, the file is PKCS#8.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InToken {
    version: u64,
    uri: String,
    #[serde(with = "hex::serde")]
    public: Vec<u8>,
}

const IN_TOKEN_VERSION: u64 = 1;

/// A box's public key as certificates hold it.
struct BoxKey(DevicePublic);

impl PublicKeyData for BoxKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

fn failed(error: impl std::fmt::Display) -> HqError {
    HqError::Certificate(error.to_string())
}

/// Good from a little before `now` for so many days.
fn params(name: &str, now: Timestamp, days: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    let today = TimeZone::UTC.to_datetime(now).date();
    let day = |offset: i32| {
        let date = today.saturating_add(offset.days());
        rcgen::date_time_ymd(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    params.not_before = day(-BACKDATED_DAYS);
    params.not_after = day(days);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// What the certificate of the authority says, and what its signatures refer to.
fn authority_params(now: Timestamp) -> CertificateParams {
    let mut params = params("Mpaka headquarters", now, AUTHORITY_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

impl Authority {
    /// Opens the authority, or makes it where there is none yet.
    ///
    /// # Errors
    /// [`HqError::Certificate`], [`HqError::Io`].
    pub fn open_or_create(home: &Home, now: Timestamp) -> Result<Self, HqError> {
        let (key_file, certificate_file) = (home.authority_key(), home.authority());
        if !certificate_file.exists() {
            // The key first: a certificate is there only with its key.
            if !key_file.exists() {
                let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
                durable::create(&key_file, key.serialized_der(), Readers::Owner)
                    .map_err(HqError::io(&key_file))?;
            }
            let key = read_key(&key_file)?;
            let certificate = authority_params(now)
                .self_signed(&key)
                .map_err(|e| key.failed(e))?;
            durable::replace(&certificate_file, certificate.der(), Readers::Anyone)
                .map_err(HqError::io(&certificate_file))?;
        }
        let certificate =
            std::fs::read(&certificate_file).map_err(HqError::io(&certificate_file))?;
        Ok(Self {
            key: read_key(&key_file)?,
            certificate: certificate.into(),
        })
    }

    /// Makes the authority with its key in a token; nothing where there is one already.
    ///
    /// # Errors
    /// [`HqError::Pkcs11`], [`HqError::Certificate`], [`HqError::Io`].
    pub fn make_in_token(
        home: &Home,
        uri: &KeyUri,
        tokens: &Pkcs11Tokens,
        now: Timestamp,
    ) -> Result<Self, HqError> {
        let key_file = home.authority_key();
        if !key_file.exists() {
            let key = tokens.make_authority(uri)?;
            let file = InToken {
                version: IN_TOKEN_VERSION,
                uri: uri.to_string(),
                public: key.public().to_vec(),
            };
            let bytes = serde_json::to_vec_pretty(&file).map_err(failed)?;
            durable::create(&key_file, &bytes, Readers::Owner).map_err(HqError::io(&key_file))?;
        }
        Self::open_or_create(home, now)
    }

    /// Where its key lies, where there is one and a token holds it. The token is asked for nothing.
    ///
    /// # Errors
    /// [`HqError::Io`], [`HqError::Unreadable`], [`HqError::Pkcs11`] for what is no URI.
    pub(crate) fn place(home: &Home) -> Result<Option<KeyUri>, HqError> {
        let path = home.authority_key();
        if !path.exists() {
            return Ok(None);
        }
        let bytes = Zeroizing::new(std::fs::read(&path).map_err(HqError::io(&path))?);
        let file = in_token(&path, &bytes)?;
        Ok(file.map(|file| file.uri.parse::<KeyUri>()).transpose()?)
    }

    /// The authority's own certificate (DER).
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// A certificate for a box (DER).
    ///
    /// # Errors
    /// [`HqError::Certificate`].
    pub fn certify_box(
        &self,
        post: &PostId,
        device: DevicePublic,
        now: Timestamp,
    ) -> Result<Vec<u8>, HqError> {
        let mut params = params(post.as_str(), now, BOX_DAYS);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params, &BoxKey(device), now)
    }

    /// A key and a certificate for somebody who comes to the page; what the person may do there says headquarters'
    /// book ([`crate::people`]), and so does the moment at which it ends, within a day of which this certificate ends.
    ///
    /// # Errors
    /// [`HqError::Certificate`].
    pub fn certify_person(
        &self,
        name: &OfficerId,
        good_until: Timestamp,
        now: Timestamp,
    ) -> Result<PersonKey, HqError> {
        // Another kind of key than a box's: neither is ever taken for the other ([`device_of`]).
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let days = good_until.duration_since(now).as_hours() / 24 + 1;
        let days = i32::try_from(days).unwrap_or(AUTHORITY_DAYS);
        let mut params = params(name.as_str(), now, days.min(AUTHORITY_DAYS));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Ok(PersonKey {
            certificate: self.sign(&params, &key, now)?,
            key: Zeroizing::new(key.serialize_der()),
        })
    }

    fn sign(
        &self,
        params: &CertificateParams,
        key: &impl PublicKeyData,
        now: Timestamp,
    ) -> Result<Vec<u8>, HqError> {
        let authority = authority_params(now);
        let issuer = Issuer::from_params(&authority, &self.key);
        params
            .signed_by(key, &issuer)
            .map(|certificate| certificate.der().to_vec())
            .map_err(|e| self.key.failed(e))
    }

    /// What a server under these names shows to boxes or people and asks of them: TLS 1.3 with ring, and a
    /// certificate of this authority from both sides.
    ///
    /// # Errors
    /// [`HqError::Certificate`].
    pub fn server(&self, names: &[String], now: Timestamp) -> Result<ServerConfig, HqError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = params("Mpaka headquarters' server", now, SERVER_DAYS);
        let named = CertificateParams::new(names.to_vec()).map_err(failed)?;
        params.subject_alt_names = named.subject_alt_names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Clients that take RFC 5280 by the letter want to see which of the authority's keys signed (section 4.2.1.1).
        params.use_authority_key_identifier_extension = true;
        let certificate = self.sign(&params, &key, now)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(failed)?;
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(failed)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(failed)?
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![certificate.into()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .map_err(failed)?;
        config.session_storage = rustls::server::ServerSessionMemoryCache::new(SESSIONS);
        config.send_tls13_tickets = 1;
        Ok(config)
    }
}

fn read_key(path: &Path) -> Result<AuthorityKey, HqError> {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(path).map_err(HqError::io(path))?;
    let mode = about.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(seal::SealError::KeyFileOpenToOthers {
            path: path.to_owned(),
            mode,
        }
        .into());
    }
    let bytes = std::fs::read(path).map_err(HqError::io(path))?;
    if let Some(file) = in_token(path, &bytes)? {
        let key = pkcs11::open_authority(&file.uri.parse::<KeyUri>()?, &file.public)?;
        let fault = Mutex::default();
        return Ok(AuthorityKey::Token { key, fault });
    }
    KeyPair::from_der_and_sign_algo(
        &PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(bytes)),
        &PKCS_ECDSA_P256_SHA256,
    )
    .map(|key| AuthorityKey::Here(Box::new(key)))
    .map_err(failed)
}

/// What the authority's key file says where a token holds the key.
fn in_token(path: &Path, bytes: &[u8]) -> Result<Option<InToken>, HqError> {
    // DER begins with a SEQUENCE, JSON with a brace.
    if bytes.first() != Some(&b'{') {
        return Ok(None);
    }
    let file: InToken = serde_json::from_slice(bytes).map_err(|e| HqError::unreadable(path, e))?;
    if file.version != IN_TOKEN_VERSION {
        return Err(HqError::unreadable(path, "written by a newer program"));
    }
    Ok(Some(file))
}

/// The key of the box whose certificate this is; `None` where it is no key of a box.
#[must_use]
pub fn device_of(certificate: &CertificateDer<'_>) -> Option<DevicePublic> {
    /// SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4) up to the key.
    const BEFORE_KEY: [u8; 12] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ];
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let info = certificate.subject_public_key_info();
    let key = info.strip_prefix(&BEFORE_KEY)?.try_into().ok()?;
    Some(DevicePublic::from_bytes(key))
}
