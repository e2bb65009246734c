//! `mpaka update`: the programs' own updates.

use super::{Context, StateHere};
use crate::error::PostError;
use crate::update::{
    Applied, Applying, Debian, Ground, Lane, LastUpdate, Refused, set_up, waiting,
};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use seal::bundle::software::Version;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    #[command(subcommand)]
    command: Option<UpdateCommand>,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Subcommand)]
enum UpdateCommand {
    /// What is installed, and what waits.
    Status,
    /// Let this box take updates (as root): headquarters' root of trust, and the packages that are installed, to go
    /// back to.
    SetUp {
        /// Headquarters' root file (roots/1.root.json).
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        /// The packages that are installed now.
        #[arg(value_name = "PACKAGE.deb")]
        packages: Vec<PathBuf>,
    },
    /// Install what waits, or go on with what was cut off (as root; mpaka-update.service does it).
    Apply,
}

#[derive(Debug, Serialize)]
struct StatusObject {
    set_up: bool,
    installed: Option<Version>,
    previous: Option<Version>,
    waiting: Option<Version>,
    under_way: bool,
    last: Option<LastUpdate>,
    refused: Option<Refused>,
    set_aside: Vec<&'static str>,
}

pub(super) fn run(context: Context, args: &UpdateArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let ground = Ground::of_box();
    match &args.command {
        None | Some(UpdateCommand::Status) => status(&context, &ground),
        Some(UpdateCommand::SetUp { root, packages }) => {
            let mut machine = Debian::new(context.state.root());
            set_up(&ground, root, packages, &mut machine)?;
            status(&context, &ground)
        }
        Some(UpdateCommand::Apply) => {
            let program = std::env::current_exe().map_err(|e| PostError::System(e.to_string()))?;
            let applied = Applying {
                ground: &ground,
                state: &context.state,
                lane: &Lane::of_box(),
                program: &program,
                machine: &mut Debian::new(context.state.root()),
            }
            .run(Timestamp::now())?;
            context.out.answer(&applied, || text(&applied))
        }
    }
}

fn status(context: &Context, ground: &Ground) -> Result<(), PostError> {
    let standing = ground.standing()?;
    let object = StatusObject {
        set_up: ground.is_set_up(),
        installed: standing.installed,
        previous: standing.previous,
        waiting: waiting(ground, &context.state),
        under_way: ground.is_under_way(),
        last: standing.last,
        refused: standing.refused,
        set_aside: ground.set_aside(),
    };
    context.out.answer(&object, || {
        let mut lines = vec![match (object.set_up, object.installed) {
            (false, _) => "this box takes no updates: mpaka update set-up".to_owned(),
            (true, None) => "the packages in use are not kept yet: there is no way back".to_owned(),
            (true, Some(version)) => format!("{version} is in use"),
        }];
        if object.under_way {
            lines.push("an update is under way".into());
        }
        if let Some(version) = object.waiting {
            lines.push(format!(
                "update waiting: {version}, installed while nobody stands at the desk"
            ));
        }
        match &object.last {
            Some(LastUpdate::Installed { version, at }) => {
                lines.push(format!("{version} was installed {at}"));
            }
            Some(LastUpdate::RolledBack {
                version,
                to,
                why,
                at,
            }) => {
                lines.push(format!(
                    "{version} did not do ({why}); {to} came back {at}, and headquarters hears of it"
                ));
            }
            None => {}
        }
        if let Some(refused) = &object.refused {
            lines.push(format!("{} was not taken: {}", refused.version, refused.why));
        }
        if !object.set_aside.is_empty() {
            lines.push(set_aside(&object.set_aside));
        }
        lines.join("\n")
    })
}

/// What is said of files of the installer's that were damaged.
pub(super) fn set_aside(names: &[&str]) -> String {
    format!(
        "{} of the updates was damaged and is set aside: updates go on from what is installed",
        names.join(" and ")
    )
}

fn text(applied: &Applied) -> String {
    match applied {
        Applied::Nothing => "nothing waits".to_owned(),
        Applied::Kept { version } => format!("{version} is in use, and its packages are kept"),
        Applied::NotNow { version } => format!("{version} is not for this box now"),
        Applied::Busy { version } => format!("{version} waits: somebody stands at the desk"),
        Applied::KeysFirst { version } => {
            format!("{version} waits for the keys, and is installed then: mpaka keys unlock")
        }
        Applied::Locked { version } => {
            format!("{version} is installed, and waits for the keys: mpaka keys unlock")
        }
        Applied::Installed { version } => format!("{version} is in use"),
        Applied::JournalSetAside => {
            "the journal was damaged and is set aside; what had proved itself is in use".to_owned()
        }
        Applied::RolledBack { version, to, why } => {
            format!("{version} did not do ({why}); {to} is in use again")
        }
    }
}
