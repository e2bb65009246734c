//! `mpaka ledger`: the hash-chained log.

use super::{Context, StateHere};
use crate::appliance::{Appliance, Pages};
use crate::error::PostError;
use crate::monitoring::{self, Period};
use crate::stick;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rules::{LogProfile, Outcome};
use serde::Serialize;
use std::path::{Path, PathBuf};
use store::{LedgerEvent, Salvage, Salvaged, StoreError};

/// Lines read from the store at a time.
const PAGE_LINES: usize = 500;

#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Verify every line from the first, and hold encounters and parcels against them.
    Verify,
    /// The lines; they hold no personal data.
    List,
    /// Look over every page of the store; takes time with its size.
    Check,
    /// Look over every page, and carry what can be read of a damaged store over into a new one. The desk does
    /// so by itself when it starts and the store is small.
    Salvage,
    /// The lines as they are chained, for headquarters to verify (mpaka-hq ledger): one JSON object a line. With
    /// --profile: the log for operational monitoring (BSI TR-03135) as XML, without personal data.
    Export(ExportArgs),
}

#[derive(Debug, Args)]
struct ExportArgs {
    /// The logging profile: basic. The guideline's others (standard, standard-optical, standard-electronic,
    /// standard-seal, full) hold personal data and are refused.
    #[arg(long, value_name = "PROFILE", requires = "out")]
    profile: Option<LogProfile>,
    /// Encounters recorded from this moment on (2026-11-01T00:00:00Z).
    #[arg(long, value_name = "TIME", requires = "profile")]
    from: Option<Timestamp>,
    /// Up to this moment, itself not included.
    #[arg(long, value_name = "TIME", requires = "profile")]
    to: Option<Timestamp>,
    /// The file to write.
    #[arg(long, value_name = "FILE.xml", requires = "profile")]
    out: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct VerifyObject {
    outcome: Outcome,
    lines: u64,
    encounters: u64,
    kept: u64,
    waiting: u64,
    receipted: u64,
    head: Option<String>,
    /// Checkpoints that headquarters has counter-signed and that fit.
    checkpoints: u64,
    broken_at: Option<u64>,
    why: Option<String>,
}

#[derive(Debug, Serialize)]
struct LineObject<'a> {
    line: u64,
    hash: String,
    at: Timestamp,
    event: &'a LedgerEvent,
}

#[derive(Debug, Serialize)]
struct CheckObject {
    outcome: Outcome,
    why: Option<String>,
}

/// What a log for operational monitoring tells of.
#[derive(Debug, Serialize)]
struct LogObject<'a> {
    profile: &'static str,
    file: &'a Path,
    transactions: u64,
}

/// What became of a salvage.
#[derive(Debug, Serialize)]
struct SalvageObject {
    /// Whether anything was damaged.
    damaged: bool,
    /// Where the damaged store lies now.
    aside: Option<String>,
    lines: u64,
    records: u64,
    parcels: u64,
    #[serde(flatten)]
    found: Option<Salvage>,
}

/// What became of a salvage, for a person.
pub(super) fn salvaged_text(salvaged: &Salvaged) -> String {
    let stretches = |stretches: &[(u64, u64)]| match stretches {
        [] => "none".to_owned(),
        _ => stretches
            .iter()
            .map(|(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first} to {last}"),
            })
            .collect::<Vec<_>>()
            .join(", "),
    };
    format!(
        "{} lines of the ledger, {} records and {} waiting parcels carried over; encounters lost: {}; lines lost: {}",
        salvaged.lines,
        salvaged.records,
        salvaged.parcels,
        stretches(&salvaged.found.encounters_lost),
        stretches(&salvaged.found.lines_lost)
    )
}

fn salvage(context: &Context) -> Result<(), PostError> {
    let (_, salvaged) = Appliance::open_or_salvage(&context.state, Timestamp::now(), Pages::All)?;
    let object = SalvageObject {
        damaged: salvaged.is_some(),
        aside: salvaged.as_ref().map(|s| s.aside.display().to_string()),
        lines: salvaged.as_ref().map_or(0, |s| s.lines),
        records: salvaged.as_ref().map_or(0, |s| s.records),
        parcels: salvaged.as_ref().map_or(0, |s| s.parcels),
        found: salvaged.as_ref().map(|s| s.found.clone()),
    };
    context.out.answer(&object, || match &salvaged {
        None => "nothing is damaged".to_owned(),
        Some(salvaged) => format!(
            "{}; the old store is kept in {}",
            salvaged_text(salvaged),
            salvaged.aside.display()
        ),
    })
}

