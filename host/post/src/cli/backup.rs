//! `mpaka backup`: the whole box on a stick, sealed to headquarters.

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::backup;
use crate::error::PostError;
use clap::Args;
use jiff::Timestamp;
use rules::PostId;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The folder to write it into: a stick. Headquarters opens it (mpaka-hq backup open); nothing is erased here. The
    /// store is held meanwhile: stop the desk first.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Serialize)]
struct BackupObject<'a> {
    file: &'a Path,
    post: &'a PostId,
    made_at: Timestamp,
    files: usize,
    bytes: u64,
    /// Parcels within that wait for headquarters' receipt.
    waiting: u64,
    /// The ledger's last line within.
    line: u64,
}

pub(super) fn run(context: Context, args: &BackupArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let appliance = Appliance::open(&context.state)?;
    let written = backup::write(&appliance, &context.state, Timestamp::now(), &args.to)?;
    let about = &written.manifest.about;
    let object = BackupObject {
        file: &written.file,
        post: &about.post,
        made_at: about.made_at,
        files: written.manifest.files.len(),
        bytes: written.manifest.files.iter().map(|file| file.bytes).sum(),
        waiting: written.waiting,
        line: about.ledger.line,
    };
    context.out.answer(&object, || {
        format!(
            "{}: {} files, {} parcels that wait, the ledger up to line {}. Headquarters opens it: mpaka-hq backup open",
            object.file.display(),
            object.files,
            object.waiting,
            object.line
        )
    })
}
