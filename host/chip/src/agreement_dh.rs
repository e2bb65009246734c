//! Key agreement modulo a prime (Doc 9303-11 section 9.6, RFC 2631).

use crate::error::ChipError;
use crate::key_agreement::Agreement;
use crate::tlv::Tag;
use crate::trust::public_key::DhParameters;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::dh::Dh;
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// The groups of RFC 5114 that section 9.5.1 standardises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrimeGroup {
    /// 1024 bits with a subgroup of 160 (section 2.1).
    Modp1024,
    /// 2048 bits with a subgroup of 224 (section 2.2).
    Modp2048Order224,
    /// 2048 bits with a subgroup of 256 (section 2.3).
    Modp2048Order256,
}

impl PrimeGroup {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modp1024 => "MODP-1024/160",
            Self::Modp2048Order224 => "MODP-2048/224",
            Self::Modp2048Order256 => "MODP-2048/256",
        }
    }
}

/// Numbers modulo a prime with what their arithmetic needs.
pub(crate) struct Numbers {
    prime: BigNum,
    generator: BigNum,
    /// Order of the generator; older chips do not say it.
    order: Option<BigNum>,
    context: BigNumContext,
}

fn library(_: ErrorStack) -> ChipError {
    ChipError::Library("numbers modulo a prime")
}

impl Numbers {
    pub(crate) fn standard(group: PrimeGroup) -> Result<Self, ChipError> {
        let known = match group {
            PrimeGroup::Modp1024 => Dh::get_1024_160(),
            PrimeGroup::Modp2048Order224 => Dh::get_2048_224(),
            PrimeGroup::Modp2048Order256 => Dh::get_2048_256(),
        }
        .map_err(library)?;
        let own = |number: &BigNumRef| number.to_owned().map_err(library);
        Ok(Self {
            prime: own(known.prime_p())?,
            generator: own(known.generator())?,
            order: known.prime_q().map(own).transpose()?,
            context: BigNumContext::new_secure().map_err(library)?,
        })
    }

    /// The group that a chip's key came with.
    pub(crate) fn of(parameters: &DhParameters) -> Result<Self, ChipError> {
        let number = |bytes: &Vec<u8>| BigNum::from_slice(bytes).map_err(library);
        Ok(Self {
            prime: number(&parameters.prime)?,
            generator: number(&parameters.generator)?,
            order: parameters.order.as_ref().map(number).transpose()?,
            context: BigNumContext::new_secure().map_err(library)?,
        })
    }

    /// The number of elements but zero.
    fn units(&self) -> Result<BigNum, ChipError> {
        let mut units = self.prime.to_owned().map_err(library)?;
        units.sub_word(1).map_err(library)?;
        Ok(units)
    }
}

impl Agreement for Numbers {
    type Element = BigNum;
    const PUBLIC_KEY: Tag = Tag(0x84);

    /// RFC 2631 section 2.1.5: between two and p - 2, and of the subgroup where its order is known.
    fn element(&mut self, step: &'static str, bytes: &[u8]) -> Result<BigNum, ChipError> {
        let outside = ChipError::Protocol {
            step,
            why: "a number that is not of the group",
        };
        let number = BigNum::from_slice(bytes).map_err(library)?;
        if number.num_bits() < 2 || number >= self.units()? {
            return Err(outside);
        }
        if let Some(order) = &self.order {
            let mut power = BigNum::new().map_err(library)?;
            power
                .mod_exp(&number, order, &self.prime, &mut self.context)
                .map_err(library)?;
            if power.num_bits() != 1 {
                return Err(outside);
            }
        }
        Ok(number)
    }

    fn bytes(&mut self, element: &BigNum) -> Result<Vec<u8>, ChipError> {
        element
            .to_vec_padded(self.prime.num_bytes())
            .map_err(library)
    }

    fn generator(&mut self) -> Result<BigNum, ChipError> {
        self.generator.to_owned().map_err(library)
    }

    fn order(&mut self) -> Result<BigNum, ChipError> {
        match &self.order {
            Some(order) => (*order).to_owned().map_err(library),
            None => self.units(),
        }
    }

    fn prime(&mut self) -> Result<BigNum, ChipError> {
        self.prime.to_owned().map_err(library)
    }

    fn power(&mut self, base: &BigNum, by: &BigNum) -> Result<BigNum, ChipError> {
        let mut power = BigNum::new_secure().map_err(library)?;
        power
            .mod_exp(base, by, &self.prime, &mut self.context)
            .map_err(library)?;
        Ok(power)
    }

    fn product(&mut self, one: &BigNum, other: &BigNum) -> Result<BigNum, ChipError> {
        let mut product = BigNum::new().map_err(library)?;
        product
            .mod_mul(one, other, &self.prime, &mut self.context)
            .map_err(library)?;
        Ok(product)
    }

    fn is_neutral(&self, element: &BigNum) -> bool {
        element.num_bits() < 2
    }

    /// The number to the cofactor: into the subgroup.
    fn encode(&mut self, number: &BigNum) -> Result<BigNum, ChipError> {
        let order = self.order()?;
        let mut cofactor = BigNum::new().map_err(library)?;
        cofactor
            .checked_div(self.units()?.as_ref(), &order, &mut self.context)
            .map_err(library)?;
        self.power(number, &cofactor)
    }

    fn secret(&mut self, shared: &BigNum) -> Result<Zeroizing<Vec<u8>>, ChipError> {
        self.bytes(shared).map(Zeroizing::new)
    }
}
