//! The ceremony and the rotation of keys.

use super::Printer;
use super::passphrase::{self, Passphrases};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::approval;
use mpaka_hq::ceremony::{self, CeremonyOrder};
use mpaka_hq::home::Home;
use rules::OfficerId;
use seal::bundle::publish::{self, Quorum, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct CeremonyArgs {
    /// So many root keys must sign a new root.
    #[arg(long, default_value_t = 2, value_name = "K")]
    threshold: u8,
    /// So many root keys are made.
    #[arg(long, default_value_t = 3, value_name = "N")]
    keys: u8,
    /// So many keys must sign an edition.
    #[arg(long, default_value_t = 2, value_name = "K")]
    targets_threshold: u8,
    /// So many keys for editions are made.
    #[arg(long, default_value_t = 3, value_name = "N")]
    targets_keys: u8,
    /// For so many days the root is good.
    #[arg(long, default_value_t = 1826, value_name = "DAYS")]
    expires_in_days: u32,
    /// A person who holds one of the keys for editions under a passphrase, once for each key. Without holders
    /// the keys lie open in their folder, and approvals are names only: for a pilot.
    #[arg(long, value_name = "NAME")]
    holder: Vec<OfficerId>,
    /// A file with the holders' passphrases, a line each; asked for where not given.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file with the passphrase of the key that protection records are sealed to; without it that key lies
    /// open in the state folder until it is taken away.
    #[arg(long, value_name = "FILE")]
    protection_passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// A role whose keys are all replaced: root, targets, snapshot or timestamp. May be given several times.
    #[arg(long, value_name = "ROLE")]
    role: Vec<Role>,
    /// For so many days the next root is good.
    #[arg(long, default_value_t = 1826, value_name = "DAYS")]
    expires_in_days: u32,
    /// Who is to hold the new keys for editions, once for each key.
    #[arg(long, value_name = "NAME")]
    holder: Vec<OfficerId>,
    /// A file with the holders' new passphrases, a line each; asked for where not given.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn hold_ceremony(
    home: &Home,
    args: &CeremonyArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    // As many keys as holders, unless told otherwise.
    let targets_keys = match u8::try_from(args.holder.len()) {
        Ok(0) => args.targets_keys,
        Ok(holders) => holders,
        Err(_) => u8::MAX,
    };
    let order = CeremonyOrder {
        root: Quorum::new(args.threshold, args.keys)?,
        targets: Quorum::new(args.targets_threshold, targets_keys)?,
        root_expires_in_days: args.expires_in_days,
        holders: Passphrases::from(args.passphrase_file.as_deref())?.of_all(&args.holder)?,
        protection: args
            .protection_passphrase_file
            .as_deref()
            .map(passphrase::first_line)
            .transpose()?,
    };
    let record = ceremony::hold(home, order, now)?;
    print.answer(&record, || {
        format!(
            "The ceremony has been held. Witnesses: write this down.\n\n{}\nparcel and receipt keys  {}\n\
             protection key           {}\n\n\
             Now: copy each root key from {} to a medium of its own, one safe each, and erase it here.\n\
             Give {} to those who look after protection, on a medium of theirs, and erase it here.\n\
             Boxes are enrolled with {} and {}.",
            record_text(&record.root),
            record.hq_key,
            record.protection_key,
            record.keys.display(),
            record.protection.display(),
            record.root.root_file.display(),
            record.hq_public.display(),
        )
    })
}

fn record_text(record: &publish::Record) -> String {
    let mut text = format!(
        "root version             {}\nroot digest (SHA-256)    {}\nroot good until          {}\n",
        record.root_version, record.root_sha256, record.root_expires_at
    );
    for role in &record.roles {
        text += &format!(
            "{:<24} {} of {}\n",
            role.role.as_str(),
            role.threshold,
            role.key_ids.len()
        );
        for id in &role.key_ids {
            text += &format!("                         {id}\n");
        }
    }
    text
}

pub(super) fn rotate(
    home: &Home,
    args: &RotateArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let expires_at = ceremony::days_after(now, args.expires_in_days);
    let replace: BTreeSet<Role> = args.role.iter().copied().collect();
    if replace.contains(&Role::Targets)
        && args.holder.is_empty()
        && !approval::holders(home)?.is_empty()
    {
        return Err(HqError::HoldersNeeded);
    }
    let holders = Passphrases::from(args.passphrase_file.as_deref())?.of_all(&args.holder)?;
    let record = publish::rotate(&home.keys(), &home.roots(), &replace, &holders, expires_at)?;
    print.answer(&record, || {
        format!(
            "The next root is signed. Witnesses: write this down.\n\n{}\nIt reaches boxes with the next edition.",
            record_text(&record)
        )
    })
}

impl RotateArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        let roles: Vec<&str> = self.role.iter().map(|role| role.as_str()).collect();
        json!({ "roles": roles, "holders": self.holder })
    }
}
