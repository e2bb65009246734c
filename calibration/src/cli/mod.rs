//! The command line: one file per command. Answers on stdout, everything else on stderr.
//!
//! Exit codes: 0 answered; 2 wrong usage; 3 input unreadable; 4 something needed is absent. With `--json`
//! stdout holds one JSON object and nothing else.

mod evaluate;
mod table;
mod thresholds;

use crate::CalibrationError;
use clap::{Parser, Subcommand};
use seal::durable::{self, Readers};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures the box and its models, and sets what follows from the measurement.
#[derive(Debug, Parser)]
#[command(name = "mpaka-calibrate", version, arg_required_else_help = true)]
struct CommandLine {
    /// One JSON object on stdout, nothing else there.
    #[arg(long, global = true)]
    json: bool,
    /// Where the learned models are [default: $MPAKA_MODELS, else the user's cache].
    #[arg(long, global = true, value_name = "DIR")]
    models: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure a learned model on pictures of known persons.
    Evaluate(evaluate::EvaluateArgs),
    /// Set the face thresholds on the group with the most false matches.
    Thresholds(thresholds::ThresholdsArgs),
}

/// What every command gets.
struct Context {
    json: bool,
    models: Option<PathBuf>,
}

impl Context {
    /// One answer: as a JSON object, or as the text that `text` makes for a person.
    fn answer(
        &self,
        object: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), CalibrationError> {
        let line = if self.json {
            serde_json::to_string(object).map_err(|e| CalibrationError::Output(e.into()))?
        } else {
            text()
        };
        writeln!(std::io::stdout().lock(), "{line}").map_err(CalibrationError::Output)
    }
}

/// Writes a report or policy: there whole or not at all.
fn write(path: &Path, content: &[u8]) -> Result<(), CalibrationError> {
    durable::replace(path, content, Readers::Anyone).map_err(|source| CalibrationError::Writing {
        path: path.to_owned(),
        source,
    })
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    let context = Context {
        json: line.json,
        models: line.models,
    };
    let answered = match &line.command {
        Command::Evaluate(args) => evaluate::run(&context, args),
        Command::Thresholds(args) => thresholds::run(&context, args),
    };
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpaka-calibrate: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
