//! The chip's side of secure messaging (Doc 9303-11 section 9.8).

use chip::session_cipher::{KeyUse, SessionCipher, pad, unpad};
use chip::tlv::{Reader, Tag, encode};

/// Keys and counter.
#[derive(Debug, Clone)]
pub struct Channel {
    cipher: SessionCipher,
    encrypt: Vec<u8>,
    authenticate: Vec<u8>,
    counter: u128,
}

/// How a protected answer is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// The object with the data is left away.
    NoCryptogram,
    /// The object with the status is left away.
    NoStatus,
    /// The checksum is left away.
    NoChecksum,
    /// One bit of the checksum is another.
    WrongChecksum,
    /// One bit of the data is another, under a checksum that fits.
    WrongCryptogram,
    /// All objects are left away.
    Bare,
}

/// A command out of its protection.
#[derive(Debug)]
pub struct Opened {
    /// Data.
    pub data: Vec<u8>,
    /// How much answer is wanted; zero for none.
    pub wanted: u32,
}

impl Channel {
    /// From a shared secret; the counter begins at zero, or where BAC sets it.
    #[must_use]
    pub fn new(cipher: SessionCipher, secret: &[u8], counter: u64) -> Self {
        let key = |key_use| cipher.derive(secret, key_use).unwrap().to_vec();
        Self {
            cipher,
            encrypt: key(KeyUse::Encrypt),
            authenticate: key(KeyUse::Authenticate),
            counter: u128::from(counter),
        }
    }

    fn counter(&self) -> Vec<u8> {
        self.counter.to_be_bytes()[16 - self.cipher.block_bytes()..].to_vec()
    }

    fn start(&self) -> Vec<u8> {
        let zero = vec![0; self.cipher.block_bytes()];
        match self.cipher {
            SessionCipher::TripleDes => zero,
            aes => aes.encrypt(&self.encrypt, &zero, &self.counter()).unwrap(),
        }
    }

    fn checksum(&self, parts: &[&[u8]]) -> [u8; 8] {
        let all = [&self.counter(), parts.concat().as_slice()].concat();
        let padded = match self.cipher {
            // The retail MAC pads by itself.
            SessionCipher::TripleDes => all,
            aes => pad(&all, aes.block_bytes()),
        };
        self.cipher.mac(&self.authenticate, &padded).unwrap()
    }

    /// Opens a command; `None` where its checksum does not fit.
    pub fn open(&mut self, head: [u8; 4], body: &[u8]) -> Option<Opened> {
        self.counter += 1;
        let (mut opened, mut checked) = (
            Opened {
                data: Vec::new(),
                wanted: 0,
            },
            0,
        );
        let mut checksum = Vec::new();
        let mut objects = Reader::new(body);
        while let Some(object) = objects.next().ok()? {
            let sealed = match object.tag.0 {
                0x87 => Some(&object.value[1..]),
                0x85 => Some(object.value),
                0x97 => {
                    let number = object.value.iter().fold(0, |n, b| (n << 8) | u32::from(*b));
                    opened.wanted = match (number, object.value.len()) {
                        (0, 1) => 256,
                        (0, _) => 65_536,
                        (n, _) => n,
                    };
                    None
                }
                _ => {
                    checksum = object.value.to_vec();
                    None
                }
            };
            if let Some(sealed) = sealed {
                let plain = self.cipher.decrypt(&self.encrypt, &self.start(), sealed);
                opened.data = unpad(&plain.ok()?)?.to_vec();
            }
            if object.tag.0 != 0x8E {
                checked += object.whole.len();
            }
        }
        let head = pad(&head, self.cipher.block_bytes());
        (self.checksum(&[&head, &body[..checked]])[..] == checksum).then_some(opened)
    }

    /// Protects an answer to a command of this instruction.
    pub fn protect(&mut self, instruction: u8, data: &[u8], status: u16) -> Vec<u8> {
        self.protect_and(instruction, data, status, None)
    }

    /// The same, spoilt.
    pub fn protect_and(
        &mut self,
        instruction: u8,
        data: &[u8],
        status: u16,
        spoil: Option<Spoil>,
    ) -> Vec<u8> {
        self.counter += 1;
        let mut out = Vec::new();
        if !data.is_empty() && spoil != Some(Spoil::NoCryptogram) {
            let padded = pad(data, self.cipher.block_bytes());
            let mut sealed = self
                .cipher
                .encrypt(&self.encrypt, &self.start(), &padded)
                .unwrap();
            if spoil == Some(Spoil::WrongCryptogram) {
                *sealed.last_mut().unwrap() ^= 1;
            }
            out = match instruction & 1 {
                0 => encode(Tag(0x87), &[&[1], sealed.as_slice()].concat()),
                _ => encode(Tag(0x85), &sealed),
            };
        }
        if spoil != Some(Spoil::NoStatus) {
            out.extend(encode(Tag(0x99), &status.to_be_bytes()));
        }
        let mut checksum = self.checksum(&[&out]);
        if spoil == Some(Spoil::WrongChecksum) {
            checksum[0] ^= 1;
        }
        if spoil != Some(Spoil::NoChecksum) {
            out.extend(encode(Tag(0x8E), &checksum));
        }
        if spoil == Some(Spoil::Bare) {
            out.clear();
        }
        out.extend(status.to_be_bytes());
        out
    }
}
