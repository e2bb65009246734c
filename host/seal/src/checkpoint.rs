//! Checkpoints: a box's signed word where its ledger stands, for headquarters to counter-sign.

use crate::chain::Head;
use crate::device::{DeviceKey, DevicePublic};
use crate::hq::HqKeyId;
use crate::{SealError, wire};
use jiff::Timestamp;
use rules::PostId;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

/// The most that a checkpoint may measure, in bytes.
pub const CHECKPOINT_LIMIT: usize = 1024;
/// The most that headquarters' answer to one may measure, in bytes.
pub const ANSWER_LIMIT: usize = 16 * 1024;

const VERSION: u64 = 1;
const PURPOSE: &str = "mpaka checkpoint v1";
const WHAT: &str = "checkpoint";

/// Where a ledger stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The post.
    pub post: PostId,
    /// Its last line.
    pub ledger: Head,
    /// When, by the box's clock.
    pub at: Timestamp,
    /// Headquarters' keys that the box seals to: headquarters answers with those, and with newer ones.
    pub hq: HqKeyId,
}

#[derive(Serialize, Deserialize)]
struct Wire(u64, ByteBuf, ByteArray<64>);

/// A checkpoint with the box's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    body: Vec<u8>,
    checkpoint: Checkpoint,
    signature: [u8; 64],
}

impl SignedCheckpoint {
    /// The box's word.
    #[must_use]
    pub fn sign(checkpoint: Checkpoint, device: &DeviceKey) -> Self {
        let body = wire::encode(&checkpoint);
        Self {
            signature: device.sign(PURPOSE, &[&body]),
            body,
            checkpoint,
        }
    }

    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(&Wire(
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
        let Wire(version, body, signature) = wire::decode_exact(bytes, CHECKPOINT_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        Ok(Self {
            checkpoint: wire::decode(&body, CHECKPOINT_LIMIT, WHAT)?,
            body: body.into_vec(),
            signature: signature.into_array(),
        })
    }

    /// What it says. Trust it only after [`SignedCheckpoint::verify`].
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Checks that this box signed it.
    ///
    /// # Errors
    /// [`SealError::SignatureWrong`].
    pub fn verify(&self, device: &DevicePublic) -> Result<&Checkpoint, SealError> {
        device.verify(PURPOSE, &[&self.body], &self.signature, WHAT)?;
        Ok(&self.checkpoint)
    }
}

/// Headquarters' answer to a checkpoint. The words in it are signed each for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactAnswer {
    /// A lease, renewed by this contact.
    pub lease: ByteBuf,
    /// The counter-signature under the checkpoint.
    pub counter: ByteBuf,
    /// How headquarters' keys changed since the one that the box named, oldest first.
    pub successions: Vec<ByteBuf>,
}

impl ContactAnswer {
    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        wire::decode(bytes, ANSWER_LIMIT, "answer to a checkpoint")
    }
}
