//! `mpaka-calibrate evaluate faces`.

use super::Context;
use super::table::TableArgs;
use crate::CalibrationError;
use crate::faces::{Acquisition, Figures, OperatingPoint, QualityFigures, Trial, html, quality};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rules::Policy;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The face matcher: error rates overall and by group, in the terms of ISO/IEC 19795-1.
    Faces(FacesArgs),
}

#[derive(Debug, Args)]
struct FacesArgs {
    #[command(flatten)]
    table: TableArgs,
    /// Where the report goes: one self-contained HTML file.
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
}

/// Acquisition of one group.
#[derive(Debug, Serialize)]
struct AcquisitionObject<'a> {
    group: &'a str,
    samples: usize,
    failures: usize,
}

/// The object that is printed. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct FacesObject<'a> {
    model: Option<&'a str>,
    acquisition: Vec<AcquisitionObject<'a>>,
    /// Why samples were not acquired.
    obstacles: &'a BTreeMap<&'static str, usize>,
    unreadable: usize,
    mated: usize,
    non_mated: usize,
    points: &'a [OperatingPoint],
    quality: Vec<QualityFigures>,
    cpu_median_ms: f64,
    cpu_p95_ms: f64,
}

pub(super) fn run(context: &Context, args: &EvaluateArgs) -> Result<(), CalibrationError> {
    let What::Faces(args) = &args.what;
    let trial = args.table.trial(context)?;
    let points = points(&trial);
    if let Some(out) = &args.out {
        let report = html(&trial, &points, Timestamp::now())?;
        super::write(out, report.as_bytes())?;
    }
    let object = object(&trial, &points);
    context.answer(&object, || text(&object))
}

/// The thresholds of the shipped policy, and those that the usual false match rates ask for.
fn points(trial: &Trial) -> Vec<OperatingPoint> {
    let figures = Figures::of(trial);
    let policy = Policy::default();
    let mut points = vec![
        figures.at("shipped, successful", policy.face_successful),
        figures.at("shipped, a person looks", policy.face_undetermined),
    ];
    for fmr in [1e-3, 1e-4] {
        let (threshold, group, evidence) = figures.worst_group(fmr);
        points.push(figures.at(format!("FMR {fmr} overall"), figures.overall(fmr)));
        points.push(figures.at(
            format!(
                "FMR {fmr} in the worst group ({group}; {})",
                evidence.as_str()
            ),
            threshold,
        ));
    }
    points
}

fn object<'a>(trial: &'a Trial, points: &'a [OperatingPoint]) -> FacesObject<'a> {
    let mated = trial.comparisons.iter().filter(|c| c.mated).count();
    let columns = Figures::of(trial).columns().map(|(_, name)| name);
    let acquisition =
        columns
            .zip(&trial.acquisition)
            .map(
                |(group, Acquisition { samples, failures })| AcquisitionObject {
                    group,
                    samples: *samples,
                    failures: *failures,
                },
            );
    FacesObject {
        model: trial.model.as_ref().map(|m| m.0.as_str()),
        acquisition: acquisition.collect(),
        obstacles: &trial.obstacles,
        unreadable: trial.unreadable,
        mated,
        non_mated: trial.comparisons.len() - mated,
        points,
        quality: quality(trial),
        cpu_median_ms: trial.cpu_ms_at(0.5),
        cpu_p95_ms: trial.cpu_ms_at(0.95),
    }
}

/// For a person.
fn text(object: &FacesObject<'_>) -> String {
    let mut text = format!(
        "{}: {} mated and {} non-mated comparisons; {:.0} ms a picture (median, CPU)",
        object.model.unwrap_or("no template"),
        object.mated,
        object.non_mated,
        object.cpu_median_ms
    );
    for a in &object.acquisition {
        text.push_str(&format!(
            "\n  {:24} {} of {} failed to acquire",
            a.group, a.failures, a.samples
        ));
    }
    for (obstacle, count) in object.obstacles {
        text.push_str(&format!("\n    {count} of these: {obstacle}"));
    }
    for point in object.points {
        text.push_str(&format!("\n{} (cosine {:.3})", point.name, point.threshold));
        for group in &point.groups {
            text.push_str(&format!(
                "\n  {:24} FMR {:.5} of {:<8} FNMR {:.4} of {:<6} FRR {:.4}",
                group.group,
                group.fmr.value,
                group.fmr.of,
                group.fnmr.value,
                group.fnmr.of,
                group.frr
            ));
        }
    }
    text
}
