//! `mpaka officer`: who may sign in at the desk.

use super::{Context, StateHere};
use crate::error::PostError;
use crate::officers::{LONGEST_PIN, Officers, Role};
use clap::{Args, Subcommand, ValueEnum};
use rules::OfficerId;
use serde::Serialize;
use std::io::{BufRead, Read};
use zeroize::Zeroizing;

#[derive(Debug, Args)]
pub(super) struct OfficerArgs {
    #[command(subcommand)]
    command: OfficerCommand,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Subcommand)]
enum OfficerCommand {
    /// Add an officer, or give an officer a new PIN and unlock.
    Add {
        /// The officer's name at the desk.
        #[arg(long)]
        id: OfficerId,
        /// What the officer may do.
        #[arg(long, value_enum, default_value_t = RoleName::Officer)]
        role: RoleName,
        /// Read the PIN from the first line of standard input (command lines can be seen by others).
        #[arg(long, required = true)]
        pin_stdin: bool,
    },
    /// Take an officer off: from then on nobody signs in by that name. What she recorded stays.
    Remove {
        /// The officer's name at the desk.
        #[arg(long)]
        id: OfficerId,
    },
    /// Who may sign in.
    List,
}

/// Roles by their names on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    /// First line: inspects and decides.
    Officer,
    /// Second line: sees the reasons behind a referral.
    SecondLine,
    /// The box, no travellers.
    Technician,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Officer => Self::Officer,
            RoleName::SecondLine => Self::SecondLine,
            RoleName::Technician => Self::Technician,
        }
    }
}

#[derive(Debug, Serialize)]
struct OfficerObject<'a> {
    officer: &'a OfficerId,
    role: Role,
    locked: bool,
}

#[derive(Debug, Serialize)]
struct RemovedObject<'a> {
    removed: &'a OfficerId,
}

pub(super) fn run(context: Context, args: &OfficerArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    context.state.post()?;
    let officers = Officers::of(&context.state);
    match &args.command {
        OfficerCommand::Add { id, role, .. } => {
            let (role, pin) = (Role::from(*role), pin_from_stdin()?);
            officers.add(id.clone(), role, &pin)?;
            let object = OfficerObject {
                officer: id,
                role,
                locked: false,
            };
            context.out.answer(&object, || {
                format!("{id} may sign in as {}", role.as_str().replace('_', " "))
            })
        }
        OfficerCommand::Remove { id } => {
            officers.remove(id)?;
            context.out.answer(&RemovedObject { removed: id }, || {
                format!("{id} signs in no more")
            })
        }
        OfficerCommand::List => {
            for officer in officers.list()? {
                let object = OfficerObject {
                    officer: &officer.id,
                    role: officer.role,
                    locked: officer.locked,
                };
                context.out.answer(&object, || {
                    let locked = if officer.locked { ", locked" } else { "" };
                    let role = officer.role.as_str().replace('_', " ");
                    format!("{} ({role}{locked})", officer.id)
                })?;
            }
            Ok(())
        }
    }
}

/// The PIN in the first line of standard input: command lines can be seen by others.
pub(super) fn pin_from_stdin() -> Result<Zeroizing<String>, PostError> {
    let mut line = Zeroizing::new(String::new());
    std::io::BufReader::new(std::io::stdin().take(8 * LONGEST_PIN as u64))
        .read_line(&mut line)
        .map_err(|e| PostError::text("standard input".as_ref(), e))?;
    let length = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(length);
    Ok(line)
}
