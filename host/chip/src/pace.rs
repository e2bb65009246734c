//! Password authenticated connection establishment (Doc 9303-11 section 4.4): generic mapping and chip
//! authentication mapping over elliptic curves.

use crate::access_key::AccessKey;
use crate::agreement_ec::Field;
use crate::apdu::{Command, Expect, Status};
use crate::error::ChipError;
use crate::files::{SecurityInfo, SecurityInfos};
use crate::oid::{self, Oid};
use crate::randomness::Randomness;
use crate::secure_messaging::SecureMessaging;
use crate::session::Session;
use crate::session_cipher::{KeyUse, SessionCipher, unpad};
use crate::tlv::{self, Tag};
use crate::trust::public_key::{Curve, PublicKey};

const STEP: &str = "PACE";

/// How the nonce becomes a generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mapping {
    /// Generic mapping.
    Generic,
    /// Generic mapping that proves the chip as well.
    ChipAuthentication,
}

/// One way in that a chip offers and we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    oid: Oid,
    /// How the nonce becomes a generator.
    pub mapping: Mapping,
    /// The session's cipher.
    pub cipher: SessionCipher,
    /// The curve.
    pub curve: Curve,
    parameter: u8,
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
        // Section 9.2.1: 2 is ECDH with generic, 6 with chip authentication mapping.
        let mapping = match mapping {
            2 => Mapping::Generic,
            6 => Mapping::ChipAuthentication,
            _ => return None,
        };
        let cipher = match (cipher, mapping) {
            (1, Mapping::Generic) => SessionCipher::TripleDes,
            (2, _) => SessionCipher::Aes128,
            (3, _) => SessionCipher::Aes192,
            (4, _) => SessionCipher::Aes256,
            _ => return None,
        };
        let parameter = u8::try_from(*parameter).ok()?;
        Some(Self {
            oid: protocol.clone(),
            mapping,
            cipher,
            curve: standard_curve(parameter)?,
            parameter,
        })
    }

    /// The best of what a chip offers: proof of the chip first, then the longer key, then the longer curve.
    #[must_use]
    pub fn best(infos: &SecurityInfos) -> Option<Self> {
        infos
            .infos
            .iter()
            .filter_map(Self::from_info)
            .max_by_key(|p| {
                (
                    p.mapping == Mapping::ChipAuthentication,
                    p.cipher != SessionCipher::TripleDes,
                    p.cipher.key_bytes(),
                    p.parameter,
                )
            })
    }

    /// As in `PACE ECDH-CAM AES-128 brainpoolP256r1`.
    #[must_use]
    pub fn describe(&self) -> String {
        let mapping = match self.mapping {
            Mapping::Generic => "GM",
            Mapping::ChipAuthentication => "CAM",
        };
        format!(
            "PACE ECDH-{mapping} {} {}",
            self.cipher.as_str(),
            self.curve.as_str()
        )
    }
}

/// Standardised domain parameters (section 9.5.1) over curves.
#[must_use]
pub fn standard_curve(parameter: u8) -> Option<Curve> {
    Some(match parameter {
        8 => Curve::P192,
        9 => Curve::BrainpoolP192r1,
        10 => Curve::P224,
        11 => Curve::BrainpoolP224r1,
        12 => Curve::P256,
        13 => Curve::BrainpoolP256r1,
        14 => Curve::BrainpoolP320r1,
        15 => Curve::P384,
        16 => Curve::BrainpoolP384r1,
        17 => Curve::BrainpoolP512r1,
        18 => Curve::P521,
        _ => return None,
    })
}

/// What a chip sent to prove itself during PACE: to be judged with the key of its signed EF.CardSecurity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipProof {
    curve: Curve,
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
        if *curve != self.curve {
            return Ok(false);
        }
        let mut field = Field::new(self.curve)?;
        let mapped = field.point(STEP, &self.mapping_point)?;
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
    let mut command = Command::new(0x86, [0, 0], data, Expect::Bytes(256));
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
    let cipher = protocol.cipher;
    let password = cipher.derive(&key.secret()?, KeyUse::Password)?;
    let set = [
        tlv::encode(Tag(0x80), &protocol.oid.0),
        tlv::encode(Tag(0x83), &[key.reference()]),
        tlv::encode(Tag(0x84), &[protocol.parameter]),
    ]
    .concat();
    session.call(
        STEP,
        &Command::new(0x22, [0xC1, 0xA4], set, Expect::Nothing),
    )?;

    let reply = authenticate(session, Vec::new(), false)?;
    let sealed = object(&reply, 0x80)?.ok_or(broken("no nonce"))?;
    if sealed.is_empty() || sealed.len() > 64 || sealed.len() % cipher.block_bytes() != 0 {
        return Err(broken("a nonce that is not of whole blocks"));
    }
    let nonce = cipher.decrypt(&password, &vec![0; cipher.block_bytes()], &sealed)?;

    // Mapping: an anonymous agreement, whose point moves the generator.
    let mut field = Field::new(protocol.curve)?;
    let generator = field.generator()?;
    let ours = field.pair(&generator, randomness)?;
    let our_bytes = field.bytes(&ours.public)?;
    let reply = authenticate(session, tlv::encode(Tag(0x81), &our_bytes), false)?;
    let mapping_point = object(&reply, 0x82)?.ok_or(broken("no mapping data"))?;
    let theirs = field.point(STEP, &mapping_point)?;
    if mapping_point == our_bytes {
        return Err(broken("our own key sent back"));
    }
    let shared = field.shared_point(STEP, &ours, &theirs)?;
    let mapped = field.mapped(STEP, &nonce, &shared)?;

    // Agreement on the moved generator.
    let ours = field.pair(&mapped, randomness)?;
    let our_bytes = field.bytes(&ours.public)?;
    let reply = authenticate(session, tlv::encode(Tag(0x83), &our_bytes), false)?;
    let their_bytes = object(&reply, 0x84)?.ok_or(broken("no key"))?;
    let theirs = field.point(STEP, &their_bytes)?;
    if their_bytes == our_bytes {
        return Err(broken("our own key sent back"));
    }
    let shared = field.shared_point(STEP, &ours, &theirs)?;
    let secret = field.secret(&shared)?;
    let encrypt = cipher.derive(&secret, KeyUse::Encrypt)?;
    let mac = cipher.derive(&secret, KeyUse::Authenticate)?;

    // Each side shows that it has the secret.
    let token = |point: &[u8]| {
        let inside = [
            tlv::encode(Tag::OID, &protocol.oid.0),
            tlv::encode(Tag(0x86), point),
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
        Mapping::Generic => None,
        Mapping::ChipAuthentication => {
            let sealed = object(&reply, 0x8A)?.ok_or(broken("no proof of the chip"))?;
            if sealed.is_empty() || sealed.len() % cipher.block_bytes() != 0 {
                return Err(broken("a proof that is not of whole blocks"));
            }
            // Section 4.4.3.5: the start value is the encryption of minus one.
            let block = cipher.block_bytes();
            let start = cipher.encrypt(&encrypt, &vec![0; block], &vec![0xFF; block])?;
            let padded = cipher.decrypt(&encrypt, &start, &sealed)?;
            let data = unpad(&padded).ok_or(broken("a proof without padding"))?;
            Some(ChipProof {
                curve: protocol.curve,
                data: data.to_vec(),
                mapping_point,
            })
        }
    };
    session.protect(SecureMessaging::new(cipher, encrypt, mac, None));
    Ok(proof)
}
