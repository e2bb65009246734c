//! What the installer keeps, in a folder of root's that everybody may read.
//!
//! ```text
//! /var/lib/mpaka-update/root.json      root of trust for updates, given by hand
//!                       tuf/           what the verifier remembers
//!                       packages/V/    packages of version V: the one in use, the one before, the next
//!                       standing.json  which those are, and what came of the last update
//!                       journal.json   an update under way; absent at rest
//!                       keeper         this program, while another one proves itself
//!                       *.damaged      a file of these that could not be read, until an update has come to its good end
//! ```

use super::error::UpdateError;
use super::machine::Health;
use jiff::Timestamp;
use seal::bundle::software::Version;
use seal::durable::{self, Readers};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// No file of the installer's is longer, in bytes.
const LIMIT: u64 = 1 << 20;
const LAYOUT: u16 = 1;

/// Why the box went back to the version before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The packages could not be installed.
    InstallFailed,
    /// The new program did not come up in time.
    NeverUp,
    /// Its doctor did not answer.
    NoDoctor,
    /// Its doctor finds this part wrong, which was not.
    NewFault(String),
    /// The power was cut during the installation, twice.
    PowerCut,
    /// The journal was damaged, and the programs were not those that had proved themselves.
    JournalDamaged,
}

/// For headquarters: one word, or a word, a colon and what it is about, of letters, digits, `_`, `-` and `:`.
impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InstallFailed => f.write_str("install_failed"),
            Self::NeverUp => f.write_str("never_up"),
            Self::NoDoctor => f.write_str("no_doctor"),
            Self::PowerCut => f.write_str("power_cut"),
            Self::JournalDamaged => f.write_str("journal_damaged"),
            Self::NewFault(part) => {
                let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
                let part: String = part.chars().take(40).map(plain).collect();
                write!(f, "new_fault:{part}")
            }
        }
    }
}

/// What came of the last update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LastUpdate {
    /// It is in use.
    Installed {
        /// The version.
        version: Version,
        /// Since when.
        at: Timestamp,
    },
    /// The version before came back.
    RolledBack {
        /// The version that did not do.
        version: Version,
        /// The version that came back.
        to: Version,
        /// Why.
        why: Why,
        /// When.
        at: Timestamp,
    },
}

/// A release that was not begun with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Its version.
    pub version: Version,
    /// Why, in one word.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

impl Refused {
    /// Whether that speaks of this box alone: the release is begun with again by itself, and no wave is halted for it.
    pub(crate) fn is_of_the_box(&self) -> bool {
        self.why == Why::JournalDamaged.to_string()
    }
}

/// How the box stands with its updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    pub(super) layout: u16,
    /// The version in use, once its packages are kept.
    pub installed: Option<Version>,
    /// The one before it: the only older one that headquarters may send the box back to.
    pub previous: Option<Version>,
    /// What came of the last update.
    pub last: Option<LastUpdate>,
    /// The release that was not begun with last.
    pub refused: Option<Refused>,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            layout: LAYOUT,
            installed: None,
            previous: None,
            last: None,
            refused: None,
        }
    }
}

impl Standing {
    /// Whether this version is noted already as one that was not begun with, for this reason.
    pub(super) fn refuses(&self, version: Version, why: &str) -> bool {
        let noted = self.refused.as_ref();
        noted.is_some_and(|noted| noted.version == version && noted.why == why)
    }

    /// Whether the last update was to this version, and the box went back from it.
    #[must_use]
    pub fn went_back_from(&self, offered: Version) -> bool {
        matches!(&self.last, Some(LastUpdate::RolledBack { version, .. }) if *version == offered)
    }
}

/// How far an update is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The packages are being installed.
    Installing,
    /// They are; the new program is looked at.
    Proving,
    /// The version before comes back.
    GoingBack {
        /// Why.
        why: Why,
    },
}

/// An update under way: on the medium before each step is begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    layout: u16,
    /// The version before.
    pub from: Version,
    /// The version to come.
    pub to: Version,
    /// The packages of the version before, below `packages/`.
    pub back: Vec<PathBuf>,
    /// The packages to come, below `packages/`.
    pub next: Vec<PathBuf>,
    /// How the programs fared before.
    pub before: Health,
    /// How far it is.
    pub step: Step,
    /// How often this step was begun; on the way back from a release whose journal was damaged, how often that was.
    pub tries: u8,
}

impl Journal {
    /// An update that is about to begin.
    #[must_use]
    pub fn new(
        (from, back): (Version, Vec<PathBuf>),
        (to, next): (Version, Vec<PathBuf>),
        before: Health,
    ) -> Self {
        Self {
            layout: LAYOUT,
            from,
            to,
            back,
            next,
            before,
            step: Step::Installing,
            tries: 1,
        }
    }
}

