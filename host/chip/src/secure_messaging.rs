//! Secure messaging (Doc 9303-11 section 9.8): every command and answer encrypted and under a checksum
//! that counts them.

use crate::apdu::{Command, Expect, Response, Status};
use crate::error::ChipError;
use crate::session_cipher::{Blocks, Checksum, MAC_BYTES, SessionCipher, Way, pad, unpad};
use crate::tlv::{self, Reader, Tag};

/// Keys and counter of a session. The keys are wiped when it ends.
pub struct SecureMessaging {
    cipher: SessionCipher,
    encrypt: Blocks,
    decrypt: Blocks,
    authenticate: Checksum,
    /// Send sequence counter, one block long.
    counter: Vec<u8>,
}

/// Names the cipher only.
impl std::fmt::Debug for SecureMessaging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecureMessaging({})", self.cipher.as_str())
    }
}

fn broken(why: &'static str) -> ChipError {
    ChipError::SecureMessaging { why }
}

impl SecureMessaging {
    /// A session with these keys, its counter at zero (section 9.8.6.2) or as BAC makes it (9.8.6.3).
    ///
    /// # Errors
    /// [`ChipError::Library`] where a key is of another length than the cipher's.
    pub fn new(
        cipher: SessionCipher,
        encrypt: &[u8],
        authenticate: &[u8],
        counter: Option<[u8; 8]>,
    ) -> Result<Self, ChipError> {
        Ok(Self {
            cipher,
            encrypt: cipher.keyed(encrypt, Way::Encrypt)?,
            decrypt: cipher.keyed(encrypt, Way::Decrypt)?,
            authenticate: Checksum::new(cipher, authenticate)?,
            counter: counter.map_or_else(|| vec![0; cipher.block_bytes()], |c| c.to_vec()),
        })
    }

    /// A session from a shared secret (section 9.7.1).
    pub fn from_secret(cipher: SessionCipher, secret: &[u8]) -> Result<Self, ChipError> {
        use crate::session_cipher::KeyUse::{Authenticate, Encrypt};
        let encrypt = cipher.derive(secret, Encrypt)?;
        let authenticate = cipher.derive(secret, Authenticate)?;
        Self::new(cipher, &encrypt, &authenticate, None)
    }

    /// Its cipher.
    #[must_use]
    pub fn cipher(&self) -> SessionCipher {
        self.cipher
    }

    /// Bytes that protection adds to an answer of this many, at most: object headers, padding, status, checksum.
    #[must_use]
    pub fn overhead(&self) -> usize {
        self.cipher.block_bytes() + 4 + 1 + 4 + 2 + MAC_BYTES
    }

