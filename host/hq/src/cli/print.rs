//! Answers: one JSON object a line, or text for a person.

use mpaka_hq::HqError;
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// Prints an answer as JSON or as text.
pub(super) struct Printer {
    pub(super) json: bool,
}

impl Printer {
    pub(super) fn answer(
        &self,
        object: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), HqError> {
        let line = if self.json {
            serde_json::to_string(object).expect("answers are plain structures")
        } else {
            text()
        };
        writeln!(std::io::stdout(), "{line}").map_err(stdout_failed)
    }
}

pub(super) fn stdout_failed(source: std::io::Error) -> HqError {
    HqError::Io {
        path: Path::new("standard output").to_owned(),
        source,
    }
}
