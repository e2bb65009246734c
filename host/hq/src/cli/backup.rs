//! Backups of boxes.

use super::Printer;
use clap::{Args, Subcommand};
use mpaka_hq::HqError;
use mpaka_hq::backup;
use mpaka_hq::home::Home;
use rules::PostId;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    #[command(subcommand)]
    command: BackupCommand,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Verify what a box wrote (mpaka backup), and unpack it. The parcels that waited are then taken as those on a stick
    /// are (mpaka-hq take), its ledger verified (mpaka-hq ledger).
    Open {
        /// What the box wrote.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder to unpack it into; it must not be there yet.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
    /// Unwrap the key of the store within an unpacked backup: whoever has it reads the records of that box.
    StoreKey {
        /// Where the backup was unpacked.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The post whose box it was.
        #[arg(long, value_name = "POST")]
        post: PostId,
        /// Where to write the key; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

impl BackupArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        match &self.command {
            BackupCommand::Open { file, .. } => json!({
                "open": file.file_name().map(|name| name.to_string_lossy()),
            }),
            BackupCommand::StoreKey { post, .. } => json!({ "store_key": post }),
        }
    }
}

pub(super) fn run(home: &Home, args: &BackupArgs, print: &Printer) -> Result<(), HqError> {
    match &args.command {
        BackupCommand::Open { file, into } => {
            let opened = backup::open(home, file, into)?;
            print.answer(&opened, || {
                let folder = opened.folder.display();
                let waited = match opened.receipted.0.checked_add(1) {
                    Some(first) if first <= opened.last.0 => {
                        format!("Records {first} to {} waited at the box.", opened.last)
                    }
                    _ => "No record waited at the box.".to_owned(),
                };
                format!(
                    "{}, made {} by {}: {} files in {folder}. {waited}\n\
                     Next: mpaka-hq take --receipt FILE {folder}/parcels\n\
                     and:  mpaka-hq ledger --post {} {folder}/ledger.jsonl",
                    opened.post, opened.made_at, opened.program, opened.files, opened.post,
                )
            })
        }
        BackupCommand::StoreKey { folder, post, out } => {
            backup::unwrap_store_key(home, folder, post, out)?;
            let object = json!({ "post": post, "file": out });
            print.answer(&object, || {
                format!(
                    "{} opens the store of {post}: keep it as the records that it opens",
                    out.display()
                )
            })
        }
    }
}
