//! Enrolment by code: headquarters draws a code for one post and tells it to the technician there, by telephone or on
//! paper; box and headquarters then prove to each other, over whatever wire, that they know it.
//!
//! The box asks with its enrolment; headquarters answers with its public keys, its root of trust and the box's
//! admission. Each is covered by an HMAC-SHA-256 under a key made from the code, and the answer covers the question
//! too: whoever stands in between reads both, which hold nothing secret, and changes neither. A code has 120 random
//! bits: neither trying at the wire nor a recording of it finds one.
//!
//! A code is written with 25 letters and figures in groups of five (Crockford's alphabet: no I, L, O or U); the last
//! tells a slip of the pen.

use crate::{SealError, wire};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use rules::PostId;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The most that a box's question may measure, in bytes.
pub const ASKED_LIMIT: usize = 8 * 1024;
/// The most that headquarters' answer may measure, in bytes.
pub const GIVEN_LIMIT: usize = 256 * 1024;

const VERSION: u64 = 1;
const KEY: &str = "mpaka enrolment code v1";
const ASKED: &str = "mpaka enrolment by code, asked v1";
const GIVEN: &str = "mpaka enrolment by code, given v1";
const WHAT: &str = "enrolment by code";

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BYTES: usize = 15;
/// Signs that carry five bits each; one more checks them.
const SIGNS: usize = 24;

/// A code. Wiped when dropped.
#[derive(Clone)]
pub struct Code(Zeroizing<[u8; BYTES]>);

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a code has 25 letters and figures in groups of five; this is none: is a sign wrong or missing?"
)]
pub struct NoCode;

impl Code {
    /// Draws one.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`].
    pub fn draw() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        SystemRandom::new()
            .fill(&mut *bytes)
            .map_err(|_| SealError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// What proves it.
    #[must_use]
    pub fn key(&self) -> CodeKey {
        CodeKey(Zeroizing::new(wire::digest(KEY, &[&self.0[..]])))
    }

    /// Five bits each, the greatest first.
    fn signs(&self) -> [u8; SIGNS] {
        let mut number = self.0.iter().fold(0_u128, |n, b| (n << 8) | u128::from(*b));
        let mut signs = [0; SIGNS];
        for sign in signs.iter_mut().rev() {
            *sign = (number & 31) as u8;
            number >>= 5;
        }
        signs
    }
}

/// Tells one wrong sign and two neighbours that changed places.
fn check(signs: &[u8]) -> u8 {
    let sum: u32 = signs
        .iter()
        .zip(1_u32..)
        .map(|(s, n)| u32::from(*s) * n)
        .sum();
    (sum % 31) as u8
}

/// As it is told to the technician.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signs = self.signs();
        let all = signs.iter().copied().chain([check(&signs)]);
        for (at, sign) in all.enumerate() {
            if at > 0 && at % 5 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(ALPHABET[usize::from(sign)]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

impl FromStr for Code {
    type Err = NoCode;

    /// Reads it as people write it: hyphens and blanks or none, small letters, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, NoCode> {
        let mut signs = Zeroizing::new(Vec::with_capacity(SIGNS + 1));
        for c in text.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            let sign = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|a| char::from(*a) == sign);
            let value = value.filter(|_| signs.len() <= SIGNS).ok_or(NoCode)?;
            signs.push(u8::try_from(value).map_err(|_| NoCode)?);
        }
        let (said, checked) = match signs.split_last() {
            Some((last, signs)) if signs.len() == SIGNS => (*last, signs),
            _ => return Err(NoCode),
        };
        if check(checked) != said {
            return Err(NoCode);
        }
        let number = checked
            .iter()
            .fold(0_u128, |n, s| (n << 5) | u128::from(*s));
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes.copy_from_slice(&number.to_be_bytes()[16 - BYTES..]);
        Ok(Self(bytes))
    }
}

/// What headquarters keeps of a code until it has been used: enough to prove it and to check the proof.
#[derive(Clone)]
pub struct CodeKey(Zeroizing<[u8; 32]>);

