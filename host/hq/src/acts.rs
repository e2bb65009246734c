//! Headquarters' own ledger: every act of its people, begun and ended, hash-chained and signed.
//!
//! One line of text each in `acts.ledger`: `HASH SIGNATURE BODY`, the body one JSON object. A line
//! is on the medium before the act begins, so that no act is without one; a second line says how it ended.
//! The signature is headquarters' receipt key's over the chain's head: who rewrites the ledger needs it, and
//! who holds an older head (printed by `mpaka-hq acts`, written down by the second person) finds out.
//!
//! Every act looks at the whole ledger first. So that this does not become slower with each year, what was
//! verified is remembered beside it (`acts.checkpoint`), signed: the digest of the ledger up to a line. Where the
//! ledger still begins with exactly that, only the lines after it are followed one by one. Without it, or where it
//! does not fit, all of them are.

use crate::HqError;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::pkcs11;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use seal::chain::Head;
use seal::durable::{self, Readers};
use seal::hq::{HqPrivate, HqPublic};
use seal::word::{Signed, Statement};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// After so many lines beyond the last checkpoint another one is made.
const CHECKPOINT_EVERY: u64 = 64;

/// How far the ledger was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    /// The chain there.
    head: Head,
    /// So many bytes of the file lead there.
    bytes: u64,
    /// SHA-256 of those bytes.
    #[serde(with = "serde_bytes")]
    digest: [u8; 32],
}

impl Statement for Checkpoint {
    const PURPOSE: &'static str = "mpaka headquarters ledger checkpoint v1";
    const WHAT: &'static str = "checkpoint of headquarters' ledger";
    const LIMIT: usize = 1024;
}

/// How far an act has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is about to be done. Without a later line it was interrupted.
    Begun,
    /// It was done.
    Done,
    /// It was refused or failed.
    Failed,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// Who said to be doing it. Proven only where the detail names a key.
    pub by: String,
    /// The command or the page's action.
    pub act: String,
    /// How far it has come.
    pub phase: Phase,
    /// What it was about: names of posts, editions, sources; no person of a list.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}

/// One line as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActLine {
    /// Its number, from 1.
    pub line: u64,
    /// What it says.
    #[serde(flatten)]
    pub act: Act,
    /// The chain's hash at this line, in hex.
    pub hash: String,
}

/// The ledger, held for writing: one writer at a time.
#[derive(Debug)]
pub struct Acts {
    file: File,
    path: PathBuf,
    head: Head,
    keys: HqPrivate,
}

impl Acts {
    /// Opens the ledger for writing, waiting for another writer to finish. A line that a power cut tore is
    /// cut off: the act that it was to announce had not begun.
    ///
    /// # Errors
    /// [`HqError::ActsBroken`] where the last line does not verify, [`HqError::Seal`], [`HqError::Io`].
    pub fn open(home: &Home) -> Result<Self, HqError> {
        let path = home.acts();
        let io = HqError::io(&path);
        let keys = HqPrivate::open_with(&home.private(), &pkcs11::unattended())?;
        let public = public_keys(home)?;
        let opened = || -> std::io::Result<(File, Vec<u8>)> {
            let mut file = OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                .open(&path)?;
            file.lock()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let whole = whole(&bytes);
            if whole < bytes.len() {
                file.set_len(whole as u64)?;
                file.sync_all()?;
                bytes.truncate(whole);
            }
            file.seek(SeekFrom::End(0))?;
            Ok((file, bytes))
        };
        let (file, bytes) = opened().map_err(io)?;
        let head = followed(home, &path, &bytes, &public, &keys)?;
        Ok(Self {
            file,
            path,
            head,
            keys,
        })
    }

    /// Writes one line; it is on the medium when this returns.
    ///
    /// # Errors
    /// [`HqError::Io`], and [`HqError::Pkcs11`] where a token holds the key and does not sign.
    pub fn write(&mut self, act: &Act) -> Result<Head, HqError> {
        let body = serde_json::to_string(act).expect("texts and times always encode");
        let head = self.head.link(body.as_bytes());
        let line = format!(
            "{} {} {body}\n",
            hex::encode(head.hash),
            hex::encode(self.keys.sign_act(&head)?)
        );
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_all())
            .map_err(HqError::io(&self.path))?;
        self.head = head;
        Ok(head)
    }
}

