//! Where a box keeps what it keeps: the layout of the state folder, and the post's own short file.
//!
//! ```text
//! STATE/keys.sealed        the three keys below, sealed (seal); they then lie in memory only
//!       device.key         signing key, made on the box (seal)
//!       sealing.key        what headquarters seals to this box alone is opened with it (seal)
//!       device-public.json their public halves, to be registered at headquarters
//!       store.key          key of the encrypted database (seal)
//!       epochs/            keys of the lists' epochs, as headquarters wrapped them to this box
//!       post.toml          which post and lane this is
//!       hq-public.json     headquarters' public keys
//!       hq-former.N.json   those that newer ones have replaced: their words are still believed
//!       admission          headquarters' word that the box is admitted: certificate, authority, first lease
//!       root.json          root of trust of the editions
//!       officers.sealed    who may sign in, sealed under the store's key; PINs only as Argon2id hashes
//!       mpaka.db, lock     the store
//!       editions/          verified editions (store)
//!       trust/             country signers, revocation and defect lists: the operator's, and headquarters'
//!       carried/           other files of headquarters': policy.json, models (each under its digest), locales
//!       carried.json       which files headquarters sent, and when
//!       update/            packages of the programs that came with an edition, as they were signed
//!       spool/  tuf/       an edition on its way in; what the verifier remembers
//! ```

use jiff::tz::TimeZone;
use rules::{LaneId, PostId};
use rustix::fs::{Mode, OFlags};
use seal::SealError;
use seal::durable::{self, Readers};
use seal::hq::HqPublic;
use seal::word::{Admission, Signed};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What is wrong with the state folder.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The box has not been enrolled: enrol it.
    #[error(
        "{} holds no enrolled post. Enrol it with: mpaka enrol --state {} --post NAME --hq-public FILE --root FILE",
        .0.display(),
        .0.display()
    )]
    NotEnrolled(PathBuf),
    /// A file of the state folder cannot be read or written: check permissions and the disk.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the state folder does not hold what it should: restore it or enrol again.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// A file was written by a newer program: update this one.
    #[error("{} has version {found}; this program reads version {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: u16,
        /// The version that this program reads.
        known: u16,
    },
}

/// The box's folder in memory: $MPAKA_RUN, else /run/mpaka.
pub(crate) fn run_folder() -> PathBuf {
    std::env::var_os("MPAKA_RUN").map_or_else(|| "/run/mpaka".into(), PathBuf::from)
}

/// The state folder of one box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDir {
    root: PathBuf,
}

impl StateDir {
    /// The state folder at `root`; nothing is touched yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The private keys of a box, by their file names.
    pub const PRIVATE_KEYS: &[&str] = &["device.key", "sealing.key", "store.key"];

    /// The private keys, sealed.
    #[must_use]
    pub fn sealed_keys(&self) -> PathBuf {
        self.root.join("keys.sealed")
    }

    /// Where sealed keys are unlocked into: a folder in memory ($MPAKA_RUN, else /run/mpaka), one for each
    /// state folder.
    #[must_use]
    pub fn memory(&self) -> PathBuf {
        let here = std::fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        let name = ring::digest::digest(&ring::digest::SHA256, here.as_os_str().as_encoded_bytes());
        run_folder().join(hex::encode(&name.as_ref()[..8]))
    }

