//! A headquarters in a temporary folder, worked through its program's command line; and what stands around it: boxes
//! that send and report, its servers, a PostgreSQL.
#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod boxes;
pub(crate) mod program;
pub(crate) mod server;
pub(crate) mod tls;
pub(crate) mod wire;

use rules::PostId;
use seal::SealError;
use seal::bundle;
use seal::content::{EpochKey, KeyRing};
use seal::device::{DeviceKey, Enrolment};
use seal::sealing::SealingKey;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use watchlist::arrival;

/// The own police.
pub(crate) const POLICE: &str = "Utopia Police";

pub(crate) struct Desk {
    folder: PathBuf,
    /// The folder itself, where it goes with the desk.
    own: Option<TempDir>,
    /// The database of parcels that every command is told of; the file in the state folder where none is named.
    database: Option<String>,
    /// What the program finds in its environment beside what the test does.
    environment: Vec<(&'static str, PathBuf)>,
}

/// What a box of this key makes of a verified bundle, with the edition in `active` in use.
///
/// # Errors
/// `NotForThisBox` where the bundle was not encrypted to it.
pub(crate) fn assemble(
    verified: &bundle::Verified,
    mine: &SealingKey,
    active: Option<&Path>,
    staged: &Path,
) -> Result<(), SealError> {
    let held = active.map(|a| watchlist::Edition::open(a).unwrap().info().number);
    let plan = arrival::plan(&verified.targets, held, verified.edition).unwrap();
    let mut keys = KeyRing::default();
    for name in plan.keys.values() {
        let mut wrapped = Vec::new();
        verified
            .open(name)
            .unwrap()
            .read_to_end(&mut wrapped)
            .unwrap();
        keys.add(EpochKey::unwrap_for(&wrapped, mine)?);
    }
    arrival::assemble(verified, &plan, &keys, active, staged).unwrap();
    Ok(())
}

impl Desk {
    /// A folder without a ceremony.
    pub(crate) fn bare() -> Self {
        Self::with(Vec::new())
    }

    /// The same; the program finds this in its environment.
    pub(crate) fn with(environment: Vec<(&'static str, PathBuf)>) -> Self {
        let own = tempfile::tempdir().unwrap();
        Self {
            folder: own.path().to_owned(),
            own: Some(own),
            database: None,
            environment,
        }
    }

    /// A headquarters in a folder that is kept; its ceremony is held where it has not been.
    pub(crate) fn kept(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let desk = Self {
            folder: folder.to_owned(),
            own: None,
            database: None,
            environment: Vec::new(),
        };
        if !desk.state().join("hq-public.json").exists() {
            desk.done(&["ceremony", "--threshold", "2", "--keys", "3"]);
        }
        desk
    }

    /// The same desk, whose parcels are in this database.
    pub(crate) fn with_database(self, url: String) -> Self {
        Self {
            database: Some(url),
            ..self
        }
    }

    /// A headquarters after its ceremony.
    pub(crate) fn new() -> Self {
        let desk = Self::bare();
        desk.done(&["ceremony", "--threshold", "2", "--keys", "3"]);
        desk
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("hq")
    }

    /// Enrols a box; its sealing key.
    pub(crate) fn enrol(&self, post: &str) -> SealingKey {
        let folder = self.path(&format!("box-{post}"));
        std::fs::create_dir_all(&folder).unwrap();
        let device = DeviceKey::open_or_create(&folder.join("device.key")).unwrap();
        let sealing = self.sealing(post);
        let public = folder.join("device-public.json");
        Enrolment::new(PostId::new(post).unwrap(), &device, sealing.public())
            .write(&public)
            .unwrap();
        self.done(&["enrol", text(&public)]);
        sealing
    }

    /// What a box of this key makes of the repository, with the edition in `active` in use: its folder.
    pub(crate) fn take(
        &self,
        repository: &Path,
        mine: &SealingKey,
        active: Option<&Path>,
        into: &str,
    ) -> PathBuf {
        let root = std::fs::read(self.state().join("roots/1.root.json")).unwrap();
        let now = jiff::Timestamp::now();
        let verified = bundle::verify(
            repository,
            &root,
            &self.path("tuf"),
            now,
            bundle::Expiry::Refuse,
        )
        .unwrap();
        let staged = self.path(into);
        std::fs::create_dir_all(&staged).unwrap();
        assemble(&verified, mine, active, &staged).unwrap();
        verified.remember().unwrap();
        staged
    }

    /// Imports this CSV of persons as the own police's list; what the import reports.
    pub(crate) fn import(&self, persons: &str) -> serde_json::Value {
        let file = self.file("persons.csv", persons);
        let words = ["import", "--persons", &file, "--source", POLICE];
        let ground = ["--legal-basis", "Border Act 12"];
        self.done(&[&words[..], &ground].concat()).remove(0)
    }

    /// Both people approve the list as it stands, by name; what the second approval answered.
    pub(crate) fn approve(&self) -> serde_json::Value {
        self.done(&["approve", "--by", "a.wanjiru"]);
        self.done(&["approve", "--by", "b.otieno"]).remove(0)
    }

    /// A file beside the state folder.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A box's sealing key, beside the state folder.
    pub(crate) fn sealing(&self, name: &str) -> SealingKey {
        let path = self.path(&format!("{name}-sealing.key"));
        SealingKey::open_or_create(&path).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpaka-hq"));
        command
            .arg("--state")
            .arg(self.state())
            .arg("--json")
            .args(arguments)
            .envs(self.environment.iter().cloned());
        if let Some(database) = &self.database {
            command.env("MPAKA_HQ_DATABASE", database);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it, which must succeed; its answers, one a line.
    pub(crate) fn done(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Runs it, which must fail with this exit code and print nothing on stdout; what it says.
    pub(crate) fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        said
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
