//! Parcels that came on a stick: taken as those that come over the link are.

use super::desk::Desk;
use super::server::{Peer, ReceiveOrder};
use crate::HqError;
use crate::home::Home;
use rules::{PostId, Sequence};
use seal::carrier::Reader;
use seal::durable::{self, Readers};
use seal::parcel::batch;
use seal::receipt::SignedReceipt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TakenFromStick {
    /// The post that it came from.
    pub post: PostId,
    /// Parcels in it.
    pub parcels: u64,
    /// All of the post's parcels up to this one are here now.
    pub up_to: Sequence,
    /// Where the receipt for the post was written.
    pub receipt: PathBuf,
}

/// Takes a file that a post wrote (`mpaka outbox export`), and writes the receipt that the post waits for.
///
/// # Errors
/// [`HqError::Unreadable`] where it is no such file, or its box is refused; and what keys and the database say.
/// What came before the fault is here.
pub async fn take_from_stick(
    home: &Home,
    order: &ReceiveOrder,
    file: &Path,
    receipt: &Path,
) -> Result<TakenFromStick, HqError> {
    let unreadable = |why: String| HqError::unreadable(file, why);
    let desk = Desk::open(home, order).await?;
    let from = std::fs::File::open(file).map_err(|e| unreadable(e.to_string()))?;
    let mut reader =
        Reader::begin(std::io::BufReader::new(from)).map_err(|e| unreadable(e.to_string()))?;
    let mut newest: Option<(PostId, SignedReceipt)> = None;
    let mut parcels = 0;
    while let Some(body) = reader.next_batch().map_err(|e| unreadable(e.to_string()))? {
        let within = batch::decode(&body).map_err(|e| unreadable(e.to_string()))?;
        let Some(first) = within.first() else {
            continue;
        };
        let post = first.header().post.clone();
        if newest.as_ref().is_some_and(|(before, _)| *before != post) {
            return Err(unreadable("it holds parcels of two posts".into()));
        }
        let answer = Arc::clone(&desk)
            .take(Peer::Loopback, body)
            .await
            .map_err(|refusal| unreadable(refusal.to_string()))?;
        parcels += within.len() as u64;
        newest = Some((post, SignedReceipt::from_bytes(&answer)?));
    }
    let Some((post, newest)) = newest else {
        return Err(unreadable("it holds no parcel".into()));
    };
    durable::replace(receipt, &newest.to_bytes(), Readers::Anyone).map_err(HqError::io(receipt))?;
    Ok(TakenFromStick {
        post,
        parcels,
        up_to: newest.unverified().up_to,
        receipt: receipt.to_owned(),
    })
}
