//! The command line: one file per command. Answers on stdout, everything else on stderr.
//!
//! Exit codes: 0 answered; 2 wrong usage; 3 input unreadable; 4 something needed is absent. With `--json`
//! stdout holds one JSON object and nothing else.

mod camera;
mod evaluate;
mod guided;
mod report;
mod session;
mod show;
mod signing;
mod step;
mod table;
mod targets;
mod thresholds;

use crate::CalibrationError;
use crate::sealed::Files;
use clap::{Parser, Subcommand};
use seal::durable::{self, Readers};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where a box's state folder is unless another is named.
const STATE: &str = "/var/lib/mpaka";

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
    /// The box's state folder: steps are kept in its session, profiles signed with its key.
    #[arg(long, global = true, env = "MPAKA_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the sheets to print, of exact size.
    Targets(targets::TargetsArgs),
    /// Guide through a whole session, going on where it was broken off.
    Session(session::SessionArgs),
    /// Measure sharpness at five places (slanted edges, ISO 12233).
    Focus(step::FocusArgs),
    /// Measure the camera and the plane of the glass (chessboard).
    Geometry(step::GeometryArgs),
    /// Measure each lamp's evenness and light from outside.
    Lamps(step::LampsArgs),
    /// Measure white balance and 24 patches (CIEDE2000).
    Colour(step::ColourArgs),
    /// Measure the infrared and the ultraviolet card.
    Inks(step::InksArgs),
    /// Read specimens whose zones are known: no character may be wrong.
    Zone(step::ZoneArgs),
    /// Measure the face camera by the face chart.
    Faces(step::FacesArgs),
    /// Take the golden scan of the sheet in the lid.
    Golden(step::ScanArgs),
    /// Sign the session's profile with the box's key.
    Sign,
    /// Compare today's scan of the sheet in the lid with the golden one.
    Drift(signing::DriftArgs),
    /// Write the report of the session, its profile and the drift since.
    Report(report::ReportArgs),
    /// Measure a learned model on pictures of known persons.
    Evaluate(evaluate::EvaluateArgs),
    /// Set the face thresholds on the group with the most false matches.
    Thresholds(thresholds::ThresholdsArgs),
}

/// What every command gets.
struct Context {
    json: bool,
    models: Option<PathBuf>,
    state: Option<PathBuf>,
}

impl Context {
    /// The technician's files of the box.
    fn files(&self) -> Files {
        Files::of(self.state.as_deref().unwrap_or(Path::new(STATE)))
    }

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
        state: line.state,
    };
    let answered = match &line.command {
        Command::Targets(args) => targets::run(&context, args),
        Command::Session(args) => session::run(&context, args),
        Command::Focus(args) => step::focus(&context, args),
        Command::Geometry(args) => step::geometry(&context, args),
        Command::Lamps(args) => step::lamps(&context, args),
        Command::Colour(args) => step::colour(&context, args),
        Command::Inks(args) => step::inks(&context, args),
        Command::Zone(args) => step::zone(&context, args),
        Command::Faces(args) => step::faces(&context, args),
        Command::Golden(args) => step::golden(&context, args),
        Command::Sign => signing::sign(&context),
        Command::Drift(args) => signing::drift(&context, args),
        Command::Report(args) => report::run(&context, args),
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
