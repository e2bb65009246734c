//! `mpaka officer`: who may sign in at the desk.

use super::{Context, StateHere};
use crate::error::PostError;
use crate::officers::{LONGEST_PIN, Officers};
use clap::{Args, Subcommand};
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
        /// Read the PIN from the first line of standard input (command lines can be seen by others).
        #[arg(long, required = true)]
        pin_stdin: bool,
    },
    /// Who may sign in.
    List,
}

#[derive(Debug, Serialize)]
struct OfficerObject<'a> {
    officer: &'a OfficerId,
}

pub(super) fn run(context: Context, args: &OfficerArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    context.state.post()?;
    let officers = Officers::of(&context.state);
    match &args.command {
        OfficerCommand::Add { id, .. } => {
            let mut line = Zeroizing::new(String::new());
            std::io::BufReader::new(std::io::stdin().take(8 * LONGEST_PIN as u64))
                .read_line(&mut line)
                .map_err(|e| PostError::text("standard input".as_ref(), e))?;
            officers.add(id.clone(), line.trim_end_matches(['\n', '\r']))?;
            context.out.answer(&OfficerObject { officer: id }, || {
                format!("{id} may sign in")
            })
        }
        OfficerCommand::List => {
            for officer in officers.list()? {
                context
                    .out
                    .answer(&OfficerObject { officer: &officer }, || officer.to_string())?;
            }
            Ok(())
        }
    }
}