/// Prints the lines as they are chained: one JSON object a line for whoever reads them.
fn export_chained(context: &Context, appliance: &Appliance) -> Result<(), PostError> {
    stick::each_chained_line(appliance, |line| {
        let text = serde_json::to_string(line).unwrap_or_default();
        context.out.answer(line, || text)
    })
}

pub(super) fn run(context: Context, args: &LedgerArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    if matches!(args.command, LedgerCommand::Salvage) {
        return salvage(&context);
    }
    let appliance = Appliance::open(&context.state)?;
    match &args.command {
        LedgerCommand::Salvage => Ok(()),
        LedgerCommand::Check => {
            let object = match appliance.check_pages() {
                Ok(()) => CheckObject {
                    outcome: Outcome::Successful,
                    why: None,
                },
                Err(e) if e.is_damage() => CheckObject {
                    outcome: Outcome::Failed,
                    why: Some(e.to_string()),
                },
                Err(e) => return Err(e.into()),
            };
            context.out.answer(&object, || match &object.why {
                None => "every page of the store reads as it was written".to_owned(),
                Some(why) => format!("{why}. Next: mpaka ledger salvage"),
            })
        }
        LedgerCommand::Verify => {
            let object = match appliance.verify_ledger() {
                Ok((report, checkpoints)) => VerifyObject {
                    outcome: Outcome::Successful,
                    lines: report.lines,
                    encounters: report.encounters,
                    kept: report.kept,
                    waiting: report.waiting,
                    receipted: report.receipted.0,
                    head: Some(hex::encode(report.head.hash)),
                    checkpoints,
                    broken_at: None,
                    why: None,
                },
                // That it does not verify is an answer.
                Err(StoreError::LedgerBroken { line, fault }) => VerifyObject {
                    outcome: Outcome::Failed,
                    lines: 0,
                    encounters: 0,
                    kept: 0,
                    waiting: 0,
                    receipted: 0,
                    head: None,
                    checkpoints: 0,
                    broken_at: Some(line),
                    why: Some(fault.to_string()),
                },
                Err(other) => return Err(other.into()),
            };
            context
                .out
                .answer(&object, || match (&object.why, object.broken_at) {
                    (Some(why), Some(line)) => {
                        format!("the ledger does NOT verify at line {line}: {why}")
                    }
                    _ => format!(
                        "the ledger verifies: {} lines, {} encounters, {} checkpoints of headquarters",
                        object.lines, object.encounters, object.checkpoints
                    ),
                })
        }
        LedgerCommand::Export(ExportArgs {
            profile: Some(profile),
            from,
            to,
            out: Some(out),
        }) => {
            let period = Period {
                from: *from,
                to: *to,
            };
            let logged = monitoring::export(&appliance, *profile, &period, Timestamp::now(), out)?;
            let object = LogObject {
                profile: profile.as_str(),
                file: out,
                transactions: logged.transactions,
            };
            context.out.answer(&object, || {
                format!(
                    "{} encounters in {}; what is erased, or on the path of protection, is not in it",
                    object.transactions,
                    out.display()
                )
            })
        }
        LedgerCommand::Export(_) => export_chained(&context, &appliance),
        LedgerCommand::List => {
            let mut from = 1;
            loop {
                let lines = appliance.ledger_lines(from, PAGE_LINES)?;
                for line in &lines {
                    let object = LineObject {
                        line: line.head.line,
                        hash: hex::encode(line.head.hash),
                        at: line.at,
                        event: &line.event,
                    };
                    context.out.answer(&object, || {
                        let event = serde_json::to_string(object.event).unwrap_or_default();
                        format!("{:>6} {} {event}", object.line, object.at)
                    })?;
                }
                let Some(last) = lines.last() else {
                    return Ok(());
                };
                from = last.head.line + 1;
            }
        }
    }
}