/// Writes one line and lets go of the ledger.
///
/// # Errors
/// Those of [`Acts::open`] and [`Acts::write`].
pub fn write(home: &Home, act: &Act) -> Result<Head, HqError> {
    Acts::open(home)?.write(act)
}

/// How many bytes of the ledger are whole lines.
fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1)
}

/// Reads and verifies the whole ledger: its lines and its head. A line that is being written, or that a power cut
/// tore, is none yet.
///
/// # Errors
/// [`HqError::ActsBroken`] with the first line that does not verify, [`HqError::Seal`], [`HqError::Io`].
pub fn verify(home: &Home) -> Result<(Vec<ActLine>, Head), HqError> {
    let path = home.acts();
    let public = public_keys(home)?;
    // Before the ledger: what is written meanwhile only adds to it.
    let known = checkpoint(home, &public);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(source) => return Err(HqError::Io { path, source }),
    };
    let start = Head::start_of_headquarters();
    let (lines, head) = read(&path, &bytes[..whole(&bytes)], start, &public)?;
    hold_against(&path, known.as_ref(), &lines)?;
    Ok((lines, head))
}

/// The keys that lines may be signed with: the present one and those that it replaced, where they are known here.
fn public_keys(home: &Home) -> Result<Vec<HqPublic>, HqError> {
    match Keyring::open(home) {
        Ok(keys) => Ok(keys.public()),
        Err(HqError::Seal(seal::SealError::KeyFileAbsent { .. })) => {
            Ok(vec![HqPublic::read(&home.public())?])
        }
        Err(e) => Err(e),
    }
}

/// Follows the ledger to its head: from where it was verified up to before, where it still begins with that.
fn followed(
    home: &Home,
    path: &Path,
    bytes: &[u8],
    public: &[HqPublic],
    keys: &HqPrivate,
) -> Result<Head, HqError> {
    let known = checkpoint(home, public);
    let (from, start) = match known.as_ref().filter(|known| known.begins(bytes)) {
        Some(known) => (known.length(), known.head),
        None => (0, Head::start_of_headquarters()),
    };
    let (lines, head) = read(path, &bytes[from..], start, public)?;
    if from == 0 {
        hold_against(path, known.as_ref(), &lines)?;
    }
    if head.line - start.line >= CHECKPOINT_EVERY {
        let checkpoint = Checkpoint {
            head,
            bytes: bytes.len() as u64,
            digest: sha256(bytes),
        };
        let file = home.acts_checkpoint();
        let word = Signed::sign(checkpoint, keys)?.to_bytes();
        if let Err(e) = durable::replace(&file, &word, Readers::Owner) {
            tracing::warn!(file = %file.display(), error = %e, "the next act follows the whole ledger again");
        }
    }
    Ok(head)
}

/// How far the ledger was verified; `None` where nothing says so.
fn checkpoint(home: &Home, public: &[HqPublic]) -> Option<Checkpoint> {
    let word = std::fs::read(home.acts_checkpoint()).ok()?;
    let word = Signed::<Checkpoint>::from_bytes(&word).ok()?;
    Some(word.verify(public).ok()?.statement().clone())
}

impl Checkpoint {
    fn length(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }

    /// Whether the ledger begins with what was verified.
    fn begins(&self, ledger: &[u8]) -> bool {
        ledger
            .get(..self.length())
            .is_some_and(|beginning| sha256(beginning) == self.digest)
    }
}

