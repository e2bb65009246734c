//! The rights of persons, and a post's ledger under the magnifying glass.

use super::{DatabaseArgs, Printer, wait};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::audit;
use mpaka_hq::home::Home;
use mpaka_hq::rights::{self, Person};
use rules::{PostId, Sequence};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct SubjectAccessArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The number of a document.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// A name or a part of it, as the zone of the document has it.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct EraseArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The post.
    #[arg(long, value_name = "POST")]
    post: PostId,
    /// The encounter's number there.
    #[arg(long, value_name = "N")]
    sequence: u64,
    /// The order that it rests on: a decision, a law, a date.
    #[arg(long, value_name = "TEXT")]
    order: String,
}

impl EraseArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "post": self.post, "sequence": self.sequence, "order": self.order })
    }
}

#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The post.
    #[arg(long, value_name = "POST")]
    post: PostId,
    /// What the box wrote (mpaka ledger export).
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn subject_access(
    home: &Home,
    args: SubjectAccessArgs,
    print: &Printer,
) -> Result<(), HqError> {
    let person = Person {
        number: args.number,
        name: args.name,
    };
    let database = args.database.of(home)?;
    let unopened = wait(rights::subject_access(home, &database, &person, |told| {
        print.answer(&told, || {
            format!(
                "{}/{:06}  {}  {} {}\n    {}",
                told.post,
                told.sequence,
                told.opened_at,
                told.advice,
                told.decision.unwrap_or("-"),
                told.mrz.join("\n    ")
            )
        })
    }))?;
    if unopened > 0 {
        tracing::warn!("{unopened} records could not be opened, or were erased");
    }
    Ok(())
}

pub(super) fn erase(
    home: &Home,
    args: &EraseArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let database = args.database.of(home)?;
    let sequence = Sequence(args.sequence);
    let proof = wait(rights::erase(
        home,
        &database,
        &args.post,
        sequence,
        &args.order,
        now,
    ))?;
    print.answer(&proof, || {
        format!(
            "{}/{:06} is erased by order \"{}\" at {}\n    digest {}\n    headquarters' word {}",
            proof.post, proof.sequence, proof.order, proof.at, proof.digest, proof.word
        )
    })
}

pub(super) fn ledger(home: &Home, args: &LedgerArgs, print: &Printer) -> Result<(), HqError> {
    let database = args.database.of(home)?;
    let verdict = wait(audit::ledger(&database, &args.post, &args.file))?;
    print.answer(&verdict, || match &verdict.fault {
        None => format!(
            "the ledger of {} verifies: {} lines, all {} places that headquarters has seen are in it",
            verdict.post, verdict.lines, verdict.seen
        ),
        Some(fault) => format!("the ledger of {} does NOT verify: {fault}", verdict.post),
    })
}
