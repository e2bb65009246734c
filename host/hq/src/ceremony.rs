//! The ceremony: held once, offline, before witnesses. It makes every key that headquarters has.

use crate::HqError;
use crate::home::Home;
use crate::pkcs11::{self, Curve, KeyUri, Pkcs11Error, Pkcs11Tokens, TokenName};
use crate::transport::Authority;
use jiff::{SignedDuration, Timestamp};
use seal::SealError;
use seal::bundle::publish::{
    self, Holder, InTokens, KeyFolder, Plan, PublishError, Quorum, Record, Role,
};
use seal::hq::HqPrivate;
use seal::protection::{ProtectionKey, ProtectionPublic};
use seal::token::Tokens;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
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

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyFor {
    /// A role's signatures.
    Role(Role),
    /// Receipts, leases, and every other word of headquarters.
    Receipts,
    /// Certificates.
    Authority,
}

impl KeyFor {
    /// What kind of key that takes.
    #[must_use]
    pub fn curve(self) -> Curve {
        match self {
            Self::Role(_) | Self::Receipts => Curve::Ed25519,
            Self::Authority => Curve::P256,
        }
    }

    /// Whether a person uses it, rather than a program that nobody watches.
    fn is_a_persons(self) -> bool {
        matches!(self, Self::Role(Role::Root | Role::Targets))
    }
}

impl fmt::Display for KeyFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => fmt::Display::fmt(role, f),
            Self::Receipts => f.write_str("receipts"),
            Self::Authority => f.write_str("authority"),
        }
    }
}

/// One key to be made in a token: `[FOR=]pkcs11:…`, FOR a role, `receipts` or `authority`; `root` where absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What for.
    pub what: KeyFor,
    /// Where.
    pub uri: KeyUri,
}

impl FromStr for NewKey {
    type Err = Pkcs11Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (what, uri) = match text.split_once('=') {
            Some((what, uri)) if uri.starts_with("pkcs11:") => (what, uri),
            _ => ("root", text),
        };
        let what = match what {
            "receipts" => KeyFor::Receipts,
            "authority" => KeyFor::Authority,
            role => KeyFor::Role(role.parse::<Role>().map_err(|_| Pkcs11Error::UriUnfit {
                why: "before it may stand root=, targets=, snapshot=, timestamp=, receipts= or authority=",
            })?),
        };
        Ok(Self {
            what,
            uri: uri.parse()?,
        })
    }
}

/// The keys that are to be made in tokens, and the way there.
#[derive(Debug, Clone)]
pub struct NewKeys {
    /// By what they are for, in order: the first holder's key is the first of the targets'.
    pub uris: BTreeMap<KeyFor, Vec<KeyUri>>,
    /// The way to the tokens.
    pub tokens: Arc<Pkcs11Tokens>,
}

impl NewKeys {
    /// These keys, sorted by what they are for.
    #[must_use]
    pub fn new(keys: Vec<NewKey>, tokens: Arc<Pkcs11Tokens>) -> Self {
        let mut uris: BTreeMap<KeyFor, Vec<KeyUri>> = BTreeMap::new();
        for key in keys {
            uris.entry(key.what).or_default().push(key.uri);
        }
        Self { uris, tokens }
    }

    /// How many are for this.
    #[must_use]
    pub fn count(&self, what: KeyFor) -> usize {
        self.uris.get(&what).map_or(0, Vec::len)
    }

    fn only(&self, what: KeyFor) -> Option<&KeyUri> {
        self.uris.get(&what).and_then(|uris| uris.first())
    }

    /// Makes sure that all of them can be made, before one is: tokens are here and open, and know such keys; nobody
    /// needs to type what a program uses alone; and no two people's keys lie under one PIN, be they new or of those
    /// that stay in force ([`staying`]).
    ///
    /// # Errors
    /// [`Pkcs11Error`], by cause.
    pub fn prepare(
        &self,
        holders: &[Holder],
        staying: &[(KeyFor, KeyUri)],
    ) -> Result<(), Pkcs11Error> {
        let mut used: BTreeMap<TokenName, KeyFor> = BTreeMap::new();
        for (what, uris) in &self.uris {
            if !matches!(what, KeyFor::Role(_)) && uris.len() > 1 {
                return Err(Pkcs11Error::UriUnfit {
                    why: "there is one key for receipts and one of the authority",
                });
            }
            for (number, uri) in uris.iter().enumerate() {
                let token = uri.token().to_owned();
                let holder = holders
                    .get(number)
                    .filter(|_| *what == KeyFor::Role(Role::Targets));
                match (uri.pin_source(), holder) {
                    (Some(_), Some(_)) => return Err(Pkcs11Error::PinOfHolder { token }),
                    (None, _) if !what.is_a_persons() => {
                        return Err(Pkcs11Error::PinNeeded { token });
                    }
                    _ => {}
                }
                let pin = holder.map(|holder| holder.passphrase.as_str());
                let name = self.tokens.prepare(uri, what.curve(), pin)?;
                let beside = staying.iter().filter(|(_, key)| name.holds(key));
                let mut beside = beside
                    .map(|(other, _)| *other)
                    .chain(used.insert(name.clone(), *what));
                if beside.any(|other| other.is_a_persons() || what.is_a_persons()) {
                    return Err(Pkcs11Error::TokenShared { token });
                }
            }
        }
        Ok(())
    }

