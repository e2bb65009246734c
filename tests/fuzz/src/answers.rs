//! What a chip answers: a whole conversation that follows a script, and protected answers.

use crate::Answer;
use chip::apdu::Response;
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::secure_messaging::SecureMessaging;
use chip::session_cipher::{SessionCipher, pad};
use chip::tlv::{Tag, encode};
use chip::transceiver::LengthSupport;
use chip::{AccessKey, Reader, Transceiver, TransceiverError};
use std::ops::ControlFlow;
use zeroize::Zeroizing;

/// A chip that says what it was told to, whatever it is asked, and then is gone.
struct Script<'a> {
    rest: &'a [u8],
    lengths: LengthSupport,
}

impl Transceiver for Script<'_> {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        let (length, rest) = self
            .rest
            .split_first_chunk::<2>()
            .ok_or(TransceiverError::CardLost)?;
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (answer, rest) = rest.split_at(length);
        self.rest = rest;
        Ok(answer.to_vec())
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        if self.rest.is_empty() {
            Err(TransceiverError::CardLost)
        } else {
            Ok(())
        }
    }

    fn lengths(&self) -> LengthSupport {
        self.lengths
    }
}

/// A reading of a chip. The first byte chooses lengths and key; then answers, each with its length in two
/// bytes before it.
pub(crate) fn conversation(bytes: &[u8]) -> Answer {
    let Some((how, rest)) = bytes.split_first() else {
        return Answer::Refused;
    };
    let lengths = match how & 1 {
        0 => LengthSupport::Short,
        _ => LengthSupport::Extended,
    };
    let key = match how & 2 {
        0 => AccessKey::from_zone("L898902C3", "740812", "120415"),
        _ => AccessKey::from_can("123456"),
    };
    let mut chip = Script { rest, lengths };
    let mut reader = Reader::new(&mut chip);
    let mut known = false;
    let _ = reader.read(
        &key.expect("the key's characters have their place in a zone"),
        FileId::ALL,
        &mut SystemRandomness,
        &mut |_| ControlFlow::Continue(()),
    );
    // A chip without keys is not opened; as far as its files can be read in the clear, they are.
    for id in [FileId::CardAccess, FileId::Dg1] {
        let file = reader.file(id, &mut |_| ControlFlow::Continue(()));
        known |= file.is_ok();
    }
    Answer::of(known)
}

/// A protected answer with a good checksum. The first byte chooses the cipher; the rest are the objects
/// before the checksum.
pub(crate) fn protected(bytes: &[u8]) -> Answer {
    let Some((which, objects)) = bytes.split_first() else {
        return Answer::Refused;
    };
    let cipher = match which & 3 {
        0 => SessionCipher::TripleDes,
        1 => SessionCipher::Aes128,
        2 => SessionCipher::Aes192,
        _ => SessionCipher::Aes256,
    };
    let key = Zeroizing::new(vec![0x42; cipher.key_bytes()]);
    let Ok(mut session) = SecureMessaging::new(cipher, &key, &key, None) else {
        return Answer::Refused;
    };
    let mut counted = vec![0; cipher.block_bytes()];
    *counted.last_mut().expect("a block has bytes") = 1;
    counted.extend_from_slice(objects);
    let covered = match cipher {
        SessionCipher::TripleDes => counted,
        _ => pad(&counted, cipher.block_bytes()),
    };
    let Ok(checksum) = cipher.mac(&key, &covered) else {
        return Answer::Refused;
    };
    let answer = [objects, &encode(Tag(0x8E), &checksum), &[0x90, 0x00]].concat();
    let response = Response::parse(&answer).expect("it has a status");
    Answer::of(session.open(&response).is_ok())
}