impl CodeKey {
    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for keeping.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0[..])
    }

    fn prove(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut proof = [0; 32];
        let tag = hmac::sign(&self.hmac(), &wire::message(purpose, parts));
        proof.copy_from_slice(tag.as_ref());
        proof
    }

    fn check(&self, purpose: &str, parts: &[&[u8]], proof: &[u8; 32]) -> Result<(), SealError> {
        hmac::verify(&self.hmac(), &wire::message(purpose, parts), proof)
            .map_err(|_| SealError::SignatureWrong { what: WHAT })
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(..)")
    }
}

#[derive(Serialize, Deserialize)]
struct AskedWire(u64, PostId, ByteBuf, ByteArray<32>);

/// A box's question: its enrolment, and the proof that whoever works there knows the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    post: PostId,
    enrolment: Vec<u8>,
    proof: [u8; 32],
}

impl Asked {
    /// Asks for this post with an enrolment (the bytes of `device-public.json`).
    #[must_use]
    pub fn new(post: PostId, enrolment: Vec<u8>, key: &CodeKey) -> Self {
        let proof = key.prove(ASKED, &[post.as_str().as_bytes(), &enrolment]);
        Self {
            post,
            enrolment,
            proof,
        }
    }

    /// The post: whose code to look for.
    #[must_use]
    pub fn post(&self) -> &PostId {
        &self.post
    }

