//! What boxes and headquarters send each other.

use crate::Answer;
use seal::device::DevicePublic;
use seal::health::SignedHealth;
use seal::hq::HqPrivate;
use seal::parcel::{self, SealedParcel};
use seal::receipt::SignedReceipt;
use std::sync::LazyLock;

/// A headquarters to which nothing was sealed and which signed nothing.
static STRANGER: LazyLock<HqPrivate> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    HqPrivate::open_or_create(&folder.path().join("hq.json")).expect("keys of its own")
});

/// A sealed parcel.
pub(crate) fn parcel(bytes: &[u8]) -> Answer {
    let Ok(parcel) = SealedParcel::from_bytes(bytes) else {
        return Answer::Refused;
    };
    assert_eq!(parcel.to_bytes(), bytes);
    let _ = parcel.header().kind.as_str();
    let nobody = DevicePublic::from_bytes([7; 32]);
    assert!(parcel.verify(&nobody).is_err());
    assert!(parcel::open(&parcel, &STRANGER, &nobody).is_err());
    Answer::Understood
}

/// The body of an upload.
pub(crate) fn batch(bytes: &[u8]) -> Answer {
    let Ok(parcels) = parcel::batch::decode(bytes) else {
        return Answer::Refused;
    };
    assert_eq!(parcel::batch::encode(&parcels), bytes);
    Answer::Understood
}

/// A receipt.
pub(crate) fn receipt(bytes: &[u8]) -> Answer {
    let Ok(receipt) = SignedReceipt::from_bytes(bytes) else {
        return Answer::Refused;
    };
    assert_eq!(receipt.to_bytes(), bytes);
    assert!(receipt.verify(STRANGER.public()).is_err());
    Answer::Understood
}

/// A box's report on its health.
pub(crate) fn health(bytes: &[u8]) -> Answer {
    let Ok(report) = SignedHealth::from_bytes(bytes) else {
        return Answer::Refused;
    };
    assert_eq!(report.to_bytes(), bytes);
    assert!(report.verify(&DevicePublic::from_bytes([7; 32])).is_err());
    Answer::Understood
}
