//! Finding and running the programs of the house.

use super::WholeError;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Where the built programs are.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The folder of the running program, or its parent where that is a test in `deps/`.
    ///
    /// # Errors
    /// [`WholeError::NotBuilt`] where a program is absent there.
    pub fn beside_this() -> Result<Self, WholeError> {
        let this = std::env::current_exe().map_err(WholeError::io("finding this program"))?;
        let folder = this
            .ancestors()
            .skip(1)
            .find(|f| f.file_name().is_none_or(|n| n != "deps"))
            .map(Path::to_path_buf)
            .unwrap_or_default();
        for program in ["mpaka", "mpaka-hq", "mpaka-calibrate"] {
            if !folder.join(program).is_file() {
                return Err(WholeError::NotBuilt { program, folder });
            }
        }
        Ok(Self { folder })
    }

    /// A command line beginning with the post's program.
    #[must_use]
    pub fn mpaka(&self) -> Command {
        Command::new(self.folder.join("mpaka"))
    }

    /// A command line beginning with the technician's program.
    #[must_use]
    pub fn mpaka_calibrate(&self) -> Command {
        Command::new(self.folder.join("mpaka-calibrate"))
    }

    /// A command line beginning with headquarters' program.
    #[must_use]
    pub fn mpaka_hq(&self) -> Command {
        Command::new(self.folder.join("mpaka-hq"))
    }

    /// What a program of the house says of one of its commands (`mpaka`, `outbox`, `export`), or of itself.
    ///
    /// # Errors
    /// [`WholeError`] where there is no such program or command.
    pub fn help(&self, path: &[String]) -> Result<String, WholeError> {
        let mut words = path.iter();
        let program = words.next().map_or("", String::as_str);
        let said = output(
            Command::new(self.folder.join(program))
                .args(words)
                .arg("--help"),
        )?;
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }
}

/// The command line as a person would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let mut words = vec![
        Path::new(command.get_program())
            .file_name()
            .unwrap_or(command.get_program())
            .to_string_lossy()
            .into_owned(),
    ];
    words.extend(command.get_args().map(|a| a.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Runs to the end; stdout where the exit code was 0.
pub(crate) fn output(command: &mut Command) -> Result<Output, WholeError> {
    output_with_input(command, "")
}

/// The same, with something to read on stdin.
pub(crate) fn output_with_input(command: &mut Command, input: &str) -> Result<Output, WholeError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(WholeError::io(spelled(command)))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that needs no input may have closed its end already.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(WholeError::io(spelled(command)))?;
    if !output.status.success() {
        return Err(WholeError::Ended {
            command: spelled(command),
            code: output.status.code(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(output)
}

/// Runs to the end; the JSON objects that it printed, one a line.
pub(crate) fn json_lines(command: &mut Command) -> Result<Vec<serde_json::Value>, WholeError> {
    let output = output(command)?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            serde_json::from_str(line).map_err(|_| WholeError::NotJson {
                command: spelled(command),
                line: line.to_owned(),
            })
        })
        .collect()
}

/// A server of ours. Asked to end (and then made to) when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    command: String,
}

impl Running {
    /// Starts a server and waits until `ready` answers.
    ///
    /// # Errors
    /// [`WholeError::Ended`] where it ends by itself, [`WholeError::NotReady`] after 60 s.
    pub fn start<T>(
        command: &mut Command,
        ready: impl FnMut() -> Option<T>,
    ) -> Result<(Self, T), WholeError> {
        Self::start_saying(command, Stdio::null(), ready)
    }

    /// The same for one that says on stdout where it answers.
    ///
    /// # Errors
    /// As of [`Running::start`].
    pub fn start_saying<T>(
        command: &mut Command,
        says: Stdio,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Result<(Self, T), WholeError> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let spelled = spelled(command);
        let child = command
            .stdin(Stdio::null())
            .stdout(says)
            .spawn()
            .map_err(WholeError::io(spelled.clone()))?;
        let mut running = Self {
            child,
            command: spelled,
        };
        let begun = Instant::now();
        loop {
            if let Some(answer) = ready() {
                return Ok((running, answer));
            }
            let ended = running
                .child
                .try_wait()
                .map_err(WholeError::io(running.command.clone()))?;
            if let Some(status) = ended {
                return Err(WholeError::Ended {
                    command: running.command.clone(),
                    code: status.code(),
                    stderr: String::new(),
                });
            }
            if begun.elapsed() > PATIENCE {
                return Err(WholeError::NotReady {
                    command: running.command.clone(),
                    seconds: PATIENCE.as_secs(),
                });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Cuts its power: SIGKILL, at once.
    pub fn kill(&mut self) {
        // The process may have ended already; then there is nothing to cut.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// [`WholeError::Io`] where the system cannot say.
    pub fn wait(&mut self) -> Result<Option<i32>, WholeError> {
        self.child
            .wait()
            .map(|s| s.code())
            .map_err(WholeError::io(self.command.clone()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        // Asked first, so that it can close its database; made to after five seconds.
        let _ = Command::new("kill")
            .args(["-TERM", &id])
            .stderr(Stdio::null())
            .status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            match self.child.try_wait() {
                Ok(Some(_)) | Err(_) => return,
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        self.kill();
    }
}