    /// The enrolment, once the proof was checked.
    ///
    /// # Errors
    /// [`SealError::SignatureWrong`] where whoever asks does not know the code.
    pub fn enrolment(&self, key: &CodeKey) -> Result<&[u8], SealError> {
        let parts = [self.post.as_str().as_bytes(), &self.enrolment[..]];
        key.check(ASKED, &parts, &self.proof)?;
        Ok(&self.enrolment)
    }

    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(&AskedWire(
            VERSION,
            self.post.clone(),
            ByteBuf::from(self.enrolment.clone()),
            ByteArray::new(self.proof),
        ))
    }

    /// Reads the wire form. Checks its shape, not its proof.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let AskedWire(version, post, enrolment, proof) =
            wire::decode_exact(bytes, ASKED_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        Ok(Self {
            post,
            enrolment: enrolment.into_vec(),
            proof: proof.into_array(),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct GivenWire(u64, ByteBuf, ByteBuf, ByteBuf, ByteArray<32>);

/// Headquarters' answer: all that a box needs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its public keys (`hq-public.json`).
    pub hq_public: Vec<u8>,
    /// Its root of trust for editions (`1.root.json`).
    pub root: Vec<u8>,
    /// The box's admission, signed with those keys.
    pub admission: Vec<u8>,
}

impl Given {
    /// The wire form, as the answer to this question.
    #[must_use]
    pub fn to_bytes(&self, asked: &Asked, key: &CodeKey) -> Vec<u8> {
        let proof = key.prove(GIVEN, &self.parts(asked));
        wire::encode(&GivenWire(
            VERSION,
            ByteBuf::from(self.hq_public.clone()),
            ByteBuf::from(self.root.clone()),
            ByteBuf::from(self.admission.clone()),
            ByteArray::new(proof),
        ))
    }

    /// Reads the wire form, and checks that it is the answer to this question from somebody who knows the code.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`],
    /// [`SealError::SignatureWrong`].
    pub fn from_bytes(bytes: &[u8], asked: &Asked, key: &CodeKey) -> Result<Self, SealError> {
        let GivenWire(version, hq_public, root, admission, proof) =
            wire::decode_exact(bytes, GIVEN_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        let given = Self {
            hq_public: hq_public.into_vec(),
            root: root.into_vec(),
            admission: admission.into_vec(),
        };
        key.check(GIVEN, &given.parts(asked), &proof.into_array())?;
        Ok(given)
    }

    fn parts<'a>(&'a self, asked: &'a Asked) -> [&'a [u8]; 4] {
        [&asked.proof, &self.hq_public, &self.root, &self.admission]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(byte: u8) -> Code {
        Code(Zeroizing::new([byte; BYTES]))
    }

    fn asked(key: &CodeKey) -> Asked {
        let post = PostId::new("NAMANGA-1").unwrap();
        Asked::new(post, b"an enrolment".to_vec(), key)
    }

    fn given() -> Given {
        Given {
            hq_public: b"keys".to_vec(),
            root: b"root".to_vec(),
            admission: b"admission".to_vec(),
        }
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let drawn = Code::draw().unwrap();
        let text = drawn.to_string();
        assert_eq!(text.len(), 29);
        assert_eq!(text.split('-').count(), 5);
        let spoken = text.to_lowercase().replace('-', " ");
        let slurred = text.replace('0', "O").replace('1', "l").replace('-', "");
        for written in [&text, &spoken, &slurred] {
            let read: Code = written.parse().unwrap();
            assert_eq!(*read.0, *drawn.0);
        }
        assert_eq!(code(0).to_string(), "00000-00000-00000-00000-00000");
        assert_eq!(format!("{drawn:?}{:?}", drawn.key()), "Code(..)CodeKey(..)");
    }

    #[test]
    fn a_slip_of_the_pen_is_told_before_anything_is_asked() {
        let text = Code(Zeroizing::new(*b"fifteen letters")).to_string();
        let signs: Vec<char> = text.chars().filter(|c| *c != '-').collect();
        let read = |signs: &[char]| signs.iter().collect::<String>().parse::<Code>();
        assert!(read(&signs).is_ok());
        for at in 0..signs.len() {
            let mut wrong = signs.clone();
            wrong[at] = if signs[at] == '7' { '8' } else { '7' };
            assert!(read(&wrong).is_err(), "sign {at}");
            let mut without = signs.clone();
            without.remove(at);
            assert!(read(&without).is_err(), "without sign {at}");
            if at + 2 < signs.len() && signs[at] != signs[at + 1] {
                let mut turned = signs.clone();
                turned.swap(at, at + 1);
                assert!(read(&turned).is_err(), "sign {at} and the next");
            }
        }
        for odd in [
            "",
            "-",
            "UUUUU",
            &"0".repeat(26),
            &"0".repeat(4096),
            "ß0000",
        ] {
            assert!(odd.parse::<Code>().is_err(), "{odd:.9}");
        }
    }

    #[test]
    fn question_and_answer_are_taken_from_who_knows_the_code_and_as_they_are() {
        let (key, other) = (code(7).key(), code(8).key());
        let asked = asked(&key);
        let read = Asked::from_bytes(&asked.to_bytes()).unwrap();
        assert_eq!(read, asked);
        assert_eq!(read.enrolment(&key).unwrap(), b"an enrolment");
        assert!(read.enrolment(&other).is_err());
        let answer = given().to_bytes(&asked, &key);
        assert_eq!(Given::from_bytes(&answer, &asked, &key).unwrap(), given());
        assert!(Given::from_bytes(&answer, &asked, &other).is_err());
        // The answer to another question, as from a recording.
        let post = PostId::new("NAMANGA-1").unwrap();
        let another = Asked::new(post, b"another enrolment".to_vec(), &key);
        assert!(Given::from_bytes(&answer, &another, &key).is_err());
        let question = asked.to_bytes();
        for at in 0..question.len() {
            let mut altered = question.clone();
            altered[at] ^= 1;
            let taken = Asked::from_bytes(&altered).is_ok_and(|a| a.enrolment(&key).is_ok());
            assert!(!taken, "byte {at} of the question");
        }
        for at in 0..answer.len() {
            let mut altered = answer.clone();
            altered[at] ^= 1;
            assert!(
                Given::from_bytes(&altered, &asked, &key).is_err(),
                "byte {at} of the answer"
            );
            assert!(Given::from_bytes(&answer[..at], &asked, &key).is_err());
        }
    }
}
