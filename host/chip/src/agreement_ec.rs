//! Key agreement on named curves (Doc 9303-11 section 9.6, BSI TR-03111 section 4.3).

use crate::error::ChipError;
use crate::randomness::Randomness;
use crate::trust::public_key::Curve;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// A curve with what its arithmetic needs.
pub(crate) struct Field {
    curve: Curve,
    group: EcGroup,
    context: BigNumContext,
}

/// A fresh private key and its point.
pub(crate) struct Pair {
    private: BigNum,
    pub(crate) public: EcPoint,
}

fn library(_: ErrorStack) -> ChipError {
    ChipError::Library("elliptic curves")
}

impl Field {
    pub(crate) fn new(curve: Curve) -> Result<Self, ChipError> {
        Ok(Self {
            curve,
            group: curve.group()?,
            context: BigNumContext::new_secure().map_err(library)?,
        })
    }

    /// A point that came from outside: on the curve and not at infinity, or refused.
    pub(crate) fn point(&mut self, step: &'static str, bytes: &[u8]) -> Result<EcPoint, ChipError> {
        let off = ChipError::Protocol {
            step,
            why: "a point that is not on the curve",
        };
        match EcPoint::from_bytes(&self.group, bytes, &mut self.context) {
            Ok(point) if !point.is_infinity(&self.group) => Ok(point),
            _ => Err(off),
        }
    }

    /// A point's bytes, uncompressed.
    pub(crate) fn bytes(&mut self, point: &EcPoint) -> Result<Vec<u8>, ChipError> {
        let form = PointConversionForm::UNCOMPRESSED;
        point
            .to_bytes(&self.group, form, &mut self.context)
            .map_err(library)
    }

    pub(crate) fn generator(&mut self) -> Result<EcPoint, ChipError> {
        let own = self.group.generator_opt();
        own.ok_or(ChipError::Library(self.curve.as_str()))?
            .to_owned(&self.group)
            .map_err(library)
    }

    /// A fresh key on this generator.
    pub(crate) fn pair(
        &mut self,
        generator: &EcPoint,
        randomness: &mut dyn Randomness,
    ) -> Result<Pair, ChipError> {
        let mut order = BigNum::new().map_err(library)?;
        self.group
            .order(&mut order, &mut self.context)
            .map_err(library)?;
        let private = randomness.private_key(&order)?;
        let public = self.multiply(generator, &private)?;
        Ok(Pair { private, public })
    }

    fn multiply(&mut self, point: &EcPoint, by: &BigNum) -> Result<EcPoint, ChipError> {
        let mut out = EcPoint::new(&self.group).map_err(library)?;
        out.mul2(&self.group, point, by, &mut self.context)
            .map_err(library)?;
        Ok(out)
    }

    /// The point of a private key and another's public one; infinity is refused.
    pub(crate) fn shared_point(
        &mut self,
        step: &'static str,
        pair: &Pair,
        theirs: &EcPoint,
    ) -> Result<EcPoint, ChipError> {
        let shared = self.multiply(theirs, &pair.private)?;
        if shared.is_infinity(&self.group) {
            return Err(ChipError::Protocol {
                step,
                why: "a point that makes no secret",
            });
        }
        Ok(shared)
    }

    /// The shared secret: the shared point's first coordinate, as long as the field's elements.
    pub(crate) fn secret(&mut self, shared: &EcPoint) -> Result<Zeroizing<Vec<u8>>, ChipError> {
        let bytes = Zeroizing::new(self.bytes(shared)?);
        let length = (bytes.len() - 1) / 2;
        Ok(Zeroizing::new(bytes[1..=length].to_vec()))
    }

    /// `nonce` times the generator, plus a point: the generic mapping (section 4.4.3.3.1).
    pub(crate) fn mapped(
        &mut self,
        step: &'static str,
        nonce: &[u8],
        plus: &EcPoint,
    ) -> Result<EcPoint, ChipError> {
        let nonce = BigNum::from_slice(nonce).map_err(library)?;
        let generator = self.generator()?;
        let product = self.multiply(&generator, &nonce)?;
        let mut mapped = EcPoint::new(&self.group).map_err(library)?;
        mapped
            .add(&self.group, &product, plus, &mut self.context)
            .map_err(library)?;
        if mapped.is_infinity(&self.group) {
            return Err(ChipError::Protocol {
                step,
                why: "a point that makes no generator",
            });
        }
        Ok(mapped)
    }

    /// Whether a number times a point is the other point.
    pub(crate) fn is_multiple(
        &mut self,
        number: &[u8],
        point: &EcPoint,
        other: &EcPoint,
    ) -> Result<bool, ChipError> {
        let number = BigNum::from_slice(number).map_err(library)?;
        let product = self.multiply(point, &number)?;
        product
            .eq(&self.group, other, &mut self.context)
            .map_err(library)
    }
}
