//! Backups: whole or not at all, for one headquarters, of one box.
#![allow(clippy::unwrap_used, clippy::panic)]

mod pair;

use jiff::Timestamp;
use mpaka_seal as seal;
use pair::KEYS;
use rules::{PostId, Sequence};
use seal::SealError;
use seal::backup::{self, About, BackupError, Manifest, Sealed, WrappedStoreKey, Writer};
use seal::chain::Head;
use seal::device::DeviceKey;
use seal::hq::HqPrivate;
use seal::storekey::StoreKey;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

static STORE: LazyLock<StoreKey> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    StoreKey::open_or_create(&folder.path().join("store")).unwrap()
});

fn about() -> About {
    let post = PostId::new("UTO-1").unwrap();
    About {
        ledger: Head::start(&post).link(b"a line"),
        post,
        made_at: "2026-11-29T12:00:00Z".parse::<Timestamp>().unwrap(),
        program: "mpaka 0.1.0".into(),
        last: Sequence(7),
        receipted: Sequence(3),
    }
}

fn write(files: &[(&str, &[u8])], to: impl Write) -> Result<Manifest, BackupError> {
    let mut writer = Writer::begin(to, about(), KEYS.hq.public(), &KEYS.device)?;
    for (name, content) in files {
        writer.add::<BackupError>(name, |file| Ok(file.write_all(content)?))?;
    }
    Ok(writer.finish()?.0)
}

fn written(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(files, &mut bytes).unwrap();
    bytes
}

fn open_as(
    bytes: &[u8],
    hq: &HqPrivate,
    device: &DeviceKey,
    into: &Path,
) -> Result<Manifest, BackupError> {
    Sealed::begin(bytes)?.open(hq, &device.public(), into)
}

fn open(bytes: &[u8], into: &Path) -> Result<Manifest, BackupError> {
    open_as(bytes, &KEYS.hq, &KEYS.device, into)
}

const SMALL: [(&str, &[u8]); 3] = [
    ("mpaka.db", b"pages under their own key".as_slice()),
    ("trust/utopia.ml", b"a country's signers".as_slice()),
    ("empty", b"".as_slice()),
];

#[test]
fn what_was_put_in_comes_out_and_nothing_shows_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    // Around the lengths of chunks and pieces.
    let long: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let files = [
        ("one", &long[..1]),
        ("chunk", &long[..65_536]),
        ("chunk-and-one", &long[..65_537]),
        ("long", &long[..]),
        ("a/b/c/deep.json", &long[..10]),
        ("trust/Jamhuri ya Utopia é.ml", &long[..10]),
        ("nothing", &long[..0]),
    ];
    let mut bytes = Vec::new();
    let manifest = write(&files, &mut bytes).unwrap();
    assert!(!bytes.windows(16).any(|w| w == &long[..16]));
    assert!(!bytes.windows(9).any(|w| w == b"deep.json"));
    let into = folder.path().join("unpacked");
    let opened = open(&bytes, &into).unwrap();
    assert_eq!(opened, manifest);
    assert_eq!(opened.about, about());
    for ((name, content), packed) in files.iter().zip(&opened.files) {
        assert_eq!(fs::read(into.join(name)).unwrap(), *content, "{name}");
        assert_eq!(packed.name, *name);
        assert_eq!(packed.bytes, content.len() as u64);
        let sha256 = ring::digest::digest(&ring::digest::SHA256, content);
        assert_eq!(packed.sha256, sha256.as_ref());
    }
    // Not over what is there.
    assert!(matches!(
        open(&bytes, &into),
        Err(BackupError::Exists { .. })
    ));
    // Two of the same are not the same file.
    assert_ne!(bytes, written(&files));
}

