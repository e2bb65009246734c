//! The fleet as a table: what the page shows, for a terminal and for scripts.

use super::{DatabaseArgs, Printer, wait};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::fleet::{self, Row, Tone};
use mpaka_hq::home::Home;
use serde::Serialize;

#[derive(Debug, Args)]
pub(super) struct FleetArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only boxes that are worth a look, or need somebody now.
    #[arg(long)]
    wanting: bool,
}

#[derive(Serialize)]
struct Whole<'a> {
    summary: &'a fleet::Summary,
}

pub(super) fn run(
    home: &Home,
    args: &FleetArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let database = args.database.of(home)?;
    let contacts = match wait(async { database.open_existing().await?.contacts().await }) {
        // Nothing has been received yet: what the register and the book know is all that there is.
        Err(HqError::NothingReceived { .. }) => Vec::new(),
        contacts => contacts?,
    };
    let (summary, rows) = fleet::table(home, &contacts, now)?;
    for row in rows
        .iter()
        .filter(|row| !args.wanting || row.tone != Tone::Ok)
    {
        print.answer(row, || line(row))?;
    }
    let whole = Whole { summary: &summary };
    print.answer(&whole, || {
        format!(
            "{} boxes in service: {} need somebody now, {} are worth a look, {} are fine; {} silent, {} records wait",
            summary.active, summary.act, summary.look, summary.fine, summary.silent, summary.waiting
        )
    })
}

/// One box in one line.
fn line(row: &Row) -> String {
    let problems: Vec<&str> = row.problems.iter().map(|p| p.words.as_str()).collect();
    format!(
        "{} {:<24} {:<24} list {:>6}  program {:<10} waiting {:>5}  {}",
        row.tone.symbol(),
        row.post.as_str(),
        row.title(),
        row.edition
            .map_or_else(|| "-".to_owned(), |n| n.to_string()),
        row.software
            .as_deref()
            .or(row.program.as_deref())
            .unwrap_or("-"),
        row.waiting
            .map_or_else(|| "-".to_owned(), |n| n.to_string()),
        problems.join(", ")
    )
}
