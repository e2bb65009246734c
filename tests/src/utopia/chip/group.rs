//! The groups that a chip agrees in, members as the bytes that travel (Doc 9303-11 section 9.4.5).

use chip::tlv::Tag;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::dh::Dh;
use openssl::ec::{EcGroup, EcPoint, PointConversionForm};
use openssl::nid::Nid;

/// A group with its arithmetic.
pub enum Group {
    /// Points of a curve.
    Curve(EcGroup),
    /// Numbers modulo a prime: prime, generator, order.
    Prime([BigNum; 3]),
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Curve(_) => "Group::Curve",
            Self::Prime(_) => "Group::Prime",
        })
    }
}

impl Group {
    /// The group of a standardised domain parameter (section 9.5.1).
    #[must_use]
    pub fn standard(parameter: u8) -> Self {
        let nid = match parameter {
            0..=2 => {
                let known = match parameter {
                    0 => Dh::get_1024_160(),
                    1 => Dh::get_2048_224(),
                    _ => Dh::get_2048_256(),
                }
                .unwrap();
                let parts = [known.prime_p(), known.generator(), known.prime_q().unwrap()];
                return Self::Prime(parts.map(|n| n.to_owned().unwrap()));
            }
            8 => Nid::X9_62_PRIME192V1,
            9 => Nid::BRAINPOOL_P192R1,
            10 => Nid::SECP224R1,
            11 => Nid::BRAINPOOL_P224R1,
            12 => Nid::X9_62_PRIME256V1,
            13 => Nid::BRAINPOOL_P256R1,
            14 => Nid::BRAINPOOL_P320R1,
            15 => Nid::SECP384R1,
            16 => Nid::BRAINPOOL_P384R1,
            17 => Nid::BRAINPOOL_P512R1,
            _ => Nid::SECP521R1,
        };
        Self::Curve(EcGroup::from_curve_name(nid).unwrap())
    }

    /// The tag of a public key in a token's input.
    #[must_use]
    pub fn tag(&self) -> Tag {
        match self {
            Self::Curve(_) => Tag(0x86),
            Self::Prime(_) => Tag(0x84),
        }
    }

    /// The generator.
    #[must_use]
    pub fn generator(&self) -> Vec<u8> {
        match self {
            Self::Curve(group) => self.point_bytes(group.generator_opt().unwrap()),
            Self::Prime([p, g, _]) => g.to_vec_padded(p.num_bytes()).unwrap(),
        }
    }

    /// The generator's order.
    #[must_use]
    pub fn order(&self) -> BigNum {
        match self {
            Self::Curve(group) => {
                let mut order = BigNum::new().unwrap();
                let mut context = BigNumContext::new().unwrap();
                group.order(&mut order, &mut context).unwrap();
                order
            }
            Self::Prime([.., order]) => (*order).to_owned().unwrap(),
        }
    }

    /// A private key.
    #[must_use]
    pub fn private_key(&self) -> BigNum {
        let order = self.order();
        let mut key = BigNum::new().unwrap();
        while key.num_bits() < 2 {
            order.rand_range(&mut key).unwrap();
        }
        key
    }

    /// A member's power: over a curve, its multiple.
    #[must_use]
    pub fn power(&self, base: &[u8], by: &BigNumRef) -> Vec<u8> {
        let mut context = BigNumContext::new().unwrap();
        match self {
            Self::Curve(group) => {
                let base = EcPoint::from_bytes(group, base, &mut context).unwrap();
                let mut out = EcPoint::new(group).unwrap();
                out.mul2(group, &base, by, &mut context).unwrap();
                self.point_bytes(&out)
            }
            Self::Prime([p, ..]) => {
                let base = BigNum::from_slice(base).unwrap();
                let mut out = BigNum::new().unwrap();
                out.mod_exp(&base, by, p, &mut context).unwrap();
                out.to_vec_padded(p.num_bytes()).unwrap()
            }
        }
    }

    /// Two members' product: over a curve, their sum.
    #[must_use]
    pub fn product(&self, one: &[u8], other: &[u8]) -> Vec<u8> {
        let mut context = BigNumContext::new().unwrap();
        match self {
            Self::Curve(group) => {
                let [a, b] =
                    [one, other].map(|b| EcPoint::from_bytes(group, b, &mut context).unwrap());
                let mut sum = EcPoint::new(group).unwrap();
                sum.add(group, &a, &b, &mut context).unwrap();
                self.point_bytes(&sum)
            }
            Self::Prime([p, ..]) => {
                let [a, b] = [one, other].map(|b| BigNum::from_slice(b).unwrap());
                let mut out = BigNum::new().unwrap();
                out.mod_mul(&a, &b, p, &mut context).unwrap();
                out.to_vec_padded(p.num_bytes()).unwrap()
            }
        }
    }

    /// The secret in a shared member: the first coordinate, or the number.
    #[must_use]
    pub fn secret(&self, shared: &[u8]) -> Vec<u8> {
        match self {
            Self::Curve(_) => shared[1..=(shared.len() - 1) / 2].to_vec(),
            Self::Prime(_) => shared.to_vec(),
        }
    }

    fn point_bytes(&self, point: &openssl::ec::EcPointRef) -> Vec<u8> {
        let Self::Curve(group) = self else {
            return Vec::new();
        };
        let mut context = BigNumContext::new().unwrap();
        let form = PointConversionForm::UNCOMPRESSED;
        point.to_bytes(group, form, &mut context).unwrap()
    }
}
