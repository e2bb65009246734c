//! Active authentication (Doc 9303-11 section 6.1): the chip signs a nonce, so a copy of its files is told.

use crate::answers::Why;
use crate::apdu::{Command, Expect, Status};
use crate::error::ChipError;
use crate::examine::{IS_A_COPY, REFUSES, UNKNOWN_ALGORITHM};
use crate::files::{SecurityInfo, SecurityInfos};
use crate::randomness::Randomness;
use crate::session::Session;
use crate::tlv::Tag;
use crate::transceiver::LengthSupport;
use crate::trust::algorithm::{Digest, Scheme};
use crate::trust::public_key::{PublicKey, SignatureFit};
use openssl::rsa::Padding;
use rules::{Check, CheckId, Outcome};

/// The longest signature whose protection leaves it a short answer, in bytes.
const SHORT_SIGNATURE: u32 = 223;

/// Asks the chip to sign a fresh nonce and judges the answer. The key must come from a DG15 whose hash the
/// security object holds, or it proves nothing.
pub fn ask(
    session: &mut Session<'_>,
    key: &PublicKey,
    data_group_14: Option<&SecurityInfos>,
    randomness: &mut dyn Randomness,
) -> Result<Check, ChipError> {
    let check = CheckId::ChipActiveAuthentication;
    let mut nonce = [0; 8];
    randomness.fill(&mut nonce)?;
    // A signature of a long key and its protection outgrow a short answer; without extended lengths the chip
    // sends it in pieces.
    let is_long = matches!(key, PublicKey::Rsa { key } if key.size() > SHORT_SIGNATURE);
    let expect = match session.lengths() {
        LengthSupport::Extended if is_long => Expect::Bytes(65_536),
        _ => Expect::Bytes(256),
    };
    let command = Command::new(0x88, [0, 0], nonce.to_vec(), expect);
    let response = session.send(&command)?;
    if response.status != Status::OK {
        return Ok(Check::new(
            check,
            Outcome::Failed,
            format!("the chip would not sign: it answered {}", response.status),
        )
        .saying(REFUSES, []));
    }
    let (outcome, why) = match judge(key, data_group_14, &nonce, &response.data)? {
        SignatureFit::Good => (Outcome::Successful, Why::none()),
        SignatureFit::Bad => (
            Outcome::Failed,
            Why::new("the chip does not hold the document's key", IS_A_COPY, []),
        ),
        SignatureFit::OtherKind => (
            Outcome::Undetermined,
            Why::new("an algorithm that is not known", UNKNOWN_ALGORITHM, []),
        ),
    };
    Ok(why.check(check, outcome))
}

/// Whether this signature over the nonce is the key's.
pub fn judge(
    key: &PublicKey,
    data_group_14: Option<&SecurityInfos>,
    nonce: &[u8],
    signature: &[u8],
) -> Result<SignatureFit, ChipError> {
    match key {
        PublicKey::Rsa { key } => {
            let mut recovered = vec![0; key.size() as usize];
            if signature.len() != recovered.len()
                || key
                    .public_decrypt(signature, &mut recovered, Padding::NONE)
                    .is_err()
            {
                return Ok(SignatureFit::Bad);
            }
            // ISO/IEC 9796-2 lets the signer send the smaller of s and n - s.
            if recovered.last().is_some_and(|b| b & 0x0F != 0x0C) {
                let failed = |_| ChipError::Library("big numbers");
                let number = openssl::bn::BigNum::from_slice(&recovered).map_err(failed)?;
                let mut other = openssl::bn::BigNum::new().map_err(failed)?;
                other.checked_sub(key.n(), &number).map_err(failed)?;
                recovered = other.to_vec();
            }
            Ok(match recoverable(&recovered, nonce)? {
                true => SignatureFit::Good,
                false => SignatureFit::Bad,
            })
        }
        PublicKey::Ec { .. } => {
            let named = data_group_14.and_then(|infos| {
                infos.infos.iter().find_map(|info| match info {
                    SecurityInfo::ActiveAuthentication { algorithm } => Some(algorithm),
                    _ => None,
                })
            });
            let schemes: Vec<Scheme> = match named {
                Some(algorithm) => {
                    let identifier = crate::tlv::encode(
                        Tag::SEQUENCE,
                        &crate::tlv::encode(Tag::OID, &algorithm.0),
                    );
                    let part = crate::Part::File(crate::files::FileId::Dg14);
                    let identifier =
                        crate::tlv::first(&identifier).map_err(ChipError::in_part(part))?;
                    vec![Scheme::parse(identifier, None, part)?]
                }
                // Chips older than DG14's entry sign with SHA-1, or a hash as long as the curve.
                None => vec![
                    Scheme::EcdsaPlain(Digest::Sha1),
                    Scheme::EcdsaPlain(Digest::Sha256),
                ],
            };
            for scheme in schemes {
                let plain = Scheme::EcdsaPlain(scheme.digest());
                if key.check(plain, nonce, signature)? == SignatureFit::Good {
                    return Ok(SignatureFit::Good);
                }
            }
            Ok(SignatureFit::Bad)
        }
        PublicKey::Dh { .. } | PublicKey::Dsa { .. } => Ok(SignatureFit::OtherKind),
    }
}

/// ISO/IEC 9796-2 digital signature scheme 1 with partial recovery: `6A`, the chip's own nonce, the hash of
/// both nonces, and a trailer that names the hash function.
fn recoverable(recovered: &[u8], nonce: &[u8]) -> Result<bool, ChipError> {
    let [0x6A, rest @ ..] = recovered else {
        return Ok(false);
    };
    let (digest, rest) = match rest {
        [rest @ .., 0xBC] => (Digest::Sha1, rest),
        [rest @ .., 0x33, 0xCC] => (Digest::Sha1, rest),
        [rest @ .., 0x34, 0xCC] => (Digest::Sha256, rest),
        [rest @ .., 0x35, 0xCC] => (Digest::Sha512, rest),
        [rest @ .., 0x36, 0xCC] => (Digest::Sha384, rest),
        [rest @ .., 0x38, 0xCC] => (Digest::Sha224, rest),
        _ => return Ok(false),
    };
    let length = digest.of(&[])?.len();
    let Some(at) = rest.len().checked_sub(length) else {
        return Ok(false);
    };
    let (theirs, hash) = rest.split_at(at);
    Ok(digest.of(&[theirs, nonce].concat())? == hash)
}
