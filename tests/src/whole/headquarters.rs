//! Headquarters, worked through `mpaka-hq` as its people would.

use super::WholeError;
use super::programs::{Programs, Running, json_lines, output};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// A headquarters with its keys, its list and its published editions in one folder.
#[derive(Debug)]
pub struct Headquarters {
    programs: Programs,
    folder: PathBuf,
    /// Where an edition was last published.
    repository: Mutex<Option<PathBuf>>,
}

impl Headquarters {
    /// Makes one: root and role keys with a threshold of 2 of 3, the parcel and the receipt keys.
    ///
    /// # Errors
    /// [`WholeError`] where the ceremony fails.
    pub fn ceremony(programs: &Programs, folder: &Path) -> Result<Self, WholeError> {
        let hq = Self {
            programs: programs.clone(),
            folder: folder.to_path_buf(),
            repository: Mutex::new(None),
        };
        output(
            hq.command()
                .args(["ceremony", "--threshold", "2", "--keys", "3"]),
        )?;
        Ok(hq)
    }

    /// A command line of this headquarters.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = self.programs.mpaka_hq();
        command.arg("--state").arg(self.state());
        command
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// The public file that a box needs to seal parcels and to know receipts.
    #[must_use]
    pub fn public_file(&self) -> PathBuf {
        self.state().join("hq-public.json")
    }

    /// The root of trust that a box is given by hand at enrolment.
    #[must_use]
    pub fn root_file(&self) -> PathBuf {
        self.state().join("roots/1.root.json")
    }

    /// Registers a box by the public file that it made; where an edition has been published already, the next one
    /// follows, which the new box can read.
    ///
    /// # Errors
    /// [`WholeError`] where headquarters refuses it.
    pub fn enrol(&self, device_public: &Path) -> Result<(), WholeError> {
        output(self.command().arg("enrol").arg(device_public))?;
        let published = self
            .repository
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match published {
            Some(repository) => {
                output(self.command().arg("publish").arg("--out").arg(repository)).map(|_| ())
            }
            None => Ok(()),
        }
    }

    /// Admits a box that is registered: writes the answer that it takes, with its first lease of so many days.
    ///
    /// # Errors
    /// [`WholeError`] where headquarters refuses it.
    pub fn admit(
        &self,
        device_public: &Path,
        admission: &Path,
        lease_days: u32,
    ) -> Result<(), WholeError> {
        let mut command = self.command();
        command
            .arg("enrol")
            .arg(device_public)
            .arg("--admission")
            .arg(admission)
            .args(["--lease-days", &lease_days.to_string()]);
        output(&mut command).map(|_| ())
    }

    /// Imports the two lists (CSV text, columns as `mpaka-hq import --help` says), has two people
    /// approve them, and publishes the next edition into `repository`.
    ///
    /// # Errors
    /// [`WholeError`] where any of the steps fails.
    pub fn publish(
        &self,
        persons: &str,
        documents: &str,
        repository: &Path,
    ) -> Result<(), WholeError> {
        let file = |name: &str, text: &str| {
            let path = self.folder.join(name);
            std::fs::write(&path, text)
                .map_err(WholeError::io(format!("writing {}", path.display())))?;
            Ok::<_, WholeError>(path)
        };
        let persons = file("persons.csv", persons)?;
        let documents = file("documents.csv", documents)?;
        output(
            self.command()
                .arg("import")
                .arg("--persons")
                .arg(persons)
                .arg("--documents")
                .arg(documents)
                .args([
                    "--source",
                    "utopia",
                    "--legal-basis",
                    "Utopian Border Act, section 12",
                ]),
        )?;
        for approver in ["a.first", "b.second"] {
            output(self.command().args(["approve", "--by", approver]))?;
        }
        output(self.command().arg("publish").arg("--out").arg(repository))?;
        *self
            .repository
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(repository.to_path_buf());
        Ok(())
    }

    /// Starts `mpaka-hq receive` on a free loopback port.
    ///
    /// # Errors
    /// [`WholeError`] where it does not become ready.
    pub fn receive(&self) -> Result<Receiver, WholeError> {
        self.receiver(&[], None)
    }

    /// The same for a box that asks far more often than a post does: it may make so many requests a minute.
    ///
    /// # Errors
    /// [`WholeError`] where it does not become ready.
    pub fn receive_often(&self, requests_a_minute: u32) -> Result<Receiver, WholeError> {
        let requests = requests_a_minute.to_string();
        self.receiver(&["--requests-a-minute", &requests], None)
    }

    /// The same with a log of everything that it has words for.
    ///
    /// # Errors
    /// [`WholeError`] where it does not become ready.
    pub fn receive_telling(&self, log: &Path) -> Result<Receiver, WholeError> {
        self.receiver(&[], Some(log))
    }

    fn receiver(&self, further: &[&str], log: Option<&Path>) -> Result<Receiver, WholeError> {
        let port_file = self.folder.join("receive.port");
        // A port of an earlier run must not be taken for this one's.
        let _ = std::fs::remove_file(&port_file);
        let mut command = self.command();
        command
            .args([
                "receive",
                "--plain",
                "--listen",
                "127.0.0.1:0",
                "--database",
            ])
            .arg(self.database())
            .arg("--port-file")
            .arg(&port_file)
            .args(further);
        if let Some(log) = log {
            let file = std::fs::File::create(log)
                .map_err(WholeError::io(format!("making {}", log.display())))?;
            command.stderr(file).env("RUST_LOG", "trace");
        }
        let (running, port) = Running::start(&mut command, || {
            std::fs::read_to_string(&port_file)
                .ok()?
                .trim()
                .parse::<u16>()
                .ok()
        })?;
        Ok(Receiver {
            running,
            url: format!("http://127.0.0.1:{port}"),
        })
    }

    /// Every parcel that headquarters holds, opened with its private key.
    ///
    /// # Errors
    /// [`WholeError`] where one does not open.
    pub fn parcels(&self) -> Result<Vec<serde_json::Value>, WholeError> {
        json_lines(
            self.command()
                .args(["--json", "parcels", "--open", "--database"])
                .arg(self.database()),
        )
    }

    /// Every protection record that headquarters holds, opened with the key that only those have who look
    /// after protection.
    ///
    /// # Errors
    /// [`WholeError`] where one does not open.
    pub fn protected(&self) -> Result<Vec<serde_json::Value>, WholeError> {
        json_lines(
            self.command()
                .args(["--json", "protection", "open", "--key"])
                .arg(self.state().join("protection.key"))
                .arg("--database")
                .arg(self.database()),
        )
    }

    /// How headquarters finds each post's records: `parcels`, `opened`, `gaps`, `refused`, `disputed` and more.
    ///
    /// # Errors
    /// [`WholeError`] where its databases do not open.
    pub fn audit(&self) -> Result<Vec<serde_json::Value>, WholeError> {
        json_lines(
            self.command()
                .args(["--json", "audit", "--database"])
                .arg(self.database()),
        )
    }

    /// Where the parcels are.
    fn database(&self) -> String {
        format!("sqlite:{}", self.folder.join("parcels.db").display())
    }
}

/// A running `mpaka-hq receive`.
#[derive(Debug)]
pub struct Receiver {
    running: Running,
    /// Where it listens.
    pub url: String,
}

impl Receiver {
    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Cuts its power.
    pub fn kill(&mut self) {
        self.running.kill();
    }
}
