//! Receipts: headquarters' signed word that it has every parcel of a post up to a number.

use crate::chain::Head;
use crate::hq::{HqKeyId, HqPrivate, HqPublic};
use crate::{SealError, wire};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

/// The most that a receipt may measure, in bytes.
pub const RECEIPT_LIMIT: usize = 4096;

const VERSION: u64 = 1;
const SIGNATURE: &str = "mpaka receipt v1";
const WHAT: &str = "receipt";

/// What a receipt says. Cumulative: a later one covers all that earlier ones covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The post whose parcels arrived.
    pub post: PostId,
    /// All parcels from 1 to this one are durably at headquarters; 0 where none is.
    pub up_to: Sequence,
    /// The ledger's head that the header of parcel `up_to` carries ([`Head::start`] where there is none):
    /// the box compares it with its own ledger, and so both sides vouch for the same history.
    pub ledger: Head,
    /// When headquarters gave it.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    receipt: Receipt,
    hq: HqKeyId,
}

#[derive(Serialize, Deserialize)]
struct WireReceipt(u64, ByteBuf, ByteArray<64>);

/// A receipt with headquarters' signature, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    body: Vec<u8>,
    receipt: Receipt,
    hq: HqKeyId,
    signature: [u8; 64],
}

/// A receipt whose signature was checked: the only kind that a store erases parcels for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReceipt(SignedReceipt);

impl Receipt {
    /// Headquarters' word.
    ///
    /// # Errors
    /// [`SealError::Token`] where a token holds the key and does not sign.
    pub fn sign(self, hq: &HqPrivate) -> Result<SignedReceipt, SealError> {
        let id = hq.public().id();
        let body = Body {
            receipt: self,
            hq: id,
        };
        let bytes = wire::encode(&body);
        Ok(SignedReceipt {
            signature: hq.sign(SIGNATURE, &[&bytes])?,
            body: bytes,
            receipt: body.receipt,
            hq: id,
        })
    }
}

impl SignedReceipt {
    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(&WireReceipt(
            VERSION,
            ByteBuf::from(self.body.clone()),
            ByteArray::new(self.signature),
        ))
    }

    /// Reads the wire form. Checks its shape, not its signature.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let WireReceipt(version, body, signature) = wire::decode_exact(bytes, RECEIPT_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        let Body { receipt, hq } = wire::decode(&body, RECEIPT_LIMIT, WHAT)?;
        Ok(Self {
            body: body.into_vec(),
            receipt,
            hq,
            signature: signature.into_array(),
        })
    }

    /// What it says, before its signature was checked: for showing, not for believing.
    #[must_use]
    pub fn unverified(&self) -> &Receipt {
        &self.receipt
    }

    /// Checks that this headquarters signed it.
    ///
    /// # Errors
    /// [`SealError::AnotherHq`], [`SealError::SignatureWrong`].
    pub fn verify(self, hq: &HqPublic) -> Result<VerifiedReceipt, SealError> {
        self.verify_among(std::slice::from_ref(hq))
    }

    /// Checks that headquarters signed it, with one of the keys that it has had.
    ///
    /// # Errors
    /// [`SealError::AnotherHq`], [`SealError::SignatureWrong`].
    pub fn verify_among(self, known: &[HqPublic]) -> Result<VerifiedReceipt, SealError> {
        let hq = HqPublic::named(known, self.hq, WHAT)?;
        crate::signed::verify(
            hq.receipt_key(),
            SIGNATURE,
            &[&self.body],
            &self.signature,
            WHAT,
        )?;
        Ok(VerifiedReceipt(self))
    }
}

impl VerifiedReceipt {
    /// What it says.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.0.receipt
    }

    /// The wire form, for keeping as proof.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}
