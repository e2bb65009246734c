//! What arrived: audited, listed.

use super::{DatabaseArgs, Printer, wait};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::audit::{self, Opened};
use mpaka_hq::home::Home;
use mpaka_hq::statistics::{Period, SMALLEST};
use rules::PostId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub(super) struct ParcelsArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this post's.
    #[arg(long, value_name = "POST")]
    post: Option<PostId>,
    /// Open them with headquarters' private key and print the records: personal data.
    #[arg(long)]
    open: bool,
}

pub(super) fn audit_all(home: &Home, args: &AuditArgs, print: &Printer) -> Result<(), HqError> {
    for post in wait(audit::audit(home, &args.database.of(home)?))? {
        print.answer(&post, || {
            let mut text = format!(
                "{:<24} {} parcels, receipted up to {}, {} gaps, {} refused, {}{}",
                post.post.as_str(),
                post.parcels,
                post.up_to,
                post.gaps,
                post.refused,
                match post.opened {
                    Some(opened) => format!("{opened} opened"),
                    None => "not opened: the private key is not here".to_owned(),
                },
                if post.enrolled { "" } else { ", NOT ENROLLED" },
            );
            for fault in &post.faults {
                text += &format!("\n    {fault}");
            }
            text
        })?;
    }
    Ok(())
}

pub(super) fn list_parcels(
    home: &Home,
    args: &ParcelsArgs,
    print: &Printer,
) -> Result<(), HqError> {
    let open = if args.open { Opened::Yes } else { Opened::No };
    wait(audit::parcels(
        home,
        &args.database.of(home)?,
        args.post.as_ref(),
        open,
        |line| {
            print.answer(&line, || {
                let inside = match (&line.record, &line.fault) {
                    (Some(record), _) => format!(
                        "  {} {}",
                        record.advised.advice.as_str(),
                        record
                            .decision
                            .as_ref()
                            .map_or("-", |d| d.decision.as_str())
                    ),
                    (None, Some(fault)) => format!("  {fault}"),
                    (None, None) => String::new(),
                };
                format!(
                    "{}/{:06}  {}  received {}  {} bytes{inside}",
                    line.post, line.sequence, line.kind, line.received_at, line.bytes
                )
            })
        },
    ))
}

impl ParcelsArgs {
    /// What it is about, for headquarters' ledger: records opened are personal data read.
    pub(super) fn about(&self) -> Option<Value> {
        self.open
            .then(|| json!({ "post": self.post, "opened": true }))
    }
}

#[derive(Debug, Args)]
pub(super) struct StatisticsArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this post's.
    #[arg(long, value_name = "POST")]
    post: Option<PostId>,
    /// From this moment on (2026-11-01T00:00:00Z).
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Up to this moment.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

pub(super) fn count(home: &Home, args: &StatisticsArgs, print: &Printer) -> Result<(), HqError> {
    let period = Period {
        from: args.from,
        until: args.until,
        post: args.post.clone(),
    };
    let database = args.database.of(home)?;
    let found = super::wait(audit::statistics(home, &database, &period))?;
    print.answer(&found, || {
        let counts = |counts: &BTreeMap<&'static str, u64>| {
            let each: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
            each.join(", ")
        };
        let mut text = format!(
            "{} encounters ({} records not opened)\nadvice     {}\ndecisions  {}, against the advice {}",
            found.all.encounters,
            found.unopened,
            counts(&found.all.advice),
            counts(&found.all.decisions),
            found.all.overrides
        );
        for (group, outcomes) in &found.all.checks {
            text += &format!("\n{group:<10} {}", counts(outcomes));
        }
        text += "\ngroup             encounters  stopped  overridden  face failed";
        for group in &found.groups {
            text += &format!(
                "\n{:<18}{:>10}  {:>6.1}%  {:>9.1}%  {}",
                group.group,
                group.encounters,
                group.stopped_share * 100.0,
                group.override_share * 100.0,
                group
                    .face_failed_share
                    .map_or_else(|| "–".to_owned(), |share| format!("{:.2}%", share * 100.0))
            );
        }
        text += &format!("\n{} groups of fewer than {SMALLEST} are not shown", found.small_groups);
        text
    })
}
