//! `mpaka-calibrate thresholds`: the policy's face thresholds, set on the group with the most false matches.

use super::Context;
use super::table::TableArgs;
use crate::CalibrationError;
use crate::faces::{Evidence, Figures, OperatingPoint};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ThresholdsArgs {
    #[command(flatten)]
    table: TableArgs,
    /// At and above the first threshold a match is successful: its false match rate in every group.
    #[arg(long, default_value_t = 1e-3, value_name = "RATE", value_parser = rate)]
    fmr: f64,
    /// Between the second threshold and the first a person looks: its false match rate in every group.
    #[arg(long, default_value_t = 1e-2, value_name = "RATE", value_parser = rate)]
    look_fmr: f64,
    /// Where the policy with both thresholds goes, as JSON.
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
}

/// A rate between 0 and 1, both left out.
fn rate(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err("a rate lies between 0 and 1".to_owned())
    }
}

/// What of a policy is set here; a policy takes the rest as shipped.
#[derive(Debug, Serialize)]
struct FacePolicy {
    face_successful: f32,
    face_undetermined: f32,
}

/// One threshold and what stands behind it.
#[derive(Debug, Serialize)]
struct Chosen<'a> {
    fmr: f64,
    worst_group: &'a str,
    evidence: Evidence,
    point: OperatingPoint,
}

/// The object that is printed. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct ThresholdsObject<'a> {
    model: Option<&'a str>,
    r#use: &'static str,
    policy: FacePolicy,
    chosen: [Chosen<'a>; 2],
}

pub(super) fn run(context: &Context, args: &ThresholdsArgs) -> Result<(), CalibrationError> {
    let trial = args.table.trial(context)?;
    let figures = Figures::of(&trial);
    let choose = |name: &str, fmr: f64| {
        let (threshold, worst_group, evidence) = figures.worst_group(fmr);
        Chosen {
            fmr,
            worst_group,
            evidence,
            point: figures.at(name, threshold),
        }
    };
    let chosen = [
        choose("successful", args.fmr),
        // Never above the first: a person looks where the machine is less sure, not where it is more.
        choose("a person looks", args.look_fmr.max(args.fmr)),
    ];
    let object = ThresholdsObject {
        model: trial.model.as_ref().map(|m| m.0.as_str()),
        r#use: "one-to-one",
        policy: FacePolicy {
            face_successful: chosen[0].point.threshold,
            face_undetermined: chosen[1].point.threshold,
        },
        chosen,
    };
    if let Some(out) = &args.out {
        let policy = serde_json::to_vec_pretty(&object.policy)
            .map_err(|e| CalibrationError::Output(e.into()))?;
        super::write(out, &policy)?;
    }
    context.answer(&object, || text(&object))
}

/// For a person.
fn text(object: &ThresholdsObject<'_>) -> String {
    let mut text = format!("{}, one to one", object.model.unwrap_or("no template"));
    for chosen in &object.chosen {
        text.push_str(&format!(
            "\n{} from cosine {:.3}: false match rate {} in every group; set by {} ({})",
            chosen.point.name,
            chosen.point.threshold,
            chosen.fmr,
            chosen.worst_group,
            chosen.evidence.as_str()
        ));
        for group in &chosen.point.groups {
            text.push_str(&format!(
                "\n  {:24} FMR {:.5} of {:<8} FNMR {:.4} of {}",
                group.group, group.fmr.value, group.fmr.of, group.fnmr.value, group.fnmr.of
            ));
        }
    }
    text
}
