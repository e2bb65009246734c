//! A headquarters in a temporary folder, worked through its program's command line.
#![allow(dead_code, reason = "each test program uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A folder without a ceremony.
    pub(crate) fn bare() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A headquarters after its ceremony.
    pub(crate) fn new() -> Self {
        let desk = Self::bare();
        desk.done(&["ceremony", "--threshold", "2", "--keys", "3"]);
        desk
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("hq")
    }

    /// A file beside the state folder.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A box's sealing key, beside the state folder.
    pub(crate) fn sealing(&self, name: &str) -> seal::sealing::SealingKey {
        let path = self.path(&format!("{name}-sealing.key"));
        seal::sealing::SealingKey::open_or_create(&path).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpaka-hq"));
        command
            .arg("--state")
            .arg(self.state())
            .arg("--json")
            .args(arguments);
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
