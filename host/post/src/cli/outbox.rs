//! `mpaka outbox`: records on their way to headquarters.

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::error::PostError;
use crate::health::Health;
use crate::stick::{self, StickError};
use crate::sync::{Headquarters, UploadError};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use seal::receipt::{RECEIPT_LIMIT, SignedReceipt};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read};
use std::path::{Path, PathBuf};
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
    /// Copy what waits onto a stick, sealed as it is: a backup, or the way to headquarters without a link
    /// (mpaka-hq take). Nothing is erased.
    Export {
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Take headquarters' receipt for what came on a stick; what it covers is erased here.
    Receipt {
        /// What headquarters wrote (mpaka-hq take).
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
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
struct ExportObject {
    parcels: u64,
    file: PathBuf,
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
        OutboxCommand::Export { to } => {
            let parcels = export(&appliance, to)?;
            let object = ExportObject {
                parcels,
                file: to.clone(),
            };
            context
                .out
                .answer(&object, || format!("{parcels} parcels in {}", to.display()))
        }
        OutboxCommand::Receipt { file } => {
            let mut bytes = Vec::new();
            File::open(file)
                .and_then(|file| file.take(RECEIPT_LIMIT as u64 + 1).read_to_end(&mut bytes))
                .map_err(|e| PostError::text(file, e))?;
            // What is wrong is the file that was named: another is to be brought.
            let receipt = SignedReceipt::from_bytes(&bytes)
                .and_then(|receipt| receipt.verify_among(&appliance.hq_keys()))
                .map_err(|e| PostError::text(file, io::Error::new(ErrorKind::InvalidData, e)))?;
            let object = UploadObject {
                sent: 0,
                erased: appliance.acknowledge(&receipt)?,
                outbox: appliance.outbox()?.into(),
            };
            context.out.answer(&object, || {
                format!("erased {}; {}", object.erased, outbox_text(&object.outbox))
            })
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

/// Writes everything that waits; how many parcels that is. The file is on the medium when this returns.
fn export(appliance: &Appliance, to: &Path) -> Result<u64, PostError> {
    let failed = |e| PostError::text(to, e);
    let file = File::create(to).map_err(failed)?;
    let (parcels, file) =
        stick::write_waiting(appliance, BufWriter::new(file)).map_err(|e| match e {
            StickError::Store(e) => e.into(),
            StickError::Medium(e) => failed(e),
        })?;
    let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(parcels)
}

fn outbox_text(outbox: &OutboxObject) -> String {
    format!(
        "parcels {}, receipts {}, waiting {}",
        outbox.parcels, outbox.receipts, outbox.waiting
    )
}
