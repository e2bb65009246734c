//! Key agreement in any group (Doc 9303-11 sections 4.4.3 and 9.6): what PACE and chip authentication do
//! with points of a curve ([`crate::agreement_ec`]) and with numbers modulo a prime ([`crate::agreement_dh`]).

use crate::error::ChipError;
use crate::randomness::Randomness;
use crate::session_cipher::SessionCipher;
use crate::tlv::Tag;
use openssl::bn::{BigNum, BigNumContext};
use openssl::error::ErrorStack;
use std::thread::ScopedJoinHandle;
use zeroize::Zeroizing;

fn library(_: ErrorStack) -> ChipError {
    ChipError::Library("big numbers")
}

/// A group in which two agree on a secret. Written as in the standard for numbers: powers and products,
/// which over a curve are multiples and sums.
///
/// It is sent to another thread, to compute there while the chip is waited for ([`beside`]).
pub(crate) trait Agreement: Send {
    /// A member of the group.
    type Element: Send + Sync;
    /// The tag of a public key in a token's input (section 9.4).
    const PUBLIC_KEY: Tag;

    /// A member that came from outside: of the group and not neutral, or refused.
    fn element(&mut self, step: &'static str, bytes: &[u8]) -> Result<Self::Element, ChipError>;
    /// A member's bytes (section 9.4.5).
    fn bytes(&mut self, element: &Self::Element) -> Result<Vec<u8>, ChipError>;
    /// The group's generator.
    fn generator(&mut self) -> Result<Self::Element, ChipError>;
    /// What private keys are below.
    fn order(&mut self) -> Result<BigNum, ChipError>;
    /// The prime of the field.
    fn prime(&mut self) -> Result<BigNum, ChipError>;
    /// A member's power.
    fn power(&mut self, base: &Self::Element, by: &BigNum) -> Result<Self::Element, ChipError>;
    /// Two members' product.
    fn product(
        &mut self,
        one: &Self::Element,
        other: &Self::Element,
    ) -> Result<Self::Element, ChipError>;
    /// Whether this is the neutral member.
    fn is_neutral(&self, element: &Self::Element) -> bool;
    /// The member that a number of the field stands for in integrated mapping (section 4.4.3.3.2, appendix B).
    fn encode(&mut self, number: &BigNum) -> Result<Self::Element, ChipError>;
    /// A shared member as the secret that keys are derived from (section 9.7.1).
    fn secret(&mut self, shared: &Self::Element) -> Result<Zeroizing<Vec<u8>>, ChipError>;

    /// A fresh private key.
    fn private_key(&mut self, randomness: &mut dyn Randomness) -> Result<BigNum, ChipError> {
        let order = self.order()?;
        let mut private = randomness.private_key(&order)?;
        private.set_const_time();
        Ok(private)
    }

    /// The generator's power: the public half of a private key.
    fn public(&mut self, private: &BigNum) -> Result<Self::Element, ChipError> {
        let generator = self.generator()?;
        self.power(&generator, private)
    }

    /// What a private key and another's public one share; the neutral member is refused.
    fn shared(
        &mut self,
        step: &'static str,
        private: &BigNum,
        theirs: &Self::Element,
    ) -> Result<Self::Element, ChipError> {
        let shared = self.power(theirs, private)?;
        self.not_neutral(step, shared)
    }

    /// Two powers one after the other are one: their exponents' product, below the order.
    fn both(&mut self, one: &BigNum, other: &BigNum) -> Result<BigNum, ChipError> {
        let order = self.order()?;
        let mut context = BigNumContext::new_secure().map_err(library)?;
        let mut product = BigNum::new_secure().map_err(library)?;
        product
            .mod_mul(one, other, &order, &mut context)
            .map_err(library)?;
        product.set_const_time();
        Ok(product)
    }

    /// The generator of integrated mapping: what both nonces stand for (section 4.4.3.3.2).
    fn integrated(
        &mut self,
        step: &'static str,
        cipher: SessionCipher,
        theirs: &[u8],
        ours: &[u8],
    ) -> Result<Self::Element, ChipError> {
        let prime = self.prime()?;
        let bytes = pseudo_random(cipher, theirs, ours, prime.num_bits())?;
        let mut context = BigNumContext::new().map_err(library)?;
        let mut number = BigNum::new().map_err(library)?;
        number
            .nnmod(
                BigNum::from_slice(&bytes).map_err(library)?.as_ref(),
                &prime,
                &mut context,
            )
            .map_err(library)?;
        let mapped = self.encode(&number)?;
        self.not_neutral(step, mapped)
    }

    /// Refuses the neutral member, which makes no secret.
    fn not_neutral(
        &self,
        step: &'static str,
        element: Self::Element,
    ) -> Result<Self::Element, ChipError> {
        if self.is_neutral(&element) {
            return Err(ChipError::Protocol {
                step,
                why: "a value that makes no secret",
            });
        }
        Ok(element)
    }
}

/// Constants of section 4.4.3.3.2 for blocks of 128 bits.
const CONSTANTS_128: [[u8; 16]; 2] = [
    0xA668_892A_7C41_E3CA_739F_40B0_57D8_5904_u128.to_be_bytes(),
    0xA4E1_36AC_725F_738B_01C1_F602_17C1_88AD_u128.to_be_bytes(),
];

/// Constants of section 4.4.3.3.2 for blocks of 256 bits, in halves.
const CONSTANTS_256: [[[u8; 16]; 2]; 2] = [
    [
        0xD463_D652_3412_4EF7_8970_5498_6DCA_0A17_u128.to_be_bytes(),
        0x4E28_DF75_8CBA_A03F_2406_1641_4D5A_1676_u128.to_be_bytes(),
    ],
    [
        0x54BD_7255_F0AA_F831_BEC3_423F_CF39_D69B_u128.to_be_bytes(),
        0x6CBF_0666_77D0_FAAE_5AAD_D99D_F8E5_3517_u128.to_be_bytes(),
    ],
];

/// R(s, t) of section 4.4.3.3.2, at least 64 bits longer than the prime, so that its remainder is even.
fn pseudo_random(
    cipher: SessionCipher,
    theirs: &[u8],
    ours: &[u8],
    prime_bits: i32,
) -> Result<Vec<u8>, ChipError> {
    let [c0, c1] = match cipher {
        SessionCipher::TripleDes | SessionCipher::Aes128 => CONSTANTS_128.map(Vec::from),
        SessionCipher::Aes192 | SessionCipher::Aes256 => CONSTANTS_256.map(|c| c.concat()),
    };
    let start = vec![0; cipher.block_bytes()];
    let wanted = usize::try_from(prime_bits).unwrap_or_default() + 64;
    let mut out = Vec::new();
    let mut key = Zeroizing::new(cipher.encrypt(ours, &start, theirs)?);
    while out.len() * 8 < wanted {
        // AES-192 uses the first 24 bytes of a result of 32.
        key.truncate(cipher.key_bytes());
        out.extend(cipher.encrypt(&key, &start, &c1)?);
        key = Zeroizing::new(cipher.encrypt(&key, &start, &c0)?);
    }
    Ok(out)
}

/// Computes on another thread what does not need the chip's next answer, while this one waits for that.
pub(crate) fn beside<A: Send, B>(
    work: impl FnOnce() -> A + Send,
    talk: impl FnOnce() -> B,
) -> Result<(A, B), ChipError> {
    std::thread::scope(|scope| {
        let at_work = std::thread::Builder::new()
            .spawn_scoped(scope, work)
            .map_err(|_| ChipError::Library("a thread to compute in"))?;
        let said = talk();
        Ok((finished(at_work), said))
    })
}

/// What another thread computed; its panic is this one's.
pub(crate) fn finished<T>(at_work: ScopedJoinHandle<'_, T>) -> T {
    match at_work.join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
