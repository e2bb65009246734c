//! Basic access control (Doc 9303-11 section 4.3): the older way in, whose key a patient listener can guess.

use crate::access_key::AccessKey;
use crate::apdu::{Command, Expect, Status};
use crate::error::ChipError;
use crate::randomness::Randomness;
use crate::secure_messaging::SecureMessaging;
use crate::session::Session;
use crate::session_cipher::{KeyUse, MAC_BYTES, SessionCipher};
use zeroize::Zeroizing;

const CIPHER: SessionCipher = SessionCipher::TripleDes;
const STEP: &str = "BAC";

/// Opens the selected application and protects the session.
pub fn open(
    session: &mut Session<'_>,
    key: &AccessKey,
    randomness: &mut dyn Randomness,
) -> Result<(), ChipError> {
    let AccessKey::Zone(_) = key else {
        return Err(ChipError::NoZoneKey);
    };
    let secret = key.secret()?;
    // Section 9.7.2: the first sixteen bytes of the hash.
    let seed = &secret[..16];
    let encrypt = CIPHER.derive(seed, KeyUse::Encrypt)?;
    let authenticate = CIPHER.derive(seed, KeyUse::Authenticate)?;

    let challenge = Command::new(0x84, [0, 0], Vec::new(), Expect::Bytes(8));
    let answer = session.call(STEP, &challenge)?;
    let theirs: [u8; 8] = answer.try_into().map_err(|_| ChipError::Protocol {
        step: STEP,
        why: "a challenge that is not of eight bytes",
    })?;
    let mut ours = [0; 8];
    randomness.fill(&mut ours)?;
    let mut half = Zeroizing::new([0; 16]);
    randomness.fill(half.as_mut_slice())?;

    let plain = Zeroizing::new([&ours[..], &theirs, half.as_slice()].concat());
    let sealed = CIPHER.encrypt(&encrypt, &[0; 8], &plain)?;
    let checksum = CIPHER.mac(&authenticate, &sealed)?;
    let data = [sealed.as_slice(), &checksum].concat();
    let command = Command::new(0x82, [0, 0], data, Expect::Bytes(40));
    let response = session.send(&command)?;
    match response.status {
        Status::OK => {}
        // What chips answer to a checksum that does not fit differs; the key is the likely reason.
        Status(0x6300..=0x63FF) | Status(0x6982 | 0x6988 | 0x6A80) => {
            return Err(ChipError::WrongKey);
        }
        status => return Err(ChipError::Refused { step: STEP, status }),
    }
    let broken = |why| ChipError::Protocol { step: STEP, why };
    let (sealed, checksum) = response
        .data
        .split_last_chunk::<MAC_BYTES>()
        .filter(|(sealed, _)| sealed.len() == 32)
        .ok_or(broken("an answer that is not of forty bytes"))?;
    if !openssl::memcmp::eq(&CIPHER.mac(&authenticate, sealed)?, checksum) {
        return Err(broken("a checksum that does not fit"));
    }
    let plain = Zeroizing::new(CIPHER.decrypt(&encrypt, &[0; 8], sealed)?);
    if plain[..8] != theirs || plain[8..16] != ours {
        return Err(broken("another conversation's answer"));
    }
    let secret: Zeroizing<Vec<u8>> =
        Zeroizing::new(half.iter().zip(&plain[16..]).map(|(a, b)| a ^ b).collect());
    // Section 9.8.6.3: the last four bytes of either challenge.
    let mut counter = [0; 8];
    counter[..4].copy_from_slice(&theirs[4..]);
    counter[4..].copy_from_slice(&ours[4..]);
    session.protect(SecureMessaging::new(
        CIPHER,
        &CIPHER.derive(&secret, KeyUse::Encrypt)?,
        &CIPHER.derive(&secret, KeyUse::Authenticate)?,
        Some(counter),
    )?);
    Ok(())
}
