//! Key agreement on named curves (Doc 9303-11 section 9.6, BSI TR-03111 section 4.3).

use crate::error::ChipError;
use crate::key_agreement::Agreement;
use crate::tlv::Tag;
use crate::trust::public_key::Curve;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// A curve with what its arithmetic needs.
pub(crate) struct Points {
    curve: Curve,
    group: EcGroup,
    context: BigNumContext,
}

fn library(_: ErrorStack) -> ChipError {
    ChipError::Library("elliptic curves")
}

impl Points {
    pub(crate) fn new(curve: Curve) -> Result<Self, ChipError> {
        Ok(Self {
            curve,
            group: curve.group()?,
            context: BigNumContext::new_secure().map_err(library)?,
        })
    }

    /// Whether a number times a point is the other point.
    pub(crate) fn is_multiple(
        &mut self,
        number: &[u8],
        point: &EcPoint,
        other: &EcPoint,
    ) -> Result<bool, ChipError> {
        let number = BigNum::from_slice(number).map_err(library)?;
        let product = self.power(point, &number)?;
        product
            .eq(&self.group, other, &mut self.context)
            .map_err(library)
    }
}

impl Agreement for Points {
    type Element = EcPoint;
    const PUBLIC_KEY: Tag = Tag(0x86);

    /// A point on the curve and not at infinity.
    fn element(&mut self, step: &'static str, bytes: &[u8]) -> Result<EcPoint, ChipError> {
        let off = ChipError::Protocol {
            step,
            why: "a point that is not on the curve",
        };
        match EcPoint::from_bytes(&self.group, bytes, &mut self.context) {
            Ok(point) if !point.is_infinity(&self.group) => Ok(point),
            _ => Err(off),
        }
    }

    /// Uncompressed.
    fn bytes(&mut self, point: &EcPoint) -> Result<Vec<u8>, ChipError> {
        let form = PointConversionForm::UNCOMPRESSED;
        point
            .to_bytes(&self.group, form, &mut self.context)
            .map_err(library)
    }

    fn generator(&mut self) -> Result<EcPoint, ChipError> {
        let own = self.group.generator_opt();
        own.ok_or(ChipError::Library(self.curve.as_str()))?
            .to_owned(&self.group)
            .map_err(library)
    }

    fn order(&mut self) -> Result<BigNum, ChipError> {
        let mut order = BigNum::new().map_err(library)?;
        self.group
            .order(&mut order, &mut self.context)
            .map_err(library)?;
        Ok(order)
    }

    fn prime(&mut self) -> Result<BigNum, ChipError> {
        Ok(Equation::of(&self.group, &mut self.context)
            .map_err(library)?
            .p)
    }

    fn power(&mut self, point: &EcPoint, by: &BigNum) -> Result<EcPoint, ChipError> {
        let mut out = EcPoint::new(&self.group).map_err(library)?;
        out.mul2(&self.group, point, by, &mut self.context)
            .map_err(library)?;
        Ok(out)
    }

    fn product(&mut self, one: &EcPoint, other: &EcPoint) -> Result<EcPoint, ChipError> {
        let mut sum = EcPoint::new(&self.group).map_err(library)?;
        sum.add(&self.group, one, other, &mut self.context)
            .map_err(library)?;
        Ok(sum)
    }

    fn is_neutral(&self, point: &EcPoint) -> bool {
        point.is_infinity(&self.group)
    }

    fn encode(&mut self, number: &BigNum) -> Result<EcPoint, ChipError> {
        let equation = Equation::of(&self.group, &mut self.context).map_err(library)?;
        let [x, y] = equation
            .point(number, &mut self.context)
            .map_err(|_| ChipError::Library("integrated mapping on this curve"))?;
        let mut point = EcPoint::new(&self.group).map_err(library)?;
        // The library refuses what is not on the curve, as for a prime that is not 3 modulo 4 (P-224).
        point
            .set_affine_coordinates_gfp(&self.group, &x, &y, &mut self.context)
            .map_err(|_| ChipError::Library("integrated mapping on this curve"))?;
        // Every curve that is accepted has the cofactor one.
        Ok(point)
    }

