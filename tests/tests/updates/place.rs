//! A headquarters and a box that takes updates, each in a folder.

use crate::machine::Simulated;
use mpaka_tests::whole::scenarios::{LISTED_DOCUMENTS, LISTED_PERSONS};
use mpaka_tests::whole::{Headquarters, Post, Programs};
use post::state::StateDir;
use post::update::{Applied, Applying, Ground, Lane, UpdateError, set_up};
use seal::bundle::software::{Architecture, Package, SoftwareFile, Version};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// No test beside this one starts a program for so long.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn version(text: &str) -> Version {
    text.parse().unwrap()
}

pub(crate) fn here() -> Architecture {
    Architecture::of_this_program().unwrap()
}

pub(crate) fn name_of(version: Version) -> String {
    let file = SoftwareFile {
        package: Package::Post,
        version,
        architecture: here(),
    };
    file.to_string()
}

/// A package file as the simulated machine reads it: it begins as every package does, and says what it is.
pub(crate) fn package(folder: &Path, name: &str, says: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("!<arch>\ndebian-binary\n{says}\n")).unwrap();
    path
}

pub(crate) fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    done(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// A headquarters and a box that runs 0.1.0-1 and takes updates.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) programs: Programs,
    pub(crate) headquarters: Headquarters,
    pub(crate) post: Post,
    pub(crate) ground: Ground,
    pub(crate) machine: Simulated,
}

impl Place {
    /// With the packages in use kept, so that there is a way back.
    pub(crate) fn new() -> Self {
        Self::keeping(true)
    }

    pub(crate) fn keeping(is_kept: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let programs = Programs::beside_this().unwrap();
        let hq = root.join("hq");
        std::fs::create_dir(&hq).unwrap();
        let headquarters = Headquarters::ceremony(&programs, &hq).unwrap();
        let post =
            Post::enrol(&programs, "UTO-1", &root.join("post"), &root, &headquarters).unwrap();
        let repository = root.join("repository");
        headquarters
            .publish(LISTED_PERSONS, LISTED_DOCUMENTS, &repository)
            .unwrap();
        let mut machine = Simulated::with("0.1.0-1");
        let ground = Ground::at(root.join("ground"));
        let name = name_of(machine.installed);
        let kept = package(&root, &name, &name);
        let packages = if is_kept { vec![kept] } else { Vec::new() };
        set_up(&ground, &headquarters.root_file(), &packages, &mut machine).unwrap();
        Self {
            _folder: folder,
            root,
            programs,
            headquarters,
            post,
            ground,
            machine,
        }
    }

    pub(crate) fn state(&self) -> StateDir {
        StateDir::new(self.post.state())
    }

    pub(crate) fn hq(&self, words: &[&str]) {
        done(self.headquarters.command().args(words));
    }

    /// Lists a package under its name, whatever it says of itself, and publishes it to every box.
    pub(crate) fn publish_as(&self, name: &str, says: &str) {
        let file = package(&self.root, name, says);
        self.hq(&["files", "add", "software", file.to_str().unwrap()]);
        self.publish();
    }

    /// Publishes what is listed to every box.
    pub(crate) fn publish(&self) {
        for person in ["a.first", "b.second"] {
            self.hq(&["approve", "--by", person]);
        }
        let repository = self.root.join("repository");
        let out = repository.to_str().unwrap();
        self.hq(&["publish", "--waves", "all", "--out", out]);
    }

    pub(crate) fn mpaka(&self, words: &[&str]) -> String {
        let mut command = self.post.command();
        command
            .env("MPAKA_UPDATE", self.ground.folder())
            .arg("--json")
            .args(words);
        done(&mut command)
    }

    /// Publishes a release, and the box takes the edition that it comes with.
    pub(crate) fn release(&self, text: &str) {
        let name = name_of(version(text));
        self.publish_as(&name, &name);
        self.take();
    }

    pub(crate) fn take(&self) {
        let repository = self.root.join("repository");
        self.mpaka(&["editions", "take", repository.to_str().unwrap()]);
    }

    pub(crate) fn apply(&mut self) -> Result<Applied, UpdateError> {
        self.apply_beside(&Lane::at(self.root.join("lane")))
    }

    /// A test of this program that starts another one holds every lock of the others with it, from the fork to the exec: it
    /// is asked again.
    pub(crate) fn apply_beside(&mut self, lane: &Lane) -> Result<Applied, UpdateError> {
        let asked = Instant::now();
        loop {
            let state = self.state();
            let applied = Applying {
                ground: &self.ground,
                state: &state,
                lane,
                program: Path::new("/bin/true"),
                machine: &mut self.machine,
            }
            .run(jiff::Timestamp::now());
            match applied {
                Err(UpdateError::Elsewhere) if asked.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                applied => return applied,
            }
        }
    }

    /// Applies until the power goes, or to the end.
    pub(crate) fn apply_until_cut(&mut self) -> Option<Result<Applied, UpdateError>> {
        catch_unwind(AssertUnwindSafe(|| self.apply())).ok()
    }

    pub(crate) fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.mpaka(&["update"])).unwrap()
    }
}

pub(crate) fn installed(text: &str) -> Applied {
    Applied::Installed {
        version: version(text),
    }
}

pub(crate) fn rolled_back(text: &str, why: &str) -> Applied {
    Applied::RolledBack {
        version: version(text),
        to: version("0.1.0-1"),
        why: why.into(),
    }
}
