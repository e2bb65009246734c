//! The inner loop of the network, in the widest arithmetic that the processor has: on x86-64 AVX2 with fused
//! multiplication and addition or AVX-512 where they are there (asked when the program runs), everywhere else
//! what every processor of the kind has.

use super::net::{Layer, Map, forward};
use page::Strip;

/// Output channels computed together.
pub(super) const BLOCK: usize = 16;

/// Arithmetic on [`BLOCK`] channels of `TILE` neighbouring columns.
pub(super) trait Lanes<const TILE: usize>: Copy {
    /// Adds one row of taps to a tile of sums. `row` holds the tile's inputs; from one column of the tile to
    /// the next they lie `step` further on.
    fn add(
        self,
        sums: &mut [[f32; BLOCK]; TILE],
        weights: &[[f32; BLOCK]],
        row: &[f32],
        step: usize,
    );
}

/// What the processor has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Processor {
    /// What every processor of the kind has.
    Plain,
    /// AVX2 and fused multiplication and addition.
    #[cfg(target_arch = "x86_64")]
    Wide(pulp::x86::V3),
    /// AVX-512.
    #[cfg(target_arch = "x86_64")]
    Widest(pulp::x86::V4),
}

impl Processor {
    /// The processor that this program runs on.
    pub(super) fn here() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(widest) = pulp::x86::V4::try_new() {
            return Self::Widest(widest);
        } else if let Some(wide) = pulp::x86::V3::try_new() {
            return Self::Wide(wide);
        }
        Self::Plain
    }

    /// A strip through all layers.
    pub(super) fn forward(self, layers: &[Layer], strip: &Strip) -> Map {
        match self {
            Self::Plain => forward::<PLAIN_TILE>(layers, strip, Plain),
            #[cfg(target_arch = "x86_64")]
            Self::Wide(wide) => wide.vectorize(
                #[inline(always)]
                || forward::<6>(layers, strip, wide),
            ),
            #[cfg(target_arch = "x86_64")]
            Self::Widest(widest) => widest.vectorize(
                #[inline(always)]
                || forward::<12>(layers, strip, widest),
            ),
        }
    }
}

/// So many sums as fit into the registers: 16 of four numbers on x86-64, 32 elsewhere.
const PLAIN_TILE: usize = if cfg!(target_arch = "x86_64") { 2 } else { 4 };

/// Left to the compiler.
#[derive(Clone, Copy)]
struct Plain;

impl<const TILE: usize> Lanes<TILE> for Plain {
    #[inline(always)]
    fn add(
        self,
        sums: &mut [[f32; BLOCK]; TILE],
        weights: &[[f32; BLOCK]],
        row: &[f32],
        step: usize,
    ) {
        let mut tile = *sums;
        let rows: [&[f32]; TILE] =
            std::array::from_fn(|t| &row[t * step..t * step + weights.len()]);
        for (i, weights) in weights.iter().enumerate() {
            let inputs = rows.map(|row| row[i]);
            for (sums, input) in tile.iter_mut().zip(inputs) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = fused(input, *weight, *sum);
                }
            }
        }
        *sums = tile;
    }
}

/// Multiplies and adds, in one step where that is one instruction.
#[inline(always)]
fn fused(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(target_arch = "aarch64") {
        a.mul_add(b, c)
    } else {
        a * b + c
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes<6> for pulp::x86::V3 {
    #[inline(always)]
    fn add(self, sums: &mut [[f32; BLOCK]; 6], weights: &[[f32; BLOCK]], row: &[f32], step: usize) {
        let mut tile: [[pulp::f32x8; 2]; 6] = pulp::bytemuck::cast(*sums);
        let rows: [&[f32]; 6] = std::array::from_fn(|t| &row[t * step..t * step + weights.len()]);
        for (i, weights) in weights.iter().enumerate() {
            let [low, high]: [pulp::f32x8; 2] = pulp::bytemuck::cast(*weights);
            for (sums, row) in tile.iter_mut().zip(rows) {
                let input = self.splat_f32x8(row[i]);
                sums[0] = self.mul_add_f32x8(input, low, sums[0]);
                sums[1] = self.mul_add_f32x8(input, high, sums[1]);
            }
        }
        *sums = pulp::bytemuck::cast(tile);
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes<12> for pulp::x86::V4 {
    #[inline(always)]
    fn add(
        self,
        sums: &mut [[f32; BLOCK]; 12],
        weights: &[[f32; BLOCK]],
        row: &[f32],
        step: usize,
    ) {
        let mut tile: [pulp::f32x16; 12] = pulp::bytemuck::cast(*sums);
        let rows: [&[f32]; 12] = std::array::from_fn(|t| &row[t * step..t * step + weights.len()]);
        for (i, weights) in weights.iter().enumerate() {
            let weights: pulp::f32x16 = pulp::bytemuck::cast(*weights);
            for (sum, row) in tile.iter_mut().zip(rows) {
                *sum = self.mul_add_f32x16(self.splat_f32x16(row[i]), weights, *sum);
            }
        }
        *sums = pulp::bytemuck::cast(tile);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look like chance, the same each time.
    fn numbers(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i as u32).wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0 - 0.5)
            .collect()
    }

    /// What [`Lanes::add`] promises, one number at a time.
    fn by_definition<const TILE: usize>(
        weights: &[[f32; BLOCK]],
        row: &[f32],
        step: usize,
    ) -> [[f32; BLOCK]; TILE] {
        let mut sums = [[1.0; BLOCK]; TILE];
        for (t, sums) in sums.iter_mut().enumerate() {
            for (o, sum) in sums.iter_mut().enumerate() {
                for (i, weights) in weights.iter().enumerate() {
                    *sum += row[t * step + i] * weights[o];
                }
            }
        }
        sums
    }

    fn keeps_its_promise<const TILE: usize>(lanes: impl Lanes<TILE>) {
        for (taps, step) in [(1, 1), (3, 2), (48, 16), (480, 96), (96, 96)] {
            let weights: Vec<[f32; BLOCK]> = numbers(taps * BLOCK).as_chunks::<BLOCK>().0.to_vec();
            let row = numbers((TILE - 1) * step + taps);
            let mut sums = [[1.0; BLOCK]; TILE];
            lanes.add(&mut sums, &weights, &row, step);
            let wanted = by_definition::<TILE>(&weights, &row, step);
            for (sum, wanted) in sums.iter().flatten().zip(wanted.iter().flatten()) {
                assert!((sum - wanted).abs() < 1e-3, "{taps} {step}: {sum} {wanted}");
            }
        }
    }

    #[test]
    fn every_kind_of_lanes_adds_the_same() {
        keeps_its_promise::<2>(Plain);
        keeps_its_promise::<4>(Plain);
        #[cfg(target_arch = "x86_64")]
        if let Some(wide) = pulp::x86::V3::try_new() {
            keeps_its_promise::<6>(wide);
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(widest) = pulp::x86::V4::try_new() {
            keeps_its_promise::<12>(widest);
        }
    }
}
