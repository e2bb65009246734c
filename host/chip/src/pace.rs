//! Password authenticated connection establishment (Doc 9303-11 section 4.4): generic, integrated and
//! chip authentication mapping, over elliptic curves and modulo primes.

use crate::access_key::AccessKey;
use crate::agreement_dh::{Numbers, PrimeGroup};
use crate::agreement_ec::Points;
use crate::apdu::{Command, Expect, Status};
use crate::error::ChipError;
use crate::files::{SecurityInfo, SecurityInfos};
use crate::key_agreement::{Agreement, beside};
use crate::oid::{self, Oid};
use crate::randomness::Randomness;
use crate::secure_messaging::SecureMessaging;
use crate::session::Session;
use crate::session_cipher::{KeyUse, SessionCipher, unpad};
use crate::tlv::{self, Tag};
use crate::trust::public_key::{Curve, PublicKey};
use openssl::bn::BigNum;
use zeroize::Zeroizing;

const STEP: &str = "PACE";

/// How the nonce becomes a generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mapping {
    /// Generic mapping.
    Generic,
    /// Integrated mapping: both nonces stand for a generator.
    Integrated,
    /// Generic mapping that proves the chip as well.
    ChipAuthentication,
}

/// The group that is agreed in: standardised domain parameters (section 9.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Numbers modulo a prime.
    Prime(PrimeGroup),
    /// Points of a curve.
    Curve(Curve),
}

impl Domain {
    /// The domain of an identifier.
    #[must_use]
    pub fn standard(parameter: u8) -> Option<Self> {
        Some(Self::Prime(match parameter {
            0 => PrimeGroup::Modp1024,
            1 => PrimeGroup::Modp2048Order224,
            2 => PrimeGroup::Modp2048Order256,
            _ => return Curve::standard(parameter).map(Self::Curve),
        }))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Prime(group) => group.as_str(),
            Self::Curve(curve) => curve.as_str(),
        }
    }
}

/// Whether a chip offers one protocol over several domains, so that ours must be named (section 4.4.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Choice {
    Only,
    OneOfSeveral,
}

/// One way in that a chip offers and we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    oid: Oid,
    /// How the nonce becomes a generator.
    pub mapping: Mapping,
    /// The session's cipher.
    pub cipher: SessionCipher,
    /// The group.
    pub domain: Domain,
    parameter: u8,
    choice: Choice,
}

impl Protocol {
    /// The protocol of one entry, if we know it.
    #[must_use]
    pub fn from_info(info: &SecurityInfo) -> Option<Self> {
        let SecurityInfo::Pace {
            protocol,
            version: 2,
            parameter: Some(parameter),
        } = info
        else {
            return None;
        };
        let [mapping, cipher] = *protocol.0.strip_prefix(oid::SECURITY_PACE)? else {
            return None;
        };
        let parameter = u8::try_from(*parameter).ok()?;
        let domain = Domain::standard(parameter)?;
        // Section 9.2.3: which mapping, over which kind of group.
        let mapping = match (mapping, domain) {
            (1, Domain::Prime(_)) | (2, Domain::Curve(_)) => Mapping::Generic,
            (3, Domain::Prime(_)) | (4, Domain::Curve(_)) => Mapping::Integrated,
            (6, Domain::Curve(_)) => Mapping::ChipAuthentication,
            _ => return None,
        };
        // The encoding of integrated mapping needs a prime that is 3 modulo 4; that of P-224 is not.
        if (mapping, domain) == (Mapping::Integrated, Domain::Curve(Curve::P224)) {
            return None;
        }
        let cipher = match (cipher, mapping) {
            (1, Mapping::Generic | Mapping::Integrated) => SessionCipher::TripleDes,
            (2, _) => SessionCipher::Aes128,
            (3, _) => SessionCipher::Aes192,
            (4, _) => SessionCipher::Aes256,
            _ => return None,
        };
        Some(Self {
            oid: protocol.clone(),
            mapping,
            cipher,
            domain,
            parameter,
            choice: Choice::Only,
        })
    }

