//! Confidence by resampling persons: comparisons of one person depend on one another, so it is persons that
//! are drawn anew, not comparisons (ISO/IEC 19795-1 annex B, subset bootstrap).

use super::trial::Comparison;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// How often persons are drawn anew at most.
const MOST_RESAMPLES: usize = 1000;
/// How often at least, however many persons there are.
const LEAST_RESAMPLES: usize = 200;
/// Pairs of persons that are looked at for one interval, between those bounds.
const STEPS: usize = 200_000_000;
/// The seed of the draws: the same trial always gives the same bounds.
const SEED: u64 = 19795;

/// Errors and comparisons of each pair of persons.
pub(super) struct Tally {
    pairs: Vec<([usize; 2], f64, f64)>,
    subjects: usize,
    errors: usize,
    of: usize,
    /// The most comparisons of which no two share a person.
    apart: usize,
}

impl Tally {
    /// Counts the comparisons, and those of them that are errors.
    pub(super) fn of<'a>(
        comparisons: impl Iterator<Item = &'a Comparison>,
        is_error: impl Fn(&Comparison) -> bool,
    ) -> Self {
        let mut places: BTreeMap<u32, usize> = BTreeMap::new();
        let mut counts: BTreeMap<[usize; 2], (usize, usize)> = BTreeMap::new();
        let (mut errors, mut of) = (0, 0);
        for comparison in comparisons {
            let key = comparison.subjects.map(|subject| {
                let next = places.len();
                *places.entry(subject).or_insert(next)
            });
            let error = usize::from(is_error(comparison));
            let count = counts.entry(key).or_default();
            count.0 += error;
            count.1 += 1;
            errors += error;
            of += 1;
        }
        // Who is compared with themselves stands alone; the others, at best, two by two.
        let alone = counts.keys().filter(|[a, b]| a == b).count();
        let apart = alone + places.len().saturating_sub(alone) / 2;
        Self {
            apart: apart.clamp(1, of.max(1)),
            pairs: counts
                .into_iter()
                .map(|(key, (errors, of))| (key, errors as f64, of as f64))
                .collect(),
            subjects: places.len(),
            errors,
            of,
        }
    }

    /// Errors and comparisons.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.errors, self.of)
    }

    /// The 95 % interval of the share of errors. Without any error there is nothing to resample, and the upper bound is
    /// the rule of three's for as many comparisons as share no person: it is of independent trials (ISO/IEC 19795-1
    /// annex B).
    pub(super) fn interval(&self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        if self.errors == 0 {
            return (0.0, (3.0 / self.apart as f64).min(1.0));
        }
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        let resamples = (STEPS / self.pairs.len().max(1)).clamp(LEAST_RESAMPLES, MOST_RESAMPLES);
        let mut shares: Vec<f64> = Vec::with_capacity(resamples);
        let mut weights = vec![0.0f64; self.subjects];
        for _ in 0..resamples {
            weights.fill(0.0);
            for _ in 0..self.subjects {
                weights[random.random_range(0..self.subjects)] += 1.0;
            }
            let (mut errors, mut of) = (0.0, 0.0);
            for ([a, b], e, n) in &self.pairs {
                let weight = if a == b {
                    weights[*a]
                } else {
                    weights[*a] * weights[*b]
                };
                errors += weight * e;
                of += weight * n;
            }
            if of > 0.0 {
                shares.push(errors / of);
            }
        }
        shares.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (shares.len().saturating_sub(1) as f64 * share).round() as usize;
            shares.get(place).copied()
        };
        (at(0.025).unwrap_or(0.0), at(0.975).unwrap_or(1.0))
    }
}
