//! Exports: a fixed set of things, each into a file.

use super::{DatabaseArgs, Printer, wait};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::export::{self, ExportOrder, Kind};
use mpaka_hq::home::Home;
use mpaka_hq::statistics::Period;
use rules::PostId;
use serde_json::{Value, json};
use std::path::PathBuf;

pub(super) const EXPORT_HELP: &str = "\
posts        how each post's records and ledger stand (CSV)
encounters   advice, decision and outcomes of each ordinary encounter, by the hour; no person (CSV)
statistics   counts and shares; no person (JSON)
decisions    whole ordinary records: personal data, by --order only (JSON, one a line)
erasures     what was erased, when and by what order (CSV)
holds        every hold, and who released it (CSV)
acts         the ledger of headquarters' acts, verified (JSON, one a line)
Nothing else is exported, and protection records are in none of these.";

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What: posts, encounters, statistics, decisions, erasures, holds or acts.
    kind: Kind,
    /// The file to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only this post's: of encounters, statistics and decisions.
    #[arg(long, value_name = "POST")]
    post: Option<PostId>,
    /// From this moment on (2026-11-01T00:00:00Z).
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Up to this moment.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// The order that it rests on; needed for decisions.
    #[arg(long, value_name = "TEXT")]
    order: Option<String>,
}

impl ExportArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({
            "kind": self.kind, "post": self.post, "from": self.from, "until": self.until,
            "order": self.order, "out": self.out,
        })
    }
}

pub(super) fn run(home: &Home, args: ExportArgs, print: &Printer) -> Result<(), HqError> {
    let database = args.database.of(home)?;
    let order = ExportOrder {
        kind: args.kind,
        period: Period {
            from: args.from,
            until: args.until,
            post: args.post,
        },
        order: args.order,
        out: args.out,
    };
    let exported = wait(export::export(home, &database, &order))?;
    print.answer(&exported, || {
        format!(
            "{}: {} rows in {}, sha256 {}{}",
            exported.kind,
            exported.rows,
            exported.out.display(),
            hex::encode(exported.sha256),
            match exported.left_out {
                0 => String::new(),
                records => format!("; {records} records are not in it"),
            }
        )
    })
}
