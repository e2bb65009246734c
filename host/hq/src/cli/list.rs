//! The working list: imported, looked through, approved, published.

use super::Printer;
use super::print::stdout_failed;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::list::{self, ImportOrder, PublishOrder};
use mpaka_hq::register::Register;
use rules::OfficerId;
use std::io::Write;
use std::path::PathBuf;

pub(super) const IMPORT_HELP: &str = "\
CSV in UTF-8 with a header line; columns in any order.
persons:   entry,names[,birth,sex,nationality,documents,action,expires]
           names, birth, nationality and documents may hold several values parted by |; the first name is the
           primary one, and may be written SURNAME, Given. birth is 1974-08-12, 1974-08 or 1974. A document is
           NUMBER/STATE/TYPE. expires is the last day (2027-12-31).
documents: number,state[,type,entry]";

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// A CSV of persons.
    #[arg(long, required_unless_present = "documents", value_name = "FILE")]
    persons: Option<PathBuf>,
    /// A CSV of documents.
    #[arg(long, value_name = "FILE")]
    documents: Option<PathBuf>,
    /// The list's name, for example "UN 1267".
    #[arg(long, value_name = "NAME")]
    source: String,
    /// The law or order that the listing rests on.
    #[arg(long, value_name = "TEXT")]
    legal_basis: String,
    /// The state that lists (ISO 3166-1 alpha-3), where the source is one: lint then warns of its own nationals.
    #[arg(long, value_name = "CODE")]
    source_state: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// Who approves.
    #[arg(long, value_name = "NAME")]
    by: OfficerId,
}

#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// The repository folder (metadata/ and targets/ are made in it).
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The edition's number; the next one where not given.
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// For so many days boxes take it as new.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    expires_in_days: u32,
}

pub(super) fn import(
    home: &Home,
    args: ImportArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = ImportOrder {
        persons: args.persons,
        documents: args.documents,
        source: args.source,
        legal_basis: args.legal_basis,
        source_state: args.source_state.map(|code| code.to_ascii_uppercase()),
    };
    let report = list::import(&mut Register::open(home)?, &order, now)?;
    print.answer(&report, || {
        format!(
            "{} lists {} persons and {} documents: {} added, {} changed, {} unchanged, {} withdrawn",
            order.source,
            report.persons,
            report.documents,
            report.added,
            report.changed,
            report.unchanged,
            report.withdrawn
        )
    })
}

pub(super) fn lint(home: &Home, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let findings = list::lint(&Register::open(home)?, today)?;
    for finding in &findings {
        print.answer(finding, || {
            format!(
                "{:<28} {:<20} {}: {}",
                finding.finding.as_str(),
                finding.entry.as_deref().unwrap_or("-"),
                finding.source,
                finding.detail
            )
        })?;
    }
    if findings.is_empty() && !print.json {
        writeln!(std::io::stdout(), "nothing to look at").map_err(stdout_failed)?;
    }
    Ok(())
}

pub(super) fn approve(
    home: &Home,
    args: &ApproveArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let by = &args.by;
    let standing = list::approve(&mut Register::open(home)?, by, now)?;
    print.answer(&standing, || {
        format!(
            "{by} approves {} persons and {} documents, digest {}\napproved by: {}",
            standing.persons,
            standing.documents,
            standing.digest,
            standing.approvers.join(", ")
        )
    })
}

pub(super) fn publish(
    home: &Home,
    args: PublishArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = PublishOrder {
        out: args.out,
        number: args.number,
        expires_in_days: args.expires_in_days,
    };
    let done = list::publish(home, &mut Register::open(home)?, &order, now)?;
    print.answer(&done, || {
        format!(
            "edition {} is published in {}: {} persons, {} documents, {} files of {} bytes, good until {}; \
             approved by {}",
            done.number,
            done.out.display(),
            done.persons,
            done.documents,
            done.files.len(),
            done.bytes,
            done.expires_at,
            done.approvers.join(", ")
        )
    })
}
