//! The rights of persons, and a post's ledger under the magnifying glass.

use super::protection::By;
use super::{DatabaseArgs, OrderedRecord, Printer, wait};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::audit;
use mpaka_hq::home::Home;
use mpaka_hq::pkcs11::file_of_opening_key;
use mpaka_hq::rights::{self, Person, Told};
use rules::PostId;
use seal::protection::ProtectionKey;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct SubjectAccessArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The number of a document.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// A name or a part of it, in any script.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Look into protection records too, with the key of those who look after them.
    #[arg(long, value_name = "FILE")]
    protection_key: Option<PathBuf>,
    #[command(flatten)]
    by: By,
}

impl SubjectAccessArgs {
    /// What it is about, for headquarters' ledger: whom is personal data, and stands in none.
    pub(super) fn about(&self) -> Value {
        match &self.protection_key {
            Some(_) => json!({ "protection": true, "holder": self.by.holder() }),
            None => Value::Null,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct EraseArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    record: OrderedRecord,
}

impl EraseArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        self.record.about()
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
    let key = match args.protection_key.as_deref() {
        Some(path) => Some(ProtectionKey::open(file_of_opening_key(path)?, || {
            args.by.word()
        })?),
        None => None,
    };
    let show = |told: Told| {
        print.answer(&told, || {
            format!(
                "{}/{:06}  {}  {} {}{}\n    {}",
                told.post,
                told.sequence,
                told.opened_at,
                told.advice,
                told.decision.unwrap_or("-"),
                if told.by_likeness {
                    "  FOUND BY LIKENESS: look whether it is this person's before it is given out"
                } else {
                    ""
                },
                told.mrz.join("\n    ")
            )
        })
    };
    let looked = rights::subject_access(home, &database, &person, key.as_ref(), show);
    let uncovered = wait(looked)?;
    for (records, why) in [
        (
            uncovered.protection,
            "protection records were not looked into: --protection-key opens them",
        ),
        (uncovered.erased, "records were erased before"),
        (uncovered.unopened, "records do not open"),
        (
            uncovered.without_zone,
            "records have no document's zone: nothing in them says whose they are",
        ),
    ] {
        if records > 0 {
            tracing::warn!("{records} {why}");
        }
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
    let OrderedRecord { post, order, .. } = &args.record;
    let erased = rights::erase(home, &database, post, args.record.sequence(), order, now);
    let proof = wait(erased)?;
    print.answer(&proof, || {
        format!(
            "{}/{:06} is erased by order \"{}\" at {}\n    {}\n    digest {}\n    headquarters' word {}",
            proof.post,
            proof.sequence,
            proof.order,
            proof.at,
            proof.done,
            proof.digest,
            proof.word
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
