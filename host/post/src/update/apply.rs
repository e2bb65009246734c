//! The installer: takes a release that is laid out, proves it, and goes back where it does not do.

use super::error::UpdateError;
use super::journal::{Ground, Journal, LastUpdate, Refused, Standing, Step, Why, read};
use super::lane::{Closed, Lane};
use super::machine::{Health, Machine, Serving};
use super::staged::Offer;
use crate::state::{KeysStanding, StateDir};
use jiff::Timestamp;
use seal::bundle::software::{Package, SoftwareFile, Version};
use seal::bundle::{self, Expiry, Turn, Verified};
use seal::durable::{self, Readers};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// So many looks at the new program, some seconds apart: minutes, for a box that is slow to come up.
const LOOKS: usize = 60;
/// No look begins after so long, however long each took: a doctor that hangs is waited for each time.
const LOOKED_FOR_AT_MOST: Duration = Duration::from_secs(15 * 60);
/// So many in a row must find it well: half a minute and more, in which its watchdog has looked at it too.
const WELL: usize = 6;
/// An installation that was cut off is begun again, in all so many times.
const INSTALLED_AT_MOST: u8 = 2;
/// A program that is never seen well through so many starts of the machine does not do.
const PROVED_AT_MOST: u8 = 3;
/// A release whose journal was damaged is begun with again, so many times in all.
const DAMAGED_AT_MOST: u8 = 1;
/// The word for headquarters of a version that the box could not go back from yet.
const WAY_BACK_FAILED: &str = "way_back_failed";
/// The doctor's word for keys that nobody has unlocked since the machine started.
const KEYS: &str = "keys";

/// What the installer did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum Applied {
    /// Nothing waits that could be installed.
    Nothing,
    /// The release is what is installed: its packages are kept, to go back to.
    Kept {
        /// The version.
        version: Version,
    },
    /// It is not this box's turn, or headquarters has halted the release.
    NotNow {
        /// The version.
        version: Version,
    },
    /// Somebody stands at the desk: later.
    Busy {
        /// The version to come, or to come back.
        version: Version,
    },
    /// It is begun with once the box's keys are unlocked: without them no program can prove itself.
    KeysFirst {
        /// The version to come.
        version: Version,
    },
    /// It is installed, and cannot prove itself before the box's keys are unlocked.
    Locked {
        /// The version.
        version: Version,
    },
    /// It is in use.
    Installed {
        /// The version.
        version: Version,
    },
    /// The journal of an update was damaged; what had proved itself is in use, and updates go on from there.
    JournalSetAside,
    /// It did not do; the version before is in use again.
    RolledBack {
        /// The version that did not do.
        version: Version,
        /// The version in use.
        to: Version,
        /// Why.
        why: String,
    },
}

/// What the installer works with.
pub struct Applying<'a> {
    /// Its own folder.
    pub ground: &'a Ground,
    /// The appliance's state, of which nothing is believed.
    pub state: &'a StateDir,
    /// Whether somebody stands at the desk.
    pub lane: &'a Lane,
    /// This program.
    pub program: &'a Path,
    /// The machine.
    pub machine: &'a mut dyn Machine,
}

impl std::fmt::Debug for Applying<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Applying({})", self.ground.folder().display())
    }
}

/// What came of looking at the new program.
enum Proof {
    Holds,
    Locked,
    Fails(Why),
}

