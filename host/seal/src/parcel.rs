//! Parcels: records sealed to headquarters' key (HPKE, RFC 9180) and signed by the box.
//!
//! The header stays readable, so that headquarters can file a parcel without opening it; it is bound to
//! the content as associated data, and the box's signature covers header and content together. On the
//! wire a parcel is a CBOR array `[version, header, encapsulated key, ciphertext, signature]`, all but the
//! version byte strings; the header's bytes are kept as they came, and never encoded again for checking.

use crate::chain::Head;
use crate::device::{DeviceKey, DevicePublic};
use crate::hq::{HqKeyId, HqPrivate, HqPublic, Kem};
use crate::packing::{Packed, Packing, unpack};
use crate::{SealError, wire};
use hpke::{Deserializable, Serializable};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use zeroize::Zeroizing;

/// The most that a sealed parcel may measure on the wire, in bytes.
pub const PARCEL_LIMIT: usize = 2 * 1024 * 1024;
/// The most that a record may measure before sealing, in bytes.
pub const RECORD_LIMIT: usize = 8 * 1024 * 1024;
/// The most that a batch of parcels may measure, in bytes.
pub const BATCH_LIMIT: usize = 4 * 1024 * 1024;

const VERSION: u64 = 1;
const INFO: &[u8] = b"mpaka parcel v1";
const SIGNATURE: &str = "mpaka parcel signature v1";
const WHAT: &str = "parcel";

/// What a parcel holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelKind {
    /// The CBOR of a `rules::EncounterRecord`.
    Encounter,
    /// The same, sealed a second time: the medium lost the first parcel and kept the record.
    EncounterAgain,
    /// A protection record: the CBOR of a `rules::EncounterRecord`, sealed once more to headquarters'
    /// protection key ([`crate::protection`]).
    Protected,
    /// The same, sealed a second time.
    ProtectedAgain,
    /// Nothing: the box's word that its medium lost the record of this number.
    Lost,
}

impl ParcelKind {
    /// The name used on the wire and in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encounter => "encounter",
            Self::EncounterAgain => "encounter_again",
            Self::Protected => "protected",
            Self::ProtectedAgain => "protected_again",
            Self::Lost => "lost",
        }
    }

    /// Whether it gives way to what headquarters has under its number already: the first parcel may have
    /// arrived before the medium lost it.
    #[must_use]
    pub fn gives_way(self) -> bool {
        matches!(
            self,
            Self::EncounterAgain | Self::ProtectedAgain | Self::Lost
        )
    }
}

/// What anyone may read of a parcel: where it belongs, and nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelHeader {
    /// The post that it comes from.
    pub post: PostId,
    /// Its number there: counts up by one, never reused.
    pub sequence: Sequence,
    /// What it holds.
    pub kind: ParcelKind,
    /// When it was sealed.
    pub made_at: Timestamp,
    /// The post's ledger just after the line of this record: ties ledger and parcels together.
    pub ledger: Head,
    /// The headquarters' key that it is sealed to.
    pub hq: HqKeyId,
}

/// The header on the wire, under short names: it is paid for at 64 kbit/s.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHeader {
    #[serde(rename = "p")]
    post: PostId,
    #[serde(rename = "s")]
    sequence: Sequence,
    #[serde(rename = "k")]
    kind: ParcelKind,
    #[serde(rename = "t")]
    made_at: Timestamp,
    #[serde(rename = "l")]
    ledger: Head,
    #[serde(rename = "h")]
    hq: HqKeyId,
    #[serde(rename = "z")]
    packing: Packing,
}

#[derive(Serialize, Deserialize)]
struct WireParcel(u64, ByteBuf, ByteArray<32>, ByteBuf, ByteArray<64>);

/// What the box knows when it seals a record; the header gets the key's name from the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The post that it comes from.
    pub post: PostId,
    /// Its number there.
    pub sequence: Sequence,
    /// What it holds.
    pub kind: ParcelKind,
    /// When it is sealed.
    pub made_at: Timestamp,
    /// The post's ledger just after the line of this record.
    pub ledger: Head,
}

/// A sealed record: nobody but headquarters can read it, and nobody but the box can have made it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedParcel {
    header: ParcelHeader,
    packing: Packing,
    header_bytes: Vec<u8>,
    encapsulated: [u8; 32],
    ciphertext: Vec<u8>,
    signature: [u8; 64],
}

/// Seals a record to headquarters and signs it.
///
/// # Errors
/// [`SealError::TooLarge`] where the record or the parcel would exceed its limit,
/// [`SealError::Malformed`] where headquarters' key is no point to seal to.
pub fn seal(
    record: &[u8],
    label: Label,
    hq: &HqPublic,
    device: &DeviceKey,
) -> Result<SealedParcel, SealError> {
    seal_packed(&Packed::new(record)?, label, hq, device)
}

