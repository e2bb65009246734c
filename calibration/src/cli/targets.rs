//! `mpaka-calibrate targets`: the sheets to print.

use super::Context;
use crate::CalibrationError;
use crate::target::{Paper, Target};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct TargetsArgs {
    /// The folder that the sheets are written to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What they are printed on.
    #[arg(long, value_enum, default_value_t = PaperName::A4)]
    paper: PaperName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PaperName {
    A4,
    Letter,
}

/// The object that is printed for each sheet. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct TargetObject {
    target: &'static str,
    svg: PathBuf,
    pdf: PathBuf,
    size_mm: [f64; 2],
    advice: &'static str,
}

pub(super) fn run(context: &Context, args: &TargetsArgs) -> Result<(), CalibrationError> {
    let paper = match args.paper {
        PaperName::A4 => Paper::A4,
        PaperName::Letter => Paper::Letter,
    };
    std::fs::create_dir_all(&args.out).map_err(|source| CalibrationError::Writing {
        path: args.out.clone(),
        source,
    })?;
    for target in Target::ALL {
        let sheet = target.sheet(paper);
        let file = |kind: &str| args.out.join(format!("{}.{kind}", target.as_str()));
        let object = TargetObject {
            target: target.as_str(),
            svg: file("svg"),
            pdf: file("pdf"),
            size_mm: target.size_mm(),
            advice: target.advice(),
        };
        super::write(&object.svg, sheet.svg().as_bytes())?;
        super::write(&object.pdf, &sheet.pdf())?;
        context.answer(&object, || {
            format!(
                "{:<12} {} x {} mm  {}\n{:<12} {}",
                object.target,
                object.size_mm[0],
                object.size_mm[1],
                object.pdf.display(),
                "",
                object.advice
            )
        })?;
    }
    if !context.json {
        println!(
            "Print at 100 %, without fitting to the page, and measure the line of 100 mm on each sheet."
        );
    }
    Ok(())
}