/// The installer's folder.
#[derive(Debug, Clone)]
pub struct Ground {
    folder: PathBuf,
}

impl Ground {
    /// The box's own: $MPAKA_UPDATE, else /var/lib/mpaka-update.
    #[must_use]
    pub fn of_box() -> Self {
        let set = std::env::var_os("MPAKA_UPDATE").filter(|folder| !folder.is_empty());
        Self::at(set.map_or_else(|| "/var/lib/mpaka-update".into(), PathBuf::from))
    }

    /// A folder, which may be absent.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether this box takes updates.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        self.root_of_trust().is_file()
    }

    /// Whether an update is under way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.journal_file().exists()
    }

    /// The root of trust for updates.
    #[must_use]
    pub fn root_of_trust(&self) -> PathBuf {
        self.folder.join("root.json")
    }

    /// How the box stands with its updates.
    ///
    /// # Errors
    /// [`UpdateError::Damaged`], [`UpdateError::Disk`].
    pub fn standing(&self) -> Result<Standing, UpdateError> {
        Ok(read_json(&self.standing_file())?.unwrap_or_default())
    }

    /// The update under way.
    ///
    /// # Errors
    /// [`UpdateError::Damaged`], [`UpdateError::Disk`].
    pub fn journal(&self) -> Result<Option<Journal>, UpdateError> {
        read_json(&self.journal_file())
    }

    pub(super) fn verifier(&self) -> PathBuf {
        self.folder.join("tuf")
    }

    pub(super) fn packages(&self) -> PathBuf {
        self.folder.join("packages")
    }

    /// Where this program lies while another proves itself; `mpaka-update.service` starts it from there.
    #[must_use]
    pub fn keeper(&self) -> PathBuf {
        self.folder.join("keeper")
    }

    fn standing_file(&self) -> PathBuf {
        self.folder.join("standing.json")
    }

    fn journal_file(&self) -> PathBuf {
        self.folder.join("journal.json")
    }

    /// Keeps a second installer out while the file is held, and clears away what an interrupted one left.
    pub(super) fn alone(&self) -> Result<File, UpdateError> {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let path = self.folder.join("lock");
        // Whoever may open it may lock it: nobody else's to open, in a folder that everybody may read.
        let own = 0o600;
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(own)
            .open(&path)
            .and_then(|lock| {
                lock.set_permissions(std::fs::Permissions::from_mode(own))?;
                Ok(lock)
            })
            .map_err(UpdateError::disk(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(UpdateError::Elsewhere),
            Err(TryLockError::Error(e)) => return Err(UpdateError::disk(path)(e)),
        }
        durable::sweep(&self.folder, &[durable::LEFTOVER])
            .map_err(UpdateError::disk(&self.folder))?;
        Ok(lock)
    }

    /// The files that were damaged and are set aside, by name.
    #[must_use]
    pub fn set_aside(&self) -> Vec<&'static str> {
        let files = [
            ("journal", self.journal_file()),
            ("standing", self.standing_file()),
        ];
        files
            .into_iter()
            .filter(|(_, file)| aside(file).exists())
            .map(|(name, _)| name)
            .collect()
    }

    pub(super) fn set_journal_aside(&self) -> Result<(), UpdateError> {
        self.keep_aside(&self.journal_file())
    }

    pub(super) fn set_standing_aside(&self) -> Result<(), UpdateError> {
        self.keep_aside(&self.standing_file())
    }

    /// Keeps a damaged file under another name too; in its own place it stays until another takes that.
    fn keep_aside(&self, file: &Path) -> Result<(), UpdateError> {
        let aside = aside(file);
        remove(&aside)?;
        std::fs::hard_link(file, &aside).map_err(UpdateError::disk(&aside))?;
        durable::sync_folder(&self.folder).map_err(UpdateError::disk(&self.folder))
    }

    /// What was set aside is of no use any more.
    pub(super) fn clear_aside(&self) -> Result<(), UpdateError> {
        remove(&aside(&self.journal_file()))?;
        remove(&aside(&self.standing_file()))
    }

    pub(super) fn keep_standing(&self, standing: &Standing) -> Result<(), UpdateError> {
        write_json(&self.standing_file(), standing)
    }

    pub(super) fn keep_journal(&self, journal: &Journal) -> Result<(), UpdateError> {
        write_json(&self.journal_file(), journal)
    }

    /// The update has come to its end: nothing is under way any more, and packages of no use go. What was there to go
    /// back to stays: a release that brings one package leaves the others in use as they are.
    pub(super) fn close_journal(&self, journal: &Journal) -> Result<(), UpdateError> {
        self.forget_journal()?;
        self.keep_only(&self.standing()?, &journal.back, None)
    }

    /// Nothing is under way any more.
    pub(super) fn forget_journal(&self) -> Result<(), UpdateError> {
        remove(&self.journal_file())?;
        durable::sync_folder(&self.folder).map_err(UpdateError::disk(&self.folder))?;
        remove(&self.keeper())
    }

    /// Keeps a copy of this program.
    pub(super) fn keep_program(&self, program: &Path) -> Result<(), UpdateError> {
        use std::os::unix::fs::PermissionsExt;
        let keeper = self.keeper();
        if program == keeper {
            return Ok(());
        }
        let mut from = File::open(program).map_err(UpdateError::disk(program))?;
        let mut copy = tempfile::Builder::new()
            .prefix(durable::LEFTOVER)
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempfile_in(&self.folder)
            .map_err(UpdateError::disk(&self.folder))?;
        std::io::copy(&mut from, &mut copy).map_err(UpdateError::disk(&keeper))?;
        copy.as_file()
            .sync_all()
            .map_err(UpdateError::disk(&keeper))?;
        copy.persist(&keeper)
            .map_err(|e| UpdateError::disk(&keeper)(e.error))?;
        durable::sync_folder(&self.folder).map_err(UpdateError::disk(&self.folder))
    }
}