/// Seals a record that is packed already.
///
/// # Errors
/// Those of [`seal`].
pub fn seal_packed(
    record: &Packed,
    label: Label,
    hq: &HqPublic,
    device: &DeviceKey,
) -> Result<SealedParcel, SealError> {
    let header = ParcelHeader {
        post: label.post,
        sequence: label.sequence,
        kind: label.kind,
        made_at: label.made_at,
        ledger: label.ledger,
        hq: hq.id(),
    };
    let header_bytes = wire::encode(&WireHeader {
        post: header.post.clone(),
        sequence: header.sequence,
        kind: header.kind,
        made_at: header.made_at,
        ledger: header.ledger,
        hq: header.hq,
        packing: record.packing(),
    });
    let (encapsulated, ciphertext) =
        hpke::single_shot_seal::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
            &hpke::OpModeS::Base,
            &hq.parcel_key()?,
            INFO,
            record.packed(),
            &header_bytes,
        )
        .map_err(|_| SealError::Malformed {
            what: "parcel key of headquarters",
        })?;
    let encapsulated: [u8; 32] = encapsulated.to_bytes().into();
    let signature = device.sign(SIGNATURE, &[&header_bytes, &encapsulated, &ciphertext]);
    let parcel = SealedParcel {
        header,
        packing: record.packing(),
        header_bytes,
        encapsulated,
        ciphertext,
        signature,
    };
    let bytes = parcel.to_bytes().len();
    if bytes > PARCEL_LIMIT {
        return Err(SealError::TooLarge {
            what: WHAT,
            bytes: bytes as u64,
            limit: PARCEL_LIMIT as u64,
        });
    }
    Ok(parcel)
}

/// Opens a parcel: checks that it is for this headquarters, that this box signed it, and reads the record.
///
/// # Errors
/// [`SealError::AnotherHq`], [`SealError::SignatureWrong`], [`SealError::CannotOpen`],
/// [`SealError::TooLarge`] where the record unpacks beyond its limit.
pub fn open(
    parcel: &SealedParcel,
    hq: &HqPrivate,
    device: &DevicePublic,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let ours = hq.public().id();
    if parcel.header.hq != ours {
        return Err(SealError::AnotherHq {
            what: WHAT,
            found: parcel.header.hq,
            ours,
        });
    }
    parcel.verify(device)?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&parcel.encapsulated)
        .map_err(|_| SealError::CannotOpen)?;
    let packed =
        hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, Kem>(
            &hpke::OpModeR::Base,
            hq.parcel_key(),
            &encapsulated,
            INFO,
            &parcel.ciphertext,
            &parcel.header_bytes,
        )
        .map_err(|_| SealError::CannotOpen)?;
    unpack(parcel.packing, Zeroizing::new(packed))
}

impl SealedParcel {
    /// What anyone may read of it. Trust it only after [`SealedParcel::verify`].
    #[must_use]
    pub fn header(&self) -> &ParcelHeader {
        &self.header
    }

    /// Checks the box's signature over header and content, without opening it.
    ///
    /// # Errors
    /// [`SealError::SignatureWrong`].
    pub fn verify(&self, device: &DevicePublic) -> Result<(), SealError> {
        device.verify(
            SIGNATURE,
            &[&self.header_bytes, &self.encapsulated, &self.ciphertext],
            &self.signature,
            WHAT,
        )
    }

    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(&WireParcel(
            VERSION,
            ByteBuf::from(self.header_bytes.clone()),
            ByteArray::new(self.encapsulated),
            ByteBuf::from(self.ciphertext.clone()),
            ByteArray::new(self.signature),
        ))
    }

    /// Reads the wire form. Checks its shape, not its signature.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`], [`SealError::NewerVersion`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let WireParcel(version, header_bytes, encapsulated, ciphertext, signature) =
            wire::decode_exact(bytes, PARCEL_LIMIT, WHAT)?;
        wire::check_version(version, VERSION, WHAT)?;
        let header: WireHeader = wire::decode(&header_bytes, PARCEL_LIMIT, "parcel header")?;
        Ok(Self {
            header: ParcelHeader {
                post: header.post,
                sequence: header.sequence,
                kind: header.kind,
                made_at: header.made_at,
                ledger: header.ledger,
                hq: header.hq,
            },
            packing: header.packing,
            header_bytes: header_bytes.into_vec(),
            encapsulated: encapsulated.into_array(),
            ciphertext: ciphertext.into_vec(),
            signature: signature.into_array(),
        })
    }
}

impl std::fmt::Debug for SealedParcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedParcel")
            .field("header", &self.header)
            .field("ciphertext_bytes", &self.ciphertext.len())
            .finish_non_exhaustive()
    }
}

/// The body of one upload: a CBOR array of parcels in their wire form.
pub mod batch {
    use super::{BATCH_LIMIT, ByteBuf, SealError, SealedParcel, wire};

    /// The body that holds these parcels. Keep the sum of their sizes below [`BATCH_LIMIT`].
    #[must_use]
    pub fn encode(parcels: &[SealedParcel]) -> Vec<u8> {
        let parcels: Vec<ByteBuf> = parcels
            .iter()
            .map(|p| ByteBuf::from(p.to_bytes()))
            .collect();
        wire::encode(&parcels)
    }

    /// Reads a body; one malformed parcel spoils the batch.
    ///
    /// # Errors
    /// Those of [`SealedParcel::from_bytes`].
    pub fn decode(bytes: &[u8]) -> Result<Vec<SealedParcel>, SealError> {
        let parcels: Vec<ByteBuf> = wire::decode_exact(bytes, BATCH_LIMIT, "batch of parcels")?;
        parcels
            .iter()
            .map(|p| SealedParcel::from_bytes(p))
            .collect()
    }
}
