//! `mpaka-calibrate report`: the session, its profile and the drift since, as one HTML file.

use super::Context;
use crate::CalibrationError;
use crate::report;
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
    let written = report::of_box(&context.files(), Timestamp::now())?;
    super::write(&args.out, written.html.as_bytes())?;
    let object = ReportObject {
        report: &args.out,
        signed: written.signed,
        bytes: written.html.len(),
    };
    context.answer(&object, || format!("✓ {}", args.out.display()))
}
