//! The key of protection records, and the records that only it opens.

use super::passphrase::Passphrases;
use super::{DatabaseArgs, Printer, wait};
use clap::{Args, Subcommand};
use mpaka_hq::HqError;
use mpaka_hq::audit;
use mpaka_hq::home::Home;
use mpaka_hq::pkcs11::file_of_opening_key;
use rules::{OfficerId, PostId};
use seal::protection::ProtectionKey;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

#[derive(Debug, Args)]
pub(super) struct ProtectionArgs {
    #[command(subcommand)]
    command: ProtectionCommand,
}

#[derive(Debug, Subcommand)]
enum ProtectionCommand {
    /// Make another key, under a passphrase. Boxes seal to it after: mpaka-hq rekey --protection FILE.
    Make {
        /// Where to write it: a medium of those who look after protection.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        by: By,
    },
    /// Open protection records and print them: personal data of people who may be persecuted.
    Open {
        /// The key's file.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        by: By,
        #[command(flatten)]
        database: DatabaseArgs,
        /// Only this post's.
        #[arg(long, value_name = "POST")]
        post: Option<PostId>,
    },
}

/// Whose passphrase the key lies under, and where it comes from.
#[derive(Debug, Args)]
pub(super) struct By {
    /// Who holds the key.
    #[arg(long, value_name = "NAME", default_value = "protection")]
    holder: OfficerId,
    /// A file with the passphrase; asked for where not given.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl By {
    /// Who holds the key.
    pub(super) fn holder(&self) -> &OfficerId {
        &self.holder
    }

    /// The passphrase.
    pub(super) fn word(&self) -> Result<Zeroizing<String>, HqError> {
        let holder = Passphrases::from(self.passphrase_file.as_deref())?.of(&self.holder)?;
        Ok(holder.passphrase)
    }
}

impl ProtectionArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        match &self.command {
            ProtectionCommand::Make { by, .. } => json!({ "made": true, "holder": by.holder }),
            ProtectionCommand::Open { by, post, .. } => {
                json!({ "opened": true, "holder": by.holder, "post": post })
            }
        }
    }
}

#[derive(Serialize)]
struct Made<'a> {
    public: String,
    key: &'a Path,
}

pub(super) fn run(home: &Home, args: &ProtectionArgs, print: &Printer) -> Result<(), HqError> {
    match &args.command {
        ProtectionCommand::Make { key, by } => {
            let key = file_of_opening_key(key)?;
            let made = ProtectionKey::create(key, Some(&by.word()?))?;
            let made = Made {
                public: made.public().to_string(),
                key,
            };
            print.answer(&made, || {
                format!(
                    "{} holds the protection key {}. Next: mpaka-hq rekey --protection {}, then take that file \
                     off this machine.",
                    by.holder,
                    made.public,
                    key.display()
                )
            })
        }
        ProtectionCommand::Open {
            key,
            by,
            database,
            post,
        } => {
            let key = ProtectionKey::open(file_of_opening_key(key)?, || by.word())?;
            let database = database.of(home)?;
            wait(audit::protection(
                home,
                &database,
                post.as_ref(),
                &key,
                |line| {
                    print.answer(&line, || {
                        let inside = match (&line.record, &line.fault) {
                            (Some(record), _) => record
                                .document
                                .as_ref()
                                .map_or_else(|| "no zone".to_owned(), |d| d.mrz.join(" ")),
                            (None, fault) => fault.clone().unwrap_or_default(),
                        };
                        format!("{}/{:06}  {inside}", line.post, line.sequence)
                    })
                },
            ))
        }
    }
}
