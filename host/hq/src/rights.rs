//! The rights of persons: what headquarters holds of somebody, and its erasure with proof.
//!
//! Parcels are opened one after the other with headquarters' keys: there is no index of persons, and none is
//! made. What is answered is a fixed set of fields; scores and candidates of a search are not among them.

use crate::HqError;
use crate::audit::Opener;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::parcels::{Database, Held};
use jiff::Timestamp;
use rules::{EncounterRecord, PostId, Sequence};
use seal::word::{Erasure, Signed};
use serde::Serialize;

/// Whose records: everything given must fit.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The document's number, as its zone has it.
    pub number: Option<String>,
    /// A part of the name, as the zone has it.
    pub name: Option<String>,
}

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
    /// Headquarters' signed word for all this (hexadecimal CBOR).
    pub word: String,
}

impl Person {
    fn fits(&self, record: &EncounterRecord) -> bool {
        let Some(document) = &record.document else {
            return false;
        };
        let zone = document.mrz.concat().to_ascii_uppercase();
        let within = |wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| {
                let wanted = zone_form(wanted);
                !wanted.is_empty() && zone.contains(&wanted)
            })
        };
        within(&self.number) && within(&self.name)
    }
}

/// Letters as a zone has them (Doc 9303-3 section 4.6: what is neither letter nor digit is a filler).
fn zone_form(text: &str) -> String {
    text.trim()
        .to_ascii_uppercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '<' })
        .collect()
}

/// Shows everything that is held of a person; how many records could not be opened.
///
/// # Errors
/// [`HqError::NobodyNamed`], what keys and the database say, or `see`.
pub async fn subject_access(
    home: &Home,
    database: &Database,
    person: &Person,
    mut see: impl FnMut(Told) -> Result<(), HqError> + Send,
) -> Result<u64, HqError> {
    if person.number.is_none() && person.name.is_none() {
        return Err(HqError::NobodyNamed);
    }
    let opener = Opener::new(home)?;
    let store = database.open_existing().await?;
    let mut unopened = 0;
    let mut look = |held: Held| match opener.open(&held) {
        Ok(record) if person.fits(&record) => see(told(record)),
        Ok(_) => Ok(()),
        Err(_) => {
            unopened += 1;
            Ok(())
        }
    };
    store.each(None, &mut look).await?;
    Ok(unopened)
}

fn told(record: EncounterRecord) -> Told {
    Told {
        post: record.id.post,
        sequence: record.id.sequence.0,
        opened_at: record.opened_at,
        mrz: record.document.map(|d| d.mrz).unwrap_or_default(),
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

/// Erases one record at headquarters. Its number and digest stay, so that it is not taken again.
///
/// # Errors
/// [`HqError::NoSuchRecord`], or what keys and the database say.
pub async fn erase(
    home: &Home,
    database: &Database,
    post: &PostId,
    sequence: Sequence,
    order: &str,
    now: Timestamp,
) -> Result<Proof, HqError> {
    let keys = Keyring::open(home)?;
    let store = database.open_existing().await?;
    let Some(erased) = store.erase(post, sequence, order, now).await? else {
        return Err(HqError::NoSuchRecord {
            post: post.clone(),
            sequence: sequence.0,
        });
    };
    let word = Signed::sign(
        Erasure {
            post: erased.post.clone(),
            sequence,
            digest: erased.digest,
            at: erased.at,
            order: erased.order.clone(),
        },
        keys.current(),
    );
    Ok(Proof {
        post: erased.post,
        sequence: erased.sequence,
        digest: hex::encode(erased.digest),
        at: erased.at,
        order: erased.order,
        word: hex::encode(word.to_bytes()),
    })
}
