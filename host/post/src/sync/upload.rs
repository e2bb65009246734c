//! Sending parcels and hearing from headquarters: a contact renews the lease and has the ledger's standing
//! counter-signed; then parcels go in batches, until none waits; each is erased only after a signed receipt.
//!
//! A batch that breaks off goes on from where it was, and what breaks off again and again goes on as long as
//! each connection carries it a little further.

use super::link::{Address, Credentials, Link};
use crate::appliance::Appliance;
use bytes::Bytes;
use hyper::{Method, StatusCode};
use rules::Sequence;
use seal::SealError;
use seal::checkpoint::{ANSWER_LIMIT, ContactAnswer};
use seal::health::SignedHealth;
use seal::parcel::{SealedParcel, batch};
use seal::receipt::{RECEIPT_LIMIT, SignedReceipt};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::sync::Mutex;

/// The first batch, in bytes; then twice as much as long as the link carries it.
const FIRST_BUDGET: usize = 64 * 1024;
/// The smallest and the largest batch, in bytes.
const BUDGETS: std::ops::RangeInclusive<usize> = (8 * 1024)..=(1024 * 1024);
/// A body below this is sent again whole where it broke off: asking where it stands would cost as much.
const WHOLE: usize = 4 * 1024;

/// Why nothing more was sent. What was not receipted still waits.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The address cannot be used: give an https URL.
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
    /// Who answers is not this box's headquarters, or does not take this box's certificate.
    #[error("who answers is not this box's headquarters, or does not know this box: {0}")]
    NotTrusted(String),
    /// Headquarters refused: is this box enrolled there, and in service?
    #[error("headquarters refused ({status} {error}): {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Headquarters' name for the reason.
        error: String,
        /// Its words.
        why: String,
        /// When it may be asked again.
        again_after: Option<Duration>,
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
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] crate::state::StateError),
}

impl UploadError {
    /// When headquarters asked to be asked again.
    #[must_use]
    pub fn again_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { again_after, .. } => *again_after,
            _ => None,
        }
    }

    /// Whether the same body may go through another time.
    fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::NotTrusted(_) => true,
            Self::Refused { again_after, .. } => again_after.is_some(),
            _ => false,
        }
    }
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
    address: Address,
    memory: Arc<Mutex<Memory>>,
}

/// What one upload tells the next.
#[derive(Debug)]
struct Memory {
    /// Parcels that headquarters has, beyond those that its receipts cover: a large one before them waits.
    sent: BTreeSet<Sequence>,
    budget: usize,
    /// What was begun and not finished: a part of it may be there already.
    unfinished: Option<Sending>,
}

impl Headquarters {
    /// Headquarters at this address.
    ///
    /// # Errors
    /// [`UploadError::Address`].
    pub fn at(url: &str, credentials: Option<&Credentials>) -> Result<Self, UploadError> {
        Self::paced(url, credentials, None)
    }

    /// The same, with bodies taking no more than so many bytes a second of the link.
    ///
    /// # Errors
    /// [`UploadError::Address`].
    pub fn paced(
        url: &str,
        credentials: Option<&Credentials>,
        bytes_a_second: Option<u64>,
    ) -> Result<Self, UploadError> {
        Ok(Self {
            address: Address::of(url, credentials, bytes_a_second)?,
            memory: Arc::new(Mutex::new(Memory {
                sent: BTreeSet::new(),
                budget: FIRST_BUDGET,
                unfinished: None,
            })),
        })
    }

