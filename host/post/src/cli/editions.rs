//! `mpaka editions`: signed lists on this box.

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::error::PostError;
use crate::inspection::Equipment;
use crate::state::StateDir;
use crate::sync::{self, RoleAge, TakeError};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rules::{EditionNumber, RoleStanding};
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
    /// How old what headquarters sends is, role by role (list, country signers, revocation lists …), and since when
    /// headquarters has not confirmed it: fresh, stale, or its lease over.
    Roles,
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
        EditionsCommand::Roles => {
            let equipment = Equipment::of_list(context.state.root());
            for of in equipment.ages(Timestamp::now()) {
                context.out.answer(&of, || role_text(&of))?;
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

fn role_text(of: &RoleAge) -> String {
    let limit = |days: Option<u16>| days.map_or_else(|| "never".to_owned(), |d| d.to_string());
    let standing = match of.standing {
        RoleStanding::Fresh => "fresh",
        RoleStanding::Stale => "STALE: used all the same",
        RoleStanding::LeaseOver => "LEASE OVER: nothing found in it is no clear",
    };
    format!(
        "{:<9} {standing}; edition {}, {} days old (stale at {}), confirmed {} days ago (lease {})",
        of.role.as_str(),
        of.edition,
        of.age_days,
        limit(of.stale_days),
        of.silent_days,
        limit(of.lease_days),
    )
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