/// The name under which a damaged file is set aside.
fn aside(file: &Path) -> PathBuf {
    file.with_extension("damaged")
}

/// Reads a file of bounded length; `None` where it is absent.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, UpdateError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(UpdateError::disk(path)(e)),
    };
    let mut bytes = Vec::new();
    file.take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(UpdateError::disk(path))?;
    if bytes.len() as u64 > LIMIT {
        return Err(UpdateError::Damaged {
            path: path.to_owned(),
            why: "it is too long".into(),
        });
    }
    Ok(Some(bytes))
}

/// What every file of the installer's says first.
#[derive(Deserialize)]
struct Layout {
    layout: u16,
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, UpdateError> {
    let Some(bytes) = read(path)? else {
        return Ok(None);
    };
    let damaged = |why: String| UpdateError::Damaged {
        path: path.to_owned(),
        why,
    };
    let found: Layout = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if found.layout > LAYOUT {
        return Err(damaged(format!(
            "layout {} is newer than this program",
            found.layout
        )));
    }
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|e| damaged(e.to_string()))
}

fn write_json(path: &Path, content: &impl Serialize) -> Result<(), UpdateError> {
    let text = serde_json::to_vec_pretty(content).expect("texts and numbers serialise");
    durable::replace(path, &text, Readers::Anyone).map_err(UpdateError::disk(path))
}

fn remove(path: &Path) -> Result<(), UpdateError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(UpdateError::disk(path)(e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn yesterdays_files_are_read_and_tomorrows_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground::at(folder.path());
        assert_eq!(ground.standing().unwrap(), Standing::default());
        assert_eq!(ground.journal().unwrap(), None);
        let written = r#"{"layout":1,"installed":"0.2.0-1","previous":"0.1.0-1","last":{"rolled_back":
            {"version":"0.3.0-1","to":"0.2.0-1","why":{"new_fault":"zone reader"},"at":"2026-11-29T08:00:00Z"}},
            "refused":null}"#;
        std::fs::write(folder.path().join("standing.json"), written).unwrap();
        let standing = ground.standing().unwrap();
        assert!(standing.went_back_from("0.3.0-1".parse().unwrap()));
        assert!(!standing.went_back_from("0.3.0-2".parse().unwrap()));
        let written = r#"{"layout":1,"from":"0.1.0-1","to":"0.2.0-1","back":["0.1.0-1/a.deb"],"next":["0.2.0-1/a.deb"],
            "before":{"serving":"up","faults":["keys"]},"step":{"going_back":{"why":"never_up"}},"tries":1}"#;
        std::fs::write(folder.path().join("journal.json"), written).unwrap();
        let journal = ground.journal().unwrap().unwrap();
        assert_eq!(journal.step, Step::GoingBack { why: Why::NeverUp });
        std::fs::write(folder.path().join("journal.json"), r#"{"layout":2}"#).unwrap();
        assert!(matches!(ground.journal(), Err(UpdateError::Damaged { .. })));
    }

    #[test]
    fn nobody_else_can_hold_the_installers_lock() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground::at(folder.path());
        // As an earlier program left it.
        File::create(folder.path().join("lock")).unwrap();
        let lock = ground.alone().unwrap();
        assert_eq!(lock.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(ground.alone(), Err(UpdateError::Elsewhere)));
        drop(lock);
        assert!(ground.alone().is_ok());
    }

    #[test]
    fn a_reason_passes_through_a_health_report() {
        let why = Why::NewFault("zone reader <b>".into());
        assert_eq!(why.to_string(), "new_fault:zone-reader--b-");
    }
}
