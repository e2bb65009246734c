//! Rates at thresholds, overall and by group.

use super::bootstrap::Tally;
use super::trial::{Comparison, Trial};
use serde::Serialize;

/// A share of errors with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Errors over comparisons; 0 where there are none.
    pub value: f64,
    /// Lower bound of the 95 % interval.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// Errors counted.
    pub errors: usize,
    /// Comparisons counted.
    pub of: usize,
}

impl Rate {
    fn of(tally: &Tally) -> Self {
        let (errors, of) = tally.counts();
        let (low, high) = tally.interval();
        Self {
            value: errors as f64 / of.max(1) as f64,
            low,
            high,
            errors,
            of,
        }
    }
}

/// How well the number of comparisons carries a claimed false match rate (ISO/IEC 19795-1 annex B).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Fewer than three errors would be expected: the rate cannot be claimed.
    TooFew,
    /// Three errors or more would be expected (rule of 3).
    RuleOf3,
    /// Thirty errors or more would be expected (rule of 30): the true rate is within 30 % at 90 % confidence.
    RuleOf30,
}

impl Evidence {
    /// What `comparisons` carry for a rate of `share`.
    #[must_use]
    pub fn of(comparisons: usize, share: f64) -> Self {
        let expected = comparisons as f64 * share;
        if expected >= 30.0 {
            Self::RuleOf30
        } else if expected >= 3.0 {
            Self::RuleOf3
        } else {
            Self::TooFew
        }
    }

    /// For a table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooFew => "too few comparisons to claim it",
            Self::RuleOf3 => "rule of 3",
            Self::RuleOf30 => "rule of 30",
        }
    }
}

/// One group at one threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupFigures {
    /// The group's name; `all` for everybody.
    pub group: String,
    /// False match rate: non-mated comparisons at or above the threshold.
    pub fmr: Rate,
    /// False non-match rate: mated comparisons below the threshold.
    pub fnmr: Rate,
    /// False rejection rate at one attempt, 0 to 1: of all mated pairs, those that do not match and those of which a
    /// sample gave no template.
    pub frr: f64,
}

/// A threshold and what it gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperatingPoint {
    /// Where the threshold comes from.
    pub name: String,
    /// Cosine at and above which a comparison matches.
    pub threshold: f32,
    /// All, then group by group.
    pub groups: Vec<GroupFigures>,
}

/// The lowest threshold at which no more than this share of the non-mated scores match. `scores` need no order.
#[must_use]
pub fn threshold_at(scores: &[f32], share: f64) -> f32 {
    let mut falling = scores.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    let allowed = (falling.len() as f64 * share) as usize;
    // The highest score that must not match any more; the threshold lies just above it.
    falling.get(allowed).map_or(-1.0, |score| score.next_up())
}

/// The figures of a trial.
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a> {
    trial: &'a Trial,
}

impl<'a> Figures<'a> {
    /// Of this trial.
    #[must_use]
    pub fn of(trial: &'a Trial) -> Self {
        Self { trial }
    }

    /// Everybody and the groups, by name: the columns of every table.
    pub fn columns(self) -> impl Iterator<Item = (Option<u16>, &'a str)> {
        let groups = (0u16..).zip(&self.trial.groups);
        std::iter::once((None, "all")).chain(groups.map(|(g, name)| (Some(g), name.as_str())))
    }

    /// Comparisons within a group, or all.
    fn within(self, group: Option<u16>, mated: bool) -> impl Iterator<Item = &'a Comparison> {
        let all = self.trial.comparisons.iter();
        all.filter(move |c| c.mated == mated && (group.is_none() || c.group == group))
    }

    /// The scores within a group, or all.
    #[must_use]
    pub fn scores(&self, group: Option<u16>, mated: bool) -> Vec<f32> {
        self.within(group, mated).map(|c| c.score).collect()
    }

    /// What a threshold gives.
    #[must_use]
    pub fn at(&self, name: impl Into<String>, threshold: f32) -> OperatingPoint {
        let lost = self.trial.not_acquired.iter().chain(std::iter::repeat(&0));
        let figures = self.columns().zip(lost).map(|((group, label), lost)| {
            let matches = |c: &Comparison| c.score >= threshold;
            let fnmr = Rate::of(&Tally::of(self.within(group, true), |c| !matches(c)));
            GroupFigures {
                group: label.to_owned(),
                fmr: Rate::of(&Tally::of(self.within(group, false), matches)),
                frr: (fnmr.errors + lost) as f64 / (fnmr.of + lost).max(1) as f64,
                fnmr,
            }
        });
        OperatingPoint {
            name: name.into(),
            threshold,
            groups: figures.collect(),
        }
    }

    /// The threshold at which everybody together has at most this false match rate.
    #[must_use]
    pub fn overall(&self, fmr: f64) -> f32 {
        threshold_at(&self.scores(None, false), fmr)
    }

    /// The threshold at which every group has at most this false match rate, the group that sets it, and how
    /// well that group's number of comparisons carries the claim.
    #[must_use]
    pub fn worst_group(&self, fmr: f64) -> (f32, &'a str, Evidence) {
        let thresholds = self.columns().filter_map(|(group, label)| {
            let scores = self.scores(group, false);
            let evidence = Evidence::of(scores.len(), fmr);
            (!scores.is_empty()).then(|| (threshold_at(&scores, fmr), label, evidence))
        });
        thresholds
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or((1.0, "all", Evidence::TooFew))
    }
}
