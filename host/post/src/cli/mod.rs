//! The command line: one file per command. Answers on stdout, everything else on stderr.
//!
//! Exit codes: 0 answered, whatever the answer; 2 wrong usage; 3 input unreadable; 4 something needed is
//! absent (reader, model, edition, enrolment, headquarters). With `--json` stdout holds one JSON object a
//! line and nothing else.

mod backup;
mod chip;
mod chip_read;
mod doctor;
mod editions;
mod enrol;
mod face;
mod inspect;
mod keys;
mod ledger;
mod memory;
mod names;
mod officer;
mod outbox;
mod page;
mod reading;
mod screen;
mod serve;
mod stopping;
mod update;
mod zone;

use crate::error::PostError;
use crate::state::StateDir;
use clap::{Args, Parser, Subcommand};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Mpaka: the border post. Reads documents, compares faces, searches the list, advises; people decide.
#[derive(Debug, Parser)]
#[command(name = "mpaka", version, arg_required_else_help = true)]
struct CommandLine {
    /// One JSON object a line on stdout, nothing else there.
    #[arg(long, global = true)]
    json: bool,
    /// Where the learned models are [default: $MPAKA_MODELS, else the user's cache].
    #[arg(long, global = true, value_name = "DIR")]
    models: Option<PathBuf>,
    /// The box's state folder.
    #[arg(
        long,
        env = "MPAKA_STATE",
        value_name = "DIR",
        default_value = "/var/lib/mpaka"
    )]
    state: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read the data pages in pictures: zone, fields, checks, portrait.
    Page(page::PageArgs),
    /// Parse and check a typed zone.
    Zone(zone::ZoneArgs),
    /// Read a chip, or verify what one holds.
    Chip(chip::ChipArgs),
    /// Compare or inspect faces.
    Face(face::FaceArgs),
    /// Compare names.
    Names(names::NamesArgs),
    /// Search the list.
    Screen(screen::ScreenArgs),
    /// A whole encounter from two pictures: recorded and queued like any other.
    Inspect(inspect::InspectArgs),
    /// Records on their way to headquarters.
    Outbox(outbox::OutboxArgs),
    /// The hash-chained log.
    Ledger(ledger::LedgerArgs),
    /// The whole box on a stick, sealed to headquarters.
    Backup(backup::BackupArgs),
    /// Signed lists.
    Editions(editions::EditionsArgs),
    /// Make this box's keys and give it to a post.
    Enrol(enrol::EnrolArgs),
    /// This box's private keys at rest: seal, unlock, lock.
    Keys(keys::KeysArgs),
    /// Who may sign in at the desk.
    Officer(officer::OfficerArgs),
    /// The appliance: desk and synchronisation.
    Serve(serve::ServeArgs),
    /// Every part of the box, with what to do about what is wrong.
    Doctor(doctor::DoctorArgs),
    /// Updates of the programs: what is installed, and what waits.
    Update(update::UpdateArgs),
}

/// `--state` after a command's name, for those who write it there.
#[derive(Debug, Args)]
struct StateHere {
    /// The box's state folder [default: $MPAKA_STATE, else /var/lib/mpaka].
    #[arg(long = "state", id = "state_here", value_name = "DIR", global = true)]
    state: Option<PathBuf>,
}

/// `--today`, for answers that must not depend on the day they are asked.
#[derive(Debug, Args)]
struct TodayHere {
    /// The day of the inspection [default: today, in the post's time zone].
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

impl TodayHere {
    fn or(&self, zone: TimeZone) -> Date {
        self.today
            .unwrap_or_else(|| Timestamp::now().to_zoned_datetime(zone).date())
    }
}

/// What every command gets.
#[derive(Debug)]
struct Context {
    out: Out,
    state: StateDir,
    models: Option<PathBuf>,
}

impl Context {
    fn at(mut self, here: &StateHere) -> Self {
        if let Some(dir) = &here.state {
            self.state = StateDir::new(dir);
        }
        self
    }
}

/// Where answers go.
#[derive(Debug, Clone, Copy)]
struct Out {
    json: bool,
}

impl Out {
    /// One answer: as a JSON object, or as the text that `text` makes for a person.
    fn answer(
        self,
        object: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), PostError> {
        let mut stdout = std::io::stdout().lock();
        self.answer_into(&mut stdout, object, text)?;
        stdout.flush().map_err(PostError::Output)
    }

    /// One of many answers, as [`Out::answer`] writes it; the one who asked flushes.
    fn answer_into(
        self,
        out: &mut impl Write,
        object: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), PostError> {
        if self.json {
            serde_json::to_writer(&mut *out, object).map_err(|e| PostError::Output(e.into()))?;
            out.write_all(b"\n")
        } else {
            writeln!(out, "{}", text())
        }
        .map_err(PostError::Output)
    }
}

/// Runs the program.
pub fn run() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        // Help and version are answers; everything else is wrong usage.
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("MPAKA_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .without_time()
        .init();
    let context = Context {
        out: Out { json: line.json },
        state: StateDir::new(line.state),
        models: line.models,
    };
    let answered = match line.command {
        Command::Page(args) => page::run(&context, &args),
        Command::Zone(args) => zone::run(&context, &args),
        Command::Chip(args) => chip::run(&context, args),
        Command::Face(args) => face::run(&context, &args),
        Command::Names(args) => names::run(&context, &args),
        Command::Screen(args) => screen::run(context, &args),
        Command::Inspect(args) => inspect::run(context, &args),
        Command::Outbox(args) => outbox::run(context, &args),
        Command::Ledger(args) => ledger::run(context, &args),
        Command::Backup(args) => backup::run(context, &args),
        Command::Editions(args) => editions::run(context, &args),
        Command::Enrol(args) => enrol::run(context, &args),
        Command::Keys(args) => keys::run(context, &args),
        Command::Officer(args) => officer::run(context, &args),
        Command::Serve(args) => serve::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args),
        Command::Update(args) => update::run(context, &args),
    };
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the answers has enough of them.
        Err(PostError::Output(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            if !matches!(error, PostError::SomeUnreadable) {
                eprintln!("mpaka: {error}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