impl Applying<'_> {
    /// Goes on with an update under way, or takes the release that is laid out.
    ///
    /// # Errors
    /// [`UpdateError`]; the programs are as they were then, but for [`UpdateError::WayBack`] and where the disk fails
    /// in the middle: the next call goes on.
    pub fn run(&mut self, now: Timestamp) -> Result<Applied, UpdateError> {
        if !self.ground.is_set_up() {
            return Err(UpdateError::NotSetUp {
                folder: self.ground.folder().to_owned(),
            });
        }
        let _alone = self.ground.alone()?;
        self.mend_standing()?;
        match self.ground.journal() {
            Ok(Some(journal)) => self.go_on(journal, now),
            Ok(None) => self.begin(now),
            // Asked again, it begins: by the program in use, not by a copy that an update left.
            Err(e) => match self.without_journal(e)? {
                Some(journal) => self.go_on(journal, now),
                None => Ok(Applied::JournalSetAside),
            },
        }
    }

    fn begin(&mut self, now: Timestamp) -> Result<Applied, UpdateError> {
        let laid = self.state.update();
        if !laid.join("metadata/timestamp.json").is_file() {
            return Ok(Applied::Nothing);
        }
        let root = read(&self.ground.root_of_trust())?.unwrap_or_default();
        let datastore = self.ground.verifier();
        let verified = bundle::verify_roles(&laid, &root, &datastore, now, Expiry::Refuse)?;
        // Whatever comes of it: no older word of headquarters' is believed from here on. This one is, again.
        verified.remember()?;
        let Some(offer) = Offer::of(&verified.targets) else {
            return Ok(Applied::Nothing);
        };
        let taken = self.take(&verified, &offer, now);
        if let Some(why) = taken.as_ref().err().and_then(UpdateError::refusal) {
            self.note_refusal(offer.version, why, now)?;
        }
        taken
    }

    /// Notes for headquarters why a version is not in use; the same thing once, for it is asked again and again.
    fn note_refusal(&self, version: Version, why: &str, now: Timestamp) -> Result<(), UpdateError> {
        let mut standing = self.ground.standing()?;
        if standing.refuses(version, why) {
            return Ok(());
        }
        standing.refused = Some(Refused {
            version,
            why: why.to_owned(),
            at: now,
        });
        self.ground.keep_standing(&standing)
    }

    fn take(
        &mut self,
        verified: &Verified,
        offer: &Offer,
        now: Timestamp,
    ) -> Result<Applied, UpdateError> {
        let version = offer.version;
        let installed = self.machine.installed()?;
        let current = *installed
            .get(&Package::Post)
            .ok_or(UpdateError::NotInstalled)?;
        let machine = self.machine.architecture()?;
        let files = offer.suiting(machine, |package| installed.contains_key(&package));
        if !files.iter().any(|(file, _)| file.package == Package::Post) {
            return Err(UpdateError::NotForThisMachine {
                version,
                architecture: machine.as_str(),
            });
        }
        let mut standing = self.ground.standing()?;
        if version == current {
            return self.keep(verified, &files, standing, version);
        }
        if standing.went_back_from(version) {
            return Ok(Applied::Nothing);
        }
        if let Some(rollout) = &verified.rollout
            && rollout.turn_of(&self.state.post()?.post) != Turn::Now
        {
            return Ok(Applied::NotNow { version });
        }
        if version < current && standing.previous != Some(version) {
            return Err(UpdateError::Downgrade {
                offered: version,
                installed: current,
            });
        }
        let back = self
            .ground
            .way_back(&installed)
            .ok_or(UpdateError::NoWayBack { installed: current })?;
        self.ground.keep_only(&standing, &back, Some(version))?;
        self.room_for_copies(verified, &files, version)?;
        let next = self.copy(verified, &files, version)?;
        self.fits(version, &next, &back)?;
        // A program that is looked at over locked keys shows nothing of what it does with them.
        if self.state.keys_standing() == KeysStanding::Locked {
            return Ok(Applied::KeysFirst { version });
        }
        let Some(closed) = self.lane.close()? else {
            return Ok(Applied::Busy { version });
        };
        let before = self.machine.health();
        self.ground.keep_program(self.program)?;
        if standing.installed != Some(current) {
            standing.installed = Some(current);
            self.ground.keep_standing(&standing)?;
        }
        let journal = Journal::new((current, back), (version, next), before);
        self.install(journal, closed, now)
    }

    /// Keeps the packages of the version in use, so that there is a way back to it.
    fn keep(
        &mut self,
        verified: &Verified,
        files: &[(SoftwareFile, &str)],
        mut standing: Standing,
        version: Version,
    ) -> Result<Applied, UpdateError> {
        self.room_for_copies(verified, files, version)?;
        self.copy(verified, files, version)?;
        let refused = standing.refused.take();
        if standing.installed == Some(version) && refused.is_none() {
            return Ok(Applied::Nothing);
        }
        standing.installed = Some(version);
        self.ground.keep_standing(&standing)?;
        Ok(Applied::Kept { version })
    }

    /// Copies packages out of the appliance's reach, each byte held against its signature and each package against its
    /// signed name; where they lie below `packages/`.
    fn copy(
        &mut self,
        verified: &Verified,
        files: &[(SoftwareFile, &str)],
        version: Version,
    ) -> Result<Vec<PathBuf>, UpdateError> {
        let below = PathBuf::from(version.to_string());
        let folder = self.ground.packages().join(&below);
        std::fs::create_dir_all(&folder).map_err(UpdateError::disk(&folder))?;
        durable::sweep(&folder, &[".tmp"]).map_err(UpdateError::disk(&folder))?;
        let mut copied = Vec::new();
        for (file, target) in files {
            let name = file.to_string();
            verified.copy_as(target, &folder, &name)?;
            let path = folder.join(&name);
            let says = self.machine.says(&path)?;
            if says != Some(*file) {
                std::fs::remove_file(&path).map_err(UpdateError::disk(&path))?;
                let says = says.map_or_else(|| "no package of ours".into(), |s| s.to_string());
                return Err(UpdateError::OtherPackage { name, says });
            }
            copied.push(below.join(name));
        }
        for folder in [self.ground.packages().as_path(), self.ground.folder()] {
            durable::sync_folder(folder).map_err(UpdateError::disk(folder))?;
        }
        Ok(copied)
    }

    /// An update that was cut off goes on where it was.
    fn go_on(&mut self, mut journal: Journal, now: Timestamp) -> Result<Applied, UpdateError> {
        match journal.step.clone() {
            Step::Installing if journal.tries >= INSTALLED_AT_MOST => {
                self.go_back(journal, Why::PowerCut, None, now)
            }
            Step::Installing => {
                let Some(closed) = self.lane.close()? else {
                    return Ok(Applied::Busy {
                        version: journal.to,
                    });
                };
                journal.tries += 1;
                self.install(journal, closed, now)
            }
            Step::Proving if journal.tries >= PROVED_AT_MOST => {
                self.go_back(journal, Why::NeverUp, None, now)
            }
            Step::Proving => {
                if journal.tries == 0 {
                    // Cut off before the new program was started, unless the machine has done so since.
                    self.restart();
                }
                self.prove(journal, now)
            }
            Step::GoingBack { why } => self.go_back(journal, why, None, now),
        }
    }

    fn install(
        &mut self,
        mut journal: Journal,
        closed: Closed,
        now: Timestamp,
    ) -> Result<Applied, UpdateError> {
        self.ground.keep_journal(&journal)?;
        let next = self.ground.paths(&journal.next);
        if let Err(e) = self.machine.install(&next) {
            tracing::error!("{} cannot be installed: {e}", journal.to);
            return self.go_back(journal, Why::InstallFailed, Some(closed), now);
        }
        journal.step = Step::Proving;
        journal.tries = 0;
        self.ground.keep_journal(&journal)?;
        self.restart();
        drop(closed);
        self.prove(journal, now)
    }

    fn restart(&mut self) {
        // Whether it came up is seen in a moment.
        if let Err(e) = self.machine.restart() {
            tracing::warn!("the appliance was not started anew: {e}");
        }
    }

    fn prove(&mut self, mut journal: Journal, now: Timestamp) -> Result<Applied, UpdateError> {
        journal.tries = journal.tries.saturating_add(1);
        self.ground.keep_journal(&journal)?;
        match self.look(&journal.before) {
            Proof::Holds => self.confirm(&journal, now),
            Proof::Locked => {
                // Waiting for a person is no try.
                journal.tries = 1;
                self.ground.keep_journal(&journal)?;
                Ok(Applied::Locked {
                    version: journal.to,
                })
            }
            Proof::Fails(why) => self.go_back(journal, why, None, now),
        }
    }

    /// Looks at the new program until it has been well for a while, or the time is over.
    fn look(&mut self, before: &Health) -> Proof {
        let mut well = 0;
        let mut last = Why::NeverUp;
        let begun = Instant::now();
        for _ in 0..LOOKS {
            if begun.elapsed() >= LOOKED_FOR_AT_MOST {
                break;
            }
            let health = self.machine.health();
            match against(before, &health) {
                None => {
                    well += 1;
                    if well == WELL {
                        return Proof::Holds;
                    }
                }
                Some(why) => {
                    well = 0;
                    let found = health.faults.unwrap_or_default();
                    let had = before.faults.as_ref().is_some_and(|f| f.contains(KEYS));
                    // Keys that lie unlocked, and that the new program does not find, are its own fault.
                    let are_locked = self.state.keys_standing() == KeysStanding::Locked;
                    if found.contains(KEYS) && !had && are_locked {
                        return Proof::Locked;
                    }
                    last = why;
                }
            }
            self.machine.wait();
        }
        Proof::Fails(last)
    }

    fn confirm(&mut self, journal: &Journal, now: Timestamp) -> Result<Applied, UpdateError> {
        let mut standing = self.ground.standing()?;
        standing.installed = Some(journal.to);
        standing.previous = Some(journal.from);
        standing.refused = None;
        standing.last = Some(LastUpdate::Installed {
            version: journal.to,
            at: now,
        });
        self.ground.keep_standing(&standing)?;
        self.ground.close_journal(journal)?;
        self.ground.clear_aside()?;
        Ok(Applied::Installed {
            version: journal.to,
        })
    }

    fn go_back(
        &mut self,
        mut journal: Journal,
        why: Why,
        closed: Option<Closed>,
        now: Timestamp,
    ) -> Result<Applied, UpdateError> {
        journal.step = Step::GoingBack { why: why.clone() };
        self.ground.keep_journal(&journal)?;
        let to = journal.from;
        let Some(closed) = closed.map_or_else(|| self.at_rest(), |closed| Ok(Some(closed)))? else {
            return Ok(Applied::Busy { version: to });
        };
        tracing::error!("{} did not do ({why}): {to} comes back", journal.to);
        let back = self.ground.paths(&journal.back);
        if let Err(source) = self.machine.install(&back) {
            // Headquarters hears of a box that stands between two versions, where the disk still takes a word.
            if let Err(e) = self.note_refusal(journal.to, WAY_BACK_FAILED, now) {
                tracing::error!("headquarters will not hear of it: {e}");
            }
            return Err(UpdateError::WayBack { to, source });
        }
        let mut standing = self.ground.standing()?;
        standing.installed = Some(to);
        if why == Why::JournalDamaged && journal.tries <= DAMAGED_AT_MOST {
            // That says nothing of the release: it is begun with once more.
            standing.refused = Some(Refused {
                version: journal.to,
                why: why.to_string(),
                at: now,
            });
        } else {
            standing.refused = None;
            standing.last = Some(LastUpdate::RolledBack {
                version: journal.to,
                to,
                why: why.clone(),
                at: now,
            });
        }
        self.ground.keep_standing(&standing)?;
        self.restart();
        drop(closed);
        self.ground.close_journal(&journal)?;
        Ok(Applied::RolledBack {
            version: journal.to,
            to,
            why: why.to_string(),
        })
    }

    /// Waits, not for long, until nobody stands at the desk.
    fn at_rest(&mut self) -> Result<Option<Closed>, UpdateError> {
        for _ in 0..LOOKS {
            if let Some(closed) = self.lane.close()? {
                return Ok(Some(closed));
            }
            self.machine.wait();
        }
        Ok(None)
    }
}

