//! Percentiles of the quality measures by group: what the limits of good values are set on.

use super::rates::Figures;
use super::trial::Trial;
use serde::Serialize;
use std::collections::BTreeSet;

/// One measure in one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityFigures {
    /// The measure's stable name.
    pub measure: &'static str,
    /// The group; `all` for everybody.
    pub group: String,
    /// 1st, 5th, 50th, 95th and 99th percentile, in the measure's unit.
    pub percentiles: [f32; 5],
    /// The share of pictures that got guidance.
    pub poor: f64,
}

/// Every measure of a trial, everybody first, then group by group.
#[must_use]
pub fn quality(trial: &Trial) -> Vec<QualityFigures> {
    let names: BTreeSet<&'static str> = trial.quality.iter().map(|t| t.measure).collect();
    let mut figures = Vec::new();
    for measure in names {
        for (group, label) in Figures::of(trial).columns() {
            let taken = trial.quality.iter();
            let taken =
                taken.filter(|t| t.measure == measure && (group.is_none() || t.group == group));
            let mut values: Vec<f32> = taken.clone().map(|t| t.value).collect();
            if values.is_empty() {
                continue;
            }
            values.sort_by(f32::total_cmp);
            let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
            figures.push(QualityFigures {
                measure,
                group: label.to_owned(),
                percentiles: [0.01, 0.05, 0.5, 0.95, 0.99].map(at),
                poor: taken.filter(|t| t.poor).count() as f64 / values.len() as f64,
            });
        }
    }
    figures
}
