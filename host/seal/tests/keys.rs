//! Key files: whose they are, what becomes of damaged ones, and that none is ever overwritten.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_seal as seal;
use rules::PostId;
use seal::SealError;
use seal::device::{DeviceKey, Enrolment};
use seal::hq::{HqPrivate, HqPublic};
use seal::sealing::SealingKey;
use seal::storekey::StoreKey;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

/// Opens a key file and tells its public half or fingerprint.
type Open = fn(&Path) -> Result<Vec<u8>, SealError>;

fn device(path: &Path) -> Result<Vec<u8>, SealError> {
    DeviceKey::open_or_create(path).map(|k| k.public().bytes().to_vec())
}
fn store(path: &Path) -> Result<Vec<u8>, SealError> {
    StoreKey::open_or_create(path).map(|k| k.fingerprint().to_vec())
}
fn hq(path: &Path) -> Result<Vec<u8>, SealError> {
    HqPrivate::open_or_create(path).map(|k| k.public().id().bytes().to_vec())
}

fn sealing(path: &Path) -> Result<Vec<u8>, SealError> {
    SealingKey::open_or_create(path).map(|k| k.public().bytes().to_vec())
}

const KINDS: [(&str, Open); 4] = [
    ("device", device),
    ("store", store),
    ("hq", hq),
    ("sealing", sealing),
];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_key_is_made_once_and_is_the_owners_alone() {
    for (kind, open) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = open(&path).unwrap();
        assert_eq!(mode(&path), 0o600, "{kind}");
        assert_eq!(open(&path).unwrap(), first, "{kind}");
        let other = open(&folder.path().join("other")).unwrap();
        assert_ne!(other, first, "{kind}: two keys are alike");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "{kind}: something was left beside the keys");
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    for (kind, open) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        open(&path).unwrap();
        for open_to in [0o640, 0o604, 0o620, 0o601, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open_to)).unwrap();
            match open(&path) {
                Err(SealError::KeyFileOpenToOthers { mode, .. }) => assert_eq!(mode, open_to),
                other => panic!("{kind} {open_to:o}: {other:?}"),
            }
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        open(&path).unwrap();
    }
}

#[test]
fn a_damaged_key_is_named_and_stays_as_it_is() {
    for (kind, open) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        open(&path).unwrap();
        let good = fs::read(&path).unwrap();
        let long = vec![b'x'; 100_000];
        let cut = &good[..good.len() - 1];
        for bad in [
            &b""[..],
            b"{}",
            b"[[[[[[[[",
            &good[..good.len() / 2],
            &cut[..cut.len() - 2],
            &long,
        ] {
            fs::write(&path, bad).unwrap();
            match open(&path) {
                Err(SealError::KeyFileDamaged { .. }) => {}
                other => panic!("{kind}: {other:?}"),
            }
            assert_eq!(fs::read(&path).unwrap(), bad, "{kind}");
        }
    }
}

#[test]
fn an_absent_key_is_made_only_where_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    assert!(matches!(
        DeviceKey::open(&path),
        Err(SealError::KeyFileAbsent { .. })
    ));
    assert!(matches!(
        StoreKey::open(&path),
        Err(SealError::KeyFileAbsent { .. })
    ));
    assert!(matches!(
        HqPrivate::open(&path),
        Err(SealError::KeyFileAbsent { .. })
    ));
    assert!(matches!(
        HqPublic::read(&path),
        Err(SealError::KeyFileAbsent { .. })
    ));
    assert!(!path.exists());
    let nowhere = folder.path().join("no/such/folder/key");
    assert!(matches!(store(&nowhere), Err(SealError::File { .. })));
}

#[test]
fn programs_that_start_together_agree_on_one_key() {
    for (kind, open) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let keys: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| open(&path).unwrap()))
                .collect();
            all.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|w| w[0] == w[1]), "{kind}");
    }
}

#[test]
fn a_key_of_a_newer_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    hq(&path).unwrap();
    let newer = fs::read_to_string(&path)
        .unwrap()
        .replacen("\"version\": 1", "\"version\": 4", 1);
    fs::write(&path, newer).unwrap();
    assert!(matches!(
        HqPrivate::open(&path),
        Err(SealError::NewerVersion {
            version: 4,
            known: 3,
            ..
        })
    ));
}

