//! The chip's side of PACE with generic, integrated and chip authentication mapping (Doc 9303-11 section 4.4).

use super::channel::Channel;
use super::group::Group;
use chip::session_cipher::{KeyUse, SessionCipher, pad};
use chip::tlv::{Tag, Tlv, encode};
use openssl::bn::{BigNum, BigNumContext};

/// One run of the protocol.
#[derive(Debug)]
pub struct Pace {
    oid: Vec<u8>,
    cipher: SessionCipher,
    group: Group,
    password: Vec<u8>,
    nonce: Vec<u8>,
    /// Long-term key, for the proof.
    own: Option<BigNum>,
    mapping: Option<BigNum>,
    mapped: Vec<u8>,
    agreed: Option<Agreed>,
}

#[derive(Debug)]
struct Agreed {
    secret: Vec<u8>,
    ours: Vec<u8>,
    theirs: Vec<u8>,
}

/// What a step answers.
#[derive(Debug)]
pub enum Step {
    /// This object.
    Object(Vec<u8>),
    /// The last one, and the channel that it opens.
    Done(Vec<u8>, Box<Channel>),
    /// This status.
    Refused(u16),
}

impl Pace {
    /// A run of the protocol with this password (as its key derivation takes it).
    #[must_use]
    pub fn new(oid: &[u8], parameter: u8, password: &[u8], own: Option<BigNum>) -> Self {
        let cipher = match oid.last() {
            Some(1) => SessionCipher::TripleDes,
            Some(2) => SessionCipher::Aes128,
            Some(3) => SessionCipher::Aes192,
            _ => SessionCipher::Aes256,
        };
        let mut nonce = vec![0; cipher.key_bytes().next_multiple_of(cipher.block_bytes())];
        openssl::rand::rand_bytes(&mut nonce).unwrap();
        Self {
            oid: oid.to_vec(),
            cipher,
            group: Group::standard(parameter),
            password: password.to_vec(),
            nonce,
            own,
            mapping: None,
            mapped: Vec::new(),
            agreed: None,
        }
    }

    /// One command's object; none asks for the nonce.
    pub fn step(&mut self, object: Option<Tlv<'_>>) -> Step {
        let Some(object) = object else {
            let key = self
                .cipher
                .derive(&self.password, KeyUse::Password)
                .unwrap();
            let start = vec![0; self.cipher.block_bytes()];
            let sealed = self.cipher.encrypt(&key, &start, &self.nonce).unwrap();
            return Step::Object(encode(Tag(0x80), &sealed));
        };
        match object.tag.0 {
            0x81 if self.is_integrated() => {
                if object.value.len() != self.cipher.key_bytes() {
                    return Step::Refused(0x6A80);
                }
                self.mapped = self
                    .group
                    .integrated(self.cipher, &self.nonce, object.value);
                Step::Object(encode(Tag(0x82), &[]))
            }
            0x81 => {
                if !self.group.holds(object.value) {
                    return Step::Refused(0x6A80);
                }
                let ours = self.group.private_key();
                let generator = self.group.generator();
                let shared = self.group.power(object.value, &ours);
                let nonce = BigNum::from_slice(&self.nonce).unwrap();
                let moved = self.group.power(&generator, &nonce);
                self.mapped = self.group.product(&moved, &shared);
                let public = self.group.power(&generator, &ours);
                self.mapping = Some(ours);
                Step::Object(encode(Tag(0x82), &public))
            }
            0x83 => {
                if !self.group.holds(object.value) {
                    return Step::Refused(0x6A80);
                }
                let private = self.group.private_key();
                let ours = self.group.power(&self.mapped, &private);
                let shared = self.group.power(object.value, &private);
                self.agreed = Some(Agreed {
                    secret: self.group.secret(&shared),
                    ours: ours.clone(),
                    theirs: object.value.to_vec(),
                });
                Step::Object(encode(Tag(0x84), &ours))
            }
            0x85 => self.finish(object.value),
            _ => Step::Refused(0x6A80),
        }
    }

    fn is_integrated(&self) -> bool {
        matches!(self.oid[self.oid.len() - 2], 3 | 4)
    }

    fn token(&self, secret: &[u8], public: &[u8]) -> Vec<u8> {
        let key = self.cipher.derive(secret, KeyUse::Authenticate).unwrap();
        let inside = [
            encode(Tag::OID, &self.oid),
            encode(self.group.tag(), public),
        ]
        .concat();
        let input = encode(Tag(0x7F49), &inside);
        self.cipher.mac(&key, &input).unwrap().to_vec()
    }

    fn finish(&self, shown: &[u8]) -> Step {
        let Some(agreed) = &self.agreed else {
            return Step::Refused(0x6985);
        };
        if shown != self.token(&agreed.secret, &agreed.ours) {
            return Step::Refused(0x6300);
        }
        let mut reply = encode(Tag(0x86), &self.token(&agreed.secret, &agreed.theirs));
        if self.oid[self.oid.len() - 2] == 6 {
            reply.extend(encode(Tag(0x8A), &self.proof(&agreed.secret)));
        }
        let channel = Channel::new(self.cipher, &agreed.secret, 0);
        Step::Done(reply, Box::new(channel))
    }

    /// What turns the long-term key into the mapping key, encrypted (section 4.4.3.5).
    fn proof(&self, secret: &[u8]) -> Vec<u8> {
        let mut context = BigNumContext::new().unwrap();
        let order = self.group.order();
        let (mut inverse, mut data) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let own = self.own.as_ref().unwrap();
        inverse.mod_inverse(own, &order, &mut context).unwrap();
        let mapping = self.mapping.as_ref().unwrap();
        data.mod_mul(&inverse, mapping, &order, &mut context)
            .unwrap();
        let data = data.to_vec_padded(order.num_bytes()).unwrap();
        let key = self.cipher.derive(secret, KeyUse::Encrypt).unwrap();
        let block = self.cipher.block_bytes();
        let start = self
            .cipher
            .encrypt(&key, &vec![0; block], &vec![0xFF; block])
            .unwrap();
        self.cipher
            .encrypt(&key, &start, &pad(&data, block))
            .unwrap()
    }
}
