//! Headquarters' signed words other than receipts: leases, admissions, its next keys, counter-signatures.
//!
//! On the wire each is a CBOR array `[version, body, signature]`; the body names the key that signed, and its
//! bytes are kept as they came and never encoded again for checking. A word of one kind never passes for
//! one of another: the signature covers the kind.

use crate::chain::Head;
use crate::device::DevicePublic;
use crate::hq::{HqKeyId, HqPrivate, HqPublic};
use crate::{SealError, wire};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::{ByteArray, ByteBuf};

const VERSION: u64 = 1;

/// One kind of word.
pub trait Statement: Serialize + DeserializeOwned {
    /// What the signature is for.
    const PURPOSE: &'static str;
    /// Its name in errors.
    const WHAT: &'static str;
    /// The most that it may measure signed, in bytes.
    const LIMIT: usize;
}

/// How long a box may work without hearing from headquarters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    /// The post.
    pub post: PostId,
    /// Its box: a lease of one box is worth nothing to another.
    pub device: DevicePublic,
    /// When headquarters gave it, by headquarters' clock.
    pub given_at: Timestamp,
    /// Until when it lasts.
    pub until: Timestamp,
}

impl Statement for Lease {
    const PURPOSE: &'static str = "mpaka lease v1";
    const WHAT: &'static str = "lease";
    const LIMIT: usize = 1024;
}

/// What headquarters hands to a box that it has enrolled: how to reach it, and the first lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// The post.
    pub post: PostId,
    /// Its box.
    pub device: DevicePublic,
    /// The box's certificate for TLS (X.509, DER), over its own signing key.
    pub certificate: ByteBuf,
    /// The authority that certificates of headquarters' own servers are signed by (X.509, DER).
    pub authority: ByteBuf,
    /// The first lease, signed.
    pub lease: ByteBuf,
}

impl Statement for Admission {
    const PURPOSE: &'static str = "mpaka admission v1";
    const WHAT: &'static str = "admission";
    const LIMIT: usize = 16 * 1024;
}

/// Headquarters' next keys, signed with the keys that they replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// The keys to seal to from now on.
    pub next: HqPublic,
    /// When they were made.
    pub at: Timestamp,
}

impl Statement for Succession {
    const PURPOSE: &'static str = "mpaka succession of keys v1";
    const WHAT: &'static str = "succession of headquarters' keys";
    const LIMIT: usize = 1024;
}

/// Headquarters' counter-signature under a box's checkpoint: it has seen the ledger stand there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterSignature {
    /// The post.
    pub post: PostId,
    /// Where its ledger stood.
    pub ledger: Head,
    /// When headquarters saw it.
    pub at: Timestamp,
}

impl Statement for CounterSignature {
    const PURPOSE: &'static str = "mpaka counter-signature v1";
    const WHAT: &'static str = "counter-signature";
    const LIMIT: usize = 1024;
}

/// Headquarters' word that it has erased a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The post that it came from.
    pub post: PostId,
    /// Its number there.
    pub sequence: Sequence,
    /// SHA-256 of the parcel as it came.
    #[serde(with = "serde_bytes")]
    pub digest: [u8; 32],
    /// When it was erased.
    pub at: Timestamp,
    /// By what order.
    pub order: String,
}

impl Statement for Erasure {
    const PURPOSE: &'static str = "mpaka erasure v1";
    const WHAT: &'static str = "proof of erasure";
    const LIMIT: usize = 8 * 1024;
}

#[derive(Serialize, Deserialize)]
struct Body<S>(S, HqKeyId);

#[derive(Serialize, Deserialize)]
struct Wire(u64, ByteBuf, ByteArray<64>);

/// A word with headquarters' signature, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<S> {
    body: Vec<u8>,
    statement: S,
    hq: HqKeyId,
    signature: [u8; 64],
}

/// A word whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<S>(Signed<S>);

impl<S: Statement> Signed<S> {
    /// Headquarters' word.
    ///
    /// # Errors
    /// [`SealError::Token`] where a token holds the key and does not sign.
    pub fn sign(statement: S, hq: &HqPrivate) -> Result<Self, SealError> {
        let body = Body(statement, hq.public().id());
        let bytes = wire::encode(&body);
        Ok(Self {
            signature: hq.sign(S::PURPOSE, &[&bytes])?,
            body: bytes,
            statement: body.0,
            hq: body.1,
        })
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
        let Wire(version, body, signature) = wire::decode_exact(bytes, S::LIMIT, S::WHAT)?;
        wire::check_version(version, VERSION, S::WHAT)?;
        let Body(statement, hq) = wire::decode(&body, S::LIMIT, S::WHAT)?;
        Ok(Self {
            body: body.into_vec(),
            statement,
            hq,
            signature: signature.into_array(),
        })
    }

    /// What it says, before its signature was checked: for showing, not for believing.
    #[must_use]
    pub fn unverified(&self) -> &S {
        &self.statement
    }

    /// Checks that one of these keys of headquarters signed it.
    ///
    /// # Errors
    /// [`SealError::AnotherHq`] where none of them is the one it names, [`SealError::SignatureWrong`].
    pub fn verify(self, known: &[HqPublic]) -> Result<Verified<S>, SealError> {
        let key = HqPublic::named(known, self.hq, S::WHAT)?;
        crate::signed::verify(
            key.receipt_key(),
            S::PURPOSE,
            &[&self.body],
            &self.signature,
            S::WHAT,
        )?;
        Ok(Verified(self))
    }
}

impl<S: Statement> Verified<S> {
    /// What it says.
    #[must_use]
    pub fn statement(&self) -> &S {
        &self.0.statement
    }

    /// The wire form, for keeping as proof.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}
