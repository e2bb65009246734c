//! The whole appliance as it is installed: the real programs, real files, real sockets on loopback.
//!
//! **For**: the demo and every test that crosses rooms. **May touch**: a folder given by the caller,
//! processes it started itself (ended by their id), loopback ports.

mod browser;
pub mod demo;
mod desk;
mod headquarters;
pub mod help;
pub mod pictures;
mod post;
mod programs;
pub mod scenarios;

pub use browser::{Browser, Finding, Script};
pub use desk::{Desk, Inspected, Manner, Telling, clock_can_be_set};
pub use headquarters::{Headquarters, Receiver};
pub use post::{Post, Scene};
pub use programs::{Programs, Running};

use std::path::PathBuf;

/// The models' folder, or `None` with a line that says so: tests that need networks skip visibly.
#[must_use]
pub fn models_or_skip() -> Option<PathBuf> {
    match models::Folder::resolve(None) {
        Ok(folder) => Some(folder.path().to_path_buf()),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// What went wrong while working the appliance.
#[derive(Debug, thiserror::Error)]
pub enum WholeError {
    /// A program of the house is not where it should be.
    #[error(
        "{program} is not in {folder}: build the workspace's programs first (cargo build --workspace --bins)"
    )]
    NotBuilt {
        /// The program's name.
        program: &'static str,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A program ended with another exit code than 0.
    #[error("{command}\n  ended with {code:?}\n{stderr}")]
    Ended {
        /// The command line.
        command: String,
        /// Its exit code; none where a signal ended it.
        code: Option<i32>,
        /// What it said on stderr.
        stderr: String,
    },
    /// A program printed something that is not the JSON it promises.
    #[error("{command}\n  printed no JSON line: {line:?}")]
    NotJson {
        /// The command line.
        command: String,
        /// What it printed.
        line: String,
    },
    /// A server did not become ready in time.
    #[error("{command} was not ready after {seconds} s")]
    NotReady {
        /// The command line.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
    /// A file or process could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The desk refused a request.
    #[error("the desk answered {status} to {request}: {body}")]
    Refused {
        /// What was asked.
        request: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        body: String,
    },
    /// The desk could not be reached.
    #[error("the desk did not answer {request}: {source}")]
    Unreachable {
        /// What was asked.
        request: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl WholeError {
    /// An error of a file, process or connection, with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
