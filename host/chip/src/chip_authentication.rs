//! Chip authentication (Doc 9303-11 section 6.2), by ECDH or DH: the chip shows that it holds the
//! private half of a key in its signed DG14, and the session gets keys that no listener can guess.

use crate::agreement_dh::Numbers;
use crate::agreement_ec::Points;
use crate::answers::Why;
use crate::apdu::{Command, Expect, Response, Status};
use crate::error::ChipError;
use crate::examine::{IS_A_COPY, REFUSES, UNKNOWN_ALGORITHM};
use crate::files::{FileId, SecurityInfo, SecurityInfos};
use crate::key_agreement::Agreement;
use crate::oid;
use crate::randomness::Randomness;
use crate::secure_messaging::SecureMessaging;
use crate::session::Session;
use crate::session_cipher::SessionCipher;
use crate::tlv::{self, Tag};
use crate::trust::public_key::PublicKey;
use openssl::bn::BigNum;
use openssl::ec::EcPoint;
use rules::{Check, CheckId, Outcome};
use zeroize::Zeroizing;

const STEP: &str = "chip authentication";
const CHECK: CheckId = CheckId::ChipAuthentication;

/// One way that DG14 offers and we know.
struct Offer<'a> {
    way: Way,
    key: &'a [u8],
}

/// How a key is agreed with.
struct Way {
    /// The protocol's name, where the chip says one.
    oid: Option<Vec<u8>>,
    cipher: SessionCipher,
    key_id: Option<u32>,
}

/// The first key of DG14 that is known, with its cipher.
fn offer(infos: &SecurityInfos) -> Option<Offer<'_>> {
    infos.infos.iter().find_map(|info| {
        let SecurityInfo::ChipAuthenticationKey {
            protocol,
            key,
            key_id,
        } = info
        else {
            return None;
        };
        let agreement = match protocol.0.as_slice() {
            oid::SECURITY_PK_DH => 1,
            oid::SECURITY_PK_ECDH => 2,
            _ => return None,
        };
        let named = infos.infos.iter().find_map(|info| match info {
            SecurityInfo::ChipAuthentication {
                protocol,
                key_id: of,
                ..
            } if of == key_id => {
                let cipher = match protocol.0.strip_prefix(oid::SECURITY_CA)? {
                    [kind, 1] if *kind == agreement => SessionCipher::TripleDes,
                    [kind, 2] if *kind == agreement => SessionCipher::Aes128,
                    [kind, 3] if *kind == agreement => SessionCipher::Aes192,
                    [kind, 4] if *kind == agreement => SessionCipher::Aes256,
                    _ => return None,
                };
                Some((protocol.0.as_slice(), cipher))
            }
            _ => None,
        });
        // The first generation of chips names a key and no protocol: 3DES is meant.
        let (oid, cipher) = named.map_or((None, SessionCipher::TripleDes), |(o, c)| (Some(o), c));
        let way = Way {
            oid: oid.map(<[u8]>::to_vec),
            cipher,
            key_id: *key_id,
        };
        Some(Offer { way, key })
    })
}

/// Agrees on new keys with the chip's key and sees whether the chip has them too. The DG14 must be one whose
/// hash the security object holds, or it proves nothing.
pub fn ask(
    session: &mut Session<'_>,
    data_group_14: &SecurityInfos,
    randomness: &mut dyn Randomness,
) -> Result<Check, ChipError> {
    match begin(data_group_14, randomness)? {
        Begun::Answered(check) => Ok(check),
        Begun::Drawn(drawn) => drawn.agree()?.ask(session),
    }
}

/// What stands before the chip is asked.
pub(crate) enum Begun {
    /// It cannot be asked.
    Answered(Check),
    /// Our key was drawn.
    Drawn(Drawn),
}

/// Both sides' keys. What they agree on is computed while other files are read.
pub(crate) struct Drawn {
    way: Way,
    sides: Sides,
}

enum Sides {
    Curve(Points, EcPoint, BigNum),
    Prime(Numbers, BigNum, BigNum),
}

/// What the two sides share, and our public key, to be sent.
pub(crate) struct Agreed {
    way: Way,
    public: Vec<u8>,
    secret: Zeroizing<Vec<u8>>,
}

