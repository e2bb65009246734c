//! Chip authentication (Doc 9303-11 section 6.2), by ECDH or DH: the chip shows that it holds the
//! private half of a key in its signed DG14, and the session gets keys that no listener can guess.

use crate::agreement_dh::Numbers;
use crate::agreement_ec::Points;
use crate::apdu::{Command, Expect, Status};
use crate::error::ChipError;
use crate::files::{FileId, SecurityInfo, SecurityInfos};
use crate::key_agreement::Agreement;
use crate::oid;
use crate::randomness::Randomness;
use crate::secure_messaging::SecureMessaging;
use crate::session::Session;
use crate::session_cipher::SessionCipher;
use crate::tlv::{self, Tag};
use crate::trust::public_key::PublicKey;
use rules::{Check, CheckId, Outcome};
use zeroize::Zeroizing;

const STEP: &str = "chip authentication";
const CHECK: CheckId = CheckId::ChipAuthentication;

/// One way that DG14 offers and we know.
struct Offer<'a> {
    oid: Option<&'a [u8]>,
    cipher: SessionCipher,
    key: &'a [u8],
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
        Some(Offer {
            oid,
            cipher,
            key,
            key_id: *key_id,
        })
    })
}

/// Agrees on new keys with the chip's key and sees whether the chip has them too. The DG14 must be one whose
/// hash the security object holds, or it proves nothing.
pub fn ask(
    session: &mut Session<'_>,
    data_group_14: &SecurityInfos,
    randomness: &mut dyn Randomness,
) -> Result<Check, ChipError> {
    let Some(offer) = offer(data_group_14) else {
        return Ok(Check::new(
            CHECK,
            Outcome::NotSupported,
            "DG14 holds no key that is known",
        ));
    };
    let info = tlv::first(offer.key).map_err(FileId::Dg14.at())?;
    let agreed = match PublicKey::parse(info)? {
        PublicKey::Ec { curve, key } => {
            let theirs = key
                .public_key()
                .to_owned(key.group())
                .map_err(|_| ChipError::Library(curve.as_str()))?;
            agree(Points::new(curve)?, &theirs, session, &offer, randomness)?
        }
        PublicKey::Dh { parameters, value } => {
            let mut group = Numbers::of(&parameters)?;
            let theirs = group.element(STEP, &value)?;
            agree(group, &theirs, session, &offer, randomness)?
        }
        PublicKey::Rsa { .. } | PublicKey::Dsa { .. } => {
            return Ok(Check::new(
                CHECK,
                Outcome::Undetermined,
                "a key of an unexpected kind",
            ));
        }
    };
    let secret = match agreed {
        Agreed::Secret(secret) => secret,
        Agreed::Refused(status) => {
            return Ok(Check::new(
                CHECK,
                Outcome::Failed,
                format!("the chip would not agree: it answered {status}"),
            ));
        }
    };
    session.protect(SecureMessaging::from_secret(offer.cipher, &secret)?);
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
            ))
        }
        Err(error) => Err(error),
    }
}

/// What came of sending our key.
enum Agreed {
    Secret(Zeroizing<Vec<u8>>),
    Refused(Status),
}

/// Sends a fresh key in the chip's group, by the command that its generation knows (section 6.2.4).
fn agree<G: Agreement>(
    mut group: G,
    theirs: &G::Element,
    session: &mut Session<'_>,
    offer: &Offer<'_>,
    randomness: &mut dyn Randomness,
) -> Result<Agreed, ChipError> {
    let generator = group.generator()?;
    let ours = group.pair(&generator, randomness)?;
    let our_bytes = group.bytes(&ours.public)?;
    let shared = group.shared(STEP, &ours, theirs)?;
    let secret = group.secret(&shared)?;
    let id = offer.key_id.map_or_else(Vec::new, |id| {
        // Nought is a reference too, of one byte.
        let zeros = (id.leading_zeros() / 8).min(3) as usize;
        tlv::encode(Tag(0x84), &id.to_be_bytes()[zeros..])
    });
    let answer = match (offer.cipher, offer.oid) {
        (SessionCipher::TripleDes, _) | (_, None) => {
            let data = [tlv::encode(Tag(0x91), &our_bytes), id].concat();
            session.send(&Command::new(0x22, [0x41, 0xA6], data, Expect::Nothing))?
        }
        (_, Some(oid)) => {
            let data = [tlv::encode(Tag(0x80), oid), id].concat();
            session.call(
                STEP,
                &Command::new(0x22, [0x41, 0xA4], data, Expect::Nothing),
            )?;
            let data = tlv::encode(Tag(0x7C), &tlv::encode(Tag(0x80), &our_bytes));
            session.send(&Command::new(0x86, [0, 0], data, Expect::Bytes(256)))?
        }
    };
    Ok(match answer.status {
        Status::OK => Agreed::Secret(secret),
        status => Agreed::Refused(status),
    })
}
