//! What boxes and headquarters send each other.

use crate::Answer;
use rules::{PostId, Sequence};
use seal::backup::{Sealed, WrappedStoreKey};
use seal::carrier::Reader;
use seal::checkpoint::{ContactAnswer, SignedCheckpoint};
use seal::code::{Asked, Code, CodeKey, Given};
use seal::device::DevicePublic;
use seal::health::SignedHealth;
use seal::hq::HqPrivate;
use seal::parcel::{self, SealedParcel};
use seal::protection::ProtectionKey;
use seal::receipt::SignedReceipt;
use seal::vault::{self, Sealing};
use seal::word::{
    Admission, CounterSignature, Erasure, Lease, Signed, Statement, Succession, Verified,
};
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

/// Parcels carried by hand.
pub(crate) fn carried(bytes: &[u8]) -> Answer {
    let Ok(mut reader) = Reader::begin(bytes) else {
        return Answer::Refused;
    };
    let mut read = 0;
    while let Ok(Some(body)) = reader.next_batch() {
        read += body.len();
        let _ = batch(&body);
    }
    assert!(read <= bytes.len());
    Answer::Understood
}

/// A backup of a box, or the wrapped key of a store within one.
pub(crate) fn backup(bytes: &[u8]) -> Answer {
    let key = WrappedStoreKey::from_bytes(bytes);
    if let Ok(key) = &key {
        let post = PostId::new("UTO-1").expect("a post");
        assert!(key.open(&post, &STRANGER).is_err());
    }
    let Ok(sealed) = Sealed::begin(bytes) else {
        return Answer::of(key.is_ok());
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nobody = DevicePublic::from_bytes([7; 32]);
    let into = folder.path().join("unpacked");
    assert!(sealed.open(&STRANGER, &nobody, &into).is_err() && !into.exists());
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

/// A word of headquarters', of whatever kind.
pub(crate) fn word(bytes: &[u8]) -> Answer {
    Answer::of(
        of_kind::<Lease>(bytes)
            | of_kind::<Admission>(bytes)
            | of_kind::<Succession>(bytes)
            | of_kind::<CounterSignature>(bytes)
            | of_kind::<Erasure>(bytes)
            | by_code(bytes),
    )
}

/// A question of a box that shows a code, the answer to one, or a code as it is typed.
fn by_code(bytes: &[u8]) -> bool {
    let key = CodeKey::from_bytes([7; 32]);
    let asked = Asked::from_bytes(bytes);
    if let Ok(asked) = &asked {
        assert_eq!(asked.to_bytes(), bytes);
        assert!(asked.enrolment(&key).is_err());
        assert!(Given::from_bytes(bytes, asked, &key).is_err());
    }
    let code = std::str::from_utf8(bytes).map(str::parse::<Code>);
    if let Ok(Ok(code)) = &code {
        assert!(code.to_string().parse::<Code>().is_ok());
    }
    asked.is_ok() | matches!(code, Ok(Ok(_)))
}

fn of_kind<S: Statement>(bytes: &[u8]) -> bool {
    let Ok(word) = Signed::<S>::from_bytes(bytes) else {
        return false;
    };
    assert_eq!(word.to_bytes(), bytes);
    let believed: Result<Verified<S>, _> = word.verify(&[STRANGER.public().clone()]);
    assert!(believed.is_err());
    true
}

/// Where a ledger stands, and the answer to that.
pub(crate) fn checkpoint(bytes: &[u8]) -> Answer {
    let checkpoint = SignedCheckpoint::from_bytes(bytes);
    if let Ok(checkpoint) = &checkpoint {
        assert_eq!(checkpoint.to_bytes(), bytes);
        assert!(
            checkpoint
                .verify(&DevicePublic::from_bytes([7; 32]))
                .is_err()
        );
    }
    let answer = ContactAnswer::from_bytes(bytes);
    if let Ok(answer) = &answer {
        let again = ContactAnswer::from_bytes(&answer.to_bytes());
        assert_eq!(again.as_ref().ok(), Some(answer));
    }
    Answer::of(checkpoint.is_ok() | answer.is_ok())
}

/// A box's sealed keys, without what opens them. Passphrases are not tried: stretching one takes a second.
pub(crate) fn vault(bytes: &[u8]) -> Answer {
    let by = Sealing::Kept {
        key: &[7; 32],
        by: Vec::new(),
    };
    assert!(vault::unlock_bytes(bytes, &by).is_err());
    Answer::of(vault::unlocking_of(bytes).is_ok())
}

/// A protection record, without its key.
pub(crate) fn protection(bytes: &[u8]) -> Answer {
    static STRANGER: LazyLock<(ProtectionKey, PostId)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = ProtectionKey::create(&folder.path().join("key"), None).expect("a key");
        (key, PostId::new("UTO-1").expect("a post"))
    });
    let (key, post) = &*STRANGER;
    match key.open_record(post, Sequence(1), bytes) {
        Ok(_) => panic!("sealed to somebody else"),
        Err(seal::SealError::CannotOpen) => Answer::Understood,
        Err(_) => Answer::Refused,
    }
}
