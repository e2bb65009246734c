//! Sending parcels: in batches, until none waits; each batch is erased only after a signed receipt.

use crate::appliance::Appliance;
use reqwest::{Client, StatusCode, Url};
use seal::SealError;
use seal::parcel::{SealedParcel, batch};
use seal::receipt::{RECEIPT_LIMIT, SignedReceipt};
use serde::Serialize;
use std::time::Duration;
use store::StoreError;

/// The most parcels of one batch.
const BATCH_PARCELS: usize = 256;
/// The most bytes that are read of an answer: a receipt, or a refusal in words.
const ANSWER_LIMIT_BYTES: usize = RECEIPT_LIMIT;

/// Why nothing more was sent. What was not receipted still waits.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The address cannot be used: give an http URL.
    #[error("{url} is no address of a headquarters: {why}")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Headquarters cannot be reached: try later; everything waits.
    #[error("headquarters cannot be reached: {0}")]
    Unreachable(String),
    /// Headquarters refused the batch: is this box enrolled there?
    #[error("headquarters refused the parcels ({status}): {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its words.
        why: String,
    },
    /// The answer is no receipt for what was sent: nothing is erased.
    #[error("headquarters' answer is no receipt for these parcels: {0}")]
    NotReceipted(String),
    /// A parcel or receipt does not verify.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an upload did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Uploaded {
    /// Parcels sent.
    pub sent: u64,
    /// Receipts verified.
    pub receipts: u64,
    /// Parcels erased on the word of those receipts.
    pub erased: u64,
}

/// Headquarters as the post reaches it.
#[derive(Debug, Clone)]
pub struct Headquarters {
    client: Client,
    parcels: Url,
}

impl Headquarters {
    /// Headquarters at this address.
    ///
    /// # Errors
    /// [`UploadError::Address`].
    pub fn at(url: &str) -> Result<Self, UploadError> {
        let address = |why: String| UploadError::Address {
            url: url.to_owned(),
            why,
        };
        let base = if url.ends_with('/') {
            url.to_owned()
        } else {
            format!("{url}/")
        };
        let base = Url::parse(&base).map_err(|e| address(e.to_string()))?;
        let parcels = base
            .join("v1/parcels")
            .map_err(|e| address(e.to_string()))?;
        let client = super::fetch::client().map_err(|e| address(e.to_string()))?;
        Ok(Self { client, parcels })
    }

    /// Sends everything that waits.
    ///
    /// # Errors
    /// [`UploadError`]; the batches before the failing one are receipted and erased.
    pub async fn upload(&self, appliance: &Appliance) -> Result<Uploaded, UploadError> {
        let mut done = Uploaded::default();
        loop {
            let parcels = tokio::task::block_in_place(|| appliance.pending(BATCH_PARCELS))?;
            if parcels.is_empty() {
                return Ok(done);
            }
            let sent = parcels.len() as u64;
            let receipt = self.send(&parcels).await?.verify(appliance.hq())?;
            let erased = tokio::task::block_in_place(|| appliance.acknowledge(&receipt))?;
            if erased == 0 {
                // Sending the same again would only load the link.
                return Err(UploadError::NotReceipted(
                    "it covers none of the parcels that were sent".into(),
                ));
            }
            done.sent += sent;
            done.receipts += 1;
            done.erased += erased;
        }
    }

    async fn send(&self, parcels: &[SealedParcel]) -> Result<SignedReceipt, UploadError> {
        let response = self
            .client
            .post(self.parcels.clone())
            .header("content-type", "application/cbor")
            .timeout(Duration::from_secs(120))
            .body(batch::encode(parcels))
            .send()
            .await
            .map_err(|e| UploadError::Unreachable(super::fetch::said(&e)))?;
        let status = response.status();
        let answer = super::fetch::body(response, ANSWER_LIMIT_BYTES)
            .await
            .map_err(|e| UploadError::Unreachable(e.to_string()))?;
        if status != StatusCode::OK {
            return Err(UploadError::Refused {
                status: status.as_u16(),
                why: String::from_utf8_lossy(&answer).chars().take(300).collect(),
            });
        }
        Ok(SignedReceipt::from_bytes(&answer)?)
    }
}