    /// The best of what a chip offers: proof of the chip first, then the longer key, then the longer curve.
    #[must_use]
    pub fn best(infos: &SecurityInfos) -> Option<Self> {
        let all: Vec<Self> = infos.infos.iter().filter_map(Self::from_info).collect();
        let mut best = all
            .iter()
            .max_by_key(|p| {
                (
                    p.mapping == Mapping::ChipAuthentication,
                    p.cipher != SessionCipher::TripleDes,
                    p.cipher.key_bytes(),
                    matches!(p.domain, Domain::Curve(_)),
                    p.parameter,
                )
            })?
            .clone();
        if all.iter().filter(|p| p.oid == best.oid).count() > 1 {
            best.choice = Choice::OneOfSeveral;
        }
        Some(best)
    }

    /// As in `PACE ECDH-CAM AES-128 brainpoolP256r1`.
    #[must_use]
    pub fn describe(&self) -> String {
        let mapping = match self.mapping {
            Mapping::Generic => "GM",
            Mapping::Integrated => "IM",
            Mapping::ChipAuthentication => "CAM",
        };
        let kind = match self.domain {
            Domain::Prime(_) => "DH",
            Domain::Curve(_) => "ECDH",
        };
        format!(
            "PACE {kind}-{mapping} {} {}",
            self.cipher.as_str(),
            self.domain.as_str()
        )
    }
}

/// What a chip sent to prove itself during PACE: to be judged with the key of its signed EF.CardSecurity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipProof {
    domain: Domain,
    /// Chip authentication data, decrypted.
    data: Vec<u8>,
    /// The chip's point of the mapping.
    mapping_point: Vec<u8>,
}

impl ChipProof {
    /// Whether the chip holds the private half of this key (section 4.4.3.5).
    pub fn holds(&self, key: &PublicKey) -> Result<bool, ChipError> {
        let PublicKey::Ec { curve, key } = key else {
            return Ok(false);
        };
        if Domain::Curve(*curve) != self.domain {
            return Ok(false);
        }
        let mut field = Points::new(*curve)?;
        let mapped = field.element(STEP, &self.mapping_point)?;
        let public = key
            .public_key()
            .to_owned(key.group())
            .map_err(|_| ChipError::Library("elliptic curves"))?;
        field.is_multiple(&self.data, &public, &mapped)
    }
}

fn broken(why: &'static str) -> ChipError {
    ChipError::Protocol { step: STEP, why }
}

/// GENERAL AUTHENTICATE: chained until the last (section 4.4.4.2). Answers with one object of the reply.
fn authenticate(
    session: &mut Session<'_>,
    object: Vec<u8>,
    is_last: bool,
) -> Result<Vec<u8>, ChipError> {
    let data = tlv::encode(Tag(0x7C), &object);
    // The answer is as long as what is sent, and a long command's answer in extended length too.
    let expect = Expect::Bytes(if data.len() > 240 { 65_536 } else { 256 });
    let mut command = Command::new(0x86, [0, 0], data, expect);
    if !is_last {
        command.class = 0x10;
    }
    let response = session.send(&command)?;
    match response.status {
        Status::OK => Ok(response.data.into_owned()),
        // The token did not fit: another password. Some chips say so with other words.
        Status(0x6300..=0x63FF) | Status(0x6982 | 0x6A80 | 0x6988) if is_last => {
            Err(ChipError::WrongKey)
        }
        status => Err(ChipError::Refused { step: STEP, status }),
    }
}

fn object(reply: &[u8], tag: u32) -> Result<Option<Vec<u8>>, ChipError> {
    let malformed = |_| broken("an answer that is not made of objects");
    let outer = tlv::first(reply).map_err(malformed)?;
    if outer.tag != Tag(0x7C) {
        return Err(broken("an answer of another kind"));
    }
    let found = outer.inside().find(Tag(tag)).map_err(malformed)?;
    Ok(found.map(|o| o.value.to_vec()))
}

