//! `mpaka outbox`: records on their way to headquarters.

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::error::PostError;
use crate::health::Health;
use crate::sync::{Headquarters, UploadError};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{OutboxStatus, StoreError};

#[derive(Debug, Args)]
pub(super) struct OutboxArgs {
    #[command(subcommand)]
    command: OutboxCommand,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// The parcels that wait.
    List,
    /// How many were made, receipted, and wait.
    Status,
    /// Send what waits; what is receipted is erased here.
    Upload {
        /// Headquarters' address: https, or http on this machine.
        #[arg(long, value_name = "URL")]
        hq: String,
        /// Take no more than so much of the link, in kbit/s.
        #[arg(long, value_name = "N")]
        kbit: Option<u64>,
    },
}

#[derive(Debug, Serialize)]
struct ParcelObject {
    post: String,
    sequence: u64,
    kind: &'static str,
    made_at: Timestamp,
    bytes: usize,
}

#[derive(Debug, Serialize)]
struct UploadObject {
    sent: u64,
    erased: u64,
    #[serde(flatten)]
    outbox: OutboxObject,
}

#[derive(Debug, Serialize)]
struct OutboxObject {
    /// Parcels made at this post.
    parcels: u64,
    /// Parcels that headquarters' signed word covers.
    receipts: u64,
    /// Parcels that wait.
    waiting: u64,
    waiting_bytes: u64,
    oldest: Option<Timestamp>,
}

impl From<OutboxStatus> for OutboxObject {
    fn from(status: OutboxStatus) -> Self {
        Self {
            parcels: status.last.0,
            receipts: status.receipt.map_or(0, |r| r.up_to.0),
            waiting: status.waiting,
            waiting_bytes: status.waiting_bytes,
            oldest: status.oldest,
        }
    }
}

pub(super) fn run(context: Context, args: &OutboxArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let appliance = Appliance::open(&context.state)?;
    match &args.command {
        OutboxCommand::List => {
            // A batch at a time: weeks of parcels are more than one, and more than is taken into memory.
            let mut listed = BTreeSet::new();
            loop {
                let batch = appliance.next_batch(usize::MAX, &listed)?;
                if batch.is_empty() {
                    return Ok(());
                }
                for parcel in batch {
                    let header = parcel.header();
                    listed.insert(header.sequence);
                    let object = ParcelObject {
                        post: header.post.to_string(),
                        sequence: header.sequence.0,
                        kind: header.kind.as_str(),
                        made_at: header.made_at,
                        bytes: parcel.to_bytes().len(),
                    };
                    context.out.answer(&object, || {
                        format!(
                            "{}/{:06} {} {} {} bytes",
                            object.post, object.sequence, object.kind, object.made_at, object.bytes
                        )
                    })?;
                }
            }
        }
        OutboxCommand::Status => {
            let outbox = OutboxObject::from(appliance.outbox()?);
            context.out.answer(&outbox, || outbox_text(&outbox))
        }
        OutboxCommand::Upload { hq, kbit } => {
            let credentials = appliance.credentials()?;
            let pace = kbit.map(|kbit| kbit.saturating_mul(125));
            let headquarters = Headquarters::paced(hq, credentials.as_ref(), pace)?;
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .map_err(|e| PostError::System(e.to_string()))?;
            let uploaded = runtime.block_on(async {
                let contacted = headquarters.contact(&appliance).await;
                // What makes room on a full disk is receipts: they come first, and the contact after them.
                let full = matches!(contacted, Err(UploadError::Store(StoreError::DiskFull)));
                if !full {
                    contacted?;
                }
                let uploaded = headquarters.upload(&appliance).await?;
                if full {
                    headquarters.contact(&appliance).await?;
                }
                let health =
                    Health::default().report(&appliance, &context.state, Timestamp::now())?;
                // An older headquarters takes none; what was sent is sent.
                if let Err(e) = headquarters.report(&health).await {
                    tracing::debug!("headquarters was not told how this box is: {e}");
                }
                Ok::<_, UploadError>(uploaded)
            })?;
            let object = UploadObject {
                sent: uploaded.sent,
                erased: uploaded.erased,
                outbox: appliance.outbox()?.into(),
            };
            context.out.answer(&object, || {
                format!(
                    "sent {}, erased {}; {}",
                    object.sent,
                    object.erased,
                    outbox_text(&object.outbox)
                )
            })
        }
    }
}

fn outbox_text(outbox: &OutboxObject) -> String {
    format!(
        "parcels {}, receipts {}, waiting {}",
        outbox.parcels, outbox.receipts, outbox.waiting
    )
}
