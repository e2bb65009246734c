//! Records that nobody may erase, and records whose time is over.

use super::{DatabaseArgs, OrderedRecord, Printer, passphrase, wait};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::hold::{self, Hold};
use mpaka_hq::home::Home;
use mpaka_hq::retention::{self, Retention};
use rules::OfficerId;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct HoldArgs {
    #[command(subcommand)]
    step: Option<HoldStep>,
}

#[derive(Debug, Subcommand)]
enum HoldStep {
    /// Place a hold on a record: nobody erases it until two people have released it.
    Place {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        record: OrderedRecord,
        /// Who places it.
        #[arg(long, value_name = "NAME")]
        by: OfficerId,
    },
    /// Release a hold; with the release of another person it ends.
    Release {
        /// The hold's number.
        hold: i64,
        /// Who releases it.
        #[arg(long, value_name = "NAME")]
        by: OfficerId,
        /// A file with the passphrase, where the person holds a key; asked for where not given.
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
}

impl HoldArgs {
    /// What it is about, for headquarters' ledger; absent where it only looks.
    pub(super) fn about(&self) -> Option<Value> {
        Some(match self.step.as_ref()? {
            HoldStep::Place { record, by, .. } => {
                let mut about = record.about();
                about["step"] = "place".into();
                about["by"] = json!(by);
                about
            }
            HoldStep::Release { hold, by, .. } => {
                json!({ "step": "release", "hold": hold, "by": by })
            }
        })
    }
}

pub(super) fn run(
    home: &Home,
    args: &HoldArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let show = |hold: &Hold| {
        print.answer(hold, || {
            format!(
                "{:>6}  {}/{:06}  {}  \"{}\"  placed by {} at {}{}",
                hold.hold,
                hold.post,
                hold.sequence,
                if hold.stands { "stands" } else { "ended " },
                hold.order,
                hold.by,
                hold.at,
                match &hold.released_by[..] {
                    [] => String::new(),
                    people => format!(", released by {}", people.join(", ")),
                }
            )
        })
    };
    match &args.step {
        None => hold::all(home)?.iter().try_for_each(show),
        Some(HoldStep::Place {
            database,
            record,
            by,
        }) => {
            let database = database.of(home)?;
            let OrderedRecord { post, order, .. } = record;
            let placed = hold::place(home, &database, post, record.sequence(), order, by, now);
            show(&wait(placed)?)
        }
        Some(HoldStep::Release {
            hold,
            by,
            passphrase_file,
        }) => {
            let holder = passphrase::of_person(home, passphrase_file.as_deref(), by)?;
            show(&hold::release(home, *hold, &holder, now)?)
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct RetentionArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Erase ordinary records that arrived longer ago than this.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
    /// Erase protection records that arrived longer ago than this.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    protection_days: u32,
    /// The rule that it rests on: a law, a decision.
    #[arg(long, value_name = "TEXT")]
    order: String,
}

impl RetentionArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "days": self.days, "protection_days": self.protection_days, "order": self.order })
    }
}

pub(super) fn expire(
    home: &Home,
    args: &RetentionArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let database = args.database.of(home)?;
    let retention = Retention {
        ordinary_days: args.days,
        protection_days: args.protection_days,
    };
    let expired = wait(retention::expire(
        home,
        &database,
        &retention,
        &args.order,
        now,
    ))?;
    print.answer(&expired, || {
        format!(
            "{} ordinary and {} protection records are erased, {} stay under hold\n    {}",
            expired.ordinary, expired.protection, expired.under_hold, expired.done
        )
    })
}
