//! The rights of persons: what headquarters holds of somebody, and its erasure with proof.
//!
//! Parcels are opened one after the other with headquarters' keys: there is no index of persons, and none is
//! made. What is answered is a fixed set of fields; scores and candidates of a search are not among them. Protection
//! records are looked into only where those who look after protection have brought their key.

mod person;

pub use person::Person;

use crate::HqError;
use crate::audit::{Opener, Unopened};
use crate::hold;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::parcels::{Database, Held, Medium};
use jiff::Timestamp;
use person::{Fit, Wanted};
use rules::{EncounterRecord, PostId, Sequence};
use seal::protection::ProtectionKey;
use seal::word::{Erasure, Signed};
use serde::Serialize;

/// No order of erasure, hold or export is longer, in bytes: with more a signed proof could not be read again.
pub const ORDER_LIMIT: usize = 4096;

/// What is told of one encounter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// The post.
    pub post: PostId,
    /// The encounter's number there.
    pub sequence: u64,
    /// When the document was presented.
    pub opened_at: Timestamp,
    /// The document's zone.
    pub mrz: Vec<String>,
    /// The zone as the machine read it, where an officer corrected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mrz_before_correction: Option<Vec<String>>,
    /// Whether it was found by a likeness of names across scripts: a person looks whether it is this person's before
    /// it is given out.
    #[serde(skip_serializing_if = "is_not")]
    pub by_likeness: bool,
    /// Every question asked of the document and the face, with its answer.
    pub checks: Vec<ToldCheck>,
    /// What the machine said.
    pub advice: &'static str,
    /// What the officer said.
    pub decision: Option<&'static str>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToldCheck {
    /// The question.
    pub check: &'static str,
    /// The answer.
    pub outcome: &'static str,
}

/// Proof that a record was erased.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// The post.
    pub post: PostId,
    /// The encounter's number there.
    pub sequence: u64,
    /// SHA-256 of the sealed record that was erased.
    pub digest: String,
    /// When.
    pub at: Timestamp,
    /// By what order.
    pub order: String,
    /// What has become of the bytes.
    pub medium: Medium,
    /// The same in words.
    pub done: &'static str,
    /// Headquarters' signed word for all this (hexadecimal CBOR).
    pub word: String,
}

// Serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_not(said: &bool) -> bool {
    !said
}

/// Records that were not looked into, or could not be told apart by persons: what an answer does not cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Uncovered {
    /// Protection records: it takes their key.
    pub protection: u64,
    /// Erased before; only their numbers and digests are left.
    pub erased: u64,
    /// Records that do not open.
    pub unopened: u64,
    /// Records without a document's zone: nothing in them says whose they are.
    pub without_zone: u64,
}

/// Shows everything that is held of a person; what that does not cover.
///
/// # Errors
/// [`HqError::NobodyNamed`], what keys and the database say, or `see`.
pub async fn subject_access(
    home: &Home,
    database: &Database,
    person: &Person,
    protection: Option<&ProtectionKey>,
    mut see: impl FnMut(Told) -> Result<(), HqError> + Send,
) -> Result<Uncovered, HqError> {
    let wanted = Wanted::of(person).ok_or(HqError::NobodyNamed)?;
    let opener = Opener::new(home)?;
    let store = database.open_existing().await?;
    let mut uncovered = Uncovered::default();
    let mut look = |held: Held| {
        match opener.open(&held, protection) {
            Ok(record) => match wanted.fits(&record) {
                Some(fit) => return see(told(record, fit)),
                None => uncovered.without_zone += u64::from(record.document.is_none()),
            },
            Err(Unopened::Protected) => uncovered.protection += 1,
            Err(Unopened::Erased) => uncovered.erased += 1,
            Err(_) => uncovered.unopened += 1,
        }
        Ok(())
    };
    store.each(None, &mut look).await?;
    Ok(uncovered)
}

fn told(record: EncounterRecord, fit: Fit) -> Told {
    let (mrz, mrz_before_correction) = match record.document {
        Some(document) => (document.mrz, document.mrz_before_correction),
        None => (Vec::new(), None),
    };
    Told {
        post: record.id.post,
        sequence: record.id.sequence.0,
        opened_at: record.opened_at,
        mrz,
        mrz_before_correction,
        by_likeness: fit == Fit::Likeness,
        checks: record
            .checks
            .iter()
            .map(|check| ToldCheck {
                check: check.check.as_str(),
                outcome: check.outcome.as_str(),
            })
            .collect(),
        advice: record.advised.advice.as_str(),
        decision: record.decision.map(|d| d.decision.as_str()),
    }
}

/// An order as it may stand in tables and proofs.
///
/// # Errors
/// [`HqError::OrderUnfit`].
pub(crate) fn fit_order(order: &str) -> Result<(), HqError> {
    let fit = !order.trim().is_empty()
        && order.len() <= ORDER_LIMIT
        && !order.chars().any(char::is_control);
    fit.then_some(()).ok_or(HqError::OrderUnfit)
}

/// Erases one record at headquarters. Its number and digest stay, so that it is not taken again.
///
/// # Errors
/// [`HqError::NoSuchRecord`], [`HqError::UnderHold`], [`HqError::OrderUnfit`], or what keys and the database say.
pub async fn erase(
    home: &Home,
    database: &Database,
    post: &PostId,
    sequence: Sequence,
    order: &str,
    now: Timestamp,
) -> Result<Proof, HqError> {
    fit_order(order)?;
    let keys = Keyring::open(home)?;
    // Nothing is erased that could not be vouched for.
    keys.current().ready()?;
    let store = database.open_existing().await?;
    // No hold is placed between the look and the erasure.
    let _records = hold::records(home)?;
    hold::none_stands(home, post, sequence)?;
    let Some(erased) = store.erase(post, sequence, order, now).await? else {
        return Err(HqError::NoSuchRecord {
            post: post.clone(),
            sequence: sequence.0,
        });
    };
    let medium = store.clear().await?;
    let word = Signed::sign(
        Erasure {
            post: erased.post.clone(),
            sequence,
            digest: erased.digest,
            at: erased.at,
            order: erased.order.clone(),
        },
        keys.current(),
    )?;
    Ok(Proof {
        post: erased.post,
        sequence: erased.sequence,
        digest: hex::encode(erased.digest),
        at: erased.at,
        order: erased.order,
        medium,
        done: medium.words(),
        word: hex::encode(word.to_bytes()),
    })
}