/// Opens the chip and protects the session. With chip authentication mapping, answers with the chip's proof.
pub fn open(
    session: &mut Session<'_>,
    protocol: &Protocol,
    key: &AccessKey,
    randomness: &mut dyn Randomness,
) -> Result<Option<ChipProof>, ChipError> {
    match protocol.domain {
        Domain::Prime(group) => open_in(
            Numbers::standard(group)?,
            session,
            protocol,
            key,
            randomness,
        ),
        Domain::Curve(curve) => open_in(Points::new(curve)?, session, protocol, key, randomness),
    }
}

fn open_in<G: Agreement>(
    mut group: G,
    session: &mut Session<'_>,
    protocol: &Protocol,
    key: &AccessKey,
    randomness: &mut dyn Randomness,
) -> Result<Option<ChipProof>, ChipError> {
    let cipher = protocol.cipher;
    let moved = match protocol.mapping {
        Mapping::Integrated => integrated(&mut group, session, protocol, key, randomness)?,
        _ => generic(&mut group, session, protocol, key, randomness)?,
    };

    // Agreement on the moved generator.
    let our_bytes = group.bytes(&moved.public)?;
    let reply = authenticate(session, tlv::encode(Tag(0x83), &our_bytes), false)?;
    let their_bytes = object(&reply, 0x84)?.ok_or(broken("no key"))?;
    let theirs = group.element(STEP, &their_bytes)?;
    if their_bytes == our_bytes {
        return Err(broken("our own key sent back"));
    }
    let shared = group.shared(STEP, &moved.private, &theirs)?;
    let secret = group.secret(&shared)?;
    let encrypt = cipher.derive(&secret, KeyUse::Encrypt)?;
    let mac = cipher.derive(&secret, KeyUse::Authenticate)?;

    // Each side shows that it has the secret.
    let token = |public: &[u8]| {
        let inside = [
            tlv::encode(Tag::OID, &protocol.oid.0),
            tlv::encode(G::PUBLIC_KEY, public),
        ]
        .concat();
        cipher.mac(&mac, &tlv::encode(Tag(0x7F49), &inside))
    };
    let reply = authenticate(session, tlv::encode(Tag(0x85), &token(&their_bytes)?), true)?;
    let shown = object(&reply, 0x86)?.ok_or(broken("no token"))?;
    let expected = token(&our_bytes)?;
    if shown.len() != expected.len() || !openssl::memcmp::eq(&shown, &expected) {
        return Err(broken("a token that does not fit"));
    }
    let proof = match protocol.mapping {
        Mapping::Generic | Mapping::Integrated => None,
        Mapping::ChipAuthentication => Some(ChipProof {
            domain: protocol.domain,
            data: proof_data(cipher, &encrypt, &reply)?,
            mapping_point: moved.mapping_data,
        }),
    };
    session.protect(SecureMessaging::new(cipher, &encrypt, &mac, None)?);
    Ok(proof)
}

/// Chooses the protocol and fetches the chip's nonce (sections 4.4.4.1 and 4.4.5.1).
fn nonce(
    session: &mut Session<'_>,
    protocol: &Protocol,
    key: &AccessKey,
) -> Result<Zeroizing<Vec<u8>>, ChipError> {
    let cipher = protocol.cipher;
    let password = cipher.derive(&key.secret()?, KeyUse::Password)?;
    let mut set = [
        tlv::encode(Tag(0x80), &protocol.oid.0),
        tlv::encode(Tag(0x83), &[key.reference()]),
    ]
    .concat();
    if protocol.choice == Choice::OneOfSeveral {
        set.extend(tlv::encode(Tag(0x84), &[protocol.parameter]));
    }
    session.call(
        STEP,
        &Command::new(0x22, [0xC1, 0xA4], set, Expect::Nothing),
    )?;
    let reply = authenticate(session, Vec::new(), false)?;
    let sealed = object(&reply, 0x80)?.ok_or(broken("no nonce"))?;
    if sealed.is_empty() || sealed.len() > 64 || sealed.len() % cipher.block_bytes() != 0 {
        return Err(broken("a nonce that is not of whole blocks"));
    }
    cipher
        .decrypt(&password, &vec![0; cipher.block_bytes()], &sealed)
        .map(Zeroizing::new)
}

