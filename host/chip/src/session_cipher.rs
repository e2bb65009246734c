//! Ciphers, checksums and key derivation of the access protocols (Doc 9303-11 sections 9.7 and 9.8).

use crate::error::ChipError;
use crate::randomness::{Randomness as _, SystemRandomness};
use crate::trust::algorithm::Digest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, Crypter, Mode};
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

    fn cbc(self, key: &[u8], iv: &[u8], data: &[u8], mode: Mode) -> Result<Vec<u8>, ChipError> {
        let (cipher, key) = match self {
            Self::TripleDes => (Cipher::des_ede3_cbc(), three_keys(key)),
            Self::Aes128 => (Cipher::aes_128_cbc(), key.to_vec()),
            Self::Aes192 => (Cipher::aes_192_cbc(), key.to_vec()),
            Self::Aes256 => (Cipher::aes_256_cbc(), key.to_vec()),
        };
        self.run(cipher, &Zeroizing::new(key), iv, data, mode)
    }

    fn run(
        self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8],
        data: &[u8],
        mode: Mode,
    ) -> Result<Vec<u8>, ChipError> {
        let failed = |_| self.failed();
        if key.len() != cipher.key_len() || iv.len() != self.block_bytes() {
            return Err(self.failed());
        }
        let mut crypter = Crypter::new(cipher, mode, key, Some(iv)).map_err(failed)?;
        crypter.pad(false);
        let mut out = vec![0; data.len() + self.block_bytes()];
        let mut length = crypter.update(data, &mut out).map_err(failed)?;
        length += crypter.finalize(&mut out[length..]).map_err(failed)?;
        out.truncate(length);
        Ok(out)
    }

    /// Encrypts whole blocks in CBC mode.
    pub fn encrypt(self, key: &[u8], iv: &[u8], blocks: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.cbc(key, iv, blocks, Mode::Encrypt)
    }

    /// Decrypts whole blocks in CBC mode.
    pub fn decrypt(self, key: &[u8], iv: &[u8], blocks: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.cbc(key, iv, blocks, Mode::Decrypt)
    }

    /// The first eight bytes of the checksum: the retail MAC (ISO/IEC 9797-1 algorithm 3, DES) over padded
    /// data, or CMAC, which pads by itself.
    pub fn mac(self, key: &[u8], data: &[u8]) -> Result<[u8; MAC_BYTES], ChipError> {
        let whole = match self {
            Self::TripleDes => self.retail(key, &pad(data, 8))?,
            aes => {
                let cipher = match aes {
                    Self::Aes192 => Cipher::aes_192_cbc(),
                    Self::Aes256 => Cipher::aes_256_cbc(),
                    _ => Cipher::aes_128_cbc(),
                };
                if key.len() != cipher.key_len() {
                    return Err(self.failed());
                }
                let key = PKey::cmac(&cipher, key).map_err(|_| self.failed())?;
                let mut signer = Signer::new_without_digest(&key).map_err(|_| self.failed())?;
                signer
                    .sign_oneshot_to_vec(data)
                    .map_err(|_| self.failed())?
            }
        };
        whole
            .first_chunk::<MAC_BYTES>()
            .copied()
            .ok_or_else(|| self.failed())
    }

    /// All blocks but the last under the first key alone; the last under both. A triple DES of one key
    /// thrice is a single DES, which the library no longer offers.
    fn retail(self, key: &[u8], padded: &[u8]) -> Result<Vec<u8>, ChipError> {
        let first = key.get(..8).ok_or_else(|| self.failed())?;
        let single = Zeroizing::new([first, first, first].concat());
        let (body, last) = padded
            .split_last_chunk::<8>()
            .ok_or_else(|| self.failed())?;
        let mut chain = vec![0; 8];
        if !body.is_empty() {
            let out = self.run(
                Cipher::des_ede3_cbc(),
                &single,
                &[0; 8],
                body,
                Mode::Encrypt,
            )?;
            chain = out[out.len() - 8..].to_vec();
        }
        self.encrypt(key, &chain, last)
    }
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

fn three_keys(key: &[u8]) -> Vec<u8> {
    let mut out = key.to_vec();
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