/// Draws a fresh key in the group of the chip's.
pub(crate) fn begin(
    data_group_14: &SecurityInfos,
    randomness: &mut dyn Randomness,
) -> Result<Begun, ChipError> {
    let answered = |outcome, why| {
        let why = Why::new(why, UNKNOWN_ALGORITHM, []);
        Ok(Begun::Answered(why.check(CHECK, outcome)))
    };
    let Some(Offer { way, key }) = offer(data_group_14) else {
        return answered(Outcome::NotSupported, "DG14 holds no key that is known");
    };
    let info = tlv::first(key).map_err(FileId::Dg14.at())?;
    let sides = match PublicKey::parse(info)? {
        PublicKey::Ec { curve, key } => {
            let theirs = key
                .public_key()
                .to_owned(key.group())
                .map_err(|_| ChipError::Library(curve.as_str()))?;
            let mut group = Points::new(curve)?;
            let private = group.private_key(randomness)?;
            Sides::Curve(group, theirs, private)
        }
        PublicKey::Dh { parameters, value } => {
            let mut group = Numbers::of(&parameters)?;
            let theirs = group.element(STEP, &value)?;
            let private = group.private_key(randomness)?;
            Sides::Prime(group, theirs, private)
        }
        PublicKey::Rsa { .. } | PublicKey::Dsa { .. } => {
            return answered(Outcome::Undetermined, "a key of an unexpected kind");
        }
    };
    Ok(Begun::Drawn(Drawn { way, sides }))
}

impl Drawn {
    /// Our public key, and what both share.
    pub(crate) fn agree(self) -> Result<Agreed, ChipError> {
        let (public, secret) = match self.sides {
            Sides::Curve(mut group, theirs, private) => agree(&mut group, &theirs, &private)?,
            Sides::Prime(mut group, theirs, private) => agree(&mut group, &theirs, &private)?,
        };
        Ok(Agreed {
            way: self.way,
            public,
            secret,
        })
    }
}

fn agree<G: Agreement>(
    group: &mut G,
    theirs: &G::Element,
    private: &BigNum,
) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), ChipError> {
    let public = group.public(private)?;
    let bytes = group.bytes(&public)?;
    let shared = group.shared(STEP, private, theirs)?;
    Ok((bytes, group.secret(&shared)?))
}

impl Agreed {
    /// Sends our key and sees whether the chip answers under the new keys.
    pub(crate) fn ask(self, session: &mut Session<'_>) -> Result<Check, ChipError> {
        let answer = self.send(session)?;
        if answer.status != Status::OK {
            return Ok(Check::new(
                CHECK,
                Outcome::Failed,
                format!(
                    "the chip would not agree: it answered {status}",
                    status = answer.status
                ),
            )
            .saying(REFUSES, []));
        }
        session.protect(SecureMessaging::from_secret(self.way.cipher, &self.secret)?);
        // Only a chip with the private key can answer under the new keys.
        let probe = Command::new(
            0xA4,
            [0x02, 0x0C],
            FileId::Dg14.identifier().to_be_bytes().to_vec(),
            Expect::Nothing,
        );
        match session.send(&probe) {
            Ok(_) => Ok(Check::new(CHECK, Outcome::Successful, "")),
            Err(ChipError::SecureMessaging { .. } | ChipError::RefusedUnprotected { .. }) => {
                Ok(Check::new(
                    CHECK,
                    Outcome::Failed,
                    "the chip does not hold the document's key",
                )
                .saying(IS_A_COPY, []))
            }
            Err(error) => Err(error),
        }
    }

    /// Sends our key by the command that the chip's generation knows (section 6.2.4).
    fn send(&self, session: &mut Session<'_>) -> Result<Response<'static>, ChipError> {
        let id = self.way.key_id.map_or_else(Vec::new, |id| {
            // Nought is a reference too, of one byte.
            let zeros = (id.leading_zeros() / 8).min(3) as usize;
            tlv::encode(Tag(0x84), &id.to_be_bytes()[zeros..])
        });
        match (self.way.cipher, &self.way.oid) {
            (SessionCipher::TripleDes, _) | (_, None) => {
                let data = [tlv::encode(Tag(0x91), &self.public), id].concat();
                session.send(&Command::new(0x22, [0x41, 0xA6], data, Expect::Nothing))
            }
            (_, Some(oid)) => {
                let data = [tlv::encode(Tag(0x80), oid), id].concat();
                session.call(
                    STEP,
                    &Command::new(0x22, [0x41, 0xA4], data, Expect::Nothing),
                )?;
                let data = tlv::encode(Tag(0x7C), &tlv::encode(Tag(0x80), &self.public));
                session.send(&Command::new(0x86, [0, 0], data, Expect::Bytes(256)))
            }
        }
    }
}
