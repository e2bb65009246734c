//! Headquarters' own ledger on the command line.

use super::Printer;
use clap::Args;
use mpaka_hq::HqError;
use mpaka_hq::acts::{self, Phase};
use mpaka_hq::home::Home;
use serde::Serialize;

#[derive(Debug, Args)]
pub(super) struct ActsArgs {
    /// Only the last so many.
    #[arg(long, value_name = "N")]
    last: Option<usize>,
}

#[derive(Serialize)]
struct Verified {
    lines: u64,
    head: String,
}

pub(super) fn run(home: &Home, args: &ActsArgs, print: &Printer) -> Result<(), HqError> {
    let (lines, head) = acts::verify(home)?;
    let skipped = args.last.map_or(0, |last| lines.len().saturating_sub(last));
    for line in lines.iter().skip(skipped) {
        print.answer(line, || {
            let phase = match line.act.phase {
                Phase::Begun => "begun",
                Phase::Done => "done",
                Phase::Failed => "FAILED",
            };
            format!(
                "{:>6}  {}  {:<12} {:<12} {phase}  {}",
                line.line, line.act.at, line.act.by, line.act.act, line.act.detail
            )
        })?;
    }
    let verified = Verified {
        lines: head.line,
        head: hex::encode(head.hash),
    };
    print.answer(&verified, || {
        format!(
            "{} lines verify; head {}: whoever wrote an older head down can find it above",
            verified.lines, verified.head
        )
    })
}
