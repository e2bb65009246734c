//! Boxes that leave, and what they held.

use crate::HqError;
use crate::health::Uptake;
use crate::home::Home;
use crate::office::Office;
use crate::parcels::Database;
use crate::register::{Register, Standing};
use jiff::Timestamp;
use rules::PostId;
use serde::Serialize;

/// What a box held when it was last heard of: what a thief may have, behind the box's locks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    /// The box.
    pub post: PostId,
    /// Whether it may still speak for its post.
    pub standing: Standing,
    /// When it was last heard of, by report or parcel.
    pub last_heard: Option<Timestamp>,
    /// Editions that it said it has; it keeps the two newest.
    pub editions: Vec<Uptake>,
    /// Parcels up to this one are here; the box erases what is receipted.
    pub received_up_to: u64,
    /// Records that waited on the box by its last report: the most that can be on it and not here.
    pub waiting: Option<u64>,
    /// When the oldest of those was sealed.
    pub oldest_waiting: Option<Timestamp>,
    /// Until when it could work: after that it locks itself.
    pub lease_until: Option<Timestamp>,
}

/// What a box held when it was last heard of.
///
/// # Errors
/// [`HqError::PostUnknown`], and what the databases say.
pub async fn held(home: &Home, database: &Database, post: &PostId) -> Result<Held, HqError> {
    let enrolled = Register::open(home)?
        .post(post)?
        .ok_or_else(|| HqError::PostUnknown { post: post.clone() })?;
    let (mut received_up_to, mut contact) = (0, None);
    match database.open_existing().await {
        Ok(store) => {
            let counts = store.counts().await?;
            let count = counts.into_iter().find(|count| count.post == *post);
            received_up_to = count.map_or(0, |count| count.up_to);
            let contacts = store.contacts().await?;
            contact = contacts.into_iter().find(|contact| contact.post == *post);
        }
        Err(HqError::NothingReceived { .. }) => {}
        Err(e) => return Err(e),
    }
    let office = Office::open(home)?;
    let reported = office.health()?.remove(post);
    let report = reported.as_ref().map(|r| &r.report);
    Ok(Held {
        post: post.clone(),
        standing: enrolled.standing,
        last_heard: reported
            .as_ref()
            .map(|r| r.received_at)
            .max(contact.as_ref().map(|c| c.seen_at)),
        editions: office.uptake(Some(post))?,
        received_up_to,
        waiting: report.map(|r| r.outbox.waiting),
        oldest_waiting: report.and_then(|r| r.outbox.oldest),
        lease_until: contact
            .map(|c| c.lease_until)
            .max(report.and_then(|r| r.lease_until)),
    })
}
