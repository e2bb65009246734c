//! Ciphers, checksums and key derivation of the access protocols (Doc 9303-11 sections 9.7 and 9.8).

use crate::error::ChipError;
use crate::randomness::{Randomness as _, SystemRandomness};
use crate::trust::algorithm::Digest;
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::CipherCtx;
use zeroize::Zeroizing;

/// The block cipher of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionCipher {
    /// Triple DES of two keys, with the retail MAC.
    TripleDes,
    /// AES-128 with CMAC.
    Aes128,
    /// AES-192 with CMAC.
    Aes192,
    /// AES-256 with CMAC.
    Aes256,
}

/// What a derived key is for: the counter of section 9.7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// Encryption.
    Encrypt = 1,
    /// Checksum.
    Authenticate = 2,
    /// The password's key of PACE.
    Password = 3,
}

/// Bytes of a checksum on the wire.
pub const MAC_BYTES: usize = 8;

impl SessionCipher {
    /// Bytes of a block.
    #[must_use]
    pub fn block_bytes(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }

    /// Bytes of a key.
    #[must_use]
    pub fn key_bytes(self) -> usize {
        match self {
            Self::TripleDes | Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TripleDes => "3DES",
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
        }
    }

    fn failed(self) -> ChipError {
        ChipError::Library(self.as_str())
    }

    /// Derives a key from a shared secret (section 9.7.1).
    pub fn derive(self, secret: &[u8], key_use: KeyUse) -> Result<Zeroizing<Vec<u8>>, ChipError> {
        let digest = match self {
            Self::TripleDes | Self::Aes128 => Digest::Sha1,
            Self::Aes192 | Self::Aes256 => Digest::Sha256,
        };
        let mut input = Zeroizing::new(secret.to_vec());
        input.extend_from_slice(&(key_use as u32).to_be_bytes());
        let mut key = Zeroizing::new(digest.of(&input)?);
        key.truncate(self.key_bytes());
        if self == Self::TripleDes {
            for byte in key.iter_mut() {
                // DES keeps a parity bit in each byte.
                *byte = (*byte & 0xFE) | u8::from((*byte & 0xFE).count_ones().is_multiple_of(2));
            }
        }
        Ok(key)
    }

    /// The block cipher in CBC mode, with the key's schedule made.
    pub(crate) fn keyed(self, key: &[u8], way: Way) -> Result<Blocks, ChipError> {
        if key.len() != self.key_bytes() {
            return Err(self.failed());
        }
        match self {
            Self::TripleDes => Blocks::new(self, Cipher::des_ede3_cbc(), &three_keys(key), way),
            Self::Aes128 => Blocks::new(self, Cipher::aes_128_cbc(), key, way),
            Self::Aes192 => Blocks::new(self, Cipher::aes_192_cbc(), key, way),
            Self::Aes256 => Blocks::new(self, Cipher::aes_256_cbc(), key, way),
        }
    }

    /// Encrypts whole blocks in CBC mode.
    pub fn encrypt(self, key: &[u8], iv: &[u8], blocks: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.keyed(key, Way::Encrypt)?.run(iv, blocks)
    }

    /// Decrypts whole blocks in CBC mode.
    pub fn decrypt(self, key: &[u8], iv: &[u8], blocks: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.keyed(key, Way::Decrypt)?.run(iv, blocks)
    }

    /// The first eight bytes of the checksum: the retail MAC (ISO/IEC 9797-1 algorithm 3, DES) over padded
    /// data, or CMAC, which pads by itself.
    pub fn mac(self, key: &[u8], data: &[u8]) -> Result<[u8; MAC_BYTES], ChipError> {
        Checksum::new(self, key)?.of(data)
    }
}

/// Which way a block cipher is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Encrypt,
    Decrypt,
}

/// A block cipher in CBC mode under one key, whose schedule is made once for all that a session says. The
/// library wipes it.
pub(crate) struct Blocks {
    cipher: SessionCipher,
    context: CipherCtx,
    way: Way,
}

impl Blocks {
    fn new(
        cipher: SessionCipher,
        kind: &CipherRef,
        key: &[u8],
        way: Way,
    ) -> Result<Self, ChipError> {
        let failed = |_| cipher.failed();
        let mut context = CipherCtx::new().map_err(failed)?;
        match way {
            Way::Encrypt => context.encrypt_init(Some(kind), Some(key), None),
            Way::Decrypt => context.decrypt_init(Some(kind), Some(key), None),
        }
        .map_err(failed)?;
        Ok(Self {
            cipher,
            context,
            way,
        })
    }

    /// Whole blocks from this start value.
    pub(crate) fn run(&mut self, iv: &[u8], blocks: &[u8]) -> Result<Vec<u8>, ChipError> {
        let cipher = self.cipher;
        let failed = |_| cipher.failed();
        let block = cipher.block_bytes();
        if iv.len() != block || !blocks.len().is_multiple_of(block) {
            return Err(cipher.failed());
        }
        match self.way {
            Way::Encrypt => self.context.encrypt_init(None, None, Some(iv)),
            Way::Decrypt => self.context.decrypt_init(None, None, Some(iv)),
        }
        .map_err(failed)?;
        self.context.set_padding(false);
        let mut out = vec![0; blocks.len() + block];
        let length = self
            .context
            .cipher_update(blocks, Some(&mut out))
            .map_err(failed)?;
        out.truncate(length);
        // Whole blocks without padding leave nothing for a last step.
        match length == blocks.len() {
            true => Ok(out),
            false => Err(cipher.failed()),
        }
    }

