//! One border post, worked through `mpaka` as its officer and technician would.

use super::WholeError;
use super::headquarters::Headquarters;
use super::programs::{Programs, json_lines, output, output_with_input};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The two pictures of one traveller.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The photograph of the data page.
    pub page: PathBuf,
    /// The live picture.
    pub live: PathBuf,
}

impl Scene {
    /// Where the chip's files are, for those who have a chip.
    #[must_use]
    pub fn chip(&self) -> PathBuf {
        self.page.with_file_name("chip")
    }
}

/// A box at a post: its state folder and the models it uses.
#[derive(Debug, Clone)]
pub struct Post {
    programs: Programs,
    state: PathBuf,
    models: PathBuf,
}

impl Post {
    /// Makes a box's keys, enrols it at headquarters and gives it headquarters' public file and root.
    ///
    /// # Errors
    /// [`WholeError`] where either side refuses.
    pub fn enrol(
        programs: &Programs,
        name: &str,
        state: &Path,
        models: &Path,
        headquarters: &Headquarters,
    ) -> Result<Self, WholeError> {
        let post = Self {
            programs: programs.clone(),
            state: state.to_path_buf(),
            models: models.to_path_buf(),
        };
        output(
            post.command()
                .args(["enrol", "--post", name, "--hq-public"])
                .arg(headquarters.public_file())
                .arg("--root")
                .arg(headquarters.root_file()),
        )?;
        headquarters.enrol(&state.join("device-public.json"))?;
        Ok(post)
    }

    /// A command line of this box.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = self.programs.mpaka();
        command
            .arg("--state")
            .arg(&self.state)
            .arg("--models")
            .arg(&self.models);
        command
    }

    /// The same box with its state copied to another place.
    #[must_use]
    pub fn moved_to(&self, state: &Path) -> Self {
        Self {
            state: state.to_path_buf(),
            ..self.clone()
        }
    }

    /// The box's state folder.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Adds an officer who may sign in at the desk.
    ///
    /// # Errors
    /// [`WholeError`] where the box refuses the name or the PIN.
    pub fn add_officer(&self, officer: &str, pin: &str) -> Result<(), WholeError> {
        self.add_in_role(officer, "officer", pin)
    }

    /// The same in a role: `officer`, `second-line` or `technician`.
    ///
    /// # Errors
    /// [`WholeError`] where the box refuses.
    pub fn add_in_role(&self, officer: &str, role: &str, pin: &str) -> Result<(), WholeError> {
        output_with_input(
            self.command().args([
                "officer",
                "add",
                "--id",
                officer,
                "--role",
                role,
                "--pin-stdin",
            ]),
            pin,
        )
        .map(|_| ())
    }

    /// Has headquarters admit the box, for so many days without another word from it.
    ///
    /// # Errors
    /// [`WholeError`] where either side refuses.
    pub fn be_admitted(&self, headquarters: &Headquarters, days: u32) -> Result<(), WholeError> {
        let admission = self.state.with_extension("admission");
        headquarters.admit(&self.state.join("device-public.json"), &admission, days)?;
        output(self.command().args(["enrol", "--admission"]).arg(admission)).map(|_| ())
    }

    /// Makes the box believe a country signer.
    ///
    /// # Errors
    /// [`WholeError`] where its state cannot be written.
    pub fn believe(&self, certificate: &[u8]) -> Result<(), WholeError> {
        let folder = self.state.join("trust");
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("utopia.cer"), certificate))
            .map_err(WholeError::io("writing the country signer"))
    }

    /// Takes the newest edition from a repository folder or URL.
    ///
    /// # Errors
    /// [`WholeError`] where it is refused; the active edition then stands as it was.
    pub fn take_edition(&self, repository: impl AsRef<std::ffi::OsStr>) -> Result<(), WholeError> {
        output(self.command().args(["editions", "take"]).arg(repository)).map(|_| ())
    }

    /// A whole encounter at the command line; the object that `mpaka inspect --json` prints.
    ///
    /// # Errors
    /// [`WholeError`] where it prints anything else.
    pub fn inspect(&self, scene: &Scene) -> Result<serde_json::Value, WholeError> {
        let mut command = self.command();
        command
            .args(["--json", "inspect", "--page"])
            .arg(&scene.page)
            .arg("--live")
            .arg(&scene.live);
        if scene.chip().is_dir() {
            command.arg("--files").arg(scene.chip());
        }
        self.one_object(&mut command)
    }

    /// Uploads what waits; the receipts are checked and the parcels erased by the box itself.
    ///
    /// # Errors
    /// [`WholeError`] where headquarters cannot be reached or refuses.
    pub fn upload(&self, url: &str) -> Result<serde_json::Value, WholeError> {
        self.one_object(
            self.command()
                .args(["--json", "outbox", "upload", "--hq", url]),
        )
    }

    /// The outbox's figures: `parcels`, `receipts`, `waiting`.
    ///
    /// # Errors
    /// [`WholeError`] where the store does not open.
    pub fn outbox(&self) -> Result<serde_json::Value, WholeError> {
        self.one_object(self.command().args(["--json", "outbox", "status"]))
    }

    /// Verifies the hash chain; the report's object.
    ///
    /// # Errors
    /// [`WholeError`] where it does not verify.
    pub fn verify_ledger(&self) -> Result<serde_json::Value, WholeError> {
        self.one_object(self.command().args(["--json", "ledger", "verify"]))
    }

    fn one_object(&self, command: &mut Command) -> Result<serde_json::Value, WholeError> {
        let mut lines = json_lines(command)?;
        lines.pop().ok_or_else(|| WholeError::NotJson {
            command: super::programs::spelled(command),
            line: String::new(),
        })
    }
}