    fn count(&mut self) {
        for byte in self.counter.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    /// Start value of CBC: zero for 3DES, the encrypted counter for AES (section 9.8.7.1).
    fn start(&mut self) -> Result<Vec<u8>, ChipError> {
        let zero = vec![0; self.cipher.block_bytes()];
        match self.cipher {
            SessionCipher::TripleDes => Ok(zero),
            _ => self.encrypt.run(&zero, &self.counter),
        }
    }

    /// Protects a command (section 9.8.4).
    pub fn protect(&mut self, command: &Command) -> Result<Command, ChipError> {
        self.count();
        let block = self.cipher.block_bytes();
        let class = command.class | 0x0C;
        let [p1, p2] = command.parameters;
        let mut objects = Vec::new();
        if !command.data.is_empty() {
            let start = self.start()?;
            let sealed = self.encrypt.run(&start, &pad(&command.data, block))?;
            if command.instruction & 1 == 0 {
                let value = [&[0x01][..], &sealed].concat();
                objects.extend(tlv::encode(Tag(0x87), &value));
            } else {
                // Odd instructions carry objects, so there is no padding indicator.
                objects.extend(tlv::encode(Tag(0x85), &sealed));
            }
        }
        if let Expect::Bytes(n) = command.expect {
            let value = match n {
                ..=256 => vec![n as u8],
                _ => (n as u16).to_be_bytes().to_vec(),
            };
            objects.extend(tlv::encode(Tag(0x97), &value));
        }
        let head = pad(&[class, command.instruction, p1, p2], block);
        let checksum = self.checksum(&[self.counter.as_slice(), &head, &objects].concat())?;
        objects.extend(tlv::encode(Tag(0x8E), &checksum));
        let is_long = objects.len() > 255 || matches!(command.expect, Expect::Bytes(n) if n > 256);
        Ok(Command {
            class,
            instruction: command.instruction,
            parameters: command.parameters,
            data: objects,
            expect: Expect::Bytes(if is_long { 65_536 } else { 256 }),
        })
    }

    /// The checksum over counter, head and objects, padded together whatever their length.
    fn checksum(&mut self, data: &[u8]) -> Result<[u8; MAC_BYTES], ChipError> {
        match self.cipher {
            // The retail MAC pads by itself.
            SessionCipher::TripleDes => self.authenticate.of(data),
            aes => self.authenticate.of(&pad(data, aes.block_bytes())),
        }
    }

    /// Opens an answer (section 9.8.5). The counter moves on whatever comes, so that an unprotected error
    /// leaves it in step.
    pub fn open(&mut self, response: &Response<'_>) -> Result<Response<'static>, ChipError> {
        self.count();
        if response.data.is_empty() {
            if response.status == Status::OK {
                return Err(broken("an answer without a checksum"));
            }
            // An error before secure messaging could begin; nobody vouches for it.
            return Err(ChipError::RefusedUnprotected {
                status: response.status,
            });
        }
        let malformed = |_| broken("an answer that is not made of objects");
        let (mut sealed, mut status, mut checksum) = (None, None, None);
        let mut authenticated_bytes = 0;
        let mut objects = Reader::new(&response.data);
        while let Some(object) = objects.next().map_err(malformed)? {
            if checksum.is_some() {
                return Err(broken("an object behind the checksum"));
            }
            let repeated = match object.tag.0 {
                0x87 | 0x85 => sealed.replace(object).is_some(),
                0x99 => status.replace(object.value).is_some(),
                0x8E => checksum.replace(object.value).is_some(),
                _ => false,
            };
            if repeated {
                return Err(broken("an object twice"));
            }
            if object.tag.0 != 0x8E {
                authenticated_bytes += object.whole.len();
            }
        }
        let checksum = checksum.ok_or(broken("an answer without a checksum"))?;
        let body = response
            .data
            .get(..authenticated_bytes)
            .ok_or(broken("an answer that is not made of objects"))?;
        let expected = self.checksum(&[self.counter.as_slice(), body].concat())?;
        if checksum.len() != MAC_BYTES || !openssl::memcmp::eq(checksum, &expected) {
            return Err(broken("a checksum that does not fit"));
        }
        let status = status
            .and_then(|s| <[u8; 2]>::try_from(s).ok())
            .map(|s| Status(u16::from_be_bytes(s)))
            .ok_or(broken("an answer without its status"))?;
        if status != response.status {
            return Err(broken("two statuses that differ"));
        }
        let data = match sealed {
            None => Vec::new(),
            Some(object) => {
                let blocks = match object.tag.0 {
                    0x87 => object
                        .value
                        .strip_prefix(&[0x01])
                        .ok_or(broken("an unknown padding"))?,
                    _ => object.value,
                };
                if blocks.is_empty() || blocks.len() % self.cipher.block_bytes() != 0 {
                    return Err(broken("a broken block"));
                }
                let start = self.start()?;
                let padded = self.decrypt.run(&start, blocks)?;
                unpad(&padded)
                    .ok_or(broken("a padding that is none"))?
                    .to_vec()
            }
        };
        Ok(Response {
            data: data.into(),
            status,
        })
    }
}
