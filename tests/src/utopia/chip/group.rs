//! The groups that a chip agrees in, members as the bytes that travel (Doc 9303-11 section 9.4.5).

use chip::session_cipher::SessionCipher;
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

    /// Whether these bytes are a member.
    #[must_use]
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let mut context = BigNumContext::new().unwrap();
        match self {
            Self::Curve(group) => EcPoint::from_bytes(group, bytes, &mut context).is_ok(),
            Self::Prime([p, ..]) => {
                let number = BigNum::from_slice(bytes).unwrap();
                number.num_bits() > 1 && number < *p
            }
        }
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

    /// The member that both nonces of integrated mapping stand for (section 4.4.3.3.2, appendix B).
    #[must_use]
    pub fn integrated(&self, cipher: SessionCipher, chips: &[u8], readers: &[u8]) -> Vec<u8> {
        let mut context = BigNumContext::new().unwrap();
        let prime = match self {
            Self::Prime([p, ..]) => (*p).to_owned().unwrap(),
            Self::Curve(group) => components(group).0,
        };
        let bytes = pseudo_random(cipher, chips, readers, prime.num_bits() as usize);
        let mut t = BigNum::new().unwrap();
        t.nnmod(&BigNum::from_slice(&bytes).unwrap(), &prime, &mut context)
            .unwrap();
        match self {
            Self::Prime([p, _, q]) => {
                let mut units = (*p).to_owned().unwrap();
                units.sub_word(1).unwrap();
                let mut cofactor = BigNum::new().unwrap();
                cofactor.checked_div(&units, q, &mut context).unwrap();
                self.power(&t.to_vec_padded(p.num_bytes()).unwrap(), &cofactor)
            }
            Self::Curve(group) => {
                let (x, y) = encoded(group, &t);
                let mut point = EcPoint::new(group).unwrap();
                point
                    .set_affine_coordinates_gfp(group, &x, &y, &mut context)
                    .unwrap();
                self.point_bytes(&point)
            }
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

/// Prime and coefficients of a curve.
fn components(group: &EcGroup) -> (BigNum, BigNum, BigNum) {
    let [mut p, mut a, mut b] = [(); 3].map(|()| BigNum::new().unwrap());
    let mut context = BigNumContext::new().unwrap();
    group
        .components_gfp(&mut p, &mut a, &mut b, &mut context)
        .unwrap();
    (p, a, b)
}

/// Point encoding for a prime that is three modulo four (appendix B, in affine coordinates).
fn encoded(group: &EcGroup, t: &BigNum) -> (BigNum, BigNum) {
    let (p, a, b) = components(group);
    let context = std::cell::RefCell::new(BigNumContext::new().unwrap());
    let mul = |x: &BigNum, y: &BigNum| {
        let mut out = BigNum::new().unwrap();
        out.mod_mul(x, y, &p, &mut context.borrow_mut()).unwrap();
        out
    };
    let add = |x: &BigNum, y: &BigNum| {
        let mut out = BigNum::new().unwrap();
        out.mod_add(x, y, &p, &mut context.borrow_mut()).unwrap();
        out
    };
    let power = |x: &BigNum, y: &BigNum| {
        let mut out = BigNum::new().unwrap();
        out.mod_exp(x, y, &p, &mut context.borrow_mut()).unwrap();
        out
    };
    let inverse = |x: &BigNum| {
        let mut out = BigNum::new().unwrap();
        out.mod_inverse(x, &p, &mut context.borrow_mut()).unwrap();
        out
    };
    let negative = |x: &BigNum| {
        let mut out = BigNum::new().unwrap();
        out.checked_sub(&p, x).unwrap();
        out
    };
    let one = BigNum::from_u32(1).unwrap();
    let alpha = negative(&mul(t, t));
    let sum = add(&alpha, &mul(&alpha, &alpha));
    let x2 = mul(
        &mul(&negative(&b), &inverse(&a)),
        &add(&one, &inverse(&sum)),
    );
    let x3 = mul(&alpha, &x2);
    let h2 = add(&add(&mul(&mul(&x2, &x2), &x2), &mul(&a, &x2)), &b);
    let u = mul(&mul(&mul(t, t), t), &h2);
    // p - 1 - (p + 1) / 4
    let mut quarter = (*p).to_owned().unwrap();
    quarter.add_word(1).unwrap();
    quarter.div_word(4).unwrap();
    let mut exponent = BigNum::new().unwrap();
    exponent.checked_sub(&p, &one).unwrap();
    let whole = (*exponent).to_owned().unwrap();
    exponent.checked_sub(&whole, &quarter).unwrap();
    let root = power(&h2, &exponent);
    if mul(&mul(&root, &root), &h2) == one {
        (x2, mul(&root, &h2))
    } else {
        (x3, mul(&root, &u))
    }
}

/// R(s, t): long enough that its remainder modulo a prime of so many bits is even.
fn pseudo_random(cipher: SessionCipher, s: &[u8], t: &[u8], bits: usize) -> Vec<u8> {
    let constants: [&str; 2] = match cipher {
        SessionCipher::TripleDes | SessionCipher::Aes128 => [
            "a668892a7c41e3ca739f40b057d85904",
            "a4e136ac725f738b01c1f60217c188ad",
        ],
        _ => [
            "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
            "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
        ],
    };
    let [c0, c1] = constants.map(|text| BigNum::from_hex_str(text).unwrap().to_vec());
    let start = vec![0; cipher.block_bytes()];
    let seal = |key: &[u8], data: &[u8]| {
        let key = &key[..cipher.key_bytes()];
        cipher.encrypt(key, &start, data).unwrap()
    };
    let mut key = seal(t, s);
    let mut out = Vec::new();
    while out.len() * 8 < bits + 64 {
        out.extend(seal(&key, &c1));
        key = seal(&key, &c0);
    }
    out
}