#[test]
fn public_keys_and_enrolments_come_back_as_they_went() {
    let folder = tempfile::tempdir().unwrap();
    let hq = HqPrivate::open_or_create(&folder.path().join("private")).unwrap();
    let path = folder.path().join("public");
    hq.public().write(&path).unwrap();
    assert_eq!(&HqPublic::read(&path).unwrap(), hq.public());
    assert_eq!(mode(&path), 0o644);

    let device = DeviceKey::open_or_create(&folder.path().join("device")).unwrap();
    let sealing = SealingKey::open_or_create(&folder.path().join("sealing")).unwrap();
    let enrolment = Enrolment::new(PostId::new("NAMANGA").unwrap(), &device, sealing.public());
    assert_eq!(enrolment.sealing(), Some(sealing.public()));
    let path = folder.path().join("enrolment");
    enrolment.write(&path).unwrap();
    assert_eq!(Enrolment::read(&path).unwrap(), enrolment);
}

#[test]
fn nobody_enrols_a_key_they_do_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let key = |name| DeviceKey::open_or_create(&folder.path().join(name)).unwrap();
    let (ours, theirs) = (key("ours"), key("theirs"));
    let path = folder.path().join("enrolment");
    let sealing = |name| {
        let path = folder.path().join(name);
        SealingKey::open_or_create(&path).unwrap().public()
    };
    let (our_sealing, their_sealing) = (sealing("our sealing"), sealing("their sealing"));
    Enrolment::new(PostId::new("NAMANGA").unwrap(), &ours, our_sealing)
        .write(&path)
        .unwrap();
    let good = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("NAMANGA", "NAMANGB".to_owned()),
        (&*ours.public().to_string(), theirs.public().to_string()),
        (&*our_sealing.to_string(), their_sealing.to_string()),
    ] {
        fs::write(&path, good.replace(from, &to)).unwrap();
        assert!(matches!(
            Enrolment::read(&path),
            Err(SealError::SignatureWrong { .. })
        ));
    }
    // Version 1 had no sealing key: taking it away, or going back to that version, is an alteration too.
    let mut without: serde_json::Value = serde_json::from_str(&good).unwrap();
    without.as_object_mut().unwrap().remove("sealing");
    for version in [1, 2] {
        without["version"] = version.into();
        fs::write(&path, without.to_string()).unwrap();
        assert!(Enrolment::read(&path).is_err(), "version {version}");
    }
    fs::write(&path, good.replace("NAMANGA", "../up")).unwrap();
    assert!(matches!(
        Enrolment::read(&path),
        Err(SealError::KeyFileDamaged { .. })
    ));
}

#[test]
fn debug_output_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hq");
    let hq = HqPrivate::open_or_create(&path).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let shown = format!("{hq:?}");
    for secret in ["parcel_private", "receipt_seed"] {
        assert!(!shown.contains(file[secret].as_str().unwrap()));
    }
    let store = StoreKey::open_or_create(&folder.path().join("store")).unwrap();
    assert!(!format!("{store:?}").contains(&hex::encode(store.bytes())));
}

#[test]
fn a_signature_for_one_purpose_fits_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let device = DeviceKey::open_or_create(&folder.path().join("device")).unwrap();
    let public = device.public();
    let signature = device.sign("one", &[b"ab", &b"c"[..]]);
    public
        .verify("one", &[b"ab", &b"c"[..]], &signature, "note")
        .unwrap();
    for (purpose, parts) in [
        ("two", &[&b"ab"[..], b"c"][..]),
        ("one", &[b"a", b"bc"]),
        ("one", &[b"abc"]),
        ("one", &[b"ab", b"c", b""]),
    ] {
        assert!(matches!(
            public.verify(purpose, parts, &signature, "note"),
            Err(SealError::SignatureWrong { what: "note" })
        ));
    }
}

#[test]
fn what_is_sealed_to_one_box_opens_there_alone_and_for_its_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let key = |name| SealingKey::open_or_create(&folder.path().join(name)).unwrap();
    let (ours, theirs) = (key("ours"), key("theirs"));
    let sealed = ours.public().seal("one", b"edition 3", b"secret").unwrap();
    assert!(!sealed.windows(6).any(|w| w == b"secret"));
    assert_eq!(
        *ours.open_message("one", b"edition 3", &sealed).unwrap(),
        b"secret"
    );
    for (key, purpose, bound) in [
        (&theirs, "one", &b"edition 3"[..]),
        (&ours, "two", b"edition 3"),
        (&ours, "one", b"edition 4"),
    ] {
        assert!(matches!(
            key.open_message(purpose, bound, &sealed),
            Err(SealError::CannotOpen)
        ));
    }
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert!(ours.open_message("one", b"edition 3", &altered).is_err());
        assert!(
            ours.open_message("one", b"edition 3", &sealed[..at])
                .is_err()
        );
    }
    assert!(matches!(
        ours.public().seal("one", b"", &vec![0; 70_000]),
        Err(SealError::TooLarge { .. })
    ));
}
