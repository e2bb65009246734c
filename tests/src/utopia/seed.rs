//! Chance from a seed, the same on every machine.
//!
//! Every part of the press draws from a stream of its own, named for its purpose, so that a new draw in
//! one part never changes what another part prints. Functions beyond the four arithmetic operations and
//! the square root come from the crate `libm`, never from the system's mathematics library, whose last
//! digits differ between machines.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Where all chance of one page or photograph comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// The stream of random numbers for one purpose.
    #[must_use]
    pub fn stream(self, purpose: &str) -> ChaCha8Rng {
        let mut state = self.0 ^ fnv1a(purpose.as_bytes());
        let mut key = [0u8; 32];
        for part in key.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            part.copy_from_slice(&mix(state).to_le_bytes());
        }
        ChaCha8Rng::from_seed(key)
    }

    /// The seed of one of many things made under this seed, e.g. the 17th page of a batch.
    #[must_use]
    pub fn child(self, purpose: &str, index: u64) -> Self {
        Self(mix(
            mix(self.0 ^ fnv1a(purpose.as_bytes())).wrapping_add(index)
        ))
    }
}

/// A number from a closed range, the same on every machine.
pub(crate) fn within(rng: &mut impl Rng, range: (f32, f32)) -> f32 {
    let unit: f32 = rng.random();
    range.0 + (range.1 - range.0) * unit
}

/// One of a slice that is never empty.
pub(crate) fn one_of<'a, T>(rng: &mut impl Rng, choices: &'a [T]) -> &'a T {
    &choices[rng.random_range(0..choices.len())]
}

/// The 64-bit FNV-1a digest.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
#[inline]
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Smooth random unevenness over a plane (paper, wood, wear): value noise on a lattice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grain(u32);

impl Grain {
    /// Unevenness drawn from a stream.
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        Self(rng.random())
    }

    /// 0 to 1 at a place; the lattice has step 1.
    #[inline]
    pub(crate) fn at(self, x: f32, y: f32) -> f32 {
        let (ix, iy) = (floor(x), floor(y));
        let (fx, fy) = (smooth(x - ix as f32), smooth(y - iy as f32));
        let top = self.node(ix, iy) * (1.0 - fx) + self.node(ix + 1, iy) * fx;
        let low = self.node(ix, iy + 1) * (1.0 - fx) + self.node(ix + 1, iy + 1) * fx;
        top * (1.0 - fy) + low * fy
    }

    /// 0 to 1, each lattice cell on its own.
    #[inline]
    pub(crate) fn node(self, x: i32, y: i32) -> f32 {
        let place = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
        let mut h = place ^ self.0;
        h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
        h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
        ((h ^ (h >> 15)) >> 8) as f32 / 16_777_216.0
    }
}

/// The whole number at or below. (The library's own is a call on processors without SSE 4.1.)
#[inline]
pub(crate) fn floor(v: f32) -> i32 {
    let cut = v as i32;
    cut - i32::from((cut as f32) > v)
}

/// The smooth step from 0 to 1.
#[inline]
fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_repeatable() {
        let draw = |seed: u64, purpose: &str| -> u64 { Seed(seed).stream(purpose).random() };
        assert_eq!(draw(1, "paper"), draw(1, "paper"));
        assert_ne!(draw(1, "paper"), draw(1, "ink"));
        assert_ne!(draw(1, "paper"), draw(2, "paper"));
        assert_ne!(Seed(1).child("page", 0), Seed(1).child("page", 1));
    }

    #[test]
    fn grain_stays_in_its_range_and_is_smooth() {
        let grain = Grain::draw(&mut Seed(3).stream("grain"));
        for i in 0..2000 {
            let x = i as f32 * 0.01 - 10.0;
            let here = grain.at(x, 0.3);
            assert!((0.0..=1.0).contains(&here));
            assert!((here - grain.at(x + 0.01, 0.3)).abs() < 0.05);
        }
    }
}