    /// Where the private keys are read from.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        match self.sealed_keys().exists() {
            true => self.memory(),
            false => self.root.clone(),
        }
    }

    /// Whether the private keys are sealed, and whether they can be read now.
    #[must_use]
    pub fn keys_standing(&self) -> KeysStanding {
        if !self.sealed_keys().exists() {
            return KeysStanding::Unsealed;
        }
        match self.store_key().exists() && self.device_key().exists() {
            true => KeysStanding::Unlocked,
            false => KeysStanding::Locked,
        }
    }

    /// The device's signing key.
    #[must_use]
    pub fn device_key(&self) -> PathBuf {
        self.keys().join("device.key")
    }

    /// The key that opens what headquarters seals to this box alone.
    #[must_use]
    pub fn sealing_key(&self) -> PathBuf {
        self.keys().join("sealing.key")
    }

    /// The device's public halves, for headquarters.
    #[must_use]
    pub fn device_public(&self) -> PathBuf {
        self.root.join("device-public.json")
    }

    /// The database's key.
    #[must_use]
    pub fn store_key(&self) -> PathBuf {
        self.keys().join("store.key")
    }

    /// The keys of the lists' epochs.
    #[must_use]
    pub fn epochs(&self) -> PathBuf {
        self.root.join("epochs")
    }

    /// The post's own file.
    #[must_use]
    pub fn post_file(&self) -> PathBuf {
        self.root.join("post.toml")
    }

    /// Headquarters' public keys.
    #[must_use]
    pub fn hq_public(&self) -> PathBuf {
        self.root.join("hq-public.json")
    }

    /// Headquarters' word that this box is admitted.
    #[must_use]
    pub fn admission_file(&self) -> PathBuf {
        self.root.join("admission")
    }

    /// Headquarters' public keys that newer ones have replaced, counted from 1, the oldest.
    fn hq_former(&self, number: usize) -> PathBuf {
        self.root.join(format!("hq-former.{number}.json"))
    }

    /// Headquarters' public keys, the newest first.
    ///
    /// # Errors
    /// [`SealError`] where a file is absent or damaged.
    pub fn hq_keys(&self) -> Result<Vec<HqPublic>, SealError> {
        let mut keys = vec![HqPublic::read(&self.hq_public())?];
        for number in 1.. {
            match HqPublic::read(&self.hq_former(number)) {
                // The same twice is a change that a power cut interrupted.
                Ok(former) if former == keys[0] => {}
                Ok(former) => keys.insert(1, former),
                Err(SealError::KeyFileAbsent { .. }) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(keys)
    }

    /// Puts headquarters' next keys in the place of those now in force, which stay beside them.
    ///
    /// # Errors
    /// [`SealError::File`].
    pub fn succeed(&self, now: &HqPublic, next: &HqPublic) -> Result<(), SealError> {
        let number = (1..)
            .find(|n| HqPublic::read(&self.hq_former(*n)).is_err())
            .unwrap_or(1);
        now.write(&self.hq_former(number))?;
        next.write(&self.hq_public())
    }

    /// Headquarters' word that this box is admitted; `None` for one that was not.
    ///
    /// # Errors
    /// [`SealError`] where it is not the word of these keys.
    pub fn admission(&self, hq: &[HqPublic]) -> Result<Option<Admission>, SealError> {
        let path = self.admission_file();
        let bytes = match std::fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(SealError::File { path, source }),
            Ok(bytes) => bytes,
        };
        let admission = Signed::<Admission>::from_bytes(&bytes)?.verify(hq)?;
        Ok(Some(admission.statement().clone()))
    }

    /// The root of trust of the editions.
    #[must_use]
    pub fn root_of_trust(&self) -> PathBuf {
        self.root.join("root.json")
    }

    /// Who may sign in, sealed under the store's key.
    #[must_use]
    pub fn officers(&self) -> PathBuf {
        self.root.join("officers.sealed")
    }

    /// The same as older programs left it: in the clear.
    #[must_use]
    pub fn officers_in_clear(&self) -> PathBuf {
        self.root.join("officers.json")
    }

    /// Where an edition on its way in is put.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Packages of the programs that came with an edition, as a bundle of their own.
    #[must_use]
    pub fn update(&self) -> PathBuf {
        self.root.join("update")
    }

    /// What the verifier of editions remembers between runs (highest versions seen).
    #[must_use]
    pub fn verifier(&self) -> PathBuf {
        self.root.join("tuf")
    }

    /// Makes the folder, readable by its owner alone.
    ///
    /// # Errors
    /// [`StateError::Disk`].
    pub fn create(&self) -> Result<(), StateError> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.root)
            .map_err(|source| self.disk(&self.root, source))
    }

    /// Reads the post's own file.
    ///
    /// # Errors
    /// [`StateError::NotEnrolled`] where there is none; else as the file is unreadable or damaged.
    pub fn post(&self) -> Result<PostFile, StateError> {
        let path = self.post_file();
        let text = match read_short(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(StateError::NotEnrolled(self.root.clone()));
            }
            Err(source) => return Err(self.disk(&path, source)),
        };
        let post: PostFile = toml::from_str(&text).map_err(|e| StateError::Damaged {
            path: path.clone(),
            why: e.message().to_owned(),
        })?;
        if post.version > PostFile::VERSION {
            return Err(StateError::Newer {
                path,
                found: post.version,
                known: PostFile::VERSION,
            });
        }
        Ok(post)
    }

    /// Writes the post's own file, durably.
    ///
    /// # Errors
    /// [`StateError::Disk`].
    pub fn write_post(&self, post: &PostFile) -> Result<(), StateError> {
        let path = self.post_file();
        let text = toml::to_string(post).map_err(|e| StateError::Damaged {
            path: path.clone(),
            why: e.to_string(),
        })?;
        self.write(&path, text.as_bytes(), Readers::Anyone)
    }

    /// Reads a file of the state folder; `None` where it is absent.
    ///
    /// # Errors
    /// [`StateError::Disk`].
    pub fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, StateError> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.disk(path, source)),
        }
    }

    /// Replaces a file of the state folder, durably.
    ///
    /// # Errors
    /// [`StateError::Disk`]; the old content is then still there.
    pub fn write(&self, path: &Path, bytes: &[u8], readers: Readers) -> Result<(), StateError> {
        durable::replace(path, bytes, readers).map_err(|source| self.disk(path, source))
    }

    fn disk(&self, path: &Path, source: std::io::Error) -> StateError {
        StateError::Disk {
            path: path.to_owned(),
            source,
        }
    }
}

