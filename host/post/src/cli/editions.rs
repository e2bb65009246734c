//! `mpaka editions`: signed lists on this box.

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::error::PostError;
use crate::state::StateDir;
use crate::sync::{self, TakeError};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rules::EditionNumber;
use serde::Serialize;
use store::Note;
use store::editions::{self, ActiveEdition};
use watchlist::Edition;

#[derive(Debug, Args)]
pub(super) struct EditionsArgs {
    #[command(subcommand)]
    command: EditionsCommand,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Subcommand)]
enum EditionsCommand {
    /// The edition in use.
    List,
    /// Take an edition from a folder (a stick) or an http URL: verify it, then make it the active one.
    Take {
        /// A folder with `metadata/` and `targets/` in it, or its URL.
        from: String,
    },
    /// Open the active edition and read what it says of itself.
    Verify,
}

#[derive(Debug, Serialize)]
struct EditionObject {
    edition: EditionNumber,
    active: bool,
    persons: Option<u64>,
    documents: Option<u64>,
    made_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    sources: Vec<String>,
    error: Option<String>,
}

pub(super) fn run(context: Context, args: &EditionsArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    context.state.post()?;
    match &args.command {
        EditionsCommand::Take { from } => {
            let taken = sync::take(&context.state, from, Timestamp::now());
            note(&context.state, &taken);
            let taken = taken?;
            context.out.answer(&taken, || {
                let what = match taken.outcome {
                    sync::TakeOutcome::Activated => "is active now",
                    sync::TakeOutcome::AlreadyActive => "was active already",
                };
                format!(
                    "edition {} {what}: {} persons, {} documents, made {}, good until {}",
                    taken.edition, taken.persons, taken.documents, taken.made_at, taken.expires_at
                )
            })
        }
        EditionsCommand::List => {
            if let Some(active) = editions::active(context.state.root())? {
                let object = EditionObject::of(&active);
                context.out.answer(&object, || object.to_text())?;
            }
            Ok(())
        }
        EditionsCommand::Verify => {
            let active = editions::active(context.state.root())?.ok_or_else(|| {
                PostError::NoEdition("no edition of the list is on this box".into())
            })?;
            // Every entry's bytes are checked as the edition opens; its signatures were when it was taken.
            Edition::open(&active.folder).map_err(TakeError::Edition)?;
            let object = EditionObject::of(&active);
            context.out.answer(&object, || object.to_text())
        }
    }
}

/// Writes into the ledger what came of it, where nobody else has the store open; a running desk writes it
/// itself when it meets the new edition.
fn note(state: &StateDir, taken: &Result<sync::Taken, TakeError>) {
    let note = match taken {
        Ok(taken) if taken.outcome == sync::TakeOutcome::Activated => Note::EditionActivated {
            edition: taken.edition,
        },
        Err(e) if e.is_refusal() => Note::EditionRefused { why: e.to_string() },
        Ok(_) | Err(_) => return,
    };
    if let Err(e) = Appliance::open(state).and_then(|appliance| Ok(appliance.note(note)?)) {
        tracing::warn!("the ledger has no line about this edition: {e}");
    }
}

impl EditionObject {
    fn of(active: &ActiveEdition) -> Self {
        let mut object = Self {
            edition: active.number,
            active: true,
            persons: None,
            documents: None,
            made_at: None,
            expires_at: None,
            sources: Vec::new(),
            error: None,
        };
        match Edition::open(&active.folder) {
            Ok(edition) => {
                let info = edition.info();
                object.persons = Some(info.persons);
                object.documents = Some(info.documents);
                object.made_at = Some(info.made_at);
                object.expires_at = Some(info.expires_at);
                object.sources.clone_from(&info.sources);
            }
            Err(e) => object.error = Some(e.to_string()),
        }
        object
    }

    fn to_text(&self) -> String {
        match (&self.error, self.persons, self.documents, self.made_at) {
            (None, Some(persons), Some(documents), Some(made_at)) => format!(
                "edition {} (active): {persons} persons, {documents} documents, made {made_at}, from {}",
                self.edition,
                self.sources.join(", ")
            ),
            (error, ..) => format!(
                "edition {} (active) cannot be opened: {}",
                self.edition,
                error.as_deref().unwrap_or_default()
            ),
        }
    }
}
