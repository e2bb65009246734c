//! The report: one HTML file that needs nothing beside it.

use super::plots;
use super::quality::{QualityFigures, quality};
use super::rates::{Figures, OperatingPoint, Rate};
use super::trial::Trial;
use crate::CalibrationError;
use askama::Template;
use jiff::Timestamp;

#[derive(Template)]
#[template(path = "faces.html")]
struct Report<'a> {
    trial: &'a Trial,
    model: &'a str,
    acquisition: Vec<(&'a str, usize, usize, String)>,
    points: &'a [OperatingPoint],
    mated: usize,
    non_mated: usize,
    quality: Vec<QualityFigures>,
    cpu_median_ms: f64,
    cpu_p95_ms: f64,
    trade_off: String,
    false_matches: String,
    scores: String,
    made_at: String,
}

/// The report of a trial at these thresholds. Holds no picture, name or path.
///
/// # Errors
/// [`CalibrationError::Drawing`].
pub fn html(
    trial: &Trial,
    points: &[OperatingPoint],
    made_at: Timestamp,
) -> Result<String, CalibrationError> {
    let figures = Figures::of(trial);
    let acquisition = figures
        .columns()
        .zip(&trial.acquisition)
        .map(|((_, name), a)| {
            let failed = a.failures as f64 / a.samples.max(1) as f64;
            (name, a.samples, a.failures, percent(failed))
        });
    let mated = trial.comparisons.iter().filter(|c| c.mated).count();
    Report {
        trial,
        model: trial.model.as_ref().map_or("", |m| &m.0),
        acquisition: acquisition.collect(),
        points,
        mated,
        non_mated: trial.comparisons.len() - mated,
        quality: quality(trial),
        cpu_median_ms: trial.cpu_ms_at(0.5),
        cpu_p95_ms: trial.cpu_ms_at(0.95),
        trade_off: plots::trade_off(figures)?,
        false_matches: plots::false_matches(figures)?,
        scores: plots::scores(figures)?,
        made_at: made_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    }
    .render()
    .map_err(|e| CalibrationError::Drawing(e.to_string()))
}

/// A share in percent with as many places as it needs.
fn percent(share: f64) -> String {
    if share == 0.0 {
        "0 %".to_owned()
    } else if share < 0.001 {
        format!("{:.4} %", 100.0 * share)
    } else {
        format!("{:.2} %", 100.0 * share)
    }
}

/// A rate with its interval, for a cell.
fn cell(rate: &Rate) -> String {
    if rate.of == 0 {
        return "none compared".to_owned();
    }
    format!(
        "{} ({} to {})",
        percent(rate.value),
        percent(rate.low),
        percent(rate.high)
    )
}
