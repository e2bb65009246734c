//! The ceremony and the rotation of keys.

use super::Printer;
use super::passphrase::{self, Passphrases};
use super::pkcs11::{self, Existing};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::approval;
use mpaka_hq::ceremony::{self, CeremonyOrder, KeyFor, NewKey, NewKeys};
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
    #[command(flatten)]
    tokens: TokenArgs,
}

/// Keys that are made in tokens.
#[derive(Debug, Args)]
struct TokenArgs {
    /// A key that is made in a token and never leaves it: [FOR=]pkcs11:token=…;object=… (RFC 7512), FOR root (where
    /// absent), targets, snapshot, timestamp, receipts or authority. Once for each key. No PIN stands in it: it is
    /// asked for, or read from the file that ?pin-source=file:/PATH names, which keys of programs need.
    #[arg(long = "key", value_name = "KEY")]
    key: Vec<String>,
    #[command(flatten)]
    existing: Existing,
}

impl TokenArgs {
    fn new_keys(&self) -> Result<NewKeys, HqError> {
        // Read here and not by the command line's own reader, which repeats what it refuses: a PIN, perhaps.
        let keys = self.key.iter().map(|text| text.parse::<NewKey>());
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        Ok(NewKeys::new(keys, pkcs11::asking(self.existing.making())))
    }
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
    #[command(flatten)]
    tokens: TokenArgs,
}

pub(super) fn hold_ceremony(
    home: &Home,
    args: &CeremonyArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let in_tokens = args.tokens.new_keys()?;
    // As many keys as tokens and as holders, unless told otherwise.
    let tokens_of = |role| u8::try_from(in_tokens.count(KeyFor::Role(role))).unwrap_or(u8::MAX);
    let root_keys = args.keys.max(tokens_of(Role::Root));
    let targets_keys = match u8::try_from(args.holder.len()) {
        Ok(0) => args.targets_keys.max(tokens_of(Role::Targets)),
        Ok(holders) => holders,
        Err(_) => u8::MAX,
    };
    let order = CeremonyOrder {
        root: Quorum::new(args.threshold, root_keys)?,
        targets: Quorum::new(args.targets_threshold, targets_keys)?,
        root_expires_in_days: args.expires_in_days,
        holders: Passphrases::from(args.passphrase_file.as_deref())?.of_all(&args.holder)?,
        protection: args
            .protection_passphrase_file
            .as_deref()
            .map(passphrase::first_line)
            .transpose()?,
    };
    let record = ceremony::hold(home, order, &in_tokens, now)?;
    print.answer(&record, || {
        let mut tokens = String::new();
        for place in &record.in_tokens {
            let what = format!("{} in", place.what);
            tokens += &format!("{what:<24} {}\n", place.place);
        }
        let apart = match root_keys - tokens_of(Role::Root) {
            0 => "Now: put each root key's token into a safe of its own.".to_owned(),
            _ => format!(
                "Now: copy each root key from {} to a medium of its own, one safe each, and erase it here.",
                record.keys.display()
            ),
        };
        format!(
            "The ceremony has been held. Witnesses: write this down.\n\n{}\nparcel and receipt keys  {}\n\
             protection key           {}\n{tokens}\n\
             {apart}\n\
             Give {} to those who look after protection, on a medium of theirs, and erase it here.\n\
             Boxes are enrolled with {} and {}.",
            record_text(&record.root),
            record.hq_key,
            record.protection_key,
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
    let in_tokens = args.tokens.new_keys()?;
    let replaced: BTreeSet<KeyFor> = replace.iter().copied().map(KeyFor::Role).collect();
    if let Some(what) = in_tokens.uris.keys().find(|what| !replaced.contains(what)) {
        return Err(HqError::KeyNotReplaced {
            what: what.to_string(),
        });
    }
    let holders = Passphrases::from(args.passphrase_file.as_deref())?.of_all(&args.holder)?;
    in_tokens.prepare(&holders, &ceremony::staying(home, &replaced)?)?;
    let record = publish::rotate_with(
        &home.keys(),
        &home.roots(),
        &replace,
        &holders,
        expires_at,
        &in_tokens.of_roles(),
    )?;
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
        // Where they lie stands in the record; what somebody typed is not repeated here, it may hold a PIN.
        let tokens = self.tokens.key.len();
        json!({ "roles": roles, "holders": self.holder, "in_tokens": tokens })
    }
}
