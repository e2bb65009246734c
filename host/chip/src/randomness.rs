//! Where nonces and ephemeral keys come from: the library's generator, or a worked example's values.

use crate::error::ChipError;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use zeroize::Zeroizing;

/// A source of secrets.
pub trait Randomness {
    /// Fills with bytes that nobody can guess.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ChipError>;

    /// A private key: at least one, below the order.
    fn private_key(&mut self, order: &BigNumRef) -> Result<BigNum, ChipError>;
}

/// The cryptographic library's generator, seeded by the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ChipError> {
        openssl::rand::rand_priv_bytes(bytes).map_err(|_| ChipError::Library("randomness"))
    }

    fn private_key(&mut self, order: &BigNumRef) -> Result<BigNum, ChipError> {
        let failed = |_| ChipError::Library("randomness");
        // Eight bytes more than the order has: what the remainder favours is beyond notice.
        let length = usize::try_from(order.num_bytes()).unwrap_or_default() + 8;
        let mut bytes = Zeroizing::new(vec![0; length]);
        let mut key = BigNum::new_secure().map_err(failed)?;
        let mut context = BigNumContext::new_secure().map_err(failed)?;
        while key.num_bits() == 0 {
            self.fill(&mut bytes)?;
            let number = BigNum::from_slice(&bytes).map_err(failed)?;
            key.nnmod(&number, order, &mut context).map_err(failed)?;
        }
        Ok(key)
    }
}
