//! The ceremony and the rotation of keys.

use super::Printer;
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::ceremony::{self, CeremonyOrder};
use mpaka_hq::home::Home;
use seal::bundle::publish::{self, Quorum, Role};

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
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// A role whose keys are all replaced: root, targets, snapshot or timestamp. May be given several times.
    #[arg(long, value_name = "ROLE")]
    role: Vec<Role>,
    /// For so many days the next root is good.
    #[arg(long, default_value_t = 1826, value_name = "DAYS")]
    expires_in_days: u32,
}

pub(super) fn hold_ceremony(
    home: &Home,
    args: &CeremonyArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = CeremonyOrder {
        root: Quorum::new(args.threshold, args.keys)?,
        targets: Quorum::new(args.targets_threshold, args.targets_keys)?,
        root_expires_in_days: args.expires_in_days,
    };
    let record = ceremony::hold(home, &order, now)?;
    print.answer(&record, || {
        format!(
            "The ceremony has been held. Witnesses: write this down.\n\n{}\nparcel and receipt keys  {}\n\n\
             Now: copy each root key from {} to a medium of its own, one safe each, and erase it here.\n\
             Boxes are enrolled with {} and {}.",
            record_text(&record.root),
            record.hq_key,
            record.keys.display(),
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
    let replace = args.role.iter().copied().collect();
    let record = publish::rotate(&home.keys(), &home.roots(), &replace, expires_at)?;
    print.answer(&record, || {
        format!(
            "The next root is signed. Witnesses: write this down.\n\n{}\nIt reaches boxes with the next edition.",
            record_text(&record)
        )
    })
}
