//! The command line: reads arguments, calls the library, prints answers. One file per group of commands.

mod boxes;
mod keys;
mod list;
mod print;
mod receive;
mod records;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::parcels::Database;
use print::Printer;
use std::path::PathBuf;

/// Headquarters of Mpaka: keys, lists, boxes, and what boxes send.
#[derive(Debug, Parser)]
#[command(name = "mpaka-hq", version, about)]
pub(crate) struct Cli {
    /// The state folder.
    #[arg(
        long,
        global = true,
        env = "MPAKA_HQ_STATE",
        default_value = "/var/lib/mpaka-hq",
        value_name = "DIR"
    )]
    state: PathBuf,
    /// Print one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the root, the signing keys and headquarters' own keys; print the record for witnesses.
    Ceremony(keys::CeremonyArgs),
    /// Sign the next root: with new keys for the roles named, or only with a longer life.
    Rotate(keys::RotateArgs),
    /// Make the next keys that boxes seal records to; boxes take them over at their next contact.
    Rekey,
    /// Register a box by its public file, or list the registered ones.
    Enrol(boxes::EnrolArgs),
    /// Read a list of persons and documents into the working list, in place of what its source listed before.
    #[command(after_help = list::IMPORT_HELP)]
    Import(list::ImportArgs),
    /// Look through the working list for what people should look at.
    Lint,
    /// Approve the working list as it stands. Two different people must; a change voids it.
    Approve(list::ApproveArgs),
    /// Make an edition of the approved list, sign it, and put it into the repository folder.
    Publish(list::PublishArgs),
    /// Withdraw an entry: a tombstone keeps imports from bringing it back. Without an entry, list the tombstones.
    Withdraw(list::WithdrawArgs),
    /// Trust lists, revocation lists, policy and the like that go to the boxes with the next edition.
    Files(list::FilesArgs),
    /// Take parcels from boxes and give signed receipts.
    Receive(receive::ReceiveArgs),
    /// Count what arrived by post, find gaps, and open every parcel once.
    Audit(records::AuditArgs),
    /// List parcels.
    Parcels(records::ParcelsArgs),
}

#[derive(Debug, Args)]
struct DatabaseArgs {
    /// The database of parcels: sqlite:PATH or postgres://USER@HOST/NAME. Default: parcels.db in the state folder.
    #[arg(
        long,
        value_name = "URL",
        env = "MPAKA_HQ_DATABASE",
        hide_env_values = true
    )]
    database: Option<String>,
}

impl DatabaseArgs {
    fn of(&self, home: &Home) -> Result<Database, HqError> {
        Database::of(self.database.as_deref(), home)
    }
}

/// Waits for an answer of the database.
fn wait<T>(answer: impl Future<Output = Result<T, HqError>>) -> Result<T, HqError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|source| HqError::Io {
            path: "the system's threads".into(),
            source,
        })?
        .block_on(answer)
}

/// Does what was asked and prints the answer on stdout.
pub(crate) fn run(cli: Cli) -> Result<(), HqError> {
    let now = Timestamp::now();
    let print = Printer { json: cli.json };
    if let Command::Ceremony(args) = &cli.command {
        return keys::hold_ceremony(&Home::make(&cli.state)?, args, now, &print);
    }
    let home = Home::open(&cli.state)?;
    match cli.command {
        Command::Ceremony(_) => Ok(()),
        Command::Rotate(args) => keys::rotate(&home, &args, now, &print),
        Command::Rekey => receive::rekey(&home, now, &print),
        Command::Enrol(args) => boxes::enrol(&home, &args, now, &print),
        Command::Import(args) => list::import(&home, args, now, &print),
        Command::Lint => list::lint(&home, now, &print),
        Command::Approve(args) => list::approve(&home, &args, now, &print),
        Command::Publish(args) => list::publish(&home, args, now, &print),
        Command::Withdraw(args) => list::withdraw(&home, &args, now, &print),
        Command::Files(args) => list::files(&home, args, now, &print),
        Command::Receive(args) => receive::receive_parcels(&home, args),
        Command::Audit(args) => records::audit_all(&home, &args, &print),
        Command::Parcels(args) => records::list_parcels(&home, &args, &print),
    }
}
