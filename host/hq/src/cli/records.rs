//! What arrived: audited, listed.

use super::{DatabaseArgs, Printer, wait};
use clap::Args;
use mpaka_hq::HqError;
use mpaka_hq::audit::{self, Opened};
use mpaka_hq::home::Home;
use rules::PostId;

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