/// No such file is longer, in bytes.
const LONGEST_POST_FILE: u64 = 64 << 10;

/// Reads a short text file. The installer of updates reads it too, as root, in a folder of the appliance's: no pipe is
/// waited for, and nothing without end is read.
fn read_short(path: &Path) -> std::io::Result<String> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let about = file.metadata()?;
    if !about.is_file() || about.len() > LONGEST_POST_FILE {
        return Err(std::io::Error::other("it is no short plain file"));
    }
    let mut text = String::new();
    file.take(LONGEST_POST_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// How the private keys lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysStanding {
    /// In the clear: whoever has the disk has everything on it.
    Unsealed,
    /// Sealed, and unlocked into memory until the power goes.
    Unlocked,
    /// Sealed, and not unlocked since the box started.
    Locked,
}

impl std::fmt::Display for KeysStanding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unsealed => "NOT SEALED: whoever takes this disk reads everything on it",
            Self::Unlocked => "sealed, and unlocked until the power goes",
            Self::Locked => "sealed and locked: mpaka keys unlock",
        })
    }
}

/// Which post and lane this box is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostFile {
    /// The layout's version: [`PostFile::VERSION`].
    pub version: u16,
    /// The post.
    pub post: PostId,
    /// The desk of it.
    pub lane: LaneId,
    /// The post's time zone (IANA name); the machine's own where absent. Decides which day "today" is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl PostFile {
    /// The version that this program writes.
    pub const VERSION: u16 = 1;

    /// The post's time zone.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.time_zone
            .as_deref()
            .and_then(|name| TimeZone::get(name).ok())
            .unwrap_or_else(TimeZone::system)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn post() -> PostFile {
        PostFile {
            version: PostFile::VERSION,
            post: PostId::new("NAMANGA").unwrap(),
            lane: LaneId::new("2").unwrap(),
            time_zone: Some("Africa/Nairobi".into()),
        }
    }

    #[test]
    fn a_post_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path().join("state"));
        assert!(matches!(state.post(), Err(StateError::NotEnrolled(_))));
        state.create().unwrap();
        state.write_post(&post()).unwrap();
        assert_eq!(state.post().unwrap(), post());
    }

    #[test]
    fn yesterdays_file_is_read_and_tomorrows_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path());
        std::fs::write(
            state.post_file(),
            "version = 1\npost = \"NAMANGA\"\nlane = \"1\"\n",
        )
        .unwrap();
        assert_eq!(state.post().unwrap().time_zone, None);
        std::fs::write(
            state.post_file(),
            "version = 2\npost = \"NAMANGA\"\nlane = \"1\"\n",
        )
        .unwrap();
        assert!(matches!(
            state.post(),
            Err(StateError::Newer { found: 2, .. })
        ));
        std::fs::write(
            state.post_file(),
            "version = 1\npost = \"../x\"\nlane = \"1\"\n",
        )
        .unwrap();
        assert!(matches!(state.post(), Err(StateError::Damaged { .. })));
    }
}