/// Holds a ledger that verifies against what was verified before: lines may have been cut off, or all have been made
/// anew by somebody who has the keys.
fn hold_against(path: &Path, known: Option<&Checkpoint>, lines: &[ActLine]) -> Result<(), HqError> {
    let Some(known) = known else {
        return Ok(());
    };
    let there = lines.iter().find(|line| line.line == known.head.line);
    match there {
        Some(line) if line.hash == hex::encode(known.head.hash) => Ok(()),
        _ => Err(HqError::ActsBroken {
            path: path.to_owned(),
            line: known.head.line.min(lines.len() as u64 + 1),
        }),
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digested = [0; 32];
    digested.copy_from_slice(digest(&SHA256, bytes).as_ref());
    digested
}

fn read(
    path: &Path,
    bytes: &[u8],
    start: Head,
    public: &[HqPublic],
) -> Result<(Vec<ActLine>, Head), HqError> {
    let mut head = start;
    let mut lines = Vec::new();
    for raw in bytes.split_inclusive(|b| *b == b'\n') {
        let number = head.line + 1;
        let broken = || HqError::ActsBroken {
            path: path.to_owned(),
            line: number,
        };
        let text = std::str::from_utf8(raw).map_err(|_| broken())?;
        let mut parts = text.trim_end_matches('\n').splitn(3, ' ');
        let (Some(hash), Some(signature), Some(body)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(broken());
        };
        let next = head.link(body.as_bytes());
        let mut signed = [0; 64];
        hex::decode_to_slice(signature, &mut signed).map_err(|_| broken())?;
        if hex::encode(next.hash) != hash {
            return Err(broken());
        }
        if !public
            .iter()
            .any(|key| key.verify_act(&next, &signed).is_ok())
        {
            return Err(broken());
        }
        lines.push(ActLine {
            line: number,
            act: serde_json::from_str(body).map_err(|_| broken())?,
            hash: hash.to_owned(),
        });
        head = next;
    }
    Ok((lines, head))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_that_a_power_cut_tore_is_no_alteration() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let keys = HqPrivate::open_or_create(&home.private()).unwrap();
        keys.public().write(&home.public()).unwrap();
        let act = Act {
            at: Timestamp::UNIX_EPOCH,
            by: "a.wanjiru".into(),
            act: "import".into(),
            phase: Phase::Begun,
            detail: Value::Null,
        };
        write(&home, &act).unwrap();
        let one = std::fs::read(home.acts()).unwrap();
        for torn in [&b"0f"[..], &one[..one.len() - 1], b"\0\0\0"] {
            std::fs::write(home.acts(), [&one[..], torn].concat()).unwrap();
            assert_eq!(verify(&home).unwrap().0.len(), 1);
        }
        let head = write(&home, &act).unwrap();
        assert_eq!((head.line, verify(&home).unwrap().0.len()), (2, 2));
    }

    #[test]
    fn what_was_verified_is_not_followed_again_and_an_alteration_before_it_is_found_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let keys = HqPrivate::open_or_create(&home.private()).unwrap();
        keys.public().write(&home.public()).unwrap();
        let act = |by: &str| Act {
            at: Timestamp::UNIX_EPOCH,
            by: by.into(),
            act: "import".into(),
            phase: Phase::Done,
            detail: Value::Null,
        };
        for _ in 0..=CHECKPOINT_EVERY {
            write(&home, &act("a.wanjiru")).unwrap();
        }
        let public = [keys.public().clone()];
        let bytes = std::fs::read(home.acts()).unwrap();
        let known = checkpoint(&home, &public).unwrap();
        assert_eq!(known.head.line, CHECKPOINT_EVERY);
        assert!(known.begins(&bytes));
        let after = &bytes[known.length()..];
        assert_eq!(after.split_inclusive(|b| *b == b'\n').count(), 1);

        // A letter, a line, and the end of it: each is found where it is, by the next act.
        let text = String::from_utf8(bytes.clone()).unwrap();
        let second = text.split_inclusive('\n').nth(1).unwrap();
        let altered = text.replacen("a.wanjiru", "b.otieno_", 1);
        let without = text.replacen(second, "", 1);
        let short: String = text.split_inclusive('\n').take(10).collect();
        for (ledger, line) in [(altered, 1), (without, 2), (short, 11)] {
            std::fs::write(home.acts(), ledger).unwrap();
            let refused = write(&home, &act("c.hassan"));
            assert!(matches!(refused, Err(HqError::ActsBroken { line: l, .. }) if l == line));
            assert!(verify(&home).is_err());
        }

        // Another's checkpoint, a torn one and none are as good as none.
        std::fs::write(home.acts(), &bytes).unwrap();
        let checkpoint = std::fs::read(home.acts_checkpoint()).unwrap();
        let strangers = HqPrivate::open_or_create(&folder.path().join("stranger")).unwrap();
        let word = Signed::<Checkpoint>::from_bytes(&checkpoint).unwrap();
        let forged = Signed::sign(word.unverified().clone(), &strangers)
            .unwrap()
            .to_bytes();
        for odd in [forged, checkpoint[..9].to_vec(), Vec::new()] {
            std::fs::write(home.acts_checkpoint(), odd).unwrap();
            assert_eq!(super::checkpoint(&home, &public), None);
        }
        let head = write(&home, &act("c.hassan")).unwrap();
        assert_eq!(head.line, CHECKPOINT_EVERY + 2);
        assert_eq!(verify(&home).unwrap().1, head);
    }
}