/// What is worse now than it was before; `None` where nothing is.
fn against(before: &Health, now: &Health) -> Option<Why> {
    let Some(found) = &now.faults else {
        return before.faults.as_ref().map(|_| Why::NoDoctor);
    };
    let new = |part: &&String| before.faults.as_ref().is_some_and(|f| !f.contains(*part));
    if let Some(part) = found.iter().find(new) {
        return Some(Why::NewFault(part.clone()));
    }
    let was_up = before.serving == Serving::Up;
    (was_up && now.serving == Serving::Down).then_some(Why::NeverUp)
}

/// Makes a box take updates: a root of trust of the installer's own, and the packages that are installed, to go back
/// to. Done again with the same root, it keeps the packages given.
///
/// # Errors
/// [`UpdateError::OtherRoot`], [`UpdateError::Unfit`], and what the machine and the disk say.
pub fn set_up(
    ground: &Ground,
    root: &Path,
    packages: &[PathBuf],
    machine: &mut dyn Machine,
) -> Result<Standing, UpdateError> {
    use std::os::unix::fs::DirBuilderExt;
    let unfit = |path: &Path, why: &str| UpdateError::Unfit {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    let bytes = read(root)?.ok_or_else(|| unfit(root, "it is not there"))?;
    let is_root = serde_json::from_slice::<serde_json::Value>(&bytes)
        .is_ok_and(|v| v.pointer("/signed/_type").is_some_and(|t| t == "root"));
    if !is_root {
        return Err(unfit(root, "it is no root of trust (roots/1.root.json)"));
    }
    let folder = ground.folder();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .map_err(UpdateError::disk(folder))?;
    let _alone = ground.alone()?;
    let own = ground.root_of_trust();
    if read(&own)?.is_some_and(|held| held != bytes) {
        return Err(UpdateError::OtherRoot {
            folder: folder.to_owned(),
        });
    }
    let installed = machine.installed()?;
    for path in packages {
        let told = machine
            .says(path)?
            .ok_or_else(|| unfit(path, "it is no package of the house's"))?;
        if installed.get(&told.package) != Some(&told.version) {
            return Err(unfit(path, "it is not the version that is installed"));
        }
        let kept = ground.packages().join(told.version.to_string());
        std::fs::create_dir_all(&kept).map_err(UpdateError::disk(&kept))?;
        let content = std::fs::read(path).map_err(UpdateError::disk(path))?;
        let kept = kept.join(told.to_string());
        durable::replace(&kept, &content, Readers::Anyone).map_err(UpdateError::disk(&kept))?;
        let folders = ground.packages();
        durable::sync_folder(&folders).map_err(UpdateError::disk(folders))?;
    }
    let mut standing = ground.standing()?;
    if ground.way_back(&installed).is_some() {
        standing.installed = installed.get(&Package::Post).copied();
        standing.refused = None;
    }
    ground.keep_standing(&standing)?;
    // Last: with it the box takes updates.
    durable::replace(&own, &bytes, Readers::Anyone).map_err(UpdateError::disk(&own))?;
    Ok(standing)
}
