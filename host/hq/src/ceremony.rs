//! The ceremony: held once, offline, before witnesses. It makes every key that headquarters has.

use crate::HqError;
use crate::home::Home;
use jiff::{SignedDuration, Timestamp};
use seal::SealError;
use seal::bundle::publish::{self, Holder, Plan, Quorum, Record};
use seal::hq::HqPrivate;
use seal::protection::{ProtectionKey, ProtectionPublic};
use serde::Serialize;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// What the ceremony is to make.
#[derive(Debug)]
pub struct CeremonyOrder {
    /// Root keys, and how many of them must sign.
    pub root: Quorum,
    /// Keys that sign editions, and how many of them must.
    pub targets: Quorum,
    /// For so many days the root is good.
    pub root_expires_in_days: u32,
    /// Who holds the keys for editions, one each, under a passphrase; nobody for a pilot, where the keys lie
    /// open in their folder.
    pub holders: Vec<Holder>,
    /// The passphrase of the key that protection records are sealed to; it lies open where absent.
    pub protection: Option<Zeroizing<String>>,
}

/// What witnesses write down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CeremonyRecord {
    /// The root and the roles' keys.
    #[serde(flatten)]
    pub root: Record,
    /// Names headquarters' parcel and receipt keys.
    pub hq_key: String,
    /// Names the key that protection records are sealed to.
    pub protection_key: String,
    /// Where its private half lies now.
    pub protection: PathBuf,
    /// Where the private keys lie now.
    pub keys: PathBuf,
    /// The file that boxes are enrolled with, beside the root.
    pub hq_public: PathBuf,
}

/// Makes the signing roles' keys and the first root, and the keys for parcels and receipts.
///
/// The root is made last: a ceremony that was interrupted has not been held, and is held again.
///
/// # Errors
/// [`HqError::Publish`] (`CeremonyHeld` where there is a root already), [`HqError::Seal`].
pub fn hold(home: &Home, order: CeremonyOrder, now: Timestamp) -> Result<CeremonyRecord, HqError> {
    let passphrase = order.protection.as_ref().map(|word| word.as_str());
    let protection = match ProtectionKey::create(&home.protection(), passphrase) {
        Ok(key) => key.public(),
        // A ceremony that was interrupted.
        Err(SealError::KeyFileExists { path }) => ProtectionPublic::of_key_file(&path)?,
        Err(e) => return Err(e.into()),
    };
    let private = HqPrivate::open_or_create_with(&home.private(), Some(protection))?;
    private.public().write(&home.public())?;
    let root_expires_at = days_after(now, order.root_expires_in_days);
    let root = publish::ceremony(
        &home.keys(),
        &home.roots(),
        &Plan {
            root: order.root,
            targets: order.targets,
            snapshot: Quorum::ONE,
            timestamp: Quorum::ONE,
            root_expires_at,
            holders: order.holders,
        },
    )?;
    Ok(CeremonyRecord {
        root,
        hq_key: private.public().id().to_string(),
        protection_key: protection.to_string(),
        protection: home.protection(),
        keys: home.keys(),
        hq_public: home.public(),
    })
}

/// So many days of 24 hours later; the end of time where there are not so many.
#[must_use]
pub fn days_after(now: Timestamp, days: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}