    /// The first coordinate, as long as the field's elements.
    fn secret(&mut self, shared: &EcPoint) -> Result<Zeroizing<Vec<u8>>, ChipError> {
        let bytes = Zeroizing::new(self.bytes(shared)?);
        let length = (bytes.len() - 1) / 2;
        Ok(Zeroizing::new(bytes[1..=length].to_vec()))
    }
}

/// y² = x³ + ax + b modulo p.
struct Equation {
    p: BigNum,
    a: BigNum,
    b: BigNum,
}

impl Equation {
    fn of(group: &EcGroup, context: &mut BigNumContext) -> Result<Self, ErrorStack> {
        let (mut p, mut a, mut b) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        group.components_gfp(&mut p, &mut a, &mut b, context)?;
        Ok(Self { p, a, b })
    }

    /// The point that a number of the field stands for (appendix B.1, affine coordinates).
    fn point(
        &self,
        number: &BigNum,
        context: &mut BigNumContext,
    ) -> Result<[BigNum; 2], ErrorStack> {
        let mut field = Modulo {
            p: &self.p,
            context,
        };
        let one = BigNum::from_u32(1)?;
        let zero = BigNum::from_u32(0)?;
        // 1. and 2.: alpha = -t², X2 = -b/a · (1 + 1/(alpha + alpha²)).
        let square = field.times(number, number)?;
        let alpha = field.minus(&zero, &square)?;
        let alpha_squared = field.times(&alpha, &alpha)?;
        let sum = field.plus(&alpha, &alpha_squared)?;
        let inverse = field.inverse(&sum)?;
        let inner = field.plus(&one, &inverse)?;
        let inverse_of_a = field.inverse(&self.a)?;
        let ratio = field.times(&self.b, &inverse_of_a)?;
        let product = field.times(&ratio, &inner)?;
        let x2 = field.minus(&zero, &product)?;
        // 3. to 6.: X3 = alpha · X2, h2 = X2³ + a·X2 + b, U = t³ · h2.
        let x3 = field.times(&alpha, &x2)?;
        let x2_squared = field.times(&x2, &x2)?;
        let coefficient = field.plus(&x2_squared, &self.a)?;
        let product = field.times(&coefficient, &x2)?;
        let h2 = field.plus(&product, &self.b)?;
        let cube = field.times(&square, number)?;
        let u = field.times(&cube, &h2)?;
        // 7.: A = h2 to p - 1 - (p + 1)/4.
        let mut quarter = self.p.to_owned()?;
        quarter.add_word(1)?;
        let mut exponent = BigNum::new()?;
        exponent.rshift(&quarter, 2)?;
        let mut units = self.p.to_owned()?;
        units.sub_word(1)?;
        let mut power = BigNum::new()?;
        power.checked_sub(&units, &exponent)?;
        let mut root = BigNum::new()?;
        root.mod_exp(&h2, &power, &self.p, field.context)?;
        // 8. and 9.: where A²·h2 is one, (X2, A·h2), else (X3, A·U).
        let root_squared = field.times(&root, &root)?;
        Ok(if field.times(&root_squared, &h2)? == one {
            [x2, field.times(&root, &h2)?]
        } else {
            [x3, field.times(&root, &u)?]
        })
    }
}

/// Arithmetic modulo a prime.
struct Modulo<'a> {
    p: &'a BigNum,
    context: &'a mut BigNumContext,
}

impl Modulo<'_> {
    fn times(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum, ErrorStack> {
        let mut out = BigNum::new()?;
        out.mod_mul(a, b, self.p, self.context)?;
        Ok(out)
    }

    fn plus(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum, ErrorStack> {
        let mut out = BigNum::new()?;
        out.mod_add(a, b, self.p, self.context)?;
        Ok(out)
    }

    fn minus(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum, ErrorStack> {
        let mut out = BigNum::new()?;
        out.mod_sub(a, b, self.p, self.context)?;
        Ok(out)
    }

    fn inverse(&mut self, a: &BigNum) -> Result<BigNum, ErrorStack> {
        let mut out = BigNum::new()?;
        out.mod_inverse(a, self.p, self.context)?;
        Ok(out)
    }
}
