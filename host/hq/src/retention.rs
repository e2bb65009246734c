//! Retention at headquarters: a record leaves after so many days since it arrived, by its class, unless a hold keeps
//! it. Its number and digest stay, so that it is not taken again and a post's numbers stay without a gap.

use crate::HqError;
use crate::hold;
use crate::home::Home;
use crate::parcels::{Database, Held, Medium};
use crate::rights::fit_order;
use jiff::{SignedDuration, Timestamp};
use rules::{PostId, Sequence};
use seal::parcel::ParcelKind;
use serde::Serialize;

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Ordinary records, in days since they arrived.
    pub ordinary_days: u32,
    /// Protection records, in days since they arrived.
    pub protection_days: u32,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// Ordinary records erased, and boxes' words that one was lost.
    pub ordinary: u64,
    /// Protection records erased.
    pub protection: u64,
    /// Records whose time is over and that a hold keeps.
    pub under_hold: u64,
    /// What has become of the bytes.
    pub medium: Medium,
    /// The same in words.
    pub done: &'static str,
}

/// Erases every record whose time is over. Interrupted, it goes on when it is asked again.
///
/// # Errors
/// [`HqError::OrderUnfit`], and what the databases say.
pub async fn expire(
    home: &Home,
    database: &Database,
    retention: &Retention,
    order: &str,
    now: Timestamp,
) -> Result<Expired, HqError> {
    fit_order(order)?;
    let store = database.open_existing().await?;
    // No hold is placed between the look and the erasure.
    let _records = hold::records(home)?;
    let kept = hold::kept(home)?;
    let mut over: Vec<(PostId, Sequence, bool)> = Vec::new();
    let mut under_hold = 0;
    let mut look = |held: Held| {
        let protected = is_protected(&held.kind);
        let days = match protected {
            true => retention.protection_days,
            false => retention.ordinary_days,
        };
        let age = SignedDuration::from_hours(24 * i64::from(days));
        if held.sealed.is_empty() || now.duration_since(held.received_at) < age {
            return Ok(());
        }
        if kept.contains_key(&(held.post.clone(), held.sequence.0)) {
            under_hold += 1;
        } else {
            over.push((held.post, held.sequence, protected));
        }
        Ok(())
    };
    store.each(None, &mut look).await?;
    let (mut ordinary, mut protection) = (0, 0);
    for (post, sequence, protected) in &over {
        store.erase(post, *sequence, order, now).await?;
        match protected {
            true => protection += 1,
            false => ordinary += 1,
        }
    }
    let medium = store.clear().await?;
    Ok(Expired {
        ordinary,
        protection,
        under_hold,
        medium,
        done: medium.words(),
    })
}

/// The class stands in the parcel's header, so that nothing is opened for this.
fn is_protected(kind: &str) -> bool {
    [ParcelKind::Protected, ParcelKind::ProtectedAgain]
        .iter()
        .any(|protected| protected.as_str() == kind)
}