#[test]
fn cut_short_or_altered_anywhere_it_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("unpacked");
    let bytes = written(&SMALL);
    for length in 0..bytes.len() {
        assert!(open(&bytes[..length], &into).is_err(), "{length}");
    }
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(open(&altered, &into).is_err(), "{at}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(matches!(open(&longer, &into), Err(BackupError::Torn)));
    assert!(matches!(
        open(&bytes[..bytes.len() - 1], &into),
        Err(BackupError::Torn)
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    open(&bytes, &into).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn another_headquarters_another_box_and_a_newer_program_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("unpacked");
    let bytes = written(&SMALL);
    assert!(matches!(
        open_as(&bytes, &KEYS.other_hq, &KEYS.device, &into),
        Err(BackupError::Seal(SealError::AnotherHq { .. }))
    ));
    assert!(matches!(
        open_as(&bytes, &KEYS.hq, &KEYS.other_device, &into),
        Err(BackupError::Seal(SealError::SignatureWrong { .. }))
    ));
    let mut newer = bytes.clone();
    newer[7] = 2;
    assert!(matches!(
        open(&newer, &into),
        Err(BackupError::Seal(SealError::NewerVersion {
            version: 2,
            ..
        }))
    ));
    for other in [&b""[..], b"MPK", b"a letter to headquarters"] {
        assert!(matches!(
            open(other, &into),
            Err(BackupError::Seal(SealError::Malformed { .. }))
        ));
    }
    // A head that claims to be without end.
    let mut greedy = bytes;
    greedy[8..12].fill(0xff);
    assert!(matches!(
        open(&greedy, &into),
        Err(BackupError::Seal(SealError::Malformed { .. }))
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A medium with so much room left.
struct Stick(usize);

impl Write for Stick {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.min(bytes.len()) {
            0 if !bytes.is_empty() => Err(io::ErrorKind::StorageFull.into()),
            taken => {
                self.0 -= taken;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_stick_is_named_wherever_it_fills_up() {
    let needed = written(&SMALL).len();
    for room in 0..needed {
        assert!(
            matches!(write(&SMALL, Stick(room)), Err(BackupError::NoRoom)),
            "{room}"
        );
    }
    write(&SMALL, Stick(needed)).unwrap();
}

/// A medium that fails at one write and works again after it.
struct Flickering {
    written: Vec<u8>,
    until: usize,
    failed: bool,
}

impl Write for Flickering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.until == 0 && !self.failed {
            self.failed = true;
            return Err(io::Error::other("pulled out"));
        }
        self.until = self.until.saturating_sub(1);
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn whoever_writes_on_after_a_failure_makes_nothing_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let long = vec![7; 200_000];
    let mut went_on = 0;
    for until in 0..20 {
        let medium = Flickering {
            written: Vec::new(),
            until,
            failed: false,
        };
        let writer = Writer::begin(medium, about(), KEYS.hq.public(), &KEYS.device);
        let Ok(mut writer) = writer else { continue };
        for name in ["long", "longer"] {
            let _ = writer.add::<BackupError>(name, |file| Ok(file.write_all(&long)?));
        }
        let Ok((_, medium)) = writer.finish() else {
            continue;
        };
        let into = folder.path().join(until.to_string());
        assert_eq!(open(&medium.written, &into).is_err(), medium.failed);
        went_on += usize::from(medium.failed);
    }
    assert!(went_on > 3, "{went_on}");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "",
        ".",
        "..",
        "../x",
        "/etc/passwd",
        "a//b",
        "a/../b",
        ".hidden",
        "a/.hidden",
        "a/b/c/d/e",
        "a\\b",
        "a\0b",
        &"x".repeat(256),
    ] {
        assert!(
            matches!(
                write(&[(name, &b"x"[..])], io::sink()),
                Err(BackupError::Name { .. })
            ),
            "{name:?}"
        );
    }
    // The same name twice is packed by nobody, and unpacked by nobody either.
    let folder = tempfile::tempdir().unwrap();
    let twice = written(&[("a", &b"1"[..]), ("a", &b"2"[..])]);
    assert!(matches!(
        open(&twice, &folder.path().join("unpacked")),
        Err(BackupError::Name { .. })
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_stores_key_opens_for_its_post_at_its_headquarters() {
    let post = about().post;
    let bytes = backup::wrap_store_key(&STORE, &post, KEYS.hq.public()).unwrap();
    assert!(!bytes.windows(32).any(|w| w == STORE.bytes()));
    let wrapped = WrappedStoreKey::from_bytes(&bytes).unwrap();
    assert_eq!(wrapped.hq(), KEYS.hq.public().id());
    assert_eq!(*wrapped.open(&post, &KEYS.hq).unwrap(), *STORE.bytes());
    let elsewhere = PostId::new("UTO-2").unwrap();
    for refused in [
        wrapped.open(&elsewhere, &KEYS.hq),
        wrapped.open(&post, &KEYS.other_hq),
    ] {
        assert!(matches!(refused, Err(SealError::CannotOpen)));
    }
    for length in 0..bytes.len() {
        assert!(WrappedStoreKey::from_bytes(&bytes[..length]).is_err());
    }
}