    /// Those of the roles, as the signing code takes them.
    #[must_use]
    pub fn of_roles(&self) -> InTokens {
        let role = |(what, uris): (&KeyFor, &Vec<KeyUri>)| match what {
            KeyFor::Role(role) => Some((*role, uris.iter().map(KeyUri::to_string).collect())),
            KeyFor::Receipts | KeyFor::Authority => None,
        };
        InTokens {
            tokens: self.tokens.clone(),
            uris: self.uris.iter().filter_map(role).collect(),
        }
    }

    /// For the record and the ledger: what for, and where. No PIN's file is named.
    #[must_use]
    pub fn places(&self) -> Vec<TokenPlace> {
        let of = |(what, uris): (&KeyFor, &Vec<KeyUri>)| {
            let what = what.to_string();
            uris.iter()
                .map(|uri| TokenPlace {
                    what: what.clone(),
                    place: uri.place(),
                })
                .collect::<Vec<_>>()
        };
        self.uris.iter().flat_map(of).collect()
    }
}

/// Which keys lie in tokens and stay in force when those for these are replaced, and where. No token is asked for
/// anything: that of a root key may be in its safe.
///
/// # Errors
/// [`HqError::Publish`], [`HqError::Seal`], [`HqError::Pkcs11`] for what is no URI, [`HqError::Io`].
pub fn staying(home: &Home, replaced: &BTreeSet<KeyFor>) -> Result<Vec<(KeyFor, KeyUri)>, HqError> {
    let mut keys = Vec::new();
    for (role, uri) in KeyFolder::open(&home.keys())?.in_tokens() {
        keys.push((KeyFor::Role(role), uri.parse::<KeyUri>()?));
    }
    if home.private().exists() {
        let private = HqPrivate::open_with(&home.private(), &pkcs11::unattended())?;
        if let Some(uri) = private.receipts_in() {
            keys.push((KeyFor::Receipts, uri.parse()?));
        }
    }
    keys.extend(Authority::place(home)?.map(|uri| (KeyFor::Authority, uri)));
    keys.retain(|(what, _)| !replaced.contains(what));
    Ok(keys)
}

/// Where one key lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenPlace {
    /// What it is for.
    pub what: String,
    /// The token and the key in it.
    pub place: String,
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
    /// The keys that lie in tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_tokens: Vec<TokenPlace>,
    /// The file that boxes are enrolled with, beside the root.
    pub hq_public: PathBuf,
}

/// Makes the signing roles' keys and the first root, and the keys for parcels and receipts.
///
/// The root is made last: a ceremony that was interrupted has not been held, and is held again.
///
/// # Errors
/// [`HqError::Publish`] (`CeremonyHeld` where there is a root already), [`HqError::Pkcs11`], [`HqError::Seal`].
pub fn hold(
    home: &Home,
    order: CeremonyOrder,
    in_tokens: &NewKeys,
    now: Timestamp,
) -> Result<CeremonyRecord, HqError> {
    let root = home.first_root();
    if root.exists() {
        return Err(PublishError::CeremonyHeld { path: root }.into());
    }
    in_tokens.prepare(&order.holders, &[])?;
    let passphrase = order.protection.as_ref().map(|word| word.as_str());
    let protection = match ProtectionKey::create(&home.protection(), passphrase) {
        Ok(key) => key.public(),
        // A ceremony that was interrupted.
        Err(SealError::KeyFileExists { path }) => ProtectionPublic::of_key_file(&path)?,
        Err(e) => return Err(e.into()),
    };
    let way: Arc<dyn Tokens> = in_tokens.tokens.clone();
    let receipts = in_tokens.only(KeyFor::Receipts).map(KeyUri::to_string);
    let private =
        HqPrivate::open_or_create_in(&home.private(), Some(protection), receipts.as_deref(), &way)?;
    pkcs11::stands_where_asked(&home.private(), private.receipts_in(), receipts.as_deref())?;
    if let Some(uri) = in_tokens.only(KeyFor::Authority) {
        Authority::make_in_token(home, uri, &in_tokens.tokens, now)?;
    }
    private.public().write(&home.public())?;
    let root_expires_at = days_after(now, order.root_expires_in_days);
    let root = publish::ceremony_with(
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
        &in_tokens.of_roles(),
    )?;
    Ok(CeremonyRecord {
        root,
        hq_key: private.public().id().to_string(),
        protection_key: protection.to_string(),
        protection: home.protection(),
        keys: home.keys(),
        in_tokens: in_tokens.places(),
        hq_public: home.public(),
    })
}

/// So many days of 24 hours later; the end of time where there are not so many.
#[must_use]
pub fn days_after(now: Timestamp, days: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}
