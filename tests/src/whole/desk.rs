//! A running desk, worked through its JSON door as an officer's session.

use super::programs::Running;
use super::{Post, WholeError};
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A running `mpaka serve` with an officer signed in.
#[derive(Debug)]
pub struct Desk {
    running: Running,
    client: Client,
    port: u16,
    url: String,
    token: String,
}

/// In what manner a desk is started.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// The port on which it answers; 0 for any free one, which it tells itself. Another is for a desk that was there
    /// before, at the address which its officer's browser has.
    pub port: u16,
    /// A file that says how far ahead the program's clock is, as in `+10d`; it may change while the program runs
    /// (libfaketime; see [`clock_can_be_set`]).
    pub clock: Option<PathBuf>,
    /// Where its log goes, told in detail; nowhere otherwise.
    pub log: Option<PathBuf>,
    /// How much is told in it.
    pub telling: Telling,
}

/// How much a program tells in its log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Telling {
    /// Its own steps.
    #[default]
    Steps,
    /// Whatever it has words for.
    Everything,
}

/// Where Debian keeps libfaketime's library for programs with threads.
fn faketime() -> Option<PathBuf> {
    std::fs::read_dir("/usr/lib")
        .ok()?
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.is_file())
}

/// Whether programs can be given another day than today; said aloud where not.
#[must_use]
pub fn clock_can_be_set() -> bool {
    let can = faketime().is_some();
    if !can {
        eprintln!("skipped: faketime is not on this machine (tests/run.sh installs it)");
    }
    can
}

/// The answer to one inspection at the desk.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// The inspection's name at this desk.
    pub inspection: String,
    /// The advice.
    pub advice: String,
}

impl Desk {
    /// Starts the desk on a port of its own choice and signs the officer in.
    ///
    /// # Errors
    /// [`WholeError`] where it does not become ready or refuses the officer.
    pub fn open(
        post: &Post,
        scenes: &Path,
        hq: Option<&str>,
        officer: &str,
        pin: &str,
    ) -> Result<Self, WholeError> {
        Self::open_with(post, scenes, hq, (officer, pin), &[])
    }

    /// The same with further words for `mpaka serve`.
    ///
    /// # Errors
    /// [`WholeError`] where it does not become ready or refuses the officer.
    pub fn open_with(
        post: &Post,
        scenes: &Path,
        hq: Option<&str>,
        officer: (&str, &str),
        further: &[&std::ffi::OsStr],
    ) -> Result<Self, WholeError> {
        Self::open_in(post, scenes, hq, officer, further, &Manner::default())
    }

    /// The same in another manner.
    ///
    /// # Errors
    /// [`WholeError`] where it does not become ready or refuses the officer.
    pub fn open_in(
        post: &Post,
        scenes: &Path,
        hq: Option<&str>,
        (officer, pin): (&str, &str),
        further: &[&std::ffi::OsStr],
        manner: &Manner,
    ) -> Result<Self, WholeError> {
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .build()
            .map_err(|e| WholeError::Unreachable {
                request: "sign in".to_owned(),
                source: e.into(),
            })?;
        // What an earlier desk of this box wrote says nothing of this one.
        let port_file = post.state().with_extension("port");
        match std::fs::remove_file(&port_file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(WholeError::io("removing an earlier desk's port")(e));
            }
            _ => {}
        }
        let mut command = post.command();
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{}", manner.port)])
            .arg("--port-file")
            .arg(&port_file)
            .arg("--scenes")
            .arg(scenes)
            .args(further)
            .stderr(std::process::Stdio::null());
        if let Some(hq) = hq {
            command.args(["--hq", hq]);
        }
        if let Some(log) = &manner.log {
            let file = std::fs::File::create(log)
                .map_err(WholeError::io(format!("making {}", log.display())))?;
            let levels = match manner.telling {
                Telling::Steps => "warn,post=debug",
                Telling::Everything => "trace",
            };
            command.stderr(file).env("MPAKA_LOG", levels);
        }
        if let (Some(clock), Some(library)) = (&manner.clock, faketime()) {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", clock)
                .env("FAKETIME_CACHE_DURATION", "1")
                // What measures how long something takes goes on as it is.
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let sign_in = json!({ "officer": officer, "pin": pin });
        let (running, (port, answer)) = Running::start(&mut command, || {
            let told = std::fs::read_to_string(&port_file).ok()?;
            let port: u16 = told.trim().parse().ok()?;
            let url = format!("http://127.0.0.1:{port}/api/session");
            let signed_in = answer(client.post(url).json(&sign_in), "sign in").ok()?;
            Some((port, signed_in))
        })?;
        Ok(Self {
            running,
            client,
            port,
            url: format!("http://127.0.0.1:{port}"),
            token: answer["token"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port on which it answers.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Cuts its power.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Inspects a scene.
    ///
    /// # Errors
    /// [`WholeError`] where the desk refuses or its power is cut.
    pub fn inspect(&self, scene: &str) -> Result<Inspected, WholeError> {
        let body = self.ask("api/inspections", &json!({ "scene": scene }))?;
        Ok(Inspected {
            inspection: body["inspection"].as_str().unwrap_or_default().to_owned(),
            advice: body["advice"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// The officer decides; the encounter's id, which the desk gives only when the record is safe.
    ///
    /// # Errors
    /// [`WholeError`] where the desk refuses or its power is cut.
    pub fn decide(
        &self,
        inspection: &str,
        decision: &str,
        reason: Option<&str>,
    ) -> Result<String, WholeError> {
        let body = self.ask(
            &format!("api/inspections/{inspection}/decision"),
            &json!({ "decision": decision, "reason": reason }),
        )?;
        Ok(body["encounter"].as_str().unwrap_or_default().to_owned())
    }

    fn ask(&self, path: &str, body: &Value) -> Result<Value, WholeError> {
        let request = self
            .client
            .post(format!("{}/{path}", self.url))
            .bearer_auth(&self.token)
            .json(body);
        answer(request, path)
    }
}

fn answer(request: RequestBuilder, what: &str) -> Result<Value, WholeError> {
    let unreachable = |e: reqwest::Error| WholeError::Unreachable {
        request: what.to_owned(),
        source: e.into(),
    };
    let response = request.send().map_err(unreachable)?;
    let status = response.status();
    let body = response.text().map_err(unreachable)?;
    if !status.is_success() {
        return Err(WholeError::Refused {
            request: what.to_owned(),
            status: status.as_u16(),
            body,
        });
    }
    serde_json::from_str(&body).map_err(|_| WholeError::NotJson {
        command: what.to_owned(),
        line: body,
    })
}
