//! Content for enrolled boxes: it opens for them whole, and for nobody and in no other way.
#![allow(clippy::unwrap_used)]

use mpaka_seal::SealError;
use mpaka_seal::content::{ContentError, EpochKey, KeyRing};
use mpaka_seal::sealing::SealingKey;
use proptest::prelude::*;

fn a_box(name: &str) -> (tempfile::TempDir, SealingKey) {
    let folder = tempfile::tempdir().unwrap();
    let key = SealingKey::open_or_create(&folder.path().join(name)).unwrap();
    (folder, key)
}

fn encrypted(key: &EpochKey, name: &str, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    key.encrypt(name, plain, &mut out).unwrap();
    out
}

fn decrypted(key: &EpochKey, name: &str, sealed: &[u8]) -> Result<Vec<u8>, ContentError> {
    let mut out = Vec::new();
    key.decrypt(name, sealed, &mut out).map(|()| out)
}

#[test]
fn an_epochs_key_reaches_each_enrolled_box_and_no_other() {
    let (folder, first) = a_box("first.key");
    let (_second_folder, second) = a_box("second.key");
    let (_third_folder, stranger) = a_box("third.key");
    let epoch = EpochKey::draw(7).unwrap();
    let wrapped = epoch.wrap(&[first.public(), second.public()]).unwrap();
    for mine in [&first, &second] {
        let got = EpochKey::unwrap_for(&wrapped, mine).unwrap();
        assert_eq!(got.epoch(), 7);
        let sealed = encrypted(&epoch, "persons", b"a list");
        assert_eq!(decrypted(&got, "persons", &sealed).unwrap(), b"a list");
    }
    assert!(matches!(
        EpochKey::unwrap_for(&wrapped, &stranger),
        Err(SealError::NotForThisBox { epoch: 7 })
    ));
    // The key file is the owner's alone, and the same key is found in it again.
    use std::os::unix::fs::PermissionsExt;
    let path = folder.path().join("first.key");
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(SealingKey::open(&path).unwrap().public(), first.public());
    let keys = folder.path().join("epochs");
    KeyRing::default().keep(&keys, epoch).unwrap();
    let ring = KeyRing::open(&keys).unwrap();
    assert!(ring.holds(7) && !ring.holds(8));
}

#[test]
fn wrapped_keys_that_were_altered_open_for_nobody() {
    let (_folder, mine) = a_box("k");
    let wrapped = EpochKey::draw(1).unwrap().wrap(&[mine.public()]).unwrap();
    for at in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[at] ^= 1;
        assert!(EpochKey::unwrap_for(&altered, &mine).is_err(), "byte {at}");
        assert!(
            EpochKey::unwrap_for(&wrapped[..at], &mine).is_err(),
            "cut at {at}"
        );
    }
}

#[test]
fn a_file_is_whole_under_its_own_name_or_not_at_all() {
    let key = EpochKey::draw(1).unwrap();
    // Lengths about the borders of pieces.
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let sealed = encrypted(&key, "a", &plain);
        assert_eq!(decrypted(&key, "a", &sealed).unwrap(), plain, "{length}");
        assert!(decrypted(&key, "b", &sealed).is_err(), "renamed");
        assert!(decrypted(&EpochKey::draw(1).unwrap(), "a", &sealed).is_err());
        for cut in [0, 8, 31, 32, 33, sealed.len() - 17, sealed.len() - 1] {
            assert!(decrypted(&key, "a", &sealed[..cut.min(sealed.len() - 1)]).is_err());
        }
    }
    let piece = 65_536 + 16;
    let sealed = encrypted(&key, "a", &vec![7; 3 * 65_536]);
    // A border between pieces is a cut like any other, and so is a piece more or in another place.
    assert!(decrypted(&key, "a", &sealed[..32 + 2 * piece]).is_err());
    let swapped = [
        &sealed[..32],
        &sealed[32 + piece..32 + 2 * piece],
        &sealed[32..32 + piece],
        &sealed[32 + 2 * piece..],
    ]
    .concat();
    assert!(decrypted(&key, "a", &swapped).is_err());
    let doubled = [&sealed[..], &sealed[32 + 2 * piece..]].concat();
    assert!(decrypted(&key, "a", &doubled).is_err());
    assert!(matches!(
        decrypted(&EpochKey::draw(2).unwrap(), "a", &sealed),
        Err(ContentError::AnotherEpoch { found: 1, ours: 2 })
    ));
}

proptest! {
    #[test]
    fn no_altered_byte_passes(plain in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let key = EpochKey::draw(1).unwrap();
        let mut sealed = encrypted(&key, "a", &plain);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(decrypted(&key, "a", &sealed).is_err());
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let key = EpochKey::draw(1).unwrap();
        let _ = decrypted(&key, "a", &bytes);
        let (_folder, mine) = a_box("k");
        let _ = EpochKey::unwrap_for(&bytes, &mine);
    }
}