    /// Says where the ledger stands, and keeps what headquarters answers: the lease, its counter-signature,
    /// its newer keys.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn contact(&self, appliance: &Appliance) -> Result<(), UploadError> {
        self.contact_over(&mut self.address.reach().await?, appliance)
            .await
    }

    async fn contact_over(
        &self,
        link: &mut Link,
        appliance: &Appliance,
    ) -> Result<(), UploadError> {
        let checkpoint = tokio::task::block_in_place(|| appliance.checkpoint())?;
        let body = Bytes::from(checkpoint.to_bytes());
        let answer = link
            .ask(Method::POST, "/v1/contact", &[], body, ANSWER_LIMIT)
            .await?;
        let answer = ContactAnswer::from_bytes(&answer.granted()?)?;
        tokio::task::block_in_place(|| appliance.heard(&checkpoint, &answer))
    }

    /// Tells headquarters how this box is.
    ///
    /// # Errors
    /// [`UploadError`]: nothing is lost by that, the next report says it again.
    pub async fn report(&self, report: &SignedHealth) -> Result<(), UploadError> {
        let body = Bytes::from(report.to_bytes());
        let mut link = self.address.reach().await?;
        let answer = link
            .ask(Method::POST, "/v1/health-reports", &[], body, ANSWER_LIMIT)
            .await?;
        answer.granted().map(drop)
    }

    /// Sends everything that waits.
    ///
    /// # Errors
    /// [`UploadError`]; the batches before the failing one are receipted and erased.
    pub async fn upload(&self, appliance: &Appliance) -> Result<Uploaded, UploadError> {
        let mut memory = self.memory.lock().await;
        let mut done = Uploaded::default();
        let mut link = None;
        loop {
            let mut sending = match memory.unfinished.take() {
                Some(unfinished) => unfinished,
                None => {
                    let parcels = tokio::task::block_in_place(|| {
                        appliance.next_batch(memory.budget, &memory.sent)
                    })?;
                    if parcels.is_empty() {
                        return nothing_waits(&mut memory, done);
                    }
                    Sending::of(&parcels)
                }
            };
            let receipt = match self.deliver(&mut link, &mut sending).await {
                Ok(receipt) => receipt,
                Err(e) => {
                    memory.budget = (memory.budget / 2).max(*BUDGETS.start());
                    if e.may_pass() {
                        memory.unfinished = Some(sending);
                    }
                    return Err(e);
                }
            };
            memory.budget = (memory.budget * 2).min(*BUDGETS.end());
            self.accept(&mut memory, &mut done, appliance, &sending, receipt)?;
        }
    }

    /// Erases what a receipt covers, and remembers what it does not yet.
    fn accept(
        &self,
        memory: &mut Memory,
        done: &mut Uploaded,
        appliance: &Appliance,
        sending: &Sending,
        receipt: SignedReceipt,
    ) -> Result<(), UploadError> {
        let receipt = receipt.verify_among(&appliance.hq_keys())?;
        let up_to = receipt.receipt().up_to;
        done.erased += tokio::task::block_in_place(|| appliance.acknowledge(&receipt))?;
        done.sent += sending.parcels.len() as u64;
        done.receipts += 1;
        memory.sent.extend(&sending.parcels);
        memory.sent.retain(|sequence| *sequence > up_to);
        Ok(())
    }

    /// Carries one body over, through as many connections as it takes, as long as each gets it further.
    async fn deliver(
        &self,
        link: &mut Option<Link>,
        sending: &mut Sending,
    ) -> Result<SignedReceipt, UploadError> {
        if sending.begun && sending.in_parts() {
            sending.offset = self.stands(link, sending).await?;
        }
        // A connection left over from the last batch may be dead: that is found out once.
        let mut left_over = link.is_some();
        loop {
            let error = match self.send(link, sending).await {
                Ok(receipt) => return Ok(receipt),
                Err(error) => error,
            };
            *link = None;
            let again = matches!(error, UploadError::Unreachable(_))
                || matches!(&error, UploadError::Refused { error, .. } if error == "offset");
            if !again {
                return Err(error);
            }
            if !sending.in_parts() {
                if !std::mem::take(&mut left_over) {
                    return Err(error);
                }
                continue;
            }
            let before = sending.offset;
            sending.offset = self.stands(link, sending).await?;
            if sending.offset <= before && !std::mem::take(&mut left_over) {
                return Err(error);
            }
        }
    }

    async fn send(
        &self,
        link: &mut Option<Link>,
        sending: &mut Sending,
    ) -> Result<SignedReceipt, UploadError> {
        let link = self.open(link).await?;
        sending.begun = true;
        let answer = link
            .ask(
                Method::POST,
                "/v1/parcels",
                &sending.headers(),
                sending.body.slice(sending.offset..),
                RECEIPT_LIMIT,
            )
            .await?;
        if answer.status == StatusCode::ACCEPTED {
            return Err(UploadError::Unreachable("it has a part only".into()));
        }
        Ok(SignedReceipt::from_bytes(&answer.granted()?)?)
    }

    /// How much of an upload headquarters has.
    async fn stands(
        &self,
        link: &mut Option<Link>,
        sending: &Sending,
    ) -> Result<usize, UploadError> {
        let link = self.open(link).await?;
        let path = format!("/v1/uploads/{}", sending.id);
        let answer = link
            .ask(Method::GET, &path, &[], Bytes::new(), RECEIPT_LIMIT)
            .await?;
        let offset = answer.number("upload-offset").unwrap_or(0);
        answer.granted()?;
        let offset = usize::try_from(offset).unwrap_or(0);
        Ok(offset.min(sending.body.len()))
    }

    async fn open<'a>(&self, link: &'a mut Option<Link>) -> Result<&'a mut Link, UploadError> {
        if link.is_none() {
            *link = Some(self.address.reach().await?);
        }
        link.as_mut()
            .ok_or_else(|| UploadError::Unreachable("no connection".into()))
    }
}

/// The end of an upload.
fn nothing_waits(memory: &mut Memory, done: Uploaded) -> Result<Uploaded, UploadError> {
    if memory.sent.is_empty() {
        return Ok(done);
    }
    // Everything is there by our own account, and no receipt says so: send it again.
    memory.sent.clear();
    Err(UploadError::NotReceipted(
        "it covers none of the parcels that were sent".into(),
    ))
}

/// A body on its way. It has a name, so that the rest of it can be sent another time: over the next connection,
/// or when headquarters can be reached again.
#[derive(Debug)]
struct Sending {
    /// The parcels in it.
    parcels: Vec<Sequence>,
    body: Bytes,
    /// The first 16 bytes of its SHA-256, hexadecimal.
    id: String,
    /// So much of it is there by our own account.
    offset: usize,
    /// Whether any of it was sent.
    begun: bool,
}

impl Sending {
    fn of(parcels: &[SealedParcel]) -> Self {
        let body = Bytes::from(batch::encode(parcels));
        let digest = ring::digest::digest(&ring::digest::SHA256, &body);
        Self {
            parcels: parcels.iter().map(|p| p.header().sequence).collect(),
            id: hex::encode(&digest.as_ref()[..16]),
            body,
            offset: 0,
            begun: false,
        }
    }

    /// Whether it goes on from where it broke off.
    fn in_parts(&self) -> bool {
        self.body.len() >= WHOLE
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        if !self.in_parts() {
            return vec![];
        }
        vec![
            ("upload-id", self.id.clone()),
            ("upload-offset", self.offset.to_string()),
            ("upload-length", self.body.len().to_string()),
        ]
    }
}
