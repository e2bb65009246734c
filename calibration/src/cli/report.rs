//! `mpaka-calibrate report`: the session, its profile and the drift since, as one HTML file.

use super::Context;
use crate::CalibrationError;
use crate::report::Report;
use crate::sealed::{before, drift_of, profile_of};
use crate::session::Session;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Where the report goes: one self-contained HTML file, to be read or printed.
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
}

/// The object that is printed. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct ReportObject<'a> {
    report: &'a PathBuf,
    signed: bool,
    bytes: usize,
}

pub(super) fn run(context: &Context, args: &ReportArgs) -> Result<(), CalibrationError> {
    let files = context.files();
    let now = Timestamp::now();
    let session = Session::open(&files)?.ok_or_else(|| CalibrationError::NotReady {
        steps: "every step".to_owned(),
    })?;
    let device = files.device_key()?.public();
    // A report is made of what there is: a profile that is not relied on is none.
    let signed = profile_of(&files, &device, now).ok().flatten();
    let drift = match &signed {
        Some(signed) => drift_of(&files, &device, signed).ok(),
        None => None,
    };
    let html = Report {
        session: &session,
        signed: signed.as_ref(),
        device: &device.to_string(),
        before: before(&files, &device).as_ref(),
        drift: drift.as_ref(),
        made_at: now,
    }
    .html()?;
    super::write(&args.out, html.as_bytes())?;
    let object = ReportObject {
        report: &args.out,
        signed: signed.is_some(),
        bytes: html.len(),
    };
    context.answer(&object, || format!("✓ {}", args.out.display()))
}