    /// What chaining these blocks from zero ends in.
    fn last(&mut self, iv: &[u8], blocks: &[u8]) -> Result<Vec<u8>, ChipError> {
        let out = self.run(iv, blocks)?;
        Ok(out[out.len() - self.cipher.block_bytes()..].to_vec())
    }
}

/// A checksum's key, made ready once for all messages of a session.
pub(crate) enum Checksum {
    /// The retail MAC: all blocks but the last under the first key alone; the last under both.
    Retail {
        /// The first key. A triple DES of one key thrice is a single DES, which the library no longer offers.
        first: Blocks,
        both: Blocks,
    },
    /// CMAC (NIST SP 800-38B): CBC, the last block changed by what zero becomes under the key. The library's own
    /// is of the same blocks, but makes its schedule anew for each message, which takes longer than the message.
    Cmac {
        blocks: Blocks,
        /// For a last block that is whole, and one that had to be filled.
        changes: Zeroizing<[[u8; 16]; 2]>,
    },
}

impl Checksum {
    pub(crate) fn new(cipher: SessionCipher, key: &[u8]) -> Result<Self, ChipError> {
        let mut blocks = cipher.keyed(key, Way::Encrypt)?;
        if cipher == SessionCipher::TripleDes {
            let single = Zeroizing::new([&key[..8]; 3].concat());
            let kind = Cipher::des_ede3_cbc();
            return Ok(Self::Retail {
                first: Blocks::new(cipher, kind, &single, Way::Encrypt)?,
                both: blocks,
            });
        }
        let zero = blocks.run(&[0; 16], &[0; 16])?;
        let zero = <[u8; 16]>::try_from(zero).map_err(|_| cipher.failed())?;
        let whole = doubled(zero);
        Ok(Self::Cmac {
            blocks,
            changes: Zeroizing::new([whole, doubled(whole)]),
        })
    }

    /// The first eight bytes of the checksum over these bytes.
    pub(crate) fn of(&mut self, data: &[u8]) -> Result<[u8; MAC_BYTES], ChipError> {
        let (whole, cipher) = match self {
            Self::Retail { first, both } => {
                let padded = pad(data, 8);
                let (body, last) = padded.split_at(padded.len() - 8);
                let chain = match body {
                    [] => vec![0; 8],
                    body => first.last(&[0; 8], body)?,
                };
                (both.run(&chain, last)?, both.cipher)
            }
            Self::Cmac { blocks, changes } => {
                let is_whole = !data.is_empty() && data.len().is_multiple_of(16);
                let mut message = match is_whole {
                    true => data.to_vec(),
                    false => pad(data, 16),
                };
                let last = message.len() - 16;
                let change = changes[usize::from(!is_whole)];
                for (byte, change) in message[last..].iter_mut().zip(change) {
                    *byte ^= change;
                }
                (blocks.last(&[0; 16], &message)?, blocks.cipher)
            }
        };
        whole
            .first_chunk::<MAC_BYTES>()
            .copied()
            .ok_or_else(|| cipher.failed())
    }
}

/// Twice a block as a polynomial over GF(2) modulo x^128 + x^7 + x^2 + x + 1 (SP 800-38B section 6.1).
fn doubled(block: [u8; 16]) -> [u8; 16] {
    let number = u128::from_be_bytes(block);
    // Without a branch: the block is a secret.
    let carry = (number >> 127) * 0x87;
    ((number << 1) ^ carry).to_be_bytes()
}

/// Has the cryptographic library build its tables now, rather than while a chip waits for its first command.
///
/// # Errors
/// [`ChipError::Library`] where it lacks an algorithm.
pub fn prepare() -> Result<(), ChipError> {
    use SessionCipher::{Aes128, Aes192, Aes256, TripleDes};
    for cipher in [TripleDes, Aes128, Aes192, Aes256] {
        let key = cipher.derive(&[0], KeyUse::Password)?;
        let block = vec![0; cipher.block_bytes()];
        let sealed = cipher.encrypt(&key, &block, &block)?;
        cipher.decrypt(&key, &block, &sealed)?;
        cipher.mac(&key, &block)?;
    }
    let mut random = [0; 8];
    SystemRandomness.fill(&mut random)
}

fn three_keys(key: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(key.len() + 8));
    out.extend_from_slice(key);
    out.extend_from_slice(&key[..key.len().min(8)]);
    out
}

/// ISO/IEC 9797-1 padding method 2: a one bit, then zeros to a whole block.
#[must_use]
pub fn pad(data: &[u8], block: usize) -> Vec<u8> {
    let mut out = data.to_vec();
    out.push(0x80);
    out.resize(out.len().next_multiple_of(block), 0);
    out
}

/// Takes padding method 2 away; `None` where there is none.
#[must_use]
pub fn unpad(data: &[u8]) -> Option<&[u8]> {
    let end = data.iter().rposition(|b| *b != 0)?;
    (data[end] == 0x80).then(|| &data[..end])
}