/// Our key on the generator that the nonce moved.
struct Moved<E> {
    private: BigNum,
    public: E,
    /// The mapping data that the chip sent.
    mapping_data: Vec<u8>,
}

/// Generic mapping (section 4.4.3.3.1): an anonymous agreement on H moves the generator G to G^s·H. Only our key on
/// it is needed, (G^s·H)^x, and its first half does not wait for the chip: it is computed while the chip makes its
/// own, the second being H^x in one step. Over a group of prime order that is the same key.
fn generic<G: Agreement>(
    group: &mut G,
    session: &mut Session<'_>,
    protocol: &Protocol,
    key: &AccessKey,
    randomness: &mut dyn Randomness,
) -> Result<Moved<G::Element>, ChipError> {
    let first = group.private_key(randomness)?;
    let private = group.private_key(randomness)?;
    let talk = || nonce(session, protocol, key);
    let (public, nonce) = beside(|| group.public(&first), talk)?;
    let our_bytes = group.bytes(&public?)?;
    let nonce = BigNum::from_slice(&nonce?).map_err(|_| ChipError::Library("big numbers"))?;
    let talk = || authenticate(session, tlv::encode(Tag(0x81), &our_bytes), false);
    let work = || {
        let by = group.both(&nonce, &private)?;
        group.public(&by)
    };
    let (half, reply) = beside(work, talk)?;
    let mapping_data = object(&reply?, 0x82)?.ok_or(broken("no mapping data"))?;
    let theirs = group.element(STEP, &mapping_data)?;
    if mapping_data == our_bytes {
        return Err(broken("our own key sent back"));
    }
    let by = group.both(&first, &private)?;
    let other_half = group.shared(STEP, &by, &theirs)?;
    let public = group.product(&half?, &other_half)?;
    Ok(Moved {
        private,
        public: group.not_neutral(STEP, public)?,
        mapping_data,
    })
}

/// Integrated mapping (section 4.4.3.3.2): both nonces stand for the generator.
fn integrated<G: Agreement>(
    group: &mut G,
    session: &mut Session<'_>,
    protocol: &Protocol,
    key: &AccessKey,
    randomness: &mut dyn Randomness,
) -> Result<Moved<G::Element>, ChipError> {
    let cipher = protocol.cipher;
    let nonce = nonce(session, protocol, key)?;
    if nonce.len() != cipher.key_bytes().next_multiple_of(cipher.block_bytes()) {
        return Err(broken("a nonce of another length than the key"));
    }
    let mut ours = vec![0; cipher.key_bytes()];
    randomness.fill(&mut ours)?;
    // The answer holds nothing: an empty object, or not even that (section 4.4.5.2.2).
    authenticate(session, tlv::encode(Tag(0x81), &ours), false)?;
    let generator = group.integrated(STEP, cipher, &nonce, &ours)?;
    let private = group.private_key(randomness)?;
    Ok(Moved {
        public: group.power(&generator, &private)?,
        private,
        mapping_data: Vec::new(),
    })
}

/// The chip's proof, decrypted (section 4.4.3.5).
fn proof_data(cipher: SessionCipher, key: &[u8], reply: &[u8]) -> Result<Vec<u8>, ChipError> {
    let sealed = object(reply, 0x8A)?.ok_or(broken("no proof of the chip"))?;
    let block = cipher.block_bytes();
    if sealed.is_empty() || sealed.len() % block != 0 {
        return Err(broken("a proof that is not of whole blocks"));
    }
    // The start value is the encryption of minus one.
    let start = cipher.encrypt(key, &vec![0; block], &vec![0xFF; block])?;
    let padded = cipher.decrypt(key, &start, &sealed)?;
    let data = unpad(&padded).ok_or(broken("a proof without padding"))?;
    Ok(data.to_vec())
}
